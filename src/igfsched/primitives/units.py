"""The primitives that count, sum and price, and the unit that states a part of a rule.

- `Table`, `Tally` with its `Count`, `Load` with its `LoadGroup`s; `Unit`, `measure`.
- `sessions_of`, `axes_of`, `looks_at_rooms`, `grows`: what a primitive reads, and whether it can fall.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from igfsched.facts import Ints, Places
from igfsched.primitives.axes import Axis, ByVariant
from igfsched.primitives.footprints import Footprint, Meet, Shape
from igfsched.primitives.pairs import Pair
from igfsched.primitives.watches import Watch
from igfsched.rule import Rule

PLENTY = 2**40
"""A number that nothing reaches."""


def _numbers(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


@frozen(eq=False, kw_only=True)
class Count:
    """What a number N of actors in one class costs.

    - `over`: what N exceeds `cap` by (a number, or one for each class in time)
    - `pairs`: N (N - 1) / 2
    - `table`: `prices[N]`, in any shape; beyond the end the last number goes on

    A table begins with 0, since it is not only the classes that exist for a programme that nobody touches. What
    is missing of a wanted number is an excess of a `Load` or a number of alerts of a `Watch`.
    """

    kind: Literal["over", "pairs", "table"]
    cap: Ints | int = 0
    prices: tuple[int, ...] = field(default=(), converter=_numbers)

    def __attrs_post_init__(self) -> None:
        if (self.kind == "table") != bool(self.prices):
            raise ValueError("prices are for counts of kind 'table', and these need them")
        if self.prices and (self.prices[0] or min(self.prices) < 0):
            raise ValueError("prices of numbers begin with 0 and are never below it")

    def cost(self, number: int, time_class: int) -> int:
        if self.kind == "pairs":
            return number * (number - 1) // 2
        if self.kind == "table":
            return self.prices[min(number, len(self.prices) - 1)]
        return max(0, number - self.limit(time_class))

    @property
    def highest(self) -> int:
        """The largest number that costs nothing anywhere, by the prices; `PLENTY` if these end with 0."""
        if self.kind == "pairs":
            return 1
        if self.kind == "table" and self.prices[-1]:
            return max(number for number, price in enumerate(self.prices) if not price)
        return PLENTY

    def limit(self, time_class: int) -> int:
        """Return the number up to which none costs anything."""
        if self.kind == "pairs":
            return 1
        if self.kind == "table":
            return next((number - 1 for number, price in enumerate(self.prices) if price), PLENTY)
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
class Tally:
    """The sum over the classes of an axis of width x count(N), N the demands of the actors that touch it.

    Actors are sessions, each with its demand (1 without `demand`), and footprints on the same axis: one of these
    counts 1 in each class that any of its members touches.
    """

    members: tuple[int, ...] = ()
    axis: Axis
    count: Count
    demand: Ints | None = None
    footprints: tuple[Footprint, ...] = ()

    def __attrs_post_init__(self) -> None:
        if any(footprint.axis is not self.axis for footprint in self.footprints):
            raise ValueError("footprints are counted on their own axis")

    def value(self, places: Places) -> int:
        numbers: dict[int, int] = {}
        for footprint in self.footprints:
            for c in footprint.touched(places):
                numbers[c] = numbers.get(c, 0) + 1
        for session in self.members:
            demand = 1 if self.demand is None else int(self.demand[session])
            for c in self.axis.classes(places, session):
                numbers[c] = numbers.get(c, 0) + demand
        rooms = self.axis.room_classes
        return sum(self.axis.width * self.count.cost(number, c // rooms) for c, number in numbers.items())


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


LoadKind = Literal["largest", "spread", "excess", "top"]


@frozen(eq=False, kw_only=True)
class Load:
    """How a burden is shared out over groups.

    - `largest`: the largest level, rounded up
    - `spread`: the largest level rounded up, less the smallest rounded down
    - `excess`: the sum over groups of what the total exceeds `threshold` by
    - `top`: the `most` largest levels, each rounded up, added up
    """

    groups: tuple[LoadGroup, ...] = field(converter=_groups)
    kind: LoadKind = "largest"
    threshold: int = 0
    most: int = 1

    def value(self, places: Places) -> int:
        totals = [(group.total(places), group.divisor) for group in self.groups]
        if not totals:
            return 0
        if self.kind == "excess":
            return sum(max(0, total - self.threshold) for total, _ in totals)
        levels = sorted((-(-total // divisor) for total, divisor in totals), reverse=True)
        if self.kind == "top":
            return sum(levels[: self.most])
        largest = levels[0]
        return largest if self.kind == "largest" else largest - min(total // divisor for total, divisor in totals)


Primitive = Table | Tally | Pair | Shape | Meet | Load | Watch


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


def sessions_of(primitive: Primitive) -> tuple[int, ...]:
    """Return the sessions that a primitive reads, each once."""
    return tuple(dict.fromkeys(_sessions(primitive)))


def _sessions(primitive: Primitive) -> Iterator[int]:
    if isinstance(primitive, Table):
        yield primitive.session
    elif isinstance(primitive, Pair):
        yield from (primitive.first, primitive.second)
    elif isinstance(primitive, Shape):
        yield from primitive.footprint.members
    elif isinstance(primitive, Meet):
        yield from (*primitive.first.members, *primitive.second.members)
    elif isinstance(primitive, Load):
        yield from (session for group in primitive.groups for session in group.loads)
    elif isinstance(primitive, Watch):
        yield from (session for session in (primitive.only_if, *(a.only_if for a in primitive.alerts))
                    if session is not None)
        for condition in (condition for alert in primitive.alerts for condition in alert.conditions):
            yield from ((condition.first, condition.second) if isinstance(condition, Pair) else (condition.session,))
    else:
        yield from primitive.members
        yield from (session for footprint in primitive.footprints for session in footprint.members)


def axes_of(primitive: Primitive) -> tuple[Axis, ...]:
    """Return the axes on which a primitive looks at places."""
    if isinstance(primitive, Shape):
        return (primitive.footprint.axis,)
    if isinstance(primitive, Pair):
        return (primitive.axis,) if primitive.of_classes else ()
    if isinstance(primitive, Tally | Meet):
        return (primitive.axis,)
    if isinstance(primitive, Watch):
        return tuple(condition.axis for alert in primitive.alerts for condition in alert.conditions
                     if isinstance(condition, Pair) and condition.of_classes)
    return ()


def looks_at_rooms(primitive: Primitive) -> bool:
    """Say whether a primitive, tables apart, depends on rooms."""
    return any(axis.room_class is not None for axis in axes_of(primitive))


def grows(primitive: Primitive) -> bool:
    """Say whether one session more never makes a primitive cost less."""
    if isinstance(primitive, Tally) and primitive.count.kind == "table":
        return list(primitive.count.prices) == sorted(primitive.count.prices)
    if isinstance(primitive, Shape):
        return primitive.kind not in ("breaks", "idle")
    if isinstance(primitive, Watch):
        return primitive.prices is None or list(primitive.prices) == sorted(primitive.prices)
    return not isinstance(primitive, Load) or primitive.kind != "spread"


def measure(units: Sequence[Unit], places: Places) -> int:
    """Return the measure of a rule that was lowered to these units."""
    return sum(unit.value(places) for unit in units)


def same_for(variants: Sequence[int], array: npt.NDArray[np.int64]) -> ByVariant:
    """Return a table with the same costs for several variants."""
    return dict.fromkeys(variants, array)
