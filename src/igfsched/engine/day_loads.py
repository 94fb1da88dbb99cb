"""What is shared out over days, whatever the hours: whole sessions on days that have minutes for them.

The hour problem merges days that are alike, and so sees nothing of how evenly sessions lie on them. Here hours are
forgotten and days are kept: how many sessions of each sort there are on each day. Two sessions are of one sort if they
are as long, may lie on the same days, and add the same to every load. Every schedule is such a choice, so that none
costs less.

- `of_days`: whether a load asks for nothing but the day of each session.
- `by_days`: the least that such loads of a tier cost together.
"""

from __future__ import annotations

from collections import defaultdict
from math import ceil

import numpy as np
from attrs import frozen

from igfsched.engine.control import Control
from igfsched.engine.cpsat import run
from igfsched.engine.hours import ByDays, Capacity, capacities
from igfsched.engine.rooms import Pools
from igfsched.engine.slots import live
from igfsched.engine.writing import Linear, Writer
from igfsched.facts import Ints
from igfsched.lowering import Lowered, Term
from igfsched.primitives import Load, LoadGroup

LONGEST = 2.0
"""Seconds for all days together; what is proven by then is the bound."""


def of_days(lowered: Lowered, load: Load) -> bool:
    """Say whether what each session adds to a load depends on nothing but the day of its start."""
    if load.kind == "top" or len(lowered.facts.days) < 2:
        return False
    known: dict[int, bool] = {}
    day, edges = _days(lowered)
    for group in load.groups:
        for by_variant in group.loads.values():
            for amount in by_variant.values():
                if id(amount) not in known:
                    at_starts = amount[lowered.facts.starts]
                    known[id(amount)] = bool((at_starts == at_starts[edges][day]).all())
                if not known[id(amount)]:
                    return False
    return True


def by_days(lowered: Lowered, pools: Pools, tier: int, control: Control) -> ByDays:
    """Return the loads of a tier over days, and what they cost at least in any schedule that places every session."""
    loads = [(term, term.primitive) for term in lowered.terms
             if term.tier == tier and isinstance(term.primitive, Load) and of_days(lowered, term.primitive)]
    if not loads:
        return ByDays()
    model = _DayModel(lowered, pools, [group for _, load in loads for group in load.groups])
    cost: Linear = ([], [])
    for term, load in loads:
        _pay(model, term, load, cost)
    objective = model.cp.proto.objective
    objective.vars.extend(cost[0])
    objective.coeffs.extend(cost[1])
    objective.scaling_factor = 1.0
    outcome = control.count(run(model.cp, control.limits(min(LONGEST, control.left * 0.05))))
    if outcome.status not in ("optimal", "feasible") or outcome.bound <= 0:
        return ByDays()
    return ByDays(tuple(term for term, _ in loads), ceil(outcome.bound - 1e-6))


def _days(lowered: Lowered) -> tuple[Ints, Ints]:
    """Return the number of the day of each start, from 0, and the first start of each day."""
    days = lowered.facts.day_of_tick[lowered.facts.starts]
    _, first, number = np.unique(days, return_index=True, return_inverse=True)
    return number, first


@frozen
class _Place:
    """Sessions of one sort on one day: how long each is, and the variable for their number."""

    sort: int
    day: int
    variant: int
    variable: int


