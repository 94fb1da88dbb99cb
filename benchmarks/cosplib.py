"""Solve an instance of CoSPLib, write the solution in its layout, and print one line of JSON.

    python benchmarks/cosplib.py INSTANCE.xlsx --seconds S --out SOLUTION.xlsx
    python benchmarks/cosplib.py INSTANCE.xlsx --seconds S --out SOLUTION.xlsx --no-presenters

`terms` are the sixteen weighted terms as the format's checker counts them, `total` their sum; `bound` is no more than
any solution costs, `gap` what lies between, as a share of the total; `proven` says whether there is nothing between.
`faults` counts what the checker asks beyond its terms, loopholes included: all 0 for a solution that counts.
`first_valid_s` and `best_s` are seconds from the call of `solve`. `--no-presenters` takes the weights on conflicts of
presenters away. All of the time is used unless the best is proven before. Needs the extra `excel`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from peer_runs import solved, told

from igfsched.errors import InputError
from igfsched.io.cosplib import (
    faults,
    grids_of,
    programme_of,
    read_instance,
    weighted_terms,
    without_presenters,
    write_grids,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("instance", help="a workbook of CoSPLib")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--out", help="where to write the solution")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--no-presenters", action="store_true", help="without weights on conflicts of presenters")
    options = parser.parse_args(arguments)
    try:
        instance = read_instance(options.instance)
        if options.no_presenters:
            instance = without_presenters(instance)
        programme = programme_of(instance)
    except InputError as error:
        parser.error(str(error))
    result, times = solved(programme, options.seconds, options.seed, options.workers)
    line = {"instance": instance.name, "presenters": not options.no_presenters}
    if result.schedule is None or result.audit is None:
        told(line | {"total": None, "proven": False, "reasons": [r.sentence for r in result.reasons]} | times)
        return
    grids = grids_of(instance, result.schedule)
    found = faults(instance, grids)
    terms = weighted_terms(result.audit)
    total = sum(terms.values())
    bound = next((int(score.bound or 0) for score in result.score if score.tier == 1), 0)
    if options.out:
        write_grids(options.out, instance, grids)
    told(line | {
        "total": total, "terms": {term: cost for term, cost in terms.items() if cost}, "bound": bound,
        "gap": round((total - bound) / total, 4) if total else 0.0, "proven": total <= bound,
        "faults": {"missing": len(found.missing), "foreign": len(found.foreign), "untracked": len(found.untracked),
                   "phantom": len(found.phantom), "multi_slot": found.multi_slot},
    } | times)


if __name__ == "__main__":
    main()
