"""Shapes and loads in a model: a literal for each class in use, variables for the largest and smallest level."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from igfsched.engine.encode.levels import by_levels
from igfsched.engine.encode.tallies import shared_capacity
from igfsched.engine.encode.truths import Sum
from igfsched.engine.model import Model
from igfsched.engine.writing import Linear
from igfsched.facts import Ints
from igfsched.lowering import HARD, Term
from igfsched.primitives import Load, LoadGroup, Shape
from igfsched.stakes import only


def shape_term(model: Model, term: Term, shape: Shape) -> None:
    """One literal for each class that the group touches, at least as true as each member's."""
    footprint = shape.footprint
    touching: dict[int, list[tuple[int, int]]] = {}
    for session in footprint.members:
        for kind, literal in model.class_literals(session, footprint.axis).items():
            touching.setdefault(kind, []).append((session, literal))
    done = None if model.still is None else model.still.touched(shape)
    room = minutes_of_classes(model, footprint.members, shape)
    used: dict[int, int] = {}
    for kind, literals in sorted(touching.items()):
        price = 1 if shape.kind == "size" else int(shape.prices[kind])  # type: ignore[index]
        if done is not None and done[kind]:
            continue
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
            variants = model.facts.variants
            lengths = [int(model.facts.variant_ticks[list(variants[session])].min()) for session, _ in literals]
            model.linear(([used[kind], *(literal for _, literal in literals)], [-room[kind], *lengths]), high=0)
        model.pay(term.tier, [used[kind]], [term.weight * price])


def minutes_of_classes(model: Model, sessions: Iterable[int], shape: Shape) -> dict[int, int]:
    """Return an upper bound of the session ticks that fit into each class of a point axis, by the hard caps.

    It turns 'some session is there' into 'so much of the work is there', which bounds the number of
    classes from below.
    """
    axis = shape.footprint.axis
    members = list(sessions)
    cap = shared_capacity(model, members)
    if cap is None or axis.of_tick is None or axis.reach > 1:
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


def load_term(model: Model, term: Term, load: Load) -> None:
    if not load.groups:
        return
    if load.kind == "excess":
        for group in load.groups:
            _excess(model, term, group, load.threshold)
        return
    if load.kind == "top":
        _top(model, term, load)
        return
    if model.still is None and by_levels(model, term, load):
        return
    divisors = [group.divisor for group in load.groups]
    base = [_standing(model, group) for group in load.groups]
    totals = [_total(model, group.loads) for group in load.groups]
    most = [have + more for have, (_, more) in zip(base, totals, strict=True)]
    highest = max(0, *(-(-all_of // divisor) for all_of, divisor in zip(most, divisors, strict=True)))
    lowest = max(0, *(-(-have // divisor) for have, divisor in zip(base, divisors, strict=True)))
    accepted = 0 if model.still is None else load.value(only(model.still.places, model.still.kept))
    largest = model.integer(lowest, highest)
    for have, (terms, more), divisor in zip(base, totals, divisors, strict=True):
        if more > 0 and -(-(have + more) // divisor) > lowest:
            model.linear(([largest, *terms[0]], [divisor, *(-c for c in terms[1])]), low=have)
    if load.kind == "largest":
        if term.tier == HARD:
            model.linear(([largest], [1]), high=accepted)
        else:
            model.pay(term.tier, [largest], [term.weight])
        return
    smallest = model.integer(0, highest)
    for have, (terms, _), divisor in zip(base, totals, divisors, strict=True):
        model.linear(([smallest, *terms[0]], [divisor, *(-c for c in terms[1])]), high=have)
    if term.tier == HARD:
        model.linear(([largest, smallest], [1, -1]), high=accepted)
    else:
        model.pay(term.tier, [largest, smallest], [term.weight, -term.weight])


def _top(model: Model, term: Term, load: Load) -> None:
    """Price the largest levels: as many times a level as there are to be, and what groups have above it."""
    levels = Sum()
    bounds, sums = [], []
    for group in load.groups:
        have, (terms, more) = _standing(model, group), _total(model, group.loads)
        low, high = -(-have // group.divisor), -(-(have + more) // group.divisor)
        if low == high or more <= 0:
            sums.append(Sum(constant=low))
        elif group.divisor == 1:
            sums.append(Sum(list(terms[0]), list(terms[1]), have))
        else:
            level = model.integer(low, high)
            model.linear(([level, *terms[0]], [group.divisor, *(-c for c in terms[1])]), low=have)
            sums.append(Sum.of([level]))
        bounds.append((low, max(low, high)))
    if load.most >= len(load.groups):
        for own in sums:
            levels.plus(own)
    else:
        lows, highs = (sorted(ends, reverse=True) for ends in zip(*bounds, strict=True))
        level = model.integer(lows[load.most - 1], highs[load.most - 1])
        levels.add(level, load.most)
        for own, (_, high) in zip(sums, bounds, strict=True):
            if high > lows[load.most - 1]:
                above = model.integer(0, high - lows[load.most - 1])
                row = Sum.of([above, level])
                row.plus(own, -1)
                row.demand(model, low=0)
                levels.add(above)
    accepted = 0 if model.still is None else load.value(only(model.still.places, model.still.kept))
    if term.tier == HARD:
        levels.demand(model, high=accepted)
        return
    model.pay(term.tier, levels.variables, [term.weight * amount for amount in levels.amounts])
    model.constants[term.tier] += term.weight * levels.constant


def _excess(model: Model, term: Term, group: LoadGroup, threshold: int) -> None:
    """Price what the total of a group exceeds a threshold by; what stands still may use it up alone."""
    have = _standing(model, group)
    terms, more = _total(model, group.loads)
    left = threshold - have
    if term.tier == HARD:
        accepted = 0 if model.still is None else group.total(only(model.still.places, model.still.kept))
        left = max(threshold, accepted) - have
    elif left < 0:
        model.constants[term.tier] -= term.weight * left
        left = 0
    if more <= left:
        return
    if term.tier == HARD:
        model.linear(terms, high=left)
    elif left == 0:
        model.pay(term.tier, terms[0], [term.weight * amount for amount in terms[1]])
    else:
        excess = model.integer(0, more - left)
        model.linear(([excess, *terms[0]], [1, *(-c for c in terms[1])]), low=-left)
        model.pay(term.tier, [excess], [term.weight])


def _standing(model: Model, group: LoadGroup) -> int:
    """Return what sessions that stand still add to a group."""
    return 0 if model.still is None else group.total(model.still.places)


def _total(model: Model, loads: dict[int, dict[int, Ints]]) -> tuple[Linear, int]:
    """Return a group's total as terms, and the most that it can be."""
    variables: list[int] = []
    amounts: list[int] = []
    most = 0
    for session, by_variant in loads.items():
        if not len(model.of(session)):
            continue
        own = model.members([session])
        load = np.zeros(len(own), dtype=np.int64)
        for variant, amount in by_variant.items():
            chosen = model.candidates.variant[own] == variant
            load[chosen] = amount[model.candidates.tick[own[chosen]]]
        paid = np.flatnonzero(load)
        variables += own[paid].tolist()
        amounts += load[paid].tolist()
        most += int(load.max(initial=0))
    return (variables, amounts), most
