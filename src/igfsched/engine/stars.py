"""Sessions that exclude many others from their time: plenaries, the opening, the closing.

Stated pair by pair they would be thousands of rows with a weak bound. As a star they are one capacity: as
long as the centre takes its time, there is room for none of the others.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from attrs import frozen

from igfsched.facts import Bools, Ints
from igfsched.lowering import HARD, Lowered, Term
from igfsched.primitives import Pair

MANY = 8
"""Others from which a star is worth its rows."""


@frozen(eq=False)
class Star:
    """A centre and others that may not run while it does, nor before (`first`) or after it (`last`)."""

    centre: int
    others: tuple[int, ...]
    kind: Literal["beside", "first", "last"]
    gap: int

    def spans(self, mine: Bools, low: Ints, high: Ints, end: int) -> tuple[Ints, Ints]:
        """Return the ticks that candidates take up for the star, from the ticks that they cover.

        The centre of `first` also takes all time before it, that of `last` all time after it.
        """
        if self.kind == "beside":
            return low, np.minimum(high + self.gap, end)
        if self.kind == "first":
            return np.where(mine, 0, low), np.where(mine, np.minimum(high + self.gap, end), high)
        return low, np.where(mine, end, np.minimum(high + self.gap, end))


def stars(lowered: Lowered) -> list[Star]:
    """Return the stars among the hard pairs of a programme."""
    return list(split_stars(lowered)[0])


def split_stars(lowered: Lowered) -> tuple[list[Star], list[Term]]:
    """Return the stars among the hard pairs, and the terms of all pairs that are in none."""
    groups: dict[tuple[int, str, int], list[tuple[int, Term]]] = {}
    alone: list[Term] = []
    tick = lowered.facts.tick
    pairs = [(term, term.primitive) for term in lowered.terms if isinstance(term.primitive, Pair)]
    for term, pair in pairs:
        if term.tier == HARD and pair.kind in ("overlap", "late") and pair.gap % tick == 0:
            ends = (("first", pair.first, pair.second), ("last", pair.second, pair.first))
            if pair.kind == "overlap":
                ends = (("beside", pair.first, pair.second), ("beside", pair.second, pair.first))
            for kind, centre, other in ends:
                groups.setdefault((centre, kind, pair.gap // tick), []).append((other, term))
        else:
            alone.append(term)
    found: list[Star] = []
    told: set[int] = set()
    for (centre, kind, gap), members in sorted(groups.items(), key=lambda item: -len(item[1])):
        new = [(other, term) for other, term in members if id(term) not in told]
        others = tuple(dict.fromkeys(other for other, _ in new))  # two rules may speak of one pair
        if len(others) >= MANY:
            found.append(Star(centre, others, kind, gap))  # type: ignore[arg-type]
            told.update(id(term) for _, term in new)
    kept = {id(term) for term in alone}
    return found, [term for term, _ in pairs if id(term) in kept or id(term) not in told]
