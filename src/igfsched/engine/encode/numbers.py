"""Counts of any actors at any price: tables of numbers, and groups that count once in each class."""

from __future__ import annotations

from functools import partial

import numpy as np

from igfsched.engine.encode.overlaps import shared_ticks
from igfsched.engine.encode.presence import Stretches, both, in_rooms, presence, rooms_of, there, touched
from igfsched.engine.encode.tallies import shared_capacity
from igfsched.engine.encode.truths import FALSE, TRUE, Sum, cost_of_number, settle
from igfsched.engine.model import Model
from igfsched.facts import Ints
from igfsched.lowering import HARD, Term
from igfsched.primitives import Tally, sessions_of
from igfsched.stakes import only


def number_tally(model: Model, term: Term, tally: Tally) -> None:
    """State what the number of actors costs in each stretch of classes and each class of rooms."""
    axis, count = tally.axis, tally.count
    if term.tier != HARD and _of_two(tally):
        shared = shared_ticks(model, tally.members[0], tally.members[1])
        if shared is not None:
            model.pay(term.tier, [shared], [term.weight * axis.width * count.prices[2]])
            return
    cuts = [] if isinstance(count.cap, int) else (np.flatnonzero(np.diff(count.cap)) + 1).tolist()
    stretches = Stretches.of(model, axis, sessions_of(tally), cuts)
    numbers = _numbers(model, tally, stretches)
    still = model.still
    strict = term.tier == HARD and (still is None or not tally.value(only(still.places, still.kept)))
    most = _most(model, tally)
    value = Sum()
    for at, (number, high) in enumerate(numbers):
        stretch = at % len(stretches)
        first, last = stretches.edges[stretch : stretch + 2].tolist()
        if most is not None:
            high = max(number.constant, min(high, int(most[first:last].min())))
        costs = [count.cost(n, first) for n in range(number.constant, high + 1)]
        free = costs.count(0)
        if not any(costs):
            continue
        if strict and all(costs[free:]):
            if free == 2 and number.constant == 0 and set(number.amounts) == {1}:
                model.at_most_one(number.variables)
            else:
                number.demand(model, high=number.constant + free - 1)
            continue
        cost = cost_of_number(model, number, number.constant, high, partial(count.cost, time_class=first))
        value.plus(cost, axis.width * (last - first))
    settle(model, term, value)


def _of_two(tally: Tally) -> bool:
    """Say whether a count prices nothing but the minutes that its two members have in common."""
    axis, count = tally.axis, tally.count
    plain = axis.of_tick is None and axis.room_class is None and axis.minutes is None and not axis.padded
    return (plain and tally.demand is None and not tally.footprints and len(tally.members) == 2
            and count.kind == "table" and len(count.prices) > 2 and not any(count.prices[:2]))


def _numbers(model: Model, tally: Tally, stretches: Stretches) -> list[tuple[Sum, int]]:
    """Return the number of actors, and the most that it can be, by class of rooms and stretch."""
    axis = tally.axis
    found = [(Sum(), [0]) for _ in range(axis.room_classes * len(stretches))]

    def count(kind: int, stretch: int, variables: list[int], units: int) -> None:
        number, most = found[kind * len(stretches) + stretch]
        for variable in variables:
            number.add(variable, units)
        most[0] += units if variables and variables != [FALSE] else 0

    for session in tally.members:
        units = 1 if tally.demand is None else int(tally.demand[session])
        present = presence(model, session, stretches)
        single = axis.room_class is not None and len(model.asked.get(session, ())) == 1 == (
            model.facts.session(session).room_count)
        for stretch, variables in enumerate(present if single else ()):
            for kind, truth in enumerate(in_rooms(model, session, axis, variables) if variables else ()):
                count(kind, stretch, [truth], units)
        for kind in range(0 if single else axis.room_classes):
            for room in [TRUE] if axis.room_class is None else rooms_of(model, session, axis, kind):
                for stretch, variables in enumerate(present):
                    if variables:
                        inside = variables if room == TRUE else [both(model, there(model, variables), room)]
                        count(kind, stretch, inside, units)
    for footprint in tally.footprints:
        for kind, truths in enumerate(touched(model, footprint, stretches)):
            for stretch, truth in enumerate(truths):
                count(kind, stretch, [truth], 1)
    return [(number, most) for number, (most,) in found]


def _most(model: Model, tally: Tally) -> Ints | None:
    """Return the most members, by tick, that hard caps let run at once."""
    axis = tally.axis
    plain = axis.of_tick is None and axis.room_class is None and tally.demand is None and not tally.footprints
    if model.still is not None or not plain or axis.padded:
        return None
    return shared_capacity(model, list(tally.members))
