"""A repair on a slot grid as columns and rows: who may be in which slot, in the room that was told or in another one.

- `Columns`: what each place of each session costs, and which limits it counts in. Arrays only.
- `columns_of`: the columns of a repair; None where sessions overlap in other ways than by slots, or rooms cost.
- `may_be_slots`: whether it is worth to look.

Where sessions run at the same time or not at all, rooms for all are a matter of counts (Hall's theorem), also when some
hold the room that they were told: whoever holds one is confined to it. So a session in a slot is two columns, in its
own room and in any other, and rows of counts say all that there is to say of rooms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from attrs import frozen

from igfsched.engine.candidates import Candidates
from igfsched.engine.rooms import Pools, one_at_a_time, unions
from igfsched.engine.slots import by_slot, live
from igfsched.facts import Bools, Facts, Ints
from igfsched.lowering import HARD, Lowered
from igfsched.primitives import Axis, Tally, looks_at_rooms, slot_starts
from igfsched.stakes import Stakes, only


@frozen(eq=False, kw_only=True)
class Columns:
    """Places of sessions, two columns each where a room was told, ordered by session.

    `session`, `variant`, `tick`, `slot`, `room`: shape `(columns,)`; the room is the one that is held, -1 where any
    other is meant. `cost`: `(levels, columns)`, moves, changed rooms, and the tiers, each in multiples of its `unit`.
    `home`: where nothing changes. `column`, `row`, `amount`: what columns count in rows, ordered by column; `most`:
    the limits of the rows.

    `all_hard`: whether the rows are all hard rules. `all_soft`: whether the costs are all of the score.
    """

    session: Ints
    variant: Ints
    tick: Ints
    slot: Ints
    room: Ints
    cost: Ints
    unit: tuple[int, ...]
    home: Bools
    column: Ints
    row: Ints
    amount: Ints
    most: Ints
    all_hard: bool
    all_soft: bool

    def __len__(self) -> int:
        return len(self.session)

    def sums(self, by_row: Ints) -> Ints:
        """Return what each column's rows have together, by amounts: shape `(columns,)`."""
        sums = np.concatenate([[0], np.cumsum(by_row[self.row] * self.amount)])
        edges = np.searchsorted(self.column, np.arange(len(self) + 1))
        found: Ints = sums[edges[1:]] - sums[edges[:-1]]
        return found

    def loads(self, chosen: Bools) -> Ints:
        """Return what some columns count in each row."""
        inside = chosen[self.column]
        return np.bincount(
            self.row[inside], weights=self.amount[inside], minlength=len(self.most)).astype(np.int64)


class Rows(NamedTuple):
    """What columns count in rows, by entries, and the limits of the rows, which are numbered from 0."""

    column: Ints
    row: Ints
    amount: Ints
    most: Ints


def columns_of(lowered: Lowered, stakes: Stakes, mask: Bools | None = None) -> Columns | None:
    """Return the columns of a repair on the starts of a mask `(variants, starts)`, None: all that are allowed."""
    facts = lowered.facts
    if not may_be_slots(facts):
        return None
    close = np.diff(facts.starts)[None, :] < facts.variant_ticks[:, None]
    if (lowered.allowed[:, :-1] & lowered.allowed[:, 1:] & close).any():
        return None  # some session reaches from one of its starts to the next
    pools = Pools(lowered, split=True)
    if not _rooms_are_counted(lowered, stakes, pools):
        return None
    places = _places(lowered, stakes, mask)
    pause = max(0, int(pools.changeover.max(initial=0)))
    first = slot_starts(places.tick, places.tick + facts.variant_ticks[places.variant] + pause)
    if first is None or len(np.unique(places.session)) < len(facts.alive):
        return None
    slot = np.searchsorted(first, places.tick)
    held = _held(lowered, stakes)[places.session]
    rows, all_hard = _counts(lowered, places)
    if lowered.programme.rooms:
        own = _rooms(lowered, stakes, places, slot, held)
        if own is None:
            return None
        rows += own
    return _assembled(lowered, stakes, places, slot, held, rows, all_hard)


def may_be_slots(facts: Facts) -> bool:
    """Say whether starts are so far apart that the shortest session does not reach from one to the next."""
    apart, lengths = np.diff(facts.starts), facts.variant_ticks
    return not len(apart) or not len(lengths) or int(apart.min()) >= int(lengths.min())


