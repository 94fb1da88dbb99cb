"""Rooms that are told apart, in a model beside sessions that stand still.

- `room_limits`: how many rooms those that stand still leave to others, by group of rooms and time.
- `single_room_rows`: no two sessions in one room at a time.
- `single_room_tally`: any other count of sessions in rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from igfsched.engine.encode.tallies import beside, capacity, price_excess
from igfsched.engine.model import Model
from igfsched.engine.rooms import Pools
from igfsched.engine.slots import live
from igfsched.engine.still import Still, caps
from igfsched.facts import Ints
from igfsched.lowering import HARD, Term
from igfsched.primitives import Axis, Count, Tally, covered, slot_starts, ticks


class RoomLimit(NamedTuple):
    """No more than `left` (by tick) rooms at once for some sessions: `demand`, by session; `pad`: ticks after each."""

    demand: Ints
    pad: int
    left: Ints


def room_limits(still: Still, pools: Pools) -> list[RoomLimit]:
    """Return, for each set of rooms that sessions are confined to, how many of them are left at each tick."""
    lowered = still.lowered
    facts = lowered.facts
    if not lowered.programme.rooms or (pools.changeover < 0).any():
        return []
    groups: dict[bytes, Ints] = {}
    for session, value in live(facts):
        allowed = lowered.room_allowed[session]
        if session not in still.kept and allowed.sum() >= value.room_count:
            groups.setdefault(allowed.tobytes(), np.zeros(facts.n, dtype=np.int64))[session] = value.room_count
    everything = np.ones(len(lowered.programme.rooms), dtype=bool).tobytes()
    found = []
    for key in dict.fromkeys([*groups, everything]) if groups else ():
        inside = np.frombuffer(key, dtype=bool)
        demand = np.zeros(facts.n, dtype=np.int64)
        for other, units in groups.items():
            if not (np.frombuffer(other, dtype=bool) & ~inside).any():
                demand = demand + units
        pad = int(pools.changeover[inside].min())
        axis = ticks(facts, "rooms", after=pad)
        here = np.array([s for s in np.flatnonzero(demand).tolist() if s in still and still.places.variant[s] >= 0],
                        dtype=np.int64)
        left = int(inside.sum()) - covered(*still.spans(axis, here), demand[here], facts.n_ticks)
        for room in np.flatnonzero(inside).tolist():
            low, high = _kept_in(still, room, pad)
            left -= covered(low, high, np.ones(len(low), dtype=np.int64), facts.n_ticks) > 0
        found.append(RoomLimit(demand, pad, left))
    return found


def _kept_in(still: Still, room: int, pad: int) -> tuple[Ints, Ints]:
    """Return the ticks in which kept sessions take a room, each with `pad` ticks after it."""
    own = np.array([s for s in sorted(still.kept) if still.places.variant[s] >= 0 and room in still.places.rooms[s]],
                   dtype=np.int64)
    return still.spans(ticks(still.lowered.facts, "rooms", after=pad), own)


def single_room_rows(model: Model, still: Still, limits: list[RoomLimit]) -> None:
    """State that no room holds two sessions at a time, and what follows for all of them together."""
    facts, pools = model.facts, model.pools
    for limit in limits:
        axis = ticks(facts, "rooms", after=limit.pad)
        capacity(model, np.flatnonzero(limit.demand).tolist(), axis, limit.left, limit.demand)
    slot_of = _slots(model, still)
    if slot_of is not None:
        _rows_in_slots(model, still, slot_of)
        return
    for room in range(len(pools.rooms)):
        pad = int(pools.changeover[room])
        if pad < 0:
            continue
        users = [(session, choice[room]) for session, choice in model.requests if room in choice]
        if not users:
            continue
        intervals = [model.fixed_interval(low, high - low, []) for low, high in _merged(*_kept_in(still, room, pad))]
        for session, literal in users:
            if session in still.roaming:
                length = int(facts.variant_ticks[still.places.variant[session]]) + pad
                start = int(still.places.start[session])
                intervals.append(model.fixed_interval(start, length, [] if literal is None else [literal]))
            else:
                absent = model.absent[session]
                sure = [] if absent is None else [-absent - 1]
                intervals.append(model.room_interval(session, pad, sure if literal is None else [literal]))
        model.no_overlap(intervals)


def _slots(model: Model, still: Still) -> Callable[[Ints], Ints] | None:
    """Return what gives the slots of start ticks, if whoever may use rooms does so at the same time or not at all."""
    facts, pools = model.facts, model.pools
    there = np.array([s for s in sorted(still.kept | still.roaming) if still.places.variant[s] >= 0], dtype=np.int64)
    tick = np.concatenate([model.candidates.tick, still.places.start[there]])
    variant = np.concatenate([model.candidates.variant, still.places.variant[there]])
    if not len(pools.rooms) or (pools.changeover < 0).any():
        return None
    ends = tick + facts.variant_ticks[variant] + int(pools.changeover.max())
    first = slot_starts(tick, ends)
    return None if first is None else lambda ticks: np.searchsorted(first, ticks)


def _rows_in_slots(model: Model, still: Still, slot_of: Callable[[Ints], Ints]) -> None:
    """State that no room holds two sessions in a slot: intervals would say the same, and bound nothing.

    A session that may choose is in one slot, and in one slot in each of its rooms: a literal for each of both.
    """
    users: dict[tuple[int, int], list[int]] = {}
    taken: set[tuple[int, int]] = set()
    for session in sorted(still.kept):
        if still.places.variant[session] >= 0:
            slot = int(slot_of(still.places.start[session : session + 1])[0])
            taken |= {(slot, room) for room in still.places.rooms[session]}
    for session, choice in model.requests:
        if session in still.roaming:
            by_slot: dict[int, list[int] | None] = {int(slot_of(still.places.start[session : session + 1])[0]): None}
        else:
            own = model.members([session])
            slots = slot_of(model.candidates.tick[own])
            by_slot = {slot: own[slots == slot].tolist() for slot in np.unique(slots).tolist()}
            if len(by_slot) == 1 and model.absent[session] is None:
                by_slot = dict.fromkeys(by_slot)
        for slot, literals in _in_slots(model, session, choice, by_slot).items():
            for room, literal in literals.items():
                users.setdefault((slot, room), []).append(literal)
    for at, literals_there in users.items():
        if at in taken:
            model.linear((literals_there, [1] * len(literals_there)), high=0)
        else:
            model.at_most_one(literals_there)


def _in_slots(
    model: Model, session: int, choice: dict[int, int | None], by_slot: dict[int, list[int] | None],
) -> dict[int, dict[int, int]]:
    """Return, by slot and room, a literal for 'the session is in that room then'.

    `by_slot`: its candidates in each slot; None: it is there for sure.
    """
    found: dict[int, dict[int, int]] = {slot: {} for slot in by_slot}
    for slot, candidates in by_slot.items():
        for room, literal in choice.items():
            if candidates is None:
                found[slot][room] = model.integer(1, 1) if literal is None else literal
            elif literal is None and len(candidates) == 1:
                found[slot][room] = candidates[0]
            else:
                found[slot][room] = both = model.booleans(1)[0]
                sure = 1 if literal is None else 0
                here, amounts = [both, *candidates], [1, *(-1 for _ in candidates)]
                model.linear((here, amounts), high=0)
                more = ([], []) if literal is None else ([literal], [-1])
                model.linear(([*here, *more[0]], [*amounts, *more[1]]), low=sure - 1)
    if len(choice) > 1 and all(literal is not None for literal in choice.values()):
        for room, literal in choice.items():
            own = [found[slot][room] for slot, candidates in by_slot.items() if candidates is not None]
            if own:
                model.linear(([literal, *own], [1, *(-1 for _ in own)]), 0, 0)  # type: ignore[list-item]
    return found


def _merged(low: Ints, high: Ints) -> list[tuple[int, int]]:
    """Return ranges as disjoint ones: what the kept sessions share is accepted."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(zip(low.tolist(), high.tolist(), strict=True)):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif end > begin:
            found.append((begin, end))
    return found


