"""Which sessions go well together, by their topics, their levels, their people and how much they are wanted.

- `Prerequisites`: a session comes after those that it builds on.
- `TopicFlow`: of sessions on one topic the easier comes first.
- `Pause`: people have a pause between two sessions of theirs.
- `CrowdMinutes`: sessions that draw crowds are alone or two at a time.
- `TopicRooms`, `TopicDays`: sessions on one topic are in one room of a day, and on one day.
- `SideBySide`: what runs at the same time differs.
- `WantedRooms`: the more a session is wanted, the bigger its room.

Most of these measure pairs by the minutes of both sessions together, so that long sessions count more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.primitives import Axis, Count, Pair, Tally, Unit, days, ticks
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
                       primitives=[_late(facts, first, second)])

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
class TopicFlow(TopicRule):
    """Of sessions on one topic the easier ends before the harder starts.

    Topics are tags: `tags` are those that count (all, unless said). Sessions without `audience_level` do not count.

    Measure: for each pair of chosen sessions of different levels of which the easier ends after the harder starts,
    the minutes of both, times the number of topics that they share. Soft unless said. To relax it, lower its weight.
    """

    name: ClassVar[str] = "topic_flow"
    summary: ClassVar[str] = "of sessions on one topic the easier ends before the harder starts"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.tags", "sessions.audience_level"})
    unit: ClassVar[str] = "minutes x tags"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for tag, members in self.topics(facts):
            pairs = []
            for a, b in combinations(members, 2):
                one, other = facts.session(a).audience_level, facts.session(b).audience_level
                if one is not None and other is not None and one != other:
                    pairs.append(_late(facts, *((a, b) if one < other else (b, a))))
            if pairs:
                yield Unit(rule=self, sentence=f"the easier sessions on {tag} come first", sessions=members,
                           primitives=pairs)

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for one, other, shared in self.sharing(timetable):
            if None in (one.session.audience_level, other.session.audience_level):
                continue
            easy, hard = sorted((one, other), key=lambda entry: entry.session.audience_level or 0)
            if easy.session.audience_level != hard.session.audience_level and easy.end > hard.start:
                yield _both(self, timetable, easy, hard, len(shared), f"{easy.session.id} is easier than "
                            f"{hard.session.id}, both about {', '.join(shared)}, and does not end before it starts")


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
class CrowdMinutes(ChosenRule):
    """Sessions that draw crowds are not many at exactly the same time.

    Measure: for each start and length, the chosen sessions that have both are counted; if they are more than `most`
    (2, unless said), each of them counts its minutes. To relax it, raise `most`, or choose fewer sessions.
    """

    name: ClassVar[str] = "crowd_minutes"
    summary: ClassVar[str] = "sessions that draw crowds are not many at exactly the same time"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions"})

    most: int = field(default=2, validator=whole(0))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        members = facts.select(self.selector)
        lengths = {int(facts.variant_minutes[v]) for slot in members for v in facts.variants[slot]}
        for minutes in sorted(lengths):
            able = tuple(slot for slot in members
                         if any(facts.variant_minutes[v] == minutes for v in facts.variants[slot]))
            if len(able) > self.most:
                axis = Axis(facts=facts, name="start", of_tick=np.arange(facts.n_ticks, dtype=np.int64),
                            width=minutes, minutes=minutes)
                prices = [number if number > self.most else 0 for number in range(len(able) + 1)]
                yield Unit(rule=self, sentence=f"at most {self.most} of {self.selector} at exactly the same time",
                           sessions=able, primitives=[
                               Tally(members=able, axis=axis, count=Count(kind="table", prices=prices))])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        together: dict[tuple[int, int], list[Entry]] = {}
        for entry in timetable.chosen(timetable.programme.select(self.selector)):
            together.setdefault((entry.start, entry.end), []).append(entry)
        for (start, end), entries in sorted(together.items()):
            if len(entries) > self.most:
                ids = [entry.session.id for entry in entries]
                yield finding(self, len(entries) * (end - start), f"{', '.join(ids)} are all at "
                              f"{timetable.clock(start)}, and at most {self.most} are to be", sessions=sorted(ids),
                              start=start, end=end)


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


Attribute = Literal["audience_level", "language", "type"]


@frozen(kw_only=True)
class SideBySide(ChosenRule):
    """What runs at exactly the same time differs, so that there is something for everybody.

    `by` is what is to differ: `audience_level`, `language` or `type`. With `tags`, sessions are to share these
    instead, and each shared one counts.

    Measure: for each pair of chosen sessions that differ (or for each tag that they share), `best` minutes, less
    their minutes if they start and end at the same times: what is missing of having all of them together. `best` is
    the longest of all durations unless said; two sessions that take longer together count as so many. Sessions that
    have no level, or no language, do not count. Soft unless said. To relax it, lower its weight.
    """

    name: ClassVar[str] = "side_by_side"
    summary: ClassVar[str] = "what runs at exactly the same time differs"
    reads: ClassVar[frozenset[str] | None] = frozenset({
        "sessions", "sessions.tags", "sessions.audience_level", "sessions.language", "sessions.type"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    by: Attribute = field(default="audience_level", validator=validators.in_(("audience_level", "language", "type")))
    tags: tuple[str, ...] = field(default=(), converter=names)

    def _times(self, first: Session, second: Session) -> int:
        """Return how often a pair counts."""
        if self.tags:
            return len(set(first.tags) & set(second.tags) & set(self.tags))
        one, other = getattr(first, self.by), getattr(second, self.by)
        return int(one not in (None, "") and other not in (None, "") and one != other)

    @staticmethod
    def best(programme: Programme) -> int:
        """Return the most that one pair can share."""
        return max((duration for session in programme.sessions for duration in session.durations), default=0)

    def missing_at_most(self, programme: Programme) -> int:
        """Return the measure of a schedule in which all sessions have a place and no pair is together."""
        chosen = programme.select(self.selector)
        return self.best(programme) * sum(self._times(a, b) for a, b in combinations(chosen, 2))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        best, axis = self.best(facts.programme), ticks(facts)
        pairs = []
        members = facts.select(self.selector)
        for a, b in combinations(members, 2):
            pairs += [Pair(first=a, second=b, kind="not_together", axis=axis, gap=best)] * self._times(
                facts.session(a), facts.session(b))
        if pairs:
            yield Unit(rule=self, sentence="what runs at the same time differs", sessions=members, primitives=pairs)

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        best = self.best(timetable.programme)
        chosen = timetable.chosen(timetable.programme.select(self.selector))
        amount = together = 0
        for one, other in combinations(chosen, 2):
            times = self._times(one.session, other.session)
            shared = one.length if (one.start, one.end) == (other.start, other.end) else 0
            amount += times * (best - shared)
            together += times * shared
        if amount:
            yield finding(self, amount, f"what differs is together for {together} pair minutes, {amount} fewer than if "
                          "all of it were")


@frozen(kw_only=True)
class WantedRooms(ChosenRule):
    """The more a session is wanted, the bigger is its room.

    How much it is wanted is `Session.demand`, how big a room is `Room.capacity`; where one of them is not known
    nothing counts. When the sessions take place does not matter.

    Measure: for each pair of chosen sessions, for each room of the less wanted one that is bigger than one of the
    other's, the minutes of both. Soft unless said. To relax it, lower its weight.
    """

    name: ClassVar[str] = "wanted_rooms"
    summary: ClassVar[str] = "the more a session is wanted, the bigger is its room"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.demand", "rooms"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY

    def lower(self, facts: Facts) -> Iterator[Unit]:
        sizes = sorted({room.capacity for room in facts.programme.rooms if room.capacity is not None})
        classes = np.array([-1 if room.capacity is None else number
                            for number, room in enumerate(facts.programme.rooms)], dtype=np.int64)
        rank = [sizes.index(room.capacity) if room.capacity is not None else -1 for room in facts.programme.rooms]
        size = np.array(rank, dtype=np.int64)
        bigger = (size[:, None] > size[None, :]).astype(np.int64)
        axis = Axis(facts=facts, name="room", of_tick=np.zeros(facts.n_ticks, dtype=np.int64), room_class=classes)
        wanted = [(slot, session.demand) for slot in facts.select(self.selector)
                  if (session := facts.session(slot)).demand is not None]
        pairs = [
            Pair(first=a, second=b, kind="matrix", axis=axis, prices=bigger, scale="durations")
            for a, demand in wanted for b, other in wanted if demand < other
        ]
        if pairs and len(sizes) > 1:
            yield Unit(rule=self, sentence="the more a session is wanted, the bigger is its room",
                       sessions=tuple(slot for slot, _ in wanted), primitives=pairs)

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        capacity = {room.id: room.capacity for room in timetable.programme.rooms if room.capacity is not None}
        wanted = [entry for entry in timetable.chosen(timetable.programme.select(self.selector))
                  if entry.session.demand is not None]
        for one, other in combinations(wanted, 2):
            less, more = sorted((one, other), key=lambda entry: entry.session.demand or 0)
            if less.session.demand == more.session.demand:
                continue
            sizes = [[capacity[room] for room in entry.rooms if room in capacity] for entry in (less, more)]
            times = sum(a > b for a in sizes[0] for b in sizes[1])
            if times:
                yield _both(self, timetable, less, more, times, f"{less.session.id} is less wanted than "
                            f"{more.session.id} and has a bigger room")


def _late(facts: Facts, first: int, second: int) -> Pair:
    return Pair(first=first, second=second, kind="late_count", axis=ticks(facts), scale="durations")


def _both(
    rule: Rule, timetable: Timetable, one: Entry, other: Entry, times: int, sentence: str, people: tuple[str, ...] = (),
) -> Finding:
    """Return the finding of a pair that counts the minutes of both sessions."""
    return finding(rule, times * (one.length + other.length), f"{sentence}, {timetable.clock(one.start)} and "
                   f"{timetable.clock(other.start)}", sessions=(one.session.id, other.session.id), people=people)
