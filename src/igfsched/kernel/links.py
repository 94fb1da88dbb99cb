"""Primitives about two sessions, gathered by session: what all others ask of one, in a few array operations.

- `Link`: one primitive (or one pair of a count of pairs) seen from one of its two sessions.
- `Links`: the links of one session as arrays.
- `clashing`: where two sessions, neither of which is anywhere, cannot both be.

A count of pairs over few sessions on an axis of ticks is the overlap of each two of them, so persons
and tags need no array over time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from attrs import define, field

from igfsched.facts import Bools, Facts, Ints
from igfsched.kernel.options import Options
from igfsched.primitives import Axis, Pair, Tally
from igfsched.primitives.arrays import beside

FEW = 12
"""Members up to which a count of pairs is taken apart."""

OVERLAP, LATE, ERROR, SAME, DIFFER, DISTANCE, OTHER = range(7)


class Link(NamedTuple):
    """What `other` means for a session. `tier` is an index of tiers, -1 if the rule is hard.

    - OVERLAP: minutes shared, the session lengthened by `before` and `after`, the other by `their_before` and
      `their_after`.
    - LATE, ERROR: `sign` x (own edge - other's edge) + `gap`, if above 0, or either way; an edge is an end
      (`own_end`, `their_end`) or a start.
    - SAME, DIFFER, DISTANCE: of their classes on `axis`.
    - OTHER: what `pair` says.
    """

    kind: int
    other: int
    tier: int
    weight: int
    before: int = 0
    after: int = 0
    their_before: int = 0
    their_after: int = 0
    sign: int = 0
    gap: int = 0
    own_end: bool = False
    their_end: bool = False
    axis: Axis | None = None
    pair: Pair | None = None


def links_of(facts: Facts, primitive: Pair | Tally, tier: int, weight: int) -> Iterator[tuple[int, Link]]:
    """Yield the links of a primitive, each with the session that it belongs to."""
    if isinstance(primitive, Tally):
        axis = primitive.axis
        pads = {s: (_minutes(facts, axis.before, s), _minutes(facts, axis.after, s)) for s in primitive.members}
        for a, b in combinations(primitive.members, 2):
            yield a, Link(OVERLAP, b, tier, weight, *pads[a], *pads[b])
            yield b, Link(OVERLAP, a, tier, weight, *pads[b], *pads[a])
        return
    a, b, gap = primitive.first, primitive.second, primitive.gap
    if primitive.scale != 1 or primitive.kind in ("matrix", "late_count"):
        yield a, Link(OTHER, b, tier, weight, pair=primitive)
        yield b, Link(OTHER, a, tier, weight, pair=primitive)
    elif primitive.kind == "overlap":
        yield a, Link(OVERLAP, b, tier, weight, 0, gap, 0, gap)
        yield b, Link(OVERLAP, a, tier, weight, 0, gap, 0, gap)
    elif primitive.kind == "late":  # own end + gap - their start, and their end + gap - own start
        yield a, Link(LATE, b, tier, weight, sign=1, gap=gap, own_end=True)
        yield b, Link(LATE, a, tier, weight, sign=-1, gap=gap, their_end=True)
    elif primitive.kind in ("gap_error", "start_distance"):
        end = primitive.kind == "gap_error"
        yield a, Link(ERROR, b, tier, weight, sign=1, gap=gap, own_end=end)
        yield b, Link(ERROR, a, tier, weight, sign=-1, gap=gap, their_end=end)
    elif primitive.kind == "class_distance":
        yield a, Link(DISTANCE, b, tier, weight, sign=1, gap=gap, axis=primitive.axis)
        yield b, Link(DISTANCE, a, tier, weight, sign=-1, gap=gap, axis=primitive.axis)
    else:
        kind = SAME if primitive.kind == "same" else DIFFER
        yield a, Link(kind, b, tier, weight, axis=primitive.axis)
        yield b, Link(kind, a, tier, weight, axis=primitive.axis)


def _minutes(facts: Facts, pad: Ints | int, session: int) -> int:
    return facts.tick * (pad if isinstance(pad, int) else int(pad[session]))


def can_be_taken_apart(tally: Tally) -> bool:
    """Whether a count is the overlap of each two of a few sessions."""
    axis = tally.axis
    return (tally.count.kind == "pairs" and tally.demand is None and axis.of_tick is None and axis.room_class is None
            and axis.marks is None and not tally.footprints and len(tally.members) <= FEW)


@define(eq=False)
class Standing:
    """Where all sessions are now: `variant`, `start` (tick; -1: nowhere), minutes of start and end, by session."""

    variant: Ints
    start: Ints
    start_minute: Ints
    end_minute: Ints

    @classmethod
    def of(cls, facts: Facts, variant: Ints, start: Ints, sessions: Ints) -> Standing:
        """Return where some sessions are, the others being nowhere."""
        found = cls(*(np.full(facts.n, -1, dtype=np.int64) for _ in range(2)),
                    *(np.zeros(facts.n, dtype=np.int64) for _ in range(2)))
        found.variant[sessions], found.start[sessions] = variant[sessions], start[sessions]
        found.start_minute[sessions] = start[sessions] * facts.tick
        found.end_minute[sessions] = found.start_minute[sessions] + facts.variant_minutes[variant[sessions]]
        return found

    @contextmanager
    def at(self, session: int, variant: int, start: int, start_minute: int, end_minute: int) -> Iterator[None]:
        """Let a session, which is nowhere, stand at a place for a while."""
        self.variant[session], self.start[session] = variant, start
        self.start_minute[session], self.end_minute[session] = start_minute, end_minute
        try:
            yield
        finally:
            self.variant[session] = self.start[session] = -1
            self.start_minute[session] = self.end_minute[session] = 0

    def place(self, session: int) -> tuple[int, int]:
        """Return the variant and the start tick of a session, both -1 if it is nowhere."""
        return int(self.variant[session]), int(self.start[session])

    def copy(self) -> Standing:
        return Standing(self.variant.copy(), self.start.copy(), self.start_minute.copy(), self.end_minute.copy())

    def grow(self, more: int) -> None:
        """Make room for more sessions."""
        if more > 0:
            nowhere, never = np.full(more, -1, dtype=np.int64), np.zeros(more, dtype=np.int64)
            self.variant, self.start = np.append(self.variant, nowhere), np.append(self.start, nowhere)
            self.start_minute, self.end_minute = np.append(self.start_minute, never), np.append(self.end_minute, never)


@define(eq=False)
class Links:
    """The links of one session. Each kind is a block of parallel arrays; `groups` are the class links by axis."""

    links: list[Link]
    overlaps: list[Link] = field(init=False)
    edges: list[Link] = field(init=False)
    groups: list[tuple[Axis, int, list[Link]]] = field(init=False)
    others: list[Link] = field(init=False)
    order: list[Link] = field(init=False)
    other: Ints = field(init=False)
    tier: Ints = field(init=False)
    weight: Ints = field(init=False)
    _columns: tuple[Any, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.overlaps = [link for link in self.links if link.kind == OVERLAP]
        self.edges = [link for link in self.links if link.kind in (LATE, ERROR)]
        by_axis: dict[tuple[int, int], list[Link]] = {}
        for link in self.links:
            if link.kind in (SAME, DIFFER, DISTANCE):
                by_axis.setdefault((id(link.axis), link.kind), []).append(link)
        self.groups = [(links[0].axis, links[0].kind, links) for links in by_axis.values()]  # type: ignore[misc]
        self.others = [link for link in self.links if link.kind == OTHER]
        self.order = [*self.overlaps, *self.edges, *(link for _, _, links in self.groups for link in links),
                      *self.others]
        table = np.array([link[1:12] for link in self.order], dtype=np.int64).reshape(-1, 11)
        self.other, self.tier, self.weight = table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy()
        self._columns = tuple(table[:, column, None] for column in range(3, 11))
        self._late = np.array([link.kind == LATE for link in self.edges], dtype=bool)[:, None]

    _late: Any = field(init=False)

    def __len__(self) -> int:
        return len(self.order)

    def measures(self, options: Options, standing: Standing, rows: Ints | None = None) -> Ints:
        """Return what each link measures at each option, the others where they stand: `(links, options)`."""
        found = np.zeros((len(self.order), len(options)), dtype=np.int64)
        n, m = len(self.overlaps), len(self.edges)
        before, after, their_before, their_after, sign, gap, own_end, their_end = self._columns
        start, end = options.start_minute, options.end_minute
        there = (standing.variant[self.other] >= 0)[:, None]
        if n:
            low = (standing.start_minute[self.other[:n]])[:, None] - their_before[:n]
            high = (standing.end_minute[self.other[:n]])[:, None] + their_after[:n]
            shared = np.minimum(end + after[:n], high) - np.maximum(start - before[:n], low)
            found[:n] = np.where(there[:n], np.maximum(shared, 0), 0)
        if m:
            part = slice(n, n + m)
            other = self.other[part]
            theirs = np.where(their_end[part] == 1, standing.end_minute[other][:, None],
                              standing.start_minute[other][:, None])
            own = np.where(own_end[part] == 1, end, start)
            apart = sign[part] * (own - theirs) + gap[part]
            amount = np.where(self._late, np.maximum(apart, 0), np.abs(apart))
            found[part] = np.where(there[part], amount, 0)
        row = n + m
        for axis, kind, links in self.groups:
            part = slice(row, row + len(links))
            row += len(links)
            others = self.other[part]
            low, high = options.span(axis)
            touched = [_classes(axis, standing, int(s)) for s in others]
            first = np.array([span[0] for span in touched], dtype=np.int64)[:, None]
            last = np.array([span[1] for span in touched], dtype=np.int64)[:, None]
            if kind == DISTANCE:
                amount = np.abs(sign[part] * (low - first) + gap[part])
                both = (high > low) & (last > first)
                found[part] = np.where(there[part] & both, amount, 0)
            else:
                shared = np.minimum(high, last) > np.maximum(low, first)
                found[part] = there[part] & (shared if kind == SAME else ~shared)
        places = options.variant, options.tick
        for number, link in enumerate(self.others, row):
            if there[number, 0]:
                assert link.pair is not None
                at = int(standing.variant[link.other]), int(standing.start[link.other])
                found[number] = beside(link.pair, options.facts, options.session, places, *at)
        return found


def _classes(axis: Axis, standing: Standing, session: int) -> tuple[int, int]:
    if standing.variant[session] < 0:
        return 0, 0
    low, high = axis.span(int(standing.variant[session]), standing.start[session : session + 1])
    return int(low[0]), int(high[0])


def clashing(links: Iterable[Link], own: Options, other: Options) -> Bools:
    """Return at which places of two sessions some links, as the first one has them, measure anything.

    Shape `(own options, other's options)`.
    """
    found = np.zeros((len(own), len(other)), dtype=bool)
    for link in links:
        if link.kind == OVERLAP:
            high = np.minimum(own.end_minute[:, None] + link.after, other.end_minute + link.their_after)
            found |= high > np.maximum(own.start_minute[:, None] - link.before, other.start_minute - link.their_before)
        elif link.kind in (LATE, ERROR):
            mine = own.end_minute if link.own_end else own.start_minute
            theirs = other.end_minute if link.their_end else other.start_minute
            apart = link.sign * (mine[:, None] - theirs) + link.gap
            found |= apart > 0 if link.kind == LATE else apart != 0
        elif link.kind == OTHER:
            assert link.pair is not None
            for number, place in enumerate(zip(other.variant.tolist(), other.tick.tolist(), strict=True)):
                found[:, number] |= beside(link.pair, own.facts, own.session, (own.variant, own.tick), *place) > 0
        else:
            assert link.axis is not None
            (low, high), (first, last) = own.span(link.axis), other.span(link.axis)
            if link.kind == DISTANCE:
                both = (high > low)[:, None] & (last > first)
                found |= both & (link.sign * (low[:, None] - first) + link.gap != 0)
            else:
                shared = np.minimum(high[:, None], last) > np.maximum(low[:, None], first)
                found |= shared if link.kind == SAME else ~shared
    return found
