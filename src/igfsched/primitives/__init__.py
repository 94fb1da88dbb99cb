"""The algebra that every rule is stated in, so that no engine has to know the name of a rule.

- `Axis`: maps a place to *classes* (ticks that a session covers, its day, its room, or room x tick).
- `Table`: what a session's own place costs.
- `Tally`: what the number of sessions (or footprints) in each class costs, under a `Count` function.
- `Pair`: what two sessions cost together.
- `Footprint`, `Shape`, `Meet`: the classes that a group touches, what they cost, and what two groups cost.
- `Load`, `LoadGroup`: sums over groups of sessions, and their largest, spread, or excess.
- `Watch`, `Alert`, `When`: what a number of things that are so costs.
- `Unit`: the primitives that state one explainable part of a rule, with a sentence in words.

Each primitive has `value(places)`, its exact measure in plain Python: the oracle against which the
engines are tested. A measure is never negative: a reward is stated as what is missing of a constant. A hard rule
demands that it is 0. `sessions_of` and `axes_of` say what a primitive reads.
"""

from __future__ import annotations

from igfsched.primitives.axes import Axis as Axis
from igfsched.primitives.axes import ByVariant as ByVariant
from igfsched.primitives.axes import covered as covered
from igfsched.primitives.axes import days as days
from igfsched.primitives.axes import slot_starts as slot_starts
from igfsched.primitives.axes import ticks as ticks
from igfsched.primitives.axes import wanted as wanted
from igfsched.primitives.footprints import Footprint as Footprint
from igfsched.primitives.footprints import Meet as Meet
from igfsched.primitives.footprints import Shape as Shape
from igfsched.primitives.footprints import ShapeKind as ShapeKind
from igfsched.primitives.pairs import Pair as Pair
from igfsched.primitives.pairs import PairKind as PairKind
from igfsched.primitives.units import PLENTY as PLENTY
from igfsched.primitives.units import Count as Count
from igfsched.primitives.units import Load as Load
from igfsched.primitives.units import LoadGroup as LoadGroup
from igfsched.primitives.units import LoadKind as LoadKind
from igfsched.primitives.units import Primitive as Primitive
from igfsched.primitives.units import Table as Table
from igfsched.primitives.units import Tally as Tally
from igfsched.primitives.units import Unit as Unit
from igfsched.primitives.units import axes_of as axes_of
from igfsched.primitives.units import grows as grows
from igfsched.primitives.units import looks_at_rooms as looks_at_rooms
from igfsched.primitives.units import measure as measure
from igfsched.primitives.units import same_for as same_for
from igfsched.primitives.units import sessions_of as sessions_of
from igfsched.primitives.watches import Alert as Alert
from igfsched.primitives.watches import Condition as Condition
from igfsched.primitives.watches import Watch as Watch
from igfsched.primitives.watches import When as When
