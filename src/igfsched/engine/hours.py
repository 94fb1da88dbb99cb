"""The hour problem: forget on which of several alike days a session lies. Arrays only.

Comfort, nights and fairness depend on the hour; which day it is costs nothing on days that are alike. So
days of one kind (opening hours, capacities, phases) are merged: one variable for each variant and hour of
a kind of day, the cheapest day's price, the capacities of the days added up. Every schedule gives a
solution of the hour problem that costs no more, so its optimum is a lower bound of the whole problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
from attrs import Factory, define, frozen

from igfsched.engine.candidates import capacity_rows
from igfsched.engine.rooms import Pools
from igfsched.engine.slots import by_slot, everybody, live
from igfsched.engine.stars import stars
from igfsched.facts import Bools, Ints
from igfsched.lowering import HARD, Lowered, Term
from igfsched.primitives import PLENTY, Load, Pair, Shape, Tally

Floats = npt.NDArray[np.float64]

CROWD = 8
"""Members from which a capacity matters to the bound."""


FREE = 2**62
"""The limit of a row that is not limited on that side."""


@frozen(eq=False)
class ByDays:
    """Loads that ask for the days of sessions alone, and what they cost together in any schedule at the least."""

    terms: tuple[Term, ...] = ()
    least: int = 0


@frozen(eq=False)
class Row:
    """low <= sum of amounts x variables <= high."""

    variables: Ints
    amounts: Ints
    low: int
    high: int


@frozen(eq=False)
class Capacity:
    """No more than `cap` (by tick) units of some sessions at once, each lengthened by some ticks.

    How much longer sessions are after marks of an axis is left out: what shorter ones cannot do, longer ones cannot.
    """

    members: Ints
    before: Ints
    after: Ints
    cap: Ints
    demand: Ints


def capacities(lowered: Lowered, pools: Pools) -> list[Capacity]:
    """Return the hard capacities over time that concern many sessions: caps, teams, pools of rooms."""
    facts = lowered.facts
    found = []
    for term in lowered.terms:
        tally = term.primitive
        if (term.tier != HARD or not isinstance(tally, Tally) or len(tally.members) < CROWD
                or tally.axis.of_tick is not None or tally.axis.room_class is not None):
            continue
        cap = np.asarray(tally.count.cap if tally.count.kind == "over" else tally.count.highest, dtype=np.int64)
        if (cap >= PLENTY).all():
            continue
        before, after, demand = (by_slot(given, facts.n) for given in (
            tally.axis.before, tally.axis.after, 1 if tally.demand is None else tally.demand))
        found.append(Capacity(np.array(tally.members), before, after, np.broadcast_to(cap, (facts.n_ticks,)), demand))
    sets: dict[tuple[int, ...], Ints] = {}
    for session, value in live(facts):
        allowed = tuple(np.flatnonzero(pools.allowed[session]).tolist()) if lowered.programme.rooms else ()
        if allowed and all(pools.changeover[pool] >= 0 for pool in allowed):
            sets.setdefault(allowed, np.zeros(facts.n, dtype=np.int64))[session] = value.room_count
    everything = tuple(sorted({pool for allowed in sets for pool in allowed}))
    for allowed in {*sets, everything} if sets else ():
        demand = sum((units for inner, units in sets.items() if set(inner) <= set(allowed)),
                     np.zeros(facts.n, dtype=np.int64))
        members = np.flatnonzero(demand)
        if len(members) < CROWD:
            continue
        size = sum(len(pools.rooms[pool]) for pool in allowed)
        after = np.full(facts.n, min(int(pools.changeover[pool]) for pool in allowed), dtype=np.int64)
        cap = np.full(facts.n_ticks, size, dtype=np.int64)
        found.append(Capacity(members, np.zeros_like(after), after, cap, demand))
    return found


def day_kinds(lowered: Lowered, limits: Iterable[Capacity]) -> list[list[Ints]]:
    """Return the starts (indices) of each programme day, grouped into days of one kind."""
    facts = lowered.facts
    day = facts.day_of_tick[facts.starts]
    phases = {index: tuple(phase.name for phase in lowered.programme.window.phases if date in phase.days)
              for index, date in enumerate(facts.days)}
    alone = _days_alone(lowered, day)
    kinds: dict[tuple[object, ...], list[Ints]] = {}
    for index in np.unique(day).tolist():
        starts = np.flatnonzero(day == index)
        first, last = int(facts.starts[starts[0]]), int(facts.starts[starts[-1]])
        longest = int(facts.variant_ticks.max(initial=0)) + 1
        hours = facts.since_midnight[facts.starts[starts]]
        caps = tuple(limit.cap[first : last + longest].tobytes() for limit in limits)
        key = (hours.tobytes(), caps, phases.get(index), index if index in alone or index < 0 else None)
        kinds.setdefault(key, []).append(starts)
    return list(kinds.values())


def _days_alone(lowered: Lowered, day: Ints) -> set[int]:
    """Return the days that alone can hold some session which excludes many others from its time."""
    degree = np.zeros(lowered.facts.n, dtype=np.int64)
    for term in lowered.terms:
        if isinstance(term.primitive, Pair) and term.tier == HARD:
            degree[[term.primitive.first, term.primitive.second]] += 1
    found = set()
    for session in np.flatnonzero(degree >= CROWD).tolist():
        days = np.unique(day[lowered.allowed[list(lowered.facts.variants[session])].any(axis=0)])
        if len(days) == 1:
            found.add(int(days[0]))
    return found


@define(eq=False)
class HourProblem:
    """Columns and rows of the hour problem of one tier.

    A column is a variant at an hour of a kind of day: `variant`, `price`, `start` (a start of the first
    day of that kind) and `kind`, each of shape `(columns,)`. Further variables (largest loads, days used)
    follow the columns: `extra` holds price and upper limit of each. `days[kind]`: the starts of its days.
    `used[kind]`: the variable for how many of its days are used, where that is priced or limited. `constant`: what is
    paid whatever is chosen.
    """

    lowered: Lowered
    variant: Ints
    hour: Ints
    kind: Ints
    price: Ints
    tier: int | None
    days: list[list[Ints]]
    rows: list[Row] = Factory(list)
    used: dict[int, int] = Factory(dict)
    extra: list[tuple[int, int]] = Factory(list)
    weights: list[tuple[int, int]] = Factory(list)
    constant: int = 0

    @property
    def session(self) -> Ints:
        return self.lowered.facts.variant_session[self.variant]

    def starts_of(self, column: int) -> list[int]:
        """Return the starts that a column stands for, one for each day of its kind."""
        return [int(starts[self.hour[column]]) for starts in self.days[self.kind[column]]]

    def price_at(self, columns: Ints, starts: Ints) -> Ints:
        """Return what the variants of some columns cost at given starts."""
        if self.tier is None:
            return np.zeros(len(columns), dtype=np.int64)
        return self.lowered.prices[self.tier][self.variant[columns], starts]

    def add_variable(self, weight: int, most: int, priced: bool = True) -> int:
        """Add a further variable from 0 to `most` and return its index."""
        self.weights.append((len(self.extra), weight))
        self.extra.append((weight if priced else 0, most))
        return len(self.variant) + len(self.extra) - 1


def hour_problem(
    lowered: Lowered, pools: Pools, tier: int | None, mask: Bools, at_most: dict[int, int] | None = None,
    most_days: int | None = None, by_days: Mapping[int, ByDays] | None = None,
) -> HourProblem:
    """Return the hour problem of a tier (None: nothing costs) over the starts of a mask `(variants, starts)`.

    `at_most`: limits on the costs of other tiers. Costs that the hour problem cannot see count as 0.
    `most_days`: how many programme days may be used, whichever they are. `by_days`: by tier, loads that are left out,
    and what they are known to cost at the least.
    """
    facts = lowered.facts
    limits = capacities(lowered, pools)
    kinds = day_kinds(lowered, limits)
    dear = 2**60
    cheapest = {}
    for number in {*(at_most or {}), *(() if tier is None else (tier,))}:
        price = np.where(mask, lowered.prices[number], dear)
        cheapest[number] = [np.minimum.reduce([price[:, starts] for starts in days]) for days in kinds]
    usable = [np.logical_or.reduce([mask[:, starts] for starts in days]) for days in kinds]
    parts = [(*np.nonzero(usable[kind]), np.full(int(usable[kind].sum()), kind)) for kind in range(len(kinds))]
    empty = np.empty(0, dtype=np.int64)
    variant, hour, kind_of = (np.concatenate(arrays) for arrays in zip(*parts, strict=True)) if parts else (empty,) * 3

    def prices(number: int) -> Ints:
        return np.concatenate([cheapest[number][kind][usable[kind]] for kind in range(len(kinds))])

    nothing = np.zeros(len(variant), dtype=np.int64)
    problem = HourProblem(lowered, variant, hour, kind_of, nothing if tier is None else prices(tier), tier, kinds)
    order = np.argsort(problem.session, kind="stable")
    edges = np.searchsorted(problem.session[order], np.arange(facts.n + 1))
    for session, _ in live(facts):
        own = order[edges[session] : edges[session + 1]]
        problem.rows.append(Row(own, np.ones(len(own), dtype=np.int64), 1, 1))
    _days_used(problem, tier, most_days)
    for number in range(len(kinds)):
        _limit(problem, number, limits, problem.used.get(number))
        if len(kinds[number]) == 1:
            _stars(problem, number, limits)
    apart = by_days or {}
    for number, most in (at_most or {}).items():
        first = len(problem.extra)
        _loads(problem, number, mask, apart.get(number), priced=False)
        extra = [(len(variant) + at, weight) for at, weight in problem.weights[first:]]
        price = prices(number)
        paid = np.flatnonzero(price)
        problem.rows.append(Row(
            np.append(paid, [at for at, _ in extra]).astype(np.int64),
            np.append(price[paid], [weight for _, weight in extra]).astype(np.int64), -FREE,
            most - (apart[number].least if number in apart else 0),
        ))
    if tier is not None:
        _loads(problem, tier, mask, apart.get(tier), priced=True)
        problem.constant = apart[tier].least if tier in apart else 0
    return problem


def sees(lowered: Lowered, tier: int) -> bool:
    """Say whether the hour problem of a tier has any cost: prices of starts, loads, or days used."""
    if lowered.prices[tier].any():
        return True
    return any(term.tier == tier and (isinstance(term.primitive, Load) or counts_days(lowered, term.primitive))
               for term in lowered.terms)


def counts_days(lowered: Lowered, shape: object) -> bool:
    """Say whether a primitive is the number of programme days that any session uses."""
    return (isinstance(shape, Shape) and shape.kind == "size" and shape.plain
            and shape.footprint.axis.room_class is None and everybody(lowered.facts, shape.footprint.members)
            and shape.footprint.axis.of_tick is lowered.facts.day_of_tick)


def _loads(problem: HourProblem, tier: int, mask: Bools, apart: ByDays | None, *, priced: bool) -> None:
    for term in problem.lowered.terms:
        if isinstance(term.primitive, Load) and term.tier == tier and (apart is None or term not in apart.terms):
            _add_load(problem, term.primitive, term.weight, mask, priced)


def _days_used(problem: HourProblem, tier: int | None, most: int | None) -> None:
    """Add, for each kind of day, the number of its days that are used, where that is priced or limited."""
    weights = [term.weight for term in problem.lowered.terms
               if term.tier == tier and counts_days(problem.lowered, term.primitive)]
    facts = problem.lowered.facts
    own = {kind: days for kind, days in enumerate(problem.days) if facts.day_of_tick[facts.starts[days[0][0]]] >= 0}
    if weights:
        problem.used = {kind: problem.add_variable(weights[0], len(days)) for kind, days in own.items()}
    if most is None:
        return
    for kind, days in own.items():
        if kind not in problem.used:
            problem.used[kind] = problem.add_variable(0, len(days), priced=False)
        _one_at_least(problem, kind)
    variables = np.array(list(problem.used.values()), dtype=np.int64)
    problem.rows.append(Row(variables, np.ones(len(variables), dtype=np.int64), 0, most))


def _one_at_least(problem: HourProblem, kind: int) -> None:
    """Add, for each session, that a day of a kind is used if the session is on one."""
    columns = np.flatnonzero(problem.kind == kind)
    order = columns[np.argsort(problem.session[columns], kind="stable")]
    edges = np.searchsorted(problem.session[order], np.arange(problem.lowered.facts.n + 1))
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if last > first:
            amounts = np.append(np.ones(last - first, dtype=np.int64), -1)
            problem.rows.append(Row(np.append(order[first:last], problem.used[kind]), amounts, -FREE, 0))


def _limit(problem: HourProblem, kind: int, limits: Iterable[Capacity], used: int | None) -> None:
    """Add the rows of all capacities on one kind of day; `used`: the variable for how many of its days are used."""
    facts, days = problem.lowered.facts, problem.days[kind]
    columns = np.flatnonzero(problem.kind == kind)
    shift = [int(facts.starts[starts[0]] - facts.starts[days[0][0]]) for starts in days]
    for limit in limits:
        own = columns[np.isin(problem.session[columns], limit.members)]
        if not len(own):
            continue
        session, tick = problem.session[own], facts.starts[days[0]][problem.hour[own]]
        low = np.maximum(tick - limit.before[session], 0)
        high = np.minimum(tick + facts.variant_ticks[problem.variant[own]] + limit.after[session], facts.n_ticks)
        cap = sum((np.roll(limit.cap, -by) for by in shift), np.zeros(facts.n_ticks, dtype=np.int64))
        rows = capacity_rows(low, high, cap)
        units = limit.demand[session]
        for number in range(len(rows)):
            members = rows.row(number)
            most = int(cap[rows.classes[number]])
            if used is None:
                problem.rows.append(Row(own[members], units[members], -FREE, most))
            else:  # each used day brings its share: days of one kind have equal capacities
                amounts = np.append(units[members] * len(days), -most)
                problem.rows.append(Row(np.append(own[members], used), amounts, -FREE, 0))


def _stars(problem: HourProblem, kind: int, limits: Iterable[Capacity]) -> None:
    """Add, on a single day, what a session does that excludes many others: they share one capacity."""
    facts = problem.lowered.facts
    columns = np.flatnonzero(problem.kind == kind)
    starts = facts.starts[problem.days[kind][0]]
    tick = starts[problem.hour[columns]]
    low, high = tick, tick + facts.variant_ticks[problem.variant[columns]]
    for star in stars(problem.lowered):
        mine = problem.session[columns] == star.centre
        if mine.sum() != (problem.session == star.centre).sum():
            continue
        theirs = np.isin(problem.session[columns], star.others)
        begin, end = star.spans(mine, low, high, facts.n_ticks)
        both = np.flatnonzero(mine | theirs)
        cap = np.full(facts.n_ticks, len(star.others), dtype=np.int64)
        for limit in limits:
            if star.gap == 0 and set(star.others) <= set(limit.members.tolist()):
                cap = np.minimum(cap, limit.cap)
        rows = capacity_rows(begin[both], end[both], cap)
        for number in range(len(rows)):
            row = both[rows.row(number)]
            if mine[row].any() and theirs[row].any():
                most = int(cap[rows.classes[number]])
                problem.rows.append(Row(columns[row], np.where(mine[row], most, 1), -FREE, most))


def _add_load(problem: HourProblem, load: Load, weight: int, mask: Bools, priced: bool) -> None:
    """Add a load's largest level, spread or excess, each column with the least that any of its days adds."""
    totals = [_amounts(problem, group.loads, mask) for group in load.groups]
    if load.kind == "excess":
        for columns, least, _ in totals:
            excess = problem.add_variable(weight, FREE, priced)
            problem.rows.append(Row(np.append(columns, excess), np.append(-least, 1), -load.threshold, FREE))
        return
    if load.kind == "top":
        level = problem.add_variable(weight * load.most, FREE, priced)
        for group, (columns, least, _) in zip(load.groups, totals, strict=True):
            above = problem.add_variable(weight, FREE, priced)
            used, amounts = np.append(columns, (level, above)), np.append(-least, (group.divisor, group.divisor))
            problem.rows.append(Row(used, amounts, 0, FREE))
        return
    top = problem.add_variable(weight, FREE, priced)
    bottom = problem.add_variable(-weight, FREE, priced) if load.kind == "spread" else None
    for group, (columns, least, most) in zip(load.groups, totals, strict=True):
        used = np.flatnonzero(least)
        problem.rows.append(Row(np.append(columns[used], top), np.append(-least[used], group.divisor), 0, FREE))
        if bottom is not None:
            used = np.flatnonzero(most)
            problem.rows.append(Row(np.append(columns[used], bottom), np.append(-most[used], group.divisor), -FREE, 0))


