"""Counts at any price, and of groups that count once in each class.

- `Crowd`: a `Tally` with a table of prices, or with footprints, in time.
"""

from __future__ import annotations

import numpy as np
from attrs import define, field

from igfsched.facts import Ints
from igfsched.kernel.links import Standing
from igfsched.kernel.options import Options
from igfsched.kernel.states import State
from igfsched.primitives import Tally


@define(eq=False)
class Crowd(State):
    """By class: `numbers`, of all actors; `inside`, of the members of each footprint, shape `(footprints, classes)`."""

    tally: Tally = field(init=False)
    numbers: Ints = field(init=False)
    inside: Ints = field(init=False)
    _of: dict[int, tuple[int, Ints]] = field(init=False)
    """By session: its demand, and the footprints that it is in."""
    _prices: Ints = field(init=False)
    """What each number costs, shape `(numbers,)` or `(numbers, classes)`."""
    _falls: dict[int, int] = field(factory=dict)
    _sums: dict[int, Ints] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        assert isinstance(self.primitive, Tally)
        self.tally = self.primitive
        self._of = {}
        for session in dict.fromkeys((*self.tally.members, *(s for f in self.tally.footprints for s in f.members))):
            times = self.tally.members.count(session)
            units = times * (1 if self.tally.demand is None else int(self.tally.demand[session]))
            groups = [n for n, footprint in enumerate(self.tally.footprints) if session in footprint.members]
            self._of[session] = units, np.array(groups, dtype=np.int64)
        State.__attrs_post_init__(self)
        most = sum(units + len(groups) for units, groups in self._of.values())
        count, size = self.tally.count, self.tally.axis.size
        if isinstance(count.cap, int) or count.kind != "over":
            self._prices = np.array([[count.cost(n, 0)] for n in range(most + 2)], dtype=np.int64)
        else:
            caps = count.cap[np.minimum(np.arange(size), len(count.cap) - 1)]
            self._prices = np.maximum(np.arange(most + 2)[:, None] - caps, 0)
        steps = np.diff(self._prices, axis=0)[:most]
        self.convex = not self.tally.footprints and bool((np.diff(steps, axis=0) >= 0).all())

    def clear(self) -> None:
        size = self.tally.axis.size
        self.numbers = np.zeros(size, dtype=np.int64)
        self.inside = np.zeros((len(self.tally.footprints), size), dtype=np.int64)
        self._sums.clear()

    def place(self, session: int, variant: int, start: int, sign: int) -> None:
        low, high = self._span(variant, start)
        units, groups = self._of[session]
        self.numbers[low:high] += sign * units
        for group in groups.tolist():
            inside = self.inside[group, low:high]
            inside += sign
            self.numbers[low:high] += sign * (inside == (1 if sign > 0 else 0))
        self._sums.clear()

    def _span(self, variant: int, start: int) -> tuple[int, int]:
        low, high = self.tally.axis.span(variant, np.array([start]))
        return int(low[0]), max(int(low[0]), int(high[0]))

    def _cost(self, numbers: Ints, low: int = 0) -> Ints:
        """Return what numbers cost in the classes from `low` on."""
        if self._prices.shape[1] == 1:
            found = self._prices[numbers, 0]
        else:
            found = self._prices[numbers, np.arange(low, low + len(numbers))]
        cost: Ints = self.tally.axis.width * found
        return cost

    def valued(self) -> int:
        return int(self._cost(self.numbers).sum())

    def delta(self, options: Options) -> Ints:
        sums = self._sums.get(options.session)
        if sums is None:
            units, groups = self._of[options.session]
            more = units + (self.inside[groups] == 0).sum(axis=0)
            sums = np.zeros(len(more) + 1, dtype=np.int64)
            np.cumsum(self._cost(self.numbers + more) - self._cost(self.numbers), out=sums[1:])
            self._sums[options.session] = sums
        low, high = options.span(self.tally.axis)
        return sums[np.maximum(high, low)] - sums[low]

    def share(self, session: int, variant: int, start: int) -> int:
        if not self.growing:
            return 0
        low, high = self._span(variant, start)
        units, groups = self._of[session]
        if self.convex:
            part = self.numbers[low:high]
            return int((self._cost(part, low) - self._cost(part - units, low)).sum())
        units += len(groups)
        if units not in self._falls:
            prices = self._prices
            self._falls[units] = int((prices[units:] - prices[: len(prices) - units]).max(initial=0)) if units else 0
        return self.tally.axis.width * (high - low) * self._falls[units]

    def violations(self, placed: Ints, standing: Standing, kept: frozenset[int]) -> list[set[int]]:
        found: dict[frozenset[int], None] = {}
        there = [(s, *self._span(int(standing.variant[s]), int(standing.start[s])))
                 for s in placed.tolist() if s in self.sessions]
        for class_ in np.flatnonzero(self._cost(self.numbers)).tolist():
            found[frozenset(s for s, low, high in there if low <= class_ < high)] = None
        return [set(those) for those in found if those - kept]
