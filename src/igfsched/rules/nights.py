"""What is asked of people in their own nights, and after them.

- `NightLimit`: only so many sessions in the person's own nights, or so many nights with sessions.
- `NightRest`: nothing in the morning after a night with a session, or a long rest after a session in the night.
- `touches`, `touching`: which sessions share a minute with some hours of a zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations, permutations
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.comfort import DEFAULT_NIGHT, Band
from igfsched.grid import Clock, clock_minutes, clock_text, offset_at, offset_segments, overlap
from igfsched.primitives import Alert, Axis, Load, LoadGroup, Pair, Tally, Unit, Watch, When, ticks
from igfsched.programme import whole
from igfsched.rule import Finding, Level, Per, Rule, finding
from igfsched.rules.clashes import MOST_REST, PAIRS
from igfsched.rules.common import is_level, minutes_of
from igfsched.rules.people import IN_ROLES, steady
from igfsched.timeline import DAY

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.timetable import Entry, Timetable

Nights = Literal["sessions", "nights"]


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
            if zone is None or (len(slots) <= self.most and (
                    self.measure == "sessions" or self._one_night_each(facts, slots))):
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

    def _one_night_each(self, facts: Facts, slots: tuple[int, ...]) -> bool:
        """Say whether no session is so long that it touches two nights."""
        longest = max(int(facts.variant_minutes[v]) for slot in slots for v in facts.variants[slot])
        return longest <= DAY - self.hours.length

    def _nights(self, facts: Facts, id: str, zone: str, slots: tuple[int, ...]) -> Unit:
        """Return the unit of the nights of one person, each an alert."""
        spans = facts.timeline.remember(("nights", zone, self.hours), partial(_night_spans, facts, self.hours, zone))
        alerts = []
        for night in spans.values():
            touched = partial(_shares_a_minute, facts, night)
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


@frozen(kw_only=True)
class NightRest(Rule):
    """After a session in their night people have a long rest.

    The night is the time of `hours` on the person's own clock, the morning goes from its end to `until`. A session
    is in the night if one minute of it is; for `pairs` it is then taken as long as `Session.duration`, whichever
    length it has.

    Measure, by `measure`, over people with a zone: `pairs`, pairs of sessions that require the person of which one
    is in the person's night, and another one starts in the morning after that night; `minutes`, as for
    `person_clash`, for each pair of sessions that require the person, the minutes in which both keep the person busy
    (from `prepare_before` the start to `prepare_after` the end), each that is in the person's night lengthened by a
    rest of `minutes` at its end. `minutes` is 720 at most. Not for placeholders. Soft unless said. To relax it, let
    the morning end sooner, or shorten the rest.
    """

    name: ClassVar[str] = "night_rest"
    summary: ClassVar[str] = "after a session in their night people have a long rest"
    unit: ClassVar[str] = "pairs or minutes"
    per: ClassVar[Per] = "person"
    reads: ClassVar[frozenset[str] | None] = IN_ROLES | {
        "people.zone", "sessions.prepare_before", "sessions.prepare_after"}

    level: Level = field(default="soft", validator=is_level)
    hours: Clock = DEFAULT_NIGHT
    until: str = field(default="11:00", converter=clock_text)
    measure: Literal["pairs", "minutes"] = field(default="pairs", validator=validators.in_(("pairs", "minutes")))
    minutes: int = field(default=600, validator=[whole(1), validators.in_(range(MOST_REST + 1))])

    @until.validator
    def _check(self, _: object, value: str) -> None:
        if not self.hours.end < value:
            raise ValueError(f"the morning goes on until after the night, not until {value}")

    @property
    def measured_in(self) -> str:
        return self.measure

    @property
    def lengths(self) -> tuple[int, ...]:
        return (self.minutes,) if self.measure == "minutes" else ()

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for id, slots in facts.each_person(required=True):
            person = facts.programme.person(id)
            if person.zone is None or person.placeholder or len(slots) < 2:
                continue
            if self.measure == "minutes":
                axis = facts.once(self, ("axis", person.zone), partial(self._rest, facts, person.zone),
                                  about=facts.slots.prepared)
                yield Unit(rule=self, sentence=f"{id} has {minutes_of(self.minutes)} after a session in the night",
                           sessions=slots, subject=id, primitives=[Tally(members=slots, axis=axis, count=PAIRS)])
                continue
            pairs = []
            for a, b in permutations(slots, 2):
                axis, after = self._classes(facts, person.zone, facts.session(a).duration)
                pairs.append(Pair(first=a, second=b, kind="matrix", axis=axis, prices=after))
            yield Unit(rule=self, sentence=f"{id} is not needed in the morning after a night with a session",
                       sessions=slots, subject=id, primitives=pairs)

    def _rest(self, facts: Facts, zone: str) -> Axis:
        """Return the axis of the ticks in which sessions keep people of a zone busy, or these rest after a night."""
        nights = [span for spans in _night_spans(facts, self.hours, zone).values() for span in spans]
        marked = facts.minutes_within(nights, facts.tick) > 0
        before, after = facts.slots.prepared
        return ticks(facts, f"busy tick, and a rest in {zone}", before=before // facts.tick, after=after // facts.tick,
                     marks=np.concatenate([[0], np.cumsum(marked)]), longer=self.minutes // facts.tick)

    def _classes(self, facts: Facts, zone: str, length: int) -> tuple[Axis, Ints]:
        """Return an axis on which starts differ by the nights that they touch and the night that they come after.

        With it, whether a start of the one class comes in the morning after a night that one of the other
        touches, shape `(classes, classes)`.
        """
        return facts.lengths.remember(
            ("nights and mornings", zone, self.hours, self.until, length),
            partial(_nights_and_mornings, facts, self.hours, self.until, zone, length))

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for id, entries in timetable.required_of.items():
            person = timetable.programme.person(id)
            if person.zone is None or person.placeholder:
                continue
            if self.measure == "minutes":
                yield from self._too_soon(timetable, id, person.zone, entries)
                continue
            for a, b in permutations(entries, 2):
                night = self._night_before(b, person.zone)
                if night in _nights_of(self.hours, person.zone, a.start, a.start + a.session.duration):
                    yield finding(
                        self, 1, f"{id} is needed in {b.session.id} at {timetable.clock(b.start, person.zone)}, in the "
                        f"morning after {a.session.id}, at {timetable.clock(a.start, person.zone)}", people=(id,),
                        sessions=(a.session.id, b.session.id), start=b.start, end=b.end)

    def _too_soon(self, timetable: Timetable, id: str, zone: str, entries: list[Entry]) -> Iterator[Finding]:
        """Yield the pairs of a person's entries of which the later one begins within the rest after the other."""
        rest = {e.session.id: self.minutes * touches(self.hours, zone, e.start, e.end) for e in entries}
        for pair in combinations(entries, 2):
            a, b = sorted(pair, key=lambda entry: entry.start - entry.session.prepare_before)
            busy = [(e.start - e.session.prepare_before, e.end + e.session.prepare_after + rest[e.session.id])
                    for e in (a, b)]
            amount = overlap(*busy)
            if amount:
                gap = max(0, busy[1][0] - busy[0][1] + rest[a.session.id])
                due = f", where {self.minutes} are due after the night" if rest[a.session.id] else ""
                yield finding(
                    self, amount, f"{id} has {minutes_of(gap)} between {a.session.id}, at "
                    f"{timetable.clock(a.start, zone)}, and {b.session.id}, at {timetable.clock(b.start, zone)}{due}",
                    people=(id,), sessions=(a.session.id, b.session.id), start=b.start, end=b.end)

    def _night_before(self, entry: Entry, zone: str) -> int | None:
        """Return the night, by the local day on which it begins, in the morning after which an entry starts."""
        day, minute = divmod(entry.start + offset_at(entry.start, zone), DAY)
        if not clock_minutes(self.hours.end) <= minute < clock_minutes(self.until):
            return None
        return day - 1 if self.hours.end <= self.hours.start else day


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


