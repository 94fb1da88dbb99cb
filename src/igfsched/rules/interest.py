"""Who would like to be in a session, although it does not require them.

- `Audience`: sessions on the same topics, by their tags, do not run at the same time.
- `CoInterest`: nor do pairs of sessions that many people would like to see both.
- `Attendance`: a group can be in chosen sessions as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from attrs import field, frozen

from igfsched.primitives import Count, Pair, Table, Tally, Unit, ticks
from igfsched.programme import whole
from igfsched.rule import Finding, Level, Rule, finding
from igfsched.rules.common import ChosenRule, is_level, minutes_of, unknown_names
from igfsched.rules.people import FREE, IN_ROLES, limited, missing_by_start, missing_minutes
from igfsched.selector import EVERY, Selector, names
from igfsched.timetable import overlapping
from igfsched.tuples import to_texts

if TYPE_CHECKING:
    from igfsched.facts import Facts
    from igfsched.primitives import Primitive
    from igfsched.programme import Person, Programme, Session
    from igfsched.timetable import Entry, Timetable


@frozen(kw_only=True)
class Audience(ChosenRule):
    """Sessions that share tags, and so an audience, do not run at the same time.

    `tags` are those that count (all, unless said); `selector` confines the rule to some sessions.

    Measure: for each pair of chosen sessions, the minutes in which both run, times the number of tags that
    they share. Soft unless said. To give it less say, lower its weight, or name fewer tags.
    """

    name: ClassVar[str] = "audience"
    summary: ClassVar[str] = "sessions that share tags do not run at the same time"
    unit: ClassVar[str] = "minutes x tags"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.tags"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    tags: tuple[str, ...] = field(default=(), converter=names)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        chosen = frozenset(facts.select(self.selector))
        for tag, slots in sorted(facts.grouped(self, "tags", lambda session: session.tags).items()):
            members = tuple(sorted(chosen.intersection(slots)))
            if len(members) > 1 and (not self.tags or tag in self.tags):
                yield facts.once(self, (tag, *members), partial(self._unit, facts, tag, members))

    def _unit(self, facts: Facts, tag: str, members: tuple[int, ...]) -> Unit:
        return Unit(rule=self, sentence=f"sessions with tag {tag} do not run at the same time", sessions=members,
                    primitives=[Tally(members=members, axis=ticks(facts), count=Count(kind="pairs"))])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        counts = set(self.tags)
        entries = timetable.chosen(timetable.programme.select(self.selector))
        for first, second, minutes in overlapping([entry for entry in entries if entry.session.tags]):
            shared = [tag for tag in first.session.tags if tag in second.session.tags and (not counts or tag in counts)]
            if shared:
                yield finding(
                    self, minutes * len(shared), f"{first.session.id} and {second.session.id}, both about "
                    f"{', '.join(shared)}, share {minutes_of(minutes)} from {timetable.clock(second.start)}",
                    sessions=(first.session.id, second.session.id), start=second.start, end=second.start + minutes,
                )


@frozen(kw_only=True)
class Interest:
    """So many people would like to be in both of two sessions."""

    sessions: tuple[str, ...] = field(converter=to_texts)
    people: int = field(default=1, validator=whole(0))

    @sessions.validator
    def _check(self, _: object, value: tuple[str, ...]) -> None:
        if len(set(value)) != 2 or len(value) != 2:
            raise ValueError(f"an interest is in two sessions, not in {', '.join(value) or 'none'}")


def _interests(values: Iterable[Interest]) -> tuple[Interest, ...]:
    return tuple(values)


@frozen(kw_only=True)
class CoInterest(Rule):
    """Sessions that many people would like to see both do not run at the same time.

    `pairs` says of two sessions how many people would like to see both: counted, or expected.

    Measure: over the pairs, the minutes in which both sessions run, times the people. Soft unless said. To relax
    it, lower its weight, or leave out pairs with few people.
    """

    name: ClassVar[str] = "co_interest"
    summary: ClassVar[str] = "sessions that many people would like to see both do not run at the same time"
    unit: ClassVar[str] = "minutes x people"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions"})

    level: Level = field(default="soft", validator=is_level)
    pairs: tuple[Interest, ...] = field(converter=_interests)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for interest in self.pairs:
            if interest.people:
                a, b = sorted(facts.session_index[id] for id in interest.sessions)
                yield facts.once(self, (a, b, interest.people), partial(self._unit, facts, a, b, interest.people))

    def _unit(self, facts: Facts, a: int, b: int, people: int) -> Unit:
        tally = Tally(members=(a, b), axis=ticks(facts), count=Count(kind="table", prices=(0, 0, people)))
        return Unit(rule=self, sentence=f"{people} people can see both {facts.session(a).id} and {facts.session(b).id}",
                    sessions=(a, b), primitives=[tally])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for interest in self.pairs:
            a, b = (timetable.by_session.get(id) for id in interest.sessions)
            if a is None or b is None:
                continue
            start, end = max(a.start, b.start), min(a.end, b.end)
            if start < end and interest.people:
                yield finding(
                    self, interest.people * (end - start), f"{interest.people} people would like to see both "
                    f"{a.session.id} and {b.session.id}, which share {minutes_of(end - start)} from "
                    f"{timetable.clock(start)}", sessions=interest.sessions, start=start, end=end)

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        known = programme.sessions_by_id
        for index, interest in enumerate(self.pairs):
            for id in interest.sessions:
                if id not in known:
                    yield f"pairs[{index}].sessions", id, tuple(known)


@frozen(kw_only=True)
class Attendance(ChosenRule):
    """All members of a group can be in the chosen sessions.

    `group` is the id of one of the programme's groups. Without it each chosen session is for the people of its
    track: those who have one of `roles` in another session of the same track, as the organisers have whom an
    introductory session is for.

    Measure: over the chosen sessions and the members of the group, the minutes that the session shares with
    each other session that requires the member, plus those in which the member is not free, as for
    `person_availability`. Preparation does not count, nor do placeholders. Soft unless said. To relax it,
    choose fewer sessions, or make the group smaller.
    """

    name: ClassVar[str] = "attendance"
    summary: ClassVar[str] = "all members of a group can be in the chosen sessions"
    reads: ClassVar[frozenset[str] | None] = IN_ROLES | FREE | {"groups", "sessions.track"}

    level: Level = field(default="soft", validator=is_level)
    group: str = ""
    roles: tuple[str, ...] = field(default=("organizer",), converter=names)

    def _for(self, programme: Programme) -> Callable[[Session], list[Person]]:
        """Return the function from a chosen session to the people whom it is for."""
        of_track: dict[str, list[tuple[str, str]]] = {}
        if not self.group:
            for session in programme.sessions:
                if session.track:
                    of_track.setdefault(session.track, []).extend(
                        (session.id, role.person) for role in session.people if role.role in self.roles)
        members = [id for group in programme.groups if group.id == self.group for id in group.members]

        def people(session: Session) -> list[Person]:
            ids = members if self.group else dict.fromkeys(
                person for other, person in of_track.get(session.track, ()) if other != session.id)
            return [person for id in ids if not (person := programme.person(id)).placeholder]

        return people

    def lower(self, facts: Facts) -> Iterator[Unit]:
        people = self._for(facts.programme)
        for slot in facts.select(self.selector):
            for person in people(facts.session(slot)):
                needed = facts.slots.required_of.get(person.id, ())
                unit = facts.once(self, (person.id, slot, needed), partial(self._unit, facts, person, slot, needed),
                                  about=person)
                if unit is not None:
                    yield unit

    def _unit(self, facts: Facts, person: Person, slot: int, needed: tuple[int, ...]) -> Unit | None:
        """Return what a member of the group has to say to a chosen session; nothing if that is always fine."""
        primitives: list[Primitive] = [
            Pair(first=slot, second=other, kind="overlap", axis=ticks(facts)) for other in needed if other != slot
        ]
        if limited(person):
            lengths = {v: int(facts.variant_minutes[v]) for v in facts.variants[slot]}
            primitives.append(Table(session=slot, time=missing_by_start(facts, person, 0, lengths)))
        if not primitives:
            return None
        return Unit(rule=self, sentence=f"{person.id} can be in {facts.session(slot).id}", sessions=(slot,),
                    primitives=primitives)

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        people = self._for(timetable.programme)
        for entry in timetable.chosen(timetable.programme.select(self.selector)):
            for person in people(entry.session):
                for other in timetable.required_of.get(person.id, ()):
                    minutes = min(entry.end, other.end) - max(entry.start, other.start)
                    if other is not entry and minutes > 0:
                        yield self._finding(timetable, entry, person, minutes, f"is needed in {other.session.id}",
                                            (entry.session.id, other.session.id))
                missing = missing_minutes(person, entry.start, entry.end)
                if missing:
                    yield self._finding(timetable, entry, person, missing, "is not free", (entry.session.id,))

    def _finding(
        self, timetable: Timetable, entry: Entry, person: Person, minutes: int, why: str, sessions: tuple[str, ...],
    ) -> Finding:
        own = timetable.own_time(entry.start, person.id)
        whose = self.group or f"track {entry.session.track}"
        return finding(
            self, minutes, f"{person.id}, of {whose}, {why} for {minutes_of(minutes)} of {entry.session.id}, "
            f"at {timetable.clock(entry.start)}" + (f" ({own})" if own else ""),
            sessions=sessions, people=(person.id,), start=entry.start, end=entry.end,
        )

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        yield from unknown_names("selector", self.selector, programme)
        known = tuple(group.id for group in programme.groups)
        if self.group and self.group not in known:
            yield "group", self.group, known
