"""When a programme may run: its days, opening hours and allowed starts, and numbers that change over time.

- `Window`, `Day`, `Phase`, `Grid`, `Blackout`: the days, their opening hours and the allowed starts.
- `Profile`, `Period`: a number that changes over time (the parallel cap, the size of a team).
- `whole`, `filled`: validators of fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from attrs import field, frozen

from igfsched.grid import Clock, Instant, Span, day_of, instant, zone_name
from igfsched.tuples import to_blackouts, to_clocks, to_periods, to_phases


def filled(_: object, attribute: Any, value: str) -> None:
    """Validate a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{attribute.name} is a text that is not empty, not {value!r}")


MOST = 10**9
"""The largest number that any field takes: sums of prices must stay within what the solver can add up."""


def whole(least: int) -> Any:
    """Return a validator for whole numbers from `least` to `MOST` (None passes)."""

    def check(_: object, attribute: Any, value: int | None) -> None:
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"{attribute.name} is a whole number from {least}, not {value!r}")
        if value > MOST:
            raise ValueError(f"{attribute.name} is a whole number from {least} to {MOST}, not {value!r}")

    return check


def _dates(values: Iterable[str | date]) -> tuple[date, ...]:
    return tuple(sorted({day_of(value) for value in values}))


def _instants(values: Iterable[str | datetime]) -> tuple[Instant, ...]:
    return tuple(sorted({instant(value) for value in values}))


@frozen(kw_only=True)
class Day:
    """A programme day: a date in the window's zone, open during `hours` of that zone."""

    date: date = field(converter=day_of)
    hours: tuple[Clock, ...] = field(default=(Clock("00:00", "24:00"),), converter=to_clocks)


def _days(values: Iterable[Day]) -> tuple[Day, ...]:
    return tuple(sorted(values, key=lambda day: day.date))


@frozen(kw_only=True)
class Blackout:
    """A time in which nothing may run, and why."""

    span: Span
    reason: str = ""


@frozen(kw_only=True)
class Phase:
    """A named part of the window: the programme days that belong to it."""

    name: str = field(validator=filled)
    days: tuple[date, ...] = field(converter=_dates)


@frozen(kw_only=True)
class Grid:
    """The allowed starts: every `step` minutes after local midnight, or an explicit list of slots."""

    step: int = field(default=10, validator=whole(1))
    starts: tuple[Instant, ...] = field(default=(), converter=_instants)


@frozen(kw_only=True)
class Window:
    """The programme days with their opening hours, in a zone (the display zone of the event)."""

    days: tuple[Day, ...] = field(converter=_days)
    zone: str = field(default="UTC", converter=zone_name)
    phases: tuple[Phase, ...] = field(default=(), converter=to_phases)
    blackouts: tuple[Blackout, ...] = field(default=(), converter=to_blackouts)
    grid: Grid = Grid()

    @classmethod
    def daily(
        cls, first: str | date, last: str | date, start: str = "00:00", end: str = "24:00",
        *, weekends: bool = False, **rest: Any,
    ) -> Window:
        """Return a window with the same opening hours on each day from `first` to `last`."""
        first_day, last_day = day_of(first), day_of(last)
        dates = [first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1)]
        hours = (Clock(start, end),)
        return cls(days=[Day(date=d, hours=hours) for d in dates if weekends or d.weekday() < 5], **rest)

    @cached_property
    def blocks(self) -> tuple[tuple[date, int, int], ...]:
        """Opening blocks `(programme day, start, end)` in UTC minutes, blackouts taken out, in order."""
        from igfsched.grid import subtract_spans

        holes = [blackout.span.minutes for blackout in self.blackouts]
        found = []
        for day in self.days:
            for clock in day.hours:
                found += [(day.date, *part) for part in subtract_spans([clock.on(day.date, self.zone)], holes)]
        return tuple(sorted(found, key=lambda block: block[1:]))

    def phase(self, name: str) -> Phase:
        """Return the phase of this name."""
        return next(phase for phase in self.phases if phase.name == name)


@frozen(kw_only=True)
class Period:
    """A value that holds during a span, or during `hours` of the display zone on `days` (all, if none)."""

    value: int = field(validator=whole(0))
    span: Span | None = None
    hours: Clock | None = None
    days: tuple[date, ...] = field(default=(), converter=_dates)

    def __attrs_post_init__(self) -> None:
        if self.span is not None and (self.hours is not None or self.days):
            raise ValueError("a period has either a span, or hours and days")


@frozen(kw_only=True)
class Profile:
    """A whole number that changes over time; where periods overlap the last one holds."""

    value: int = field(validator=whole(0))
    periods: tuple[Period, ...] = field(default=(), converter=to_periods)
