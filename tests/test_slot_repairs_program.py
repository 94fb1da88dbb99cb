"""The program that draws many changes: what is proven has as few moves as the plain model finds, and lies are told."""

from __future__ import annotations

import json

import pytest
import slot_repairs
from common import solved
from peers import instance, plain_cpsat
from peers.igfsched_peer import changes_since, programme_of, schedule_of
from peers.scorer import allowed

from igfsched import Planner


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


@pytest.mark.parametrize(("seed", "number", "draw"), [(3, 4, 5), (7, 3, 1), (8, 2, 7), (5, 6, 5), (8, 5, 0)])
def test_what_the_bounded_search_proves_is_true(seed, number, draw):
    """Several lose a slot in a full programme, and more have to go: what is called proven without a solver is so.

    In the first three two more go, neither of whom makes way alone; in the others one more goes, and somebody else
    gets its room.
    """
    small = instance.generate(46, days=4, slots=4, rooms=4, cap=3, speakers=90, tracks=6, seed=seed)
    base = solved(small, seconds=20, workers=1)[1]
    planner = Planner(programme_of(small), schedule_of(small, base))
    _, changes = changes_since(slot_repairs.drawn(small, base, number, draw), base, planner.programme)
    quick, sure = planner.apply(*changes, seconds=5, solver=False), planner.apply(*changes, seconds=20)
    assert sure.proof.moves
    assert sure.proof.score
    assert quick.levels >= sure.levels
    assert not quick.proof.moves or quick.levels[:2] == sure.levels[:2]
    assert not quick.proof.score or quick.levels == sure.levels
