"""The engine finds what exhaustive search finds, by each of its ways, and proves it."""

from __future__ import annotations

import pytest
from tiny import best_by_trying, tiny_programme

from igfsched.engine import search, solve
from igfsched.lowering import lower
from igfsched.programme import Programme

SEEDS = range(12)


def solved(programme: Programme) -> tuple[tuple[int, ...] | None, str]:
    """Return the score by tier and the status of a solve."""
    result = solve(programme, seconds=20, workers=1)
    if result.schedule is None:
        return None, result.status
    assert result.proven
    return tuple(score.score for score in result.score), result.status


def expected(programme: Programme) -> tuple[tuple[int, ...] | None, str]:
    """Return what a solve has to give, from trying all schedules."""
    lowered = lower(programme)
    best = best_by_trying(lowered)
    if best[0] and lowered.all_must_be_placed:
        return None, "infeasible"
    return best, "partial" if best[0] else "optimal"


@pytest.mark.parametrize("seed", SEEDS)
def test_small_programmes_are_solved_as_by_trying_all(seed):
    """The whole model gives the optimum of exhaustive search, tier by tier, or its refusal."""
    programme = tiny_programme(seed)
    assert solved(programme) == expected(programme)


@pytest.mark.parametrize("seed", SEEDS)
def test_hours_then_days_is_exact(seed, monkeypatch):
    """The way of large programmes (hours, days, neighbourhoods, proof) gives the same optimum, proven."""
    monkeypatch.setattr(search, "SMALL", -1)
    programme = tiny_programme(1000 + seed)
    assert solved(programme) == expected(programme)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2000, 3000))
@pytest.mark.parametrize("small", [6000, -1])
def test_many_tiny_programmes(seed, small, monkeypatch):
    """On a thousand programmes both ways give the optimum of exhaustive search."""
    monkeypatch.setattr(search, "SMALL", small)
    programme = tiny_programme(seed)
    assert solved(programme) == expected(programme)
