"""What no schedule of a dense programme costs less than: times alone first, then rooms, and times within them.

- `Proof`: it, piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from igfsched.engine.control import Control, Incumbent
from igfsched.engine.dense.bound import least
from igfsched.engine.dense.branch import Branching, Tree
from igfsched.engine.dense.look import Dense, Floats
from igfsched.engine.dense.split import Split, split
from igfsched.facts import Ints
from igfsched.lowering import HARD

TIMES_ALONE = 400
"""Steps for times alone, after which what is known of them has to do."""
TELL = 50
"""Steps after which a better bound is told."""


class Proof:
    """A branch and bound below the best schedule that is known. It is complete: what ends it is a proof."""

    def __init__(self, dense: Dense, control: Control, incumbent: Incumbent) -> None:
        self.dense = dense
        self.control = control
        self.best = incumbent
        self.last = dense.lowered.tiers[-1]
        self.parts: Split | None = None

    @property
    def ready(self) -> bool:
        """Whether the best schedule keeps all hard rules and is proven in all tiers but the last."""
        *before, _ = self.dense.lowered.tiers
        return (self.best.places is not None and self.best.score[HARD] == 0
                and all(self.best.done(tier) for tier in before))

    @property
    def spent(self) -> float:
        """What the tiers before the last cost."""
        *before, _ = self.dense.lowered.tiers
        return sum(self.dense.weights[tier] * self.best.score[tier] for tier in before)

    @property
    def upper(self) -> float:
        """What the best schedule costs."""
        return self.spent + self.best.score[self.last]

    def run(self) -> Iterator[None]:
        """Prove, once ready; stop after each step."""
        upper = self.upper
        self._prove(least(self.dense, upper))
        yield
        places = self.best.places
        at = None if places is None else self.dense.spots_at(places)
        parts = self.parts = split(self.dense, upper)
        if parts is None or at is None:
            return
        rooms, times = Branching(parts.first, upper), Branching(parts.second, upper)
        yield
        least_times = parts.second.cost(parts.second.class_of[at])

        def note(_: Ints, cost: Floats) -> None:
            nonlocal least_times
            least_times = min(least_times, float(cost.min()))

        alone = Tree((times,), parts.grain, lambda: least_times, note)
        for _ in range(TIMES_ALONE):
            if not alone.open:
                break
            alone.step()
            yield
        tree = Tree((rooms, times), parts.grain, lambda: self.upper, self._take, parts=parts, above=alone.floor)
        step = 0
        while tree.open:
            tree.step()
            step += 1
            if step % TELL == 0:
                self._prove(tree.floor)
            yield
        self._prove(tree.floor)

    def _prove(self, bound: float) -> None:
        self.best.prove(self.last, float(np.ceil(bound - self.spent - 1e-6)))

    def _take(self, at: Ints, cost: Floats) -> None:
        """Offer schedules, the best first; what numbers of sessions cost is not yet in their cost."""
        assert self.parts is not None
        for which in np.argsort(cost, kind="stable").tolist():
            if cost[which] >= self.upper:
                return
            self.best.offer(self.dense.places(self.parts.spot[at[which, 0], at[which, 1]]))
