"""A programme in integers: ticks of UTC, starts, variants of sessions, rooms and people by index.

A *place* is (variant, start tick, rooms). Ticks are explained in `igfsched.timeline`, slots and variants in
`igfsched.slots`.

- `Places`: where all sessions are.
- `Facts`: all that rules are lowered with.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from attrs import Factory, evolve, field, frozen

from igfsched.comfort import Band
from igfsched.difference import PERSON_ASPECTS, Touched
from igfsched.grid import from_minute
from igfsched.memory import Memory
from igfsched.programme import Profile, Programme, Session
from igfsched.rule import Rule
from igfsched.schedule import Placement, Schedule
from igfsched.selector import EVERY, Selector
from igfsched.slots import Lengths, Slots
from igfsched.timeline import Ints as Ints
from igfsched.timeline import Timeline, lengths_of

Bools = npt.NDArray[np.bool_]
T = TypeVar("T")

MOST_SELECTIONS = 500
"""So many selectors are remembered at most: those of rules that are long gone are among them."""


@frozen(eq=False)
class Places:
    """Places of all sessions: `variant` and `start` (tick) by slot, -1 without a place; rooms by index."""

    variant: Ints
    start: Ints
    rooms: tuple[tuple[int, ...], ...]


@frozen(eq=False)
class Facts:
    """The arrays and indices that rules are lowered with.

    Sessions go by slots: `n` is their number, dead ones included, `sessions` has None for a dead one. Who
    wants to go through sessions takes `each_session` or `alive`, through people `each_person`; in facts that
    are about `only` some of them, these yield no others.
    """

    programme: Programme
    everywhere: bool = field(default=False, kw_only=True)
    """Whether starts outside the opening hours count as possible (the window is not a hard rule)."""
    timeline: Timeline = field(
        default=Factory(lambda self: Timeline.of(self.programme, self.everywhere), takes_self=True),
        kw_only=True, repr=False)
    slots: Slots = field(
        default=Factory(lambda self: Slots.of(self.programme.sessions, self.timeline), takes_self=True),
        kw_only=True, repr=False)
    memory: Memory = field(factory=Memory, kw_only=True, repr=False)
    _selected: dict[Selector, tuple[int, ...]] = field(factory=dict, kw_only=True, repr=False)
    _scope: tuple[Collection[int], Collection[str]] | None = field(default=None, kw_only=True, repr=False)

    def successor(self, programme: Programme, touched: Touched, everywhere: bool) -> tuple[Facts, Touched] | None:
        """Return the facts of a programme after a change, and what is touched by it; None if time is another.

        What is not touched is shared. A session that changes its slot is touched in every aspect.
        """
        timeline = self.timeline
        ids = touched.sessions_changed | touched.sessions_added
        if "window" in touched.aspects or everywhere != self.everywhere or not timeline.holds(
                lengths_of(programme.session(id) for id in ids)):
            return None
        if touched.aspects & {"rooms", "changeover", "rules", "cap", "teams"} and not timeline.holds(
                timeline.times_of(programme)):
            return None
        slots, touched = self.slots.successor(programme, touched)
        stale, people = self._stale(slots, touched)
        return Facts(
            programme, everywhere=everywhere, timeline=timeline, slots=slots,
            memory=Memory(self.memory, stale, people, touched.aspects),
            selected=_selected_anew(self._selected, programme, slots, stale, touched.aspects),
        ), touched

    def _stale(self, slots: Slots, touched: Touched) -> tuple[frozenset[int], frozenset[str]]:
        """Return the slots that are touched or have somebody who is, and the people likewise, then and now."""
        found = {index[id] for id in touched.sessions for index in (self.slots.index, slots.index) if id in index}
        people = set(touched.people)
        for slot in found:
            for kept in (self.slots.sessions[slot: slot + 1], slots.sessions[slot: slot + 1]):
                people.update(role.person for session in kept if session is not None for role in session.people)
        if touched.aspects & PERSON_ASPECTS:
            found.update(slot for id in touched.people for table in (self.slots, slots)
                         for slot in table.named_of.get(id, ()))
        return frozenset(found), frozenset(people)

    def only(self, sessions: Collection[int] = (), people: Collection[str] = ()) -> Facts:
        """Return the same facts, about some slots and people only."""
        return evolve(self, scope=(sessions, people))

    # -- sessions and people -------------------------------------------------------------------

    @property
    def sessions(self) -> tuple[Session | None, ...]:
        """The sessions by slot; None for a dead one."""
        return self.slots.sessions

    @property
    def n(self) -> int:
        """Number of slots, dead ones included."""
        return len(self.slots.sessions)

    @property
    def alive(self) -> tuple[int, ...]:
        """The slots that have a session, in order."""
        return self.slots.alive

    @property
    def session_index(self) -> dict[str, int]:
        """The slot of each session, by id."""
        return self.slots.index

    @cached_property
    def room_index(self) -> dict[str, int]:
        return {room.id: index for index, room in enumerate(self.programme.rooms)}

    def session(self, slot: int) -> Session:
        """Return the session of a slot that is not dead."""
        session = self.slots.sessions[slot]
        assert session is not None
        return session

    def each_session(self) -> Iterator[tuple[int, Session]]:
        """Yield slots with their sessions: all, or those that these facts are about."""
        slots = self.alive if self._scope is None else sorted(self._scope[0])
        for slot in slots:
            session = self.slots.sessions[slot]
            if session is not None:
                yield slot, session

    def each_person(self, *, required: bool) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield people with the slots of their sessions: those that require them, or all in which they have a role.

        People in no such session are left out, and in facts about some people so are all others.
        """
        table = self.slots.required_of if required else self.slots.attending_of
        if self._scope is None:
            yield from table.items()
        else:
            yield from ((id, table[id]) for id in sorted(self._scope[1]) if id in table)

    def select(self, selector: Selector = EVERY) -> tuple[int, ...]:
        """Return the slots of the sessions that a selector chooses, in order."""
        found = self._selected.get(selector)
        if found is None:
            if len(self._selected) >= MOST_SELECTIONS:
                self._selected.clear()
            found = self._selected[selector] = tuple(
                slot for slot in self.alive if selector.matches(self.session(slot), self.programme))
        return found

    # -- what rules have worked out before -----------------------------------------------------

    def once(self, rule: Rule, key: Hashable, make: Callable[[], T], about: object = None) -> T:
        """Return what is made of a key that says it all (but for lengths of sessions), made once.

        `about` is an object that belongs to the key by its identity.
        """
        return self.memory.once(rule, key, make, about)

    def renewed(self, rule: Rule, key: Hashable, make: Callable[[T | None], T]) -> T:
        """Return what is made of the value before the last change, so that it can share what is still so."""
        return self.memory.renewed(rule, key, make)

    def unless(self, rule: Rule, key: Hashable, aspects: frozenset[str], make: Callable[[], T]) -> T:
        """Return what is made of some aspects of the programme, made anew when one of them is touched."""
        return self.memory.unless(rule, key, aspects, make)

    def by_session(self, rule: Rule, key: Hashable, make: Callable[[int], T]) -> dict[int, T]:
        """Return a value for each session, by slot, made of the session and of its people."""
        return self.memory.by_session(rule, key, self.slots.alive_set, make)

    def by_person(self, rule: Rule, key: Hashable, make: Callable[[str], T], *, required: bool) -> dict[str, T]:
        """Return a value for each of the people of `each_person`, made of the person and of their sessions."""
        table = self.slots.required_of if required else self.slots.attending_of
        return self.memory.by_person(rule, key, table, make)

    def grouped(
        self, rule: Rule, key: Hashable, groups_of: Callable[[Session], Collection[str]],
    ) -> dict[str, tuple[int, ...]]:
        """Return the slots of sessions by the names of groups that each belongs to, as a function of the session.

        Slots come in no particular order, but for the same one as long as a group stays the same.
        """
        return self.memory.grouped(rule, key, self.slots.alive_set, lambda slot: groups_of(self.session(slot)))

    # -- time ----------------------------------------------------------------------------------

    @property
    def origin(self) -> int:
        """The UTC minute of tick 0."""
        return self.timeline.origin

    @property
    def tick(self) -> int:
        """Minutes in a tick."""
        return self.timeline.tick

    @property
    def n_ticks(self) -> int:
        return self.timeline.n_ticks

    @property
    def minutes(self) -> Ints:
        """The UTC minute of each tick, shape `(ticks,)`."""
        return self.timeline.minutes

    def tick_of(self, minute: int) -> int | None:
        """Return the tick at a UTC minute, or None if no tick begins there."""
        return self.timeline.tick_of(minute)

    @property
    def since_midnight(self) -> Ints:
        """Minutes since local midnight in the window's zone, by tick, shape `(ticks,)`."""
        return self.timeline.since_midnight

    @property
    def starts(self) -> Ints:
        """The ticks at which a session may start as far as the grid says, ascending, shape `(starts,)`."""
        return self.timeline.starts

    @property
    def days(self) -> tuple[object, ...]:
        """The programme days, in order."""
        return self.timeline.days

    @property
    def day_of_tick(self) -> Ints:
        """Index of the programme day to which a start belongs, -1 for none, shape `(ticks,)`."""
        return self.timeline.day_of_tick

    def minutes_within(self, spans: Iterable[tuple[int, int]], duration: int) -> Ints:
        """Return, for each start tick, how many of the next `duration` minutes lie in disjoint UTC spans."""
        return self.timeline.minutes_within(spans, duration)

    def cap_by_tick(self, profile: Profile) -> Ints:
        """Return the value of a profile at each tick, shape `(ticks,)`."""
        return self.timeline.cap_by_tick(profile)

    def comfort(self, zone: str, bands: tuple[Band, ...], duration: int) -> Ints:
        """Return what a session of `duration` minutes costs somebody in a zone, by start tick."""
        return self.timeline.prices(bands).of(zone, duration)

    # -- variants ------------------------------------------------------------------------------

    @property
    def lengths(self) -> Lengths:
        return self.slots.lengths

    @property
    def variant_session(self) -> Ints:
        """The slot of each variant, shape `(variants,)`."""
        return self.slots.lengths.variant_session

    @property
    def variant_minutes(self) -> Ints:
        """The duration of each variant in minutes, shape `(variants,)`."""
        return self.slots.lengths.variant_minutes

    @property
    def variant_ticks(self) -> Ints:
        """The duration of each variant in ticks, shape `(variants,)`."""
        return self.slots.lengths.variant_ticks

    @property
    def variants(self) -> tuple[range, ...]:
        """The variants of each session, by slot; none for a dead one."""
        return self.slots.variants

    # -- places --------------------------------------------------------------------------------

    def places(self, schedule: Schedule) -> Places | None:
        """Return a schedule as places, or None if some start or duration has no tick or variant."""
        variant = np.full(self.n, -1, dtype=np.int64)
        start = np.full(self.n, -1, dtype=np.int64)
        rooms: list[tuple[int, ...]] = [()] * self.n
        for placement in schedule:
            slot = self.session_index[placement.session]
            tick = self.tick_of(placement.minutes[0])
            durations = self.session(slot).durations
            if tick is None or placement.duration not in durations:
                return None
            variant[slot] = self.variants[slot][durations.index(placement.duration)]
            start[slot] = tick
            rooms[slot] = tuple(sorted(self.room_index[room] for room in placement.rooms))
        return Places(variant, start, tuple(rooms))

    def schedule(self, places: Places, label: str = "") -> Schedule:
        """Return places as a schedule."""
        rooms = self.programme.rooms
        return Schedule(
            [
                Placement(
                    session=self.session(slot).id,
                    start=from_minute(self.origin + self.tick * int(places.start[slot])),
                    duration=int(self.variant_minutes[variant]),
                    rooms=tuple(rooms[room].id for room in places.rooms[slot]),
                )
                for slot, variant in enumerate(places.variant) if variant >= 0
            ],
            label=label,
        )


def _selected_anew(
    known: dict[Selector, tuple[int, ...]], programme: Programme, slots: Slots, stale: Collection[int],
    aspects: frozenset[str],
) -> dict[Selector, tuple[int, ...]]:
    """Return what selectors choose when some slots have to be looked at anew."""
    if all(selector.reads.isdisjoint(aspects) for selector in known):
        return known
    looked = [(slot, slots.sessions[slot]) for slot in sorted(stale)]
    found = {}
    for selector, chosen in known.items():
        if selector.reads.isdisjoint(aspects):
            found[selector] = chosen
            continue
        now = {slot for slot, session in looked if session is not None and selector.matches(session, programme)}
        if now != {slot for slot in chosen if slot in stale}:
            chosen = tuple(sorted({slot for slot in chosen if slot not in stale} | now))
        found[selector] = chosen
    return found
