"""How time, gap and memory grow with the number of sessions: generated programmes, one process for each size.

    python benchmarks/scale.py --sizes 20 50 100 275 500 --seconds 60 --out out/scale
    python benchmarks/scale.py --one 100 --seconds 60

Programmes are those of `generate.py` at the same fullness, with the rules of the preset. Of each size is told, in the
order in which it happens; everything is imported before the first clock starts:

- `first_valid_s`: from the call of `solve` to the first schedule in which every session has a place.
- `gap_at`: the gap of the first tier at the times of `--at` seconds (those within the limit); null where there was no
  valid schedule, or no bound.
- `gap`, `proven`, `seconds`: at the end, by all tiers; what is proven before the limit takes less.
- `peak_memory_mb`: of the process after that.
- `planner_s`: to make the planner of what came out; `repair_ms` and `repair_p95_ms`: median and 95th percentile of
  `--repairs` repairs, each of one person who cannot come to one of their sessions; `repairs_proven`: how many of them
  are proven to the end. Null where there was no schedule.

`exponents` are the slopes of least squares lines through the logarithms of size and figure: 1 is linear, 2 quadratic.
`OUT.json`, `OUT.md` and, with matplotlib, `OUT.png` are written; without `--out`, one line of JSON is printed.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from generate import generate
from main_job import peak_memory

import igfsched.engine.solve
import igfsched.io  # noqa: F401  `solve` loads both when it is called: imports are not to be measured
from igfsched import Planner, Programme, Progress, Schedule, Span, solve
from igfsched.changes import PersonUnavailable

SIZES = (20, 50, 100, 275, 500, 1_000, 2_000, 5_000)
TIMES = (10.0, 60.0, 300.0)
REPAIR_LIMIT = 10.0
GRACE = 600.0
"""Seconds beyond the limit after which a size is given up: making, auditing and repairing take time too."""
GROWING = ("first_valid_s", "seconds", "peak_memory_mb", "planner_s", "repair_ms")


def measured(
    size: int, *, fill: float, seed: int, seconds: float, times: Sequence[float], repairs: int,
    workers: int | None = None,
) -> dict[str, Any]:
    """Generate, solve and repair a programme of one size; return what it took, as plain values."""
    began = time.perf_counter()
    programme, _ = generate(size, fill, seed)
    made = time.perf_counter() - began
    told: list[tuple[float, float | None]] = []

    def listen(progress: Progress) -> None:
        if progress.tier == 1 and progress.score is not None and progress.unplaced == 0:
            told.append((progress.seconds, progress.gap))

    began = time.perf_counter()
    result = solve(programme, seconds=seconds, seed=seed, workers=workers, listener=listen)
    taken = time.perf_counter() - began
    memory = peak_memory()
    return {
        "sessions": size, "people": len(programme.people), "programme_s": round(made, 3),
        "first_valid_s": None if result.seconds_to_first is None else round(result.seconds_to_first, 3),
        "gap_at": {f"{at:g}": _at(told, at) for at in times if at <= seconds}, "seconds": round(taken, 3),
        "status": result.status, "gap": result.gap, "proven": result.proven,
        "peak_memory_mb": None if memory is None else round(memory, 1),
        **_repaired(programme, result.schedule, repairs, seed, workers),
    }


def _at(told: Sequence[tuple[float, float | None]], seconds: float) -> float | None:
    known = [gap for when, gap in told if when <= seconds]
    return None if not known or known[-1] is None else round(known[-1], 6)


def _repaired(
    programme: Programme, schedule: Schedule | None, repairs: int, seed: int, workers: int | None,
) -> dict[str, Any]:
    """Return how long it takes to make a planner, and to repair what single absences break."""
    names = ("planner_s", "repair_ms", "repair_p95_ms", "repairs_proven")
    if schedule is None or not repairs:
        return dict.fromkeys(names)
    began = time.perf_counter()
    planner = Planner(programme, schedule)
    built = time.perf_counter() - began
    gc.collect()
    gc.freeze()  # as a host with a long life does
    try:
        times, proven = [], 0
        for change in absences(programme, schedule, repairs, seed):
            began = time.perf_counter()
            repair = planner.apply(change, seconds=REPAIR_LIMIT, workers=workers)
            times.append(1000 * (time.perf_counter() - began))
            proven += repair.proof.moves and repair.proof.score
    finally:
        gc.unfreeze()
    if not times:
        return dict.fromkeys(names)
    figures = (round(built, 3), round(float(np.median(times)), 2), round(float(np.percentile(times, 95)), 2), proven)
    return dict(zip(names, figures, strict=True))


def absences(programme: Programme, schedule: Schedule, number: int, seed: int) -> Iterator[PersonUnavailable]:
    """Yield absences of people from one of their sessions each, drawn at random; fewer if there are not so many."""
    random = np.random.default_rng(seed)
    known = programme.people_by_id
    both = [(place, person) for place in schedule for person in programme.session(place.session).required
            if not known[person].placeholder]
    for index in random.permutation(len(both))[:number].tolist():
        place, person = both[index]
        yield PersonUnavailable(person=person, spans=[Span(place.start, place.end)])


def exponents(sizes: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """Return the growth exponent of each figure; None with fewer than three sizes that have it."""
    found: dict[str, float | None] = {}
    for name in GROWING:
        points = [(math.log(size["sessions"]), math.log(size[name])) for size in sizes if size.get(name)]
        found[name] = round(float(np.polyfit(*zip(*points, strict=True), 1)[0]), 2) if len(points) > 2 else None
    return found


def all_sizes(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure all sizes, each in a process of its own, the small ones first."""
    sizes = []
    for size in sorted(arguments.sizes):
        given = ["--one", str(size), "--seconds", str(arguments.seconds), "--fill", str(arguments.fill), "--seed",
                 str(arguments.seed), "--repairs", str(arguments.repairs), "--at", *map(str, arguments.at)]
        given += ["--workers", str(arguments.workers)] if arguments.workers is not None else []
        try:
            done = subprocess.run([sys.executable, __file__, *given], check=False, capture_output=True, text=True,
                                  timeout=arguments.seconds + GRACE)
            lines = done.stdout.splitlines()
            last = done.stderr.strip().splitlines()[-1:] or [f"ended with {done.returncode}"]
            sizes.append(json.loads(lines[-1]) if lines else {"sessions": size, "error": last[0]})
        except subprocess.TimeoutExpired:
            sizes.append({"sessions": size, "error": f"stopped after {arguments.seconds + GRACE:g} s"})
        print(json.dumps(sizes[-1]), file=sys.stderr, flush=True)
    return {"fill": arguments.fill, "seed": arguments.seed, "limit_s": arguments.seconds, "sizes": sizes,
            "exponents": exponents(sizes)}


