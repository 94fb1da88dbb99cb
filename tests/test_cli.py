"""The command line: what it prints where, its exit codes, and that it leaves no mess."""

from __future__ import annotations

import importlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from igfsched import (
    Person,
    Placement,
    Programme,
    Progress,
    Record,
    Result,
    Room,
    Schedule,
    Session,
    TierScore,
    Window,
    audit,
    read_programme,
    read_schedule,
    write_programme,
    write_schedule,
)
from igfsched.cli import main
from igfsched.errors import Reason
from igfsched.io import dumps
from igfsched.rules import Placed

DAY = "2020-11-09"
Cli = Callable[..., tuple[int, str, str]]


def event(**changes: Any) -> Programme:
    values: dict[str, Any] = {
        "title": "An event",
        "window": Window.daily(DAY, DAY, "08:00", "20:00"),
        "rooms": [Room(id="r1"), Room(id="r2")],
        "people": [Person(id="p1", zone="America/New_York"), Person(id="p2", zone="Asia/Kolkata")],
        "sessions": [Session(id="a", duration=60, people=["p1", "p2"]), Session(id="b", duration=60, people=["p1"])],
    } | changes
    return Programme(**values)


def at(session: str, clock: str, room: str = "r1") -> Placement:
    return Placement(session=session, start=f"{DAY}T{clock}Z", duration=60, rooms=room)


GOOD = Schedule([at("a", "14:00"), at("b", "15:00")])
CLASH = Schedule([at("a", "14:00"), at("b", "14:30", "r2")])


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run the command line in this process: exit code, standard output, standard error."""

    def run(*args: object, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        try:
            code = main([str(arg) for arg in args])
        except SystemExit as error:
            code = int(error.code or 0)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a programme, a good schedule and one with a clash."""
    write_programme(event(), tmp_path / "programme.json")
    write_schedule(GOOD, tmp_path / "good.json")
    write_schedule(CLASH, tmp_path / "clash.json")
    return tmp_path


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replace the engine: the given result comes back, and what it was asked is kept in `asked`."""

    def replace(result: Result | Exception, **asked: Any) -> None:
        def solve(programme: Programme, **options: Any) -> Result:
            replace.asked = {"programme": programme, **options}  # type: ignore[attr-defined]
            if options["listener"] is not None:
                options["listener"](Progress(seconds=2.0, phase="improving [1]", tier=1, score=10, bound=5, gap=0.5))
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(importlib.import_module("igfsched.engine"), "solve", solve, raising=False)

    return replace


def solved(schedule: Schedule | None = GOOD, status: str = "optimal", **rest: Any) -> Result:
    programme = rest.pop("programme", event())
    return Result(schedule=schedule, status=status, score=[TierScore(tier=1, score=0, bound=0)],  # type: ignore[arg-type]
                  audit=None if schedule is None else audit(programme, schedule), record=Record.of(programme), **rest)


class TestCheck:
    def test_good(self, cli: Cli, folder: Path) -> None:
        """A valid schedule: exit code 0, the verdict and the score."""
        code, out, err = cli("check", folder / "programme.json", folder / "good.json")
        assert (code, err) == (0, "")
        assert "valid: no hard rule is violated" in out
        assert "comfort" in out

    def test_clash(self, cli: Cli, folder: Path) -> None:
        """A hard finding: exit code 2, the finding in UTC and in the person's own time."""
        code, out, err = cli("check", folder / "programme.json", folder / "clash.json")
        assert (code, err) == (2, "")
        assert "p1 is needed in a and b at the same time for 30 minutes" in out
        assert "14:30 UTC" in out
        assert "09:30 America/New_York" in out

    def test_json(self, cli: Cli, folder: Path) -> None:
        """With --json the whole report is one JSON value."""
        code, out, _ = cli("check", folder / "programme.json", folder / "clash.json", "--json")
        values = json.loads(out)
        assert code == 2
        assert values["format"] == "igfsched-report/1"
        assert not values["valid"]

    def test_stdin(self, cli: Cli, folder: Path) -> None:
        """Either of the two may come from standard input, not both."""
        assert cli("check", "-", folder / "good.json", stdin=dumps(event()))[0] == 0
        assert cli("check", folder / "programme.json", "-", stdin=dumps(CLASH))[0] == 2
        code, out, err = cli("check", "-", "-", stdin=dumps(event()))
        assert (code, out) == (1, "")
        assert "only one of PROGRAMME and SCHEDULE" in err

    def test_wrong_schedule(self, cli: Cli, folder: Path) -> None:
        """A schedule of another event is wrong input, with the nearest names."""
        write_schedule(Schedule([at("a1", "14:00")]), folder / "other.json")
        code, out, err = cli("check", folder / "programme.json", folder / "other.json")
        assert (code, out) == (1, "")
        assert "'a1' is not one of the programme's sessions" in err


