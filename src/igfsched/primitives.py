"""The algebra that every rule is stated in, so that no engine has to know the name of a rule.

- `Axis`: maps a place to *classes* (ticks that a session covers, its day, its room, or room x tick).
- `Table`: what a session's own place costs.
- `Tally`: what the number of sessions (or footprints) in each class costs, under a `Count` function.
- `Pair`: what two sessions cost together.
- `Footprint`, `Shape`: the classes that a group touches, and what they cost.
- `Load`, `LoadGroup`: sums over groups of sessions, and their largest, spread, or excess.
- `Unit`: the primitives that state one explainable part of a rule, with a sentence in words.

Each primitive has `value(places)`, its exact measure in plain Python: the oracle against which the
engines are tested. A measure is never negative. A hard rule demands that it is 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from igfsched.facts import Facts, Ints, Places
from igfsched.rule import Rule
from igfsched.slots import Lengths

ByVariant = dict[int, Ints]
"""An integer for each start tick, shape `(ticks,)`, by variant; a variant that is absent has 0 everywhere."""


def _lengths(facts: Facts | Lengths) -> Lengths:
    return facts.lengths if isinstance(facts, Facts) else facts


@frozen(eq=False, kw_only=True)
class Axis:
    """Maps a place to the classes that it touches.

    In time: the class `of_tick[start]` (-1: none) and the `reach - 1` classes that follow it, or, where
    `of_tick` is None, every tick from `start - before` up to `start + duration + after`. With `room_class`,
    the product with the class of each room that is used (-1: none): class = time class x room classes +
    room class. `width` is the minutes that one class stands for.

    Of the facts it is made with, an axis keeps the lengths of sessions: it outlives changes of all else.
    """

    facts: Lengths = field(converter=_lengths)
    name: str
    of_tick: Ints | None = None
    before: Ints | int = 0
    after: Ints | int = 0
    room_class: Ints | None = None
    width: int = 1
    reach: int = 1

    @property
    def room_classes(self) -> int:
        return 1 if self.room_class is None else int(self.room_class.max(initial=-1)) + 1

    @property
    def size(self) -> int:
        """Number of classes."""
        times = self.facts.n_ticks if self.of_tick is None else int(self.of_tick.max(initial=-1)) + self.reach
        return times * self.room_classes

    def span(self, variant: int, ticks: Ints) -> tuple[Ints, Ints]:
        """Return the time classes touched from each start tick, as half-open ranges `(first, last)`."""
        if self.of_tick is not None:
            first = self.of_tick[ticks]
            return np.maximum(first, 0), np.where(first >= 0, first + self.reach, 0)
        session = int(self.facts.variant_session[variant])
        first = ticks - self._pad(self.before, session)
        last = ticks + self.facts.variant_ticks[variant] + self._pad(self.after, session)
        return np.maximum(first, 0), np.minimum(last, self.facts.n_ticks)

    @staticmethod
    def _pad(pad: Ints | int, session: int) -> int:
        return pad if isinstance(pad, int) else int(pad[session])

    def classes(self, places: Places, session: int) -> Iterator[int]:
        """Yield the classes that a session touches at its place, once for each room that counts."""
        variant = int(places.variant[session])
        if variant < 0:
            return
        first, last = self.span(variant, places.start[session : session + 1])
        times = range(int(first[0]), int(last[0]))
        if self.room_class is None:
            yield from times
            return
        for room in places.rooms[session]:
            kind = int(self.room_class[room])
            if kind >= 0:
                yield from (time * self.room_classes + kind for time in times)


def ticks(facts: Facts, name: str = "tick", **pads: Ints | int) -> Axis:
    """Return the axis of all ticks that a session covers; the same one as long as no length changes."""
    if pads:
        return Axis(facts=facts, name=name, width=facts.tick, **pads)  # type: ignore[arg-type]
    return facts.lengths.remember(("ticks", name), lambda: Axis(facts=facts, name=name, width=facts.tick))


def days(facts: Facts) -> Axis:
    """Return the axis of programme days; the same one as long as no length changes."""
    return facts.lengths.remember("days", lambda: Axis(facts=facts, name="day", of_tick=facts.day_of_tick))


@frozen(eq=False, kw_only=True)
class Count:
    """What a number N of actors in one class costs.

    - `over`: what N exceeds `cap` by (a number, or one for each class in time)
    - `pairs`: N (N - 1) / 2
    """

    kind: Literal["over", "pairs"]
    cap: Ints | int = 0

    def cost(self, number: int, time_class: int) -> int:
        if self.kind == "pairs":
            return number * (number - 1) // 2
        return max(0, number - self.limit(time_class))

    def limit(self, time_class: int) -> int:
        """Return the largest number that costs nothing."""
        if self.kind == "pairs":
            return 1
        return self.cap if isinstance(self.cap, int) else int(self.cap[time_class])


@frozen(eq=False, kw_only=True)
class Table:
    """What a session's place costs by itself: by start, by room, by room and start, or for having none.

    `time`: cost by variant and start tick. `rooms`: cost of each room that is used, shape `(rooms,)`.
    `room_time`: by room index, cost by variant and start tick of using that room then.
    """

    session: int
    time: ByVariant = field(factory=dict)
    rooms: Ints | None = None
    room_time: dict[int, ByVariant] = field(factory=dict)
    absent: int = 0

    def value(self, places: Places) -> int:
        variant, start = int(places.variant[self.session]), int(places.start[self.session])
        if variant < 0:
            return self.absent
        total = int(self.time[variant][start]) if variant in self.time else 0
        for room in places.rooms[self.session]:
            if self.rooms is not None:
                total += int(self.rooms[room])
            if variant in self.room_time.get(room, {}):
                total += int(self.room_time[room][variant][start])
        return total


@frozen(eq=False, kw_only=True)
class Footprint:
    """The classes of an axis that at least one of its members touches."""

    members: tuple[int, ...]
    axis: Axis

    def touched(self, places: Places) -> set[int]:
        return {c for session in self.members for c in self.axis.classes(places, session)}


@frozen(eq=False, kw_only=True)
class Tally:
    """The sum over the classes of an axis of width x count(N), N the demands of the sessions that touch it."""

    members: tuple[int, ...]
    axis: Axis
    count: Count
    demand: Ints | None = None

    def value(self, places: Places) -> int:
        numbers: dict[int, int] = {}
        for session in self.members:
            demand = 1 if self.demand is None else int(self.demand[session])
            for c in self.axis.classes(places, session):
                numbers[c] = numbers.get(c, 0) + demand
        rooms = self.axis.room_classes
        return sum(self.axis.width * self.count.cost(number, c // rooms) for c, number in numbers.items())


PairKind = Literal["overlap", "same", "differ", "late", "gap_error", "start_distance", "class_distance"]


@frozen(eq=False, kw_only=True)
class Pair:
    """What two placed sessions cost together; 0 if one of them has no place.

    - `overlap`: minutes in which both run, each lengthened by `gap` minutes at its end
    - `late`: minutes by which the end of the first plus `gap` exceeds the start of the second
    - `gap_error`: minutes by which the time from the end of the first to the start of the second is not `gap`
    - `start_distance`: minutes by which the time from the start of the first to that of the second is not `gap`
    - `class_distance`: by how many the class of the second in `axis` less that of the first is not `gap`; 0 if
      one of them has no class
    - `same` / `differ`: 1 if they touch a common class of `axis` / if they do not
    """

    first: int
    second: int
    kind: PairKind
    axis: Axis
    gap: int = 0

    def value(self, places: Places) -> int:
        a, b = int(places.variant[self.first]), int(places.variant[self.second])
        if a < 0 or b < 0:
            return 0
        if self.kind in ("same", "differ"):
            shared = set(self.axis.classes(places, self.first)) & set(self.axis.classes(places, self.second))
            return int(bool(shared) == (self.kind == "same"))
        facts = self.axis.facts
        if self.kind == "class_distance":
            found = [next(self.axis.classes(places, session), None) for session in (self.first, self.second)]
            return 0 if found[0] is None or found[1] is None else abs(found[1] - found[0] - self.gap)
        start_a, start_b = (facts.tick * int(places.start[s]) for s in (self.first, self.second))
        end_a, end_b = start_a + int(facts.variant_minutes[a]), start_b + int(facts.variant_minutes[b])
        if self.kind == "overlap":
            return max(0, min(end_a, end_b) + self.gap - max(start_a, start_b))
        if self.kind == "late":
            return max(0, end_a + self.gap - start_b)
        return abs(start_b - (end_a if self.kind == "gap_error" else start_a) - self.gap)


ShapeKind = Literal["size", "price"]


@frozen(eq=False, kw_only=True)
class Shape:
    """What the classes that a group touches cost.

    - `size`: their number
    - `price`: the sum of `prices[class]`
    """

    footprint: Footprint
    kind: ShapeKind = "size"
    prices: Ints | None = None

    def value(self, places: Places) -> int:
        touched = self.footprint.touched(places)
        if self.kind == "size":
            return len(touched)
        assert self.prices is not None
        return int(sum(int(self.prices[c]) for c in touched))


@frozen(eq=False, kw_only=True)
class LoadGroup:
    """A sum over sessions: `loads[session][variant][start]`. Its level is the sum divided by `divisor`."""

    name: str
    loads: dict[int, ByVariant]
    divisor: int = 1

    def total(self, places: Places) -> int:
        total = 0
        for session, by_variant in self.loads.items():
            variant = int(places.variant[session])
            if variant in by_variant:
                total += int(by_variant[variant][places.start[session]])
        return total


def _groups(values: Iterable[LoadGroup]) -> tuple[LoadGroup, ...]:
    return tuple(values)


LoadKind = Literal["largest", "spread", "excess"]


@frozen(eq=False, kw_only=True)
class Load:
    """How a burden is shared out over groups.

    - `largest`: the largest level, rounded up
    - `spread`: the largest level rounded up, less the smallest rounded down
    - `excess`: the sum over groups of what the total exceeds `threshold` by
    """

    groups: tuple[LoadGroup, ...] = field(converter=_groups)
    kind: LoadKind = "largest"
    threshold: int = 0

    def value(self, places: Places) -> int:
        totals = [(group.total(places), group.divisor) for group in self.groups]
        if not totals:
            return 0
        if self.kind == "excess":
            return sum(max(0, total - self.threshold) for total, _ in totals)
        largest = max(-(-total // divisor) for total, divisor in totals)
        return largest if self.kind == "largest" else largest - min(total // divisor for total, divisor in totals)


Primitive = Table | Tally | Pair | Shape | Load


def _primitives(values: Iterable[Primitive]) -> tuple[Primitive, ...]:
    return tuple(values)


@frozen(eq=False, kw_only=True)
class Unit:
    """One explainable part of a rule: a sentence, the sessions it speaks of, and what it means.

    `subject` is the id of the session or the person that it is about, for rules that go one by one.
    """

    rule: Rule
    sentence: str
    primitives: tuple[Primitive, ...] = field(converter=_primitives)
    sessions: tuple[int, ...] = ()
    subject: str = ""

    def value(self, places: Places) -> int:
        """Return the measure of this part at given places."""
        return sum(primitive.value(places) for primitive in self.primitives)


def measure(units: Sequence[Unit], places: Places) -> int:
    """Return the measure of a rule that was lowered to these units."""
    return sum(unit.value(places) for unit in units)


def same_for(variants: Sequence[int], array: npt.NDArray[np.int64]) -> ByVariant:
    """Return a table with the same costs for several variants."""
    return dict.fromkeys(variants, array)
