"""The content lines of a calendar file: only those that say when, with the numbers of the lines they stand on.

- `Line`: one line, unfolded.
- `Part`: an event, a list of free and busy times, or the definition of a time zone.
- `parts_of`: the parts of a text; InputError if it is no calendar.

Titles, places and names are left behind here: nothing later can keep or tell them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from igfsched.errors import InputError, Problem

TIMES = frozenset({"UID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
                   "STATUS", "TRANSP", "FREEBUSY"})
"""The properties that say when somebody is busy, and which event it is."""
KINDS = ("VEVENT", "VFREEBUSY", "VTIMEZONE")
_LINE = re.compile(r"([A-Za-z0-9-]+)(.*)", re.DOTALL)
_PARAMETERS = re.compile(r'((?:;[^":;]*(?:"[^"]*")?[^":;]*)*):(.*)', re.DOTALL)
_ZONE = re.compile(r';TZID=("[^"]*"|[^":;,]*)', re.IGNORECASE)


@frozen
class Line:
    """One content line: `parameters` from the first semicolon on, `value` after the colon."""

    number: int
    name: str
    parameters: str
    value: str

    @property
    def zone(self) -> str | None:
        """The TZID parameter, if there is one."""
        found = _ZONE.search(self.parameters)
        return found[1].strip('"') if found else None

    def text(self, zone: str | None = None) -> str:
        """Return the line as it stands in a file, with another TZID if `zone` is given."""
        parameters = self.parameters if zone is None else _ZONE.sub(lambda _: f';TZID="{zone}"', self.parameters)
        return f"{self.name}{parameters}:{self.value}"


@frozen
class Part:
    """A component of a calendar: its own lines that count, and the line on which it begins."""

    kind: str
    number: int
    lines: tuple[Line, ...]

    def of(self, name: str) -> list[Line]:
        """Return the lines of a property."""
        return [line for line in self.lines if line.name == name]


def parts_of(text: str, name: str) -> tuple[list[Part], list[Problem]]:
    """Return the parts of a calendar's text in their order, and what is wrong with single lines of them.

    `name` is that of the file. Raises InputError if parts do not begin and end as they should.
    """
    found: list[Part] = []
    problems: list[Problem] = []
    open_: list[tuple[str, int]] = []
    lines: list[Line] = []
    for number, content in _unfolded(text):
        if not content.strip():
            continue
        line = _read(number, content)
        where = f"{name}, line {number}"
        if line is not None and line.name == "BEGIN":
            if not open_ and line.value != "VCALENDAR":
                raise InputError([Problem(path=where, message="this is not a calendar file (.ics)",
                                          expected="BEGIN:VCALENDAR")], name)
            open_.append((line.value, number))
            if len(open_) == 2:
                lines = []
            elif "VTIMEZONE" in (kind for kind, _ in open_):
                lines.append(line)
        elif not open_:
            raise InputError([Problem(path=where, message="this is not a calendar file (.ics)",
                                      expected="BEGIN:VCALENDAR")], name)
        elif line is not None and line.name == "END":
            kind, begun = open_.pop()
            if line.value != kind:
                raise InputError([Problem(path=where, message=f"END:{line.value} ends nothing",
                                          expected=f"END:{kind} for line {begun}")], name)
            if len(open_) == 1 and kind in KINDS:
                found.append(Part(kind, begun, tuple(lines)))
            elif "VTIMEZONE" in (kind for kind, _ in open_):
                lines.append(line)
        elif len(open_) > 1 and open_[1][0] == "VTIMEZONE":
            if line is not None:
                lines.append(line)
        elif len(open_) == 2 and open_[1][0] in KINDS:
            if line is None:
                property_ = _LINE.match(content)
                if property_ is not None and property_[1].upper() in TIMES:
                    problems.append(Problem(path=where, message=f"{property_[1].upper()} has no value"))
            elif line.name in TIMES:
                lines.append(line)
    if open_:
        kind, begun = open_[-1]
        raise InputError([Problem(path=f"{name}, line {begun}", message=f"BEGIN:{kind} has no END:{kind}")], name)
    if not text.strip():
        raise InputError([Problem(path=name, message="this file is empty", expected="BEGIN:VCALENDAR")], name)
    return found, problems


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Yield each content line, put together again where it was folded, with the number of its first line."""
    held, first = "", 0
    # Only real ends of lines: a title may hold other characters that Python splits at.
    for number, raw in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if raw[:1] in (" ", "\t") and first:
            held += raw[1:]
            continue
        if first:
            yield first, held
        held, first = raw, number
    if first:
        yield first, held


def _read(number: int, content: str) -> Line | None:
    named = _LINE.match(content)
    rest = _PARAMETERS.fullmatch(named[2]) if named is not None else None
    if named is None or rest is None:
        return None
    name, value = named[1].upper(), rest[2].strip()
    return Line(number, name, rest[1], value.upper() if name in ("BEGIN", "END") else value)
