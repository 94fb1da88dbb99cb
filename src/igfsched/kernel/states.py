"""What a term keeps that is neither a count of sessions in classes nor a burden.

- `State`: what the search asks of it. Modules beside this one have a state for each kind of primitive.
"""

from __future__ import annotations

import numpy as np
from attrs import define, field

from igfsched.facts import Facts, Ints
from igfsched.kernel.links import Standing
from igfsched.kernel.options import Options
from igfsched.primitives import Load, Meet, Pair, Shape, Tally, Unit, Watch, grows, sessions_of

Special = Tally | Shape | Watch
"""The primitives of which a state is kept."""


@define(eq=False)
class State:
    """The state of one primitive. `tier` is an index of tiers, -1 if the rule is hard.

    `accepted` is the value that the kept sessions have alone: a hard rule asks for no more than that.
    """

    facts: Facts
    unit: Unit
    primitive: Special | Load | Pair | Meet
    tier: int
    sessions: frozenset[int] = field(init=False)
    weight: int = field(init=False)
    """What one unit of the value costs."""
    growing: bool = field(init=False)
    """Whether one session more never makes the value smaller."""
    convex: bool = False
    """Whether two sessions together never cost less than each by itself, whoever else is there."""
    value: int = 0
    accepted: int = 0

    def __attrs_post_init__(self) -> None:
        self.sessions = frozenset(sessions_of(self.primitive))
        self.weight = self.unit.rule.weight if self.tier >= 0 else 1
        self.growing = grows(self.primitive)
        self.clear()

    # -- what each kind does ---------------------------------------------------------------------

    def clear(self) -> None:
        """Have nobody anywhere."""
        raise NotImplementedError

    def place(self, session: int, variant: int, start: int, sign: int) -> None:
        """Let a session that is read come to a place (1) or leave it (-1)."""
        raise NotImplementedError

    def valued(self) -> int:
        """Return the value of what is there."""
        raise NotImplementedError

    def delta(self, options: Options) -> Ints:
        """Return by how much the value grows if the session (which is nowhere now) takes each option."""
        raise NotImplementedError

    def share(self, session: int, variant: int, start: int) -> int:
        """Return the most by which the value falls when a session leaves its place, whoever else leaves.

        What may grow as sessions leave is taken for nothing by bounds, so that nothing more needs to be said of it.
        """
        raise NotImplementedError

    # -- what is the same for all ------------------------------------------------------------------

    def begin(self, sessions: Ints, variants: Ints, starts: Ints) -> None:
        """Begin from nothing, with sessions (those of them that are read) at given places."""
        self.clear()
        for session, variant, start in zip(sessions.tolist(), variants.tolist(), starts.tolist(), strict=True):
            if session in self.sessions:
                self.place(session, variant, start, 1)
        self.value = self.valued()

    def alone(self, sessions: Ints, variants: Ints, starts: Ints) -> int:
        """Return the value that some sessions have alone."""
        other = type(self)(self.facts, self.unit, self.primitive, self.tier)
        other.begin(sessions, variants, starts)
        return other.value

    def shift(self, session: int, variant: int, start: int, sign: int) -> None:
        """A session comes to a place (1) or leaves it (-1)."""
        if session in self.sessions:
            self.place(session, variant, start, sign)
            self.value = self.valued()

    def violations(self, placed: Ints, standing: Standing, kept: frozenset[int]) -> list[set[int]]:
        """Return sets of sessions of which one has to go: as long as all of them stay the value falls no further."""
        there = {session for session in placed.tolist() if session in self.sessions}
        return [there] if there - kept else []


def nothing(options: Options) -> Ints:
    """Return no growth at any option."""
    return np.zeros(len(options), dtype=np.int64)
