"""Who has to move: the fewest moves, from below, by models of those alone who may be among them.

- `Evicting`: the search.

A limit of the moves is raised step by step. Below each, few places are within reach (`igfsched.kernel.tolls`). Who has
to go needs one of them; who is in the way there may have to leave. A model (`igfsched.engine.eviction`) first lets
those go for nothing but their weight. Who goes in what it proposes needs a place as well from then on, and so forth.
Where all have places, the proposal is looked at in full (`igfsched.kernel.proposals`), and what is wrong with it
becomes a cut. If the model has no solution, no repair weighs so little; if it has none without a limit either, there is
no repair.
"""

from __future__ import annotations

import math
import time
from contextlib import suppress

import numpy as np
from attrs import define, field

from igfsched.engine.cpsat import Flag, Limits
from igfsched.engine.eviction import NOWHERE, Cut, Eviction
from igfsched.kernel.giving import Undecided
from igfsched.kernel.proposals import Place, settled, wrong_with
from igfsched.kernel.search import Search
from igfsched.kernel.tolls import NEVER, Reach, Tolls

FEW = 8
"""How many may be in the core, or violations there may be; nothing is said of more."""
ROUNDS = 6
"""Proposals of one model, each without those who went in the ones before, until it is made anew with all of these."""
BRIEF = 0.1
"""Seconds for each of these but the first."""
SMALL = 1_000
"""Variables of a model up to which one worker is as fast as several."""
SETTLING = 1.0
"""Seconds for the best places of those who move in a proposal."""


class _OutOfTime(Exception):
    """No time is left."""


