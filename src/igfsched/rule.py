"""What every rule is: a value with a name, a level, a weight, and two independent meanings.

- `Rule`: the base class; concrete rules live in `igfsched.rules`.
- `Finding`: what an audit reports where a rule is violated (hard) or costs something (soft).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal

from attrs import field, fields, frozen, validators

from igfsched.selector import Selector
from igfsched.tuples import to_texts

if TYPE_CHECKING:
    from igfsched.facts import Facts
    from igfsched.primitives import Unit
    from igfsched.programme import Programme
    from igfsched.timetable import Timetable

Level = Literal["off", "soft", "hard"]
Per = Literal["session", "person", "whole"]


MOST_WEIGHT = 1_000_000_000
"""What a rule weighs at the most."""


def _weight(_: object, attribute: object, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_WEIGHT:
        raise ValueError(f"a weight is a whole number from 0 to {MOST_WEIGHT}, not {value!r}")


def _tier(_: object, attribute: object, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise ValueError(f"a tier is a whole number from 1 to 100, not {value!r}")


@frozen(kw_only=True)
class Rule:
    """One requirement or wish, with one exact integer measure.

    - `level`: `hard` (the measure must be 0), `soft` (weight x measure is a cost), `off`.
    - `weight`: cost of one unit of the measure when soft.
    - `tier`: soft rules are compared tier by tier, 1 first; costs of one tier are added up.
    - `label`: tells rules of the same class apart.

    How a rule hangs on its programme is told by its class, so that after a change only what is touched is
    lowered again:

    - `per`: `session` if each unit is about one session, and `lower` makes it of that session, of its people
      and of what is neither session nor person; `person` if each is about one person, and made of that person
      and of the sessions in which they are; otherwise `whole`. Units say whom they are about (`subject`), and
      `lower` goes through `facts.each_session()` or `facts.each_person()`, which yield those that are touched.
    - `reads`: the aspects of a programme (`igfsched.difference`) on which `lower` depends beside the rule's own
      fields and what its selectors choose by; None: all. The window is not named, with another one everything
      is lowered anew; nor are lengths of sessions, a session with another length counts as another one. A
      rule that names an aspect of sessions (of people) is told of those that come and go.

    A unit without a subject is about all: `lower` yields it whoever is touched.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    unit: ClassVar[str] = "minutes"
    per: ClassVar[Per] = "whole"
    reads: ClassVar[frozenset[str] | None] = None

    level: Level = field(default="hard", validator=validators.in_(("off", "soft", "hard")))
    weight: int = field(default=1, validator=_weight)
    tier: int = field(default=1, validator=_tier)
    label: str = ""

    @property
    def key(self) -> str:
        """The name by which scores and findings refer to this rule: `name` or `name:label`."""
        return f"{self.name}:{self.label}" if self.label else self.name

    @property
    def measured_in(self) -> str:
        """The unit of the measure of this very rule, where a parameter chooses what is measured."""
        return self.unit

    @property
    def lengths(self) -> tuple[int, ...]:
        """The numbers of minutes among its parameters that the engine's ticks have to add up to."""
        return ()

    @cached_property
    def aspects(self) -> frozenset[str] | None:
        """The aspects of a programme on which this very rule depends, its selectors included; None: all."""
        if self.reads is None:
            return None
        values = (getattr(self, attribute.name) for attribute in fields(type(self)))
        return self.reads.union(*(value.reads for value in values if isinstance(value, Selector)))

    @property
    def hard(self) -> bool:
        return self.level == "hard"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        """State this rule to the solver, as units of primitives with a sentence each."""
        raise NotImplementedError

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        """Say where a schedule has a measure above 0, from its times and rooms alone."""
        raise NotImplementedError

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Say which parameters name what the programme lacks: (parameter, unknown name, known names)."""
        return iter(())


@frozen(kw_only=True)
class Finding:
    """A place where a rule has a measure above 0.

    `amount` is the measure in the rule's unit, `cost` is weight x amount for a soft rule and 0 for a
    hard one. `start` and `end` are UTC minutes since 1970, or None where no single time is meant.
    """

    rule: str
    level: Level
    tier: int
    amount: int
    cost: int
    sentence: str
    sessions: tuple[str, ...] = field(default=(), converter=to_texts)
    people: tuple[str, ...] = field(default=(), converter=to_texts)
    rooms: tuple[str, ...] = field(default=(), converter=to_texts)
    start: int | None = None
    end: int | None = None


def finding(rule: Rule, amount: int, sentence: str, **where: object) -> Finding:
    """Return the finding of a rule for a measure above 0."""
    cost = 0 if rule.hard else rule.weight * amount
    return Finding(
        rule=rule.key, level=rule.level, tier=rule.tier, amount=amount, cost=cost, sentence=sentence,
        **where,  # type: ignore[arg-type]
    )
