"""Primitives that count: how many sessions touch each class of an axis, and what one more would cost.

- `Counter`: a `Tally` or a `Shape` as an array of numbers, kept up to date as sessions come and go.

What one more session would cost in each class is an array; its prefix sums answer for all options of a session
at once.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from attrs import define, field

from igfsched.facts import Bools, Facts, Ints
from igfsched.kernel.links import Standing
from igfsched.kernel.options import Options
from igfsched.primitives import Axis, Shape, Tally, Unit, covered

SPARE = 256


@define(eq=False)
class Counter:
    """The state of one primitive that counts. `tier` is an index of tiers, -1 if the rule is hard.

    `numbers`: by class, the demand of all sessions at their places. `accepted` is the value that the kept
    sessions have alone: a hard rule asks for no more than that.
    """

    facts: Facts
    unit: Unit
    primitive: Tally | Shape
    tier: int
    axis: Axis = field(init=False)
    members: frozenset[int] = field(init=False)
    demand: Ints | None = field(init=False, default=None)
    numbers: Ints = field(init=False)
    is_member: Bools = field(init=False)
    cap: Ints = field(init=False)
    pairs: bool = field(init=False)
    weight: int = field(init=False)
    """What one unit of the value costs."""
    convex: bool = field(init=False)
    """Whether two sessions together never cost less than each by itself."""
    growing: ClassVar[bool] = True
    """Whether one session more never makes the value smaller."""
    value: int = 0
    accepted: int = 0
    _marginal: dict[int, tuple[Ints, Ints]] = field(factory=dict)
    _full: dict[int, Ints] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.primitive, Shape):
            self.axis = self.primitive.footprint.axis
            self.members = frozenset(self.primitive.footprint.members)
        else:
            self.axis = self.primitive.axis
            self.members = frozenset(self.primitive.members)
            self.demand = self.primitive.demand
        self.numbers = np.zeros(self.axis.size + 1, dtype=np.int64)
        self.weight = self.unit.rule.weight if self.tier >= 0 else 1
        self.convex = isinstance(self.primitive, Tally)
        self.is_member = np.zeros(2 * self.facts.n + SPARE, dtype=bool)  # slots that come later are no members
        self.is_member[list(self.members)] = True
        self.pairs = isinstance(self.primitive, Tally) and self.primitive.count.kind == "pairs"
        self.cap = self._caps()

    def _caps(self) -> Ints:
        """Return, by class, the largest number that costs nothing; the price of a class for a shape."""
        primitive = self.primitive
        if isinstance(primitive, Shape):
            given: Ints | int = 1 if primitive.prices is None else primitive.prices
        else:
            given = 1 if self.pairs else primitive.count.cap
        if isinstance(given, int):
            return np.full(len(self.numbers), given, dtype=np.int64)
        found = np.full(len(self.numbers), given[-1] if len(given) else 0, dtype=np.int64)
        found[: len(given)] = given[: len(found)]
        return found

    def units(self, session: int) -> int:
        return 1 if self.demand is None else int(self.demand[session])

    @property
    def sessions(self) -> frozenset[int]:
        return self.members

    # -- state -------------------------------------------------------------------------------------

    def begin(self, sessions: Ints, variants: Ints, starts: Ints) -> None:
        """Count sessions (those of them that are members) from nothing, at given places."""
        own = self.is_member[sessions]
        self.numbers = self._count(sessions[own], variants[own], starts[own])
        self.value = int(self._cost(self.numbers).sum())
        self._marginal.clear()
        self._full.clear()

    def begin_from(self, other: Counter, standing: Standing) -> set[int] | None:
        """Take the numbers over from a count of the same classes at the same price; return whose part differs.

        None if it counts something else.
        """
        if not self._same_classes(other) or len(self.numbers) != len(other.numbers) or not np.array_equal(
                self.cap, other.cap):
            return None
        both = self.members & other.members
        differing = set(self.members ^ other.members)
        differing |= {s for s in both if self.units(s) != other.units(s)} if self.demand is not other.demand else set()
        self.numbers, self.value = other.numbers.copy(), other.value
        for session in differing:
            variant, start = int(standing.variant[session]), int(standing.start[session])
            if variant < 0:
                continue
            if session in other.members:
                self._change(variant, start, session, -other.units(session))
            if session in self.members:
                self._change(variant, start, session, self.units(session))
        return differing

    def _same_classes(self, other: Counter) -> bool:
        """Whether every session that was there before touches the same classes here and in another count."""
        mine, theirs = self.axis, other.axis
        if type(self.primitive) is not type(other.primitive) or self.pairs != other.pairs:
            return False
        if (mine.of_tick is not theirs.of_tick or mine.reach != theirs.reach or mine.width != theirs.width
                or mine.marks is not theirs.marks or mine.longer != theirs.longer
                or mine.room_class is not None or theirs.room_class is not None):
            return False
        if mine.of_tick is not None:
            return True
        return all(isinstance(pad, int) and pad == before
                   for pad, before in ((mine.before, theirs.before), (mine.after, theirs.after)))

    def _change(self, variant: int, start: int, session: int, units: int) -> None:
        """Count so many units more of a session at a place."""
        low, high = self.classes(session, variant, start)
        if high > low:
            part = self.numbers[low:high]
            before = int(self._cost(part, low, high).sum())
            part += units
            self.value += int(self._cost(part, low, high).sum()) - before

    def alone(self, sessions: Ints, variants: Ints, starts: Ints) -> int:
        """Return the value that some members have alone."""
        return int(self._cost(self._count(sessions, variants, starts)).sum()) if len(sessions) else 0

    def _count(self, sessions: Ints, variants: Ints, starts: Ints) -> Ints:
        units = 1 if self.demand is None else self.demand[sessions]
        return covered(*self.spans(sessions, variants, starts), units, len(self.numbers))

    def spans(self, sessions: Ints, variants: Ints, starts: Ints) -> tuple[Ints, Ints]:
        """Return the classes that sessions touch at places, as half-open ranges."""
        axis = self.axis
        if axis.of_tick is not None:
            first = axis.of_tick[starts]
            return np.maximum(first, 0), np.where(first >= 0, first + axis.reach, 0)
        before = axis.before if isinstance(axis.before, int) else axis.before[sessions]
        after = axis.after if isinstance(axis.after, int) else axis.after[sessions]
        high = starts + self.facts.variant_ticks[variants] + after
        if axis.marks is not None:
            high += axis.more(starts, self.facts.variant_ticks[variants])
        return np.maximum(starts - before, 0), np.minimum(high, self.facts.n_ticks)

    def classes(self, session: int, variant: int, start: int) -> tuple[int, int]:
        """Return the classes that one session touches at a place, as a half-open range."""
        axis = self.axis
        if axis.of_tick is not None:
            first = int(axis.of_tick[start])
            return (first, first + axis.reach) if first >= 0 else (0, 0)
        before = axis.before if isinstance(axis.before, int) else int(axis.before[session])
        after = axis.after if isinstance(axis.after, int) else int(axis.after[session])
        end = start + int(self.facts.variant_ticks[variant])
        high = end + after
        if axis.marks is not None and axis.marks[min(end, self.facts.n_ticks)] > axis.marks[start]:
            high += axis.longer
        return max(start - before, 0), min(high, self.facts.n_ticks)

    def shift(self, session: int, variant: int, start: int, sign: int) -> None:
        """A session comes to a place (1) or leaves it (-1)."""
        low, high = self.classes(session, variant, start)
        if high <= low:
            return
        part, units = self.numbers[low:high], self.units(session)
        if units == 1:
            if sign < 0:
                part -= 1
            self.value += sign * self._one_more(part, self.cap[low:high])
            if sign > 0:
                part += 1
        else:
            self._change(variant, start, session, sign * units)
        self._marginal.clear()
        self._full.clear()

    def _one_more(self, numbers: Ints, cap: Ints) -> int:
        """Return what one more costs where there are these numbers."""
        if isinstance(self.primitive, Shape):
            return int(cap[numbers == 0].sum())
        if self.pairs:
            return self.axis.width * int(numbers.sum())
        return self.axis.width * int(np.count_nonzero(numbers >= cap))

    def _cost(self, numbers: Ints, low: int = 0, high: int | None = None) -> Ints:
        """Return what numbers cost in the classes from `low` to `high`."""
        found: Ints
        if isinstance(self.primitive, Shape):
            return np.where(numbers > 0, self.cap[low:high], 0)
        if self.pairs:
            found = numbers * (numbers - 1) // 2
        else:
            found = np.maximum(numbers - self.cap[low:high], 0)
        return self.axis.width * found

    def free(self, kept: frozenset[int], standing: Standing) -> Ints:
        """Return, by class, how many more may come; what those who stay whatever happens are too many is accepted."""
        own = self._placed(kept & self.members, standing)
        staying = self._count(own, standing.variant[own], standing.start[own])
        return np.maximum(self.cap, staying) - self.numbers

    def there(self, standing: Standing) -> tuple[Ints, Ints, Ints]:
        """Return the members that are somewhere, and the classes that they touch, as half-open ranges."""
        own = self._placed(self.members, standing)
        return own, *self.spans(own, standing.variant[own], standing.start[own])

    def _placed(self, sessions: frozenset[int], standing: Standing) -> Ints:
        return np.array([s for s in sorted(sessions) if standing.variant[s] >= 0], dtype=np.int64)

    # -- questions ---------------------------------------------------------------------------------

    def sums(self, units: int) -> Ints:
        """Return the prefix sums over classes of what `units` more would cost in each."""
        return self._marginals(units)[0]

    def _marginals(self, units: int) -> tuple[Ints, Ints]:
        known = self._marginal.get(units)
        if known is None:
            more = self._cost(self.numbers + units) - self._cost(self.numbers)
            sums = np.zeros(len(more) + 1, dtype=np.int64)
            np.cumsum(more, out=sums[1:])
            known = self._marginal[units] = (sums, more)
        return known

    def full(self, units: int) -> Ints:
        """Return the classes in which `units` more would cost something, ascending."""
        return np.flatnonzero(self._marginals(units)[1])

    def full_sums(self, units: int) -> Ints:
        """Return the prefix sums of the number of classes in which `units` more would cost something."""
        found = self._full.get(units)
        if found is None:
            more = self._marginals(units)[1]
            found = self._full[units] = np.zeros(len(more) + 1, dtype=np.int64)
            np.cumsum(more > 0, out=found[1:])
        return found

    def delta(self, options: Options) -> Ints:
        """Return by how much the value grows if the session (which is nowhere now) takes each option."""
        low, high = options.span(self.axis)
        sums = self.sums(self.units(options.session))
        return sums[np.maximum(high, low)] - sums[low]

    def share(self, session: int, variant: int, start: int) -> int:
        """Return the most by which the value falls when a session leaves its place, whoever else leaves."""
        low, high = self.classes(session, variant, start)
        if high <= low:
            return 0
        part = self.numbers[low:high]
        if not self.convex:
            return int(self.cap[low:high].sum())
        return int((self._cost(part, low, high) - self._cost(part - self.units(session), low, high)).sum())

    def violations(self, placed: Ints, standing: Standing, kept: frozenset[int]) -> list[set[int]]:
        """Return, for each class that costs too much, the sessions of which one has to go.

        Of classes in which only kept sessions are nothing can be said.
        """
        own = placed[self.is_member[placed]]
        low, high = self.spans(own, standing.variant[own], standing.start[own])
        found: dict[frozenset[int], None] = {}
        for class_ in np.flatnonzero(self._cost(self.numbers)).tolist():
            found[frozenset(own[(low <= class_) & (class_ < high)].tolist())] = None
        return [set(those) for those in found if those - kept]
