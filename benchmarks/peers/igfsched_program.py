"""The common instance by igfsched, told as the peers tell it.

    python -m peers.igfsched_program INSTANCE.json --seconds 60 --out SOLUTION.json [--base BASE.json]

`benchmarks/common.py` tells more. Here a repair begins with making the planner: nothing is prepared, as nothing is for
the others. `repair_s` is what the same repair takes on a planner that is there already.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import igfsched.engine.solve
import igfsched.io  # noqa: F401  both are loaded when they are first used: imports are not to be measured
from igfsched import Planner, Progress, solve
from peers.igfsched_peer import PER_HOUR, changes_since, programme_of, schedule_of, solution_of
from peers.running import Log, Question, arguments, tell
from peers.scorer import Solution


def solved(question: Question, log: Log) -> tuple[Solution, dict[str, object]]:
    """Return a solution of an instance, and what is proven of it."""

    def listen(progress: Progress) -> None:
        if progress.tier == 1 and progress.unplaced == 0 and progress.score is not None:
            log.note(0, int(progress.score) // PER_HOUR)

    programme = programme_of(question.instance)
    result = solve(programme, seconds=max(0.01, question.seconds - log.seconds), workers=question.workers,
                   seed=question.seed, listener=listen)
    facts: dict[str, object] = {"status": result.status, "proven": result.proven}
    if result.score:
        bound = result.score[-1].bound
        facts["bound"] = {"discomfort": None if bound is None else -(-int(bound) // PER_HOUR)}
    return {} if result.schedule is None else solution_of(question.instance, result.schedule), facts


def repaired(question: Question, log: Log) -> tuple[Solution, dict[str, object]]:
    """Return a repair of a base, and what is proven of it."""
    instance, base = question.instance, question.base
    assert base is not None
    programme, changes = changes_since(instance, base, programme_of(instance))
    planner = Planner(programme, schedule_of(instance, base))
    built = log.seconds
    repair = planner.apply(*changes, seconds=max(0.01, question.seconds - built), workers=question.workers)
    if not repair.levels:
        return {}, {"build_s": round(built, 4), "status": repair.status, "proven": False}
    log.note(repair.levels[1], repair.levels[3] // PER_HOUR)
    began, worked = time.perf_counter(), log.cpu_seconds
    planner.apply(*changes, seconds=question.seconds, workers=question.workers)
    again = time.perf_counter() - began
    log.began, log.worked = log.began + again, log.worked + log.cpu_seconds - worked  # that was for `repair_s` alone
    bounds = [*repair.proof.bounds, None, None, None, None]
    return solution_of(instance, repair.schedule), {
        "build_s": round(built, 4), "repair_s": round(again, 4), "status": repair.status,
        "proven": repair.proof.moves and repair.proof.score, "moves_proven": repair.proof.moves,
        "bound": {"moved": repair.levels[1] if repair.proof.moves else bounds[1],
                  "discomfort": repair.levels[3] // PER_HOUR if repair.proof.score else None},
    }


def main(given: Sequence[str] | None = None) -> None:
    """Solve or repair what the command line names."""
    question = arguments(__doc__, given)
    log = Log()
    solution, facts = (solved if question.base is None else repaired)(question, log)
    tell("igfsched", question, log, solution, **facts)


if __name__ == "__main__":
    main()
