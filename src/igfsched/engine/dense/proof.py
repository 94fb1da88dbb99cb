"""What no schedule of a dense programme costs less than: times alone first, then rooms, and times within them.

- `Proof`: that of one tier, piece by piece. `Proofs`: those of all tiers, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from igfsched.engine.control import Control, Incumbent
from igfsched.engine.dense.bound import least
from igfsched.engine.dense.branch import Branching, Tree
from igfsched.engine.dense.look import Dense, Floats, dense_of
from igfsched.engine.dense.split import Split, split
from igfsched.facts import Ints
from igfsched.lowering import HARD

TIMES_ALONE = 400
"""Steps for times alone, after which what is known of them has to do."""
PATIENCE = 0.2
"""Of the time, what passes before a tier is proven that the search has not brought to 0."""
TELL = 50
"""Steps after which a better bound is told."""


class Proofs:
    """The proofs of all tiers. A tier is proven once those before it are: of the others less is said at once."""

    def __init__(self, dense: Dense, control: Control, incumbent: Incumbent) -> None:
        self.dense = dense
        self.control = control
        self.best = incumbent

    @property
    def ready(self) -> bool:
        """Whether it is time: hard rules are kept, and all tiers but the last are proven or will not soon be."""
        *before, _ = self.dense.lowered.tiers
        waited = self.control.seconds - self.control.left > PATIENCE * self.control.seconds
        return (self.best.places is not None and self.best.score[HARD] == 0
                and (waited or all(self.best.done(tier) for tier in before)))

    def run(self) -> Iterator[None]:
        """Prove, once ready; stop after each step."""
        lowered = self.dense.lowered
        *_, last = lowered.tiers
        for number, tier in enumerate(lowered.tiers):
            if self.best.done(tier):
                continue
            yield from self._alone(lowered.tiers[number + 1:])
            dense = self.dense if tier == last else dense_of(lowered, lowered.tiers[: number + 1])
            if dense is not None:
                yield from Proof(dense, self.control, self.best, tier).run()
            if not self.best.done(tier):
                return

    def _alone(self, tiers: Sequence[int]) -> Iterator[None]:
        """Say of tiers what no schedule costs less than, whatever it costs in others."""
        for tier in tiers:
            dense = None if tier in self.best.bounds and self.best.bounds[tier] > 0 else dense_of(
                self.dense.lowered, (tier,))
            yield
            if dense is not None:
                bound = least(dense, self.best.score[tier], lambda: self.control.left <= 0)
                self.best.prove(tier, float(np.ceil(bound - 1e-6)))
                yield


class Proof:
    """A branch and bound below the best schedule that is known. It is complete: what ends it is a proof.

    `dense` is the programme without what comes after the tier `last`, all tiers before it being proven.
    """

    def __init__(self, dense: Dense, control: Control, incumbent: Incumbent, last: int) -> None:
        self.dense = dense
        self.control = control
        self.best = incumbent
        self.last = last
        self.parts: Split | None = None

    @property
    def spent(self) -> float:
        """What the tiers before the last cost."""
        return sum(weight * self.best.score[tier] for tier, weight in self.dense.weights.items() if tier < self.last)

    @property
    def upper(self) -> float:
        """What the best schedule costs."""
        return self.spent + self.best.score[self.last]

    def run(self) -> Iterator[None]:
        """Prove, once ready; stop after each step."""
        upper = self.upper
        self._prove(least(self.dense, upper, lambda: self.control.left <= 0))
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
            if not alone.open or self.best.done(self.last):
                break
            alone.step()
            yield
        tree = Tree((rooms, times), parts.grain, lambda: self.upper, self._take, parts=parts, above=alone.floor)
        step = 0
        while tree.open and not self.best.done(self.last):
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
        spots = self.parts.spot[at[:, 0], at[:, 1]]
        cost = cost + self.dense.counted(spots)
        for which in np.argsort(cost, kind="stable").tolist():
            if cost[which] >= self.upper:
                return
            self.best.offer(self.dense.places(spots[which]))
