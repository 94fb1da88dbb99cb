"""Which rooms a session may use, how many, and when they are open.

- `RoomChoice`: rooms suit the sessions in them.
- `RoomCount`: a session uses as many rooms as it needs.
- `RoomAvailability`: nothing runs in a room that is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import frozen

from igfsched.grid import merge_spans, overlap
from igfsched.primitives import Table, Unit
from igfsched.programme import Room, Session
from igfsched.rule import Finding, Per, Rule, finding
from igfsched.rules.common import minutes_of

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.timetable import Timetable


@frozen(kw_only=True)
class RoomChoice(Rule):
    """Each room that a session uses suits it.

    Measure: 1 for each session and room that it uses which lacks a feature that the session needs, is
    smaller than its capacity, is not among `Session.rooms` (if given), or is reserved and not named by
    the session (in `rooms` or as `fixed_room`). However many of these hold, a room counts once. A room
    without a capacity is big enough. To relax it, ask for less, or make the rule soft.
    """

    name: ClassVar[str] = "room_choice"
    summary: ClassVar[str] = "rooms have what their sessions need, and are open to them"
    unit: ClassVar[str] = "rooms"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({
        "sessions.features", "sessions.capacity", "sessions.rooms", "sessions.fixed_room", "rooms"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        rooms = facts.programme.rooms
        costs: dict[tuple[object, ...], Ints] = {}
        for index, session in facts.each_session():
            key = (session.features, session.capacity, session.rooms, session.fixed_room)
            if key not in costs:
                unsuited = np.zeros(len(rooms), dtype=np.int64)
                for number, room in enumerate(rooms):
                    named = room.id in session.rooms
                    closed_to_it = bool(session.rooms) and not named
                    kept_for_others = room.reserved and not named and room.id != session.fixed_room
                    lacks = not set(session.features) <= set(room.features)
                    small = session.capacity is not None and room.capacity is not None and (
                        room.capacity < session.capacity)
                    unsuited[number] = closed_to_it or kept_for_others or lacks or small
                costs[key] = unsuited
            if costs[key].any():
                yield Unit(rule=self, sentence=f"{session.id} is in a room that suits it", sessions=(index,),
                           subject=session.id, primitives=[Table(session=index, rooms=costs[key])])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.entries:
            for id in entry.rooms:
                faults = _faults(entry.session, timetable.programme.room(id))
                if faults:
                    yield finding(self, 1, f"{entry.session.id} is in {id}, which {' and '.join(faults)}",
                                  sessions=(entry.session.id,), rooms=(id,), start=entry.start, end=entry.end)


def _faults(session: Session, room: Room) -> list[str]:
    """Return why a room does not suit a session, in words."""
    faults = []
    missing = [feature for feature in session.features if feature not in room.features]
    if missing:
        faults.append(f"lacks {', '.join(missing)}")
    if session.capacity is not None and room.capacity is not None and session.capacity > room.capacity:
        faults.append(f"holds {room.capacity} of {session.capacity}")
    if session.rooms:
        if room.id not in session.rooms:
            faults.append("is not one of its rooms")
    elif room.reserved and session.fixed_room != room.id:
        faults.append("is reserved for others")
    return faults


@frozen(kw_only=True)
class RoomCount(Rule):
    """A session uses as many rooms at the same time as it needs.

    Measure: for each session whose rooms are known, how far their number is from `Session.room_count`,
    either way. The engine only ever makes schedules that keep to it, so the rule states nothing to it
    and speaks in audits alone. To relax it, change `room_count`.
    """

    name: ClassVar[str] = "room_count"
    summary: ClassVar[str] = "sessions use as many rooms as they need"
    unit: ClassVar[str] = "rooms"
    reads: ClassVar[frozenset[str] | None] = frozenset()

    def lower(self, facts: Facts) -> Iterator[Unit]:
        yield Unit(rule=self, sentence="sessions use as many rooms as they need", primitives=[])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.entries:
            needed, used = entry.session.room_count, len(entry.rooms)
            if used and used != needed:
                yield finding(self, abs(used - needed), f"{entry.session.id} needs {needed} room{'s' * (needed > 1)} "
                              f"and has {used}: {', '.join(entry.rooms)}", sessions=(entry.session.id,),
                              rooms=entry.rooms, start=entry.start, end=entry.end)


@frozen(kw_only=True)
class RoomAvailability(Rule):
    """Nothing runs in a room while it is closed.

    Measure: for each session and room that it uses, its minutes inside `Room.closed`. The changeover
    after a session may fall into a closed time. To relax it, shorten the closed times of the room.
    """

    name: ClassVar[str] = "room_availability"
    summary: ClassVar[str] = "nothing runs in a closed room"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions", "rooms"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for number, room in enumerate(facts.programme.rooms):
            if not room.closed:
                continue
            tables = facts.by_session(self, (number, room), self._tables(facts, number, room))
            yield facts.once(self, (number, room, facts.alive), partial(
                Unit, rule=self, sentence=f"nothing runs in {room.id} while it is closed", primitives=tables.values()))

    @staticmethod
    def _tables(facts: Facts, number: int, room: Room) -> Callable[[int], Table]:
        """Return what makes the table of a session for a room that is closed at times."""
        spans = tuple(merge_spans([span.minutes for span in room.closed]))

        def cost(duration: int) -> Ints:
            return facts.timeline.remember(("closed", spans, duration), lambda: facts.minutes_within(spans, duration))

        def table(slot: int) -> Table:
            time = {v: cost(int(facts.variant_minutes[v])) for v in facts.variants[slot]}
            return Table(session=slot, room_time={number: time})

        return table

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for room in timetable.programme.rooms:
            closed = merge_spans([span.minutes for span in room.closed])
            for entry in timetable.in_room(room) if closed else ():
                minutes = sum(overlap((entry.start, entry.end), span) for span in closed)
                if minutes:
                    yield finding(self, minutes, f"{entry.session.id} runs {minutes_of(minutes)} in {room.id} while it "
                                  f"is closed, at {timetable.clock(entry.start)}", sessions=(entry.session.id,),
                                  rooms=(room.id,), start=entry.start, end=entry.end)
