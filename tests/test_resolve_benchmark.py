"""The instances and the draws of the benchmark of repairs."""

from __future__ import annotations

import json
from collections import Counter

import instances
import numpy as np
import pytest
import resolve
from ceremonies import CLOSING, OPENING
from draws import KINDS, RARE, broken, draw, draws
from enrichment import LEFT_OUT, enriched
from generate import generate
from resolve_compare import Drawn, difference

from igfsched.audit import audit
from igfsched.changes import CHANGES
from igfsched.engine.repair import Repaired
from igfsched.facts import Places
from igfsched.io import changes_from_dict, changes_to_dict, dumps, write_schedule
from igfsched.lowering import lower
from igfsched.rules import CATALOGUE, active_rules

NUMBER = 60


@pytest.fixture(scope="module")
def small():
    """A generated programme with all rules but those left out, and its planted schedule."""
    return enriched(*generate(40, 0.6, 0), 0)


@pytest.fixture(scope="module")
def drawn(small):
    return draws(*small, 0, NUMBER)


def test_all_rules_state_something(small):
    """Every rule that is not left out is on and states something; the planted schedule breaks no hard one."""
    programme, planted = small
    assert {rule.name for rule in active_rules(programme)} == set(CATALOGUE) - LEFT_OUT
    assert {unit.rule.name for unit in lower(programme).units} == set(CATALOGUE) - LEFT_OUT
    assert audit(programme, planted).valid
    assert {rule.tier for rule in active_rules(programme) if rule.level == "soft"} == {1, 2, 3}
    keys = Counter(rule.key for rule in active_rules(programme))
    assert max(keys.values()) == 1, "a change of a rule needs to tell them apart"


@pytest.mark.parametrize("name", instances.INSTANCES)
def test_full_instances(name):
    """The three instances have these rules too, with a planted schedule that breaks no hard one."""
    programme, planted = instances.instance(name, 1)
    assert len(planted) == len(programme.sessions) == (136 if name == "igf2020" else 277)
    assert {rule.name for rule in active_rules(programme)} == set(CATALOGUE) - LEFT_OUT
    assert {unit.rule.name for unit in lower(programme).units} == set(CATALOGUE) - LEFT_OUT
    soft = [rule for rule in active_rules(programme) if rule.level == "soft"]
    assert {rule.tier for rule in soft} == {1, 2, 3}


def test_equal_arguments_make_equal_programmes(small):
    """A programme is made anew byte for byte; another seed makes another one."""
    assert enriched(*generate(40, 0.6, 0), 0) == small
    assert dumps(enriched(*generate(40, 0.6, 0), 1)[0]) != dumps(small[0])


def test_there_is_something_to_undo(small):
    """The base has busy people, closed rooms, tentative and pinned sessions, and two ceremonies alone in their hour."""
    programme, planted = small
    assert any(person.busy for person in programme.people)
    assert any(room.closed for room in programme.rooms)
    assert any(session.tentative for session in programme.sessions)
    assert any(session.fixed_start and session.fixed_room for session in programme.sessions)
    assert planted.placements[0].session == OPENING
    assert planted.placements[-1].session == CLOSING


def test_the_base_can_be_kept(monkeypatch, small, tmp_path):
    """A schedule in the cache is read, not solved again; without one, or for another limit, there is a solve."""
    monkeypatch.setattr(instances, "instance", lambda name, seed: small)
    programme, schedule = instances.base("loose", 0, 1.0, tmp_path)
    (kept,) = tmp_path.iterdir()
    assert (programme, audit(programme, schedule).valid) == (small[0], True)
    write_schedule(small[1], kept)
    assert instances.base("loose", 0, 1.0, tmp_path)[1] == small[1]


def test_unknown_instances_are_refused():
    with pytest.raises(ValueError, match="igf2020, loose, tight"):
        instances.instance("lose")


def test_the_table_covers_the_vocabulary():
    """Every class of changes is drawn by some kind; weights are shares of a hundred, and rare kinds are rare."""
    assert {kind.change for kind in KINDS.values()} == set(CHANGES.values())
    assert sum(kind.weight for kind in KINDS.values()) == pytest.approx(100)
    assert sum(KINDS[name].weight for name in RARE) <= 4


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_can_be_drawn(small, name):
    """Every kind draws a change of its class, which can be applied and written to a file, and does so again."""
    change = draw(*small, np.random.default_rng(3), name)
    assert type(change) is KINDS[name].change
    programme, schedule = change.applied(*small)
    audit(programme, schedule)
    assert changes_from_dict(changes_to_dict([change])) == (change,)
    assert draw(*small, np.random.default_rng(3), name) == change


def test_draws_are_reproducible(small, drawn):
    """Equal arguments give equal changes, another seed others; each kind comes as often as its weight says."""
    assert draws(*small, 0, NUMBER) == drawn
    assert draws(*small, 1, NUMBER) != drawn
    counts = Counter(name for name, _ in drawn)
    assert all(abs(counts[name] - kind.weight * NUMBER / 100) <= 1.5 for name, kind in KINDS.items())


def test_most_single_changes_break_the_schedule(small, drawn):
    """At least 60 of a hundred single changes leave a schedule that breaks a hard rule."""
    singles = [change for name, change in drawn if KINDS[name].size == "single"]
    assert sum(broken(*small, change) for change in singles) >= 0.6 * len(singles)


