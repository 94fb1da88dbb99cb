"""The first schedule of a large programme: all sessions inserted, then stretches emptied and filled again.

- `Start`: it, beside whatever else is to be done meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from igfsched.engine.control import Control, Incumbent
from igfsched.engine.inserting import Packing, choices_of, insert
from igfsched.engine.refilling import ROUNDS, refill
from igfsched.facts import Bools
from igfsched.lowering import HARD

INSERTIONS = 5
"""Insertions for each session after which it is no longer tried to place all of them in this way."""

REFILLS = 100
"""Rounds of emptying and filling for each session, in deterministic mode."""

SHARE = 0.35
"""Of the time left, what emptying and filling may take."""


class Start:
    """One first schedule: the sessions of a packing at starts of a mask, priced by a tier."""

    def __init__(self, packing: Packing, tier: int, mask: Bools, control: Control, incumbent: Incumbent) -> None:
        self.packing = packing
        self.tier = tier
        self.control = control
        self.best = incumbent
        self.random = np.random.default_rng(control.seed)
        self.choices = choices_of(packing.lowered, mask, packing.lowered.prices[tier])

    def run(self, meanwhile: Callable[[], object]) -> bool:
        """Insert all sessions, and make that better while something else is done. Say whether all have places."""
        self.best.enter("inserting", self.tier)
        most = INSERTIONS * self.packing.lowered.facts.n
        self.control.spend(0.0002 * most)
        if insert(self.packing, self.choices, self.random, lambda: self.control.left <= 0, most):
            return False
        self.best.offer(self.packing.places())
        if self.best.places is None or self.best.score[HARD] > 0:
            return False
        self.best.enter("hours, emptying and filling")
        if self.control.deterministic or self.control.workers == 1:
            self._refill()
            meanwhile()
            return True
        with ThreadPoolExecutor(1) as pool:
            filling = pool.submit(self._refill)
            meanwhile()
            filling.result()
        return True

    def _refill(self) -> None:
        """Empty stretches and fill them again for a part of the time."""
        rounds, began, share = 0, self.control.elapsed, self.control.left * SHARE
        most = REFILLS * self.packing.lowered.facts.n

        def done() -> float:
            nonlocal rounds
            if self.control.left <= 0:
                return 1.0
            if self.control.deterministic:
                rounds += 1
                return ROUNDS * rounds / most
            return (self.control.elapsed - began) / share

        refill(self.packing, self.choices, self.random, done, self.best.offer)
        if self.control.deterministic:
            self.control.spend(0.001 * most)
