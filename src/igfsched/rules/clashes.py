"""What may not run at the same time because rooms or people are needed twice.

- `RoomClash`: one session in a room at a time, with idle minutes after each.
- `PersonClash`: nobody is needed in two sessions at once.
- `Rest`: nor in two with too little time between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import field, frozen, validators

from igfsched.primitives import Axis, Count, Tally, Unit, ticks
from igfsched.programme import whole
from igfsched.rule import Finding, Per, Rule, finding
from igfsched.rules.common import minutes_of
from igfsched.timetable import Entry, overlapping

if TYPE_CHECKING:
    from igfsched.facts import Facts
    from igfsched.timetable import Timetable

PAIRS = Count(kind="pairs")
BUSY = frozenset({"sessions.people", "sessions.prerecorded", "sessions.prepare_before", "sessions.prepare_after",
                  "people.placeholder"})
"""What a person's busy times depend on."""
MOST_REST = 720
"""Minutes of the longest rest: ticks reach a day beyond the last programme day, a rest must not reach further."""


@frozen(kw_only=True)
class RoomClash(Rule):
    """A room holds one session at a time and is idle for its changeover after each.

    Measure: for each room and pair of sessions in it, the minutes in which both run, each lengthened
    by the room's changeover at its end. A session whose room is not known is in no room. To relax it,
    add a room, or shorten the changeover.
    """

    name: ClassVar[str] = "room_clash"
    summary: ClassVar[str] = "a room holds one session at a time, with a changeover between two"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions", "rooms", "changeover"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        programme = facts.programme
        by_changeover: dict[int, list[int]] = {}
        for index, room in enumerate(programme.rooms):
            by_changeover.setdefault(programme.changeover_of(room), []).append(index)
        for changeover, rooms in by_changeover.items():
            key = (changeover, tuple(rooms), tuple(programme.rooms_by_id), facts.alive)
            yield facts.once(self, key, partial(self._unit, facts, changeover, rooms))

    def _unit(self, facts: Facts, changeover: int, rooms: list[int]) -> Unit:
        """Return the unit of all rooms with one changeover."""
        room_class = np.full(len(facts.programme.rooms), -1, dtype=np.int64)
        room_class[rooms] = np.arange(len(rooms))
        axis = Axis(facts=facts, name="room x tick", after=changeover // facts.tick, room_class=room_class,
                    width=facts.tick)
        names = ", ".join(facts.programme.rooms[room].id for room in rooms)
        return Unit(rule=self, sentence=f"one session at a time in {names}, {changeover} minutes between two",
                    primitives=[Tally(members=facts.alive, axis=axis, count=PAIRS)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for room in timetable.programme.rooms:
            changeover = timetable.programme.changeover_of(room)
            for first, second, minutes in overlapping(timetable.in_room(room), after=changeover):
                yield finding(
                    self, minutes, f"{first.session.id} and {second.session.id} need {room.id} at the same time for "
                    f"{minutes} minutes (changeover of {changeover} included), from {timetable.clock(second.start)}",
                    sessions=(first.session.id, second.session.id), rooms=(room.id,),
                    start=second.start, end=second.start + minutes,
                )


@frozen(kw_only=True)
class PersonClash(Rule):
    """Nobody is required in two sessions at the same time.

    Measure: for each person and pair of sessions that require them, the minutes in which both keep
    them busy, from `prepare_before` the start to `prepare_after` the end. Not for placeholders. To relax
    it, make one of the roles optional, or shorten the preparation.
    """

    name: ClassVar[str] = "person_clash"
    summary: ClassVar[str] = "nobody is required in two sessions at once"
    per: ClassVar[Per] = "person"
    reads: ClassVar[frozenset[str] | None] = BUSY

    def lower(self, facts: Facts) -> Iterator[Unit]:
        yield from _one_at_a_time(self, facts, 0, "is in one session at a time")

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for person, entries in timetable.required_of.items():
            for first, second, minutes in _busy_twice(timetable, person, entries, 0):
                own = timetable.own_time(second.start, person)
                yield finding(
                    self, minutes, f"{person} is needed in {first.session.id} and {second.session.id} at the same time "
                    f"for {minutes} minutes, from {timetable.clock(second.start)}" + (f" ({own})" if own else ""),
                    sessions=(first.session.id, second.session.id), people=(person,),
                    start=second.start, end=second.start + minutes,
                )


@frozen(kw_only=True)
class Rest(Rule):
    """People have a rest between one session that requires them and the next.

    Measure: for each person and pair of sessions that require them, the minutes by which the time between
    the two (from `prepare_after` the end of one to `prepare_before` the start of the other) falls short of
    `minutes`; minutes in which both keep the person busy count on top. `minutes` is 720 at most. Not for
    placeholders. To relax it, shorten the rest.
    """

    name: ClassVar[str] = "rest"
    summary: ClassVar[str] = "people have a rest between two sessions that require them"
    per: ClassVar[Per] = "person"
    reads: ClassVar[frozenset[str] | None] = BUSY

    minutes: int = field(default=30, validator=[whole(1), validators.in_(range(MOST_REST + 1))])

    @property
    def lengths(self) -> tuple[int, ...]:
        return (self.minutes,)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        yield from _one_at_a_time(self, facts, self.minutes, f"has {minutes_of(self.minutes)} between two sessions")

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for person, entries in timetable.required_of.items():
            for first, second, minutes in _busy_twice(timetable, person, entries, self.minutes):
                own = timetable.own_time(second.start, person)
                yield finding(
                    self, minutes, f"{person} lacks {minutes_of(minutes)} of a rest of {self.minutes} between "
                    f"{first.session.id} and {second.session.id}, before {timetable.clock(second.start)}"
                    + (f" ({own})" if own else ""),
                    sessions=(first.session.id, second.session.id), people=(person,),
                    start=second.start, end=second.start + minutes,
                )


def _one_at_a_time(rule: Rule, facts: Facts, rest: int, words: str) -> Iterator[Unit]:
    """State, for each person, the pair minutes of all sessions that require them, each lengthened by a rest."""
    axis = facts.once(rule, "axis", lambda: _busy(facts, rest), about=facts.slots.prepared)
    for person, sessions in facts.each_person(required=True):
        if len(sessions) > 1 and not facts.programme.person(person).placeholder:
            yield Unit(rule=rule, sentence=f"{person} {words}", sessions=sessions, subject=person,
                       primitives=[Tally(members=sessions, axis=axis, count=PAIRS)])


def _busy(facts: Facts, rest: int) -> Axis:
    """Return the axis of the ticks in which a session keeps its people busy, lengthened by a rest."""
    before, after = facts.slots.prepared
    return ticks(facts, "busy tick", before=before // facts.tick, after=(after + rest) // facts.tick)


def _busy_twice(
    timetable: Timetable, person: str, entries: list[Entry], rest: int
) -> Iterator[tuple[Entry, Entry, int]]:
    """Yield pairs of a person's entries, preparation included, that meet when lengthened by a rest; how long."""
    if len(entries) > 1 and not timetable.programme.person(person).placeholder:
        busy = sorted((_with_preparation(entry) for entry in entries), key=lambda entry: entry.start)
        yield from overlapping(busy, after=rest)


def _with_preparation(entry: Entry) -> Entry:
    session = entry.session
    return Entry(session, entry.start - session.prepare_before, entry.end + session.prepare_after, entry.rooms)
