"""Which primitives have a state of their own, and which state that is.

- `is_special`, `special`: whether one has, and its state.
"""

from __future__ import annotations

from igfsched.facts import Facts
from igfsched.kernel.crowds import Crowd
from igfsched.kernel.shapes import Formation
from igfsched.kernel.states import State
from igfsched.kernel.tops import Tops
from igfsched.kernel.watches import Alarms
from igfsched.primitives import Load, Primitive, Shape, Tally, Unit, Watch


def is_special(primitive: Primitive) -> bool:
    """Whether a primitive needs another state than a count of sessions or a plain burden."""
    if isinstance(primitive, Tally):
        return primitive.count.kind == "table" or bool(primitive.footprints)
    if isinstance(primitive, Shape):
        return not primitive.plain
    return isinstance(primitive, Watch) or (isinstance(primitive, Load) and primitive.kind == "top")


def special(facts: Facts, unit: Unit, primitive: Primitive, tier: int) -> State | Tops:
    """Return the state of such a primitive."""
    if isinstance(primitive, Load):
        return Tops(unit, primitive, tier)
    if isinstance(primitive, Tally):
        return Crowd(facts, unit, primitive, tier)
    if isinstance(primitive, Shape):
        return Formation(facts, unit, primitive, tier)
    assert isinstance(primitive, Watch)
    return Alarms(facts, unit, primitive, tier)
