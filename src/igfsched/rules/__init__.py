"""The catalogue: every rule by its name.

- `CATALOGUE`: rule classes by name.
- `PRESETS`: ready-made sets of rules by name; `active_rules(programme)` says which rules hold.
"""

from __future__ import annotations

from igfsched.rule import Rule

CATALOGUE: dict[str, type[Rule]] = {}
