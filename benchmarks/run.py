"""Suites of benchmarks: run one, or compare two result files.

    python benchmarks/run.py smoke --out out/smoke
    python benchmarks/run.py --compare out/before.json out/after.json
    python benchmarks/run.py --list

A suite is a list of programs of this folder with arguments. Each job is a process of its own, one after the other, and
prints one line of JSON at its end. Written: `OUT.json` (every job with its command, wall seconds and line, beside the
machine and versions), `OUT.md` (a table) and, with matplotlib, `OUT.png`. Programs that are not there are left out,
and told. The exit code is 1 if a job failed.

A comparison lists, for jobs of the same name, the figures that differ: those of `FIGURES`, which are better when they
are smaller. Of times only what differs by more than a quarter is listed, since machines are noisy. Its exit code is 1
if a job failed that did not before, or a score, a bound's gap or a proof is worse.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import field, frozen
from plots import plot_suite

from igfsched.result import versions

HERE = Path(__file__).resolve().parent
FIGURES = ("first_valid_s", "best_s", "seconds", "planner_s", "repair_ms", "median_ms", "p95_ms", "gap",
           "peak_memory_mb")
NOISE = 1.25
"""How many times as long something may take without being told."""


def _arguments(text: str) -> tuple[str, ...]:
    return tuple(shlex.split(text))


@frozen
class Job:
    """A program with its arguments, in which `{work}` is a folder of the run.

    `makes`: it makes files for the others, and prints no figures.
    """

    name: str
    program: str
    arguments: tuple[str, ...] = field(converter=_arguments)
    makes: bool = False


SMALL, BASE = "{work}/small.json", "{work}/base.json"
SMALL_EVENT = "{work}/interest.csv {work}/availability.csv"
SMOKE = (
    Job("small instance", "-m peers.instance",
        f"{SMALL} --sessions 24 --days 3 --rooms 4 --cap 3 --speakers 50 --tracks 6", makes=True),
    Job("common, cold", "common.py", f"{SMALL} --seconds 5 --out {BASE}"),
    Job("changed instance", "-m peers.instance", f"{{work}}/changed.json --of {SMALL} --base {BASE} --changes 2",
        makes=True),
    Job("common, repair", "common.py", f"{{work}}/changed.json --seconds 5 --base {BASE}"),
    Job("small event", "fairconf.py", "--draw {work} --participants 8 --talks 5 --slots 10", makes=True),
    Job("fair conference", "fairconf.py", f"{SMALL_EVENT} --seconds 10"),
    Job("main job, 20", "main_job.py", "--instance generated --sessions 20 --fill 0.5 --seconds 5"),
    Job("scale, 20", "scale.py", "--one 20 --seconds 3 --repairs 5 --at 1"),
)
MAIN = (
    Job("igf2020", "main_job.py", "--instance igf2020 --seconds 60"),
    *(Job(f"275 sessions, {fill} full, seed {seed}", "main_job.py",
          f"--instance generated --sessions 275 --fill {fill} --seed {seed} --seconds 60")
      for fill in (0.6, 0.8, 0.95) for seed in (1, 2)),
    Job("1000 sessions, 0.8 full", "main_job.py",
        "--instance generated --sessions 1000 --fill 0.8 --seed 1 --seconds 300"),
)
RESOLVE = tuple(
    Job(name, "resolve.py", f"--instance {name} --changes 300 --compare 10 --seed 0 --cache {{work}}/bases")
    for name in ("igf2020", "loose", "tight")
)
PEERS = tuple(
    job for name, more in (("main", "--sessions 200 --speakers 500"), ("tight286", "--sessions 286 --speakers 650"))
    for job in (
        Job(f"instance {name}", "-m peers.instance", f"{{work}}/{name}.json {more}", makes=True),
        Job(f"peers, {name}", "compare_peers.py", f"{{work}}/{name}.json --seconds 30 --json"),
    )
)
FAIR = tuple(
    job for seed in range(3) for job in (
        Job(f"event {seed}", "fairconf.py", f"--draw {{work}}/fair{seed} --seed {seed}", makes=True),
        Job(f"fair conference, seed {seed}", "fairconf.py",
            f"{{work}}/fair{seed}/interest.csv {{work}}/fair{seed}/availability.csv --seconds 120"),
    )
)
SUITES: dict[str, tuple[Job, ...]] = {
    "smoke": SMOKE, "main": MAIN, "resolve": RESOLVE, "peers": PEERS, "fairconf": FAIR,
    "cosplib": (Job("cosplib", "cosplib.py", ""),), "optaplanner": (Job("optaplanner", "optaplanner.py", ""),),
    "scale": (Job("scale", "scale.py", ""),),
}


def command(job: Job, work: str) -> list[str] | None:
    """Return the command of a job, or None if its program is not there."""
    arguments = [argument.format(work=work) for argument in job.arguments]
    if job.program.startswith("-m "):
        return [sys.executable, *job.program.split(), *arguments]
    program = HERE / job.program
    return [sys.executable, str(program), *arguments] if program.exists() else None


def run(suite: str, only: Sequence[str] = (), seconds: float | None = None) -> dict[str, Any]:
    """Run the jobs of a suite, or those of them whose name begins as one of `only`; return what came out.

    `seconds`: after which a job is stopped (None: never).
    """
    jobs: list[dict[str, Any]] = []
    path = os.pathsep.join(filter(None, (str(HERE), str(HERE.parent / "src"), os.environ.get("PYTHONPATH", ""))))
    with tempfile.TemporaryDirectory() as work:
        for job in SUITES[suite]:
            if only and not job.makes and not job.name.startswith(tuple(only)):
                continue
            words = command(job, work)
            if words is None:
                jobs.append({"name": job.name, "absent": job.program})
                continue
            found = _run(words, {**os.environ, "PYTHONPATH": path}, seconds, job.makes)
            if not job.makes or ("error" in found and not only):  # others may make what it needs
                told = " ".join([*job.program.split(), *job.arguments])
                jobs.append({"name": job.name, "command": f"python {told}", **found})
                said = f"{job.name}: {found.get('error', 'done')} after {found['wall_s']} s"
                print(said, file=sys.stderr, flush=True)
    return {
        "suite": suite, "when": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "machine": {"cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
                    "system": platform.system(), "processor": platform.machine()},
        "versions": dict(versions()), "jobs": jobs,
    }


def _run(words: Sequence[str], environment: Mapping[str, str], seconds: float | None, makes: bool) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        done = subprocess.run(words, env=dict(environment), check=False, capture_output=True, text=True,
                              timeout=seconds)
    except subprocess.TimeoutExpired:
        return {"wall_s": round(time.perf_counter() - began, 2), "error": f"stopped after {seconds:g} s"}
    found: dict[str, Any] = {"wall_s": round(time.perf_counter() - began, 2)}
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if lines:
        found["result"] = json.loads(lines[-1])
    if done.returncode or not (lines or makes):
        last = done.stderr.strip().splitlines()
        found["error"] = last[-1] if last else f"ended with {done.returncode}, and no line of JSON"
    return found


# -- tables ------------------------------------------------------------------------------------------


def table(found: Mapping[str, Any]) -> str:
    """Return the results of a suite as a Markdown table."""
    results = [job.get("result", {}) for job in found["jobs"]]
    names = [name for name in FIGURES if any(_number(result.get(name)) is not None for result in results)]
    lines = [f"# {found['suite']}, {found['when']}, {found['machine']['cores']} cores", "",
             "| job | wall, s | status | proven | score | " + " | ".join(names) + " |", "|---" * (5 + len(names)) + "|"]
    for job, result in zip(found["jobs"], results, strict=True):
        if "absent" in job:
            lines.append(f"| {job['name']} | {job['absent']} is not there |" + " |" * (3 + len(names)))
            continue
        proven = result.get("proven")
        cells = [job["name"], job["wall_s"], job.get("error") or result.get("status", "done"),
                 "" if proven is None else "yes" if proven else "no",
                 _words(result.get("score", result.get("objective"))),
                 *(_words(result.get(name)) for name in names)]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join([*lines, ""])


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_words(part)}" for name, part in value.items())
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else str(value)


def _number(value: Any) -> float | None:
    return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, bool]:
    """Return in words how one result differs from an earlier one, and whether anything but times is worse."""
    lines = [f"# {after['suite']}: {after['when']} against {before['when']}", "",
             "| job | figure | before | after | |", "|---|---|---|---|---|"]
    rows = list(_differences(before, after))
    lines += [f"| {name} | {figure} | {_words(old)} | {_words(new)} | {remark} |" for name, figure, old, new, remark, _
              in rows]
    if not rows:
        lines.append("| nothing differs | | | | |")
    return "\n".join([*lines, ""]), any(worse for *_, worse in rows)


def _differences(
    before: Mapping[str, Any], after: Mapping[str, Any],
) -> Iterator[tuple[str, str, Any, Any, str, bool]]:
    """Yield job, figure, values before and after, a remark, and whether it is worse in more than time."""
    old_jobs, new_jobs = ({job["name"]: job for job in result["jobs"]} for result in (before, after))
    for name in dict.fromkeys([*old_jobs, *new_jobs]):
        if name not in old_jobs or name not in new_jobs:
            yield name, "job", name in old_jobs, name in new_jobs, "in one file only", False
            continue
        old, new = old_jobs[name], new_jobs[name]
        if old.get("error") != new.get("error"):
            yield (name, "error", old.get("error"), new.get("error"), "failed" if new.get("error") else "mended",
                   bool(new.get("error")))
        first, second = old.get("result", {}), new.get("result", {})
        if first.get("proven") != second.get("proven"):
            worse = first.get("proven") is True
            yield name, "proven", first.get("proven"), second.get("proven"), "worse" if worse else "better", worse
        yield from ((name, *rest) for rest in _scores(first, second))
        for figure in ("wall_s", *FIGURES):
            pair = [_number(job.get(figure, job.get("result", {}).get(figure))) for job in (old, new)]
            if None in pair or pair[0] == pair[1]:
                continue
            a, b = pair  # type: ignore[misc]
            timed = figure != "gap"
            if timed and max(a, b) < NOISE * min(a, b):
                continue
            ratio = f"x {b / a:.2f}" if a else ""
            yield name, figure, a, b, f"{'worse' if b > a else 'better'} {ratio}".strip(), not timed and b > a + 1e-9


def _scores(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any, str, bool]]:
    """Yield scores that differ: tiers count in their order, an objective is better when it is greater."""
    old, new = first.get("score"), second.get("score")
    if isinstance(old, dict) and isinstance(new, dict) and old != new and old.keys() == new.keys():
        worse = list(new.values()) > list(old.values())
        yield "score", old, new, "worse" if worse else "better", worse
    old, new = _number(first.get("objective")), _number(second.get("objective"))
    if old is not None and new is not None and not math.isclose(old, new, abs_tol=1e-9):
        yield "objective", old, new, "worse" if new < old else "better", new < old


def main(arguments: Sequence[str] | None = None) -> int:
    """Run or compare what the command line names; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("suite", nargs="?", choices=list(SUITES))
    parser.add_argument("--out", help="where to write OUT.json, OUT.md and OUT.png (default: print the table)")
    parser.add_argument("--only", nargs="+", default=[], help="jobs whose names begin so")
    parser.add_argument("--limit", type=float, help="seconds after which a job is stopped")
    parser.add_argument("--compare", nargs=2, metavar=("BEFORE", "AFTER"), help="two result files")
    parser.add_argument("--list", action="store_true", help="list the suites with their jobs")
    given = parser.parse_args(arguments)
    if given.list:
        for name, jobs in SUITES.items():
            print(f"{name}: " + ", ".join(job.name for job in jobs if not job.makes))
        return 0
    if given.compare is not None:
        try:
            results = [json.loads(Path(path).read_text(encoding="utf-8")) for path in given.compare]
            text, worse = compared(*results)
        except (OSError, ValueError, KeyError) as error:
            parser.error(f"not two result files: {error}")
        print(text)
        if given.out is not None:
            plot_suite([{**result, "label": Path(path).stem} for path, result in
                        zip(given.compare, results, strict=True)], f"{given.out}.png")
        return int(worse)
    if given.suite is None:
        parser.error(f"name a suite: {', '.join(SUITES)}")
    found = run(given.suite, given.only, given.limit)
    if given.out is None:
        print(table(found))
    else:
        Path(given.out).parent.mkdir(parents=True, exist_ok=True)
        Path(f"{given.out}.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
        Path(f"{given.out}.md").write_text(table(found), encoding="utf-8")
        plot_suite([found], f"{given.out}.png")
    return int(any("error" in job for job in found["jobs"]))


if __name__ == "__main__":
    sys.exit(main())
