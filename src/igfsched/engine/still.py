"""Sessions that stand still while a model moves others: constants, not variables.

- `Still`: where they stand, what they leave of a capacity, and what a session that moves costs beside them.

What hard rules find in the *kept* sessions alone is accepted, and others must not add to it: a capacity that
they exceed by themselves is raised to what they use, and then is full.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from attrs import field, frozen

from igfsched.facts import Bools, Ints, Places
from igfsched.lowering import Lowered
from igfsched.primitives import Axis, Pair, Primitive, Shape, Tally, covered
from igfsched.primitives.arrays import beside


@frozen(eq=False)
class Still:
    """Sessions that stay where `places` has them; all others have no place there.

    `sessions`: those that are no variables, with or without a place. `kept`: those of them whose violations
    are accepted. `roaming`: those that keep their time but may change rooms.
    """

    lowered: Lowered
    places: Places
    sessions: frozenset[int]
    kept: frozenset[int]
    roaming: frozenset[int] = frozenset()
    _numbers: dict[tuple[int, bool], tuple[Tally, Ints]] = field(factory=dict)
    _sums: dict[tuple[int, int], tuple[object, Ints]] = field(factory=dict)

    def __contains__(self, session: int) -> bool:
        return session in self.sessions

    def spans(self, axis: Axis, sessions: Ints) -> tuple[Ints, Ints]:
        """Return the time classes that some of the sessions touch, all with a place, as half-open ranges."""
        start, variant = self.places.start[sessions], self.places.variant[sessions]
        if axis.of_tick is not None:
            first = axis.of_tick[start]
            return np.maximum(first, 0), np.where(first >= 0, first + axis.reach, 0)
        before, after = (pad if isinstance(pad, int) else pad[sessions] for pad in (axis.before, axis.after))
        facts = self.lowered.facts
        end = start + facts.variant_ticks[variant] + after
        if axis.marks is not None:
            end += axis.more(start, facts.variant_ticks[variant])
        return np.maximum(start - before, 0), np.minimum(end, facts.n_ticks)

    def numbers(self, tally: Tally, *, kept: bool = False) -> Ints:
        """Return the demand of the sessions (or of the kept ones alone) in each time class of a tally."""
        key = (id(tally), kept)
        if key not in self._numbers:
            members = [s for s in tally.members if (s in self.kept if kept else s in self.sessions)]
            own = np.array([s for s in members if self.places.variant[s] >= 0], dtype=np.int64)
            units = np.ones(len(own), dtype=np.int64) if tally.demand is None else tally.demand[own]
            self._numbers[key] = tally, covered(*self.spans(tally.axis, own), units, tally.axis.size)
        return self._numbers[key][1]

    def left(self, tally: Tally) -> Ints:
        """Return what the sessions leave of a tally's cap to others, in each time class; below 0 if they clash."""
        cap = caps(tally)
        kept = self.numbers(tally, kept=True)
        found: Ints = np.maximum(cap, kept) - self.numbers(tally)
        return found

    def touched(self, shape: Shape) -> Bools:
        """Return which classes of a shape's axis the sessions touch."""
        axis = shape.footprint.axis
        own = np.array([s for s in shape.footprint.members if s in self.sessions and self.places.variant[s] >= 0],
                       dtype=np.int64)
        found: Bools = covered(*self.spans(axis, own), np.ones(len(own), dtype=np.int64), axis.size) > 0
        return found

    # -- one session beside them -------------------------------------------------------------------

    def growth(self, primitive: Primitive, session: int, variant: int, ticks: Ints) -> Ints:
        """Return by how much a primitive (see `one_by_one`) grows if one more session takes each of some start ticks.

        Of a hard primitive, anything above 0 is more than the kept sessions may violate. Not for axes with rooms.
        """
        if isinstance(primitive, Pair):
            return self._pair(primitive, session, variant, ticks)
        if isinstance(primitive, Shape):
            axis, units = primitive.footprint.axis, 1
        else:
            assert isinstance(primitive, Tally)
            axis = primitive.axis
            units = 1 if primitive.demand is None else int(primitive.demand[session])
        key = (id(primitive), units)
        if key not in self._sums:
            self._sums[key] = primitive, np.concatenate([[0], np.cumsum(self._more(primitive, units))])
        sums = self._sums[key][1]
        low, high = axis.span(variant, ticks)
        return sums[np.maximum(high, low)] - sums[low]

    def _more(self, primitive: Tally | Shape, units: int) -> Ints:
        """Return what `units` more cost in each class."""
        if isinstance(primitive, Shape):
            price = prices(primitive)
            return np.where(self.touched(primitive), 0, price)
        number = self.numbers(primitive)
        if primitive.count.kind == "pairs":
            more = units * number + units * (units - 1) // 2
        else:
            cap = caps(primitive)
            more = np.maximum(number + units - cap, 0) - np.maximum(number - cap, 0)
        return primitive.axis.width * more

    def _pair(self, pair: Pair, session: int, variant: int, ticks: Ints) -> Ints:
        """Return what a pair costs at each of some start ticks of one of its two sessions."""
        other = pair.second if session == pair.first else pair.first
        nothing = np.zeros(len(ticks), dtype=np.int64)
        there = int(self.places.variant[other])
        if other not in self.sessions or there < 0:
            return nothing
        facts, at = self.lowered.facts, int(self.places.start[other])
        if pair.scale != 1 or pair.kind in ("matrix", "late_count", "overlap_count", "not_together"):
            return beside(pair, facts, session, (np.full(len(ticks), variant, dtype=np.int64), ticks), there, at)
        if pair.kind in ("same", "differ", "class_distance"):
            low, high = pair.axis.span(variant, ticks)
            theirs = pair.axis.span(there, np.array([at]))
            first, last = int(theirs[0][0]), int(theirs[1][0])
            if pair.kind == "class_distance":
                apart = (first - low if session == pair.first else low - first) - pair.gap
                return cast("Ints", np.where((high > low) & (last > first), np.abs(apart), 0))
            shared = np.minimum(high, last) > np.maximum(low, first)
            return cast("Ints", (shared if pair.kind == "same" else ~shared).astype(np.int64))
        start, start_other = facts.tick * ticks, facts.tick * at
        end, end_other = start + int(facts.variant_minutes[variant]), start_other + int(facts.variant_minutes[there])
        if pair.kind == "overlap":
            return cast("Ints", np.maximum(
                np.minimum(end, end_other) + pair.gap - np.maximum(start, start_other), 0))
        own = session == pair.first
        if pair.kind == "late":
            return cast("Ints", np.maximum((end - start_other if own else end_other - start) + pair.gap, 0))
        if pair.kind == "gap_error":
            apart = start_other - end if own else start - end_other
        else:
            apart = start_other - start if own else start - start_other
        return cast("Ints", np.abs(apart - pair.gap))


def one_by_one(primitive: Primitive) -> bool:
    """Say whether what one more session adds is known for all its places at once, rooms apart."""
    if isinstance(primitive, Tally):
        return primitive.count.kind != "table" and not primitive.footprints
    return isinstance(primitive, Pair) or (isinstance(primitive, Shape) and primitive.plain)


def caps(tally: Tally) -> Ints:
    """Return the largest number that costs nothing, in each time class of a tally."""
    size = tally.axis.size // tally.axis.room_classes
    given = tally.count.cap if tally.count.kind == "over" else tally.count.limit(0)
    if isinstance(given, int):
        return np.full(size, given, dtype=np.int64)
    return given[:size] if len(given) >= size else np.concatenate([given, np.full(size - len(given), given[-1])])


def prices(shape: Shape) -> Ints:
    """Return what each class of a shape's axis costs."""
    size = shape.footprint.axis.size
    if shape.kind == "size" or shape.prices is None:
        return np.ones(size, dtype=np.int64)
    return shape.prices[:size]
