"""The programs around the benchmarks: suites, comparisons, growth with size, and fair conferences."""

from __future__ import annotations

import csv
import json
from fractions import Fraction

import fairconf
import numpy as np
import plots
import pytest
import run
import scale

from igfsched import Planner, audit

# -- suites ------------------------------------------------------------------------------------------


def test_a_suite_is_run_and_told(tmp_path, capsys):
    """Jobs are run with the files that others make, their lines are kept, and the table has a row for each."""
    assert run.main(["smoke", "--only", "fair", "--out", str(tmp_path / "out" / "smoke")]) == 0
    found = json.loads((tmp_path / "out" / "smoke.json").read_text())
    (job,) = found["jobs"]
    assert job["name"] == "fair conference"
    assert job["result"]["proven"]
    assert found["versions"]["igfsched"]
    text = (tmp_path / "out" / "smoke.md").read_text()
    assert "| fair conference |" in text
    assert run.compared(found, found)[1] is False
    assert "nothing differs" in run.compared(found, found)[0]


def test_every_program_of_a_suite_is_there_or_told(monkeypatch, tmp_path):
    """Suites name programs of the folder; one that is not there is left out, and the table says so."""
    for jobs in run.SUITES.values():
        for job in jobs:
            assert run.command(job, str(tmp_path)) is not None or job.program in ("cosplib.py", "optaplanner.py")
    monkeypatch.setitem(run.SUITES, "smoke", (run.Job("nothing", "none.py", ""),))
    assert "none.py is not there" in run.table(run.run("smoke"))


def test_a_job_that_fails_is_told(monkeypatch, capsys):
    """The last words of a job that ends otherwise are kept, and the exit code is 1; so is one that takes too long."""
    monkeypatch.setitem(run.SUITES, "smoke", (run.Job("fails", "common.py", "none.json"),))
    assert run.main(["smoke"]) == 1
    assert "No such file" in capsys.readouterr().out
    monkeypatch.setitem(run.SUITES, "smoke", (run.Job("slow", "common.py", "none.json"),))
    assert run.run("smoke", seconds=0.01)["jobs"][0]["error"].startswith("stopped")


def result(**jobs: dict) -> dict:
    return {"suite": "main", "when": "2026-11-02T00:00Z",
            "jobs": [{"name": name, "wall_s": 1.0, "result": figures} for name, figures in jobs.items()]}


def test_comparisons(tmp_path, capsys):
    """Small differences of times are noise; worse scores, gaps and proofs are worse; more in a file is told."""
    before = result(a={"seconds": 1.0, "score": {"0": 0, "1": 5}, "gap": 0.0, "proven": True}, b={"objective": 0.5})
    after = result(a={"seconds": 1.2, "score": {"0": 0, "1": 7}, "gap": 0.1, "proven": False}, c={})
    text, worse = run.compared(before, after)
    assert worse
    assert "seconds" not in text
    assert "| a | score | 0: 0, 1: 5 | 0: 0, 1: 7 | worse |" in text
    assert "| a | proven | True | False | worse |" in text
    assert text.count("in one file only") == 2
    text, worse = run.compared(after, before)
    assert not worse
    assert "better" in text
    slower = result(a={"seconds": 3.0, "score": {"0": 0, "1": 5}, "gap": 0.0, "proven": True}, b={"objective": 0.4})
    text, worse = run.compared(before, slower)
    assert worse
    assert "| a | seconds | 1 | 3 | worse x 3.00 |" in text
    assert "| b | objective | 0.5 | 0.4 | worse |" in text
    for name, content in (("before", before), ("after", after)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    assert run.main(["--compare", str(tmp_path / "before.json"), str(tmp_path / "after.json")]) == 1
    assert "# main" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        run.main(["--compare", str(tmp_path / "before.json"), str(tmp_path / "none.json")])


def test_the_list_names_every_suite(capsys):
    """`--list` names the suites, and no suite at all is a usage error."""
    assert run.main(["--list"]) == 0
    listed = capsys.readouterr().out
    assert all(f"{name}: " in listed for name in run.SUITES)
    with pytest.raises(SystemExit):
        run.main([])


# -- scale -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sizes():
    """What two sizes take, solved for a moment, and a third that failed."""
    found = [scale.measured(size, fill=0.5, seed=1, seconds=2, times=[1, 60], repairs=4, workers=1)
             for size in (20, 30)]
    return {"sizes": [*found, {"sessions": 40, "error": "stopped"}], "exponents": scale.exponents(found)}


def test_one_size(sizes):
    """A size has every figure; gaps are told for the times within the limit alone."""
    one = sizes["sizes"][0]
    assert one["sessions"] == 20
    assert set(one["gap_at"]) == {"1"}
    assert one["first_valid_s"] is None or one["first_valid_s"] <= one["seconds"]
    assert one["peak_memory_mb"] is None or one["peak_memory_mb"] > 10
    if one["first_valid_s"] is not None:
        assert one["repair_ms"] <= one["repair_p95_ms"]
        assert 0 <= one["repairs_proven"] <= 4


def test_absences_are_of_people_who_are_there():
    """Each absence names a session's time and somebody whom it requires, so that the base is broken by it."""
    programme, planted = scale.generate(20, 0.5, 1)
    for change in scale.absences(programme, planted, 3, 0):
        broken = Planner(programme, planted).apply(change, solver=False).programme
        assert not audit(broken, planted).valid


def test_exponents_are_slopes():
    """Seconds that grow with the square of the size have exponent 2; two sizes have none."""
    grown = [{"sessions": n, "seconds": 0.001 * n * n, "first_valid_s": None} for n in (10, 20, 40, 80)]
    assert scale.exponents(grown)["seconds"] == pytest.approx(2)
    assert scale.exponents(grown)["first_valid_s"] is None
    assert scale.exponents(grown[:2])["seconds"] is None


def test_the_table_and_the_picture(sizes, tmp_path):
    """Every size has a row, also one that failed; with matplotlib there is a picture."""
    text = scale.table(sizes)
    assert [line.split("|")[1].strip() for line in text.splitlines()[2:5]] == ["20", "30", "40"]
    assert "stopped" in text
    pytest.importorskip("matplotlib")
    assert plots.plot_scale(sizes, str(tmp_path / "scale.png"))
    assert plots.plot_suite([result(a={"gap": 0.1}), result(a={})], str(tmp_path / "suite.png"))
    assert (tmp_path / "scale.png").stat().st_size > 1000
    assert not plots.plot_suite([{"jobs": []}], str(tmp_path / "none.png"))


# -- fair conferences --------------------------------------------------------------------------------


def test_measures_by_hand():
    """Two people, two talks, three slots: gains, bests, crowds and spreads as the paper defines them."""
    event = fairconf.Event(
        interest=np.array([[1.0, 0.5], [0.0, 1.0]]), ease=np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 1.0]]),
        talks=("a", "b"), slots=("x", "y", "z"))
    found = fairconf.measured(event, [0, 2])
    assert found.efficiency == pytest.approx((1 + 0.25 + 1) / 4)
    assert found.participants == pytest.approx([1.25 / (1 * 1 + 0.5 * 0.5), 1.0])
    assert found.speakers == pytest.approx([1.0, 1.25 / 1.25])
    assert found.objective(Fraction(1, 2), Fraction(1)) == pytest.approx(2.25 / 4)
    worse = fairconf.measured(event, [1, 0])
    assert worse.participants == pytest.approx([0.5 / 1.25, 0.0])
    assert fairconf.gini(np.array([0.0, 1.0])) == pytest.approx(0.5)
    assert fairconf.gini(np.array([2.0, 2.0])) == 0


