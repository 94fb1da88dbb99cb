"""Pairs by the classes of two sessions: prices of classes, rooms, and what goes with the lengths of both.

- `matrix_pair`: a price for each two time classes. `cell_pair`: the same, a common class, or none, with rooms.
- `listed_pair`: what two sessions cost at each two of their places in time.
- `scaled`: what a pair costs, multiplied by the minutes of both sessions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from attrs import evolve

from igfsched.engine.encode.presence import both, cells, placed
from igfsched.engine.encode.truths import Sum, any_of, settle
from igfsched.engine.model import Model
from igfsched.lowering import HARD, Term
from igfsched.primitives import Pair
from igfsched.primitives.arrays import measured


def matrix_pair(model: Model, term: Term, pair: Pair) -> None:
    """State the price of two classes: classes of equal prices at once, where each session has only one."""
    first, second = (model.class_literals(session, pair.axis) for session in (pair.first, pair.second))
    for ours, theirs, price in priced(pair, first, second):
        literals = [*(first[c] for c in ours), *(second[c] for c in theirs)]
        if term.tier == HARD:
            model.at_most_one(literals)
            continue
        cost = model.booleans(1)[0]
        model.linear(([cost, *literals], [1] + [-1] * len(literals)), low=-1)
        model.pay(term.tier, [cost], [term.weight * price])


def listed_pair(model: Model, term: Term, pair: Pair) -> None:
    """State a pair that depends on starts and lengths alone, place by place: places that cost the same at once."""
    first, second = model.members([pair.first]), model.members([pair.second])
    places = [(model.candidates.variant[own], model.candidates.tick[own]) for own in (first, second)]
    matrix = measured(evolve(pair, scale=1), model.facts, places[0], places[1])
    if not matrix.any():
        return
    rows: dict[bytes, list[int]] = {}
    for index, prices in enumerate(matrix):
        rows.setdefault(prices.tobytes(), []).append(index)
    cost = model.integer(0, int(matrix.max())) if term.tier != HARD else None
    for alike in rows.values():
        prices = matrix[alike[0]]
        most = int(prices.max())
        ours, theirs = first[alike].tolist(), second[np.flatnonzero(prices)].tolist()
        if cost is None:
            model.linear(([*ours, *theirs], [1] * (len(ours) + len(theirs))), high=1)
        elif most:  # at least what the other's place costs, if the one is at one of these places
            amounts = [-int(price) for price in prices[np.flatnonzero(prices)]]
            model.linear(([cost, *theirs, *ours], [1, *amounts, *[-most] * len(ours)]), low=-most)
    if cost is not None:
        model.pay(term.tier, [cost], [term.weight])


def priced(
    pair: Pair, first: dict[int, int], second: dict[int, int],
) -> Iterator[tuple[list[int], list[int], int]]:
    """Yield sets of classes of the one and of the other session that cost the same, whichever they have of these.

    If a session can touch several classes, each set has one.
    """
    assert pair.prices is not None
    ours, theirs = list(first), list(second)
    matrix = pair.prices[np.ix_(ours, theirs)] if ours and theirs else np.zeros((0, 0), dtype=np.int64)
    if pair.axis.of_tick is None or pair.axis.reach > 1 or pair.axis.room_class is not None:
        for a, b in np.argwhere(matrix).tolist():
            yield [ours[a]], [theirs[b]], int(matrix[a, b])
        return
    rows: dict[bytes, list[int]] = {}
    for a, prices in enumerate(matrix):
        rows.setdefault(prices.tobytes(), []).append(a)
    for alike in rows.values():
        prices = matrix[alike[0]]
        for price in np.unique(prices[prices > 0]).tolist():
            yield [ours[a] for a in alike], [theirs[b] for b in np.flatnonzero(prices == price).tolist()], price


def cell_pair(model: Model, term: Term, pair: Pair) -> None:
    """State a pair on an axis with rooms, each of which a session may have chosen or stand still in."""
    value = cell_value(model, pair)
    settle(model, term, value if pair.scale == 1 else scaled(model, pair, value))


def cell_value(model: Model, pair: Pair) -> Sum:
    """Return what a pair costs by the classes of both, exact both ways."""
    first, second = (cells(model, session, pair.axis) for session in (pair.first, pair.second))
    if pair.kind == "matrix":
        assert pair.prices is not None
        value = Sum()
        for ours, theirs, price in priced(pair, first, second):
            value.add(both(model, first[ours[0]], second[theirs[0]]), price)
        return value
    shared = any_of(model, [both(model, truth, second[c]) for c, truth in first.items() if c in second])
    if pair.kind == "elsewhere":
        rooms = pair.axis.room_classes
        times = [_by_time(model, own, rooms) for own in (first, second)]
        value = Sum.of([any_of(model, [both(model, truth, times[1][t]) for t, truth in times[0].items()
                                       if t in times[1]])])
        value.add(shared, -1)
        return value
    if pair.kind == "same":
        return Sum.of([shared])
    value = Sum.of([both(model, placed(model, pair.first), placed(model, pair.second))])
    value.add(shared, -1)
    return value


def _by_time(model: Model, cells: Mapping[int, int], rooms: int) -> dict[int, int]:
    """Return, by time class, whether a session is in any room then."""
    found: dict[int, list[int]] = {}
    for cell, truth in cells.items():
        found.setdefault(cell // rooms, []).append(truth)
    return {time: any_of(model, truths) for time, truths in found.items()}


def scaled(model: Model, pair: Pair, value: Sum) -> Sum:
    """Return a value, never below 0, times the minutes of both sessions: as low as that, and no lower."""
    most = value.range(model)[1]
    minutes = [_minutes(model, session) for session in (pair.first, pair.second)]
    found = Sum()
    if most <= 0 or not all(minutes):
        return found
    found.plus(value, sum(min(own) for own in minutes))
    for own in minutes:
        shortest = min(own)
        for length, chosen in own.items():
            if length > shortest:  # as much again, as long as this length is chosen
                more = model.integer(0, most)
                row = Sum.of([more])
                row.plus(value, -1)
                row.plus(Sum.of(chosen), -most)
                row.demand(model, low=-most)
                found.add(more, length - shortest)
    return found


def _minutes(model: Model, session: int) -> dict[int, list[int]]:
    """Return the candidates of a session by its length; one that is always true for a session that stands still."""
    still = model.still
    lengths = model.facts.variant_minutes
    if still is not None and session in still:
        variant = int(still.places.variant[session])
        return {int(lengths[variant]): []} if variant >= 0 else {}
    found: dict[int, list[int]] = {}
    for variable in model.of(session):
        found.setdefault(int(lengths[model.candidates.variant[variable]]), []).append(variable)
    return found
