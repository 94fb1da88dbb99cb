"""How sessions lie to each other in time.

- `Before`, `Ordered`: one after the other, with a gap.
- `Apart`: never two at the same time.
- `Plenary`: never beside anything else.
- `SameDay`, `DifferentDays`, `Spread`: on one programme day, each on another, or days apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import field, frozen, validators

from igfsched.primitives import Axis, Count, Pair, PairKind, Tally, Unit, days, ticks
from igfsched.programme import whole
from igfsched.rule import Finding, Rule, finding
from igfsched.rules.common import ChosenRule, each_once, minutes_of, pairs_unit, unknown_names
from igfsched.selector import Selector
from igfsched.timetable import overlapping
from igfsched.tuples import to_texts

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
    reads: ClassVar[frozenset[str] | None] = frozenset()

    first: Selector
    then: Selector
    gap: int = field(default=0, validator=whole(0))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        first, then = facts.select(self.first), facts.select(self.then)

        def units(before: dict[tuple[int, int], Unit] | None) -> dict[tuple[int, int], Unit]:
            known = before or {}
            return {(a, b): known.get((a, b)) or _in_order(self, facts, a, b) for a in first for b in then if a != b}

        yield from facts.renewed(self, "units", units).values()

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        programme = timetable.programme
        later = timetable.chosen(programme.select(self.then))
        for a in timetable.chosen(programme.select(self.first)):
            for b in later:
                late = a.end + self.gap - b.start
                if late > 0 and a is not b:
                    yield _late(self, timetable, a, b, late)

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        yield from unknown_names("first", self.first, programme)
        yield from unknown_names("then", self.then, programme)


@frozen(kw_only=True)
class Ordered(Rule):
    """Sessions take place in a given order, with a gap between each and the next.

    `sessions` are ids in the order that is asked for.

    Measure: for each session and the next in the order, the minutes by which the end of the first plus
    `gap` exceeds the start of the second; 0 if one of the two has no place. To relax it, shorten the gap,
    or the order.
    """

    name: ClassVar[str] = "ordered"
    summary: ClassVar[str] = "some sessions take place in a given order"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions"})

    sessions: tuple[str, ...] = field(converter=to_texts, validator=each_once)
    gap: int = field(default=0, validator=whole(0))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for a, b in pairwise(facts.session_index[id] for id in self.sessions):
            yield facts.once(self, (a, b), partial(_in_order, self, facts, a, b))

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        entries = [timetable.by_session.get(id) for id in self.sessions]
        for a, b in pairwise(entries):
            if a is not None and b is not None and a.end + self.gap > b.start:
                yield _late(self, timetable, a, b, a.end + self.gap - b.start)

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        known = programme.sessions_by_id
        yield from (("sessions", id, tuple(known)) for id in self.sessions if id not in known)


@frozen(kw_only=True)
class Apart(ChosenRule):
    """No two of the chosen sessions run at the same time.

    Measure: for each pair of them, the minutes in which both run. To relax it, choose fewer sessions, or
    make the rule soft: each shared minute then costs its weight.
    """

    name: ClassVar[str] = "apart"
    summary: ClassVar[str] = "no two of the chosen sessions run at the same time"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        members = facts.select(self.selector)
        if len(members) > 1:
            yield facts.once(self, members, lambda: Unit(
                rule=self, sentence=f"never two of {self.selector} at the same time", sessions=members,
                primitives=[Tally(members=members, axis=ticks(facts), count=Count(kind="pairs"))],
            ))

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
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        others = facts.alive
        for slot in facts.select(self.selector):
            place = others.index(slot)
            others = others[:place] + others[place + 1:]
            pairs = facts.by_session(self, slot, partial(_beside, ticks(facts), slot))
            if others:
                yield facts.once(self, (slot, others), partial(self._unit, facts, slot, others, pairs))

    def _unit(self, facts: Facts, slot: int, others: tuple[int, ...], pairs: dict[int, Pair]) -> Unit:
        return Unit(rule=self, sentence=f"nothing runs beside {facts.session(slot).id}", sessions=(slot,),
                    primitives=[pairs[other] for other in others])

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


@frozen(kw_only=True)
class Spread(ChosenRule):
    """The chosen sessions lie days apart from each other.

    Measure: pairs of them that are fewer than `days` programme days from one another, by their starts, as
    for `Phases`. Two on one day are 0 days from one another, two on neighbouring programme days 1, whatever
    lies between them; with `calendar`, days of the calendar count instead. A start on no programme day is
    far from everything. To relax it, lower `days`, or choose fewer sessions.
    """

    name: ClassVar[str] = "spread"
    summary: ClassVar[str] = "the chosen sessions lie days apart"
    unit: ClassVar[str] = "pairs"

    days: int = field(default=2, validator=[whole(1), validators.instance_of(int)])
    calendar: bool = False

    def lower(self, facts: Facts) -> Iterator[Unit]:
        members = facts.select(self.selector)
        if len(members) < 2:
            return
        dates = [day.date for day in facts.programme.window.days]
        numbers = [(date - dates[0]).days for date in dates] if self.calendar else range(len(dates))
        # Each session touches its own day and those that follow: two share one iff they are too close.
        axis = Axis(facts=facts, name="day and those after it", reach=self.days,
                    of_tick=np.array([*numbers, -1], dtype=np.int64)[facts.day_of_tick])
        yield pairs_unit(self, facts, members, f"{self.selector}: {self._apart}",
                         lambda a, b: Pair(first=a, second=b, kind="same", axis=axis))

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        dates = [day.date for day in timetable.programme.window.days]
        chosen = timetable.chosen(timetable.programme.select(self.selector))
        for (a, first), (b, second) in combinations([(e, timetable.day_of(e.start)) for e in chosen], 2):
            if first is None or second is None:
                continue
            distance = abs((first - second).days if self.calendar else dates.index(first) - dates.index(second))
            if distance < self.days:
                yield finding(self, 1, f"{a.session.id} on {first} and {b.session.id} on {second} are not "
                              f"{self._apart}", sessions=(a.session.id, b.session.id))

    @property
    def _apart(self) -> str:
        return f"{self.days} {'calendar' if self.calendar else 'programme'} day{'s' * (self.days > 1)} apart"


def _in_order(rule: Before | Ordered, facts: Facts, a: int, b: int) -> Unit:
    """Return the unit of two sessions of which the first ends before the second starts."""
    at_least = f" at least {minutes_of(rule.gap)}" if rule.gap else ""
    return Unit(rule=rule, sentence=f"{facts.session(a).id} ends{at_least} before {facts.session(b).id} starts",
                sessions=(a, b), primitives=[Pair(first=a, second=b, kind="late", axis=ticks(facts), gap=rule.gap)])


def _beside(axis: Axis, first: int, second: int) -> Pair:
    return Pair(first=first, second=second, kind="overlap", axis=axis)


def _late(rule: Rule, timetable: Timetable, a: Entry, b: Entry, late: int) -> Finding:
    return finding(
        rule, late, f"{a.session.id} ends {minutes_of(late)} too late for {b.session.id}, which starts "
        f"at {timetable.clock(b.start)}", sessions=(a.session.id, b.session.id), start=b.start, end=a.end,
    )


def _on_days(rule: SameDay | DifferentDays, facts: Facts, kind: PairKind, words: str) -> Iterator[Unit]:
    axis, members = days(facts), facts.select(rule.selector)
    if len(members) > 1:
        yield pairs_unit(rule, facts, members, f"{rule.selector}: {words}",
                         lambda a, b: Pair(first=a, second=b, kind=kind, axis=axis))


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
