"""The program that draws many changes: what is proven has as few moves as the plain model finds, and lies are told."""

from __future__ import annotations

import json

import pytest
import slot_repairs
from peers import instance, plain_cpsat
from peers.scorer import allowed


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """The path of an instance of 46 sessions for 48 places."""
    path = tmp_path_factory.mktemp("full") / "instance.json"
    path.write_text(json.dumps(instance.generate(46, days=4, slots=4, rooms=4, cap=3, speakers=90, tracks=6, seed=3)))
    return str(path)


def test_repairs_of_full_slots_are_proven_with_the_fewest_moves(full, tmp_path, capsys):
    """However many lose a slot in a full programme, everything is proven, and no number of moves is a mismatch."""
    out = tmp_path / "draws.json"
    slot_repairs.main([full, "--changes", "1", "6", "--draws", "6", "--check", "all", "--repeats", "1",
                       "--workers", "1", "--out", str(out)])
    line = json.loads(capsys.readouterr().out)
    draws = json.loads(out.read_text())
    for number in ("1", "6"):
        assert line[number]["checked"] == len(draws[number]) == 6
        assert line[number]["mismatches"] == []
        assert line[number]["proven"] == 6 - line[number]["impossible"]
    assert any("prices of seats" in draw["by"] for draw in draws["6"])


def test_what_is_untrue_is_told(full, capsys, monkeypatch):
    """If the plain model had a solution with fewer moves than are called the fewest, that would be a mismatch."""
    asked = []

    def still(question, log):
        asked.append(question)
        return dict(question.base), {"status": "optimal", "proven": True, "bound": {"moved": 0}}

    monkeypatch.setattr(plain_cpsat, "solve", still)
    slot_repairs.main([full, "--changes", "6", "--draws", "1", "--check", "all", "--repeats", "1", "--workers", "1"])
    (mismatch,) = json.loads(capsys.readouterr().out)["6"]["mismatches"]
    assert "called the fewest" in mismatch["untrue"][0]
    assert all(allowed(asked[0].instance))
