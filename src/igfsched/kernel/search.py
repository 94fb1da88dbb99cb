"""Bounded-depth repair: the fewest moves, then the fewest changes of rooms, then the best score, with proof.

- `Search`: one repair on a board whose sessions are at their reference places.
- `Answer`: what it found, and what of it is proven.

Who has to go is found first (masks, then violated counts, each of whose members is tried); whoever is out is
then given the best places that are left. If there is none, one session more has to go: `igfsched.kernel.relief`
looks at all of them at once. What needs more than that is for the solver.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import numpy as np
from attrs import define, field, frozen

from igfsched.facts import Bools, Places
from igfsched.kernel.giving import Undecided
from igfsched.kernel.greedy import Greedy
from igfsched.kernel.helping import Helping
from igfsched.kernel.housing import crowd_of, rehoused
from igfsched.kernel.ranking import Levels, OutOfTime
from igfsched.kernel.relief import Relief
from igfsched.kernel.settling import Settling
from igfsched.kernel.slotted import Slotted
from igfsched.kernel.threes import Threes

FEW = 4
"""Sessions out of their places up to which the best places of all are looked for without a first answer."""
MANY_VIOLATIONS = 3
"""Violations with nobody in common up to which all ways to mend them are tried."""
CHAINS = 0.5
"""Seconds for answers in which three have to go."""
BRIEF = 0.3
"""Seconds for one step of an answer that is made greedily, and for the best places of more."""
MANY = 0.05
"""Seconds for these where fewer moves cannot be: a model of those who are out does the rest about as fast."""
MANY_WITH_ONE = 0.1
"""Seconds for all sets of more than a few with one session more that has to go."""


@frozen(eq=False)
class Answer:
    """The best repair found, with its levels; None if there is none that places all who can be placed.

    `moves_proven`: no repair has fewer (weighted) moves. `score_proven`: of those with as few, none has fewer
    changes of rooms, and then none a better score. `concerned`: those that have to go, and those of
    whom some have to: with moves that weigh no more than `bound`, no others move, and these only to places `within`
    a mask of shape `(variants, starts)` (None: anywhere). `unseen`: what may be better moves none but these, if that
    is all that is wanting of a proof. `others`: the next best answers, if more than one was asked for. `late`: whether
    more time could have found or proven more.
    """

    places: Places | None
    levels: Levels | None
    moves_proven: bool
    score_proven: bool
    unplaceable: tuple[int, ...] = ()
    concerned: tuple[int, ...] = ()
    bound: int = 0
    others: tuple[tuple[Levels, Places], ...] = ()
    within: Bools | None = None
    unseen: tuple[int, ...] = ()
    late: bool = False


@define(eq=False)
class Search(Settling):
    """A repair on a board. The board is as it was afterwards."""

    exact: bool = True
    """Whether nothing as light as the answer was left out."""
    lighter: bool = False
    """Whether something lighter than the answer may have been left out."""
    unseen: set[int] = field(factory=set)
    """Who moves in what was left out, as far as that is known."""
    left_out: int | None = None
    """The least that weighs what was left out where two more have to go, neither of whom makes way alone."""
    single: bool = False
    """Whether no more than one session beside those without a place is to go."""
    shallow: bool = False
    """Whether somebody else looks for answers in which more than the core have to go, or more than a pair."""
    partial: tuple[Levels, Places] | None = None
    core: frozenset[int] = frozenset()
    violations: list[frozenset[int]] = field(factory=list)
    bound: int = 0
    """No repair has fewer weighted moves, by who has to go and by violations; `floor`: by what was tried, too."""
    floor: int = 0
    unplaceable: tuple[int, ...] = ()
    patience: float = MANY_WITH_ONE
    """Seconds for sets of many with one more; none if somebody else looks at them."""
    within: Bools | None = None
    helpers: frozenset[int] = frozenset()
    """Of whom one makes way for more than a few that find no places."""
    brief: bool = False
    """Whether places of many are looked for, with moves that may be too many."""
    many_until: float = 0.0
    """When to stop with sets of many with one more."""

    def run(self) -> Answer:
        """Search as deep as the bounded search goes, and say what is proven."""
        with self.without_core() as core:
            try:
                proven = self._explore(core)
            except (OutOfTime, Undecided):
                proven = False
        concerned = tuple(sorted(core.union(self.helpers, *self.violations)))
        late = time.perf_counter() > self.deadline
        if not self.pool:
            levels, places = self.partial or (None, None)
            return Answer(places, levels, False, False, self.unplaceable, concerned, self.bound, within=self.within,
                          late=late)
        levels, places = self.pool[0]
        proven &= self.given_up is None or self.given_up >= levels[1]
        if self.left_out is not None and levels[1] >= self.left_out:
            self._blame_left_out(levels[1])
        moves = (proven and not self.lighter) or levels[1] <= max(self.bound, self.floor)
        score = proven and self.exact and not self.lighter and self.given_up != levels[1]
        unseen = tuple(sorted(self.unseen)) if proven and not score and self.given_up != levels[1] else ()
        return Answer(places, levels, moves, score, self.unplaceable, concerned, self.bound, tuple(self.pool[1:]),
                      self.within, unseen, late)

    @contextmanager
    def without_core(self) -> Iterator[frozenset[int]]:
        """Take out for a while who cannot stay, and give those of them, and of the homeless, who can be placed."""
        board = self.board
        out = [s for s in self._ousted() if s not in self.stakes.kept]
        out += sorted(self.homeless)
        self.unplaceable = tuple(s for s in out if not len(board.options(s)) or not board.rooms.could_house(s))
        with self.without(out):
            yield frozenset(out) - set(self.unplaceable)

    def _leave_out(self, chosen: Collection[int]) -> None:
        """Note that of one more who has to go, only those were tried who are enough for that.

        Two more may be enough where neither is: one opens a place and finds none, the other the other way round.
        """
        light = min((self.least(s) for s in self.movable.tolist() if s not in chosen), default=0)
        weight = sum(self.least(s) for s in chosen) + 2 * light
        self.left_out = weight if self.left_out is None else min(self.left_out, weight)

    def _blame_left_out(self, weight: int) -> None:
        """Say what an answer of some weight lacks for a proof, since something as light was left out."""
        assert self.left_out is not None
        spare = weight - self.left_out
        self.lighter |= spare > 0
        self.exact &= spare < 0
        light = min((self.least(s) for s in self.movable.tolist() if s not in self.core), default=0)
        self.unseen |= {*self.core, *(s for s in self.movable.tolist() if self.least(s) <= light + spare)}

    def _ousted(self) -> Iterator[int]:
        """Yield the sessions that masks drive from their places."""
        board = self.board
        for session in np.flatnonzero(board.standing.variant >= 0).tolist() if self.suspects is None \
                else sorted(self.suspects):
            if (board.standing.variant[session] >= 0 and session not in self.stakes.kept
                    and board.option_here(session) < 0):
                yield session

    def _explore(self, core: frozenset[int]) -> bool:
        """Try sets of sessions that leave their places, lightest first. Say whether all that may be better were.

        The core, which is in all of them, has left already.
        """
        waiting: list[tuple[int, int, tuple[int, ...]]] = []
        seen: set[frozenset[int]] = set()
        complete = True

        def push(chosen: frozenset[int]) -> None:
            if chosen not in seen:
                seen.add(chosen)
                weight = sum(self.least(s) for s in chosen)
                heapq.heappush(waiting, (weight, len(seen), tuple(sorted(chosen))))

        self.core, self.violations = core, self.violated(core)
        self.bound, disjoint = self._packing(core)
        if len(self.violations) > 1 and not self.shallow:
            Greedy(self).mend(core)  # an answer first
        if disjoint > MANY_VIOLATIONS:
            return False
        push(core)
        while waiting:
            weight, _, chosen = heapq.heappop(waiting)
            if self.best is not None and weight > self.best[1]:
                break
            self.keep_time()
            with self.without(chosen):
                sets = self.violations if len(chosen) == len(core) else self.violated(chosen)
                menders = min(sets, key=len, default=None)
                if menders is not None:
                    if len(chosen) > len(core) + MANY_VIOLATIONS:
                        complete = False
                        continue
                    for session in sorted(menders - self.stakes.kept - set(chosen)):
                        push(frozenset((*chosen, session)))
                    continue
                if len(chosen) > FEW:
                    complete &= self._many(chosen, push)
                    continue
                self.for_rooms = False
                if self.settle(chosen):
                    continue
                complete &= self._with_one_more(chosen, push)
        if not self.pool and not self.single:
            if len(self.violations) <= 1 and not self.shallow:
                Greedy(self).mend(core)
            complete = False
        return complete

    def _packing(self, core: frozenset[int]) -> tuple[int, int]:
        """Return the least weight of moves that masks and disjoint violations ask for, and how many are disjoint."""
        used: set[int] = set()
        weight, number = sum(self.least(s) for s in core), 0
        for those in sorted(self.violations, key=len):
            if not those & used:
                used |= those
                number += 1
                weight += min((self.least(s) for s in those), default=0)
        return weight, number

    def violated(self, chosen: Collection[int], rooms: bool = True) -> list[frozenset[int]]:
        """Return sets of sessions, of each of which one has to go."""
        board, kept = self.board, self.stakes.kept
        placed = np.flatnonzero(board.standing.variant >= 0)
        found = self._broken_pairs() if board.broken_links > board.accepted_links else []
        for term in board.overfull():
            found += term.violations(placed, board.standing, kept)
        for pool in board.pools:
            if pool.value > 0:
                found += pool.violations(placed, board.standing, kept)
        if not found and rooms and not self.single:
            crowd = self._room_menders(chosen)
            found = [set(crowd)] if crowd is not None else []
        return list(dict.fromkeys(frozenset(those - kept) for those in found if those - kept))

    def _broken_pairs(self) -> list[set[int]]:
        """Return the pairs of sessions between which a hard rule is violated."""
        board, found = self.board, []
        order = sorted(self.suspects or ()) + np.flatnonzero(board.standing.variant >= 0).tolist()
        missing = board.broken_links - board.accepted_links
        seen: set[int] = set()
        for session in order:
            if session in seen or board.standing.variant[session] < 0 or not board.links[session]:
                continue
            seen.add(session)
            links = board.linked(session)
            measures = links.measures(board.here(session), board.standing)[:, 0]
            for row in np.flatnonzero((links.tier < 0) & (measures > 0)).tolist():
                other = int(links.other[row])
                if other not in seen and not {session, other} <= self.stakes.kept:
                    found.append({session, other})
                    missing -= int(measures[row])
            if missing <= 0:
                break
        return found

    def _room_menders(self, chosen: Collection[int]) -> list[int] | None:
        """Return who may have to go since there are not rooms for all in time; None if there are."""
        board, kept = self.board, self.stakes.kept
        rooms, wrong = board.rooms, self._wrong(chosen)
        waiting = set(wrong)
        while waiting:
            crowd = crowd_of(rooms, board.standing, min(waiting))
            try:
                if rehoused(rooms, board.standing, waiting & crowd, kept) is None:
                    return [*(s for s in wrong if s in crowd), *sorted(crowd - set(wrong) - kept - set(chosen))]
            except Undecided:
                self._give_up(0)
            waiting -= crowd
        return None

    def _many(self, chosen: tuple[int, ...], push: Callable[[frozenset[int]], None]) -> bool:
        """Place more than a few, with one session more out if there is no other way. Say whether it was decided."""
        whole_core = set(chosen) == self.core
        if not whole_core and time.perf_counter() > self.many_until:
            return False
        self.for_rooms = False
        slotted = Slotted.of(self, chosen)
        found = None if slotted is None else slotted.settle()
        if self.shallow:
            return bool(found)
        if found is None:
            slotted = None
            if whole_core:
                Greedy(self).place(chosen)
            self.for_rooms = False
            found = self._briefly(chosen)
        if found is None or found or not whole_core or self.given_up is not None or self.for_rooms:
            return bool(found)
        movable = self.movable[self.board.standing.variant[self.movable] >= 0].tolist()
        lightest, weight = min(map(self.least, movable), default=0), sum(self.least(s) for s in chosen)
        if not lightest:
            return False
        # Where somebody else looks for lighter answers, only those who weigh as little as can be are of use.
        helping = Helping(self, chosen, None if self.patience else lightest)
        self.helpers, self.within = helping.helpers, helping.within
        self.bound = max(self.bound, weight + lightest)
        if slotted is not None and helping.exact:
            found = slotted.settle_with(helping.helpers, helping.table, helping.opened, helping.rows)
            if found:
                self.lighter |= self.pool[0][0][1] > weight + 2 * lightest
                self.exact &= self.pool[0][0][1] < weight + 2 * lightest
                return True
            if found is not None:  # nobody who weighs as little can help
                self.floor = max(self.floor, weight + (2 * lightest if self.patience else lightest + 1))
            Greedy(self).place(chosen)
            if found is not None:
                return False
        self._leave_out(chosen)
        self.many_until = time.perf_counter() + self.patience
        for session in sorted(self.helpers) if self.patience else ():
            push(frozenset((*chosen, session)))
        return bool(self.patience)

    def _briefly(self, chosen: tuple[int, ...]) -> bool | None:
        """Look for the best places of many for a short while. Say whether there are any; None: not decided."""
        deadline = self.deadline
        self.deadline, self.brief = min(deadline, time.perf_counter() + BRIEF), True
        self._hurry()
        try:
            return self.settle(chosen)
        except OutOfTime:
            return None
        finally:
            self.deadline, self.brief = deadline, False

    def _offer(self, levels: Levels, places: Places | None = None) -> None:
        super()._offer(levels, places)
        self._hurry()

    def _hurry(self) -> None:
        """Once fewer moves cannot be, little time goes to better places of many."""
        if self.brief and self.best is not None and self.best[1] <= self.bound:
            self.deadline, self.brief = min(self.deadline, time.perf_counter() + MANY), False

    def place_alone(self, session: int, deadline: float) -> Places | None:
        """Return the best places with one session, which is nowhere, in one, and one other that makes way if need be.

        It takes a short while, and none after the deadline.
        """
        now = time.perf_counter()
        if now > deadline:
            return None
        return Search(self.board, self.stakes, homeless=frozenset({session}), suspects=frozenset(), single=True,
                      deadline=min(deadline, now + BRIEF)).run().places

    def _chain(self, relief: Relief) -> None:
        """Look for three leavers: a session comes to the place of another, and this one drives out a third.

        An answer, seldom the best one; no less can be moved where no pair suffices.
        """
        board, session = self.board, relief.session
        deadline = min(self.deadline, time.perf_counter() + CHAINS)
        before = board.places()
        for other, at in relief.links_of_chains():
            if time.perf_counter() > deadline:
                break
            board.take(other)
            options = relief.options.taken(np.array([at]))
            if board.may(session, options).all():
                board.put(session, int(options.variant[0]), int(options.tick[0]))
                places = self.place_alone(other, deadline)
                if places is not None:
                    board.become(places)
                    self._housed(())
            board.become(before)

    def _with_one_more(self, chosen: tuple[int, ...], push: Callable[[frozenset[int]], None]) -> bool:
        """The chosen find no places: one session more has to go. Say whether that was decided."""
        if len(chosen) == 1:
            return self._relieve(chosen[0])
        if not chosen or self.single or self.shallow:
            return False
        if set(chosen) == self.core and not self.pool:
            Greedy(self).place(chosen)  # an answer first
        self._leave_out(chosen)
        others = {s for s in self.movable.tolist() if self.board.standing.variant[s] >= 0}
        blocked = next((s for s in chosen if not self.board.may(s, self.board.options(s)).any()), None)
        if blocked is not None:
            others &= set(Relief(self, blocked).ways()[0].tolist())
        if not self.for_rooms:
            others &= Helping(self, chosen).helpers
        for session in sorted(others):
            push(frozenset((*chosen, session)))
        return True

    def _relieve(self, session: int) -> bool:
        """One session, which is out, finds no place: one other makes way, or two do. Say whether that was decided."""
        relief = Relief(self, session)
        found = relief.run()
        if self.single or (self.shallow and not self.pool):
            return found and self.single
        light = min((self.least(s) for s in self.movable.tolist() if s != session), default=0)
        least, alone = self.least(session), {session} == self.core
        if not self.pool:
            if alone and self.given_up is None:
                self.floor = max(self.floor, least + 2 * light)
            self._chain(relief)
        deep = 2
        enough = bool(self.pool) and self.pool[0][0][1] < least + 2 * light
        if self.number == 1 and not enough and Threes(self, session).run():
            deep = 3
            if alone and self.given_up is None and not self.pool:
                self.floor = max(self.floor, least + 3 * light)
        if not self.pool:
            return False
        spare = self.pool[0][0][1] - least - deep * light
        self.lighter |= spare > 0
        self.exact &= spare < 0
        if spare >= 0:  # it moves, and more others than were looked at, one of which may be as much heavier
            self.unseen |= {session, *(s for s in self.movable.tolist() if self.least(s) <= light + spare)}
        return True
