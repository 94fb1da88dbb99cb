"""Pairs in a model: stars as one capacity, precedence by literals for 'no later than', days by literals.

- `pair_term`: state any pair. `star_rows`: many of them as one capacity.
- `late_rows`: what is at most 0 if the second of two does not begin too early.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from igfsched.engine.candidates import capacity_rows
from igfsched.engine.encode.class_pairs import cell_pair, listed_pair, matrix_pair, scaled
from igfsched.engine.encode.overlaps import shared_ticks
from igfsched.engine.encode.tallies import shared_capacity, tally_term
from igfsched.engine.encode.truths import Sum
from igfsched.engine.model import Model
from igfsched.engine.stars import Star
from igfsched.engine.writing import Linear
from igfsched.lowering import HARD, Term
from igfsched.primitives import Count, Pair, Tally, looks_at_rooms, ticks


def pair_term(model: Model, term: Term, pair: Pair) -> None:
    if looks_at_rooms(pair):
        cell_pair(model, term, pair)
        return
    variables, prices = model.costs[term.tier]
    first = len(variables)
    _time_pair(model, term, pair)
    if term.tier != HARD and pair.scale != 1:
        value = scaled(model, pair, Sum(variables[first:], prices[first:]))
        del variables[first:], prices[first:]
        model.pay(term.tier, value.variables, value.amounts)


def _time_pair(model: Model, term: Term, pair: Pair) -> None:
    if pair.kind == "matrix":
        matrix_pair(model, term, pair)
    elif pair.kind == "overlap":
        shared = shared_ticks(model, pair.first, pair.second) if term.tier != HARD and not pair.gap else None
        if shared is not None:
            model.pay(term.tier, [shared], [term.weight * model.facts.tick])
            return
        axis = ticks(model.facts, "overlap", after=pair.gap // model.facts.tick)
        tally = Tally(members=(pair.first, pair.second), axis=axis, count=Count(kind="pairs"))
        tally_term(model, term, tally)
    elif pair.kind == "late":
        if term.tier == HARD:
            _hard_late(model, pair)
        else:
            _soft_late(model, term, pair)
    elif pair.kind == "late_count":
        if term.tier == HARD:
            _hard_late(model, pair)
        elif rows := list(late_rows(model, pair)):
            cost = model.booleans(1)[0]
            for variables, amounts in rows:
                model.linear(([*variables, cost], [*amounts, -1]), high=0)
            model.pay(term.tier, [cost], [term.weight])
    elif pair.kind in ("gap_error", "start_distance", "class_distance"):
        _distance(model, term, pair)
    elif pair.kind in ("overlap_count", "not_together"):
        listed_pair(model, term, pair)
    else:
        _same_or_differ(model, term, pair)


def star_rows(model: Model, star: Star) -> None:
    """One session that excludes many others: while it takes its time the capacity of the others is 0."""
    axis = ticks(model.facts, "star")
    own, members = model.members([star.centre]), model.members(star.others)
    both = np.concatenate([own, members])
    mine = np.arange(len(both)) < len(own)
    low, high = (span[both] for span in model.spans(axis))
    low, high = star.spans(mine, low, high, model.facts.n_ticks)
    cap = shared_capacity(model, list(star.others)) if star.gap == 0 else None
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


def _hard_late(model: Model, pair: Pair) -> None:
    for terms in late_rows(model, pair):
        model.linear(terms, high=0)


def late_rows(model: Model, pair: Pair) -> Iterator[Linear]:
    """Yield sums that are at most 0, and else 1: the first ends, with its gap, no later than the second starts."""
    first, second = model.members([pair.first]), model.members([pair.second])
    if not len(first) or not len(second):
        return
    gap = -(-pair.gap // model.facts.tick)  # rounded up: times are whole ticks, a gap need not be
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
        yield terms


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


def _distance(model: Model, term: Term, pair: Pair) -> None:
    """What the number of the second session less that of the first differs from the gap by, either way."""
    first, second = model.members([pair.first]), model.members([pair.second])
    free = [absent for absent in (model.absent[pair.first], model.absent[pair.second]) if absent is not None]
    if pair.kind == "class_distance":
        classes, beyond = model.spans(pair.axis)
        free += [int(v) for v in (*first, *second) if beyond[v] <= classes[v]]
        first, second = (own[beyond[own] > classes[own]] for own in (first, second))
        a, b = classes[first], classes[second]
    else:
        a, b = (model.candidates.tick[own] * model.facts.tick for own in (first, second))
        if pair.kind == "gap_error":
            a = a + model.facts.variant_minutes[model.candidates.variant[first]]
    if not len(first) or not len(second):
        return
    # Relative to the first number of the first session; whoever is nowhere adds nothing, and then nothing is asked.
    base = int(a.min())
    difference: Linear = ([*second.tolist(), *first.tolist()], [*(b - base).tolist(), *(base - a).tolist()])
    most = max(abs(int(x) - int(y) - pair.gap) for x in (b.min() - base, b.max() - base, 0)
               for y in (0, a.max() - base))
    distance = None
    if term.tier != HARD:
        distance = model.integer(0, most)
        model.pay(term.tier, [distance], [term.weight])
    slack = [*free, *([] if distance is None else [distance])]
    amounts = [most] * len(free) + [1] * (distance is not None)
    model.linear((difference[0] + slack, difference[1] + amounts), low=pair.gap)
    model.linear((difference[0] + slack, difference[1] + [-amount for amount in amounts]), high=pair.gap)


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
