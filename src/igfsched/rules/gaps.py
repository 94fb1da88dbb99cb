"""Gaps and spans: what lies between the first and the last of a room, a track or a person.

- `Idle`: no gaps in the day of a room or of a track.
- `PersonDays`, `PersonSpan`: people are needed on few days, and for a short part of each.
- `TrackRooms`: a track stays in its room.
- `ConsecutiveTracks`: a track uses blocks that follow one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.grid import Span, day_start, local_date, merge_spans, subtract_spans
from igfsched.primitives import Axis, Footprint, Shape, Unit, ticks
from igfsched.programme import whole
from igfsched.rule import Finding, Level, Per, Rule, finding
from igfsched.rules.common import ChosenRule, groups_of, is_level, minutes_of
from igfsched.rules.people import IN_ROLES
from igfsched.rules.workload import local_days
from igfsched.selector import EVERY, Selector
from igfsched.tuples import to_spans

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.timetable import Entry, Timetable

Within = Literal["day", "block"]


@frozen(kw_only=True)
class Idle(ChosenRule):
    """There are no gaps in the day of a room, or of a track.

    `of`: whether rooms are looked at, or tracks. `within`: whether a gap lies in a programme day, or in an opening
    block, so that a break between two blocks is none. `selector` confines the rule to some sessions.

    Measure: for each room (or track) and day (or block), the minutes between the first and the last in which a
    chosen session runs there, less those in which one does. A minute belongs to the day of the opening block
    that it lies in, else to its date in the window's zone. A session whose rooms are not known is in no room.
    Soft unless said. To relax it, lower its weight.
    """

    name: ClassVar[str] = "idle"
    summary: ClassVar[str] = "there are no gaps in the day of a room, or of a track"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions", "sessions.track", "rooms"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    of: Literal["rooms", "tracks"] = field(default="rooms", validator=validators.in_(("rooms", "tracks")))
    within: Within = field(default="day", validator=validators.in_(("day", "block")))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        slots = facts.select(self.selector)
        segments = facts.day_of_tick if self.within == "day" else blocks_of_ticks(facts)
        if self.of == "tracks":
            for track, own in groups_of("track", facts, slots).items():
                yield facts.once(self, (track, own), partial(self._unit, f"track {track}", own, ticks(facts), segments))
        elif slots and facts.programme.rooms:
            rooms = tuple(facts.programme.rooms_by_id)
            axis = facts.once(self, ("axis", len(rooms)), lambda: Axis(
                facts=facts, name="room x tick", room_class=np.arange(len(rooms)), width=facts.tick),
                about=facts.lengths)
            yield facts.once(self, (rooms, slots), partial(self._unit, "any room", slots, axis, segments))

    def _unit(self, what: str, slots: tuple[int, ...], axis: Axis, segments: Ints) -> Unit:
        shape = Shape(footprint=Footprint(members=slots, axis=axis), kind="idle", segments=segments)
        return Unit(rule=self, sentence=f"no gaps in a {self.within} of {what}", sessions=slots, primitives=[shape])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        parts = days_of(timetable) if self.within == "day" else _blocks(timetable.programme.window.blocks)
        groups: dict[str, list[Entry]] = {}
        for entry in timetable.chosen(timetable.programme.select(self.selector)):
            names = entry.rooms if self.of == "rooms" else filter(None, (entry.session.track,))
            for name in dict.fromkeys(names):
                groups.setdefault(name, []).append(entry)
        for name, entries in groups.items():
            for spans in parts:
                used = merge_spans([
                    (max(entry.start, start), min(entry.end, end)) for entry in entries for start, end in spans
                    if max(entry.start, start) < min(entry.end, end)])
                if used:
                    idle = used[-1][1] - used[0][0] - sum(end - start for start, end in used)
                    if idle:
                        yield finding(
                            self, idle, f"{name} is idle for {minutes_of(idle)} between {timetable.clock(used[0][0])} "
                            f"and {timetable.clock(used[-1][1])}", rooms=(name,) if self.of == "rooms" else (),
                            sessions=[e.session.id for e in entries if e.start < used[-1][1] and e.end > used[0][0]],
                            start=used[0][0], end=used[-1][1])


@frozen(kw_only=True)
class PersonDays(Rule):
    """People are needed on few days.

    Days are those of the person's own zone (of the window's zone, if the person has none); a session belongs to
    the day on which it starts.

    Measure: over people, the days on which a session requires the person, beyond `most`. Not for placeholders.
    Soft unless said. To relax it, raise `most`, or make some of the roles optional.
    """

    name: ClassVar[str] = "person_days"
    summary: ClassVar[str] = "people are needed on few days"
    unit: ClassVar[str] = "days"
    per: ClassVar[Per] = "person"
    reads: ClassVar[frozenset[str] | None] = IN_ROLES | {"people.zone"}

    level: Level = field(default="soft", validator=is_level)
    most: int = field(default=1, validator=whole(0))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for id, slots in facts.each_person(required=True):
            person = facts.programme.person(id)
            if not person.placeholder and len(slots) > self.most:
                axis = local_days(facts, person.zone or facts.programme.window.zone)
                shape = Shape(footprint=Footprint(members=slots, axis=axis), beyond=self.most)
                yield Unit(rule=self, sentence=f"{id} is needed on at most {self.most} day{'s' * (self.most != 1)}",
                           sessions=slots, subject=id, primitives=[shape])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for id, entries in timetable.required_of.items():
            person = timetable.programme.person(id)
            zone = person.zone or timetable.programme.window.zone
            days = sorted({local_date(entry.start, zone) for entry in entries})
            if not person.placeholder and len(days) > self.most:
                yield finding(self, len(days) - self.most, f"{id} is needed on {len(days)} days ({zone}): "
                              f"{', '.join(map(str, days))}", sessions=[entry.session.id for entry in entries],
                              people=(id,))


@frozen(kw_only=True)
class PersonSpan(Rule):
    """People are needed for a short part of each of their days.

    Days are those of the person's own zone (of the window's zone, if the person has none); a session past
    midnight belongs to both days, to each with its minutes.

    Measure: over people and their days, the minutes from the first in which a session requires the person to the
    last, beyond `free`. Preparation does not count, nor do placeholders. Soft unless said. To relax it, raise
    `free`, or make some of the roles optional.
    """

    name: ClassVar[str] = "person_span"
    summary: ClassVar[str] = "people are needed for a short part of each of their days"
    per: ClassVar[Per] = "person"
    reads: ClassVar[frozenset[str] | None] = IN_ROLES | {"people.zone"}

    level: Level = field(default="soft", validator=is_level)
    free: int = field(default=0, validator=whole(0))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis = ticks(facts)
        for id, slots in facts.each_person(required=True):
            person = facts.programme.person(id)
            if person.placeholder:
                continue
            days = local_days(facts, person.zone or facts.programme.window.zone).of_tick
            shape = Shape(footprint=Footprint(members=slots, axis=axis), kind="extent", segments=days, beyond=self.free)
            yield Unit(rule=self, sentence=f"{id} is needed for a short time each day", sessions=slots, subject=id,
                       primitives=[shape])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for id, entries in timetable.required_of.items():
            person = timetable.programme.person(id)
            zone = person.zone or timetable.programme.window.zone
            ends: dict[date, tuple[int, int]] = {}
            for entry in () if person.placeholder else entries:
                for day, start, end in _by_local_day(entry, zone):
                    first, last = ends.get(day, (start, end))
                    ends[day] = min(first, start), max(last, end)
            for day, (first, last) in ends.items():
                if last - first > self.free:
                    yield finding(
                        self, last - first - self.free, f"{id} is needed from {timetable.clock(first, zone)} to "
                        f"{timetable.clock(last, zone)} on {day}", people=(id,), start=first, end=last,
                        sessions=[e.session.id for e in entries if e.start < last and e.end > first])


@frozen(kw_only=True)
class TrackRooms(ChosenRule):
    """The sessions of a track stay in one room, so that nobody has to hop.

    `daily`: whether a track may change its room from one programme day to the next.

    Measure: for each track (and programme day, by the starts of sessions, as for `Phases`), the rooms that its
    chosen sessions use, beyond 1. A session whose rooms are not known is in no room; with `daily`, a start on no
    programme day does not count. Soft unless said. To relax it, choose fewer sessions.
    """

    name: ClassVar[str] = "track_rooms"
    summary: ClassVar[str] = "the sessions of a track stay in one room"
    unit: ClassVar[str] = "rooms"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.track", "rooms"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    daily: bool = False

    def lower(self, facts: Facts) -> Iterator[Unit]:
        rooms = tuple(facts.programme.rooms_by_id)
        if not rooms:
            return
        axis = facts.once(self, ("axis", len(rooms)), lambda: Axis(
            facts=facts, name="day x room" if self.daily else "room", room_class=np.arange(len(rooms)),
            of_tick=facts.day_of_tick if self.daily else np.zeros(facts.n_ticks, dtype=np.int64)), about=facts.lengths)
        segments = np.arange(len(facts.days)) if self.daily else None
        for track, slots in groups_of("track", facts, facts.select(self.selector)).items():
            yield facts.once(self, (track, slots, rooms), partial(self._unit, track, slots, axis, segments))

    def _unit(self, track: str, slots: tuple[int, ...], axis: Axis, segments: Ints | None) -> Unit:
        shape = Shape(footprint=Footprint(members=slots, axis=axis), segments=segments, beyond=1)
        return Unit(rule=self, sentence=f"track {track} stays in one room", sessions=slots, primitives=[shape])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        used: dict[tuple[str, date | None], list[Entry]] = {}
        for entry in timetable.chosen(timetable.programme.select(self.selector)):
            day = timetable.day_of(entry.start) if self.daily else None
            if entry.session.track and (day is not None or not self.daily):
                used.setdefault((entry.session.track, day), []).append(entry)
        for (track, day), entries in used.items():
            rooms = sorted({room for entry in entries for room in entry.rooms})
            if len(rooms) > 1:
                when = f" on {day}" if day else ""
                yield finding(self, len(rooms) - 1, f"track {track} uses {len(rooms)} rooms{when}: {', '.join(rooms)}",
                              sessions=[entry.session.id for entry in entries], rooms=rooms)


@frozen(kw_only=True)
class ConsecutiveTracks(ChosenRule):
    """The sessions of a track are in blocks that follow one another.

    Blocks are the opening blocks of all days, in order, or those of `blocks`, if given. A session belongs to the
    block in which it starts. `most`: no track counts more than that (no limit, unless said).

    Measure: for each track, the unbroken runs of blocks that its chosen sessions use, less 1. A start in no block
    does not count. Soft unless said. To relax it, choose fewer sessions.
    """

    name: ClassVar[str] = "consecutive_tracks"
    summary: ClassVar[str] = "the sessions of a track are in blocks that follow one another"
    unit: ClassVar[str] = "breaks"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.track"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    blocks: tuple[Span, ...] = field(default=(), converter=to_spans)
    most: int | None = field(default=None, validator=whole(1))

    @blocks.validator
    def _check(self, _: object, value: tuple[Span, ...]) -> None:
        spans = [span.minutes for span in value]
        if any(end > start for (_, end), (start, _) in pairwise(spans)):
            raise ValueError("blocks come one after the other, and do not overlap")

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis = facts.once(self, "axis", partial(self._axis, facts), about=facts.lengths)
        for track, slots in groups_of("track", facts, facts.select(self.selector)).items():
            if len(slots) > 1:
                yield facts.once(self, (track, slots), partial(self._unit, track, slots, axis))

    def _axis(self, facts: Facts) -> Axis:
        if not self.blocks:
            return Axis(facts=facts, name="block", of_tick=blocks_of_ticks(facts))
        number = np.full(facts.n_ticks, -1, dtype=np.int64)
        for index, span in enumerate(self.blocks):
            start, end = span.minutes
            number[(facts.minutes >= start) & (facts.minutes < end)] = index
        return Axis(facts=facts, name="block", of_tick=number)

    def _unit(self, track: str, slots: tuple[int, ...], axis: Axis) -> Unit:
        shape = Shape(footprint=Footprint(members=slots, axis=axis), kind="breaks", most=self.most)
        return Unit(rule=self, sentence=f"track {track} is in blocks that follow one another", sessions=slots,
                    primitives=[shape])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        blocks = [span.minutes for span in self.blocks] or [
            (start, end) for _, start, end in timetable.programme.window.blocks]
        used: dict[str, dict[int, list[str]]] = {}
        for entry in timetable.chosen(timetable.programme.select(self.selector)):
            number = next((n for n, (start, end) in enumerate(blocks) if start <= entry.start < end), None)
            if number is not None and entry.session.track:
                used.setdefault(entry.session.track, {}).setdefault(number, []).append(entry.session.id)
        for track, by_block in used.items():
            numbers = sorted(by_block)
            breaks = sum(b - a > 1 for a, b in pairwise(numbers))
            counted = breaks if self.most is None else min(breaks, self.most)
            if counted:
                yield finding(self, counted, f"track {track} has {breaks} break{'s' * (breaks > 1)} between the blocks "
                              "that it uses", sessions=[id for number in numbers for id in by_block[number]])


def blocks_of_ticks(facts: Facts) -> Ints:
    """Return the number of the opening block in which each tick lies, -1 for none."""

    def made() -> Ints:
        number = np.full(facts.n_ticks, -1, dtype=np.int64)
        for index, (_, start, end) in enumerate(facts.programme.window.blocks):
            number[(facts.minutes >= start) & (facts.minutes < end)] = index
        return number

    return facts.timeline.remember("blocks of ticks", made)


def days_of(timetable: Timetable) -> list[list[tuple[int, int]]]:
    """Return the spans of UTC minutes that belong to each programme day, as for `Phases`."""
    window = timetable.programme.window
    found = []
    for day in window.days:
        own = [(start, end) for date, start, end in window.blocks if date == day.date]
        others = [(start, end) for date, start, end in window.blocks if date != day.date]
        calendar = (day_start(day.date, window.zone), day_start(day.date + timedelta(days=1), window.zone))
        found.append(merge_spans([*own, *subtract_spans([calendar], others)]))
    return found


def _blocks(blocks: Iterable[tuple[date, int, int]]) -> list[list[tuple[int, int]]]:
    return [[(start, end)] for _, start, end in blocks]


def _by_local_day(entry: Entry, zone: str) -> Iterator[tuple[date, int, int]]:
    """Yield the parts of an entry by the local days of a zone."""
    start = entry.start
    while start < entry.end:
        day = local_date(start, zone)
        end = min(entry.end, day_start(day + timedelta(days=1), zone))
        yield day, start, end
        start = end
