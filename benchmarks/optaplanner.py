"""Solve an instance of OptaPlanner's conference scheduling, write the assignment, and print one line of JSON.

    python benchmarks/optaplanner.py INSTANCE.xlsx --seconds S --out ASSIGNMENT.json

The assignment is a map from the code of a talk to [index of the slot in the sheet Timeslots, name of the room].
`score` has the levels hard, medium and soft as the original counts them (higher is better), `constraints` what each
adds to them, `bound` what no assignment can be above, level by level, `gap` what lies between on the first level that
is not proven, as a share of that level's score. `first_valid_s` and `best_s` are seconds from the call of `solve`.
All of the time is used unless the best is proven before. Needs the extra `excel`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from peer_runs import solved, told

from igfsched.errors import InputError
from igfsched.io.optaplanner import (
    assignment_of,
    programme_of,
    read_instance,
    score_by_constraint,
    score_of,
)

LEVELS = ("hard", "medium", "soft")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("instance", help="a workbook of OptaPlanner's conference scheduling")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--out", help="where to write the assignment")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int)
    options = parser.parse_args(arguments)
    try:
        instance = read_instance(options.instance)
        programme = programme_of(instance)
    except InputError as error:
        parser.error(str(error))
    result, times = solved(programme, options.seconds, options.seed, options.workers)
    line: dict[str, object] = {"instance": instance.name}
    if result.schedule is None or result.audit is None:
        told(line | {"score": None, "proven": False, "reasons": [r.sentence for r in result.reasons]} | times)
        return
    score = score_of(instance, result.audit)
    if options.out:
        Path(options.out).write_text(json.dumps(assignment_of(instance, result.schedule), indent=1), encoding="utf-8")
    by_tier = {tier.tier: tier for tier in result.score}
    bounds, gap = {}, 0.0
    for number, level in enumerate(LEVELS):
        tier = by_tier.get(number + 1)
        open_by = 0 if tier is None else max(0, tier.score - int(tier.bound or 0))
        bounds[level] = score[number] + open_by
        if open_by and not gap:
            gap = round(open_by / max(1, abs(score[number])), 4)
    told(line | {
        "score": dict(zip(LEVELS, score, strict=True)), "bound": bounds, "gap": gap, "proven": not gap,
        "constraints": {name: parts for name, parts in score_by_constraint(instance, result.audit).items()
                        if any(parts)},
    } | times)


if __name__ == "__main__":
    main()
