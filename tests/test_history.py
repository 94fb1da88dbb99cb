"""Histories as files: what is saved comes back, each step can be made again, faults are told with their place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from igfsched import Person, Placement, Programme, Room, Schedule, Session, Window
from igfsched.changes import (
    Change,
    PersonUnavailable,
    SessionAdded,
    SessionCancelled,
    SessionConfirmed,
    SessionMoved,
    SessionPinned,
    SessionResized,
)
from igfsched.disruption import Disruption
from igfsched.errors import InputError
from igfsched.grid import Span
from igfsched.io import HistoryFile, RecordedStep, history_from_dict, history_to_dict, read_history
from igfsched.io.schema import history_schema, read_schema
from igfsched.planner import Planner

DAY = "2020-11-09"


def at(session: str, clock: str, room: str = "r1", duration: int = 60) -> Placement:
    return Placement(session=session, start=f"{DAY}T{clock}Z", duration=duration, rooms=room)


PROGRAMME = Programme(
    title="An event", window=Window.daily(DAY, DAY, "08:00", "20:00"), rooms=[Room(id="r1"), Room(id="r2")],
    people=[Person(id="p1"), Person(id="p2")],
    sessions=[Session(id="a", duration=60, people=["p1", "p2"]), Session(id="b", duration=60, people=["p1"]),
              Session(id="c", duration=60, people=["p2"])],
)
SCHEDULE = Schedule([at("a", "14:00"), at("b", "15:00"), at("c", "16:00")], label="first")

UNAVAILABLE = PersonUnavailable(person="p1", spans=[Span(f"{DAY}T15:00Z", f"{DAY}T15:30Z")])
ADDED = SessionAdded(session=Session(id="d", duration=90, people=["p2"]))
CLASH = SessionMoved(session="c", start=f"{DAY}T14:30Z", rooms=["r2"])


def planned() -> Planner:
    """Return a planner that has been through a step of every kind, the last one undone."""
    planner = Planner(PROGRAMME, SCHEDULE, disruption=Disruption(soon=[(60, 5)], freeze=10), now=f"{DAY}T01:00Z")
    for changes in ([UNAVAILABLE], [ADDED, SessionResized(session="c", duration=30)]):
        planner.commit(planner.apply(*changes))
    planner.at(f"{DAY}T02:00Z")
    planner.publish()
    planner.commit(planner.apply(CLASH, SessionMoved(session="a", start=f"{DAY}T14:00Z")))
    planner.commit(planner.apply(SessionCancelled(session="b")))
    planner.undo()
    return planner


def same(one: Planner, other: Planner) -> bool:
    """Say whether two planners are in the same state, and came there by the same way."""
    return all(getattr(one, name) == getattr(other, name) for name in (
        "programme", "schedule", "reference", "disruption", "now",
    )) and one.history.steps == other.history.steps and one.history.undone == other.history.undone


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The file of a history."""
    planned().save(tmp_path / "history.json")
    return tmp_path / "history.json"


def test_what_is_saved_is_loaded(saved: Path, tmp_path: Path) -> None:
    """A loaded planner is in the same state, its history is the same, and it is saved as the same bytes."""
    loaded = Planner.load(saved)
    assert same(loaded, planned())
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == saved.read_bytes()


def test_steps_are_undone_and_redone_after_loading(saved: Path) -> None:
    """All the way back is the beginning; all the way forward the state with what was undone when it was saved."""
    loaded = Planner.load(saved)
    while loaded.undo():
        pass
    assert (loaded.programme, loaded.schedule, loaded.now) == (PROGRAMME, SCHEDULE, Planner(
        PROGRAMME, SCHEDULE, now=f"{DAY}T01:00Z").now)
    while loaded.redo():
        pass
    assert "b" not in loaded.programme.sessions_by_id
    assert len(loaded.history.steps) == 6


def test_a_loaded_planner_repairs_as_the_saved_one(saved: Path) -> None:
    """The next change is repaired alike: reference, what a hand has moved, and the clock are as they were."""
    change = SessionResized(session="d", duration=120)
    before, after = planned().apply(change), Planner.load(saved).apply(change)
    assert before.schedule == after.schedule
    assert before.levels == after.levels
    assert {"a", "c"}.isdisjoint(after.difference.moved), "the clash that a hand has made stays accepted"


def test_replay_makes_every_step_again(saved: Path) -> None:
    """Repairing every step anew gives the recorded schedules, from a file or a history, and leads to the same state."""
    for history in (saved, planned().history):
        planner, others = Planner.replay(history)
        assert others == ()
        assert same(planner, planned())


def test_replay_tells_what_came_out_otherwise(tmp_path: Path) -> None:
    """A step for which another schedule was taken is told, and the steps after it are judged by themselves."""
    planner = Planner(PROGRAMME, SCHEDULE)
    planner.record(UNAVAILABLE, schedule=Schedule([at("a", "10:00"), at("b", "12:00"), at("c", "16:00")]))
    planner.commit(planner.apply(ADDED))
    planner.save(tmp_path / "history.json")
    replayed, others = Planner.replay(tmp_path / "history.json")
    assert others == (0,)
    assert replayed.schedule.placements == planner.schedule.placements


