"""A CP-SAT model of who has to move and where to, everybody else staying where they are.

- `Eviction`: places in time of some sessions, with the hard rules that are links and counts.
- `Cut`: places that cannot all be taken.

It knows the state of a repair (`igfsched.kernel`), no primitive. What else is hard, rooms above all, is left out: so it
never asks for too many moves. Whoever solves it looks at what it leaves out, and says so by cuts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from igfsched.engine.cpsat import Limits, Status, run
from igfsched.engine.encode.tallies import keep_within
from igfsched.engine.writing import Writer
from igfsched.facts import Bools
from igfsched.kernel.counts import Counter
from igfsched.kernel.links import clashing
from igfsched.kernel.options import Options
from igfsched.kernel.proposals import Place
from igfsched.kernel.tolls import Tolls, asked
from igfsched.primitives import wanted

NOWHERE = -1, -1
"""The place of who has left and needs none."""
Cut = dict[int, Place]
"""Places that cannot all be taken, by session."""


class Eviction(Writer):
    """Some sessions may move, each to one of the options that are given; the others stay.

    - `tolls`: the board with its counts, and the prices of moves.
    - `options`: by session, where it may be, its place on the board included if it has one.
    - `loose`: who may leave and is not asked where to.
    """

    def __init__(self, tolls: Tolls, options: dict[int, Options], loose: Collection[int] = ()) -> None:
        super().__init__()
        self.tolls, self.standing, self.loose = tolls, tolls.board.standing, frozenset(loose)
        self.options = options | {session: tolls.board.here(session) for session in sorted(loose)}
        self.first: dict[int, int] = {}
        self.stays: dict[int, int] = {}
        """The variable of its place on the board, by session."""
        for session, own in self.options.items():
            self._choose(session, own)
        for session, own in self.options.items():
            self._link(session, own)
        for counter in {id(c): c for session in self.options for c in tolls.counters(session)}.values():
            self._count(counter)

    # -- what may be -----------------------------------------------------------------------------

    def _choose(self, session: int, options: Options) -> None:
        own = self.booleans(len(options))
        self.first[session] = own.start
        if session not in self.loose:
            self.exactly_one(own)
        here = options.index(*self.standing.place(session))
        if here >= 0:
            self.stays[session] = own[here]

    def _link(self, session: int, options: Options) -> None:
        """Forbid places that links do, to those who stay and to each other."""
        board = self.tolls.board
        links = board.linked(session)
        hard = np.flatnonzero(links.tier < 0)
        if not len(hard):
            return
        measures = links.measures(options, self.standing)[hard] > 0
        others = links.other[hard]
        stay = ~np.isin(others, list(self.options))
        for at in np.flatnonzero(measures[stay].any(axis=0)).tolist():
            self._set(self.first[session] + at, 0)
        for other in {o for o in others[~stay].tolist() if o > session}:
            both = [link for _, link in board.links[session] if link.other == other and link.tier < 0]
            self._forbid_both(session, other, clashing(both, options, self.options[other]))

    def _set(self, variable: int, value: int) -> None:
        domain = self._proto.variables[variable].domain
        domain.clear()
        domain.extend((value, value))

    def _forbid_both(self, session: int, other: int, clash: Bools) -> None:
        """Forbid pairs of places, those of the first that clash with the same ones of the second together."""
        rows: dict[bytes, list[int]] = {}
        for at in np.flatnonzero(clash.any(axis=1)).tolist():
            rows.setdefault(clash[at].tobytes(), []).append(self.first[session] + at)
        for key, own in rows.items():
            theirs = self.first[other] + np.flatnonzero(np.frombuffer(key, dtype=bool))
            self.at_most_one([*own, *theirs.tolist()])

    def _count(self, counter: Counter) -> None:
        """Let a count be no higher than it may, in the classes where it could be."""
        members = {session: own for session, own in self.options.items() if session in counter.members}
        free = self.tolls.free(counter, members)
        spans, owner, units = asked(counter, {session: own.span(counter.axis) for session, own in members.items()})
        tight = wanted(*spans, owner, units, len(free)) > free
        variables = np.concatenate([self.first[session] + np.arange(len(own)) for session, own in members.items()])
        keep_within(self, variables, spans, owner, units, free, tight)

    # -- questions -------------------------------------------------------------------------------

    def limit(self, moves: int) -> None:
        """Let those who leave their places weigh no more than `moves`; who has none does not count."""
        prices = [int(self.tolls.prices[session]) for session in self.stays]
        self.linear((list(self.stays.values()), [-price for price in prices]), high=moves - sum(prices))

    def cut(self, cut: Cut) -> None:
        """Take in that some places cannot all be taken."""
        literals = []
        for session, place in cut.items():
            if session in self.options:
                at = self.options[session].index(*place)
                if at < 0:
                    return
                literals.append(-1 - (self.first[session] + at))
            elif self.standing.place(session) != place:
                return
        self.any_of(literals)

    def hold(self, sessions: Iterable[int]) -> None:
        """Say that some sessions stay where they are."""
        for session in sessions:
            self._set(self.stays[session], 1)

    def needs(self, session: int, others: Collection[int]) -> None:
        """Say that a session leaves its place only if one of some others does."""
        self.any_of([self.stays[session], *(-1 - self.stays[other] for other in others if other in self.stays)])

    def others(self, movers: Collection[int]) -> None:
        """Ask for somebody else to move as well, or instead."""
        self.any_of([-1 - variable for session, variable in self.stays.items() if session not in movers])

    def solve(self, limits: Limits) -> tuple[Status, dict[int, Place]]:
        """Return how it ended, and where everybody is who may move; nobody if there is no solution."""
        outcome = run(self.cp, limits)
        places: dict[int, Place] = {}
        if outcome.values is not None:
            values = np.array(outcome.values, dtype=bool)
            for session, options in self.options.items():
                first = self.first[session]
                taken = np.flatnonzero(values[first : first + len(options)]).tolist()
                places[session] = (int(options.variant[taken[0]]), int(options.tick[taken[0]])) if taken else NOWHERE
        return outcome.status, places
