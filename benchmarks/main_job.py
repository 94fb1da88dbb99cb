"""The main job, measured: one programme, one solve, one line of JSON.

    python benchmarks/main_job.py --instance igf2020 --seconds 15
    python benchmarks/main_job.py --instance generated --sessions 275 --fill 0.8 --seed 0 --seconds 60

`igf2020` is the real programme in its frame (`--sessions` and `--fill` say nothing about it, `--seed` is the
solver's alone); `generated` comes from `generate.py`, and `--seed` is the generator's and the solver's. Both have
the rules of the preset `default`, all soft ones of it on.

What is measured, in the order in which it happens; everything is imported before the first clock starts:

- `first_valid_s`: from the call of `solve` to the first schedule in which every session has a place and no hard
  rule is broken (`Result.seconds_to_first`); null if there was none.
- `seconds`: all of that call, with the audit of its result and the hash of its input.
- `peak_memory_mb`: `ru_maxrss` of the process after it, in units of 1024 * 1024 bytes; imports and the making of
  the programme are in it, the calibration is not.
- `compile_s`: from the `Programme` value to the first thing that a solver is given, the median of three: `lower`,
  the masks and prices of the first tier, and then, for a large programme, the rows and columns of the hour problem
  over them; for a small one (no more candidates than `engine.search.SMALL`), the CP-SAT model of everything.
- `calibration_s`: a fixed job shop, solved to its proof by one worker: what a second is worth on this machine now.

`fill` is the fullness as measured, of all phases together: lengths and changeovers of the sessions over open
minutes and changeovers of the rooms; reserved rooms and the sessions bound to them are not counted. `score`,
`bound`, `gap_by_tier` and `proven_by_tier` are by tier, tier 0 being the unplaced sessions; `gap` is that of the
first tier that is not proven, `proven` says whether all are.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from calibration import real_programme
from generate import generate
from ortools.sat.python import cp_model

import igfsched.io  # noqa: F401  `solve` loads it for the hash of its input: imports are not to be measured
from igfsched.engine.candidates import Candidates
from igfsched.engine.encode import build
from igfsched.engine.hours import hour_problem
from igfsched.engine.rooms import Pools
from igfsched.engine.search import SMALL
from igfsched.engine.solve import solve
from igfsched.lowering import lower
from igfsched.programme import Programme
from igfsched.result import Result, versions

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]


def measure(programme: Programme, seconds: float, seed: int = 0, workers: int | None = None) -> dict[str, Any]:
    """Solve a programme and return what it took and what came out, as plain values."""
    began = time.perf_counter()
    result = solve(programme, seconds=seconds, seed=seed, workers=workers)
    taken = time.perf_counter() - began
    memory = peak_memory()
    return {
        "fill": round(fullness(programme), 4),
        "people": len(programme.people),
        "compile_s": round(median(compile_seconds(programme) for _ in range(3)), 3),
        "first_valid_s": None if result.seconds_to_first is None else round(result.seconds_to_first, 3),
        "seconds": round(taken, 3),
        **outcome(result),
        "peak_memory_mb": None if memory is None else round(memory, 1),
        "calibration_s": round(calibration_seconds(), 3),
        "workers": dict(result.record.parameters).get("workers"),
        "versions": dict(versions()),
    }


def outcome(result: Result) -> dict[str, Any]:
    """Return status, scores, bounds and gaps."""
    tiers = {str(tier.tier): tier for tier in result.score}
    return {
        "status": result.status,
        "score": {name: tier.score for name, tier in tiers.items()},
        "bound": {name: tier.bound for name, tier in tiers.items()},
        "gap_by_tier": {name: tier.gap for name, tier in tiers.items()},
        "proven_by_tier": {name: tier.proven for name, tier in tiers.items()},
        "gap": result.gap,
        "proven": result.proven,
    }


def compile_seconds(programme: Programme) -> float:
    """Return how long it takes from a programme to the first thing that a solver is given."""
    began = time.perf_counter()
    lowered = lower(programme)
    tier = min(lowered.tiers, default=None)
    allowed, _, _ = lowered.allowed, lowered.prices, lowered.room_allowed
    if int(allowed.sum()) <= SMALL:
        build(Candidates.where(lowered, allowed), tiers=())
    else:
        hour_problem(lowered, Pools(lowered), tier, allowed)
    return time.perf_counter() - began


def peak_memory() -> float | None:
    """Return the most memory that this process has had, in units of 1024 * 1024 bytes; None where nobody tells."""
    if resource is None:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 / (1024 if sys.platform == "darwin" else 1)


def fullness(programme: Programme) -> float:
    """Return how full a programme is, all phases together; 0 if it has no rooms."""
    rooms = {room.id for room in programme.rooms if not room.reserved}
    needed = sum(
        session.duration + programme.changeover for session in programme.sessions
        if not session.rooms or set(session.rooms) & rooms
    )
    there = sum(end - start + programme.changeover for _, start, end in programme.window.blocks) * len(rooms)
    return needed / there if there else 0.0


def calibration_seconds() -> float:
    """Return how long a fixed job shop takes one worker: about a second, always the same steps."""
    model = job_shop(jobs=10, machines=8)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    began = time.perf_counter()
    status = solver.solve(model)
    taken = time.perf_counter() - began
    if status != cp_model.OPTIMAL:
        raise RuntimeError(f"the calibration ended {solver.status_name(status)}")
    return taken


def job_shop(jobs: int, machines: int) -> cp_model.CpModel:
    """Return a job shop whose numbers come from a generator written out here, so that they never change."""
    state = 2020

    def draw(below: int) -> int:
        nonlocal state
        state = (state * 1_103_515_245 + 12_345) % 2**31
        return (state >> 16) % below

    model = cp_model.CpModel()
    intervals: list[list[cp_model.IntervalVar]] = [[] for _ in range(machines)]
    ends = []
    for _ in range(jobs):
        order = list(range(machines))
        for last in range(machines - 1, 0, -1):
            other = draw(last + 1)
            order[last], order[other] = order[other], order[last]
        before: Any = 0
        for machine in order:
            length = 1 + draw(99)
            start, end = model.new_int_var(0, 10_000, ""), model.new_int_var(0, 10_000, "")
            intervals[machine].append(model.new_interval_var(start, length, end, ""))
            model.add(start >= before)
            before = end
        ends.append(before)
    for machine_intervals in intervals:
        model.add_no_overlap(machine_intervals)
    last_end = model.new_int_var(0, 10_000, "")
    model.add_max_equality(last_end, ends)
    model.minimize(last_end)
    return model


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for and print one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--instance", choices=("igf2020", "generated"), default="igf2020")
    parser.add_argument("--sessions", type=int, default=275, help="of a generated programme (default %(default)s)")
    parser.add_argument("--fill", type=float, default=0.8, help="of a generated programme (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="default %(default)s")
    parser.add_argument("--seconds", type=float, default=60.0, help="limit of the solve (default %(default)s)")
    parser.add_argument("--workers", type=int, help="processor cores to use (default: all)")
    given = parser.parse_args(arguments)
    try:
        programme = (real_programme(frame_rules=True) if given.instance == "igf2020"
                     else generate(given.sessions, given.fill, given.seed)[0])
        measured = measure(programme, given.seconds, given.seed, given.workers)
    except ValueError as error:
        parser.error(str(error))
    print(json.dumps({
        "instance": given.instance, "sessions": len(programme.sessions), "seed": given.seed,
        "limit_s": given.seconds, **measured,
    }, allow_nan=False))


if __name__ == "__main__":
    main()
