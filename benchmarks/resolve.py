"""Repairs, measured: one base schedule, many random changes, one line of JSON.

    python benchmarks/resolve.py --instance igf2020 --changes 300 --compare 40 --seed 0 --cache out/bases

The base is a solved schedule of an instance (`instances`), the changes are those of `draws`. All of them are drawn
first. Then one planner is made, and each change is applied to the base and never committed: `Planner.apply` leaves
the planner as it was. Changes of one size have one limit (`LIMITS`): 10 s for single ones, 2 s for the loss of a
resource and for batches. Nothing is kept between the draws but the planner; when all are applied, each repair is
audited.

**What is measured.** A time is the wall time from the call of `Planner.apply` to its return, with the repair checked by
its primitives. Not in it: the audit (`audit_ms`), the schedule as a value (`schedule_ms`, made when first asked for),
and what a commit adds (`commit_ms`: with its audit, of a few changes at the end). Before the clock starts, `WARM`
other single changes are applied and not counted. The garbage collector is as Python has it, but what the planner
was made of is frozen (`gc.collect` before, `gc.freeze` after making it): a host with a long life does the same.

- `median_ms`, `p95_ms`, `p99_ms`: of single changes; `broken_median_ms`: of those that leave a schedule that breaks a
  hard rule, or a session without rooms that had some; `broken_share`: how many of the single ones do.
- `proven_share`: of single changes, those whose moves and score are proven; a refusal counts as well if it is certain,
  though the rest of it may be open (`resolve_compare.is_proven`). `proven_moves_share`: the moves at least.
- `by_kind` is of all changes, `by_moves` (sessions that move -> their number and time) of single ones.
- `statuses`: of all.

**What is compared.** `--compare` changes, drawn from all of them at random, are repaired anew by CP-SAT alone: one
model in which all sessions are free, with every start and every rule, the same levels one after the other. Its hint is
the base as the planner begins with it, not our answer; presolve is light, there are 2 workers. It stops at the proof
of all levels or at `--limit`; to build the model (`cpsat_build_median_s`) is not counted. After `BUDGET` seconds of all
together no comparison is begun: `compared` says how many there were.

- `mismatches`: whatever differs (`resolve_compare.difference`), with the levels of both, and whether we had claimed a
  proof (`proven_by_us`); without one, CP-SAT has just had more time. What an audit says against a repair (of every
  change), and another answer to the same change at the end of all, are mismatches as well.
- `unproven_by_cpsat`: those that CP-SAT did not prove in all levels; of them nothing is compared but what it found and
  its bounds. `moves_proven_by_cpsat`: those compared in which it proved the moves at least.
- `unproven_by_us`: those compared that we had not proven.
- `speedup_median`: CP-SAT's seconds over ours for the same change, over all compared; where it did not end in time
  that is no more than a lower bound. `speedup_median_proven`: over those that it proved.

`errors` lists what was raised, with kind and index; the planner is made anew after one. The exit code is 1 if
there are errors or mismatches. `python benchmarks/resolve.py --only 17 ...` repeats the change with that index.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import instances
import numpy as np
from attrs import define, field
from draws import KINDS, broken, draws
from main_job import calibration_seconds
from resolve_compare import Drawn, audit_difference, difference, is_proven, reference
from resolve_figures import compared_figures, drawn_figures, milliseconds

from igfsched.changes import Change
from igfsched.engine.control import cores
from igfsched.planner import Planner, Repair
from igfsched.programme import Programme
from igfsched.result import versions
from igfsched.schedule import Schedule
from igfsched.stakes import MOVES

LIMITS = {"single": 10.0, "loss": 2.0, "batch": 2.0}
"""Seconds that a repair may take, by the size of the change."""
WARM, COMMITS = 5, 5
"""Changes before the clock starts, and commits at the end."""
BUDGET = 1080.0
"""Seconds after the beginning of all from which on no comparison is begun."""
EVERY = 20
"""Draws from one line of progress to the next."""

Say = Callable[[str], None]


def measure(
    programme: Programme, schedule: Schedule, *, seed: int, changes: int, compare: int, limit: float,
    only: Sequence[int] = (), limits: Mapping[str, float] = LIMITS, until: float = math.inf,
    say: Say = lambda text: None,
) -> dict[str, Any]:
    """Apply changes to a base, compare some with CP-SAT, and return what came out, as plain values.

    - `limit`: seconds of one of CP-SAT's solves; `limits`: of one repair, by the size of the change.
    - `only`: nothing but the changes with these indexes, all of them compared.
    - `until`: when the last comparison may begin, by `time.perf_counter`.
    """
    run = _Run(programme, schedule, seed, draws(programme, schedule, seed, changes), limits, say)
    gc.collect()
    run.begin()
    gc.freeze()
    try:
        run.warm_up()
        run.draw(only or range(changes))
        run.compare(only or run.sample(compare), limit, until)
        run.commit()
    finally:
        gc.unfreeze()
    return {
        "sessions": len(programme.sessions), "people": len(programme.people), "changes": changes,
        **drawn_figures(run.drawn), "commit_ms": milliseconds(run.commits, 50),
        **compared_figures(run.compared), "mismatches": run.mismatches, "errors": run.errors,
    }


@define(eq=False)
class _Run:
    """One measurement: the planner, and what has come out so far."""

    programme: Programme
    schedule: Schedule
    seed: int
    changes: list[tuple[str, Change]]
    limits: Mapping[str, float]
    say: Say
    drawn: list[Drawn] = field(factory=list)
    compared: list[dict[str, Any]] = field(factory=list)
    commits: list[float] = field(factory=list)
    mismatches: list[dict[str, Any]] = field(factory=list)
    errors: list[dict[str, Any]] = field(factory=list)
    planner: Planner = field(init=False)

    def begin(self) -> None:
        """Make the planner."""
        began = time.perf_counter()
        self.planner = Planner(self.programme, self.schedule)
        self.say(f"the planner is ready after {time.perf_counter() - began:.1f} s")

    def warm_up(self) -> None:
        """Apply a few other changes, none of which is counted."""
        others = draws(self.programme, self.schedule, self.seed + 1_000_000, 3 * WARM)
        singles = [(kind, change) for kind, change in others if KINDS[kind].size == "single"]
        for number, (kind, change) in enumerate(singles[:WARM]):
            with self._noting(-1 - number, kind, "warm-up"):
                self.planner.apply(change, seconds=self.limits["loss"])

    def draw(self, indexes: Sequence[int]) -> None:
        """Apply the changes, one after the other, each to the base."""
        began = time.perf_counter()
        repairs: list[tuple[int, float, Repair]] = []
        for done, index in enumerate(indexes, 1):
            kind, change = self.changes[index]
            with self._noting(index, kind, "apply"):
                start = time.perf_counter()
                repair = self.planner.apply(change, seconds=self.limits[KINDS[kind].size])
                repairs.append((index, time.perf_counter() - start, repair))
            if done % EVERY == 0:
                self.say(f"{done}/{len(indexes)} changes, {time.perf_counter() - began:.0f} s, "
                         f"{len(self.errors)} errors")
        for index, taken, repair in repairs:
            with self._noting(index, self.changes[index][0], "audit"):
                self.drawn.append(self._judged(index, taken, repair))

    def _judged(self, index: int, taken: float, repair: Repair) -> Drawn:
        """Return what is to be known of a repair, audited."""
        kind, change = self.changes[index]
        size = KINDS[kind].size
        before = broken(self.programme, self.schedule, change) or self._roomless(change)
        began = time.perf_counter()
        repair.schedule  # noqa: B018  made when first asked for
        decode = time.perf_counter() - began
        began = time.perf_counter()
        repair.audit()
        audited = time.perf_counter() - began
        found = Drawn(
            index=index, kind=kind, size=size, seconds=taken, broken=before, status=repair.status,
            levels=tuple(int(level) for level in repair.levels), moves=len(repair.moves),
            proven_moves=repair.proof.moves, proven=is_proven(repair), by=repair.proof.by, decode=decode, audit=audited,
        )
        self._judge(found, "audit", audit_difference(repair))
        return found

    def _roomless(self, change: Change) -> bool:
        """Whether a session that had rooms has none after a change."""
        had = {placement.session for placement in self.schedule if placement.rooms}
        after = change.applied(self.programme, self.schedule)[1]
        return any(placement.session in had and not placement.rooms for placement in after)

    def sample(self, number: int) -> list[int]:
        """Return the indexes of the changes to be compared: any of them, so in the proportions of the mix."""
        rng = np.random.default_rng([self.seed, len(self.changes), 40])
        found: list[int] = rng.choice(len(self.changes), size=min(number, len(self.changes)), replace=False).tolist()
        return found

    def compare(self, indexes: Sequence[int], limit: float, until: float) -> None:
        """Repair changes by CP-SAT alone, and note what differs."""
        by_index = {found.index: found for found in self.drawn}
        began = time.perf_counter()
        for done, index in enumerate(indexes, 1):
            if time.perf_counter() > until:
                self.say(f"no time for {len(indexes) - done + 1} comparisons")
                break
            kind, change = self.changes[index]
            ours = by_index.get(index)
            if ours is None:  # an error, listed already
                continue
            with self._noting(index, kind, "compare"):
                theirs, built = reference(self.planner, change, limit)
                self.compared.append({
                    "ours": ours, "proven": theirs.optimal or theirs.infeasible, "seconds": theirs.seconds,
                    "moves": theirs.infeasible or theirs.proven > MOVES, "built": built,
                })
                self._judge(ours, "compare", difference(ours, theirs), cpsat=[int(level) for level in theirs.levels],
                            cpsat_proven=theirs.proven, cpsat_bounds=theirs.bounds)
            if done % (EVERY // 4) == 0:
                self.say(f"{done}/{len(indexes)} compared, {time.perf_counter() - began:.0f} s, "
                         f"{len(self.mismatches)} mismatches, {len(self.errors)} errors")

    def commit(self) -> None:
        """Apply some changes again and commit them, going back each time; answers that were proven have to be equal."""
        able = [found for found in self.drawn if found.status == "repaired" and found.proven and found.size == "single"]
        for found in able[:COMMITS]:
            with self._noting(found.index, found.kind, "commit"):
                repair = self.planner.apply(self.changes[found.index][1], seconds=self.limits["single"])
                again = tuple(int(level) for level in repair.levels)
                if again != found.levels:
                    self._judge(found, "again", f"applied again at the end: {list(again)}, {repair.proof}")
                began = time.perf_counter()
                self.planner.commit(repair)
                self.commits.append(time.perf_counter() - began)
                self.planner.undo()

    def _judge(self, found: Drawn, stage: str, what: str, **more: Any) -> None:
        """Note a mismatch, if there is one."""
        if what:
            self.mismatches.append({
                "index": found.index, "kind": found.kind, "stage": stage, "what": what, "status": found.status,
                "ours": list(found.levels), "proven_by_us": found.proven, "by": found.by,
                "ms": round(1000 * found.seconds, 1), **more,
            })
            self.say(f"mismatch: {self.mismatches[-1]}")

    @contextmanager
    def _noting(self, index: int, kind: str, stage: str) -> Iterator[None]:
        """Note what is raised, and go on with a new planner: the old one may be half-way through a change."""
        try:
            yield
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            self.errors.append({
                "index": index, "kind": kind, "stage": stage, "error": f"{type(error).__name__}: {error}"[:500],
                "where": f"{Path(last.filename).name}:{last.lineno} {last.name}",
            })
            self.say(f"error: {self.errors[-1]}")
            self.begin()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line asks for and print one line of JSON; return the exit code."""
    began = time.perf_counter()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--instance", choices=instances.INSTANCES, default="igf2020")
    parser.add_argument("--changes", type=int, default=300, help="default %(default)s")
    parser.add_argument("--compare", type=int, default=40, help="changes repaired by CP-SAT too (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of instance, solve and changes (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=60.0, help="limit of the base's solve (default %(default)s)")
    parser.add_argument("--limit", type=float, default=15.0, help="seconds of one comparison (default %(default)s)")
    parser.add_argument("--cache", type=Path, help="a folder for solved bases (default: none is kept)")
    parser.add_argument("--only", type=int, nargs="+", default=(), help="indexes of changes, all of them compared")
    given = parser.parse_args(arguments)

    def say(text: str) -> None:
        print(f"{time.perf_counter() - began:6.0f} s  {text}", file=sys.stderr, flush=True)

    if not all(0 <= index < given.changes for index in given.only):
        parser.error("--only: there is no change with such an index")
    programme, schedule = instances.base(given.instance, given.seed, given.seconds, given.cache)
    say("the base is ready")
    found = measure(programme, schedule, seed=given.seed, changes=given.changes, compare=given.compare,
                    limit=given.limit, only=given.only, until=began + BUDGET, say=say)
    print(json.dumps({
        "instance": given.instance, "seed": given.seed, "base_limit_s": given.seconds,
        "compare_limit_s": given.limit, **found, "workers": cores(), "calibration_s": round(calibration_seconds(), 3),
        "versions": dict(versions()), "seconds": round(time.perf_counter() - began, 1),
    }, allow_nan=False))
    return 1 if found["mismatches"] or found["errors"] else 0


if __name__ == "__main__":
    sys.exit(main())
