"""Which numbers of days may hold a programme: the hour problem with a limit on the days used, branched on them.

- `DayChoices`: numbers of days by kind of day, the cheapest first, each with a bound that holds whichever days
  of the kinds are taken.
- `Choice`: one of them.
- `needs`, `too_few`: the days that certainly are needed, and those that are too few, by adding up minutes.

The limit makes the numbers of used days variables of the linear programme. They come out broken, so each is bounded
below and above in turn. Every schedule on so few days is a solution of some branch: if all are infeasible there is
no schedule, and no schedule costs less than the cheapest.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import combinations, count, islice, product
from math import ceil, floor, inf
from typing import Any

import attrs
import numpy as np
from attrs import frozen

from igfsched.engine.certificate import certainly_infeasible
from igfsched.engine.control import Control
from igfsched.engine.hours import FREE, Capacity, HourProblem, Row, capacities, hour_problem
from igfsched.engine.relax import Relaxation, relax, whole_hours
from igfsched.engine.rooms import Pools
from igfsched.facts import Ints
from igfsched.lowering import HARD, Lowered
from igfsched.primitives import Pair

WHOLE = 1e-5
"""How far from a whole number a linear programme's number of days may be and count as one."""

MOST_WAYS = 2_000
"""Ways to take the days of a choice that are compared."""


@frozen(eq=False)
class Choice:
    """So many open days of each kind: `numbers[kind]`. `bound`: no schedule on such days costs less."""

    numbers: dict[int, int]
    bound: float
    problem: HourProblem
    relaxation: Relaxation


@frozen(eq=False)
class _Branch:
    low: dict[int, int]
    high: dict[int, int]
    problem: HourProblem
    relaxation: Relaxation


