"""How many of some alerts go off: things that are so or not so, of one session or of two.

- `When`: a session is at one of some times.
- `Alert`: at least one of some conditions holds.
- `Watch`: what the number of alerts costs.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from igfsched.facts import Places
from igfsched.primitives.axes import ByVariant
from igfsched.primitives.pairs import Pair


@frozen(eq=False, kw_only=True)
class When:
    """A session is at one of the times that are above 0."""

    session: int
    times: ByVariant

    def value(self, places: Places) -> int:
        variant = int(places.variant[self.session])
        return int(variant in self.times and self.times[variant][places.start[self.session]] > 0)


Condition = When | Pair


def _conditions(values: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(values)


@frozen(eq=False, kw_only=True)
class Alert:
    """Goes off if one of its conditions holds (a pair: if it costs anything) and a session, if given, has a place."""

    conditions: tuple[Condition, ...] = field(converter=_conditions)
    only_if: int | None = None

    def value(self, places: Places) -> int:
        if self.only_if is not None and places.variant[self.only_if] < 0:
            return 0
        return int(any(condition.value(places) > 0 for condition in self.conditions))


def _alerts(values: Iterable[Alert]) -> tuple[Alert, ...]:
    return tuple(values)


def _numbers(values: Iterable[int] | None) -> tuple[int, ...] | None:
    return None if values is None else tuple(int(value) for value in values)


@frozen(eq=False, kw_only=True)
class Watch:
    """What the number N of alerts that go off costs: what exceeds `allowed`, or `prices[N]`.

    Beyond the end of `prices` its last number goes on. With `only_if` nothing costs anything as long as that
    session has no place; without it `prices` begin with 0, so that nothing costs anything as long as nobody has.
    """

    alerts: tuple[Alert, ...] = field(converter=_alerts)
    allowed: int = 0
    prices: tuple[int, ...] | None = field(default=None, converter=_numbers)
    only_if: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.prices is not None and (not self.prices or min(self.prices) < 0):
            raise ValueError("a watch has at least one price, and none below 0")
        if self.prices is not None and self.prices[0] and self.only_if is None:
            raise ValueError("no alert costs nothing, or a session is named without which nothing costs anything")

    def cost(self, number: int) -> int:
        """Return what a number of alerts costs."""
        if self.prices is None:
            return max(0, number - self.allowed)
        return self.prices[min(number, len(self.prices) - 1)]

    def value(self, places: Places) -> int:
        if self.only_if is not None and places.variant[self.only_if] < 0:
            return 0
        return self.cost(sum(alert.value(places) for alert in self.alerts))
