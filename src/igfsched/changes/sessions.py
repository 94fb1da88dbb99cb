"""Changes of sessions: which there are, whether they are certain, how long they take, when they can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from attrs import field, frozen

from igfsched.changes.base import (
    Change,
    known_session,
    placed_anew,
    placement_of,
    remade,
    spans_in_words,
    unplaced,
    with_session,
    without,
)
from igfsched.changes.references import rules_after, series_after
from igfsched.errors import Problem
from igfsched.grid import Span, merge_spans
from igfsched.programme import Programme, Session, whole
from igfsched.schedule import Schedule
from igfsched.tuples import to_spans


@frozen(kw_only=True)
class SessionAdded(Change):
    """There is a session more; it has no place yet."""

    kind: ClassVar[str] = "session_added"

    session: Session

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        if self.session.id in programme.sessions_by_id:
            yield Problem(path="$.session.id", message=f"there already is a session {self.session.id!r}")

    def words(self, programme: Programme) -> str:
        return f"{self.session.id} is added, for {_minutes(self.session.duration)}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        return remade(programme, sessions=(*programme.sessions, self.session)), schedule


@frozen(kw_only=True)
class SessionCancelled(Change):
    """A session is no longer held: it is gone, also from series and from the rules that name it."""

    kind: ClassVar[str] = "session_cancelled"

    session: str

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known_session(programme, self.session)

    def words(self, programme: Programme) -> str:
        return f"{self.session} is cancelled."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        sessions = tuple(session for session in programme.sessions if session.id != self.session)
        gone: dict[str, tuple[str, ...]] = {self.session: ()}
        rules = rules_after(programme.rules, gone, programme.sessions, sessions, programme.tracks)
        series = series_after(programme.series, gone)
        return remade(programme, sessions=sessions, series=series, rules=rules), without(schedule, {self.session})


@frozen(kw_only=True)
class SessionConfirmed(Change):
    """A session is certain: its state is `confirmed`, it is not tentative, and nothing is left to decide."""

    kind: ClassVar[str] = "session_confirmed"

    session: str

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known_session(programme, self.session)

    def words(self, programme: Programme) -> str:
        return f"{self.session} is confirmed."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        programme = with_session(programme, self.session, state="confirmed", tentative=False, decide_by=None)
        return programme, schedule


@frozen(kw_only=True)
class SessionDeclined(Change):
    """The organiser of a session declines its present time, and may give other times.

    The minute at which it now starts is forbidden to it from now on; the other `times`, if any, take the
    place of its allowed ones. A fixed start that is the present one no longer holds. The session stays
    where it is until a repair moves it.
    """

    kind: ClassVar[str] = "session_declined"

    session: str
    times: tuple[Span, ...] = field(default=(), converter=to_spans)

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known_session(programme, self.session)
        yield from unplaced(programme, schedule, self.session, "that could be declined")
        if self.times and self.session in programme.sessions_by_id:
            shortest = min(programme.session(self.session).durations)
            longest = max(end - start for start, end in merge_spans([span.minutes for span in self.times]))
            if longest < shortest:
                yield Problem(path="$.times", found=f"{_minutes(longest)}", expected=f"{_minutes(shortest)} at least",
                              message=f"none of these times is long enough for session {self.session}")

    def words(self, programme: Programme) -> str:
        times = f" and offers {spans_in_words(self.times)}" if self.times else ""
        return f"The organiser of {self.session} declines its present time{times}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        session, start = programme.session(self.session), placement_of(schedule, self.session).start
        now = Span(start, start.add(minutes=1))
        return with_session(
            programme, self.session,
            forbidden=session.forbidden if now in session.forbidden else (*session.forbidden, now),
            allowed=self.times or session.allowed,
            fixed_start=None if session.fixed_start == start else session.fixed_start,
        ), schedule


@frozen(kw_only=True)
class SessionResized(Change):
    """A session is lengthened or shortened: it takes this many minutes and no other number, from the same start."""

    kind: ClassVar[str] = "session_resized"

    session: str
    duration: int = field(validator=whole(1))

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from known_session(programme, self.session)
        session, placement = programme.sessions_by_id.get(self.session), schedule.get(self.session)
        now = self.duration if placement is None else placement.duration
        if session is not None and session.durations == (self.duration,) == (now,):
            yield Problem(path="$.duration", found=self.duration,
                          message=f"session {self.session} already takes {_minutes(self.duration)}")

    def words(self, programme: Programme) -> str:
        session = programme.sessions_by_id.get(self.session)
        if session is None or session.duration == self.duration:
            return f"{self.session} takes {_minutes(self.duration)}."
        word = "lengthened" if self.duration > session.duration else "shortened"
        return f"{self.session} is {word} from {session.duration} to {_minutes(self.duration)}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        programme = with_session(programme, self.session, duration=self.duration, other_durations=())
        return programme, placed_anew(schedule, self.session, duration=self.duration)


def _minutes(number: int) -> str:
    return f"{number} minute{'s' * (number != 1)}"
