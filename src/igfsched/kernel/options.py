"""Where one session may be, as arrays, and what only its own place decides.

- `Options`: the starts that no mask forbids a session, with what each costs by itself.
- `OptionTable`: the options of all sessions in long arrays.
- `options_of`: make them from the session's tables.

An option is a variant at a start tick. Everything that is asked of all options of a session again and again
(classes on an axis, loads) is computed once and kept with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from attrs import define, field

from igfsched.facts import Facts, Ints
from igfsched.primitives import Axis, ByVariant, Table, Unit


@define(eq=False)
class Options:
    """The places in time of one session, ordered by variant and start.

    `variant`, `tick`, `end` (tick): shape `(options,)`. `prices`: what tables say, by tier, `(tiers, options)`.
    """

    facts: Facts
    session: int
    variant: Ints
    tick: Ints
    prices: Ints
    end: Ints = field(init=False)
    start_minute: Ints = field(init=False)
    end_minute: Ints = field(init=False)
    _spans: dict[int, tuple[Axis, Ints, Ints]] = field(factory=dict)
    _loads: dict[int, tuple[object, Ints]] = field(factory=dict)
    _stacks: dict[int, tuple[object, Ints]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.end = self.tick + self.facts.variant_ticks[self.variant]
        self.start_minute = self.tick * self.facts.tick
        self.end_minute = self.end * self.facts.tick

    def __len__(self) -> int:
        return len(self.tick)

    def index(self, variant: int, tick: int) -> int:
        """Return the position of a place, -1 if it is not among the options."""
        first, last = np.searchsorted(self.variant, (variant, variant + 1))
        at = int(first + np.searchsorted(self.tick[first:last], tick))
        return at if at < last and self.tick[at] == tick else -1

    def span(self, axis: Axis) -> tuple[Ints, Ints]:
        """Return the classes of an axis that each option touches, as half-open ranges."""
        known = self._spans.get(id(axis))
        if known is None:
            if len(self.variant) and self.variant[0] != self.variant[-1]:
                low, high = np.empty_like(self.tick), np.empty_like(self.tick)
                for variant in np.unique(self.variant):
                    own = self.variant == variant
                    low[own], high[own] = axis.span(int(variant), self.tick[own])
            else:
                low, high = axis.span(int(self.variant[0]) if len(self) else 0, self.tick)
            known = self._spans[id(axis)] = (axis, low, high)
        return known[1], known[2]

    def load(self, loads: ByVariant) -> Ints:
        """Return a load by variant and start tick at each option."""
        known = self._loads.get(id(loads))
        if known is None:
            found = np.zeros(len(self), dtype=np.int64)
            for variant, amount in loads.items():
                first, last = np.searchsorted(self.variant, (variant, variant + 1))
                found[first:last] = amount[self.tick[first:last]]
            known = self._loads[id(loads)] = (loads, found)
        return known[1]

    def stacked(self, key: object, loads: Sequence[ByVariant]) -> Ints:
        """Return several loads at each option, `(loads, options)`; a key stands for the same loads each time."""
        known = self._stacks.get(id(key))
        if known is None:
            known = self._stacks[id(key)] = (key, np.stack([self.load(one) for one in loads]))
        return known[1]

    def taken(self, chosen: Ints) -> Options:
        """Return some of the options."""
        return Options(self.facts, self.session, self.variant[chosen], self.tick[chosen], self.prices[:, chosen])


@define(eq=False)
class OptionTable:
    """Options of all sessions as long arrays; those of session s are at `first[s]` to `first[s + 1]`."""

    first: Ints
    session: Ints
    variant: Ints
    tick: Ints
    prices: Ints

    @classmethod
    def of(cls, options: list[Options]) -> OptionTable:
        """Return the table of some sessions' options, all sessions in order."""
        sizes = [len(one) for one in options]
        return cls(
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), np.repeat(np.arange(len(options)), sizes),
            *(np.concatenate([getattr(one, name) for one in options], axis=-1)
              for name in ("variant", "tick", "prices")),
        )

    def rows(self, sessions: Ints) -> Ints:
        """Return the rows of some sessions, in their order."""
        begin, end = self.first[sessions], self.first[sessions + 1]
        sizes = end - begin
        return np.repeat(begin - np.cumsum(sizes) + sizes, sizes) + np.arange(int(sizes.sum()))


def options_of(
    facts: Facts, session: int, tables: Iterable[tuple[Unit, Table]], tier_index: dict[int, int], earliest: int = 0,
) -> Options:
    """Return the starts of a session from a tick on that no hard table forbids, with the prices of the soft ones."""
    tables = list(tables)
    variants = facts.variants[session]
    starts = facts.starts
    variant, tick, prices = [], [], []
    for v in variants:
        allowed = starts >= earliest
        for unit, table in tables:
            if unit.rule.hard and v in table.time:
                allowed &= table.time[v][starts] == 0
        ticks = starts[allowed]
        price = np.zeros((len(tier_index), len(ticks)), dtype=np.int64)
        for unit, table in tables:
            if not unit.rule.hard and v in table.time:
                price[tier_index[unit.rule.tier]] += unit.rule.weight * table.time[v][ticks]
        variant.append(np.full(len(ticks), v, dtype=np.int64))
        tick.append(ticks)
        prices.append(price)
    if not variant:
        none = np.empty(0, dtype=np.int64)
        return Options(facts, session, none, none, np.empty((len(tier_index), 0), dtype=np.int64))
    if len(variant) == 1:
        return Options(facts, session, variant[0], tick[0], prices[0])
    return Options(facts, session, np.concatenate(variant), np.concatenate(tick), np.concatenate(prices, axis=1))
