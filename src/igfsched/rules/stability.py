"""How far a schedule is from one that people know already.

- `Moves`, `RoomChanges`: sessions that start at another time, or are in other rooms.
- `Displacement`: how far they have moved, and for whom it is another day or another part of the day.
- `Notice`: people who have to be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.comfort import DEFAULT_BANDS, Band, bands, price_by_minute
from igfsched.disruption import Disruption
from igfsched.grid import Instant, instant, local_date, local_time, minute_of, offset_at, offset_segments
from igfsched.primitives import Load, LoadGroup, Table, Unit, same_for
from igfsched.rule import Finding, Level, Per, Rule, finding
from igfsched.rules.common import is_level, minutes_of
from igfsched.schedule import Placement
from igfsched.timeline import DAY

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.programme import Person, Session
    from igfsched.timetable import Entry, Timetable

BY_STATE = Disruption()
"""What a move weighs unless said otherwise."""
Distance = Literal["minutes", "days", "local_days", "bands"]


def _placements(values: Iterable[Placement]) -> tuple[Placement, ...]:
    return tuple(values)


def _optional_instant(value: Instant | str | None) -> Instant | None:
    return None if value is None else instant(value)


@frozen(kw_only=True)
class ReferenceRule(Rule):
    """Base of the rules that compare with an earlier schedule, `reference`: a `Schedule` or its placements.

    A session that is not in the reference, or has no place now, counts nothing; nor does a placement of a
    session that the programme does not have any more.
    """

    level: Level = field(default="soft", validator=is_level)
    reference: tuple[Placement, ...] = field(converter=_placements)

    @reference.validator
    def _check(self, _: object, value: tuple[Placement, ...]) -> None:
        ids = [placement.session for placement in value]
        twice = sorted({id for id in ids if ids.count(id) > 1}) if len(set(ids)) < len(ids) else []
        if twice:
            raise ValueError(f"a session stands in a reference once, and {twice[0]!r} does more often")

    @cached_property
    def earlier(self) -> dict[str, Placement]:
        """The placements of the reference by session."""
        return {placement.session: placement for placement in self.reference}

    def start_before(self, session: Session) -> int | None:
        """Return the UTC minute at which a session starts in the reference, None if it is not there."""
        placement = self.earlier.get(session.id)
        return None if placement is None else placement.minutes[0]

    def moved(self, timetable: Timetable) -> Iterator[tuple[Entry, int]]:
        """Yield the entries that start at another time than in the reference, with that time."""
        for entry in timetable.entries:
            before = self.start_before(entry.session)
            if before is not None and before != entry.start:
                yield entry, before


@frozen(kw_only=True)
class Moves(ReferenceRule):
    """Sessions start when people were told.

    `reference` is what they were told: a schedule. `disruption` says what one move weighs, by the state of the
    session and by how soon it was to begin, counted from `now`; without a time of now nothing is soon. With
    `frozen`, only those sessions count that its `freeze` keeps where they are: those that run, are over, or begin
    within so many minutes of `now`. A hard rule with `frozen` is what repairs do anyway.

    Measure: for each session that starts at another time than in the reference, its weight: 1 for a draft, 2
    for one that is announced and 3 for one that is confirmed, unless `disruption` says otherwise. Changed rooms
    do not count. Soft unless said. To relax it, lower its weight, or take sessions out of the reference.
    """

    name: ClassVar[str] = "moves"
    summary: ClassVar[str] = "sessions start when people were told"
    unit: ClassVar[str] = "weighted sessions"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.state"})

    disruption: Disruption = BY_STATE
    now: Instant | None = field(default=None, converter=_optional_instant)
    frozen: bool = field(default=False)

    @frozen.validator
    def _check_now(self, _: object, value: bool) -> None:
        if value and self.now is None:
            raise ValueError("what is frozen is counted from a time of now, which is missing")

    def _weight(self, session: Session, before: int) -> int:
        """Return what a move of a session counts that was to begin at a UTC minute."""
        begins_in = None if self.now is None else before - minute_of(self.now)
        if self.frozen and begins_in is not None and not self.disruption.stays(begins_in):
            return 0
        return self.disruption.weight(session, begins_in)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for index, session in facts.each_session():
            before = self.start_before(session)
            if before is not None and (weight := self._weight(session, before)):
                price = weight * elsewhen(facts, before)
                yield Unit(rule=self, sentence=f"{session.id} starts when people were told", sessions=(index,),
                           subject=session.id,
                           primitives=[Table(session=index, time=same_for(facts.variants[index], price))])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry, before in self.moved(timetable):
            if weight := self._weight(entry.session, before):
                yield finding(self, weight, f"{entry.session.id} ({entry.session.state}) moves from "
                              f"{timetable.clock(before)} to {timetable.clock(entry.start)}",
                              sessions=(entry.session.id,), start=entry.start, end=entry.end)


@frozen(kw_only=True)
class RoomChanges(ReferenceRule):
    """Sessions are in the rooms that people were told.

    `reference` is what they were told: a schedule.

    Measure: for each session, the rooms that it uses and does not use in the reference. A session whose rooms
    are not known, then or now, counts 0. Soft unless said. To relax it, lower its weight, or take sessions out
    of the reference.
    """

    name: ClassVar[str] = "room_changes"
    summary: ClassVar[str] = "sessions are in the rooms that people were told"
    unit: ClassVar[str] = "rooms"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions", "rooms"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for index, session in facts.each_session():
            placement = self.earlier.get(session.id)
            if placement is None or not placement.rooms:
                continue
            others = np.ones(len(facts.programme.rooms), dtype=np.int64)
            others[[facts.room_index[room] for room in placement.rooms if room in facts.room_index]] = 0
            yield Unit(rule=self, sentence=f"{session.id} stays in {', '.join(placement.rooms)}", sessions=(index,),
                       subject=session.id, primitives=[Table(session=index, rooms=others)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.entries:
            placement = self.earlier.get(entry.session.id)
            if placement is None or not placement.rooms:
                continue
            new = sorted(set(entry.rooms) - set(placement.rooms))
            if new:
                yield finding(self, len(new), f"{entry.session.id} moves from {', '.join(placement.rooms)} to "
                              f"{', '.join(entry.rooms)}", sessions=(entry.session.id,), rooms=new,
                              start=entry.start, end=entry.end)


@frozen(kw_only=True)
class Displacement(ReferenceRule):
    """Sessions that move do not move far.

    `reference` is what people were told: a schedule. `bands` are those of `Comfort`, and so are the bands of
    people who have some of their own.

    Measure, by `measure`: `minutes`, for each session, the minutes from its start in the reference to its start
    now, either way; `days`, the programme days between the two, as for `Phases` (0 if one of them is on none);
    `local_days`, over sessions and their people with a zone, those for whom the two lie on different dates of
    their own clock; `bands`, likewise those for whom a minute at the two has another comfort price. Prerecorded
    sessions have no people here. Soft unless said. To relax it, lower its weight, or count with `moves` alone.
    """

    name: ClassVar[str] = "displacement"
    summary: ClassVar[str] = "sessions that move do not move far"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({
        "sessions", "sessions.people", "sessions.prerecorded", "people.zone", "people.comfort"})

    measure: Distance = field(default="minutes", validator=validators.in_(("minutes", "days", "local_days", "bands")))
    bands: tuple[Band, ...] = field(default=DEFAULT_BANDS, converter=bands)

    @property
    def measured_in(self) -> str:
        return {"minutes": "minutes", "days": "days"}.get(self.measure, "people")

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for index, session in facts.each_session():
            before = self.start_before(session)
            distance = None if before is None else self._by_start(facts, session, before)
            if distance is not None and distance.any():
                yield Unit(rule=self, sentence=f"{session.id} does not move far", sessions=(index,), subject=session.id,
                           primitives=[Table(session=index, time=same_for(facts.variants[index], distance))])

    def _by_start(self, facts: Facts, session: Session, before: int) -> Ints:
        """Return what starting a session at each tick counts."""
        if self.measure == "minutes":
            return np.abs(facts.minutes - before)
        if self.measure == "days":
            return facts.timeline.remember(("days from", before), partial(_days_from, facts, before))
        total = np.zeros(facts.n_ticks, dtype=np.int64)
        for id in session.attending:
            person = facts.programme.person(id)
            if person.zone is not None:
                total += facts.timeline.remember(
                    ("differs", self.measure, person.zone, person.comfort or self.bands, before),
                    partial(self._differs, facts, person, before))
        return total

    def _differs(self, facts: Facts, person: Person, before: int) -> Ints:
        """Return 1 for each start tick that is another day, or another band, of somebody's clock than a minute."""
        zone = person.zone
        assert zone is not None
        own = person.comfort or self.bands
        local = facts.timeline.remember(("local minutes", zone), partial(_local_minutes, facts, zone))
        then = before + offset_at(before, zone)
        if self.measure == "local_days":
            return np.asarray(local // DAY != then // DAY, dtype=np.int64)
        price = price_by_minute(own)
        return np.asarray(price[local % DAY] != price[then % DAY], dtype=np.int64)

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry, before in self.moved(timetable):
            people: tuple[str, ...] = ()
            if self.measure == "minutes":
                amount, what = abs(entry.start - before), f"by {minutes_of(abs(entry.start - before))}"
            elif self.measure == "days":
                dates = [day.date for day in timetable.programme.window.days]
                days = [timetable.day_of(minute) for minute in (before, entry.start)]
                amount = 0 if None in days else abs(dates.index(days[0]) - dates.index(days[1]))  # type: ignore[arg-type]
                what = f"by {amount} programme day{'s' * (amount != 1)}"
            else:
                people = tuple(id for id in entry.session.attending
                               if self._another(timetable.programme.person(id), before, entry.start))
                amount = len(people)
                what = f"to another {'day' if self.measure == 'local_days' else 'part of the day'} for {amount}"
            if amount:
                yield finding(self, amount, f"{entry.session.id} moves {what}, from {timetable.clock(before)} to "
                              f"{timetable.clock(entry.start)}", sessions=(entry.session.id,), people=people,
                              start=entry.start, end=entry.end)

    def _another(self, person: Person, before: int, after: int) -> bool:
        """Say whether two minutes lie on different days, or in bands of different prices, of somebody's clock."""
        zone = person.zone
        if zone is None:
            return False
        if self.measure == "local_days":
            return local_date(before, zone) != local_date(after, zone)
        prices = {next(band.price for band in person.comfort or self.bands if _holds(band, minute, zone))
                  for minute in (before, after)}
        return len(prices) > 1


@frozen(kw_only=True)
class Notice(ReferenceRule):
    """Few people have to be told that one of their sessions moves.

    `reference` is what they were told: a schedule.

    Measure: the people with a role in at least one session that starts at another time than in the reference.
    A person counts once, however many of their sessions move. Not for placeholders, nor for prerecorded
    sessions. Soft unless said. To relax it, lower its weight, or count with `moves` alone.
    """

    name: ClassVar[str] = "notice"
    summary: ClassVar[str] = "few people have to be told that one of their sessions moves"
    unit: ClassVar[str] = "people"
    per: ClassVar[Per] = "person"
    reads: ClassVar[frozenset[str] | None] = frozenset({
        "sessions.people", "sessions.prerecorded", "people.placeholder"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for id, slots in facts.each_person(required=False):
            if facts.programme.person(id).placeholder:
                continue
            groups = [
                LoadGroup(name=session.id, loads={
                    slot: same_for(facts.variants[slot], elsewhen(facts, before))})
                for slot in slots for session in (facts.session(slot),)
                if (before := self.start_before(session)) is not None
            ]
            if groups:
                # The largest of numbers that are 0 or 1: whether one of the sessions moves.
                yield Unit(rule=self, sentence=f"{id} need not be told of a move", sessions=slots, subject=id,
                           primitives=[Load(groups=groups)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        told: dict[str, list[str]] = {}
        for entry, _ in self.moved(timetable):
            for id in entry.session.attending:
                if not timetable.programme.person(id).placeholder:
                    told.setdefault(id, []).append(entry.session.id)
        for id, sessions in told.items():
            yield finding(self, 1, f"{id} has to be told that {', '.join(sessions)} move{'s' * (len(sessions) == 1)}",
                          sessions=sessions, people=(id,))


def elsewhen(facts: Facts, minute: int) -> Ints:
    """Return 1 for each start tick but that of a UTC minute, 0 for that one."""

    def made() -> Ints:
        return np.asarray(facts.minutes != minute, dtype=np.int64)

    return facts.timeline.remember(("elsewhen", minute), made)


def _days_from(facts: Facts, minute: int) -> Ints:
    """Return the programme days between a UTC minute and each start tick, 0 where one is on no programme day."""
    tick = int((minute - facts.origin) // facts.tick)
    day = int(facts.day_of_tick[tick]) if 0 <= tick < facts.n_ticks else -1
    if day < 0:
        return np.zeros(facts.n_ticks, dtype=np.int64)
    return np.where(facts.day_of_tick < 0, 0, np.abs(facts.day_of_tick - day))


def _local_minutes(facts: Facts, zone: str) -> Ints:
    """Return the wall clock of a zone at each tick, in minutes since its 1970-01-01."""
    segments = offset_segments(zone, int(facts.minutes[0]), int(facts.minutes[-1]) + 1)
    starts, offsets = (np.array(values, dtype=np.int64) for values in zip(*segments, strict=True))
    return np.asarray(facts.minutes + offsets[np.searchsorted(starts, facts.minutes, side="right") - 1], dtype=np.int64)


def _holds(band: Band, minute: int, zone: str) -> bool:
    """Say whether a band holds at a UTC minute, by the wall clock of a zone."""
    clock = f"{local_time(minute, zone):%H:%M}"
    if band.start < band.end:
        return band.start <= clock < band.end
    return clock >= band.start or clock < band.end
