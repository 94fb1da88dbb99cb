"""Changes of rooms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import attrs
from attrs import field, frozen

from igfsched.changes.base import Change, known, remade, some, spans_in_words, with_one
from igfsched.changes.references import rules_without_room
from igfsched.changes.spans import in_vain, spans_less
from igfsched.errors import Problem
from igfsched.grid import Span
from igfsched.programme import Programme, Room, Session
from igfsched.schedule import Schedule
from igfsched.tuples import to_spans


@frozen(kw_only=True)
class RoomClosed(Change):
    """A room cannot be used during some times."""

    kind: ClassVar[str] = "room_closed"

    room: str
    spans: tuple[Span, ...] = field(converter=to_spans, validator=some)

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known("room", self.room, programme.rooms_by_id, "$.room")

    def words(self, programme: Programme) -> str:
        return f"Room {self.room} is closed {spans_in_words(self.spans)}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        closed = programme.room(self.room).closed + self.spans
        return remade(programme, rooms=with_one(programme.rooms, self.room, closed=closed)), schedule


@frozen(kw_only=True)
class RoomReopened(Change):
    """A room can be used again during some times: exactly these are no longer closed.

    Each of the times has to take something away.
    """

    kind: ClassVar[str] = "room_reopened"

    room: str
    spans: tuple[Span, ...] = field(converter=to_spans, validator=some)

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known("room", self.room, programme.rooms_by_id, "$.room")
        if self.room in programme.rooms_by_id:
            yield from in_vain(self.spans, programme.room(self.room).closed, f"room {self.room} is not closed")

    def words(self, programme: Programme) -> str:
        return f"Room {self.room} is open again {spans_in_words(self.spans)}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        closed = spans_less(programme.room(self.room).closed, self.spans)
        return remade(programme, rooms=with_one(programme.rooms, self.room, closed=closed)), schedule


@frozen(kw_only=True)
class RoomAdded(Change):
    """There is a room more. A programme without rooms does not say where sessions are, and cannot get its first so."""

    kind: ClassVar[str] = "room_added"

    room: Room

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        if self.room.id in programme.rooms_by_id:
            yield Problem(path="$.room.id", message=f"there already is a room {self.room.id!r}")
        elif not programme.rooms:
            yield Problem(path="$.room", message="the programme has no rooms: with its first one, all sessions "
                                                 "would have to share it")

    def words(self, programme: Programme) -> str:
        return f"Room {self.room.id} is added."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        return remade(programme, rooms=(*programme.rooms, self.room)), schedule


@frozen(kw_only=True)
class RoomRemoved(Change):
    """A room is no longer there.

    Sessions that are in it keep their time and their other rooms. A session no longer names it as a room
    that it may use or as its fixed room; one that might use no other may then use any that is not reserved.
    The last room cannot be removed: a programme without rooms is one that does not say where sessions are.
    """

    kind: ClassVar[str] = "room_removed"

    room: str

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known("room", self.room, programme.rooms_by_id, "$.room")
        if tuple(programme.rooms_by_id) == (self.room,):
            yield Problem(path="$.room", message=f"{self.room} is the last room")

    def words(self, programme: Programme) -> str:
        return f"Room {self.room} is no longer there."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        rooms = tuple(room for room in programme.rooms if room.id != self.room)
        moved = [
            attrs.evolve(placement, rooms=tuple(room for room in placement.rooms if room != self.room))
            for placement in schedule if self.room in placement.rooms
        ]
        sessions = tuple(map(self._released, programme.sessions))
        schedule = schedule.successor(moved, without=[placement.session for placement in moved])
        rules = rules_without_room(programme.rules, self.room)
        return remade(programme, rooms=rooms, sessions=sessions, rules=rules), schedule

    def _released(self, session: Session) -> Session:
        if self.room != session.fixed_room and self.room not in session.rooms:
            return session
        return attrs.evolve(session, rooms=tuple(room for room in session.rooms if room != self.room),
                            fixed_room=None if session.fixed_room == self.room else session.fixed_room)
