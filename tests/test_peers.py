"""The common instance of the peers: its generator and scorer, igfsched and the plain model on it, side by side."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import common
import compare_peers
import pytest
from peers import igfsched_peer, igfsched_program, instance, plain_cpsat, scorer

from igfsched import Planner, audit

SHARED = Path(__file__).parents[2] / "shared" / "peers" / "instances"
SMALL = {"sessions": 24, "days": 3, "rooms": 4, "cap": 3, "speakers": 50, "tracks": 6}


@pytest.fixture(scope="module")
def small():
    return instance.generate(**SMALL)


@pytest.fixture(scope="module")
def base(small):
    """The best solution of the small instance."""
    return common.solved(small, seconds=20, workers=1)[1]


def files(folder: Path, **contents: object) -> list[str]:
    """Write JSON files, and return their paths."""
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return [str(folder / f"{name}.json") for name in contents]


def told(capsys) -> dict:
    (line,) = capsys.readouterr().out.splitlines()
    return json.loads(line)


def test_the_scorer_counts_what_is_broken(small, base):
    """Each kind of fault is counted by itself; without one a solution costs what its speakers' hours cost."""
    good = scorer.score(small, base)
    assert good["hard"] == 0
    price = scorer.costs(small)
    assert good["discomfort"] == sum(price[id][slot] for id, (slot, _) in base.items())
    assert scorer.score(small, {id: place for id, place in base.items() if id})["unassigned"] == 1
    everything_now = scorer.score(small, dict.fromkeys(base, (0, 0)), base)
    assert everything_now["cap"] == 24 - 3
    assert everything_now["room"] == 23
    assert everything_now["track"] == 24 - 6
    assert everything_now["moved"] == sum(slot != 0 for slot, _ in base.values())
    away = next((k, slot) for k in small["speakers"] for slot in k["unavailable"])
    session = next(s["id"] for s in small["sessions"] if away[0]["id"] in s["speakers"])
    assert scorer.score(small, {**base, session: (away[1], base[session][1])})["unavailable"] >= 1
    narrow = next(s["id"] for s in small["sessions"] if len(s["rooms"]) < 4)
    assert scorer.score(small, {**base, narrow: (base[narrow][0], 3)})["room_type"] == 1


def test_scorer_and_audit_agree(small, base):
    """The audit of the programme finds a solution valid, and its comfort is the discomfort in minutes."""
    programme = igfsched_peer.programme_of(small)
    found = audit(programme, igfsched_peer.schedule_of(small, base))
    assert found.valid
    assert found.score[1] == 60 * scorer.score(small, base)["discomfort"]
    assert igfsched_peer.solution_of(small, igfsched_peer.schedule_of(small, base)) == base
    elsewhere = {**base, 0: (base[1][0], base[1][1])}
    assert not audit(programme, igfsched_peer.schedule_of(small, elsewhere)).valid


def test_cold_and_repaired_are_what_the_plain_model_proves(small, base, tmp_path, capsys):
    """Optimum and fewest moves of igfsched, by both of its programs, are those of the plain model, all proven."""
    (path, base_path) = files(tmp_path, cold=small, base={str(id): place for id, place in base.items()})
    plain_cpsat.main([path, "--seconds", "20", "--out", str(tmp_path / "plain.json")])
    plain = told(capsys)
    assert plain["proven"]
    assert scorer.score(small, scorer.read_solution(tmp_path / "plain.json")) == {
        **scorer.score(small, base), "max_speaker": pytest.approx(0, abs=99)}
    igfsched_program.main([path, "--seconds", "20"])
    own = told(capsys)
    assert own["proven"]
    assert own["log"][-1][2] == plain["log"][-1][2] == scorer.score(small, base)["discomfort"]
    for number in (1, 6):
        subject, lost = instance.changed(small, base, number)
        assert len(lost) == number
        (changed_path,) = files(tmp_path, changed=subject)
        plain_cpsat.main([changed_path, "--base", base_path, "--seconds", "20"])
        plain = told(capsys)
        assert plain["proven"]
        igfsched_program.main([changed_path, "--base", base_path, "--seconds", "20"])
        own = told(capsys)
        assert own["proven"]
        common.main([changed_path, "--base", base_path, "--seconds", "20", "--repeats", "1", "--out",
                     str(tmp_path / "repaired.json")])
        line = told(capsys)
        assert line["proven"]
        assert line["valid"]
        assert line["moves"] == own["log"][-1][1] == plain["log"][-1][1] == line["checked"]["moved"]
        assert line["checked"]["hard"] == 0
        assert line["checked"] == scorer.score(subject, scorer.read_solution(tmp_path / "repaired.json"), base)


