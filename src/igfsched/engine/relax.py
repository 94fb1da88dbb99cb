"""Solving the hour problem: as a linear programme for bounds and reduced costs, and in whole numbers.

- `relax`: the linear bound, and which starts no schedule below a given cost can use.
- `whole_hours`: an hour for each session, and a bound that may be better.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from attrs import field, frozen
from ortools.linear_solver.python import model_builder_helper as lp
from ortools.sat.python import cp_model

from igfsched.engine.cpsat import Limits, Outcome, run
from igfsched.engine.hours import FREE, Floats, HourProblem
from igfsched.facts import Bools, Ints

TOLERANCE = 1e-6
"""Relative error allowed to the linear solver before a bound is rounded up to a whole number."""


@frozen(eq=False)
class Relaxation:
    """The linear optimum of the hour problem, all sessions placed.

    `status`: `optimal`, `infeasible` (not all sessions can be placed) or `unknown`. `bound`: no schedule
    costs less. `reduced`: shape `(variants, starts)`; a schedule that uses a start costs at least
    `exact + reduced`; infinite where a start is not allowed. `support`: the same shape; the starts, on any
    day, whose hours the optimum uses at least in part. `extra`: the values of the further variables.
    """

    status: str
    exact: float
    bound: int
    reduced: Floats
    support: Bools
    seconds: float
    extra: Floats = field(factory=lambda: np.empty(0))

    def survivors(self, most: float) -> Bools:
        """Return the starts that a schedule of cost at most `most` may use, shape `(variants, starts)`."""
        return self.reduced <= most - self.exact + TOLERANCE * max(1.0, abs(self.exact))


def relax(problem: HourProblem, mask: Bools, seconds: float = 30.0) -> Relaxation:
    """Solve the linear relaxation of an hour problem over the starts of a mask."""
    began = time.perf_counter()
    n = len(problem.variant)
    helper: Any = lp.ModelBuilderHelper()
    helper.add_var_array_with_bounds(np.zeros(n), np.full(n, np.inf), np.zeros(n, dtype=bool), "")
    paid = np.flatnonzero(problem.price)
    helper.set_objective_coefficients(paid.tolist(), problem.price[paid].astype(np.float64).tolist())
    for price, _ in problem.extra:
        variable = helper.add_var()
        helper.set_var_lower_bound(variable, 0.0)
        helper.set_var_objective_coefficient(variable, float(price))
    # Terms in bulk take half the time of one by one: writing was more than half of it all.
    variables = np.array([lp.Variable(helper, index) for index in range(n + len(problem.extra))], dtype=object)
    for row in problem.rows:
        number = helper.add_linear_constraint()
        helper.set_constraint_lower_bound(number, -np.inf if row.low == -FREE else float(row.low))
        helper.set_constraint_upper_bound(number, np.inf if row.high == FREE else float(row.high))
        helper.add_terms_to_constraint(number, variables[row.variables].tolist(), row.amounts.tolist())
    solver = lp.ModelSolverHelper("glop")
    solver.set_time_limit_in_seconds(seconds)
    solver.solve(helper)
    reduced = np.full(mask.shape, np.inf)
    # What the time limit leaves half solved has a cost, too, but it is no bound.
    if not solver.has_solution() or str(solver.status()).rsplit(".", 1)[-1] != "OPTIMAL":
        status = "infeasible" if "INFEASIBLE" in str(solver.status()) else "unknown"
        return Relaxation(status, -np.inf, -FREE, np.where(mask, 0.0, np.inf), mask, time.perf_counter() - began)
    support = np.zeros_like(mask)
    values = np.asarray(solver.variable_values())
    used = values[:n] > 1e-6
    slack = np.maximum(np.asarray(solver.reduced_costs())[:n], 0.0)
    for kind, days in enumerate(problem.days):
        own = np.flatnonzero(problem.kind == kind)
        for starts in days:
            at = starts[problem.hour[own]]
            extra = problem.price_at(own, at) - problem.price[own]
            support[problem.variant[own], at] = mask[problem.variant[own], at] & used[own]
            reduced[problem.variant[own], at] = np.where(mask[problem.variant[own], at], slack[own] + extra, np.inf)
    exact = solver.objective_value() + problem.constant
    bound = int(np.ceil(exact - TOLERANCE * max(1.0, abs(exact))))
    return Relaxation("optimal", exact, bound, reduced, support, time.perf_counter() - began, values[n:])


def whole_hours(
    problem: HourProblem, relaxation: Relaxation, most: float, limits: Limits,
) -> tuple[Ints | None, Outcome]:
    """Solve an hour problem in whole numbers over the columns that may cost at most `most`.

    Returns the chosen column of each session (-1 for a dead slot; None: nothing found) and the outcome; its bound
    holds for the columns considered, so that `min(bound, most + 1)` holds for all.
    """
    keep = np.zeros(len(problem.variant), dtype=bool)
    survivors = relaxation.survivors(most)
    for kind, days in enumerate(problem.days):
        own = np.flatnonzero(problem.kind == kind)
        for starts in days:
            keep[own] |= survivors[problem.variant[own], starts[problem.hour[own]]]
    index = np.cumsum(keep) - 1
    count = int(keep.sum())
    model = cp_model.CpModel()
    proto = model.proto
    for _ in range(count):
        proto.variables.add().domain.extend((0, 1))
    for _, high in problem.extra:
        proto.variables.add().domain.extend((0, min(high, 10**9)))
    place = np.concatenate([np.where(keep, index, -1), count + np.arange(len(problem.extra))])
    for row in problem.rows:
        inside = place[row.variables] >= 0
        linear = proto.constraints.add().linear
        linear.vars.extend(place[row.variables[inside]].tolist())
        linear.coeffs.extend(row.amounts[inside].tolist())
        linear.domain.extend((-(2**63) if row.low == -FREE else row.low, 2**63 - 1 if row.high == FREE else row.high))
    paid = np.flatnonzero(keep & (problem.price != 0))
    proto.objective.vars.extend(index[paid].tolist())
    proto.objective.coeffs.extend(problem.price[paid].tolist())
    proto.objective.vars.extend(range(count, count + len(problem.extra)))
    proto.objective.coeffs.extend([price for price, _ in problem.extra])
    proto.objective.offset = float(problem.constant)
    proto.objective.scaling_factor = 1.0
    outcome = run(model, limits)
    if outcome.values is None:
        return None, outcome
    columns = np.flatnonzero(keep)[np.flatnonzero(np.array(outcome.values[:count]))]
    chosen = np.full(problem.lowered.facts.n, -1, dtype=np.int64)
    chosen[problem.session[columns]] = columns
    return chosen, outcome
