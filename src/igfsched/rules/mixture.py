"""What is offered side by side, and where the crowds are.

- `Diversity`: sessions that start together differ.
- `LevelFlow`: easy sessions come before hard ones on the same topic.
- `Crowd`: not too many sessions with a crowd start at the same time.
- `PopularRooms`: the bigger the room, the more wanted the session.
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
from igfsched.selector import EVERY, Selector

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.programme import Programme, Session
    from igfsched.timetable import Timetable

Attribute = Literal["type", "track", "language", "audience_level", "region"]
ATTRIBUTES: tuple[Attribute, ...] = ("type", "track", "language", "audience_level", "region")


@frozen(kw_only=True)
class Diversity(ChosenRule):
    """Sessions that start together differ, so that there is something for everybody.

    `by`: in what they are to differ: `type`, `track`, `language`, `audience_level` or `region`, the regions of
    their people. Sessions of which it is not known (an empty text, no level, nobody with a region) are left out.
    What is wanted is many pairs that differ side by side; the measure says what is missing of it, or with
    `measure` how much is alike, which is far easier to solve for.

    Measure, by `measure`: `missing`, for each pair of chosen sessions that differ and do not start at the same
    time, the minutes of both; `alike`, for each pair that does not differ and starts at the same time, the
    minutes of both. Of regions, two sessions differ if they have none in common. Soft unless said. To relax it,
    choose fewer sessions.
    """

    name: ClassVar[str] = "diversity"
    summary: ClassVar[str] = "sessions that start together differ"
    reads: ClassVar[frozenset[str] | None] = frozenset({
        "sessions.type", "sessions.track", "sessions.language", "sessions.audience_level", "sessions.people",
        "people.region"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    by: Attribute = field(default="type", validator=validators.in_(ATTRIBUTES))
    measure: Literal["missing", "alike"] = field(default="alike", validator=validators.in_(("missing", "alike")))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        values = {slot: _values(facts.programme, facts.session(slot), self.by)
                  for slot in facts.select(self.selector)}
        alike = self.measure == "alike"

        def units(before: dict[tuple[int, int], Unit] | None) -> dict[tuple[int, int], Unit]:
            known = before or {}
            return {
                (a, b): known.get((a, b)) or self._unit(facts, a, b)
                for a, b in combinations([slot for slot, own in values.items() if own], 2)
                if values[a].isdisjoint(values[b]) != alike
            }

        yield from facts.renewed(self, "units", units).values()

    def _unit(self, facts: Facts, a: int, b: int) -> Unit:
        kind: Literal["same", "differ"] = "differ" if self.measure == "missing" else "same"
        words = "differ and start" if self.measure == "missing" else "are alike and do not start"
        return Unit(rule=self, sentence=f"{facts.session(a).id} and {facts.session(b).id} {words} together",
                    sessions=(a, b), primitives=[
                        Pair(first=a, second=b, kind=kind, axis=starts_axis(facts), scale="durations")])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        programme = timetable.programme
        entries = [(entry, own) for entry in timetable.chosen(programme.select(self.selector))
                   if (own := _values(programme, entry.session, self.by))]
        for (a, first), (b, second) in combinations(entries, 2):
            together, alike = a.start == b.start, not first.isdisjoint(second)
            if together == alike == (self.measure == "alike"):
                how = "start together and are alike" if alike else "differ and do not start together"
                yield finding(self, a.length + b.length, f"{a.session.id} and {b.session.id} {how} ({self.by})",
                              sessions=(a.session.id, b.session.id), start=a.start, end=b.end)


def _values(programme: Programme, session: Session, by: Attribute) -> frozenset[object]:
    """Return what a session has of an attribute, nothing if that is not known."""
    if by == "region":
        return frozenset(region for role in session.people if (region := programme.person(role.person).region))
    value = getattr(session, by)
    return frozenset() if value in ("", None) else frozenset({value})


@frozen(kw_only=True)
class LevelFlow(ChosenRule):
    """On the same topic easy sessions come before hard ones.

    `by`: what makes two sessions of one topic: a common tag, or the track. Sessions without `audience_level`
    are left out.

    Measure: pairs of chosen sessions on one topic of which the harder one starts before the easier one ends.
    Soft unless said. To relax it, lower its weight, or choose fewer sessions.
    """

    name: ClassVar[str] = "level_flow"
    summary: ClassVar[str] = "on the same topic easy sessions come before hard ones"
    unit: ClassVar[str] = "pairs"
    reads: ClassVar[frozenset[str] | None] = frozenset({
        "sessions.audience_level", "sessions.tags", "sessions.track"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    by: Literal["tags", "track"] = field(default="tags", validator=validators.in_(("tags", "track")))

    def _topics(self, session: Session) -> frozenset[str]:
        return frozenset(session.tags if self.by == "tags" else filter(None, (session.track,)))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        axis = ticks(facts)
        levels = {slot: (level, topics) for slot in facts.select(self.selector)
                  if (level := facts.session(slot).audience_level) is not None
                  and (topics := self._topics(facts.session(slot)))}
        for a, b in combinations(levels, 2):
            (one, topics), (other, others) = levels[a], levels[b]
            if one != other and topics & others:
                easy, hard = (a, b) if one < other else (b, a)
                yield facts.once(self, (easy, hard), partial(self._unit, facts, easy, hard, axis))

    def _unit(self, facts: Facts, easy: int, hard: int, axis: Axis) -> Unit:
        return Unit(rule=self, sentence=f"{facts.session(easy).id} ends before {facts.session(hard).id} starts, which "
                    "is harder", sessions=(easy, hard),
                    primitives=[Pair(first=easy, second=hard, kind="late_count", axis=axis)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        entries = [entry for entry in timetable.chosen(timetable.programme.select(self.selector))
                   if entry.session.audience_level is not None]
        for easy in entries:
            for hard in entries:
                if (easy.session.audience_level < hard.session.audience_level and hard.start < easy.end  # type: ignore[operator]
                        and self._topics(easy.session) & self._topics(hard.session)):
                    yield finding(
                        self, 1, f"{hard.session.id} (level {hard.session.audience_level}) starts at "
                        f"{timetable.clock(hard.start)}, before {easy.session.id} (level "
                        f"{easy.session.audience_level}) ends", sessions=(easy.session.id, hard.session.id),
                        start=hard.start, end=easy.end)


@frozen(kw_only=True)
class Crowd(ChosenRule):
    """Not too many sessions that draw a crowd start at the same time.

    `selector` chooses those that draw a crowd. `most`: so many may do so beside another one.

    Measure: for each time at which chosen sessions start, their number if it exceeds `most` + 1, else 0. Soft
    unless said. To relax it, raise `most`.
    """

    name: ClassVar[str] = "crowd"
    summary: ClassVar[str] = "not too many sessions that draw a crowd start at the same time"
    unit: ClassVar[str] = "sessions"

    level: Level = field(default="soft", validator=is_level)
    most: int = field(default=1, validator=whole(0))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        members = facts.select(self.selector)
        if len(members) > self.most + 1:
            yield facts.once(self, members, partial(self._unit, facts, members))

    def _unit(self, facts: Facts, members: tuple[int, ...]) -> Unit:
        prices = [number if number > self.most + 1 else 0 for number in range(len(members) + 1)]
        tally = Tally(members=members, axis=starts_axis(facts), count=Count(kind="table", prices=prices))
        return Unit(rule=self, sentence=f"at most {self.most + 1} of {self.selector} start at the same time",
                    sessions=members, primitives=[tally])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        by_start: dict[int, list[str]] = {}
        for entry in timetable.chosen(timetable.programme.select(self.selector)):
            by_start.setdefault(entry.start, []).append(entry.session.id)
        for start, ids in by_start.items():
            if len(ids) > self.most + 1:
                yield finding(self, len(ids), f"{', '.join(ids)} start together at {timetable.clock(start)}, where "
                              f"{self.most + 1} may", sessions=ids, start=start)


@frozen(kw_only=True)
class PopularRooms(ChosenRule):
    """The more a session is wanted, the bigger its room.

    How much a session is wanted is `Session.demand`, how big a room is `Room.capacity`. What has none is left
    out.

    Measure: pairs of chosen sessions of which the less wanted one has the bigger room; of sessions with several
    rooms, pairs of the sizes of these. Soft unless said. To relax it, lower its weight, or choose fewer sessions.
    """

    name: ClassVar[str] = "popular_rooms"
    summary: ClassVar[str] = "the more a session is wanted, the bigger its room"
    unit: ClassVar[str] = "pairs"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.demand", "rooms"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY

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
                    sessions=(less, more),
                    primitives=[Pair(first=less, second=more, kind="matrix", axis=axis, prices=bigger)])

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
                    yield finding(
                        self, len(worse), f"{less.session.id} (wanted by {less.session.demand}) is in {sizes[big]} for "
                        f"{big}, {more.session.id} (wanted by {more.session.demand}) in {others[small]} for {small}",
                        sessions=(less.session.id, more.session.id), rooms=(sizes[big], others[small]))


def starts_axis(facts: Facts) -> Axis:
    """Return the axis of exact starts; the same one as long as no length changes."""
    return facts.lengths.remember("starts", lambda: Axis(
        facts=facts, name="start", of_tick=np.arange(facts.n_ticks, dtype=np.int64)))
