"""Two or more sessions made one, one session made several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

import attrs
from attrs import field, frozen, validators

from igfsched.changes.base import Change, known_session, placed_anew, remade, without
from igfsched.changes.people import united
from igfsched.changes.references import Renaming, rules_after, series_after
from igfsched.errors import Problem
from igfsched.programme import Programme, Session, TeamNeed, whole
from igfsched.schedule import Schedule
from igfsched.tuples import to_numbers, to_texts
from igfsched.window import filled


@frozen(kw_only=True)
class SessionsMerged(Change):
    """Two or more sessions become one, at the place of the first.

    - `id`: what the one is called, as the first if not given; `duration`: its minutes, those of the
      longest if not given.
    - Its people are those of all, each role once, required if it was in one of them. So with features,
      tags, teams (the most units) and capacity (the largest) that are needed; it has the highest priority,
      and is prerecorded if all were. All else is as with the first.
    - Series and rules that name one of the sessions name the one.
    """

    kind: ClassVar[str] = "sessions_merged"

    sessions: tuple[str, ...] = field(converter=to_texts, validator=validators.deep_iterable(filled))
    id: str | None = None
    duration: int | None = field(default=None, validator=whole(1))

    @sessions.validator
    def _check(self, _: object, value: tuple[str, ...]) -> None:
        if len(value) < 2 or len(set(value)) < len(value):
            raise ValueError("two or more different sessions are merged")

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        for index, session in enumerate(self.sessions):
            yield from known_session(programme, session, f"$.sessions[{index}]")
        if self.id in programme.sessions_by_id and self.id not in self.sessions:
            yield Problem(path="$.id", message=f"there already is a session {self.id!r} that is not one of these")

    def words(self, programme: Programme) -> str:
        name = f" as {self.id}" if self.id is not None else ""
        length = f", for {self.duration} minute{'s' * (self.duration != 1)}" if self.duration is not None else ""
        return f"{', '.join(self.sessions[1:])} and {self.sessions[0]} are merged, at the place of " \
               f"{self.sessions[0]}{name}{length}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        first, *rest = self.sessions
        merged = self._merged([programme.session(session) for session in self.sessions])
        sessions = tuple(
            merged if session.id == first else session for session in programme.sessions if session.id not in rest)
        schedule = placed_anew(without(schedule, rest), first, session=merged.id, duration=merged.duration)
        return _renamed(programme, sessions, dict.fromkeys(self.sessions, (merged.id,))), schedule

    def _merged(self, sessions: Sequence[Session]) -> Session:
        capacities = [session.capacity for session in sessions if session.capacity is not None]
        return attrs.evolve(
            sessions[0],
            id=sessions[0].id if self.id is None else self.id,
            duration=max(session.duration for session in sessions) if self.duration is None else self.duration,
            other_durations=(),
            people=united(role for session in sessions for role in session.people),
            tags=[tag for session in sessions for tag in session.tags],
            features=[feature for session in sessions for feature in session.features],
            teams=_most(need for session in sessions for need in session.teams),
            capacity=max(capacities, default=None),
            priority=max(session.priority for session in sessions),
            prerecorded=all(session.prerecorded for session in sessions),
        )


@frozen(kw_only=True)
class SessionSplit(Change):
    """A session becomes several, as long as `durations` say, together no longer than it was at the longest.

    The first keeps id and place; the others, like it in all but length and fixed start, have no place
    yet. Their `ids` are those of the session with a number, `x (2)`, if not given. Rules that name the
    session name all its parts, series the first only.
    """

    kind: ClassVar[str] = "session_split"

    session: str
    durations: tuple[int, ...] = field(converter=to_numbers)
    ids: tuple[str, ...] = field(default=(), converter=to_texts)

    @durations.validator
    def _check(self, _: object, value: tuple[int, ...]) -> None:
        if len(value) < 2 or any(isinstance(part, bool) or not isinstance(part, int) or part < 1 for part in value):
            raise ValueError(f"a session is split into two or more lengths from 1 minute, not {value!r}")

    def __attrs_post_init__(self) -> None:
        if self.ids and len(self.ids) != len(self.durations) - 1:
            raise ValueError("there is an id for each part after the first, or for none")

    @property
    def parts(self) -> tuple[str, ...]:
        """The ids of the parts after the first."""
        return self.ids or tuple(f"{self.session} ({number})" for number in range(2, len(self.durations) + 1))

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known_session(programme, self.session)
        for index, id in enumerate(self.parts):
            if id in programme.sessions_by_id or id in self.parts[:index]:
                path = f"$.ids[{index}]" if self.ids else "$.session"
                yield Problem(path=path, message=f"there already is a session {id!r}")
        session = programme.sessions_by_id.get(self.session)
        if session is not None and sum(self.durations) > max(session.durations):
            yield Problem(path="$.durations", found=sum(self.durations), expected=f"at most {max(session.durations)}",
                          message=f"the parts are longer than session {self.session} was")

    def words(self, programme: Programme) -> str:
        parts = ", ".join(map(str, self.durations[:-1])) + f" and {self.durations[-1]}"
        return f"{self.session} is split into parts of {parts} minutes; the others are {', '.join(self.parts)}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        whole_one = programme.session(self.session)
        first = attrs.evolve(whole_one, duration=self.durations[0], other_durations=())
        others = [
            attrs.evolve(first, id=id, duration=duration, fixed_start=None)
            for id, duration in zip(self.parts, self.durations[1:], strict=True)
        ]
        sessions = tuple(part for session in programme.sessions
                         for part in ((first, *others) if session.id == self.session else (session,)))
        schedule = placed_anew(schedule, self.session, duration=first.duration)
        return _renamed(programme, sessions, {self.session: (self.session, *self.parts)}), schedule


def _renamed(programme: Programme, sessions: tuple[Session, ...], renaming: Renaming) -> Programme:
    return remade(
        programme, sessions=sessions, series=series_after(programme.series, renaming),
        rules=rules_after(programme.rules, renaming, programme.sessions, sessions, programme.tracks),
    )


def _most(needs: Iterable[TeamNeed]) -> tuple[TeamNeed, ...]:
    found: dict[str, TeamNeed] = {}
    for need in needs:
        before = found.get(need.team)
        found[need.team] = need if before is None or need.units > before.units else before
    return tuple(found.values())
