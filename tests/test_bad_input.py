"""Bad input, as it comes: a clear error that says where, never a traceback, never a file touched."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from igfsched import Person, Placement, Programme, Room, Schedule, Session, Span, Window, write_schedule
from igfsched.cli import main
from igfsched.io import to_dict

DAY = "2020-11-09"
BASE = to_dict(Programme(
    title="An event",
    window=Window.daily(DAY, DAY, "08:00", "20:00"),
    rooms=[Room(id="r1"), Room(id="r2")],
    people=[Person(id="p1", zone="Europe/Paris", busy=[Span(f"{DAY}T18:00Z", f"{DAY}T19:00Z")]), Person(id="p2")],
    sessions=[Session(id="a", duration=60, people=["p1", "p2"]), Session(id="b", duration=60, people=["p1"])],
    cap=2,
))
Change = Callable[[dict[str, Any]], object]


def fix(session: str, clock: str) -> Change:
    return lambda raw: next(s for s in raw["sessions"] if s["id"] == session).update(fixed_start=f"{DAY}T{clock}Z")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that holds a file which a failing command must not touch."""
    (tmp_path / "schedule.json").write_text("mine")
    return tmp_path


def run(args: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    try:
        code = main(args)
    except SystemExit as error:
        code = int(error.code or 0)
    return code, *capsys.readouterr()


def refused(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Give a programme file to every command; return the message after checking all that must hold."""
    (folder / "programme.json").write_text(text)
    write_schedule(Schedule([Placement(session="a", start=f"{DAY}T14:00Z", duration=60)]), folder / "other.json")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    messages = set()
    for command in (["solve", "--out", str(folder / "schedule.json")], ["check", str(folder / "other.json")],
                    ["report", str(folder / "other.json"), "--json"]):
        code, out, err = run([command[0], str(folder / "programme.json"), *command[1:]], capsys)
        assert (code, out) == (1, "")
        assert "Traceback" not in err
        messages.add(err)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (message,) = messages
    assert "programme.json" in message
    return message


@pytest.mark.parametrize(("text", "words"), [
    ("", "not JSON"),
    ("{", "line 1, column 2"),
    ('{"format": "igfsched-programme",\n "version": 1,,}', "line 2"),
    ("[]", "expected"),
    ("null", "expected"),
    ("[" * 100_000, "nested"),
    ('{"format": "igfsched-programme", "version": NaN}', "version"),
])
def test_malformed_json(text: str, words: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Text that is not the JSON of a programme is refused, with the place where reading stopped."""
    assert words in refused(text, folder, capsys)


CASES: dict[str, tuple[Change, list[str]]] = {
    "unknown field": (lambda raw: raw["sessions"][0].update(lenght=60), ["$.sessions[0].lenght"]),
    "unknown field of the whole": (lambda raw: raw.update(romms=[]), ["$.romms", "did you mean 'rooms'"]),
    "duplicate session": (lambda raw: raw["sessions"][1].update(id="a"), ["'a' occurs twice", "$.sessions[1]"]),
    "duplicate person": (lambda raw: raw["people"][1].update(id="p1"), ["'p1' occurs twice", "$.people[1]"]),
    "duplicate room": (lambda raw: raw["rooms"][1].update(id="r1"), ["'r1' occurs twice", "$.rooms[1]"]),
    "reference to nobody": (lambda raw: raw["sessions"][0]["people"][1].update(person="p22"),
                            ["$.sessions[0].people[1].person", "did you mean 'p2'"]),
    "reference to no room": (lambda raw: raw["sessions"][0].update(fixed_room="r3"), ["$.sessions[0].fixed_room"]),
    "reference to no phase": (lambda raw: raw["sessions"][0].update(phases=["one"]), ["'one'", "phases"]),
    "reference to no team": (lambda raw: raw["sessions"][0].update(teams=[{"team": "x"}]), ["'x'", "teams"]),
    "unknown zone": (lambda raw: raw["people"][0].update(zone="Europe/Pariss"),
                     ["$.people[0].zone", "did you mean 'Europe/Paris'"]),
    "unknown zone of the window": (lambda raw: raw["window"].update(zone="Mars/Base"), ["$.window.zone", "Mars/Base"]),
    "end before start": (lambda raw: raw["people"][0]["busy"][0].update(end=f"{DAY}T17:00Z"),
                         ["$.people[0].busy[0]", "is not after the start"]),
    "too long": (lambda raw: raw["sessions"][0].update(duration=721),
                 ["session a is longer than every opening block", "720 minutes"]),
    "cap of 0": (lambda raw: raw.update(cap=0), ["$.cap", "0"]),
    "a naive time": (lambda raw: raw["sessions"][0].update(fixed_start=f"{DAY}T14:00"), ["$.sessions[0].fixed_start"]),
    "a number as text": (lambda raw: raw["sessions"][0].update(duration="60"), ["$.sessions[0].duration", "'60'"]),
    "a duration of 0": (lambda raw: raw["sessions"][0].update(duration=0), ["$.sessions[0].duration"]),
    "a true number": (lambda raw: raw["sessions"][0].update(duration=True), ["$.sessions[0].duration"]),
    "a missing field": (lambda raw: raw["sessions"][0].pop("duration"), ["$.sessions[0].duration", "missing"]),
    "no sessions": (lambda raw: raw.pop("sessions"), ["$.sessions"]),
    "no days": (lambda raw: raw["window"].update(days=[]), ["$.window.days"]),
    "unknown rule": (lambda raw: raw.update(rules=[{"rule": "comfrot"}]), ["did you mean 'comfort'"]),
    "unknown preset": (lambda raw: raw.update(preset="defualt"), ["$.preset", "default"]),
    "a later version": (lambda raw: raw.update(version=99), ["version"]),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said(case: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each fault of a programme is told with its JSON path, and nothing is read, written or solved in part."""
    change, words = CASES[case]
    raw = copy.deepcopy(BASE)
    change(raw)
    message = refused(json.dumps(raw), folder, capsys)
    for word in words:
        assert word in message


@pytest.mark.parametrize("number", [10**10, 10**20])
def test_numbers_without_measure(number: int, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A number beyond all measure is refused where it stands, in programmes and in schedules."""
    raw = copy.deepcopy(BASE)
    raw["sessions"][0]["prepare_before"] = number
    assert "$.sessions[0].prepare_before" in refused(json.dumps(raw), folder, capsys)
    (folder / "programme.json").write_text(json.dumps(BASE))
    placement = {"session": "a", "start": f"{DAY}T14:00Z", "duration": number}
    text = json.dumps({"format": "igfsched-schedule", "version": 1, "placements": [placement]})
    (folder / "long.json").write_text(text)
    code, out, err = run(["check", str(folder / "programme.json"), str(folder / "long.json")], capsys)
    assert (code, out) == (1, "")
    assert "$.placements[0].duration" in err


def test_all_faults_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file with many faults is told all of them in one go."""
    raw = copy.deepcopy(BASE)
    raw["sessions"][1]["fixed_room"] = "r3"
    for case in ("unknown field", "duplicate room", "unknown zone"):
        CASES[case][0](raw)
    message = refused(json.dumps(raw), folder, capsys)
    assert "4 problems" in message
    for part in ("lenght", "'r1' occurs twice", "Europe/Pariss", "'r3'"):
        assert part in message


@pytest.mark.parametrize(("text", "words"), [
    ("{}", "format"),
    ('{"format": "igfsched-schedule", "version": 1, "placements": [{"session": "a"}]}', "$.placements[0]"),
    ('{"format": "igfsched-schedule", "version": 1, "placements": '
     f'[{{"session": "zz", "start": "{DAY}T14:00Z", "duration": 60}}]}}', "'zz'"),
    ('{"format": "igfsched-schedule", "version": 1, "placements": '
     f'[{{"session": "a", "start": "{DAY}T14:00", "duration": 60}}]}}', "no UTC offset"),
])
def test_bad_schedules(text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A schedule that cannot be read, or that belongs to another programme, is refused by check and report."""
    (tmp_path / "programme.json").write_text(json.dumps(BASE))
    (tmp_path / "schedule.json").write_text(text)
    for command in ("check", "report"):
        code, out, err = run([command, str(tmp_path / "programme.json"), str(tmp_path / "schedule.json")], capsys)
        assert (code, out) == (1, "")
        assert words in err
        assert "Traceback" not in err


CONTRADICTIONS: dict[str, tuple[list[Change], dict[str, str], str, str]] = {
    "fixed outside the window": ([fix("a", "21:00")], {"a": "21:00", "b": "14:00"}, "outside the opening hours", "a"),
    "two fixed sessions of one person": ([fix("a", "14:00"), fix("b", "14:30")], {"a": "14:00", "b": "14:30"},
                                         "p1 is needed in a and b at the same time", "p1"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_contradictions_are_findings_and_reasons(
    case: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What contradicts itself can be read: check has a finding, solve says infeasible and why, and writes nothing."""
    changes, places, finding, reason = CONTRADICTIONS[case]
    raw = copy.deepcopy(BASE)
    for change in changes:
        change(raw)
    programme = str(folder / "programme.json")
    Path(programme).write_text(json.dumps(raw))
    write_schedule(
        Schedule([Placement(session=s, start=f"{DAY}T{clock}Z", duration=60, rooms=f"r{n}")
                  for n, (s, clock) in enumerate(places.items(), 1)]),
        folder / "other.json",
    )
    code, out, err = run(["check", programme, str(folder / "other.json")], capsys)
    assert (code, err) == (2, "")
    assert finding in out
    code, out, err = run(["solve", programme, "--seconds", "20", "--workers", "1", "--json", "--out",
                          str(folder / "schedule.json")], capsys)
    assert (code, err) == (2, "")
    values = json.loads(out)
    assert values["status"] == "infeasible"
    assert any(reason in told["sentence"] for told in values["reasons"])
    assert (folder / "schedule.json").read_text() == "mine"
