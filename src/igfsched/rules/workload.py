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
from igfsched.rule import Finding, Level, Rule, finding
from igfsched.rules.common import is_level
from igfsched.rules.people import steady

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

    most: int = field(default=3, validator=whole(0))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        programme = facts.programme
        sessions_of: dict[str, list[int]] = {}
        for index, session in enumerate(programme.sessions):
            for id in session.required:
                sessions_of.setdefault(id, []).append(index)
        axes: dict[str, Axis] = {}
        for id, sessions in sessions_of.items():
            person = programme.person(id)
            if person.placeholder or len(sessions) <= self.most:
                continue
            zone = person.zone or programme.window.zone
            if zone not in axes:
                axes[zone] = Axis(facts=facts, name=f"day in {zone}", of_tick=_local_days(facts, zone))
            yield Unit(rule=self, sentence=f"{id} has at most {self.most} sessions a day", sessions=tuple(sessions),
                       primitives=[Tally(members=tuple(sessions), axis=axes[zone],
                                         count=Count(kind="over", cap=self.most))])

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


def _local_days(facts: Facts, zone: str) -> Ints:
    """Return the number of the local day of a zone on which each tick lies; that of the first tick is 0."""
    segments = offset_segments(zone, int(facts.minutes[0]), int(facts.minutes[-1]) + 1)
    starts, offsets = (np.array(values, dtype=np.int64) for values in zip(*segments, strict=True))
    days = (facts.minutes + offsets[np.searchsorted(starts, facts.minutes, side="right") - 1]) // DAY
    return np.asarray(days - days.min(), dtype=np.int64)


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

    level: Level = field(default="soft", validator=is_level)
    most: int = field(default=1, validator=whole(0))
    hours: Clock = DEFAULT_NIGHT

    def lower(self, facts: Facts) -> Iterator[Unit]:
        sessions_of: dict[str, list[int]] = {}
        for index, session in enumerate(facts.programme.sessions):
            for id in session.attending:
                sessions_of.setdefault(id, []).append(index)
        night = (Band(start=self.hours.start, end=self.hours.end, price=1),)
        touching: dict[tuple[str, int], Ints] = {}
        for id, sessions in sessions_of.items():
            zone = facts.programme.person(id).zone
            if zone is None or len(sessions) <= self.most:
                continue
            variants = {session: list(facts.variants[session]) for session in sessions}
            for length in {int(facts.variant_minutes[v]) for own in variants.values() for v in own}:
                if (zone, length) not in touching:
                    touching[zone, length] = (facts.comfort(zone, night, length) > 0).astype(np.int64)
            loads = {session: {v: touching[zone, int(facts.variant_minutes[v])] for v in own}
                     for session, own in variants.items()}
            yield Unit(
                rule=self, sentence=f"{id} has at most {self.most} sessions in the night", sessions=tuple(sessions),
                primitives=[Load(groups=(LoadGroup(name=id, loads=loads),), kind="excess", threshold=self.most)],
            )

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
