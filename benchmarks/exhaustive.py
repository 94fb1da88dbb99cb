"""Hold the engine against trying all schedules of small random programmes, and print one line of JSON.

    python benchmarks/exhaustive.py --programmes 2000 --seed 0
    python benchmarks/exhaustive.py --programmes 1 --seed 17 --show

A programme has four or five sessions, two rooms, few starts, and rules from the whole catalogue, at any level, in one
to three tiers; `tests/small_programmes.py` draws it, `tests/trying_all.py` tries all its schedules.

- `infeasible`: the share of programmes without any valid schedule; `partial`: of those in which a session has to be
  left out; `no_tier`, `one_tier`, `several_tiers`: how many of those with a valid schedule have no soft costs, one
  tier of them (weighted), and several (lexicographic).
- `equal`: programmes in which the engine proves the very status and the very cost by tier that trying all finds, and
  the audit finds the same in its schedule; `different`: the seeds of the others, with both.
- `rules`: by rule, in how many programmes its measure is above 0: of a soft rule in some valid schedule, of a hard
  one in one that is looked at and that neither single places nor the rules before it rule out; `placed` where a
  session has to be left out. `fewest` is the least of these numbers, `never` names the rules that no schedule of
  an engine can violate.
- `greedy_not_optimal`: of the programmes with a valid schedule, the share in which sessions in order, each
  at its best place, come to something worse or to nothing.
- `schedules`, `valid`: how many were tried, and how many of them break no hard rule, in all.
- `try_s`, `solve_s`: seconds for trying all (programmes that were drawn and not taken included) and for the engine.

`--out FILE` writes a line for each programme as well. Needs the folder `tests`, and hypothesis.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

TESTS = str(Path(__file__).resolve().parent.parent / "tests")
if TESTS not in sys.path:
    sys.path.append(TESTS)

from small_programmes import CHOSEN, NEVER  # noqa: E402  the folder of tests is not a package
from trying_all import Disagreement, greedy, small_case, told  # noqa: E402


def compared(seed: int) -> dict[str, Any]:
    """Return what trying all and the engine find for a seed."""
    began = time.perf_counter()
    try:
        case = small_case(seed)
    except Disagreement as error:
        took = round(time.perf_counter() - began, 3)
        return {"seed": seed, "rules": 0, "status": "audit and primitives differ", "score": None, "equal": False,
                "engine": str(error), "greedy": None, "schedules": 0, "valid": 0, "spoke": [], "try_s": took,
                "solve_s": 0.0}
    tried = time.perf_counter()
    status, score = told(case.programme)
    solved = time.perf_counter()
    truth = case.truth
    return {
        "seed": seed, "rules": len(case.programme.rules), "status": truth.status, "score": truth.score,
        "equal": (status, score) == (truth.status, truth.score), "engine": [status, score],
        "greedy": greedy(case.programme), "schedules": truth.schedules, "valid": truth.valid,
        "spoke": sorted(truth.spoke), "try_s": round(tried - began, 3), "solve_s": round(solved - tried, 3),
    }


def figures(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return what is to be told of all programmes."""
    rows = list(rows)
    n = len(rows)
    feasible = [row for row in rows if row["score"] is not None]
    spoke = Counter(name for row in rows for name in row["spoke"])
    tiers = Counter(len(row["score"]) - 1 for row in feasible)
    rules = {name: spoke[name] for name in sorted(CHOSEN)}
    return {
        "programmes": n, "infeasible": _share(n - len(feasible), n),
        "partial": _share(sum(row["status"] == "partial" for row in rows), n),
        "no_tier": tiers[0], "one_tier": tiers[1], "several_tiers": sum(tiers[count] for count in tiers if count > 1),
        "equal": sum(row["equal"] for row in rows),
        "different": [{key: row[key] for key in ("seed", "status", "score", "engine")}
                      for row in rows if not row["equal"]],
        "greedy_not_optimal": _share(sum(row["greedy"] != row["score"] for row in feasible), len(feasible)),
        "schedules": sum(row["schedules"] for row in rows), "valid": sum(row["valid"] for row in rows),
        "fewest": min(rules.values()), "rules": rules, "never": sorted(NEVER),
        "try_s": round(sum(row["try_s"] for row in rows), 1), "solve_s": round(sum(row["solve_s"] for row in rows), 1),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _kept(rows: Iterator[dict[str, Any]], out: str | None) -> Iterator[dict[str, Any]]:
    """Yield rows, each written to a file as soon as it is there."""
    if out is None:
        yield from rows
        return
    with open(out, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row) + "\n")
            file.flush()
            yield json.loads(json.dumps(row))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; the exit code is 1 if anything differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--programmes", type=int, default=2000, help="how many (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the first; the others follow (default %(default)s)")
    parser.add_argument("--out", help="file for a line of JSON for each programme")
    parser.add_argument("--show", action="store_true", help="print the programmes as JSON, and solve nothing")
    given = parser.parse_args(arguments)
    seeds = range(given.seed, given.seed + given.programmes)
    if given.show:
        from igfsched.io import to_dict

        for seed in seeds:
            print(json.dumps(to_dict(small_case(seed).programme)))
        return 0
    began = time.perf_counter()
    found = figures(_kept((compared(seed) for seed in seeds), given.out))
    print(json.dumps({"seed": given.seed, **found, "seconds": round(time.perf_counter() - began, 1)}))
    return 1 if found["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
