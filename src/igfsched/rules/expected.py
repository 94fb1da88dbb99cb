"""Hours for the people who are expected to watch, of whom only regions or zones are known.

- `AudienceComfort`: sessions lie in comfortable hours of their expected audience.
- `AudienceReach`: the expected audience is awake for them.
- `expected`: how many people of which zones a session expects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.comfort import DEFAULT_BANDS, Band, bands
from igfsched.grid import Clock, clock_minutes, offset_at, overlap
from igfsched.primitives import Table, Unit
from igfsched.programme import Share, whole
from igfsched.rule import Finding, Level, Rule, finding
from igfsched.rules.comfort import comfort_price
from igfsched.rules.common import is_level
from igfsched.rules.people import steady
from igfsched.timeline import DAY

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.programme import Programme, Session
    from igfsched.timetable import Entry, Timetable

    _ByStart = Callable[[Facts, Share, "Weights", int], Ints]

EXPECTED = frozenset({"sessions.audience", "sessions.track", "sessions.prerecorded", "tracks", "audience",
                      "people", "people.zone", "people.region"})
"""What expected audiences depend on."""
Reach = Literal["minutes", "people"]
DECENT = Clock("07:00", "23:00")
"""Hours in which people may be expected to watch, unless said otherwise."""
Weights = tuple[tuple[str, int], ...]
"""How the people of a share are spread: zones with weights."""


def weights_of(programme: Programme) -> dict[str, Weights]:
    """Return the zones of the programme's people by region, each with the number of people there."""
    found: dict[str, Counter[str]] = {}
    for person in programme.people:
        if person.region and person.zone is not None:
            found.setdefault(person.region, Counter())[person.zone] += 1
    return {region: tuple(sorted(zones.items())) for region, zones in found.items()}


def expected(programme: Programme, session: Session) -> tuple[Share, ...]:
    """Return the audience of a session: its own, else that of its track, else that of the programme.

    Nobody has to be awake for a prerecorded session.
    """
    if session.prerecorded:
        return ()
    track = next((track for track in programme.tracks if track.id == session.track), None)
    return session.audience or (track.audience if track is not None else ()) or programme.audience


def _spread(share: Share, weights: Mapping[str, Weights]) -> Weights:
    return ((share.zone, 1),) if share.zone is not None else weights.get(share.region, ())


