"""What places count in a repair, and lower bounds of it: the ground that a search stands on.

- `Ranking`: levels of the board as it stands, bounds of them for each option of a session, the answers so far.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

import numpy as np
from attrs import define, field

from igfsched.facts import Ints, Places
from igfsched.kernel.board import Board, Look
from igfsched.kernel.options import Options
from igfsched.stakes import Stakes

Levels = tuple[int, ...]
MOST_ROOMS = 8
"""Changes of rooms beyond which cheapest ones are not looked for."""


class OutOfTime(Exception):
    """The time for the bounded search is over."""


@define(eq=False)
class Ranking:
    """A repair on a board: its levels, and what is known of better ones."""

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
    given_up: int | None = None
    """The least weight of moves at which places were given up since it was too hard to tell if there are rooms."""
    movable: Ints = field(init=False)
    absent: Ints = field(init=False)

    def __attrs_post_init__(self) -> None:
        facts = self.board.facts
        alive = np.array([len(v) > 0 for v in facts.variants], dtype=bool)
        self.absent = np.where(alive, np.maximum(self.board.absence, 1), 0)
        had = self.stakes.reference.variant >= 0
        kept = np.zeros(facts.n, dtype=bool)
        kept[list(self.stakes.kept)] = True
        self.movable = np.flatnonzero(alive & had & ~kept)

    def keep_time(self) -> None:
        """Raise OutOfTime after the deadline."""
        if time.perf_counter() > self.deadline:
            raise OutOfTime

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

    def least(self, session: int) -> int:
        """Return what it costs in moves if a session leaves its place."""
        return int(self.stakes.weights[session])

    def _offer(self, levels: Levels, places: Places | None = None) -> None:
        """Keep places (the board as it stands) if they are among the best; then only what is better is looked for."""
        if self.best is not None and levels >= self.best:
            return
        places = self.board.places() if places is None else places
        same = [one for one in self.pool if _alike(one[1], places)]
        if any(levels >= known for known, _ in same):
            return
        others = [one for one in self.pool if one not in same]
        self.pool = sorted([*others, (levels, places)], key=lambda one: one[0])[: self.number]
        if len(self.pool) == self.number:
            self.best = self.pool[-1][0]

    def _give_up(self, weight: int) -> None:
        self.given_up = weight if self.given_up is None else min(weight, self.given_up)

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

    def _wrong(self, but: Collection[int]) -> list[int]:
        """Return who (of the suspects, but some) cannot stay in their rooms."""
        board, kept = self.board, self.stakes.kept
        suspects = np.flatnonzero(board.standing.variant >= 0).tolist() if self.suspects is None else self.suspects
        found = board.rooms.wrong(board.standing, sorted(set(suspects) - set(but)))
        return [s for s in found if s not in kept]

    def moves_of(self, session: int, variants: Ints, ticks: Ints) -> Ints:
        """Return the weighted moves of a session at some places."""
        reference = self.stakes.reference
        if reference.variant[session] < 0:
            return np.zeros(len(ticks), dtype=np.int64)
        moved = (ticks != reference.start[session]) | (variants != reference.variant[session])
        found: Ints = int(self.stakes.weights[session]) * moved.astype(np.int64)
        return found

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

    def _apart(self, session: int, others: tuple[int, ...]) -> tuple[int, ...]:
        """Return those of others whose rooms are all different from a session's: nobody is in the way of both."""
        told = self.board.rooms.told
        own = set(told[session])
        return tuple(other for other in others if not own & set(told[other]))

    def contribution(self, session: int) -> Ints:
        """Return an upper bound of what the score falls by when a session leaves its place."""
        known = self.contributions.get(session)
        return self.board.contribution(session) if known is None else known


def _alike(one: Places, other: Places) -> bool:
    """Whether sessions begin and end at the same times."""
    return np.array_equal(one.start, other.start) and np.array_equal(one.variant, other.variant)


def in_order(ranked: Ints) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield options with their levels, the least first."""
    for at in np.lexsort(ranked[::-1]).tolist():
        yield at, tuple(ranked[:, at].tolist())


def plus(one: tuple[int, ...], *others: tuple[int, ...]) -> tuple[int, ...]:
    """Return levels added up."""
    return tuple(map(sum, zip(one, *others, strict=True)))
