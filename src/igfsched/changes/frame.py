"""Changes of the frame: days, opening hours, the cap of sessions side by side, and the say of rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, ClassVar

import attrs
from attrs import field, frozen, validators

from igfsched.changes.base import Change, known, remade, some, spans_in_words
from igfsched.errors import LocalTimeError, Problem
from igfsched.grid import Clock, Span, day_of, from_minute
from igfsched.programme import Day, Period, Profile, Programme, whole
from igfsched.rule import Level, Rule
from igfsched.rules import PRESETS
from igfsched.schedule import Schedule
from igfsched.tuples import to_clocks


def _cap(value: int | Profile | None) -> Profile | None:
    return Profile(value=value) if isinstance(value, int) and not isinstance(value, bool) else value  # type: ignore[return-value]


@frozen(kw_only=True)
class CapChanged(Change):
    """For a time, more or fewer sessions may run side by side: a period is added to those of the cap, and wins."""

    kind: ClassVar[str] = "cap_changed"

    period: Period

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        if programme.cap is None:
            yield Problem(path="$.period", message="the programme has no cap that could be another for a time: set one "
                                                   "as a whole (cap_set)")

    def words(self, programme: Programme) -> str:
        return f"At most {_sessions(self.period.value)} may run side by side {_when(self.period, programme)}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        assert programme.cap is not None
        cap = attrs.evolve(programme.cap, periods=(*programme.cap.periods, self.period))
        return remade(programme, cap=cap), schedule


@frozen(kw_only=True)
class CapSet(Change):
    """The cap of sessions side by side is another altogether: a number, a `Profile`, or none."""

    kind: ClassVar[str] = "cap_set"

    cap: Profile | None = field(converter=_cap)

    def words(self, programme: Programme) -> str:
        if self.cap is None:
            return "Any number of sessions may run side by side."
        parts = ", ".join(f"{period.value} {_when(period, programme)}" for period in self.cap.periods)
        return f"At most {_sessions(self.cap.value)} may run side by side{parts and f' ({parts})'}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        return remade(programme, cap=self.cap), schedule


@frozen(kw_only=True)
class DayLost(Change):
    """A programme day falls away, also from its phases. Sessions on it stay there until a repair moves them."""

    kind: ClassVar[str] = "day_lost"

    date: date = field(converter=day_of)

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from _known_day(programme, self.date)

    def words(self, programme: Programme) -> str:
        return f"The programme loses its day {self.date}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        days = [day for day in programme.window.days if day.date != self.date]
        phases = [
            attrs.evolve(phase, days=[day for day in phase.days if day != self.date])
            for phase in programme.window.phases
        ]
        return remade(programme, window=attrs.evolve(programme.window, days=days, phases=phases)), schedule


@frozen(kw_only=True)
class HoursChanged(Change):
    """A programme day has other opening hours, in the window's zone."""

    kind: ClassVar[str] = "hours_changed"

    date: date = field(converter=day_of)
    hours: tuple[Clock, ...] = field(converter=to_clocks, validator=some)

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        yield from _known_day(programme, self.date)

    def words(self, programme: Programme) -> str:
        return f"The programme day {self.date} is open {_clocks(self.hours, self.date, programme)}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        days = [
            attrs.evolve(day, hours=self.hours) if day.date == self.date else day for day in programme.window.days
        ]
        return remade(programme, window=attrs.evolve(programme.window, days=days)), schedule


