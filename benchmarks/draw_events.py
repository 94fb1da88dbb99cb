"""What can happen to people and sessions, one function for each kind of draws; `draws` has the table of them.

- `Event`: a programme and its schedule at which something happens, and what the functions share.
- All other functions: from an event to a change of one kind; `NotDrawableError` if there is nothing that it could be
  about. Those about rooms, days and rules are in `draw_frame`.

A function may draw a change that makes no sense to the programme (a person who has the role already): `draws.draw`
tries again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import TypeVar

import attrs
import numpy as np

from igfsched.changes import (
    Change,
    PersonAdded,
    PersonAvailable,
    PersonRemoved,
    PersonReplaced,
    PersonUnavailable,
    SessionAdded,
    SessionCancelled,
    SessionConfirmed,
    SessionDeclined,
    SessionFreed,
    SessionMoved,
    SessionPinned,
    SessionResized,
    SessionsMerged,
    SessionSplit,
)
from igfsched.grid import Clock, Span, from_minute, local_date, local_minute, overlap
from igfsched.programme import Person, Programme, Role, Session, WeeklyHours
from igfsched.schedule import Schedule
from igfsched.selector import Selector, flat_ids

T = TypeVar("T")

SLACK = 0.1
STEP, HALF_HOUR, HOUR, NOON, MIDNIGHT = 10, 30, 60, 720, 1440
REST = 30


class NotDrawableError(LookupError):
    """There is nothing that a change of this kind could be about."""


class Event:
    """A programme and its schedule at which something happens."""

    def __init__(self, programme: Programme, schedule: Schedule, rng: np.random.Generator) -> None:
        self.programme, self.schedule, self.rng = programme, schedule, rng

    def one(self, values: Sequence[T]) -> T:
        """Return one of some values, or raise NotDrawableError."""
        if not values:
            raise NotDrawableError
        return values[int(self.rng.integers(len(values)))]

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    @cached_property
    def placed(self) -> list[Session]:
        return [session for session in self.programme.sessions if self.schedule.get(session.id) is not None]

    @cached_property
    def movable(self) -> list[Session]:
        """The sessions with a place that are not pinned to it, and are not the only ones of the hour."""
        return [session for session in self.placed if not self.pinned(session)]

    def pinned(self, session: Session) -> bool:
        return session.fixed_start is not None or session.fixed_room is not None or self.plenary(session)

    def plenary(self, session: Session) -> bool:
        return session.type == "ceremony" or session.room_count > 1

    @cached_property
    def named(self) -> set[str]:
        """The sessions that a rule or a series names."""
        found = {id for series in self.programme.series for id in series.sessions}
        for rule in self.programme.rules:
            for field in attrs.fields(type(rule)):
                value = getattr(rule, field.name)
                if isinstance(value, Selector):
                    found |= flat_ids(value)
                elif field.name == "sessions":
                    found |= set(value)
        return found

    @cached_property
    def full(self) -> bool:
        """Whether less than `SLACK` of the rooms' time is left."""
        rooms = [room for room in self.programme.rooms if not room.reserved]
        taken = sum(s.duration + self.programme.changeover for s in self.programme.sessions if s.type != "ceremony")
        there = sum(end - start + self.programme.changeover for _, start, end in self.programme.window.blocks)
        return taken > (1 - SLACK) * there * len(rooms)

    def needed(self, session: Session) -> list[str]:
        """Return the people whom a session requires and whose names are known."""
        return [person for person in session.required if not self.programme.person(person).placeholder]

    def time(self, session: Session) -> tuple[int, int]:
        return self.schedule.by_session[session.id].minutes

    def rooms(self, session: Session) -> tuple[str, ...]:
        return self.schedule.by_session[session.id].rooms

    def beside(self, session: Session) -> list[str]:
        """Return people who are needed in another session while this one runs."""
        start, end = self.time(session)
        found = {person for other in self.placed if other.id != session.id
                 and overlap((start, end), self.time(other)) for person in self.needed(other)}
        return sorted(found - {role.person for role in session.people})

    def dates(self, session: Session) -> list[date]:
        """Return the programme days on which a session may be."""
        window = self.programme.window
        if session.phases:
            return sorted({day for name in session.phases for day in window.phase(name).days})
        return [day.date for day in window.days]

    def new(self, stem: str, ids: dict[str, T]) -> str:
        """Return an id that there is none of."""
        number = len(ids) + 1
        while f"{stem}-{number}" in ids:
            number += 1
        return f"{stem}-{number}"

    def newcomer(self) -> Person:
        """Return somebody new, from where somebody else comes; half of them awake in usual hours only."""
        like = self.one(self.programme.people)
        awake = [WeeklyHours(hours=Clock("07:00", "22:00"))] if like.zone and self.chance(0.5) else []
        return Person(id=self.new("new", self.programme.people_by_id), zone=like.zone, region=like.region,
                      stakeholder=like.stakeholder, weekly=awake)


