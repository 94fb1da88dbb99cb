"""On small programmes with rules from the whole catalogue the engine proves what trying all schedules finds."""

from __future__ import annotations

import json
from functools import lru_cache

import exhaustive
import pytest
import trying_all
from attrs import evolve
from small_programmes import CHOSEN, HEARTS, NEVER, drawn, hearts
from tiny import best_by_trying, tiny_programme
from trying_all import TooLarge, greedy, judged, told, truth

from igfsched.engine import search
from igfsched.grid import Clock
from igfsched.lowering import lower
from igfsched.programme import Day, Grid, Programme, Room, Session, Window
from igfsched.rules import CATALOGUE, Balance, CellTracks, Placed, active_rules

SEEDS = range(5000, 5014)
MANY = 2_000
BLOCK = 50
small_case = lru_cache(maxsize=2 * BLOCK)(trying_all.small_case)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_engine_finds_what_trying_all_finds(seed):
    """Status, and cost to the unit in every tier, are those of trying all; the audit finds them in the schedule."""
    case = small_case(seed)
    assert told(case.programme) == (case.truth.status, case.truth.score)


@pytest.mark.parametrize("seed", [5001, 5004, 5007, 5011])
def test_hours_then_days_finds_what_trying_all_finds(seed, monkeypatch):
    """So does the way of large programmes, where every session has a place."""
    case = small_case(seed)
    while case.truth.status != "optimal":  # whoever finds no place is looked for until time is over
        case = small_case(case.seed + 1)
    monkeypatch.setattr(search, "SMALL", -1)
    assert told(case.programme) == (case.truth.status, case.truth.score)


def test_a_model_of_cells_that_leaves_costs_out_is_not_the_last_word():
    """Where cells prove less than their schedule costs (here days are to be in balance), the whole model decides."""
    programme = one_start_on_two_days()
    found = truth(programme)
    assert (found.status, found.score) == ("optimal", (0, 60))
    assert told(programme) == (found.status, found.score)


def one_start_on_two_days() -> Programme:
    """Return a programme of two tracks with a room each, whose second day has no start: it cannot be in balance."""
    days = [Day(date=date, hours=[Clock("06:00", "09:00")]) for date in ("2020-10-24", "2020-10-27")]
    return Programme(
        window=Window(days=days, grid=Grid(step=30, starts=["2020-10-24T08:30Z"])), rooms=[Room(id="a"), Room(id="b")],
        sessions=[Session(id="s2", duration=30, track="trust"), Session(id="s3", duration=30, track="data")],
        preset="none", rules=[Balance(), CellTracks(), Placed()])


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, MANY, BLOCK))
def test_the_engine_finds_what_trying_all_finds_on_many(first):
    """The same on two thousand programmes."""
    for seed in range(first, first + BLOCK):
        case = small_case(seed)
        assert (seed, *told(case.programme)) == (seed, case.truth.status, case.truth.score)


# -- what they are tried on --------------------------------------------------------------------------


def test_programmes_are_of_the_size_that_is_claimed():
    """Four or five sessions, two rooms, at least four rules beside those that all have; the same for the same seed."""
    for seed in SEEDS:
        programme = drawn(seed)
        assert len(programme.sessions) in (4, 5)
        assert len(programme.rooms) == 2
        assert len(active_rules(programme)) >= 8
        assert programme == drawn(seed)


def test_every_rule_has_its_turn():
    """All rules but those that no schedule of an engine can violate are at the heart of at least fifty programmes."""
    assert set(CHOSEN) == set(CATALOGUE) - NEVER
    found = dict.fromkeys(CHOSEN, 0)
    for seed in range(MANY):
        names = hearts(seed)
        assert HEARTS - 1 <= len(names) <= HEARTS
        for name in names:
            found[name] += 1
    assert min(found.values()) >= 50


def test_every_fifth_programme_has_no_valid_schedule():
    """Nothing else is without one; and one that has none by the seed still has places to try."""
    for seed in range(5000, 5010):
        found = small_case(seed).truth
        assert (found.status == "infeasible") == (found.score is None) == (seed % 5 == 0)


