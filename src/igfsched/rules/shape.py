"""The shape of the programme as a whole.

- `Compact`: few days, early days, or an early end.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.grid import day_start
from igfsched.primitives import Footprint, Load, LoadGroup, Shape, Unit, days
from igfsched.rule import Finding, Level, Rule, finding
from igfsched.rules.common import is_level, minutes_of

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.timetable import Timetable

Compactness = Literal["days", "earliest", "last_end"]


@frozen(kw_only=True)
class Compact(Rule):
    """The programme is short: few days, early days, or an early end.

    Measure, by `measure`: `days`, the programme days on which a session starts; `earliest`, the same
    days by their number in the window (the first is 0), added up; `last_end`, the minutes from the
    beginning of the first programme day (midnight in the window's zone) to the end of the last session.
    A start on no programme day uses no day. Soft unless said; to give it less say, move it to a later tier.
    """

    name: ClassVar[str] = "compact"
    summary: ClassVar[str] = "the programme is short"
    unit: ClassVar[str] = "days, numbers of days, or minutes"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions"})

    level: Level = field(default="soft", validator=is_level)
    measure: Compactness = field(default="days", validator=validators.in_(("days", "earliest", "last_end")))

    @property
    def measured_in(self) -> str:
        return {"days": "days", "earliest": "numbers of days", "last_end": "minutes"}[self.measure]

    def lower(self, facts: Facts) -> Iterator[Unit]:
        ends = facts.by_session(self, "ends", partial(_end, facts)) if self.measure == "last_end" else {}
        yield facts.once(self, facts.alive, lambda: self._unit(facts, ends))

    def _unit(self, facts: Facts, ends: dict[int, LoadGroup]) -> Unit:
        if self.measure == "last_end":
            return Unit(rule=self, sentence="the last session ends early", primitives=[Load(groups=ends.values())])
        footprint = Footprint(members=facts.alive, axis=days(facts))
        if self.measure == "days":
            return Unit(rule=self, sentence="few days are used", primitives=[Shape(footprint=footprint)])
        prices = np.arange(len(facts.days), dtype=np.int64)
        return Unit(rule=self, sentence="the first days are used",
                    primitives=[Shape(footprint=footprint, kind="price", prices=prices)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        window = timetable.programme.window
        if self.measure == "last_end":
            last = max(timetable.entries, key=lambda entry: entry.end, default=None)
            minutes = last.end - day_start(window.days[0].date, window.zone) if last else 0
            if last and minutes > 0:
                yield finding(self, minutes, f"{last.session.id} is the last to end, at {timetable.clock(last.end)}, "
                              f"{minutes_of(minutes)} after the beginning of the first day",
                              sessions=(last.session.id,), start=last.start, end=last.end)
            return
        dates = [day.date for day in window.days]
        used = sorted({day for entry in timetable.entries if (day := timetable.day_of(entry.start)) is not None})
        amount = len(used) if self.measure == "days" else sum(dates.index(day) for day in used)
        if amount:
            yield finding(self, amount, f"{len(used)} day{'s' * (len(used) > 1)} used: {', '.join(map(str, used))}")


def _end(facts: Facts, slot: int) -> LoadGroup:
    """Return the group of one session, whose load is the minutes from the first programme day to its end."""
    window = facts.programme.window

    def ends(duration: int) -> Ints:
        begin = day_start(window.days[0].date, window.zone)
        return np.maximum(facts.minutes + duration - begin, 0)

    loads = {}
    for v in facts.variants[slot]:
        duration = int(facts.variant_minutes[v])
        loads[v] = facts.timeline.remember(("ends", duration), partial(ends, duration))
    return LoadGroup(name=facts.session(slot).id, loads={slot: loads})