def _night_spans(facts: Facts, hours: Clock, zone: str) -> dict[int, list[tuple[int, int]]]:
    """Return the nights of a zone that touch the time of ticks, each as spans of UTC minutes, by their local day."""
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
    return {day: nights[day] for day in sorted(nights)}


def _shares_a_minute(facts: Facts, spans: list[tuple[int, int]], length: int) -> Ints:
    """Return 1 for each start tick from which a session shares a minute with one of some spans, 0 for the others."""
    return facts.timeline.remember(
        ("touching", *spans, length), lambda: (facts.minutes_within(spans, length) > 0).astype(np.int64))


def _nights_and_mornings(facts: Facts, hours: Clock, until: str, zone: str, length: int) -> tuple[Axis, Ints]:
    """Return the axis and the matrix of `NightRest` for sessions of one length in one zone."""
    segments = offset_segments(zone, int(facts.minutes[0]), int(facts.minutes[-1]) + 1)
    starts, offsets = (np.array(values, dtype=np.int64) for values in zip(*segments, strict=True))
    local = facts.minutes + offsets[np.searchsorted(starts, facts.minutes, side="right") - 1]
    in_morning = (local % DAY >= clock_minutes(hours.end)) & (local % DAY < clock_minutes(until))
    before = np.where(in_morning, local // DAY - int(hours.end <= hours.start), -1)
    first, last = (np.full(facts.n_ticks, fill, dtype=np.int64) for fill in (-1, -2))
    for night, spans in _night_spans(facts, hours, zone).items():
        touched = facts.minutes_within(spans, length) > 0
        first[touched & (first < 0)] = night
        last[touched] = night
    # One number for each combination: sorting whole numbers is much faster than sorting rows.
    _, place, number = np.unique((((first << 20) + last) << 20) + before, return_index=True, return_inverse=True)
    kinds = np.stack([first[place], last[place], before[place]], axis=1)
    after = (kinds[:, 2][None, :] >= kinds[:, 0][:, None]) & (kinds[:, 2][None, :] <= kinds[:, 1][:, None])
    after &= kinds[:, 2][None, :] >= 0
    return (Axis(facts=facts, name=f"nights and mornings in {zone}", of_tick=number.reshape(-1).astype(np.int64)),
            after.astype(np.int64))
