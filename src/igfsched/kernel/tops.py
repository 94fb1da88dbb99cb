"""The largest levels of a burden.

- `Tops`: the state of a `Load` that adds up the largest levels.
"""

from __future__ import annotations

import numpy as np
from attrs import define

from igfsched.facts import Ints
from igfsched.kernel.loads import Burden
from igfsched.kernel.options import Options


@define(eq=False)
class Tops(Burden):
    """The totals of the groups, of which the largest levels count."""

    def __attrs_post_init__(self) -> None:
        Burden.__attrs_post_init__(self)
        self.convex = len(self.totals) <= self.primitive.most and int(self.divisors.max(initial=1)) == 1

    def _value(self, totals: Ints) -> int:
        return int(self._largest(-(-totals // self.divisors)[:, None])[0]) if len(totals) else 0

    def _largest(self, levels: Ints) -> Ints:
        """Return the largest of some levels added up, for each column: `(groups, columns)`."""
        most = self.primitive.most
        found: Ints
        if most >= len(levels):
            found = levels.sum(axis=0)
        else:
            found = np.partition(levels, len(levels) - most, axis=0)[len(levels) - most :].sum(axis=0)
        return found

    def delta(self, options: Options) -> Ints:
        if options.session not in self.of_session:
            return np.zeros(len(options), dtype=np.int64)
        groups, loads = self.of_session[options.session]
        totals = np.repeat(self.totals[:, None], len(options), axis=1)
        totals[groups] += np.stack([options.load(by_variant) for by_variant in loads])
        found: Ints = self._largest(-(-totals // self.divisors[:, None])) - self.value
        return found

    def share(self, session: int, variant: int, start: int) -> int:
        groups, loads = self.of_session[session]
        own = np.array([int(by_variant[variant][start]) if variant in by_variant else 0 for by_variant in loads],
                       dtype=np.int64)
        levels = np.sort(-(-own // self.divisors[groups]))
        return int(levels[::-1][: self.primitive.most].sum())
