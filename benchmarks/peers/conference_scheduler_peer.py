"""The common instance by PyCon UK's conference-scheduler (PuLP with the solver CBC).

    python -m peers.conference_scheduler_peer INSTANCE.json --seconds 60 --out SOLUTION.json [--base BASE.json]

It can say: each event once, one event in each room and slot, events that are unavailable in slots, events that exclude
each other. It cannot say: a cap below the number of rooms (so it is given that many rooms only, the least asked for
being left out), nor what an hour costs (its solution is merely valid). A repair uses its count of changed cells, in
which another room is a change like another slot.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

import pulp
from conference_scheduler import scheduler
from conference_scheduler.converter import solution_to_schedule
from conference_scheduler.lp_problem import objective_functions
from conference_scheduler.resources import Event, Slot

from peers.running import Log, Question, arguments, groups, tell
from peers.scorer import Solution, allowed, score

FIRST = datetime(2026, 11, 2)


def solve(question: Question, log: Log) -> tuple[Solution, dict[str, object]]:
    """Return a solution (empty if none was found)."""
    instance, base = question.instance, question.base
    rooms = rooms_offered(question)
    cells = [(slot["id"], room) for slot in instance["slots"] for room in rooms]
    slots = [Slot(venue=f"room {room}", starts_at=FIRST + timedelta(hours=instance["slots"][slot]["start_utc"]),
                  duration=60, capacity=1, session=None) for slot, room in cells]
    events = []
    for session, free in zip(instance["sessions"], allowed(instance), strict=True):
        fits = set(free)
        events.append(Event(name=str(session["id"]), duration=60, demand=1, unavailability=[
            slots[number] for number, (slot, room) in enumerate(cells)
            if slot not in fits or room not in session["rooms"]
        ]))
    pairs = {pair for members in groups(instance, range(len(events))).values()
             for pair in itertools.combinations(members, 2)}
    for first, second in sorted(pairs):
        events[first].add_unavailability(events[second])
    more = {}
    if base is not None:
        number_of = {cell: number for number, cell in enumerate(cells)}
        old = [(id, number_of[tuple(base[id])]) for id in sorted(base) if tuple(base[id]) in number_of]
        more = {"objective_function": objective_functions.number_of_changes,
                "original_schedule": list(solution_to_schedule(old, events, slots))}
    built = log.seconds
    solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=max(1, int(question.seconds - built)), threads=question.workers)
    facts: dict[str, object] = {"build_s": round(built, 4), "status": "found", "proven": False}
    try:
        found = list(scheduler.solution(events, slots, solver=solver, **more))
    except ValueError as error:
        return {}, {**facts, "status": str(error)}
    solution = {int(event): cells[int(slot)] for event, slot in found}
    told = score(instance, solution, base)
    if not told["hard"]:
        log.note(told.get("moved", 0), told["discomfort"])
    return solution, facts


def rooms_offered(question: Question) -> list[int]:
    """Return as many rooms as the cap allows: those that most sessions may use, or that a base uses."""
    instance = question.instance
    asked = {room: sum(room in session["rooms"] for session in instance["sessions"])
             for room in range(instance["n_rooms"])}
    if question.base is not None:
        for _, room in question.base.values():
            asked[room] += len(instance["sessions"])
    best = sorted(asked, key=lambda room: (-asked[room], room))
    return sorted(best[:instance["parallel_cap"]])


def main(given: Sequence[str] | None = None) -> None:
    """Solve or repair what the command line names."""
    question = arguments(__doc__, given)
    log = Log()
    solution, facts = solve(question, log)
    tell("conference-scheduler", question, log, solution, **facts)


if __name__ == "__main__":
    main()
