"""What stands in a cell, as plain JSON values: numbers, yes and no, lists separated by `;`, spans, hours.

- `Column`, `columns_of`: the columns that a class has, read off its fields.
- `clock_cell`: a time of day as spreadsheets write it.

A cell that cannot be understood stays text: reading the JSON values then refuses it, at its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any, get_args

import attrs
from attrs import frozen

from igfsched.grid import Instant, Span
from igfsched.io.converter import describe, is_union, resolved
from igfsched.programme import Profile, State, TeamNeed, WeeklyHours

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = r"(\d{1,2}):(\d{2})(?::00)?"
_HOURS = re.compile(r"(?:([a-z]{3})(?:-([a-z]{3}))? )?([\d:]+)-([\d:]+)")


@frozen
class Column:
    """A column: how its cells become JSON values, and in words what they are to hold."""

    name: str
    read: Callable[[str], Any]
    words: str
    required: bool = False


def columns_of(cls: type, leave_out: Collection[str] = ()) -> dict[str, Column]:
    """Return the columns of a class: its fields whose values fit into a cell, by name."""
    found = {}
    for name, attribute in resolved(cls).items():
        kind: Any = attribute.type
        if is_union(kind):
            (kind,) = (part for part in get_args(kind) if part is not type(None))
        if kind in _READERS and name not in leave_out:
            read, words = _READERS[kind]
            found[name] = Column(name, read, words or describe(kind), attribute.default is attrs.NOTHING)
    return found


def clock_cell(text: str) -> str:
    """Return `09:00` for `9:00` and `09:00:00`, which spreadsheets make of it; other text as it is."""
    match = re.fullmatch(_CLOCK, text)
    return f"{match[1].zfill(2)}:{match[2]}" if match else text


def whole_cell(text: str) -> Any:
    """Return a whole number, or the text if it is none."""
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else text


def truth_cell(text: str) -> Any:
    """Return true for true, yes and 1, false for false, no and 0, otherwise the text."""
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.lower(), text)


def list_cell(text: str) -> list[str]:
    """Return the parts of a cell that `;` separates."""
    return [part.strip() for part in text.split(";") if part.strip()]


def _wholes(text: str) -> list[Any]:
    return [whole_cell(part) for part in list_cell(text)]


def _spans(text: str) -> list[Any]:
    found: list[Any] = []
    for part in list_cell(text):
        # Zones have slashes too: the end begins at a year.
        ends = re.split(r"\s*/\s*(?=\d{4}-)", part)
        found.append({"start": ends[0], "end": ends[1]} if len(ends) == 2 else part)
    return found


def _needs(text: str) -> list[Any]:
    found: list[Any] = []
    for part in list_cell(text):
        team, colon, units = part.rpartition(":")
        found.append({"team": team.strip(), "units": whole_cell(units.strip())} if colon else {"team": part})
    return found


def _weekly(text: str) -> list[Any]:
    found: list[Any] = []
    for part in list_cell(text):
        match = _HOURS.fullmatch(part.lower())
        if match is None or not {match[1] or "mon", match[2] or "mon"} <= set(_WEEKDAYS):
            found.append(part)
            continue
        hours: dict[str, Any] = {"hours": {"start": clock_cell(match[3]), "end": clock_cell(match[4])}}
        if match[1]:
            first = _WEEKDAYS.index(match[1])
            last = _WEEKDAYS.index(match[2] or match[1])
            hours["weekdays"] = [(first + n) % 7 for n in range((last - first) % 7 + 1)]
        found.append(hours)
    return found


_READERS: dict[Any, tuple[Callable[[str], Any], str]] = {
    str: (str, ""), State: (str, ""), Instant: (str, ""), int: (whole_cell, ""), bool: (truth_cell, ""),
    Profile: (whole_cell, "a whole number"), tuple[str, ...]: (list_cell, "names separated by ;"),
    tuple[int, ...]: (_wholes, "whole numbers separated by ;"),
    tuple[Span, ...]: (_spans, "spans such as 2020-11-09T09:00Z/2020-11-09T17:00Z, separated by ;"),
    tuple[TeamNeed, ...]: (_needs, "teams such as captioners:2, separated by ;"),
    tuple[WeeklyHours, ...]: (_weekly, "hours such as mon-fri 09:00-17:00, separated by ;"),
}
