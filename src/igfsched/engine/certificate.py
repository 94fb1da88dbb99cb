"""A proof that an hour problem has no solution, in whole numbers: the linear solver only proposes it.

- `certainly_infeasible`: whether not every session has an hour.

Each session may be left out, and each day be too many or too few, at a price of 1. The prices of the rows that the
linear solver then names are rounded to multiples of 2**-20 and added up in exact arithmetic: whatever the prices are,
the sum is a lower bound of what has to be paid. Above 0, no schedule places every session, however inexact the solver
was.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.linear_solver.python import model_builder_helper as lp

from igfsched.engine.hours import FREE, Floats, HourProblem, Row
from igfsched.facts import Ints

SCALE = 2**20
LARGEST = 2**40
"""Upper limits from which a variable counts as unlimited, and the highest price of a row."""


def certainly_infeasible(problem: HourProblem, seconds: float) -> bool:
    """Say whether it is proven that an hour problem leaves some session without an hour.

    Rows that name an unlimited variable (loads) are left out: the proof is of less, so it holds of all.
    """
    columns = len(problem.variant)
    upper = np.append(np.ones(columns, dtype=np.int64), [most for _, most in problem.extra]).astype(np.int64)
    rows = [row for row in problem.rows if (upper[row.variables] < LARGEST).all()]
    bought = [number for number, row in enumerate(rows)
              if _of_one_session(problem, row) or (row.variables >= columns).all()]
    prices = _row_prices(rows, bought, upper, seconds)
    return prices is not None and _least_paid(rows, bought, prices, upper) > 0


def _of_one_session(problem: HourProblem, row: Row) -> bool:
    """Say whether a row demands exactly one hour of one session."""
    return bool(row.low == row.high == 1 and len(row.variables) and (row.variables < len(problem.variant)).all()
                and (row.amounts == 1).all())


def _row_prices(rows: list[Row], bought: list[int], upper: Ints, seconds: float) -> Floats | None:
    """Return the linear solver's price of each row, shape `(rows,)`, where one unit off a bought row costs 1."""
    helper: Any = lp.ModelBuilderHelper()
    finite = np.where(upper < LARGEST, upper, np.inf)
    helper.add_var_array_with_bounds(np.zeros(len(upper)), finite.astype(float), np.zeros(len(upper), dtype=bool), "")
    off = {}
    for number in bought:
        off[number] = (helper.add_var(), helper.add_var())
        for variable in off[number]:
            helper.set_var_lower_bound(variable, 0.0)
            helper.set_var_objective_coefficient(variable, 1.0)
    for number, row in enumerate(rows):
        helper.add_linear_constraint()
        helper.set_constraint_lower_bound(number, -np.inf if row.low == -FREE else float(row.low))
        helper.set_constraint_upper_bound(number, np.inf if row.high == FREE else float(row.high))
        for variable, amount in zip(row.variables.tolist(), row.amounts.tolist(), strict=True):
            helper.add_term_to_constraint(number, variable, amount)
        for variable, amount in zip(off.get(number, ()), (1, -1), strict=False):
            helper.add_term_to_constraint(number, variable, amount)
    solver = lp.ModelSolverHelper("glop")
    solver.set_time_limit_in_seconds(seconds)
    solver.solve(helper)
    return np.asarray(solver.dual_values()) if solver.has_solution() else None


def _least_paid(rows: list[Row], bought: list[int], prices: Floats, upper: Ints) -> int:
    """Return a lower bound of what has to be paid, times `SCALE`, in exact arithmetic.

    For any prices y of rows, of which those of bought rows are from -1 to 1, and every x from 0 to its upper limit:
    what is paid >= sum of y x (limit of the row) - sum over variables of the most that (their amounts at y) x can be.
    """
    whole = np.clip(np.rint(prices * SCALE), -LARGEST, LARGEST).astype(np.int64)
    whole[bought] = np.clip(whole[bought], -SCALE, SCALE)
    total = 0
    at_prices = [0] * len(upper)
    for row, price in zip(rows, whole.tolist(), strict=True):
        limit = row.low if price > 0 else row.high
        if price == 0 or limit in (-FREE, FREE):
            continue
        total += price * limit
        for variable, amount in zip(row.variables.tolist(), row.amounts.tolist(), strict=True):
            at_prices[variable] += price * amount
    return total - sum(amount * int(most) for amount, most in zip(at_prices, upper.tolist(), strict=True) if amount > 0)
