"""Shares of what could be had at best: the rule by hand, and loads of few levels in the solver."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from math import ceil, floor

import numpy as np
import pytest

from igfsched import Person, Programme, Session, Window, solve
from igfsched.engine.candidates import Candidates
from igfsched.engine.cpsat import Limits, run
from igfsched.engine.encode import build, levels
from igfsched.errors import InputError
from igfsched.io import programme_from_dict, to_dict
from igfsched.lowering import lower
from igfsched.programme import Day, Grid
from igfsched.rules import Ease, Liking, OnGrid, ParallelCap, Placed, Satisfaction
from igfsched.testing import verify

NINE, TEN, LATE = "2020-11-09T09:00Z", "2020-11-09T10:00Z", "2020-11-09T22:00Z"
LIKINGS = [Liking(person="p", session="a", value=3), Liking(person="p", session="b", value=1),
           Liking(person="q", session="b", value=2)]
EASES = [Ease(person="p", start=NINE, value=2), Ease(person="p", start=TEN, value=1),
         Ease(person="q", start=TEN, value=1), Ease(person="q", start=LATE, value=3)]


def programme(*rules: Satisfaction, **more: object) -> Programme:
    window = Window(days=[Day(date="2020-11-09")], grid=Grid(starts=[NINE, TEN, LATE]))
    fields = {"window": window, "people": [Person(id="p"), Person(id="q")], "preset": "none",
              "sessions": [Session(id=id, duration=60) for id in "abc"], "rules": rules, **more}
    return Programme(**fields)  # type: ignore[arg-type]


def test_shares_by_hand():
    """p gains 3 x 1 + 1 x 2 of 3 x 2 + 1 x 1 at best, q nothing of 2 x 3; a gains 3 of 6, b 2 of 6, c cannot gain."""
    rule = Satisfaction(likings=LIKINGS, eases=EASES)
    assert rule.best == {"p": 7, "q": 6}
    given = programme()
    people = verify(rule).given(given).with_starts(a=TEN, b=NINE, c=LATE)
    people.costs(ceil(1_000_000 * Fraction(5, 7))).says("p gets 71.4% of what could be at best, q 0.0%")
    sessions = Satisfaction(likings=LIKINGS, eases=EASES, measure="sessions")
    assert sessions.best == {"a": 6, "b": 6}
    verify(sessions).given(given).with_starts(a=TEN, b=NINE, c=LATE).costs(
        ceil(1_000_000 * Fraction(3, 6)) - floor(1_000_000 * Fraction(2, 6)))
    verify(sessions).given(given).with_starts(a=NINE, b=LATE).costs(0)


def test_what_is_missed():
    """a at ten lacks 1 for p, who likes it 3; b at nine lacks 3 for q, who likes it 2; without a place, nothing."""
    rule = Satisfaction(likings=LIKINGS, eases=EASES, measure="missed")
    verify(rule).given(programme()).with_starts(a=TEN, b=NINE).costs(3 * 1 + 2 * 3)
    verify(rule).given(programme()).with_starts(a=NINE).costs(0)


def test_the_last_row_holds():
    """Of several rows for the same person and session, or start, the last one counts."""
    rule = Satisfaction(likings=[*LIKINGS, Liking(person="p", session="a", value=0)],
                        eases=[*EASES, Ease(person="q", start=LATE, value=1)], measure="missed")
    verify(rule).given(programme()).with_starts(a=TEN, b=NINE).costs(2 * 1)


def test_names_are_known():
    """Rows that name nobody, or no session, are told with the nearest name."""
    rule = Satisfaction(likings=[Liking(person="r", session="aa")], eases=[Ease(person="s", start=NINE)])
    with pytest.raises(InputError) as error:
        programme(rule)
    assert {problem.path for problem in error.value.problems} == {
        "$.rules[0].likings[0].person", "$.rules[0].likings[0].session", "$.rules[0].eases[0].person"}


@pytest.mark.parametrize("make", [
    lambda: Liking(person="p", session="a", value=1001), lambda: Ease(person="p", start=NINE, value=-1),
    lambda: Liking(person="", session="a"), lambda: Satisfaction(likings=[], eases=[], measure="all"),
])
def test_what_makes_no_sense(make):
    """Values beyond 1000, below 0, empty names and unknown measures are refused."""
    with pytest.raises(ValueError):
        make()


def test_it_goes_through_a_file():
    """Written and read again, the rule is the same."""
    given = programme(Satisfaction(likings=LIKINGS, eases=EASES, measure="sessions", label="speakers"))
    assert programme_from_dict(to_dict(given)) == given


def drawn(seed: int, most: int = 1) -> tuple[Programme, np.ndarray, np.ndarray]:
    """Return a programme of five talks in seven slots, with likings and eases up to `most` of four people."""
    random = np.random.default_rng(seed)
    likes, eases = random.integers(0, most + 1, size=(4, 5)), random.integers(0, most + 1, size=(4, 7))
    starts = [f"2020-11-09T{hour:02}:00Z" for hour in range(8, 15)]
    tables = {
        "likings": [Liking(person=f"p{p}", session=f"t{t}", value=int(likes[p, t])) for p, t in np.ndindex(4, 5)],
        "eases": [Ease(person=f"p{p}", start=starts[s], value=int(eases[p, s])) for p, s in np.ndindex(4, 7)],
    }
    weights = {"missed": int(random.integers(0, 4)) * 50_000, "people": 2, "sessions": int(random.integers(0, 2))}
    return Programme(
        window=Window(days=[Day(date="2020-11-09")], grid=Grid(starts=starts)), cap=1, preset="none",
        people=[Person(id=f"p{p}") for p in range(4)], sessions=[Session(id=f"t{t}", duration=60) for t in range(5)],
        rules=[Placed(), OnGrid(), ParallelCap(),
               *(Satisfaction(measure=measure, weight=weight, label=measure, **tables)
                 for measure, weight in weights.items())],
    ), likes, eases


@pytest.mark.parametrize("most", [1, 5])
@pytest.mark.parametrize("seed", range(4))
def test_the_optimum_is_that_of_trying_all(seed, most):
    """Of all 2520 schedules none costs less than the one that is proven optimal, by the tables alone."""
    given, likes, eases = drawn(seed, most)
    weight = {rule.measure: rule.weight for rule in given.rules if isinstance(rule, Satisfaction)}
    crowds = likes.T @ eases
    best = (-np.sort(-likes, axis=1) * -np.sort(-eases, axis=1)[:, :5]).sum(axis=1)

    def spread(gains: np.ndarray, most: np.ndarray) -> int:
        shares = [Fraction(int(gain), int(top)) for gain, top in zip(gains, most, strict=True) if top]
        return ceil(1_000_000 * max(shares)) - floor(1_000_000 * min(shares)) if shares else 0

    least = None
    for slots in permutations(range(7), 5):
        gain = likes * eases[:, list(slots)]
        cost = weight["missed"] * int((likes * eases.max(axis=1)[:, None] - gain).sum())
        cost += weight["people"] * spread(gain.sum(axis=1), best)
        cost += weight["sessions"] * spread(gain.sum(axis=0), crowds.max(axis=1))
        least = cost if least is None else min(least, cost)
    result = solve(given, seconds=30, workers=1)
    assert result.proven
    assert result.score[-1].score == least


@pytest.mark.parametrize("seed", range(6))
def test_levels_say_what_sums_say(seed, monkeypatch):
    """The model with a literal for each level has the optimum of the model with sums, with sessions left out or not."""
    stated = lower(drawn(seed, most=2)[0])
    for partial in (False, True):
        found = []
        for most in (levels.MOST_LEVELS, 0):
            monkeypatch.setattr(levels, "MOST_LEVELS", most)
            model = build(Candidates.where(stated, stated.allowed), partial=partial)
            assert any(term.primitive.kind == "spread" for term in stated.terms if hasattr(term.primitive, "groups"))
            model.minimize(1)
            outcome = run(model.cp, Limits(seconds=20, workers=1))
            monkeypatch.undo()
            found.append((outcome.status, outcome.objective))
        assert found[0] == found[1] == ("optimal", found[0][1])
