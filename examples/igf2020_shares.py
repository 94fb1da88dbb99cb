"""What each wish has to say: the known programme of IGF 2020 by the preset `full`, and each rule's share of the score.

    python examples/igf2020_shares.py [--seconds S] [--preset NAME]

A rule whose share is next to nothing in schedules that were not made for it need not be there; one with nearly all
of its tier leaves the others nothing to say. So three schedules are told: the one that was held, one that was found
by the hard rules and the wishes of tier 1 alone, and one that was found by all. The data name no topics (tags) and no
preferred times, so these two rules say nothing here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import attrs
import igf2020_data as igf

from igfsched import Audit, Programme, audit, solve
from igfsched.rules import PRESETS, active_rules
from igfsched.texttables import text_table

SECONDS = 40.0


def main(argv: Sequence[str] | None = None) -> int:
    """Audit what was held and what is found; return the exit code."""
    parser = argparse.ArgumentParser(description="Tell each rule's share of the score of IGF 2020.")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S",
                        help=f"time to look for two schedules (default: {SECONDS:.0f})")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="full", help="the set of rules (default: full)")
    args = parser.parse_args(argv)
    if not args.seconds > 0:
        parser.error("--seconds is a number above 0")
    tell("Held", audit(igf.held_programme(preset=args.preset), igf.held()))
    whole = igf.programme(preset=args.preset)
    first = solve(with_first_tier(whole), seconds=args.seconds / 2)
    result = solve(whole, seconds=args.seconds / 2)
    if first.schedule is None or result.audit is None:
        print("no schedule was found in the time", file=sys.stderr)
        return 3
    tell("Found by tier 1 alone", audit(whole, first.schedule))
    tell(f"Found by all, {result.status}", result.audit)
    return 0


def with_first_tier(programme: Programme) -> Programme:
    """Return a programme without the wishes of later tiers."""
    rules = [rule for rule in active_rules(programme) if rule.hard or rule.tier == 1]
    return attrs.evolve(programme, preset="none", rules=rules)


def tell(title: str, found: Audit) -> None:
    """Print the share of each soft rule of the score of its tier."""
    print("", title, "-" * len(title), *shares(found), sep="\n")


def shares(found: Audit) -> list[str]:
    """Return a table with a row for each soft rule: what it measures, costs, and its share of its tier."""
    soft = [score for score in found.score_by_rule if score.level == "soft" and score.rule != "placed"]
    totals = {tier: sum(score.cost for score in soft if score.tier == tier) for tier in {s.tier for s in soft}}
    rows = [
        [str(score.tier), score.rule, f"{score.amount:,} {score.unit}", str(score.weight), f"{score.cost:,}",
         f"{score.cost / totals[score.tier]:.1%}" if totals[score.tier] else "-"]
        for score in sorted(soft, key=lambda score: score.tier)
    ]
    return text_table(["tier", "rule", "measure", "weight", "cost", "share of the tier"], rows)


if __name__ == "__main__":
    sys.exit(main())
