"""Truths and sums that may be constants: what terms are put together from, whoever stands still.

- `TRUE`, `FALSE`: constants beside the variables, where a truth is asked for. `Sum`: a sum of truths and variables.
- `all_of`, `any_of`: a truth for several ones, exact both ways.
- `cost_of_number`: what a number costs, for any table of costs.
- `settle`: make the value of a term part of the costs, or forbid it.

Each variable follows from the rows in which it comes last: a hint can be completed from the places alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from attrs import define, field

from igfsched.engine.model import Model
from igfsched.engine.writing import HIGHEST, LOWEST
from igfsched.lowering import HARD, Term
from igfsched.primitives import looks_at_rooms
from igfsched.stakes import only

TRUE, FALSE = -1, -2


@define(eq=False)
class Sum:
    """A sum of variables with coefficients, and a constant."""

    variables: list[int] = field(factory=list)
    amounts: list[int] = field(factory=list)
    constant: int = 0

    @classmethod
    def of(cls, truths: Iterable[int], amount: int = 1) -> Sum:
        """Return how many of some truths hold, times an amount."""
        found = cls()
        for truth in truths:
            found.add(truth, amount)
        return found

    def add(self, truth: int, amount: int = 1) -> None:
        """Add a truth (or a variable) times an amount."""
        if truth == TRUE:
            self.constant += amount
        elif truth != FALSE and amount:
            self.variables.append(truth)
            self.amounts.append(amount)

    def plus(self, other: Sum, amount: int = 1) -> None:
        """Add another sum times an amount."""
        if amount:
            self.variables += other.variables
            self.amounts += [amount * own for own in other.amounts]
            self.constant += amount * other.constant

    def demand(self, model: Model, low: int = LOWEST, high: int = HIGHEST) -> None:
        """State that it is not below `low` and not above `high`."""
        low = low if low == LOWEST else low - self.constant
        high = high if high == HIGHEST else high - self.constant
        model.linear((self.variables, self.amounts), low, high)

    def range(self, model: Model) -> tuple[int, int]:
        """Return bounds of it, each variable taken by itself."""
        low = high = self.constant
        for variable, amount in zip(self.variables, self.amounts, strict=True):
            ends = [amount * end for end in model.domains.get(variable, (0, 1))]
            low, high = low + min(ends), high + max(ends)
        return low, high


def all_of(model: Model, truths: Iterable[int]) -> int:
    """Return a truth for 'all of these hold'."""
    parts = [truth for truth in dict.fromkeys(truths) if truth != TRUE]
    if FALSE in parts:
        return FALSE
    if len(parts) < 2:
        return parts[0] if parts else TRUE
    found = model.booleans(1)[0]
    for part in parts:
        model.linear(([found, part], [1, -1]), high=0)
    model.linear(([found, *parts], [1] + [-1] * len(parts)), low=1 - len(parts))
    return found


def any_of(model: Model, truths: Iterable[int]) -> int:
    """Return a truth for 'at least one of these holds'."""
    parts = [truth for truth in dict.fromkeys(truths) if truth != FALSE]
    if TRUE in parts:
        return TRUE
    if len(parts) < 2:
        return parts[0] if parts else FALSE
    found = model.booleans(1)[0]
    for part in parts:
        model.linear(([found, part], [1, -1]), low=0)
    model.linear(([found, *parts], [1] + [-1] * len(parts)), high=0)
    return found


def one_of(model: Model, variables: list[int]) -> int:
    """Return a truth for 'one of these holds', of which no two ever do."""
    if len(variables) < 2:
        return variables[0] if variables else FALSE
    found = model.booleans(1)[0]
    model.linear(([found, *variables], [1] + [-1] * len(variables)), 0, 0)
    return found


def cost_of_number(model: Model, number: Sum, low: int, high: int, cost: Callable[[int], int]) -> Sum:
    """Return what a number between two bounds costs: a sum that can be as low as that, and no lower.

    Convex costs are the highest of their slopes. Others are added up step by step, each behind a truth for 'the
    number is at least so much', which is exact both ways.
    """
    costs = np.array([cost(value) for value in range(low, high + 1)], dtype=np.int64)
    steps = np.diff(costs)
    found = Sum(constant=int(costs[0]))
    if not steps.any():
        return found
    if (steps == steps[0]).all():  # a straight line
        found.plus(number, int(steps[0]))
        found.constant -= int(steps[0]) * low
        return found
    if (np.diff(steps) >= 0).all():
        paid = model.integer(int(costs.min()), int(costs.max()))
        for at in np.flatnonzero(np.diff(steps, prepend=steps[0] - 1)).tolist():
            _not_below(model, paid, number, int(steps[at]), int(costs[at]) - int(steps[at]) * (low + at))
        return Sum.of([paid])
    levels = model.booleans(int(np.flatnonzero(steps)[-1]) + 1)
    total = Sum.of(levels)
    total.plus(number, -1)
    for at, level in enumerate(levels):
        reached = Sum.of([level], high - low - at)  # true if the number is above low + at ...
        reached.plus(number, -1)
        reached.demand(model, low=-low - at)
        if at:
            model.linear(([level, levels[at - 1]], [1, -1]), high=0)
        if len(levels) < high - low:  # ... and not otherwise
            reached = Sum.of([level], at + 1)
            reached.plus(number, -1)
            reached.demand(model, high=-low)
        found.add(level, int(steps[at]))
    total.demand(model, LOWEST if len(levels) < high - low else -low, -low)
    return found


def _not_below(model: Model, paid: int, number: Sum, slope: int, at_zero: int) -> None:
    """State that a price is not below a line: `at_zero` + `slope` x number."""
    row = Sum.of([paid])
    row.plus(number, -slope)
    row.demand(model, low=at_zero)


def settle(model: Model, term: Term, value: Sum) -> None:
    """Make the value of a term, what stands still included, part of the costs; a hard one is what is accepted."""
    still = model.still
    if term.tier == HARD:
        accepted = 0 if still is None else term.primitive.value(only(still.places, still.kept))
        value.demand(model, high=accepted)
        return
    model.pay(term.tier, value.variables, [term.weight * amount for amount in value.amounts])
    standing = 0
    if still is not None:  # what stands still costs by itself is counted elsewhere, where rooms are no choice
        choosing = frozenset(model.asked) if looks_at_rooms(term.primitive) else frozenset()
        standing = term.primitive.value(only(still.places, still.sessions - choosing))
    model.constants[term.tier] += term.weight * (value.constant - standing)
