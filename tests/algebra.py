"""Primitives at random for tiny programmes, stated by a rule that exists for tests alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
from attrs import evolve, frozen
from tiny import tiny_programme

from igfsched.facts import Facts, Ints, Places
from igfsched.primitives import (
    Alert,
    Axis,
    Count,
    Footprint,
    Load,
    LoadGroup,
    Meet,
    Pair,
    Primitive,
    Shape,
    Tally,
    Unit,
    Watch,
    When,
    days,
    measure,
    ticks,
)
from igfsched.programme import Programme, Room
from igfsched.rule import Finding, Rule, finding
from igfsched.timetable import Timetable


class Draw:
    """Draws primitives of a kind for the facts of a programme."""

    def __init__(self, facts: Facts, random: np.random.Generator) -> None:
        self.facts, self.random = facts, random

    def some(self, *values: object) -> object:
        return values[self.random.integers(len(values))]

    def number(self, high: int) -> int:
        return int(self.random.integers(high + 1))

    def group(self, least: int = 1) -> tuple[int, ...]:
        size = int(self.random.integers(least, self.facts.n + 1))
        return tuple(sorted(self.random.choice(self.facts.n, size=size, replace=False).tolist()))

    def two(self) -> tuple[int, int]:
        first, second = self.random.choice(self.facts.n, size=2, replace=False).tolist()
        return first, second

    def point(self, rooms: bool = False) -> Axis:
        """Return an axis on which a place has one class of time at most."""
        facts = self.facts
        if self.random.random() < 0.3 and not rooms:
            return days(facts)
        if self.random.random() < 0.3:
            return Axis(facts=facts, name="day", of_tick=facts.day_of_tick, room_class=self.rooms(rooms))
        step = int(self.random.integers(1, 4)) * max(1, 30 // facts.tick)
        of_tick = (np.arange(facts.n_ticks, dtype=np.int64) - int(facts.starts[0])) // step
        of_tick[of_tick < 0] = -1
        if self.random.random() < 0.3:
            of_tick[of_tick == 1] = -1
        return Axis(facts=facts, name="step", of_tick=of_tick, room_class=self.rooms(rooms),
                    width=int(self.random.integers(1, 3)))

    def axis(self, rooms: bool = False) -> Axis:
        facts = self.facts
        if self.random.random() < 0.4:
            return self.point(rooms)
        if not rooms and self.random.random() < 0.3:
            return self.marked()
        return Axis(facts=facts, name="tick", width=facts.tick, after=self.after(), room_class=self.rooms(rooms))

    def after(self) -> Ints | int:
        pad = max(1, 30 // self.facts.tick)
        return self.some(0, 0, pad, np.array([pad * self.number(1) for _ in range(self.facts.n)]))  # type: ignore[return-value]

    def marked(self) -> Axis:
        """Return an axis on which sessions that touch some stretches of time are longer."""
        facts = self.facts
        hour = max(1, 60 // facts.tick)
        marked = np.repeat(self.random.random(facts.n_ticks // hour + 1) < self.some(0.2, 0.5), hour)[: facts.n_ticks]
        return Axis(facts=facts, name="tick", width=facts.tick, after=self.after(), longer=hour * (1 + self.number(1)),
                    marks=np.concatenate([[0], np.cumsum(marked)]))

    def rooms(self, wanted: bool) -> np.ndarray | None:
        n = len(self.facts.programme.rooms)
        if not wanted:
            return None
        if self.random.random() < 0.6:
            return np.arange(n, dtype=np.int64)
        return self.random.integers(-1, 2, n)

    def prices(self, first: int | None = None) -> tuple[int, ...]:
        """Return prices of numbers: convex, concave or neither."""
        length = int(self.random.integers(2, 5))
        shape = self.random.random()
        if shape < 0.3:
            found = np.cumsum(np.cumsum(self.random.integers(0, 3, length)))
        elif shape < 0.5:
            found = np.cumsum(np.sort(self.random.integers(0, 4, length))[::-1])
        else:
            found = self.random.integers(0, 4, length)
        if first is not None:
            found[0] = first
        if not found[1:].any():
            found[-1] = 2
        return tuple(found.tolist())

    def footprint(self, axis: Axis, least: int = 1) -> Footprint:
        return Footprint(members=self.group(least), axis=axis)

    # -- kinds -------------------------------------------------------------------------------------

    def count(self) -> Tally:
        demand = None if self.random.random() < 0.6 else self.random.integers(1, 3, self.facts.n)
        count = Count(kind="pairs") if demand is None and self.random.random() < 0.7 else Count(
            kind="over", cap=self.number(2))
        axis = self.marked() if self.random.random() < 0.6 else self.axis()
        return Tally(members=self.group(2), axis=axis, count=count, demand=demand)

    def table(self, rooms: bool = False) -> Tally:
        demand = None if self.random.random() < 0.6 else self.random.integers(1, 3, self.facts.n)
        return Tally(members=self.group(2), axis=self.axis(rooms), count=Count(kind="table", prices=self.prices(0)),
                     demand=demand)

    def table_rooms(self) -> Tally:
        return self.table(rooms=True)

    def groups(self, rooms: bool = False) -> Tally:
        axis = self.axis(rooms)
        count = self.some(Count(kind="over", cap=self.number(1)), Count(kind="pairs"),
                          Count(kind="table", prices=self.prices(0)))
        footprints = [self.footprint(axis) for _ in range(int(self.random.integers(1, 4)))]
        members = self.group() if self.random.random() < 0.4 else ()
        return Tally(members=members, axis=axis, count=count, footprints=tuple(footprints))  # type: ignore[arg-type]

    def groups_rooms(self) -> Tally:
        return self.groups(rooms=True)

    def pair(self, kind: str, rooms: bool = False, scaled: bool = False) -> Pair:
        first, second = self.two()
        axis = ticks(self.facts)
        if kind in ("same", "differ"):
            axis = self.axis(rooms)
        if kind in ("matrix", "class_distance"):
            axis = self.point(rooms) if self.random.random() < 0.7 or kind != "matrix" else self.axis(rooms)
        prices = None
        if kind == "matrix":
            size = axis.size
            prices = self.random.integers(0, 4, (size, size)) * (self.random.random((size, size)) < 0.5)
        gap = int(self.some(0, 0, 30, 60)) if kind != "class_distance" else self.number(2)  # type: ignore[call-overload]
        return Pair(first=first, second=second, kind=kind, axis=axis, gap=gap, prices=prices,  # type: ignore[arg-type]
                    scale="durations" if scaled else 1)

    def late_count(self) -> Pair:
        return self.pair("late_count", scaled=self.random.random() < 0.3)

    def matrix(self) -> Pair:
        return self.pair("matrix", scaled=self.random.random() < 0.3)

    def scaled(self) -> Pair:
        kinds = ("overlap", "same", "differ", "late", "gap_error", "start_distance", "class_distance")
        return self.pair(str(self.some(*kinds)), scaled=True)

    def pair_rooms(self) -> Pair:
        return self.pair(str(self.some("same", "differ", "matrix")), rooms=True, scaled=self.random.random() < 0.3)

    def meet(self) -> Meet:
        axis = self.axis(rooms=True)
        return Meet(first=self.footprint(axis), second=self.footprint(axis))

    def shape(self, rooms: bool = False) -> Shape:
        axis = self.axis(rooms)
        kind = self.some("size", "breaks", "extent", "idle", "breaks", "idle")
        times = axis.size // max(1, axis.room_classes)
        segments = None
        if self.random.random() < 0.5:
            width = int(self.random.integers(1, 4)) * (1 if axis.of_tick is not None else max(1, 60 // self.facts.tick))
            segments = np.arange(times, dtype=np.int64) // width
            if self.random.random() < 0.5 and times:
                segments[segments == int(segments[len(segments) // 2])] = -1
            if self.random.random() < 0.3:
                segments[segments >= 0] %= 2
        unit = axis.width if kind in ("extent", "idle") else 1
        return Shape(footprint=self.footprint(axis, 2), kind=kind, segments=segments,  # type: ignore[arg-type]
                     beyond=unit * self.number(2) if self.random.random() < 0.5 else 0,
                     most=None if self.random.random() < 0.5 else 1 + unit * self.number(2))

    def shape_rooms(self) -> Shape:
        if self.random.random() < 0.2:
            axis = self.axis(rooms=True)
            return Shape(footprint=self.footprint(axis), kind="price", prices=self.random.integers(0, 3, axis.size))
        return self.shape(rooms=True)

    def times(self, session: int, high: int = 1) -> dict[int, np.ndarray]:
        return {variant: self.random.integers(0, high + 1, self.facts.n_ticks)
                for variant in self.facts.variants[session] if self.random.random() < 0.9}

    def top(self) -> Load:
        groups = [LoadGroup(name=str(n), loads={s: self.times(s, 9) for s in self.group()}, divisor=1 + self.number(2))
                  for n in range(int(self.random.integers(1, 5)))]
        return Load(groups=groups, kind="top", most=int(self.random.integers(1, 4)))

    def watch(self, rooms: bool = False) -> Watch:
        def condition() -> When | Pair:
            if self.random.random() < 0.4:
                session = self.group()[0]
                return When(session=session, times=self.times(session))
            if rooms and self.random.random() < 0.6:
                return self.pair_rooms()
            kinds = ("overlap", "overlap", "late", "late_count", "same", "differ", "matrix", "start_distance")
            return self.pair(str(self.some(*kinds)))

        alerts = [Alert(conditions=[condition() for _ in range(int(self.random.integers(1, 4)))],
                        only_if=self.group()[0] if self.random.random() < 0.4 else None)
                  for _ in range(int(self.random.integers(1, 5)))]
        only_if = self.group()[0] if self.random.random() < 0.3 else None
        prices = self.prices(0 if only_if is None else None) if self.random.random() < 0.5 else None
        return Watch(alerts=alerts, allowed=self.number(1), prices=prices, only_if=only_if)

    def watch_rooms(self) -> Watch:
        return self.watch(rooms=True)


IN_TIME: tuple[str, ...] = (
    "table", "groups", "late_count", "matrix", "scaled", "shape", "top", "watch", "count")
"""Kinds that do not look at rooms."""
WITH_ROOMS: tuple[str, ...] = (
    "table_rooms", "groups_rooms", "pair_rooms", "meet", "shape_rooms", "watch_rooms")
KINDS = IN_TIME + WITH_ROOMS


def drawn(kind: str, facts: Facts, random: np.random.Generator) -> Primitive:
    """Return a primitive of a kind."""
    make: Callable[[], Primitive] = getattr(Draw(facts, random), kind)
    return make()


@frozen(kw_only=True)
class Stated(Rule):
    """Some primitives of one kind, drawn by a seed. Its findings are their own values, whatever the engine says."""

    name: ClassVar[str] = "stated"
    summary: ClassVar[str] = "primitives at random"

    kind: str = "table"
    seed: int = 0
    number: int = 1

    def lower(self, facts: Facts) -> Iterator[Unit]:
        random = np.random.default_rng([self.seed, KINDS.index(self.kind)])
        for n in range(self.number):
            yield Unit(rule=self, sentence=f"{self.kind} {n}", primitives=[drawn(self.kind, facts, random)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        facts = Facts(timetable.programme)
        places = facts.places(timetable.schedule)
        assert places is not None
        amount = measure(list(self.lower(facts)), places)
        if amount:
            yield finding(self, amount, f"{self.kind} costs {amount}")


def stating(
    kind: str, seed: int, *, level: str | None = None, others: bool = True, base: Programme | None = None,
) -> Programme:
    """Return a tiny programme (or a given one) in which a rule states primitives of a kind."""
    random = np.random.default_rng([seed, 17])
    programme = base or tiny_programme(seed)
    rule = Stated(kind=kind, seed=seed, level=level or ("hard" if random.random() < 0.4 else "soft"),  # type: ignore[arg-type]
                  tier=int(random.integers(1, 3)), weight=int(random.integers(1, 4)),
                  number=int(random.integers(1, 3)))
    rules = [own for own in programme.rules if others or own.name == "placed"]
    rooms = programme.rooms
    if kind in WITH_ROOMS and random.random() < 0.5:
        rooms = (*rooms, Room(id="z"))
    return evolve(programme, rules=(*rules, rule), rooms=rooms)


def at_random(facts: Facts, random: np.random.Generator, placed: float = 0.85) -> Places:
    """Return places at random, each in one room if there are any."""
    variant, start = np.full(facts.n, -1), np.full(facts.n, -1)
    rooms: list[tuple[int, ...]] = [()] * facts.n
    for session in range(facts.n):
        if random.random() < placed:
            variant[session] = random.choice(list(facts.variants[session]))
            start[session] = random.choice(facts.starts)
            count = facts.session(session).room_count if facts.programme.rooms else 0
            rooms[session] = tuple(sorted(random.choice(len(facts.programme.rooms), count, replace=False).tolist()))
    return Places(variant, start, tuple(rooms))
