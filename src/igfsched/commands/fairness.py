"""`igfsched fairness`: who carries the uncomfortable hours, of one schedule or of several side by side."""

from __future__ import annotations

import argparse
from pathlib import Path

from igfsched.commands.common import FINE, HARD, WrongUsage, read_programme, read_schedule, say


def fairness(args: argparse.Namespace) -> int:
    """Tell the burdens of schedules of one programme."""
    if [args.programme, *args.schedules].count("-") > 1:
        raise WrongUsage("only one of PROGRAMME and SCHEDULE can be standard input")
    from igfsched.audit import audit
    from igfsched.fairness import fairness_report

    programme = read_programme(args.programme)
    names = _names(args.schedules)
    audits = {name: audit(programme, read_schedule(path)) for name, path in zip(names, args.schedules, strict=True)}
    told = fairness_report(audits)
    say(told.json() if args.json else told.text())
    return FINE if all(found.valid for found in audits.values()) else HARD


def _names(paths: list[str]) -> list[str]:
    """Return a name for each schedule: that of its file, or the whole path where two files have one name."""
    stems = ["standard input" if path == "-" else Path(path).stem for path in paths]
    if len(set(paths)) < len(paths):
        raise WrongUsage("the same schedule is given twice")
    return [stem if stems.count(stem) == 1 else path for stem, path in zip(stems, paths, strict=True)]
