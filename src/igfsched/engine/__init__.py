"""The one door to OR-Tools: `solve` finds the best schedule of a programme within a time limit."""

from __future__ import annotations

from igfsched.engine.solve import solve as solve
