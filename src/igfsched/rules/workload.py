"""How much is asked of one person.

- `DailyMaximum`: only so many sessions on one of the person's own days.
- `DayMaximum`: only so many chosen sessions, or sessions of a track or a type, on one programme day.
- `NightLimit`: only so many sessions in the person's own nights, or so many nights with sessions.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.comfort import DEFAULT_NIGHT, Band
from igfsched.grid import Clock, clock_minutes, local_date, offset_at, offset_segments, overlap
from igfsched.primitives import Alert, Axis, Count, Load, LoadGroup, Tally, Unit, Watch, When, days
from igfsched.programme import whole
from igfsched.rule import Finding, Level, Per, Rule, finding
from igfsched.rules.common import ChosenRule, Each, groups_of, is_level
from igfsched.rules.people import IN_ROLES, steady
from igfsched.selector import EVERY, Selector

if TYPE_CHECKING:
    from datetime import date

    from igfsched.facts import Facts, Ints
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


@frozen(kw_only=True)
class NightLimit(Rule):
    """Nobody has more than a few sessions in their night.

    The night is the time of `hours` on the person's own clock. A session is in the night if one minute of it
    is.

    Measure, by `measure`: `sessions`, over people with a zone, the sessions in which the person has a role and
    that are in the person's night, beyond `most`; `nights`, the nights in which the person has such a session,
    beyond `most`, a night being named by the day on which it begins. Prerecorded sessions do not count. Soft
    unless said. To relax it, raise `most`, or shorten the night.
    """

    name: ClassVar[str] = "night_limit"
    summary: ClassVar[str] = "nobody has more than a few sessions in their night"
    unit: ClassVar[str] = "sessions or nights"
    per: ClassVar[Per] = "person"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.people", "sessions.prerecorded", "people.zone"})

    level: Level = field(default="soft", validator=is_level)
    most: int = field(default=1, validator=whole(0))
    hours: Clock = DEFAULT_NIGHT
    measure: Nights = field(default="sessions", validator=validators.in_(("sessions", "nights")))

    @property
    def measured_in(self) -> str:
        return self.measure

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for id, slots in facts.each_person(required=False):
            zone = facts.programme.person(id).zone
            if zone is None or (self.measure == "sessions" and len(slots) <= self.most):
                continue
            if self.measure == "nights":
                yield self._nights(facts, id, zone, slots)
                continue
            touched = partial(touching, facts, self.hours, zone)
            loads = {slot: {v: touched(int(facts.variant_minutes[v])) for v in facts.variants[slot]} for slot in slots}
            yield Unit(
                rule=self, sentence=f"{id} has at most {self.most} sessions in the night", sessions=slots, subject=id,
                primitives=[Load(groups=(LoadGroup(name=id, loads=loads),), kind="excess", threshold=self.most)],
            )

    def _nights(self, facts: Facts, id: str, zone: str, slots: tuple[int, ...]) -> Unit:
        """Return the unit of the nights of one person, each an alert."""
        spans = facts.timeline.remember(("nights", zone, self.hours), partial(_night_spans, facts, self.hours, zone))
        alerts = []
        for span in spans:
            touched = partial(_shares_a_minute, facts, span)
            alerts.append(Alert(conditions=[
                When(session=slot, times={v: touched(int(facts.variant_minutes[v])) for v in facts.variants[slot]})
                for slot in slots
            ]))
        return Unit(rule=self, sentence=f"{id} has sessions in at most {self.most} nights", sessions=slots, subject=id,
                    primitives=[Watch(alerts=alerts, allowed=self.most)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for id, entries in timetable.attending_of.items():
            zone = timetable.programme.person(id).zone
            if zone is None:
                continue
            if self.measure == "nights":
                nights = {night for entry in entries for night in _nights_of(self.hours, zone, entry.start, entry.end)}
                if len(nights) > self.most:
                    yield finding(self, len(nights) - self.most, f"{id} has sessions in {len(nights)} nights, where "
                                  f"{self.most} may be", people=(id,), sessions=[
                                      entry.session.id for entry in entries
                                      if touches(self.hours, zone, entry.start, entry.end)])
                continue
            own = [entry for entry in entries if touches(self.hours, zone, entry.start, entry.end)]
            if len(own) > self.most:
                told = ", ".join(f"{entry.session.id} at {timetable.clock(entry.start, zone)}" for entry in own)
                yield finding(
                    self, len(own) - self.most, f"{id} has {len(own)} sessions in the night, where {self.most} may be: "
                    f"{told}", sessions=[entry.session.id for entry in own], people=(id,),
                )


def touching(facts: Facts, hours: Clock, zone: str, length: int) -> Ints:
    """Return 1 for each start tick from which a session touches some hours of a zone, 0 for the others."""
    band = (Band(start=hours.start, end=hours.end, price=1),)
    return facts.timeline.remember(
        ("night", zone, hours, length), lambda: (facts.comfort(zone, band, length) > 0).astype(np.int64))


def touches(hours: Clock, zone: str, start: int, end: int) -> bool:
    """Say whether some minute of [start, end) lies in these hours of a zone's wall clock."""
    return bool(_nights_of(hours, zone, start, end))


def _nights_of(hours: Clock, zone: str, start: int, end: int) -> set[int]:
    """Return the nights that [start, end) touches, by the number of the local day on which they begin."""
    found = set()
    for first, last in steady(zone, start, end):
        offset = offset_at(first, zone)
        for day in range((first + offset) // DAY - 1, (last + offset) // DAY + 1):
            opening = day * DAY + clock_minutes(hours.start) - offset
            if overlap((first, last), (opening, opening + hours.length)):
                found.add(day)
    return found


def _night_spans(facts: Facts, hours: Clock, zone: str) -> list[list[tuple[int, int]]]:
    """Return the nights of a zone that touch the time of ticks, each as spans of UTC minutes in order."""
    horizon = int(facts.minutes[0]), int(facts.minutes[-1]) + 2 * DAY
    segments = offset_segments(zone, *horizon)
    ends = [start for start, _ in segments[1:]] + [horizon[1]]
    nights: dict[int, list[tuple[int, int]]] = {}
    for (start, offset), end in zip(segments, ends, strict=True):
        for day in range((start + offset) // DAY - 1, (end + offset) // DAY + 1):
            opening = day * DAY + clock_minutes(hours.start) - offset
            first, last = max(opening, start), min(opening + hours.length, end)
            if first < last:
                nights.setdefault(day, []).append((first, last))
    return [nights[day] for day in sorted(nights)]


def _shares_a_minute(facts: Facts, spans: list[tuple[int, int]], length: int) -> Ints:
    """Return 1 for each start tick from which a session shares a minute with one of some spans, 0 for the others."""
    return facts.timeline.remember(
        ("touching", *spans, length), lambda: (facts.minutes_within(spans, length) > 0).astype(np.int64))
