"""A schedule by insertion: each session at its cheapest free place, others pushed out where none is free.

- `packing_of`: a programme as resources that sessions fill, or None where its hard rules say more than that.
- `choices_of`: where each session may be, and what it costs there.
- `insert`: places for as many sessions as a number of insertions gets in.

Where all hard rules are counts over time and each session has one pool of rooms, whether a session may be somewhere
is a look at a few arrays of numbers. That takes microseconds and no model, so large programmes get their first
schedule from here; days, hours and neighbourhoods make it better.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import define, field, frozen

from igfsched.engine.hours import Floats
from igfsched.engine.rooms import Pools, assign_rooms, one_at_a_time
from igfsched.engine.slots import by_slot, live
from igfsched.engine.still import caps
from igfsched.facts import Bools, Ints, Places
from igfsched.lowering import HARD, Lowered
from igfsched.primitives import Axis, Tally, ticks

Choices = dict[int, tuple[Ints, Ints, Floats]]
"""By session: variants, start ticks and costs of the places that it may have, in parallel arrays."""

LOOKS = 6
"""Places of which it is found out exactly who would have to go."""

TABU = 12
"""Rounds for which a session that was pushed out does not return to where it was."""


@frozen(eq=False)
class Resource:
    """No more than `cap` (by class of the axis) units at once of its members, each with its demand."""

    axis: Axis
    members: tuple[int, ...]
    cap: Ints
    demand: Ints


@define(eq=False)
class Packing:
    """Sessions at places in time, and what is left of each resource.

    `used`: by resource, the units in each class. `of[s]`: the resources of a session. `places` of a session are
    parallel arrays, ascending by variant and tick.
    """

    lowered: Lowered
    pools: Pools
    resources: list[Resource]
    of: list[list[int]]
    variant: Ints = field(init=False)
    start: Ints = field(init=False)
    used: list[Ints] = field(init=False)
    there: list[set[int]] = field(init=False)
    _limits: dict[tuple[int, int], Ints] = field(init=False)
    _pads: list[list[tuple[int, bool, int, int, int]]] = field(init=False)
    _lengths: list[int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        facts, n = self.lowered.facts, self.lowered.facts.n
        self.variant, self.start = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
        self.used = [np.zeros(len(resource.cap), dtype=np.int32) for resource in self.resources]
        self.there = [set() for _ in self.resources]
        self._limits = {}
        self._pads = []
        for session, numbers in enumerate(self.of):
            pads = []
            for number in numbers:
                axis = self.resources[number].axis
                plain = axis.of_tick is None and axis.minutes is None and axis.marks is None
                before, after = (pad if isinstance(pad, int) else int(pad[session])
                                 for pad in (axis.before, axis.after))
                pads.append((number, plain, before, after, int(self.resources[number].demand[session])))
            self._pads.append(pads)
        self._lengths = facts.variant_ticks.tolist()

    def span(self, resource: int, variant: int, at: int) -> tuple[int, int]:
        """Return the classes of a resource that a variant touches from a start tick."""
        low, high = self.resources[resource].axis.span(variant, np.array([at]))
        return int(low[0]), int(high[0])

    def shift(self, session: int, variant: int, at: int, sign: int) -> None:
        """A session comes to a place (1) or leaves it (-1)."""
        end, last = at + self._lengths[variant], self.lowered.facts.n_ticks
        for number, plain, before, after, demand in self._pads[session]:
            if plain:
                self.used[number][max(at - before, 0) : min(end + after, last)] += sign * demand
            else:
                low, high = self.span(number, variant, at)
                self.used[number][low:high] += sign * demand
            if sign > 0:
                self.there[number].add(session)
            else:
                self.there[number].discard(session)
        self.variant[session], self.start[session] = (variant, at) if sign > 0 else (-1, -1)

    def leave(self, session: int) -> None:
        """Take a session out of its place."""
        self.shift(session, int(self.variant[session]), int(self.start[session]), -1)

    def _limit(self, number: int, demand: int) -> Ints:
        """Return from how many used units on a demand finds a resource too full, by class."""
        key = number, demand
        if key not in self._limits:
            self._limits[key] = (self.resources[number].cap - demand).astype(np.int64)
        return self._limits[key]

    def blocked(self, session: int, variant: int, at: Ints) -> Ints:
        """Return how many classes, over all resources, are too full for a variant at each of some start ticks."""
        found = np.zeros(len(at), dtype=np.int64)
        together: dict[tuple[object, ...], Ints] = {}
        of_key: dict[tuple[object, ...], Axis] = {}
        for number, plain, before, after, demand in self._pads[session]:
            axis = self.resources[number].axis
            full = self.used[number] > self._limit(number, demand)
            key = (before, after) if plain else _reach(axis, session)
            if key in together:
                together[key] += full
            else:
                together[key], of_key[key] = full.astype(np.int64), axis
        for key, crowded in together.items():
            sums = np.zeros(len(crowded) + 1, dtype=np.int64)
            np.cumsum(crowded, out=sums[1:])
            low, high = of_key[key].span(variant, at)
            found += sums[np.maximum(high, low)] - sums[low]
        return found

    def blocked_at(self, session: int, variants: Ints, at: Ints) -> Ints:
        """Return the same for variants of a session, each at its start tick."""
        own = self.lowered.facts.variants[session]
        if len(own) == 1:
            return self.blocked(session, own[0], at)
        found = np.zeros(len(at), dtype=np.int64)
        for variant in own:
            those = variants == variant
            found[those] = self.blocked(session, variant, at[those])
        return found

    def in_the_way(self, session: int, variant: int, at: int, weight: Floats) -> list[int] | None:
        """Return who would have to go for a place, those of least weight; None if that is not enough."""
        out: set[int] = set()
        for number in self.of[session]:
            resource, (low, high) = self.resources[number], self.span(number, variant, at)
            room = resource.cap[low:high] - int(resource.demand[session]) - self.used[number][low:high]
            if not len(room) or room.min() >= 0:
                continue
            others = []
            for other in self.there[number]:
                begin, end = self.span(number, int(self.variant[other]), int(self.start[other]))
                if begin < high and low < end:
                    others.append((other, max(begin, low) - low, min(end, high) - low))
            for other, begin, end in others:
                if other in out:
                    room[begin:end] += int(resource.demand[other])
            while room.min() < 0:
                lacking = room < 0
                best = min(((weight[other] / max(1, int(lacking[begin:end].sum())), other, begin, end)
                            for other, begin, end in others if other not in out and lacking[begin:end].any()),
                           default=None)
                if best is None:
                    return None
                out.add(best[1])
                room[best[2] : best[3]] += int(resource.demand[best[1]])
        return sorted(out)

    def places(self) -> Places | None:
        """Return where everybody is, with rooms; None if no rooms can be found."""
        facts, rooms = self.lowered.facts, {}
        if self.lowered.programme.rooms:
            requests = []
            for session in np.flatnonzero(self.variant >= 0).tolist():
                value = facts.sessions[session]
                pool = int(np.flatnonzero(self.pools.allowed[session])[0])
                end = int(self.start[session] + facts.variant_ticks[self.variant[session]])
                requests += [(session, pool, int(self.start[session]), end)] * (value.room_count if value else 0)
            found = assign_rooms(self.pools, requests)
            if found is None:
                return None
            rooms = found
        return Places(self.variant.copy(), self.start.copy(), tuple(rooms.get(s, ()) for s in range(facts.n)))


def _reach(axis: Axis, session: int) -> tuple[object, ...]:
    """Return what decides which classes a session touches on an axis."""
    before, after = (pad if isinstance(pad, int) else int(pad[session]) for pad in (axis.before, axis.after))
    of_tick, marks = (None if values is None else id(values) for values in (axis.of_tick, axis.marks))
    return of_tick, marks, axis.longer, before, after, axis.reach, axis.minutes, axis.size


def packing_of(lowered: Lowered, pools: Pools) -> Packing | None:
    """Return a programme as resources alone, or None where hard rules say more or sessions choose among pools."""
    facts = lowered.facts
    resources = []
    if any(tier == HARD for tier, *_ in lowered.room_times):
        return None
    for term in lowered.terms:
        if term.tier != HARD:
            continue
        tally = term.primitive
        if not isinstance(tally, Tally) or tally.footprints:
            return None
        if tally.axis.room_class is not None:
            if not one_at_a_time(tally, facts):
                return None
            continue  # these are the pools
        if tally.count.kind == "table":
            return None
        demand = by_slot(1 if tally.demand is None else tally.demand, facts.n)
        resources.append(Resource(tally.axis, tally.members, caps(tally), demand))
    if lowered.programme.rooms:
        demands = np.zeros((len(pools.rooms), facts.n), dtype=np.int64)
        for session, value in live(facts):
            allowed = np.flatnonzero(pools.allowed[session])
            if len(allowed) != 1 or value.room_count > len(pools.rooms[int(allowed[0])]):
                return None
            demands[int(allowed[0]), session] = value.room_count
        for pool, demand in enumerate(demands):
            after = int(pools.changeover[pool])
            if after >= 0 and demand.any():
                cap = np.full(facts.n_ticks, len(pools.rooms[pool]), dtype=np.int64)
                axis = ticks(facts, "room of a pool", before=0, after=after)
                resources.append(Resource(axis, tuple(np.flatnonzero(demand).tolist()), cap, demand))
    of: list[list[int]] = [[] for _ in range(facts.n)]
    for number, resource in enumerate(resources):
        for session in set(resource.members):
            of[session].append(number)
    return Packing(lowered, pools, resources, of)


def insert(
    packing: Packing, choices: Choices, random: np.random.Generator, over: Callable[[], bool], most: int,
) -> int:
    """Place all sessions, each at its cheapest free place; return how many are left without a place.

    Who is pushed out again and again gets heavier, and is pushed out less. Ends when all are placed, or `over` says
    so, or after `most` insertions.
    """
    facts = packing.lowered.facts
    weight = np.ones(facts.n)
    left: dict[int, tuple[int, int]] = {}
    # Few places, or much of everything: whoever is hard to place comes first.
    scarce = {session: len(choices[session][1]) / (1 + len(packing.of[session])) / _length(packing, session)
              for session in choices}
    waiting = sorted((s for s in choices if packing.variant[s] < 0), key=lambda s: scarce[s], reverse=True)
    rounds = 0
    while waiting and rounds < most and not over():
        rounds += 1
        session = waiting.pop()
        variants, at, prices = choices[session]
        if not len(at):
            waiting.insert(0, session)
            continue
        full = packing.blocked_at(session, variants, at)
        free = np.flatnonzero(full == 0)
        if len(free):
            best = int(free[np.argmin(prices[free] + random.random(len(free)))])
        else:
            chosen = _push(packing, session, variants, at, prices, full, weight, random, left, rounds)
            if chosen is None:
                waiting.insert(0, session)
                weight[session] += 1
                continue
            best, out = chosen
            for other in out:
                left[other] = rounds, int(packing.start[other])
                packing.leave(other)
                weight[other] += 1
            waiting += sorted(out, key=lambda s: scarce[s], reverse=True)
        packing.shift(session, int(variants[best]), int(at[best]), 1)
    return len(waiting)


def choices_of(lowered: Lowered, mask: Bools, cost: Floats | Ints) -> Choices:
    """Return, by session, the variants, start ticks and costs of its starts in a mask; its cheapest costs 0."""
    facts = lowered.facts
    found: Choices = {}
    for session, _ in live(facts):
        own = list(facts.variants[session])
        rows, columns = np.nonzero(mask[own])
        variants = np.array(own)[rows]
        prices = cost[variants, columns].astype(np.float64)
        found[session] = variants, facts.starts[columns], prices - prices.min(initial=np.inf) if len(prices) else prices
    return found


def _length(packing: Packing, session: int) -> int:
    return int(packing.lowered.facts.variant_ticks[list(packing.lowered.facts.variants[session])].min(initial=1))


def _push(
    packing: Packing, session: int, variants: Ints, at: Ints, prices: Floats, full: Ints, weight: Floats,
    random: np.random.Generator, left: dict[int, tuple[int, int]], rounds: int,
) -> tuple[int, list[int]] | None:
    """Return the place whose people in the way weigh least, of those that look least blocked, and who they are."""
    scale = max(1.0, float(np.median(prices)))
    guess = full * (1 + random.random(len(full))) + prices / scale
    if session in left and rounds - left[session][0] < TABU:
        guess[at == left[session][1]] = np.inf
    found: tuple[float, int, list[int]] | None = None
    for index in np.argpartition(guess, min(LOOKS, len(guess) - 1))[:LOOKS].tolist():
        if not np.isfinite(guess[index]):
            continue
        out = packing.in_the_way(session, int(variants[index]), int(at[index]), weight)
        if out is None:
            continue
        total = float(weight[out].sum()) + 0.5 * prices[index] / scale
        if found is None or total < found[0]:
            found = total, index, out
    return None if found is None else found[1:]
