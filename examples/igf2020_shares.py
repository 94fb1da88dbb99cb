"""What each wish has to say: the known programme of IGF 2020 by the preset `full`, and each rule's share of the score.

    python examples/igf2020_shares.py [--beside] [--seconds S] [--workers N] [--preset NAME]

A rule whose share is next to nothing in schedules that were not made for it need not be there; one with nearly all
of its tier leaves the others nothing to say. So three schedules are told: the one that was held, one that was found
by the hard rules and the wishes of tier 1 alone, and one that was found by all. The data name no topics (tags) and no
preferred times, so these two rules say nothing here.

With `--beside` what was held stands beside the best that is found for the same sessions, and for all 136 that are
known: score, lower bound and gap of each tier, and each rule's cost and share. Of tier 3 of the preset `full` a better
bound is told too, see `igf2020_third_tier.py`. Each of the two solves has all of the
time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import attrs
import igf2020_data as igf
import igf2020_third_tier

from igfsched import Audit, Programme, Result, audit, solve
from igfsched.result import gap_of
from igfsched.rules import PRESETS, active_rules
from igfsched.texttables import text_table

SECONDS = 40.0


def main(argv: Sequence[str] | None = None) -> int:
    """Audit what was held and what is found; return the exit code."""
    parser = argparse.ArgumentParser(description="Tell each rule's share of the score of IGF 2020.")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S",
                        help=f"time to look for two schedules, with --beside for each (default: {SECONDS:.0f})")
    parser.add_argument("--beside", action="store_true", help="what was held beside what is found, with bounds")
    parser.add_argument("--workers", type=int, metavar="N", help="processor cores to use (default: all)")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="full", help="the set of rules (default: full)")
    args = parser.parse_args(argv)
    if not args.seconds > 0:
        parser.error("--seconds is a number above 0")
    if args.beside:
        return tell_beside(args.preset, args.seconds, args.workers)
    tell("Held", audit(igf.held_programme(preset=args.preset), igf.held()))
    whole = igf.programme(preset=args.preset)
    first = solve(with_first_tier(whole), seconds=args.seconds / 2, workers=args.workers)
    result = solve(whole, seconds=args.seconds / 2, workers=args.workers)
    if first.schedule is None or result.audit is None:
        print("no schedule was found in the time", file=sys.stderr)
        return 3
    tell("Found by tier 1 alone", audit(whole, first.schedule))
    tell(f"Found by all, {result.status}", result.audit)
    return 0


def tell_beside(preset: str, seconds: float, workers: int | None) -> int:
    """Print what was held beside what is found for the same sessions, and for all known ones; return the exit code."""
    same = igf.held_programme(preset=preset)
    held = audit(same, igf.held())
    found = [solve(same, seconds=seconds, workers=workers),
             solve(igf.programme(preset=preset), seconds=seconds, workers=workers)]
    if not all(result.audit for result in found):
        print("no schedule was found in the time", file=sys.stderr)
        return 3
    for name, result in zip(("the same sessions", "all sessions"), found, strict=True):
        assert result.audit is not None
        programme = result.audit.programme
        print("", f"Held, and found for {name}", "", sep="\n")
        print(*by_tier(held, result), "", *by_rule(held, result.audit), "", result.summary(), sep="\n")
        if preset == "full":
            print(f"  by counting sessions on days: tier 3 costs {igf2020_third_tier.least(programme):,} at the least")
    return 0


def by_tier(held: Audit, found: Result) -> list[str]:
    """Return a table of the tiers: what was held, what was found, its bound and gap; and all tiers added up.

    The sum adds what is not of one kind. It says how much of all that is paid is not proven to be needed.
    """
    rows, sums = [], [0, 0, 0.0]
    for tier in found.score:
        if not tier.tier:
            continue
        before, bound = held.score[tier.tier], tier.bound or 0.0
        told = "none" if tier.bound is None else f"{bound:,.0f}"
        rows.append([str(tier.tier), f"{before:,}", f"{tier.score:,}", told, f"{gap_of(tier.score, bound):.2%}"])
        sums = [sums[0] + before, sums[1] + tier.score, sums[2] + bound]
    rows.append(["all", f"{sums[0]:,}", f"{sums[1]:,}", f"{sums[2]:,.0f}", f"{gap_of(sums[1], sums[2]):.2%}"])
    return text_table(["tier", "held", "found", "bound", "gap"], rows)


def by_rule(held: Audit, found: Audit) -> list[str]:
    """Return a table of the soft rules: cost and share of the tier, of what was held and of what was found."""
    columns = [{row[1]: row for row in _shares(one)} for one in (held, found)]
    rows = [[row[0], name, row[4], row[5], columns[1][name][4], columns[1][name][5]]
            for name, row in columns[0].items()]
    return text_table(["tier", "rule", "held", "share", "found", "share"], rows)


def with_first_tier(programme: Programme) -> Programme:
    """Return a programme without the wishes of later tiers."""
    rules = [rule for rule in active_rules(programme) if rule.hard or rule.tier == 1]
    return attrs.evolve(programme, preset="none", rules=rules)


def tell(title: str, found: Audit) -> None:
    """Print the share of each soft rule of the score of its tier."""
    print("", title, "-" * len(title), *shares(found), sep="\n")


def shares(found: Audit) -> list[str]:
    """Return a table with a row for each soft rule: what it measures, costs, and its share of its tier."""
    return text_table(["tier", "rule", "measure", "weight", "cost", "share of the tier"], _shares(found))


def _shares(found: Audit) -> list[list[str]]:
    soft = [score for score in found.score_by_rule if score.level == "soft" and score.rule != "placed"]
    totals = {tier: sum(score.cost for score in soft if score.tier == tier) for tier in {s.tier for s in soft}}
    return [
        [str(score.tier), score.rule, f"{score.amount:,} {score.unit}", str(score.weight), f"{score.cost:,}",
         f"{score.cost / totals[score.tier]:.1%}" if totals[score.tier] else "-"]
        for score in sorted(soft, key=lambda score: score.tier)
    ]


if __name__ == "__main__":
    sys.exit(main())
