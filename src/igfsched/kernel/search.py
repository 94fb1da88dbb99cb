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
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from attrs import define, field, frozen

from igfsched.facts import Ints, Places
from igfsched.kernel.board import Board, Look
from igfsched.kernel.options import Options
from igfsched.kernel.rooms import Rooms, Undecided
from igfsched.stakes import Stakes

Levels = tuple[int, ...]
MOST_ROOMS = 8
"""Changes of rooms beyond which the search for them gives up."""
MOST_NODES = 4_000
FEW = 4
"""Sessions out of their places up to which the best places of all are looked for without a first answer."""
MANY_VIOLATIONS = 3
"""Violations with nobody in common up to which all ways to mend them are tried."""
BRIEF = 0.3
"""Seconds for the best places of more."""


class OutOfTime(Exception):
    """The time for the bounded search is over."""


@frozen(eq=False)
class Answer:
    """The best repair found, with its levels; None if there is none that places all who can be placed.

    `moves_proven`: no repair has fewer (weighted) moves. `score_proven`: of those with as few, none has fewer
    changes of rooms, and then none a better score. `concerned`: those that have to go, and those of
    whom some have to: with moves that weigh no more than `bound`, no others move. `others`: the next best answers,
    if more than one was asked for.
    """

    places: Places | None
    levels: Levels | None
    moves_proven: bool
    score_proven: bool
    unplaceable: tuple[int, ...] = ()
    concerned: tuple[int, ...] = ()
    bound: int = 0
    others: tuple[tuple[Levels, Places], ...] = ()


