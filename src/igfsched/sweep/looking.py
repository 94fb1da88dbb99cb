"""Look at one point: is there a schedule on so few days, and what does it cost at best. A task that pickles.

- `Task`: a programme, a cap, a number of days, and the best schedule that is known already.
- `look`: what comes out, as a `Point`; the same on this thread, in another process or on another machine.
- `counted`: the points of a cap that minutes added up prove infeasible, at once.

A programme with few enough ways to take the days is solved on each of them. Otherwise the hour problem says how many
days of each kind to take: its bound holds whichever days those are, so a schedule on some of them may be proven best
among all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from math import comb, inf
from typing import TYPE_CHECKING

import attrs
from attrs import frozen

from igfsched.audit import audit
from igfsched.errors import InputError
from igfsched.programme import Programme
from igfsched.schedule import Schedule
from igfsched.sweep.frontier import Point
from igfsched.sweep.variations import at_cap, on_days, tiers_of, without_days_tier

if TYPE_CHECKING:
    from igfsched.engine.control import Control
    from igfsched.engine.days import Choice, DayChoices
    from igfsched.lowering import Lowered
    from igfsched.result import Result

FEW_WAYS = 40
"""Ways to take the days up to which a small programme is solved on each of them."""

MOST_TRIED = 3
"""Ways to take the days of one choice that are tried, if nothing is found on the first."""


@frozen(kw_only=True)
class Task:
    """One point to look at. `known`: a schedule that may be valid there. `floor`: no schedule there is cheaper."""

    programme: Programme
    cap: int
    days: int
    seconds: float
    workers: int
    seed: int = 0
    known: Schedule | None = None
    floor: float = -inf


def look(task: Task, cancel: threading.Event | None = None) -> Point:
    """Return what is found out about a point within the seconds of its task."""
    from igfsched.engine.control import Control

    control = Control(seconds=task.seconds, workers=task.workers, seed=task.seed,
                      cancel=cancel if cancel is not None else threading.Event())
    return _Look(task, control).run()


def counted(programme: Programme, cap: int, days: Sequence[int]) -> Iterator[Point]:
    """Yield the points of a cap whose days are too few by counting alone."""
    from igfsched.engine.days import too_few
    from igfsched.lowering import lower

    number, sentence = too_few(lower(at_cap(programme, cap)))
    for asked in days:
        if asked <= number:
            yield Point(cap=cap, days=asked, status="infeasible", proof=f"counting: {sentence}", looked=True)


class _Look:
    """One look at one point."""

    def __init__(self, task: Task, control: Control) -> None:
        from igfsched.lowering import lower

        self.task = task
        self.control = control
        self.programme = at_cap(task.programme, task.cap)
        self.lowered: Lowered = lower(self.programme)
        self.tiers = tiers_of(self.programme)
        self.tier = min(self.lowered.tiers, default=None)
        self.floor = task.floor if self.tiers[:1] == (self.tier,) else -inf
        self.best: Schedule | None = None
        self.cost: dict[int, int] = {}
        self.dates: tuple[date, ...] = ()
        if task.known is not None:
            self._offer(task.known)

    def run(self) -> Point:
        """Look until everything is proven or the time is over."""
        from igfsched.engine.days import forced_days, too_few
        from igfsched.engine.search import SMALL

        dates = [day.date for day in self.programme.window.days]
        most = min(self.task.days, len(dates))
        forced: set[date] = {dates[index] for index in forced_days(self.lowered)}
        short, sentence = too_few(self.lowered)
        if most <= short:
            return self._infeasible(f"counting: {sentence}")
        free = [day for day in dates if day not in forced]
        number = comb(len(free), most - len(forced))
        if number == 1 or (number <= FEW_WAYS and int(self.lowered.allowed.sum()) <= SMALL):
            return self._each_way([{*forced, *pick} for pick in combinations(free, most - len(forced))])
        return self._by_choices(most)

    # -- every way to take the days ------------------------------------------------------------

    def _each_way(self, ways: Sequence[set[date]]) -> Point:
        """Solve on each set of days: the best of them is the best of all; if none has a schedule there is none."""
        ended = []
        for number, days in enumerate(ways):
            result = self._solve(days, self.control.left / (len(ways) - number))
            if result is not None:
                ended.append(result)
        where = "all days" if len(ways) == 1 else f"each of {len(ways)} ways to take the days"
        possible = [result for result in ended if result.status != "infeasible"]
        if not possible:
            told = next((r.reasons[0].sentence for r in ended if len(ways) == 1 and r.reasons), "")
            return self._infeasible(f"solver: no schedule on {where}" + (f", {told}" if told else ""))
        bounds = self._trivial()
        if all(result.proven for result in possible):
            bounds = {tier: float(cost) for tier, cost in self.cost.items()}
        elif len(ways) == 1:
            bounds |= self._bounds_of(possible[0])
        elif self.tier is not None:
            first = [{score.tier: score.bound for score in result.score}.get(self.tier) for result in possible]
            bounds[self.tier] = min(0.0 if bound is None else bound for bound in first)
        return self._point(bounds, f"solver: on {where}")

    def _bounds_of(self, result: Result) -> dict[int, float]:
        """Return the bounds of a solve that hold given the costs of the best schedule."""
        found = {}
        for score in result.score:
            if score.tier in self.cost and score.bound is not None:
                found[score.tier] = score.bound
                if score.score != self.cost[score.tier]:
                    break
        return found

    # -- choices of numbers of days ------------------------------------------------------------

    def _by_choices(self, most: int) -> Point:
        """Let the hour problem choose days, and solve on these, until no other choice can be better."""
        from igfsched.engine.days import DayChoices

        choices = DayChoices(self.lowered, self.tier, most, self.control)
        settled, choice = inf, choices.next()
        while choice is not None and not self._enough(min(settled, choice.bound)) and self.control.left > 0:
            settled = min(settled, self._try(choices, choice, most, first=settled == inf))
            choice = choices.next()
        bound = min(settled, choices.bound, inf if choice is None else choice.bound)
        if bound == inf and not choices.over:
            if self.best is None and choices.confirmed():
                return self._infeasible("hours: no numbers of days of each kind have hours for all sessions "
                                        "(linear programme, certificate in whole numbers)")
            return self._point(self._trivial(), "the linear programme of hours finds no room, but that is not certain")
        bounds = self._trivial()
        if self.tier is not None:
            bounds[self.tier] = max(0.0, self.floor, bound)
        return self._point(bounds, "hours: the bound holds whichever days are taken")

    def _enough(self, bound: float) -> bool:
        """Say whether a schedule is known that no choice beats in the first tier."""
        return self.best is not None and (self.tier is None or self.cost[self.tier] <= max(bound, self.floor))

    def _try(self, choices: DayChoices, choice: Choice, most: int, *, first: bool) -> float:
        """Look for schedules on the days of a choice; return the bound of the choice afterwards."""
        dates = [day.date for day in self.programme.window.days]
        ways = [{dates[index] for index in way} for way in choices.ways(choice, most)]
        ways.sort(key=lambda days: not set(self.dates) <= days)  # what is known is something to begin with
        for number, days in enumerate(ways):
            share = self.control.left * (0.8 if first and number == 0 else 0.5)
            self._solve(days, share, limited=True)
            if number + 1 >= MOST_TRIED or self.best is not None or self.control.left <= 0:
                break
        if self.best is None or self.tier is None or self.cost[self.tier] <= choice.bound or self.control.left <= 0:
            return choice.bound
        return choices.raised(choice, self.cost[self.tier], self.control.left * 0.5)

    # -- solving and telling -------------------------------------------------------------------

    def _solve(self, days: set[date], seconds: float, *, limited: bool = False) -> Result | None:
        """Solve on some days and keep what is best; None for days on which a session is too long for every block.

        `limited`: the days are as few as they may be, so that to use fewer is no aim any more.
        """
        from igfsched.engine import solve
        from igfsched.result import Result

        if seconds <= 0:
            return Result(schedule=None, status="unknown")
        try:
            programme = on_days(without_days_tier(self.programme) if limited else self.programme, days)
        except InputError:
            return None
        hint = self.best if set(self.dates) <= days else None
        result = solve(programme, seconds=seconds, workers=self.task.workers, seed=self.task.seed,
                       cancel=self.control.cancel, hint=hint)
        if result.schedule is not None:
            self._offer(result.schedule)
        return result

    def _offer(self, schedule: Schedule) -> None:
        """Keep a schedule if its audit says that it is valid on so few days, and better than the best."""
        try:
            found = audit(self.programme, schedule)
        except InputError:  # it names a room that a lower cap does not have
            return
        if not found.valid or len(found.days_used) > self.task.days:
            return
        cost = {tier: found.score.get(tier, 0) for tier in self.tiers}
        if self.best is None or tuple(cost.values()) < tuple(self.cost.values()):
            self.best, self.cost, self.dates = schedule, cost, found.days_used

    def _trivial(self) -> dict[int, float]:
        """Return the bounds that always hold: no measure is negative."""
        return dict.fromkeys(self.tiers, 0.0)

    def _infeasible(self, proof: str) -> Point:
        return Point(cap=self.task.cap, days=self.task.days, status="infeasible", proof=proof, looked=True)

    def _point(self, bounds: dict[int, float], proof: str) -> Point:
        if self.best is None:
            first = {tier: bounds[tier] for tier in self.tiers[:1]}
            return Point(cap=self.task.cap, days=self.task.days, bound=first,
                         proof=f"nothing found in {self.task.seconds:g} s; {proof}", looked=True)
        point = Point(cap=self.task.cap, days=self.task.days, status="feasible", cost=self.cost, bound=bounds,
                      dates=self.dates, proof=proof, schedule=self.best, looked=True)
        return attrs.evolve(point, status="optimal") if all(point.proven.values()) else point
