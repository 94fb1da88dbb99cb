"""Work shared out over the days.

- `Balance`: each programme day has about as many minutes of sessions as any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import field, frozen, validators

from igfsched.primitives import Load, LoadGroup, Unit
from igfsched.rule import Finding, Level, finding
from igfsched.rules.common import ChosenRule, Each, groups_of, is_level
from igfsched.selector import EVERY, Selector

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.timetable import Timetable


@frozen(kw_only=True)
class Balance(ChosenRule):
    """Each programme day has about as many minutes of the chosen sessions as any other.

    `each`: all of them together, or those of each track or of each type by itself; sessions without a track, or
    a type, are then left out.

    Measure: the largest number of minutes of a programme day less the smallest, for all chosen sessions or added
    up over tracks or types. A session counts with its whole length on the day of its start, as for `Phases`; a
    start on no programme day counts nowhere. Soft unless said. To relax it, lower its weight.
    """

    name: ClassVar[str] = "balance"
    summary: ClassVar[str] = "each day has about as many minutes of sessions as any other"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.track", "sessions.type"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    each: Each = field(default="all", validator=validators.in_(("all", "track", "type")))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for name, slots in groups_of(self.each, facts, facts.select(self.selector)).items():
            yield facts.once(self, (name, slots), partial(self._unit, facts, name, slots))

    def _unit(self, facts: Facts, name: str, slots: tuple[int, ...]) -> Unit:
        groups = []
        for number, day in enumerate(facts.days):
            def there(length: int, number: int = number) -> Ints:
                return facts.timeline.remember(
                    ("on day", number, length), lambda: np.where(facts.day_of_tick == number, length, 0))

            groups.append(LoadGroup(name=str(day), loads={
                slot: {v: there(int(facts.variant_minutes[v])) for v in facts.variants[slot]} for slot in slots}))
        return Unit(rule=self, sentence=f"the days have as many minutes of {name or self.selector} as one another",
                    sessions=slots, primitives=[Load(groups=groups, kind="spread")])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        dates = [day.date for day in timetable.programme.window.days]
        chosen = timetable.programme.select(self.selector)
        names = [""] if self.each == "all" else sorted({getattr(session, self.each) for session in chosen} - {""})
        for name in names:
            minutes = dict.fromkeys(dates, 0)
            for entry in timetable.chosen(chosen):
                day = timetable.day_of(entry.start)
                if day is not None and (self.each == "all" or getattr(entry.session, self.each) == name):
                    minutes[day] += entry.length
            most, least = max(minutes, key=lambda day: minutes[day]), min(minutes, key=lambda day: minutes[day])
            if minutes[most] > minutes[least]:
                yield finding(self, minutes[most] - minutes[least], f"{name or self.selector}: {minutes[most]} minutes "
                              f"on {most}, {minutes[least]} on {least}")
