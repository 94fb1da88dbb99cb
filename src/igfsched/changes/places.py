"""Changes of one session's place: moved by hand, pinned, freed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, ClassVar

from attrs import field, frozen

from igfsched.changes.base import (
    Change,
    known,
    known_session,
    placed_anew,
    placement_of,
    unplaced,
    with_session,
)
from igfsched.errors import Problem
from igfsched.grid import Instant, instant, text_of
from igfsched.programme import Programme
from igfsched.schedule import Placement, Schedule


def _optional_instant(value: str | datetime | None) -> Instant | None:
    return None if value is None else instant(value)


def _optional_rooms(value: Iterable[str] | str | None) -> tuple[str, ...] | None:
    return (value,) if isinstance(value, str) else None if value is None else tuple(value)


@frozen(kw_only=True)
class SessionMoved(Change):
    """A session is moved by hand: to another start, into other rooms, or both.

    It is at its new place even if that breaks rules, and a repair leaves it there. A session without
    a place gets one. What the programme asks of the session stays as it is, a fixed start too: move and
    pin it, in one batch, if the new place is to hold for good.
    """

    kind: ClassVar[str] = "session_moved"

    session: str
    start: Instant | None = field(default=None, converter=_optional_instant)
    rooms: tuple[str, ...] | None = field(default=None, converter=_optional_rooms)

    def __attrs_post_init__(self) -> None:
        if self.start is None and self.rooms is None:
            raise ValueError("a session is moved to another start, into other rooms, or both")

    @property
    def held(self) -> tuple[str, ...]:
        return (self.session,)

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known_session(programme, self.session)
        for index, room in enumerate(self.rooms or ()):
            yield from known("room", room, programme.rooms_by_id, f"$.rooms[{index}]")
        if len(set(self.rooms or ())) < len(self.rooms or ()):
            yield Problem(path="$.rooms", message="a room is named twice")
        if self.start is None:
            yield from unplaced(programme, schedule, self.session, "in which only the rooms could be others")

    def words(self, programme: Programme) -> str:
        start = "" if self.start is None else f" to {text_of(self.start)}"
        rooms = "" if self.rooms is None else f" into {', '.join(self.rooms) or 'an unknown room'}"
        return f"{self.session} is moved by hand{start}{rooms}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        fields: dict[str, Any] = {"start": self.start, "rooms": self.rooms}
        fields = {name: value for name, value in fields.items() if value is not None}
        if schedule.get(self.session) is not None:
            return programme, placed_anew(schedule, self.session, **fields)
        placement = Placement(session=self.session, duration=programme.session(self.session).duration, **fields)
        return programme, schedule.successor([placement])


@frozen(kw_only=True)
class SessionPinned(Change):
    """A session has to stay at its present start; with `room` also in its present room.

    Of several rooms the first is fixed: a programme fixes one.
    """

    kind: ClassVar[str] = "session_pinned"

    session: str
    room: bool = False

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known_session(programme, self.session)
        yield from unplaced(programme, schedule, self.session, "to be pinned to")
        placement = schedule.get(self.session)
        if self.room and placement is not None and not placement.rooms:
            yield Problem(path="$.room", message=f"the room of session {self.session} is not known")

    def words(self, programme: Programme) -> str:
        return f"{self.session} has to stay at its present start{' and in its present room' * self.room}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        placement = placement_of(schedule, self.session)
        room = {"fixed_room": placement.rooms[0]} if self.room else {}
        return with_session(programme, self.session, fixed_start=placement.start, **room), schedule


@frozen(kw_only=True)
class SessionFreed(Change):
    """A session no longer has a fixed start or a fixed room."""

    kind: ClassVar[str] = "session_freed"

    session: str

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known_session(programme, self.session)

    def words(self, programme: Programme) -> str:
        return f"{self.session} is free to start at another time and in another room."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        return with_session(programme, self.session, fixed_start=None, fixed_room=None), schedule
