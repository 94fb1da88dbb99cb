"""What is known of a schedule before any part of it is repaired: computed once, for many models.

- `Ground`: which terms speak of which session, what everything costs where it is, what breaks hard rules there.
- `Part`: a part of the sessions is free, the others stand still: constants, candidates, limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from attrs import evolve, frozen

from igfsched.engine.candidates import Candidates
from igfsched.engine.encode.single_rooms import RoomLimit, room_limits
from igfsched.engine.rooms import Pools, one_at_a_time
from igfsched.engine.slots import live
from igfsched.engine.still import Still, one_by_one
from igfsched.facts import Bools, Ints
from igfsched.lowering import HARD, Lowered, Term
from igfsched.primitives import Load, Tally, covered, grows, looks_at_rooms, sessions_of, ticks
from igfsched.stakes import Stakes, only


def of_rooms(term: Term) -> bool:
    """Say whether a term depends on rooms."""
    return looks_at_rooms(term.primitive)


@frozen(eq=False)
class Ground:
    """A lowered programme and the stakes of its repair."""

    lowered: Lowered
    stakes: Stakes

    @cached_property
    def pools(self) -> Pools:
        """The rooms, each for itself."""
        return Pools(self.lowered, split=True)

    @cached_property
    def terms_of(self) -> list[list[int]]:
        """The numbers of the terms that speak of each session."""
        found: list[list[int]] = [[] for _ in range(self.lowered.facts.n)]
        for number, term in enumerate(self.lowered.terms):
            for session in set(sessions_of(term.primitive)):
                found[session].append(number)
        return found

    @cached_property
    def values(self) -> Ints:
        """The value of each term at the present places."""
        present = self.stakes.present
        return np.array([term.primitive.value(present) for term in self.lowered.terms], dtype=np.int64)

    def accepted(self, number: int) -> int:
        """Return what the kept sessions alone make of a term."""
        return self.lowered.terms[number].primitive.value(only(self.stakes.present, self.stakes.kept))

    @cached_property
    def broken(self) -> tuple[int, ...]:
        """Hard terms that the present places break beyond what is accepted; those of rooms can be mended in place."""
        return tuple(
            number for number, term in enumerate(self.lowered.terms)
            if term.tier == HARD and self.values[number] and not of_rooms(term)
            and self.values[number] > self.accepted(number)
        )

    @cached_property
    def prices(self) -> dict[int, Ints]:
        """By tier: what each session's present time costs by itself, shape `(sessions,)`; hard: above 0, forbidden."""
        present = self.stakes.present
        found = {tier: np.zeros(self.lowered.facts.n, dtype=np.int64) for tier in (HARD, *self.lowered.tiers)}
        for unit, table in self.lowered.tables:
            cost = table.time.get(int(present.variant[table.session]))
            if cost is not None:
                tier, weight = (HARD, 1) if unit.rule.hard else (unit.rule.tier, unit.rule.weight)
                found[tier][table.session] += weight * int(cost[present.start[table.session]])
        return found

    @cached_property
    def room_costs(self) -> bool:
        """Whether any soft rule, or a rule of the user's own, tells rooms apart."""
        lowered = self.lowered
        return (
            any(price.any() for price in lowered.room_prices.values())
            or any(tier != HARD for tier, *_ in lowered.room_times)
            or any(of_rooms(term) and not (term.tier == HARD and isinstance(term.primitive, Tally)
                   and (one_at_a_time(term.primitive, lowered.facts) or len(term.primitive.members) == 1))
                   for term in lowered.terms)
        )

    @cached_property
    def unsettled(self) -> Bools:
        """Which sessions are not in the rooms that they should be in, or in rooms that they cannot have."""
        stakes, facts, lowered = self.stakes, self.lowered.facts, self.lowered
        present = stakes.present
        wrong = np.zeros(facts.n, dtype=bool)
        in_room: list[list[tuple[int, int, int]]] = [[] for _ in lowered.programme.rooms]
        for session, value in live(facts):
            variant, rooms = int(present.variant[session]), present.rooms[session]
            if variant < 0:
                continue
            told = stakes.reference.rooms[session] if stakes.reference.variant[session] >= 0 else ()
            wrong[session] = len(rooms) != value.room_count or bool(told and told != rooms)
            for room in rooms:
                wrong[session] |= not lowered.room_allowed[session, room]
                start = int(present.start[session])
                in_room[room].append((start, start + int(facts.variant_ticks[variant]), session))
        for tier, _, session, room, variant, cost in lowered.room_times:
            if tier == HARD and present.variant[session] == variant and room in present.rooms[session]:
                wrong[session] |= bool(cost[present.start[session]])
        for room, held in enumerate(in_room):
            pad, busy, last = int(self.pools.changeover[room]), -1, -1
            for start, end, session in sorted(held) if pad >= 0 else ():
                if start < busy:
                    wrong[[last, session]] = True
                if end + pad > busy:
                    busy, last = end + pad, session
        for term in lowered.terms:
            if term.tier == HARD and of_rooms(term) and len(sessions_of(term.primitive)) == 1:
                wrong[sessions_of(term.primitive)[0]] |= bool(term.primitive.value(present))
        return wrong


