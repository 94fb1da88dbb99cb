"""The classes that a group of sessions touches together, and what they cost.

- `Footprint`: the classes of an axis that at least one member touches.
- `Shape`: what their number, runs, extent or prices cost.
- `Meet`: what two groups cost that are at the same times in different rooms.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Literal

import numpy as np
from attrs import frozen

from igfsched.facts import Ints, Places
from igfsched.primitives.axes import Axis


@frozen(eq=False, kw_only=True)
class Footprint:
    """The classes of an axis that at least one of its members touches."""

    members: tuple[int, ...]
    axis: Axis

    def touched(self, places: Places) -> set[int]:
        return {c for session in self.members for c in self.axis.classes(places, session)}


ShapeKind = Literal["size", "price", "breaks", "extent", "idle"]


@frozen(eq=False, kw_only=True)
class Shape:
    """What the classes that a group touches cost.

    - `size`: their number
    - `price`: the sum of `prices[class]`
    - `breaks`: the number of maximal runs of neighbouring classes, less 1
    - `extent`: from the first class to the last, both included, each as wide as the axis says
    - `idle`: the extent without the classes that are touched

    All but `price` are taken segment by segment and added up: `segments` has the segment of each time class
    (-1: the class does not count); without it all time is one. In a segment its classes are neighbours, whatever
    lies between them. On an axis with rooms `breaks`, `extent` and
    `idle` look at each class of rooms by itself; `size` counts cells. Of each x found so only
    min(most, max(0, x - beyond)) counts.
    """

    footprint: Footprint
    kind: ShapeKind = "size"
    prices: Ints | None = None
    segments: Ints | None = None
    beyond: int = 0
    most: int | None = None

    def __attrs_post_init__(self) -> None:
        if (self.prices is not None) != (self.kind == "price"):
            raise ValueError("prices are for shapes of kind 'price', and these need them")
        if self.kind == "price" and not self.plain:
            raise ValueError("prices of classes are not taken by segments, nor from a limit on")
        if self.beyond < 0 or (self.most is not None and self.most < 0):
            raise ValueError("`beyond` and `most` are not negative")
        times = self.footprint.axis.size // max(1, self.footprint.axis.room_classes)
        if self.segments is not None and len(self.segments) < times:
            raise ValueError(f"an axis with {times} time classes has a segment for each, not {len(self.segments)}")

    @property
    def plain(self) -> bool:
        """Whether it is a sum over classes: no segments, no limits."""
        return self.kind in ("size", "price") and self.segments is None and not self.beyond and self.most is None

    def segment(self, time_class: int) -> int:
        """Return the segment of a time class, -1 if it does not count."""
        return 0 if self.segments is None else int(self.segments[time_class])

    @cached_property
    def ranks(self) -> Ints:
        """How many classes of its own segment lie before each time class."""
        axis = self.footprint.axis
        times = axis.size // max(1, axis.room_classes)
        found = np.arange(times, dtype=np.int64)
        if self.segments is not None:
            order = np.argsort(self.segments[:times], kind="stable")
            own = self.segments[order]
            found[order] = np.arange(times) - np.searchsorted(own, own)
        return found

    def counted(self, amount: int) -> int:
        """Return what counts of the amount that is found in one segment."""
        found = max(0, amount - self.beyond)
        return found if self.most is None else min(self.most, found)

    def value(self, places: Places) -> int:
        touched = self.footprint.touched(places)
        if self.kind == "price":
            assert self.prices is not None
            return sum(int(self.prices[c]) for c in touched)
        rooms = self.footprint.axis.room_classes
        parts: dict[tuple[int, int], set[int]] = {}
        for c in touched:
            time, room = divmod(c, rooms)
            segment = self.segment(time)
            if segment >= 0 and self.kind == "size":
                parts.setdefault((segment, 0), set()).add(c)
            elif segment >= 0:
                parts.setdefault((segment, room), set()).add(int(self.ranks[time]))
        return sum(self.counted(self.amount(classes)) for classes in parts.values())

    def amount(self, classes: set[int]) -> int:
        """Return what some classes of one segment, by their ranks in it, amount to."""
        if not classes or self.kind == "size":
            return len(classes)
        if self.kind == "breaks":
            return sum(c + 1 not in classes for c in classes) - 1
        extent = max(classes) - min(classes) + 1
        return self.footprint.axis.width * (extent - len(classes) if self.kind == "idle" else extent)


@frozen(eq=False, kw_only=True)
class Meet:
    """Two groups at the same times in different rooms.

    For each time class, the pairs of a room class that the first group touches then and another one that the
    second touches then. Both are footprints on one axis with rooms.
    """

    first: Footprint
    second: Footprint

    def __attrs_post_init__(self) -> None:
        if self.second.axis is not self.axis or self.axis.room_class is None:
            raise ValueError("two groups meet on one axis, and it has rooms")

    @property
    def axis(self) -> Axis:
        return self.first.axis

    def value(self, places: Places) -> int:
        rooms = self.axis.room_classes
        first, second = self.first.touched(places), self.second.touched(places)
        ours, theirs = (Counter(c // rooms for c in cells) for cells in (first, second))
        return sum(number * theirs[time] for time, number in ours.items()) - len(first & second)