def single_room_tally(model: Model, term: Term, tally: Tally, still: Still) -> None:
    """State any other count in rooms, of those that stand still with their rooms and of those that choose."""
    axis = tally.axis
    assert axis.room_class is not None
    choosing = {session for session, _ in model.requests}
    for kind in range(axis.room_classes):
        constant = _in_rooms(still, tally, kind, still.sessions - choosing)
        if term.tier == HARD:
            accepted = _in_rooms(still, tally, kind, still.kept)
            count = Count(kind="over", cap=np.maximum(caps(tally), accepted) - constant)
            price = np.zeros(len(constant) + 1, dtype=np.int64)
        else:
            price, count = beside(tally.count, tally, constant)
        shown, low, high, owner, units = [], [], [], [], []
        for number, (session, _, literal) in enumerate(
            (session, room, literal) for session, choice in model.requests for room, literal in choice.items()
            if session in set(tally.members) and axis.room_class[room] == kind
        ):
            for variable, first, last in _options(model, still, axis, session):
                both = variable if literal is None else literal
                if literal is not None and variable is not None:
                    both = model.booleans(1)[0]
                    model.linear(([both, variable, literal], [1, -1, -1]), low=-1)
                shown.append(model.integer(1, 1) if both is None else both)
                low.append(first)
                high.append(max(first, last))
                owner.append(number)
                units.append(1 if tally.demand is None else int(tally.demand[session]))
        arrays = [np.array(values, dtype=np.int64) for values in (shown, low, high, owner, units)]
        prices = term.weight * axis.width * arrays[4] * (price[arrays[2]] - price[arrays[1]])
        if term.tier != HARD:
            model.pay(term.tier, shown, prices.tolist())
        price_excess(model, term, tally, count, *arrays)


def _in_rooms(still: Still, tally: Tally, kind: int, sessions: frozenset[int]) -> Ints:
    """Return the demand of some sessions in one class of rooms, by time class."""
    axis = tally.axis
    assert axis.room_class is not None
    own, units = [], []
    for session in set(tally.members) & sessions:
        rooms = sum(int(axis.room_class[room]) == kind for room in still.places.rooms[session])
        if rooms and still.places.variant[session] >= 0:
            own.append(session)
            units.append(rooms * (1 if tally.demand is None else int(tally.demand[session])))
    spans = still.spans(axis, np.array(own, dtype=np.int64))
    return covered(*spans, np.array(units, dtype=np.int64), axis.size // axis.room_classes)


def _options(model: Model, still: Still, axis: Axis, session: int) -> Iterator[tuple[int | None, int, int]]:
    """Yield the variables of a session's candidates (None: it stands still), with the time classes of each."""
    if session in still:
        low, high = still.spans(axis, np.array([session]))
        yield None, int(low[0]), int(high[0])
        return
    lows, highs = model.spans(axis)
    for variable in model.of(session):
        yield variable, int(lows[variable]), int(highs[variable])
