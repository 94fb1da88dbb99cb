"""Who carried the uncomfortable hours of IGF 2020, who would have to, and what it costs to spare the worst-off.

    python examples/fairness_igf2020.py [--seconds S] [--who regions] [--plot FILE.png]

It compares the schedule that was held with the best one for the same sessions, person by person and region by region,
with an audience as large from every region; then it draws the frontier of total comfort against the worst-off for the
whole known programme. Time zones are assumptions. Plots need the extra `plot`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import attrs
import igf2020_data as igf

from igfsched import FairnessFrontier, FairnessReport, Share, audit, fairness_frontier, fairness_report, solve

SECONDS, SAME_SESSIONS = 150.0, 0.15
"""Time for everything, and the part of it for the comparison."""


def main(argv: Sequence[str] | None = None) -> int:
    """Compare and draw the frontier; return the exit code."""
    parser = argparse.ArgumentParser(description="Fairness at IGF 2020.")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S", help="time limit (default: 150)")
    parser.add_argument("--who", choices=("persons", "regions"), default="persons", help="whose burden is bounded")
    parser.add_argument("--steps", type=int, default=5, metavar="N", help="bounds between the ends (default: 5)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="also draw both into this file")
    args = parser.parse_args(argv)
    report = compared(args.seconds * SAME_SESSIONS)
    print(report)
    frontier = fairness_frontier(
        igf.programme(), who=args.who, steps=args.steps, seconds=args.seconds * (1 - SAME_SESSIONS),
        listener=lambda words: print(f"  {words} ...", file=sys.stderr),
    )
    print(frontier, end="")
    print(f"  after {frontier.seconds:.0f} s, for the {len(igf.programme().sessions)} sessions that are known")
    if args.plot is not None:
        plot(report, frontier, args.plot)
        print(f"  drawn: {args.plot}")
    return 0


def compared(seconds: float) -> FairnessReport:
    """Return the fairness of what was held beside that of the best schedule for the same sessions."""
    programme = igf.held_programme()
    everybody = [Share(people=100, region=region) for region in programme.regions]
    programme = attrs.evolve(programme, audience=everybody)
    audits = {"held": audit(programme, igf.held())}
    found = solve(programme, seconds=seconds).audit
    if found is not None:
        audits["optimised"] = found
    return fairness_report(audits)


def plot(report: FairnessReport, frontier: FairnessFrontier, file: Path) -> None:
    """Draw the Lorenz curves of the burdens and the frontier side by side."""
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise SystemExit("plots need matplotlib: pip install 'igfsched[plot]'") from None
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 5))
    for name in report.audits:
        gini = report.distribution(name, "persons", "price").gini
        left.plot(*report.lorenz(name, "persons", "price"), label=f"{name} (Gini {gini:.2f})")
    left.plot([0, 1], [0, 1], "k:", label="all alike")
    left.set(title="Comfort price, shared out", xlabel="part of the people, least burdened first",
             ylabel="part of the burden")
    left.legend()
    largest = [point.largest for point in frontier.points]
    right.plot(largest, [point.price for point in frontier.points], "o-", label="found")
    right.plot(largest, [point.bound for point in frontier.points], "k:", label="no schedule is below")
    right.axvline(frontier.least, color="grey", label="no schedule is left of this")
    right.set(title="The price of fairness", xlabel=f"largest burden ({frontier.who})", ylabel="comfort price of all")
    right.legend()
    figure.tight_layout()
    figure.savefig(file)
    plt.close(figure)


if __name__ == "__main__":
    sys.exit(main())
