"""What every change is, several changes as one, and how a programme is made anew.

- `Change`: the base class; concrete changes live beside this module, by theme.
- `Batch`, `apply_changes`: several changes, one after the other.
- The functions after these: what concrete changes share.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, ClassVar, TypeVar

import attrs
from attrs import field, frozen

from igfsched.errors import InputError, Problem, nearest
from igfsched.grid import Span
from igfsched.programme import Person, Programme, Room, Session
from igfsched.schedule import Placement, Schedule

T = TypeVar("T", Session, Person, Room)


@frozen(kw_only=True)
class Change:
    """Something that has changed after a programme was scheduled.

    A change is a value: it says what is otherwise now, and knows nothing of any repair. `kind` is its
    name in files, `held` are the sessions that a repair has to leave where the change puts them.
    """

    kind: ClassVar[str]

    @property
    def held(self) -> tuple[str, ...]:
        """The ids of the sessions that a repair leaves where this change has put them."""
        return ()

    def applied(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        """Return the programme after the change, and the schedule in which what remains stays where it is.

        The schedule may break rules of the new programme: to mend it is the work of a repair. Raises
        InputError with every problem of a change that makes no sense here; nothing is changed then.
        """
        problems = list(self.problems(programme, schedule))
        if problems:
            raise InputError(problems, self.kind)
        try:
            return self._changed(programme, schedule)
        except InputError:
            raise
        except ValueError as error:  # a value that no programme may have
            raise InputError([Problem(message=str(error))], self.kind) from None

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        """Say what makes no sense here; paths begin at the change."""
        return iter(())

    def words(self, programme: Programme) -> str:
        """Return the change in one sentence, `programme` being the one before it. Times are in UTC."""
        raise NotImplementedError

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        """Return the programme and the schedule after a change that has no problems."""
        raise NotImplementedError


def _changes(values: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(values)


@frozen(kw_only=True)
class Batch(Change):
    """Several changes as one: they are made in their order, all or none."""

    kind: ClassVar[str] = "batch"

    changes: tuple[Change, ...] = field(converter=_changes)

    @property
    def held(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(id for change in self.changes for id in change.held))

    def words(self, programme: Programme) -> str:
        return "; ".join(change.words(programme).removesuffix(".") for change in self.changes) + "."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        return apply_changes(programme, schedule, self.changes)


def apply_changes(
    programme: Programme, schedule: Schedule, changes: Iterable[Change],
) -> tuple[Programme, Schedule]:
    """Return the programme and the schedule after some changes, each made upon the one before it.

    Raises InputError with every problem of the first change that makes no sense: what follows may depend on it.
    """
    for index, change in enumerate(changes):
        try:
            programme, schedule = change.applied(programme, schedule)
        except InputError as error:
            place = f"$.changes[{index}]"
            raise InputError(
                [attrs.evolve(problem, path=place + problem.path.removeprefix("$")) for problem in error.problems],
                change.kind,
            ) from None
    return programme, schedule


def remade(programme: Programme, **fields: Any) -> Programme:
    """Return a programme with other fields; what then does not fit together is told as a problem of the change."""
    try:
        return programme.successor(**fields)
    except InputError as error:
        raise InputError(
            [attrs.evolve(problem, path="$", message=f"the programme would not fit together: {problem.message}")
             for problem in error.problems],
            programme.title or "programme",
        ) from None


def with_one(items: Sequence[T], id: str, **fields: Any) -> tuple[T, ...]:
    """Return sessions, people or rooms, the one of this id with other fields."""
    position = list(map(attrgetter("id"), items)).index(id)
    others = list(items)
    others[position] = attrs.evolve(items[position], **fields)
    return tuple(others)


def with_session(programme: Programme, id: str, **fields: Any) -> Programme:
    """Return a programme in which one session has other fields."""
    return remade(programme, sessions=with_one(programme.sessions, id, **fields))


def placed_anew(schedule: Schedule, session: str, /, **fields: Any) -> Schedule:
    """Return a schedule in which a session, if it has a place, has it with other fields."""
    placement = schedule.get(session)
    if placement is None:
        return schedule
    return schedule.successor([attrs.evolve(placement, **fields)], without=(session,))


def without(schedule: Schedule, sessions: Collection[str]) -> Schedule:
    """Return a schedule without some sessions."""
    return schedule.successor(without=sessions)


def placement_of(schedule: Schedule, session: str) -> Placement:
    """Return the placement of a session that has one."""
    return schedule.by_session[session]


def known(kind: str, name: str, ids: Collection[str], path: str) -> Iterator[Problem]:
    """Say that a thing does not exist, if so: `kind` is what it would be, `path` the field that names it."""
    if name not in ids:
        yield Problem(path=path, message=f"there is no {kind} {name!r}", nearest=nearest(name, list(ids)))


def known_session(programme: Programme, name: str, path: str = "$.session") -> Iterator[Problem]:
    """Say that a session does not exist, if so."""
    yield from known("session", name, programme.sessions_by_id, path)


def unplaced(programme: Programme, schedule: Schedule, session: str, purpose: str) -> Iterator[Problem]:
    """Say that a session which exists has no place and so cannot be what is `purpose`, if so."""
    if session in programme.sessions_by_id and schedule.get(session) is None:
        yield Problem(path="$.session", message=f"session {session} has no place {purpose}")


def some(_: object, attribute: Any, value: tuple[Any, ...]) -> None:
    """Validate a list that is not empty."""
    if not value:
        raise ValueError(f"{attribute.name} is a list that is not empty")


def spans_in_words(spans: Iterable[Span]) -> str:
    """Return times in words."""
    return ", ".join(f"from {span}" for span in spans)
