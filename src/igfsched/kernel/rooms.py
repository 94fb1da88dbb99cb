"""Rooms in a repair: which are free for a session when, and how few sessions have to change theirs.

- `RoomBoard`: who is in which room when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from copy import copy

import numpy as np
from attrs import define, field

from igfsched.facts import Bools, Facts, Ints
from igfsched.kernel.links import Standing
from igfsched.primitives import ByVariant, Table, Tally, Unit

MANY_SESSIONS = 8
"""Sessions from which on all who meet in rooms are looked for at once."""
Rooms = tuple[int, ...]
Closing = tuple[tuple[int, int, int], ...]
"""Rooms that are closed to a session at times: room, ticks of a length, identity of the array of hard costs.

Last comes the number of its lengths, as the times of a room -1; nothing at all if no room is ever closed.
"""
MANY = 1_000
"""More changes of rooms than there are ever."""


@define(eq=False)
class RoomBoard:
    """Rooms by index. `rooms[s]` are those of a session now, empty if it has none or they are not known.

    - `allowed`: where no hard table forbids a session a room, `(sessions, rooms)`.
    - `closed`: by (session, room): hard costs of being there by variant and start.
    - `prices`, `price_times`: the same for soft tables, by tier.
    - `changeover`: ticks that a room is idle after a session, -1 where sessions may share it, `(rooms,)`.
    - `told`: reference rooms, empty where not known. `need`: how many rooms a session needs.
    - `counts`: hard counts of a session's own rooms. `strayed`: who is in other rooms than told.
    """

    facts: Facts
    n_rooms: int
    need: list[int] = field(factory=list)
    allowed: Bools = field(init=False)
    changeover: Ints = field(init=False)
    closed: dict[int, dict[int, ByVariant]] = field(factory=dict)
    prices: dict[int, Ints] = field(factory=dict)
    price_times: dict[int, dict[int, list[tuple[int, ByVariant]]]] = field(factory=dict)
    rooms: list[Rooms] = field(factory=list)
    told: list[Rooms] = field(factory=list)
    inside: Bools = field(init=False)
    counts: dict[int, list[Tally]] = field(factory=dict)
    strayed: set[int] = field(factory=set)
    closings: dict[int, Closing] = field(factory=dict)
    _sure: tuple[Collection[Closing], Bools] | None = None

    def __attrs_post_init__(self) -> None:
        n = self.facts.n
        self.allowed = np.ones((n, self.n_rooms), dtype=bool)
        self.changeover = np.full(self.n_rooms, -1, dtype=np.int64)
        self.inside = np.zeros((self.n_rooms, n), dtype=bool)
        self.rooms = [()] * n
        self.told = [()] * n
        self.need = [0] * n

    # -- what rules say ------------------------------------------------------------------------

    def grow(self, n: int) -> None:
        """Make room for more sessions."""
        more = n - len(self.rooms)
        if more > 0:
            self.allowed = np.vstack([self.allowed, np.ones((more, self.n_rooms), dtype=bool)])
            self.inside = np.hstack([self.inside, np.zeros((self.n_rooms, more), dtype=bool)])
            self.rooms += [()] * more
            self.told += [()] * more
            self.need += [0] * more

    def copy(self, facts: Facts) -> RoomBoard:
        """Return a board of rooms that can be changed without changing this one; there may be more rooms now."""
        other = copy(self)
        other.facts, other.n_rooms = facts, len(facts.programme.rooms)
        for name in ("need", "rooms", "told", "closed", "prices", "price_times", "counts", "strayed", "closings"):
            setattr(other, name, copy(getattr(self, name)))
        more = other.n_rooms - self.n_rooms
        other.allowed = np.pad(self.allowed, ((0, 0), (0, more)), constant_values=True)
        other.inside = np.pad(self.inside, ((0, more), (0, 0)))
        other.changeover = np.pad(self.changeover, (0, more), constant_values=-1)
        if more:
            other._sure = None
        return other

    def read(self, session: int, tables: Iterable[tuple[Unit, Table]], tier_index: dict[int, int]) -> None:
        """Take in what the tables of a session say of rooms."""
        if not self.n_rooms:
            return
        self.allowed[session] = True
        self.closed.pop(session, None)
        self.prices.pop(session, None)
        self.price_times.pop(session, None)
        for unit, table in tables:
            if table.rooms is not None:
                if unit.rule.hard:
                    self.allowed[session] &= table.rooms == 0
                elif table.rooms.any():
                    prices = self.prices.setdefault(
                        session, np.zeros((len(tier_index), self.n_rooms), dtype=np.int64))
                    prices[tier_index[unit.rule.tier]] += unit.rule.weight * table.rooms
            for room, by_variant in table.room_time.items():
                if unit.rule.hard:
                    known = self.closed.setdefault(session, {})
                    known[room] = _sum(known[room], by_variant) if room in known else by_variant
                else:
                    weighed = {v: unit.rule.weight * cost for v, cost in by_variant.items()}
                    self.price_times.setdefault(session, {}).setdefault(room, []).append(
                        (tier_index[unit.rule.tier], weighed))
        found = sorted((room, int(self.facts.variant_ticks[variant]), id(cost))
                       for room, by_variant in self.closed.get(session, {}).items()
                       for variant, cost in by_variant.items())
        self.closings[session] = (*found, (-1, len(self.facts.variants[session]), 0)) if found else ()

    def share(self, tally: Tally) -> None:
        """Take in that rooms hold one session at a time."""
        classes = tally.axis.room_class
        assert classes is not None
        after = tally.axis.after if isinstance(tally.axis.after, int) else int(tally.axis.after.max())
        own = classes >= 0
        self.changeover[own] = np.maximum(self.changeover[own], after)

    @property
    def priced(self) -> bool:
        """Whether it costs something in the score which room is taken."""
        return bool(self.prices or self.price_times)

    # -- state ---------------------------------------------------------------------------------

    def take(self, session: int, rooms: Rooms) -> None:
        """Put a session into rooms."""
        self.rooms[session] = rooms
        for room in rooms:
            self.inside[room, session] = True
        if rooms and self.told[session] and rooms != self.told[session]:
            self.strayed.add(session)

    def leave(self, session: int) -> Rooms:
        """Take a session out of its rooms and return them."""
        rooms = self.rooms[session]
        for room in rooms:
            self.inside[room, session] = False
        self.rooms[session] = ()
        self.strayed.discard(session)
        return rooms

    # -- questions -----------------------------------------------------------------------------

    def open_at(self, session: int, room: int, variant: int, start: int) -> bool:
        """Whether a room is allowed and not closed to a session at a place."""
        if not self.allowed[session, room]:
            return False
        closed = self.closed.get(session, {}).get(room)
        return closed is None or variant not in closed or not closed[variant][start]

    def cost(self, session: int, rooms: Rooms, variant: int, start: int, tiers: int) -> Ints:
        """Return what rooms cost a session at a place, by tier."""
        found = np.zeros(tiers, dtype=np.int64)
        for room in rooms:
            if session in self.prices:
                found += self.prices[session][:, room]
            for tier, by_variant in self.price_times.get(session, {}).get(room, ()):
                if variant in by_variant:
                    found[tier] += by_variant[variant][start]
        return found

    def could_house(self, session: int) -> bool:
        """Whether there are as many rooms as a session needs that it may use at all."""
        return not self.need[session] or int(self.allowed[session].sum()) >= self.need[session]

    def closing(self, session: int) -> Closing:
        """Return what tells when rooms are closed to a session, to be compared: rooms, lengths and arrays."""
        return self.closings.get(session, ())

    def surely_closed(self, sessions: Sequence[int]) -> Bools:
        """Return when rooms are closed to all of some sessions, shape `(rooms, ticks + 1)`.

        A tick is surely closed if whoever covers it starts when the room cannot be had.
        """
        facts = self.facts
        some = {self.closings.get(session, ()): session for session in sessions} if self.closed else {}
        some = some or {(): -1}
        if self._sure is not None and self._sure[0] == some.keys():
            return self._sure[1]
        found = np.zeros((self.n_rooms, facts.n_ticks + 1), dtype=bool)
        ticks = np.arange(facts.n_ticks)
        for room in set.intersection(*({room for room, _, _ in closing if room >= 0} for closing in some)):
            arrays: dict[int, tuple[int, Ints]] = {}
            for session in some.values():
                closed = self.closed[session][room]
                if not all(variant in closed for variant in facts.variants[session]):
                    arrays = {}
                    break
                arrays.update((id(cost), (variant, cost)) for variant, cost in closed.items())
            if arrays:
                found[room, :-1] = True
                for variant, cost in arrays.values():
                    length = int(facts.variant_ticks[variant])
                    possible = np.concatenate([[0], np.cumsum(cost[: facts.n_ticks] == 0)])
                    # Starts from tick - length + 1 up to the tick itself cover it.
                    found[room, :-1] &= possible[ticks + 1] == possible[np.maximum(ticks - length + 1, 0)]
        self._sure = some.keys(), found
        return found

    def suits(self, session: int, rooms: Rooms) -> bool:
        """Whether the hard counts of a session's own rooms let it have these together."""
        for tally in self.counts.get(session, ()):
            classes = tally.axis.room_class
            assert classes is not None
            own = classes[list(rooms)]
            if any(tally.count.cost(int(number), 0) for number in np.bincount(own[own >= 0])):
                return False
        return True

    def in_the_way(self, room: int, start: int, end: int, standing: Standing, but: int) -> Ints:
        """Return the sessions in a room that a session (not `but`) from `start` to `end` (ticks) would meet."""
        changeover = int(self.changeover[room])
        if changeover < 0:
            return np.empty(0, dtype=np.int64)
        tick = self.facts.tick
        low, high = start * tick, (end + changeover) * tick
        meets = (self.inside[room] & (standing.start_minute < high)
                 & (standing.end_minute + changeover * tick > low))
        found = np.flatnonzero(meets)
        there: Ints = found[found != but]
        return there

    def met(self, session: int, standing: Standing) -> set[int]:
        """Return the sessions that a session meets in its rooms, where it is; nobody if it is nowhere."""
        variant, start = standing.place(session)
        if variant < 0:
            return set()
        end = start + int(self.facts.variant_ticks[variant])
        return {other for room in self.rooms[session]
                for other in self.in_the_way(room, start, end, standing, session).tolist()}

    def free(self, room: int, session: int, variants: Ints, starts: Ints, ends: Ints, standing: Standing) -> Bools:
        """Return at which places a room is allowed, open and free for a session (which is in no room now)."""
        if not self.allowed[session, room]:
            return np.zeros(len(starts), dtype=bool)
        changeover = int(self.changeover[room])
        found = np.ones(len(starts), dtype=bool)
        if changeover >= 0:
            inside = np.flatnonzero(self.inside[room])
            begun = np.sort(standing.start_minute[inside]) // self.facts.tick
            ended = np.sort(standing.end_minute[inside]) // self.facts.tick + changeover
            found = np.searchsorted(begun, ends + changeover, "left") == np.searchsorted(ended, starts, "right")
        closed = self.closed.get(session, {}).get(room)
        if closed is not None:
            for variant, cost in closed.items():
                own = variants == variant
                found[own] &= cost[starts[own]] == 0
        return found

    def blocked(self, room: int, starts: Ints, ends: Ints, standing: Standing, but: Ints) -> Bools:
        """Return where somebody is in a room at a time (ticks), one session apart: another one for each time.

        Who was told no room, and could leave for nothing, does not count.
        """
        pause = int(self.changeover[room])
        if pause < 0:
            return np.zeros(len(starts), dtype=bool)
        inside = np.flatnonzero(self.inside[room])
        inside = np.array([s for s in inside.tolist() if self.told[s]], dtype=np.int64)
        tick = self.facts.tick
        begun = np.sort(standing.start[inside])
        ended = np.sort(standing.end_minute[inside] // tick + pause)
        number = np.searchsorted(begun, ends + pause, "left") - np.searchsorted(ended, starts, "right")
        there = self.inside[room, but] & (standing.start[but] < ends + pause) & (
            standing.end_minute[but] // tick + pause > starts)
        met: Bools = number - there > 0
        return met

    def least_changes(
        self, session: int, variants: Ints, starts: Ints, ends: Ints, standing: Standing, kept: frozenset[int],
    ) -> Ints:
        """Return a lower bound of the sessions that change rooms when one (which is nowhere) comes to each place.

        It clears the room that it gets: whoever is there then changes rooms, and somebody else as well where
        one of these finds no other room free. Whether it itself changes rooms is counted too.
        """
        told = self.told[session]
        if not told:
            return np.zeros(len(starts), dtype=np.int64)
        if self.need[session] != 1 or self.strayed or session in self.counts or (self.changeover < 0).any():
            found = np.ones(len(starts), dtype=bool)
            for room in told:
                found &= self.free(room, session, variants, starts, ends, standing)
            return np.zeros(len(starts), dtype=np.int64) if self.strayed else (~found).astype(np.int64)
        best = np.full(len(starts), MANY, dtype=np.int64)
        for room in (*told, *(r for r in range(self.n_rooms) if r not in told)):
            if not best.min(initial=MANY):
                break
            if not self.allowed[session, room]:
                continue
            pause = int(self.changeover[room])
            inside = np.flatnonzero(self.inside[room])
            inside = inside[np.argsort(standing.start[inside], kind="stable")]
            begun, ended = standing.start[inside], standing.end_minute[inside] // self.facts.tick + pause
            # In a room without clashes sessions end in the order in which they begin.
            first, last = np.searchsorted(ended, starts, "right"), np.searchsorted(begun, ends + pause, "left")
            cost = last - first + (room not in told)
            held = np.array([s in kept for s in inside.tolist()], dtype=bool)
            untold = ~held & np.array([not self.told[s] for s in inside.tolist()], dtype=bool)
            cost -= _between(untold, first, last)  # these change for nothing
            stuck = ~held & ~self._has_other_room(inside, room, standing)
            cost += _between(stuck, first, last) > 0
            cost[_between(held, first, last) > 0] = MANY
            closed = self.closed.get(session, {}).get(room)
            if closed is not None:
                for variant, hard in closed.items():
                    own = np.flatnonzero(variants == variant)
                    cost[own[hard[starts[own]] > 0]] = MANY
            best = np.minimum(best, cost)
        return best

    def _has_other_room(self, sessions: Ints, room: int, standing: Standing) -> Bools:
        """Return which sessions of a room would find another one free (closed or not)."""
        found = np.zeros(len(sessions), dtype=bool)
        starts, ends = standing.start[sessions], standing.end_minute[sessions] // self.facts.tick
        for other in range(self.n_rooms):
            if other != room:
                pause = int(self.changeover[other])
                inside = np.flatnonzero(self.inside[other])
                begun = np.sort(standing.start[inside])
                ended = np.sort(standing.end_minute[inside] // self.facts.tick + pause)
                free = np.searchsorted(begun, ends + pause, "left") == np.searchsorted(ended, starts, "right")
                found |= free & self.allowed[sessions, other]
        single = np.array([self.need[s] == 1 for s in sessions.tolist()], dtype=bool)
        free_somewhere: Bools = found | ~single
        return free_somewhere

    def changes(self, session: int, rooms: Rooms) -> int:
        """Return 1 if these rooms are others than told."""
        return int(bool(self.told[session]) and rooms != self.told[session])

    def wrong(self, standing: Standing, sessions: Iterable[int]) -> list[int]:
        """Return those of some sessions that cannot stay in their rooms: closed, forbidden, taken twice, too few."""
        those = [s for s in sessions if standing.variant[s] >= 0 and self.need[s]]
        meeting = self._meeting(standing) if len(those) > MANY_SESSIONS else None
        found = []
        for session in those:
            variant, start = int(standing.variant[session]), int(standing.start[session])
            end = start + int(self.facts.variant_ticks[variant])
            rooms = self.rooms[session]
            if len(rooms) != self.need[session] or not self.suits(session, rooms) or not all(
                self.open_at(session, room, variant, start) for room in rooms
            ) or (meeting[session] if meeting is not None else any(
                len(self.in_the_way(room, start, end, standing, session)) for room in rooms
            )):
                found.append(session)
        return found

    def _meeting(self, standing: Standing) -> Bools:
        """Return which sessions meet somebody in one of their rooms."""
        found = np.zeros(self.inside.shape[1], dtype=bool)
        for room in np.flatnonzero(self.changeover >= 0).tolist():
            inside = np.flatnonzero(self.inside[room])
            inside = inside[np.argsort(standing.start_minute[inside], kind="stable")]
            if len(inside) > 1:
                begun = standing.start_minute[inside]
                ended = standing.end_minute[inside] + int(self.changeover[room]) * self.facts.tick
                found[inside[1:]] |= np.maximum.accumulate(ended)[:-1] > begun[1:]
                found[inside[:-1]] |= ended[:-1] > begun[1:]
        return found


def _between(marked: Bools, first: Ints, last: Ints) -> Ints:
    """Return how many are marked from `first` up to `last`, for each pair of these."""
    sums = np.concatenate([[0], np.cumsum(marked)])
    found: Ints = sums[np.maximum(last, first)] - sums[first]
    return found


def _sum(one: ByVariant, other: ByVariant) -> ByVariant:
    return {v: one[v] + other[v] if v in one and v in other else one[v] if v in one else other[v]
            for v in {*one, *other}}
