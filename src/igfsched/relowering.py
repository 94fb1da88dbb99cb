"""From one lowered programme to the next: only what a change touches is stated anew.

- `relower(lowered, programme)`: the one entry.
- `Relowered`: its outcome, with the units that are gone and those that are new.

Which rules are touched, and whose units of them, is told by what rules say of themselves (`Rule.reads`,
`Rule.per`) and by what differs between the two programmes (`igfsched.difference`). No change and no rule is
known here by name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import is_

from attrs import frozen

from igfsched.difference import PERSON_ASPECTS, SESSION_ASPECTS, Touched, differences
from igfsched.facts import Facts
from igfsched.lowering import BySubject, Lowered, by_subject, held_rules, lower, open_everywhere
from igfsched.primitives import Unit
from igfsched.programme import Programme
from igfsched.rule import Rule

MOST_DEAD = 100
"""With more dead slots than this, and than there are sessions, slots are numbered anew."""


@frozen(eq=False, kw_only=True)
class Relowered:
    """A programme lowered after a change.

    - `lowered`: the programme and its rules now. Sessions keep their slots (see `igfsched.slots`).
    - `gone`, `new`: units that no longer hold, and units that did not hold before. One that means the same
      as before may be among both.
    - `rebuilt`: whether everything is new: time itself is another. Slots are then those of a fresh programme.
    - `moved`: sessions that have another slot now, as old slot to new.
    """

    lowered: Lowered
    gone: tuple[Unit, ...]
    new: tuple[Unit, ...]
    rebuilt: bool
    moved: dict[int, int]


def relower(lowered: Lowered, programme: Programme, rules: tuple[Rule, ...] | None = None) -> Relowered:
    """State a programme after changes as primitives, given the one before lowered; `rules` are as for `lower`.

    It says the same as `lower(programme, rules)`, at a cost that goes with what differs. What was lowered
    before stays as it was: several programmes may be lowered from it.
    """
    old = lowered.facts
    if programme is old.programme and rules is None:
        return Relowered(lowered=lowered, gone=(), new=(), rebuilt=False, moved={})
    touched = differences(old.programme, programme)
    held = _held(lowered.rules, held_rules(programme, rules))
    crowded = old.n > max(2 * len(old.alive), len(old.alive) + MOST_DEAD)
    successor = None if crowded else old.successor(programme, touched, open_everywhere(held))
    if successor is None:
        fresh = lower(programme, held)
        return Relowered(lowered=fresh, gone=lowered.units, new=fresh.units, rebuilt=True,
                         moved=_moved(old, fresh.facts, old.session_index.keys() & fresh.facts.session_index.keys()))
    facts, touched = successor
    before = {id(rule): own for rule, own in zip(lowered.rules, lowered.by_rule, strict=True)}
    found: list[BySubject] = []
    gone: list[Unit] = []
    new: list[Unit] = []
    for rule in held:
        found.append(_relowered(rule, before.pop(id(rule), None), old, facts, touched, gone, new))
    gone += [unit for own in before.values() for units in own.values() for unit in units]
    facts.memory.settle()
    return Relowered(lowered=Lowered(facts, held, tuple(found)), gone=tuple(gone), new=tuple(new), rebuilt=False,
                     moved=_moved(old, facts, touched.sessions_changed))


def _held(before: Sequence[Rule], now: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Return the rules that hold now; those that held before are the same objects."""
    if len(before) == len(now) and all(map(is_, before, now)):
        return now
    known = {id(rule): rule for rule in before}
    same = {id(rule) for rule in now if known.pop(id(rule), None) is not None}
    found = []
    for rule in now:
        other = rule if id(rule) in same else next((other for other in known.values() if other == rule), None)
        known.pop(id(other), None)
        found.append(rule if other is None else other)
    return tuple(found)


def _relowered(
    rule: Rule, before: BySubject | None, old: Facts, facts: Facts, touched: Touched, gone: list[Unit], new: list[Unit],
) -> BySubject:
    """Return the units of a rule after a change; add those that it had before, and those that it has now."""
    hit = touched.aspects if rule.aspects is None else touched.aspects & rule.aspects
    if before is not None and not hit:
        facts.memory.keep(rule)
        return before
    if before is None or rule.per == "whole" or hit - SESSION_ASPECTS - PERSON_ASPECTS:
        now = by_subject(rule.lower(facts))
        _exchange(before or {}, now, {**(before or {}), **now}, gone, new)
        return now
    slots, people = facts.memory.slots, facts.memory.people
    if rule.per == "session":
        subjects = {"", *(session.id for slot in slots for of in (old, facts)
                    for session in of.sessions[slot: slot + 1] if session is not None)}
    else:
        subjects = {"", *people}
    stated = by_subject(rule.lower(facts.only(slots, people)))
    _exchange(before, stated, subjects, gone, new)
    now = {**before, **stated}
    for subject in subjects - stated.keys():
        now.pop(subject, None)
    return now


def _exchange(
    before: BySubject, now: BySubject, subjects: Collection[str], gone: list[Unit], new: list[Unit],
) -> None:
    """Add the units about some subjects that are there no longer, and those that were not there before."""
    for subject in subjects:
        had, has = before.get(subject, ()), now.get(subject, ())
        if not had or not has:
            gone += had
            new += has
            continue
        kept = {id(unit) for unit in had} & {id(unit) for unit in has}
        gone += [unit for unit in had if id(unit) not in kept]
        new += [unit for unit in has if id(unit) not in kept]


def _moved(old: Facts, new: Facts, sessions: Collection[str]) -> dict[int, int]:
    """Return the slots of those among some sessions that have another one now, in order."""
    slots = {old.session_index[id]: new.session_index[id] for id in sessions}
    return {slot: slots[slot] for slot in sorted(slots) if slots[slot] != slot}
