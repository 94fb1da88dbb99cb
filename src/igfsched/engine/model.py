"""A CP-SAT model over candidates: variables, and the literals that primitives ask for. Written in bulk.

One Boolean for each candidate (a session's variant at a start); a Boolean for leaving a session out; the
pool of each room that a session needs, where it has a choice. Everything else (days, order, intervals) is
made when a primitive asks for it, once. How primitives use it stands in `igfsched.engine.encode`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from igfsched.engine.candidates import Candidates
from igfsched.engine.rooms import Pools, assign_in_slots, assign_rooms, one_at_a_time, unions
from igfsched.engine.slots import live
from igfsched.engine.still import Still
from igfsched.engine.writing import Linear, Writer
from igfsched.facts import Ints, Places
from igfsched.lowering import HARD, Lowered
from igfsched.primitives import Axis, Tally, looks_at_rooms


class Model(Writer):
    """A CP-SAT model of some candidates. `encode.build` makes one; then choose a tier and solve.

    `partial`: sessions may be left out, at a cost in tier `HARD`.
    `rooms`: given rooms by session (an empty tuple: not known); others are chosen.
    `still`: sessions that are constants of the model; each room is then told apart from every other.
    `asked`: the rooms of `requests` by session. `made`: what terms have in common, by what it was made of.
    """

    def __init__(
        self, candidates: Candidates, *, partial: bool = False, rooms: dict[int, tuple[int, ...]] | None = None,
        still: Still | None = None,
    ) -> None:
        super().__init__()
        self.lowered: Lowered = candidates.lowered
        self.facts = self.lowered.facts
        self.candidates = candidates
        self.partial = partial
        self.still = still
        self.given_rooms = rooms or {}
        self.costs: dict[int, Linear] = {tier: ([], []) for tier in (HARD, *self.lowered.tiers)}
        self.constants: dict[int, int] = dict.fromkeys(self.costs, 0)
        self.by_last: dict[int, list[int]] | None = None
        self._spans: dict[int, tuple[Ints, Ints]] = {}
        self._axes: list[Axis] = []
        self._days: dict[tuple[int, int], dict[int, int]] = {}
        self._ends: dict[tuple[int, str], dict[int, int]] = {}
        self._intervals: dict[tuple[int, int, int, int], int] = {}
        self._starts: dict[int, int] = {}
        self.first = candidates.first
        self._add_candidates()
        self.pools = Pools(self.lowered, split=bool(self.given_rooms) or still is not None)
        self.requests: list[tuple[int, dict[int, int | None]]] = []
        self.in_slots = still is None and self._in_slots()
        """Whether sessions run at the same time or not at all, and counts say whether there are rooms for them."""
        if still is None:
            self._add_rooms()
        else:
            self._add_single_rooms(still)
        self.asked: dict[int, list[dict[int, int | None]]] = {}
        for session, choice in self.requests:
            self.asked.setdefault(session, []).append(choice)
        self.made: dict[object, Any] = {}

    def pay(self, tier: int, variables: Iterable[int], prices: Iterable[int]) -> None:
        """Add price x variable to the cost of a tier."""
        self.costs[tier][0].extend(variables)
        self.costs[tier][1].extend(prices)

    # -- candidates ----------------------------------------------------------------------------

    def _add_candidates(self) -> None:
        candidates = self.candidates
        self.booleans(len(candidates))
        self.absent: list[int | None] = [None] * self.facts.n
        for session, _ in live(self.facts):
            if self.still is not None and session in self.still:
                continue
            literals = list(range(self.first[session], self.first[session + 1]))
            if self.partial:
                self.absent[session] = self.booleans(1)[0]
                literals.append(self.absent[session])  # type: ignore[arg-type]
                self.pay(HARD, [self.absent[session]], [int(self.lowered.absent[session])])  # type: ignore[list-item]
            if not literals:
                self.contradict()
            self.exactly_one(literals)
        for tier, prices in candidates.prices.items():
            paid = np.flatnonzero(prices)
            self.pay(tier, paid.tolist(), prices[paid].tolist())

    def of(self, session: int) -> range:
        """Return the variables of a session's candidates."""
        return range(self.first[session], self.first[session + 1])

    def members(self, sessions: Iterable[int]) -> Ints:
        """Return the variables of the candidates of some sessions."""
        ranges = [np.arange(self.first[s], self.first[s + 1]) for s in sessions]
        return np.concatenate(ranges) if ranges else np.empty(0, dtype=np.int64)

    def spans(self, axis: Axis) -> tuple[Ints, Ints]:
        """Return the time classes of an axis that each candidate touches; computed once for each axis."""
        if id(axis) not in self._spans:
            self._spans[id(axis)] = self.candidates.spans(axis)
            self._axes.append(axis)
        return self._spans[id(axis)]

    def placed(self, session: int) -> Linear:
        """Return 'the session has a place' as terms; a constant 1 is the caller's where nobody may be left out."""
        absent = self.absent[session]
        return ([], []) if absent is None else ([absent], [-1])

    # -- rooms ---------------------------------------------------------------------------------

    def _add_rooms(self) -> None:
        """For each room that a session needs: the pools it may be from, each with a literal (None: for sure)."""
        if not self.lowered.programme.rooms:
            return
        for session, value in live(self.facts):
            if session in self.given_rooms:
                for room in self.given_rooms[session]:
                    if not self.lowered.room_allowed[session, room]:
                        self.leave_out(session)
                    self.requests.append((session, {self.pools.of_room[room]: None}))
                continue
            allowed = np.flatnonzero(self.pools.allowed[session]).tolist()
            if sum(len(self.pools.rooms[pool]) for pool in allowed) < value.room_count:
                self.leave_out(session)
                continue
            choices: list[dict[int, int | None]] = []
            for _ in range(value.room_count):
                if len(allowed) == 1 or self.in_slots:
                    choices.append(dict.fromkeys(allowed))
                    continue
                literals = self.booleans(len(allowed))
                absent = self.absent[session]
                self.exactly_one(
                    [*literals, *([] if absent is None else [absent])])
                choices.append(dict(zip(allowed, literals, strict=True)))
            if value.room_count > 1:
                self._distinct_rooms(choices)
            self.requests += [(session, choice) for choice in choices]

    def _in_slots(self) -> bool:
        """Say whether rooms need no choice: one each, none dearer than another, and times that are equal or apart."""
        pools, lowered = self.pools, self.lowered
        changeover = int(pools.changeover.max(initial=-1))
        if self.given_rooms or len(pools.rooms) < 2 or (pools.changeover < 0).any() or lowered.room_times or any(
                price.any() for price in lowered.room_prices.values()):
            return False
        if any(value.room_count > 1 for _, value in live(self.facts)) or any(
                looks_at_rooms(term.primitive) and not (isinstance(term.primitive, Tally)
                                                   and one_at_a_time(term.primitive, self.facts))
                for term in lowered.terms):
            return False
        allowed = {tuple(np.flatnonzero(row).tolist()) for row in pools.allowed}
        return self.candidates.in_slots(changeover) and unions(one for one in allowed if one) is not None

    def _add_single_rooms(self, still: Still) -> None:
        """For each session that may choose its rooms: a literal for each of them (None: it has no choice)."""
        if not self.lowered.programme.rooms:
            return
        for session, value in live(self.facts):
            if session not in still.roaming if session in still else not len(self.of(session)):
                continue
            allowed = np.flatnonzero(self.lowered.room_allowed[session]).tolist()
            choice: dict[int, int | None] = dict.fromkeys(allowed)
            if len(allowed) < value.room_count:
                self.leave_out(session)
                continue
            if len(allowed) > value.room_count:
                choice = dict(zip(allowed, self.booleans(len(allowed)), strict=True))
                absent = self.absent[session]
                all_of: Linear = (list(choice.values()), [1] * len(choice))  # type: ignore[arg-type]
                if absent is not None:
                    all_of = ([*all_of[0], absent], [*all_of[1], value.room_count])
                if value.room_count == 1:
                    self.exactly_one(all_of[0])
                else:
                    self.linear(all_of, value.room_count, value.room_count)
            self.requests.append((session, choice))

    def _distinct_rooms(self, choices: list[dict[int, int | None]]) -> None:
        for pool, rooms in enumerate(self.pools.rooms):
            literals = [choice[pool] for choice in choices if choice.get(pool) is not None]
            if len(literals) > len(rooms):
                self.linear((literals, [1] * len(literals)), high=len(rooms))  # type: ignore[arg-type]

    def leave_out(self, session: int) -> None:
        """Demand that a session has no place."""
        absent = self.absent[session]
        if absent is None:
            self.contradict()
        else:
            self.linear(([absent], [1]), low=1)

    # -- what primitives ask for ---------------------------------------------------------------

    def class_literals(self, session: int, axis: Axis) -> dict[int, int]:
        """Return, by class of an axis with `of_tick`, a literal for 'the session touches it'."""
        key = (session, id(axis))
        if key not in self._days:
            low, high = self.spans(axis)
            own = self.of(session)
            by_class: dict[int, list[int]] = {}
            for variable in own:
                for kind in range(int(low[variable]), int(high[variable])):
                    by_class.setdefault(kind, []).append(variable)
            found = {}
            for kind, variables in sorted(by_class.items()):
                if len(variables) == 1:
                    found[kind] = variables[0]
                else:
                    literal = self.booleans(1)[0]
                    self.exactly_one([*variables, -literal - 1])
                    self.rows.append((([literal, *variables], [1] + [-1] * len(variables)), 0, 0))
                    found[kind] = literal
            self._days[key] = found
        return self._days[key]

    def no_later(self, session: int, end: bool, tick: int) -> Linear:
        """Return 'the session has a place and starts (or ends) at or before a tick' as terms."""
        key = (session, "end" if end else "start")
        known = self._ends.setdefault(key, {})
        if tick not in known:
            own = np.array(self.of(session), dtype=np.int64)
            at = self._edge(own, end)
            below = max((other for other in known if other < tick), default=None)
            new = own[(at <= tick) & (at > below)] if below is not None else own[at <= tick]
            literal = self.booleans(1)[0]
            terms: Linear = ([literal, *new.tolist()], [1] + [-1] * len(new))
            if below is not None:
                terms[0].append(known[below])
                terms[1].append(-1)
            self.linear(terms, 0, 0)
            known[tick] = literal
        return [known[tick]], [1]

    def _edge(self, own: Ints, end: bool) -> Ints:
        ticks = self.candidates.tick[own]
        return ticks + self.facts.variant_ticks[self.candidates.variant[own]] if end else ticks

    def start(self, session: int) -> int:
        """Return an integer variable for the start tick; the first candidate's where the session is left out."""
        if session not in self._starts:
            own = self.of(session)
            ticks = self.candidates.tick[own.start : own.stop]
            low, high = (int(ticks.min()), int(ticks.max())) if len(own) else (0, 0)
            variable = self.integer(low, high)
            self.linear(([variable, *own], [1, *(low - ticks).tolist()]), low, low)
            self._starts[session] = variable
        return self._starts[session]

    def interval(self, session: int, axis: Axis) -> int:
        """Return an interval constraint for the ticks that a session covers on an axis, if it has a place."""
        low, high = self.spans(axis)
        own = self.of(session)
        tick = self.candidates.tick[own.start : own.stop]
        before = int((tick - low[own.start : own.stop]).max())
        lengths = high[own.start : own.stop] - tick + before
        key = (session, before, int(lengths.max()), id(axis.marks))
        if key not in self._intervals:
            absent = self.absent[session]
            presence = [] if absent is None else [-absent - 1]
            self._intervals[key] = self._add_interval(session, before, lengths, presence)
        return self._intervals[key]

    def room_interval(self, session: int, changeover: int, presence: list[int]) -> int:
        """Return an interval of a session lengthened by a changeover, present if a literal (of a pool) is true."""
        own = self.of(session)
        lengths = self.facts.variant_ticks[self.candidates.variant[own.start : own.stop]] + changeover
        return self._add_interval(session, 0, lengths, presence)

    def fixed_interval(self, start: int, length: int, presence: list[int]) -> int:
        """Return an interval at a given time."""
        constraint = self._proto.constraints.add()
        interval = constraint.interval
        interval.start.offset, interval.size.offset, interval.end.offset = start, length, start + length
        constraint.enforcement_literal.extend(presence)
        return len(self._proto.constraints) - 1

    def _add_interval(self, session: int, before: int, lengths: Ints, presence: list[int]) -> int:
        start, own = self.start(session), self.of(session)
        least, most = int(lengths.min(initial=2**31)), int(lengths.max(initial=0))
        if not len(own):
            least = most = 0
        constraint = self._proto.constraints.add()
        index = len(self._proto.constraints) - 1
        interval = constraint.interval
        interval.start.vars.append(start)
        interval.start.coeffs.append(1)
        interval.start.offset = -before
        constraint.enforcement_literal.extend(presence)
        if least == most:
            interval.size.offset = least
            interval.end.vars.append(start)
            interval.end.coeffs.append(1)
            interval.end.offset = least - before
            return index
        size, end = self.integer(least, most), self.integer(0, self.facts.n_ticks + most)
        self.linear(([size, *own], [1, *(least - lengths).tolist()]), least, least)
        self.linear(([end, start, size], [1, -1, -1]), -before, -before)
        for part, variable in ((interval.size, size), (interval.end, end)):
            part.vars.append(variable)
            part.coeffs.append(1)
        return index

    def no_overlap(self, intervals: Sequence[int]) -> None:
        if len(intervals) > 1:
            self._proto.constraints.add().no_overlap.intervals.extend(intervals)

    def cumulative(self, intervals: Sequence[int], capacity: int) -> None:
        """At most `capacity` of some intervals at once."""
        if capacity == 1:
            self.no_overlap(intervals)
            return
        cumulative = self._proto.constraints.add().cumulative
        cumulative.capacity.offset = capacity
        cumulative.intervals.extend(intervals)
        for _ in intervals:
            cumulative.demands.add().offset = 1

    # -- objectives, hints and answers ---------------------------------------------------------

    def minimize(self, tier: int) -> None:
        """Make the cost of a tier the objective."""
        variables, prices = self.costs[tier]
        total: dict[int, int] = {}
        for variable, price in zip(variables, prices, strict=True):
            total[variable] = total.get(variable, 0) + price
        self.cp.clear_objective()
        objective = self._proto.objective
        objective.vars.extend(total.keys())
        objective.coeffs.extend(total.values())
        objective.offset = float(self.constants[tier])
        objective.scaling_factor = 1.0

    def limit(self, tier: int, value: int) -> None:
        """Demand that the cost of a tier is at most a value."""
        self.linear(self.costs[tier], high=value - self.constants[tier])

    def hint(self, places: Places) -> None:
        """Suggest the candidates at given places."""
        self.cp.clear_hints()
        chosen = np.zeros(len(self.candidates), dtype=np.int64)
        for session, _ in live(self.facts):
            own = self.of(session)
            match = (self.candidates.variant[own.start : own.stop] == places.variant[session]) & (
                self.candidates.tick[own.start : own.stop] == places.start[session])
            chosen[own.start : own.stop] = match
        hint = self._proto.solution_hint
        hint.vars.extend(range(len(chosen)))
        hint.values.extend(chosen.tolist())

    def places(self, values: Sequence[int], keep: Places | None = None) -> Places | None:
        """Return the places that a solution's values stand for; None if no rooms can be found for them."""
        n = self.facts.n
        variant, start = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
        chosen = np.flatnonzero(np.array(values[: len(self.candidates)]))
        sessions = self.candidates.session[chosen]
        variant[sessions], start[sessions] = self.candidates.variant[chosen], self.candidates.tick[chosen]
        kept = dict(enumerate(keep.rooms)) if keep is not None else None
        requests = []
        for session, choice in self.requests:
            if variant[session] >= 0 and not self.in_slots:
                pool = next(pool for pool, literal in choice.items() if literal is None or values[literal])
                end = start[session] + self.facts.variant_ticks[variant[session]]
                requests.append((session, pool, int(start[session]), int(end)))
        if self.in_slots:
            rooms = assign_in_slots(self.pools, [
                (session, choice, int(start[session])) for session, choice in self.requests if variant[session] >= 0
            ], kept)
        else:
            rooms = assign_rooms(self.pools, requests, kept)
        if rooms is None:
            return None
        return Places(variant, start, tuple(rooms.get(session, ()) for session in range(n)))
