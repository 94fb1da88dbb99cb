"""From a programme and its rules to what an engine needs: masks, prices, and the terms that are not tables.

- `lower(programme)`: state every active rule as primitives and merge the tables.
- `Lowered`: the outcome. Whatever a mask removes keeps its reason: `Lowered.reasons`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from attrs import frozen

from igfsched.facts import Bools, Facts, Ints, Places
from igfsched.primitives import Load, Meet, Pair, Shape, Table, Tally, Unit, Watch
from igfsched.programme import Programme
from igfsched.rule import Rule
from igfsched.rules import active_rules

HARD = 0
"""The tier of what must hold."""
BySubject = dict[str, tuple[Unit, ...]]
"""The units of a rule by whom they are about; those about nobody in particular under an empty text."""


@frozen(eq=False)
class Term:
    """A primitive that is not a table, with the unit that it belongs to."""

    unit: Unit
    primitive: Tally | Pair | Shape | Meet | Load | Watch

    @property
    def tier(self) -> int:
        """The tier in which its cost counts, `HARD` if the cost must be 0."""
        return HARD if self.unit.rule.hard else self.unit.rule.tier

    @property
    def weight(self) -> int:
        return self.unit.rule.weight


@frozen(eq=False)
class Lowered:
    """A programme as masks, prices and terms.

    Arrays over time have the shape `(variants, starts)`: one row for each variant of a session, one
    column for each start of `facts.starts`. Arrays over rooms have the shape `(sessions, rooms)`. Sessions go
    by their slots; nothing is allowed to a slot that is dead, and it costs nothing.
    """

    facts: Facts
    rules: tuple[Rule, ...]
    by_rule: tuple[BySubject, ...]
    """The units of each rule, in the order of `rules`."""

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """All units, rule by rule."""
        return tuple(unit for own in self.by_rule for units in own.values() for unit in units)

    @property
    def programme(self) -> Programme:
        return self.facts.programme

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """Every primitive that is not a table."""
        return tuple(Term(u, p) for u in self.units for p in u.primitives if not isinstance(p, Table))

    @cached_property
    def tables(self) -> list[tuple[Unit, Table]]:
        """Every table, with the unit that it belongs to."""
        return [(u, p) for u in self.units for p in u.primitives if isinstance(p, Table)]

    @cached_property
    def tiers(self) -> tuple[int, ...]:
        """The tiers of the soft rules that hold, in order."""
        stating = (rule for rule, units in zip(self.rules, self.by_rule, strict=True) if units)
        return tuple(sorted({rule.tier for rule in stating if not rule.hard and rule.name != "placed"}))

    @cached_property
    def allowed(self) -> Bools:
        """Where no hard rule forbids a variant to start, shape `(variants, starts)`."""
        mask = np.zeros((len(self.facts.variant_session), len(self.facts.starts)), dtype=bool)
        mask[[variant for slot in self.facts.alive for variant in self.facts.variants[slot]]] = True
        for unit, table in self.tables:
            if unit.rule.hard:
                for variant, cost in table.time.items():
                    mask[variant] &= cost[self.facts.starts] == 0
        return mask

    @cached_property
    def prices(self) -> dict[int, Ints]:
        """By tier: what a variant costs at a start by itself, shape `(variants, starts)`."""
        shape = (len(self.facts.variant_session), len(self.facts.starts))
        found = {tier: np.zeros(shape, dtype=np.int64) for tier in self.tiers}
        for unit, table in self.tables:
            if not unit.rule.hard:
                for variant, cost in table.time.items():
                    found[unit.rule.tier][variant] += unit.rule.weight * cost[self.facts.starts]
        return found

    @cached_property
    def room_allowed(self) -> Bools:
        """Where no hard rule forbids a session a room, shape `(sessions, rooms)`."""
        mask = np.zeros((self.facts.n, len(self.programme.rooms)), dtype=bool)
        mask[list(self.facts.alive)] = True
        for unit, table in self.tables:
            if unit.rule.hard and table.rooms is not None:
                mask[table.session] &= table.rooms == 0
        return mask

    @cached_property
    def room_prices(self) -> dict[int, Ints]:
        """By tier: what a room costs a session whenever it is used, shape `(sessions, rooms)`."""
        found = {tier: np.zeros((self.facts.n, len(self.programme.rooms)), dtype=np.int64) for tier in self.tiers}
        for unit, table in self.tables:
            if not unit.rule.hard and table.rooms is not None:
                found[unit.rule.tier][table.session] += unit.rule.weight * table.rooms
        return found

    @cached_property
    def room_times(self) -> list[tuple[int, int, int, int, int, Ints]]:
        """Costs of a room at a time: `(tier, weight, session, room, variant, cost by start tick)`."""
        return [
            (HARD if unit.rule.hard else unit.rule.tier, unit.rule.weight, table.session, room, variant, cost)
            for unit, table in self.tables for room, by_variant in table.room_time.items()
            for variant, cost in by_variant.items() if cost.any()
        ]

    @cached_property
    def absent(self) -> Ints:
        """What leaving a session out costs, shape `(sessions,)`; at least 1, but for dead slots."""
        cost = np.zeros(self.facts.n, dtype=np.int64)
        for _, table in self.tables:
            cost[table.session] += table.absent
        alive = list(self.facts.alive)
        cost[alive] = np.maximum(cost[alive], 1)
        return cost

    @cached_property
    def silent(self) -> frozenset[str]:
        """The keys of the rules that state nothing to an engine, and speak in audits alone."""
        return frozenset(rule.key for rule, own in zip(self.rules, self.by_rule, strict=True)
                         if own and not any(unit.primitives for units in own.values() for unit in units))

    @property
    def all_must_be_placed(self) -> bool:
        """Whether a schedule that leaves a session out is refused."""
        return any(rule.name == "placed" and rule.hard for rule in self.rules)

    def reasons(self, session: int, start: int) -> list[str]:
        """Return why a session may not start at a start (an index of `facts.starts`), in words."""
        tick = self.facts.starts[start]
        return [
            unit.sentence for unit, table in self.tables
            if unit.rule.hard and table.session == session and table.time
            and all(table.time[v][tick] > 0 for v in self.facts.variants[session] if v in table.time)
        ]

    def score(self, places: Places) -> dict[int, int]:
        """Return the cost of places by tier; under `HARD`, the measures of all hard rules added up."""
        found = {HARD: 0} | dict.fromkeys(self.tiers, 0)
        for unit in self.units:
            if unit.rule.hard or unit.rule.name == "placed":
                found[HARD] += unit.value(places)
            else:
                found[unit.rule.tier] += unit.rule.weight * unit.value(places)
        return found


def lower(programme: Programme, rules: tuple[Rule, ...] | None = None) -> Lowered:
    """State a programme's active rules (or the given ones) as primitives."""
    held = held_rules(programme, rules)
    facts = Facts(programme, everywhere=open_everywhere(held))
    return Lowered(facts, held, tuple(by_subject(rule.lower(facts)) for rule in held))


def held_rules(programme: Programme, rules: tuple[Rule, ...] | None = None) -> tuple[Rule, ...]:
    """Return the rules that hold: a programme's active ones, or those of the given ones that are not off."""
    return active_rules(programme) if rules is None else tuple(rule for rule in rules if rule.level != "off")


def open_everywhere(rules: tuple[Rule, ...]) -> bool:
    """Say whether sessions may lie outside the opening hours as far as some rules say."""
    return not any(rule.name == "window" and rule.hard for rule in rules)


def by_subject(units: Iterable[Unit]) -> BySubject:
    """Return units by whom they are about."""
    found: dict[str, list[Unit]] = {}
    for unit in units:
        found.setdefault(unit.subject, []).append(unit)
    return {subject: tuple(own) for subject, own in found.items()}
