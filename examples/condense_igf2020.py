"""In how few days would IGF 2020 have fitted, with 2 to 6 sessions side by side, and at what comfort?

    python examples/condense_igf2020.py [--seconds S] [--caps 2-6] [--only known|generated] [--out DIR]

It asks that of the known programme (136 sessions, 12 working days), and of a generated one of the full size (275
sessions in 12 days and three rooms that they fill to 80 %), drawn as `benchmarks/generate.py` says. For each cap it
tells the fewest days with the proof that fewer are too few, and the hours' cost by cap and days. At a cap above 3
there are as many rooms as the cap. The opening and the closing keep their dates; other sessions keep their phases.

With `--out` what is found is kept in a file for each programme, and a later call goes on from there. Results go to
standard output, progress to standard error.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import igf2020_data as igf

from igfsched import Programme
from igfsched.commands.frontier import numbers
from igfsched.sweep import Frontier, Step, sweep

SECONDS = 20.0
CAPS = (2, 3, 4, 5, 6)

SESSIONS, FILL, SEED = 275, 0.8, 1
"""The size, fullness and seed of the generated programme."""


def main(argv: Sequence[str] | None = None) -> int:
    """Condense both programmes; return the exit code."""
    args = _arguments(argv)
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
    for name in ("known", "generated"):
        if args.only in (None, name):
            frontier = condensed(name, args)
            if not frontier.complete:
                return 130
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="In how few days would IGF 2020 have fitted?")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S",
                        help=f"time limit of each point that is looked at (default: {SECONDS:.0f})")
    parser.add_argument("--caps", type=numbers, default=CAPS, metavar="CAPS", help="sessions at a time (default: 2-6)")
    parser.add_argument("--days", type=numbers, metavar="DAYS", help="numbers of days (default: 1-12)")
    parser.add_argument("--only", choices=("known", "generated"), help="one of the two programmes")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep what is found in this folder, and go on from it")
    args = parser.parse_args(argv)
    if not args.seconds > 0:
        parser.error("--seconds is a number above 0")
    return args


def condensed(name: str, args: argparse.Namespace) -> Frontier:
    """Condense one of the programmes and tell what comes out."""
    programme = igf.programme() if name == "known" else generated()
    began = time.perf_counter()
    frontier = sweep(programme, caps=args.caps, days=args.days, seconds=args.seconds, listener=_tell,
                     store=None if args.out is None else args.out / f"{name}.json")
    head = f"{programme.title}: {len(programme.sessions)} sessions, {len(programme.window.days)} days"
    print(head, "-" * len(head), sep="\n")
    print(frontier.summary().partition("\n")[2])
    looked = sum(point.looked for point in frontier.points)
    told = [sum(point.status == status for point in frontier.points)
            for status in ("optimal", "feasible", "infeasible", "unknown")]
    print("{} points: {} optimal, {} feasible, {} infeasible, {} unknown".format(len(frontier.points), *told),
          f"({looked} looked at or counted, the others follow), {time.perf_counter() - began:.0f} s\n", flush=True)
    return frontier


def generated() -> Programme:
    """Return the generated programme."""
    sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))
    from generate import generate

    return generate(SESSIONS, FILL, SEED)[0]


def _tell(step: Step) -> None:
    print(step, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
