"""Native JSON files: what is written is read back, and what cannot be read is told completely."""

from __future__ import annotations

import copy
import io
import json
import os
import sys
from typing import Any, ClassVar

import attrs
import pytest
from attrs import field, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import programmes, schedules

from igfsched.errors import InputError, Problem
from igfsched.grid import Clock, Span, instant, text_of
from igfsched.io import (
    dumps,
    programme_from_dict,
    read_programme,
    read_schedule,
    schedule_from_dict,
    to_dict,
    write_programme,
    write_schedule,
)
from igfsched.programme import Person, Programme, Room, Session, Window, whole
from igfsched.rule import Rule
from igfsched.rules import CATALOGUE
from igfsched.schedule import Placement, Schedule
from igfsched.selector import EVERY, Selector

NIGHT = Clock("23:00", "07:00")


@frozen(kw_only=True)
class Buffer(Rule):
    """A rule that only these tests know, with a parameter of each kind."""

    name: ClassVar[str] = "buffer"
    summary: ClassVar[str] = "a rule for tests"

    sessions: Selector = EVERY
    minutes: int = field(default=10, validator=whole(5))
    most: int | None = None
    pairs: tuple[tuple[str, int], ...] = ()
    night: Clock = NIGHT
    share: float = 0.5

    def problems(self, programme: Programme) -> Any:
        """Say which types of sessions do not exist."""
        known = tuple(session.type for session in programme.sessions)
        return (("sessions", name, known) for name in self.sessions.types if name not in known)


RULES = {"buffer": Buffer}


def small() -> dict[str, Any]:
    """Return a programme of two sessions as it would stand in a file."""
    return {
        "format": "igfsched-programme",
        "version": 1,
        "title": "Small",
        "window": {
            "days": [{"date": "2020-11-09", "hours": [{"start": "09:00", "end": "17:00"}]}, {"date": "2020-11-10"}],
            "zone": "Europe/Warsaw",
            "phases": [{"name": "first", "days": ["2020-11-09"]}],
        },
        "sessions": [
            {"id": "opening", "duration": 30, "type": "main",
             "people": ["ana", {"person": "ben", "role": "moderator"}]},
            {"id": "workshop", "duration": 90, "rooms": ["red"], "phases": ["first"]},
        ],
        "people": [{"id": "ana", "zone": "Europe/Paris"}, {"id": "ben"}],
        "rooms": [{"id": "red"}],
        "cap": 2,
    }


def problems_of(data: Any, catalogue: Any = None) -> dict[str, Problem]:
    """Return the problems of a programme in a file, by path."""
    with pytest.raises(InputError) as raised:
        programme_from_dict(data, catalogue=catalogue)
    found = {problem.path: problem for problem in raised.value.problems}
    assert len(found) == len(raised.value.problems), "a place is blamed twice"
    return found


@given(programmes(odd_names=True))
@settings(max_examples=40, deadline=None)
def test_programme_round_trip(programme: Programme) -> None:
    """Any programme, with any legal names, is read back equal, and written again in the same bytes."""
    text = dumps(programme)
    again = programme_from_dict(json.loads(text))
    assert again == programme
    assert dumps(again) == text


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_schedule_round_trip(data: st.DataObject) -> None:
    """Any schedule is read back equal."""
    schedule = data.draw(schedules(data.draw(programmes())))
    assert schedule_from_dict(json.loads(dumps(schedule))) == schedule


def test_rule_round_trip() -> None:
    """A rule keeps its parameters, selectors within selectors included; level and weight are always written."""
    rule = Buffer(level="soft", weight=7, label="x", most=3, pairs=(("opening", 4),), night=Clock("22:00", "06:00"),
                  sessions=Selector(types=["main"]) & ~Selector(ids=["workshop"]))
    programme = programme_from_dict({**small(), "rules": [{"rule": "buffer"}]}, catalogue=RULES)
    assert programme.rules == (Buffer(),)
    plain = to_dict(Programme(window=programme.window, sessions=programme.sessions, people=programme.people,
                              rooms=programme.rooms, rules=[rule, Buffer()]))
    assert plain["rules"][0] == {
        "rule": "buffer", "level": "soft", "weight": 7, "label": "x", "most": 3, "pairs": [["opening", 4]],
        "night": {"start": "22:00", "end": "06:00"},
        "sessions": {"all_of": [{"types": ["main"]}, {"none_of": [{"ids": ["workshop"]}]}]},
    }
    assert plain["rules"][1] == {"rule": "buffer", "level": "hard", "weight": 1}
    assert programme_from_dict(plain, catalogue=RULES).rules == (rule, Buffer())