# -- that it would be seen ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 2, 3, 4, 5, 6, 7, 9, 10, 19])
def test_two_ways_of_trying_all_agree(seed):
    """Combinations one by one, on tiny programmes of three sessions, have the same best as tables of values."""
    programme = tiny_programme(seed)
    lowered = lower(programme)
    best = best_by_trying(lowered)
    found = truth(programme)
    if best[0] and lowered.all_must_be_placed:
        assert (found.status, found.score) == ("infeasible", None)
    else:
        assert (found.status, found.score) == ("partial" if best[0] else "optimal", best)


def test_another_weight_is_another_optimum():
    """An engine that took one rule for twice as dear would be found out."""
    seen = 0
    for seed in SEEDS:
        case = small_case(seed)
        dearer = evolve(case.programme, rules=[evolve(rule, weight=2 * rule.weight) for rule in case.programme.rules])
        seen += told(dearer) != (case.truth.status, case.truth.score)
    assert seen >= 5


def test_a_greedy_is_never_better():
    """What sessions in order come to is a valid schedule, so that it costs no less; often it costs more."""
    worse = 0
    for seed in range(5000, 5030):
        case = small_case(seed)
        found = greedy(case.programme)
        if case.truth.score is None:
            assert found is None
        else:
            assert found is None or found >= case.truth.score
            worse += found != case.truth.score
    assert worse >= 6


def test_a_disagreement_of_audit_and_primitives_is_told(monkeypatch):
    """If the audit found something else than the primitives say, trying all would refuse."""
    programme = small_case(5001).programme

    def wrong(lowered, schedule):
        found = judged(lowered, schedule)
        return None if found is None else (found[0] + 1, *found[1:])

    monkeypatch.setattr(trying_all, "judged", wrong)
    with pytest.raises(trying_all.Disagreement, match="the audit finds"):
        truth(programme)


def test_too_many_schedules_are_refused(monkeypatch):
    """Programmes that would take long are not tried."""
    programme = small_case(5001).programme
    monkeypatch.setattr(trying_all, "MOST", 3)
    with pytest.raises(TooLarge):
        truth(programme)


# -- the program -------------------------------------------------------------------------------------


def test_the_program_tells_its_figures(tmp_path, capsys):
    """One line of JSON, a line of the file for each programme, exit code 0 as long as nothing differs."""
    out = tmp_path / "rows.jsonl"
    assert exhaustive.main(["--programmes", "3", "--seed", "5000", "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["programmes"], found["equal"], found["different"]) == (3, 3, [])
    assert found["infeasible"] == pytest.approx(1 / 3, abs=1e-4)
    assert set(found["rules"]) == set(CHOSEN)
    assert [json.loads(line)["seed"] for line in out.read_text().splitlines()] == [5000, 5001, 5002]


def test_the_program_tells_differences(monkeypatch, capsys):
    """A wrong cost, and audits that differ from primitives, are told with their seeds, and the exit code is 1."""
    monkeypatch.setattr(exhaustive, "told", lambda programme: ("optimal", (0, -1)))
    assert exhaustive.main(["--programmes", "1", "--seed", "5001"]) == 1
    (different,) = json.loads(capsys.readouterr().out)["different"]
    assert (different["seed"], different["engine"]) == (5001, ["optimal", [0, -1]])

    def refuses(seed):
        raise trying_all.Disagreement("they differ")

    monkeypatch.setattr(exhaustive, "small_case", refuses)
    assert exhaustive.main(["--programmes", "1"]) == 1
    assert json.loads(capsys.readouterr().out)["different"][0]["engine"] == "they differ"


def test_programmes_are_shown(capsys):
    """Whoever wants to see a programme gets it as JSON."""
    assert exhaustive.main(["--programmes", "1", "--seed", "5001", "--show"]) == 0
    assert json.loads(capsys.readouterr().out)["format"] == "igfsched-programme"
