"""Alerts in a model: a literal for each that can go off, and what their number costs."""

from __future__ import annotations

from functools import partial

import numpy as np

from igfsched.engine.candidates import capacity_rows
from igfsched.engine.encode.class_pairs import cell_value
from igfsched.engine.encode.pairs import late_rows
from igfsched.engine.encode.presence import both, placed
from igfsched.engine.encode.truths import FALSE, TRUE, Sum, any_of, cost_of_number, one_of, settle
from igfsched.engine.model import Model
from igfsched.facts import Ints
from igfsched.lowering import Term
from igfsched.primitives import Alert, Pair, Watch, When, looks_at_rooms, ticks
from igfsched.primitives.arrays import measured


def watch_term(model: Model, term: Term, watch: Watch) -> None:
    """State what the number of alerts costs; where more never cost less they need not be exact both ways."""
    costs = [watch.cost(number) for number in range(len(watch.alerts) + 1)]
    exact = costs != sorted(costs)
    number = Sum.of(_alert(model, alert, exact) for alert in watch.alerts)
    most = number.constant + len(number.variables)
    value = cost_of_number(model, number, number.constant, most, partial(watch.cost))
    if watch.only_if is not None:
        value = _unless_absent(model, value, placed(model, watch.only_if))
    settle(model, term, value)


def _unless_absent(model: Model, value: Sum, there: int) -> Sum:
    """Return a value that need not be paid unless a truth holds."""
    if there in (TRUE, FALSE):
        return value if there == TRUE else Sum()
    most = value.range(model)[1]
    paid = model.integer(0, most)
    row = Sum.of([paid])
    row.plus(value, -1)
    row.add(there, -most)
    row.demand(model, low=-most)
    return Sum.of([paid])


def _alert(model: Model, alert: Alert, exact: bool) -> int:
    """Return a truth that holds if an alert goes off; not otherwise, if that is to be exact."""
    there = TRUE if alert.only_if is None else placed(model, alert.only_if)
    if there == FALSE:
        return FALSE
    truths: list[int] = []
    rows: list[Sum] = []  # of each, what it is above 0 the alert is at least
    for condition in alert.conditions:
        if isinstance(condition, When):
            truths.append(_when(model, condition))
        elif looks_at_rooms(condition):
            truths.append(_costs_anything(model, condition))
        elif not exact and _moving(model, condition) and condition.kind in ("overlap", "late", "late_count"):
            rows += _together(model, condition) if condition.kind == "overlap" else [
                Sum(list(row[0]), list(row[1])) for row in late_rows(model, condition)]
        else:
            truths.append(_pair(model, condition, exact, rows))
    if not rows:
        return both(model, any_of(model, truths), there)
    if TRUE in truths and there == TRUE:
        return TRUE
    found = model.booleans(1)[0]
    for row in [*rows, *(Sum.of([truth]) for truth in truths if truth != FALSE)]:
        row = Sum(list(row.variables), list(row.amounts), row.constant)
        row.add(found, -1)
        row.add(there)
        row.demand(model, high=1)
    return found


def _moving(model: Model, pair: Pair) -> bool:
    return model.still is None or not (pair.first in model.still or pair.second in model.still)


def _when(model: Model, condition: When) -> int:
    """Return a truth for 'a session is at one of some times'."""
    still = model.still
    if still is not None and condition.session in still:
        return TRUE if condition.value(still.places) else FALSE
    return one_of(model, [
        variable for variable in model.of(condition.session)
        if (variant := int(model.candidates.variant[variable])) in condition.times
        and condition.times[variant][model.candidates.tick[variable]] > 0
    ])


def _costs_anything(model: Model, pair: Pair) -> int:
    """Return a truth for 'a pair by classes of rooms costs anything'."""
    value = cell_value(model, pair)
    if not value.variables:
        return TRUE if value.constant > 0 else FALSE
    if pair.kind == "matrix":
        return any_of(model, value.variables)
    found = model.booleans(1)[0]
    row = Sum.of([found])
    row.plus(value, -1)
    row.demand(model, low=0, high=0)
    return found


def _together(model: Model, pair: Pair) -> list[Sum]:
    """Return sums that are 1 at most, and 1 only if two sessions overlap: of what covers a tick less 1."""
    axis = ticks(model.facts, "alert", after=-(-pair.gap // model.facts.tick))
    members = model.members((pair.first, pair.second))
    low, high = (span[members] for span in model.spans(axis))
    rows = capacity_rows(low, high, 1)
    found = []
    for number in range(len(rows)):
        variables = members[rows.row(number)]
        if len(set(model.candidates.session[variables].tolist())) > 1:
            found.append(Sum(variables.tolist(), [1] * len(variables), -1))
    return found


def _places(model: Model, session: int) -> tuple[list[int], Ints, Ints]:
    """Return the truths of a session's places, with variant and tick of each; one if it stands still."""
    still = model.still
    if still is not None and session in still:
        own = np.array([session] if still.places.variant[session] >= 0 else [], dtype=np.int64)
        return [TRUE] * len(own), still.places.variant[own], still.places.start[own]
    variables = list(model.of(session))
    return variables, model.candidates.variant[variables], model.candidates.tick[variables]


def _pair(model: Model, pair: Pair, exact: bool, rows: list[Sum]) -> int:
    """Return a truth for 'a pair costs anything': places of the one go together that meet the same of the other."""
    ours, *first = _places(model, pair.first)
    theirs, *second = _places(model, pair.second)
    groups: dict[bytes, list[int]] = {}
    costly = measured(pair, model.facts, (first[0], first[1]), (second[0], second[1])) > 0
    for at, row in enumerate(costly):
        if row.any():
            groups.setdefault(row.tobytes(), []).append(at)
    witnesses = []
    for alike in groups.values():
        mine, yours = [ours[at] for at in alike], [theirs[at] for at in np.flatnonzero(costly[alike[0]]).tolist()]
        if exact or TRUE in (*mine, *yours):
            witnesses.append(both(model, one_of(model, mine), one_of(model, yours)))
        else:
            rows.append(Sum([*mine, *yours], [1] * (len(mine) + len(yours)), -1))
    return any_of(model, witnesses)
