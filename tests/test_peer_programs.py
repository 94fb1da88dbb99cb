"""The programs for other people's instances print one line that is so, and write what others can read."""

from __future__ import annotations

import json

import cosplib
import optaplanner
import peer_files
from cosplib_scorer import NAMES
from cosplib_scorer import Scorer as CosplibScorer
from optaplanner_scorer import Scorer as OptaplannerScorer

from igfsched.io.cosplib import read_grids, read_instance


def test_cosplib(tmp_path, capsys):
    """The solution that is written has the terms of the line, by a scorer that knows nothing of us."""
    path = peer_files.cosplib("N2OR.xlsx")
    cosplib.main([str(path), "--seconds", "30", "--out", str(tmp_path / "out.xlsx"), "--workers", "2"])
    line = json.loads(capsys.readouterr().out)
    grids, scorer = read_grids(tmp_path / "out.xlsx", read_instance(path)), CosplibScorer(path)
    raw = scorer.terms([list(row) for row in grids.tracks], [list(row) for row in grids.submissions])
    assert {n: scorer.weights[n] * raw[n] for n in NAMES if scorer.weights[n] * raw[n]} == line["terms"]
    assert line["total"] == sum(line["terms"].values())
    assert raw["multi_slot"] == 0
    assert not any(line["faults"].values())
    assert line["proven"] == (line["total"] == line["bound"])


def test_optaplanner(tmp_path, capsys):
    """The assignment that is written has the score of the line, by a scorer that knows nothing of us."""
    path = peer_files.optaplanner("18talks-6timeslots-5rooms.xlsx")
    optaplanner.main([str(path), "--seconds", "3", "--out", str(tmp_path / "out.json"), "--workers", "1"])
    line = json.loads(capsys.readouterr().out)
    at = {code: tuple(place) for code, place in json.loads((tmp_path / "out.json").read_text()).items()}
    scorer = OptaplannerScorer(path)
    assert scorer.score(scorer.units(at)) == tuple(line["score"][level] for level in ("hard", "medium", "soft"))
    assert all(at[talk["Code"]][0] in scorer.choices(talk)[0] and at[talk["Code"]][1] in scorer.choices(talk)[1]
               for talk in scorer.talks)
    assert all(line["score"][level] <= line["bound"][level] for level in line["score"])