def test_replay_trades_moves_at_the_same_price(tmp_path: Path) -> None:
    """A repair that was made at a price per move is made again at it."""
    programme = Programme(
        window=Window.daily(DAY, DAY, "00:00", "14:00"), people=[Person(id="p1", zone="Europe/Paris")],
        sessions=[Session(id="a", duration=60, people=["p1"])])
    planner = Planner(programme, Schedule([at("a", "02:00", ())]))
    planner.commit(planner.apply(SessionConfirmed(session="a"), price=1))
    assert planner.schedule.placements != (at("a", "02:00", ()),)  # it left the night, which it need not
    planner.save(tmp_path / "history.json")
    replayed, others = Planner.replay(tmp_path / "history.json")
    assert others == ()
    assert same(planner, replayed)


def test_only_what_moves_is_written(saved: Path) -> None:
    """A step holds its changes and the places that are otherwise after it, not the whole schedule."""
    steps = json.loads(saved.read_text(encoding="utf-8"))["steps"]
    assert [sorted(step) for step in steps] == [
        ["changes", "placed"], ["changes", "placed"], ["clock", "now"], ["published"], ["changes", "placed"],
        ["changes", "gone"],
    ]
    assert [place["session"] for place in steps[0]["placed"]] == ["b"]
    assert steps[5]["gone"] == ["b"]


def test_a_schedule_made_elsewhere_is_recorded() -> None:
    """A schedule by hand is taken like a repair if it keeps the hard rules, and can be undone."""
    planner = Planner(PROGRAMME, SCHEDULE)
    mine = Schedule([at("a", "14:00"), at("b", "13:00"), at("c", "16:00")])
    assert planner.record(UNAVAILABLE, schedule=mine).valid
    assert planner.schedule == mine
    assert planner.undo()
    assert planner.schedule == SCHEDULE


@pytest.mark.parametrize(("change", "schedule", "words"), [
    (UNAVAILABLE, SCHEDULE, "p1 is not free for 30 minutes of b"),
    (SessionMoved(session="b", start=f"{DAY}T12:00Z"), SCHEDULE, "session b has to stay where it is"),
    (ADDED, SCHEDULE, "placed"),
    (SessionCancelled(session="b"), SCHEDULE, "'b' is not one of the programme's sessions"),
    (CLASH, Schedule([at("a", "14:00"), at("b", "14:30"), at("c", "14:30", "r2")]), "the hard rule person_clash"),
])
def test_a_schedule_that_cannot_be_is_not_recorded(change: Change, schedule: Schedule, words: str) -> None:
    """What a repair would not have done is refused, and the planner stays as it was."""
    planner = Planner(PROGRAMME, SCHEDULE)
    with pytest.raises(InputError, match=words):
        planner.record(change, schedule=schedule)
    assert planner.schedule is SCHEDULE
    assert planner.history.steps == ()
    assert planner.apply(UNAVAILABLE).difference.moved == ("b",)


def test_what_a_hand_has_broken_is_recorded() -> None:
    """A hard rule that only sessions moved by hand break is no obstacle."""
    planner = Planner(PROGRAMME, SCHEDULE)
    moves = (CLASH, SessionMoved(session="a", rooms=["r1"]))
    schedule = Schedule([at("a", "14:00"), at("b", "15:00"), at("c", "14:30", "r2")])
    assert not planner.record(*moves, schedule=schedule).valid
    assert planner.schedule == schedule


