"""How far sessions lie from each other, to the minute or to the day.

- `BackToBack`: one right after the other.
- `SameStart`: at the same time.
- `SeriesDistance`: repeats, so many days after one another.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import field, frozen

from igfsched.primitives import Axis, Pair, Unit, ticks
from igfsched.programme import whole
from igfsched.rule import Finding, Rule, finding
from igfsched.rules.common import ChosenRule, each_once, minutes_of, pairs_unit
from igfsched.tuples import to_texts

if TYPE_CHECKING:
    from igfsched.facts import Facts
    from igfsched.programme import Programme
    from igfsched.timetable import Timetable


@frozen(kw_only=True)
class BackToBack(Rule):
    """Sessions follow one another without a pause.

    `sessions` are ids in the order that is asked for; `gap` is the time between one and the next (the
    programme's changeover, unless said).

    Measure: for each session and the next, the minutes by which the time from the end of the first to the
    start of the second is more or less than `gap`; 0 if one of them has no place. To relax it, use `ordered`,
    or make the rule soft.
    """

    name: ClassVar[str] = "back_to_back"
    summary: ClassVar[str] = "some sessions follow one another without a pause"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions", "changeover"})

    sessions: tuple[str, ...] = field(converter=to_texts, validator=each_once)
    gap: int | None = field(default=None, validator=whole(0))

    def _gap(self, programme: Programme) -> int:
        return programme.changeover if self.gap is None else self.gap

    def lower(self, facts: Facts) -> Iterator[Unit]:
        gap = self._gap(facts.programme)
        for a, b in pairwise(facts.session_index[id] for id in self.sessions):
            yield facts.once(self, (a, b, gap), partial(self._unit, facts, a, b, gap))

    def _unit(self, facts: Facts, a: int, b: int, gap: int) -> Unit:
        first, second = facts.session(a).id, facts.session(b).id
        return Unit(rule=self, sentence=f"{second} starts {minutes_of(gap)} after the end of {first}", sessions=(a, b),
                    primitives=[Pair(first=a, second=b, kind="gap_error", axis=ticks(facts), gap=gap)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        wanted = self._gap(timetable.programme)
        for a, b in pairwise([timetable.by_session.get(id) for id in self.sessions]):
            if a is not None and b is not None and b.start - a.end != wanted:
                yield finding(
                    self, abs(b.start - a.end - wanted), f"{b.session.id} starts at {timetable.clock(b.start)}, not "
                    f"{minutes_of(wanted)} after the end of {a.session.id}, which is at {timetable.clock(a.end)}",
                    sessions=(a.session.id, b.session.id), start=min(a.end, b.start), end=max(a.end, b.start),
                )

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        known = programme.sessions_by_id
        yield from (("sessions", id, tuple(known)) for id in self.sessions if id not in known)


@frozen(kw_only=True)
class SameStart(ChosenRule):
    """The chosen sessions start at the same time.

    Measure: for each pair of them, the minutes between the two starts. To relax it, choose fewer sessions, or
    make the rule soft.
    """

    name: ClassVar[str] = "same_start"
    summary: ClassVar[str] = "the chosen sessions start at the same time"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis, members = ticks(facts), facts.select(self.selector)
        if len(members) > 1:
            yield pairs_unit(self, facts, members, f"{self.selector}: at the same time",
                             lambda a, b: Pair(first=a, second=b, kind="start_distance", axis=axis))

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for a, b in combinations(timetable.chosen(timetable.programme.select(self.selector)), 2):
            if b.start > a.start:
                yield finding(
                    self, b.start - a.start, f"{b.session.id} starts {minutes_of(b.start - a.start)} after "
                    f"{a.session.id}, which starts at {timetable.clock(a.start)}",
                    sessions=(a.session.id, b.session.id), start=a.start, end=b.start,
                )


@frozen(kw_only=True)
class SeriesDistance(Rule):
    """The repeats of a series are so many calendar days apart.

    It is about each `Programme.series` with `days_apart`.

    Measure: for each session of a series and the next, the difference between `days_apart` and the calendar
    days from the programme day of the first to that of the second, by their starts, as for `Phases`; 0 if one
    of them has no place, or is on no programme day. To relax it, take `days_apart` out of the series.
    """

    name: ClassVar[str] = "series"
    summary: ClassVar[str] = "the repeats of a series are so many days apart"
    unit: ClassVar[str] = "days"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions", "series"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for series in facts.programme.series:
            if series.days_apart is None:
                continue
            for a, b in pairwise(facts.session_index[id] for id in series.sessions):
                yield facts.once(self, (series.id, a, b), partial(self._unit, facts, a, b, series.days_apart),
                                 about=series)

    def _unit(self, facts: Facts, a: int, b: int, days_apart: int) -> Unit:
        axis = facts.lengths.remember("calendar days", lambda: _calendar_days(facts))
        return Unit(rule=self, sentence=f"{facts.session(b).id} is {_days(days_apart)} after {facts.session(a).id}",
                    sessions=(a, b),
                    primitives=[Pair(first=a, second=b, kind="class_distance", axis=axis, gap=days_apart)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for series in timetable.programme.series:
            for a, b in pairwise([timetable.by_session.get(id) for id in series.sessions]):
                if series.days_apart is None or a is None or b is None:
                    continue
                first, second = timetable.day_of(a.start), timetable.day_of(b.start)
                if first is None or second is None or (second - first).days == series.days_apart:
                    continue
                yield finding(
                    self, abs((second - first).days - series.days_apart), f"{b.session.id} on {second} is not "
                    f"{_days(series.days_apart)} after {a.session.id} on {first}",
                    sessions=(a.session.id, b.session.id),
                )


def _calendar_days(facts: Facts) -> Axis:
    """Return the axis of the calendar days of programme days, numbered from the first."""
    dates = [day.date for day in facts.programme.window.days]
    numbers = np.array([*((date - dates[0]).days for date in dates), -1], dtype=np.int64)
    return Axis(facts=facts, name="calendar day", of_tick=numbers[facts.day_of_tick])


def _days(number: int) -> str:
    return f"{number} day{'s' * (number != 1)}"
