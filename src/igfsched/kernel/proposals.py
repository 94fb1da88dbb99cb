"""Places for several sessions at once that somebody else proposes: looked at in full.

- `wrong_with`: which of the places cannot all be taken.
- `settled`: the best answer in which the same sessions move.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from igfsched.kernel.giving import Undecided
from igfsched.kernel.housing import too_many
from igfsched.kernel.ranking import OutOfTime

if TYPE_CHECKING:
    from igfsched.kernel.search import Search

Place = tuple[int, int]
"""A variant and a start tick."""


def wrong_with(search: Search, places: Mapping[int, Place]) -> list[dict[int, Place]]:
    """Return sets of places, each of which hard rules forbid to take together, if some sessions go to given places.

    Others stay where they are, and may be in the sets. None if all is well. Raises Undecided if it is too hard to tell
    whether there are rooms.
    """
    board = search.board
    with _at(search, places):
        sets = search.violated(list(places), rooms=False)
        if not sets and board.rooms.n_rooms:
            seeking = {*(s for s in places if board.rooms.need[s]), *search._wrong(())}
            kept = search.stakes.kept
            sets = [frozenset(those) - kept for those in too_many(board.rooms, board.standing, seeking, kept)]
        return [{s: board.standing.place(s) for s in those} for those in sets]


@contextmanager
def _at(search: Search, places: Mapping[int, Place]) -> Iterator[None]:
    """Put sessions at places for a while, without rooms."""
    board = search.board
    with search.without(places):
        for session, place in places.items():
            board.put(session, *place)
        try:
            yield
        finally:
            for session in places:
                board.take(session)


def settled(search: Search, movers: Iterable[int], seconds: float) -> bool:
    """Offer the best places of some sessions, everybody else staying. Say whether none better was left out."""
    out = sorted(movers)
    before, given_up = search.deadline, search.given_up
    search.deadline, search.given_up, search.for_rooms = time.perf_counter() + seconds, None, False
    try:
        with search.without(out):
            search.settle(out)
        return search.given_up is None
    except (OutOfTime, Undecided):
        return False
    finally:
        search.deadline, search.given_up = before, given_up
