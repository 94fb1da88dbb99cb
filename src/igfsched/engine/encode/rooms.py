"""Rooms in a model: pools hold no more sessions at once than they have rooms; what rooms cost."""

from __future__ import annotations

import numpy as np

from igfsched.engine.encode.tallies import capacity
from igfsched.engine.model import Model
from igfsched.engine.rooms import unions
from igfsched.engine.still import Still
from igfsched.facts import Ints
from igfsched.lowering import HARD
from igfsched.primitives import ticks


def pool_capacities(model: Model) -> None:
    """Pools hold no more sessions at once than they have rooms, changeovers included."""
    pools = model.pools
    changeover = int(pools.changeover.max(initial=-1))
    if not model.requests or changeover < 0:
        return
    groups: dict[tuple[int, ...], list[int]] = {}
    choosers: dict[int, list[tuple[int, int]]] = {}
    for session, choice in model.requests:
        groups.setdefault(tuple(sorted(choice)), []).append(session)
        for pool, literal in choice.items():
            if literal is not None:
                choosers.setdefault(pool, []).append((session, literal))
    everything = tuple(range(len(pools.rooms)))
    together = {*groups, everything} if len(groups) > 1 else set(groups)
    for group in (unions(groups) or together) if model.in_slots else together:
        if any(pools.changeover[pool] < 0 for pool in group):
            continue
        pad = int(min(pools.changeover[pool] for pool in group))
        demand = np.zeros(model.facts.n, dtype=np.int64)
        for inner, sessions in groups.items():
            if set(inner) <= set(group):
                for session in sessions:
                    demand[session] += 1
        size = sum(len(pools.rooms[pool]) for pool in group)
        axis = ticks(model.facts, "pool", after=pad)
        capacity(model, np.flatnonzero(demand).tolist(), axis, size, demand)
    for pool, chosen in choosers.items():
        pad = int(pools.changeover[pool])
        if pad < 0:
            continue
        intervals = [model.room_interval(session, pad, [literal]) for session, literal in chosen]
        for session, choice in model.requests:
            if choice.get(pool, 0) is None:
                intervals.append(model.room_interval(session, pad, _presence(model, session)))
        model.cumulative(intervals, len(pools.rooms[pool]))


def _presence(model: Model, session: int) -> list[int]:
    absent = model.absent[session]
    return [] if absent is None else [-absent - 1]


def room_prices(model: Model, wanted: set[int]) -> None:
    lowered, pools = model.lowered, model.pools
    for session, choice in model.requests:
        for pool, literal in choice.items():
            room = pools.rooms[pool][0]
            for tier in wanted:
                price = int(lowered.room_prices[tier][session, room])
                if price and literal is not None:
                    model.pay(tier, [literal], [price])
                elif price:
                    model.constants[tier] += price
                    if model.absent[session] is not None:
                        model.pay(tier, [model.absent[session]], [-price])  # type: ignore[list-item]
    for tier, weight, session, room, variant, cost in lowered.room_times:
        if tier != HARD and tier not in wanted:
            continue
        if model.still is not None and session in model.still:
            _roaming_price(model, model.still, tier, weight, session, room, variant, cost)
            continue
        own = model.members([session])
        own = own[model.candidates.variant[own] == variant]
        prices = cost[model.candidates.tick[own]]
        if not prices.any():
            continue
        for request, choice in model.requests:
            pool = pools.of_room[room]
            if request != session or pool not in choice or pools.rooms[pool][0] != room:
                continue
            literal = choice[pool]
            if tier == HARD:
                closed = own[prices > 0].tolist()
                if literal is None:
                    model.linear((closed, [1] * len(closed)), high=0)
                else:
                    model.at_most_one([*closed, literal])
            elif literal is None:
                model.pay(tier, own.tolist(), (weight * prices).tolist())
            else:
                for price in np.unique(prices[prices > 0]).tolist():
                    paid = own[prices == price].tolist()
                    both = model.booleans(1)[0]
                    model.linear(([both, literal, *paid], [1, -1] + [-1] * len(paid)), low=-1)
                    model.pay(tier, [both], [weight * price])


def _roaming_price(
    model: Model, still: Still, tier: int, weight: int, session: int, room: int, variant: int, cost: Ints,
) -> None:
    """Price a room, or forbid it, for a session whose time is given."""
    price = int(cost[still.places.start[session]]) if still.places.variant[session] == variant else 0
    for other, choice in model.requests if price else ():
        if other != session or room not in choice:
            continue
        literal = choice[room]
        if tier != HARD and literal is not None:
            model.pay(tier, [literal], [weight * price])
        elif tier != HARD:
            model.constants[tier] += weight * price
        elif literal is None:
            model.contradict()
        else:
            model.linear(([literal], [1]), high=0)
