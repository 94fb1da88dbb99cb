"""How sessions lie to each other in time.

- `Before`, `Ordered`: one after the other, with a gap.
- `SameRoom`: all in one room.
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
from attrs import evolve, field, frozen, validators

from igfsched.primitives import (
    Axis,
    Count,
    Load,
    LoadGroup,
    Pair,
    PairKind,
    Tally,
    Unit,
    days,
    same_for,
    ticks,
)
from igfsched.programme import whole
from igfsched.rule import Finding, Rule, finding
from igfsched.rules.common import ChosenRule, each_once, minutes_of, pairs_unit, unknown_names
from igfsched.selector import Selector
from igfsched.timetable import overlapping
from igfsched.tuples import to_texts

if TYPE_CHECKING:
    from igfsched.facts import Facts
    from igfsched.programme import Programme, Session
    from igfsched.timetable import Entry, Timetable


@frozen(kw_only=True)
class Before(Rule):
    """Some sessions end before others start, with a gap between them.

    `gap` is the shortest, `longest` the longest time from the end of one to the start of the other (no longest,
    unless said). With `by_track` only sessions of one track are compared: an introduction comes before the
    workshops of its own track.

    Measure: for every session a of `first` and every other session b of `then`, the minutes by which
    a's end plus `gap` exceeds b's start, plus those by which b's start exceeds a's end plus `longest`; 0 if one
    of them has no place. A session that both selectors choose is not compared with itself. To relax it, shorten
    the gap, or lengthen the longest.
    """

    name: ClassVar[str] = "before"
    summary: ClassVar[str] = "some sessions end before others start"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.track"})

    first: Selector
    then: Selector
    gap: int = field(default=0, validator=whole(0))
    longest: int | None = field(default=None, validator=whole(0))
    by_track: bool = False

    @longest.validator
    def _check(self, _: object, value: int | None) -> None:
        if value is not None and value < self.gap:
            raise ValueError(f"the longest gap, {value}, is shorter than the shortest, {self.gap}")

    def _compared(self, a: Session, b: Session) -> bool:
        return not self.by_track or a.track == b.track != ""

    def lower(self, facts: Facts) -> Iterator[Unit]:
        first, then = facts.select(self.first), facts.select(self.then)

        def units(before: dict[tuple[int, int], Unit] | None) -> dict[tuple[int, int], Unit]:
            known = before or {}
            return {
                (a, b): known.get((a, b)) or self._unit(facts, a, b) for a in first for b in then
                if a != b and self._compared(facts.session(a), facts.session(b))
            }

        yield from facts.renewed(self, "units", units).values()

    def _unit(self, facts: Facts, a: int, b: int) -> Unit:
        unit = _in_order(self, facts, a, b)
        if self.longest is None:
            return unit
        return evolve(unit, primitives=[*unit.primitives, _not_later(facts, a, b, self.longest)],
                      sentence=f"{unit.sentence}, and at most {minutes_of(self.longest)}")

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        programme = timetable.programme
        later = timetable.chosen(programme.select(self.then))
        for a in timetable.chosen(programme.select(self.first)):
            for b in later:
                if a is b or not self._compared(a.session, b.session):
                    continue
                late = a.end + self.gap - b.start
                if late > 0:
                    yield _late(self, timetable, a, b, late)
                if self.longest is not None and b.start > a.end + self.longest:
                    yield finding(
                        self, b.start - a.end - self.longest, f"{b.session.id} starts at {timetable.clock(b.start)}, "
                        f"more than {minutes_of(self.longest)} after {a.session.id}",
                        sessions=(a.session.id, b.session.id), start=a.end, end=b.start)

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

    With `others`, none of the chosen sessions runs at the same time as one of these; the chosen ones may then
    run beside each other.

    Measure: for each pair of them (or of a chosen one and one of the others), the minutes in which both run. To
    relax it, choose fewer sessions, or make the rule soft: each shared minute then costs its weight.
    """

    name: ClassVar[str] = "apart"
    summary: ClassVar[str] = "no two of the chosen sessions run at the same time"

    others: Selector | None = None

    def lower(self, facts: Facts) -> Iterator[Unit]:
        members = facts.select(self.selector)
        if self.others is not None:
            yield from self._beside_others(facts, members, facts.select(self.others))
        elif len(members) > 1:
            yield facts.once(self, members, lambda: Unit(
                rule=self, sentence=f"never two of {self.selector} at the same time", sessions=members,
                primitives=[Tally(members=members, axis=ticks(facts), count=Count(kind="pairs"))],
            ))

    def _beside_others(self, facts: Facts, chosen: tuple[int, ...], others: tuple[int, ...]) -> Iterator[Unit]:
        """Yield a unit for each pair of a chosen session and another one; each pair once."""
        axis = ticks(facts)
        for a, b in sorted({(min(a, b), max(a, b)) for a in chosen for b in others if a != b}):
            yield facts.once(self, (a, b), partial(self._pair, facts, a, b, axis))

    def _pair(self, facts: Facts, a: int, b: int, axis: Axis) -> Unit:
        return Unit(rule=self, sentence=f"{facts.session(a).id} and {facts.session(b).id} not at the same time",
                    sessions=(a, b), primitives=[_beside(axis, a, b)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        programme = timetable.programme
        chosen = timetable.chosen(programme.select(self.selector))
        if self.others is None:
            for first, second, minutes in overlapping(chosen):
                yield _shared(self, timetable, first, second, minutes, "which are to be apart")
            return
        ours, theirs = ({session.id for session in programme.select(selector)}
                        for selector in (self.selector, self.others))
        for first, second, minutes in overlapping(timetable.entries):
            one, other = first.session.id, second.session.id
            if (one in ours and other in theirs) or (other in ours and one in theirs):
                yield _shared(self, timetable, first, second, minutes, "which are to be apart")

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        yield from unknown_names("selector", self.selector, programme)
        if self.others is not None:
            yield from unknown_names("others", self.others, programme)


@frozen(kw_only=True)
class SameRoom(ChosenRule):
    """The chosen sessions are in one room.

    Measure: for each pair of them, the pairs of a room of the one and another room of the other: 1 if each has
    one room, and not the same. A session whose rooms are not known counts 0. To relax it, choose fewer sessions,
    or make the rule soft.
    """

    name: ClassVar[str] = "same_room"
    summary: ClassVar[str] = "the chosen sessions are in one room"
    unit: ClassVar[str] = "pairs"
    reads: ClassVar[frozenset[str] | None] = frozenset({"rooms"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        members, rooms = facts.select(self.selector), tuple(facts.programme.rooms_by_id)
        if len(rooms) > 1 and len(members) > 1:
            yield facts.once(self, (members, rooms), partial(self._unit, facts, members, len(rooms)))

    def _unit(self, facts: Facts, members: tuple[int, ...], rooms: int) -> Unit:
        axis = Axis(facts=facts, name="room", of_tick=np.zeros(facts.n_ticks, dtype=np.int64),
                    room_class=np.arange(rooms))
        other = 1 - np.eye(rooms, dtype=np.int64)
        return Unit(rule=self, sentence=f"{self.selector}: in one room", sessions=members, primitives=[
            Pair(first=a, second=b, kind="matrix", axis=axis, prices=other) for a, b in combinations(members, 2)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for a, b in combinations(timetable.chosen(timetable.programme.select(self.selector)), 2):
            apart = [(one, other) for one in set(a.rooms) for other in set(b.rooms) if one != other]
            if apart:
                yield finding(self, len(apart), f"{a.session.id} is in {', '.join(a.rooms)}, {b.session.id} in "
                              f"{', '.join(b.rooms)}", sessions=(a.session.id, b.session.id),
                              rooms=sorted({room for pair in apart for room in pair}))


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


def _not_later(facts: Facts, a: int, b: int, longest: int) -> Load:
    """Return by how many minutes the second starts more than `longest` after the first has ended.

    Start of the second and time left after the first add up to all the time that there is, and what lies between
    the two: the sum exceeds that by as much as is asked for, and never if one of them has no place.
    """
    whole_time = facts.n_ticks * facts.tick + max(int(facts.variant_minutes[v]) for v in facts.variants[a])
    since = facts.minutes - facts.origin
    left = {v: whole_time - since - int(facts.variant_minutes[v]) for v in facts.variants[a]}
    group = LoadGroup(name=f"{facts.session(a).id} to {facts.session(b).id}",
                      loads={a: left, b: same_for(facts.variants[b], since)})
    return Load(groups=[group], kind="excess", threshold=whole_time + longest)


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
