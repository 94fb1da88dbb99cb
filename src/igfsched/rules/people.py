"""When the people of a session can be there.

- `PersonAvailability`: required people are free.
- `OptionalPersonClash`: people in optional roles can be in all their sessions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import field, frozen

from igfsched.grid import clock_minutes, merge_spans, offset_at, offset_segments, overlap, subtract_spans
from igfsched.primitives import Pair, Table, Unit, ticks
from igfsched.programme import Person
from igfsched.rule import Finding, Level, Per, Rule, finding
from igfsched.rules.common import is_level, minutes_of
from igfsched.timetable import overlapping

if TYPE_CHECKING:
    from igfsched.facts import Bools, Facts, Ints
    from igfsched.timeline import Timeline
    from igfsched.timetable import Timetable

DAY, WEEK = 1440, 7 * 1440
MONDAY = 3
"""Weekday of 1970-01-01, a Thursday, counted from Monday."""
IN_ROLES = frozenset({"sessions.people", "sessions.prerecorded", "people.placeholder"})
FREE = frozenset({"people.placeholder", "people.available", "people.weekly", "people.busy", "people.zone"})
"""What it depends on who is in a session, and when somebody is free."""


@frozen(kw_only=True)
class PersonAvailability(Rule):
    """A session takes place while everybody whom it requires is free.

    Measure: over sessions and the people that they require, the minutes in which the session keeps the
    person busy (from `prepare_before` its start to `prepare_after` its end) and the person is not free:
    outside `available` if given, outside the `weekly` hours of the person's own clock if given, or
    inside `busy`. A minute counts once per person, whatever the reasons. Not for placeholders. To relax
    it, make the role optional, or widen the times of the person.
    """

    name: ClassVar[str] = "person_availability"
    summary: ClassVar[str] = "required people are free"
    per: ClassVar[Per] = "person"
    reads: ClassVar[frozenset[str] | None] = IN_ROLES | FREE | {"sessions.prepare_before", "sessions.prepare_after"}

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for id, slots in facts.each_person(required=True):
            person = facts.programme.person(id)
            if not limited(person):
                continue
            for slot in slots:
                session, variants = facts.session(slot), facts.variants[slot]
                before, after = session.prepare_before, session.prepare_after
                lengths = {v: int(facts.variant_minutes[v]) + after for v in variants}
                time = missing_by_start(facts, person, before, lengths)
                yield Unit(rule=self, sentence=f"{id} is free for {session.id}", sessions=(slot,), subject=id,
                           primitives=[Table(session=slot, time=time)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for id, entries in timetable.required_of.items():
            person = timetable.programme.person(id)
            if not limited(person):
                continue
            for entry in entries:
                start, end = entry.start - entry.session.prepare_before, entry.end + entry.session.prepare_after
                missing = missing_minutes(person, start, end)
                if missing:
                    own = timetable.own_time(entry.start, id)
                    yield finding(
                        self, missing, f"{id} is not free for {minutes_of(missing)} of {entry.session.id}, "
                        f"at {timetable.clock(entry.start)}" + (f" ({own})" if own else ""),
                        sessions=(entry.session.id,), people=(id,), start=start, end=end,
                    )


def limited(person: Person) -> bool:
    """Say whether somebody is not always free."""
    return not person.placeholder and bool(person.available or person.weekly or person.busy)


def missing_by_start(facts: Facts, person: Person, before: int, after: Mapping[int, int]) -> dict[int, Ints]:
    """Return by variant, for each start tick, the minutes in which somebody is not free.

    Counted from `before` minutes earlier to so many minutes later as `after` says of the variant.
    """
    days = -(-before // DAY), -(-max(after.values()) // DAY)
    calendar = facts.timeline.remember(("calendar", *days), lambda: Calendar(facts.timeline, *days))
    missing = calendar.missing(person)
    return {variant: calendar.during(missing, before, minutes) for variant, minutes in after.items()}


class Calendar:
    """Who is not free when, minute by minute, over all the time of ticks and some days before and after it."""

    def __init__(self, timeline: Timeline, days_before: int, days_after: int) -> None:
        self.timeline = timeline
        self.first = timeline.origin - days_before * DAY
        self.last = timeline.origin + timeline.n_ticks * timeline.tick + days_after * DAY
        self._known: dict[str, tuple[Person, Ints]] = {}

    def during(self, missing: Ints, before: int, after: int) -> Ints:
        """Return, for each start tick, the missing minutes from `before` minutes earlier to `after` minutes later."""
        timeline = self.timeline
        begin = (timeline.origin - self.first - before) // timeline.tick
        end = begin + (before + after) // timeline.tick
        return missing[end : end + timeline.n_ticks] - missing[begin : begin + timeline.n_ticks]

    def missing(self, person: Person) -> Ints:
        """Return the minutes, up to each tick, in which somebody is not free."""
        known = self._known.get(person.id)
        if known is None or known[0] is not person:
            known = self._known[person.id] = (person, self._missing(person))
        return known[1]

    def _missing(self, person: Person) -> Ints:
        free = np.full(self.last - self.first, not person.available)
        for span in person.available:
            free[self._slice(span.minutes)] = True
        if person.weekly:
            free &= self.timeline.remember(
                ("weekly", person.zone, person.weekly, self.first, self.last), lambda: self._weekly_mask(person))
        for span in person.busy:
            free[self._slice(span.minutes)] = False
        # Lengths and preparations are whole ticks: the minutes in between are not needed.
        by_tick = (~free).reshape(-1, self.timeline.tick).sum(axis=1)
        return np.concatenate([[0], np.cumsum(by_tick)])

    def _slice(self, span: tuple[int, int]) -> slice:
        start, end = (min(max(minute, self.first), self.last) - self.first for minute in span)
        return slice(start, end)

    def _weekly_mask(self, person: Person) -> Bools:
        assert person.zone is not None
        week = np.zeros(WEEK, dtype=bool)
        for hours in person.weekly:
            stretch = clock_minutes(hours.hours.start) + np.arange(hours.hours.length)
            for weekday in hours.weekdays:
                week[(weekday * DAY + stretch) % WEEK] = True
        segments = offset_segments(person.zone, self.first, self.last)
        ends = [start for start, _ in segments[1:]] + [self.last]
        return np.concatenate([
            week[(np.arange(start, end) + offset + MONDAY * DAY) % WEEK]
            for (start, offset), end in zip(segments, ends, strict=True)
        ])


def missing_minutes(person: Person, start: int, end: int) -> int:
    """Return the minutes of [start, end) in which a person is not free."""
    free = [(start, end)]
    if person.available:
        free = _common(free, merge_spans([span.minutes for span in person.available]))
    if person.weekly:
        free = _common(free, _weekly_spans(person, start, end))
    free = subtract_spans(free, [span.minutes for span in person.busy])
    return end - start - sum(last - first for first, last in free)


def _weekly_spans(person: Person, start: int, end: int) -> list[tuple[int, int]]:
    """Return the parts of [start, end) that lie in a person's weekly hours, on the person's wall clock."""
    assert person.zone is not None
    found = []
    for first, last in steady(person.zone, start, end):
        offset = offset_at(first, person.zone)
        for day in range((first + offset) // DAY - 1, (last + offset) // DAY + 1):
            for weekly in person.weekly:
                if (day + MONDAY) % 7 in weekly.weekdays:
                    opening = day * DAY + clock_minutes(weekly.hours.start) - offset
                    found += _common([(first, last)], [(opening, opening + weekly.hours.length)])
    return merge_spans(found)


def steady(zone: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return [start, end) cut at the clock changes of a zone."""
    if offset_at(start, zone) == offset_at(end, zone):
        return [(start, end)]
    cuts = [m for m in range(start + 1, end) if offset_at(m, zone) != offset_at(m - 1, zone)]
    return list(zip([start, *cuts], [*cuts, end], strict=True))


