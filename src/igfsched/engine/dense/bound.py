"""A bound of what pairs cost: each session at each spot with the best that every other could do beside it.

- `least`: the bound. Half of what two sessions cost together is counted with each of them; where no two can share a
  spot, the sessions are assigned to different ones.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from ortools.graph.python import linear_sum_assignment  # type: ignore[import-untyped]

from igfsched.engine.dense.look import Dense, Floats
from igfsched.facts import Ints


def least(dense: Dense, upper: float, over: Callable[[], bool] = bool) -> float:
    """Return a number that no schedule costs less than. `upper` is what some schedule costs.

    Once `over` says so, pairs that were not looked at yet count as nothing.
    """
    total, exclusive = halves(dense, upper, over)
    alone = float(total.min(axis=1).sum())
    return max(alone, _assigned(total)) if exclusive and not over() else alone


def halves(dense: Dense, upper: float, over: Callable[[], bool] = bool) -> tuple[Floats, bool]:
    """Return what each session costs at each spot at least, pairs by half, and whether no two can share a spot."""
    total = np.where(dense.allowed, dense.prices, np.inf)
    exclusive = True
    able, kind = np.unique(dense.allowed, axis=0, return_inverse=True)
    spots = [np.flatnonzero(row) for row in able]
    kind = kind.reshape(-1)
    alike: dict[tuple[object, ...], tuple[Floats, Floats, bool]] = {}
    for other in range(len(dense.sessions)):
        if over():
            return total, False
        for session in range(other):
            own, theirs = spots[kind[session]], spots[kind[other]]
            # Most pairs have the same in common as many others have.
            key = (int(kind[session]), int(kind[other]), dense.pairs[:, session, other].tobytes(),
                   dense.pairs[:, other, session].tobytes())
            if key not in alike:
                cost = together(dense, session, other, own, theirs)
                shared = own[:, None] == theirs[None, :]
                alike[key] = cost.min(axis=1) / 2, cost.min(axis=0) / 2, bool((cost[shared] > upper).all())
            here, there, apart = alike[key]
            total[session, own] += here
            total[other, theirs] += there
            exclusive = exclusive and apart
    return total, exclusive


def together(dense: Dense, one: int, other: int, own: Ints, theirs: Ints) -> Floats:
    """Return what two sessions cost together at each two of some spots, shape `(own, theirs)`."""
    found: Floats = np.tensordot(dense.pairs[:, one, other], dense.kernels[:, own][:, :, theirs], axes=1)
    back = dense.kernels[:, theirs][:, :, own].transpose(0, 2, 1)
    return found + np.tensordot(dense.pairs[:, other, one], back, axes=1)


def _assigned(total: Floats) -> float:
    """Return the least cost of different spots for all sessions; 0 if the numbers are too large to be exact."""
    sessions, spots = np.nonzero(np.isfinite(total))
    cost = 2.0 * total[sessions, spots]  # halves, made whole
    if not len(cost) or np.abs(cost).max() * len(total) > 2.0**60:
        return 0.0
    used = np.unique(spots)
    spare = len(used) - len(total)
    if spare < 0:
        return 0.0
    right = np.searchsorted(used, spots)
    extra = np.repeat(np.arange(len(total), len(used)), len(used))
    solver = linear_sum_assignment.SimpleLinearSumAssignment()
    solver.add_arcs_with_cost(
        np.concatenate([sessions, extra]), np.concatenate([right, np.tile(np.arange(len(used)), spare)]),
        np.concatenate([np.floor(cost).astype(np.int64), np.zeros(len(extra), dtype=np.int64)]))
    return solver.optimal_cost() / 2 if solver.solve() == solver.OPTIMAL else 0.0
