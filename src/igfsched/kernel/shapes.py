"""Runs, extents, gaps and numbers of the classes that a group touches, segment by segment.

- `Formation`: a `Shape` that is no plain sum over classes, in time.

In each segment its classes are numbered from 0 on; what a session would add there is a range of these.
"""

from __future__ import annotations

import numpy as np
from attrs import define, field

from igfsched.facts import Bools, Ints
from igfsched.kernel.options import Options
from igfsched.kernel.states import State, nothing
from igfsched.primitives import Shape


@define(eq=False)
class Formation(State):
    """`numbers`: by class, the members that touch it. `segments`: the classes of each segment, in order."""

    shape: Shape = field(init=False)
    numbers: Ints = field(init=False)
    segments: list[Ints] = field(init=False)
    _amounts: list[int] = field(init=False)
    _stale: set[int] = field(init=False)
    _touched: dict[int, Bools] = field(factory=dict)
    _of_class: Ints = field(init=False)

    def __attrs_post_init__(self) -> None:
        assert isinstance(self.primitive, Shape)
        self.shape = self.primitive
        size = self.shape.footprint.axis.size
        given = np.zeros(size, dtype=np.int64) if self.shape.segments is None else self.shape.segments[:size]
        names, self._of_class = np.unique(given, return_inverse=True)
        if len(names) and names[0] < 0:
            below = int((names < 0).sum())
            self._of_class = np.maximum(self._of_class - below, -1)
            names = names[below:]
        self.segments = [np.flatnonzero(self._of_class == number) for number in range(len(names))]
        State.__attrs_post_init__(self)

    def clear(self) -> None:
        self.numbers = np.zeros(self.shape.footprint.axis.size, dtype=np.int64)
        self._amounts = [0] * len(self.segments)
        self._stale = set()
        self._touched.clear()

    def place(self, session: int, variant: int, start: int, sign: int) -> None:
        low, high = (int(edge[0]) for edge in self.shape.footprint.axis.span(variant, np.array([start])))
        if high > low:
            self.numbers[low:high] += sign
            for segment in np.unique(self._of_class[low:high]).tolist():
                self._stale.add(segment)
                self._touched.pop(segment, None)

    def valued(self) -> int:
        for segment in self._stale - {-1}:
            self._amounts[segment] = self.shape.amount(set(np.flatnonzero(self._there(segment)).tolist()))
        self._stale.clear()
        return sum(map(self.shape.counted, self._amounts))

    def _there(self, segment: int) -> Bools:
        """Return which classes of a segment are touched."""
        known = self._touched.get(segment)
        if known is None:
            known = self._touched[segment] = self.numbers[self.segments[segment]] > 0
        return known

    def delta(self, options: Options) -> Ints:
        low, high = options.span(self.shape.footprint.axis)
        found = nothing(options)
        for segment, classes in enumerate(self.segments):
            begin, end = np.searchsorted(classes, low), np.searchsorted(classes, np.maximum(high, low))
            met = np.flatnonzero(end > begin)
            if len(met):
                amount = self._with(self._there(segment), begin[met], end[met])
                found[met] += self._counted(amount) - self.shape.counted(self._amounts[segment])
        return found

    def _counted(self, amount: Ints) -> Ints:
        counted = np.maximum(amount - self.shape.beyond, 0)
        found: Ints = counted if self.shape.most is None else np.minimum(counted, self.shape.most)
        return found

    def _with(self, there: Bools, begin: Ints, end: Ints) -> Ints:
        """Return what a segment amounts to if the classes `[begin, end)` are touched besides those that are."""
        found: Ints
        touched = np.flatnonzero(there)
        shape = self.shape
        if shape.kind == "breaks":
            starts = there & ~np.append(False, there[:-1])
            begun = np.concatenate([[0], np.cumsum(starts)])
            before = np.append(False, there)[begin]  # the class before is touched: its run goes on
            joined = begun[np.minimum(end + 1, len(there))] - begun[begin] + before
            found = int(starts.sum()) - joined
            return found
        sums = np.concatenate([[0], np.cumsum(there)])
        size = len(touched) + (end - begin) - (sums[end] - sums[begin])
        if shape.kind == "size":
            return np.asarray(size)
        if len(touched):
            extent = np.maximum(end - 1, touched[-1]) - np.minimum(begin, touched[0]) + 1
        else:
            extent = end - begin
        found = shape.footprint.axis.width * (extent if shape.kind == "extent" else extent - size)
        return found

    def share(self, session: int, variant: int, start: int) -> int:
        if not self.growing:
            return 0
        low, high = (int(edge[0]) for edge in self.shape.footprint.axis.span(variant, np.array([start])))
        own = self._of_class[low:high]
        if self.shape.kind == "size" and self.shape.most is None:
            return int((own >= 0).sum())
        total = 0
        for segment in np.unique(own[own >= 0]).tolist():
            classes = len(self.segments[segment])
            if self.shape.kind == "size":
                total += min(self.shape.counted(classes), int((own == segment).sum()))
            else:
                total += self.shape.counted(self.shape.footprint.axis.width * classes)
        return total