def _amounts(problem: HourProblem, loads: dict[int, dict[int, Ints]], mask: Bools) -> tuple[Ints, Ints, Ints]:
    """Return the columns of a group's sessions, and the least and most that each adds on any allowed day."""
    facts = problem.lowered.facts
    columns = np.flatnonzero(np.isin(problem.session, list(loads)))
    least, most = np.full(len(columns), FREE), np.full(len(columns), -FREE)
    # Columns of one kind and variant stand together, by hour: each such run once, not a look at all for each.
    variants, kinds = problem.variant[columns], problem.kind[columns]
    edges = np.flatnonzero(np.diff(variants, prepend=-1) | np.diff(kinds, prepend=-1))
    ends = [*edges[1:].tolist(), len(columns)] if len(edges) else []
    for first, last in zip(edges.tolist(), ends, strict=True):
        variant, own = int(variants[first]), slice(first, last)
        amount = loads[int(facts.variant_session[variant])].get(variant)
        for starts in problem.days[int(kinds[first])]:
            at = starts[problem.hour[columns[own]]]
            value = np.zeros(last - first, dtype=np.int64) if amount is None else amount[facts.starts[at]]
            usable = mask[variant, at]
            least[own] = np.where(usable, np.minimum(least[own], value), least[own])
            most[own] = np.where(usable, np.maximum(most[own], value), most[own])
    return columns, least, most
