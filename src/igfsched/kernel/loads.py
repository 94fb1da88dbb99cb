"""Primitives that share a burden out over groups, as totals kept up to date.

- `Burden`: the state of one `Load`.
"""

from __future__ import annotations

from collections.abc import Collection
from operator import is_

import numpy as np
from attrs import define, field

from igfsched.facts import Ints
from igfsched.kernel.links import Standing
from igfsched.kernel.options import Options
from igfsched.primitives import ByVariant, Load, Unit


@define(eq=False)
class Burden:
    """The totals of the groups of one `Load`. `tier` is an index of tiers, -1 if the rule is hard.

    `of_session`: by session, the groups that it adds to, with its loads there.
    """

    unit: Unit
    primitive: Load
    tier: int
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
        found: dict[int, tuple[list[int], list[ByVariant]]] = {}
        for index, group in enumerate(groups):
            for session, loads in group.loads.items():
                indices, own = found.setdefault(session, ([], []))
                indices.append(index)
                own.append(loads)
        self.convex = self.primitive.kind == "excess" or len(self.totals) == 1 == self.divisors.max(initial=1)
        self.weight = self.unit.rule.weight if self.tier >= 0 else 1
        self.of_session = {s: (np.array(i, dtype=np.int64), tuple(own)) for s, (i, own) in found.items()}

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
        other = Burden(self.unit, self.primitive, self.tier)
        other.begin(sessions, variants, starts)
        return other.value

    def begin(self, sessions: Ints, variants: Ints, starts: Ints) -> None:
        """Add sessions up from nothing, at given places."""
        self.totals[:] = 0
        for session, variant, start in zip(sessions.tolist(), variants.tolist(), starts.tolist(), strict=True):
            self._add(session, variant, start, 1)
        self.value = self._value(self.totals)

    def begin_from(self, other: Burden, sessions: Ints, variants: Ints, starts: Ints) -> bool:
        """Add up from the totals of another burden of the same groups, at the same places; False if it has others."""
        names = [group.name for group in self.primitive.groups]
        if names != [group.name for group in other.primitive.groups]:
            return False
        self.totals = other.totals.copy()
        for session, variant, start in zip(sessions.tolist(), variants.tolist(), starts.tolist(), strict=True):
            now, before = self.of_session.get(session), other.of_session.get(session)
            if now is None and before is None:
                continue
            if now is not None and before is not None and len(now[1]) == len(before[1]) and all(
                    map(is_, now[1], before[1])) and np.array_equal(now[0], before[0]):
                continue
            other._add_to(self.totals, session, variant, start, -1)
            self._add(session, variant, start, 1)
        self.value = self._value(self.totals)
        return True

    def _add_to(self, totals: Ints, session: int, variant: int, start: int, sign: int) -> None:
        groups, loads = self.of_session.get(session, (None, ()))
        for group, by_variant in zip(groups if groups is not None else (), loads, strict=True):
            if variant in by_variant:
                totals[group] += sign * int(by_variant[variant][start])

    def shift(self, session: int, variant: int, start: int, sign: int) -> None:
        """A session comes (1) to a place or leaves it (-1)."""
        if session in self.of_session:
            self._add(session, variant, start, sign)
            self.value = self._value(self.totals)

    def _add(self, session: int, variant: int, start: int, sign: int) -> None:
        self._add_to(self.totals, session, variant, start, sign)

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