@pytest.mark.parametrize("seed", range(6))
def test_many_at_once_with_one_more(seed):
    """In full programmes the fewest moves of many losses are the plain model's, with one session more or without."""
    full = instance.generate(sessions=46, days=4, slots=4, rooms=4, cap=3, speakers=70, tracks=9, seed=seed)
    solution = common.solved(full, seconds=20, workers=1)[1]
    subject, lost = instance.changed(full, solution, 6)
    programme, changes = igfsched_peer.changes_since(subject, solution, igfsched_peer.programme_of(subject))
    planner = Planner(programme, igfsched_peer.schedule_of(subject, solution))
    repair = planner.apply(*changes, seconds=60, workers=1)
    from peers.running import Log, Question

    question = Question(instance=subject, base=dict(solution), seconds=60, workers=1, seed=1, out=None)
    log = Log()
    plain = plain_cpsat.solve(question, log)
    assert plain[1]["proven"]
    assert repair.proof.moves
    assert len(repair.moves) == log.reached[-1][1] >= len(lost)
    alone = planner.apply(*changes, seconds=60, workers=1, solver=False)
    assert not alone.proof.moves or len(alone.moves) == len(repair.moves)


def test_a_line_of_json_says_it_all(small, tmp_path, capsys):
    """`common.py` prints one line with every figure; a file that is no instance is a usage error."""
    (path,) = files(tmp_path, small=small)
    common.main([path, "--seconds", "10", "--workers", "1"])
    found = told(capsys)
    assert set(found) >= {"instance", "score", "bound", "gap", "proven", "first_valid_s", "best_s", "peak_memory_mb"}
    assert found["proven"]
    assert found["gap"] == 0
    assert found["score"] == found["bound"] == {"unplaced": 0, "comfort": found["checked"]["discomfort"]}
    assert 0 < found["programme_s"] < found["first_valid_s"] <= found["best_s"] <= found["seconds"]
    with pytest.raises(SystemExit):
        common.main(files(tmp_path, nothing={"slots": []}))
    assert "is not an instance" in capsys.readouterr().err


def test_side_by_side(small, base, tmp_path, capsys):
    """One command runs the peers that are there, on one core each, scores them, and says who is missing."""
    (path, base_path) = files(tmp_path, small=small, base={str(id): place for id, place in base.items()})
    absent = ["conference-scheduler"] if find_spec("conference_scheduler") is None else []
    compare_peers.main([path, "--base", base_path, "--seconds", "5", "--questions", "cold", "one", "--peers",
                        "igfsched", "plain-cp-sat", *absent, "--out", str(tmp_path / "out")])
    found = json.loads((tmp_path / "out.json").read_text())
    assert [(result["question"], result["peer"]) for result in found["results"]] == [
        (question, peer) for question in ("cold", "one") for peer in ("igfsched", "plain-cp-sat")]
    assert all(result["checked"]["hard"] == 0 and result["proven"] for result in found["results"])
    assert len({result["checked"].get("moved") for result in found["results"] if result["question"] == "one"}) == 1
    text = (tmp_path / "out.md").read_text()
    assert "## Cold" in text
    assert "## 1 change\n" in text
    if absent:
        assert "conference-scheduler: not installed" in text


def test_a_peer_that_fails_is_told(tmp_path):
    """Of a process that ends without a line its last words are kept."""
    broken = compare_peers.Peer("igfsched", "peers.igfsched_program")
    found = compare_peers.asked(broken, sys.executable, [str(tmp_path / "none.json")], 1, 1.0)
    assert "No such file" in found["error"]


def test_the_instance_program(small, base, tmp_path):
    """The generator writes what `generate` returns, and changes of it; what cannot be planted is a usage error."""
    run = [sys.executable, "-m", "peers.instance"]
    benchmarks = Path(common.__file__).parent
    options = [f"--{name}={value}" for name, value in SMALL.items()]
    subprocess.run([*run, str(tmp_path / "new.json"), *options], cwd=benchmarks, check=True, capture_output=True)
    assert scorer.read_instance(tmp_path / "new.json") == small
    (base_path,) = files(tmp_path, base={str(id): place for id, place in base.items()})
    instance.main([str(tmp_path / "changed.json"), "--of", str(tmp_path / "new.json"), "--base", base_path,
                   "--changes", "2"])
    assert scorer.read_instance(tmp_path / "changed.json") == instance.changed(small, base, 2)[0]
    with pytest.raises(SystemExit):
        instance.main([str(tmp_path / "full.json"), "--sessions", "300", "--days", "3"])


@pytest.mark.skipif(not SHARED.exists(), reason="the shared instances are not there")
@pytest.mark.parametrize(("name", "moves"), [("main.chg1", 1), ("tight280.chg1", 1), ("tight286.chg1", 2),
                                             ("main.chg10", 10), ("tight280.chg10", 10)])
def test_repairs_of_full_size_are_proven_without_cp_sat(name, moves):
    """On the full-size instances the bounded search alone proves the fewest moves."""
    subject = scorer.read_instance(SHARED / f"{name}.json")
    solution = scorer.read_solution(SHARED / f"{name}.base4.json")
    programme, changes = igfsched_peer.changes_since(subject, solution, igfsched_peer.programme_of(subject))
    planner = Planner(programme, igfsched_peer.schedule_of(subject, solution))
    repair = planner.apply(*changes, seconds=60, solver=False)
    assert repair.proof.moves
    assert len(repair.moves) == moves
    found = scorer.score(subject, igfsched_peer.solution_of(subject, repair.schedule), solution)
    assert (found["hard"], found["moved"]) == (0, moves)
