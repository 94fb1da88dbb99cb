"""What primitives say of places is what the models of the engine make of them, for each kind, at random."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from algebra import KINDS, Stated, at_random, stating
from attrs import evolve
from test_repair_model import LIMITS, Case, check, programme_with_rooms
from tiny import best_by_trying

from igfsched.engine import search, solve
from igfsched.engine.encode import cost_of, tallies
from igfsched.engine.repair import RepairModel
from igfsched.facts import Places
from igfsched.lowering import HARD, Lowered, lower
from igfsched.programme import Programme

TRIED = 3_000
"""Schedules of one programme that are tried at most."""

every_kind = pytest.mark.parametrize("kind", KINDS)


def only_stated(kind: str, seed: int, level: str) -> Programme:
    """Return a programme whose only rule states primitives of a kind."""
    programme = stating(kind, seed, level=level, others=False)
    return evolve(programme, rules=[rule for rule in programme.rules if isinstance(rule, Stated)], preset="none")


def expected(lowered: Lowered, places: Places) -> dict[int, int] | None:
    """Return what a schedule costs by tier, by the primitives' own values; None if a hard one is not 0."""
    score = lowered.score(places)
    if score[HARD]:
        return None
    return {**score, HARD: int(lowered.absent[places.variant < 0].sum())}


def hold_against_models(kind: str, seed: int) -> int:
    """Compare the models' costs of random places with the values; return how many of these are above 0."""
    found = 0
    for level in ("soft", "hard"):
        lowered = lower(only_stated(kind, seed, level))
        random = np.random.default_rng([seed, 3])
        for _ in range(4):
            places = at_random(lowered.facts, random)
            assert cost_of(lowered, places) == expected(lowered, places)
            found += sum(unit.value(places) for unit in lowered.units) > 0
    return found


@every_kind
def test_models_cost_what_primitives_say(kind):
    """With all sessions at given places a model costs their value; with a hard rule it is feasible iff that is 0."""
    assert sum(hold_against_models(kind, seed) for seed in range(8)) > 2


def test_intervals_cost_what_primitives_say(monkeypatch):
    """So do hard counts of pairs that are stated by intervals, also where sessions are longer after marks."""
    monkeypatch.setattr(tallies, "MANY_ROWS", -1)
    assert sum(hold_against_models("count", seed) for seed in range(40)) > 40


@pytest.mark.long
@every_kind
def test_models_cost_what_primitives_say_on_many(kind):
    """The same on 400 programmes more."""
    for seed in range(1000, 1400):
        hold_against_models(kind, seed)


def small_programme(kind: str, seed: int) -> Programme:
    """Return a programme, the first from a seed on, of which all schedules are soon tried."""
    while True:
        programme = stating(kind, seed)
        lowered = lower(programme)
        rooms = lowered.room_allowed.sum(axis=1) if programme.rooms else np.ones(lowered.facts.n)
        starts = [lowered.allowed[list(own)].sum() for own in lowered.facts.variants]
        if 50 < prod(int(1 + n * m) for n, m in zip(rooms, starts, strict=True)) < TRIED:
            return programme
        seed += 100


def small_case(kind: str, seed: int) -> Case:
    """Return a repair, the first from a seed on, of which all outcomes are soon tried."""
    while True:
        lowered = lower(stating(kind, seed, base=programme_with_rooms(seed)))
        case = Case.of(lowered, np.random.default_rng([seed, 5]), (None, 1, 2)[seed % 3], 4)
        if case.size < TRIED:
            return case
        seed += 102


def solved(programme: Programme) -> tuple[tuple[int, ...] | None, str]:
    result = solve(programme, seconds=20, workers=1)
    if result.schedule is None:
        return None, result.status
    assert result.proven
    return tuple(score.score for score in result.score), result.status


def best(programme: Programme) -> tuple[tuple[int, ...] | None, str]:
    lowered = lower(programme)
    found = best_by_trying(lowered)
    if found[0] and lowered.all_must_be_placed:
        return None, "infeasible"
    return found, "partial" if found[0] else "optimal"


@every_kind
@pytest.mark.parametrize("small", [6000, -1], ids=["whole", "by hours"])
def test_solves_find_what_trying_all_finds(kind, small, monkeypatch):
    """Beside other rules, and both as a whole model and by hours, then days, the optimum is that of trying all."""
    monkeypatch.setattr(search, "SMALL", small)
    programme = small_programme(kind, KINDS.index(kind) + small % 7)
    while small < 0 and best(programme)[1] != "optimal":  # whoever finds no place is looked for until time is over
        programme = small_programme(kind, programme.rules[-1].seed + 100)
    assert solved(programme) == best(programme)


@pytest.mark.long
@every_kind
@pytest.mark.parametrize("small", [6000, -1], ids=["whole", "by hours"])
def test_solves_find_what_trying_all_finds_on_many(kind, small, monkeypatch):
    """The same on 40 programmes more."""
    monkeypatch.setattr(search, "SMALL", small)
    for seed in range(1000, 1040):
        programme = stating(kind, seed)
        assert solved(programme) == best(programme)


def repaired(kind: str, seed: int) -> None:
    """Hold a repair beside sessions that stand still against trying all."""
    check(small_case(kind, seed), partial=seed % 4 > 0)


@every_kind
def test_repairs_find_what_trying_all_finds(kind):
    """Beside sessions that stand still, some of them kept whatever they violate, a repair has the least levels."""
    for seed in range(6):
        repaired(kind, seed)


@every_kind
def test_places_become_values_of_all_variables(kind):
    """From places alone follow values that keep to every row of a model, and cost what the levels are.

    The largest levels alone may be made too much of: the level from which they count is not told by any one row.
    """
    for seed in range(6):
        case = small_case(kind, seed)
        repair = RepairModel(case.lowered, case.stakes, free=case.free, mask=case.mask)
        found = repair.solve(limits=LIMITS)
        if found.places is None:
            continue
        values = repair.values_of(found.places)
        for (variables, amounts), low, high in repair.model.rows:
            assert low <= sum(values[v] * amount for v, amount in zip(variables, amounts, strict=True)) <= high
        costs = [goal.constant + sum(values[v] * price for v, price in goal.terms.items()) for goal in repair.goals]
        assert kind == "top" or tuple(costs) == found.levels


@pytest.mark.long
@every_kind
def test_repairs_find_what_trying_all_finds_on_many(kind):
    """The same on 100 programmes more."""
    for seed in range(1000, 1100):
        repaired(kind, seed)
