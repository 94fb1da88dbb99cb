"""The common instance of the peers, solved or repaired by igfsched: one line of JSON, and a solution.

    python benchmarks/common.py INSTANCE.json --seconds 60 --out SOLUTION.json
    python benchmarks/common.py INSTANCE.json --seconds 60 --out SOLUTION.json --base BASE.json

The format of instance and solution is told in `benchmarks/peers/__init__.py`; `python -m peers.instance` makes some.
Without a base the instance is solved; with one, the base is repaired with the fewest moves, and then the best score.
Only the public names of igfsched are used, and what comes out is scored by `peers.scorer`, which knows none of them.

Times are seconds of the wall, with everything imported and the file read before the clock starts.

- `programme_s`: from the instance to a `Programme` (with a base: and to a `Schedule`).
- `first_valid_s`, `best_s`: from the beginning, `programme_s` included, to the first schedule in which every session
  has a place and no hard rule is broken, and to the one that was returned; `seconds`: to the end, audit included.
- With a base, `planner_s` is the time to make the planner of the programme before what has come up (every absence
  that the base does not respect), and `repair_ms` that of `Planner.apply`. What has come up is applied once without
  the clock before (`repair_first_ms`: on a planner that has just been made), then `--repeats` times; `repair_ms` is
  the median. `audit_ms` is for the audit.
- `cpu_s`, `repair_cpu_ms`: the same in time of the processor, all threads added up: what a machine that
  does other things as well cannot change.

`score`, `bound`, `gap_by_level` and `proven_by_level` are by level: `unplaced`, then `comfort`; with a base `unplaced`,
`moves`, `rooms`, `comfort`. Comfort is told in the penalties of the instance. `gap` is that of the first level that is
not proven.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from main_job import peak_memory
from peers.igfsched_peer import PER_HOUR, changes_since, programme_of, schedule_of, solution_of
from peers.scorer import Instance, Solution, read_instance, read_solution, score, write_solution

import igfsched.engine.solve
import igfsched.io  # noqa: F401  `solve` loads both when it is called: imports are not to be measured
from igfsched import Change, Planner, Progress, Repair, solve
from igfsched.result import gap_of

LEVELS = ("unplaced", "comfort")
REPAIR_LEVELS = ("unplaced", "moves", "rooms", "comfort")


def solved(
    instance: Instance, seconds: float, workers: int | None = None, seed: int = 0,
) -> tuple[dict[str, Any], Solution]:
    """Solve an instance; return what it took and what came out, and the solution (empty if there is none)."""
    began, worked = time.perf_counter(), time.process_time()
    programme = programme_of(instance)
    made = time.perf_counter() - began
    reached: list[tuple[float, float]] = []

    def listen(progress: Progress) -> None:
        if progress.tier == 1 and progress.unplaced == 0 and progress.score is not None and (
                not reached or progress.score < reached[-1][1]):
            reached.append((made + progress.seconds, progress.score))

    result = solve(programme, seconds=seconds, workers=workers, seed=seed, listener=listen)
    taken = time.perf_counter() - began
    solution = {} if result.schedule is None else solution_of(instance, result.schedule)
    scores = [(tier.score, tier.bound, tier.proven) for tier in result.score]
    return {
        "programme_s": round(made, 4),
        "first_valid_s": None if result.seconds_to_first is None else round(made + result.seconds_to_first, 4),
        "best_s": round(reached[-1][0], 4) if reached else None, "seconds": round(taken, 4),
        "cpu_s": round(time.process_time() - worked, 4), "status": result.status,
        **_levels(LEVELS, scores), "workers": dict(result.record.parameters).get("workers"),
    }, solution


def repaired(
    instance: Instance, base: Solution, seconds: float, workers: int | None = None, repeats: int = 5,
) -> tuple[dict[str, Any], Solution]:
    """Repair a base with the fewest moves; return what it took and what came out, and the solution."""
    began = time.perf_counter()
    programme, changes = changes_since(instance, base, programme_of(instance))
    schedule = schedule_of(instance, base)
    made = time.perf_counter() - began
    gc.collect()
    began = time.perf_counter()
    planner = Planner(programme, schedule)
    built = time.perf_counter() - began
    gc.freeze()  # as a host with a long life does: what the planner is made of stays
    try:
        full = [_timed(planner, changes, seconds, workers) for _ in range(1 + repeats)]
    finally:
        gc.unfreeze()
    repair = full[-1][0]
    taken = median(wall for _, wall, _ in full[1:] or full)
    worked = median(cpu for *_, cpu in full[1:] or full)
    began = time.perf_counter()
    audited = repair.audit()
    audit_s = time.perf_counter() - began
    solution = solution_of(instance, repair.schedule) if repair.levels else {}
    proof = repair.proof
    proven = [proof.moves, proof.moves, proof.score, proof.score]
    bounds = [*proof.bounds, *[None] * len(REPAIR_LEVELS)]
    scores = [(level, level if sure else bound, sure) for level, bound, sure
              in zip(repair.levels, bounds, proven, strict=False)]
    return {
        "programme_s": round(made, 4), "planner_s": round(built, 4),
        "repair_first_ms": _milliseconds(full[0][1]), "repair_ms": _milliseconds(taken),
        "repair_cpu_ms": _milliseconds(worked), "repair_worst_ms": _milliseconds(max(wall for _, wall, _ in full)),
        "first_valid_s": round(made + built + taken, 4), "best_s": round(made + built + taken, 4),
        "seconds": round(made + built + taken + audit_s, 4), "audit_ms": _milliseconds(audit_s),
        "status": repair.status, "valid": audited.valid, "changes": len(changes), "moves": len(repair.moves),
        "proof": str(proof), **_levels(REPAIR_LEVELS, scores), "workers": workers,
    }, solution


def _timed(
    planner: Planner, changes: Sequence[Change], seconds: float, workers: int | None,
) -> tuple[Repair, float, float]:
    """Return a repair, with its seconds of the wall and of the processor."""
    began, worked = time.perf_counter(), time.process_time()
    repair = planner.apply(*changes, seconds=seconds, workers=workers)
    return repair, time.perf_counter() - began, time.process_time() - worked


def _milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 2)


def _levels(names: Sequence[str], scores: Sequence[tuple[int, float | None, bool]]) -> dict[str, Any]:
    """Return scores, bounds and gaps by the name of their level; comfort in the penalties of the instance."""
    found: dict[str, dict[str, Any]] = {"score": {}, "bound": {}, "gap_by_level": {}, "proven_by_level": {}}
    for name, (value, bound, proven) in zip(names, scores, strict=True) if scores else ():
        unit = PER_HOUR if name == "comfort" else 1
        known = None if bound is None else min(math.ceil(bound / unit - 1e-9), value // unit)
        found["score"][name], found["bound"][name] = value // unit, known
        found["gap_by_level"][name] = 0.0 if proven else None if known is None else gap_of(value // unit, known)
        found["proven_by_level"][name] = proven
    open_levels = [name for name, proven in found["proven_by_level"].items() if not proven]
    return {**found, "gap": found["gap_by_level"][open_levels[0]] if open_levels else 0.0 if scores else None,
            "proven": bool(scores) and not open_levels}


def main(arguments: Sequence[str] | None = None) -> None:
    """Solve or repair what the command line names, write the solution and print one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("instance")
    parser.add_argument("--seconds", type=float, default=60.0, help="limit (default %(default)s)")
    parser.add_argument("--out", help="file for the solution")
    parser.add_argument("--base", help="a solution that is to be repaired")
    parser.add_argument("--workers", type=int, help="processor cores to use (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of a solve (default %(default)s)")
    parser.add_argument("--repeats", type=int, default=5, help="repairs that are timed (default %(default)s)")
    given = parser.parse_args(arguments)
    try:
        instance = read_instance(given.instance)
        base = None if given.base is None else read_solution(given.base)
        if base is None:
            measured, solution = solved(instance, given.seconds, given.workers, given.seed)
        else:
            measured, solution = repaired(instance, base, given.seconds, given.workers, given.repeats)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    memory = peak_memory()
    if given.out is not None:
        write_solution(solution, given.out)
    print(json.dumps({
        "peer": "igfsched", "instance": instance.get("name", given.instance),
        "what": "cold" if base is None else "repair", "limit_s": given.seconds, **measured,
        "peak_memory_mb": None if memory is None else round(memory, 1), "checked": score(instance, solution, base),
    }, allow_nan=False))


if __name__ == "__main__":
    main()
