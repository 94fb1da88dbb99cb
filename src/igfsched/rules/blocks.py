"""Blocks and cells: a block is an opening block of a day, a cell is a block in one room.

- `CellTracks`: the sessions in a cell are of one track.
- `CellPrices`, `CellPrice`: what it costs a track to be in a block or a room.
- `SimilarTracks`: tracks that are alike are not in one block.
- `PairsApart`: pairs of sessions do not share a slot, or a block in different rooms.
- `cell_axis`: the axis of cells; `block_of`: the block of an entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.primitives import PLENTY, Axis, Count, Footprint, Meet, Pair, Shape, Tally, Unit
from igfsched.rule import Finding, Level, Rule, finding
from igfsched.rules.common import is_level
from igfsched.rules.gaps import blocks_of_ticks
from igfsched.timeline import Timeline
from igfsched.window import whole

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.programme import Programme, Window
    from igfsched.timetable import Entry, Timetable

Cell = tuple[int, str]
"""The number of a block and the id of a room."""


def cell_axis(facts: Facts) -> Axis:
    """Return the axis of cells; the same one as long as there are as many rooms."""
    rooms = len(facts.programme.rooms)
    return facts.lengths.remember(("cells", rooms), lambda: Axis(
        facts=facts, name="cell", of_tick=blocks_of_ticks(facts), room_class=np.arange(rooms, dtype=np.int64)))


def by_track(facts: Facts) -> dict[str, tuple[int, ...]]:
    """Return the slots of the sessions of each track, in order."""
    found: dict[str, list[int]] = {track: [] for track in facts.programme.track_ids}
    for slot in facts.alive:
        if facts.session(slot).track:
            found[facts.session(slot).track].append(slot)
    return {track: tuple(slots) for track, slots in found.items()}


def block_of(window: Window, entry: Entry) -> int | None:
    """Return the number of the block in which an entry starts, None if it starts in none."""
    return next((n for n, (_, start, end) in enumerate(window.blocks) if start <= entry.start < end), None)


def cells_by_track(timetable: Timetable) -> dict[str, dict[Cell, list[Entry]]]:
    """Return, by track, its cells with its entries in them, tracks and cells in order."""
    found: dict[str, dict[Cell, list[Entry]]] = {}
    position = {room.id: n for n, room in enumerate(timetable.programme.rooms)}
    for entry in timetable.entries:
        block = block_of(timetable.programme.window, entry)
        for room in entry.rooms if block is not None and entry.session.track else ():
            found.setdefault(entry.session.track, {}).setdefault((block, room), []).append(entry)  # type: ignore[arg-type]
    return {track: dict(sorted(cells.items(), key=lambda item: (item[0][0], position[item[0][1]])))
            for track, cells in sorted(found.items())}


def named(timetable: Timetable, block: int) -> str:
    """Return a block in words."""
    return f"the block of {timetable.clock(timetable.programme.window.blocks[block][1])}"


@frozen(kw_only=True)
class CellTracks(Rule):
    """In one block a room holds sessions of one track.

    A block is an opening block of a day; a session belongs to the block in which it starts. Sessions without a
    track do not count.

    Measure: over blocks and rooms, the tracks beyond the first that have a session there. To relax it, make it
    soft.
    """

    name: ClassVar[str] = "cell_tracks"
    summary: ClassVar[str] = "in one block a room holds sessions of one track"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.track", "tracks", "rooms"})
    unit: ClassVar[str] = "tracks"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis = cell_axis(facts)
        prints = [Footprint(members=slots, axis=axis) for slots in by_track(facts).values() if slots]
        if prints:  # also of one track: that there are cells is what the engine looks for
            yield Unit(rule=self, sentence="in one block a room holds sessions of one track",
                       sessions=tuple(slot for one in prints for slot in one.members),
                       primitives=[Tally(footprints=tuple(prints), axis=axis, count=Count(kind="over", cap=1))])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        tracks: dict[Cell, list[str]] = {}
        held: dict[Cell, list[Entry]] = {}
        for track, cells in cells_by_track(timetable).items():
            for cell, entries in cells.items():
                tracks.setdefault(cell, []).append(track)
                held.setdefault(cell, []).extend(entries)
        for (block, room), found in sorted(tracks.items()):
            if len(found) > 1:
                yield finding(
                    self, len(found) - 1, f"{room} holds {', '.join(found)} in {named(timetable, block)}",
                    sessions=sorted(entry.session.id for entry in held[block, room]), rooms=(room,),
                )


@frozen(kw_only=True)
class CellPrice:
    """What a cell costs; each part that is given must hold. Blocks count from 0; no `track`: whichever is there."""

    price: int = field(validator=whole(0))
    track: str = ""
    block: int | None = field(default=None, validator=whole(0))
    room: str = ""


def _cell_prices(values: Iterable[CellPrice]) -> tuple[CellPrice, ...]:
    return tuple(values)


@frozen(kw_only=True)
class CellPrices(Rule):
    """Tracks are in the blocks and the rooms that are cheap for them.

    A cell is a block in one room; a track is in it if one of its sessions is. A price without tracks is paid for
    each cell in which any session is, once.

    Measure: over the tracks, for each cell that a track is in, the prices of track, block and room, added up.
    Soft unless said. To relax it, lower its weight, or the prices.
    """

    name: ClassVar[str] = "cell_prices"
    summary: ClassVar[str] = "tracks are in the blocks and the rooms that are cheap for them"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.track", "tracks", "rooms"})
    unit: ClassVar[str] = "price"

    level: Level = field(default="soft", validator=is_level)
    prices: tuple[CellPrice, ...] = field(converter=_cell_prices)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis, blocks = cell_axis(facts), len(facts.programme.window.blocks)
        tracks = by_track(facts)
        cost: dict[str, Ints] = {}
        for row in self.prices:
            table = cost.setdefault(row.track, np.zeros((blocks, axis.room_classes), dtype=np.int64))
            there = slice(None) if row.block is None else slice(row.block, row.block + 1)
            table[there, facts.room_index[row.room] if row.room else slice(None)] += row.price
        for track, table in cost.items():
            members = tracks[track] if track else facts.alive
            if members and table.any():
                yield Unit(rule=self, sentence=f"{track or 'every session'} is in cheap blocks and rooms",
                           sessions=members, primitives=[Shape(
                               footprint=Footprint(members=members, axis=axis), kind="price", prices=table.ravel())])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        used: dict[Cell, list[str]] = {}
        for entry in timetable.entries:
            block = block_of(timetable.programme.window, entry)
            for room in entry.rooms if block is not None else ():
                tracks = used.setdefault((block, room), [])  # type: ignore[arg-type]
                if entry.session.track not in tracks:
                    tracks.append(entry.session.track)
        for (block, room), tracks in sorted(used.items()):
            for track in [*sorted(track for track in tracks if track), ""]:
                price = sum(row.price for row in self.prices
                            if track == row.track and row.block in (None, block) and row.room in ("", room))
                if price:
                    yield finding(self, price, f"{track or 'whatever'} in {room} in {named(timetable, block)} costs "
                                  f"{price}", rooms=(room,))

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        for index, row in enumerate(self.prices):
            if row.track and row.track not in programme.track_ids:
                yield f"prices[{index}].track", row.track, programme.track_ids
            if row.room and row.room not in programme.rooms_by_id:
                yield f"prices[{index}].room", row.room, tuple(programme.rooms_by_id)


Names = tuple[str, str]


def _pairs(values: Iterable[Iterable[str]]) -> tuple[Names, ...]:
    pairs = [tuple(sorted(value)) for value in values]
    if any(len(pair) != 2 or pair[0] == pair[1] for pair in pairs):
        raise ValueError("a pair is two different names")
    return tuple(sorted(set(pairs)))  # type: ignore[arg-type]


@frozen(kw_only=True)
class SimilarTracks(Rule):
    """Tracks that are alike are not in one block.

    `track_pairs` are tracks two by two.

    Measure: for each pair and block, the pairs of different rooms of which one holds sessions of the first track
    and the other sessions of the second. Soft unless said. To relax it, name fewer pairs.
    """

    name: ClassVar[str] = "similar_tracks"
    summary: ClassVar[str] = "tracks that are alike are not in one block"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.track", "tracks", "rooms"})
    unit: ClassVar[str] = "pairs of rooms"

    level: Level = field(default="soft", validator=is_level)
    track_pairs: tuple[Names, ...] = field(converter=_pairs)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis = cell_axis(facts)
        prints = {track: Footprint(members=slots, axis=axis) for track, slots in by_track(facts).items()}
        for a, b in self.track_pairs:
            if prints[a].members and prints[b].members:
                yield Unit(rule=self, sentence=f"{a} and {b} are not in one block",
                           sessions=(*prints[a].members, *prints[b].members),
                           primitives=[Meet(first=prints[a], second=prints[b])])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        cells = cells_by_track(timetable)
        for a, b in self.track_pairs:
            rooms: dict[int, list[tuple[str, str]]] = {}
            for block, room in cells.get(a, ()):
                for other, their_room in cells.get(b, ()):
                    if block == other and room != their_room:
                        rooms.setdefault(block, []).append((room, their_room))
            for block, found in sorted(rooms.items()):
                yield finding(self, len(found), f"{a} and {b} are both in {named(timetable, block)}, in "
                              f"{found[0][0]} and {found[0][1]}", rooms=sorted({room for two in found for room in two}))

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        known = programme.track_ids
        for index, pair in enumerate(self.track_pairs):
            yield from ((f"track_pairs[{index}]", name, known) for name in pair if name not in known)


Within = Literal["slot", "block"]


@frozen(kw_only=True)
class PairsApart(Rule):
    """Pairs of sessions are not at the same time.

    `pairs` are ids of sessions two by two. The same time is, by `within`, the same `slot` (a start of the grid), or
    the same `block` (an opening block of a day) in different rooms: who wants both can be in one room.

    Measure: over the pairs, for `slot` the starts of the grid inside the opening hours at which both run; for
    `block` 1 if both start in one block and share no room. Sessions whose rooms are not known share no block. To
    relax it, name fewer pairs.
    """

    name: ClassVar[str] = "pairs_apart"
    summary: ClassVar[str] = "pairs of sessions are not in one slot, or not in one block in different rooms"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions", "rooms"})
    unit: ClassVar[str] = "slots, or pairs"

    pairs: tuple[Names, ...] = field(converter=_pairs)
    within: Within = field(default="block", validator=validators.in_(("slot", "block")))

    @property
    def measured_in(self) -> str:
        return "slots" if self.within == "slot" else "pairs"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis, count = cell_axis(facts), None
        if self.within == "slot":
            cap = np.full(facts.n_ticks, PLENTY, dtype=np.int64)
            inside = facts.starts[blocks_of_ticks(facts)[facts.starts] >= 0]
            cap[inside] = 1
            count = Count(kind="over", cap=cap)
            axis = facts.lengths.remember("slots", lambda: Axis(facts=facts, name="slot"))
        for a, b in self.pairs:
            first, second = facts.session_index[a], facts.session_index[b]
            yield Unit(rule=self, sentence=f"{a} and {b} are not in one {self.within}", sessions=(first, second),
                       primitives=[Pair(first=first, second=second, kind="elsewhere", axis=axis) if count is None
                                   else Tally(members=(first, second), axis=axis, count=count)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        window = timetable.programme.window
        starts = self._starts(timetable) if self.within == "slot" else []
        for a, b in self.pairs:
            first, second = timetable.by_session.get(a), timetable.by_session.get(b)
            if first is None or second is None:
                continue
            if self.within == "slot":
                begin, end = max(first.start, second.start), min(first.end, second.end)
                amount, where = sum(begin <= start < end for start in starts), f"at {timetable.clock(begin)}"
            else:
                block = block_of(window, first)
                amount = int(block is not None and block == block_of(window, second) and bool(first.rooms)
                             and bool(second.rooms) and not set(first.rooms) & set(second.rooms))
                where = "" if block is None else f"in {named(timetable, block)}, in different rooms"
            if amount:
                yield finding(self, amount, f"{a} and {b} are both {where}", sessions=(a, b))

    @staticmethod
    def _starts(timetable: Timetable) -> list[int]:
        """Return the minutes at which the grid lets sessions start, those outside the opening hours left out."""
        window = timetable.programme.window
        return [int(minute) for minute in Timeline(window, everywhere=False).start_minutes
                if any(start <= minute < end for _, start, end in window.blocks)]

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        known = tuple(programme.sessions_by_id)
        for index, pair in enumerate(self.pairs):
            yield from ((f"pairs[{index}]", name, known) for name in pair if name not in programme.sessions_by_id)