def test_batches_have_as_many_changes_as_they_say(small):
    for number in (5, 20):
        change = draw(*small, np.random.default_rng(0), f"batch_{number}")
        assert len(change.changes) == number


FIELDS = {
    "sessions", "people", "changes", "broken_share", "median_ms", "p95_ms", "p99_ms", "broken_median_ms", "by_kind",
    "by_moves", "loss_p95_ms", "batch5_p95_ms", "batch20_p95_ms", "audit_ms", "schedule_ms", "commit_ms",
    "proven_share", "proven_moves_share", "statuses", "compared", "mismatches", "errors", "unproven_by_cpsat",
    "moves_proven_by_cpsat", "unproven_by_us", "speedup_median", "speedup_median_proven", "cpsat_median_s",
    "cpsat_build_median_s",
}


@pytest.fixture(scope="module")
def measured(small):
    limits = {"single": 1.0, "loss": 0.5, "batch": 0.5}
    return resolve.measure(*small, seed=0, changes=16, compare=2, limit=1.0, limits=limits)


def test_a_measurement_says_everything(small, measured):
    """A small measurement has all fields, its numbers fit together, and it can be written as JSON."""
    assert set(measured) == FIELDS
    assert (measured["sessions"], measured["changes"], measured["compared"]) == (len(small[0].sessions), 16, 2)
    assert sum(kind["number"] for kind in measured["by_kind"].values()) == sum(measured["statuses"].values()) == 16
    assert 0 < measured["median_ms"] <= measured["p95_ms"] <= measured["p99_ms"]
    assert 0.6 <= measured["broken_share"] <= 1
    assert measured["commit_ms"] > 0
    json.dumps(measured, allow_nan=False)


def test_a_measurement_finds_no_fault(measured):
    """CP-SAT, the audit and a second try agree with every repair, and nothing is raised."""
    assert (measured["mismatches"], measured["errors"]) == ([], [])


def test_errors_are_noted(monkeypatch, small):
    """What is raised in one change is listed, and the others are measured all the same."""
    monkeypatch.setattr(resolve, "audit_difference", lambda repair: 1 // 0)
    found = resolve.measure(*small, seed=0, changes=2, compare=0, limit=1.0)
    assert [(error["index"], error["stage"]) for error in found["errors"]] == [(0, "audit"), (1, "audit")]
    assert "ZeroDivisionError" in found["errors"][0]["error"]
    assert (found["median_ms"], found["statuses"], found["compared"]) == (None, {}, 0)


def drawn_with(levels, status="repaired"):
    return Drawn(
        index=0, kind="cap_set", size="single", seconds=0.01, broken=True, status=status, levels=levels, moves=1,
        proven_moves=True, proven=True, by="bounded search", decode=0.0, audit=0.1)


def by_cpsat(levels, proven, bounds=None, infeasible=False):
    return Repaired(
        places=Places(np.zeros(1), np.zeros(1), ((),)) if levels else None, levels=levels, values=levels,
        bounds=levels if bounds is None else bounds, proven=proven, infeasible=infeasible, seconds=1.0)


@pytest.mark.parametrize(("ours", "theirs", "word"), [
    (drawn_with((0, 2, 0, 7)), by_cpsat((0, 2, 0, 7), 4), ""),
    (drawn_with((0, 2, 0, 8)), by_cpsat((0, 2, 0, 7), 4), "CP-SAT's repair is better"),
    (drawn_with((0, 2, 0, 8)), by_cpsat((0, 2, 0, 7), 2, (0, 2, 0, 5)), "CP-SAT's repair is better"),
    (drawn_with((0, 2, 0, 6)), by_cpsat((0, 2, 0, 7), 4), "ours is better"),
    (drawn_with((0, 2, 0, 6)), by_cpsat((0, 2, 0, 7), 2, (0, 2, 0, 5)), ""),
    (drawn_with((0, 1, 5, 6)), by_cpsat((0, 2, 0, 7), 2, (0, 2, 0, 5)), "ours is better"),
    (drawn_with((0, 1, 0, 7)), by_cpsat((0, 3, 0, 7), 1, (0, 2, None, None)), "ours is below"),
    (drawn_with((1, 2, 0, 9), "refused"), by_cpsat((1, 0, 0, 7), 4), ""),
    (drawn_with((1, 2, 0, 9), "refused"), by_cpsat((0, 4, 0, 7), 0, (0, 1, 0, 5)), "CP-SAT's repair is better"),
    (drawn_with((), "unknown"), by_cpsat((0, 4, 0, 7), 0, (0, 1, 0, 5)), "we have none"),
    (drawn_with((0, 2, 0, 7)), by_cpsat((), 0, (), infeasible=True), "no repair"),
    (drawn_with((), "refused"), by_cpsat((), 0, (), infeasible=True), ""),
    (drawn_with((0, 2, 0, 7)), by_cpsat((), 0, (1, None, None, None)), "ours is below"),
])
def test_what_counts_as_a_mismatch(ours, theirs, word):
    """A better answer on either side is one, or one below a bound; with a session left out, the first level says."""
    found = difference(ours, theirs)
    assert word in found
    assert bool(word) == bool(found)
