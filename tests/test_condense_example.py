"""The example of condensing: what it says is so."""

from __future__ import annotations

from pathlib import Path

import condense_igf2020
import igf2020_data as igf
import pytest

from igfsched import audit
from igfsched.sweep import read_frontier
from igfsched.sweep.variations import at_cap


def test_too_few_by_counting(capsys: pytest.CaptureFixture[str]) -> None:
    """Adding up minutes alone proves that the known programme needs 8 days at a cap of 2, and 6 at a cap of 3."""
    assert condense_igf2020.main(["--only", "known", "--caps", "2,3", "--days", "1-5"]) == 0
    out, err = capsys.readouterr()
    assert "at most 3 at a time: 6 or more days (5 days are too few: counting: phase 1: " in out
    assert "10 points: 0 optimal, 0 feasible, 10 infeasible, 0 unknown" in out
    assert "10 of 10 points" in err
    assert condense_igf2020.main(["--only", "known", "--caps", "2", "--days", "7"]) == 0
    assert "at most 2 at a time: 8 or more days" in capsys.readouterr().out


def test_the_generated_programme() -> None:
    """The generated programme has the full size, and the days and rooms of the meeting."""
    programme = condense_igf2020.generated()
    assert (len(programme.sessions), len(programme.window.days), len(programme.rooms)) == (275, 12, 3)


@pytest.mark.long
def test_the_fewest_days(tmp_path: Path) -> None:
    """The known programme fits into 6 days at a cap of 3, which is proven, with a schedule that the audit accepts."""
    assert condense_igf2020.main(["--only", "known", "--caps", "3", "--days", "5-6", "--seconds", "120", "--out",
                                  str(tmp_path)]) == 0
    frontier = read_frontier(tmp_path / "known.json")
    least = frontier.fewest_days(3)
    assert (least.value, least.proven) == (6, True)
    schedule = frontier.point(3, 6).schedule
    assert schedule is not None
    found = audit(at_cap(igf.programme(), 3), schedule)
    assert found.valid
    assert len(found.days_used) == 6
