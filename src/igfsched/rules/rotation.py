"""The night of a series of sessions, passed on from region to region.

- `Rotation`: no region has the night of a series much more often than it has to.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.comfort import DEFAULT_NIGHT
from igfsched.grid import Clock
from igfsched.primitives import Load, LoadGroup, Unit
from igfsched.programme import whole
from igfsched.rule import Finding, Level, Rule, finding
from igfsched.rules.common import is_level
from igfsched.rules.nights import touches, touching

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.programme import Programme, Series, Session
    from igfsched.timetable import Timetable


@frozen(kw_only=True)
class Rotation(Rule):
    """The repeats of a series take turns: no region has the night again and again.

    The night is the time of `hours` on a person's own clock. A region has the night of a session if at least
    `share` per cent of its people with a zone in that session have it: if one minute of it is in their night.

    Measure, by `measure`: `largest`, over `Programme.series`, the largest number of its sessions of which one and
    the same region has the night; `excess`, over series and regions, what that number exceeds `most` by, added up.
    Prerecorded sessions and people without a region do not count. Soft unless said; a hard bound is `excess` with
    `most`. To relax it, raise `most` or `share`, or shorten the night.
    """

    name: ClassVar[str] = "rotation"
    summary: ClassVar[str] = "no region has the night of a series again and again"
    unit: ClassVar[str] = "sessions"
    reads: ClassVar[frozenset[str] | None] = frozenset({
        "series", "sessions", "sessions.people", "sessions.prerecorded", "people.zone", "people.region"})

    level: Level = field(default="soft", validator=is_level)
    hours: Clock = DEFAULT_NIGHT
    share: int = field(default=50, validator=[whole(1), validators.in_(range(1, 101))])
    measure: Literal["largest", "excess"] = field(default="largest", validator=validators.in_(("largest", "excess")))
    most: int = field(default=0, validator=whole(0))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        by_slot = facts.by_session(self, "nights", partial(self._nights, facts))
        for series in facts.programme.series:
            groups: dict[str, LoadGroup] = {}
            slots = [facts.session_index[id] for id in series.sessions]
            for slot in slots:
                for region, time in by_slot[slot].items():
                    groups.setdefault(region, LoadGroup(name=region, loads={})).loads[slot] = time
            if groups:
                load = Load(groups=[groups[name] for name in sorted(groups)], kind=self.measure, threshold=self.most)
                yield Unit(rule=self, sentence=f"no region has the night of {series.id} again and again",
                           sessions=tuple(slots), primitives=[load])

    def _nights(self, facts: Facts, slot: int) -> dict[str, dict[int, Ints]]:
        """Return by region, for each variant and start tick, whether it has the night: 1 or 0."""
        found = {}
        for region, zones in _zones(facts.programme, facts.session(slot)).items():
            least = -(-self.share * len(zones) // 100)
            found[region] = {
                v: np.asarray(sum(touching(facts, self.hours, zone, int(facts.variant_minutes[v]))
                                  for zone in zones) >= least, dtype=np.int64)
                for v in facts.variants[slot]
            }
        return found

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for series in timetable.programme.series:
            nights = self._had(timetable, series)
            if self.measure == "excess":
                for region, had in nights.items():
                    if len(had) > self.most:
                        yield finding(self, len(had) - self.most, f"{region} has the night of {series.id} "
                                      f"{len(had)} times, where it should {self.most} at the most: {', '.join(had)}",
                                      sessions=had)
            elif nights:
                worst = max(nights, key=lambda region: len(nights[region]))
                yield finding(self, len(nights[worst]), f"{worst} has the night of {series.id} "
                              f"{len(nights[worst])} times: {', '.join(nights[worst])}", sessions=nights[worst])

    def _had(self, timetable: Timetable, series: Series) -> dict[str, list[str]]:
        """Return the sessions of a series of which each region has the night."""
        found: dict[str, list[str]] = {}
        for id in series.sessions:
            entry = timetable.by_session.get(id)
            if entry is None:
                continue
            for region, zones in _zones(timetable.programme, entry.session).items():
                awake = sum(touches(self.hours, zone, entry.start, entry.end) for zone in zones)
                if 100 * awake >= self.share * len(zones):
                    found.setdefault(region, []).append(id)
        return found


def _zones(programme: Programme, session: Session) -> dict[str, list[str]]:
    """Return the zones of the people of a session by region, one for each person."""
    found: dict[str, list[str]] = {}
    for id in session.attending:
        person = programme.person(id)
        if person.region and person.zone is not None:
            found.setdefault(person.region, []).append(person.zone)
    return found
