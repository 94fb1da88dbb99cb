"""What steers a search: the clock, cancellation, progress, and the best that is known so far.

- `Control`: limits of the whole solve, and what is left of them.
- `Incumbent`: the best places found, and the bounds proven, tier by tier.
"""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Callable

import numpy as np
from attrs import define, field

from igfsched.engine.cpsat import Limits, Outcome
from igfsched.engine.slots import unplaced
from igfsched.errors import IgfschedError
from igfsched.facts import Places
from igfsched.lowering import HARD, Lowered
from igfsched.result import Progress, gap_of

DOUBT = 0.01
"""By how much a bound may be above a score: scores are whole numbers, bounds need not be."""


class UntrueScheduleError(IgfschedError):
    """The solver's schedule is not what its audit finds: a defect of igfsched or of the solver."""


Listener = Callable[[Progress], None]


@define(eq=False, kw_only=True)
class Control:
    """The limits of a solve. In deterministic mode time is what the solver counts, not what the wall shows."""

    seconds: float
    workers: int
    seed: int
    deterministic: bool = False
    cancel: threading.Event = field(factory=threading.Event)
    began: float = field(factory=time.perf_counter)
    pace: float = 1.0
    """How much longer than on a free machine things take here and now: short limits are stretched by it."""
    _counted: float = 0.0
    _lock: threading.Lock = field(factory=threading.Lock)

    @property
    def elapsed(self) -> float:
        """Seconds since the solve began, on the wall."""
        return time.perf_counter() - self.began

    @property
    def left(self) -> float:
        """What is left of the time, 0 when cancelled."""
        if self.cancel.is_set():
            return 0.0
        return max(0.0, self.seconds - (self._counted if self.deterministic else self.elapsed))

    def limits(self, seconds: float, *, workers: int | None = None, seed: int = 0, light: bool = False,
               linear: int | None = None, nearly_whole: bool = False) -> Limits:
        """Return limits for one call of the solver, within what is left."""
        share = max(0.01, min(seconds, self.left))
        return Limits(
            seconds=share, workers=self.workers if workers is None else workers, seed=self.seed + seed,
            deterministic=share if self.deterministic else None, light=light, linear=linear, nearly_whole=nearly_whole,
            cancel=self.cancel,
        )

    def spend(self, seconds: float) -> None:
        """Note time that was spent outside the solver, for deterministic mode."""
        with self._lock:
            self._counted += seconds

    def count(self, outcome: Outcome) -> Outcome:
        """Note what a call of the solver took; at least what it takes to build the smallest model."""
        with self._lock:
            self._counted += max(outcome.deterministic, 0.02)
        return outcome


@define(eq=False)
class Incumbent:
    """The best places so far and the bounds proven, shared by all parts of a search. Safe between threads."""

    lowered: Lowered
    control: Control
    listener: Listener | None = None
    places: Places | None = None
    score: dict[int, int] = field(factory=dict)
    bounds: dict[int, float] = field(factory=dict)
    tier: int = HARD
    phase: str = "reading"
    first_valid: float | None = None
    _lock: threading.RLock = field(factory=threading.RLock)

    def key(self, score: dict[int, int], places: Places) -> tuple[int, ...]:
        """Return what is compared: the score tier by tier, then how far the emptiest day is from being free."""
        return (*(score[tier] for tier in (HARD, *self.lowered.tiers)), emptiest_day(self.lowered, places)[1])

    def offer(self, places: Places | None) -> bool:
        """Take places if they are better than the best; say whether they were."""
        if places is None:
            return False
        score = self.lowered.score(places)
        with self._lock:
            if self.places is not None and self.key(score, places) >= self.key(self.score, self.places):
                return False
            self.places, self.score = places, score
            if score[HARD] == 0 and self.first_valid is None:
                self.first_valid = self.control.elapsed
        self.tell()
        return True

    def prove(self, tier: int, bound: float) -> None:
        """Note that no schedule (as good in the tiers before) costs less than `bound` in a tier."""
        with self._lock:
            if bound <= self.bounds.get(tier, float("-inf")):
                return
            self.bounds[tier] = float(bound)
        self.tell()

    def forget(self) -> None:
        """Drop all bounds: they were proven of something else."""
        with self._lock:
            self.bounds.clear()

    def doubt(self) -> None:
        """Drop bounds that the best schedule refutes, and say so: they are a defect, and must not prove anything."""
        with self._lock:
            for tier, bound in list(self.bounds.items()):
                if self.places is not None and self.score[tier] < bound - DOUBT:
                    del self.bounds[tier]
                    message = (f"tier {tier}: a bound of {bound} is above the score {self.score[tier]} and is dropped; "
                               "this is a defect of igfsched")
                    warnings.warn(message, RuntimeWarning, stacklevel=2)

    def done(self, tier: int) -> bool:
        """Say whether the best is proven optimal in a tier."""
        return self.places is not None and self.score[tier] <= self.bounds.get(tier, float("-inf"))

    def enter(self, phase: str, tier: int | None = None) -> None:
        """Say what is being done now."""
        self.phase = phase
        self.tier = self.tier if tier is None else tier
        self.tell()

    def tell(self) -> None:
        """Tell the listener how far the search is."""
        if self.listener is None:
            return
        with self._lock:
            tier = self.tier if self.places is not None and self.score[HARD] == 0 else HARD
            score = self.score.get(tier) if self.places is not None else None
            bound = self.bounds.get(tier)
            progress = Progress(
                seconds=self.control.elapsed, phase=self.phase,
                unplaced=None if self.places is None else len(unplaced(self.lowered.facts, self.places)),
                tier=tier, score=score, bound=bound,
                gap=None if score is None or bound is None else gap_of(score, bound),
            )
        self.listener(progress)


def emptiest_day(lowered: Lowered, places: Places) -> tuple[int, int]:
    """Return the programme day with the fewest sessions of those that have any, and their number."""
    facts = lowered.facts
    days = facts.day_of_tick[places.start[places.variant >= 0]]
    count = np.bincount(days[days >= 0], minlength=1)
    used = np.flatnonzero(count)
    if not len(used):
        return -1, 0
    day = int(used[np.argmin(count[used])])
    return day, int(count[day])


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
