"""igfsched fits the sessions of a world-wide virtual event into its days, across everybody's time zones, with proof.

Everything that is needed every day is a name of this package; rule classes are in `igfsched.rules`. Names are
imported when they are first used, so that only solving and repairing ever load the solver.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from igfsched.audit import Audit as Audit
    from igfsched.audit import audit as audit
    from igfsched.changes import Batch as Batch
    from igfsched.changes import Change as Change
    from igfsched.comfort import Band as Band
    from igfsched.disruption import Disruption as Disruption
    from igfsched.engine import solve as solve
    from igfsched.errors import IgfschedError as IgfschedError
    from igfsched.errors import Infeasible as Infeasible
    from igfsched.errors import InputError as InputError
    from igfsched.errors import Problem as Problem
    from igfsched.errors import Reason as Reason
    from igfsched.fairness import FairnessReport as FairnessReport
    from igfsched.fairness import fairness_report as fairness_report
    from igfsched.grid import Clock as Clock
    from igfsched.grid import Span as Span
    from igfsched.grid import instant as instant
    from igfsched.io import read_busy as read_busy
    from igfsched.io import read_programme as read_programme
    from igfsched.io import read_schedule as read_schedule
    from igfsched.io import read_schedule_csv as read_schedule_csv
    from igfsched.io import read_tables as read_tables
    from igfsched.io import with_blackouts as with_blackouts
    from igfsched.io import with_calendars as with_calendars
    from igfsched.io import write_programme as write_programme
    from igfsched.io import write_schedule as write_schedule
    from igfsched.io import write_schedule_csv as write_schedule_csv
    from igfsched.planner import Planner as Planner
    from igfsched.planner import Repair as Repair
    from igfsched.price_of_fairness import FairnessFrontier as FairnessFrontier
    from igfsched.price_of_fairness import fairness_frontier as fairness_frontier
    from igfsched.programme import Blackout as Blackout
    from igfsched.programme import Day as Day
    from igfsched.programme import Grid as Grid
    from igfsched.programme import Group as Group
    from igfsched.programme import Period as Period
    from igfsched.programme import Person as Person
    from igfsched.programme import Phase as Phase
    from igfsched.programme import Profile as Profile
    from igfsched.programme import Programme as Programme
    from igfsched.programme import Role as Role
    from igfsched.programme import Room as Room
    from igfsched.programme import Series as Series
    from igfsched.programme import Session as Session
    from igfsched.programme import Share as Share
    from igfsched.programme import Team as Team
    from igfsched.programme import TeamNeed as TeamNeed
    from igfsched.programme import Track as Track
    from igfsched.programme import WeeklyHours as WeeklyHours
    from igfsched.programme import Window as Window
    from igfsched.report import Report as Report
    from igfsched.report import report as report
    from igfsched.result import Progress as Progress
    from igfsched.result import Record as Record
    from igfsched.result import Result as Result
    from igfsched.result import TierScore as TierScore
    from igfsched.result import show_versions as show_versions
    from igfsched.rule import Finding as Finding
    from igfsched.rule import Rule as Rule
    from igfsched.schedule import Difference as Difference
    from igfsched.schedule import Placement as Placement
    from igfsched.schedule import Schedule as Schedule
    from igfsched.schedule import compare as compare
    from igfsched.selector import Selector as Selector
    from igfsched.sweep import Frontier as Frontier
    from igfsched.sweep import sweep as sweep

_NAMES: dict[str, tuple[str, ...]] = {
    "audit": ("Audit", "audit"),
    "changes": ("Batch", "Change"),
    "comfort": ("Band",),
    "disruption": ("Disruption",),
    "engine": ("solve",),
    "errors": ("IgfschedError", "Infeasible", "InputError", "Problem", "Reason"),
    "fairness": ("FairnessReport", "fairness_report"),
    "grid": ("Clock", "Span", "instant"),
    "io": (
        "read_busy", "read_programme", "read_schedule", "read_schedule_csv", "read_tables", "with_blackouts",
        "with_calendars", "write_programme", "write_schedule", "write_schedule_csv",
    ),
    "planner": ("Planner", "Repair"),
    "price_of_fairness": ("FairnessFrontier", "fairness_frontier"),
    "programme": (
        "Blackout", "Day", "Grid", "Group", "Period", "Person", "Phase", "Profile", "Programme", "Role", "Room",
        "Series", "Session", "Share", "Team", "TeamNeed", "Track", "WeeklyHours", "Window",
    ),
    "report": ("Report", "report"),
    "result": ("Progress", "Record", "Result", "TierScore", "show_versions"),
    "rule": ("Finding", "Rule"),
    "schedule": ("Difference", "Placement", "Schedule", "compare"),
    "selector": ("Selector",),
    "sweep": ("Frontier", "sweep"),
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("igfsched")
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'igfsched' has no attribute {name!r}")
    value = getattr(import_module(f"igfsched.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE_OF, "__version__"})


class _Package(ModuleType):
    """The package. Importing a submodule binds its name here: not where a function has that name (`audit`)."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _MODULE_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
