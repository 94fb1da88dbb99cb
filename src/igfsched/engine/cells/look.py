"""Whether a programme is one of blocks and cells, and what its groups, blocks and slots are.

- `Cells`: all of it; `cells_of`: the cells of a lowered programme, None if it is of another kind.
- `Seen`: its soft terms, by what a model of cells makes of them.
"""

from __future__ import annotations

from functools import cached_property, reduce
from math import gcd

import numpy as np
from attrs import field, frozen

from igfsched.engine.rooms import one_at_a_time
from igfsched.engine.slots import live
from igfsched.facts import Ints
from igfsched.lowering import HARD, Lowered, Term
from igfsched.primitives import Axis, Footprint, Meet, Pair, Shape, Tally, Watch, sessions_of

MOST_STARTS = 2_000
"""Starts up to which a programme may be one of blocks and slots."""


@frozen(eq=False)
class Seen:
    """The soft terms of the one tier, each with its weight, by kind. `unseen` are those that a model leaves out.

    - `prices`: (group or -1 for whoever is there, price by block and room, weight)
    - `rooms`: (group, weight of each room beyond the first)
    - `parallel`: (group, weight of each room beyond the first in one block)
    - `breaks`: (group, weight, whether only the first break counts)
    - `meetings`: (group, group, weight) of two groups in one block in different rooms
    - `apart`: (session, session, weight) of two sessions of different groups in one block
    - `orders`: (session, number of sessions of its group that should come before it, weight)
    - `within`: terms about sessions of one group that cost nothing while it is in one room at a time
    """

    prices: list[tuple[int, Ints, int]] = field(factory=list)
    rooms: list[tuple[int, int]] = field(factory=list)
    parallel: list[tuple[int, int]] = field(factory=list)
    breaks: list[tuple[int, int, bool]] = field(factory=list)
    meetings: list[tuple[int, int, int]] = field(factory=list)
    apart: list[tuple[int, int, int]] = field(factory=list)
    orders: list[tuple[int, int, int]] = field(factory=list)
    within: list[Term] = field(factory=list)
    unseen: list[Term] = field(factory=list)