def person_unavailable(event: Event) -> Change:
    session = event.one([session for session in event.movable if event.needed(session)])
    person = event.one(event.needed(session))
    zone = event.programme.person(person).zone or event.programme.window.zone
    start = event.time(session)[0]
    day, kind = local_date(start, zone), event.rng.random()
    midnight, noon = local_minute(day, 0, zone), local_minute(day, NOON, zone)
    if kind < 0.5:
        times = (midnight, noon) if start < noon else (noon, midnight + MIDNIGHT)
    elif kind < 0.85:
        times = (midnight, midnight + MIDNIGHT)
    else:
        first = midnight - MIDNIGHT * int(event.rng.integers(2))
        times = (first, first + 2 * MIDNIGHT)
    return PersonUnavailable(person=person, spans=[span(*times)])


def person_away(event: Event) -> Change:
    person = event.one([person for person in event.programme.people if not person.placeholder])
    needed = [event.time(session) for session in event.placed if person.id in session.required]
    starts = [local_minute(day.date, minute, person.zone or "UTC")
              for day in event.programme.window.days for minute in (0, NOON)]
    start = event.one([at for at in starts if not any(overlap((at, at + NOON), time) for time in needed)])
    return PersonUnavailable(person=person.id, spans=[span(start, start + NOON)])


def person_available(event: Event) -> Change:
    person = event.one([person for person in event.programme.people if person.busy])
    return PersonAvailable(person=person.id, spans=[event.one(person.busy)])


def person_replaced(event: Event) -> Change:
    session = event.one([session for session in event.movable if event.needed(session)])
    where = None if event.chance(0.2) else session.id
    return PersonReplaced(person=event.one(event.needed(session)), by=event.newcomer(), session=where)


def person_replaced_elsewhere(event: Event) -> Change:
    session = event.one([session for session in event.movable if event.needed(session)])
    person = event.one(event.needed(session))
    return PersonReplaced(person=person, by=event.one(event.beside(session)), session=session.id)


def person_added(event: Event) -> Change:
    session, required = event.one(event.movable), event.chance(0.6)
    person = event.newcomer() if event.chance(0.5) else event.one(event.programme.people).id
    return PersonAdded(session=session.id, person=person, required=required)


def person_added_elsewhere(event: Event) -> Change:
    session = event.one(event.movable)
    return PersonAdded(session=session.id, person=event.one(event.beside(session)))


def person_removed(event: Event) -> Change:
    session = event.one([session for session in event.programme.sessions if len(session.attending) > 1])
    return PersonRemoved(session=session.id, person=event.one(session.attending))


