"""Which sessions go well together, by what they build on, their people and their topics.

- `Prerequisites`: a session comes after those that it builds on.
- `Pause`: people have a pause between two sessions of theirs.
- `TopicRooms`, `TopicDays`: sessions on one topic are in one room of a day, and on one day.

They measure pairs by the minutes of both sessions together, so that long sessions count more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.primitives import Axis, Pair, Unit, days, ticks
from igfsched.programme import whole
from igfsched.rule import Finding, Level, Rule, finding
from igfsched.rules.common import ChosenRule, is_level, minutes_of
from igfsched.selector import EVERY, Selector, names

if TYPE_CHECKING:
    from igfsched.facts import Facts
    from igfsched.programme import Programme, Session
    from igfsched.timetable import Entry, Timetable

Ordered = tuple[str, str]


def _ordered(values: Iterable[Iterable[str]]) -> tuple[Ordered, ...]:
    pairs = [tuple(value) for value in values]
    if any(len(pair) != 2 or pair[0] == pair[1] for pair in pairs):
        raise ValueError("a pair is two different sessions, the one that comes first before the other")
    return tuple(sorted(set(pairs)))  # type: ignore[arg-type]


@frozen(kw_only=True)
class Prerequisites(Rule):
    """A session starts after the end of those that it builds on.

    `pairs` are ids two by two: the session that comes first, then the one that builds on it.

    Measure: for each pair of which the first ends after the second starts, the minutes of both. To relax it, name
    fewer pairs.
    """

    name: ClassVar[str] = "prerequisites"
    summary: ClassVar[str] = "a session starts after the end of those that it builds on"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions"})

    pairs: tuple[Ordered, ...] = field(converter=_ordered)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for a, b in self.pairs:
            first, second = facts.session_index[a], facts.session_index[b]
            yield Unit(rule=self, sentence=f"{b}, which builds on {a}, starts after its end", sessions=(first, second),
                       primitives=[
                           Pair(first=first, second=second, kind="late_count", axis=ticks(facts), scale="durations")])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for a, b in self.pairs:
            first, second = timetable.by_session.get(a), timetable.by_session.get(b)
            if first is not None and second is not None and first.end > second.start:
                yield _both(self, timetable, first, second, 1,
                            f"{b}, which builds on {a}, does not start after its end")

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        known = tuple(programme.sessions_by_id)
        for index, pair in enumerate(self.pairs):
            yield from ((f"pairs[{index}]", name, known) for name in pair if name not in programme.sessions_by_id)


@frozen(kw_only=True)
class TopicRule(ChosenRule):
    """Base of the rules about pairs of chosen sessions on one topic: `tags` are those that count (all, if none)."""

    reads: ClassVar[frozenset[str] | None] = None

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    tags: tuple[str, ...] = field(default=(), converter=names)

    def shared(self, first: Session, second: Session) -> list[str]:
        """Return the topics that two sessions share."""
        counts = set(self.tags)
        return [tag for tag in first.tags if tag in second.tags and (not counts or tag in counts)]

    def topics(self, facts: Facts) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield each topic that counts with the chosen sessions on it."""
        found: dict[str, list[int]] = {}
        for slot in facts.select(self.selector):
            for tag in facts.session(slot).tags:
                if not self.tags or tag in self.tags:
                    found.setdefault(tag, []).append(slot)
        yield from ((tag, tuple(slots)) for tag, slots in sorted(found.items()) if len(slots) > 1)

    def sharing(self, timetable: Timetable) -> Iterator[tuple[Entry, Entry, list[str]]]:
        """Yield the pairs of chosen entries that share topics."""
        chosen = timetable.chosen(timetable.programme.select(self.selector))
        for first, second in combinations([entry for entry in chosen if entry.session.tags], 2):
            shared = self.shared(first.session, second.session)
            if shared:
                yield first, second, shared


