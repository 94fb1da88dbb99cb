"""Which rules hold for a programme."""

from __future__ import annotations

import igf2020_data as igf
import igf2020_shares
import pytest

from igfsched import Audit, InputError, Programme, Result, Session, TierScore, Window, audit
from igfsched.rules import PRESETS, active_rules


def test_a_preset_that_there_is_none_of_is_named_with_the_nearest():
    """A preset with a typing error is wrong input with a hint, not a failure of a dictionary."""
    window = Window.daily("2020-11-09", "2020-11-09")
    programme = Programme(window=window, sessions=[Session(id="a", duration=60)], preset="defaults")
    with pytest.raises(InputError, match="did you mean 'default'"):
        active_rules(programme)


def test_the_full_preset_has_the_hard_rules_of_the_default_and_more_wishes():
    """What must hold is the same; every wish of the default is there, and others beside it."""
    default, full = PRESETS["default"](), PRESETS["full"]()
    assert [rule for rule in full if rule.hard] == [rule for rule in default if rule.hard]
    wishes, more = ({rule.name for rule in rules if not rule.hard} for rules in (default, full))
    assert wishes < more
    assert {rule.tier for rule in full if not rule.hard} == {1}


def full_of_held() -> Audit:
    return audit(igf.held_programme(preset="full", wishes=True), igf.held())


def test_shares_add_up():
    """The table has a row for each wish, with costs that add up to the score and shares that add up to all of it."""
    held = full_of_held()
    rows = [line.split() for line in igf2020_shares.by_rule(("held", held))[1:]]
    assert [row[1] for row in rows] == [rule.name for rule in PRESETS["full"]() if not rule.hard]
    assert sum(int(row[3].replace(",", "")) for row in rows) == held.score[1]
    assert sum(float(row[4].rstrip("%")) for row in rows) == pytest.approx(100, abs=0.5)


def test_held_beside_found():
    """Each tier has a row with score, bound and gap; a tier without a bound is one bounded by 0."""
    held = full_of_held()
    for bound, told, gap in ((30_000, "30,000", "25.00%"), (None, "none", "100.00%")):
        scores = [TierScore(tier=0, score=0, bound=0), TierScore(tier=1, score=40_000, bound=bound)]
        result = Result(schedule=igf.held(), status="feasible", score=scores)
        (row,) = [line.split() for line in igf2020_shares.by_tier(("held", held), result)[1:]]
        assert row == ["1", f"{held.score[1]:,}", "40,000", told, gap]


def test_schedules_side_by_side():
    """A schedule beside itself has the same costs and shares twice."""
    held = full_of_held()
    rows = [line.split() for line in igf2020_shares.by_rule(("held", held), ("again", held))[1:]]
    assert all(row[3:5] == row[5:7] for row in rows)


def test_some_wishes_alone():
    """Without other wishes the same must hold, and those that are left are the same."""
    whole = igf.programme(preset="full")
    alone = active_rules(igf2020_shares.with_wishes(whole, igf2020_shares.HOURS))
    assert [rule for rule in active_rules(whole) if rule.hard or rule.name in igf2020_shares.HOURS] == list(alone)
    assert {rule.name for rule in alone if not rule.hard} == set(igf2020_shares.HOURS)
