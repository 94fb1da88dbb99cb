"""Many drawn changes of a common instance, repaired: how fast, how often proven, and whether the moves are the fewest.

    python benchmarks/slot_repairs.py INSTANCE.json --base BASE.json --draws 50 --out FOUND.json
    python benchmarks/slot_repairs.py --sessions 286 --seed 7 --changes 1 10 --check slow

In each draw some speakers lose the slot in which the base has one of their sessions (`drawn`); other draws are others
by their number alone. Without an instance one is generated, without a base igfsched solves it first. Each repair is
applied once without the clock, then `--repeats` times; the median counts. `peers.scorer` checks what comes out.

`--check` says which draws the plain CP-SAT model repairs too (`peers.plain_cpsat`, `--check-seconds` each): `all`,
`none`, or the `slow` ones, which are those that take more than `--slow` milliseconds or are not proven. A mismatch is a
number of moves that the plain model's bound or solution makes untrue, or a broken rule: there must be none.

Printed is one line of JSON: by number of changes how many are proven, the median, the 95th percentile and the most
milliseconds (wall, and time of the processor), the draws that are not proven or have more moves than the plain model,
and the mismatches.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
import time
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from common import solved
from peers import plain_cpsat
from peers.igfsched_peer import changes_since, programme_of, schedule_of, solution_of
from peers.instance import generate
from peers.running import Log, Question
from peers.scorer import Instance, Solution, allowed, read_instance, read_solution, score

from igfsched import Planner, Repair

SLOW = 1000.0
"""Milliseconds of a repair that is not repeated."""


def drawn(instance: Instance, base: Solution, number: int, seed: int) -> Instance:
    """Return an instance in which `number` speakers, drawn at random, lose the slot of one of their sessions.

    Each loses another session's slot. A loss that would leave a session without any slot is passed over.
    """
    chance = random.Random(f"{number} of {seed}")
    found = deepcopy(instance)
    pairs = [(k, session["id"]) for session in instance["sessions"] for k in session["speakers"]]
    chance.shuffle(pairs)
    lost: dict[int, int] = {}
    for speaker, session in pairs:
        if len(lost) == number:
            break
        if session in lost or speaker in lost.values():
            continue
        before = found["speakers"][speaker]["unavailable"]
        found["speakers"][speaker]["unavailable"] = [*before, base[session][0]]
        if allowed(found)[session]:
            lost[session] = speaker
        else:
            found["speakers"][speaker]["unavailable"] = before
    return found


def repaired(
    planner: Planner, instance: Instance, base: Solution, seconds: float, workers: int | None, repeats: int,
) -> tuple[Repair, float, float]:
    """Repair a base of an instance; return the repair, and its milliseconds by the wall and of the processor."""
    _, changes = changes_since(instance, base, planner.programme)
    times = []
    for number in range(1 + repeats):
        began, worked = time.perf_counter(), time.process_time()
        repair = planner.apply(*changes, seconds=seconds, workers=workers)
        taken, used = (1000 * spent for spent in (time.perf_counter() - began, time.process_time() - worked))
        if number or taken > SLOW:
            times.append((taken, used))
        if taken > SLOW:
            break  # once is enough of what is slow
    wall, cpu = (median(column) for column in zip(*times, strict=True))
    return repair, wall, cpu


def measured(
    planner: Planner, instance: Instance, base: Solution, number: int, seed: int, given: argparse.Namespace,
) -> dict[str, Any]:
    """Return what a repair of one draw took, what is proven of it, and what is untrue of it."""
    subject = drawn(instance, base, number, seed)
    repair, taken, used = repaired(planner, subject, base, given.seconds, given.workers, given.repeats)
    complete = bool(repair.levels) and not repair.unplaced
    found: dict[str, Any] = {
        "seed": seed, "ms": round(taken, 2), "cpu_ms": round(used, 2), "status": repair.status,
        "levels": list(repair.levels), "moves": len(repair.moves) if complete else None, "by": repair.proof.by,
        "moves_proven": repair.proof.moves, "proven": repair.proof.moves and repair.proof.score, "untrue": [],
    }
    if complete:
        checked = score(subject, solution_of(subject, repair.schedule), base)
        if checked["hard"] or checked["moved"] != repair.levels[1]:
            found["untrue"].append(f"the scorer finds {checked}")
    slow = not found["proven"] or taken > given.slow
    if given.check == "none" or (given.check == "slow" and not slow):
        return found
    question = Question(instance=subject, base=dict(base), seconds=given.check_seconds, workers=given.workers or 2,
                        seed=1, out=None)
    log = Log()
    solution, facts = plain_cpsat.solve(question, log)
    found["plain_s"] = round(log.seconds, 2)
    if not solution:
        found["plain"] = str(facts["status"])
        if found["plain"] == "infeasible" and complete:
            found["untrue"].append("the plain model says that there is no repair")
        return found
    there, bound = score(subject, solution, base)["moved"], facts["bound"]["moved"]  # type: ignore[index]
    found["plain"] = [bound, there]
    if complete and repair.levels[1] < bound:
        found["untrue"].append(f"{repair.levels[1]} moves, where there are at least {bound}")
    if repair.proof.moves and (not complete or there < repair.levels[1]):
        found["untrue"].append(f"{repair.levels[1:2]} moves are called the fewest, where there are {there}")
    found["more_moves"] = complete and there < repair.levels[1]
    return found


def told(draws: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what draws of one number of changes have in common."""
    possible = [draw for draw in draws if draw.get("plain") != "infeasible"]
    found: dict[str, Any] = {
        "draws": len(draws), "impossible": len(draws) - len(possible),
        **{name: sum(draw[name] for draw in possible) for name in ("proven", "moves_proven")},
    }
    for name in ("ms", "cpu_ms"):
        times = [draw[name] for draw in draws]
        found |= {f"median_{name}": round(median(times), 1), f"p95_{name}": round(float(np.percentile(times, 95)), 1),
                  f"max_{name}": round(max(times), 1)}
    return found | {
        "checked": sum("plain" in draw for draw in draws), "mismatches": [draw for draw in draws if draw["untrue"]],
        "more_moves": [draw["seed"] for draw in draws if draw.get("more_moves")],
        "not_proven": [draw["seed"] for draw in possible if not draw["proven"]],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, repair and compare what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("instance", nargs="?", help="default: a generated one")
    parser.add_argument("--base", help="a solution that the repairs begin with (default: that of igfsched)")
    parser.add_argument("--sessions", type=int, default=286, help="of a generated instance (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of a generated instance (default %(default)s)")
    parser.add_argument("--changes", type=int, nargs="+", default=[1, 3, 5, 10, 20])
    parser.add_argument("--draws", type=int, default=20, help="of each number of changes (default %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="number of the first draw (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, help="limit of a repair (default %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="repairs that are timed (default %(default)s)")
    parser.add_argument("--workers", type=int, help="processor cores to use (default: all)")
    parser.add_argument("--check", choices=["all", "slow", "none"], default="slow")
    parser.add_argument("--slow", type=float, default=200.0, help="milliseconds (default %(default)s)")
    parser.add_argument("--check-seconds", type=float, default=10.0, help="of the plain model (default %(default)s)")
    parser.add_argument("--out", help="file for every single draw")
    given = parser.parse_args(arguments)
    try:
        instance = read_instance(given.instance) if given.instance else generate(given.sessions, seed=given.seed)
        base = solved(instance, 30.0)[1] if given.base is None else read_solution(given.base)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if len(base) != len(instance["sessions"]):
        parser.error("the base has no place for some sessions")
    # What the base itself does not respect has come up before: it is not among what is drawn.
    planner = Planner(changes_since(instance, base, programme_of(instance))[0], schedule_of(instance, base))
    gc.collect()
    gc.freeze()
    found: dict[str, list[dict[str, Any]]] = {}
    for number in given.changes:
        for seed in range(given.first, given.first + given.draws):
            draw = measured(planner, instance, base, number, seed, given)
            found.setdefault(str(number), []).append(draw)
            if draw["untrue"] or not draw["proven"]:
                print(number, json.dumps(draw), file=sys.stderr, flush=True)
    if given.out is not None:
        Path(given.out).write_text(json.dumps(found), encoding="utf-8")
    print(json.dumps({"instance": instance.get("name", ""), "sessions": len(instance["sessions"]),
                      "seconds": given.seconds, **{number: told(draws) for number, draws in found.items()}}))


if __name__ == "__main__":
    main()
