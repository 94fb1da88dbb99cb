"""Whether a programme has few places and only costs of single sessions, of two, and of numbers; and these as arrays.

- `many_pairs`: whether pairs are what it is made of. `Dense`: spots, prices, matrices of pairs, counts; `dense_of`:
  those of a lowered programme, None for another kind.
- `Counts`: what numbers of sessions cost in classes of spots.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
from attrs import frozen

from igfsched.engine.slots import live
from igfsched.facts import Bools, Ints, Places
from igfsched.lowering import HARD, Lowered, Term
from igfsched.primitives import Axis, Pair, Tally, looks_at_rooms
from igfsched.primitives.arrays import measured

Floats = npt.NDArray[np.float64]

MOST_SPOTS = 1_500
MOST_SESSIONS = 1_000
MANY_PAIRS = 100
EXACT = 2.0**52
"""Whole numbers up to which floating point is exact."""


@frozen(eq=False)
class Counts:
    """What the numbers of some sessions in classes of spots cost.

    `touches`: shape `(spots, classes)`. `cost`: by class and number, shape `(classes, members + 2)`.
    """

    members: Ints
    touches: Ints
    cost: Floats


@frozen(eq=False)
class Dense:
    """A programme by spots. Costs are numbers in which the tiers are weighed against each other, see `weights`.

    `spots`: minutes, start tick and room of each, shape `(spots, 3)`. `allowed`, `prices`: shape `(sessions, spots)`.
    `kernels`: shape `(kinds, spots, spots)`; `pairs`: how much of each kind the first session has with the second,
    shape `(kinds, sessions, sessions)`. `weights`: by tier that counts, the factor of its cost.
    """

    lowered: Lowered
    sessions: tuple[int, ...]
    spots: Ints
    allowed: Bools
    prices: Floats
    kernels: Floats
    pairs: Floats
    counts: tuple[Counts, ...]
    weights: dict[int, float]

    def places(self, at: Ints) -> Places:
        """Return places for a spot of each session."""
        facts = self.lowered.facts
        variant, start = np.full(facts.n, -1, dtype=np.int64), np.full(facts.n, -1, dtype=np.int64)
        rooms: list[tuple[int, ...]] = [()] * facts.n
        for session, spot in zip(self.sessions, at, strict=True):
            minutes, tick, room = self.spots[spot].tolist()
            variant[session] = next(v for v in facts.variants[session] if facts.variant_minutes[v] == minutes)
            start[session], rooms[session] = tick, (room,)
        return Places(variant, start, tuple(rooms))

    def counted(self, at: Ints) -> Floats:
        """Return what numbers of sessions cost in some schedules, spots of shape `(schedules, sessions)`."""
        found: Floats = np.zeros(len(at))
        for count in self.counts:
            numbers = count.touches[at[:, count.members]].sum(axis=1)
            found += count.cost[np.arange(numbers.shape[1]), numbers].sum(axis=1)
        return found

    def spots_at(self, places: Places) -> Ints | None:
        """Return the spot of each session at given places, None if one has none."""
        number = {tuple(spot): index for index, spot in enumerate(self.spots.tolist())}
        found = []
        for session in self.sessions:
            v = int(places.variant[session])
            if v < 0 or len(places.rooms[session]) != 1:
                return None
            key = (int(self.lowered.facts.variant_minutes[v]), int(places.start[session]), places.rooms[session][0])
            if key not in number:
                return None
            found.append(number[key])
        return np.array(found, dtype=np.int64)


def many_pairs(lowered: Lowered) -> bool:
    """Say whether soft costs of two sessions, rooms among them, are what a programme is made of."""
    soft = [term.primitive for term in lowered.terms if term.tier != HARD]
    pairs = [primitive for primitive in soft if isinstance(primitive, Pair)]
    return len(pairs) >= MANY_PAIRS and 2 * len(pairs) >= len(soft) and any(map(looks_at_rooms, soft))


def dense_of(lowered: Lowered, tiers: Collection[int] | None = None) -> Dense | None:
    """Return a programme by spots, None if it has many, or costs of other kinds.

    Soft rules of other `tiers` than those that are given (all, unless said) cost nothing.
    """
    facts = lowered.facts
    rooms = len(lowered.programme.rooms)
    sessions = tuple(facts.alive)
    if not rooms or not lowered.tiers or len(sessions) > MOST_SESSIONS or not lowered.all_must_be_placed:
        return None
    if any(value.room_count != 1 for _, value in live(facts)):
        return None
    if not all(_states(term) for term in lowered.terms):
        return None
    lengths = sorted({int(facts.variant_minutes[v]) for s in sessions for v in facts.variants[s]})
    if len(lengths) * len(facts.starts) * rooms > 20 * MOST_SPOTS:
        return None
    every = np.array([(minutes, tick, room) for minutes in lengths for tick in facts.starts.tolist()
                      for room in range(rooms)], dtype=np.int64)
    allowed, by_tier = _single(lowered, sessions, every)
    if not allowed.any(axis=1).all():
        return None
    used = np.flatnonzero(allowed.any(axis=0))
    if len(used) > MOST_SPOTS:
        return None
    spots = every[used]
    counting = [tier for tier in lowered.tiers if tiers is None or tier in tiers]
    terms = _Terms(lowered, sessions, spots, counting)
    return terms.build(allowed[:, used], {tier: by_tier[tier][:, used] for tier in counting})


def _states(term: Term) -> bool:
    """Say whether a term is of two sessions, or of numbers of them."""
    primitive = term.primitive
    if isinstance(primitive, Pair):
        return True
    if not isinstance(primitive, Tally) or primitive.demand is not None or primitive.footprints:
        return False
    pads = (primitive.axis.before, primitive.axis.after)
    return all(isinstance(pad, int) or len(np.unique(pad)) == 1 for pad in pads)


def _single(lowered: Lowered, sessions: tuple[int, ...], spots: Ints) -> tuple[Bools, dict[int, Ints]]:
    """Return where each session may be, and what each spot costs it by itself, by tier."""
    facts = lowered.facts
    column = np.searchsorted(facts.starts, spots[:, 1])
    allowed = np.zeros((len(sessions), len(spots)), dtype=bool)
    prices = {tier: np.zeros(allowed.shape, dtype=np.int64) for tier in lowered.tiers}
    row_of = {session: row for row, session in enumerate(sessions)}
    for row, session in enumerate(sessions):
        for v in facts.variants[session]:
            own = spots[:, 0] == facts.variant_minutes[v]
            allowed[row] |= own & lowered.allowed[v, column] & lowered.room_allowed[session, spots[:, 2]]
            for tier in lowered.tiers:
                prices[tier][row] += np.where(own, lowered.prices[tier][v, column], 0)
        for tier in lowered.tiers:
            prices[tier][row] += lowered.room_prices[tier][session, spots[:, 2]]
    for tier, weight, session, room, v, cost in lowered.room_times:
        own = (spots[:, 0] == facts.variant_minutes[v]) & (spots[:, 2] == room)
        if tier == HARD:
            allowed[row_of[session]] &= ~own | (cost[spots[:, 1]] == 0)
        else:
            prices[tier][row_of[session]] += np.where(own, weight * cost[spots[:, 1]], 0)
    return allowed, prices


class _Terms:
    """Gathers pairs by kind and counts, tier by tier, and weighs the tiers against each other."""

    def __init__(self, lowered: Lowered, sessions: tuple[int, ...], spots: Ints, counting: Sequence[int]) -> None:
        self.lowered = lowered
        self.facts = lowered.facts
        self.sessions = sessions
        self.row = {session: row for row, session in enumerate(sessions)}
        self.spots = spots
        self.tiers = (HARD, *counting)
        self.kernels: dict[tuple[object, ...], Ints] = {}
        self.pairs: dict[tuple[object, ...], dict[int, Ints]] = {}
        self.touches: dict[int, Ints] = {}
        self.counts: list[tuple[int, int, Tally, Ints]] = []

    def build(self, allowed: Bools, prices: dict[int, Ints]) -> Dense:
        """Return all of it."""
        for term in self.lowered.terms:
            if term.tier in self.tiers:
                self._add(term)
        keys = [key for key, kernel in self.kernels.items() if kernel.any()]
        weights = self._weights(keys, prices)
        n, spots = len(self.sessions), len(self.spots)
        kernels = np.zeros((len(keys), spots, spots))
        pairs = np.zeros((len(keys), n, n))
        for number, key in enumerate(keys):
            kernels[number] = self.kernels[key]
            for tier in self.tiers:
                if tier in self.pairs[key]:
                    pairs[number] += weights[tier] * self.pairs[key][tier]
        total: Floats = np.zeros((n, spots))
        for tier, price in prices.items():
            total += weights[tier] * price
        counts = []
        for tier, weight, tally, members in self.counts:
            used = self._touch(tally.axis)
            factor, rooms = weights[tier] * weight * tally.axis.width, tally.axis.room_classes
            cost = np.array([[factor * tally.count.cost(number, c // rooms) for number in range(len(members) + 2)]
                             for c in range(used.shape[1])])
            some = cost.any(axis=1) & used.any(axis=0)
            if some.any():
                counts.append(Counts(members, used[:, some], cost[some]))
        return Dense(self.lowered, self.sessions, self.spots, allowed, total, kernels, pairs, tuple(counts), weights)

    def _weights(self, keys: list[tuple[object, ...]], prices: dict[int, Ints]) -> dict[int, float]:
        """Return factors that keep a move from gaining in one tier what it loses in an earlier one.

        Where these would make numbers too large to be exact, the tiers are less far apart: the search then weighs them
        against each other, but what is kept of it and what is proven is compared tier by tier.
        """
        tiers = self.tiers[::-1]
        most = {tier: self._most(tier, keys, prices) for tier in tiers}
        apart = {tier: 1.0 + 2.0 * most[tier] for tier in tiers}
        while True:
            found, factor = {}, 1.0
            for tier in tiers:
                found[tier] = factor
                factor *= apart[tier]
            # Two sessions change places, each cost once with the others and once without.
            if 4.0 * sum(found[tier] * most[tier] for tier in tiers) < EXACT:
                return found
            widest = max(apart, key=lambda tier: apart[tier])
            if apart[widest] == 1.0:
                return found
            apart[widest] = max(1.0, np.floor(apart[widest] / 2))

    def _most(self, tier: int, keys: list[tuple[object, ...]], prices: dict[int, Ints]) -> float:
        """Return what one session can cost in a tier at most."""
        rows = np.zeros(len(self.sessions))
        if tier in prices:
            rows += prices[tier].max(axis=1)
        for key in keys:
            if tier in self.pairs[key]:
                table = self.pairs[key][tier]
                rows += (table.sum(axis=0) + table.sum(axis=1)) * float(self.kernels[key].max())
        for own, weight, tally, members in self.counts:
            if own == tier:
                rows[members] += 2.0 * weight * tally.axis.width * tally.count.cost(len(members), 0)
        return float(rows.max(initial=0))

    def _add(self, term: Term) -> None:
        primitive = term.primitive
        if isinstance(primitive, Pair):
            key: tuple[object, ...] = (primitive.kind, id(primitive.axis) if primitive.of_classes else 0, primitive.gap,
                                       id(primitive.prices), primitive.scale)
            if key not in self.kernels:
                self.kernels[key] = self._of_pair(primitive)
            self._weigh(key, term, primitive.first, primitive.second)
            return
        assert isinstance(primitive, Tally)
        if primitive.count.kind == "pairs":
            axis = primitive.axis
            key = ("common", id(axis))
            if key not in self.kernels:
                used = self._touch(axis)
                self.kernels[key] = axis.width * (used @ used.T)
            for a, b in combinations(primitive.members, 2):
                self._weigh(key, term, a, b)
            return
        members = np.array([self.row[session] for session in primitive.members if session in self.row], dtype=np.int64)
        self.counts.append((term.tier, 1 if term.tier == HARD else term.weight, primitive, members))

    def _weigh(self, key: tuple[object, ...], term: Term, first: int, second: int) -> None:
        n = len(self.sessions)
        table = self.pairs.setdefault(key, {}).setdefault(term.tier, np.zeros((n, n), dtype=np.int64))
        table[self.row[first], self.row[second]] += 1 if term.tier == HARD else term.weight

    def _touch(self, axis: Axis) -> Ints:
        """Return which classes of an axis each spot touches, shape `(spots, classes)`."""
        if id(axis) not in self.touches:
            found = np.zeros((len(self.spots), axis.size), dtype=np.int64)
            for index, (low, high, room) in enumerate(self._spans(axis)):
                if high > low and room >= 0:
                    found[index, np.arange(low, high) * axis.room_classes + room] = 1
            self.touches[id(axis)] = found
        return self.touches[id(axis)]

    def _spans(self, axis: Axis) -> list[tuple[int, int, int]]:
        """Return the time classes and the class of rooms of each spot; no pads differ by session here."""
        some = {int(self.facts.variant_minutes[v]): v for s in self.sessions for v in self.facts.variants[s]}
        found = []
        for minutes, tick, room in self.spots.tolist():
            low, high = axis.span(some[minutes], np.array([tick]))
            found.append((int(low[0]), int(high[0]), 0 if axis.room_class is None else int(axis.room_class[room])))
        return found

    def _of_pair(self, pair: Pair) -> Ints:
        """Return what a pair costs at each two spots, shape `(spots, spots)`."""
        some = {int(self.facts.variant_minutes[v]): v for s in self.sessions for v in self.facts.variants[s]}
        if not pair.of_classes or pair.axis.room_class is None:
            where = np.array([some[minutes] for minutes in self.spots[:, 0].tolist()]), self.spots[:, 1]
            return measured(pair, self.facts, where, where)
        found = self._in_rooms(pair)
        minutes = self.spots[:, 0]
        return found if pair.scale == 1 else found * (minutes[:, None] + minutes[None, :])

    def _in_rooms(self, pair: Pair) -> Ints:
        used = self._touch(pair.axis)
        if pair.kind == "matrix":
            assert pair.prices is not None
            prices: Ints = pair.prices[: used.shape[1], : used.shape[1]]
            return used @ prices @ used.T
        shared = (used @ used.T) > 0
        if pair.kind == "elsewhere":
            times = np.asarray(used.reshape(len(used), -1, pair.axis.room_classes).any(axis=2), dtype=np.int64)
            return (((times @ times.T) > 0) & ~shared).astype(np.int64)
        return (shared if pair.kind == "same" else ~shared).astype(np.int64)