@frozen(eq=False)
class Part:
    """Some sessions are free on the starts of a mask, all others stand still at their present place."""

    ground: Ground
    free: frozenset[int]
    still: Still
    candidates: Candidates
    limits: list[RoomLimit]
    terms: tuple[Term, ...]
    fixed_terms: Ints
    """The numbers of the terms whose value cannot change."""
    contradicts: bool
    """Whether those that stand still break hard rules among themselves."""

    @classmethod
    def of(cls, ground: Ground, free: Iterable[int], mask: Bools | None = None) -> Part:
        """Free some sessions (those that are not kept) on the starts of a mask (None: all allowed ones)."""
        lowered, stakes = ground.lowered, ground.stakes
        facts = lowered.facts
        free = frozenset(session for session in free if facts.variants[session]) - stakes.kept
        others = frozenset(session for session, _ in live(facts)) - free
        still = Still(lowered, only(stakes.present, others), others, stakes.kept)
        wide = lowered.allowed if mask is None else mask & lowered.allowed
        limits = room_limits(still, ground.pools)
        confined = cls._confined(ground, free, still, limits, wide)
        still = evolve(still, roaming=cls._roaming(ground, free, still, confined))
        numbers = {number for session in free for number in ground.terms_of[session]}
        numbers |= {number for session in still.roaming for number in ground.terms_of[session]
                    if of_rooms(lowered.terms[number])}
        fixed = np.setdiff1d(np.arange(len(lowered.terms)), list(numbers)).astype(np.int64)
        contradicts = any(ground.prices[HARD][s] for s in others - stakes.kept) or any(
            number not in numbers or cls._surely_broken(ground, number, still) for number in ground.broken)
        return cls(ground, free, still, Candidates.where(lowered, confined), limits,
                   tuple(lowered.terms[number] for number in sorted(numbers)), fixed, contradicts)

    @staticmethod
    def _surely_broken(ground: Ground, number: int, still: Still) -> bool:
        """Say whether sessions that stand still break a hard term whatever the free ones do."""
        primitive = ground.lowered.terms[number].primitive
        return (not isinstance(primitive, Load) and grows(primitive)
                and primitive.value(still.places) > ground.accepted(number))

    @staticmethod
    def _confined(
        ground: Ground, free: frozenset[int], still: Still, limits: list[RoomLimit], wide: Bools,
    ) -> Bools:
        """Return the starts that free sessions can take beside those that stand still."""
        lowered = ground.lowered
        facts = lowered.facts
        mask = np.zeros_like(wide)
        blocked = [
            {units: np.concatenate([[0], np.cumsum(limit.left < units)])
             for units in {int(limit.demand[session]) for session in free} - {0}}
            for limit in limits
        ]
        alone = len(still.sessions) == 0
        for session in free:
            terms = [lowered.terms[number] for number in ground.terms_of[session]]
            for variant in facts.variants[session]:
                columns = np.flatnonzero(wide[variant])
                tick = facts.starts[columns]
                fits = np.ones(len(columns), dtype=bool)
                for term in () if alone else terms:
                    if term.tier == HARD and one_by_one(term.primitive) and not of_rooms(term):
                        fits &= still.growth(term.primitive, session, variant, tick) == 0
                for limit, full in zip(limits, blocked, strict=True):
                    units = int(limit.demand[session])
                    if units:
                        low, high = ticks(facts, "rooms", after=limit.pad).span(variant, tick)
                        fits &= full[units][high] == full[units][low]
                mask[variant, columns[fits]] = True
        return mask

    @staticmethod
    def _roaming(ground: Ground, free: frozenset[int], still: Still, mask: Bools) -> frozenset[int]:
        """Return the sessions that stand still in time and may have other rooms for it.

        Others run in chains, each beside the next. Where no free session can come near a chain, and all of it is
        in the rooms of the reference, nothing is gained by other rooms.
        """
        stakes, facts = ground.stakes, ground.lowered.facts
        others = np.array([s for s in still.sessions if still.places.variant[s] >= 0], dtype=np.int64)
        if not ground.lowered.programme.rooms:
            return frozenset()
        if ground.room_costs:
            return frozenset(others.tolist()) - stakes.kept
        axis = ticks(facts, "chain", after=max(0, int(ground.pools.changeover.max())))
        low, high = still.spans(axis, others)
        variant, column = np.nonzero(mask)
        touched = np.zeros(facts.n_ticks, dtype=bool)
        for own in np.unique(variant):
            first, last = axis.span(int(own), facts.starts[column[variant == own]])
            touched |= covered(first, last, np.ones(len(first), dtype=np.int64), facts.n_ticks) > 0
        # Ticks that run on into the next one belong to one chain.
        joined = covered(low, high - 1, np.ones(len(others), dtype=np.int64), facts.n_ticks) > 0
        chain = np.concatenate([[0], np.cumsum(~joined)[:-1]])
        unsettled = ground.unsettled[others]
        near = np.unique(np.concatenate([chain[touched], chain[low[unsettled]]]))
        return frozenset(others[np.isin(chain[low], near)].tolist()) - stakes.kept
