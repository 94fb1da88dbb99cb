"""The best schedule of a small programme by trying all, and what the engine says of it.

- `truth(programme)`: what is best of all schedules, or that there is none: `Truth`.
- `small_case(seed)`: a programme with its truth; every fifth seed has one without any valid schedule.
- `told(programme)`: status and score of a solve, its schedule judged by the audit.
- `greedy(programme)`: what one session after the other at its best place comes to.

A schedule gives each session that has a place one of its lengths, a start of the grid, and as many rooms as it needs.
Single places are left out if the audit finds a hard rule violated by one session there alone, of those hard
rules that look at one session at a time. All combinations of the others are valued by the primitives; the best of
them and a sample of all, valid or not, are held against the audit, which knows no primitives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from math import prod

import numpy as np
from attrs import frozen
from small_programmes import drawn, hearts

from igfsched.audit import audit
from igfsched.engine import solve
from igfsched.facts import Facts, Ints, Places
from igfsched.lowering import Lowered, lower
from igfsched.primitives import Primitive, Unit, sessions_of
from igfsched.programme import Programme
from igfsched.schedule import Schedule
from igfsched.testing import audited

Option = tuple[int, int, tuple[int, ...]]
Score = tuple[int, ...]
NOWHERE: Option = (-1, -1, ())
MOST = 5_000
"""Combinations of places of all sessions that are tried at most."""
AUDITED = 12
"""Schedules of a programme that are held against the audit beside the best."""
ATTEMPTS = 40
"""So many programmes are drawn for a seed until one is found in which the first rule at its heart speaks."""
CHOOSY = 2
"""In so many of them all rules at the heart but one have to speak."""


class TooLarge(Exception):
    """A programme has more schedules than are to be tried."""


class Disagreement(Exception):
    """The audit finds something else in a schedule than the primitives."""


@frozen
class Truth:
    """What trying all says of a programme.

    - `status`, `score`: as of a solve that is proven; the score begins with what is left out.
    - `schedules`, `valid`: how many were tried, and how many of them break no hard rule.
    - `spoke`: the rules with a measure above 0, by name: a soft one in some valid schedule, a hard one in one that
      nothing that was looked at before forbids, `placed` where somebody has to be left out.
    """

    status: str
    score: Score | None
    schedules: int
    valid: int
    spoke: frozenset[str]


@frozen
class Case:
    """A programme of a seed, and what is true of it."""

    seed: int
    programme: Programme
    truth: Truth


# -- trying all --------------------------------------------------------------------------------------


def truth(programme: Programme) -> Truth:
    """Return the truth about a programme. Raises TooLarge if there is too much to try."""
    lowered = lower(programme)
    everything = _Everything(lowered)
    n = lowered.facts.n
    outs: dict[int, list[tuple[int, ...]]] = {}
    for size in range(n + 1):
        for out in combinations(range(n), size):
            outs.setdefault(int(lowered.absent[list(out)].sum()), []).append(out)
    for cost in sorted(outs):
        if cost and lowered.all_must_be_placed:
            return everything.truth("infeasible", None, {"placed"})
        best = min((found for out in outs[cost] if (found := everything.best(out)) is not None), default=None)
        if best is not None:
            return everything.truth("partial" if cost else "optimal", (cost, *best), {"placed"} if cost else set())
    return everything.truth("infeasible", None, {"placed"})


class _Everything:
    """All schedules of a programme, and what is seen on the way."""

    def __init__(self, lowered: Lowered) -> None:
        self.lowered, self.facts = lowered, lowered.facts
        self.spoke: set[str] = set()
        self.tried = self.valid = 0
        self.random = np.random.default_rng(len(lowered.units))
        parts = [(unit, primitive) for unit in lowered.units if unit.rule.name != "placed"
                 for primitive in unit.primitives]
        parts.sort(key=lambda part: len(sessions_of(part[1])))
        self.hard = [part for part in parts if part[0].rule.hard]
        self.soft = [part for part in parts if not part[0].rule.hard]
        self.options = self._options()

    def truth(self, status: str, score: Score | None, also: set[str]) -> Truth:
        return Truth(status, score, self.tried, self.valid, frozenset(self.spoke | also))

    def _options(self) -> list[list[Option]]:
        """Return the places at which no hard rule that looks at single sessions finds anything."""
        readers = Counter[str]()
        for unit, primitive in self.hard:
            readers[unit.rule.key] = max(readers[unit.rule.key], len(sessions_of(primitive)))
        alone = [rule for rule in self.lowered.rules if rule.hard and readers[rule.key] == 1]
        found = []
        for session, own in enumerate(every_option(self.facts)):
            kept = []
            for option in own:
                schedule = self.facts.schedule(_places([NOWHERE] * session + [option], self.facts.n))
                violated = [rule.name for rule in alone if audited(rule, self.lowered.programme, schedule)]
                self.spoke.update(violated)
                if not violated:
                    kept.append(option)
            found.append(kept)
        return found

    def best(self, out: tuple[int, ...]) -> Score | None:
        """Return the least cost by tier of any valid schedule that leaves out just these sessions."""
        options = [[NOWHERE] if session in out else own for session, own in enumerate(self.options)]
        sizes = [len(own) for own in options]
        if prod(sizes) > MOST:
            raise TooLarge
        if not prod(sizes):
            return None
        rows = np.indices(sizes).reshape(len(sizes), -1).T
        self.tried += len(rows)
        left = np.arange(len(rows))
        for unit, primitive in self.hard:
            values = self._values(primitive, options, rows[left])
            if values.any():
                self.spoke.add(unit.rule.name)
                left = left[values == 0]
        self.valid += len(left)
        costs = {tier: np.zeros(len(left), dtype=np.int64) for tier in self.lowered.tiers}
        for unit, primitive in self.soft:
            values = self._values(primitive, options, rows[left])
            if values.any():
                self.spoke.add(unit.rule.name)
                costs[unit.rule.tier] += unit.rule.weight * values
        scores = dict(zip(left.tolist(), zip(*(own.tolist() for own in costs.values()), strict=True) if costs
                          else [()] * len(left), strict=True))
        best = min(scores, key=scores.__getitem__, default=None)
        self._hold_against_audit(options, rows, scores, best)
        return None if best is None else scores[best]

    def _values(self, primitive: Primitive, options: list[list[Option]], rows: Ints) -> Ints:
        """Return the measure of a primitive for each row; rows that agree on all that it reads are valued once."""
        read = list(sessions_of(primitive))
        if not len(rows) or not read:
            return np.full(len(rows), primitive.value(_places([], self.facts.n)) if len(rows) else 0)
        key = np.ravel_multi_index(tuple(rows[:, read].T), [len(options[session]) for session in read])
        _, example, which = np.unique(key, return_index=True, return_inverse=True)
        values = [primitive.value(self._row(options, rows[row])) for row in example]
        return np.array(values, dtype=np.int64)[which]

    def _row(self, options: list[list[Option]], row: Ints) -> Places:
        return _places([own[index] for own, index in zip(options, row.tolist(), strict=True)], self.facts.n)

    def _hold_against_audit(
        self, options: list[list[Option]], rows: Ints, scores: dict[int, Score], best: int | None,
    ) -> None:
        some = self.random.integers(len(rows), size=AUDITED // 4).tolist()
        some += self.random.choice(list(scores), size=AUDITED).tolist() if scores else []
        for row in {*some, *([] if best is None else [best])}:
            places = self._row(options, rows[row])
            found = judged(self.lowered, self.facts.schedule(places))
            absent = int(self.lowered.absent[places.variant < 0].sum())
            expected = (absent, *scores[row]) if row in scores else None
            if found != expected:
                raise Disagreement(f"the audit finds {found}, the primitives {expected}: {self.facts.schedule(places)}")


def every_option(facts: Facts) -> Iterator[list[Option]]:
    """Yield, session by session, all places that the grid and the numbers of rooms leave."""
    rooms = range(len(facts.programme.rooms))
    for session in range(facts.n):
        yield [(variant, start, chosen) for variant in facts.variants[session] for start in facts.starts.tolist()
               for chosen in combinations(rooms, facts.session(session).room_count)]


def _places(options: list[Option], n: int) -> Places:
    options = options + [NOWHERE] * (n - len(options))
    return Places(np.array([option[0] for option in options], dtype=np.int64),
                  np.array([option[1] for option in options], dtype=np.int64), tuple(option[2] for option in options))


def judged(lowered: Lowered, schedule: Schedule) -> Score | None:
    """Return what a schedule costs by the audit, what is left out first; None if it breaks a hard rule but `placed`."""
    found = audit(lowered.programme, schedule)
    absent = None
    costs = dict.fromkeys(lowered.tiers, 0)
    for score in found.score_by_rule:
        if score.rule == "placed":
            absent = score.amount
        elif score.level == "hard" and score.amount:
            return None
        elif score.level == "soft" and score.cost:
            costs[score.tier] += score.cost  # a rule that states nothing finds nothing, or its tier is not there
    return (len(found.unplaced) if absent is None else absent, *costs.values())


# -- programmes, the engine, a greedy ----------------------------------------------------------------


def small_case(seed: int) -> Case:
    """Return the case of a seed: without a valid schedule for every fifth one, otherwise with some.

    Of up to `ATTEMPTS` programmes that are as the seed asks the first is taken in which the rules at its heart have
    measures above 0: the first of them, and in the first `CHOOSY` attempts all but one. (One without a valid schedule:
    in which single places are not all forbidden.) If there is none, the first.
    """
    tight, first, attempt = seed % 5 == 0, None, 0
    while attempt < ATTEMPTS or (first is None and attempt < 20 * ATTEMPTS):
        programme = drawn(seed, attempt, tight)
        attempt += 1
        try:
            found = truth(programme)
        except TooLarge:
            continue
        if (found.status == "infeasible") == tight:
            case = Case(seed, programme, found)
            main, *others = (name in found.spoke for name in hearts(seed))
            if found.schedules if tight else main and (attempt > CHOOSY or sum(others) >= len(others) - 1):
                return case
            first = first or case
    assert first is not None, f"nothing for seed {seed}"
    return first


def told(programme: Programme, seconds: float = 30.0) -> tuple[str, Score | None]:
    """Return status and score of a solve; the status says so if it is not proven, or if the audit differs."""
    result = solve(programme, seconds=seconds, workers=1)
    if result.schedule is None:
        return result.status, None
    score = tuple(int(tier.score) for tier in result.score)
    if not result.proven:
        return f"{result.status}, not proven", score
    found = judged(lower(programme), result.schedule)
    return result.status if found == score else f"{result.status}, but the audit finds {found}", score


def greedy(programme: Programme) -> Score | None:
    """Return the score of placing sessions in order, each where least is broken and then costs least.

    Sessions with no place that keeps to all hard rules have none. None if a session is left out that must not be, or if
    what comes out breaks a hard rule.
    """
    lowered = lower(programme)
    hard = [unit for unit in lowered.units if unit.rule.hard and unit.rule.name != "placed"]
    chosen: list[Option] = []
    for own in every_option(lowered.facts):
        best: tuple[tuple[int, ...], Option] | None = None
        for option in own:
            places = _places([*chosen, option], lowered.facts.n)
            if _broken(hard, places):
                continue
            score = lowered.score(places)
            key = tuple(score[tier] for tier in lowered.tiers)
            if best is None or key < best[0]:
                best = key, option
        chosen.append(NOWHERE if best is None else best[1])
    found = judged(lowered, lowered.facts.schedule(_places(chosen, lowered.facts.n)))
    return None if found is None or (found[0] and lowered.all_must_be_placed) else found


def _broken(hard: list[Unit], places: Places) -> bool:
    return any(unit.value(places) for unit in hard)
