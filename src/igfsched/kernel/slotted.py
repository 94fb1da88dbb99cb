"""The best places of many at once, exactly, where sessions run at the same time or not at all and rooms cost nothing.

- `Slotted.of`: whether a board looks like that. `settle`: everybody else stays; `settle_with`: one other makes way.
- `Housing`: the fewest changes of rooms in one slot.

Whoever is out is tried at each of its places, depth first. What a place adds to moves, rooms and score is bounded by
what it adds where nobody else has come: moves add up, prices too, and of rooms the next one in a slot never asks for
fewer changes than the first (seats and guests: the cost of an assignment is supermodular in the guests). Levels are
compared in their order, and sums keep that order, so the sum of the least levels of those who wait is a bound.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from attrs import define, field

from igfsched.facts import Bools, Ints, Places
from igfsched.kernel.options import OptionTable
from igfsched.kernel.ranking import plus
from igfsched.kernel.rooms import RoomBoard
from igfsched.primitives import slot_starts

if TYPE_CHECKING:
    from igfsched.kernel.search import Search

MOST_NODES = 6_000
"""Places tried one after the other, in all, beyond which another way has to be found."""
MOST_STEPS = 3_000
"""Rooms tried for one slot, beyond which another way has to be found."""

Bound = tuple[int, ...]
"""Moves, rooms, and the score by tier."""
Choice = tuple[Bound, int, int]
"""The least that a place adds, the option, and the slot."""


class TooManyError(Exception):
    """The search took too many steps."""


@define(eq=False)
class Housing:
    """Rooms in slots: as few sessions as possible are elsewhere than they were told."""

    rooms: RoomBoard
    kept: frozenset[int]
    inside: dict[int, list[int]]
    """Who is in each slot."""
    _known: dict[tuple[int, int, frozenset[int]], tuple[int, dict[int, int]] | None] = field(factory=dict)

    def fewest(self, slot: int, gone: int, coming: frozenset[int]) -> tuple[int, dict[int, int]] | None:
        """Return how many change rooms if some sessions come to a slot that one has left, and who is in which room.

        `gone` may be elsewhere. None if there are not rooms for all.
        """
        there = self.inside.get(slot, [])
        key = (slot, gone if gone in there else -1, coming)
        if key not in self._known:
            self._known[key] = self._assigned([*(s for s in there if s != gone), *sorted(coming)])
        return self._known[key]

    def _assigned(self, sessions: list[int]) -> tuple[int, dict[int, int]] | None:
        rooms = self.rooms
        if not rooms.n_rooms:
            return 0, {}
        fixed = {s: rooms.rooms[s][0] for s in sessions if s in self.kept and rooms.rooms[s]}
        loose = [s for s in sessions if s not in fixed]
        choices = {}
        for session in loose:
            own = np.flatnonzero(rooms.allowed[session]).tolist()
            first = rooms.told[session] or rooms.rooms[session]
            choices[session] = [*(r for r in first if r in own), *(r for r in own if r not in first)]
        loose.sort(key=lambda s: len(choices[s]))
        best: tuple[int, dict[int, int]] | None = None
        steps, given, taken = 0, dict(fixed), set(fixed.values())

        def give(at: int, changes: int) -> None:
            nonlocal best, steps
            steps += 1
            if steps > MOST_STEPS:
                raise TooManyError
            if best is not None and changes >= best[0]:
                return
            if at == len(loose):
                best = changes, dict(given)
                return
            session = loose[at]
            told = rooms.told[session]
            for room in choices[session]:
                if room not in taken:
                    given[session] = room
                    taken.add(room)
                    give(at + 1, changes + bool(told and room not in told))
                    taken.discard(room)
                    del given[session]

        give(0, 0)
        return best


@define(eq=False)
class Slotted:
    """The search for places of some sessions, which are out, in slots.

    `first`: the tick at which each slot begins, ascending.
    """

    search: Search
    chosen: tuple[int, ...]
    first: Ints
    housing: Housing
    free: dict[int, Bools] = field(init=False)
    """Which options of those who are out break no hard rule, everybody else staying."""
    _choices: dict[int, list[Choice]] = field(factory=dict)
    _fits: dict[tuple[int, frozenset[tuple[int, int]], int, int], bool] = field(factory=dict)
    _nodes: int = 0
    _gone: int = -1
    _found: bool = False
    _here: dict[int, frozenset[tuple[int, int]]] = field(factory=dict)

    @classmethod
    def of(cls, search: Search, chosen: tuple[int, ...]) -> Slotted | None:
        """Return the search; None where rooms cost or close, somebody has to change rooms anyway, or times overlap."""
        board, rooms = search.board, search.board.rooms
        placed = np.flatnonzero(board.standing.variant >= 0)
        if search.number > 1 or search._wrong(()):
            return None
        if rooms.n_rooms and (
            rooms.priced or rooms.closed or rooms.counts or rooms.strayed or (rooms.changeover < 0).any()
            or any(rooms.need[s] != 1 or len(rooms.told[s]) > 1 for s in (*placed.tolist(), *chosen))
            or any(len(rooms.rooms[s]) != 1 for s in placed.tolist())
        ):
            return None
        options = [board.options(s) for s in (*placed.tolist(), *chosen)]
        tick = np.concatenate([board.standing.start[placed], *(own.tick for own in options)])
        ends = board.standing.start[placed] + board.facts.variant_ticks[board.standing.variant[placed]]
        end = np.concatenate([ends, *(own.end for own in options)])
        pause = max(0, int(rooms.changeover.max(initial=0)))
        first = slot_starts(tick, end + pause)
        if first is None:
            return None
        inside: dict[int, list[int]] = {}
        slots = np.searchsorted(first, board.standing.start[placed]).tolist()
        for session, slot in zip(placed.tolist(), slots, strict=True):
            inside.setdefault(slot, []).append(session)
        return cls(search, chosen, first, Housing(rooms, search.stakes.kept, inside))

    def __attrs_post_init__(self) -> None:
        board = self.search.board
        self.free = {s: board.may(s, board.options(s)) for s in self.chosen}

    # -- searches ------------------------------------------------------------------------------

    def settle(self) -> bool | None:
        """Give all who are out the best places that are left.

        Say whether there are any (or none that is better); None: not decided.
        """
        board, now = self.search.board, self.search.levels()
        try:
            for session in self.chosen:
                look = board.look(session)
                at = np.flatnonzero(self.free[session])
                self._choices[session] = self._ranked(session, at, look.added)
            base = (now[1], 0, *(np.array(now[3:], dtype=np.int64) - board.slack).tolist())
            return self._run(-1, self._choices, base)
        except TooManyError:
            return None

    def settle_with(
        self, helpers: Iterable[int], table: OptionTable, opened: dict[int, dict[int, Ints]], rows: Ints,
    ) -> bool | None:
        """Give all who are out the best places if one of some others makes way, to one of its `rows` of the table.

        `opened`: the rows that those who are out have beside the free ones if it goes. Returned is what `settle` does.
        """
        search, board, found = self.search, self.search.board, False
        now, slack = search.levels(), board.slack
        plain = {s: self._ranked(s, np.flatnonzero(self.free[s]), board.options(s).prices[:, self.free[s]])
                 for s in self.chosen}
        ways = []
        for other in helpers:
            own = rows[table.session[rows] == other]
            score = np.array(now[3:], dtype=np.int64) - slack - search.contribution(other)
            least = tuple((score + table.prices[:, own].min(axis=1)).tolist())
            ways.append((least, other, own - table.first[other], score))
        try:
            for _, other, at, score in sorted(ways, key=lambda way: way[:2]):
                left = int(np.searchsorted(self.first, board.standing.start[other]))
                with search.without((other,)):
                    # Where it has left, others find its room as well: fewer change theirs than before.
                    choices = {s: self._left_by(other, left, s, plain[s]) for s in self.chosen}
                    choices[other] = self._ranked(other, at, board.options(other).prices[:, at], other)
                    for session, more in opened.get(other, {}).items():
                        options = board.options(session)
                        own = more - table.first[session]
                        own = own[board.may(session, options.taken(own)) & ~self.free[session][own]]
                        choices[session] = sorted(
                            [*choices[session], *self._ranked(session, own, options.prices[:, own], other)])
                    found |= self._run(other, choices, (now[1], 0, *score.tolist()))
        except TooManyError:
            return None
        return found

    # -- depth first ---------------------------------------------------------------------------

    def _ranked(self, session: int, at: Ints, added: Ints, gone: int = -1) -> list[Choice]:
        """Return options of a session, the least first. `added`: the least each adds to tiers, `(tiers, options)`."""
        search, options = self.search, self.search.board.options(session)
        moves = search.moves_of(session, options.variant[at], options.tick[at]).tolist()
        slots = np.searchsorted(self.first, options.tick[at]).tolist()
        found = []
        for number, option in enumerate(at.tolist()):
            housed = self.housing.fewest(slots[number], gone, frozenset((session,)))
            if housed is None:
                search.for_rooms = True
                continue
            found.append(((moves[number], housed[0], *added[:, number].tolist()), option, slots[number]))
        return sorted(found)

    def _left_by(self, other: int, slot: int, session: int, plain: list[Choice]) -> list[Choice]:
        """Return the free options of a session, ranked anew in a slot that another one has left."""
        options = self.search.board.options(session)
        at = np.flatnonzero(self.free[session])
        at = at[np.searchsorted(self.first, options.tick[at]) == slot]
        if not len(at):
            return plain
        return sorted([*(choice for choice in plain if choice[2] != slot),
                       *self._ranked(session, at, options.prices[:, at], other)])

    def _run(self, gone: int, choices: dict[int, list[Choice]], base: Bound) -> bool:
        if not all(choices.values()):
            return False
        order = sorted(choices, key=lambda s: len(choices[s]))
        rest: list[Bound] = [(0,) * len(base)]
        for session in reversed(order):
            rest.append(plus(choices[session][0][0], rest[-1]))
        rest.reverse()
        self._gone, self._here, self._found = gone, {}, False
        self._descend(order, choices, rest, 0, base, {})
        return self._found

    def _descend(
        self, order: list[int], choices: dict[int, list[Choice]], rest: list[Bound], depth: int, cost: Bound,
        given: dict[int, int],
    ) -> None:
        """Place those from `depth` on. `cost`: of those before; `given`: their options; `rest`: the least of others."""
        if depth == len(order):
            self._leaf(given)
            return
        search, session = self.search, order[depth]
        for added, option, slot in choices[session]:
            if search.best is not None and plus(cost, added, rest[depth + 1]) >= search.best[1:]:
                self._found = True
                return
            self._nodes += 1
            if self._nodes > MOST_NODES or time.perf_counter() > search.deadline:
                raise TooManyError
            here = self._here.get(slot, frozenset())
            exactly = added
            if here:
                coming = frozenset(other for other, _ in here)
                before = self.housing.fewest(slot, self._gone, coming)
                housed = self.housing.fewest(slot, self._gone, coming | {session})
                if housed is None or before is None:
                    search.for_rooms |= housed is None
                    continue
                exactly = (added[0], housed[0] - before[0], *added[2:])
                if search.best is not None and plus(cost, exactly, rest[depth + 1]) >= search.best[1:]:
                    self._found = True
                    continue
                if not self._fit(here, session, option):
                    continue
            self._here[slot] = here | {(session, option)}
            given[session] = option
            self._descend(order, choices, rest, depth + 1, plus(cost, exactly), given)
            del given[session]
            self._here[slot] = here

    def _fit(self, here: frozenset[tuple[int, int]], session: int, option: int) -> bool:
        """Say whether a session may come to where others of those who are out have come."""
        key = (self._gone, here, session, option)
        if key not in self._fits:
            board = self.search.board
            for other, at in here:
                self._put(other, at)
            self._fits[key] = bool(board.may(session, board.options(session).taken(np.array([option]))).all())
            for other, _ in here:
                board.take(other)
        return self._fits[key]

    def _put(self, session: int, option: int) -> None:
        options = self.search.board.options(session)
        self.search.board.put(session, int(options.variant[option]), int(options.tick[option]))

    def _leaf(self, given: dict[int, int]) -> None:
        """Note an answer, valued exactly, if no hard rule is broken between slots either."""
        search, board, put = self.search, self.search.board, []
        try:
            for session, option in given.items():
                if not board.may(session, board.options(session).taken(np.array([option]))).all():
                    return
                self._put(session, option)
                put.append(session)
            absent, moves, _, *score = search.levels()
            places = board.places()
        finally:
            for session in reversed(put):
                board.take(session)
        changes, own = 0, list(places.rooms)
        for slot, here in self._here.items():
            housed = self.housing.fewest(slot, self._gone, frozenset(other for other, _ in here)) if here else None
            if housed is not None:
                changes += housed[0]
                for session, room in housed[1].items():
                    own[session] = (room,)
        search._offer((absent, moves, changes, *score), Places(places.variant, places.start, tuple(own)))
        self._found = True