class DayChoices:
    """The numbers of days of each kind, `most` in all, that may hold every session, the cheapest in `tier` first.

    `bound`: no schedule on so few days costs less in the tier than this, as far as it has been looked; infinite if
    there is none at all, which `confirmed` then proves. `over`: whether the time ended the looking.
    """

    def __init__(self, lowered: Lowered, tier: int | None, most: int, control: Control) -> None:
        self.lowered = lowered
        self.control = control
        self.root = hour_problem(lowered, Pools(lowered), tier, lowered.allowed, most_days=most)
        self.over = False
        self._number = count()
        self._open: list[tuple[float, int, _Branch]] = []
        self._floor = inf
        self._without_hours: list[HourProblem] = []
        self._days = {kind: [_day(lowered, starts) for starts in self.root.days[kind]] for kind in self.root.used}
        self._add_needs()
        forced = forced_days(lowered)
        low = {kind: len(forced & set(days)) for kind, days in self._days.items()}
        self._branch(low, {kind: len(days) for kind, days in self._days.items()}, -inf)

    @property
    def bound(self) -> float:
        """What no schedule is cheaper than, for all choices that `next` has not given yet."""
        return min(self._floor, min((branch[0] for branch in self._open), default=inf))

    def next(self) -> Choice | None:
        """Return the cheapest choice that has not been given yet; None if there is none, or no time."""
        while self._open and not self.over:
            bound, _, branch = self._open[0]
            broken = self._broken(branch)
            if broken is None:
                heapq.heappop(self._open)
                return Choice(self._numbers(branch), bound, branch.problem, branch.relaxation)
            kind, value = broken
            if self.control.left <= 0:
                self.over = True
                return None
            heapq.heappop(self._open)
            self._branch(branch.low, branch.high | {kind: floor(value)}, bound)
            self._branch(branch.low | {kind: ceil(value)}, branch.high, bound)
        return None

    def confirmed(self) -> bool:
        """Say whether it is proven in exact arithmetic, too, that no numbers of days hold all sessions."""
        return not self.over and all(
            certainly_infeasible(problem, max(1.0, self.control.left)) for problem in self._without_hours)

    def raised(self, choice: Choice, best: int, seconds: float) -> float:
        """Return a better bound of a choice, `best` at most: its hours in whole numbers below that cost."""
        limits = self.control.limits(seconds, light=True)
        _, outcome = whole_hours(choice.problem, choice.relaxation, best - 1, limits)
        self.control.count(outcome)
        if outcome.status == "infeasible":
            return float(best)
        if outcome.status == "unknown":
            return choice.bound
        return max(choice.bound, min(float(ceil(outcome.bound - 1e-6)), float(best)))

    def ways(self, choice: Choice, most: int) -> Iterator[tuple[int, ...]]:
        """Yield days (indices) for a choice, the best first, filled up to `most` days.

        First come those on which most can be held; of equal ones the earliest. Days that some session cannot do
        without are in all of them.
        """
        allowed = self.lowered.allowed.any(axis=0)
        day = self.lowered.facts.day_of_tick[self.lowered.facts.starts]
        free = {index: int(self.lowered.allowed[:, allowed & (day == index)].sum())
                for days in self._days.values() for index in days}
        forced = forced_days(self.lowered)
        numbers = dict(choice.numbers)
        for _ in range(most - sum(numbers.values())):  # more days never hurt: the kind that is fullest gets them
            kinds = [kind for kind, days in self._days.items() if numbers[kind] < len(days)]
            if not kinds:
                break
            fullest = max(kinds, key=lambda kind: (numbers[kind] / len(self._days[kind]), -kind))
            numbers[fullest] += 1
        by_kind = []
        for kind, days in self._days.items():
            must = [index for index in days if index in forced]
            rest = sorted((index for index in days if index not in forced), key=lambda index: (-free[index], index))
            picks = combinations(rest, max(0, numbers[kind] - len(must)))
            by_kind.append([(*must, *pick) for pick in islice(picks, MOST_WAYS)])
        found = [tuple(sorted(index for days in way for index in days))
                 for way in islice(product(*by_kind), MOST_WAYS)]
        yield from sorted(found, key=lambda way: (-sum(free[index] for index in way), way))

    def _add_needs(self) -> None:
        """Add what counting knows: the linear programme would have to branch to find it."""
        for need in needs(self.lowered):
            kinds = [kind for kind, days in self._days.items() if set(days) <= need.days]
            others = [kind for kind, days in self._days.items() if kind not in kinds and set(days) & need.days]
            if need.least and not others:
                variables = np.array([self.root.used[kind] for kind in kinds], dtype=np.int64)
                self.root.rows.append(Row(variables, np.ones(len(kinds), dtype=np.int64), need.least, FREE))

    def _branch(self, low: dict[int, int], high: dict[int, int], bound: float) -> None:
        if any(low[kind] > high[kind] for kind in low):
            return
        problem = attrs.evolve(self.root, rows=[*self.root.rows, *_bounds(self.root, low, high)])
        relaxation = relax(problem, self.lowered.allowed, max(1.0, self.control.left))
        if relaxation.status == "unknown":
            self.over = True
            self._floor = min(self._floor, bound)
        elif relaxation.status == "infeasible":
            self._without_hours.append(problem)
        else:
            value = max(bound, float(relaxation.bound))
            heapq.heappush(self._open, (value, next(self._number), _Branch(low, high, problem, relaxation)))

    def _values(self, branch: _Branch) -> dict[int, float]:
        columns = len(branch.problem.variant)
        return {kind: float(branch.relaxation.extra[variable - columns])
                for kind, variable in branch.problem.used.items() if kind in self._days}

    def _broken(self, branch: _Branch) -> tuple[int, float] | None:
        """Return the number of days that is furthest from a whole number, if any is off one."""
        kind, value = max(self._values(branch).items(), key=lambda item: abs(item[1] - round(item[1])))
        return (kind, value) if abs(value - round(value)) > WHOLE else None

    def _numbers(self, branch: _Branch) -> dict[int, int]:
        return {kind: round(value) for kind, value in self._values(branch).items()}


def _bounds(problem: HourProblem, low: dict[int, int], high: dict[int, int]) -> list[Row]:
    one = np.ones(1, dtype=np.int64)
    return [Row(np.array([variable], dtype=np.int64), one, low.get(kind, 0), high[kind])
            for kind, variable in problem.used.items() if kind in high]


def _day(lowered: Lowered, starts: Ints) -> int:
    return int(lowered.facts.day_of_tick[lowered.facts.starts[starts[0]]])


def forced_days(lowered: Lowered) -> set[int]:
    """Return the days (indices) without which some session has no start."""
    return {next(iter(days)) for days in _days_of_sessions(lowered) if len(days) == 1 and -1 not in days}


def _days_of_sessions(lowered: Lowered) -> list[set[int]]:
    """Return the days on which each session may start, none for dead slots."""
    facts = lowered.facts
    day = facts.day_of_tick[facts.starts]
    return [set(np.unique(day[lowered.allowed[list(variants)].any(axis=0)]).tolist()) if variants else set()
            for variants in facts.variants]


@frozen
class Need:
    """A part of the programme (all of it, a phase) needs so many of its days (indices) at least; `why` says it."""

    part: str
    days: frozenset[int]
    least: int
    why: str