@frozen(kw_only=True)
class Pause(Rule):
    """People have a pause between one session that requires them and the next.

    Measure: over people, for each pair of sessions that require the person and between which less than `minutes`
    lie, or which overlap, the minutes of both; with `once`, a pair counts once however many people it is about.
    `minutes` is 720 at most. Preparation does not count, nor do placeholders. To relax it, shorten the pause.
    """

    name: ClassVar[str] = "pause"
    summary: ClassVar[str] = "people have a pause between two sessions that require them"
    reads: ClassVar[frozenset[str] | None] = frozenset({
        "sessions.people", "sessions.prerecorded", "people.placeholder"})

    minutes: int = field(default=15, validator=[whole(0), validators.in_(range(721))])
    once: bool = False

    @property
    def lengths(self) -> tuple[int, ...]:
        return (self.minutes,)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        told = set()
        for person, sessions in facts.each_person(required=True):
            pairs = [] if facts.programme.person(person).placeholder else [
                pair for pair in combinations(sorted(sessions), 2) if not (self.once and pair in told)]
            told.update(pairs)
            if pairs:
                yield Unit(rule=self, sentence=f"{person} has {minutes_of(self.minutes)} between two sessions",
                           sessions=tuple(sessions), primitives=[
                               Pair(first=a, second=b, kind="overlap_count", axis=ticks(facts), gap=self.minutes,
                                    scale="durations") for a, b in pairs])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        told = set()
        for person, entries in timetable.required_of.items():
            for first, second in combinations(entries, 2):
                pair = frozenset((first.session.id, second.session.id))
                close = max(second.start - first.end, first.start - second.end) < self.minutes or (
                    first.start < second.end and second.start < first.end)
                if close and not timetable.programme.person(person).placeholder and not (self.once and pair in told):
                    told.add(pair)
                    yield _both(self, timetable, first, second, 1, f"{person} has less than {minutes_of(self.minutes)} "
                                f"between {first.session.id} and {second.session.id}", people=(person,))


@frozen(kw_only=True)
class TopicRooms(TopicRule):
    """Sessions on one topic are in one room of a day.

    Topics are tags: `tags` are those that count (all, unless said).

    Measure: for each pair of chosen sessions on one programme day (by their starts, as for `Phases`) that have
    rooms and share none, the minutes of both, times the number of topics that they share. Soft unless said. To
    relax it, lower its weight.
    """

    name: ClassVar[str] = "topic_rooms"
    summary: ClassVar[str] = "sessions on one topic are in one room of a day"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.tags", "rooms"})
    unit: ClassVar[str] = "minutes x tags"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        rooms = np.arange(len(facts.programme.rooms), dtype=np.int64)
        axis = Axis(facts=facts, name="day and room", of_tick=facts.day_of_tick, room_class=rooms)
        yield from self._of_pairs(facts, "elsewhere", axis, "in one room of a day")

    def _of_pairs(self, facts: Facts, kind: Literal["elsewhere", "differ"], axis: Axis, words: str) -> Iterator[Unit]:
        for tag, members in self.topics(facts):
            yield Unit(rule=self, sentence=f"sessions on {tag} are {words}", sessions=members, primitives=[
                Pair(first=a, second=b, kind=kind, axis=axis, scale="durations") for a, b in combinations(members, 2)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for one, other, shared in self.sharing(timetable):
            day = timetable.day_of(one.start)
            if day is not None and day == timetable.day_of(other.start) and one.rooms and other.rooms and not (
                    set(one.rooms) & set(other.rooms)):
                yield _both(self, timetable, one, other, len(shared), f"{one.session.id} and {other.session.id}, both "
                            f"about {', '.join(shared)}, are on one day in different rooms")


@frozen(kw_only=True)
class TopicDays(TopicRooms):
    """Sessions on one topic are on one day.

    Topics are tags: `tags` are those that count (all, unless said).

    Measure: for each pair of chosen sessions that are not on one programme day (by their starts, as for `Phases`;
    a start on no programme day shares its day with nobody), the minutes of both, times the number of topics that
    they share. Soft unless said. To relax it, lower its weight.
    """

    name: ClassVar[str] = "topic_days"
    summary: ClassVar[str] = "sessions on one topic are on one day"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.tags"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        yield from self._of_pairs(facts, "differ", days(facts), "on one day")

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for one, other, shared in self.sharing(timetable):
            day = timetable.day_of(one.start)
            if day is None or day != timetable.day_of(other.start):
                yield _both(self, timetable, one, other, len(shared), f"{one.session.id} and {other.session.id}, both "
                            f"about {', '.join(shared)}, are not on one day")


def _both(
    rule: Rule, timetable: Timetable, one: Entry, other: Entry, times: int, sentence: str, people: tuple[str, ...] = (),
) -> Finding:
    """Return the finding of a pair that counts the minutes of both sessions."""
    return finding(rule, times * (one.length + other.length), f"{sentence}, {timetable.clock(one.start)} and "
                   f"{timetable.clock(other.start)}", sessions=(one.session.id, other.session.id), people=people)