class TestReport:
    def test_text(self, cli: Cli, folder: Path) -> None:
        """The report tells burdens as well."""
        code, out, _ = cli("report", folder / "programme.json", folder / "good.json")
        assert code == 0
        assert "Burden by region" in out

    def test_json(self, cli: Cli, folder: Path) -> None:
        """As JSON it holds everything, and the exit code speaks of hard findings."""
        code, out, _ = cli("report", folder / "programme.json", folder / "clash.json", "--json")
        assert code == 2
        assert {"rules", "burden", "findings", "score"} <= set(json.loads(out))


class TestSolve:
    def test_solves(self, cli: Cli, folder: Path) -> None:
        """A tiny programme is solved, told, written, and found valid by check; a pipe sees no progress."""
        code, out, err = cli("solve", folder / "programme.json", "--seconds", 20, "--workers", 1, "--out",
                             folder / "schedule.json")
        assert (code, err) == (0, "")
        assert "optimal" in out
        assert len(read_schedule(folder / "schedule.json")) == 2
        assert cli("check", folder / "programme.json", folder / "schedule.json")[0] == 0

    def test_options_arrive(self, cli: Cli, folder: Path, engine: Any) -> None:
        """Limits, workers, seed and the deterministic mode reach the engine."""
        engine(solved())
        code, _, _ = cli("solve", folder / "programme.json", "--seconds", "2.5", "--workers", 3, "--seed", 9,
                         "--deterministic")
        assert code == 0
        asked = engine.asked
        assert asked["programme"] == event()
        assert [asked[name] for name in ("seconds", "workers", "seed", "deterministic")] == [2.5, 3, 9, True]
        assert asked["listener"] is None
        assert isinstance(asked["cancel"], threading.Event)

    def test_without_out_the_schedule_is_shown(self, cli: Cli, folder: Path, engine: Any) -> None:
        """Without --out the timetable follows the report."""
        engine(solved())
        _, out, _ = cli("solve", folder / "programme.json")
        assert f"{DAY}T14:00Z  {DAY}T15:00Z  a" in out

    def test_json(self, cli: Cli, folder: Path, engine: Any) -> None:
        """--json gives status, record, report and the schedule."""
        engine(solved())
        code, out, err = cli("solve", "-", "--json", stdin=dumps(event()))
        values = json.loads(out)
        assert (code, err) == (0, "")
        assert values["status"] == "optimal"
        assert values["record"]["input_hash"].startswith("sha256:")
        assert len(values["schedule"]["placements"]) == 2

    def test_out_to_a_pipe(self, cli: Cli, folder: Path, engine: Any) -> None:
        """`--out -` gives the schedule alone on standard output, so that check can read it; the report goes aside."""
        engine(solved())
        code, out, err = cli("solve", folder / "programme.json", "--out", "-")
        assert code == 0
        assert "Score by rule" in err
        assert cli("check", folder / "programme.json", "-", stdin=out)[0] == 0
        assert cli("solve", folder / "programme.json", "--out", "-", "--json")[0] == 1

    @pytest.mark.parametrize(("result", "code"), [
        (solved(), 0),
        (solved(status="feasible"), 0),
        (solved(status="interrupted"), 0),
        (solved(Schedule([at("a", "14:00")]), "partial", programme=event(rules=[Placed(level="soft")])), 0),
        (solved(Schedule([at("a", "14:00")]), "partial"), 2),
        (solved(None, "infeasible", reasons=[Reason(rule="fixed_start", sentence="because")]), 2),
        (solved(None, "unknown"), 3),
        (solved(None, "interrupted"), 3),
    ], ids=lambda value: value.status if isinstance(value, Result) else str(value))
    def test_exit_codes(self, cli: Cli, folder: Path, engine: Any, result: Result, code: int) -> None:
        """0 if only soft penalties are left, 2 for hard findings and infeasible, 3 if nothing was found."""
        engine(result)
        found, out, err = cli("solve", folder / "programme.json")
        assert (found, err) == (code, "")
        assert all(reason.sentence in out for reason in result.reasons)

    def test_nothing_is_written_without_a_schedule(self, cli: Cli, folder: Path, engine: Any) -> None:
        """Without a schedule the file keeps what it held."""
        target = folder / "schedule.json"
        target.write_text("mine")
        engine(solved(None, "unknown"))
        assert cli("solve", folder / "programme.json", "--out", target)[0] == 3
        assert target.read_text() == "mine"

    def test_progress_on_a_terminal(
        self, cli: Cli, folder: Path, engine: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On a terminal the progress is shown, with rich or in plain lines without it."""
        engine(solved())
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        assert cli("solve", folder / "programme.json")[0] == 0
        monkeypatch.setitem(sys.modules, "rich.console", None)
        code, _, err = cli("solve", folder / "programme.json")
        assert code == 0
        assert "improving [1]" in err
        assert "gap 50.00%" in err

    def test_failures_of_the_engine_are_not_hidden(self, cli: Cli, folder: Path, engine: Any) -> None:
        """A fault in the engine is a fault, not a message: it reaches the caller's thread."""
        engine(RuntimeError("a bug"))
        with pytest.raises(RuntimeError, match="a bug"):
            cli("solve", folder / "programme.json")

    def test_ctrl_c_gives_the_best_so_far(
        self, cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Ctrl-C asks the engine to stop, and the schedule that it has is told and written."""

        def solve(programme: Programme, *, cancel: threading.Event, **_: Any) -> Result:
            os.kill(os.getpid(), signal.SIGINT)
            assert cancel.wait(30)
            return solved(status="interrupted")

        monkeypatch.setattr(importlib.import_module("igfsched.engine"), "solve", solve, raising=False)
        before = signal.getsignal(signal.SIGINT)
        code, out, err = cli("solve", folder / "programme.json", "--out", folder / "best.json")
        assert code == 0
        assert "interrupted: the best schedule so far" in out
        assert "stopping" in err
        assert read_schedule(folder / "best.json") == GOOD
        assert signal.getsignal(signal.SIGINT) == before


class TestFiles:
    def test_csv_schedules(self, cli: Cli, folder: Path) -> None:
        """A schedule may be written and read as CSV, by its ending."""
        code, _, _ = cli("solve", folder / "programme.json", "--seconds", 20, "--out", folder / "schedule.csv")
        assert code == 0
        assert (folder / "schedule.csv").read_text().startswith("session_id,")
        assert cli("check", folder / "programme.json", folder / "schedule.csv")[0] == 0

    def test_a_folder_of_tables(self, cli: Cli, tmp_path: Path) -> None:
        """A folder of CSV tables is a programme, and convert turns it into one file."""
        tables = tmp_path / "tables"
        tables.mkdir()
        (tables / "sessions.csv").write_text("id,duration\na,60\nb,60\n")
        (tables / "days.csv").write_text(f"date,opens,closes\n{DAY},08:00,20:00\n")
        (tables / "programme.csv").write_text("key,value\ntitle,An event\n")
        (tables / "rooms.csv").write_text("id\nr1\n")
        code, out, err = cli("convert", tables, tmp_path / "programme.json")
        assert (code, out, err) == (0, "", "")
        write_schedule(GOOD, tmp_path / "good.json")
        for programme in (tables, tmp_path / "programme.json"):
            assert cli("check", programme, tmp_path / "good.json")[0] == 0


class TestUsage:
    @pytest.mark.parametrize("args", [
        [], ["fly"], ["solve"], ["check", "x.json"], ["solve", "x.json", "--seconds", "0"],
        ["solve", "x.json", "--seconds", "nan"], ["solve", "x.json", "--seconds", "soon"],
        ["solve", "x.json", "--workers", "0"], ["solve", "x.json", "--seed", "-1"],
        ["solve", "x.json", "--speed", "9"], ["solve", "missing.json"], ["solve", "."],
    ], ids=" ".join)
    def test_wrong_usage(self, cli: Cli, args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Wrong usage: exit code 1 (not argparse's 2) and a message on standard error only."""
        monkeypatch.chdir(tmp_path)
        code, out, err = cli(*args)
        assert (code, out) == (1, "")
        assert err
        assert "Traceback" not in err

    @pytest.mark.parametrize("target", ["schedule.txt", "missing/schedule.json", "folder.json"])
    def test_a_target_that_cannot_be_is_refused_at_once(
        self, cli: Cli, folder: Path, engine: Any, target: str
    ) -> None:
        """A file that cannot be written is refused before the solve, not after it."""
        (folder / "folder.json").mkdir()
        engine(AssertionError("not to be called"))
        code, out, err = cli("solve", folder / "programme.json", "--out", folder / target)
        assert (code, out) == (1, "")
        assert target in err

    def test_the_programme_is_never_overwritten(self, cli: Cli, folder: Path, engine: Any) -> None:
        """A schedule is not written over the programme that it is made from, by whatever name that is called."""
        engine(AssertionError("not to be called"))
        programme = folder / "programme.json"
        before = programme.read_bytes()
        (folder / "link.json").symlink_to(programme)
        for target in (programme, folder / "link.json", folder / ".." / folder.name / "programme.json"):
            code, out, err = cli("solve", programme, "--out", target)
            assert (code, out) == (1, "")
            assert "programme" in err
        assert programme.read_bytes() == before

    def test_help_and_version(self, cli: Cli) -> None:
        """Help tells the exit codes, --version tells what a result depends on."""
        code, out, _ = cli("--help")
        assert code == 0
        assert "exit codes" in out
        code, out, _ = cli("--version")
        assert code == 0
        assert "ortools" in out


def start(*args: object, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "igfsched", *map(str, args)], text=True, **options)


def test_a_reader_that_leaves_is_no_failure(folder: Path) -> None:
    """When the reader of the pipe has gone there is no traceback, and the exit code says what it always does."""
    process = start("report", folder / "programme.json", folder / "clash.json", stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(60) == 2


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_ctrl_c_on_the_real_engine(folder: Path) -> None:
    """A solve that would take minutes ends soon after Ctrl-C, with exit code 0 and a valid schedule."""
    zones = ("Asia/Tokyo", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
    people = [Person(id=f"p{n}", zone=zones[n % 5], region=zones[n % 5]) for n in range(40)]
    sessions = [Session(id=f"s{n}", duration=(60, 90)[n % 2], track="xyz"[n % 3],
                        people=[f"p{(n * k) % 40}" for k in (3, 7, 11)]) for n in range(60)]
    programme = event(window=Window.daily(DAY, "2020-11-12", "06:00", "20:30"), people=people, sessions=sessions,
                      changeover=10, cap=2)
    write_programme(programme, folder / "big.json")
    process = start("solve", folder / "big.json", "--seconds", 300, "--workers", 2, "--out", folder / "best.json",
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(5)  # it has a valid schedule after half a second, and would go on improving for minutes
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - began < 20
    assert "Traceback" not in err
    assert process.returncode == 0, out + err
    assert "interrupted: the best schedule so far" in out
    assert main(["check", str(folder / "big.json"), str(folder / "best.json")]) == 0


class TestBusy:
    CALENDARS = Path(__file__).parent / "calendars"

    def test_people_and_blackouts(self, cli: Cli, folder: Path) -> None:
        """Busy times of people and of the event are written into the programme, and told in numbers only."""
        out = folder / "busy.json"
        code, told, err = cli("busy", folder / "programme.json", f"p1={self.CALENDARS / 'kinds.ics'}", "--blackout",
                              self.CALENDARS / "free-busy.ics", "--reason", "assembly", "--tentative", "--out", out)
        assert (code, told, err) == (0, "p1: 1 busy time, 1.0 hours\nthe event: 1 blackout\n", "")
        after = read_programme(out)
        assert [str(span) for span in after.person("p1").busy] == ["2020-11-11T10:00Z to 2020-11-11T11:00Z"]
        assert [blackout.reason for blackout in after.window.blackouts] == ["assembly"]

    def test_to_standard_output(self, cli: Cli, folder: Path) -> None:
        """With --out - the programme goes to standard output, and the numbers to standard error."""
        code, out, err = cli("busy", folder / "programme.json", f"p1={self.CALENDARS / 'kinds.ics'}", "--out", "-")
        assert code == 0
        assert json.loads(out)["format"] == "igfsched-programme"
        assert err

    @pytest.mark.parametrize(("args", "words"), [
        ([], "busy is given calendars"), (["p1"], "'p1' is not PERSON=FILE.ics"), (["=x"], "'=x' is not PERSON=FILE"),
        (["nobody=x.ics"], "'nobody' is not one of the people"), (["p1=nowhere.ics"], "there is no such file"),
    ])
    def test_wrong_usage(self, cli: Cli, folder: Path, args: list[str], words: str) -> None:
        """What is wrong is told in one line, and nothing is written."""
        out = folder / "busy.json"
        code, told, err = cli("busy", folder / "programme.json", *args, "--out", out)
        assert (code, told) == (1, "")
        assert words in err
        assert not out.exists()


class TestFairness:
    def test_side_by_side(self, cli: Cli, folder: Path) -> None:
        """Two schedules of one programme are told in two columns; 2 if one of them breaks a hard rule."""
        code, out, err = cli("fairness", folder / "programme.json", folder / "good.json", folder / "clash.json")
        assert (code, err) == (2, "")
        assert "Fairness of good, clash" in out
        code, out, _ = cli("fairness", folder / "programme.json", folder / "good.json", "--json")
        assert code == 0
        assert set(json.loads(out)["schedules"]) == {"good"}

    def test_names_of_columns(self, cli: Cli, folder: Path) -> None:
        """Files of one name are told apart by their paths; one file twice is refused."""
        (folder / "other").mkdir()
        write_schedule(GOOD, folder / "other" / "good.json")
        _, out, _ = cli("fairness", folder / "programme.json", folder / "good.json", folder / "other" / "good.json")
        assert str(folder / "other" / "good.json") in out
        code, _, err = cli("fairness", folder / "programme.json", folder / "good.json", folder / "good.json")
        assert code == 1
        assert "given twice" in err