@frozen(kw_only=True)
class DayAdded(Change):
    """There is a programme day more. It belongs to no phase but those that are named."""

    kind: ClassVar[str] = "day_added"

    day: Day
    phases: tuple[str, ...] = field(default=(), converter=tuple)

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        if self.day.date in {day.date for day in programme.window.days}:
            yield Problem(path="$.day.date", message=f"{self.day.date} already is a programme day")
        names = [phase.name for phase in programme.window.phases]
        for index, name in enumerate(self.phases):
            yield from known("phase", name, names, f"$.phases[{index}]")

    def words(self, programme: Programme) -> str:
        hours = _clocks(self.day.hours, self.day.date, programme)
        return f"The programme has a day more, {self.day.date}, open {hours}."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        window = programme.window
        phases = [
            attrs.evolve(phase, days=[*phase.days, self.day.date]) if phase.name in self.phases else phase
            for phase in window.phases
        ]
        return remade(programme, window=attrs.evolve(window, days=[*window.days, self.day], phases=phases)), schedule


@frozen(kw_only=True)
class RuleChanged(Change):
    """A rule has another weight, level or tier. `rule` is its key: `name`, or `name:label`.

    A rule of the preset is listed by the programme then, together with the others of its name: one
    that is listed takes the place of them all.
    """

    kind: ClassVar[str] = "rule_changed"

    rule: str
    level: Level | None = field(
        default=None, validator=validators.optional(validators.in_(("off", "soft", "hard"))))
    weight: int | None = field(default=None, validator=whole(0))
    tier: int | None = field(default=None, validator=whole(1))

    def __attrs_post_init__(self) -> None:
        if not self._fields:
            raise ValueError("a changed rule has another level, weight or tier")

    @property
    def _fields(self) -> dict[str, Any]:
        values = {"level": self.level, "weight": self.weight, "tier": self.tier}
        return {name: value for name, value in values.items() if value is not None}

    def problems(self, programme: Programme, schedule: Schedule) -> Iterator[Problem]:
        keys = [rule.key for rule in _rules(programme)]
        yield from known("rule", self.rule, dict.fromkeys(keys), "$.rule")
        if keys.count(self.rule) > 1:
            yield Problem(path="$.rule", message=f"{keys.count(self.rule)} rules are called {self.rule!r}: labels "
                                                 "would tell them apart")

    def words(self, programme: Programme) -> str:
        values = " and ".join(f"the {name} {value}" for name, value in self._fields.items())
        return f"The rule {self.rule} has {values} now."

    def _changed(self, programme: Programme, schedule: Schedule) -> tuple[Programme, Schedule]:
        rules = programme.rules
        (found,) = [rule for rule in _rules(programme) if rule.key == self.rule]
        if found.name not in {rule.name for rule in rules}:
            rules = (*rules, *(rule for rule in _rules(programme) if rule.name == found.name))
        changed = [attrs.evolve(rule, **self._fields) if rule.key == self.rule else rule for rule in rules]
        return remade(programme, rules=changed), schedule


def _rules(programme: Programme) -> Sequence[Rule]:
    """Return the preset's rules that are not replaced and the listed ones, also those that are off."""
    listed = {rule.name for rule in programme.rules}
    return (*(rule for rule in PRESETS[programme.preset]() if rule.name not in listed), *programme.rules)


def _known_day(programme: Programme, day: date) -> Iterator[Problem]:
    yield from known("programme day", str(day), [str(one.date) for one in programme.window.days], "$.date")


def _sessions(number: int) -> str:
    return f"{number} session{'s' * (number != 1)}"


def _when(period: Period, programme: Programme) -> str:
    """Return when a period holds, in words."""
    if period.span is not None:
        return f"from {period.span}"
    days = f"on {', '.join(map(str, period.days))}" if period.days else "on all days"
    return f"{days} from {period.hours.start} to {period.hours.end} {programme.window.zone}" if period.hours else days


def _clocks(hours: Sequence[Clock], day: date, programme: Programme) -> str:
    """Return opening hours of a day in words: in UTC, or in the window's zone where a clock change skips one."""
    zone = programme.window.zone
    try:
        minutes = [clock.on(day, zone) for clock in hours]
    except LocalTimeError:
        return ", ".join(f"from {clock.start} to {clock.end} {zone}" for clock in hours)
    return spans_in_words(Span(from_minute(start), from_minute(end)) for start, end in minutes)
