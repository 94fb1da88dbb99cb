"""What is known of all points while a sweep runs, and what each point tells of the others.

- `Known`: takes in points that were looked at, and derives all others.

More days and a higher cap never hurt: a schedule of a point is one of every larger point, no schedule at a point
means none at every smaller one, and what none is cheaper than at a point, none is at a smaller one. Where the days
used are a tier of their own, they are proven by the point of one day less: if that has no schedule, or only dearer
ones, all of the days are needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from math import inf

import attrs

from igfsched.audit import Audit, audit, tier_name
from igfsched.errors import InputError
from igfsched.programme import Programme
from igfsched.schedule import Schedule
from igfsched.sweep.frontier import Frontier, Point
from igfsched.sweep.variations import at_cap, days_tier, soft_rules, tiers_of

Cost = tuple[int, ...]


class Known:
    """The points that were looked at, and what follows for the rest. Every schedule is audited here."""

    def __init__(self, programme: Programme, caps: Sequence[int], days: Sequence[int]) -> None:
        self.caps, self.days = tuple(sorted(set(caps))), tuple(sorted(set(days)))
        self.at = {cap: at_cap(programme, cap) for cap in self.caps}
        rules = soft_rules(programme)
        self.tiers = tiers_of(programme)
        self.names = tuple((tier, ", ".join(rule.key for rule in rules if rule.tier == tier)) for tier in self.tiers)
        self._days_tier = days_tier(programme)
        self._raw: dict[tuple[int, int], Point] = {}
        self._audits: dict[tuple[int, int], tuple[Schedule, Audit | None]] = {}
        self._derived: dict[tuple[int, int], Point] = {}

    def add(self, point: Point) -> None:
        """Take in a point. Raises ValueError if its schedule is not what it says."""
        if point.schedule is not None:
            found = self._audit(point.schedule, point.cap)
            told = dict(point.cost)
            if found is None or not found.valid or len(found.days_used) > point.days:
                raise ValueError(f"the schedule of {point} breaks a hard rule, or uses more days")
            if told != {tier: found.score.get(tier, 0) for tier in self.tiers}:
                raise ValueError(f"the schedule of {point} does not cost what it is said to cost")
            point = attrs.evolve(point, dates=found.days_used)
        old = self._raw.get((point.cap, point.days))
        if old is not None and old.schedule is not None and point.schedule is None and not point.decided:
            point = attrs.evolve(old, looked=True)
        self._raw[point.cap, point.days] = point
        self._derived.clear()

    def point(self, cap: int, days: int) -> Point:
        """Return all that is known of a point."""
        key = (cap, days)
        if key not in self._derived:
            self._derived[key] = self._derive(cap, days)
        return self._derived[key]

    def points(self) -> list[Point]:
        """Return all points, by cap and days."""
        return [self.point(cap, days) for cap in self.caps for days in self.days]

    def done(self, cap: int, days: int) -> bool:
        """Say whether a point need not be looked at (any more)."""
        point = self.point(cap, days)
        return point.decided or point.looked

    def frontier(self, **rest: object) -> Frontier:
        """Return all points as a frontier."""
        complete = all(self.done(cap, days) for cap in self.caps for days in self.days)
        return Frontier(points=self.points(), tiers=self.names, complete=complete, **rest)  # type: ignore[arg-type]

    def floor(self, cap: int, days: int) -> float:
        """Return what no schedule at a point is cheaper than in the first tier, as far as is known."""
        return max((value for _, value in self._first_bounds(cap, days)), default=-inf)

    def next(self, running: Iterable[tuple[int, int]]) -> tuple[int, int] | None:
        """Return the point to look at next: at each cap all days first, then the fewest that may do, then fewer.

        With all days it shows how many are of use; the fewest that do are a schedule for all points beside them.
        """
        waiting = set(running)
        at_work = {cap: sum(own == cap for own, _ in waiting) for cap in self.caps}
        for cap in sorted(self.caps, key=lambda cap: (at_work[cap], cap)):
            left = [days for days in self.days if not self.done(cap, days) and (cap, days) not in waiting]
            if not left:
                continue
            if left[-1] == self.days[-1]:
                return cap, left[-1]
            return cap, next((days for days in left if self.point(cap, days).schedule is None), left[-1])
        return None

    # -- deriving ------------------------------------------------------------------------------

    def _derive(self, cap: int, days: int) -> Point:
        own = self._raw.get((cap, days), Point(cap=cap, days=days))
        for larger in self._larger(cap, days):
            if larger.status == "infeasible":
                proof = larger.proof if larger is own else f"as at {larger}: {larger.proof}"
                return Point(cap=cap, days=days, status="infeasible", proof=proof, looked=own.looked)
        found = self._best(cap, days)
        if found is None:
            bound, source = max(((value, point) for point, value in self._first_bounds(cap, days)),
                                key=lambda item: item[0], default=(-inf, own))
            said = own.proof or ("not looked at" if source is own else f"not looked at; bound of {source}")
            return attrs.evolve(own, status="unknown", proof=said,
                                bound={self.tiers[0]: bound} if self.tiers and bound > -inf else {})
        source, cost, dates = found
        bounds, words = self._bounds(cap, days, cost, source)
        point = Point(cap=cap, days=days, status="feasible", cost=dict(zip(self.tiers, cost, strict=True)),
                      bound=bounds, dates=dates, proof="; ".join(words), schedule=source.schedule, looked=own.looked)
        if own.schedule is not None and (own.cost, own.bound) == (point.cost, point.bound):
            point = attrs.evolve(point, proof=own.proof, schedule=own.schedule)
        return attrs.evolve(point, status="optimal") if all(point.proven.values()) else point

    def _larger(self, cap: int, days: int) -> list[Point]:
        """Return the points that were looked at with this cap and days or more, the nearest first."""
        found = [point for (c, d), point in self._raw.items() if c >= cap and d >= days]
        return sorted(found, key=lambda point: (point.cap - cap + point.days - days, point.cap))

    def _best(self, cap: int, days: int) -> tuple[Point, Cost, tuple[date, ...]] | None:
        """Return the point with the best schedule that fits here, what that costs here, and its days."""
        best: tuple[Cost, int, Point, tuple[date, ...]] | None = None
        for (c, d), point in sorted(self._raw.items()):
            if c > cap or point.schedule is None or len(point.dates) > days:
                continue
            found = self._audit(point.schedule, cap)
            if found is None or not found.valid:
                continue
            cost = tuple(found.score.get(tier, 0) for tier in self.tiers)
            away = abs(c - cap) + abs(d - days)
            if best is None or (cost, away) < best[:2]:
                best = (cost, away, point, found.days_used)
        return None if best is None else (best[2], best[0], best[3])

    def _first_bounds(self, cap: int, days: int) -> list[tuple[Point, float]]:
        """Return what larger points say that none is cheaper than, in the first tier."""
        if not self.tiers:
            return []
        return [(point, dict(point.bound)[self.tiers[0]]) for point in self._larger(cap, days)
                if self.tiers[0] in dict(point.bound)]

    def _bounds(self, cap: int, days: int, cost: Cost, source: Point) -> tuple[dict[int, float], list[str]]:
        """Return the best bound of each tier for a cost, and where schedule and bounds come from, in words."""
        larger = self._larger(cap, days)
        here = (cap, days)
        words = [] if (source.cap, source.days) == here else [f"schedule of {source}"]
        bounds: dict[int, float] = {}
        for number, tier in enumerate(self.tiers):
            value, point = 0.0, None  # no measure is negative
            for other in larger:
                held = tuple(amount for _, amount in other.cost[:number])
                known = dict(other.bound).get(tier, -inf)
                if known > value and len(held) == number and all(
                        mine <= theirs for mine, theirs in zip(cost[:number], held, strict=True)):
                    value, point = known, other
            if self._days_tier is not None and tier == self._days_tier[0]:
                least, reason = self._least_days(cap, days, cost, first=number == 0)
                if least * self._days_tier[1] > value:
                    value, point = float(least * self._days_tier[1]), None
                    words.append(reason)
            bounds[tier] = min(value, float(cost[number]))
            if number == 0 and point is not None:
                words.append(point.proof if (point.cap, point.days) == here else f"bound of {point}")
        return bounds, words

    def _least_days(self, cap: int, days: int, cost: Cost, *, first: bool) -> tuple[int, str]:
        """Return the days that a schedule of this cost needs, and why: on fewer there is none, or only dearer ones."""
        for fewer in sorted((number for number in self.days if number < days), reverse=True):
            if any(point.status == "infeasible" for point in self._larger(cap, fewer)):
                return fewer + 1, f"{fewer} days are too few"
            if not first and self.floor(cap, fewer) > cost[0]:
                return fewer + 1, f"on {fewer} days {tier_name(self.tiers[0])} costs more"
        return 0, ""

    def _audit(self, schedule: Schedule, cap: int) -> Audit | None:
        """Return the audit of a schedule under a cap; None if it names rooms that are not there."""
        key = (id(schedule), cap)
        if key not in self._audits:
            try:
                found = audit(self.at[cap], schedule)
            except InputError:
                found = None
            self._audits[key] = (schedule, found)
        return self._audits[key][1]
