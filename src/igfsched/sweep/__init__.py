"""Condensing: in how few days does a programme fit under a cap on parallel sessions, and at what cost.

- `sweep`: look at all caps and numbers of days; `Step` is what its listener is told.
- `Frontier`, `Point`, `Least`: what comes out.
- `read_frontier`: the frontier that a sweep has written to a file.
"""

from __future__ import annotations

from igfsched.sweep.frontier import Frontier as Frontier
from igfsched.sweep.frontier import Least as Least
from igfsched.sweep.frontier import Point as Point
from igfsched.sweep.run import Step as Step
from igfsched.sweep.run import sweep as sweep
from igfsched.sweep.store import read_frontier as read_frontier
