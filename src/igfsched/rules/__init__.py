"""The catalogue: every rule by its name.

- `CATALOGUE`: rule classes by name.
- `PRESETS`: ready-made sets of rules by name; `active_rules(programme)` says which rules hold.
"""

from __future__ import annotations

from igfsched.rule import Rule as Rule
from igfsched.rules.clashes import PersonClash as PersonClash
from igfsched.rules.clashes import RoomClash as RoomClash
from igfsched.rules.comfort import Comfort as Comfort
from igfsched.rules.placement import OnGrid as OnGrid
from igfsched.rules.placement import Placed as Placed
from igfsched.rules.placement import WindowHours as WindowHours
from igfsched.rules.presets import PRESETS as PRESETS
from igfsched.rules.presets import active_rules as active_rules

CATALOGUE: dict[str, type[Rule]] = {
    rule.name: rule for rule in (Placed, WindowHours, OnGrid, RoomClash, PersonClash, Comfort)
}
