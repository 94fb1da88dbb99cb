"""Helpers for tests of rules, and of programmes.

- `verify(rule)`: check a rule on a small example, in both of its meanings at once.
- `audited`, `lowered`: the measure of a rule for a schedule, as an audit finds it and as the engine is told.

    verify(Apart(selector=EVERY)).given(programme).with_starts(a="2020-11-09T09:00Z", b="2020-11-09T09:30Z").costs(30)
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, frozen

from igfsched.facts import Facts
from igfsched.primitives import measure
from igfsched.programme import Programme
from igfsched.rule import Finding, Rule
from igfsched.schedule import Placement, Schedule
from igfsched.timetable import Timetable

EMPTY = Schedule()


def audited(rule: Rule, programme: Programme, schedule: Schedule) -> int:
    """Return the measure of a rule that its findings add up to."""
    return sum(finding.amount for finding in rule.findings(Timetable(programme, schedule)))


def lowered(rule: Rule, programme: Programme, schedule: Schedule) -> int | None:
    """Return the measure of a rule as it is stated to the engine.

    None if the rule states nothing (it speaks in audits alone), or if the schedule has a start or a
    duration that the engine cannot represent.
    """
    facts = Facts(with_rule(programme, rule))
    units = list(rule.lower(facts))
    places = facts.places(schedule)
    if places is None or (units and not any(unit.primitives for unit in units)):
        return None
    return measure(units, places)


def with_rule(programme: Programme, rule: Rule) -> Programme:
    """Return a programme that lists a rule, so that its times are among those that the engine can tell apart."""
    return programme if rule in programme.rules else evolve(programme, rules=(*programme.rules, rule))


@frozen
class Verification:
    """A rule, a programme and a schedule about which something is to be claimed. Made by `verify`."""

    rule: Rule
    programme: Programme | None = None
    schedule: Schedule = EMPTY

    def given(self, programme: Programme) -> Verification:
        """Say which programme the rule is checked on."""
        return evolve(self, programme=with_rule(programme, self.rule))

    def with_schedule(self, schedule: Schedule) -> Verification:
        """Say which schedule is judged; sessions without a placement are unplaced."""
        return evolve(self, schedule=schedule)

    def with_starts(self, **starts: str | datetime | tuple[str | datetime, *tuple[str, ...]]) -> Verification:
        """Say where sessions are, by id: a start, or a start and rooms. Durations are the first that is accepted."""
        placements = []
        for session, start in starts.items():
            at, *rooms = start if isinstance(start, tuple) else (start,)
            duration = self._given().session(session).duration
            placements.append(Placement(session=session, start=at, duration=duration, rooms=rooms))
        return self.with_schedule(Schedule(placements))

    def costs(self, amount: int) -> Verification:
        """Assert the measure, in both meanings, and that a finding is a sentence about something."""
        findings = self.findings()
        told = "\n".join(f"  {finding.amount}: {finding.sentence}" for finding in findings) or "  nothing"
        found = sum(finding.amount for finding in findings)
        assert found == amount, f"{self.rule.key}: the audit finds {found}, not {amount}:\n{told}"
        stated = lowered(self.rule, self._given(), self.schedule)
        assert stated in (None, amount), f"{self.rule.key}: the engine is told {stated}, not {amount}:\n{told}"
        assert all(finding.amount > 0 and finding.sentence for finding in findings), told
        return self

    def says(self, *parts: str) -> Verification:
        """Assert that each of some texts occurs in a finding."""
        told = [finding.sentence for finding in self.findings()]
        for part in parts:
            assert any(part in sentence for sentence in told), f"{part!r} is not in any of {told}"
        return self

    def findings(self) -> list[Finding]:
        """Return what the audit finds."""
        return list(self.rule.findings(Timetable(self._given(), self.schedule)))

    def _given(self) -> Programme:
        if self.programme is None:
            raise ValueError("say which programme first: verify(rule).given(programme)")
        return self.programme


def verify(rule: Rule) -> Verification:
    """Begin a claim about a rule: `verify(rule).given(programme).with_schedule(schedule).costs(30)`."""
    return Verification(rule)
