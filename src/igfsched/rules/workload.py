"""How much is asked of one person, or of one day.

- `DailyMaximum`: only so many sessions on one of the person's own days.
- `DayMaximum`: only so many chosen sessions, or sessions of a track or a type, on one programme day.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.grid import local_date, offset_segments
from igfsched.primitives import Axis, Count, Tally, Unit, days
from igfsched.programme import whole
from igfsched.rule import Finding, Per, Rule, finding
from igfsched.rules.common import ChosenRule, Each, groups_of
from igfsched.rules.people import IN_ROLES
from igfsched.selector import EVERY, Selector

if TYPE_CHECKING:
    from datetime import date

    from igfsched.facts import Facts
    from igfsched.timetable import Entry, Timetable

DAY = 1440
Nights = Literal["sessions", "nights"]


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
            axis = local_days(facts, person.zone or facts.programme.window.zone)
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


@frozen(kw_only=True)
class DayMaximum(ChosenRule):
    """Only so many of the chosen sessions are on one programme day.

    `each`: all of them together, or those of each track or of each type by itself; sessions without a track, or
    a type, are then left out.

    Measure: over programme days (and tracks or types), the chosen sessions that start on the day, as for
    `Phases`, beyond `most`. A start on no programme day is on none. To relax it, raise `most`.
    """

    name: ClassVar[str] = "day_maximum"
    summary: ClassVar[str] = "only so many of the chosen sessions are on one day"
    unit: ClassVar[str] = "sessions"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.track", "sessions.type"})

    selector: Selector = EVERY
    each: Each = field(default="all", validator=validators.in_(("all", "track", "type")))
    most: int = field(default=3, validator=whole(0))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for name, slots in groups_of(self.each, facts, facts.select(self.selector)).items():
            if len(slots) > self.most:
                yield facts.once(self, (name, slots), partial(self._unit, facts, name, slots))

    def _unit(self, facts: Facts, name: str, slots: tuple[int, ...]) -> Unit:
        return Unit(rule=self, sentence=f"at most {self.most} of {name or self.selector} a day", sessions=slots,
                    primitives=[Tally(members=slots, axis=days(facts), count=Count(kind="over", cap=self.most))])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        by_day: dict[tuple[str, date], list[Entry]] = {}
        for entry in timetable.chosen(timetable.programme.select(self.selector)):
            day = timetable.day_of(entry.start)
            name = "" if self.each == "all" else getattr(entry.session, self.each)
            if day is not None and (name or self.each == "all"):
                by_day.setdefault((name, day), []).append(entry)
        for (name, day), own in by_day.items():
            if len(own) > self.most:
                yield finding(
                    self, len(own) - self.most, f"{len(own)} sessions ({name or self.selector}) are on {day}, where "
                    f"{self.most} may be", sessions=[entry.session.id for entry in own],
                    start=own[0].start, end=max(entry.end for entry in own))


def local_days(facts: Facts, zone: str) -> Axis:
    """Return the axis of the local days of a zone, numbered from that of the first tick."""

    def made() -> Axis:
        segments = offset_segments(zone, int(facts.minutes[0]), int(facts.minutes[-1]) + 1)
        starts, offsets = (np.array(values, dtype=np.int64) for values in zip(*segments, strict=True))
        days = (facts.minutes + offsets[np.searchsorted(starts, facts.minutes, side="right") - 1]) // DAY
        return Axis(facts=facts, name=f"day in {zone}", of_tick=np.asarray(days - days.min(), dtype=np.int64))

    return facts.lengths.remember(("local days", zone), made)