def needs(lowered: Lowered) -> tuple[Need, ...]:
    """Return the days that the programme and each of its phases need at least, by adding up minutes.

    For each capacity: the shortest lengths of the sessions that must lie in the part, against its largest days.
    """
    facts = lowered.facts
    parts = {"all sessions": frozenset(range(len(facts.days)))}
    parts |= {phase.name: frozenset(i for i, date in enumerate(facts.days) if date in phase.days)
              for phase in lowered.programme.window.phases}
    bound_to = _days_of_sessions(lowered)
    limits = capacities(lowered, Pools(lowered))
    excluded = _excluded(lowered)
    found = [Need(name, days, *_most_needed(lowered, limits, bound_to, days, excluded)) for name, days in parts.items()]
    forced = frozenset(forced_days(lowered))
    return (*found, Need("days", forced, len(forced), f"{len(forced)} days hold a session that can be on no other"))


def too_few(lowered: Lowered) -> tuple[int, str]:
    """Return the most days that are too few by adding up minutes, and the sentence that says so.

    What phases need adds up if they have no day in common.
    """
    every, *phases, forced = needs(lowered)
    candidates = [(need.least, f"{need.part}: {need.why}") for need in (every, *phases)]
    candidates.append((forced.least, forced.why))
    if phases and sum(len(need.days) for need in phases) == len(frozenset().union(*(need.days for need in phases))):
        said = "; ".join(f"{need.part}: {need.why}" for need in phases if need.why)
        candidates.append((sum(need.least for need in phases), said))
    least, sentence = max(candidates, key=lambda item: item[0])
    return max(least - 1, 0), sentence


def _most_needed(
    lowered: Lowered, limits: list[Capacity], bound_to: list[set[int]], days: frozenset[int],
    excluded: dict[int, set[int]],
) -> tuple[int, str]:
    """Return the days that a part needs at least, and what one day less lacks."""
    found = (1, "") if any(own and own <= days for own in bound_to) else (0, "")
    for limit in limits:
        members = [s for s in limit.members.tolist() if bound_to[s] and bound_to[s] <= days]
        need = sum(_least(lowered, limit, session, excluded, set(members)) for session in members)
        areas = sorted((area for area in _areas(lowered, limit, members).values()), reverse=True)
        reached, number = 0, 0
        while reached < need and number < len(areas):
            reached += areas[number]
            number += 1
        if reached < need:
            number += 1
        if number > found[0]:
            tick, short = lowered.facts.tick, sum(areas[: number - 1])
            have = f"{number - 1} day{'s have' if number > 2 else ' has'} {short * tick:,}"
            found = (number, f"{len(members)} sessions need {need * tick:,} minutes side by side, all told, and {have}")
    return found


def _excluded(lowered: Lowered) -> dict[int, set[int]]:
    """Return, by session, those that hard rules keep from running while it runs."""
    found: dict[int, set[int]] = {}
    for term in lowered.terms:
        pair = term.primitive
        if term.tier == HARD and isinstance(pair, Pair) and pair.kind in ("overlap", "late") and pair.gap >= 0:
            found.setdefault(pair.first, set()).add(pair.second)
            found.setdefault(pair.second, set()).add(pair.first)
    return found


def _least(
    lowered: Lowered, limit: Capacity, session: int, excluded: dict[int, set[int]], members: set[int],
) -> int:
    """Return the units x ticks of a capacity that a session takes at least.

    One beside which no other may run takes all that there is while it runs; what comes before it may need its
    changeover meanwhile.
    """
    ticks = int(lowered.facts.variant_ticks[list(lowered.facts.variants[session])].min())
    units, pads = int(limit.demand[session]), int(limit.before[session] + limit.after[session])
    own = units * (ticks + pads)
    if not members - {session} <= excluded.get(session, set()):
        return own
    longest = int(limit.before[list(members)].max() + limit.after[list(members)].max())
    all_there_is = int(limit.cap[limit.cap > 0].min(initial=FREE))
    return own + max(0, all_there_is - units) * max(0, ticks - longest)


def _areas(lowered: Lowered, limit: Capacity, members: list[int]) -> dict[int, int]:
    """Return, by day, the units x ticks that a capacity has while any of its members can run that starts there."""
    facts: Any = lowered.facts
    day = facts.day_of_tick[facts.starts]
    found = {}
    for index in np.unique(day).tolist():
        open_ticks = np.zeros(facts.n_ticks + 1, dtype=np.int64)
        for session in members:
            for variant in facts.variants[session]:
                begin = facts.starts[lowered.allowed[variant] & (day == index)]
                last = np.minimum(begin + facts.variant_ticks[variant] + limit.after[session], facts.n_ticks)
                np.add.at(open_ticks, np.maximum(begin - limit.before[session], 0), 1)
                np.add.at(open_ticks, last, -1)
        found[index] = int(limit.cap[np.cumsum(open_ticks)[:-1] > 0].sum())
    return found