@frozen(eq=False)
class Cells:
    """A programme of blocks and cells.

    `groups`: the sessions of each. `starts`: by block, the start ticks of its slots. `need`: slots that a session
    takes, shape `(sessions,)`. `step`: ticks in a slot. `axis`: cells.
    """

    lowered: Lowered
    axis: Axis
    groups: tuple[tuple[int, ...], ...]
    starts: tuple[Ints, ...]
    step: int
    need: Ints

    @property
    def tier(self) -> int:
        """The one tier of soft rules."""
        return self.lowered.tiers[0]

    @cached_property
    def slots(self) -> Ints:
        """Number of slots of each block."""
        return np.array([len(own) for own in self.starts], dtype=np.int64)

    @cached_property
    def group_of(self) -> dict[int, int]:
        """The group of each session."""
        return {session: g for g, sessions in enumerate(self.groups) for session in sessions}

    @property
    def n_rooms(self) -> int:
        return self.axis.room_classes

    def fewest(self, total: int) -> int:
        """Return how many cells so many slots fill at least."""
        sizes = np.sort(np.repeat(self.slots, self.n_rooms))[::-1]
        return int(np.searchsorted(np.cumsum(sizes), total)) + 1

    @cached_property
    def room_classes(self) -> tuple[tuple[int, ...], ...]:
        """Rooms that no price tells apart; which room of a class a group has is settled afterwards."""
        found: dict[bytes, list[int]] = {}
        for room in range(self.n_rooms):
            key = b"".join(table[:, room].tobytes() for _, table, _ in self.seen.prices)
            key += self.lowered.room_prices[self.tier][:, room].tobytes()
            found.setdefault(key, []).append(room)
        return tuple(tuple(rooms) for rooms in found.values())

    @cached_property
    def price(self) -> Ints:
        """What a block costs a session at least by its starts, shape `(sessions, blocks)`; -1 where it cannot be."""
        facts = self.lowered.facts
        found = np.full((facts.n, len(self.starts)), -1, dtype=np.int64)
        for session, _ in live(facts):
            (variant,) = facts.variants[session]
            for b, ticks in enumerate(self.starts):
                columns = np.searchsorted(facts.starts, ticks)
                able = self.lowered.allowed[variant, columns]
                if able.any():
                    found[session, b] = self.lowered.prices[self.tier][variant, columns][able].min()
        return found

    @cached_property
    def seen(self) -> Seen:
        """The soft terms, by what a model makes of them."""
        seen = Seen()
        for term in self.lowered.terms:
            if term.tier != HARD and not self._sort(term, seen):
                (seen.within if self._within(term) else seen.unseen).append(term)
        return seen

    def _within(self, term: Term) -> bool:
        """Say whether a term costs nothing while a group is in one room at a time."""
        primitive = term.primitive
        if len({self.group_of[session] for session in sessions_of(primitive)}) != 1:
            return False
        if isinstance(primitive, Pair):
            return primitive.kind == "elsewhere" and self._is_cell(primitive.axis)
        return (isinstance(primitive, Tally) and not primitive.footprints and primitive.demand is None
                and primitive.axis.of_tick is None and primitive.axis.room_class is None
                and not primitive.axis.padded and primitive.count.kind in ("over", "pairs")
                and (primitive.count.kind == "pairs" or int(np.min(primitive.count.cap)) >= 1))

    def _sort(self, term: Term, seen: Seen) -> bool:
        """Put a soft term where it belongs; say whether there is such a place."""
        primitive, weight = term.primitive, term.weight
        if isinstance(primitive, Shape):
            return self._shape(primitive, weight, seen)
        if isinstance(primitive, Meet):
            groups = [self._group(footprint) for footprint in (primitive.first, primitive.second)]
            if None in groups or not self._is_cell(primitive.axis) or groups[0] == groups[1]:
                return False
            seen.meetings.append((groups[0], groups[1], weight))  # type: ignore[arg-type]
            return True
        if isinstance(primitive, Pair):
            if primitive.kind != "elsewhere" or primitive.scale != 1 or not self._is_cell(primitive.axis):
                return False
            if self.group_of[primitive.first] == self.group_of[primitive.second]:
                return False
            seen.apart.append((primitive.first, primitive.second, weight))
            return True
        return isinstance(primitive, Watch) and self._order(primitive, weight, seen)

    def _shape(self, shape: Shape, weight: int, seen: Seen) -> bool:
        axis, group = shape.footprint.axis, self._group(shape.footprint)
        blocks, rooms = len(self.starts), self.n_rooms
        if shape.kind == "price" and self._is_cell(axis) and shape.prices is not None:
            everybody = set(shape.footprint.members) >= set(self.group_of)
            if group is None and not everybody:
                return False
            table = np.zeros(blocks * rooms, dtype=np.int64)
            table[: len(shape.prices)] = shape.prices[: blocks * rooms]
            seen.prices.append((-1 if group is None else group, table.reshape(blocks, rooms), weight))
            return True
        if group is None:
            return False
        if shape.kind == "size" and shape.beyond == 1 and shape.most is None:
            if self._is_cell(axis) and shape.segments is not None and len(np.unique(shape.segments)) == len(
                    shape.segments) >= blocks and (shape.segments >= 0).all():
                seen.parallel.append((group, weight))
                return True
            if self._is_room(axis) and shape.segments is None:
                seen.rooms.append((group, weight))
                return True
        if shape.kind == "breaks" and shape.segments is None and not shape.beyond and axis.room_class is None and (
                self._same_blocks(axis)) and shape.most in (None, 1):
            seen.breaks.append((group, weight, shape.most == 1))
            return True
        return False

    def _order(self, watch: Watch, weight: int, seen: Seen) -> bool:
        """Take a watch that counts the sessions of one group that come before one of them."""
        session = watch.only_if
        if session is None or watch.prices is None or not watch.alerts:
            return False
        if any(alert.only_if is not None or len(alert.conditions) != 1 for alert in watch.alerts):
            return False
        pairs = [alert.conditions[0] for alert in watch.alerts]
        if not all(isinstance(pair, Pair) and pair.kind == "matrix" and pair.second == session for pair in pairs):
            return False
        others = {pair.first for pair in pairs if isinstance(pair, Pair)}
        if others | {session} != set(self.groups[self.group_of[session]]) or len(others) != len(pairs):
            return False
        axes = {id(pair.axis): pair for pair in pairs if isinstance(pair, Pair)}
        if not all(self._in_order(pair) for pair in axes.values()):
            return False
        free = [number for number, price in enumerate(watch.prices) if price == 0]
        paid = {price for price in watch.prices if price}
        if len(free) > 1 or len(paid) != 1:
            return False
        seen.orders.append((session, free[0] if free else len(watch.prices), weight * paid.pop()))
        return True

    def _in_order(self, pair: Pair) -> bool:
        """Say whether a matrix asks if the first is in an earlier block, or in the same cell and starts earlier."""
        axis, matrix = pair.axis, pair.prices
        ticks = np.concatenate(self.starts)
        if axis.of_tick is None or axis.reach != 1 or matrix is None or axis.room_classes != self.n_rooms:
            return False
        rooms = self.n_rooms
        cell = (axis.of_tick[ticks][:, None] * rooms + np.arange(rooms)[None, :]).ravel()
        block = np.repeat(np.concatenate([np.full(len(own), b) for b, own in enumerate(self.starts)]), rooms)
        room, start = np.tile(np.arange(rooms), len(ticks)), np.repeat(ticks, rooms)
        if (axis.of_tick[ticks] < 0).any() or not _each_room(axis, rooms):
            return False
        part = matrix[np.ix_(cell, cell)] > 0
        earlier = block[:, None] < block[None, :]
        here = (block[:, None] == block[None, :]) & (room[:, None] == room[None, :])
        expected = np.where(here, start[:, None] < start[None, :], earlier)
        beside = (block[:, None] == block[None, :]) & ~here
        return bool((part == expected)[~beside].all())

    def _group(self, footprint: Footprint) -> int | None:
        """Return the group whose sessions a footprint has, None if it has others."""
        group = self.group_of.get(footprint.members[0]) if footprint.members else None
        return group if group is not None and set(footprint.members) == set(self.groups[group]) else None

    def _same_blocks(self, axis: Axis) -> bool:
        if axis.of_tick is None or axis.reach != 1 or axis.minutes is not None:
            return False
        return all((axis.of_tick[ticks] == b).all() for b, ticks in enumerate(self.starts))

    def _is_cell(self, axis: Axis) -> bool:
        return self._same_blocks(axis) and _each_room(axis, self.n_rooms)

    def _is_room(self, axis: Axis) -> bool:
        return axis.of_tick is not None and axis.reach == 1 and not axis.of_tick.any() and _each_room(
            axis, self.n_rooms)


