"""How primitives become constraints and costs of a CP-SAT model.

- `build`: a model of some candidates with every hard term, and the soft terms of the tiers asked for.
- `weigh_absence`: the objective while sessions are still without a place.
- `cost_of`: the solver's own cost of a fixed schedule, for the tests that hold both meanings together.

Each kind of primitive has a module of its own beside this one.
"""

from __future__ import annotations

from collections.abc import Iterable

from igfsched.engine.candidates import Candidates
from igfsched.engine.cpsat import Limits, run
from igfsched.engine.encode.pairs import pair_term, star_rows
from igfsched.engine.encode.rooms import pool_capacities, room_prices
from igfsched.engine.encode.sums import load_term, shape_term
from igfsched.engine.encode.tallies import tally_term
from igfsched.engine.model import Model
from igfsched.engine.stars import split_stars
from igfsched.facts import Places
from igfsched.lowering import HARD, Lowered
from igfsched.primitives import Pair, Shape, Tally


def build(
    candidates: Candidates, *, partial: bool = False, tiers: Iterable[int] | None = None,
    rooms: dict[int, tuple[int, ...]] | None = None,
) -> Model:
    """Return a model of the candidates with all hard terms and the soft terms of some tiers (all, if None)."""
    model = Model(candidates, partial=partial, rooms=rooms)
    lowered = model.lowered
    wanted = set(lowered.tiers if tiers is None else tiers)
    pool_capacities(model)
    room_prices(model, wanted)
    stars, pairs = split_stars(lowered)
    for star in stars:
        star_rows(model, star)
    for term in [*(term for term in lowered.terms if not isinstance(term.primitive, Pair)), *pairs]:
        if term.tier != HARD and term.tier not in wanted:
            continue
        primitive = term.primitive
        if isinstance(primitive, Tally):
            tally_term(model, term, primitive)
        elif isinstance(primitive, Pair):
            pair_term(model, term, primitive)
        elif isinstance(primitive, Shape):
            shape_term(model, term, primitive)
        else:
            load_term(model, term, primitive)
    return model


def cost_of(lowered: Lowered, places: Places) -> dict[int, int] | None:
    """Return what the solver makes a fixed schedule cost, by tier, or None if it calls it infeasible.

    Tier `HARD` counts the sessions without a place, by priority.
    """
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