@frozen(kw_only=True)
class AudienceComfort(Rule):
    """Sessions lie in comfortable local hours of the people who are expected to watch.

    The audience of a session is `Session.audience`, else `Track.audience` of its track, else
    `Programme.audience`. The people of a share by region are spread over the zones of the programme's people
    from that region, in proportion; where nobody from there has a zone, they count nowhere.

    Measure: over sessions and the shares of their audience, the comfort price of the session (see `Comfort`) on
    the clocks of the share, times its people, divided by `divisor`, rounded down for each share. Prerecorded
    sessions cost nothing. Soft unless said; to give it less say, lower its weight, or raise `divisor`.
    """

    name: ClassVar[str] = "audience_comfort"
    summary: ClassVar[str] = "sessions lie in comfortable hours of the people who are expected to watch"
    unit: ClassVar[str] = "comfort price"
    reads: ClassVar[frozenset[str] | None] = EXPECTED

    level: Level = field(default="soft", validator=is_level)
    bands: tuple[Band, ...] = field(default=DEFAULT_BANDS, converter=bands)
    divisor: int = field(default=1, validator=whole(1))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        yield from _units(self, facts, "lies in comfortable hours of its audience", self._by_start)

    def _by_start(self, facts: Facts, share: Share, spread: Weights, length: int) -> Ints:
        total = sum(number * facts.comfort(zone, self.bands, length) for zone, number in spread)
        return np.asarray(share.people * total // (sum(number for _, number in spread) * self.divisor), dtype=np.int64)

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry, share, spread in _shares(timetable):
            price = sum(number * comfort_price(self.bands, zone, entry.start, entry.end) for zone, number in spread)
            amount = share.people * price // (sum(number for _, number in spread) * self.divisor)
            if amount:
                yield finding(self, amount, f"{entry.session.id} at {timetable.clock(entry.start)} costs the "
                              f"{share.people} people expected from {share.region or share.zone} {amount}",
                              sessions=(entry.session.id,), start=entry.start, end=entry.end)


@frozen(kw_only=True)
class AudienceReach(Rule):
    """The people who are expected to watch a session can do so at a decent hour.

    Audiences are those of `audience_comfort`. `hours` are the decent ones, on each clock.

    Measure, by `measure`: `minutes`, over sessions and the shares of their audience, the minutes of the session
    outside `hours` on the clocks of the share, times its people; `people`, the people of each share for whom
    some minute of the session is outside. People of a region are spread over its zones; a share is rounded down.
    Soft unless said; to give it less say, lower its weight, or widen `hours`.
    """

    name: ClassVar[str] = "audience_reach"
    summary: ClassVar[str] = "the people who are expected to watch can do so at a decent hour"
    unit: ClassVar[str] = "people, or people x minutes"
    reads: ClassVar[frozenset[str] | None] = EXPECTED

    level: Level = field(default="soft", validator=is_level)
    measure: Reach = field(default="people", validator=validators.in_(("minutes", "people")))
    hours: Clock = DECENT

    @property
    def measured_in(self) -> str:
        return "people" if self.measure == "people" else "people x minutes"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        yield from _units(self, facts, "is at a decent hour of its audience", self._by_start)

    def _by_start(self, facts: Facts, share: Share, spread: Weights, length: int) -> Ints:
        decent = (Band(start=self.hours.start, end=self.hours.end, price=1),)
        total = np.zeros(facts.n_ticks, dtype=np.int64)
        for zone, number in spread:
            outside = length - facts.comfort(zone, decent, length)
            total += number * ((outside > 0) if self.measure == "people" else outside)
        return np.asarray(share.people * total // sum(number for _, number in spread), dtype=np.int64)

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry, share, spread in _shares(timetable):
            total = 0
            for zone, number in spread:
                outside = entry.length - _within(self.hours, zone, entry.start, entry.end)
                total += number * (min(1, outside) if self.measure == "people" else outside)
            amount = share.people * total // sum(number for _, number in spread)
            if amount:
                yield finding(self, amount, f"{entry.session.id} at {timetable.clock(entry.start)} is outside "
                              f"{self.hours.start}-{self.hours.end} for people expected from "
                              f"{share.region or share.zone}: {amount} {self.measured_in}",
                              sessions=(entry.session.id,), start=entry.start, end=entry.end)


def _units(rule: AudienceComfort | AudienceReach, facts: Facts, words: str, by_start: _ByStart) -> Iterator[Unit]:
    """Yield the units of all sessions that cost their audience something at some start."""
    weights = weights_of(facts.programme)
    for slot, session in facts.each_session():
        shares = [(share, spread) for share in expected(facts.programme, session)
                  if share.people and (spread := _spread(share, weights))]
        if shares:
            key = (slot, session.id, *shares)
            yield facts.once(rule, key, partial(_unit, rule, facts, slot, shares, words, by_start))


def _unit(
    rule: AudienceComfort | AudienceReach, facts: Facts, slot: int, shares: list[tuple[Share, Weights]], words: str,
    by_start: _ByStart,
) -> Unit:
    settings = (rule.bands, rule.divisor) if isinstance(rule, AudienceComfort) else (rule.hours, rule.measure)
    time = {}
    for v in facts.variants[slot]:
        length = int(facts.variant_minutes[v])
        parts = [facts.timeline.remember((rule.name, *settings, share, spread, length),
                                         partial(by_start, facts, share, spread, length)) for share, spread in shares]
        time[v] = sum(parts[1:], start=parts[0])
    return Unit(rule=rule, sentence=f"{facts.session(slot).id} {words}", sessions=(slot,),
                primitives=[Table(session=slot, time=time)])


def _shares(timetable: Timetable) -> Iterator[tuple[Entry, Share, Weights]]:
    """Yield the entries with the shares of their audiences, and how these are spread over zones."""
    weights = weights_of(timetable.programme)
    for entry in timetable.entries:
        for share in expected(timetable.programme, entry.session):
            if spread := _spread(share, weights):
                yield entry, share, spread


def _within(hours: Clock, zone: str, start: int, end: int) -> int:
    """Return the minutes of [start, end) that lie in these hours of a zone's wall clock."""
    total = 0
    for first, last in steady(zone, start, end):
        offset = offset_at(first, zone)
        for day in range((first + offset) // DAY - 1, (last + offset) // DAY + 1):
            opening = day * DAY + clock_minutes(hours.start) - offset
            total += overlap((first, last), (opening, opening + hours.length))
    return total
