"""A programme in integers: ticks of UTC, starts, variants of sessions, rooms and people by index.

A *tick* is the greatest common divisor of all lengths and times that matter. Tick 0 lies a day before
the first programme day, so that schedules that start too early can still be described. A *variant* is a
session with one of its durations. A *place* is (variant, start tick, rooms).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property, reduce
from math import gcd

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from igfsched.comfort import Band, price_by_minute
from igfsched.grid import Clock, day_start, from_minute, local_date, minute_of, offset_segments
from igfsched.programme import Period, Profile, Programme
from igfsched.schedule import Placement, Schedule
from igfsched.selector import EVERY, Selector

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DAY = 1440


@frozen(eq=False)
class Places:
    """Places of all sessions: `variant` and `start` (tick) by session, -1 without a place; rooms by index."""

    variant: Ints
    start: Ints
    rooms: tuple[tuple[int, ...], ...]


@frozen(eq=False)
class Facts:
    """The arrays and indices that rules are lowered with."""

    programme: Programme
    everywhere: bool = field(default=False, kw_only=True)
    """Whether starts outside the opening hours count as possible (the window is not a hard rule)."""

    @cached_property
    def n(self) -> int:
        """Number of sessions."""
        return len(self.programme.sessions)

    @cached_property
    def session_index(self) -> dict[str, int]:
        return {session.id: index for index, session in enumerate(self.programme.sessions)}

    @cached_property
    def room_index(self) -> dict[str, int]:
        return {room.id: index for index, room in enumerate(self.programme.rooms)}

    # -- ticks ---------------------------------------------------------------------------------

    @cached_property
    def _horizon(self) -> tuple[int, int]:
        """First and last UTC minute that ticks cover: the programme days and a day on either side."""
        window = self.programme.window
        first = day_start(window.days[0].date, window.zone)
        last = day_start(window.days[-1].date + timedelta(days=1), window.zone)
        blocks = window.blocks
        if blocks:
            first, last = min(first, blocks[0][1]), max(last, blocks[-1][2])
        return first - DAY, last + DAY

    @property
    def origin(self) -> int:
        """The UTC minute of tick 0."""
        return self._horizon[0]

    @cached_property
    def tick(self) -> int:
        """Minutes in a tick."""
        programme, origin = self.programme, self.origin
        lengths: set[int] = {programme.changeover, DAY}
        for session in programme.sessions:
            lengths |= {*session.durations, session.prepare_before, session.prepare_after}
        lengths |= {programme.changeover_of(room) for room in programme.rooms}
        lengths |= {length for rule in programme.rules if rule.level != "off" for length in rule.lengths}
        lengths |= {minute - origin for _, start, end in programme.window.blocks for minute in (start, end)}
        lengths |= {int(minute) - origin for minute in self._start_minutes}
        for profile in self._profiles:
            for period in profile.periods:
                lengths |= {edge - origin for span in self._period_spans(period) for edge in span}
        return reduce(gcd, lengths) or 1

    @cached_property
    def _profiles(self) -> list[Profile]:
        profiles = [team.size for team in self.programme.teams]
        profiles += [rule.cap for rule in self.programme.rules if isinstance(getattr(rule, "cap", None), Profile)]  # type: ignore[attr-defined]
        return [*profiles, self.programme.cap] if self.programme.cap is not None else profiles

    @cached_property
    def n_ticks(self) -> int:
        first, last = self._horizon
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
    def _start_minutes(self) -> Ints:
        window = self.programme.window
        if window.grid.starts:
            return np.array([minute_of(start) for start in window.grid.starts], dtype=np.int64)
        shortest = min((min(session.durations) for session in self.programme.sessions), default=1)
        spans = [(start, end - shortest + 1) for _, start, end in window.blocks]
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
        zone = self.programme.window.zone
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
        return (self._start_minutes - self.origin) // self.tick

    @cached_property
    def days(self) -> tuple[object, ...]:
        """The programme days, in order."""
        return tuple(day.date for day in self.programme.window.days)

    @cached_property
    def day_of_tick(self) -> Ints:
        """Index of the programme day to which a start belongs, -1 for none, shape `(ticks,)`."""
        window = self.programme.window
        found = np.full(self.n_ticks, -1, dtype=np.int64)
        for index, day in enumerate(window.days):
            start, end = day_start(day.date, window.zone), day_start(day.date + timedelta(days=1), window.zone)
            found[(self.minutes >= start) & (self.minutes < end)] = index
        position = {day.date: index for index, day in enumerate(window.days)}
        for date, start, end in window.blocks:
            found[(self.minutes >= start) & (self.minutes < end)] = position[date]
        return found

    # -- variants ------------------------------------------------------------------------------

    @cached_property
    def variant_session(self) -> Ints:
        """The session of each variant, shape `(variants,)`."""
        return np.array([i for i, s in enumerate(self.programme.sessions) for _ in s.durations], dtype=np.int64)

    @cached_property
    def variant_minutes(self) -> Ints:
        """The duration of each variant in minutes, shape `(variants,)`."""
        return np.array([d for s in self.programme.sessions for d in s.durations], dtype=np.int64)

    @cached_property
    def variant_ticks(self) -> Ints:
        """The duration of each variant in ticks, shape `(variants,)`."""
        return self.variant_minutes // self.tick

    @cached_property
    def variants(self) -> tuple[range, ...]:
        """The variants of each session."""
        found, first = [], 0
        for session in self.programme.sessions:
            found.append(range(first, first + len(session.durations)))
            first += len(session.durations)
        return tuple(found)

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
            for start, end in self._period_spans(period):
                value[(self.minutes >= start) & (self.minutes < end)] = period.value
        return value

    def _period_spans(self, period: Period) -> list[tuple[int, int]]:
        if period.span is not None:
            return [period.span.minutes]
        zone = self.programme.window.zone
        hours = period.hours or Clock("00:00", "24:00")
        chosen = period.days or tuple(day.date for day in self.programme.window.days)
        return [hours.on(day, zone) for day in chosen]

    @cached_property
    def _price_sums(self) -> dict[tuple[str, tuple[Band, ...]], Ints]:
        return {}

    def comfort(self, zone: str, bands: tuple[Band, ...], duration: int) -> Ints:
        """Return what a session of `duration` minutes costs somebody in a zone, by start tick."""
        key = (zone, bands)
        sums = self._price_sums.get(key)
        first, last = self._horizon
        last += DAY * 2
        if sums is None:
            by_minute = price_by_minute(bands)
            segments = offset_segments(zone, first, last)
            ends = [start for start, _ in segments[1:]] + [last]
            price = np.concatenate([
                by_minute[(np.arange(start, end) + offset) % DAY]
                for (start, offset), end in zip(segments, ends, strict=True)
            ])
            sums = np.concatenate([[0], np.cumsum(price)])
            self._price_sums[key] = sums
        at = self.minutes - first
        return sums[np.minimum(at + duration, len(sums) - 1)] - sums[at]

    # -- selections and places -----------------------------------------------------------------

    def select(self, selector: Selector = EVERY) -> list[int]:
        """Return the indices of the sessions that a selector chooses."""
        return [self.session_index[session.id] for session in self.programme.select(selector)]

    def places(self, schedule: Schedule) -> Places | None:
        """Return a schedule as places, or None if some start or duration has no tick or variant."""
        variant = np.full(self.n, -1, dtype=np.int64)
        start = np.full(self.n, -1, dtype=np.int64)
        rooms: list[tuple[int, ...]] = [()] * self.n
        for placement in schedule:
            index = self.session_index[placement.session]
            tick = self.tick_of(placement.minutes[0])
            durations = self.programme.sessions[index].durations
            if tick is None or placement.duration not in durations:
                return None
            variant[index] = self.variants[index][durations.index(placement.duration)]
            start[index] = tick
            rooms[index] = tuple(sorted(self.room_index[room] for room in placement.rooms))
        return Places(variant, start, tuple(rooms))

    def schedule(self, places: Places, label: str = "") -> Schedule:
        """Return places as a schedule."""
        sessions, rooms = self.programme.sessions, self.programme.rooms
        return Schedule(
            [
                Placement(
                    session=sessions[index].id,
                    start=from_minute(self.origin + self.tick * int(places.start[index])),
                    duration=int(self.variant_minutes[variant]),
                    rooms=tuple(rooms[room].id for room in places.rooms[index]),
                )
                for index, variant in enumerate(places.variant) if variant >= 0
            ],
            label=label,
        )

