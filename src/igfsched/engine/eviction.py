"""A CP-SAT model of who has to move and where to, everybody else staying where they are.

- `Eviction`: places in time of some sessions, with the hard rules that are links and counts.
- `Cut`: places that cannot all be taken.

It knows the state of a repair (`igfsched.kernel`), no primitive. What else is hard, rooms above all, is left out: so it
never asks for too many moves. Whoever solves it looks at what it leaves out, and says so by cuts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from igfsched.engine.cpsat import Limits, Status, run
from igfsched.facts import Ints
from igfsched.kernel.board import Board
from igfsched.kernel.counts import Counter
from igfsched.kernel.links import clashing
from igfsched.kernel.options import Options
from igfsched.kernel.proposals import Place
from igfsched.kernel.tolls import Tolls

NOWHERE = -1, -1
"""The place of who has left and needs none."""
Cut = dict[int, Place]
"""Places that cannot all be taken, by session."""


class Eviction:
    """Some sessions may move, each to one of the options that are given; the others stay.

    - `options`: by session, where it may be, its place on the board included if it has one.
    - `loose`: who may leave and is not asked where to.
    - `tolls`: the counts of the board, and the prices of moves.
    """

    def __init__(self, board: Board, tolls: Tolls, options: dict[int, Options], loose: Collection[int] = ()) -> None:
        self.board, self.tolls, self.loose = board, tolls, frozenset(loose)
        self.options = options | {session: chosen_options(board, session, ()) for session in sorted(loose)}
        self.cp: Any = cp_model.CpModel()
        self._proto: Any = self.cp.proto
        self.first: dict[int, int] = {}
        self.stays: dict[int, int] = {}
        """The variable of its place on the board, by session."""
        self.n_variables = 0
        self._choose()
        self._link()
        for counter in {id(c): c for session in self.options for c in tolls.counters(session)}.values():
            self._count(counter)
        self._moves = self._proto.constraints.add().linear
        for session, variable in self.stays.items():
            self._moves.vars.append(variable)
            self._moves.coeffs.append(-int(tolls.prices[session]))
        self._moves.domain.extend((-(1 << 62), 1 << 62))

    # -- what may be -----------------------------------------------------------------------------

    def _choose(self) -> None:
        standing, add = self.board.standing, self._proto.variables.add
        for session, options in self.options.items():
            self.first[session] = self.n_variables
            for _ in range(len(options)):
                add().domain.extend((0, 1))
            own = range(self.n_variables, self.n_variables + len(options))
            self.n_variables += len(options)
            if session not in self.loose:
                self._proto.constraints.add().exactly_one.literals.extend(own)
            at = np.flatnonzero((options.variant == standing.variant[session])
                                & (options.tick == standing.start[session]))
            if len(at):
                self.stays[session] = own[int(at[0])]

    def _link(self) -> None:
        """Forbid places that links do, to those who stay and to each other."""
        board = self.board
        for session, options in self.options.items():
            links = board.linked(session)
            if not len(links):
                continue
            hard = np.flatnonzero(links.tier < 0)
            measures = links.measures(options, board.standing)[hard] > 0
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

    def _forbid_both(self, session: int, other: int, clash: Any) -> None:
        """Forbid pairs of places, those of the first that clash with the same ones of the second together."""
        rows: dict[bytes, list[int]] = {}
        for at in np.flatnonzero(clash.any(axis=1)).tolist():
            rows.setdefault(clash[at].tobytes(), []).append(at)
        for key, own in rows.items():
            theirs = np.flatnonzero(np.frombuffer(key, dtype=bool))
            literals = self._proto.constraints.add().at_most_one.literals
            literals.extend(self.first[session] + at for at in own)
            literals.extend((self.first[other] + theirs).tolist())

    def _count(self, counter: Counter) -> None:
        """Let a count be no higher than it may, in the classes where it could be."""
        members = [session for session in self.options if session in counter.members]
        free = counter.cap_beyond(self.board.kept, self.board.standing) - counter.numbers
        could = np.zeros(len(free) + 1, dtype=np.int64)
        variables, low, high, units = [], [], [], []
        for session in members:
            options, demand = self.options[session], counter.units(session)
            if self.board.standing.variant[session] >= 0:
                here = counter.classes(session, int(self.board.standing.variant[session]),
                                       int(self.board.standing.start[session]))
                free[here[0] : here[1]] += demand
            first, last = options.span(counter.axis)
            steps = np.zeros(len(free) + 1, dtype=np.int64)
            np.add.at(steps, first, 1)
            np.add.at(steps, np.maximum(last, first), -1)
            could[:-1] += demand * (np.cumsum(steps)[:-1] > 0)
            variables.append(self.first[session] + np.arange(len(options)))
            low.append(first)
            high.append(np.maximum(last, first))
            units.append(np.full(len(options), demand))
        needed = could[:-1] > free
        if not needed.any():
            return
        self._rows(free, needed, *(np.concatenate(part) for part in (variables, low, high, units)))

    def _rows(self, free: Ints, needed: Any, variables: Ints, low: Ints, high: Ints, units: Ints) -> None:
        """Write a row for each class that needs one; not again what the class before says."""
        sizes = high - low
        rows = np.repeat(np.arange(len(low)), sizes)
        classes = np.repeat(low - np.cumsum(sizes) + sizes, sizes) + np.arange(int(sizes.sum()))
        inside = needed[classes]
        rows, classes = rows[inside], classes[inside]
        order = np.argsort(classes, kind="stable")
        rows, classes = rows[order], classes[order]
        edges = np.flatnonzero(np.diff(classes)) + 1
        before: tuple[bytes, int] | None = None
        for part in np.split(np.arange(len(rows)), edges):
            most, own = int(free[classes[part[0]]]), rows[part]
            key = own.tobytes(), most
            if key == before:
                continue
            before = key
            linear = self._proto.constraints.add().linear
            linear.vars.extend(variables[own].tolist())
            linear.coeffs.extend(units[own].tolist())
            linear.domain.extend((-(1 << 62), most))

    # -- questions -------------------------------------------------------------------------------

    def limit(self, moves: int) -> None:
        """Let those who leave their places weigh no more than `moves`; who has none does not count."""
        total = sum(int(self.tolls.prices[session]) for session in self.stays)
        self._moves.domain[1] = moves - total

    def cut(self, cut: Cut) -> None:
        """Take in that some places cannot all be taken."""
        literals, standing = [], self.board.standing
        for session, place in cut.items():
            if session in self.options:
                options = self.options[session]
                at = np.flatnonzero((options.variant == place[0]) & (options.tick == place[1]))
                if not len(at):
                    return
                literals.append(-1 - (self.first[session] + int(at[0])))
            elif (int(standing.variant[session]), int(standing.start[session])) != place:
                return
        self._proto.constraints.add().bool_or.literals.extend(literals)

    def hold(self, sessions: Iterable[int]) -> None:
        """Say that some sessions stay where they are."""
        for session in sessions:
            self._set(self.stays[session], 1)

    def needs(self, session: int, others: Collection[int]) -> None:
        """Say that a session leaves its place only if one of some others does."""
        literals = self._proto.constraints.add().bool_or.literals
        literals.append(self.stays[session])
        literals.extend(-1 - self.stays[other] for other in others if other in self.stays)

    def others(self, movers: Iterable[int]) -> None:
        """Ask for somebody else to move as well, or instead."""
        known = set(movers)
        self._proto.constraints.add().bool_or.literals.extend(
            -1 - variable for session, variable in self.stays.items() if session not in known)

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


def chosen_options(board: Board, session: int, chosen: Sequence[int] | Ints) -> Options:
    """Return some options of a session, and its place on the board, if it has one."""
    options = board.options(session)
    own = set(np.asarray(chosen, dtype=np.int64).tolist())
    if board.standing.variant[session] >= 0:
        here = options.index(int(board.standing.variant[session]), int(board.standing.start[session]))
        if here >= 0:
            own.add(here)
    return options.taken(np.array(sorted(own), dtype=np.int64))
