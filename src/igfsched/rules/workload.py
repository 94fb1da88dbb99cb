"""How much is asked of one person.

- `DailyMaximum`: only so many sessions on one of the person's own days.
- `NightLimit`: only so many sessions in the person's own nights.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import field, frozen

from igfsched.comfort import DEFAULT_NIGHT, Band
from igfsched.grid import Clock, clock_minutes, local_date, offset_at, offset_segments, overlap
from igfsched.primitives import Axis, Count, Load, LoadGroup, Tally, Unit
from igfsched.programme import whole
from igfsched.rule import Finding, Level, Per, Rule, finding
from igfsched.rules.common import is_level
from igfsched.rules.people import IN_ROLES, steady

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.timetable import Entry, Timetable

DAY = 1440


@frozen(kw_only=True)
class DailyMaximum(Rule):
    """Nobody is required in more than a few sessions on one day.

    Days are those of the person's own zone (of the window's zone, if the person has none); a session
    belongs to the day on which it starts.

    Measure: over people and their days, the sessions that require the person beyond `most`. Not for
    placeholders. To relax it, raise `most`, or make some of the roles optional.
    """

    name: ClassVar[str] = "daily_maximum"
    summary: ClassVar[str] = "nobody is required in more than a few sessions on one day"
    unit: ClassVar[str] = "sessions"
    per: ClassVar[Per] = "person"
    reads: ClassVar[frozenset[str] | None] = IN_ROLES | {"people.zone"}

    most: int = field(default=3, validator=whole(0))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for id, slots in facts.each_person(required=True):
            person = facts.programme.person(id)
            if person.placeholder or len(slots) <= self.most:
                continue
            axis = _local_days(facts, person.zone or facts.programme.window.zone)
            yield Unit(rule=self, sentence=f"{id} has at most {self.most} sessions a day", sessions=slots, subject=id,
                       primitives=[Tally(members=slots, axis=axis, count=Count(kind="over", cap=self.most))])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for id, entries in timetable.required_of.items():
            person = timetable.programme.person(id)
            zone = person.zone or timetable.programme.window.zone
            by_day: dict[object, list[Entry]] = {}
            for entry in () if person.placeholder else entries:
                by_day.setdefault(local_date(entry.start, zone), []).append(entry)
            for day, own in by_day.items():
                if len(own) > self.most:
                    yield finding(
                        self, len(own) - self.most, f"{id} is needed in {len(own)} sessions on {day} ({zone}), where "
                        f"{self.most} may be", sessions=[entry.session.id for entry in own], people=(id,),
                        start=own[0].start, end=max(entry.end for entry in own),
                    )


def _local_days(facts: Facts, zone: str) -> Axis:
    """Return the axis of the local days of a zone, numbered from that of the first tick."""

    def made() -> Axis:
        segments = offset_segments(zone, int(facts.minutes[0]), int(facts.minutes[-1]) + 1)
        starts, offsets = (np.array(values, dtype=np.int64) for values in zip(*segments, strict=True))
        days = (facts.minutes + offsets[np.searchsorted(starts, facts.minutes, side="right") - 1]) // DAY
        return Axis(facts=facts, name=f"day in {zone}", of_tick=np.asarray(days - days.min(), dtype=np.int64))

    return facts.lengths.remember(("local days", zone), made)


@frozen(kw_only=True)
class NightLimit(Rule):
    """Nobody has more than a few sessions in their night.

    The night is the time of `hours` on the person's own clock. A session is in the night if one minute of it
    is.

    Measure: over people with a zone, the sessions in which the person has a role and that are in the
    person's night, beyond `most`. Prerecorded sessions do not count. Soft unless said. To relax it, raise
    `most`, or shorten the night.
    """

    name: ClassVar[str] = "night_limit"
    summary: ClassVar[str] = "nobody has more than a few sessions in their night"
    unit: ClassVar[str] = "sessions"
    per: ClassVar[Per] = "person"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.people", "sessions.prerecorded", "people.zone"})

    level: Level = field(default="soft", validator=is_level)
    most: int = field(default=1, validator=whole(0))
    hours: Clock = DEFAULT_NIGHT

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for id, slots in facts.each_person(required=False):
            zone = facts.programme.person(id).zone
            if zone is None or len(slots) <= self.most:
                continue
            loads = {
                slot: {v: self._touching(facts, zone, int(facts.variant_minutes[v])) for v in facts.variants[slot]}
                for slot in slots
            }
            yield Unit(
                rule=self, sentence=f"{id} has at most {self.most} sessions in the night", sessions=slots, subject=id,
                primitives=[Load(groups=(LoadGroup(name=id, loads=loads),), kind="excess", threshold=self.most)],
            )

    def _touching(self, facts: Facts, zone: str, length: int) -> Ints:
        """Return 1 for each start tick from which a session touches the night of a zone, 0 for the others."""
        night = (Band(start=self.hours.start, end=self.hours.end, price=1),)
        return facts.timeline.remember(
            ("night", zone, self.hours, length), lambda: (facts.comfort(zone, night, length) > 0).astype(np.int64))

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for id, entries in timetable.attending_of.items():
            zone = timetable.programme.person(id).zone
            if zone is None:
                continue
            own = [entry for entry in entries if _touches(self.hours, zone, entry.start, entry.end)]
            if len(own) > self.most:
                told = ", ".join(f"{entry.session.id} at {timetable.clock(entry.start, zone)}" for entry in own)
                yield finding(
                    self, len(own) - self.most, f"{id} has {len(own)} sessions in the night, where {self.most} may be: "
                    f"{told}", sessions=[entry.session.id for entry in own], people=(id,),
                )


def _touches(hours: Clock, zone: str, start: int, end: int) -> bool:
    """Say whether some minute of [start, end) lies in these hours of a zone's wall clock."""
    for first, last in steady(zone, start, end):
        offset = offset_at(first, zone)
        for day in range((first + offset) // DAY - 1, (last + offset) // DAY + 1):
            opening = day * DAY + clock_minutes(hours.start) - offset
            if overlap((first, last), (opening, opening + hours.length)):
                return True
    return False
