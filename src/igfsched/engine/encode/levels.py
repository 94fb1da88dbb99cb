"""Loads of which few levels are possible: a literal for each level instead of a sum that is rounded.

- `by_levels`: state the largest of some loads, or their spread, if the levels that they can reach are few.

Ratios of small whole numbers are such loads: somebody who can have at most 8 of something has one of 9 shares of it.
'The largest is at most this' is then a literal for each level, and each group has a row that is tight at every level.
The linear optimum of it is far closer to the truth than that of one variable above all sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import gcd

import numpy as np
from attrs import frozen

from igfsched.engine.model import Model
from igfsched.engine.writing import Linear
from igfsched.lowering import HARD, Term
from igfsched.primitives import Load, LoadGroup

MOST_TOTALS, MOST_LEVELS = 100, 400
"""Totals of one group, and levels of all together, up to which each has a literal."""


@frozen(eq=False)
class _Group:
    """A group: its sum as terms, the totals that it can have, and the divisor; all in units of `unit`.

    `alone`: whether it speaks of one session only; `terms` then are all choices of that session.
    """

    terms: Linear
    totals: list[int]
    divisor: int
    unit: int
    alone: bool

    def highest(self, total: int) -> int:
        return -(-total * self.unit // self.divisor)

    def lowest(self, total: int) -> int:
        return total * self.unit // self.divisor


def by_levels(model: Model, term: Term, load: Load) -> bool:
    """State the largest of some loads, or their spread; say whether that was done."""
    if load.kind not in ("largest", "spread"):
        return False
    groups = []
    for own in load.groups:
        group = _group(model, own)
        if group is None:
            return False
        groups.append(group)
    tops = sorted({group.highest(total) for group in groups for total in group.totals})
    ends = sorted({group.lowest(total) for group in groups for total in group.totals})
    if len(tops) + len(ends) > MOST_LEVELS:
        return False
    tops = [top for top in tops if top >= max(group.highest(group.totals[0]) for group in groups)]
    at_most = _largest(model, groups, tops)
    variables, prices, constant = list(at_most), [low - high for low, high in pairwise(tops)], tops[-1]
    if load.kind == "spread":
        ends = [end for end in ends if end <= min(group.lowest(group.totals[-1]) for group in groups)]
        at_least = _smallest(model, groups, ends)
        variables += at_least
        prices += [low - high for low, high in pairwise(ends)]
        constant -= ends[0]
        for end, literal in zip(ends[1:], at_least, strict=True):  # the smallest is not above the largest
            below = [other for top, other in zip(tops, at_most, strict=False) if top < end]
            model.at_most_one([literal, *below[-1:]])
    if term.tier == HARD:
        model.linear((variables, prices), high=-constant)
    else:
        model.constants[term.tier] += term.weight * constant
        model.pay(term.tier, variables, [term.weight * price for price in prices])
    return True


def _group(model: Model, group: LoadGroup) -> _Group | None:
    """Return a group in its smallest units, or None if it has too many totals."""
    variables: list[int] = []
    amounts: list[int] = []
    totals = {0}
    present = [session for session in group.loads if len(model.of(session))]
    for session in present:
        own = model.members([session])
        load = np.zeros(len(own), dtype=np.int64)
        for variant, amount in group.loads[session].items():
            chosen = model.candidates.variant[own] == variant
            load[chosen] = amount[model.candidates.tick[own[chosen]]]
        variables += own.tolist()
        amounts += load.tolist()
        choices = set(np.unique(load).tolist())
        absent = model.absent[session]
        if absent is not None:
            variables.append(absent)
            amounts.append(0)
            choices.add(0)
        totals = {total + choice for total in totals for choice in choices}
        if len(totals) > MOST_TOTALS:
            return None
    unit = gcd(*amounts) or 1
    return _Group((variables, [amount // unit for amount in amounts]), sorted(total // unit for total in totals),
                  group.divisor, unit, len(present) == 1)


def _largest(model: Model, groups: Sequence[_Group], tops: Sequence[int]) -> Sequence[int]:
    """Return a literal for 'no group is above a level', for each level but the last."""
    literals = model.booleans(len(tops) - 1)
    for literal, following in pairwise(literals):
        model.linear(([literal, following], [1, -1]), high=0)
    for group in groups:
        caps = [max(total for total in group.totals if group.highest(total) <= top) for top in tops]
        if group.alone:
            for number, literal in enumerate(literals):
                if caps[number] < caps[number + 1]:
                    model.at_most_one([literal, *_choices(group, above=caps[number])])
            continue
        _sum(model, group, literals, [high - low for low, high in pairwise(caps)], high=caps[-1])
    return literals


def _smallest(model: Model, groups: Sequence[_Group], ends: Sequence[int]) -> Sequence[int]:
    """Return a literal for 'no group is below a level', for each level but the first."""
    literals = model.booleans(len(ends) - 1)
    for literal, following in pairwise(literals):
        model.linear(([following, literal], [1, -1]), high=0)
    for group in groups:
        needs = [min(total for total in group.totals if group.lowest(total) >= end) for end in ends]
        if group.alone:
            for number, literal in enumerate(literals):
                if needs[number] < needs[number + 1]:
                    model.at_most_one([literal, *_choices(group, below=needs[number + 1])])
            continue
        _sum(model, group, literals, [low - high for low, high in pairwise(needs)], low=needs[0])
    return literals


def _choices(group: _Group, above: int | None = None, below: int | None = None) -> list[int]:
    """Return the choices of a group of one session that are above, or below, a total."""
    return [variable for variable, amount in zip(*group.terms, strict=True)
            if (above is not None and amount > above) or (below is not None and amount < below)]


def _sum(
    model: Model, group: _Group, literals: Sequence[int], steps: Sequence[int], low: int | None = None,
    high: int | None = None,
) -> None:
    """State that a group's sum, with a step for each literal, is at least or at most something."""
    own = [(variable, amount) for variable, amount in zip(*group.terms, strict=True) if amount]
    own += [(literal, step) for literal, step in zip(literals, steps, strict=True) if step]
    terms: Linear = ([variable for variable, _ in own], [amount for _, amount in own])
    if low is not None:
        model.linear(terms, low=low)
    if high is not None:
        model.linear(terms, high=high)
