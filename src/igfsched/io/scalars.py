"""The smallest values of a JSON file, read without any coercion: `"30"` is no number and `1` is no `true`.

Each reader returns its value or raises Faults.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

from igfsched.errors import Problem
from igfsched.grid import Instant, day_of, instant
from igfsched.io.faults import Faults, wrong

# Outside these years time zones are guesswork, and far outside them datetime overflows.
FIRST_YEAR, LAST_YEAR = 1900, 2199

WORDS: dict[Any, str] = {
    int: "a whole number", float: "a number", str: "a text", bool: "true or false", type(None): "null",
    Instant: "an instant such as 2020-11-09T14:00Z", date: "a date such as 2020-11-09",
}


def read_instant(raw: Any, zone: str | None = None) -> Instant:
    """Return the instant of a text; Faults says why there is none."""
    if not isinstance(raw, str):
        raise wrong(raw, WORDS[Instant])
    try:
        found = instant(raw, zone)
    except (ValueError, OverflowError) as error:
        raise _refused(raw, error) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise _far_away(raw)
    return found


LARGEST = 10**9
"""The largest whole number in a file: beyond it times cannot be told, and costs cannot be added up."""


def read_whole(raw: Any, _: Any = None) -> int:
    """Return a whole number; 30.0 is none. Nothing in an event is a thousand million of anything."""
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise wrong(raw, WORDS[int])
    if abs(raw) > LARGEST:
        raise wrong(raw, f"a whole number up to {LARGEST}")
    return raw


def read_number(raw: Any, _: Any = None) -> float:
    """Return a number; NaN and infinity are none."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise wrong(raw, WORDS[float])
    return raw


def read_truth(raw: Any, _: Any = None) -> bool:
    """Return true or false."""
    if not isinstance(raw, bool):
        raise wrong(raw, WORDS[bool])
    return raw


def read_string(raw: Any, _: Any = None) -> str:
    """Return a text that can be written again."""
    if not isinstance(raw, str):
        raise wrong(raw, WORDS[str])
    try:
        raw.encode()
    except UnicodeEncodeError:
        raise wrong(raw, "a text without half a surrogate pair") from None
    return raw


def read_date(raw: Any, _: Any = None) -> date:
    """Return a calendar date."""
    if not isinstance(raw, str):
        raise wrong(raw, WORDS[date])
    try:
        found = day_of(raw)
    except ValueError as error:
        raise _refused(raw, error) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise _far_away(raw)
    return found


def text_of_error(error: Exception) -> str:
    """Return what an exception says; attrs' own validators put their sentence first among other things."""
    return str(error.args[0]) if error.args else type(error).__name__


def _refused(raw: str, error: Exception) -> Faults:
    message = text_of_error(error)
    return Faults([Problem(path="", message=message, found=None if raw in message else raw)])


def _far_away(raw: str) -> Faults:
    return wrong(raw, f"a year from {FIRST_YEAR} to {LAST_YEAR}")


SCALARS: dict[type, Callable[[Any, Any], Any]] = {
    int: read_whole, float: read_number, bool: read_truth, str: read_string, date: read_date,
}
"""The readers by type. Their second argument is the type, as cattrs gives it."""
