"""The truth about a schedule, from its times and rooms alone: findings, score, who carries what. No solver.

- `audit(programme, schedule)`: the one entry.
- `Audit`: its outcome; `Burden` and `Burdens`: what people, regions, tracks, days and roles carry.
- `RuleScore`: what one rule finds, added up.
"""

from __future__ import annotations

from attrs import field, frozen

from igfsched.programme import Programme, Session
from igfsched.rule import Finding
from igfsched.schedule import Schedule


@frozen(kw_only=True)
class Audit:
    """What is wrong with a schedule and what it costs."""

    programme: Programme = field(repr=False)
    schedule: Schedule = field(repr=False)
    findings: tuple[Finding, ...] = field(converter=tuple)
    unplaced: tuple[Session, ...] = ()


def audit(programme: Programme, schedule: Schedule) -> Audit:
    """Return the audit of a schedule."""
    raise NotImplementedError