def session_added(event: Event) -> Change:
    like = event.one([session for session in event.movable if session.people and not session.rooms])
    lengths = (HALF_HOUR,) if event.full else (HALF_HOUR, HOUR, HOUR + HALF_HOUR)
    known = [person.id for person in event.programme.people if not person.placeholder]
    number = min(len(known), int(event.rng.integers(2, 5)))
    people = [known[n] for n in sorted(event.rng.permutation(len(known))[:number])]
    return SessionAdded(session=Session(
        id=event.new("added", event.programme.sessions_by_id), duration=int(event.one(lengths)), type=like.type,
        track=like.track, tags=like.tags, phases=like.phases, people=[Role(person=person) for person in people],
    ))


def session_cancelled(event: Event) -> Change:
    return SessionCancelled(session=event.one(event.movable).id)


def session_confirmed(event: Event) -> Change:
    return SessionConfirmed(session=event.one([s for s in event.programme.sessions if s.tentative]).id)


def session_declined(event: Event) -> Change:
    return SessionDeclined(session=event.one(event.movable).id)


def session_offered(event: Event) -> Change:
    session = event.one(event.movable)
    times = []
    for _ in range(20):
        day, (start, end) = event.one(event.dates(session)), event.one(((0, NOON), (NOON, MIDNIGHT)))
        half = (local_minute(day, start, "UTC"), local_minute(day, end, "UTC"))
        if len(times) < 3 and not overlap(half, event.time(session)):
            times.append(span(*half))
    return SessionDeclined(session=session.id, times=times)


def session_lengthened(event: Event) -> Change:
    session = event.one(event.movable)
    start, end = event.time(session)
    return SessionResized(session=session.id, duration=end - start + (STEP if event.full else HALF_HOUR))


def session_shortened(event: Event) -> Change:
    session = event.one([session for session in event.movable if session.duration >= HOUR])
    return SessionResized(session=session.id, duration=session.duration - HALF_HOUR)


def sessions_merged(event: Event) -> Change:
    free = [session for session in event.movable if session.id not in event.named]
    first = event.one(free)
    other = event.one([s for s in free if s.id != first.id and (s.type, s.phases) == (first.type, first.phases)])
    return SessionsMerged(sessions=[first.id, other.id])


def session_split(event: Event) -> Change:
    session = event.one([s for s in event.movable if s.id not in event.named and s.duration >= HOUR])
    part = session.duration // 2 // STEP * STEP
    return SessionSplit(session=session.id, durations=[session.duration - part, part])


def session_moved(event: Event) -> Change:
    session = event.one([s for s in event.movable if s.id not in event.named and not s.rooms and s.room_count == 1])
    busy = [one.minutes for person in event.needed(session) for one in event.programme.person(person).busy]
    times = [one.minutes for one in session.allowed]
    forbidden = [one.minutes for one in session.forbidden]

    def suits(other: Session) -> bool:
        start, end = event.time(other)
        here, room = (start, start + session.duration), event.programme.room(event.rooms(other)[0])
        return (
            here[1] <= end and other.phases == session.phases and event.time(session)[0] != start
            and set(session.features) <= set(room.features) and not room.reserved
            and (session.capacity is None or room.capacity is None or session.capacity <= room.capacity)
            and not any(overlap(here, other) for other in (*busy, *forbidden))
            and (not times or any(a <= here[0] and here[1] <= b for a, b in times))
        )

    other = event.one([o for o in event.movable if o.id != session.id and event.rooms(o) and suits(o)])
    return SessionMoved(session=session.id, start=event.schedule.by_session[other.id].start,
                        rooms=event.rooms(other)[:1])


def session_pinned(event: Event) -> Change:
    return SessionPinned(session=event.one(event.movable).id, room=event.chance(0.5))


def session_freed(event: Event) -> Change:
    fixed = [s for s in event.programme.sessions if s.fixed_start is not None or s.fixed_room is not None]
    return SessionFreed(session=event.one(fixed).id)


def span(start: int, end: int) -> Span:
    """Return the span between two minutes of UTC."""
    return Span(from_minute(start), from_minute(end))