def replaced(place: tuple[Any, ...], value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        container: Any = data
        for key in place[:-1]:
            container = container[key]
        if value is None:
            del container[place[-1]]
        else:
            container[place[-1]] = value

    return change


ELSEWHERE = {"session": "b", "start": f"{DAY}T13:30Z", "duration": 60, "rooms": ["r2"]}


@pytest.mark.parametrize(("change", "path", "words"), [
    (replaced(("format",), "igfsched-programme"), "$.format", "another kind of file"),
    (replaced(("programme",), None), "$.programme", "programme is missing"),
    (replaced(("programme",), []), "$.programme", "not what belongs here"),
    (replaced(("programme", "version"), 1), "$.programme.version", "there is no field"),
    (replaced(("programme", "sessions", 0, "duration"), "60"), "$.programme.sessions[0].duration", "session a"),
    (replaced(("programme", "sessions", 0, "people"), ["p9"]), "$.programme.sessions[0].people[0].person", "p9"),
    (replaced(("schedule", "placements", 0, "session"), "x"), "$.schedule.placements[0].session", "'x'"),
    (replaced(("reference", "placements", 0, "start"), "noon"), "$.reference.placements[0].start", "noon"),
    (replaced(("disruption", "freeze"), -1), "$.disruption.freeze", "freeze"),
    (replaced(("disruption", "soon"), [[60]]), "$.disruption.soon[0]", "not what belongs here"),
    (replaced(("done",), 7), "$.done", "there are only 6 steps"),
    (replaced(("done",), -1), "$.done", "done is a number of steps"),
    (replaced(("steps", 0, "published"), True), "$.steps[0]", "a step is one of these"),
    (replaced(("steps", 3, "price"), 3), "$.steps[3]", "a price belongs to changes"),
    (replaced(("steps", 0, "price"), -1), "$.steps[0]", "price"),
    (replaced(("steps", 3, "now"), f"{DAY}T03:00Z"), "$.steps[3]", "look at the clock"),
    (replaced(("steps", 0, "changes", 0, "change"), "x"), "$.steps[0].changes[0].change", "there is no change"),
    (replaced(("steps", 0, "changes", 0, "person"), "p9"), "$.steps[0].changes[0].person", "there is no person"),
    (replaced(("steps", 0, "placed", 0, "session"), "x"), "$.steps[0].placed", "'x'"),
    (replaced(("steps", 0, "placed", 0), ELSEWHERE), "$.steps[0].placed", "the hard rule person_clash"),
    (replaced(("steps", 0, "placed"), []), "$.steps[0].placed", "the hard rule person_availability"),
    (replaced(("steps", 1, "placed"), [ELSEWHERE, ELSEWHERE]), "$.steps[1].placed[1]", "placed twice"),
    (replaced(("steps", 4, "placed"), []), "$.steps[4].placed", "has to stay"),
    (replaced(("steps", 5, "gone"), ["bb"]), "$.steps[5].gone[0]", "had no place before"),
    (replaced(("steps", 0, "gone"), ["b"]), "$.steps[0].gone[0]", "placed by the same step"),
])
def test_faults_are_told_with_their_place(
    saved: Path, change: Callable[[dict[str, Any]], None], path: str, words: str,
) -> None:
    """A file that cannot be is an InputError, at its place in the file, in words, with the name of the file."""
    data = json.loads(saved.read_text(encoding="utf-8"))
    change(data)
    saved.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        Planner.load(saved)
    told = {problem.path: str(problem) for problem in raised.value.problems}
    assert any(words in text for place, text in told.items() if place.startswith(path)), told
    assert raised.value.source == str(saved)


def test_every_fault_of_the_text_is_told_at_once(saved: Path) -> None:
    """Faults in programme, schedule and steps are told together."""
    data = json.loads(saved.read_text(encoding="utf-8"))
    data["programme"]["sessions"][0]["duration"] = 0
    data["schedule"]["placements"][0]["duration"] = 0
    data["steps"][0]["changes"][0]["spans"] = []
    data["speed"] = 1
    with pytest.raises(InputError) as raised:
        history_from_dict(data)
    assert len(raised.value.problems) == 4


def test_the_plain_form() -> None:
    """A history without steps is written with what it began with, and nothing else."""
    file = HistoryFile(programme=PROGRAMME, schedule=SCHEDULE, reference=SCHEDULE)
    data = history_to_dict(file)
    assert list(data) == ["format", "version", "programme", "schedule", "reference"]
    assert history_from_dict(copy.deepcopy(data)) == file
    step = RecordedStep(changes=[SessionPinned(session="a")])
    assert history_from_dict(history_to_dict(HistoryFile(
        programme=PROGRAMME, schedule=SCHEDULE, reference=SCHEDULE, steps=[step], done=0))).steps == (step,)


def test_the_schema(saved: Path) -> None:
    """What is written obeys the shipped schema, which is the one of the classes; faults of one value do not."""
    data = json.loads(saved.read_text(encoding="utf-8"))
    schema = jsonschema.Draft202012Validator(history_schema())
    jsonschema.Draft202012Validator.check_schema(schema.schema)
    assert read_schema("history") == history_schema()
    schema.validate(data)
    for place, value in [(("steps", 0, "published"), 1), (("disruption", "freeze"), -1), (("programme",), None),
                         (("steps", 0, "changes", 0, "change"), "x"), (("programme", "preset"), "x"), (("speed",), 1)]:
        wrong = copy.deepcopy(data)
        replaced(place, value)(wrong)
        assert not schema.is_valid(wrong), place


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is wrong input, as everywhere."""
    with pytest.raises(InputError, match="there is no such file"):
        read_history(tmp_path / "history.json")


def test_a_failed_save_leaves_the_file(tmp_path: Path, saved: Path) -> None:
    """What cannot be written leaves what was there."""
    before = saved.read_bytes()
    with pytest.raises(InputError):
        Planner(Programme(window=PROGRAMME.window, title="\ud800", sessions=PROGRAMME.sessions, rooms=PROGRAMME.rooms,
                          people=PROGRAMME.people), SCHEDULE).save(saved)
    assert saved.read_bytes() == before
