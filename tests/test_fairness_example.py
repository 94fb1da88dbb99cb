"""examples/fairness_igf2020.py: two schedules side by side, and a frontier that can be drawn."""

from __future__ import annotations

from pathlib import Path

import fairness_igf2020
import igf2020_data as igf
import pytest

from igfsched import FairnessFrontier, audit
from igfsched.price_of_fairness import FrontierPoint


def test_held_and_optimised_side_by_side() -> None:
    """What was held stands beside the best schedule for the same sessions, which costs its people less."""
    report = fairness_igf2020.compared(6)
    held = report.distribution("held", "persons", "price")
    assert held.total == audit(igf.held_programme(), igf.held()).burdens.total.price == 63270
    assert "note: the time zones of 359 of 359 people are assumptions" in report.text()
    assert "Reach: the expected audience in comfortable hours" in report.text()
    if "optimised" in report.audits:  # six seconds may be too few on a busy machine
        better = report.distribution("optimised", "persons", "price")
        assert better.total < held.total
        assert better.count == held.count == 359


def test_it_can_be_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra `plot`, both are drawn into a file."""
    pytest.importorskip("matplotlib")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    held = audit(igf.held_programme(), igf.held())
    points = [FrontierPoint(most=None, price=63270, bound=60000, largest=3095, proven=False, audit=held)]
    frontier = FairnessFrontier(who="persons", points=tuple(points), least=900)
    report = fairness_igf2020.fairness_report({"held": held})
    fairness_igf2020.plot(report, frontier, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
