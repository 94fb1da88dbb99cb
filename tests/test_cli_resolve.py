"""The command line when something changes: `igfsched resolve` and `igfsched suggest`."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from test_cli import DAY, GOOD, Cli, at, cli, event  # noqa: F401

from igfsched import Placement, Schedule, Session, read_programme, read_schedule, write_programme, write_schedule
from igfsched.changes import (
    Change,
    PersonUnavailable,
    SessionAdded,
    SessionMoved,
    SessionResized,
)
from igfsched.grid import Span
from igfsched.io import changes_to_dict, write_changes
from igfsched.planner import Planner
from igfsched.rules import Placed

BUSY = PersonUnavailable(person="p2", spans=[Span(f"{DAY}T14:00Z", f"{DAY}T14:30Z")])
ADDED = SessionAdded(session=Session(id="c", duration=60, people=["p1"]))
LONG = SessionResized(session="c", duration=120)
CLASH = [SessionMoved(session="a", start=f"{DAY}T14:00Z"), SessionMoved(session="b", start=f"{DAY}T14:30Z",
                                                                         rooms=["r2"])]
TOO_LONG = SessionAdded(session=Session(id="d", duration=660, people=["p1"]))
NEVER = PersonUnavailable(person="p1", spans=[Span(f"{DAY}T00:00Z", f"{DAY}T23:00Z")])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a programme, a good schedule, and a file of two changes."""
    write_programme(event(), tmp_path / "programme.json")
    write_schedule(GOOD, tmp_path / "good.json")
    write_changes([BUSY, ADDED], tmp_path / "changes.json")
    return tmp_path


@pytest.fixture
def run(cli: Cli, folder: Path) -> Cli:  # noqa: F811
    """Run a command on the programme and the schedule of the folder."""

    def call(command: str, *args: object, stdin: str = "") -> tuple[int, str, str]:
        return cli(command, folder / "programme.json", folder / "good.json", *args, stdin=stdin)

    return call


def changes_file(folder: Path, *changes: Change) -> Path:
    write_changes(changes, folder / "other.json")
    return folder / "other.json"