def _rooms_are_counted(lowered: Lowered, stakes: Stakes, pools: Pools) -> bool:
    """Say whether each session needs one room, no room is dearer than another, and none is ever closed."""
    if not lowered.programme.rooms:
        return not any(looks_at_rooms(term.primitive) for term in lowered.terms)
    return not (
        (pools.changeover < 0).any() or lowered.room_times
        or any(price.any() for price in lowered.room_prices.values())
        or any(value.room_count != 1 or len(stakes.reference.rooms[session]) > 1
               for session, value in live(lowered.facts))
        or any(len(stakes.present.rooms[session]) != 1 for session in stakes.kept)
        or any(looks_at_rooms(term.primitive) and not (
            isinstance(term.primitive, Tally) and term.tier == HARD and one_at_a_time(term.primitive, lowered.facts))
            for term in lowered.terms)
    )


def _places(lowered: Lowered, stakes: Stakes, mask: Bools | None) -> Candidates:
    """Return all places in time, those who are kept having one, ordered by session."""
    wide = lowered.allowed.copy() if mask is None else lowered.allowed & mask
    if not stakes.kept:
        return Candidates.where(lowered, wide)
    wide[[variant for session in stakes.kept for variant in lowered.facts.variants[session]]] = False
    free, kept = Candidates.where(lowered, wide), Candidates.at(lowered, only(stakes.present, stakes.kept))
    order = np.argsort(np.concatenate([free.session, kept.session]), kind="stable")
    return Candidates(
        lowered, np.concatenate([free.variant, kept.variant])[order], np.concatenate([free.tick, kept.tick])[order],
        {tier: np.concatenate([free.prices[tier], kept.prices[tier]])[order] for tier in lowered.tiers})


def _among(lowered: Lowered, those: Iterable[int]) -> Bools:
    """Return which sessions are among some."""
    found = np.zeros(lowered.facts.n, dtype=bool)
    found[list(those)] = True
    return found


def _held(lowered: Lowered, stakes: Stakes) -> Ints:
    """Return the room that each session may hold: that of the reference, or, of who is kept, its own; -1: none."""
    found = np.full(lowered.facts.n, -1, dtype=np.int64)
    for session, _ in live(lowered.facts) if lowered.programme.rooms else ():
        rooms = stakes.present.rooms[session] if session in stakes.kept else stakes.reference.rooms[session]
        if rooms and (session in stakes.kept or lowered.room_allowed[session, rooms[0]]):
            found[session] = rooms[0]
    return found


def _counts(lowered: Lowered, places: Candidates) -> tuple[list[Rows], bool]:
    """Return the rows of hard counts of sessions in time, and whether these are all hard rules but those of rooms."""
    by_axis: dict[int, tuple[Axis, list[Tally]]] = {}
    complete = True
    for term in lowered.terms:
        tally = term.primitive
        if term.tier != HARD or looks_at_rooms(tally):
            continue
        if isinstance(tally, Tally) and not tally.footprints and tally.count.kind != "table":
            by_axis.setdefault(id(tally.axis), (tally.axis, []))[1].append(tally)
        else:
            complete = False
    found = []
    for axis, tallies in by_axis.values():
        low, high = places.spans(axis)
        touching = high > low
        first = slot_starts(low[touching], high[touching])
        if first is None:
            complete = False
        elif len(first):
            found.append(_rows_of(lowered, places, tallies, (low, high), first))
    return found, complete


