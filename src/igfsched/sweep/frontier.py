"""What condensing gives: for each cap and each number of days whether it does, what it costs, and what proves that.

- `Point`: one cap with one number of days.
- `Least`: the fewest days at a cap, or the lowest cap in some days, as far as it is known.
- `Frontier`: all points, as values, as tables and as files.

This module does not know the solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Literal

from attrs import field, frozen

from igfsched.result import gap_of
from igfsched.schedule import Schedule
from igfsched.texttables import html_table, text_table

PointStatus = Literal["optimal", "feasible", "infeasible", "unknown"]

POINT_WORDS: dict[str, str] = {
    "optimal": "optimal: no schedule on so few days has a better score",
    "feasible": "feasible: there is a schedule; a better one may exist",
    "infeasible": "infeasible: no schedule on so few days keeps the hard rules",
    "unknown": "unknown: no schedule known, and no proof that there is none",
}

Amounts = tuple[tuple[int, int], ...]
Bounds = tuple[tuple[int, float], ...]

_SIGNS = {"optimal": "", "feasible": "~", "infeasible": "-", "unknown": "?"}


def _amounts(value: Mapping[int, int] | Iterable[tuple[int, int]]) -> Amounts:
    return tuple(sorted(value.items() if isinstance(value, Mapping) else value))


def _bounds(value: Mapping[int, float] | Iterable[tuple[int, float]]) -> Bounds:
    return tuple(sorted(value.items() if isinstance(value, Mapping) else value))


def _dates(value: Iterable[date]) -> tuple[date, ...]:
    return tuple(sorted(value))


@frozen(kw_only=True)
class Point:
    """A cap (sessions at a time) with a number of days (programme days that may be used, whichever they are).

    - `status`: see `POINT_WORDS`; `proof` says in words what the status rests on.
    - `cost`: of the best schedule known, by tier. `bound`: what none is cheaper than, given the costs of the
      tiers before; the first tier's may be known without a schedule.
    - `dates`: the days that the schedule uses, which may be fewer than `days`.
    - `looked`: whether this very point was looked at; what is known of others follows from points beside them.
    """

    cap: int
    days: int
    status: PointStatus = "unknown"
    cost: Amounts = field(default=(), converter=_amounts)
    bound: Bounds = field(default=(), converter=_bounds)
    dates: tuple[date, ...] = field(default=(), converter=_dates)
    proof: str = ""
    schedule: Schedule | None = field(default=None, repr=False)
    looked: bool = False

    @property
    def decided(self) -> bool:
        """Whether there is nothing left to find out."""
        return self.status in ("optimal", "infeasible")

    @property
    def proven(self) -> dict[int, bool]:
        """By tier, whether the cost is proven: it and the costs of all tiers before meet their bounds."""
        bound, held, found = dict(self.bound), True, {}
        for tier, cost in self.cost:
            held = held and tier in bound and cost <= bound[tier]
            found[tier] = held
        return found

    @property
    def gap(self) -> float | None:
        """Relative distance to the bound in the first tier that is not proven, 0 if all are; None without either."""
        if self.schedule is None:
            return None
        proven, bound = self.proven, dict(self.bound)
        for tier, cost in self.cost:
            if not proven[tier]:
                return gap_of(cost, bound[tier]) if tier in bound else None
        return 0.0

    def __str__(self) -> str:
        return f"cap {self.cap}, {self.days} day{'s' if self.days != 1 else ''}"


@frozen(kw_only=True)
class Least:
    """The least number for which there is a schedule: `value`, or None if none is known.

    `at_least`: so many are needed for sure, as far as what was asked tells. `proof`: what proves that.
    """

    value: int | None
    at_least: int
    proof: str = ""

    @property
    def proven(self) -> bool:
        """Whether no smaller number would do."""
        return self.value == self.at_least

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.at_least} or more"
        return str(self.value) if self.proven else f"{self.at_least} to {self.value}"


Pairs = tuple[tuple[str, Any], ...]


def _pairs(values: Iterable[tuple[str, Any]]) -> Pairs:
    return tuple(sorted(values))


def _points(values: Iterable[Point]) -> tuple[Point, ...]:
    return tuple(sorted(values, key=lambda point: (point.cap, point.days)))


@frozen(kw_only=True)
class Frontier:
    """All points that were asked, ordered by cap and days.

    - `input_hash`: of the programme; `parameters`: what was asked beside caps and days.
    - `tiers`: what the tiers of the costs are, in words.
    - `complete`: whether every point was looked at.
    """

    points: tuple[Point, ...] = field(converter=_points)
    title: str = ""
    input_hash: str = ""
    parameters: Pairs = field(default=(), converter=_pairs)
    tiers: tuple[tuple[int, str], ...] = ()
    complete: bool = True

    @property
    def caps(self) -> tuple[int, ...]:
        return tuple(sorted({point.cap for point in self.points}))

    @property
    def days(self) -> tuple[int, ...]:
        return tuple(sorted({point.days for point in self.points}))

    @cached_property
    def by_cap_and_days(self) -> dict[tuple[int, int], Point]:
        """The points by cap and number of days."""
        return {(point.cap, point.days): point for point in self.points}

    def point(self, cap: int, days: int) -> Point:
        """Return a point. Raises KeyError if it was not asked."""
        return self.by_cap_and_days[cap, days]

    def fewest_days(self, cap: int) -> Least:
        """Return the fewest days at a cap. Raises KeyError for a cap that was not asked."""
        return _least([(point.days, point) for point in self.points if point.cap == cap], cap, "day")

    def lowest_cap(self, days: int) -> Least:
        """Return the lowest cap in some days. Raises KeyError for days that were not asked."""
        return _least([(point.cap, point) for point in self.points if point.days == days], days, "at a time")

    def table(self) -> str:
        """Return a line of text for each point: status, cost and bound by tier, and the proof."""
        lines = text_table(*self._rows(), indent="")
        return "\n".join(lines) + "\n"

    def grid(self, tier: int | None = None) -> str:
        """Return the costs of a tier (the first unless said) as text: a row for each cap, a column for each day.

        `~` means that it is not proven, `-` that there is no schedule, `?` that nothing is known.
        """
        chosen = tier if tier is not None else min((name for name, _ in self.tiers), default=0)
        rows = []
        for cap in self.caps:
            points = [self.by_cap_and_days.get((cap, days)) for days in self.days]
            rows.append([str(cap), str(self.fewest_days(cap)), *(_cell(point, chosen) for point in points)])
        return "\n".join(text_table(["cap", "fewest days", *map(str, self.days)], rows, indent="")) + "\n"

    def summary(self) -> str:
        """Return the fewest days at each cap with what proves them, the costs by cap and days, and all points."""
        lines = [self.title or "programme"]
        for cap in self.caps:
            least = self.fewest_days(cap)
            lines.append(f"  at most {cap} at a time: {least} days" + (f" ({least.proof})" if least.proof else ""))
        told = dict(self.tiers).get(min(dict(self.tiers), default=0), "the first tier")
        lines += ["", f"Cost in tier {min(dict(self.tiers), default=1)} ({told}), by cap and days:",
                  self.grid().rstrip("\n"), "  ~ not proven, - no schedule, ? not known", "", self.table().rstrip("\n")]
        if not self.complete:
            lines.append("not every point was looked at")
        return "\n".join(lines) + "\n"

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        tiers = [tier for tier, _ in self.tiers]
        by_tier = [part for tier in tiers for part in (f"tier {tier}", "bound")]
        head = ["cap", "days", "status", *by_tier, "used", "proof"]
        rows = []
        for point in self.points:
            cost, bound = dict(point.cost), dict(point.bound)
            numbers = [text for tier in tiers for text in (
                str(cost.get(tier, "")), "" if tier not in bound else f"{bound[tier]:g}" if bound[tier] < 1e6
                else f"{bound[tier]:.0f}")]
            rows.append([str(point.cap), str(point.days), point.status, *numbers,
                         str(len(point.dates)) if point.schedule is not None else "", point.proof])
        return head, rows

    def _repr_html_(self) -> str:
        return html_table(self.title or f"{len(self.points)} points", *self._rows(), most=100)


def _cell(point: Point | None, tier: int) -> str:
    if point is None:
        return ""
    cost = dict(point.cost).get(tier)
    if cost is None:
        return _SIGNS[point.status]
    return str(cost) if point.proven.get(tier) else f"~{cost}"


def _least(points: list[tuple[int, Point]], asked: int, what: str) -> Least:
    if not points:
        raise KeyError(asked)
    value = min((number for number, point in points if point.schedule is not None), default=None)
    short = [(number, point) for number, point in points if point.status == "infeasible"]
    if not short:
        return Least(value=value, at_least=1)
    number, point = max(short, key=lambda item: item[0])
    few = f"{number} {what} is" if what != "day" or number == 1 else f"{number} days are"
    return Least(value=value, at_least=number + 1, proof=f"{few} too few: {point.proof}")
