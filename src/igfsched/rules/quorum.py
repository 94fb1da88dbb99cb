"""Enough members of a group for a session.

- `Quorum`: so many of a group are free for the chosen sessions.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from attrs import field, frozen

from igfsched.primitives import Alert, Pair, Unit, Watch, When, ticks
from igfsched.programme import Group, whole
from igfsched.rule import Finding, finding
from igfsched.rules.common import ChosenRule, unknown_names
from igfsched.rules.people import FREE, IN_ROLES, limited, missing_by_start, missing_minutes
from igfsched.window import filled

if TYPE_CHECKING:
    from igfsched.facts import Facts
    from igfsched.primitives import Condition
    from igfsched.programme import Person, Programme
    from igfsched.timetable import Entry, Timetable


@frozen(kw_only=True)
class Quorum(ChosenRule):
    """So many members of a group can be in the chosen sessions, for all of the time.

    `group` is the id of one of the programme's groups; `least`, how many of them there have to be. A member can
    be in a session who is free for every minute of it, as for `person_availability`, and whom no other session
    at the same time requires. Preparation does not count. Placeholders are always there.

    Measure: over the chosen sessions, the members who are missing of `least`. A group that is smaller can never
    do. To relax it, lower `least`.
    """

    name: ClassVar[str] = "quorum"
    summary: ClassVar[str] = "enough members of a group can be in the chosen sessions"
    unit: ClassVar[str] = "people"
    reads: ClassVar[frozenset[str] | None] = IN_ROLES | FREE | {"groups"}

    group: str = field(validator=filled)
    least: int = field(default=2, validator=whole(1))

    def _group(self, programme: Programme) -> Group:
        return next(group for group in programme.groups if group.id == self.group)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        group = self._group(facts.programme)
        members = [facts.programme.person(id) for id in group.members]
        required = facts.slots.required_of
        for slot in facts.select(self.selector):
            needed = tuple(() if person.placeholder else required.get(person.id, ()) for person in members)
            key = (slot, *members, needed)
            unit = facts.once(self, key, partial(self._unit, facts, slot, members, needed), about=group)
            if unit is not None:
                yield unit

    def _unit(
        self, facts: Facts, slot: int, members: list[Person], needed: tuple[tuple[int, ...], ...],
    ) -> Unit | None:
        """Return the unit of one chosen session; nothing if there always are enough."""
        lengths = {v: int(facts.variant_minutes[v]) for v in facts.variants[slot]}
        alerts = []
        for person, slots in zip(members, needed, strict=True):
            conditions: list[Condition] = [
                Pair(first=slot, second=other, kind="overlap", axis=ticks(facts)) for other in slots if other != slot]
            if limited(person):
                conditions.append(When(session=slot, times=missing_by_start(facts, person, 0, lengths)))
            if conditions:
                alerts.append(Alert(conditions=conditions, only_if=slot))
        prices = [max(0, self.least - (len(members) - number)) for number in range(len(alerts) + 1)]
        if not any(prices):
            return None
        return Unit(rule=self, sentence=f"{self.least} of {self.group} can be in {facts.session(slot).id}",
                    sessions=(slot,), primitives=[Watch(alerts=alerts, prices=prices, only_if=slot)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        group = self._group(timetable.programme)
        members = [timetable.programme.person(id) for id in group.members]
        for entry in timetable.chosen(timetable.programme.select(self.selector)):
            absent = [person.id for person in members if not person.placeholder and (
                missing_minutes(person, entry.start, entry.end) or _elsewhere(timetable, person, entry))]
            short = self.least - (len(members) - len(absent))
            if short > 0:
                yield finding(
                    self, short, f"{len(members) - len(absent)} of {self.group} can be in {entry.session.id} at "
                    f"{timetable.clock(entry.start)}, where {self.least} have to", people=absent,
                    sessions=(entry.session.id,), start=entry.start, end=entry.end)

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        yield from unknown_names("selector", self.selector, programme)
        known = tuple(group.id for group in programme.groups)
        if self.group not in known:
            yield "group", self.group, known


def _elsewhere(timetable: Timetable, person: Person, entry: Entry) -> bool:
    """Say whether somebody is required in another session while an entry runs."""
    return any(other is not entry and other.start < entry.end and other.end > entry.start
               for other in timetable.required_of.get(person.id, ()))
