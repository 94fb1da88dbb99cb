"""When the events of a calendar take place: each of them, each time, in minutes of UTC.

- `Reading`: reads the parts of one file.

The libraries read values and unroll repetitions. What they take without a word and should not is checked here: steps
of 0, which never end; ends before starts; zones that nobody knows; and definitions of zones, which they keep by name
for all later files.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from attrs import Factory, define, field

from igfsched.errors import Problem
from igfsched.grid import day_start, zone_info
from igfsched.io.contentlines import Line, Part

EXTRA = "reading calendars needs more libraries: pip install 'igfsched[calendars]'"
AHEAD = timedelta(days=2)
"""How much further than the window is searched: longer than any two zones lie apart."""
_ALWAYS = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
_UNCLEAR = "when this is cannot be found out"
_OFTEN = ("SECONDLY", "MINUTELY")
_TIMED = ("DTSTART", "DTEND", "RDATE", "EXDATE", "RECURRENCE-ID")
_NUMBER = "X-NUMBER"
"""By this property a repetition tells which event it comes from."""


@define
class Reading:
    """The busy times of one file, and all that is wrong with it.

    `zone` is that of floating times and whole days, `why_no_zone` what is told if it is None; `window` in minutes
    of UTC; `tentative`: whether what is tentative counts.
    """

    name: str
    zone: str | None
    why_no_zone: str
    window: tuple[int, int] | None
    tentative: bool
    problems: list[Problem] = Factory(list)
    _zones: dict[str, Part] = field(init=False, factory=dict)

    def busy(self, parts: Iterable[Part]) -> list[tuple[int, int]]:
        """Return the busy times in minutes of UTC, cut at the window."""
        icalendar, _ = _libraries()
        parts = list(parts)
        self._zones = {zone: part for part in parts if part.kind == "VTIMEZONE" for zone in _values(part, "TZID")}
        found: list[tuple[int, int]] = []
        groups: dict[str, list[tuple[int, Part]]] = {}
        number = 0
        for part in parts:
            if part.kind == "VFREEBUSY":
                found += self._free_and_busy(icalendar, part)
            elif part.kind == "VEVENT":
                number += 1
                groups.setdefault(next(iter(_values(part, "UID")), f"\n{number}"), []).append((number, part))
        for group in groups.values():
            found += self._series(group)
        return [cut for span in found if (cut := self._cut(span)) is not None]

    def _cut(self, span: tuple[int, int]) -> tuple[int, int] | None:
        start, end = span
        if self.window is not None:
            start, end = max(start, self.window[0]), min(end, self.window[1])
        return (start, end) if start < end else None

    def _free_and_busy(self, icalendar: Any, part: Part) -> Iterator[tuple[int, int]]:
        counts = {"BUSY", "BUSY-UNAVAILABLE"} | ({"BUSY-TENTATIVE"} if self.tentative else set())
        for line in part.of("FREEBUSY"):
            for text in line.value.split(","):
                try:
                    start, end = icalendar.vPeriod.from_ical(text.strip())
                    end = start + end if isinstance(end, timedelta) else end
                    if start.tzinfo is None or end <= start:
                        raise ValueError
                    span = _floor(start), _ceil(end)
                except Exception:  # whatever the library says of it
                    self._blame(line, "this is not a time in UTC from start to end", found=text)
                    continue
                # What a list says of a kind that is not known counts as busy: so the standard has it.
                kind = _parameter(line, "FBTYPE") or "BUSY"
                if kind in counts or kind not in ("FREE", "BUSY-TENTATIVE"):
                    yield span

    def _series(self, group: list[tuple[int, Part]]) -> Iterator[tuple[int, int]]:
        """Yield when the events of one series are, the moved and cancelled ones among them."""
        icalendar, recurring = _libraries()
        before = len(self.problems)
        components = []
        for number, part in group:
            component = self._event(icalendar, number, part)
            if component is not None:
                components.append(component)
        if len(self.problems) > before:
            return
        calendar = icalendar.Calendar()
        lengths = {}
        try:
            for (number, part), component in zip(group, components, strict=True):
                component[_NUMBER] = str(number)
                lengths[str(number)] = self._length(component, part)
                calendar.add_component(component)
            for occurrence in recurring.of(calendar, skip_bad_series=False).between(*self._asked()):
                if self._counts(occurrence):
                    yield self._placed(occurrence, lengths)
        except Exception:  # whatever the library says of it: nothing here may end in a traceback
            number, part = group[0]
            self._blame(part.of("DTSTART")[0], _UNCLEAR, number)

    def _asked(self) -> tuple[datetime, datetime]:
        if self.window is None:
            return _ALWAYS
        start, end = (datetime.fromtimestamp(minute * 60, UTC) for minute in self.window)
        return start - AHEAD, end + AHEAD

    def _counts(self, event: Any) -> bool:
        """Say whether an event keeps its people busy."""
        status = str(event.get("STATUS", "")).upper()
        if str(event.get("TRANSP", "")).upper() == "TRANSPARENT" or status == "CANCELLED":
            return False
        return self.tentative or status != "TENTATIVE"

    # -- one event -----------------------------------------------------------------------------------

    def _event(self, icalendar: Any, number: int, part: Part) -> Any:
        """Return an event as the library has it, or None after telling what is wrong with it."""
        before = len(self.problems)
        if not part.of("DTSTART"):
            self._blame(part, "DTSTART is missing", number)
            return None
        for name in ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID"):
            for line in part.of(name)[1:]:
                self._blame(line, f"{name} occurs twice", number)
        renamed = {line: self._zone_of(line, number) for line in part.lines if line.name in _TIMED}
        if len(self.problems) > before:
            return None
        definitions = dict.fromkeys(text for _, text in renamed.values() if text)
        lines = [line.text(renamed[line][0] if line in renamed else None) for line in part.lines]
        text = "\r\n".join(["BEGIN:VCALENDAR", *definitions, "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""])
        try:
            event = icalendar.Calendar.from_ical(text).walk("VEVENT")[0]
        except Exception:  # whatever the library says of it
            self._blame(part, "this event cannot be read", number)
            return None
        for name in dict.fromkeys(name for name, _ in event.errors):
            for line in part.of(name or "")[:1]:
                self._blame(line, f"{name} cannot be read", number, line.value)
        if len(self.problems) > before:
            return None
        try:
            self._check_times(event, number, part)
        except Exception:  # a zone of the file itself may have rules of which nothing can be made
            self._blame(part.of("DTSTART")[0], _UNCLEAR, number)
        for line, rule in zip(part.of("RRULE"), _listed(event.get("RRULE")), strict=False):
            self._check_rule(line, rule, number)
        return event if len(self.problems) == before else None

    def _zone_of(self, line: Line, number: int) -> tuple[str | None, str]:
        """Return the name under which the library knows the zone of a line, and what defines it, if the file does."""
        zone = line.zone
        if zone is None or _is_zone(zone):
            return zone, ""
        if zone in self._zones:
            strange = [inner for inner in self._zones[zone].of("RRULE") if not _of_clocks(inner)]
            for inner in strange:
                self._blame(inner, f"clocks do not change like this, in the zone {zone!r}", found=inner.value)
            if strange:
                return None, ""
            # Under a name of its own: the library would take the definition of an earlier file of the same name.
            body = [inner for inner in self._zones[zone].lines if inner.name != "TZID"]
            text = "\r\n".join(inner.text() for inner in body)
            own = f"zone-{sha256(text.encode()).hexdigest()}"
            return own, "\r\n".join(["BEGIN:VTIMEZONE", f"TZID:{own}", text, "END:VTIMEZONE"])
        words = zone.strip("/").split("/")
        meant = [rest for n in range(1, len(words)) if zone.startswith("/") and _is_zone(rest := "/".join(words[n:]))]
        if meant:  # /vendor/Europe/Berlin
            return meant[0], ""
        if _windows_zone(zone):
            return zone, ""
        self._blame(line, f"the file does not define this zone, and {_no_zone(zone)}", number)
        return None, ""

    def _check_times(self, event: Any, number: int, part: Part) -> None:
        first = part.of("DTSTART")[0]
        start = _time(event, "DTSTART")
        if start is None:
            self._blame(first, "DTSTART is not a date or a time", number, first.value)
            return
        if _floats(start) and self.zone is None:
            what = "a whole day" if not isinstance(start, datetime) else "a time without a zone"
            self._blame(first, f"this is {what}, and {self.why_no_zone}", number, first.value)
        for line in part.of("DTEND"):
            end = _time(event, "DTEND")
            if end is None or isinstance(end, datetime) != isinstance(start, datetime) or _naive(end) != _naive(start):
                self._blame(line, "DTEND is not of the kind of DTSTART", number, line.value)
            elif (self.zone is not None or not _floats(start)) and self._utc(end) < self._utc(start):
                self._blame(line, "DTEND is before DTSTART", number, line.value)
        for line in part.of("DURATION"):
            if _time(event, "DURATION", timedelta) < timedelta():
                self._blame(line, "DURATION is below zero", number, line.value)

    def _check_rule(self, line: Line, rule: Any, number: int) -> None:
        def of(name: str) -> Any:
            return next(iter(_listed(rule.get(name))), None)

        frequency, step = of("FREQ"), of("INTERVAL")
        if frequency is None:
            self._blame(line, "RRULE has no FREQ", number, line.value)
        elif str(frequency).upper() in _OFTEN:
            self._blame(line, "this repeats more often than every hour", number, line.value)
        elif step is not None and int(step) < 1:
            self._blame(line, "INTERVAL is below 1", number, line.value)
        elif self.window is None and of("COUNT") is None and of("UNTIL") is None:
            self._blame(line, "this repeats without an end, and no window is given", number, line.value)

    # -- from local times to minutes -------------------------------------------------------------------

    def _length(self, event: Any, part: Part) -> Callable[[Any, Any], tuple[int, int]]:
        """Return the function from the start and end that the library gives a repetition to minutes of UTC.

        The library adds lengths on the wall clock. By the standard an event with an end, or so many hours, takes
        exactly as long each time, also over a clock change; days are those of the calendar.
        """
        start, end = _time(event, "DTSTART"), _time(event, "DTEND")
        if not isinstance(start, datetime):
            day = timedelta(days=1)  # some programs write the last day as the end
            return lambda first, last: (_floor(self._utc(first)), _ceil(self._utc(max(last, first + day))))
        if end is not None:
            wall, days, exact = end - start, timedelta(), self._utc(end) - self._utc(start)
        else:
            wall = _time(event, "DURATION", timedelta) or timedelta()
            by_days = any("D" in value or "W" in value for value in map(str.upper, _values(part, "DURATION")))
            days = timedelta(wall.days if by_days else 0)  # the library has read PT24H as a day
            exact = wall - days

        def placed(first: datetime, last: datetime) -> tuple[int, int]:
            if last - first == wall:
                return _floor(self._utc(first)), _ceil(self._utc(first + days) + exact)
            return _floor(self._utc(first)), _ceil(self._utc(last))  # a date that was added with a length of its own

        return placed

    def _placed(self, occurrence: Any, lengths: dict[str, Callable[[Any, Any], tuple[int, int]]]) -> tuple[int, int]:
        return lengths[occurrence[_NUMBER]](occurrence["DTSTART"].dt, occurrence["DTEND"].dt)

    def _utc(self, local: date) -> datetime:
        """Return the instant of a local time: of two the first, of none the one that the clock before shows."""
        if not isinstance(local, datetime):
            assert self.zone is not None
            return datetime.fromtimestamp(day_start(local, self.zone) * 60, UTC)
        if local.tzinfo is None:
            assert self.zone is not None
            local = local.replace(tzinfo=zone_info(self.zone))
        return local.replace(fold=0).astimezone(UTC)

    def _blame(self, at: Line | Part, message: str, number: int | None = None, found: Any = None) -> None:
        event = "" if number is None else f", event {number}"
        self.problems.append(Problem(path=f"{self.name}{event}, line {at.number}", message=message, found=found))


def _libraries() -> tuple[Any, Any]:
    try:
        import icalendar
        import recurring_ical_events  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError(EXTRA) from error
    return icalendar, recurring_ical_events


def _of_clocks(rule: Line) -> bool:
    """Say whether a repetition is one of clock changes: once or some times a year, and it does not stand still."""
    parts = dict(part.partition("=")[::2] for part in rule.value.upper().split(";"))
    return parts.get("FREQ") in ("YEARLY", "MONTHLY") and parts.get("INTERVAL", "1").strip("0") != ""


def _windows_zone(name: str) -> bool:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return name in WINDOWS_TO_OLSON


def _is_zone(name: str) -> bool:
    return not _no_zone(name)


def _no_zone(name: str) -> str:
    """Return in words that there is no such zone, or nothing if there is one."""
    try:
        zone_info(name)
    except ValueError as error:
        return str(error)
    return ""


def _values(part: Part, name: str) -> list[str]:
    return [line.value for line in part.of(name)]


def _parameter(line: Line, name: str) -> str | None:
    for parameter in line.parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().upper() == name:
            return value.strip().strip('"').upper()
    return None


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _time(event: Any, name: str, kind: type = date) -> Any:
    """Return the value of a property if it is of a kind, else None."""
    value = getattr(event.get(name), "dt", None)
    return value if isinstance(value, kind) else None


def _naive(time: date) -> bool:
    return isinstance(time, datetime) and time.tzinfo is None


def _floats(time: date) -> bool:
    return not isinstance(time, datetime) or time.tzinfo is None


def _floor(time: datetime) -> int:
    return math.floor(time.timestamp() / 60)


def _ceil(time: datetime) -> int:
    return math.ceil(time.timestamp() / 60)