@pytest.mark.parametrize(("lambda1", "lambda2"), [("0.5", "0.5"), ("0", "0.05"), ("1/3", "0")])
def test_fair_conference(lambda1, lambda2, tmp_path, capsys):
    """What is printed is what the tables and the written schedule say, and no schedule is better."""
    fairconf.main(["--draw", str(tmp_path), "--participants", "6", "--talks", "4", "--slots", "6", "--seed", "3"])
    tables = [str(tmp_path / "interest.csv"), str(tmp_path / "availability.csv")]
    fairconf.main([*tables, "--lambda1", lambda1, "--lambda2", lambda2, "--seconds", "20", "--out",
                   str(tmp_path / "schedule.csv")])
    found = json.loads(capsys.readouterr().out)
    assert found["proven"]
    assert found["exact"]
    event = fairconf.read_event(*tables)
    with (tmp_path / "schedule.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["talk"] for row in rows] == list(event.talks)
    slots = [event.slots.index(row["slot"]) for row in rows]
    weights = Fraction(lambda1), Fraction(lambda2)
    assert found["objective"] == pytest.approx(fairconf.measured(event, slots).objective(*weights), abs=1e-6)
    from itertools import permutations

    best = max(fairconf.measured(event, other).objective(*weights) for other in permutations(range(6), 4))
    assert found["objective"] == pytest.approx(best, abs=3e-6)
    assert best <= found["bound"] + 1e-9


def test_tables_with_and_without_names(tmp_path, capsys):
    """Names may stand at the top and at the left, or nowhere; what is no table of numbers from 0 to 1 is told."""
    named, bare = tmp_path / "named.csv", tmp_path / "bare.csv"
    named.write_text("participant,a,b\nAna,1,0\nBao,0.25,1\n")
    bare.write_text("1,0\n0.25,1\n")
    numbers, names = fairconf.read_table(str(named), "talk")
    assert names == ("a", "b")
    others, made = fairconf.read_table(str(bare), "talk")
    assert made == ("talk 1", "talk 2")
    assert (numbers == others).all()
    for text, message in (("1,2\n", "row 1: expected 2 numbers from 0 to 1"), ("1,0\n1\n", "row 2"), ("", "no numbers"),
                          ("x,a,a\ny,1,0\n", "a name of its own")):
        bare.write_text(text)
        with pytest.raises(SystemExit):
            fairconf.main([str(bare), str(named)])
        assert message in capsys.readouterr().err
    bare.write_text("1,0\n")
    for arguments in ([str(bare), str(named)], [str(named)], [str(named), str(named), "--lambda1", "-1"]):
        with pytest.raises(SystemExit):
            fairconf.main(arguments)
