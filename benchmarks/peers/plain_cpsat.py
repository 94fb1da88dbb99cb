"""The common instance as one plain CP-SAT model, as a good engineer would write it in an afternoon.

    python -m peers.plain_cpsat INSTANCE.json --seconds 60 --out SOLUTION.json [--base BASE.json]

One Boolean for each session and slot in which its speakers are available; rooms are counted in the model and matched
afterwards. A repair has the moves in the objective, each dearer than all discomfort, and is built from scratch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ortools.sat.python import cp_model

from peers.running import Log, Question, arguments, confined, groups, matched_rooms, tell
from peers.scorer import Solution, allowed, costs


class _Notes(cp_model.CpSolverSolutionCallback):
    def __init__(self, log: Log, dear: int) -> None:
        super().__init__()
        self.log, self.dear = log, dear

    def on_solution_callback(self) -> None:
        self.log.note(*divmod(round(self.objective_value), self.dear))


def solve(question: Question, log: Log) -> tuple[Solution, dict[str, object]]:
    """Return a solution (empty if none was found) and what is proven of it."""
    instance, base = question.instance, question.base
    model = cp_model.CpModel()
    price, slots_of = costs(instance), allowed(instance)
    x = {(id, slot): model.new_bool_var("") for id, slots in enumerate(slots_of) for slot in slots}
    for id, slots in enumerate(slots_of):
        model.add_exactly_one(x[id, slot] for slot in slots)
    in_slot: dict[int, list[int]] = defaultdict(list)
    for id, slot in x:
        in_slot[slot].append(id)
    cap, sets = min(instance["parallel_cap"], instance["n_rooms"]), confined(instance)
    for slot, ids in in_slot.items():
        model.add(sum(x[id, slot] for id in ids) <= cap)
        for rooms, members in sets:
            there = [x[id, slot] for id in members if (id, slot) in x]
            if len(there) > len(rooms) and len(rooms) < cap:
                model.add(sum(there) <= len(rooms))
        for members in groups(instance, ids).values():
            model.add_at_most_one(x[id, slot] for id in members)
    dear = 1 + sum(max(row) for row in price)
    objective = sum(price[id][slot] * literal for (id, slot), literal in x.items())
    if base is not None:
        objective += dear * sum(literal for (id, slot), literal in x.items() if base[id][0] != slot)
    model.minimize(objective)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = question.workers
    solver.parameters.random_seed = question.seed
    solver.parameters.max_time_in_seconds = max(0.01, question.seconds - log.seconds)
    built = log.seconds
    status = solver.solve(model, _Notes(log, dear))
    facts = {"build_s": round(built, 4), "status": solver.status_name(status).lower(),
             "proven": status == cp_model.OPTIMAL}
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return {}, facts
    moved, discomfort = divmod(max(0, round(solver.best_objective_bound)), dear)
    facts["bound"] = {"moved": moved, "discomfort": discomfort} if base is not None else {"discomfort": discomfort}
    chosen = {id: slot for (id, slot), literal in x.items() if solver.value(literal)}
    return matched_rooms(instance, chosen, base), facts


def main(given: Sequence[str] | None = None) -> None:
    """Solve or repair what the command line names."""
    question = arguments(__doc__, given)
    log = Log()
    solution, facts = solve(question, log)
    tell("plain CP-SAT", question, log, solution, **facts)


if __name__ == "__main__":
    main()
