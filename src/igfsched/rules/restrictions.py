"""Times and rooms that single sessions are bound to.

- `Allowed`: only in the allowed times, never in the forbidden ones.
- `Phases`: on a day of its phases.
- `Preferred`: in the times that its organisers would like.
- `FixedStart`, `FixedRoom`: exactly then, exactly there.
- `Duration`: for as long as it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import field, frozen

from igfsched.grid import Span, merge_spans, minute_of, overlap, text_of
from igfsched.primitives import Axis, Count, Table, Tally, Unit, same_for
from igfsched.rule import Finding, Level, Per, Rule, finding
from igfsched.rules.common import is_level, minutes_of

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.primitives import ByVariant
    from igfsched.timetable import Entry, Timetable


@frozen(kw_only=True)
class Allowed(Rule):
    """A session lies inside its allowed times, if it has any, and outside its forbidden ones.

    Measure: the minutes of each session outside `Session.allowed` (if given), plus its minutes inside
    `Session.forbidden`. Spans that overlap or touch count as one. To relax it, widen the spans of the
    session, or make the rule soft: each minute then costs its weight.
    """

    name: ClassVar[str] = "allowed"
    summary: ClassVar[str] = "sessions lie inside their allowed times and outside their forbidden ones"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.allowed", "sessions.forbidden"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for index, session in facts.each_session():
            if session.allowed:
                time = _outside(facts, index, session.allowed)
                yield Unit(rule=self, sentence=f"{session.id} lies inside its allowed times", sessions=(index,),
                           subject=session.id, primitives=[Table(session=index, time=time)])
            if session.forbidden:
                time = _inside(facts, index, session.forbidden)
                yield Unit(rule=self, sentence=f"{session.id} lies outside its forbidden times", sessions=(index,),
                           subject=session.id, primitives=[Table(session=index, time=time)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.entries:
            session = entry.session
            outside = entry.length - _shared(entry, session.allowed) if session.allowed else 0
            inside = _shared(entry, session.forbidden)
            for minutes, where in ((outside, "outside its allowed"), (inside, "in its forbidden")):
                if minutes:
                    yield _timed(self, entry, minutes, f"{session.id} runs {minutes_of(minutes)} {where} times, "
                                 f"at {timetable.clock(entry.start)}")


@frozen(kw_only=True)
class Phases(Rule):
    """A session that is bound to phases starts on a programme day of one of them.

    Measure: the length of each such session that does not, in minutes. A start belongs to the programme
    day of the opening block that it lies in, otherwise to its date in the window's zone; a start that is
    on no programme day is in no phase. To relax it, add phases to the session or days to the phase.
    """

    name: ClassVar[str] = "phase"
    summary: ClassVar[str] = "sessions start on a day of their phases"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.phases"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for index, session in facts.each_session():
            if not session.phases:
                continue
            elsewhere = _elsewhere(facts, session.phases)
            time = {v: facts.variant_minutes[v] * elsewhere for v in facts.variants[index]}
            yield Unit(rule=self, sentence=f"{session.id} belongs to {' or '.join(session.phases)}", sessions=(index,),
                       subject=session.id, primitives=[Table(session=index, time=time)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.entries:
            phases = [timetable.programme.window.phase(name) for name in entry.session.phases]
            day = timetable.day_of(entry.start)
            if phases and not any(day in phase.days for phase in phases):
                yield _timed(self, entry, entry.length, f"{entry.session.id} belongs to "
                             f"{' or '.join(entry.session.phases)}, not at {timetable.clock(entry.start)}")


@frozen(kw_only=True)
class Preferred(Rule):
    """A session lies in its preferred times, if it has any.

    Measure: the minutes of each session outside `Session.preferred`. Soft unless said. To give it less
    say, lower its weight or move it to a later tier.
    """

    name: ClassVar[str] = "preferred"
    summary: ClassVar[str] = "sessions lie in their preferred times"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.preferred"})

    level: Level = field(default="soft", validator=is_level)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for index, session in facts.each_session():
            if session.preferred:
                time = _outside(facts, index, session.preferred)
                yield Unit(rule=self, sentence=f"{session.id} lies in its preferred times", sessions=(index,),
                           subject=session.id, primitives=[Table(session=index, time=time)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.entries:
            if entry.session.preferred and (minutes := entry.length - _shared(entry, entry.session.preferred)):
                yield _timed(self, entry, minutes, f"{entry.session.id} runs {minutes_of(minutes)} outside its "
                             f"preferred times, at {timetable.clock(entry.start)}")


@frozen(kw_only=True)
class FixedStart(Rule):
    """A session with a fixed start starts exactly then.

    Measure: 1 for each session whose start differs from `Session.fixed_start`. To relax it, take the
    fixed start away, or say `allowed` or `preferred` times instead.
    """

    name: ClassVar[str] = "fixed_start"
    summary: ClassVar[str] = "sessions with a fixed start start exactly then"
    unit: ClassVar[str] = "sessions"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.fixed_start"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for index, session in facts.each_session():
            if session.fixed_start is not None:
                other = np.ones(facts.n_ticks, dtype=np.int64)
                tick = facts.tick_of(minute_of(session.fixed_start))
                if tick is not None:
                    other[tick] = 0
                sentence = f"{session.id} starts at {text_of(session.fixed_start)}"
                yield Unit(rule=self, sentence=sentence, sessions=(index,), subject=session.id,
                           primitives=[Table(session=index, time=same_for(facts.variants[index], other))])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.entries:
            fixed = entry.session.fixed_start
            if fixed is not None and minute_of(fixed) != entry.start:
                yield _timed(self, entry, 1, f"{entry.session.id} starts at {timetable.clock(entry.start)}, but is "
                             f"fixed at {timetable.clock(minute_of(fixed))}")


@frozen(kw_only=True)
class FixedRoom(Rule):
    """A session with a fixed room uses it.

    Measure: the rooms that such a session uses other than `Session.fixed_room`, beyond the
    `room_count - 1` that it may have beside it: 1 if it has the right number of rooms and not this one.
    A session whose rooms are not known counts 0. To relax it, name several `rooms` instead.
    """

    name: ClassVar[str] = "fixed_room"
    summary: ClassVar[str] = "sessions with a fixed room use it"
    unit: ClassVar[str] = "rooms"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.fixed_room", "sessions.room_count", "rooms"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for index, session in facts.each_session():
            if session.fixed_room is None:
                continue
            fixed = facts.room_index[session.fixed_room]
            stated: Table | Tally
            if session.room_count == 1:
                other = np.ones(len(facts.programme.rooms), dtype=np.int64)
                other[fixed] = 0
                stated = Table(session=index, rooms=other)
            else:
                # One class that every other room falls into: a count of the other rooms, whatever the time.
                others = np.zeros(len(facts.programme.rooms), dtype=np.int64)
                others[fixed] = -1
                axis = Axis(facts=facts, name=f"rooms other than {session.fixed_room}", room_class=others,
                            of_tick=np.zeros(facts.n_ticks, dtype=np.int64))
                stated = Tally(members=(index,), axis=axis, count=Count(kind="over", cap=session.room_count - 1))
            yield Unit(rule=self, sentence=f"{session.id} is in {session.fixed_room}", sessions=(index,),
                       subject=session.id, primitives=[stated])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.entries:
            session = entry.session
            if session.fixed_room is None:
                continue
            others = [room for room in entry.rooms if room != session.fixed_room]
            excess = len(others) - (session.room_count - 1)
            if excess > 0:
                yield finding(self, excess, f"{session.id} is in {', '.join(others)}, not in its fixed room "
                              f"{session.fixed_room}", sessions=(session.id,), rooms=entry.rooms,
                              start=entry.start, end=entry.end)


@frozen(kw_only=True)
class Duration(Rule):
    """A session takes as long as one of its durations says.

    Measure: 1 for each session that has a place and whose length there is none of `Session.durations`
    (`duration` and `other_durations`). The engine knows no other lengths, so the rule states nothing to it
    and speaks in audits alone. To relax it, add the length to `other_durations`.
    """

    name: ClassVar[str] = "duration"
    summary: ClassVar[str] = "sessions take one of their durations"
    unit: ClassVar[str] = "sessions"
    reads: ClassVar[frozenset[str] | None] = frozenset()

    def lower(self, facts: Facts) -> Iterator[Unit]:
        yield Unit(rule=self, sentence="sessions take one of their durations", primitives=[])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.entries:
            durations = entry.session.durations
            if entry.length not in durations:
                takes = " or ".join([*map(str, durations[:-1]), minutes_of(durations[-1])])
                yield _timed(self, entry, 1, f"{entry.session.id} takes {takes}, not {entry.length}, as it does at "
                             f"{timetable.clock(entry.start)}")


def _elsewhere(facts: Facts, phases: tuple[str, ...]) -> Ints:
    """Return 1 for each tick on no day of some phases, 0 for the others."""

    def made() -> Ints:
        dates = {date for name in phases for date in facts.programme.window.phase(name).days}
        inside = [number for number, day in enumerate(facts.days) if day in dates]
        return (~np.isin(facts.day_of_tick, inside)).astype(np.int64)

    return facts.timeline.remember(("elsewhere", phases), made)


def _outside(facts: Facts, index: int, spans: tuple[Span, ...]) -> ByVariant:
    return {v: facts.variant_minutes[v] - inside for v, inside in _inside(facts, index, spans).items()}


def _inside(facts: Facts, index: int, spans: tuple[Span, ...]) -> ByVariant:
    merged = merge_spans([span.minutes for span in spans])
    return {v: facts.minutes_within(merged, int(facts.variant_minutes[v])) for v in facts.variants[index]}


def _shared(entry: Entry, spans: tuple[Span, ...]) -> int:
    """Return the minutes of an entry that lie in at least one of some spans."""
    return sum(overlap((entry.start, entry.end), span) for span in merge_spans([span.minutes for span in spans]))


def _timed(rule: Rule, entry: Entry, amount: int, sentence: str) -> Finding:
    return finding(rule, amount, sentence, sessions=(entry.session.id,), start=entry.start, end=entry.end)
