"""An answer soon, seldom the best one: sessions get their places one after the other.

- `Greedy.place`: places for many who are out.
- `Greedy.mend`: who has to leave first, where rules are violated.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import define

from igfsched.kernel.giving import Undecided
from igfsched.kernel.housing import crowd_of, house
from igfsched.kernel.rooms import Rooms

if TYPE_CHECKING:
    from igfsched.kernel.search import Search

SECONDS, ROUNDS = 0.6, 8
"""Seconds and rounds for an answer in which many have to go."""


@define(eq=False)
class Greedy:
    """A quick answer of a search, which notes it. The board is as before afterwards."""

    search: Search

    def mend(self, core: frozenset[int]) -> None:
        """Take sessions out until nothing is violated, those first that mend most for least, and place all again.

        The core is out already. It gives an answer, seldom the best one.
        """
        search, board, out = self.search, self.search.board, list(core)
        taken: list[tuple[int, tuple[int, int, Rooms]]] = []
        while (sets := search.violated(out, rooms=False)) and time.perf_counter() < search.deadline:
            number: dict[int, int] = {}
            for those in sets:
                for session in those:
                    number[session] = number.get(session, 0) + 1
            best = min(number, key=lambda s: (int(search.stakes.weights[s]) / number[s], -len(board.options(s)), s))
            taken.append((best, board.take(best)))
            out.append(best)
        if not sets:
            self.place(tuple(out))
        for session, place in reversed(taken):
            board.put(session, *place)

    def place(self, chosen: tuple[int, ...]) -> None:
        """Give many their places one after the other, each the best there is: an answer, seldom the best one.

        Who finds none comes first the next time.
        """
        search, board = self.search, self.search.board
        before = board.places()
        order = sorted(chosen, key=lambda s: len(board.options(s)))
        ending = min(search.deadline, time.perf_counter() + SECONDS)
        for _ in range(ROUNDS):
            without = [session for session in order if not self._place_one(session)]
            without += self._house_all()
            levels = search.levels()
            if not levels[0]:
                search._offer(levels)
            elif (search.partial is None or levels < search.partial[0]) and not search._wrong(()):
                search.partial = (levels, board.places())
            board.become(before)
            if not without or time.perf_counter() > ending:
                break
            for session in without:
                if board.standing.variant[session] >= 0:  # it had to leave for want of a room
                    board.take(session)
                    before = board.places()
            order = [*without, *(session for session in order if session not in without)]
        for session in order:
            if session not in chosen:
                board.put(session, *self._told(session))

    def _told(self, session: int) -> tuple[int, int, Rooms]:
        reference = self.search.stakes.reference
        return int(reference.variant[session]), int(reference.start[session]), reference.rooms[session]

    def _place_one(self, session: int) -> bool:
        """Give one session the best place there is, with one other that makes way if need be."""
        found = self.search.place_alone(session, self.search.deadline)
        if found is not None:
            self.search.board.become(found)
        return found is not None

    def _house_all(self) -> list[int]:
        """Give rooms to all who cannot stay in theirs; who finds none goes elsewhere, or nowhere: return these."""
        search, board, kept = self.search, self.search.board, self.search.stakes.kept
        housed: set[int] = set()
        nowhere = []
        while wrong := search._wrong(()):
            session, given = wrong[0], None
            if session not in housed:
                housed.add(session)
                with suppress(Undecided):
                    given = house(board.rooms, board.standing, crowd_of(board.rooms, board.standing, session), kept)
            if given is not None:
                search._move_rooms({s: own for s, own in given.items() if own != board.rooms.rooms[s]})
            else:
                board.take(session)
                if not self._place_one(session):
                    nowhere.append(session)
        return nowhere
