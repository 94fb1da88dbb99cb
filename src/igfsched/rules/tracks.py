"""A track in its blocks, and in which order its sessions are.

- `ParallelRooms`: a track is in one room at a time.
- `TrackOrder`, `Position`: sessions have their places in the order of their track.

Blocks and cells are those of `igfsched.rules.blocks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import field, frozen

from igfsched.primitives import Alert, Axis, Footprint, Pair, Shape, Unit, Watch
from igfsched.rule import Finding, Level, Rule, finding
from igfsched.rules.blocks import (
    block_of,
    by_track,
    cell_axis,
    cells_by_track,
    named,
)
from igfsched.rules.common import is_level
from igfsched.rules.gaps import blocks_of_ticks
from igfsched.tuples import to_texts
from igfsched.window import filled, whole

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.programme import Programme
    from igfsched.timetable import Entry, Timetable


@frozen(kw_only=True)
class ParallelRooms(Rule):
    """A track is in one room at a time.

    Measure: over tracks and blocks (opening blocks of days), the rooms in which the track has a session in that
    block, beyond the first. Soft unless said. To relax it, lower its weight.
    """

    name: ClassVar[str] = "parallel_rooms"
    summary: ClassVar[str] = "a track is in one room at a time"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.track", "tracks", "rooms"})
    unit: ClassVar[str] = "rooms"

    level: Level = field(default="soft", validator=is_level)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis, segments = cell_axis(facts), np.arange(len(facts.programme.window.blocks), dtype=np.int64)
        for track, members in by_track(facts).items():
            if members:
                yield Unit(rule=self, sentence=f"track {track} is in one room at a time", sessions=members,
                           primitives=[Shape(footprint=Footprint(members=members, axis=axis), segments=segments,
                                             beyond=1)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for track, cells in cells_by_track(timetable).items():
            rooms: dict[int, list[str]] = {}
            for block, room in cells:
                rooms.setdefault(block, []).append(room)
            for block, used in rooms.items():
                if len(used) > 1:
                    yield finding(self, len(used) - 1, f"track {track} is in {', '.join(used)} in "
                                  f"{named(timetable, block)}", rooms=used)


@frozen(kw_only=True)
class Position:
    """The place of a session in the order of its track, 1 for the first."""

    session: str = field(validator=filled)
    position: int = field(validator=whole(1))


def _positions(values: Iterable[Position]) -> tuple[Position, ...]:
    return tuple(values)


@frozen(kw_only=True)
class TrackOrder(Rule):
    """Sessions have their places in the order of their track.

    `positions` says which session is to be the first of its track, the second, and so on; not all need to be named.
    The order is by block (an opening block of a day), within a block by the place of the room in `rooms`, then by
    start. Rooms that are not among `rooms` come last, and are not told apart. One session comes before another if it
    does in one of the rooms that they use.

    Measure: for each session that is named and has a place, 1 if the sessions of its track that come before it are
    not `position - 1` in number. Nothing comes before or after a session that starts in no block or whose rooms are
    not known. Soft unless said. To relax it, name fewer sessions.
    """

    name: ClassVar[str] = "track_order"
    summary: ClassVar[str] = "sessions have their places in the order of their track"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.track", "rooms"})
    unit: ClassVar[str] = "sessions"

    level: Level = field(default="soft", validator=is_level)
    positions: tuple[Position, ...] = field(converter=_positions)
    rooms: tuple[str, ...] = field(default=(), converter=to_texts)

    @positions.validator
    def _check(self, _: object, value: tuple[Position, ...]) -> None:
        ids = [row.session for row in value]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise ValueError(f"a session has one position, and {twice[0]!r} has several")

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis, before = _order(facts, self.rooms)
        tracks = by_track(facts)
        for row in self.positions:
            own = facts.session_index[row.session]
            others = [slot for slot in tracks.get(facts.session(own).track, ()) if slot != own]
            alerts = [Alert(conditions=[Pair(first=other, second=own, kind="matrix", axis=axis, prices=before)])
                      for other in others]
            most = max(len(others), row.position) + 1
            yield Unit(
                rule=self, sentence=f"{row.session} is number {row.position} of its track", sessions=(own, *others),
                primitives=[Watch(alerts=alerts, only_if=own,
                                  prices=[int(number + 1 != row.position) for number in range(most + 1)])],
            )

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        programme = timetable.programme
        last = len(self.rooms)
        place = {room: number for number, room in enumerate(self.rooms)}
        keys: dict[str, list[tuple[int, int, int]]] = {}
        tracks: dict[str, list[Entry]] = {}
        for entry in timetable.entries:
            block = block_of(programme.window, entry)
            keys[entry.session.id] = [] if block is None else [
                (block, place.get(room, last), entry.start) for room in entry.rooms]
            tracks.setdefault(entry.session.track, []).append(entry)
        for row in self.positions:
            own = timetable.by_session.get(row.session)
            if own is None:
                continue
            others = [entry for entry in tracks[own.session.track] if entry is not own] if own.session.track else []
            before = sum(any(a < b for a in keys[entry.session.id] for b in keys[row.session]) for entry in others)
            if before != row.position - 1:
                yield finding(self, 1, f"{row.session} is number {before + 1} of its track instead of {row.position}",
                              sessions=(row.session,), start=own.start, end=own.end)

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        known = programme.sessions_by_id
        for index, row in enumerate(self.positions):
            if row.session not in known:
                yield f"positions[{index}].session", row.session, tuple(known)
        rooms = programme.rooms_by_id
        yield from ((f"rooms[{index}]", room, tuple(rooms))
                    for index, room in enumerate(self.rooms) if room not in rooms)


def _order(facts: Facts, in_order: tuple[str, ...]) -> tuple[Axis, Ints]:
    """Return the axis of starts inside blocks x rooms, and which of its classes come before which others."""
    block = blocks_of_ticks(facts)
    inside = np.flatnonzero(block >= 0)
    of_tick = np.full(facts.n_ticks, -1, dtype=np.int64)
    of_tick[inside] = np.arange(len(inside))
    rooms = len(facts.programme.rooms)
    axis = Axis(facts=facts, name="start and room", of_tick=of_tick, room_class=np.arange(rooms, dtype=np.int64))
    number = np.arange(len(inside) * rooms)
    start, room = number // max(rooms, 1), number % max(rooms, 1)
    place = np.array([in_order.index(r.id) if r.id in in_order else len(in_order) for r in facts.programme.rooms],
                     dtype=np.int64)
    # One number for block, place of the room and start, so that comparing two is one operation.
    key = (block[inside][start] * (len(in_order) + 1) + (place[room] if rooms else 0)) * facts.n_ticks + inside[start]
    return axis, (key[:, None] < key[None, :]).astype(np.int64)
