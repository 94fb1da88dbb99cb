"""Repairing a schedule when something changes, with as little disturbance as possible.

- `Planner`: keeps programme and schedule, and repairs.
- `Repair`: an answer to a change, with its proof.
"""

from __future__ import annotations

from igfsched.planner.planner import Planner as Planner
from igfsched.planner.repair import Move as Move
from igfsched.planner.repair import Notice as Notice
from igfsched.planner.repair import Proof as Proof
from igfsched.planner.repair import Repair as Repair
from igfsched.planner.suggestions import Alternative as Alternative
from igfsched.planner.suggestions import Effect as Effect
from igfsched.planner.suggestions import Gain as Gain
from igfsched.planner.suggestions import Outcomes as Outcomes
