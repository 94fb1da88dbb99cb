"""Tallies in a model: capacities as few rows as say it all, soft counts with an excess for each stretch."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from igfsched.engine.candidates import Rows, capacity_rows, stretch_rows
from igfsched.engine.model import Model
from igfsched.engine.rooms import one_at_a_time
from igfsched.engine.still import caps
from igfsched.engine.writing import Linear, Writer
from igfsched.facts import Bools, Ints
from igfsched.lowering import HARD, Term
from igfsched.primitives import PLENTY, Axis, Count, Tally, wanted

MANY_ROWS = 400
"""Candidates above which sessions of a person exclude each other by intervals rather than by rows."""
MANY_MEMBERS = 4
"""Members from which a soft count of pairs asks how many of them a hard cap lets run at once."""


def tally_term(model: Model, term: Term, tally: Tally) -> None:
    if tally.axis.room_class is not None:
        if term.tier != HARD or not one_at_a_time(tally, model.facts):
            _room_tally(model, term, tally)
        return
    if term.tier == HARD:
        if tally.count.kind == "pairs" and tally.axis.of_tick is None and tally.demand is None:
            _exclusive(model, tally)
        else:
            cap = (1 if tally.count.kind == "pairs" else tally.count.cap) if model.still is None else (
                model.still.left(tally))
            capacity(model, tally.members, tally.axis, cap, tally.demand)
        return
    members = model.members(tally.members)
    low, high = (span[members] for span in model.spans(tally.axis))
    owner = model.candidates.session[members]
    units = np.ones(len(members), dtype=np.int64) if tally.demand is None else tally.demand[owner]
    count = tally.count
    if model.still is not None:
        linear, count = beside(count, tally, model.still.numbers(tally))
        prices = term.weight * tally.axis.width * units * (linear[np.maximum(high, low)] - linear[low])
        paid = np.flatnonzero(prices)
        model.pay(term.tier, members[paid].tolist(), prices[paid].tolist())
    price_excess(model, term, tally, count, members, low, high, owner, units)


def beside(count: Count, tally: Tally, numbers: Ints) -> tuple[Ints, Count]:
    """Return what members cost beside constant numbers: a price by class, as prefix sums, and a count of the rest.

    With F standing still, n more make n F more pairs, and n (n - 1) / 2 among themselves. Beyond a cap that is
    reached each costs 1; below it they may have what is left.
    """
    if count.kind == "pairs":
        return np.concatenate([[0], np.cumsum(numbers)]), count
    left = caps(tally) - numbers
    linear = np.concatenate([[0], np.cumsum(left <= 0)])
    return linear, Count(kind="over", cap=np.where(left > 0, left, PLENTY))


def capacity(model: Model, sessions: Iterable[int], axis: Axis, cap: Ints | int, demand: Ints | None) -> None:
    """State that in no class the demand is above a cap (a number, or one for each class)."""
    members = model.members(sessions)
    low, high = (span[members] for span in model.spans(axis))
    owner = model.candidates.session[members]
    units = np.ones(len(members), dtype=np.int64) if demand is None else demand[owner]
    tight = None
    if model.still is not None:
        tight = wanted(low, high, owner, units, axis.size) > cap
        if not tight.any():
            return
    keep_within(model, members, (low, high), owner, units, cap, tight)


def keep_within(
    writer: Writer, variables: Ints, spans: tuple[Ints, Ints], owner: Ints, units: Ints, cap: Ints | int,
    tight: Bools | None = None,
) -> None:
    """State that in no class the variables that are taken, at most one of each owner, ask for more than a cap.

    `spans`: the classes that each touches; `units`: what it asks for there; both ordered by owner. `tight`: the classes
    in which it can be too much.
    """
    rows = capacity_rows(*spans, cap, tight)
    limits = np.full(len(rows), cap) if isinstance(cap, int) else cap[rows.classes]
    single = bool((units == 1).all())
    for number in np.flatnonzero(_most(rows, owner, units) > limits).tolist():
        row, limit = rows.row(number), int(limits[number])
        if limit == 1 and (single or (units[row] == 1).all()):
            writer.at_most_one(variables[row].tolist())
        else:
            writer.linear((variables[row].tolist(), units[row].tolist()), high=limit)


def _most(rows: Rows, owner: Ints, units: Ints) -> Ints:
    """Return the most that the members of each row can ask for, one of each owner: an owner's are in a row."""
    owners = owner[rows.members]
    fresh = np.diff(owners, prepend=-1) != 0
    fresh[rows.first[:-1][rows.first[:-1] < len(fresh)]] = True
    sums = np.concatenate([[0], np.cumsum(units[rows.members] * fresh)])
    found: Ints = sums[rows.first[1:]] - sums[rows.first[:-1]]
    return found


def _exclusive(model: Model, tally: Tally) -> None:
    """At most one of some sessions at a time."""
    present = [session for session in tally.members if len(model.of(session))]
    if len(present) < 2:
        return
    members = model.members(present)
    if len(members) <= MANY_ROWS:
        capacity(model, present, tally.axis, 1, None)
    else:
        model.no_overlap([model.interval(session, tally.axis) for session in present])


def price_excess(
    model: Model, term: Term, tally: Tally, count: Count, variables: Ints, low: Ints, high: Ints, owner: Ints,
    units: Ints,
) -> None:
    """Price what a count costs, for each stretch of classes in which the same members meet; forbid it if hard.

    Of the variables of one `owner` at most one is true.
    """
    rows = stretch_rows(low, high, 1 if count.kind == "pairs" else count.cap)
    cap = _cap_of_pairs(model, term, tally)
    limits = np.array([count.limit(first) for first in rows.classes.tolist()], dtype=np.int64)
    asked = _most(rows, owner, units)
    for number in np.flatnonzero(asked > limits).tolist():
        row, limit, most = rows.row(number), int(limits[number]), int(asked[number])
        if cap is not None:
            first = int(rows.classes[number])
            most = min(most, int(cap[first : first + int(rows.width[number])].min()))
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


def _cap_of_pairs(model: Model, term: Term, tally: Tally) -> Ints | None:
    """Return the most, by tick, of the members of a soft count of pairs that hard caps let run at once.

    Each number of members that may meet is a row of its own: a cap of 3 leaves two rows of perhaps fifty.
    """
    axis = tally.axis
    plain = axis.of_tick is None and axis.room_class is None and tally.demand is None
    if term.tier == HARD or tally.count.kind != "pairs" or not plain or len(tally.members) < MANY_MEMBERS:
        return None
    if axis.padded:
        return None
    return shared_capacity(model, list(tally.members))


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
        price_excess(model, term, tally, tally.count, np.array(shown, dtype=np.int64), low[index], high[index],
                np.array(owner, dtype=np.int64), units)


def shared_capacity(model: Model, sessions: list[int]) -> Ints | None:
    """Return the tightest hard cap by tick that holds for all of some sessions together."""
    best: Ints | None = None
    for term in model.lowered.terms:
        tally = term.primitive
        if not isinstance(tally, Tally) or term.tier != HARD or tally.count.kind != "over":
            continue
        plain = tally.demand is None and tally.axis.of_tick is None and tally.axis.room_class is None
        if plain and set(sessions) <= set(tally.members):
            cap = np.broadcast_to(np.asarray(tally.count.cap, dtype=np.int64), (model.facts.n_ticks,))
            best = cap if best is None else np.minimum(best, cap)
    return best
