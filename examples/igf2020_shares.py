"""What each wish has to say: the known programme of IGF 2020 by the preset `full`, and each rule's share of the score.

    python examples/igf2020_shares.py [--seconds S] [--workers N] [--preset NAME]

Two tables, each of two schedules side by side, with score, lower bound and gap of what is found:

- the 98 sessions whose times are known, as they were held and as the solver would have had them;
- all 136 known sessions, by the wishes for hours alone, and by all wishes.

A rule whose share is next to nothing in each schedule that was not made for it need not be there. One that costs
nothing where it is asked for, and something where it is not, is at work, and can be had for nothing. Topics of sessions
and hours that organisers ask for are reconstructed, see `igf2020_wishes.py`. Each of the three solves has all of the
time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import attrs
import igf2020_data as igf

from igfsched import Audit, Programme, Result, audit, solve
from igfsched.result import gap_of
from igfsched.rules import PRESETS, active_rules
from igfsched.texttables import text_table

SECONDS = 60.0

HOURS = ("comfort", "fair_regions", "preferred")
"""The wishes for the hours of sessions."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print both tables; return the exit code."""
    parser = argparse.ArgumentParser(description="Tell each rule's share of the score of IGF 2020.")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S",
                        help=f"time for each of the three solves (default: {SECONDS:.0f})")
    parser.add_argument("--workers", type=int, metavar="N", help="processor cores to use (default: all)")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="full", help="the set of rules (default: full)")
    args = parser.parse_args(argv)
    if not args.seconds > 0:
        parser.error("--seconds is a number above 0")
    same = igf.held_programme(preset=args.preset, wishes=True)
    whole = igf.programme(preset=args.preset, wishes=True)
    held = audit(same, igf.held())
    found, others, best = (solve(programme, seconds=args.seconds, workers=args.workers)
                           for programme in (same, with_wishes(whole, HOURS), whole))
    if found.audit is None or others.schedule is None or best.audit is None:
        print("no schedule was found in the time", file=sys.stderr)
        return 3
    tell(f"The {len(same.sessions)} sessions that were held", ("held", held), ("found", found.audit), found)
    tell(f"All {len(whole.sessions)} known sessions", ("hours alone", audit(whole, others.schedule)),
         ("found", best.audit), best)
    return 0


def with_wishes(programme: Programme, names: Sequence[str]) -> Programme:
    """Return a programme that has no other wishes than some; what must hold is the same."""
    rules = [rule for rule in active_rules(programme) if rule.hard or rule.name in names]
    return attrs.evolve(programme, preset="none", rules=rules)


def tell(title: str, first: tuple[str, Audit], second: tuple[str, Audit], found: Result) -> None:
    """Print two schedules side by side, by tier and by rule."""
    print("", title, "-" * len(title), *by_tier(first, found), "", *by_rule(first, second), sep="\n")


def by_tier(first: tuple[str, Audit], found: Result) -> list[str]:
    """Return a table of the tiers: the score of another schedule, and score, bound and gap of what was found."""
    name, other = first
    rows = []
    for tier in found.score:
        if tier.tier:
            bound = tier.bound or 0.0
            told = "none" if tier.bound is None else f"{bound:,.0f}"
            rows.append([str(tier.tier), f"{other.score[tier.tier]:,}", f"{tier.score:,}", told,
                         f"{gap_of(tier.score, bound):.2%}"])
    return text_table(["tier", name, "found", "bound", "gap"], rows)


def by_rule(*columns: tuple[str, Audit]) -> list[str]:
    """Return a table of the soft rules: what each costs in some schedules, and its share of the tier."""
    costs = [{score.rule: score for score in one.score_by_rule if score.level == "soft" and score.rule != "placed"}
             for _, one in columns]
    rows = []
    for name, score in sorted(costs[0].items(), key=lambda named: named[1].tier):
        row = [str(score.tier), name, str(score.weight)]
        for by_name in costs:
            cost, total = by_name[name].cost, sum(one.cost for one in by_name.values() if one.tier == score.tier)
            row += [f"{cost:,}", f"{cost / total:.1%}" if total else "-"]
        rows.append(row)
    return text_table(["tier", "rule", "weight", *(head for name, _ in columns for head in (name, "share"))], rows)


if __name__ == "__main__":
    sys.exit(main())
