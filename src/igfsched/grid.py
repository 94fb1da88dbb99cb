"""Time at the edge: instants, local times, clock changes. Everything inside igfsched is UTC.

- `instant`: text or datetime to an instant in UTC; refuses what has no single meaning.
- `minute_of` / `from_minute`: instants as whole minutes since 1970-01-01T00:00Z, and back.
- `Span`: from one instant to another.
- `Clock`: opening and closing times of day, in a zone that is named elsewhere.
- `local_minute`: a local date and time of day in a zone, as a minute of UTC.
- `offset_segments`: the UTC offsets of a zone during an interval, clock changes included.

This is the only module that knows pendulum.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property, lru_cache
from zoneinfo import ZoneInfo, available_timezones

import pendulum
from attrs import field, frozen

from igfsched.errors import LocalTimeError, nearest

Instant = pendulum.DateTime

_EPOCH = date(1970, 1, 1)
_INSTANT = re.compile(
    r"(?P<local>\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?)"
    r"(?P<offset>Z|[+-]\d{2}:?\d{2})?"
    r"(\[(?P<zone>[A-Za-z0-9_+/-]+)\])?"
)
_CLOCK = re.compile(r"(\d{2}):(\d{2})")


@cache
def _zones() -> frozenset[str]:
    """Return the names of all zones but those that stand for no place, or for another one on each machine."""
    return frozenset(available_timezones() - {"Factory", "localtime"})


@lru_cache(maxsize=1024)
def zone_info(name: str) -> ZoneInfo:
    """Return the IANA zone of this name; ValueError names the nearest one when there is none."""
    try:
        if name not in _zones():
            raise ValueError(name)
        zone = pendulum.timezone(name)
        if not isinstance(zone, pendulum.Timezone):
            raise ValueError(name)
        return zone
    except (ValueError, OSError):
        close = nearest(name, sorted(_zones()))
        hint = f"; did you mean {close!r}?" if close else ""
        raise ValueError(f"no IANA time zone is called {name!r}{hint}") from None


def zone_name(name: str) -> str:
    """Return `name` if it is an IANA time zone, else raise ValueError."""
    zone_info(name)
    return name


def instant(value: str | datetime, zone: str | None = None) -> Instant:
    """Return the instant that a text or a datetime stands for, in UTC.

    Accepted: `2020-11-09T14:00Z`, `2020-11-09T14:00+01:00`, `2020-11-09T14:00[Europe/Paris]`,
    and a naive `2020-11-09T14:00` if `zone` is given beside it. Seconds must be zero.

    Raises LocalTimeError for a naive time without a zone, and for a local time that a clock
    change skips or repeats (an offset beside the zone settles the latter).
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            if zone is None:
                raise LocalTimeError(f"{value.isoformat()} has no UTC offset and no zone beside it")
            return from_minute(_minute_in_zone(value, zone))
        return _whole_minute(value)
    match = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise LocalTimeError(f"{value!r} is not an instant such as 2020-11-09T14:00Z")
    try:
        local = datetime.fromisoformat(match["local"])
    except ValueError as error:
        raise LocalTimeError(f"{value!r} is not an instant: {error}") from None
    named = match["zone"] or zone
    if match["offset"]:
        exact = _whole_minute(datetime.fromisoformat(match["local"] + match["offset"]))
        if match["zone"] and exact.astimezone(zone_info(match["zone"])).replace(tzinfo=None) != local:
            raise LocalTimeError(f"{value!r}: the offset is not one of {match['zone']} at that time")
        return exact
    if named is None:
        raise LocalTimeError(f"{value!r} has no UTC offset and no zone beside it")
    return from_minute(_minute_in_zone(local, named))


def minute_of(when: datetime) -> int:
    """Return the whole minutes since 1970-01-01T00:00Z."""
    return int(when.timestamp()) // 60


def from_minute(minute: int) -> Instant:
    """Return the UTC instant that many minutes after 1970-01-01T00:00Z."""
    return pendulum.from_timestamp(minute * 60)


def text_of(when: datetime) -> str:
    """Return the one way in which an instant is written: `2020-11-09T14:00Z`."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def clock_minutes(text: str) -> int:
    """Return the minutes after midnight of `HH:MM`; `24:00` is 1440."""
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if match is not None:
        minutes = int(match[1]) * 60 + int(match[2])
        if int(match[2]) < 60 and minutes <= 1440:
            return minutes
    raise ValueError(f"{text!r} is not a time of day between 00:00 and 24:00")


def clock_text(text: str) -> str:
    """Return `text` if it is a time of day `HH:MM`, else raise ValueError."""
    clock_minutes(text)
    return text


def day_of(value: str | date) -> date:
    """Return a calendar date; accepts `2020-11-09`."""
    if isinstance(value, datetime):
        raise ValueError(f"{value!r} is a time, not a date")
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError(f"{value!r} is not a date such as 2020-11-09")
    return date.fromisoformat(value)


def local_minute(day: date, minutes: int, zone: str) -> int:
    """Return the UTC minute of a time of day (0 to 1440, minutes after midnight) in a zone."""
    local = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    return _minute_in_zone(local, zone)


def day_start(day: date, zone: str) -> int:
    """Return the UTC minute at which a local day begins, also where a clock change skips midnight."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone_info(zone))
    return minute_of(midnight.astimezone(UTC))


