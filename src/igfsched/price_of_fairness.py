"""The price of fairness: how much comfort in all has to be given up for the one who is worst off.

- `fairness_frontier(programme)`: the one entry.
- `FairnessFrontier`: the points between the most comfort and the most fairness; `text()`, `to_dict()`.
- `FrontierPoint`: a schedule, what it costs all and the worst-off, and what is proven of it.

At one end the comfort price is as low as it can be, and the largest burden then as small as that allows; at the other
end it is the other way round. In between the largest burden is bounded, ever lower, and the comfort price made as low
as that allows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Literal

import attrs
from attrs import define, field, frozen

from igfsched.audit import Audit, comfort_rule
from igfsched.engine import solve
from igfsched.errors import Infeasible
from igfsched.programme import Programme
from igfsched.result import Result, TierScore, gap_of
from igfsched.rule import Rule
from igfsched.rules import Comfort, FairPersons, FairRegions, active_rules
from igfsched.rules.fairness import FairRule
from igfsched.schedule import Schedule
from igfsched.texttables import text_table

FORMAT = "igfsched-fairness-frontier/1"
Who = Literal["persons", "regions"]
_RULES: dict[Who, type[FairRule]] = {"persons": FairPersons, "regions": FairRegions}

DEAR = 20
"""Comfort price that one unit of burden beyond the bound costs while a point is sought. A schedule that keeps the bound
pays none of it, so a lower bound of both together is one of the comfort price."""
FIRST, LEAST, LAST = 3, 1, 3
"""The shares of the time for the ends and for the least burden, where each point between has a share of 2."""
BETWEEN = 2


@frozen(kw_only=True)
class FrontierPoint:
    """One schedule of the frontier.

    - `most`: the bound of the largest burden that was asked for; None at the ends.
    - `price`: the comfort price of all; `bound`: no schedule that keeps to `most` costs less.
    - `largest`: the largest burden: of a person, or of a region per person, rounded up.
    - `proven`: it is the least comfort price with a burden of at most `most`; at the end of the most fairness, with
      the smallest largest burden that there is.
    """

    most: int | None
    price: int
    bound: int
    largest: int
    proven: bool
    audit: Audit = field(repr=False)

    @property
    def schedule(self) -> Schedule:
        return self.audit.schedule

    @property
    def gap(self) -> float:
        """How far the comfort price may be from the least, as a part of it."""
        return gap_of(self.price, self.bound)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, without the schedule."""
        return {"most": self.most, "comfort_price": self.price, "bound": self.bound, "gap": round(self.gap, 6),
                "largest": self.largest, "proven": self.proven, "night_minutes": self.audit.burdens.total.night_minutes,
                "days_used": len(self.audit.days_used)}