PLAIN_RULES = sorted(
    name for name, rule in CATALOGUE.items() if all(part.default is not attrs.NOTHING for part in attrs.fields(rule)))


@pytest.mark.parametrize("name", PLAIN_RULES)
def test_every_rule_is_read(name: str) -> None:
    """Each rule of the catalogue that needs no parameter is read from its name alone, and read back as written."""
    programme = programme_from_dict({**small(), "rules": [{"rule": name}]})
    assert programme.rules == (CATALOGUE[name](),)
    assert programme_from_dict(to_dict(programme)) == programme


def test_short_forms() -> None:
    """A role may be a person's id, a profile its number; that is also how profiles are written."""
    programme = programme_from_dict(small())
    assert programme.sessions[0].people[0].person == "ana"
    assert programme.sessions[0].people[0].role == "speaker"
    assert to_dict(programme)["cap"] == 2


def test_all_faults_at_once() -> None:
    """Faults of every kind are told together, each at its place, with what was meant."""
    data = small()
    data["window"]["zone"] = "Europe/Warsawa"
    data["sessions"][0]["duraton"] = data["sessions"][0].pop("duration")
    data["sessions"][1].update(duration="30", room_count=0, rooms=["rad"])
    data["sessions"].append({"id": "late", "duration": 30.7, "people": ["anna"], "tentative": 1, "state": "drafft"})
    data["sessions"].append({"id": "good", "duration": 30, "people": ["anna", "ben"], "phases": ["frist"]})
    data["people"].append({"id": "cleo", "zone": 1, "weekly": [{"hours": {"start": "9:00", "end": "17:00"}}]})
    data["rooms"].append("blue")
    data["rules"] = [{"rule": "bufer"}, {"rule": "buffer", "minutes": True, "share": "a"}, {"level": "hard"}]
    data["cap"] = True
    data["titel"] = "Small"
    found = problems_of(data, RULES)
    assert set(found) == {
        "$.titel", "$.cap", "$.window.zone", "$.sessions[0].duraton", "$.sessions[0].duration",
        "$.sessions[1].duration", "$.sessions[1].room_count", "$.sessions[2].duration", "$.sessions[2].tentative",
        "$.sessions[1].rooms", "$.sessions[2].people[0].person",
        "$.sessions[2].state", "$.sessions[3].people[0].person", "$.sessions[3].phases", "$.people[2].zone",
        "$.people[2].weekly[0].hours.start", "$.rooms[1]", "$.rules[0].rule", "$.rules[1].minutes", "$.rules[1].share",
        "$.rules[2].rule",
    }
    assert found["$.titel"].nearest == "title"
    assert found["$.sessions[0].duraton"].nearest == "duration"
    assert found["$.sessions[0].duration"].expected == "a whole number"
    assert found["$.sessions[1].duration"].found == "30"
    assert "session workshop: " in found["$.sessions[1].duration"].message
    assert "room_count is a whole number from 1, not 0" in found["$.sessions[1].room_count"].message
    assert found["$.sessions[2].state"].nearest == "draft"
    assert found["$.sessions[3].people[0].person"].nearest == "ana"
    assert found["$.sessions[3].phases"].nearest == "first"
    assert "did you mean 'Europe/Warsaw'" in found["$.window.zone"].message
    assert "'9:00' is not a time of day" in found["$.people[2].weekly[0].hours.start"].message
    assert found["$.rules[0].rule"].nearest == "buffer"


@pytest.mark.parametrize("value", ["30", 30.0, 30.7, True, None, [30], {"minutes": 30}, float("nan"), float("inf")])
def test_no_coercion_to_number(value: object) -> None:
    """Nothing but a whole number is a duration."""
    data = small()
    data["sessions"][0]["duration"] = value
    assert list(problems_of(data)) == ["$.sessions[0].duration"]


