"""Where and when single sessions may be.

- `Placed`: every session has a place.
- `WindowHours`: sessions lie inside the opening hours.
- `OnGrid`: sessions start on the grid.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import field, frozen

from igfsched.grid import day_start, local_date, minute_of
from igfsched.primitives import Table, Unit, same_for
from igfsched.programme import whole
from igfsched.rule import Finding, Per, Rule, finding

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.programme import Session
    from igfsched.timetable import Timetable


@frozen(kw_only=True)
class Placed(Rule):
    """Every session has a place.

    `tentative`: what a tentative session counts instead of its priority (no other than it, unless said).

    Measure: the priorities of the sessions without a place, added up. Whatever its level, this comes
    before everything else: a session is left out only if it cannot be placed. To relax it, make the rule
    soft: the best subset is then scheduled and the rest is named; hard, there is all or nothing.
    """

    name: ClassVar[str] = "placed"
    summary: ClassVar[str] = "every session has a place"
    unit: ClassVar[str] = "priority of unplaced sessions"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.priority", "sessions.tentative"})

    tentative: int | None = field(default=None, validator=whole(1))

    def price(self, session: Session) -> int:
        """Return what it counts to leave a session out."""
        return self.tentative if session.tentative and self.tentative is not None else session.priority

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for index, session in facts.each_session():
            yield Unit(rule=self, sentence=f"{session.id} has a place", sessions=(index,),
                       subject=session.id, primitives=[Table(session=index, absent=self.price(session))])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for session in timetable.unplaced:
            yield finding(self, self.price(session), f"{session.id} has no place", sessions=(session.id,))


@frozen(kw_only=True)
class WindowHours(Rule):
    """A session lies inside one opening block of a programme day.

    Measure: its length less the most that it shares with a single block, in minutes. To relax it, open
    longer, or make the rule soft: each minute outside then costs its weight.
    """

    name: ClassVar[str] = "window"
    summary: ClassVar[str] = "sessions lie inside the opening hours"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        blocks = [(start, end) for _, start, end in facts.programme.window.blocks]

        def outside(duration: int) -> Ints:
            inside = np.zeros(facts.n_ticks, dtype=np.int64)
            for block in blocks:
                inside = np.maximum(inside, facts.minutes_within([block], duration))
            return duration - inside

        def cost(variant: int) -> Ints:
            duration = int(facts.variant_minutes[variant])
            return facts.timeline.remember(("outside", duration), lambda: outside(duration))

        for index, session in facts.each_session():
            yield Unit(rule=self, sentence=f"{session.id} runs during opening hours", sessions=(index,),
                       subject=session.id,
                       primitives=[Table(session=index, time={v: cost(v) for v in facts.variants[index]})])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        blocks = timetable.programme.window.blocks
        for entry in timetable.entries:
            inside = max((min(entry.end, end) - max(entry.start, start) for _, start, end in blocks), default=0)
            outside = entry.length - max(0, inside)
            if outside:
                yield finding(
                    self, outside, f"{entry.session.id} runs {outside} minutes outside the opening hours, "
                    f"at {timetable.clock(entry.start)}",
                    sessions=(entry.session.id,), start=entry.start, end=entry.end,
                )


@frozen(kw_only=True)
class OnGrid(Rule):
    """A session starts on the grid.

    Measure: 1 for each session that does not. The engine knows no other starts, whatever the level. To
    relax it, take a finer grid, or one slot more.
    """

    name: ClassVar[str] = "grid"
    summary: ClassVar[str] = "sessions start on the grid"
    unit: ClassVar[str] = "sessions"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions"})

    def lower(self, facts: Facts) -> Iterator[Unit]:
        off = facts.timeline.remember("off the grid", lambda: _off(facts))
        for index, session in facts.each_session():
            yield Unit(rule=self, sentence=f"{session.id} starts on the grid", sessions=(index,), subject=session.id,
                       primitives=[Table(session=index, time=same_for(facts.variants[index], off))])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        window = timetable.programme.window
        slots = {minute_of(start) for start in window.grid.starts}
        for entry in timetable.entries:
            if slots:
                wrong = entry.start not in slots
            else:
                midnight = day_start(local_date(entry.start, window.zone), window.zone)
                wrong = (entry.start - midnight) % window.grid.step != 0
            if wrong:
                yield finding(self, 1, f"{entry.session.id} starts off the grid, at {timetable.clock(entry.start)}",
                              sessions=(entry.session.id,), start=entry.start, end=entry.end)


def _off(facts: Facts) -> Ints:
    """Return 1 for each tick off the grid, 0 for those on it."""
    grid = facts.programme.window.grid
    off = np.ones(facts.n_ticks, dtype=np.int64)
    off[facts.starts if grid.starts else facts.since_midnight % grid.step == 0] = 0
    return off
