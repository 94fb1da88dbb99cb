"""All that is compiled of a programme and its schedule, and how it follows a change.

- `State`: programme, schedule and reference, lowered and on a board.
- `State.after`: the state after a change, at a cost that goes with what differs.

On the board everybody stands at the reference, but for those who stay where they are: a repair is a search
from there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from attrs import define, evolve, field

from igfsched.disruption import Disruption
from igfsched.errors import Problem
from igfsched.facts import Facts, Ints, Places
from igfsched.grid import Instant, minute_of, text_of
from igfsched.kernel.board import Board
from igfsched.kernel.following import follow
from igfsched.lowering import Lowered, lower
from igfsched.programme import Programme
from igfsched.relowering import relower
from igfsched.schedule import Placement, Schedule
from igfsched.stakes import Stakes

Reference = Mapping[str, Placement]
Place = tuple[int, int, tuple[int, ...]]
NOWHERE: Place = (-1, -1, ())


@define(eq=False)
class State:
    """A programme with a schedule, ready to be repaired. Not to be changed; `after` makes the next one.

    - `schedule`: where sessions are now; `reference`: where they were published, by id.
    - `held`: ids of sessions that a change has put somewhere. `stakes`: reference and prices by slot.
    - `suspects`: slots of which something may be otherwise than in a schedule without faults.
    - `lost`: sessions whose published start no tick stands for: they have to move.
    """

    programme: Programme
    schedule: Schedule
    reference: Reference
    disruption: Disruption
    now: Instant | None
    held: frozenset[str]
    lowered: Lowered
    board: Board
    stakes: Stakes
    suspects: frozenset[int]
    contributions: dict[int, Ints]
    lost: frozenset[str] = frozenset()
    _parent: State | None = field(default=None, repr=False)

    @property
    def facts(self) -> Facts:
        return self.lowered.facts

    # -- from nothing --------------------------------------------------------------------------

    @classmethod
    def of(
        cls, programme: Programme, schedule: Schedule, reference: Reference, disruption: Disruption,
        now: Instant | None, held: Collection[str] = (), lowered: Lowered | None = None, *, ready: bool = True,
    ) -> State:
        """Return the state of a programme from nothing; if it need not be `ready`, what looks need is made when asked.
        """
        lowered = lower(programme) if lowered is None else lowered
        facts, n = lowered.facts, lowered.facts.n
        book = _Book(facts, disruption, now, {
            "variant": np.full(n, -1, dtype=np.int64), "start": np.full(n, -1, dtype=np.int64),
            "weights": np.zeros(n, dtype=np.int64), "rooms": [()] * n,
        })
        kept = _kept(facts, schedule, held, disruption, now)
        base: list[Place] = [NOWHERE] * n
        lost = set()
        for slot in facts.alive:
            session = facts.sessions[slot]
            assert session is not None
            told = reference.get(session.id)
            place = place_of(facts, slot, told)
            if told is not None and place is None:
                lost.add(session.id)
            book.note(slot, place or NOWHERE)
            base[slot] = place or NOWHERE
            if slot in kept:
                base[slot] = place_of(facts, slot, schedule.get(session.id)) or NOWHERE
        places = Places(np.array([p[0] for p in base], dtype=np.int64), np.array([p[1] for p in base], dtype=np.int64),
                        tuple(p[2] for p in base))
        board = Board(lowered, kept, _earliest(facts, disruption, now))
        board.begin(places, book.reference)
        stakes = Stakes(reference=book.reference, weights=book.weights, kept=kept, present=places)
        everybody = np.flatnonzero(places.variant >= 0).tolist()
        if ready:
            board.warm()
        contributions = {slot: board.contribution(slot) for slot in everybody} if ready else {}
        return cls(programme, schedule, reference, disruption, now, frozenset(held), lowered, board, stakes,
                   board.suspicious(), contributions, frozenset(lost))

    # -- from the one before -------------------------------------------------------------------

    def after(self, programme: Programme, schedule: Schedule, held: Collection[str]) -> State:
        """Return the state after a change that gave this programme and this schedule.

        It shares what did not change: give it back (`discard`) before this one is used again.
        """
        reference = self._reference_after(programme, schedule)
        found = relower(self.lowered, programme)
        lowered = found.lowered
        rooms = [room.id for room in self.programme.rooms]
        same_rooms = rooms == [room.id for room in programme.rooms[:len(rooms)]]
        if found.rebuilt or lowered.tiers != self.lowered.tiers or not same_rooms or (programme.rooms and not rooms):
            return State.of(programme, schedule, reference, self.disruption, self.now, held, lowered, ready=False)
        board, touched, more = follow(self.board, lowered, found.gone, found.new)
        try:
            return self._on(board, touched, more, programme, schedule, reference, frozenset(held))
        except BaseException:
            board.seal()
            board.discard()
            raise

    def _on(
        self, board: Board, touched: set[int], more: set[int], programme: Programme, schedule: Schedule,
        reference: Reference, held: frozenset[str],
    ) -> State:
        """Return the state after a change that touches some slots, on a board made from this one's.

        `more`: slots that may contribute more to the score than before.
        """
        lowered = board.lowered
        facts, before = lowered.facts, self.facts
        fresh = set(range(before.n, facts.n))
        dead = {slot for slot in before.alive if facts.sessions[slot] is None} if (
            fresh or facts.alive is not before.alive) else set()
        kept = _kept(facts, schedule, held, self.disruption, self.now)
        book = _Book.after(facts, self.disruption, self.now, self.stakes)
        concerned = touched | fresh | dead | kept | self.stakes.kept
        lost = set(self.lost)
        put: set[int] = set()
        for slot in sorted(concerned | {facts.session_index[id] for id in self._changed_sessions(programme)}):
            session = facts.sessions[slot]
            if session is None:
                book.note(slot, NOWHERE)
                continue
            told = reference.get(session.id)
            place = place_of(facts, slot, told)
            lost = lost | {session.id} if told is not None and place is None else lost - {session.id}
            book.note(slot, place or NOWHERE)
            board.tell(slot, (place or NOWHERE)[2])
            wanted = place or NOWHERE
            if slot in kept:
                wanted = place_of(facts, slot, schedule.get(session.id)) or NOWHERE
            if board.move(slot, wanted):
                put.add(slot)
        if kept or self.stakes.kept:
            board.accept(kept)
            board.count_rooms()
        board.seal()
        stakes = Stakes(reference=book.reference, weights=book.weights, kept=kept, present=board.places())
        known = {slot: own for slot, own in self.contributions.items()
                 if slot not in concerned and slot not in put and slot not in more}
        for slot in put:
            for other in board.neighbours(slot):
                known.pop(other, None)
        # Whoever is now in a room that somebody else has come into may have to leave it.
        met = {other for slot in put | (kept & concerned) for other in board.met(slot)}
        return State(programme, schedule, reference, self.disruption, self.now, held, lowered, board, stakes,
                     self.suspects - dead | concerned - dead | put | met, known, frozenset(lost), self)

    def committed(self, schedule: Schedule, held: Collection[str], stay: Collection[str]) -> State:
        """Return this state with its schedule repaired, no longer tied to the one before.

        Who is `held`, or was published nowhere, counts as published where it is now; who is to `stay` is held on.
        """
        reference = dict(self.reference)
        book = _Book.after(self.facts, self.disruption, self.now, self.stakes)
        for id in {*held, *(placement.session for placement in schedule if placement.session not in reference)}:
            placement, slot = schedule.get(id), self.facts.session_index.get(id)
            place = None if slot is None else place_of(self.facts, slot, placement)
            if placement is not None and slot is not None and place is not None:
                reference[id] = placement
                book.note(slot, place)
                self.board.tell(slot, place[2])
                self.board.move(slot, place)
        self.board.settled()
        if not self.contributions:
            everybody = np.flatnonzero(self.board.standing.variant >= 0).tolist()
            self.contributions.update({slot: self.board.contribution(slot) for slot in everybody})
        stakes = evolve(self.stakes, reference=book.reference, weights=book.weights, present=self.board.places())
        return evolve(self, schedule=schedule, reference=reference, held=frozenset(stay), stakes=stakes,
                      lost=self.lost - frozenset(held), parent=None)

    def again(self) -> State:
        """Return the same state made anew, from what does not change."""
        return State.of(self.programme, self.schedule, self.reference, self.disruption, self.now, self.held,
                        self.lowered)

    def between_ticks(self, held: Collection[str]) -> Iterator[Problem]:
        """Say which sessions were put by hand where no tick stands for their start, if any."""
        for id in sorted(held):
            placement = self.schedule.get(id)
            if placement is not None and self.facts.tick_of(placement.minutes[0]) is None:
                steps = f"a start that is counted in steps of {self.facts.tick} minutes, within a day of its days"
                yield Problem(path="$.start", message=f"session {id} cannot be held there", expected=steps,
                              found=text_of(placement.start))

    def discard(self) -> None:
        """Give back what is shared with the state before."""
        if self._parent is not None:
            self.board.discard()

    def _changed_sessions(self, programme: Programme) -> set[str]:
        if programme.sessions is self.programme.sessions:
            return set()
        known = self.programme.sessions_by_id
        return {session.id for session in programme.sessions if known.get(session.id) is not session}

    def _reference_after(self, programme: Programme, schedule: Schedule) -> Reference:
        """Return the published places after a change: whoever has a new name and a place is published there."""
        if schedule is self.schedule and programme.sessions is self.programme.sessions:
            return self.reference
        if programme.sessions_by_id.keys() == self.programme.sessions_by_id.keys():
            return self.reference
        known = {id: place for id, place in self.reference.items() if id in programme.sessions_by_id}
        before = self.programme.sessions_by_id
        return known | {p.session: p for p in schedule if p.session not in before}


@define(eq=False)
class _Book:
    """Reference places and weights by slot, while they are written."""

    facts: Facts
    disruption: Disruption
    now: Instant | None
    columns: dict[str, Any]

    @classmethod
    def after(cls, facts: Facts, disruption: Disruption, now: Instant | None, stakes: Stakes) -> _Book:
        more = facts.n - len(stakes.weights)
        nowhere = np.full(more, -1, dtype=np.int64)
        return cls(facts, disruption, now, {
            "variant": np.append(stakes.reference.variant, nowhere),
            "start": np.append(stakes.reference.start, nowhere),
            "weights": np.append(stakes.weights, np.zeros(more, dtype=np.int64)),
            "rooms": [*stakes.reference.rooms, *[()] * more],
        })

    def note(self, slot: int, place: Place) -> None:
        columns = self.columns
        columns["variant"][slot], columns["start"][slot], columns["rooms"][slot] = place
        session = self.facts.sessions[slot]
        columns["weights"][slot] = 0
        if session is not None and place[0] >= 0:
            begins_in = None
            if self.now is not None:
                begins_in = self.facts.origin + self.facts.tick * place[1] - minute_of(self.now)
            columns["weights"][slot] = self.disruption.weight(session, begins_in)

    @property
    def reference(self) -> Places:
        return Places(self.columns["variant"], self.columns["start"], tuple(self.columns["rooms"]))

    @property
    def weights(self) -> Ints:
        found: Ints = self.columns["weights"]
        return found


def place_of(facts: Facts, slot: int, placement: Placement | None) -> Place | None:
    """Return a placement as a place; None if there is none, or its start is no tick.

    A length that the session no longer has becomes its first one; rooms that are gone are left out.
    """
    session = facts.sessions[slot]
    if placement is None or session is None:
        return None
    tick = facts.tick_of(placement.minutes[0])
    if tick is None:
        return None
    durations = session.durations
    number = durations.index(placement.duration) if placement.duration in durations else 0
    rooms = tuple(sorted(facts.room_index[room] for room in placement.rooms if room in facts.room_index))
    return facts.variants[slot][number], tick, rooms


def _kept(
    facts: Facts, schedule: Schedule, held: Collection[str], disruption: Disruption, now: Instant | None,
) -> frozenset[int]:
    """Return the slots of sessions that stay where they are: held, over, running, about to begin."""
    found = {facts.session_index[id] for id in held if id in facts.session_index and schedule.get(id) is not None}
    if now is not None:
        minute = minute_of(now)
        found |= {facts.session_index[p.session] for p in schedule if disruption.stays(p.minutes[0] - minute)}
    return frozenset(slot for slot in found if _is_somewhere(facts, schedule, slot))


def _earliest(facts: Facts, disruption: Disruption, now: Instant | None) -> int:
    """Return the tick before which nobody may start any more: what has begun, or is about to, stays as it is."""
    if now is None:
        return 0
    return max(0, -(-(minute_of(now) + disruption.freeze + 1 - facts.origin) // facts.tick))


def _is_somewhere(facts: Facts, schedule: Schedule, slot: int) -> bool:
    session = facts.sessions[slot]
    return session is not None and place_of(facts, slot, schedule.get(session.id)) is not None
