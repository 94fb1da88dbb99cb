"""Where places touch classes: what counts, pairs and footprints are stated on.

- `Axis`: maps a place to *classes* (ticks that a session covers, its day, its room, or room x tick).
- `slot_starts`: whether spans are slots, any two of which are the same or have nothing in common.
- `covered`, `wanted`: what spans ask for in each class, all of them or one of each owner.
- `ticks`, `days`: the axes that most rules are stated on.
- `ByVariant`: an integer for each start tick, by variant.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from attrs import field, frozen

from igfsched.facts import Facts, Ints, Places
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
    room class. `width` is the minutes that one class stands for. With `minutes`, only sessions that take so long
    touch anything.

    With `marks`, the number of marked ticks before each, shape `(ticks + 1,)`, a session that covers a marked tick
    touches `longer` more of them at its end. Only where every tick is a class, and rooms do not count.

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
    minutes: int | None = None
    marks: Ints | None = None
    longer: int = 0

    def __attrs_post_init__(self) -> None:
        if self.marks is not None and not (self.of_tick is None and self.room_class is None):
            raise ValueError("sessions are longer after marks only where every tick is a class, whatever the room")

    @property
    def padded(self) -> bool:
        """Whether some session may touch other ticks than those that it covers."""
        return bool(np.any(self.before) or np.any(self.after)) or self.marks is not None

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
        if self.minutes is not None and self.facts.variant_minutes[variant] != self.minutes:
            return np.zeros_like(ticks), np.zeros_like(ticks)
        if self.of_tick is not None:
            first = self.of_tick[ticks]
            return np.maximum(first, 0), np.where(first >= 0, first + self.reach, 0)
        session = int(self.facts.variant_session[variant])
        first = ticks - self._pad(self.before, session)
        last = ticks + self.facts.variant_ticks[variant] + self._pad(self.after, session)
        if self.marks is not None:
            last += self.more(ticks, self.facts.variant_ticks[variant])
        return np.maximum(first, 0), np.minimum(last, self.facts.n_ticks)

    def more(self, ticks: Ints, lengths: Ints) -> Ints:
        """Return the ticks that sessions of some lengths, in ticks, touch at their end because of the marks."""
        assert self.marks is not None
        ends = np.minimum(ticks + lengths, self.facts.n_ticks)
        return np.where(self.marks[ends] > self.marks[ticks], self.longer, 0)

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
        classes = self.room_classes
        for room in places.rooms[session]:
            kind = int(self.room_class[room])
            if kind >= 0:
                yield from (time * classes + kind for time in times)


def slot_starts(low: Ints, high: Ints) -> Ints | None:
    """Return where the distinct ones of some half-open spans begin, ascending, if no two of them overlap; else None."""
    if not len(low):
        return np.empty(0, dtype=np.int64)
    base, width = int(low.min()), int(high.max()) - int(low.min()) + 1
    spans = np.unique((low - base) * width + (high - base))
    first, last = spans // width + base, spans % width + base
    return None if (first[1:] < last[:-1]).any() else first


def ticks(facts: Facts, name: str = "tick", **pads: Ints | int) -> Axis:
    """Return the axis of all ticks that a session covers; the same one as long as no length changes."""
    if pads:
        return Axis(facts=facts, name=name, width=facts.tick, **pads)  # type: ignore[arg-type]
    return facts.lengths.remember(("ticks", name), lambda: Axis(facts=facts, name=name, width=facts.tick))


def days(facts: Facts) -> Axis:
    """Return the axis of programme days; the same one as long as no length changes."""
    return facts.lengths.remember("days", lambda: Axis(facts=facts, name="day", of_tick=facts.day_of_tick))


def covered(low: Ints, high: Ints, units: Ints | int, size: int) -> Ints:
    """Return, for each of `size` classes, the units of the ranges `[low, high)` that it lies in, added up."""
    steps = np.zeros(size + 1, dtype=np.int64)
    np.add.at(steps, low, units)
    np.add.at(steps, np.maximum(high, low), -units)
    return np.cumsum(steps)[:-1]


def wanted(low: Ints, high: Ints, owner: Ints, units: Ints, size: int) -> Ints:
    """Return the most that members can ask for in each class, one candidate of each owner at a time."""
    most = np.zeros(size, dtype=np.int64)
    edges = np.flatnonzero(np.diff(owner, prepend=-1, append=-1))
    for begin, end in pairwise(edges):
        most += units[begin] * (covered(low[begin:end], high[begin:end], 1, size) > 0)
    return most
