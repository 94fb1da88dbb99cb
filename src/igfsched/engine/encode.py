"""How primitives become constraints and costs of a CP-SAT model.

- `build`: a model of some candidates with every hard term, and the soft terms of the tiers asked for.
- `cost_of`: the solver's own cost of a fixed schedule, for the tests that hold both meanings together.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from igfsched.engine.candidates import Candidates, capacity_rows, stretch_rows
from igfsched.engine.model import Linear, Model
from igfsched.engine.rooms import one_at_a_time
from igfsched.engine.stars import Star, split_stars
from igfsched.facts import Ints, Places
from igfsched.lowering import HARD, Lowered, Term
from igfsched.primitives import Axis, Count, Load, Pair, Shape, Tally, ticks

MANY_ROWS = 400
"""Candidates above which two sessions of a person exclude each other by intervals rather than by rows."""


def build(
    candidates: Candidates, *, partial: bool = False, tiers: Iterable[int] | None = None,
    rooms: dict[int, tuple[int, ...]] | None = None,
) -> Model:
    """Return a model of the candidates with all hard terms and the soft terms of some tiers (all, if None)."""
    model = Model(candidates, partial=partial, rooms=rooms)
    lowered = model.lowered
    wanted = set(lowered.tiers if tiers is None else tiers)
    _rooms(model)
    _room_prices(model, wanted)
    stars, pairs = split_stars(lowered)
    for star in stars:
        _star(model, star)
    for term in [*(term for term in lowered.terms if not isinstance(term.primitive, Pair)), *pairs]:
        if term.tier != HARD and term.tier not in wanted:
            continue
        primitive = term.primitive
        if isinstance(primitive, Tally):
            _tally(model, term, primitive)
        elif isinstance(primitive, Pair):
            _pair(model, term, primitive)
        elif isinstance(primitive, Shape):
            _shape(model, term, primitive)
        else:
            _load(model, term, primitive)
    return model


def cost_of(lowered: Lowered, places: Places) -> dict[int, int] | None:
    """Return what the solver makes a fixed schedule cost, by tier, or None if it calls it infeasible.

    Tier `HARD` counts the sessions without a place, by priority.
    """
    from igfsched.engine.cpsat import Limits, run

    if any(unit.rule.hard and places.variant[table.session] >= 0 and table.value(places)
           for unit, table in lowered.tables):
        return None
    given = {session: rooms for session, rooms in enumerate(places.rooms) if places.variant[session] >= 0}
    found = {}
    for tier in (HARD, *lowered.tiers):
        model = build(Candidates.at(lowered, places), partial=True, rooms=given, tiers=None if tier == HARD else [tier])
        for session in range(lowered.facts.n):
            if places.variant[session] >= 0:
                model.linear(([model.of(session)[0]], [1]), low=1)
        model.minimize(tier)
        outcome = run(model.cp, Limits(seconds=10.0, workers=1))
        if outcome.values is None:
            return None
        found[tier] = outcome.objective
    return found


def weigh_absence(model: Model, tier: int | None) -> None:
    """Make the objective: absences first, then the cost of a tier, added up with a weight that keeps the order.

    The weight is more than what one session's own place can cost in the tier, many times over.
    """
    if tier is None:
        model.minimize(HARD)
        return
    heavy = min(10**9, 1000 + 20 * int(model.lowered.prices[tier].max(initial=0)))
    variables, prices = model.costs[HARD]
    model.pay(tier, variables, [price * heavy for price in prices])
    model.minimize(tier)


# -- rooms -------------------------------------------------------------------------------------------


def _rooms(model: Model) -> None:
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
    for group in {*groups, everything} if len(groups) > 1 else groups:
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
        _capacity(model, np.flatnonzero(demand).tolist(), axis, Count(kind="over", cap=size), demand)
    for pool, chosen in choosers.items():
        pad = int(pools.changeover[pool])
        if pad < 0:
            continue
        intervals = [model.pool_interval(session, pad, literal) for session, literal in chosen]
        for session, choice in model.requests:
            if choice.get(pool, 0) is None:
                intervals.append(model.pool_interval(session, pad, _presence(model, session)))
        model.cumulative(intervals, len(pools.rooms[pool]))


def _presence(model: Model, session: int) -> int:
    absent = model.absent[session]
    if absent is not None:
        return -absent - 1
    literal = model.booleans(1)[0]
    model.linear(([literal], [1]), low=1)
    return literal


def _room_prices(model: Model, wanted: set[int]) -> None:
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


# -- tallies -----------------------------------------------------------------------------------------


def _tally(model: Model, term: Term, tally: Tally) -> None:
    if tally.axis.room_class is not None:
        if term.tier != HARD or not one_at_a_time(tally, model.facts.n):
            _room_tally(model, term, tally)
        return
    if term.tier == HARD:
        if tally.count.kind == "pairs" and tally.axis.of_tick is None and tally.demand is None:
            _exclusive(model, tally)
        else:
            _capacity(model, tally.members, tally.axis, tally.count, tally.demand)
        return
    members = model.members(tally.members)
    low, high = model.spans(tally.axis)
    owner = model.candidates.session[members]
    units = np.ones(len(members), dtype=np.int64) if tally.demand is None else tally.demand[owner]
    _excess(model, term, tally, members, low[members], high[members], owner, units)


def _capacity(model: Model, sessions: Iterable[int], axis: Axis, count: Count, demand: Ints | None) -> None:
    """State that nothing costs: in no class is the demand above the largest number that is free."""
    members = model.members(sessions)
    low, high = model.spans(axis)
    cap = 1 if count.kind == "pairs" else count.cap
    rows = capacity_rows(low[members], high[members], cap)
    owner = model.candidates.session[members]
    units = np.ones(len(members), dtype=np.int64) if demand is None else demand[owner]
    for number in range(len(rows)):
        row = rows.row(number)
        limit = count.limit(int(rows.classes[number]))
        _, where = np.unique(owner[row], return_index=True)
        if units[row][where].sum() <= limit:
            continue
        if limit == 1 and (units[row] == 1).all():
            model.at_most_one(members[row].tolist())
        else:
            model.linear((members[row].tolist(), units[row].tolist()), high=limit)


def _exclusive(model: Model, tally: Tally) -> None:
    """At most one of some sessions at a time."""
    present = [session for session in tally.members if len(model.of(session))]
    if len(present) < 2:
        return
    members = model.members(present)
    if len(members) <= MANY_ROWS:
        _capacity(model, present, tally.axis, tally.count, None)
    else:
        model.no_overlap([model.interval(session, tally.axis) for session in present])


def _excess(
    model: Model, term: Term, tally: Tally, variables: Ints, low: Ints, high: Ints, owner: Ints, units: Ints,
) -> None:
    """Price what a count costs, for each stretch of classes in which the same members meet; forbid it if hard.

    Of the variables of one `owner` at most one is true.
    """
    count = tally.count
    rows = stretch_rows(low, high, 1 if count.kind == "pairs" else count.cap)
    for number in range(len(rows)):
        row = rows.row(number)
        if not len(row):
            continue
        limit = count.limit(int(rows.classes[number]))
        _, where = np.unique(owner[row], return_index=True)
        most = int(units[row][where].sum())
        if most <= limit:
            continue
        total: Linear = (variables[row].tolist(), units[row].tolist())
        if term.tier == HARD:
            model.linear(total, high=limit)
            continue
        price = term.weight * tally.axis.width * int(rows.width[number])
        if count.kind == "over":
            excess = model.integer(0, most - limit)
            model.linear(([excess, *total[0]], [1, *(-u for u in total[1])]), low=-limit)
        else:
            excess = model.integer(0, most * (most - 1) // 2)
            for k in range(1, most):
                model.linear(([excess, *total[0]], [1, *(-k * u for u in total[1])]), low=-k * (k + 1) // 2)
        model.pay(term.tier, [excess], [price])


def _room_tally(model: Model, term: Term, tally: Tally) -> None:
    """A count in rooms: for each class of rooms, with a literal for each candidate in one of them."""
    low, high = model.spans(tally.axis)
    room_class = tally.axis.room_class
    assert room_class is not None
    inside = set(tally.members)
    for kind in range(tally.axis.room_classes):
        pools = [pool for pool, rooms in enumerate(model.pools.rooms) if room_class[rooms[0]] == kind]
        members, shown, owner = [], [], []
        for request, (session, choice) in enumerate(model.requests):
            for pool in pools if session in inside else ():
                if pool not in choice:
                    continue
                literal = choice[pool]
                for variable in model.of(session):
                    both = variable
                    if literal is not None:
                        both = model.booleans(1)[0]
                        model.linear(([both, variable, literal], [1, -1, -1]), low=-1)
                    members.append(variable)
                    shown.append(both)
                    owner.append(request)
        index = np.array(members, dtype=np.int64)
        sessions = model.candidates.session[index]
        units = np.ones(len(index), dtype=np.int64) if tally.demand is None else tally.demand[sessions]
        _excess(model, term, tally, np.array(shown, dtype=np.int64), low[index], high[index],
                np.array(owner, dtype=np.int64), units)


# -- pairs -------------------------------------------------------------------------------------------


def _pair(model: Model, term: Term, pair: Pair) -> None:
    if pair.kind == "overlap":
        axis = ticks(model.facts, "overlap", after=pair.gap // model.facts.tick)
        tally = Tally(members=(pair.first, pair.second), axis=axis, count=Count(kind="pairs"))
        _tally(model, term, tally)
    elif pair.kind == "late":
        (_hard_late if term.tier == HARD else _soft_late)(model, term, pair)
    else:
        _same_or_differ(model, term, pair)


def _star(model: Model, star: Star) -> None:
    """One session that excludes many others: while it takes its time the capacity of the others is 0."""
    axis = ticks(model.facts, "star")
    own, members = model.members([star.centre]), model.members(star.others)
    both = np.concatenate([own, members])
    mine = np.arange(len(both)) < len(own)
    low, high = (span[both] for span in model.spans(axis))
    low, high = star.spans(mine, low, high, model.facts.n_ticks)
    cap = _shared_capacity(model, list(star.others)) if star.gap == 0 else None
    rows = capacity_rows(low, high, 1 if cap is None else cap)
    for number in range(len(rows)):
        row = rows.row(number)
        theirs = both[row[~mine[row]]]
        if not mine[row].any() or not len(theirs):
            continue
        most = len(np.unique(model.candidates.session[theirs]))
        if cap is not None:
            most = min(most, int(cap[rows.classes[number]]))
        centre = both[row[mine[row]]].tolist()
        model.linear((centre + theirs.tolist(), [most] * len(centre) + [1] * len(theirs)), high=most)


def _shared_capacity(model: Model, sessions: list[int]) -> Ints | None:
    """Return the tightest hard cap by tick that holds for all of some sessions together."""
    best: Ints | None = None
    for term in model.lowered.terms:
        tally = term.primitive
        if (isinstance(tally, Tally) and term.tier == HARD and tally.count.kind == "over" and tally.demand is None
                and tally.axis.of_tick is None and tally.axis.room_class is None and set(sessions) <= set(tally.members)):
            cap = np.broadcast_to(np.asarray(tally.count.cap, dtype=np.int64), (model.facts.n_ticks,))
            best = cap if best is None else np.minimum(best, cap)
    return best


def _hard_late(model: Model, term: Term, pair: Pair) -> None:
    """The first ends, with its gap, no later than the second starts."""
    first, second = model.members([pair.first]), model.members([pair.second])
    if not len(first) or not len(second):
        return
    gap = pair.gap // model.facts.tick
    ends = model.candidates.tick[first] + model.facts.variant_ticks[model.candidates.variant[first]] + gap
    starts = model.candidates.tick[second]
    told = None
    for end in np.unique(ends[ends > starts.min()]).tolist():
        # Not both: the first ends (with its gap) at `end` or later, and the second starts before `end`.
        last_early = int(starts[starts < end].max())
        if last_early == told:
            continue
        told = last_early
        begun = model.no_later(pair.second, False, last_early)
        absent = model.placed(pair.first)
        terms: Linear = (begun[0] + absent[0], begun[1] + absent[1])
        if (ends < end).any():
            done = model.no_later(pair.first, True, int(ends[ends < end].max()) - gap)
            terms = (terms[0] + done[0], terms[1] + [-1])
        model.linear(terms, high=0)


def _soft_late(model: Model, term: Term, pair: Pair) -> None:
    first, second = model.members([pair.first]), model.members([pair.second])
    if not len(first) or not len(second):
        return
    tick = model.facts.tick
    ends = (model.candidates.tick[first] + model.facts.variant_ticks[model.candidates.variant[first]]) * tick + pair.gap
    starts = model.candidates.tick[second] * tick
    most = int(ends.max() - starts.min())
    if most <= 0:
        return
    late = model.integer(0, most)
    # Relative to the earliest start, so that an absent session makes the right-hand side harmless.
    base = int(starts.min())
    terms: Linear = ([late, *first.tolist(), *second.tolist()],
                     [1, *(base - ends).tolist(), *(starts - base).tolist()])
    absent = model.absent[pair.second]
    if absent is not None:
        terms[0].append(absent)
        terms[1].append(most)
    model.linear(terms, low=0)
    model.pay(term.tier, [late], [term.weight])


def _same_or_differ(model: Model, term: Term, pair: Pair) -> None:
    first, second = (model.class_literals(session, pair.axis) for session in (pair.first, pair.second))
    if not len(model.of(pair.first)) or not len(model.of(pair.second)):
        return
    if pair.kind == "same":
        shared = [kind for kind in first if kind in second]
        if term.tier == HARD:
            for kind in shared:
                model.at_most_one([first[kind], second[kind]])
            return
        cost = model.booleans(1)[0]
        for kind in shared:
            model.linear(([cost, first[kind], second[kind]], [1, -1, -1]), low=-1)
        model.pay(term.tier, [cost], [term.weight])
        return
    # 'differ' costs 1 where both have a place and no class is shared.
    both = [model.booleans(1)[0] for kind in first if kind in second]
    for literal, kind in zip(both, [kind for kind in first if kind in second], strict=True):
        model.linear(([literal, first[kind]], [1, -1]), high=0)
        model.linear(([literal, second[kind]], [1, -1]), high=0)
    cost = model.booleans(1)[0]
    terms: Linear = ([cost, *both], [1] * (len(both) + 1))
    for session in (pair.first, pair.second):
        absent = model.absent[session]
        if absent is not None:
            terms[0].append(absent)
            terms[1].append(1)
    model.linear(terms, low=1)
    if term.tier == HARD:
        model.linear(([cost], [1]), high=0)
    else:
        model.pay(term.tier, [cost], [term.weight])


# -- shapes and loads --------------------------------------------------------------------------------


def _shape(model: Model, term: Term, shape: Shape) -> None:
    """One literal for each class that the group touches, at least as true as each member's."""
    footprint = shape.footprint
    touching: dict[int, list[tuple[int, int]]] = {}
    for session in footprint.members:
        for kind, literal in model.class_literals(session, footprint.axis).items():
            touching.setdefault(kind, []).append((session, literal))
    room = _minutes_of_classes(model, footprint.members, shape)
    used: dict[int, int] = {}
    for kind, literals in sorted(touching.items()):
        price = 1 if shape.kind == "size" else int(shape.prices[kind])  # type: ignore[index]
        if term.tier == HARD:
            if price:
                model.linear(([literal for _, literal in literals], [1] * len(literals)), high=0)
            continue
        if price == 0:
            continue
        used[kind] = model.booleans(1)[0]
        for _, literal in literals:
            model.linear(([used[kind], literal], [1, -1]), low=0)
        model.linear(([used[kind], *(literal for _, literal in literals)], [1] + [-1] * len(literals)), high=0)
        if kind in room:
            lengths = [int(model.facts.variant_ticks[list(model.facts.variants[session])].min()) for session, _ in literals]
            model.linear(([used[kind], *(literal for _, literal in literals)], [-room[kind], *lengths]), high=0)
        model.pay(term.tier, [used[kind]], [term.weight * price])


