"""How much may run at the same time.

- `ParallelCap`: sessions, all or chosen ones.
- `TrackParallel`: sessions of one track.
- `TeamCapacity`: units of a shared team that sessions need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import field, frozen

from igfsched.grid import Clock
from igfsched.primitives import Count, Tally, Unit, ticks
from igfsched.programme import Profile, Team, Window, whole
from igfsched.rule import Finding, Level, Rule, finding
from igfsched.rules.common import ChosenRule, is_level, minutes_of
from igfsched.selector import EVERY, Selector

if TYPE_CHECKING:
    from igfsched.facts import Facts
    from igfsched.programme import Programme
    from igfsched.timetable import Entry, Timetable


def _profile(value: int | Profile | None) -> Profile | None:
    return Profile(value=value) if isinstance(value, int) else value


@frozen(kw_only=True)
class ParallelCap(ChosenRule):
    """Only so many sessions run at the same time.

    `cap` is a number or a `Profile` over time; without one, that of the programme holds, and if there is
    none either, the rule says nothing. `selector` confines it to some sessions (all, unless said).

    Measure: over time, the chosen sessions that run beyond the cap, in minutes. To relax it, raise the
    cap, for all or for some hours.
    """

    name: ClassVar[str] = "parallel_cap"
    summary: ClassVar[str] = "only so many sessions run at the same time"
    reads: ClassVar[frozenset[str] | None] = frozenset({"cap"})

    selector: Selector = EVERY
    cap: Profile | None = field(default=None, converter=_profile)

    def _cap(self, programme: Programme) -> Profile | None:
        return programme.cap if self.cap is None else self.cap

    def lower(self, facts: Facts) -> Iterator[Unit]:
        cap = self._cap(facts.programme)
        members = facts.select(self.selector)
        if cap is not None and members:
            yield facts.once(self, members, lambda: Unit(
                rule=self, sentence=f"{_at_most(cap)} at the same time of: {self.selector}",
                primitives=[Tally(members=members, axis=ticks(facts), count=_over(facts, cap))],
            ), about=cap)

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        cap = self._cap(timetable.programme)
        if cap is not None:
            entries = timetable.chosen(timetable.programme.select(self.selector))
            words = "sessions" if self.selector == EVERY else f"sessions ({self.selector})"
            yield from _excesses(self, timetable, entries, cap, {}, words)


@frozen(kw_only=True)
class TrackParallel(Rule):
    """Sessions of one track do not run at the same time.

    Measure: over tracks and time, the sessions of the track that run beyond its cap, in minutes. The cap
    is `Track.cap` where the track has one, else the rule's `cap` (1 unless said). Soft unless said. To
    relax it, raise the cap of the track.
    """

    name: ClassVar[str] = "track_parallel"
    summary: ClassVar[str] = "sessions of one track do not run at the same time"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.track", "tracks"})

    level: Level = field(default="soft", validator=is_level)
    cap: int = field(default=1, validator=whole(1))

    def _caps(self, programme: Programme) -> dict[str, int]:
        own = {track.id: track.cap for track in programme.tracks}
        return {track: own.get(track) or self.cap for track in programme.track_ids}

    def lower(self, facts: Facts) -> Iterator[Unit]:
        members = facts.grouped(self, "tracks", lambda session: (session.track,))
        for track, cap in self._caps(facts.programme).items():
            slots = members.get(track, ())
            if len(slots) > cap:
                yield facts.once(self, (track, cap, slots), partial(self._unit, facts, track, cap, slots))

    def _unit(self, facts: Facts, track: str, cap: int, slots: tuple[int, ...]) -> Unit:
        return Unit(rule=self, sentence=f"at most {cap} of track {track} at the same time", sessions=slots,
                    primitives=[Tally(members=slots, axis=ticks(facts), count=Count(kind="over", cap=cap))])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for track, cap in self._caps(timetable.programme).items():
            entries = [entry for entry in timetable.entries if entry.session.track == track]
            yield from _excesses(self, timetable, entries, Profile(value=cap), {}, f"sessions of track {track}")


@frozen(kw_only=True)
class TeamCapacity(Rule):
    """Sessions that run at the same time need no more of a team than there is.

    Measure: over teams and time, the units needed beyond the size of the team, in minutes. A session
    that lists a team twice needs the sum. To relax it, enlarge the team, for all or for some hours.
    """

    name: ClassVar[str] = "team"
    summary: ClassVar[str] = "sessions need no more of a team than there is"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.teams", "teams"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        members = facts.grouped(self, "teams", lambda session: {need.team for need in session.teams})
        for team in facts.programme.teams:
            units = {
                slot: sum(need.units for need in facts.session(slot).teams if need.team == team.id)
                for slot in members.get(team.id, ())
            }
            if units:
                yield facts.once(self, (team.id, *units.items()), partial(self._unit, facts, team, units), about=team)

    def _unit(self, facts: Facts, team: Team, units: Mapping[int, int]) -> Unit:
        demand = np.zeros(facts.n, dtype=np.int64)
        demand[list(units)] = list(units.values())
        tally = Tally(members=tuple(units), axis=ticks(facts), count=_over(facts, team.size), demand=demand)
        return Unit(rule=self, sentence=f"{_at_most(team.size)} of team {team.id} in use", sessions=tally.members,
                    primitives=[tally])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for team in timetable.programme.teams:
            units = {
                session.id: sum(need.units for need in session.teams if need.team == team.id)
                for session in timetable.programme.sessions if session.teams
            }
            entries = [entry for entry in timetable.entries if units.get(entry.session.id)]
            yield from _excesses(self, timetable, entries, team.size, units, f"units of team {team.id}")


def _at_most(cap: Profile) -> str:
    if not cap.periods:
        return f"at most {cap.value}"
    values = {cap.value, *(period.value for period in cap.periods)}
    return f"at most {min(values)} to {max(values)}, depending on the time,"


def _over(facts: Facts, cap: Profile) -> Count:
    return Count(kind="over", cap=facts.cap_by_tick(cap) if cap.periods else cap.value)


def _steps(cap: Profile, window: Window) -> list[tuple[int, int, int]]:
    """Return the periods of a profile as `(start, end, value)`; where they overlap the last one holds."""
    found = []
    for period in cap.periods:
        if period.span is not None:
            found.append((*period.span.minutes, period.value))
        else:
            hours = period.hours or Clock("00:00", "24:00")
            dates = period.days or [day.date for day in window.days]
            found += [(*hours.on(date, window.zone), period.value) for date in dates]
    return found


def _excesses(
    rule: Rule, timetable: Timetable, entries: Sequence[Entry], cap: Profile, demand: Mapping[str, int], what: str,
) -> Iterator[Finding]:
    """Yield a finding for each unbroken time in which the demand of the entries exceeds one value of a cap.

    `demand` is by session id; a session that is not in it counts 1.
    """
    if not entries:
        return
    steps = _steps(cap, timetable.programme.window)
    changes: dict[int, int] = {edge: 0 for start, end, _ in steps for edge in (start, end)}
    for entry in entries:
        units = demand.get(entry.session.id, 1)
        changes[entry.start] = changes.get(entry.start, 0) + units
        changes[entry.end] = changes.get(entry.end, 0) - units
    times = sorted(changes)
    running = amount = peak = 0
    began = limit = times[0]
    for time, following in zip(times, [*times[1:], times[-1]], strict=True):
        value = next((value for start, end, value in reversed(steps) if start <= time < end), cap.value)
        running += changes[time]
        if amount and (running <= value or value != limit):
            words = f"{peak} {what} at the same time, where {limit} may be"
            yield _excess(rule, timetable, entries, (began, time), amount, words)
            amount = 0
        if running > value:
            if not amount:
                began, peak, limit = time, running, value
            amount += (running - value) * (following - time)
            peak = max(peak, running)


def _excess(
    rule: Rule, timetable: Timetable, entries: Sequence[Entry], during: tuple[int, int], amount: int, what: str,
) -> Finding:
    start, end = during
    involved = [entry.session.id for entry in entries if entry.start < end and entry.end > start]
    return finding(rule, amount, f"{what}, for {minutes_of(end - start)} from {timetable.clock(start)}",
                   sessions=involved, start=start, end=end)