def table(found: Mapping[str, Any]) -> str:
    """Return what came out as a Markdown table."""
    times = list(dict.fromkeys(at for size in found["sizes"] for at in size.get("gap_at", ())))
    names = ["first valid, s", *(f"gap at {at} s" for at in times), "gap", "proven", "all, s", "memory, MB",
             "planner, s", "repair, ms", "95th percentile, ms"]
    lines = ["| sessions | " + " | ".join(names) + " |", "|---" * (1 + len(names)) + "|"]
    for size in found["sizes"]:
        if "error" in size:
            lines.append(f"| {size['sessions']} | {size['error']} |" + " |" * (len(names) - 1))
            continue
        cells = [size["first_valid_s"], *(_percent(size["gap_at"].get(at)) for at in times), _percent(size["gap"]),
                 "yes" if size["proven"] else "no",
                 *(size[name] for name in ("seconds", "peak_memory_mb", "planner_s", "repair_ms", "repair_p95_ms"))]
        words = ["-" if cell is None else str(cell) for cell in cells]
        lines.append(f"| {size['sessions']} | " + " | ".join(words) + " |")
    known = [f"{name} {value}" for name, value in found["exponents"].items() if value is not None]
    return "\n".join([*lines, "", f"Growth exponents: {', '.join(known) or 'too few sizes'}.", ""])


def _percent(gap: float | None) -> str | None:
    return None if gap is None else f"{gap:.3%}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one size, or all that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of sessions")
    parser.add_argument("--one", type=int, metavar="SIZE", help="measure this size here, and print its line")
    parser.add_argument("--fill", type=float, default=0.8, help="fullness (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="default %(default)s")
    parser.add_argument("--seconds", type=float, default=300.0, help="limit of each solve (default %(default)s)")
    parser.add_argument("--at", type=float, nargs="+", default=list(TIMES), help="seconds at which gaps are told")
    parser.add_argument("--repairs", type=int, default=40, help="of each size (default %(default)s)")
    parser.add_argument("--workers", type=int, help="processor cores to use (default: all)")
    parser.add_argument("--out", help="where to write OUT.json, OUT.md and OUT.png")
    given = parser.parse_args(arguments)
    if given.one is not None:
        try:
            found = measured(given.one, fill=given.fill, seed=given.seed, seconds=given.seconds, times=given.at,
                             repairs=given.repairs, workers=given.workers)
        except ValueError as error:
            parser.error(str(error))
        print(json.dumps(found, allow_nan=False))
        return
    found = all_sizes(given)
    if given.out is None:
        print(json.dumps(found, allow_nan=False))
        return
    Path(given.out).parent.mkdir(parents=True, exist_ok=True)
    Path(f"{given.out}.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    Path(f"{given.out}.md").write_text(table(found), encoding="utf-8")
    from plots import plot_scale

    plot_scale(found, f"{given.out}.png")


if __name__ == "__main__":
    main()
