"""Primitives that share a burden out over groups, as totals kept up to date.

- `Burden`: the state of one `Load`.
- `Excesses`: those burdens of one session that are of one group and count what exceeds a threshold, as arrays.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from attrs import define, field

from igfsched.facts import Ints
from igfsched.kernel.links import Standing
from igfsched.kernel.options import Options
from igfsched.primitives import ByVariant, Load, Unit


@define(eq=False)
class Burden:
    """The totals of the groups of one `Load`. `tier` is an index of tiers, -1 if the rule is hard.

    `of_session`: by session, the groups that it adds to, with its loads there. `older`: one of which it may be
    that it says the same of most sessions; None afterwards if it has other groups. `differing`: of whom it does not.
    """

    unit: Unit
    primitive: Load
    tier: int
    older: Burden | None = None
    differing: set[int] = field(factory=set)
    totals: Ints = field(init=False)
    divisors: Ints = field(init=False)
    of_session: dict[int, tuple[Ints, tuple[ByVariant, ...]]] = field(init=False)
    weight: int = field(init=False)
    """What one unit of the value costs."""
    value: int = 0
    accepted: int = 0

    def __attrs_post_init__(self) -> None:
        groups = self.primitive.groups
        self.totals = np.zeros(len(groups), dtype=np.int64)
        self.divisors = np.array([group.divisor for group in groups], dtype=np.int64)
        self.convex = self.primitive.kind == "excess" or len(self.totals) == 1 == self.divisors.max(initial=1)
        self.weight = self.unit.rule.weight if self.tier >= 0 else 1
        if self.older is not None and not self._has_groups_of(self.older):
            self.older = None
        self.of_session = self._by_session() if self.older is None else self._by_session_from(self.older)

    def _by_session(self) -> dict[int, tuple[Ints, tuple[ByVariant, ...]]]:
        found: dict[int, tuple[list[int], list[ByVariant]]] = {}
        for index, group in enumerate(self.primitive.groups):
            for session, loads in group.loads.items():
                indices, own = found.setdefault(session, ([], []))
                indices.append(index)
                own.append(loads)
        return {s: (np.array(i, dtype=np.int64), tuple(own)) for s, (i, own) in found.items()}

    def _has_groups_of(self, older: Burden) -> bool:
        mine, theirs = self.primitive, older.primitive
        return (mine.kind, mine.threshold) == (theirs.kind, theirs.threshold) and [
            group.name for group in mine.groups] == [group.name for group in theirs.groups]

    def _by_session_from(self, older: Burden) -> dict[int, tuple[Ints, tuple[ByVariant, ...]]]:
        """Return what each session adds to, given the same of a burden of the same groups."""
        groups = self.primitive.groups
        for group, before in zip(groups, older.primitive.groups, strict=True):
            if group is not before:
                self.differing |= {s for s in group.loads.keys() | before.loads.keys()
                                   if group.loads.get(s) is not before.loads.get(s)}
        found = dict(older.of_session)
        for session in self.differing:
            own = [(index, group.loads[session]) for index, group in enumerate(groups) if session in group.loads]
            found.pop(session, None)
            if own:
                found[session] = np.array([index for index, _ in own], dtype=np.int64), tuple(loads for _, loads in own)
        return found

    convex: bool = field(init=False)
    """Whether two sessions together never cost less than each by itself."""

    @property
    def growing(self) -> bool:
        """Whether one session more never makes the value smaller."""
        return self.primitive.kind != "spread"

    @property
    def sessions(self) -> Collection[int]:
        return self.of_session.keys()

    def alone(self, sessions: Ints, variants: Ints, starts: Ints) -> int:
        """Return the value that some sessions have alone."""
        return self._value(self._added(sessions, variants, starts))

    def begin(self, sessions: Ints, variants: Ints, starts: Ints) -> None:
        """Add sessions up from nothing, at given places."""
        self.totals = self._added(sessions, variants, starts)
        self.value = self._value(self.totals)

    def _added(self, sessions: Ints, variants: Ints, starts: Ints) -> Ints:
        """Return the totals of some sessions, in ascending order."""
        totals = np.zeros(len(self.totals), dtype=np.int64)
        if 4 * len(self.of_session) < len(sessions):
            wanted = np.fromiter(self.of_session, dtype=np.int64, count=len(self.of_session))
            at = np.minimum(np.searchsorted(sessions, wanted), len(sessions) - 1)
            own = at[sessions[at] == wanted]
            sessions, variants, starts = sessions[own], variants[own], starts[own]
        for session, variant, start in zip(sessions.tolist(), variants.tolist(), starts.tolist(), strict=True):
            self._add_to(totals, session, variant, start, 1)
        return totals

    def begin_from_older(self, standing: Standing) -> set[int]:
        """Take the totals over from the older burden; return the sessions whose part differs."""
        older = self.older
        assert older is not None
        self.totals = older.totals.copy()
        for session in self.differing:
            variant, start = int(standing.variant[session]), int(standing.start[session])
            if variant >= 0:
                older._add_to(self.totals, session, variant, start, -1)
                self._add_to(self.totals, session, variant, start, 1)
        self.value = self._value(self.totals)
        diluted = {s for index in np.flatnonzero(self.divisors != older.divisors).tolist()
                   for s in self.primitive.groups[index].loads}
        self.older = None
        return self.differing | diluted

    def _add_to(self, totals: Ints, session: int, variant: int, start: int, sign: int) -> None:
        if session not in self.of_session:
            return
        groups, loads = self.of_session[session]
        for group, by_variant in zip(groups.tolist(), loads, strict=True):
            if variant in by_variant:
                totals[group] += sign * int(by_variant[variant][start])

    def shift(self, session: int, variant: int, start: int, sign: int) -> None:
        """A session comes (1) to a place or leaves it (-1)."""
        if session in self.of_session:
            self._add_to(self.totals, session, variant, start, sign)
            self.value = self._value(self.totals)

    def _value(self, totals: Ints) -> int:
        if not len(totals):
            return 0
        if len(totals) == 1 and self.primitive.kind == "excess":
            return max(0, int(totals[0]) - self.primitive.threshold)
        if self.primitive.kind == "excess":
            return int(np.maximum(totals - self.primitive.threshold, 0).sum())
        largest = int((-(-totals // self.divisors)).max())
        return largest if self.primitive.kind == "largest" else largest - int((totals // self.divisors).min())

    def value_after(self, moves: dict[int, tuple[tuple[int, int], ...]]) -> int:
        """Return the value when sessions go from one (variant, start) to another; a variant of -1: nowhere."""
        totals = self.totals.copy()
        for session, (before, after) in moves.items():
            groups, loads = self.of_session.get(session, ((), ()))
            for group, by_variant in zip(groups, loads, strict=True):
                for sign, (variant, start) in ((-1, before), (1, after)):
                    if variant in by_variant:
                        totals[group] += sign * int(by_variant[variant][start])
        return self._value(totals)

    def share(self, session: int, variant: int, start: int) -> int:
        """Return the most by which the value falls when a session leaves its place, whoever else leaves."""
        groups, loads = self.of_session[session]
        own = np.array([int(by_variant[variant][start]) if variant in by_variant else 0 for by_variant in loads],
                       dtype=np.int64)
        if self.primitive.kind == "excess":
            totals, threshold = self.totals[groups], self.primitive.threshold
            return int((np.maximum(totals - threshold, 0) - np.maximum(totals - own - threshold, 0)).sum())
        return int((-(-own // self.divisors[groups])).max(initial=0))

    def violations(self, placed: Ints, standing: Standing, kept: frozenset[int]) -> list[set[int]]:
        """Return, for each group with too much, the sessions that add to it: one of them has to go."""
        most = self.primitive.threshold if self.primitive.kind == "excess" else 0
        over = set(np.flatnonzero(self.totals > most).tolist())
        by_group: dict[int, set[int]] = {}
        for session in placed.tolist():
            groups, loads = self.of_session.get(session, ((), ()))
            for group, by_variant in zip(groups, loads, strict=True):
                variant, start = int(standing.variant[session]), int(standing.start[session])
                if group in over and variant in by_variant and by_variant[variant][start]:
                    by_group.setdefault(int(group), set()).add(session)
        return [those for those in by_group.values() if those - kept]

    def delta(self, options: Options) -> Ints:
        """Return by how much the value grows if the session (which is nowhere now) takes each option."""
        if options.session not in self.of_session:
            return np.zeros(len(options), dtype=np.int64)
        groups, loads = self.of_session[options.session]
        if self.primitive.kind == "excess" and len(loads) == 1:
            beyond = int(self.totals[groups[0]]) - self.primitive.threshold
            return np.maximum(options.load(loads[0]) + beyond, 0) - max(beyond, 0)
        own = self.totals[groups][:, None] + np.stack([options.load(by_variant) for by_variant in loads])
        if self.primitive.kind == "excess":
            before = np.maximum(self.totals[groups] - self.primitive.threshold, 0).sum()
            return np.asarray(np.maximum(own - self.primitive.threshold, 0).sum(axis=0) - before)
        divisors = self.divisors[groups][:, None]
        others = np.ones(len(self.totals), dtype=bool)
        others[groups] = False
        largest = (-(-own // divisors)).max(axis=0)
        if others.any():
            largest = np.maximum(largest, (-(-self.totals[others] // self.divisors[others])).max())
        if self.primitive.kind == "spread":
            smallest = (own // divisors).min(axis=0)
            if others.any():
                smallest = np.minimum(smallest, (self.totals[others] // self.divisors[others]).min())
            largest = largest - smallest
        found: Ints = largest - self.value
        return found


@define(eq=False)
class Excesses:
    """Burdens of one session with one group each, of which what exceeds a threshold counts.

    There is one for each person who comes to the session: asked one by one they would take most of a look.
    """

    burdens: list[Burden]
    tier: Ints = field(init=False)
    weight: Ints = field(init=False)
    _thresholds: Ints = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.tier = np.array([burden.tier for burden in self.burdens], dtype=np.int64)
        self.weight = np.array([burden.weight for burden in self.burdens], dtype=np.int64)
        self._thresholds = np.array([burden.primitive.threshold for burden in self.burdens], dtype=np.int64)

    def deltas(self, options: Options) -> Ints:
        """Return by how much each value grows if the session (which is nowhere now) takes each option."""
        loads = options.stacked(self, [burden.of_session[options.session][1][0] for burden in self.burdens])
        beyond = np.array([burden.totals[0] for burden in self.burdens], dtype=np.int64) - self._thresholds
        found: Ints = np.maximum(loads + beyond[:, None], 0) - np.maximum(beyond, 0)[:, None]
        return found


def is_excess_of_one(term: object) -> bool:
    """Whether a term is a burden for `Excesses`."""
    return isinstance(term, Burden) and term.primitive.kind == "excess" and len(term.totals) == 1
