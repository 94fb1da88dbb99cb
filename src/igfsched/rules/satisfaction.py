"""What people get out of a programme, by how much they like sessions and how easily they can be there at a time.

- `Satisfaction`: people, or sessions, get about the same share of what they could get at best; or little is missed.
- `Liking`, `Ease`: rows of the tables that say how much somebody likes a session, and how easy a start is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property, partial
from math import ceil, floor
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.grid import Instant, instant, minute_of
from igfsched.primitives import Load, LoadGroup, Table, Unit, same_for
from igfsched.rule import Finding, Level, Rule, finding
from igfsched.rules.common import is_level
from igfsched.window import filled

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.programme import Programme
    from igfsched.timetable import Timetable

MILLION = 1_000_000
MOST = 1_000
Measure = Literal["missed", "people", "sessions"]


def _value(_: object, attribute: Any, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise ValueError(f"{attribute.name} is a whole number from 0 to {MOST}, not {value!r}")


@frozen(kw_only=True)
class Liking:
    """How much a person would like to be in a session; 0 where a table says nothing."""

    person: str = field(validator=filled)
    session: str = field(validator=filled)
    value: int = field(default=1, validator=_value)


@frozen(kw_only=True)
class Ease:
    """How easily a person can be in a session that starts at an instant; 0 where a table says nothing."""

    person: str = field(validator=filled)
    start: Instant = field(converter=instant)
    value: int = field(default=1, validator=_value)


def _likings(values: Iterable[Liking]) -> tuple[Liking, ...]:
    return tuple(values)


def _eases(values: Iterable[Ease]) -> tuple[Ease, ...]:
    return tuple(values)


@frozen(kw_only=True)
class Satisfaction(Rule):
    """People get about the same share of what a programme could give them, and sessions of their audience.

    `likings` says how much somebody likes a session, `eases` how easily they can be there at a start: whole numbers
    up to 1000 in any unit, the last row for the same holds. The *gain* of a person from a session is liking x ease at
    its start; nothing if it has no place. The *best* of a person is the gain if the most liked session were at the
    easiest start, the next at the next, and so on; the best of a session is its gain, over all people, at the start
    of `eases` that is best for it.

    Measure, by `measure`: `missed`, over sessions and people, the liking times what the ease of the start lacks
    against the person's easiest start; `people`, of the gain of each person by their best, in millionths, the largest
    rounded up less the smallest rounded down; `sessions`, likewise for sessions. Whose best is 0 does not count. Soft
    unless said; to give it less say, lower its weight.
    """

    name: ClassVar[str] = "satisfaction"
    summary: ClassVar[str] = "people get about the same share of what they could get at best"
    unit: ClassVar[str] = "millionths"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions"})

    level: Level = field(default="soft", validator=is_level)
    likings: tuple[Liking, ...] = field(default=(), converter=_likings)
    eases: tuple[Ease, ...] = field(default=(), converter=_eases)
    measure: Measure = field(default="people", validator=validators.in_(("missed", "people", "sessions")))

    @property
    def measured_in(self) -> str:
        return "liking x ease" if self.measure == "missed" else self.unit

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        for number, liking in enumerate(self.likings):
            if liking.person not in programme.people_by_id:
                yield f"likings[{number}].person", liking.person, tuple(programme.people_by_id)
            if liking.session not in programme.sessions_by_id:
                yield f"likings[{number}].session", liking.session, tuple(programme.sessions_by_id)
        for number, ease in enumerate(self.eases):
            if ease.person not in programme.people_by_id:
                yield f"eases[{number}].person", ease.person, tuple(programme.people_by_id)

    # -- the tables ----------------------------------------------------------------------------

    @cached_property
    def liked(self) -> dict[str, dict[str, int]]:
        """By person: what they like, by session."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for row in self.likings:
            found[row.person][row.session] = row.value
        return dict(found)

    @cached_property
    def easy(self) -> dict[str, dict[int, int]]:
        """By person: how easy starts are, by UTC minute."""
        found: dict[str, dict[int, int]] = defaultdict(dict)
        for row in self.eases:
            found[row.person][minute_of(row.start)] = row.value
        return dict(found)

    @cached_property
    def easiest(self) -> dict[str, int]:
        """By person: how easy their easiest start is."""
        return {person: max(starts.values()) for person, starts in self.easy.items()}

    @cached_property
    def best(self) -> dict[str, int]:
        """The best of each person, or of each session, whose best is above 0."""
        found: dict[str, int] = {}
        if self.measure == "people":
            for person, likings in self.liked.items():
                eases = sorted(self.easy.get(person, {}).values(), reverse=True)
                pairs = zip(sorted(likings.values(), reverse=True), eases, strict=False)
                found[person] = sum(liking * ease for liking, ease in pairs)
        else:
            by_start: dict[tuple[str, int], int] = defaultdict(int)
            for person, likings in self.liked.items():
                for session, liking in likings.items():
                    for start, ease in self.easy.get(person, {}).items():
                        by_start[session, start] += liking * ease
            for (session, _), gain in by_start.items():
                found[session] = max(found.get(session, 0), gain)
        return {name: best for name, best in found.items() if best}

    # -- to the solver -------------------------------------------------------------------------

    def lower(self, facts: Facts) -> Iterator[Unit]:
        ease = facts.once(self, "ease", lambda: self._ease_by_tick(facts), about=facts.timeline)
        if self.measure == "missed":
            yield from self._missed_units(facts, ease)
            return
        gains: dict[str, dict[int, Ints]] = defaultdict(dict)
        for person, likings in self.liked.items():
            for session, liking in likings.items():
                slot = facts.session_index.get(session)
                if slot is None or not liking or person not in ease:
                    continue
                name = person if self.measure == "people" else session
                gain = liking * ease[person]
                gains[name][slot] = gains[name][slot] + gain if slot in gains[name] else gain
        groups: dict[tuple[object, ...], LoadGroup] = {}
        for name, best in sorted(self.best.items()):
            loads = {slot: MILLION * gain for slot, gain in sorted(gains.get(name, {}).items())}
            # People who like the same and have time at the same hours are one.
            key = (best, *((slot, load.tobytes()) for slot, load in loads.items()))
            groups.setdefault(key, LoadGroup(name=name, divisor=best, loads={
                slot: same_for(facts.variants[slot], load) for slot, load in loads.items()}))
        if groups:
            yield Unit(rule=self, sentence=f"all {self.measure} get about the same share of what they could get",
                       primitives=[Load(groups=groups.values(), kind="spread")])

    def _missed_units(self, facts: Facts, ease: dict[str, Ints]) -> Iterator[Unit]:
        """Yield a table for each session that somebody likes who says when they can be there."""
        by_session: dict[str, dict[str, int]] = defaultdict(dict)
        for person, likings in self.liked.items():
            for session, liking in likings.items():
                if liking and person in ease:
                    by_session[session][person] = liking
        for session, liked in by_session.items():
            slot = facts.session_index.get(session)
            if slot is not None:
                yield facts.once(self, slot, partial(self._missed_unit, facts, slot, liked, ease), about=ease)

    def _missed_unit(self, facts: Facts, slot: int, liked: dict[str, int], ease: dict[str, Ints]) -> Unit:
        lost = sum(liking * (self.easiest[person] - ease[person]) for person, liking in liked.items())
        table = Table(session=slot, time=same_for(facts.variants[slot], np.asarray(lost)))
        return Unit(rule=self, sentence=f"{facts.session(slot).id} starts when those who like it can be there",
                    sessions=(slot,), primitives=[table])

    def _ease_by_tick(self, facts: Facts) -> dict[str, Ints]:
        """Return how easy a start is for each person, by tick."""
        found = {}
        for person, starts in self.easy.items():
            found[person] = np.zeros(facts.n_ticks, dtype=np.int64)
            for minute, value in starts.items():
                tick = facts.tick_of(minute)
                if tick is not None:
                    found[person][tick] = value
        return found

    # -- to an audit ---------------------------------------------------------------------------

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        if self.measure == "missed":
            yield from self._missed(timetable)
            return
        levels = {name: Fraction(gain, self.best[name]) for name, gain in self.gains(timetable).items()}
        if not levels:
            return
        most, least = max(levels, key=lambda name: levels[name]), min(levels, key=lambda name: levels[name])
        spread = ceil(MILLION * levels[most]) - floor(MILLION * levels[least])
        if spread:
            yield finding(self, spread, f"{most} gets {float(levels[most]):.1%} of what could be at best, {least} "
                          f"{float(levels[least]):.1%}",
                          **{"people" if self.measure == "people" else "sessions": (most, least)})

    def gains(self, timetable: Timetable) -> dict[str, int]:
        """Return the gain of each person, or of each session, whose best is above 0."""
        found = dict.fromkeys(self.best, 0)
        for person, likings in self.liked.items():
            for session, liking in likings.items():
                name = person if self.measure == "people" else session
                entry = timetable.by_session.get(session)
                if entry is not None and name in found:
                    found[name] += liking * self.easy.get(person, {}).get(entry.start, 0)
        return found

    def _missed(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.entries:
            lost = {
                person: likings.get(entry.session.id, 0) * (self.easiest[person]
                                                            - self.easy[person].get(entry.start, 0))
                for person, likings in self.liked.items() if person in self.easy
            }
            people = tuple(person for person, amount in lost.items() if amount)
            if people:
                yield finding(self, sum(lost.values()), f"{entry.session.id} at {timetable.clock(entry.start)} is at a "
                              f"less easy time than could be for {len(people)} who like it",
                              sessions=(entry.session.id,), people=people, start=entry.start, end=entry.end)
