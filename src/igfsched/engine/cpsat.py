"""One call of CP-SAT: parameters, limits, progress, cancellation.

- `Limits`: seconds or deterministic time, workers, seed, and a way to stop.
- `run`: solve a model; `Outcome`: what came back, with the best values and the bound.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Literal, Protocol

from attrs import evolve, frozen
from ortools.sat.python import cp_model

from igfsched.errors import InputError, Problem

Status = Literal["optimal", "feasible", "infeasible", "unknown"]

_STATUS: dict[int, Status] = {
    int(cp_model.OPTIMAL): "optimal", int(cp_model.FEASIBLE): "feasible",
    int(cp_model.INFEASIBLE): "infeasible",
}


class Flag(Protocol):
    """What is asked again and again whether a search should stop; an event is one."""

    def is_set(self) -> bool: ...


@frozen(kw_only=True)
class Limits:
    """How long and how a model may be solved.

    `deterministic`: the limit is this much deterministic time instead of seconds, and the search is
    repeatable. `light`: a short presolve, for small models and re-solves. `presolve`: whether there is any.
    `core`: one worker goes from the bound upwards, by sets of costs that cannot all be at their least.
    `nearly_whole`: the linear optimum is expected to be whole or nearly so: all rows are in the linear programme from
    the beginning, and neither presolve nor cuts are worth their time.
    """

    seconds: float = 60.0
    workers: int = 2
    seed: int = 0
    deterministic: float | None = None
    light: bool = False
    presolve: bool = True
    linear: int | None = None
    core: bool = False
    nearly_whole: bool = False
    cancel: Flag | None = None

    def within(self, seconds: float) -> Limits:
        """Return the same limits with at most this many seconds."""
        return evolve(self, seconds=max(0.05, min(self.seconds, seconds)))


@frozen(eq=False, kw_only=True)
class Outcome:
    """What a solve gave: `values` of all variables (None: no solution), objective, bound."""

    status: Status
    values: list[int] | None
    objective: int
    bound: float
    seconds: float
    deterministic: float = 0.0


class _Watch(cp_model.CpSolverSolutionCallback):
    """Pass solutions on as they are found; stop when asked to."""

    def __init__(self, on_solution: Callable[[list[int], int], None] | None, enough: float | None,
                 until: Callable[[float, float], bool] | None) -> None:
        super().__init__()
        self._on_solution = on_solution
        self._enough = enough
        self._until = until

    def on_solution_callback(self) -> None:
        if self._on_solution is not None:
            proto: Any = self.response_proto
            self._on_solution(list(proto.solution), round(self.objective_value))
        if self._enough is not None and self.objective_value <= self._enough:
            self.stop_search()
        if self._until is not None and self._until(self.objective_value, self.best_objective_bound):
            self.stop_search()


def run(
    model: cp_model.CpModel, limits: Limits,
    on_solution: Callable[[list[int], int], None] | None = None,
    enough: float | None = None,
    on_bound: Callable[[float], None] | None = None,
    until: Callable[[float, float], bool] | None = None,
) -> Outcome:
    """Solve a model. `on_solution` gets values and objective, `on_bound` better bounds, both on another thread.

    The search stops once the objective is no more than `enough`, a bound known from elsewhere, or once `until` says so,
    which is asked with the objective and the bound of each solution.
    """
    began = time.perf_counter()
    solver = cp_model.CpSolver()
    _set(solver.parameters, limits)
    if on_bound is not None:
        solver.best_bound_callback = on_bound
    finished = threading.Event()
    if limits.cancel is not None:
        watcher = threading.Thread(target=_stop_on_cancel, args=(solver, limits.cancel, finished), daemon=True)
        watcher.start()
    try:
        status = solver.solve(model, _Watch(on_solution, enough, until))
    finally:
        finished.set()
    if status == cp_model.MODEL_INVALID:
        raise InputError([Problem(
            message="the solver cannot take these numbers; lower weights, prices or priorities",
            path="$.rules", found=str(model.validate())[:200],
        )])
    response: Any = solver.response_proto
    found = list(response.solution) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None
    return Outcome(
        status=_STATUS.get(int(status), "unknown"), values=found,
        objective=round(solver.objective_value) if found is not None else 0,
        bound=solver.best_objective_bound, seconds=time.perf_counter() - began,
        deterministic=response.deterministic_time,
    )


def _set(parameters: Any, limits: Limits) -> None:
    parameters.random_seed = limits.seed
    parameters.catch_sigint_signal = False  # Ctrl-C is heard by Python, on the main thread
    parameters.num_workers = max(1, limits.workers)
    if limits.deterministic is not None:
        parameters.max_deterministic_time = limits.deterministic
        parameters.interleave_search = limits.workers > 1
    else:
        parameters.max_time_in_seconds = limits.seconds
    if limits.linear is not None:
        parameters.linearization_level = limits.linear
    parameters.cp_model_presolve = limits.presolve
    parameters.optimize_with_core = limits.core
    if limits.nearly_whole:
        parameters.cp_model_presolve = False
        parameters.linearization_level = 2
        parameters.add_lp_constraints_lazily = False
        parameters.cut_level = 0
    if limits.light:
        parameters.symmetry_level = 0
        parameters.cp_model_probing_level = 0
        parameters.max_presolve_iterations = 1


def _stop_on_cancel(solver: cp_model.CpSolver, cancel: Flag, finished: threading.Event) -> None:
    # Asked again and again: a request that comes before the search has begun is forgotten.
    while not finished.wait(0.05):
        if cancel.is_set():
            solver.stop_search()