class TestResolve:
    def test_repairs_and_writes(self, run: Cli, cli: Cli, folder: Path) -> None:  # noqa: F811
        """The repair is told with its proof and the audit; schedule, programme and history are written, and fit."""
        code, out, err = run("resolve", folder / "changes.json", "--out", folder / "new.csv", "--out-programme",
                             folder / "new.json", "--history", folder / "history.json")
        assert (code, err) == (0, "")
        assert "a moves from 2020-11-09T14:00Z to" in out
        assert "c is added" in out
        assert "proven: fewest moves, then the best score" in out
        assert "valid: no hard rule is violated" in out
        assert cli("check", folder / "new.json", folder / "new.csv")[0] == 0
        planner = Planner.load(folder / "history.json")
        assert planner.programme == read_programme(folder / "new.json")
        assert len(planner.history.steps) == 1
        assert (planner.undo(), planner.schedule) == (True, GOOD)

    def test_each_change_in_turn(self, run: Cli, folder: Path) -> None:
        """With --each every change is a repair and a step of its own."""
        code, out, _ = run("resolve", folder / "changes.json", "--each", "--history", folder / "history.json")
        assert code == 0
        assert out.count("proven: fewest moves") == 2
        assert len(Planner.load(folder / "history.json").history.steps) == 2

    def test_json(self, run: Cli, folder: Path) -> None:
        """--json gives every repair, whom to tell, and the schedule, as one value."""
        code, out, err = run("resolve", folder / "changes.json", "--each", "--json")
        values = json.loads(out)
        assert (code, err) == (0, "")
        assert values["format"] == "igfsched-repairs/1"
        assert [repair["status"] for repair in values["repairs"]] == ["repaired", "repaired"]
        first = values["repairs"][0]
        assert first["changes"] == changes_to_dict([BUSY])["changes"]
        assert first["moves"][0]["before"] == "2020-11-09T14:00Z"
        assert first["proof"]["moves"] is True
        assert {notice["person"] for notice in first["notices"]} == {"p1", "p2"}
        assert len(values["schedule"]["placements"]) == 3
        assert values["valid"] is True

    def test_standard_input_and_output(self, run: Cli, folder: Path) -> None:
        """Changes may come from standard input, and the schedule go to standard output; the words then go aside."""
        text = json.dumps(changes_to_dict([BUSY]))
        code, out, err = run("resolve", "-", "--out", "-", stdin=text)
        assert code == 0
        assert json.loads(out)["format"] == "igfsched-schedule"
        assert "moved" in err

    def test_reference(self, run: Cli, folder: Path) -> None:
        """Moves are counted against the published schedule: to go back to it is free."""
        write_schedule(Schedule([at("a", "16:00"), at("b", "15:00")]), folder / "published.json")
        code, out, _ = run("resolve", folder / "changes.json", "--reference", folder / "published.json", "--out",
                           folder / "new.json")
        assert code == 0
        assert read_schedule(folder / "new.json").by_session["a"] == at("a", "16:00")
        assert "0 moved" in out

    def test_the_clock(self, run: Cli, folder: Path) -> None:
        """What begins within the freeze stays, so that a change it stands against leaves nothing to repair."""
        file = changes_file(folder, SessionAdded(session=Session(id="c", duration=60, fixed_start=f"{DAY}T14:00Z",
                                                                 people=["p1"])))
        assert run("resolve", file)[0] == 0
        assert run("resolve", file, "--now", f"{DAY}T13:00Z")[0] == 0
        code, out, _ = run("resolve", file, "--now", f"{DAY}T13:00Z", "--freeze", "120")
        assert code == 2
        assert "refused" in out

    def test_refused(self, run: Cli, folder: Path) -> None:
        """A session that cannot have a place: exit code 2, the reasons, and nothing is written."""
        target = folder / "new.json"
        target.write_text("mine")
        code, out, err = run("resolve", changes_file(folder, ADDED, NEVER), "--each", "--out", target, "--history",
                             folder / "history.json")
        assert code == 2
        assert "refused" in out
        assert "cannot start anywhere" in out
        assert "the first 1 of 2 changes were repaired; nothing is written" in err
        assert target.read_text() == "mine"
        assert not (folder / "history.json").exists()

    def test_partial(self, cli: Cli, folder: Path) -> None:  # noqa: F811
        """Where sessions may go without a place, one that has none is told by exit code 2, and all is written."""
        write_programme(event(rules=[Placed(level="soft")]), folder / "programme.json")
        code, out, _ = cli("resolve", folder / "programme.json", folder / "good.json",
                           changes_file(folder, TOO_LONG), "--out", folder / "new.json", "--json")
        assert code == 2
        assert json.loads(out)["repairs"][0]["status"] == "partial"
        assert len(read_schedule(folder / "new.json")) == 2

    def test_what_a_hand_breaks(self, run: Cli, folder: Path) -> None:
        """Moves by hand that break a rule are kept and told by exit code 2."""
        code, out, _ = run("resolve", changes_file(folder, *CLASH), "--out", folder / "new.json")
        assert code == 2
        assert "not valid: 1 hard finding" in out
        assert read_schedule(folder / "new.json").by_session["b"].start.minute == 30

    def test_nothing_found(self, run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a repair in the time the exit code is 3 and nothing is written."""
        stopped = threading.Event()
        stopped.set()
        monkeypatch.setattr("igfsched.commands.resolve.interruptibly", lambda work: work(stopped))
        code, out, err = run("resolve", changes_file(folder, BUSY), "--out", folder / "new.json")
        assert (code, err) == (3, "")
        assert "no repair found in the time" in out
        assert not (folder / "new.json").exists()
        assert run("resolve", folder / "other.json", "--json")[0] == 3

    def test_a_change_that_makes_no_sense(self, run: Cli, folder: Path) -> None:
        """It is wrong input, told with its place in the file."""
        for each in ([], ["--each"]):
            code, out, err = run("resolve", changes_file(folder, BUSY, LONG), *each)
            assert (code, out) == (1, "")
            assert "$.changes[1].session: there is no session 'c'" in err
            assert str(folder / "other.json") in err

    def test_the_changed_files_may_take_the_place_of_the_old(self, run: Cli, folder: Path) -> None:
        """Schedule and programme may be written over what they were made from."""
        code, _, err = run("resolve", folder / "changes.json", "--out", folder / "good.json", "--out-programme",
                           folder / "programme.json")
        assert (code, err) == (0, "")
        assert len(read_schedule(folder / "good.json")) == 3

    @pytest.mark.parametrize(("args", "words"), [
        (["--freeze", "30"], "--freeze counts from --now"),
        (["--out", "programme.json"], "this is the programme, which --out would take the place of"),
        (["--history", "good.json"], "this is the schedule"),
        (["--out-programme", "changes.json"], "this is the changes"),
        (["--out", "x.json", "--history", "x.json"], "would be one file"),
        (["--out", "-", "--json"], "want standard output"),
        (["--out", "-", "--history", "-"], "want standard output"),
        (["--history", "x.csv"], "has to end in .json"),
        (["--now", "soon"], "'soon' is not an instant"),
        (["--price", "0"], "is not a whole number from 1"),
        (["--reference", "missing.json"], "there is no such file"),
    ])
    def test_wrong_usage(
        self, run: Cli, folder: Path, args: list[str], words: str, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """What cannot be meant is refused before anything is done."""
        monkeypatch.chdir(folder)
        code, out, err = run("resolve", "changes.json", *args)
        assert (code, out) == (1, "")
        assert words in err


class TestSuggest:
    def test_the_best_repairs(self, run: Cli, folder: Path) -> None:
        """With a file of changes the best repairs are told, the best first."""
        code, out, err = run("suggest", changes_file(folder, BUSY), "--number", 3)
        assert (code, err) == (0, "")
        assert out.startswith("[1] p2 is not available")
        assert "[3] " in out
        assert "[4] " not in out

    def test_repairs_as_json(self, run: Cli, folder: Path) -> None:
        """As JSON they are all there, and distinct."""
        code, out, _ = run("suggest", changes_file(folder, BUSY), "--json")
        repairs = json.loads(out)["repairs"]
        assert code == 0
        assert 1 < len(repairs) <= 5
        assert len({json.dumps(repair["moves"]) for repair in repairs}) == len(repairs)

    def test_places(self, run: Cli) -> None:
        """With --session its places are told, at most so many."""
        code, out, err = run("suggest", "--session", "b", "--number", "2")
        assert (code, err) == (0, "")
        head, *lines = out.splitlines()
        assert head.endswith("of which the first 2:")
        assert len(lines) == 2
        assert all("free" in line for line in lines)

    def test_places_as_json(self, run: Cli) -> None:
        """As JSON each place has its start and what it costs."""
        code, out, _ = run("suggest", "--session", "b", "--json")
        values = json.loads(out)
        assert code == 0
        assert len(values["places"]) == 20 <= values["all"]
        assert values["places"][0]["start"].startswith(DAY)
        assert isinstance(values["places"][0]["cost"], list)

    def test_what_a_place_takes(self, run: Cli) -> None:
        """With --at it is told what has to move so that the session is there."""
        code, out, _ = run("suggest", "--session", "b", "--at", f"{DAY}T14:00Z")
        assert code == 0
        assert "b is moved by hand to 2020-11-09T14:00Z" in out
        assert "a moves from 2020-11-09T14:00Z" in out
        assert json.loads(run("suggest", "--session", "b", "--at", f"{DAY}T14:00Z", "--json")[1])["repairs"]

    def test_what_cannot_be(self, run: Cli, folder: Path) -> None:
        """If nothing can be done the exit code is 2."""
        code, out, _ = run("suggest", changes_file(folder, NEVER))
        assert code == 2
        assert "refused" in out

    @pytest.mark.parametrize(("args", "words"), [
        ([], "CHANGES, or --session ID"),
        (["changes.json", "--session", "b"], "CHANGES, or --session ID"),
        (["changes.json", "--at", f"{DAY}T14:00Z"], "--at says where --session is to be"),
        (["--session", "b", "--at", f"{DAY}T14:00Z", "--number", "2"], "--number has no meaning"),
        (["--session", "bb"], "there is no session 'bb'"),
        (["--session", "b", "--at", "noon"], "'noon' is not an instant"),
    ])
    def test_wrong_usage(
        self, run: Cli, folder: Path, args: list[str], words: str, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """What cannot be meant is refused, and a name that does not exist is wrong input."""
        monkeypatch.chdir(folder)
        code, out, err = run("suggest", *args)
        assert (code, out) == (1, "")
        assert words in err


def test_the_number_of_places_may_be_small(cli: Cli, tmp_path: Path) -> None:  # noqa: F811
    """A session that has one place only is told so, without a number that was left out."""
    one: Any = Session(id="a", duration=60, fixed_start=f"{DAY}T14:00Z")
    write_programme(event(sessions=[one]), tmp_path / "programme.json")
    write_schedule(Schedule([Placement(session="a", start=f"{DAY}T14:00Z", duration=60, rooms="r1")]),
                   tmp_path / "schedule.json")
    code, out, _ = cli("suggest", tmp_path / "programme.json", tmp_path / "schedule.json", "--session", "a")
    assert code == 0
    assert out.startswith("a could be at 1 place:")
