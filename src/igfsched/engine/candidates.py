"""The places in time that a model may choose from, and the rows in which they meet. Arrays only.

- `Candidates`: (session, variant, start tick) with prices, ordered by session.
- `mask_at`: places as a mask.
- `Rows`, `capacity_rows`, `stretch_rows`: which candidates run at the same time, as few rows as say it all.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from igfsched.facts import Bools, Ints, Places
from igfsched.lowering import Lowered
from igfsched.primitives import Axis, slot_starts


@frozen(eq=False)
class Candidates:
    """Parallel arrays, one element for each candidate, ordered by session.

    `session`, `variant`, `tick`: shape `(candidates,)`. `prices`: by tier, the same shape. `first[s]` is
    the position of the first candidate of session s; `first[sessions]` is their number.
    """

    lowered: Lowered
    variant: Ints
    tick: Ints
    prices: dict[int, Ints]

    @classmethod
    def where(cls, lowered: Lowered, mask: Bools) -> Candidates:
        """Return the candidates of a mask of shape `(variants, starts)`."""
        variant, start = np.nonzero(mask)
        prices = {tier: price[variant, start] for tier, price in lowered.prices.items()}
        return cls(lowered, variant, lowered.facts.starts[start], prices)

    @classmethod
    def at(cls, lowered: Lowered, places: Places) -> Candidates:
        """Return the one candidate of each placed session at given places, which need not be on the grid."""
        placed = np.flatnonzero(places.variant >= 0)
        prices = {tier: np.zeros(len(placed), dtype=np.int64) for tier in lowered.tiers}
        row = {int(session): index for index, session in enumerate(placed)}
        for unit, table in lowered.tables:
            if not unit.rule.hard and table.session in row:
                session = table.session
                cost = table.time.get(int(places.variant[session]))
                if cost is not None:
                    prices[unit.rule.tier][row[session]] += unit.rule.weight * int(cost[places.start[session]])
        return cls(lowered, places.variant[placed], places.start[placed], prices)

    @property
    def session(self) -> Ints:
        return self.lowered.facts.variant_session[self.variant]

    @property
    def first(self) -> Ints:
        return np.searchsorted(self.session, np.arange(self.lowered.facts.n + 1))

    def __len__(self) -> int:
        return len(self.variant)

    def in_slots(self, pause: int = 0) -> bool:
        """Say whether any two run at the same time or not at all, each `pause` ticks longer than it is."""
        ends = self.tick + self.lowered.facts.variant_ticks[self.variant] + pause
        return slot_starts(self.tick, ends) is not None

    def spans(self, axis: Axis) -> tuple[Ints, Ints]:
        """Return the time classes of an axis that each candidate touches, as half-open ranges."""
        if axis.of_tick is None and axis.minutes is None and axis.marks is None:
            return self._padded(axis)
        low, high = np.empty(len(self), dtype=np.int64), np.empty(len(self), dtype=np.int64)
        edges = np.flatnonzero(np.diff(self.variant, prepend=-1))
        for begin, end in zip(edges, [*edges[1:], len(self)], strict=False):
            variant = int(self.variant[begin])
            if variant >= len(axis.facts.variant_session):  # it came after the axis: none of its members has it
                low[begin:end] = high[begin:end] = 0
                continue
            low[begin:end], high[begin:end] = axis.span(variant, self.tick[begin:end])
        return low, high

    def _padded(self, axis: Axis) -> tuple[Ints, Ints]:
        """Return what `spans` does where every tick is a class: all at once."""
        known = self.variant < len(axis.facts.variant_session)
        before, after = (pad if isinstance(pad, int) else np.where(known, pad[np.where(known, self.session, 0)], 0)
                         for pad in (axis.before, axis.after))
        last = self.tick + self.lowered.facts.variant_ticks[self.variant] + after
        return (np.where(known, np.maximum(self.tick - before, 0), 0),
                np.where(known, np.minimum(last, self.lowered.facts.n_ticks), 0))


def mask_at(lowered: Lowered, places: Places) -> Bools:
    """Return places, all at starts of the grid, as a mask of shape `(variants, starts)`."""
    mask = np.zeros_like(lowered.allowed)
    placed = np.flatnonzero(places.variant >= 0)
    mask[places.variant[placed], np.searchsorted(lowered.facts.starts, places.start[placed])] = True
    return mask


@frozen(eq=False)
class Rows:
    """Rows of members that touch a class together: row r holds `members[first[r]:first[r + 1]]`.

    `classes`: the class of each row. `width`: how many neighbouring classes it stands for.
    """

    classes: Ints
    width: Ints
    first: Ints
    members: Ints

    def __len__(self) -> int:
        return len(self.classes)

    def row(self, index: int) -> Ints:
        return self.members[self.first[index] : self.first[index + 1]]


def capacity_rows(low: Ints, high: Ints, cap: Ints | int, tight: Bools | None = None) -> Rows:
    """Return the rows that a capacity needs: only those that no other row dominates.

    Members touch the classes `[low, high)`. A class dominates the one before it if nothing ends between
    them and its cap is no larger. `tight`: the classes in which the members can ask for more than the cap.
    """
    classes = np.unique(low[high > low])
    if not isinstance(cap, int) and len(classes):
        drops = np.flatnonzero(np.diff(cap) < 0) + 1
        classes = np.unique(np.concatenate([classes, drops[(drops > classes[0]) & (drops < high.max())]]))
    if len(classes) > 1:
        ends = np.unique(high)
        ended = np.searchsorted(ends, classes, side="right")
        none_ends = ended[:-1] == ended[1:]
        smaller = True if isinstance(cap, int) else cap[classes[1:]] <= cap[classes[:-1]]
        classes = classes[~np.append(none_ends & smaller, False)]
    if tight is not None:
        classes = classes[tight[classes]]
    return _gather(classes, np.ones(len(classes), dtype=np.int64), low, high)


def stretch_rows(low: Ints, high: Ints, cap: Ints | int) -> Rows:
    """Return a row for each stretch of neighbouring classes with the same members and the same cap."""
    touching = high > low
    if not touching.any():
        return _gather(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), low, high)
    edges = np.concatenate([low[touching], high[touching]])
    first, last = edges.min(), edges.max()
    if not isinstance(cap, int):
        steps = np.flatnonzero(np.diff(cap)) + 1
        edges = np.concatenate([edges, steps[(steps > first) & (steps < last)]])
    edges = np.unique(edges)
    return _gather(edges[:-1], np.diff(edges), low, high)


def _gather(classes: Ints, width: Ints, low: Ints, high: Ints) -> Rows:
    begin, end = np.searchsorted(classes, low), np.searchsorted(classes, high)
    count = np.maximum(end - begin, 0)
    members = np.repeat(np.arange(len(low)), count)
    offset = np.arange(len(members)) - np.repeat(np.cumsum(count) - count, count)
    row = np.repeat(begin, count) + offset
    order = np.argsort(row, kind="stable")
    first = np.searchsorted(row[order], np.arange(len(classes) + 1))
    return Rows(classes, width, first, members[order])
