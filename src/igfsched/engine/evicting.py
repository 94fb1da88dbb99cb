"""Who has to move: the fewest moves, from below, by models of those alone who may be among them.

- `Evicting`: the search; `fewest_moves` runs it.

A limit of the moves is raised step by step. Below each, few places are within reach: those that are not too dear to
clear (`igfsched.kernel.tolls`), for those who may be in the way of somebody who has to go, or of somebody who makes way
for one, and so on. What a model of these (`igfsched.engine.eviction`) proposes is looked at in full; what is wrong with
it becomes a cut. If it has no solution, no repair moves so little.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterable

import numpy as np
from attrs import define, field

from igfsched.engine.cpsat import Limits
from igfsched.engine.eviction import NOWHERE, Cut, Eviction, chosen_options
from igfsched.kernel.giving import Undecided
from igfsched.kernel.housing import too_many
from igfsched.kernel.options import Options
from igfsched.kernel.ranking import OutOfTime
from igfsched.kernel.search import Search
from igfsched.kernel.tolls import NEVER, Tolls


@define(eq=False)
class Evicting:
    """The search for the fewest moves. The core, who has to go in any case, is on the board nowhere.

    - `bound`: no repair that places everybody weighs less; `impossible`: there is none at all.
    - `moves`, `score`: whether the answers in the pool of the search are proven to be best.
    """

    search: Search
    core: frozenset[int]
    deadline: float
    bound: int = 0
    impossible: bool = False
    moves: bool = False
    score: bool = False
    tolls: Tolls = field(init=False)
    seeking_checked: int = -1
    own: int = field(init=False)
    """What those of the core weigh, who move in any case."""
    violations: list[frozenset[int]] = field(init=False)
    cuts: list[Cut] = field(factory=list)
    tried: list[frozenset[int]] = field(factory=list)
    exact: bool = True
    _needs: dict = field(factory=dict)
    log: list[str] = field(factory=list)
    need: int = 0
    spare: int = 0
    set_of: dict = field(factory=dict)
    reach: Tolls = field(init=False)
    seen: dict = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        search = self.search
        prices = np.full(search.board.facts.n, NEVER, dtype=np.int64)
        prices[search.movable] = search.stakes.weights[search.movable]
        self.tolls = Tolls(search.board, prices)
        self.own = sum(search.least(session) for session in self.core)
        self.violations = search._violations(self.core)

    def run(self) -> None:
        step = max(1, math.gcd(*(self.tolls.prices[self.search.movable].tolist() or [1])))
        limit = self.own
        seeking = set(self.core) | {s for those in self.violations if len(those) == 1 for s in those}
        while time.perf_counter() < self.deadline:
            decided = self.below(limit, seeking)
            if decided is None and (not self.search.pool or self.search.pool[0][0][0] > 0 or self.search.pool[0][0][1] > limit):
                return
            if self.search.pool and self.search.pool[0][0][0] == 0 and self.search.pool[0][0][1] <= limit:
                self.moves = True
                self.score = bool(decided) and self.exact
                self.bound = limit
                return
            limit += step
            self.bound = limit

    def begin(self, limit: int) -> None:
        """Say what is in reach if nobody beyond a limit moves."""
        search, board = self.search, self.search.board
        prices = self.tolls.prices
        sets = [(those, min(int(prices[s]) for s in those)) for those in self.violations]
        plain = Tolls(board, prices)
        for session in sorted(self.core):
            toll = plain.of(session)
            mask = toll <= limit - self.own
            if mask.any() and toll.min() > 0:
                sets.append((frozenset(plain.blockers(session, mask)), int(toll[mask].min())))
        self.need, self.set_of, used = 0, {}, set()
        for those, least in sorted(sets, key=lambda one: (-one[1], len(one[0]))):
            if not those & used and least:
                used |= those
                self.need += least
                self.set_of.update(dict.fromkeys(those, least))
        free = prices.copy()
        free[list(used)] = 0
        self.spare = limit - self.own - self.need
        self.reach = Tolls(board, free)
        self.seen = {}

    def _mask(self, session: int) -> np.ndarray:
        """Return which options of a session are within reach."""
        known = self.seen.get(session)
        if known is not None:
            return known
        weight = 0 if session in self.core else int(self.tolls.prices[session])
        if session in self.set_of:
            weight = max(0, weight - self.set_of[session])
        mask = self.reach.of(session) <= self.spare - weight
        if session not in self.core:
            here = self.search.board.options(session).index(*self._here(session))
            mask[here] = False
        self.seen[session] = mask
        return mask

    def within(self, seeking: set[int]) -> tuple[dict[int, Options], set[int]] | None:
        """Return where those who need a place may be, and who may have to leave; None if one has no place in reach."""
        board, prices = self.search.board, self.tolls.prices
        chosen: dict[int, Options] = {}
        loose = {s for those in self.violations for s in those}
        for session in sorted(seeking):
            mask = self._mask(session)
            if not mask.any():
                if session in self.core:
                    return None
                continue
            chosen[session] = chosen_options(board, session, np.flatnonzero(mask))
            loose |= self.tolls.blockers(session, mask)
        return chosen, {s for s in loose - seeking if prices[s] < NEVER and self._mask(s).any()}

    def below(self, limit: int, seeking: set[int]) -> bool | None:
        """Try all sets of sessions that weigh no more than a limit. Say whether all were; None: out of time."""
        self.begin(limit)
        while True:
            t0 = time.perf_counter()
            found = self.within(seeking)
            if found is None:
                return True
            model = Eviction(self.search.board, self.tolls, *found)
            model.limit(limit - self.own)
            for those in self.violations:
                model.cut({s: frozenset({self._here(s)}) for s in those})
            for session in found[1]:
                mask = self._mask(session)
                if self.tolls.of(session)[mask].min() > 0:
                    key = session, limit
                    if key not in self._needs:
                        self._needs[key] = self.tolls.blockers(session, mask)
                    model.needs(session, self._needs[key])
            for cut in self.cuts:
                model.cut(cut)
            for movers in self.tried:
                model.others(movers)
            t1 = time.perf_counter()
            n = 0
            while True:
                left = self.deadline - time.perf_counter()
                if left <= 0:
                    return None
                t2 = time.perf_counter()
                outcome, places = model.solve(Limits(seconds=left, workers=2, presolve=False, linear=0))
                n += 1
                self.log.append(f"limit {limit} seeking {len(found[0])} loose {len(found[1])} vars {model.n_variables} rows {len(model._proto.constraints)} build {t1-t0:.3f} solve {time.perf_counter()-t2:.3f} {outcome.status} n={n}")
                if outcome.status == "infeasible":
                    if n == 1 and len(seeking) > self.seeking_checked:
                        self.seeking_checked = len(seeking)
                        self.begin(NEVER - 1)
                        a, b = self.within(seeking)
                        self.begin(limit)
                        t2 = time.perf_counter()
                        m = Eviction(self.search.board, self.tolls, a, b)
                        for those in self.violations:
                            m.cut({s: frozenset({self._here(s)}) for s in those})
                        o, _ = m.solve(Limits(seconds=left, workers=2, presolve=False, linear=0))
                        self.log.append(f" impossible? vars {m.n_variables} {o.status} {time.perf_counter()-t2:.3f}")
                        if o.status == "infeasible":
                            self.impossible = True
                            return None
                    return True
                if outcome.values is None:
                    return None
                homeless = {s for s, place in places.items() if place == NOWHERE}
                if homeless:
                    seeking |= homeless
                    break
                cuts = self.wrong(places)
                for cut in cuts:
                    self.cuts.append(cut)
                    model.cut(cut)
                if cuts:
                    continue
                movers = frozenset(s for s, place in places.items() if place != self._here(s))
                if not self.settle(movers, places):
                    self.exact = False
                self.tried.append(movers)
                model.others(movers)

    def _here(self, session: int) -> tuple[int, int]:
        standing = self.search.board.standing
        return int(standing.variant[session]), int(standing.start[session])

    def wrong(self, places: dict[int, tuple[int, int]]) -> list[Cut]:
        """Return what is wrong with places, as cuts."""
        search, board = self.search, self.search.board
        movers = [s for s, place in places.items() if place != self._here(s)]
        with search.without(movers):
            for s in movers:
                board.put(s, *places[s])
            try:
                sets = [frozenset(those) for those in search._violations(movers, rooms=False)]
                if not sets and board.rooms.n_rooms:
                    seeking = {*(s for s in movers if board.rooms.need[s]), *search._wrong(movers)}
                    try:
                        sets = [frozenset(those) for those in too_many(board.rooms, board.standing, seeking, search.stakes.kept)]
                    except Undecided:
                        self.exact = False
                return [{s: frozenset({self._here(s)}) for s in those} for those in sets]
            finally:
                for s in movers:
                    board.take(s)

    def settle(self, movers: frozenset[int], places) -> bool:
        search, board = self.search, self.search.board
        t = time.perf_counter()
        out = [s for s in movers if board.standing.variant[s] >= 0]
        before = search.deadline
        search.deadline = min(self.deadline, t + 1.0)
        try:
            with search.without(out):
                r = search.settle(tuple(sorted(movers)))
            self.log.append(f"  settle {sorted(movers)} {r} {search.pool[0][0] if search.pool else None} {time.perf_counter()-t:.3f}")
            return True
        except OutOfTime:
            self.log.append(f"  settle {sorted(movers)} out of time {time.perf_counter()-t:.3f}")
            return False
        finally:
            search.deadline = before