@pytest.mark.parametrize(("key", "value"), [
    ("id", 1), ("title", None), ("prerecorded", "true"), ("prerecorded", 0), ("tags", "youth"), ("fixed_start", 2020),
    ("id", " "), ("id", "\ud800"), ("other_durations", [30, -1]), ("capacity", -1), ("decide_by", "2020-11-09"),
    ("decide_by", "9999-12-31T23:59-10:00"), ("allowed", [{"start": "2020-11-09T10:00Z"}]),
])
def test_bad_values_of_a_session(key: str, value: object) -> None:
    """A value of the wrong type, or one that the class refuses, is a problem at its own place."""
    data = small()
    data["sessions"][1][key] = value
    assert all(path.startswith(f"$.sessions[1].{key}") for path in problems_of(data))


def test_validator_of_the_whole_object() -> None:
    """What an object refuses as a whole is told in its own words."""
    data = small()
    data["people"][1]["weekly"] = [{"hours": {"start": "09:00", "end": "17:00"}}]
    assert problems_of(data)["$.people[1]"].message == "person ben has weekly hours but no zone"


def test_faults_are_told_once() -> None:
    """What could not be read counts as existing, so that nothing else is blamed for its absence."""
    data = small()
    data["people"][0]["zone"] = "Nowhere"
    data["rooms"][0]["capacity"] = "many"
    data["window"]["phases"][0]["colour"] = "red"
    data["sessions"][0]["duration"] = None
    data["groups"] = [{"id": "all", "members": ["ana", "ben", "opening"]}]
    data["rules"] = [{"rule": "buffer", "sessions": {"types": ["main", "mian"]}}]
    assert set(problems_of(data, RULES)) == {
        "$.people[0].zone", "$.rooms[0].capacity", "$.window.phases[0].colour", "$.sessions[0].duration",
        "$.groups[0].members[2]", "$.rules[0].sessions",
    }


def test_places_of_readable_items_are_kept() -> None:
    """Cross references are blamed at the place in the file, also behind items that could not be read."""
    data = small()
    data["sessions"].insert(0, {"id": "broken"})
    data["sessions"].append({"id": "opening", "duration": 30})
    found = problems_of(data)
    assert set(found) == {"$.sessions[0].duration", "$.sessions[3]"}
    assert "first at index 1" in found["$.sessions[3]"].message


def test_an_object_with_a_fault_is_still_asked_whom_it_names() -> None:
    """A fault in one field hides neither what the other fields name nor that an id occurs twice."""
    data = small()
    data["sessions"][0].update(colour="red", phases=["frist"], track="dat")
    data["sessions"].append({"id": "opening", "people": ["anna"]})
    data["tracks"] = [{"id": "data"}]
    data["people"].append({"id": "ana", "zone": 1})
    data["groups"] = [{"id": "all", "members": ["benn"], "size": 3}]
    data["rules"] = [{"rule": "buffer", "minutes": 1, "sessions": {"types": ["mian"]}}]
    assert set(problems_of(data, RULES)) == {
        "$.sessions[0].colour", "$.sessions[0].phases", "$.sessions[0].track", "$.sessions[2].duration",
        "$.sessions[2].people[0].person", "$.sessions[2]", "$.people[2].zone", "$.people[2]", "$.groups[0].size",
        "$.groups[0].members", "$.rules[0].minutes", "$.rules[0].sessions",
    }


def test_what_only_a_faulty_field_says_counts_as_said() -> None:
    """A rule may choose by a value that stands in a field that could not be read."""
    data = small()
    data["sessions"][0]["typ"] = "gala"
    data["rules"] = [{"rule": "buffer", "sessions": {"types": ["gala"]}}]
    assert set(problems_of(data, RULES)) == {"$.sessions[0].typ"}


def test_unknown_preset() -> None:
    """The name of a preset that does not exist is refused, with the nearest one."""
    assert problems_of({**small(), "preset": "defualt"})["$.preset"].nearest == "default"


def test_local_times_of_a_person() -> None:
    """Times without an offset are in the person's zone, or in the zone that the span names."""
    data = small()
    data["people"][0]["busy"] = [
        {"start": "2020-11-09T10:00", "end": "2020-11-09T11:00"},
        {"start": "2020-11-09T10:00", "end": "2020-11-09T11:00", "zone": "Asia/Tokyo"},
        {"start": "2020-11-09T10:00Z", "end": "2020-11-09T11:00[America/New_York]"},
    ]
    starts = [text_of(span.start) for span in programme_from_dict(data).person("ana").busy]
    assert starts == ["2020-11-09T09:00Z", "2020-11-09T01:00Z", "2020-11-09T10:00Z"]


