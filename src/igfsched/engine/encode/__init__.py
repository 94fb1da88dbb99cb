"""How primitives become constraints and costs of a CP-SAT model.

- `build`: a model of some candidates with every hard term, and the soft terms of the tiers asked for.
- `build_beside`: a model of the candidates of some sessions beside others that stand still.
- `weigh_absence`: the objective while sessions are still without a place.
- `cost_of`: the solver's own cost of a fixed schedule, for the tests that hold both meanings together.

Each kind of primitive has a module of its own beside this one.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from igfsched.engine.candidates import Candidates
from igfsched.engine.cpsat import Limits, run
from igfsched.engine.encode.numbers import number_tally
from igfsched.engine.encode.pairs import pair_term, star_rows
from igfsched.engine.encode.rooms import pool_capacities, room_prices
from igfsched.engine.encode.shapes import meet_term, segment_shape
from igfsched.engine.encode.single_rooms import RoomLimit, single_room_rows, single_room_tally
from igfsched.engine.encode.sums import load_term, shape_term
from igfsched.engine.encode.tallies import tally_term
from igfsched.engine.encode.watches import watch_term
from igfsched.engine.model import Model
from igfsched.engine.rooms import one_at_a_time
from igfsched.engine.stars import split_stars
from igfsched.engine.still import Still, one_by_one
from igfsched.facts import Places
from igfsched.lowering import HARD, Lowered, Term
from igfsched.primitives import Load, Meet, Pair, Primitive, Shape, Tally, looks_at_rooms, sessions_of

MANY_PAIRS = 1_000
"""Pairs from which stars are looked for."""


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
        if term.tier == HARD or term.tier in wanted:
            _state(model, term)
    return model


def build_beside(
    candidates: Candidates, still: Still, terms: Iterable[Term], limits: list[RoomLimit], *, partial: bool = False,
) -> Model:
    """Return a model of the candidates of some sessions; the others are constants.

    `terms`: those that speak of one of these sessions. `limits`: the rooms that are left to them. What stands
    still costs by itself is not in the costs, but for loads.
    """
    model = Model(candidates, partial=partial, still=still)
    lowered = model.lowered
    single_room_rows(model, still, limits)
    room_prices(model, set(lowered.tiers))
    terms = list(terms)
    many = sum(isinstance(term.primitive, Pair) for term in terms) > MANY_PAIRS
    if many:
        stars, pairs = split_stars(lowered)
        for star in stars:
            star_rows(model, star)
        terms = [*(term for term in terms if not isinstance(term.primitive, Pair)), *pairs]
    for term in terms:
        primitive = term.primitive
        if isinstance(primitive, Load):
            load_term(model, term, primitive)
            continue
        if isinstance(primitive, Tally) and by_caps(primitive) and primitive.axis.room_class is not None:
            if term.tier != HARD or not one_at_a_time(primitive, lowered.facts):
                single_room_tally(model, term, primitive, still)
            continue
        moving = [session for session in sessions_of(primitive) if len(model.of(session))]
        if len(moving) > 1 or not one_by_one(primitive) or looks_at_rooms(primitive):
            _state(model, term)
        elif moving:
            _beside_constants(model, still, term, primitive, moving[0])
    return model


def _beside_constants(model: Model, still: Still, term: Term, primitive: Primitive, session: int) -> None:
    """Where all others are constants, what a session adds is a price of its places; a hard term forbids these."""
    for variant in model.facts.variants[session]:
        own = model.members([session])
        own = own[model.candidates.variant[own] == variant]
        growth = still.growth(primitive, session, variant, model.candidates.tick[own])
        grown = np.flatnonzero(growth)
        if term.tier == HARD:
            model.linear((own[grown].tolist(), [1] * len(grown)), high=0)
        else:
            model.pay(term.tier, own[grown].tolist(), (term.weight * growth[grown]).tolist())


def _state(model: Model, term: Term) -> None:
    primitive = term.primitive
    if isinstance(primitive, Tally):
        (tally_term if by_caps(primitive) else number_tally)(model, term, primitive)
    elif isinstance(primitive, Pair):
        pair_term(model, term, primitive)
    elif isinstance(primitive, Shape):
        plain = primitive.plain and not looks_at_rooms(primitive)
        (shape_term if plain else segment_shape)(model, term, primitive)
    elif isinstance(primitive, Meet):
        meet_term(model, term, primitive)
    elif isinstance(primitive, Load):
        load_term(model, term, primitive)
    else:
        watch_term(model, term, primitive)


def by_caps(tally: Tally) -> bool:
    """Say whether a count is of sessions alone, against a cap or in pairs."""
    return tally.count.kind != "table" and not tally.footprints


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
