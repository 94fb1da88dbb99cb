"""docs/full.md: what it says of the preset and of what was held is so; what was found depends on the machine."""

from __future__ import annotations

import re
from pathlib import Path

import igf2020_data as igf
import igf2020_shares
import pytest

from igfsched import audit
from igfsched.rules import PRESETS

PAGE = (Path(__file__).parent.parent / "docs" / "full.md").read_text(encoding="utf-8")
SCORES, HELD, ALL = ([[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
                     for table in re.findall(r"(?m)(?:^\|.*\n)+", PAGE))


def number(text: str) -> int:
    return int(text.replace(",", ""))


def share(text: str) -> float:
    return float(text.rstrip(" %"))


@pytest.mark.parametrize("table", [HELD, ALL], ids=["held", "all"])
def test_the_wishes_are_those_of_the_preset(table: list[list[str]]) -> None:
    """Name and weight of each wish are those of the preset, in its order."""
    wishes = [rule for rule in PRESETS["full"]() if not rule.hard]
    assert [(row[0], row[1]) for row in table] == [(wish.name, str(wish.weight)) for wish in wishes]


def test_what_was_held_costs_what_is_said() -> None:
    """The column of the held schedule is its audit."""
    held = audit(igf.held_programme(preset="full", wishes=True), igf.held())
    assert number(SCORES[0][1]) == held.score[1]
    told = [line.split() for line in igf2020_shares.by_rule(("held", held))[1:]]
    assert [(row[2], share(row[3])) for row in HELD] == [(row[3], share(row[4])) for row in told]


@pytest.mark.parametrize("table", [HELD, ALL], ids=["held", "all"])
@pytest.mark.parametrize("column", [2, 4])
def test_shares_are_those_of_the_costs(table: list[list[str]], column: int) -> None:
    """Costs add up to the score that the first table tells, and each share is what its cost is of it."""
    total = sum(number(row[column]) for row in table)
    row = SCORES[0 if table is HELD else 1]
    assert total == number(row[1 if column == 2 else 2])
    assert all(share(row[column + 1]) == pytest.approx(100 * number(row[column]) / total, abs=0.06) for row in table)


def test_no_wish_is_negligible() -> None:
    """Each has a share of a fiftieth at least in the schedule that was found by hours alone."""
    assert all(share(row[3]) >= 2 for row in ALL)


def test_the_gaps_are_those_of_scores_and_bounds() -> None:
    """Each gap is what the score exceeds the bound by, and none is above the goal of 3 %."""
    for _, _, score, bound, gap in SCORES:
        told = 0.0 if gap == "proven" else share(gap)
        assert told == pytest.approx(100 * (number(score) - number(bound)) / number(score), abs=0.006)
        assert told <= 3


def test_the_command_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Each option of the command of the page is one of the program."""
    (command,) = re.findall(r"(?m)^python examples/igf2020_shares.py (.+)$", PAGE)
    with pytest.raises(SystemExit):
        igf2020_shares.main(["--help"])
    usage = capsys.readouterr().out
    assert all(option in usage for option in re.findall(r"--\w+", command))