@frozen(kw_only=True)
class FairnessFrontier:
    """The points from the most comfort to the most fairness: `largest` falls, `price` does not.

    - `who`: whose burden is bounded; `least`: no schedule has a smaller largest burden.
    - `unreached`: bounds for which no schedule was found, and whether it is proven that there is none.
    """

    who: Who
    points: tuple[FrontierPoint, ...]
    least: int
    unreached: tuple[tuple[int, bool], ...] = ()
    seconds: float = 0.0

    def text(self) -> str:
        """Return a table with a row for each point, and what is known beyond."""
        if not self.points:
            return "no schedule was found in the time\n"
        cheapest = self.points[0].price
        rows = [[
            "most comfort" if n == 0 else "most fairness" if point.most is None else f"at most {point.most:,}",
            f"{point.price:,}", f"{point.price / cheapest - 1:+.1%}" if cheapest else "", f"{point.largest:,}",
            f"{point.audit.burdens.total.night_minutes:,}",
            "proven" if point.proven else f"at least {point.bound:,} ({point.gap:.2%})",
        ] for n, point in enumerate(self.points)]
        whose = "person" if self.who == "persons" else "region, per person"
        lines = [f"The price of fairness: the largest burden of a {whose}, against the comfort price of all"]
        lines += text_table(["", "comfort price", "more", "largest", "night min", "proof"], rows)
        lines.append(f"  no schedule has a largest burden below {self.least:,}")
        lines += [f"  at most {most:,}: " + ("proven to be impossible" if proven else "nothing found, nothing proven")
                  for most, proven in self.unreached]
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON and plots."""
        return {"format": FORMAT, "who": self.who, "least": self.least, "seconds": round(self.seconds, 1),
                "points": [point.to_dict() for point in self.points],
                "unreached": [{"most": most, "proven": proven} for most, proven in self.unreached]}

    def __str__(self) -> str:
        return self.text()


def fairness_frontier(
    programme: Programme,
    *,
    who: Who = "persons",
    steps: int = 6,
    seconds: float = 120.0,
    workers: int | None = None,
    seed: int = 0,
    listener: Callable[[str], None] | None = None,
    cancel: threading.Event | None = None,
) -> FairnessFrontier:
    """Return what less for the worst-off costs all, from the most comfort to the most fairness.

    - `who`: whose burden counts, as in `fair_persons` or as in `fair_regions`.
    - `steps`: how many bounds to try between the ends, evenly apart; one that a schedule found before keeps is
      left out.
    - `seconds`: for everything. `listener` is told, in words, what is done next.
    - `cancel`: set it from another thread to get the points found so far.

    Hard rules hold as ever; hours are priced by the bands of the programme's comfort rule; other soft rules count
    for nothing here. Raises Infeasible if there is no schedule at all, ValueError for numbers that make no sense.
    """
    if who not in _RULES:
        raise ValueError(f"who is persons or regions, not {who!r}")
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
        raise ValueError(f"steps is a whole number from 0, not {steps!r}")
    if not 0 < seconds < float("inf"):
        raise ValueError(f"seconds is a finite number above 0, not {seconds!r}")
    walk = _Walk(programme=programme, who=who, shares=FIRST + LEAST + BETWEEN * steps + LAST, seconds=seconds,
                 options={"workers": workers, "seed": seed, "cancel": cancel}, listener=listener)
    walk.begin()
    if walk.found:
        walk.down(steps)
        walk.end()
    return walk.frontier()


@define
class _Found:
    """A schedule on the way, with what all and the worst-off carry in it."""

    price: int
    largest: int
    audit: Audit


@define(kw_only=True)
class _Walk:
    """The way from the most comfort to the most fairness. All schedules found are kept: a later one may serve twice.

    `first`, `between` and `last` hold lower bounds of the comfort price, and whether they are reached: at the end of
    the most comfort, by the largest burden asked for, and at the end of the most fairness.
    """

    programme: Programme
    who: Who
    shares: int
    seconds: float
    options: dict[str, Any]
    listener: Callable[[str], None] | None
    began: float = field(factory=time.perf_counter)
    found: list[_Found] = field(factory=list)
    first: tuple[int, bool] = (0, False)
    between: list[tuple[int, int, bool]] = field(factory=list)
    last: tuple[int, bool] = (0, False)
    unreached: list[tuple[int, bool]] = field(factory=list)
    least: int = 0

    def begin(self) -> None:
        """Find the end of the most comfort, and how small the largest burden can be at best."""
        result = self.solve("the most comfort", FIRST, self.comfort(tier=1), self.fair(tier=2))
        if result.status == "infeasible":
            raise Infeasible(result.reasons)
        if not self.found:
            return
        tier = _tier(result, 1)
        self.first = _whole(tier.bound), tier.proven
        result = self.solve("the least burden", LEAST, self.fair(tier=1))
        if result.schedule is not None:
            self.least = _whole(_tier(result, 1).bound)

    def down(self, steps: int) -> None:
        """Bound the largest burden ever lower."""
        before, highest, lowest = None, self.best(None).largest, self.least
        for step in range(1, steps + 1):
            most = highest - (highest - lowest) * step // (steps + 1)
            if self.cancelled() or most < self.least or self.best(before).largest <= most:
                self.shares -= BETWEEN  # there is none, or the schedule of a wider bound keeps this one too
            else:
                self.bounded(most)
                before = most

    def bounded(self, most: int) -> None:
        """Find the most comfort with the largest burden at most so much."""
        fair = self.fair(tier=1, measure="excess", threshold=most, weight=DEAR)
        result = self.solve(f"at most {most:,}", BETWEEN, self.comfort(tier=1), fair, most=most)
        bound, proven = self.bound, False
        if result.schedule is not None:
            bound = max(bound, _whole(_tier(result, 1).bound))
            proven = result.proven and self.largest(result) <= most
        if self.best(most).largest > most:
            self.shares += 1
            if not result.proven:
                result = self.solve(f"at most {most:,}, longer", 1, self.comfort(tier=1), fair, most=most)
                proven = result.proven
            else:  # dear was not dear enough: first the bound, then the comfort
                fair = attrs.evolve(fair, weight=1)
                result = self.solve(f"at most {most:,}, first of all", 1, fair, self.comfort(tier=2), most=most)
                none = result.schedule is not None and self.largest(result) > most and _tier(result, 1).proven
                self.least = max(self.least, most + 1) if none else self.least
                proven = result.proven
            if self.best(most).largest > most:
                self.unreached.append((most, most < self.least))
                return
        self.between.append((most, bound, proven))

    def end(self) -> None:
        """Find the end of the most fairness."""
        if self.cancelled() or (self.first[1] and self.best(None).largest <= self.least):
            return
        result = self.solve("the most fairness", LAST, self.fair(tier=1), self.comfort(tier=2), most=0)
        if result.schedule is not None:
            burden, price = _tier(result, 1), _tier(result, 2)
            self.least = max(self.least, _whole(burden.bound))
            if burden.proven:
                self.last = max(self.bound, _whole(price.bound)), price.proven

    def frontier(self) -> FairnessFrontier:
        """Return the points: for each bound the best schedule of all that were found."""
        if not self.found:
            return FairnessFrontier(who=self.who, points=(), least=0, seconds=time.perf_counter() - self.began)
        fairest = self.best(0)
        points = [_point(None, self.best(None), *self.first)]
        points += [_point(most, self.best(most), bound, proven) for most, bound, proven in self.between]
        points.append(_point(None, fairest, max(self.last[0], self.bound), self.last[1]))
        return FairnessFrontier(
            who=self.who, points=tuple(_strictly(points)), least=min(self.least, fairest.largest),
            unreached=tuple((most, proven) for most, proven in self.unreached if most < fairest.largest),
            seconds=time.perf_counter() - self.began,
        )

    def solve(self, words: str, share: int, *rules: Rule, most: int | None = None) -> Result:
        """Solve with these soft rules and all hard ones in a share of the time that is left; keep what is found."""
        if self.listener is not None:
            self.listener(words)
        left = self.seconds - (time.perf_counter() - self.began)
        seconds = max(0.5, left * share / max(share, self.shares))
        self.shares -= share
        hint = self.best(most).audit.schedule if self.found else None
        result = solve(posed(self.programme, *rules), seconds=seconds, hint=hint, **self.options)
        if result.audit is not None:
            self.found.append(_Found(result.audit.burdens.total.price, self.largest(result), result.audit))
        return result

    def best(self, most: int | None) -> _Found:
        """Return the cheapest schedule that keeps to a bound, or the one that comes closest to it."""
        return min(self.found, key=lambda one: (0 if most is None else max(0, one.largest - most), one.price,
                                                one.largest))

    @property
    def bound(self) -> int:
        """The lower bound of the comfort price for the lowest bound so far: it holds for all lower ones."""
        return max(self.first[0], *(bound for _, bound, _ in self.between), 0)

    def largest(self, result: Result) -> int:
        """Return the largest burden in the schedule of a result, as the rule finds it."""
        assert result.audit is not None
        return sum(finding.amount for finding in self.fair(tier=1).findings(result.audit.timetable))

    def comfort(self, tier: int) -> Comfort:
        return Comfort(tier=tier, bands=comfort_rule(active_rules(self.programme)).bands)

    def fair(self, tier: int, **rest: Any) -> FairRule:
        return _RULES[self.who](tier=tier, bands=self.comfort(tier).bands, **rest)

    def cancelled(self) -> bool:
        cancel = self.options["cancel"]
        return cancel is not None and cancel.is_set()


def _point(most: int | None, found: _Found, bound: int, proven: bool) -> FrontierPoint:
    bound = found.price if proven else min(bound, found.price)
    return FrontierPoint(most=most, price=found.price, bound=bound, largest=found.largest,
                         proven=bound >= found.price, audit=found.audit)


def posed(programme: Programme, *rules: Rule) -> Programme:
    """Return a programme with its hard rules, whether sessions have places, and these rules instead of its others."""
    kept = [rule for rule in programme.rules if rule.level != "soft" or rule.name == "placed"]
    off = [attrs.evolve(rule, level="off") for rule in active_rules(programme)
           if not rule.hard and rule.name != "placed"]
    return attrs.evolve(programme, rules=(*kept, *off, *rules))


def _strictly(points: list[FrontierPoint]) -> list[FrontierPoint]:
    """Return the points without those that another one is better than; of equal ones an end stays."""
    def stays(n: int, point: FrontierPoint) -> bool:
        for m, other in enumerate(points):
            same = (other.price, other.largest) == (point.price, point.largest)
            if same and n and (m == 0 or m > n):
                return False
            if not same and other.price <= point.price and other.largest <= point.largest:
                return False
        return True

    return [point for n, point in enumerate(points) if stays(n, point)]


def _tier(result: Result, tier: int) -> TierScore:
    return next(score for score in result.score if score.tier == tier)


def _whole(bound: float | None) -> int:
    """Return a bound as a whole number that still is one."""
    return 0 if bound is None else max(0, -int(-bound // 1))
