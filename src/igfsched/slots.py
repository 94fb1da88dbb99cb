"""Which slot each session has, and who is in it: tables that stay while sessions come and go.

A *slot* is the number by which everything else knows a session. In a fresh programme the slots are its
sessions in order. In its successors a session keeps its slot as long as its lengths are the same; one
with other lengths, or a new one, gets a slot at the end, and the slot that it had, or that of a session
that is gone, is dead for good. A *variant* is a session with one of its durations.

- `Lengths`: how long variants are, on a timeline.
- `Slots`: the sessions by slot, their variants, and the sessions of each person.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from attrs import evolve, field, frozen

from igfsched.difference import SESSION_ASPECTS, Touched
from igfsched.programme import Programme, Session
from igfsched.timeline import Ints, Timeline

T = TypeVar("T")
Table = dict[str, tuple[int, ...]]
"""Slots by person, in order."""


@frozen(eq=False)
class Lengths:
    """The variants on a timeline: whose they are and how long. Those of dead slots are still among them."""

    timeline: Timeline
    variant_session: Ints
    variant_minutes: Ints
    _memory: dict[Hashable, Any] = field(factory=dict, repr=False)

    @cached_property
    def variant_ticks(self) -> Ints:
        return self.variant_minutes // self.timeline.tick

    @property
    def tick(self) -> int:
        return self.timeline.tick

    @property
    def n_ticks(self) -> int:
        return self.timeline.n_ticks

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is made of these lengths, their timeline and nothing but the key, made once."""
        if key not in self._memory:
            self._memory[key] = make()
        return self._memory[key]  # type: ignore[no-any-return]


@frozen(eq=False)
class Slots:
    """The sessions of a programme by slot (None: dead), and what is known of them by slot.

    `named_of`: the slots of each person's sessions, in any role; `attending_of`, `required_of`: likewise,
    as `Session.attending` and `Session.required` say. `prepared`: minutes of preparation before and after.
    """

    sessions: tuple[Session | None, ...]
    index: dict[str, int]
    variants: tuple[range, ...]
    lengths: Lengths
    named_of: Table = field(repr=False)
    attending_of: Table = field(repr=False)
    required_of: Table = field(repr=False)
    prepared: tuple[Ints, Ints]

    @classmethod
    def of(cls, sessions: tuple[Session, ...], timeline: Timeline) -> Slots:
        """Return the slots of a fresh programme."""
        empty = np.empty(0, dtype=np.int64)
        none = cls((), {}, (), Lengths(timeline, empty, empty), {}, {}, {}, (empty, empty))
        return none._with([], dict(enumerate(sessions)))

    @cached_property
    def alive(self) -> tuple[int, ...]:
        """The slots that have a session, in order."""
        return tuple(slot for slot, session in enumerate(self.sessions) if session is not None)

    @cached_property
    def alive_set(self) -> frozenset[int]:
        return frozenset(self.alive)

    def successor(self, programme: Programme, touched: Touched) -> tuple[Slots, Touched]:
        """Return the slots after a change of sessions, and what is touched by that.

        A session that changes its slot is touched in every aspect.
        """
        if not touched.sessions:
            return self, touched
        dead = [self.index[id] for id in sorted(touched.sessions_removed)]
        changed: dict[int, Session] = {}
        fresh = [session for session in programme.sessions if session.id in touched.sessions_added] \
            if touched.sessions_added else []
        for id in sorted(touched.sessions_changed):
            slot, session = self.index[id], programme.session(id)
            before = self.sessions[slot]
            if before is not None and before.durations == session.durations:
                changed[slot] = session
            else:
                dead.append(slot)
                fresh.append(session)
        if dead or fresh:
            touched = touched.with_aspects(SESSION_ASPECTS)
        changed |= dict(enumerate(fresh, start=len(self.sessions)))
        return self._with(dead, changed), touched

    def _with(self, dead: list[int], changed: Mapping[int, Session]) -> Slots:
        """Return the slots when some are dead, and some have another session, which may be a slot at the end."""
        sessions, variants, index = list(self.sessions), list(self.variants), dict(self.index)
        more: list[tuple[int, int]] = []
        first = len(self.lengths.variant_minutes)
        for slot in dead:
            before = sessions[slot]
            if before is not None:
                del index[before.id]
            sessions[slot], variants[slot] = None, range(0)
        for slot, session in changed.items():
            index[session.id] = slot
            if slot < len(self.sessions):
                sessions[slot] = session
                continue
            sessions.append(session)
            variants.append(range(first + len(more), first + len(more) + len(session.durations)))
            more += [(slot, minutes) for minutes in session.durations]
        lengths = self.lengths
        if more:
            added = np.array(more, dtype=np.int64).T
            lengths = Lengths(lengths.timeline, np.concatenate([lengths.variant_session, added[0]]),
                              np.concatenate([lengths.variant_minutes, added[1]]))
        exchange = {slot: (self.sessions[slot] if slot < len(self.sessions) else None, sessions[slot])
                    for slot in (*dead, *changed)}
        return evolve(
            self, sessions=tuple(sessions), index=index, variants=tuple(variants), lengths=lengths,
            named_of=_updated(self.named_of, exchange, _named),
            attending_of=_updated(self.attending_of, exchange, lambda session: session.attending),
            required_of=_updated(self.required_of, exchange, lambda session: session.required),
            prepared=_prepared(self.prepared, len(sessions), changed),
        )


def _named(session: Session) -> Iterable[str]:
    return (role.person for role in session.people)


def _updated(
    table: Table, exchange: Mapping[int, tuple[Session | None, Session | None]],
    people: Callable[[Session], Iterable[str]],
) -> Table:
    """Return a table of slots by person in which some slots have other sessions."""
    moves: dict[str, dict[int, bool]] = {}
    for slot, (before, after) in exchange.items():
        left, now = ({} if session is None else dict.fromkeys(people(session)) for session in (before, after))
        for id in (*left, *now):
            if (id in left) != (id in now):
                moves.setdefault(id, {})[slot] = id in now
    if not moves:
        return table
    found = dict(table)
    for id, own in moves.items():
        kept = [slot for slot in table.get(id, ()) if slot not in own]
        slots = sorted((*kept, *(slot for slot, comes in own.items() if comes)))
        if slots:
            found[id] = tuple(slots)
        else:
            del found[id]
    return found


def _prepared(known: tuple[Ints, Ints], n: int, changed: Mapping[int, Session]) -> tuple[Ints, Ints]:
    """Return the minutes of preparation by slot when some slots have other sessions; the same object if all stay."""
    before, after = known
    if len(before) == n and all((before[slot], after[slot]) == (session.prepare_before, session.prepare_after)
                                for slot, session in changed.items()):
        return known
    before, after = (np.concatenate([minutes, np.zeros(n - len(minutes), dtype=np.int64)]) for minutes in known)
    for slot, session in changed.items():
        before[slot], after[slot] = session.prepare_before, session.prepare_after
    return before, after