class _DayModel(Writer):
    """Numbers of sessions of each sort on days, within the minutes that caps and rooms have there."""

    def __init__(self, lowered: Lowered, pools: Pools, groups: list[LoadGroup]) -> None:
        super().__init__()
        self.lowered = lowered
        self.day, self.edges = _days(lowered)
        self.limits = capacities(lowered, pools)
        self.usable = np.logical_or.reduceat(lowered.allowed, self.edges, axis=1)
        """The days on which each variant may start, shape `(variants, days)`."""
        starts, never = lowered.facts.starts, lowered.facts.n_ticks
        self.earliest = np.minimum.reduceat(np.where(lowered.allowed, starts, never), self.edges, axis=1)
        self.latest = np.maximum.reduceat(np.where(lowered.allowed, starts, -1), self.edges, axis=1)
        sorts: dict[object, list[int]] = defaultdict(list)
        for slot, _ in live(lowered.facts):
            sorts[self._sort(slot, groups)].append(slot)
        self.first = [slots[0] for slots in sorts.values()]
        """A session of each sort."""
        self.places: list[_Place] = []
        for sort, slots in enumerate(sorts.values()):
            own = [
                _Place(sort, day, variant, self.integer(0, len(slots)))
                for variant in lowered.facts.variants[slots[0]] for day in np.flatnonzero(self.usable[variant]).tolist()
            ]
            self.places += own
            self.linear(([place.variable for place in own], [1] * len(own)), len(slots), len(slots))
        self._within_limits()

    def _sort(self, slot: int, groups: list[LoadGroup]) -> tuple[object, ...]:
        """Return what sessions of one sort have in common."""
        variants = self.lowered.facts.variants[slot]
        return (
            tuple((int(self.lowered.facts.variant_ticks[v]), self.usable[v].tobytes()) for v in variants),
            tuple(self.amounts(group, slot, v).tobytes() for group in groups if slot in group.loads for v in variants),
            tuple(number for number, group in enumerate(groups) if slot in group.loads),
            tuple((int(limit.before[slot]), int(limit.after[slot]), int(limit.demand[slot]))
                  if slot in limit.members else None for limit in self.limits),
        )

    def amounts(self, group: LoadGroup, slot: int, variant: int) -> Ints:
        """Return what a session adds to a group on each day."""
        amount = group.loads.get(slot, {}).get(variant)
        if amount is None:
            return np.zeros(len(self.edges), dtype=np.int64)
        return amount[self.lowered.facts.starts[self.edges]]

    def _within_limits(self) -> None:
        """State for each capacity that what sessions take on a day is no more than it has there."""
        for limit in self.limits:
            members, room = set(limit.members.tolist()), self._minutes(limit)
            by_day: dict[int, Linear] = defaultdict(lambda: ([], []))
            for place in self.places:
                slot = self.first[place.sort]
                if slot in members:
                    ticks = self.lowered.facts.variant_ticks[place.variant] + limit.before[slot] + limit.after[slot]
                    by_day[place.day][0].append(place.variable)
                    by_day[place.day][1].append(int(ticks * limit.demand[slot]))
            for day, terms in by_day.items():
                self.linear(terms, high=int(room[day]))

    def _minutes(self, limit: Capacity) -> Ints:
        """Return, by day, what a capacity has in the ticks that its members can take."""
        facts = self.lowered.facts
        variants = np.flatnonzero(np.isin(facts.variant_session, limit.members))
        slots = facts.variant_session[variants]
        first = self.earliest[variants] - limit.before[slots][:, None]
        last = self.latest[variants] + (facts.variant_ticks[variants] + limit.after[slots])[:, None]
        usable = self.usable[variants]
        low = np.maximum(np.where(usable, first, facts.n_ticks).min(axis=0), 0)
        high = np.minimum(np.where(usable, last, 0).max(axis=0), facts.n_ticks)
        sums = np.concatenate([[0], np.cumsum(limit.cap)])
        return np.where(high > low, sums[high] - sums[np.minimum(low, high)], 0)


def _pay(model: _DayModel, term: Term, load: Load, cost: Linear) -> None:
    """Add what a load costs."""
    totals = [_total(model, group) for group in load.groups]
    most = [sum(abs(amount) for amount in amounts) * model.lowered.facts.n for _, amounts in totals]
    highest = max(most, default=0)

    def pay(variable: int, price: int) -> None:
        cost[0].append(variable)
        cost[1].append(price)

    if load.kind == "excess":
        for variables, amounts in totals:
            excess = model.integer(0, highest)
            pay(excess, term.weight)
            model.linear(([excess, *variables], [1, *(-amount for amount in amounts)]), low=-load.threshold)
        return
    largest = model.integer(-highest, highest)
    pay(largest, term.weight)
    for (variables, amounts), group in zip(totals, load.groups, strict=True):
        model.linear(([largest, *variables], [group.divisor, *(-amount for amount in amounts)]), low=0)
    if load.kind == "spread":
        smallest = model.integer(-highest, highest)
        pay(smallest, -term.weight)
        for (variables, amounts), group in zip(totals, load.groups, strict=True):
            model.linear(([smallest, *variables], [group.divisor, *(-amount for amount in amounts)]), high=0)


def _total(model: _DayModel, group: LoadGroup) -> Linear:
    """Return the total of a group."""
    found: Linear = ([], [])
    for place in model.places:
        amount = int(model.amounts(group, model.first[place.sort], place.variant)[place.day])
        if amount:
            found[0].append(place.variable)
            found[1].append(amount)
    return found
