"""What is offered side by side, and where the crowds are.

- `Diversity`: sessions that run side by side differ.
- `LevelFlow`: easy sessions come before hard ones on the same topic.
- `Crowd`: not too many sessions with a crowd are at the same time.
- `PopularRooms`: the bigger the room, the more wanted the session.

Each counts something, or by its `measure` adds up minutes of sessions, so that long ones count more.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.primitives import Axis, Count, Pair, Tally, Unit, ticks
from igfsched.programme import whole
from igfsched.rule import Finding, Level, finding
from igfsched.rules.common import ChosenRule, is_level
from igfsched.selector import EVERY, Selector, names

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.programme import Programme, Session
    from igfsched.timetable import Entry, Timetable

Attribute = Literal["type", "track", "language", "audience_level", "region"]
ATTRIBUTES: tuple[Attribute, ...] = ("type", "track", "language", "audience_level", "region")
Measure = Literal["pairs", "minutes"]


@frozen(kw_only=True)
class Diversity(ChosenRule):
    """Sessions that start together differ, so that there is something for everybody.

    `by`: in what they are to differ: `type`, `track`, `language`, `audience_level` or `region`, the regions of
    their people. Sessions of which it is not known (an empty text, no level, nobody with a region) are left out.
    With `tags`, sessions are to share these instead, and those that have none of them are left out.
    What is wanted is many pairs that differ side by side; the measure says what is missing of it, or with
    `measure` how much is alike, which is far easier to solve for.

    Measure, by `measure`: `missing`, for each pair of chosen sessions that differ and do not start at the same
    time, the minutes of both; `alike`, for each pair that does not differ and starts at the same time, the
    minutes of both; `shortfall`, for each pair that differs, the longest of all durations, less their minutes if
    they start and end at the same times. Of regions, two sessions differ if they have none in common. With `tags`,
    two go for differing that share some of them, and count once for each. Soft unless said. To relax it, choose
    fewer sessions.
    """

    name: ClassVar[str] = "diversity"
    summary: ClassVar[str] = "sessions that start together differ"
    reads: ClassVar[frozenset[str] | None] = frozenset({
        "sessions", "sessions.type", "sessions.track", "sessions.language", "sessions.audience_level", "sessions.tags",
        "sessions.people", "people.region"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    by: Attribute = field(default="type", validator=validators.in_(ATTRIBUTES))
    tags: tuple[str, ...] = field(default=(), converter=names)
    measure: Literal["missing", "alike", "shortfall"] = field(
        default="alike", validator=validators.in_(("missing", "alike", "shortfall")))

    def _known(self, programme: Programme, session: Session) -> frozenset[object]:
        """Return what counts of a session, nothing if it is left out."""
        return frozenset(session.tags).intersection(self.tags) if self.tags else _values(programme, session, self.by)

    def _times(self, one: frozenset[object], other: frozenset[object]) -> int:
        """Return how often two sessions of which this is known count as a pair that differs."""
        return len(one & other) if self.tags else int(one.isdisjoint(other))

    @staticmethod
    def best(programme: Programme) -> int:
        """Return the most minutes that one pair can share."""
        return max((duration for session in programme.sessions for duration in session.durations), default=0)

    def missing_at_most(self, programme: Programme) -> int:
        """Return the shortfall of a schedule in which all sessions have a place and no pair is together."""
        chosen = [own for session in programme.select(self.selector) if (own := self._known(programme, session))]
        return self.best(programme) * sum(self._times(one, other) for one, other in combinations(chosen, 2))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        values = {slot: own for slot in facts.select(self.selector)
                  if (own := self._known(facts.programme, facts.session(slot)))}
        pairs = {(a, b): self._times(values[a], values[b]) for a, b in combinations(values, 2)}
        if self.measure == "shortfall":
            yield from self._of_exact_times(facts, tuple(values), pairs)
            return
        alike = self.measure == "alike"

        def units(before: dict[tuple[int, int, int], Unit] | None) -> dict[tuple[int, int, int], Unit]:
            known = before or {}
            return {(a, b, times): known.get((a, b, times)) or self._unit(facts, a, b, times or 1)
                    for (a, b), times in pairs.items() if (times == 0) == alike}

        yield from facts.renewed(self, "units", units).values()

    def _unit(self, facts: Facts, a: int, b: int, times: int) -> Unit:
        kind: Literal["same", "differ"] = "differ" if self.measure == "missing" else "same"
        words = "differ and start" if self.measure == "missing" else "are alike and do not start"
        return Unit(rule=self, sentence=f"{facts.session(a).id} and {facts.session(b).id} {words} together",
                    sessions=(a, b), primitives=[
                        Pair(first=a, second=b, kind=kind, axis=starts_axis(facts), scale="durations")
                        for _ in range(times)])

    def _of_exact_times(
        self, facts: Facts, members: tuple[int, ...], pairs: dict[tuple[int, int], int],
    ) -> Iterator[Unit]:
        """Yield the unit of what pairs share less than they might, if they start and end at the same times."""
        best, axis = self.best(facts.programme), ticks(facts)
        primitives = []
        for (a, b), times in pairs.items():
            primitives += [Pair(first=a, second=b, kind="not_together", axis=axis, gap=best)] * times
        if primitives:
            yield Unit(rule=self, sentence="what runs at the same time differs", sessions=members,
                       primitives=primitives)

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        programme = timetable.programme
        entries = [(entry, own) for entry in timetable.chosen(programme.select(self.selector))
                   if (own := self._known(programme, entry.session))]
        if self.measure == "shortfall":
            yield from self._shortfall(programme, entries)
            return
        for (a, first), (b, second) in combinations(entries, 2):
            times = self._times(first, second)
            together, alike = a.start == b.start, not times
            if together == alike == (self.measure == "alike"):
                how = "start together and are alike" if alike else "differ and do not start together"
                yield finding(self, (times or 1) * (a.length + b.length), f"{a.session.id} and {b.session.id} {how} "
                              f"({', '.join(self.tags) or self.by})", sessions=(a.session.id, b.session.id),
                              start=a.start, end=b.end)

    def _shortfall(self, programme: Programme, entries: list[tuple[Entry, frozenset[object]]]) -> Iterator[Finding]:
        best = self.best(programme)
        amount = together = 0
        for (one, first), (other, second) in combinations(entries, 2):
            times = self._times(first, second)
            shared = one.length if (one.start, one.end) == (other.start, other.end) else 0
            amount += times * (best - shared)
            together += times * shared
        if amount:
            yield finding(self, amount, f"what differs is together for {together} pair minutes, {amount} fewer than if "
                          "all of it were")


def _values(programme: Programme, session: Session, by: Attribute) -> frozenset[object]:
    """Return what a session has of an attribute, nothing if that is not known."""
    if by == "region":
        return frozenset(region for role in session.people if (region := programme.person(role.person).region))
    value = getattr(session, by)
    return frozenset() if value in ("", None) else frozenset({value})


@frozen(kw_only=True)
class LevelFlow(ChosenRule):
    """On the same topic easy sessions come before hard ones.

    `by`: what makes two sessions of one topic: a common tag, or the track. `tags`: the tags that count (all, unless
    said). Sessions without `audience_level` are left out.

    Measure, by `measure`: `pairs`, pairs of chosen sessions on one topic of which the harder one starts before the
    easier one ends; `minutes`, for each such pair the minutes of both, times the number of topics that they share.
    Soft unless said. To relax it, lower its weight, or choose fewer sessions.
    """

    name: ClassVar[str] = "level_flow"
    summary: ClassVar[str] = "on the same topic easy sessions come before hard ones"
    unit: ClassVar[str] = "pairs or minutes"
    reads: ClassVar[frozenset[str] | None] = frozenset({
        "sessions.audience_level", "sessions.tags", "sessions.track"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    by: Literal["tags", "track"] = field(default="tags", validator=validators.in_(("tags", "track")))
    tags: tuple[str, ...] = field(default=(), converter=names)
    measure: Measure = field(default="pairs", validator=validators.in_(("pairs", "minutes")))

    @property
    def measured_in(self) -> str:
        return "pairs" if self.measure == "pairs" else "minutes x topics"

    def _topics(self, session: Session) -> frozenset[str]:
        if self.by == "track":
            return frozenset(filter(None, (session.track,)))
        return frozenset(session.tags).intersection(self.tags) if self.tags else frozenset(session.tags)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis = ticks(facts)
        levels = {slot: (level, topics) for slot in facts.select(self.selector)
                  if (level := facts.session(slot).audience_level) is not None
                  and (topics := self._topics(facts.session(slot)))}
        for a, b in combinations(levels, 2):
            (one, topics), (other, others) = levels[a], levels[b]
            if one != other and topics & others:
                easy, hard = (a, b) if one < other else (b, a)
                times = 1 if self.measure == "pairs" else len(topics & others)
                yield facts.once(self, (easy, hard, times), partial(self._unit, facts, easy, hard, axis, times))

    def _unit(self, facts: Facts, easy: int, hard: int, axis: Axis, times: int) -> Unit:
        scale: Literal[1, "durations"] = 1 if self.measure == "pairs" else "durations"
        return Unit(rule=self, sentence=f"{facts.session(easy).id} ends before {facts.session(hard).id} starts, which "
                    "is harder", sessions=(easy, hard), primitives=[
                        Pair(first=easy, second=hard, kind="late_count", axis=axis, scale=scale) for _ in range(times)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        entries = [entry for entry in timetable.chosen(timetable.programme.select(self.selector))
                   if entry.session.audience_level is not None]
        for easy in entries:
            for hard in entries:
                shared = self._topics(easy.session) & self._topics(hard.session)
                if (easy.session.audience_level < hard.session.audience_level and hard.start < easy.end  # type: ignore[operator]
                        and shared):
                    amount = 1 if self.measure == "pairs" else len(shared) * (easy.length + hard.length)
                    yield finding(
                        self, amount, f"{hard.session.id} (level {hard.session.audience_level}) starts at "
                        f"{timetable.clock(hard.start)}, before {easy.session.id} (level "
                        f"{easy.session.audience_level}) ends", sessions=(easy.session.id, hard.session.id),
                        start=hard.start, end=easy.end)


@frozen(kw_only=True)
class Crowd(ChosenRule):
    """Not too many sessions that draw a crowd are at the same time.

    `selector` chooses those that draw a crowd. `most`: so many may do so beside another one.

    Measure, by `measure`: `sessions`, for each time at which chosen sessions start, their number if it exceeds
    `most` + 1, else 0; `minutes`, for each time at which chosen sessions both start and end, the minutes of each of
    them if they are more than `most` + 1. Soft unless said. To relax it, raise `most`.
    """

    name: ClassVar[str] = "crowd"
    summary: ClassVar[str] = "not too many sessions that draw a crowd are at the same time"
    unit: ClassVar[str] = "sessions or minutes"

    level: Level = field(default="soft", validator=is_level)
    most: int = field(default=1, validator=whole(0))
    measure: Literal["sessions", "minutes"] = field(
        default="sessions", validator=validators.in_(("sessions", "minutes")))

    @property
    def measured_in(self) -> str:
        return self.measure

    def lower(self, facts: Facts) -> Iterator[Unit]:
        members = facts.select(self.selector)
        if self.measure == "minutes":
            yield from self._of_each_length(facts, members)
        elif len(members) > self.most + 1:
            yield facts.once(self, members, partial(self._unit, facts, members))

    def _of_each_length(self, facts: Facts, members: tuple[int, ...]) -> Iterator[Unit]:
        for minutes in sorted({int(facts.variant_minutes[v]) for slot in members for v in facts.variants[slot]}):
            able = tuple(slot for slot in members
                         if any(facts.variant_minutes[v] == minutes for v in facts.variants[slot]))
            if len(able) > self.most + 1:
                axis = Axis(facts=facts, name="start", of_tick=np.arange(facts.n_ticks, dtype=np.int64),
                            width=minutes, minutes=minutes)
                yield Unit(rule=self, sentence=f"at most {self.most + 1} of {self.selector} are at the same time",
                           sessions=able, primitives=[Tally(members=able, axis=axis, count=self._count(able))])

    def _count(self, members: tuple[int, ...]) -> Count:
        """Return a count of sessions at one time, by which all of them cost something if they are too many."""
        prices = [number if number > self.most + 1 else 0 for number in range(len(members) + 1)]
        return Count(kind="table", prices=prices)

    def _unit(self, facts: Facts, members: tuple[int, ...]) -> Unit:
        tally = Tally(members=members, axis=starts_axis(facts), count=self._count(members))
        return Unit(rule=self, sentence=f"at most {self.most + 1} of {self.selector} start at the same time",
                    sessions=members, primitives=[tally])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        together: dict[tuple[int, int], list[Entry]] = {}
        for entry in timetable.chosen(timetable.programme.select(self.selector)):
            length = entry.length if self.measure == "minutes" else 0
            together.setdefault((entry.start, length), []).append(entry)
        for (start, length), entries in together.items():
            if len(entries) > self.most + 1:
                ids = [entry.session.id for entry in entries]
                how = "are together" if length else "start together"
                yield finding(self, len(ids) * (length or 1), f"{', '.join(ids)} {how} at {timetable.clock(start)}, "
                              f"where {self.most + 1} may", sessions=ids, start=start)


@frozen(kw_only=True)
class PopularRooms(ChosenRule):
    """The more a session is wanted, the bigger its room.

    How much a session is wanted is `Session.demand`, how big a room is `Room.capacity`. What has none is left
    out.

    Measure, by `measure`: `pairs`, pairs of chosen sessions of which the less wanted one has the bigger room; of
    sessions with several rooms, pairs of the sizes of these; `minutes`, for each such pair the minutes of both
    sessions. When they take place does not matter. Soft unless said. To relax it, lower its weight, or choose fewer
    sessions.
    """

    name: ClassVar[str] = "popular_rooms"
    summary: ClassVar[str] = "the more a session is wanted, the bigger its room"
    unit: ClassVar[str] = "pairs or minutes"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.demand", "rooms"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    measure: Measure = field(default="pairs", validator=validators.in_(("pairs", "minutes")))

    @property
    def measured_in(self) -> str:
        return self.measure

    def lower(self, facts: Facts) -> Iterator[Unit]:
        sizes = [room.capacity for room in facts.programme.rooms]
        known = sorted({size for size in sizes if size is not None})
        if len(known) < 2:
            return
        axis = facts.once(self, ("axis", *sizes), lambda: Axis(
            facts=facts, name="size of the room", of_tick=np.zeros(facts.n_ticks, dtype=np.int64),
            room_class=np.array([-1 if size is None else known.index(size) for size in sizes], dtype=np.int64)),
            about=facts.lengths)
        bigger = np.tril(np.ones((len(known), len(known)), dtype=np.int64), k=-1)
        wanted = [(demand, slot) for slot in facts.select(self.selector)
                  if (demand := facts.session(slot).demand) is not None]

        def units(before: dict[tuple[int, int], Unit] | None) -> dict[tuple[int, int], Unit]:
            earlier = before or {}
            return {
                (less, more): earlier.get((less, more)) or self._unit(facts, less, more, axis, bigger)
                for (one, less), (other, more) in combinations(sorted(wanted), 2) if one != other
            }

        yield from facts.renewed(self, ("units", *sizes), units).values()

    def _unit(self, facts: Facts, less: int, more: int, axis: Axis, bigger: Ints) -> Unit:
        return Unit(rule=self, sentence=f"{facts.session(more).id} has no smaller room than {facts.session(less).id}",
                    sessions=(less, more), primitives=[
                        Pair(first=less, second=more, kind="matrix", axis=axis, prices=bigger,
                             scale=1 if self.measure == "pairs" else "durations")])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        size = {room.id: room.capacity for room in timetable.programme.rooms}
        entries = [entry for entry in timetable.chosen(timetable.programme.select(self.selector))
                   if entry.session.demand is not None]
        for less in entries:
            for more in entries:
                if not less.session.demand < more.session.demand:  # type: ignore[operator]
                    continue
                sizes, others = ({size[room]: room for room in entry.rooms if size[room] is not None}
                                 for entry in (less, more))
                worse = [(a, b) for a in sizes for b in others if a > b]  # type: ignore[operator]
                if worse:
                    big, small = worse[0]
                    each = 1 if self.measure == "pairs" else less.length + more.length
                    yield finding(
                        self, each * len(worse), f"{less.session.id} (wanted by {less.session.demand}) is in "
                        f"{sizes[big]} for {big}, {more.session.id} (wanted by {more.session.demand}) in "
                        f"{others[small]} for {small}",
                        sessions=(less.session.id, more.session.id), rooms=(sizes[big], others[small]))


def starts_axis(facts: Facts) -> Axis:
    """Return the axis of exact starts; the same one as long as no length changes."""
    return facts.lengths.remember("starts", lambda: Axis(
        facts=facts, name="start", of_tick=np.arange(facts.n_ticks, dtype=np.int64)))
