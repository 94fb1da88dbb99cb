"""The programme of a point: another cap, with the rooms for it, and only some of the days.

- `refusals`: why a programme cannot be condensed.
- `at_cap`: a programme under another cap.
- `on_days`: a programme on some of its days.
- `soft_rules`, `tiers_of`: the rules that cost something, and their tiers, as an audit counts them.
- `days_tier`, `without_days_tier`: the tier that counts the days used, and a programme without it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

import attrs

from igfsched.errors import Problem
from igfsched.grid import Span, from_minute
from igfsched.programme import Blackout, Profile, Programme, Room
from igfsched.rule import Rule
from igfsched.rules import Compact, ParallelCap, Placed, active_rules


def refusals(programme: Programme) -> Iterator[Problem]:
    """Yield what keeps a programme from being condensed: rules without which caps or days mean nothing."""
    rules = active_rules(programme)
    if not any(isinstance(rule, ParallelCap) and rule.hard and rule.cap is None for rule in rules):
        yield Problem(path="$.rules", expected="a hard rule parallel_cap without a cap of its own",
                      message="the cap of the programme is held by no hard rule, so that no cap means anything")
    if not any(rule.name == "window" and rule.hard for rule in rules):
        yield Problem(path="$.rules", expected="the rule window as a hard one",
                      message="sessions may run outside the opening hours, so that no day can be closed")


def at_cap(programme: Programme, cap: int) -> Programme:
    """Return a programme under another cap; every session must have a place.

    Periods with a cap of their own keep it, as far as it is not above the new one. Rooms that are missing are copies
    of the last one that is not reserved; without any rooms there are none to add.
    """
    old = programme.cap
    periods = [attrs.evolve(period, value=min(cap, period.value)) for period in old.periods] if old is not None else ()
    rules: list[Rule] = [rule for rule in programme.rules if rule.name != Placed.name]
    return attrs.evolve(programme, cap=Profile(value=cap, periods=periods), rules=(*rules, Placed()),
                        rooms=(*programme.rooms, *_further_rooms(programme, cap)))


def _further_rooms(programme: Programme, cap: int) -> Iterator[Room]:
    shared = [room for room in programme.rooms if not room.reserved]
    taken = {room.id for room in programme.rooms}
    number = len(shared)
    for _ in range(cap - len(shared) if shared else 0):
        number += 1
        name = f"Room {number}"
        while name in taken:
            name += "+"
        taken.add(name)
        yield attrs.evolve(shared[-1], id=name)


def on_days(programme: Programme, dates: Collection[date]) -> Programme:
    """Return a programme with its other days closed. They stay days of the window, so that rules count as before.

    Raises InputError if a session is longer than every opening block that is left.
    """
    closed = [Blackout(span=Span(from_minute(start), from_minute(end)), reason="closed to condense the programme")
              for day, start, end in programme.window.blocks if day not in dates]
    if not closed:
        return programme
    window = attrs.evolve(programme.window, blackouts=(*programme.window.blackouts, *closed))
    return attrs.evolve(programme, window=window)


def soft_rules(programme: Programme) -> tuple[Rule, ...]:
    """Return the rules whose findings are costs."""
    return tuple(rule for rule in active_rules(programme) if not rule.hard and rule.name != Placed.name)


def tiers_of(programme: Programme) -> tuple[int, ...]:
    """Return the tiers of a programme's costs, in order; also one in which nothing can cost anything."""
    return tuple(sorted({rule.tier for rule in soft_rules(programme)}))


def days_tier(programme: Programme) -> tuple[int, int] | None:
    """Return the tier that counts the days used and nothing else, and the price of a day; None if there is none."""
    soft = soft_rules(programme)
    for rule in soft:
        if isinstance(rule, Compact) and rule.measure == "days" and rule.weight:
            return None if sum(other.tier == rule.tier for other in soft) > 1 else (rule.tier, rule.weight)
    return None


def without_days_tier(programme: Programme) -> Programme:
    """Return a programme to which it is all one how many days are used, if that was its last aim."""
    found = days_tier(programme)
    rules = active_rules(programme)
    if found is None or found[0] != tiers_of(programme)[-1]:
        return programme
    kept = [rule for rule in programme.rules if rule.name != Compact.name]
    others = [rule for rule in rules if rule.name == Compact.name and rule.tier != found[0]]
    return attrs.evolve(programme, rules=(*kept, *(others or [Compact(level="off")])))
