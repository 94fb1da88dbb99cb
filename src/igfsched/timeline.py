"""Time in whole numbers: ticks of UTC, the starts that the grid allows, programme days, sums over time.

A *tick* is the greatest common divisor of all lengths and times that matter. Tick 0 lies a day before
the first programme day, so that schedules that start too early can still be described.

- `Timeline`: all of it, for one window; it knows no session, and serves many programmes one after the other.
- `HourPrices`: what sessions cost people in their zones.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import timedelta
from functools import cached_property, reduce
from math import gcd
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from igfsched.comfort import Band, price_by_minute
from igfsched.grid import Clock, day_start, local_date, minute_of, offset_segments
from igfsched.programme import Period, Profile, Programme, Session, Window

Ints = npt.NDArray[np.int64]
T = TypeVar("T")

DAY = 1440


@frozen(eq=False)
class Timeline:
    """The ticks of a window, `tick` minutes each.

    `everywhere`: whether starts outside the opening hours count as possible (the window is not a hard rule).
    """

    window: Window
    everywhere: bool
    tick: int = 1
    _memory: dict[Hashable, Any] = field(factory=dict, repr=False)

    @classmethod
    def of(cls, programme: Programme, everywhere: bool) -> Timeline:
        """Return the timeline of a programme, with the longest tick that everything in it is a multiple of."""
        bare = cls(programme.window, everywhere)
        lengths = [DAY, *bare.times_of(programme), *lengths_of(programme.sessions)]
        lengths += [minute - bare.origin for _, start, end in programme.window.blocks for minute in (start, end)]
        lengths += [int(minute) - bare.origin for minute in bare.start_minutes]
        return evolve(bare, tick=reduce(gcd, set(lengths)) or 1, memory={})

    def times_of(self, programme: Programme) -> Iterator[int]:
        """Yield all numbers of minutes that matter in a programme, but for those of sessions and the window."""
        yield programme.changeover
        yield from (programme.changeover_of(room) for room in programme.rooms)
        yield from (length for rule in programme.rules if rule.level != "off" for length in rule.lengths)
        profiles = [programme.cap, *(team.size for team in programme.teams),
                    *(getattr(rule, "cap", None) for rule in programme.rules)]
        for profile in profiles:
            for period in profile.periods if isinstance(profile, Profile) else ():
                yield from (edge - self.origin for span in self.period_spans(period) for edge in span)

    def holds(self, minutes: Iterable[int]) -> bool:
        """Say whether numbers of minutes all are whole ticks."""
        return not any(number % self.tick for number in minutes)

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is made of this timeline and of nothing but the key, made once."""
        if key not in self._memory:
            self._memory[key] = make()
        return self._memory[key]  # type: ignore[no-any-return]

    # -- ticks ---------------------------------------------------------------------------------

    @cached_property
    def horizon(self) -> tuple[int, int]:
        """First and last UTC minute that ticks cover: the programme days and a day on either side."""
        window = self.window
        first = day_start(window.days[0].date, window.zone)
        last = day_start(window.days[-1].date + timedelta(days=1), window.zone)
        blocks = window.blocks
        if blocks:
            first, last = min(first, blocks[0][1]), max(last, blocks[-1][2])
        return first - DAY, last + DAY

    @cached_property
    def origin(self) -> int:
        """The UTC minute of tick 0."""
        return self.horizon[0]

    @cached_property
    def n_ticks(self) -> int:
        first, last = self.horizon
        return -(-(last - first) // self.tick)

    @cached_property
    def minutes(self) -> Ints:
        """The UTC minute of each tick, shape `(ticks,)`."""
        return self.origin + self.tick * np.arange(self.n_ticks, dtype=np.int64)

    def tick_of(self, minute: int) -> int | None:
        """Return the tick at a UTC minute, or None if no tick begins there."""
        tick, rest = divmod(minute - self.origin, self.tick)
        return tick if rest == 0 and 0 <= tick < self.n_ticks else None

    # -- starts --------------------------------------------------------------------------------

    @cached_property
    def start_minutes(self) -> Ints:
        """The UTC minutes at which a session may start as far as the grid says, ascending.

        Whether a session that starts there ends in time is for the rule about opening hours to say.
        """
        window = self.window
        if window.grid.starts:
            return np.array([minute_of(start) for start in window.grid.starts], dtype=np.int64)
        spans = [(start, end) for _, start, end in window.blocks]
        if self.everywhere:
            spans += [(day_start(d.date, window.zone), day_start(d.date + timedelta(days=1), window.zone))
                      for d in window.days]
        found: set[int] = set()
        for start, end in spans:
            for midnight, next_midnight in self._local_days(start, end):
                first = max(start, midnight)
                found.update(range(first + (midnight - first) % window.grid.step, min(end, next_midnight),
                                   window.grid.step))
        return np.array(sorted(found), dtype=np.int64)

    def _local_days(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the UTC minutes at which the local days begin and end that touch [start, end)."""
        zone = self.window.zone
        found: list[tuple[int, int]] = []
        day = local_date(start, zone)
        while not found or found[-1][1] < end:
            found.append((day_start(day, zone), day_start(day + timedelta(days=1), zone)))
            day += timedelta(days=1)
        return found

    @cached_property
    def since_midnight(self) -> Ints:
        """Minutes since local midnight in the window's zone, by tick, shape `(ticks,)`."""
        first, last = int(self.minutes[0]), int(self.minutes[-1]) + 1
        starts = np.array([start for start, _ in self._local_days(first, last)], dtype=np.int64)
        return self.minutes - starts[np.searchsorted(starts, self.minutes, side="right") - 1]

    @cached_property
    def starts(self) -> Ints:
        """The ticks at which a session may start as far as the grid says, ascending, shape `(starts,)`."""
        return (self.start_minutes - self.origin) // self.tick

    @cached_property
    def days(self) -> tuple[object, ...]:
        """The programme days, in order."""
        return tuple(day.date for day in self.window.days)

    @cached_property
    def day_of_tick(self) -> Ints:
        """Index of the programme day to which a start belongs, -1 for none, shape `(ticks,)`."""
        window = self.window
        found = np.full(self.n_ticks, -1, dtype=np.int64)
        for index, day in enumerate(window.days):
            start, end = day_start(day.date, window.zone), day_start(day.date + timedelta(days=1), window.zone)
            found[(self.minutes >= start) & (self.minutes < end)] = index
        position = {day.date: index for index, day in enumerate(window.days)}
        for date, start, end in window.blocks:
            found[(self.minutes >= start) & (self.minutes < end)] = position[date]
        return found

    # -- sums over time ------------------------------------------------------------------------

    def minutes_within(self, spans: Iterable[tuple[int, int]], duration: int) -> Ints:
        """Return, for each start tick, how many of the next `duration` minutes lie in disjoint UTC spans."""
        total = np.zeros(self.n_ticks, dtype=np.int64)
        starts = self.minutes
        for first, last in spans:
            total += np.maximum(0, np.minimum(starts + duration, last) - np.maximum(starts, first))
        return total

    def cap_by_tick(self, profile: Profile) -> Ints:
        """Return the value of a profile at each tick, shape `(ticks,)`."""
        value = np.full(self.n_ticks, profile.value, dtype=np.int64)
        for period in profile.periods:
            for start, end in self.period_spans(period):
                value[(self.minutes >= start) & (self.minutes < end)] = period.value
        return value

    def period_spans(self, period: Period) -> list[tuple[int, int]]:
        """Return the UTC minutes of a period of a profile."""
        if period.span is not None:
            return [period.span.minutes]
        zone = self.window.zone
        hours = period.hours or Clock("00:00", "24:00")
        chosen = period.days or tuple(day.date for day in self.window.days)
        return [hours.on(day, zone) for day in chosen]

    def prices(self, bands: tuple[Band, ...]) -> HourPrices:
        """Return what hours cost by some bands."""
        return self.remember(("prices", bands), lambda: HourPrices(self, bands))


class HourPrices:
    """What sessions cost people, by zone and length; each array is made once."""

    def __init__(self, timeline: Timeline, bands: tuple[Band, ...]) -> None:
        self._timeline = timeline
        self._bands = bands
        self._sums: dict[str, Ints] = {}
        self._known: dict[tuple[str, int], Ints] = {}

    def of(self, zone: str, duration: int) -> Ints:
        """Return what a session of `duration` minutes costs somebody in a zone, by start tick."""
        known = self._known.get((zone, duration))
        if known is None:
            if zone not in self._sums:
                self._sums[zone] = self._price_sums(zone)
            sums, at = self._sums[zone], self._timeline.minutes - self._timeline.origin
            known = self._known[zone, duration] = sums[np.minimum(at + duration, len(sums) - 1)] - sums[at]
        return known

    def _price_sums(self, zone: str) -> Ints:
        """Return what the time from the origin to each minute costs."""
        first, last = self._timeline.horizon
        last += DAY * 2
        by_minute = price_by_minute(self._bands)
        segments = offset_segments(zone, first, last)
        ends = [start for start, _ in segments[1:]] + [last]
        price = np.concatenate([
            by_minute[(np.arange(start, end) + offset) % DAY]
            for (start, offset), end in zip(segments, ends, strict=True)
        ])
        return np.concatenate([[0], np.cumsum(price)])


def lengths_of(sessions: Iterable[Session]) -> Iterator[int]:
    """Yield the numbers of minutes that matter in sessions."""
    for session in sessions:
        yield from (*session.durations, session.prepare_before, session.prepare_after)
