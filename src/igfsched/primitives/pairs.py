"""What two sessions cost together.

- `Pair`: the measure of two places.
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from igfsched.facts import Ints, Places
from igfsched.primitives.axes import Axis

PairKind = Literal[
    "overlap", "overlap_count", "same", "differ", "elsewhere", "late", "late_count", "gap_error", "start_distance",
    "class_distance", "matrix", "not_together",
]


@frozen(eq=False, kw_only=True)
class Pair:
    """What two placed sessions cost together; 0 if one of them has no place.

    - `overlap`: minutes in which both run, each lengthened by `gap` minutes at its end
    - `overlap_count`: 1 if there are any such minutes
    - `late`: minutes by which the end of the first plus `gap` exceeds the start of the second
    - `late_count`: 1 if there are any such minutes
    - `gap_error`: minutes by which the time from the end of the first to the start of the second is not `gap`
    - `start_distance`: minutes by which the time from the start of the first to that of the second is not `gap`
    - `class_distance`: by how many the class of the second in `axis` less that of the first is not `gap`; 0 if
      one of them has no class
    - `same` / `differ`: 1 if they touch a common class of `axis` / if they do not
    - `elsewhere`: 1 if they touch a common time class of `axis`, which has rooms, and no common class of it
    - `not_together`: `gap` minutes, less those that both take if they start and end at the same times
    - `matrix`: `prices[class of the first, class of the second]`, of each two classes if they touch several

    With the `scale` "durations" all this is multiplied by the minutes of both sessions added up.
    """

    first: int
    second: int
    kind: PairKind
    axis: Axis
    gap: int = 0
    prices: Ints | None = None
    scale: Literal[1, "durations"] = 1

    def __attrs_post_init__(self) -> None:
        if (self.prices is not None) != (self.kind == "matrix"):
            raise ValueError("prices are for pairs of kind 'matrix', and these need them")
        if self.prices is not None and min(self.prices.shape) < self.axis.size:
            raise ValueError(f"an axis with {self.axis.size} classes has a price for each two, not {self.prices.shape}")
        if self.kind == "class_distance" and self.axis.room_class is not None:
            raise ValueError("there is no distance between rooms")

    @property
    def of_classes(self) -> bool:
        """Whether it is about the classes of its axis."""
        return self.kind in ("same", "differ", "elsewhere", "class_distance", "matrix")

    def value(self, places: Places) -> int:
        a, b = int(places.variant[self.first]), int(places.variant[self.second])
        if a < 0 or b < 0:
            return 0
        minutes = self.axis.facts.variant_minutes
        scale = 1 if self.scale == 1 else int(minutes[a] + minutes[b])
        return scale * self._measure(places, a, b)

    def _measure(self, places: Places, a: int, b: int) -> int:
        """Return the measure, not scaled, of two sessions that have the variants a and b."""
        if self.kind in ("same", "differ"):
            shared = set(self.axis.classes(places, self.first)) & set(self.axis.classes(places, self.second))
            return int(bool(shared) == (self.kind == "same"))
        if self.kind == "elsewhere":
            cells = [set(self.axis.classes(places, session)) for session in (self.first, self.second)]
            times = [{c // self.axis.room_classes for c in own} for own in cells]
            return int(bool(times[0] & times[1]) and not cells[0] & cells[1])
        facts = self.axis.facts
        if self.kind == "matrix":
            assert self.prices is not None
            return sum(int(self.prices[one, other])
                       for one in set(self.axis.classes(places, self.first))
                       for other in set(self.axis.classes(places, self.second)))
        if self.kind == "class_distance":
            found = [next(self.axis.classes(places, session), None) for session in (self.first, self.second)]
            return 0 if found[0] is None or found[1] is None else abs(found[1] - found[0] - self.gap)
        start_a, start_b = (facts.tick * int(places.start[s]) for s in (self.first, self.second))
        end_a, end_b = start_a + int(facts.variant_minutes[a]), start_b + int(facts.variant_minutes[b])
        if self.kind in ("overlap", "overlap_count"):
            minutes = max(0, min(end_a, end_b) + self.gap - max(start_a, start_b))
            return minutes if self.kind == "overlap" else int(minutes > 0)
        if self.kind == "not_together":
            return self.gap - (end_a - start_a if (start_a, end_a) == (start_b, end_b) else 0)
        if self.kind == "late":
            return max(0, end_a + self.gap - start_b)
        if self.kind == "late_count":
            return int(end_a + self.gap > start_b)
        return abs(start_b - (end_a if self.kind == "gap_error" else start_a) - self.gap)
