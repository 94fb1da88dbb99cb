"""`igfsched frontier` on the command line: what it prints where, its exit codes, its file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_cli import Cli, cli, event  # noqa: F401  (cli is a fixture)

from igfsched import Session, Window, write_programme
from igfsched.io import dumps
from igfsched.sweep import read_frontier

SECONDS = 60


@pytest.fixture
def programme(tmp_path: Path) -> Path:
    """A programme of four hours on three days of two hours each."""
    path = tmp_path / "programme.json"
    write_programme(event(
        window=Window.daily("2020-11-09", "2020-11-11", "10:00", "12:00"), people=(), rooms=(),
        sessions=[Session(id=f"s{n}", duration=60) for n in range(4)],
    ), path)
    return path


def test_what_it_says(cli: Cli, programme: Path) -> None:  # noqa: F811
    """The fewest days at each cap, a grid of costs and a line for each point; nothing on standard error in a pipe."""
    code, out, err = cli("frontier", programme, "--caps", "1,2", "--seconds", SECONDS)
    assert (code, err) == (0, "")
    assert "at most 1 at a time: 2 days (1 day is too few: " in out
    assert "at most 2 at a time: 1 days" in out
    assert out.count("optimal") >= 5
    assert "infeasible" in out


def test_its_file(cli: Cli, programme: Path, tmp_path: Path) -> None:  # noqa: F811
    """The frontier is written, --json and --out - write the same, and --resume takes it up to the byte."""
    target = tmp_path / "frontier.json"
    asked = ("frontier", programme, "--caps", "1-2", "--days", "1-3", "--seconds", SECONDS)
    assert cli(*asked, "--out", target)[0] == 0
    before = target.read_bytes()
    assert read_frontier(target).fewest_days(1).value == 2
    code, out, err = cli(*asked, "--out", target, "--resume", "--json")
    assert (code, err) == (0, "")
    assert target.read_bytes() == before == out.encode()
    code, out, err = cli("frontier", "-", *asked[2:], "--out", "-", stdin=programme.read_text("utf-8"))
    assert code == 0
    assert json.loads(out)["format"] == "igfsched-frontier"
    assert "at most 1 at a time" in err


def test_nothing_fits(cli: Cli, programme: Path) -> None:  # noqa: F811
    """Exit code 2 where it is proven that no point has a schedule."""
    code, out, _ = cli("frontier", programme, "--caps", "1", "--days", "1", "--seconds", SECONDS)
    assert code == 2
    assert "2 or more days" in out


@pytest.mark.parametrize(("args", "told"), [
    ((), "--caps"), (("--caps", "0"), "'0' is not a list of whole numbers from 1"),
    (("--caps", "3-2"), "'3-2' is not a list"), (("--caps", "two"), "'two' is not a list"),
    (("--caps", "1", "--days", "2,9"), "9 days are asked for, and the programme has 3"),
    (("--caps", "1", "--resume"), "--resume goes on from the file of --out"),
    (("--caps", "1", "--out", "frontier.txt"), "has to end in .json"),
    (("--caps", "1", "--out", "-", "--json"), "both want standard output"),
    (("--caps", "1", "--seconds", "0"), "not a number of seconds above 0"),
])
def test_wrong_usage(cli: Cli, programme: Path, args: tuple[str, ...], told: str) -> None:  # noqa: F811
    """Wrong usage: exit code 1 and a message on standard error, before anything is solved."""
    code, out, err = cli("frontier", programme, *args)
    assert (code, out) == (1, "")
    assert told in err
    assert "Traceback" not in err


def test_files_that_are_something_else(cli: Cli, programme: Path, tmp_path: Path) -> None:  # noqa: F811
    """The programme is not overwritten, and what --resume finds has to be the frontier of this programme."""
    assert cli("frontier", programme, "--caps", "1", "--out", programme)[0] == 1
    other = tmp_path / "other.json"
    cli("frontier", "-", "--caps", "1", "--days", "1", "--seconds", SECONDS, "--out", other, stdin=dumps(event()))
    code, _, err = cli("frontier", programme, "--caps", "1", "--out", other, "--resume")
    assert code == 1
    assert "the frontier of another programme" in err
    (tmp_path / "bad.json").write_text("{")
    assert cli("frontier", programme, "--caps", "1", "--out", tmp_path / "bad.json", "--resume")[0] == 1


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_ctrl_c(tmp_path: Path) -> None:
    """Ctrl-C ends a sweep that would take minutes, with what is known told and written."""
    sessions = [Session(id=f"s{n}", duration=(60, 90)[n % 2], people=["p1", "p2"][: n % 3], track="xyz"[n % 3])
                for n in range(40)]
    window = Window.daily("2020-11-09", "2020-11-20", "06:00", "20:30")
    write_programme(event(window=window, sessions=sessions, changeover=10), tmp_path / "programme.json")
    process = subprocess.Popen(
        [sys.executable, "-m", "igfsched", "frontier", tmp_path / "programme.json", "--caps", "1-4", "--seconds", "300",
         "--out", tmp_path / "frontier.json"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(600):  # the file is there as soon as what can be counted is
        if (tmp_path / "frontier.json").exists():
            break
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    assert process.returncode in (0, 3), out + err
    assert "stopping with the best so far" in err
    assert "at most 1 at a time: " in out
    assert read_frontier(tmp_path / "frontier.json").caps == (1, 2, 3, 4)
