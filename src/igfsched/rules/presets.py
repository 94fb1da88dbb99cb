"""Ready-made sets of rules, and which rules hold for a programme.

The preset `default`:

| level | tier | rules |
|---|---|---|
| hard | - | placed, window, grid, duration, allowed, phase, fixed_start, fixed_room |
| hard | - | room_choice, room_count, room_availability, room_clash |
| hard | - | person_clash, person_availability, parallel_cap, team |
| soft | 1 | comfort (weight 1), fair_regions (weight 10) |
| soft | 2 | track_parallel |
| soft | 3 | compact (programme days used) |

The preset `full` holds more wishes, for programmes that say more about their sessions:

| level | tier | rules |
|---|---|---|
| hard | - | those of `default` |
| soft | 1 | comfort (weight 1), fair_regions (weight 30), preferred (weight 10) |
| soft | 1 | track_parallel (weight 10), audience (weight 2), attendance (weight 5) |
| soft | 1 | balance of each track over the days (weight 3), compact (programme days used, weight 120) |

Attendance asks that the organisers of a track can be in each session of it.

All of it is one score, told in the price of comfort: what a minute costs one person whose hours have the price 1. A
minute of a session outside its preferred times is as dear as one of somebody's night; one of two sessions of a track at
once as ten people who cannot be in both; one of an organiser who is missed as five; a day as two hours. To have some
come first, list them with a tier of their own.

The preset `none` holds no rule but those that a programme lists itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from igfsched.errors import InputError, Problem, nearest
from igfsched.programme import Programme
from igfsched.rule import Rule
from igfsched.rules.balance import Balance
from igfsched.rules.capacities import ParallelCap, TeamCapacity, TrackParallel
from igfsched.rules.clashes import PersonClash, RoomClash
from igfsched.rules.comfort import Comfort
from igfsched.rules.fairness import FairRegions
from igfsched.rules.interest import Attendance, Audience
from igfsched.rules.people import PersonAvailability
from igfsched.rules.placement import OnGrid, Placed, WindowHours
from igfsched.rules.restrictions import Allowed, Duration, FixedRoom, FixedStart, Phases, Preferred
from igfsched.rules.rooms import RoomAvailability, RoomChoice, RoomCount
from igfsched.rules.shape import Compact
from igfsched.selector import EVERY


@cache
def default() -> tuple[Rule, ...]:
    """Return the rules that hold unless a programme says otherwise."""
    return (
        Placed(), WindowHours(), OnGrid(), Duration(), Allowed(), Phases(), FixedStart(), FixedRoom(),
        RoomChoice(), RoomCount(), RoomAvailability(), RoomClash(),
        PersonClash(), PersonAvailability(), ParallelCap(), TeamCapacity(),
        Comfort(tier=1, weight=1), FairRegions(tier=1, weight=10), TrackParallel(tier=2), Compact(tier=3),
    )


@cache
def full() -> tuple[Rule, ...]:
    """Return the hard rules of `default` and wishes of every kind."""
    return (
        *(rule for rule in default() if rule.hard),
        Comfort(tier=1, weight=1), FairRegions(tier=1, weight=30), Preferred(tier=1, weight=10),
        TrackParallel(tier=1, weight=10), Audience(tier=1, weight=2), Attendance(tier=1, weight=5, selector=EVERY),
        Balance(tier=1, weight=3, each="track"), Compact(tier=1, weight=120),
    )


PRESETS: dict[str, Callable[[], tuple[Rule, ...]]] = {"default": default, "full": full, "none": lambda: ()}


def active_rules(programme: Programme) -> tuple[Rule, ...]:
    """Return the rules that hold: the preset's, less those whose name the programme lists, and the listed ones.

    Rules that are off are left out. Raises InputError for a preset that there is none of.
    """
    listed = {rule.name for rule in programme.rules}
    if programme.preset not in PRESETS:
        raise InputError([Problem(
            message=f"there is no preset {programme.preset!r}", path="$.preset",
            expected=f"one of {', '.join(PRESETS)}", nearest=nearest(programme.preset, list(PRESETS)),
        )], programme.title or "programme")
    preset = PRESETS[programme.preset]()
    return tuple(
        rule for rule in (*(rule for rule in preset if rule.name not in listed), *programme.rules)
        if rule.level != "off"
    )
