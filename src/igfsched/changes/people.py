"""Changes of people: when they can, and what they take part in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

import attrs
from attrs import field, frozen

from igfsched.changes.base import Change, known, known_session, remade, some, spans_in_words, with_one
from igfsched.changes.spans import in_vain, spans_less
from igfsched.errors import Problem
from igfsched.grid import Span
from igfsched.programme import Person, Programme, Role, Session
from igfsched.schedule import Schedule
from igfsched.tuples import to_spans


@frozen(kw_only=True)
class PersonUnavailable(Change):
    """A person cannot take part during some times: these are added to those in which the person is busy."""

    kind: ClassVar[str] = "person_unavailable"

    person: str
    spans: tuple[Span, ...] = field(converter=to_spans, validator=some)

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known("person", self.person, programme.people_by_id, "$.person")

    def words(self, programme: Programme) -> str:
        return f"{self.person} is not available {spans_in_words(self.spans)}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        busy = programme.person(self.person).busy + self.spans
        return remade(programme, people=with_one(programme.people, self.person, busy=busy)), schedule


@frozen(kw_only=True)
class PersonAvailable(Change):
    """A person can take part again during some times: exactly these are no longer busy.

    Each of the times has to take something away. What `available` and `weekly` say of the person holds on.
    """

    kind: ClassVar[str] = "person_available"

    person: str
    spans: tuple[Span, ...] = field(converter=to_spans, validator=some)

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known("person", self.person, programme.people_by_id, "$.person")
        if self.person in programme.people_by_id:
            yield from in_vain(self.spans, programme.person(self.person).busy, f"{self.person} is not busy")

    def words(self, programme: Programme) -> str:
        return f"{self.person} is available again {spans_in_words(self.spans)}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        busy = spans_less(programme.person(self.person).busy, self.spans)
        return remade(programme, people=with_one(programme.people, self.person, busy=busy)), schedule


@frozen(kw_only=True)
class PersonReplaced(Change):
    """A person takes the place of another, in one session or in all.

    `by` is the id of somebody whom the programme knows, or a new `Person`. Roles and whether they are
    required are kept; a role that the other already has there is held once, required if one of the two
    was. The person who is replaced stays among the people of the programme, and in their groups.
    """

    kind: ClassVar[str] = "person_replaced"

    person: str
    by: str | Person
    session: str | None = None

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known("person", self.person, programme.people_by_id, "$.person")
        yield from _newcomer(programme, self.by, "$.by")
        if _id(self.by) == self.person:
            yield Problem(path="$.by", message=f"{self.person} cannot take the place of {self.person}")
        if self.session is not None:
            yield from known_session(programme, self.session)
        exist = self.person in programme.people_by_id and self.session in (None, *programme.sessions_by_id)
        if exist and not self._sessions(programme):
            where = "any session" if self.session is None else f"session {self.session}"
            yield Problem(path="$.person", message=f"{self.person} has no role in {where}")

    def words(self, programme: Programme) -> str:
        where = "everywhere" if self.session is None else f"in {self.session}"
        return f"{_id(self.by)} takes the place of {self.person} {where}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        other = {
            session.id: attrs.evolve(session, people=united(
                attrs.evolve(role, person=_id(self.by)) if role.person == self.person else role
                for role in session.people
            ))
            for session in self._sessions(programme)
        }
        sessions = tuple(other.get(session.id, session) for session in programme.sessions)
        return remade(programme, sessions=sessions, people=_with_newcomer(programme, self.by)), schedule

    def _sessions(self, programme: Programme) -> list[Session]:
        """Return the sessions in which the person is replaced, one for each role."""
        sessions = programme.sessions if self.session is None else (programme.session(self.session),)
        return [session for session in sessions for role in session.people if role.person == self.person]


@frozen(kw_only=True)
class PersonAdded(Change):
    """A person gets a role in a session. `person` is the id of somebody whom the programme knows, or a new `Person`."""

    kind: ClassVar[str] = "person_added"

    session: str
    person: str | Person
    role: str = "speaker"
    required: bool = True

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known_session(programme, self.session)
        yield from _newcomer(programme, self.person, "$.person")
        person = _id(self.person)
        session = programme.sessions_by_id.get(self.session)
        if session is not None and any(r.person == person and r.role == self.role for r in session.people):
            yield Problem(path="$.person", message=f"{person} already is {self.role} in session {self.session}")

    def words(self, programme: Programme) -> str:
        needed = "" if self.required else ", not required"
        return f"{_id(self.person)} joins {self.session} ({self.role}{needed})."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        role = Role(person=_id(self.person), role=self.role, required=self.required)
        people = (*programme.session(self.session).people, role)
        sessions = with_one(programme.sessions, self.session, people=people)
        return remade(programme, sessions=sessions, people=_with_newcomer(programme, self.person)), schedule


@frozen(kw_only=True)
class PersonRemoved(Change):
    """A person no longer takes part in a session: in one role, or in any."""

    kind: ClassVar[str] = "person_removed"

    session: str
    person: str
    role: str | None = None

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known_session(programme, self.session)
        session = programme.sessions_by_id.get(self.session)
        if session is None:
            yield from known("person", self.person, programme.people_by_id, "$.person")
        elif self.person not in {role.person for role in session.people}:
            there = dict.fromkeys(role.person for role in session.people)
            yield from known(f"person in session {self.session} called", self.person, there, "$.person")
        elif not any(self._meant(role) for role in session.people):
            roles = [role.role for role in session.people if role.person == self.person]
            yield from known(f"role of {self.person} in session {self.session} called", str(self.role), roles, "$.role")

    def words(self, programme: Programme) -> str:
        role = "" if self.role is None else f" as {self.role}"
        return f"{self.person} no longer takes part in {self.session}{role}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        people = tuple(role for role in programme.session(self.session).people if not self._meant(role))
        return remade(programme, sessions=with_one(programme.sessions, self.session, people=people)), schedule

    def _meant(self, role: Role) -> bool:
        return role.person == self.person and self.role in (None, role.role)


def united(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Return roles, each of a person once; of two the same, one that is required if one of them is."""
    found: dict[tuple[str, str], Role] = {}
    for role in roles:
        key = (role.person, role.role)
        before = found.get(key)
        found[key] = role if before is None else attrs.evolve(before, required=before.required or role.required)
    return tuple(found.values())


def _id(person: str | Person) -> str:
    return person if isinstance(person, str) else person.id


def _newcomer(programme: Programme, person: str | Person, path: str) -> Iterator[Problem]:
    """Say what is wrong with a person who is named, or given anew."""
    if isinstance(person, str):
        yield from known("person", person, programme.people_by_id, path)
    elif person.id in programme.people_by_id:
        yield Problem(path=f"{path}.id", message=f"there already is a person {person.id!r}: name this one, or "
                                                 "give the new one another id")


def _with_newcomer(programme: Programme, person: str | Person) -> tuple[Person, ...]:
    return programme.people if isinstance(person, str) else (*programme.people, person)