def _common(spans: list[tuple[int, int]], others: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the intersection of two lists of disjoint intervals."""
    return [(max(a[0], b[0]), min(a[1], b[1])) for a in spans for b in others if overlap(a, b)]


@frozen(kw_only=True)
class OptionalPersonClash(Rule):
    """People in optional roles can be in all their sessions.

    Measure: for each person and pair of sessions in which the person has a role, at least one of the two
    optional, the minutes in which both run. Preparation does not count, nor do placeholders. Soft unless
    said. To give it less say, lower its weight; to drop a wish, drop the role.
    """

    name: ClassVar[str] = "optional_person_clash"
    summary: ClassVar[str] = "optional people can be in all their sessions"
    per: ClassVar[Per] = "person"
    reads: ClassVar[frozenset[str] | None] = IN_ROLES

    level: Level = field(default="soft", validator=is_level)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis = ticks(facts)
        for id, slots in facts.each_person(required=False):
            if len(slots) < 2 or facts.programme.person(id).placeholder:
                continue
            required = {slot for slot in slots if id in facts.session(slot).required}
            pairs = [
                Pair(first=a, second=b, kind="overlap", axis=axis)
                for a, b in combinations(slots, 2) if a not in required or b not in required
            ]
            if pairs:
                yield Unit(rule=self, sentence=f"{id} can be in all sessions that they would like to join",
                           primitives=pairs, sessions=slots, subject=id)

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for id, entries in timetable.attending_of.items():
            if len(entries) < 2 or timetable.programme.person(id).placeholder:
                continue
            for first, second, minutes in overlapping(entries):
                if id in first.session.required and id in second.session.required:
                    continue
                yield finding(
                    self, minutes, f"{id} would like to be in {first.session.id} and {second.session.id}, which share "
                    f"{minutes_of(minutes)} from {timetable.clock(second.start)}",
                    sessions=(first.session.id, second.session.id), people=(id,),
                    start=second.start, end=second.start + minutes,
                )