def _rows_of(
    lowered: Lowered, places: Candidates, tallies: Sequence[Tally], spans: tuple[Ints, Ints], first: Ints,
) -> Rows:
    """Return a row for each tally and each stretch of an axis; `first`: the class that each of these begins with."""
    low, high = spans
    at = np.searchsorted(first, low)
    most = np.empty((len(tallies), len(first)), dtype=np.int64)
    ends = np.zeros(len(first), dtype=np.int64)
    np.maximum.at(ends, at[high > low], high[high > low])
    for number, tally in enumerate(tallies):
        cap = tally.count.cap if tally.count.kind == "over" else 1
        most[number] = cap if isinstance(cap, int) else [
            int(cap[begin:end].min()) for begin, end in zip(first.tolist(), ends.tolist(), strict=True)]
    who = np.concatenate([np.array(tally.members, dtype=np.int64) for tally in tallies])
    which = np.repeat(np.arange(len(tallies)), [len(tally.members) for tally in tallies])
    demand = np.concatenate([np.ones(len(tally.members), dtype=np.int64) if tally.demand is None
                             else by_slot(tally.demand, lowered.facts.n)[list(tally.members)] for tally in tallies])
    order = np.argsort(who, kind="stable")
    who, which, demand = who[order], which[order], demand[order]
    begin, end = np.searchsorted(who, places.session), np.searchsorted(who, places.session, side="right")
    many = np.where(high > low, end - begin, 0)
    place = np.repeat(np.arange(len(places)), many)
    mine = np.arange(len(place)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(begin, many)
    row, amount = which[mine] * len(first) + at[place], demand[mine]
    return Rows(np.concatenate([place, place + len(places)]), np.tile(row, 2), np.tile(amount, 2), most.ravel())


def _rooms(lowered: Lowered, stakes: Stakes, places: Candidates, slot: Ints, held: Ints) -> list[Rows] | None:
    """Return the rows of rooms: who is confined to each union of sets of rooms, and who holds each room.

    None if the unions are too many.
    """
    kept = _among(lowered, stakes.kept)
    own, slots, rooms = lowered.room_allowed, int(slot.max()) + 1, len(lowered.programme.rooms)
    found = unions({tuple(np.flatnonzero(own[s]).tolist()) for s in lowered.facts.alive if not kept[s]} - {()})
    if found is None:
        return None
    rows = []
    for union in found:
        inside = np.isin(np.arange(rooms), union)
        confined = (~(own & ~inside).any(axis=1) & ~kept)[places.session]
        holding, other = np.flatnonzero(confined | np.append(inside, False)[held]), np.flatnonzero(confined)
        both = np.concatenate([slot[holding], slot[other]])
        rows.append(Rows(np.concatenate([holding, other + len(places)]), both, np.ones_like(both),
                         np.full(slots, len(union), dtype=np.int64)))
    at = np.flatnonzero(held >= 0)
    rows.append(Rows(at, slot[at] * rooms + held[at], np.ones_like(at), np.ones(slots * rooms, dtype=np.int64)))
    return rows


def _assembled(
    lowered: Lowered, stakes: Stakes, places: Candidates, slot: Ints, held: Ints, rows: Sequence[Rows], all_hard: bool,
) -> Columns:
    """Return the columns that there are, with the rows that can be exceeded."""
    session, reference = np.tile(places.session, 2), stakes.reference
    is_kept = _among(lowered, stakes.kept)[session]
    room = np.concatenate([held, np.full(len(places), -1)])
    holds = room >= 0
    exists = np.where(np.tile(held >= 0, 2), holds | ~is_kept, ~holds)
    exists[: len(places)] &= holds[: len(places)]
    told = np.array([rooms[0] if rooms else -1 for rooms in reference.rooms], dtype=np.int64)[session]
    there = np.tile((places.tick == reference.start[places.session])
                    & (places.variant == reference.variant[places.session]), 2)
    had = reference.variant[session] >= 0
    moves = np.where(had & ~there, np.asarray(stakes.weights)[session], 0)
    changed = had & (told >= 0) & (room != told)
    levels = [moves, changed.astype(np.int64), *(np.tile(places.prices[tier], 2) for tier in lowered.tiers)]
    unit = [1, 1, *(max(1, int(np.gcd.reduce(level))) for level in levels[2:])]
    home = is_kept | (there & ((room == told) | (told < 0)))

    chosen = np.flatnonzero(exists)[np.argsort(session[exists], kind="stable")]
    index = np.full(len(exists), -1)
    index[chosen] = np.arange(len(chosen))
    column = np.concatenate([own.column for own in rows]) if rows else np.empty(0, dtype=np.int64)
    numbers = np.cumsum([0, *(len(own.most) for own in rows)]).tolist()
    row = np.concatenate([own.row + first for own, first in zip(rows, numbers, strict=False)]) if rows else column
    amount = np.concatenate([own.amount for own in rows]) if rows else column
    most = np.concatenate([own.most for own in rows]) if rows else column
    by_kept = (is_kept & exists)[column]
    kept_load = np.bincount(row[by_kept], weights=amount[by_kept], minlength=len(most))
    most = np.maximum(most, kept_load.astype(np.int64))  # what the kept sessions break among themselves is accepted
    inside = np.flatnonzero(exists[column] & _can_be_exceeded(session[column], row, amount, most)[row])
    order = inside[np.argsort(index[column[inside]], kind="stable")]
    return Columns(
        session=session[chosen], variant=np.tile(places.variant, 2)[chosen], tick=np.tile(places.tick, 2)[chosen],
        slot=np.tile(slot, 2)[chosen], room=room[chosen],
        cost=np.stack([level[chosen] // of for level, of in zip(levels, unit, strict=True)]), unit=tuple(unit),
        home=home[chosen], column=index[column[order]], row=row[order], amount=amount[order], most=most,
        all_hard=all_hard, all_soft=all(term.tier == HARD for term in lowered.terms))


def _can_be_exceeded(session: Ints, row: Ints, amount: Ints, most: Ints) -> Bools:
    """Return which rows sessions can exceed together; in a row, all places of a session count the same."""
    _, first = np.unique(session * len(most) + row, return_index=True)
    found: Bools = np.bincount(row[first], weights=amount[first], minlength=len(most)) > most
    return found