def cells_of(lowered: Lowered) -> Cells | None:
    """Return the cells of a programme, None if it is none of blocks and cells with one tier of soft rules."""
    facts = lowered.facts
    rooms = len(lowered.programme.rooms)
    if not rooms or len(lowered.tiers) != 1 or len(facts.starts) > MOST_STARTS or not lowered.all_must_be_placed:
        return None
    if not lowered.room_allowed[list(facts.alive)].all() or any(tier == HARD for tier, *_ in lowered.room_times):
        return None
    if any(value.room_count != 1 or len(facts.variants[slot]) != 1 for slot, value in live(facts)):
        return None
    purity = None
    for term in lowered.terms:
        if term.tier != HARD:
            continue
        tally = term.primitive
        if not isinstance(tally, Tally):
            return None
        if one_at_a_time(tally, facts) and isinstance(tally.axis.after, int) and tally.axis.after == 0 and _each_room(
                tally.axis, rooms):
            continue
        if purity is not None or not tally.footprints or tally.members or not _each_room(tally.axis, rooms):
            return None
        if tally.count.kind != "over" or not isinstance(tally.count.cap, int) or tally.count.cap != 1:
            return None
        purity = tally
    if purity is None or purity.axis.of_tick is None or purity.axis.reach != 1:
        return None
    return _with_slots(lowered, purity)


def _with_slots(lowered: Lowered, purity: Tally) -> Cells | None:
    facts, axis = lowered.facts, purity.axis
    assert axis.of_tick is not None
    groups = tuple(footprint.members for footprint in purity.footprints)
    members = [session for group in groups for session in group]
    if sorted(members) != sorted(facts.alive):
        return None
    block = axis.of_tick[facts.starts]
    if (block < 0).any():
        return None
    starts = [facts.starts[block == b] for b in range(int(block.max()) + 1)]
    lengths = [int(facts.variant_ticks[facts.variants[session][0]]) for session in members]
    gaps = [int(gap) for own in starts for gap in np.diff(own)]
    step = reduce(gcd, [*gaps, *lengths])
    if any(gap != step for gap in gaps) or any(not len(own) for own in starts):
        return None
    need = np.zeros(facts.n, dtype=np.int64)
    need[members] = np.array(lengths, dtype=np.int64) // step
    for session in members:
        allowed = lowered.allowed[facts.variants[session][0]]
        for b, own in enumerate(starts):
            able = allowed[block == b]
            fits = np.arange(len(own)) + need[session] <= len(own)
            if able.any() and (able != fits).any():
                return None
    return Cells(lowered, axis, groups, tuple(starts), step, need)


def _each_room(axis: Axis, rooms: int) -> bool:
    """Say whether each room is a class of its own, in order."""
    return axis.room_class is not None and len(axis.room_class) == rooms and bool(
        (axis.room_class == np.arange(rooms)).all())