def test_clock_changes_are_told_with_both_readings() -> None:
    """A local time that is skipped or happens twice is refused, naming whose it is and what it could mean."""
    data = small()
    data["people"][0]["busy"] = [{"start": "2020-10-25T02:30", "end": "2020-10-25T12:00"}]
    data["sessions"][0]["allowed"] = [
        {"start": "2020-03-29T02:30", "end": "2020-03-29T12:00", "zone": "Europe/Paris"},
    ]
    data["sessions"][1]["fixed_start"] = "2020-11-09T10:00"
    found = problems_of(data)
    twice = found["$.people[0].busy[0].start"].message
    assert "person ana" in twice
    assert "happens twice in Europe/Paris" in twice
    assert "= 2020-10-25T00:30Z or" in twice
    assert "= 2020-10-25T01:30Z" in twice
    skipped = found["$.sessions[0].allowed[0].start"].message
    assert "session opening" in skipped
    assert "does not exist in Europe/Paris" in skipped
    assert "2020-03-29T00:30Z" in skipped
    assert "2020-03-29T01:30Z" in skipped
    assert "no UTC offset" in found["$.sessions[1].fixed_start"].message


def test_a_bad_zone_is_blamed_once() -> None:
    """The spans of a person whose zone does not exist are not blamed for it."""
    data = small()
    data["people"][0].update(zone="Europe/Pari", busy=[{"start": "2020-11-09T10:00", "end": "2020-11-09T11:00"}])
    assert set(problems_of(data)) == {"$.people[0].zone"}


@pytest.mark.parametrize(("change", "path"), [
    ({"format": "igfsched-schedule"}, "$.format"),
    ({"version": 2}, "$.version"),
    ({"version": True}, "$.version"),
    ({"version": "1"}, "$.version"),
    ({"sessions": {}}, "$.sessions"),
    ({"window": None}, "$.window"),
])
def test_envelope(change: dict[str, Any], path: str) -> None:
    """Another kind of file, another version, or a part of another kind is refused at its place."""
    assert list(problems_of({**small(), **change})) == [path]


def test_missing_parts() -> None:
    """An empty object lacks its format, its version, its window and its sessions."""
    assert set(problems_of({})) == {"$.format", "$.version", "$.window", "$.sessions"}


@pytest.mark.parametrize("value", [None, 3, "text", [], float("nan")])
def test_not_an_object(value: object) -> None:
    """A file that holds something else than an object is refused as a whole."""
    assert list(problems_of(value)) == ["$"]


@pytest.mark.parametrize(("text", "place", "message"), [
    ('{"format": "igfsched-programme",\n "version": }', "line 2, column 13", "not JSON: expecting value"),
    ("", "line 1, column 1", "not JSON: expecting value"),
    ("[" * 100_000, "$", "nested deeper"),
    ('{"a": ' * 100_000, "$", "nested deeper"),
    ('{"format": "igfsched-programme", "version": 1, "x": ' + "[" * 100 + "]" * 100 + "}", "$.x", "nested deeper"),
    ("1" * 5000, "$", "not readable"),
])
def test_malformed_text(text: str, place: str, message: str) -> None:
    """Text that is not JSON is refused with line and column; endless nesting and digits are refused too."""
    with pytest.raises(InputError) as raised:
        read_programme(io.StringIO(text))
    (problem,) = raised.value.problems
    assert problem.path.startswith(place)
    assert message in problem.message


def test_deep_selector() -> None:
    """Selectors nested without end are an input problem, not a RecursionError."""
    selector: dict[str, Any] = {}
    for _ in range(5000):
        selector = {"none_of": [selector]}
    (problem,) = problems_of({**small(), "rules": [{"rule": "buffer", "sessions": selector}]}, RULES).values()
    assert "nested deeper" in problem.message


def test_repeated_keys() -> None:
    """A key that occurs twice in one object is refused at its place, wherever the object is."""
    text = json.dumps(small()).replace('"duration": 90', '"duration": 90, "duration": 60')
    with pytest.raises(InputError) as raised:
        read_programme(io.StringIO(text))
    (problem,) = raised.value.problems
    assert problem.path == "$.sessions[1].duration"
    assert "more than once" in problem.message


