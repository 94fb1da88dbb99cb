"""Which rules hold for a programme."""

from __future__ import annotations

import igf2020_data as igf
import igf2020_shares
import pytest

from igfsched import InputError, Programme, Result, Session, TierScore, Window, audit
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
    assert {rule.tier for rule in full if not rule.hard} == {1, 2, 3}


def test_shares_of_a_tier_add_up():
    """The table of shares has a row for each wish; those of a tier are all of it, and none of them is negligible."""
    held = igf.held_programme(preset="full")
    lines = igf2020_shares.shares(audit(held, igf.held()))
    assert len(lines) == 1 + sum(not rule.hard for rule in PRESETS["full"]())
    costs = {line.split()[1]: float(line.split()[-1].rstrip("%")) for line in lines[1:] if line.endswith("%")}
    assert costs["comfort"] + costs["fair_regions"] == pytest.approx(100, abs=0.2)
    assert costs["fair_regions"] > 5
    assert costs["attendance"] > 5
    assert costs["balance"] + costs["compact"] == pytest.approx(100, abs=0.2)
    assert min(costs["balance"], costs["compact"]) > 25


def test_held_beside_found():
    """Each tier has a row with score, bound and gap; a tier without a bound counts as bounded by 0 in the sum."""
    held = audit(igf.held_programme(preset="full"), igf.held())
    scores = [TierScore(tier=0, score=0, bound=0), TierScore(tier=1, score=30000, bound=30000),
              TierScore(tier=2, score=0, bound=0), TierScore(tier=3, score=1000)]
    lines = igf2020_shares.by_tier(held, Result(schedule=igf.held(), status="feasible", score=scores))
    rows = [line.split() for line in lines[1:]]
    assert [row[0] for row in rows] == ["1", "2", "3", "all"]
    assert [int(row[1].replace(",", "")) for row in rows[:3]] == [held.score[tier] for tier in (1, 2, 3)]
    assert [row[2:] for row in rows] == [
        ["30,000", "30,000", "0.00%"], ["0", "0", "0.00%"], ["1,000", "none", "100.00%"], ["31,000", "30,000", "3.23%"]]


def test_rules_side_by_side():
    """Each wish of the preset has a row with both costs, and a schedule beside itself has the same twice."""
    held = audit(igf.held_programme(preset="full"), igf.held())
    rows = [line.split() for line in igf2020_shares.by_rule(held, held)[1:]]
    assert [row[1] for row in rows] == [rule.name for rule in PRESETS["full"]() if not rule.hard]
    assert all(row[2:4] == row[4:6] for row in rows)


def test_the_first_tier_alone():
    """Without the wishes of later tiers the same must hold, and the wishes of tier 1 are the same."""
    whole = igf.programme(preset="full")
    alone = active_rules(igf2020_shares.with_first_tier(whole))
    assert [rule for rule in active_rules(whole) if rule.hard or rule.tier == 1] == list(alone)
    assert {rule.tier for rule in alone if not rule.hard} == {1}