@define(eq=False)
class Evicting:
    """The search for the fewest moves of a repair that leaves out nobody who can be placed.

    Answers are in the pool of the search.

    - `bound`: no repair weighs less. `impossible`: those who cannot all have places, none if that is not so.
    - `moves`, `score`: whether the best answer of the pool is proven to have the fewest moves, and of these the best
      score.
    """

    search: Search
    workers: int = 2
    cancel: Flag | None = None
    deadline: float = 0.0
    bound: int = 0
    impossible: tuple[int, ...] = ()
    moves: bool = False
    score: bool = False
    _core: frozenset[int] = frozenset()
    _violations: list[frozenset[int]] = field(factory=list)
    _tolls: Tolls | None = None
    _base: int = 0
    """What those weigh who move in any case."""
    _step: int = 1
    _first: frozenset[int] = frozenset()
    _seeking: set[int] = field(factory=set)
    """Who needs a place if they leave theirs: at first who has to go, then who goes below the limit, too."""
    _checked: frozenset[int] = frozenset()
    """Who have been seen to have places together without a limit."""
    _cuts: list[Cut] = field(factory=list)
    _tried: list[frozenset[int]] = field(factory=list)
    _exact: bool = True

    def run(self, seconds: float) -> None:
        """Search until the fewest moves are found, with the best score if there is time; go on where it stopped."""
        self.deadline = time.perf_counter() + seconds
        with self.search.without_core() as core:
            if self._tolls is None:
                self._begin(core)
            if max(len(core), len(self._violations)) > FEW:
                return
            with suppress(_OutOfTime, Undecided):
                self._raise()
            pool = self.search.pool
            self.moves = self._has_answer and pool[0][0][1] <= self.bound
            self.score &= self.moves and self._exact

    def _begin(self, core: frozenset[int]) -> None:
        search = self.search
        prices = np.full(search.board.facts.n, NEVER, dtype=np.int64)
        prices[search.movable] = search.stakes.weights[search.movable]
        self._core, self._tolls = core, Tolls(search.board, prices)
        self._violations = search.violated(core)
        # Who moves for nothing is never missed by a proof of moves, but may be by one of the score.
        self._exact = bool(prices.min(initial=1) > 0)
        self._seeking = set(core).union(*(those for those in self._violations if len(those) == 1))
        self._first = frozenset(self._seeking)
        self._base = self.bound = search.levels()[1] + sum(search.least(session) for session in core)
        self._step = max(1, math.gcd(*prices[search.movable].tolist()))

    @property
    def _has_answer(self) -> bool:
        """Whether there is an answer that leaves out nobody who can be placed."""
        search = self.search
        return bool(search.pool) and search.pool[0][0][0] <= int(search.absent[list(search.unplaceable)].sum())

    def _raise(self) -> None:
        """Raise the limit from what those weigh who move in any case."""
        search = self.search
        while self._left:
            self._below(self.bound - self._base)
            if self.impossible:
                return
            if self._has_answer and search.pool[0][0][1] <= self.bound:
                self.score = True
                return
            self.bound += self._step
            self._seeking = set(self._first)  # most who needed a place below are not in the way of a better proposal

    def _below(self, limit: int) -> None:
        """Try all sets of sessions that weigh no more than a limit beyond the core."""
        reach = self._reach(limit)
        while True:
            model = self._model(reach)
            if model is not None:
                model.limit(limit)
            if model is None or not self._proposals(model):
                if not (self._has_answer or self._seeking <= self._checked):
                    self._without_limit()
                return

    def _reach(self, limit: int) -> Reach:
        assert self._tolls is not None
        return Reach.of(self._tolls, self._core, self._violations, limit)

    def _model(self, reach: Reach) -> Eviction | None:
        """Return a model of who needs a place, and of who may be in the way; None if somebody has no place in reach."""
        board = self.search.board
        if not all(reach.mask(session).any() for session in self._core):
            return None
        chosen = {s: reach.with_place(s) for s in sorted(self._seeking) if reach.mask(s).any()}
        loose = reach.tolls.in_the_way(chosen).union(*self._violations, *self._cuts)
        near = [s for s in sorted(loose - self._seeking) if reach.may_leave(s)]
        # Who is in the way of these has to be in the model too, or they could never leave.
        needs = {s: reach.blockers(s) for s in near if reach.must_be_opened(s)}
        far = set().union(*needs.values()) - self._seeking
        options = {s: board.options(s).taken(np.flatnonzero(mask)) for s, mask in chosen.items()}
        model = Eviction(reach.tolls, options, {*near, *(s for s in far if reach.may_leave(s))})
        for session, others in needs.items():
            model.needs(session, others)
        for those in self._violations:
            model.cut({s: board.standing.place(s) for s in those})
        for cut in self._cuts:
            model.cut(cut)
        for movers in self._tried:
            model.others(movers)
        return model

    def _proposals(self, model: Eviction) -> bool:
        """Look at what a model proposes. Say whether there has to be another one; if not, that was all."""
        here, rounds = self.search.board.standing.place, 0
        leaving: set[int] = set()
        while rounds < ROUNDS:
            status, places = model.solve(self._limits(model, BRIEF if leaving else math.inf))
            if status == "infeasible" or (leaving and not places):
                break
            if not places:
                raise _OutOfTime
            homeless = {s for s, place in places.items() if place == NOWHERE}
            if homeless:
                leaving |= homeless
                rounds += 1
                model.hold(homeless)
                continue
            if not self._look(model, {s: place for s, place in places.items() if place != here(s)}):
                self._seeking |= leaving
                return True
        self._seeking |= leaving
        return bool(leaving)

    def _look(self, model: Eviction, places: dict[int, Place]) -> bool:
        """Look at a proposal in full: forbid what is wrong with it, or take the best answer with the same movers.

        Say whether the model knows all sessions that this is about: others may leave as well from then on.
        """
        cuts = wrong_with(self.search, places)
        if not cuts:
            movers = frozenset(places)
            self._exact &= settled(self.search, movers, min(SETTLING, self._left))
            self._tried.append(movers)
            model.others(movers)
        for cut in cuts:
            self._cuts.append(cut)
            model.cut(cut)
        return all(session in model.options for cut in cuts for session in cut)

    def _without_limit(self) -> None:
        """See whether those who need places have them if everybody else may leave."""
        self._checked = frozenset(self._seeking)
        model = self._model(self._reach(NEVER - 1))
        if model is None or (not self._tried and model.solve(self._limits(model))[0] == "infeasible"):
            self.impossible = tuple(sorted(self._seeking))

    @property
    def _left(self) -> float:
        """Seconds that are left, 0 when cancelled."""
        if self.cancel is not None and self.cancel.is_set():
            return 0.0
        return max(0.0, self.deadline - time.perf_counter())

    def _limits(self, model: Eviction, most: float = math.inf) -> Limits:
        left = min(most, self._left)
        if not left:
            raise _OutOfTime
        workers = 1 if model.n_variables < SMALL else self.workers
        return Limits(seconds=left, workers=workers, presolve=False, linear=0, cancel=self.cancel)