def test_numbers_that_are_none() -> None:
    """NaN and infinities, which the json module would let pass, are refused."""
    text = json.dumps(small()).replace('"cap": 2', '"cap": NaN').replace('"duration": 90', '"duration": 1e999')
    with pytest.raises(InputError) as raised:
        read_programme(io.StringIO(text))
    assert {problem.path for problem in raised.value.problems} == {"$.cap", "$.sessions[1].duration"}


def test_sources(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A programme is read from a path, from text and bytes, from standard input, with or without a byte order mark."""
    programme = programme_from_dict(small())
    path = tmp_path / "programme.json"
    write_programme(programme, path)
    assert read_programme(path) == read_programme(str(path)) == programme
    with path.open("rb") as binary, path.open(encoding="utf-8") as text:
        assert read_programme(binary) == read_programme(text) == programme
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + path.read_bytes())))
    assert read_programme("-") == programme


def test_unreadable_files(tmp_path: Any) -> None:
    """A file that is missing, a folder, not UTF-8, or not even a path is an input problem that names it."""
    (tmp_path / "latin.json").write_bytes(b'{\n"title": "caf\xe9"}')
    for path, message in (
        (tmp_path / "none.json", "no such file"), (tmp_path, "folder"), (tmp_path / "latin.json", "UTF-8"),
        ("a\0b", "not a path"), (tmp_path / "latin.json" / "x", "cannot be read"),
        (tmp_path / ("x" * 300), "cannot be read"),
    ):
        with pytest.raises(InputError, match=message) as raised:
            read_programme(path)
        assert raised.value.source == str(path)


def test_writing_is_all_or_nothing(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """If writing fails the old file stays, and nothing else is left in the folder."""
    path = tmp_path / "programme.json"
    programme = programme_from_dict(small())
    write_programme(programme, path)
    before = path.read_bytes()
    path.chmod(0o640)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="disk full"):
            write_schedule(Schedule(), path)
    half = Programme(window=programme.window, sessions=[Session(id="\ud800", duration=30)])
    with pytest.raises(InputError, match="surrogate"):
        write_programme(half, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["programme.json"]
    write_programme(programme, path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_writing_keeps_links(tmp_path: Any) -> None:
    """Writing through a link changes the file behind it, not the link."""
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    write_schedule(Schedule(label="draft"), link)
    assert link.is_symlink()
    assert read_schedule(target).label == "draft"


def test_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """A dash as the path writes to standard output."""
    write_schedule(Schedule(), "-")
    assert json.loads(capsys.readouterr().out) == {"format": "igfsched-schedule", "version": 1}


def test_text_of_a_schedule() -> None:
    """The written form is fixed: fields in the order of the class, UTC, one trailing line break."""
    placement = Placement(session="é", start="2020-11-09T15:00+01:00", duration=30, rooms=["red"])
    assert dumps(Schedule([placement], label="v1")) == """{
 "format": "igfsched-schedule",
 "version": 1,
 "placements": [
  {
   "session": "é",
   "start": "2020-11-09T14:00Z",
   "duration": 30,
   "rooms": [
    "red"
   ]
  }
 ],
 "label": "v1"
}
"""


def test_faults_of_a_schedule() -> None:
    """All faults of a schedule are told at once; a session placed twice is one."""
    good = {"session": "a", "start": "2020-11-09T14:00Z", "duration": 30}
    bad = {"session": "b", "start": "2020-11-09T14:00", "duration": 0, "room": "red"}
    placements = [good, bad, "c", {**good, "rooms": "red"}]
    data = {"format": "igfsched-schedule", "version": 1, "placements": placements}
    with pytest.raises(InputError) as raised:
        schedule_from_dict(data)
    assert {problem.path for problem in raised.value.problems} == {
        "$.placements[1].start", "$.placements[1].duration", "$.placements[1].room", "$.placements[2]",
        "$.placements[3].rooms",
    }
    with pytest.raises(InputError, match="placed more than once: a"):
        schedule_from_dict({**data, "placements": [good, good]})


def test_instants_keep_their_minute() -> None:
    """Spans, fixed starts and deadlines come back as the same instants."""
    span = Span("2020-11-09T09:00Z", "2020-11-09T10:00Z")
    programme = Programme(
        window=Window.daily("2020-11-09", "2020-11-10"),
        sessions=[Session(id="a", duration=30, allowed=[span], fixed_start="2020-11-09T09:00Z", tentative=True,
                          decide_by="2020-11-01T00:00+14:00")],
        people=[Person(id="p", available=[span])], rooms=[Room(id="r", closed=[span])],
    )
    again = programme_from_dict(to_dict(programme))
    assert again == programme
    assert again.session("a").decide_by == instant("2020-10-31T10:00Z")


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.integers(), st.floats(), st.text(max_size=5), st.just([]),
    st.just({}), st.sampled_from([
        "2020-10-25T02:30", "9999-12-31", "0001-01-01T00:00+14:00", "2020-11-09T24:00Z", "Europe/Paris", "../UTC",
        "\ud800", "\uff12020-11-09", "24:00", 10**30, -(10**30), "buffer", "", " ", "\0", "opening",
        "2199-12-31T23:59Z", "2020-02-30",
    ]),
)


def nodes(value: Any) -> list[tuple[Any, Any]]:
    """Return every container of a JSON value with each of its keys or indices."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        container = waiting.pop()
        keys = list(container) if isinstance(container, dict) else range(len(container))
        for key in keys:
            found.append((container, key))
            if isinstance(container[key], dict | list):
                waiting.append(container[key])
    return found


@given(st.data())
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_files(data: st.DataObject) -> None:
    """Whatever is deleted, replaced, doubled or moved in a file, it is read or refused by InputError alone."""
    document = copy.deepcopy(FULL)
    for _ in range(data.draw(st.integers(1, 4))):
        places = nodes(document)
        container, key = places[data.draw(st.integers(0, len(places) - 1))]
        action = data.draw(st.sampled_from(["replace", "replace", "delete", "double", "move"]))
        if action == "replace":
            container[key] = data.draw(JUNK)
        elif action == "delete":
            del container[key]
        elif action == "double" and isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        elif action == "double":
            container[data.draw(st.sampled_from(["id", "start", "zone", "x y"]))] = copy.deepcopy(container[key])
        else:
            other, place = places[data.draw(st.integers(0, len(places) - 1))]
            container[key] = copy.deepcopy(other[place])
        if not document:
            break
    try:
        programme = programme_from_dict(document, catalogue={**CATALOGUE, **RULES})
    except InputError as error:
        str(error).encode()  # it can be told on any terminal
        return
    assert programme_from_dict(json.loads(dumps(programme)), catalogue={**CATALOGUE, **RULES}) == programme


@given(st.text(alphabet='{}[]":,0123456789.eE+-nulltrefasNI\\ \n\ud800é', max_size=60))
@settings(max_examples=60, deadline=None)
def test_random_text(text: str) -> None:
    """No text at all makes reading fail other than by InputError."""
    with pytest.raises(InputError):
        read_programme(io.StringIO(text))


FULL: dict[str, Any] = {
    **small(),
    "window": {
        **small()["window"],
        "blackouts": [{"span": {"start": "2020-11-10T10:00Z", "end": "2020-11-10T10:30Z"}, "reason": "maintenance"}],
        "grid": {"step": 15, "starts": ["2020-11-09T10:00Z"]},
    },
    "people": [
        {"id": "ana", "zone": "Europe/Paris", "busy": [{"start": "2020-11-09T10:00", "end": "2020-11-09T11:00"}],
         "comfort": [{"start": "08:00", "end": "20:00", "price": 0}, {"start": "20:00", "end": "08:00", "price": 3}]},
        {"id": "ben", "zone": "Asia/Tokyo", "weekly": [{"hours": {"start": "09:00", "end": "17:00"}, "weekdays": [0]}]},
    ],
    "tracks": [{"id": "data", "cap": 1}],
    "groups": [{"id": "all", "members": ["ana", "ben"]}],
    "teams": [{"id": "hosts", "size": {"value": 2, "periods": [{"value": 1, "days": ["2020-11-09"]}]}}],
    "series": [{"id": "calls", "sessions": ["opening", "workshop"], "days_apart": 1}],
    "audience": [{"people": 3, "region": "Africa"}, {"people": 3, "zone": "UTC"}],
    "rules": [
        {"rule": "buffer", "level": "soft", "weight": 3, "pairs": [["opening", 1]], "most": 2,
         "night": {"start": "22:00", "end": "06:00"},
         "sessions": {"any_of": [{"types": ["main"]}, {"ids": ["opening"]}]}},
        *({"rule": name} for name in PLAIN_RULES),
    ],
}