def local_time(minute: int, zone: str) -> datetime:
    """Return the local wall clock in a zone at a UTC minute, with its offset."""
    return datetime.fromtimestamp(minute * 60, tz=zone_info(zone))


@lru_cache(maxsize=65536)
def offset_at(minute: int, zone: str) -> int:
    """Return the UTC offset of a zone at a UTC minute, in minutes."""
    offset = local_time(minute, zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) // 60


def local_date(minute: int, zone: str) -> date:
    """Return the calendar date in a zone at a UTC minute."""
    return local_time(minute, zone).date()


def offset_segments(zone: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return `(from minute, offset in minutes)` for each stretch of one UTC offset in [start, end)."""
    segments = [(start, offset_at(start, zone))]
    step = 6 * 60
    for probe in range(start + step, end + step, step):
        probe = min(probe, end)
        before, after = segments[-1][1], offset_at(probe, zone)
        if before != after:
            low, high = probe - step, probe
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset_at(middle, zone) == before else (low, middle)
            if high < end:
                segments.append((high, after))
    return segments


@frozen
class Span:
    """The time from `start` (included) to `end` (excluded), both instants."""

    start: Instant = field(converter=instant)
    end: Instant = field(converter=instant)

    def __attrs_post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"the end {text_of(self.end)} is not after the start {text_of(self.start)}")

    @classmethod
    def local(cls, start: str, end: str, zone: str) -> Span:
        """Return the span between two local times of a zone."""
        return cls(instant(start, zone), instant(end, zone))

    @cached_property
    def minutes(self) -> tuple[int, int]:
        """The span as two UTC minutes."""
        return minute_of(self.start), minute_of(self.end)

    def __str__(self) -> str:
        return f"{text_of(self.start)} to {text_of(self.end)}"


@frozen
class Clock:
    """From one time of day to another, `HH:MM`; an end at or before the start lies on the next day."""

    start: str = field(converter=clock_text)
    end: str = field(converter=clock_text)

    @property
    def length(self) -> int:
        """Minutes on the wall clock from start to end."""
        start, end = clock_minutes(self.start), clock_minutes(self.end)
        return end - start if end > start else end + 1440 - start

    def on(self, day: date, zone: str) -> tuple[int, int]:
        """Return the UTC minutes at which this begins and ends on a local day of a zone."""
        start, end = clock_minutes(self.start), clock_minutes(self.end)
        last = day + timedelta(days=1) if end <= start else day
        return _clock_minute(day, start, zone), _clock_minute(last, end, zone)


def _clock_minute(day: date, minutes: int, zone: str) -> int:
    if minutes % 1440 == 0:
        return day_start(day + timedelta(days=minutes // 1440), zone)
    return local_minute(day, minutes, zone)


def _whole_minute(value: datetime) -> Instant:
    seconds = value.timestamp()
    if seconds % 60:
        raise LocalTimeError(f"{value.isoformat()} is not on a whole minute")
    return pendulum.from_timestamp(int(seconds))


def _minute_in_zone(local: datetime, zone: str) -> int:
    if local.second or local.microsecond:
        raise LocalTimeError(f"{local.isoformat()} is not on a whole minute")
    info = zone_info(zone)
    readings = []
    for fold in (0, 1):
        aware = local.replace(tzinfo=info, fold=fold)
        utc = aware.astimezone(UTC)
        readings.append((utc, aware.utcoffset(), utc.astimezone(info).replace(tzinfo=None) == local))
    (first, offset, exists), (second, offset_after, _) = readings
    if first == second:
        return minute_of(first)
    text = local.strftime("%Y-%m-%dT%H:%M")
    choices = f"{text}{_offset(offset)} = {text_of(first)} or {text}{_offset(offset_after)} = {text_of(second)}"
    if exists:
        raise LocalTimeError(f"{text} happens twice in {zone} (clocks go back): {choices}; write the offset")
    raise LocalTimeError(f"{text} does not exist in {zone} (clocks go forward): {choices}; write the offset")


def _offset(offset: timedelta | None) -> str:
    minutes = int((offset or timedelta()).total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def merge_spans(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the union of minute intervals as disjoint sorted ones; touching ones are joined."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def subtract_spans(spans: Sequence[tuple[int, int]], holes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what is left of disjoint minute intervals when the holes are taken out; touching ones stay apart."""
    left: list[tuple[int, int]] = []
    merged_holes = merge_spans(holes)
    for start, end in sorted(spans):
        for hole_start, hole_end in merged_holes:
            if hole_end <= start or hole_start >= end:
                continue
            if hole_start > start:
                left.append((start, hole_start))
            start = max(start, hole_end)
            if start >= end:
                break
        if start < end:
            left.append((start, end))
    return left


def overlap(first: tuple[int, int], second: tuple[int, int]) -> int:
    """Return the minutes that two intervals share."""
    return max(0, min(first[1], second[1]) - max(first[0], second[0]))
