"""docs/full.md: what it says of the preset and of what was held is so; what was found depends on the machine."""

from __future__ import annotations

import re
from pathlib import Path

import igf2020_data as igf
import igf2020_shares
import igf2020_third_tier
import pytest

from igfsched import Audit, audit
from igfsched.rules import PRESETS

PAGE = (Path(__file__).parent.parent / "docs" / "full.md").read_text(encoding="utf-8")
TIERS, RULES, THIRD = ([[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
                for table in re.findall(r"(?m)(?:^\|.*\n)+", PAGE))


def number(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.fixture(scope="module")
def held() -> Audit:
    return audit(igf.held_programme(preset="full"), igf.held())


def test_the_wishes_are_those_of_the_preset() -> None:
    """Tier, name and weight of each wish are those of the preset, in its order."""
    wishes = [rule for rule in PRESETS["full"]() if not rule.hard]
    assert [(row[0], row[1], row[2]) for row in RULES] == [(str(w.tier), w.name, str(w.weight)) for w in wishes]


def test_what_was_held_costs_what_is_said(held: Audit) -> None:
    """The columns of the held schedule are its audit: by tier, by rule, and the shares."""
    assert [number(row[1]) for row in TIERS[:3]] == [held.score[tier] for tier in (1, 2, 3)]
    told = [line.split() for line in igf2020_shares.by_rule(held, held)[1:]]
    assert [row[3] for row in RULES] == [row[2] for row in told]
    for row, line in zip(RULES, told, strict=True):
        assert row[4] == "no data" or row[4].replace(" ", "") == line[3]


def test_rules_without_data_are_those_that_are_named(held: Audit) -> None:
    """No session of the programme names topics or preferred times: these two rules, and no other, have no data."""
    sessions = igf.programme(preset="full").sessions
    assert not any(session.tags or session.preferred for session in sessions)
    assert {row[1] for row in RULES if "no data" in row} == {"preferred", "audience"}


def test_the_figures_fit_together() -> None:
    """Costs of the rules add up to their tiers, tiers to the sum, and gaps are those of score and bound."""
    for by_tier, by_rule in ((1, 3), (2, 5), (5, 7)):
        for tier in TIERS[:3]:
            assert number(tier[by_tier]) == sum(number(row[by_rule]) for row in RULES if row[0] == tier[0])
        assert number(TIERS[3][by_tier]) == sum(number(row[by_tier]) for row in TIERS[:3])
    for score, bound, gap in ((2, 3, 4), (5, 6, 7)):
        for row in TIERS:
            missing = (number(row[score]) - number(row[bound])) / max(1, number(row[score]))
            told = 0.0 if row[gap] == "proven" else float(row[gap].rstrip(" %"))
            assert told == pytest.approx(100 * missing, abs=0.06)  # the bound is rounded


def test_the_third_tier_by_counting() -> None:
    """The least cost of tier 3 is what is counted, and the gaps are those of what was found."""
    for row, programme, column in zip(THIRD, (igf.held_programme(preset="full"), igf.programme(preset="full")), (2, 5),
                                      strict=True):
        found, least = number(row[1]), number(row[2])
        assert found == number(TIERS[2][column])
        assert least == igf2020_third_tier.least(programme)
        for gap, score in ((row[3], found), (row[4], number(TIERS[3][column]))):
            assert float(gap.rstrip(" %")) == pytest.approx(100 * (found - least) / score, abs=0.006)


def test_the_command_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Each option of the command of the page is one of the program."""
    (command,) = re.findall(r"(?m)^python examples/igf2020_shares.py (.+)$", PAGE)
    with pytest.raises(SystemExit):
        igf2020_shares.main(["--help"])
    usage = capsys.readouterr().out
    assert all(option in usage for option in re.findall(r"--\w+", command))
