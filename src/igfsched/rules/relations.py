"""How sessions lie to each other in time.

- `Before`: one after the other, with a gap.
- `Apart`: never two at the same time.
- `Plenary`: never beside anything else.
- `SameDay`, `DifferentDays`: on one programme day, or each on another.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar

from attrs import field, frozen

from igfsched.primitives import Count, Pair, Tally, Unit, days, ticks
from igfsched.programme import whole
from igfsched.rule import Finding, Rule, finding
from igfsched.rules.common import ChosenRule, minutes_of, unknown_names
from igfsched.selector import Selector
from igfsched.timetable import overlapping

if TYPE_CHECKING:
    from igfsched.facts import Facts
    from igfsched.programme import Programme
    from igfsched.timetable import Entry, Timetable


@frozen(kw_only=True)
class Before(Rule):
    """Some sessions end before others start, with a gap between them.

    Measure: for every session a of `first` and every other session b of `then`, the minutes by which
    a's end plus `gap` exceeds b's start; 0 if one of them has no place. A session that both selectors
    choose is not compared with itself. To relax it, shorten the gap.
    """

    name: ClassVar[str] = "before"
    summary: ClassVar[str] = "some sessions end before others start"

    first: Selector
    then: Selector
    gap: int = field(default=0, validator=whole(0))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        sessions, axis = facts.programme.sessions, ticks(facts)
        then = facts.select(self.then)
        for a in facts.select(self.first):
            for b in then:
                if a != b:
                    gap = f" at least {minutes_of(self.gap)}" if self.gap else ""
                    yield Unit(rule=self, sentence=f"{sessions[a].id} ends{gap} before {sessions[b].id} starts",
                               sessions=(a, b),
                               primitives=[Pair(first=a, second=b, kind="late", axis=axis, gap=self.gap)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        programme = timetable.programme
        later = timetable.chosen(programme.select(self.then))
        for a in timetable.chosen(programme.select(self.first)):
            for b in later:
                late = a.end + self.gap - b.start
                if late > 0 and a is not b:
                    yield finding(
                        self, late, f"{a.session.id} ends {minutes_of(late)} too late for {b.session.id}, which starts "
                        f"at {timetable.clock(b.start)}", sessions=(a.session.id, b.session.id),
                        start=b.start, end=a.end,
                    )

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        yield from unknown_names("first", self.first, programme)
        yield from unknown_names("then", self.then, programme)


@frozen(kw_only=True)
class Apart(ChosenRule):
    """No two of the chosen sessions run at the same time.

    Measure: for each pair of them, the minutes in which both run. To relax it, choose fewer sessions, or
    make the rule soft: each shared minute then costs its weight.
    """

    name: ClassVar[str] = "apart"
    summary: ClassVar[str] = "no two of the chosen sessions run at the same time"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        members = tuple(facts.select(self.selector))
        if len(members) > 1:
            yield Unit(rule=self, sentence=f"never two of {self.selector} at the same time", sessions=members,
                       primitives=[Tally(members=members, axis=ticks(facts), count=Count(kind="pairs"))])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for first, second, minutes in overlapping(timetable.chosen(timetable.programme.select(self.selector))):
            yield _shared(self, timetable, first, second, minutes, "which are to be apart")


@frozen(kw_only=True)
class Plenary(ChosenRule):
    """Nothing else runs beside the chosen sessions.

    Measure: for each pair of sessions of which at least one is chosen, the minutes in which both run.
    To relax it, choose fewer sessions, or make the rule soft.
    """

    name: ClassVar[str] = "plenary"
    summary: ClassVar[str] = "nothing runs beside the chosen sessions"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis, chosen = ticks(facts), facts.select(self.selector)
        done: set[int] = set()
        for index in chosen:
            done.add(index)
            others = [other for other in range(facts.n) if other not in done]
            if others:
                yield Unit(rule=self, sentence=f"nothing runs beside {facts.programme.sessions[index].id}",
                           sessions=(index,),
                           primitives=[Pair(first=index, second=other, kind="overlap", axis=axis) for other in others])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        chosen = {session.id for session in timetable.programme.select(self.selector)}
        if not chosen:
            return
        for first, second, minutes in overlapping(timetable.entries):
            if first.session.id in chosen or second.session.id in chosen:
                yield _shared(self, timetable, first, second, minutes, "one of which is to run alone")


@frozen(kw_only=True)
class SameDay(ChosenRule):
    """The chosen sessions are on one programme day.

    Measure: pairs of them that are not on the same programme day, by their starts, as for `Phases`. A
    start on no programme day shares its day with nobody. To relax it, choose fewer sessions.
    """

    name: ClassVar[str] = "same_day"
    summary: ClassVar[str] = "the chosen sessions are on one day"
    unit: ClassVar[str] = "pairs"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        yield from _on_days(self, facts, "differ", "on one day")

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for a, b, same in _pairs_by_day(self, timetable):
            if not same:
                yield finding(
                    self, 1, f"{a.session.id} at {timetable.clock(a.start)} and {b.session.id} at "
                    f"{timetable.clock(b.start)} are not on the same day", sessions=(a.session.id, b.session.id),
                )


@frozen(kw_only=True)
class DifferentDays(ChosenRule):
    """The chosen sessions are each on another programme day.

    Measure: pairs of them on the same programme day, by their starts, as for `Phases`. A start on no
    programme day shares its day with nobody. To relax it, choose fewer sessions.
    """

    name: ClassVar[str] = "different_days"
    summary: ClassVar[str] = "the chosen sessions are on different days"
    unit: ClassVar[str] = "pairs"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        yield from _on_days(self, facts, "same", "on different days")

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for a, b, same in _pairs_by_day(self, timetable):
            if same:
                yield finding(self, 1, f"{a.session.id} and {b.session.id} are both on {timetable.day_of(a.start)}",
                              sessions=(a.session.id, b.session.id))


def _on_days(rule: SameDay | DifferentDays, facts: Facts, kind: str, words: str) -> Iterator[Unit]:
    axis, members = days(facts), facts.select(rule.selector)
    if len(members) > 1:
        yield Unit(rule=rule, sentence=f"{rule.selector}: {words}", sessions=tuple(members), primitives=[
            Pair(first=a, second=b, kind="same" if kind == "same" else "differ", axis=axis)
            for a, b in combinations(members, 2)
        ])


def _pairs_by_day(rule: ChosenRule, timetable: Timetable) -> Iterator[tuple[Entry, Entry, bool]]:
    chosen = timetable.chosen(timetable.programme.select(rule.selector))
    day = {entry.session.id: timetable.day_of(entry.start) for entry in chosen}
    for a, b in combinations(chosen, 2):
        yield a, b, day[a.session.id] is not None and day[a.session.id] == day[b.session.id]


def _shared(rule: Rule, timetable: Timetable, first: Entry, second: Entry, minutes: int, why: str) -> Finding:
    return finding(
        rule, minutes, f"{first.session.id} and {second.session.id}, {why}, share {minutes_of(minutes)} "
        f"from {timetable.clock(second.start)}", sessions=(first.session.id, second.session.id),
        start=second.start, end=second.start + minutes,
    )