def _minutes_of_classes(model: Model, sessions: Iterable[int], shape: Shape) -> dict[int, int]:
    """Return an upper bound of the session ticks that fit into each class of a point axis, by the hard caps.

    It turns 'some session is there' into 'so much of the work is there', which bounds the number of
    classes from below.
    """
    axis = shape.footprint.axis
    members = list(sessions)
    cap = _shared_capacity(model, members)
    if cap is None or axis.of_tick is None:
        return {}
    variables = model.members(members)
    kinds = axis.of_tick[model.candidates.tick[variables]]
    covered = np.zeros(model.facts.n_ticks + 1, dtype=np.int64)
    found = {}
    for kind in np.unique(kinds[kinds >= 0]).tolist():
        own = variables[kinds == kind]
        covered[:] = 0
        np.add.at(covered, model.candidates.tick[own], 1)
        np.add.at(covered, model.candidates.tick[own] + model.facts.variant_ticks[model.candidates.variant[own]], -1)
        found[kind] = int(cap[np.cumsum(covered)[:-1] > 0].sum())
    return found


def _load(model: Model, term: Term, load: Load) -> None:
    totals = [_total(model, group.loads) for group in load.groups]
    if not totals:
        return
    if load.kind == "excess":
        for terms, most in totals:
            if most > load.threshold:
                excess = model.integer(0, most - load.threshold)
                model.linear(([excess, *terms[0]], [1, *(-c for c in terms[1])]), low=-load.threshold)
                _charge(model, term, excess, 1)
        return
    divisors = [group.divisor for group in load.groups]
    highest = max(-(-most // divisor) for (_, most), divisor in zip(totals, divisors, strict=True))
    largest = model.integer(0, max(highest, 0))
    for (terms, most), divisor in zip(totals, divisors, strict=True):
        if most > 0:
            model.linear(([largest, *terms[0]], [divisor, *(-c for c in terms[1])]), low=0)
    _charge(model, term, largest, 1)
    if load.kind == "spread":
        smallest = model.integer(0, max(highest, 0))
        for (terms, _), divisor in zip(totals, divisors, strict=True):
            model.linear(([smallest, *terms[0]], [divisor, *(-c for c in terms[1])]), high=0)
        if term.tier == HARD:
            model.linear(([largest, smallest], [1, -1]), high=0)
        else:
            model.pay(term.tier, [smallest], [-term.weight])


def _charge(model: Model, term: Term, variable: int, price: int) -> None:
    if term.tier == HARD:
        if not (isinstance(term.primitive, Load) and term.primitive.kind == "spread"):
            model.linear(([variable], [1]), high=0)
    else:
        model.pay(term.tier, [variable], [term.weight * price])


def _total(model: Model, loads: dict[int, dict[int, Ints]]) -> tuple[Linear, int]:
    """Return a group's total as terms, and the most that it can be."""
    variables: list[int] = []
    amounts: list[int] = []
    most = 0
    for session, by_variant in loads.items():
        own = model.members([session])
        if not len(own):
            continue
        load = np.zeros(len(own), dtype=np.int64)
        for variant, amount in by_variant.items():
            chosen = model.candidates.variant[own] == variant
            load[chosen] = amount[model.candidates.tick[own[chosen]]]
        paid = np.flatnonzero(load)
        variables += own[paid].tolist()
        amounts += load[paid].tolist()
        most += int(load.max(initial=0))
    return (variables, amounts), most