@define(eq=False)
class Search:
    """A repair on a board. The board is as it was afterwards."""

    board: Board
    stakes: Stakes
    homeless: frozenset[int] = frozenset()
    """Sessions without a reference place, which are on the board nowhere."""
    suspects: frozenset[int] | None = None
    """Sessions of which something may be otherwise than when everything was in order; None: all."""
    contributions: dict[int, Ints] = field(factory=dict)
    """`Board.contribution` of sessions when everybody is at the reference: good whoever is out."""
    deadline: float = float("inf")
    number: int = 1
    """How many answers are looked for."""
    pool: list[tuple[Levels, Places]] = field(factory=list)
    best: Levels | None = None
    """The levels of the last of the answers that are kept, once there are enough: only better ones matter."""
    exact: bool = True
    truncated: bool = False
    """Whether some places were given up because too many rooms would have had to change."""
    single: bool = False
    """Whether no more than one session beside those without a place is to go."""
    partial: tuple[Levels, Places] | None = None
    violations: list[frozenset[int]] = field(factory=list)
    bound: int = 0
    """No repair has fewer weighted moves."""
    movable: Ints = field(init=False)
    unplaceable: tuple[int, ...] = ()
    nodes: int = 0

    # -- what a schedule counts ----------------------------------------------------------------

    def levels(self) -> Levels:
        """Return the levels of the board as it stands."""
        board, stakes = self.board, self.stakes
        standing = board.standing
        placed = standing.variant >= 0
        had = stakes.reference.variant >= 0
        reference = stakes.reference
        moved = placed & had & ((standing.start != reference.start) | (standing.variant != reference.variant))
        absent = int(self.absent[~placed].sum())
        return (absent, int(stakes.weights[moved].sum()), len(board.rooms.strayed), *board.cost.tolist())

    absent: Ints = field(init=False)

    def __attrs_post_init__(self) -> None:
        facts = self.board.facts
        alive = np.array([len(v) > 0 for v in facts.variants], dtype=bool)
        self.absent = np.where(alive, np.maximum(self.board.absence, 1), 0)
        had = self.stakes.reference.variant >= 0
        kept = np.zeros(facts.n, dtype=bool)
        kept[list(self.stakes.kept)] = True
        self.movable = np.flatnonzero(alive & had & ~kept)

    def least(self, session: int) -> int:
        """Return what it costs in moves if a session leaves its place."""
        return int(self.stakes.weights[session])

    def _offer(self, levels: Levels, places: Places | None = None) -> None:
        """Keep places (the board as it stands) if they are among the best; then only what is better is looked for."""
        if self.best is not None and levels >= self.best:
            return
        places = self.board.places() if places is None else places
        if any(np.array_equal(places.start, other.start) and np.array_equal(places.variant, other.variant)
               and levels >= known for known, other in self.pool):
            return
        self.pool = [(known, other) for known, other in self.pool
                     if not (np.array_equal(places.start, other.start) and np.array_equal(places.variant, other.variant))]
        self.pool = sorted([*self.pool, (levels, places)], key=lambda one: one[0])[: self.number]
        if len(self.pool) == self.number:
            self.best = self.pool[-1][0]

    # -- the way of a search -------------------------------------------------------------------

    def run(self) -> Answer:
        """Search as deep as the bounded search goes, and say what is proven."""
        board = self.board
        out = [s for s in self._ousted() if s not in self.stakes.kept]
        out += sorted(self.homeless)
        taken = {s: board.take(s) for s in out if board.standing.variant[s] >= 0}
        self.unplaceable = tuple(s for s in out if not len(board.options(s)) or not board.rooms.could_house(s))
        core = frozenset(out) - set(self.unplaceable)
        try:
            proven = self._explore(core)
        except (OutOfTime, Undecided):
            proven = False
        finally:
            for session, place in taken.items():
                board.put(session, *place)
        concerned = tuple(sorted(core.union(*self.violations)))
        if not self.pool:
            levels, places = self.partial or (None, None)
            return Answer(places, levels, False, False, self.unplaceable, concerned, self.bound)
        proven &= not self.truncated
        moves, score = proven, proven and self.exact
        levels, places = self.pool[0]
        moves |= levels[1] == self.bound
        return Answer(places, levels, moves, score, self.unplaceable, concerned, self.bound, tuple(self.pool[1:]))

    def _ousted(self) -> Iterator[int]:
        """Yield the sessions that masks drive from their places."""
        board = self.board
        for session in np.flatnonzero(board.standing.variant >= 0).tolist() if self.suspects is None \
                else sorted(self.suspects):
            if board.standing.variant[session] >= 0 and session not in self.stakes.kept:
                at = board.options(session).index(
                    int(board.standing.variant[session]), int(board.standing.start[session]))
                if at < 0:
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

        self.violations = self._violations(core)
        self.bound, disjoint = self._packing(core)
        if len(self.violations) > 1:
            self._mend_greedily(core)  # an answer first
        if disjoint > MANY_VIOLATIONS:
            return False
        push(core)
        while waiting:
            weight, _, chosen = heapq.heappop(waiting)
            if self.best is not None and weight > self.best[1]:
                break
            if time.perf_counter() > self.deadline:
                raise OutOfTime
            with self.without(chosen):
                sets = self.violations if len(chosen) == len(core) else self._violations(chosen)
                menders = min(sets, key=len, default=None)
                if menders is not None:
                    if len(chosen) > len(core) + MANY_VIOLATIONS:
                        complete = False
                        continue
                    for session in sorted(menders - self.stakes.kept - set(chosen)):
                        push(frozenset((*chosen, session)))
                    continue
                if len(chosen) > FEW:
                    if chosen == tuple(sorted(core)):
                        self._greedily(chosen)
                    complete &= self._briefly(chosen)
                    continue
                if self._settle(chosen):
                    continue
                complete &= self._with_one_more(chosen, push)
        if not self.pool and not self.single:
            self._mend_greedily(core)
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

    def _violations(self, chosen: Collection[int], rooms: bool = True) -> list[frozenset[int]]:
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

    def _mend_greedily(self, core: frozenset[int]) -> None:
        """Take sessions out until nothing is violated, those first that mend most for least, and place all again.

        The core is out already. It gives an answer, seldom the best one.
        """
        board, out = self.board, list(core)
        taken: list[tuple[int, tuple[int, int, Rooms]]] = []
        while time.perf_counter() < self.deadline:
            sets = self._violations(out, rooms=False)
            if not sets and self._room_menders(out) is not None:
                sets = [frozenset(self._wrong(out)[:1])]
            if not sets:
                break
            number: dict[int, int] = {}
            for those in sets:
                for session in those:
                    number[session] = number.get(session, 0) + 1
            best = min(number, key=lambda s: (int(self.stakes.weights[s]) / number[s], -len(board.options(s)), s))
            taken.append((best, board.take(best)))
            out.append(best)
        else:
            out = []
        if out:
            self._greedily(tuple(out))
        for session, place in reversed(taken):
            board.put(session, *place)

    def _briefly(self, chosen: tuple[int, ...]) -> bool:
        """Look for the best places of many for a short while. Say whether they were found."""
        deadline = self.deadline
        self.deadline = min(deadline, time.perf_counter() + BRIEF)
        try:
            return self._settle(chosen)
        except OutOfTime:
            return False
        finally:
            self.deadline = deadline

    def _greedily(self, chosen: tuple[int, ...]) -> None:
        """Give many their places one after the other, each the best there is: an answer, seldom the best one."""
        board = self.board
        before = board.places()
        order = sorted(chosen, key=lambda s: len(board.options(s)))
        complete = True
        for session in order:
            if time.perf_counter() > self.deadline:
                complete = False
                break
            step = Search(board, self.stakes, homeless=frozenset({session}), suspects=frozenset(), single=True,
                          deadline=min(self.deadline, time.perf_counter() + BRIEF))
            found = step.run()
            if found.places is None:
                complete = False
            else:
                board.become(found.places)
        levels = self.levels()
        if complete:
            self._housed(())
        elif (self.partial is None or levels < self.partial[0]) and not self._wrong(()):
            self.partial = (levels, board.places())
        board.become(before)

    def _wrong(self, but: Collection[int]) -> list[int]:
        """Return who (of the suspects, but some) cannot stay in their rooms."""
        board, kept = self.board, self.stakes.kept
        suspects = np.flatnonzero(board.standing.variant >= 0).tolist() if self.suspects is None else self.suspects
        found = board.rooms.wrong(board.standing, sorted(set(suspects) - set(but)))
        return [s for s in found if s not in kept]

    def _room_menders(self, chosen: Collection[int]) -> list[int] | None:
        """Return who may have to go since there are not rooms for all in time; None if there are."""
        board, kept = self.board, self.stakes.kept
        rooms = board.rooms
        wrong = self._wrong(chosen)
        if not wrong:
            return None
        leaving = {s: rooms.leave(s) for s in wrong}
        try:
            given = rooms.assign(wrong, board.standing, kept, MOST_ROOMS, len(board.tiers))
        except Undecided:
            given = None
            self.truncated = True
        finally:
            for session, own in leaving.items():
                rooms.take(session, own)
        if given is not None:
            return None
        crowd = self._crowd(wrong[0]) - kept - set(chosen)
        return [*(s for s in wrong if s in crowd), *sorted(crowd - set(wrong))]

    def _crowd(self, session: int) -> set[int]:
        """Return the sessions that overlap with a session, or with one that does, and so on; changeovers included."""
        standing = self.board.standing
        placed = np.flatnonzero(standing.variant >= 0)
        order = placed[np.argsort(standing.start_minute[placed], kind="stable")]
        pause = self.board.facts.tick * int(self.board.rooms.changeover.max(initial=0))
        ends = np.maximum.accumulate(standing.end_minute[order] + pause)
        parts = np.cumsum(np.concatenate([[0], standing.start_minute[order][1:] >= ends[:-1]]))
        return set(order[parts == parts[order == session][0]].tolist())

    def _with_one_more(self, chosen: tuple[int, ...], push: Callable[[frozenset[int]], None]) -> bool:
        """The chosen find no places: one session more has to go. Say whether that was decided."""
        from igfsched.kernel.relief import Relief

        if len(chosen) == 1:
            return Relief(self, chosen[0]).run()
        if not chosen or self.single:
            return False
        blocked = next((s for s in chosen if not self.board.may(s, self.board.options(s)).any()), None)
        if blocked is not None:
            others = np.unique(Relief(self, blocked).ways()[0]).tolist()
        else:
            others = [s for s in self.movable.tolist() if self.board.standing.variant[s] >= 0]
        for session in others:
            push(frozenset((*chosen, session)))
        return True

    @contextmanager
    def without(self, sessions: Iterable[int]) -> Iterator[None]:
        """Take sessions out of their places for a while."""
        board = self.board
        taken = [(s, board.take(s)) for s in sessions if board.standing.variant[s] >= 0]
        try:
            yield
        finally:
            for session, place in reversed(taken):
                board.put(session, *place)

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

    # -- places for those who are out ----------------------------------------------------------

    def _settle(self, out: Sequence[int]) -> bool:
        """Give all who are out the best places that are left. Say whether there are any (or none that is better)."""
        if not out:
            return self._housed(())
        order = self._order(out) if len(out) > 1 else out
        return order is not None and self._descend(order, (), self.nodes)

    def _order(self, out: Sequence[int]) -> list[int] | None:
        """Return who is out, the one with the fewest places first; None if somebody has none."""
        board = self.board
        sizes = []
        for session in out:
            number = int(board.may(session, board.options(session)).sum())
            if not number:
                return None
            sizes.append((number, session))
        return [session for _, session in sorted(sizes)]

    def _descend(self, order: Sequence[int], rooms_bound: tuple[int, ...], begun: int) -> bool:
        """Place the first of some sessions at each place that may be part of a better answer, then the others.

        `rooms_bound`: those placed before for whom rooms have to change, no two of them for the same reason.
        Say whether there is any answer, or none that is better than the best.
        """
        session, rest = order[0], order[1:]
        look = self.board.look(session)
        if not len(look.options):
            return False
        if not rest:
            return self._last(session, look, len(self._apart(session, rooms_bound)))
        floors = [self._floor(other) for other in rest]
        if any(floor is None for floor in floors):
            return False
        ranked = self.ranked(session, look, len(self._apart(session, rooms_bound)))
        rooms = self.own_levels(session, look.options)[1]
        found = False
        for at, bound in self._in_order(ranked):
            if self.best is not None and _plus(bound, *floors) >= self.best[1:]:  # type: ignore[arg-type]
                return True
            self.nodes += 1
            if self.nodes - begun > MOST_NODES or time.perf_counter() > self.deadline:
                raise OutOfTime
            more = (*self._apart(session, rooms_bound), session) if rooms[at] else rooms_bound
            self.board.put(session, int(look.options.variant[at]), int(look.options.tick[at]))
            try:
                found |= self._descend(rest, more, begun)
            finally:
                self.board.take(session)
        return found

    def _apart(self, session: int, others: tuple[int, ...]) -> tuple[int, ...]:
        """Return those of others whose rooms are all different from a session's: nobody is in the way of both."""
        told = self.board.rooms.told
        own = set(told[session])
        return tuple(other for other in others if not own & set(told[other]))

    def settle_both(self, session: int, other: int, own: Ints, away: Ints) -> bool:
        """Give two sessions, both out, the best of some options each. Say whether there is an answer (or none better)."""
        board = self.board
        looks = []
        for one, chosen in ((session, own), (other, away)):
            options = board.options(one)
            mask = np.zeros(len(options), dtype=bool)
            mask[chosen] = True
            looks.append(board.look(one, options, mask))
        if not all(len(look.options) for look in looks):
            return False
        first, second = looks
        bounds = [self.ranked(one, look) for one, look in zip((session, other), looks, strict=True)]
        now = np.array(self.levels()[1:], dtype=np.int64)
        base = now.copy()
        base[2:] -= self.board.slack
        # Levels of a pair are at least what both add; what is not simply added up counts at the larger of both.
        apart = bool(self._apart(session, (other,))) and not self.board.rooms.strayed
        found = False
        parts = []
        for one, look, bound in zip((session, other), looks, bounds, strict=True):
            part = bound - base[:, None]
            part[2:] = look.added
            parts.append(part)
        total = base[:, None, None] + parts[0][:, :, None] + parts[1][:, None, :]
        if not apart:
            total[1] = base[1] + np.maximum(parts[0][1][:, None], parts[1][1][None, :])
        total[2:] += np.maximum(first.grown[:, :, None], second.grown[:, None, :])
        return self._pairs(session, other, first, second, total)

    def _pairs(self, session: int, other: int, first: Look, second: Look, total: Ints) -> bool:
        """Try pairs of places, best first. `total`: lower bounds of their levels, `(levels, first's, second's)`.

        A place of the first is tried once for all places of the second: these are then known exactly, rooms apart.
        """
        waiting: list[tuple[tuple[int, ...], int, int, list[tuple[tuple[int, ...], int]]]] = []
        for a in self._promising(total.min(axis=2)).tolist():
            rows = total[:, a, :]
            b = int(np.lexsort(rows[::-1])[0])
            waiting.append((tuple(rows[:, b].tolist()), a, -1, []))
        heapq.heapify(waiting)
        found = False
        while waiting:
            bound, a, b, rest = heapq.heappop(waiting)
            if self.best is not None and bound >= self.best[1:]:
                return True
            if time.perf_counter() > self.deadline:
                raise OutOfTime
            self.board.put(session, int(first.options.variant[a]), int(first.options.tick[a]))
            try:
                if b < 0:
                    rest = self._exactly(other, second.options, total[1, a])
                else:
                    self.board.put(other, int(second.options.variant[b]), int(second.options.tick[b]))
                    try:
                        found |= self._housed(self._without_rooms(session, other))
                    finally:
                        self.board.take(other)
            finally:
                self.board.take(session)
            if rest:
                heapq.heappush(waiting, (rest[0][0], a, rest[0][1], rest[1:]))
        return found

    def _exactly(self, session: int, options: Options, rooms: Ints) -> list[tuple[tuple[int, ...], int]]:
        """Return the levels at each option that is possible, best first; `rooms` are lower bounds by option."""
        mask = self.board.may(session, options)
        chosen = np.flatnonzero(mask)
        look = self.board.look(session, options.taken(chosen))
        now = self.levels()
        moves = self.moves_of(session, look.options.variant, look.options.tick)
        ranked = np.vstack([now[1] + moves, rooms[chosen], np.array(now[3:], dtype=np.int64)[:, None] + look.deltas])
        order = np.lexsort(ranked[::-1])
        if self.best is not None:
            order = order[ranked[0, order] <= self.best[1]]
        return [(tuple(ranked[:, n].tolist()), int(chosen[n])) for n in order.tolist()]

    def _promising(self, bounds: Ints) -> Ints:
        """Return the columns that may be better than the best: whose first levels are not above it."""
        chosen = np.arange(bounds.shape[1])
        if self.best is None:
            return chosen
        for level, value in enumerate(self.best[1:]):
            row = bounds[level, chosen]
            chosen, row = chosen[row <= value], row[row <= value]
            if (row < value).any():
                break
        return chosen

    def moves_of(self, session: int, variants: Ints, ticks: Ints) -> Ints:
        """Return the weighted moves of a session at some places."""
        reference = self.stakes.reference
        if reference.variant[session] < 0:
            return np.zeros(len(ticks), dtype=np.int64)
        moved = (ticks != reference.start[session]) | (variants != reference.variant[session])
        return int(self.stakes.weights[session]) * moved.astype(np.int64)

    def contribution(self, session: int) -> Ints:
        """Return an upper bound of what the score falls by when a session leaves its place."""
        known = self.contributions.get(session)
        return self.board.contribution(session) if known is None else known

    def _floor(self, session: int) -> tuple[int, ...] | None:
        """Return the least that a session adds to each level after the first; None if it has no place."""
        look = self.board.look(session)
        if not len(look.options):
            return None
        moves = self.moves_of(session, look.options.variant, look.options.tick)
        return (int(moves.min()), 0, *look.added.min(axis=1).tolist())

    def own_levels(self, session: int, options: Options) -> tuple[Ints, Ints]:
        """Return, by option: weighted moves, and a lower bound of the sessions that change rooms."""
        rooms = self.board.rooms
        if self.stakes.reference.variant[session] < 0 or not rooms.n_rooms:
            least = np.zeros(len(options), dtype=np.int64)
        else:
            least = rooms.least_changes(
                session, options.variant, options.tick, options.end, self.board.standing, self.stakes.kept)
        return self.moves_of(session, options.variant, options.tick), least

    def ranked(self, session: int, look: Look, rooms_before: int = 0, last: bool = False) -> Ints:
        """Return lower bounds of the levels after the first if a session takes each option: `(levels, options)`.

        If it is the `last`, the tiers are exact (but for what rooms cost).
        """
        moves, rooms = self.own_levels(session, look.options)
        now = self.levels()
        if self.board.rooms.strayed:
            rooms_before = 0
        tiers = look.deltas if last else look.added + look.grown - self.board.slack[:, None]
        head = np.stack([now[1] + moves, now[2] + rooms_before + rooms])
        return np.vstack([head, np.array(now[3:], dtype=np.int64)[:, None] + tiers])

    @staticmethod
    def _in_order(ranked: Ints) -> Iterator[tuple[int, tuple[int, ...]]]:
        for at in np.lexsort(ranked[::-1]).tolist():
            yield at, tuple(ranked[:, at].tolist())

    def _last(self, session: int, look: Look, rooms_before: int) -> bool:
        """Give the last session the best place there is, rooms for all who are out included."""
        homeless = self._without_rooms(session)
        ranked = self.ranked(session, look, rooms_before, last=True)
        moves, changes = ranked[0], ranked[1]
        found = False
        # Few changes of rooms are tried everywhere before many are tried anywhere.
        for weight in np.unique(moves).tolist():
            own = np.flatnonzero(moves == weight)
            already = self.levels()[2]
            for number in range(int(changes[own].min()), already + MOST_ROOMS + 1):
                if self.best is not None and (weight, number) > self.best[1:3]:
                    return True
                at = own[changes[own] <= number]
                for option in at[np.lexsort(ranked[2:, at][::-1])].tolist():
                    bound = (weight, number, *ranked[2:, option].tolist())
                    if self.best is not None and bound >= self.best[1:]:
                        return True
                    if time.perf_counter() > self.deadline:
                        raise OutOfTime
                    found |= self._place_last(session, look, option, homeless, bound, number - already)
                    if found and not self.board.rooms.priced and self.number == 1:
                        return True
                if not self.board.rooms.n_rooms:
                    break
            self.truncated |= not found and self.board.rooms.n_rooms > 0
        return found

    def _place_last(
        self, session: int, look: Look, option: int, homeless: Sequence[int], bound: tuple[int, ...], changes: int,
    ) -> bool:
        """Note the answer in which the last session takes an option, at the cost of so many changes of rooms, if any.

        Its levels are known beforehand, so that nothing needs to be counted; but for what rooms cost.
        """
        board, variant, tick = self.board, int(look.options.variant[option]), int(look.options.tick[option])
        if board.rooms.priced or self._wrong(homeless):
            board.put(session, variant, tick)
            try:
                return self._housed(homeless, changes)
            finally:
                board.take(session)
        with board.standing.at(session, variant, tick, int(look.options.start_minute[option]),
                               int(look.options.end_minute[option])):
            rooms: dict[int, Rooms] = {}
            if board.rooms.n_rooms:
                seeking = [s for s in homeless if board.rooms.need[s]]
                given = board.rooms.assign(seeking, board.standing, self.stakes.kept, changes, 0, changes)
                if given is None:
                    return False
                rooms = given[1]
            absent = int(self.absent[board.standing.variant < 0].sum())
            places = board.places()
        if rooms:
            own = list(places.rooms)
            for other, now in rooms.items():
                own[other] = now
            places = Places(places.variant, places.start, tuple(own))
        self._offer((absent, *bound), places)
        return True

    def _without_rooms(self, *more: int) -> tuple[int, ...]:
        board = self.board
        placed = np.flatnonzero(board.standing.variant >= 0).tolist()
        return (*more, *(s for s in placed if board.rooms.need[s] and not board.rooms.rooms[s]
                         and s not in self.stakes.kept and s not in more))

    def _housed(self, homeless: Sequence[int], exactly: int | None = None) -> bool:
        """Give rooms to those in time who have none (or wrong ones), and note the answer if it is better.

        With `exactly`, at the cost of so many changes; say whether that can be done.
        """
        board, kept = self.board, self.stakes.kept
        rooms = board.rooms
        if not rooms.n_rooms:
            self._offer(self.levels())
            return True
        wrong = self._wrong(homeless)
        leaving: dict[int, Rooms] = {s: rooms.leave(s) for s in wrong}
        seeking = [*(s for s in homeless if rooms.need[s]), *wrong]
        most = MOST_ROOMS if self.best is None else min(MOST_ROOMS, self.best[2])
        if exactly is not None:
            least = most = exactly
        else:
            least = 0
        try:
            given = rooms.assign(seeking, board.standing, kept, most, len(board.tiers), least)
        finally:
            for session, own in leaving.items():
                rooms.take(session, own)
        if given is None:
            self.truncated |= exactly is None and most == MOST_ROOMS
            return False
        before = {s: rooms.rooms[s] for s in given[1]}
        cost = board.cost.copy()
        self._move_rooms(given[1])
        self._offer(self.levels())
        self._move_rooms(before)
        board.cost[:] = cost
        return True

    def _move_rooms(self, to: dict[int, Rooms]) -> None:
        board = self.board
        for session, rooms in to.items():
            here = int(board.standing.variant[session]), int(board.standing.start[session])
            tiers = len(board.tiers)
            if board.rooms.priced:
                board.cost -= board.rooms.cost(session, board.rooms.rooms[session], *here, tiers)
                board.cost += board.rooms.cost(session, rooms, *here, tiers)
            board.rooms.leave(session)
            board.rooms.take(session, rooms)


def _plus(one: tuple[int, ...], *others: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(sum, zip(one, *others, strict=True)))
