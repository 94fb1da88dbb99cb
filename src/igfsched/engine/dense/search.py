"""Tabu search over spots: what each move and each exchange of two sessions changes is known for all of them at once.

- `State`: where everybody is, and what each session would cost at each spot, the others staying.
- `DenseSearch`: the way of the search.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from igfsched.engine.control import Control, Incumbent
from igfsched.engine.dense.look import Dense, Floats
from igfsched.engine.dense.proof import Proofs
from igfsched.facts import Ints
from igfsched.lowering import HARD

STALE = 400
"""Steps without a better schedule after which some sessions are shaken."""
STEP, PIECE, PIECES = 0.002, 0.02, 40
"""In deterministic mode: seconds of a step, of a piece of the proof, and the pieces after `STALE` steps."""
SELDOM = 10.0
"""How much longer the search goes on than a better schedule takes to be scored, before the next one is."""
TENURE = (6, 16)
"""How many steps a session must not go back to the spot that it left: between these."""


class State:
    """A spot for each session. `gain[s, p]`: the cost of session s at spot p, the others where they are."""

    def __init__(self, dense: Dense) -> None:
        self.dense = dense
        n, self.n_spots = dense.prices.shape
        self.n = n
        self.at = np.full(n, -1, dtype=np.int64)
        self.field: Floats = np.where(dense.allowed, dense.prices, np.inf)
        self.both = dense.pairs + dense.pairs.transpose(0, 2, 1)
        # Kinds that are the same both ways need one product instead of two.
        even = np.array([bool((kernel == kernel.T).all()) for kernel in dense.kernels], dtype=bool)
        self.odd = np.flatnonzero(~even)
        self.counts = [np.zeros(c.touches.shape[1], dtype=np.int64) for c in dense.counts]
        self.counted = [np.zeros((len(c.members), self.n_spots)) for c in dense.counts]
        self.even = np.flatnonzero(even)
        for number in range(len(dense.counts)):
            self._recount(number)

    def begin(self, at: Ints | None) -> None:
        """Put everybody to given spots, or one after the other where it is cheapest, those with few spots first."""
        if at is not None:
            for session, spot in enumerate(at.tolist()):
                self._put(session, spot)
            return
        for session in np.argsort(self.dense.allowed.sum(axis=1), kind="stable").tolist():
            self._put(session, int(np.argmin(self.costs()[session])))

    def _put(self, session: int, spot: int) -> None:
        """Move a session to a spot."""
        old = int(self.at[session])
        if old == spot:
            return
        dense = self.dense
        kernels = dense.kernels
        fore = kernels[:, :, spot] - (kernels[:, :, old] if old >= 0 else 0)
        self.field += self.both[self.even, :, session].T @ fore[self.even]
        if len(self.odd):
            back = kernels[self.odd, spot, :] - (kernels[self.odd, old, :] if old >= 0 else 0)
            self.field += dense.pairs[self.odd, :, session].T @ fore[self.odd]
            self.field += dense.pairs[self.odd, session, :].T @ back
        self.at[session] = spot
        for number, count in enumerate(dense.counts):
            if session in count.members:
                self.counts[number] += count.touches[spot] - (count.touches[old] if old >= 0 else 0)
                self._recount(number)

    def _recount(self, number: int) -> None:
        """Work out what each member of a count would add at each spot."""
        count = self.dense.counts[number]
        classes = np.arange(len(count.cost))
        for row, session in enumerate(count.members.tolist()):
            there = self.counts[number] - (count.touches[self.at[session]] if self.at[session] >= 0 else 0)
            self.counted[number][row] = count.touches @ (count.cost[classes, there + 1] - count.cost[classes, there])

    def costs(self) -> Floats:
        """Return what each session would cost at each spot, infinite where it must not be."""
        if not self.counted:
            return self.field
        found = self.field.copy()
        for count, own in zip(self.dense.counts, self.counted, strict=True):
            found[count.members] += own
        return found

    def total(self) -> float:
        """Return the cost of it all."""
        dense, at = self.dense, self.at
        found = float(dense.prices[np.arange(self.n), at].sum())
        for kernel, pairs in zip(dense.kernels, dense.pairs, strict=True):
            found += float((pairs * kernel[np.ix_(at, at)]).sum())
        for count, numbers in zip(dense.counts, self.counts, strict=True):
            found += float(count.cost[np.arange(len(numbers)), numbers].sum())
        return found

    def exchanges(self, costs: Floats) -> Floats:
        """Return what exchanging each two sessions would change, shape `(sessions, sessions)`."""
        dense, at = self.dense, self.at
        own = costs[np.arange(self.n), at]
        there = costs[:, at] - own[:, None]
        found = there + there.T
        for k in range(len(dense.kernels)):
            kernel = dense.kernels[k][np.ix_(at, at)]
            here = np.diagonal(kernel)
            pairs = self.both[k]
            found += pairs * (kernel + kernel.T - here[:, None] - here[None, :])
        for count, counted in zip(dense.counts, self.counted, strict=True):
            members = count.members  # two members change nothing in numbers by an exchange
            own_count = counted[np.arange(len(members)), at[members]]
            more = counted[:, at[members]] - own_count[:, None]
            found[np.ix_(members, members)] -= more + more.T
        return found

    def move(self, session: int, spot: int) -> None:
        """Move one session."""
        self._put(session, spot)

    def exchange(self, one: int, other: int) -> None:
        """Exchange the spots of two sessions."""
        a, b = int(self.at[one]), int(self.at[other])
        self._put(one, b)
        self._put(other, a)


class DenseSearch:
    """One search of one programme by spots."""

    def __init__(self, dense: Dense, control: Control, incumbent: Incumbent) -> None:
        self.dense = dense
        self.control = control
        self.best = incumbent
        self.random = np.random.default_rng(control.seed)
        self.proof = Proofs(dense, control, incumbent)
        self.steps: Iterator[None] | None = None
        self.searched_from = control.elapsed
        self.over = False
        self.upper = np.triu(np.ones((len(dense.sessions),) * 2, dtype=bool), k=1)

    def run(self) -> bool:
        """Search until the time is over or all is proven; say whether a schedule keeps all hard rules."""
        self.best.enter("spots", self.dense.lowered.tiers[0])
        state = State(self.dense)
        given = None if self.best.places is None else self.dense.spots_at(self.best.places)
        state.begin(given)
        self.best.offer(self.dense.places(state.at))
        self._prove()
        if self.control.workers > 1 and not self.control.deterministic:
            with ThreadPoolExecutor(1) as pool:
                beside = pool.submit(self._prove_beside)
                try:
                    self._search(state)
                finally:
                    self.over = True
                beside.result()
        else:
            self._search(state)
        return self.best.places is not None and self.best.score[HARD] == 0

    def _search(self, state: State) -> None:
        """Make one step after the other; with one worker, pieces of the proof between them."""
        cost = best = state.total()
        found = state.at.copy()
        told, told_at, pause = best, self.control.elapsed, 1.0
        forbidden = np.zeros(self.dense.prices.shape, dtype=np.int64)
        step = since = 0
        alone = self.control.workers == 1 or self.control.deterministic
        while self.control.left > 0 and not self._all_done():
            step += 1
            since += 1
            if self.control.deterministic:
                self.control.spend(STEP)
            cost = self._step(state, forbidden, step, cost, best)
            if cost < best - 0.5:
                best, found, since = cost, state.at.copy(), 0
            elif since >= STALE:
                since = 0
                cost = self._shake(state, found, best)
                forbidden[:] = 0
            if best < told and self.control.elapsed - told_at > pause:
                told, began = best, self.control.elapsed
                self.best.offer(self.dense.places(found))
                told_at = self.control.elapsed
                pause = max(1.0, SELDOM * (told_at - began))
            if alone and step % STALE == 0:
                self.best.offer(self.dense.places(found))
                self._prove_between()
        self.best.offer(self.dense.places(found))

    def _prove(self) -> None:
        """Note that nothing is below 0."""
        if self.best.places is not None and self.best.score[HARD] == 0:
            self.best.prove(HARD, 0)
        for tier in self.dense.lowered.tiers:
            self.best.prove(tier, 0.0)

    def _prove_beside(self) -> None:
        """Prove in a thread of its own until the search is over."""
        while not self.over and not self.proof.ready:
            time.sleep(0.02)
        if self.over:
            return
        began, slowest = time.perf_counter(), 0.0
        for _ in self.proof.run():
            slowest = max(slowest, time.perf_counter() - began)
            if self.over or self.control.left <= slowest:
                return
            began = time.perf_counter()

    def _prove_between(self) -> None:
        """Take the proof on for about as long as the search took since the last time."""
        self._prove()
        if not self.proof.ready:
            return
        if self.steps is None:
            self.steps = self.proof.run()
        began, pieces = self.control.elapsed, 0
        until = began + (began - self.searched_from)
        while pieces < PIECES if self.control.deterministic else self.control.elapsed < until:
            pieces += 1
            if self.control.deterministic:
                self.control.spend(PIECE)
            if next(self.steps, self.steps) is self.steps or not self.control.left:
                break
        self.searched_from = self.control.elapsed

    def _all_done(self) -> bool:
        return all(self.best.done(tier) for tier in self.dense.lowered.tiers)

    def _step(self, state: State, forbidden: Ints, step: int, cost: float, best: float) -> float:
        """Make the best move or exchange that is not forbidden, or that is better than all before; return the cost."""
        costs = state.costs()
        rows = np.arange(state.n)
        moves = costs - costs[rows, state.at][:, None]
        moves[rows, state.at] = np.inf
        changes = np.where(self.upper, state.exchanges(costs), np.inf)
        changes[np.isnan(changes)] = np.inf
        held = forbidden > step
        either = held[:, state.at]
        single = np.where(held & (cost + moves >= best), np.inf, moves)
        double = np.where((either | either.T) & (cost + changes >= best), np.inf, changes)
        one, two = int(np.argmin(single)), int(np.argmin(double))
        tenure = step + int(self.random.integers(*TENURE))
        if single.flat[one] <= double.flat[two]:
            session, spot = divmod(one, state.n_spots)
            if not np.isfinite(single.flat[one]):
                return cost
            forbidden[session, state.at[session]] = tenure
            state.move(session, spot)
            return cost + float(single.flat[one])
        first, second = divmod(two, state.n)
        forbidden[first, state.at[first]] = forbidden[second, state.at[second]] = tenure
        state.exchange(first, second)
        return cost + float(double.flat[two])

    def _shake(self, state: State, found: Ints, best: float) -> float:
        """Go back to the best schedule, some sessions exchanged at random; return the cost."""
        for session, spot in enumerate(found.tolist()):
            state.move(session, spot)
        for _ in range(int(self.random.integers(2, max(3, state.n // 8)))):
            one, other = self.random.choice(state.n, size=2, replace=False).tolist()
            allowed = self.dense.allowed
            if allowed[one, state.at[other]] and allowed[other, state.at[one]]:
                state.exchange(one, other)
        return state.total()
