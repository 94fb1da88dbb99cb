"""Many find no places: which one other may make way for them, and where could everybody go then.

- `Helping`: who may make way, and a mask of all places that a repair with one of them may use.

Who makes way opens a place to one of the many at which nobody else is in the way, or would be one too many with the
others of them, and has a place to go to. Where sessions run at the same time or not at all, there have to be seats for
all then (`igfsched.kernel.seats`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import define, field

from igfsched.facts import Bools, Ints
from igfsched.kernel.options import OptionTable
from igfsched.kernel.relief import Relief
from igfsched.kernel.seats import Seats
from igfsched.kernel.threes import Obstacles

if TYPE_CHECKING:
    from igfsched.kernel.search import Search


@define(eq=False)
class Helping:
    """One other makes way for some sessions, which are out of their places, and weighs `most` at most (None: anything).

    `helpers`: who this may be. `within`: where all of them may be then, shape `(variants, starts)`. Whatever is left
    out is impossible.
    """

    search: Search
    chosen: tuple[int, ...]
    most: int | None = None
    helpers: frozenset[int] = field(init=False)
    within: Bools = field(init=False)
    table: OptionTable = field(init=False)
    free: dict[int, Ints] = field(factory=dict)
    """Of each that is out, the rows of the table where nobody is in the way."""
    opened: dict[int, dict[int, Ints]] = field(factory=dict)
    """Of each other, the rows that those who are out have beside these if it goes."""
    rows: Ints = field(init=False)
    """Where helpers may go."""
    exact: bool = False
    """Whether no row breaks a hard rule with those who stay."""

    def __attrs_post_init__(self) -> None:
        board, facts = self.search.board, self.search.board.facts
        self.rows = rows = self._rows()
        helpers = np.unique(self.table.session[rows])
        self.helpers = frozenset(helpers.tolist())
        where = np.zeros((len(facts.variant_session), facts.n_ticks), dtype=bool)
        for own in (rows, *self.free.values(), *(own for other in self.helpers & set(self.opened)
                                                 for own in self.opened[other].values())):
            where[self.table.variant[own], self.table.tick[own]] = True
        where[board.standing.variant[helpers], board.standing.start[helpers]] = True
        self.within = where[:, facts.starts]

    def _rows(self) -> Ints:
        """Return the rows of the table of options to which others may go."""
        search, board, found = self.search, self.search.board, set()
        relief = None
        for session in self.chosen:
            relief = Relief(search, session)
            others, at = relief.ways(rooms=False)
            self.free[session] = np.flatnonzero(board.may(session, relief.options))
            for other in np.unique(others).tolist():
                self.opened.setdefault(other, {})[session] = at[others == other]
            found |= Obstacles(search, session).single([other for other in self.chosen if other != session])
        found.update(self.opened)
        if self.most is not None:
            found = {other for other in found if search.least(other) <= self.most}
        candidates = np.array(sorted(found), dtype=np.int64)
        self.table = board.table([*self.chosen, *candidates.tolist()])
        first = self.table.first
        self.free = {session: first[session] + own for session, own in self.free.items()}
        self.opened = {other: {session: first[session] + own for session, own in those.items()}
                       for other, those in self.opened.items() if other in found}
        if relief is None or not len(candidates):
            return np.empty(0, dtype=np.int64)
        relief.table = self.table
        return self._seated(relief.refuges(candidates))

    def _seated(self, rows: Ints) -> Ints:
        """Return those of some rows with which all may have seats in slots; all of them where there are no slots."""
        if not len(rows):
            return rows
        table, standing = self.table, self.search.board.standing
        others = np.unique(table.session[rows])
        used = np.concatenate([
            rows, *self.free.values(), *(own for those in self.opened.values() for own in those.values())])
        seats = Seats.of(self.search.board, np.append(table.session[used], others),
                         np.append(table.variant[used], standing.variant[others]),
                         np.append(table.tick[used], standing.start[others]))
        if seats is None:
            return rows
        self.exact = True
        return self._possible(seats.ways(standing, table, self.free, self.opened, rows))

    def _possible(self, rows: Ints) -> Ints:
        """Return those of some rows that break no hard rule with those who stay."""
        board, found = self.search.board, [rows[:0]]
        for other in np.unique(self.table.session[rows]).tolist():
            own = rows[self.table.session[rows] == other]
            with self.search.without((other,)):
                may = board.may(other, board.options(other))
            found.append(own[may[own - self.table.first[other]]])
        return np.concatenate(found)
