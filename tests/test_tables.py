"""Spreadsheets saved as CSV: a folder is a programme, a sheet is a schedule, and each fault has its cell."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import programmes, schedules

from igfsched.errors import InputError, Problem
from igfsched.grid import Clock, text_of
from igfsched.io import read_schedule_csv, read_tables, write_schedule_csv
from igfsched.io.cells import clock_cell
from igfsched.io.files import read_text
from igfsched.io.sheets import escaped, unescaped
from igfsched.rules import CATALOGUE
from igfsched.schedule import Placement, Schedule

SMALL = {
    "programme.csv": "key,value\ntitle,Small\nzone,Europe/Warsaw\nfirst_day,2020-11-06\nlast_day,2020-11-10\n"
                     "opens,9:00\ncloses,17:00:00\nweekends,no\ngrid,15\ncap,2\nchangeover,10\n",
    "sessions.csv": "id,duration,title,type,tags,rooms,teams,tentative,phases,allowed,other_durations\n"
                    'opening,30,"Opening, and welcome",main,youth; ai,,captioners:2;hosts,,first,,\n'
                    "workshop,90,,workshop,,red,,TRUE,,2020-11-09T09:00Z/2020-11-09T15:00[Europe/Warsaw],60;45\n",
    "people.csv": "id,zone,region,weekly,placeholder\nana,Europe/Paris,WEOG,mon-fri 9:00-17:00; sat 10:00-12:00,no\n"
                  "ben,,,,yes\n",
    "roles.csv": "person,session,role,required\nana,opening,moderator,\nben,opening,,no\nana,workshop,,yes\n",
    "rooms.csv": "id,features,capacity\nred,stage;screen,40\n",
    "teams.csv": "id,size\ncaptioners,2\nhosts,3\n",
    "phases.csv": "name,first_day,last_day\nfirst,2020-11-06,2020-11-08\nsecond,2020-11-09,2020-11-10\n",
    "availability.csv": "person,kind,start,end,zone\nana,busy,2020-11-09T10:00,2020-11-09 11:00,\n"
                        "ana,available,2020-11-06T00:00Z,2020-11-12T00:00Z,\n"
                        "ben,busy,2020-11-09T10:00,2020-11-09T11:00,Asia/Tokyo\n",
    "rules.json": '[{"rule": "comfort", "weight": 2}]',
}


def folder(path: Path, **changes: str | None) -> Path:
    """Write the small programme's sheets; changed sheets are given by name, None leaves one out."""
    sheets = {**SMALL, **{name.replace("__", "."): text for name, text in changes.items()}}
    for name, text in sheets.items():
        if text is not None:
            (path / name).write_text(text, encoding="utf-8", newline="")
    return path


def problems_of(path: Path) -> dict[str, Problem]:
    """Return the problems of a folder, by place."""
    with pytest.raises(InputError) as raised:
        read_tables(path)
    found = {problem.path: problem for problem in raised.value.problems}
    told = {(problem.path, problem.message) for problem in raised.value.problems}
    assert len(told) == len(raised.value.problems), "something is told twice"
    assert raised.value.source == str(path)
    return found


def test_a_folder_is_a_programme(tmp_path: Path) -> None:
    """Each sheet gives its part of the programme; empty cells leave the defaults."""
    programme = read_tables(folder(tmp_path))
    assert programme.title == "Small"
    assert [str(day.date) for day in programme.window.days] == ["2020-11-06", "2020-11-09", "2020-11-10"]
    assert programme.window.days[0].hours == (Clock("09:00", "17:00"),)
    assert (programme.window.zone, programme.window.grid.step) == ("Europe/Warsaw", 15)
    assert [len(phase.days) for phase in programme.window.phases] == [1, 2]
    assert programme.cap is not None
    assert (programme.cap.value, programme.changeover) == (2, 10)
    opening, workshop = programme.sessions
    assert opening.title == "Opening, and welcome"
    assert opening.tags == ("ai", "youth")
    assert [(need.team, need.units) for need in opening.teams] == [("captioners", 2), ("hosts", 1)]
    assert [(role.person, role.role, role.required) for role in opening.people] == [
        ("ana", "moderator", True), ("ben", "speaker", False)]
    assert (workshop.tentative, workshop.other_durations, workshop.rooms) == (True, (60, 45), ("red",))
    assert str(workshop.allowed[0]) == "2020-11-09T09:00Z to 2020-11-09T14:00Z"
    ana, ben = programme.people
    assert [hours.weekdays for hours in ana.weekly] == [(0, 1, 2, 3, 4), (5,)]
    assert [str(span) for span in (*ana.busy, *ben.busy)] == [
        "2020-11-09T09:00Z to 2020-11-09T10:00Z", "2020-11-09T01:00Z to 2020-11-09T02:00Z"]
    assert ben.placeholder
    assert programme.rooms[0].features == ("screen", "stage")
    assert programme.rules == (CATALOGUE["comfort"](weight=2),)


def test_the_least_that_is_needed(tmp_path: Path) -> None:
    """Two sheets make a programme, with a byte order mark, Windows line ends, blank rows and spare columns."""
    (tmp_path / "programme.csv").write_bytes(
        b"\xef\xbb\xbfKey,Value,,\r\nfirst day,2020-11-09,,\r\n,,,\r\nlast_day,2020-11-09,,\r\n")
    (tmp_path / "sessions.csv").write_bytes(b'\xef\xbb\xbf"Duration",ID\r\n 30 ,\'=s1\r\n\r\n45,\'-s2\r\n')
    programme = read_tables(tmp_path)
    assert [(session.id, session.duration) for session in programme.sessions] == [("=s1", 30), ("-s2", 45)]
    assert programme.window.days[0].hours == (Clock("00:00", "24:00"),)


def test_days_of_their_own(tmp_path: Path) -> None:
    """days.csv lists the days, several rows a day, in place of the first and the last."""
    programme = read_tables(folder(
        tmp_path, programme__csv="key,value\nzone,UTC\n",
        days__csv="date,opens,closes\n2020-11-06,09:00,12:00\n2020-11-06,13:00,17:00\n2020-11-09,,\n"))
    assert [[clock.start for clock in day.hours] for day in programme.window.days] == [["09:00", "13:00"], ["00:00"]]


def test_every_fault_has_its_cell(tmp_path: Path) -> None:
    """Bad cells, unknown columns, doubled ids and unknown names are told at once, by file, row and column."""
    found = problems_of(folder(
        tmp_path,
        programme__csv="key,value\nfirst_day,2020-11-06\nlast_day,2020-11-10\nzone,Europe/Warsawa\ngrid,0\n"
                       "cap,two\nopns,09:00\ncap,3\n",
        sessions__csv="id,duration,titel,teams,tentative,allowed,rooms,state,capacity\n"
                      "opening,30.7,,,,,,,\n\n"
                      "workshop,30,x,captioners:x,maybe,tomorrow,rad,drafft,-1\n"
                      "late,600000,,,,,,,\n"
                      "late,30,,hots,,,,,,spare\n"
                      ",30,,,,,,,\n",
        people__csv="id,zone,weekly,available\nana,Europe/Pari,9-17,\nben,,,2020-11-09T10:00/2020-11-09T11:00\n",
        roles__csv="session,person,role,required\nopenin,ana,,\nopening,anna,,perhaps\nworkshop,,,\n",
        availability__csv="person,kind,start,end\nann,busy,2020-11-09T10:00Z,2020-11-09T11:00Z\n"
                          "ana,bussy,2020-11-09T10:00Z,2020-11-09T11:00Z\n"
                          "ana,busy,2020-11-09T11:00Z,2020-11-09T10:00Z\nana,busy,2020-10-25T02:30,\n",
        phases__csv="name,first_day,last_day\nfirst,2020-11-06,2020-11-31\nsecond,2021-11-06,2021-11-31\n",
        rules__json='[{"rule": "comfrt"}]',
    ))
    places = {
        "programme.csv": "4 value, 5 value, 6 value, 7 key, 8 key",
        "sessions.csv": "1 titel, 2 duration, 4 teams, 4 tentative, 4 allowed, 4 rooms, 4 state, 4 capacity, 6, "
                            "6 teams, 7 id",
        "people.csv": "2 zone, 2 weekly, 3 available",
        "roles.csv": "2 session, 3 required, 4 person",
        "availability.csv": "2 person, 3 kind, 4, 5 end",
        "phases.csv": "2 last_day, 3 last_day",
    }
    assert set(found) == {"rules.json, $[0].rule"} | {
        f"{sheet}, row {', column '.join(cell.split())}"
        for sheet, cells in places.items() for cell in cells.split(", ")
    }
    assert found["sessions.csv, row 1, column titel"].nearest == "title"
    assert found["sessions.csv, row 2, column duration"].found == "30.7"
    assert found["sessions.csv, row 2, column duration"].expected == "a whole number"
    assert "spans such as" in found["sessions.csv, row 4, column allowed"].expected
    assert found["programme.csv, row 6, column value"].expected == "a whole number"
    assert found["phases.csv, row 2, column last_day"].found == "2020-11-31"
    assert found["roles.csv, row 2, column session"].nearest == "opening"
    assert found["availability.csv, row 2, column person"].nearest == "ana"
    assert found["rules.json, $[0].rule"].nearest == "comfort"


def test_cross_references_have_their_cell(tmp_path: Path) -> None:
    """Names of nothing, doubled ids and sessions that are too long are told by row and column, too."""
    found = problems_of(folder(
        tmp_path,
        sessions__csv="id,duration,rooms,phases,teams\nopening,30,rad,,\n\nworkshop,900,,frist,\nopening,30,,,hots:1\n",
        roles__csv="session,person\nopening,anna\nworkshop,ben\n",
        groups__csv="id,members\nall,ana;cleo\n",
    ))
    assert {place: problem.nearest for place, problem in found.items()} == {
        "sessions.csv, row 2, column rooms": "red", "sessions.csv, row 4, column duration": "",
        "sessions.csv, row 4, column phases": "first", "sessions.csv, row 5": "",
        "sessions.csv, row 5, column teams": "hosts", "roles.csv, row 2, column person": "ana",
        "groups.csv, row 2, column members": "",
    }
    assert "first in row 2" in found["sessions.csv, row 5"].message


def test_local_times_in_a_clock_change(tmp_path: Path) -> None:
    """A local time that happens twice is told with its person, its cell and both readings."""
    found = problems_of(folder(
        tmp_path, availability__csv="person,kind,start,end\nana,busy,2020-10-25T02:30,2020-10-25T12:00\n"))
    (problem,) = (found["availability.csv, row 2, column start"],)
    assert "person ana" in problem.message
    assert "2020-10-25T00:30Z" in problem.message
    assert "2020-10-25T01:30Z" in problem.message


@pytest.mark.parametrize(("change", "places"), [
    ({"sessions__csv": None}, {"sessions.csv"}),
    ({"programme__csv": None}, {"programme.csv"}),
    ({"sessions__csv": ""}, {"sessions.csv"}),
    ({"sessions__csv": "id;duration\nopening;30\n"}, {"sessions.csv, row 1"}),
    ({"sessions__csv": "duration,title\n30,x\n"}, {"sessions.csv, row 1, column id"}),
    ({"sessions__csv": "id,type\nopening,main\nworkshop,\n"}, {"sessions.csv, row 1, column duration"}),
    ({"sessions__csv": "id,duration,id\nopening,30,workshop\n"}, {
        "sessions.csv, row 1, column id", "roles.csv, row 2, column session", "roles.csv, row 3, column session"}),
    ({"sessions__csv": 'id,duration\nopening,30\nworkshop,"30\n'}, {"sessions.csv, row 3"}),
    ({"rooms__csv": "capacity\n3\n"}, {"rooms.csv, row 1, column id"}),
    ({"people__csv": "zone\nUTC\n"}, {"people.csv, row 1, column id"}),
    ({"programme__csv": "key\nzone\n"}, {
        "programme.csv, row 1, column value"}),
    ({"programme__csv": "key,value\nfirst_day,2020-11-09\n"}, {"programme.csv"}),
    ({"programme__csv": "key,value\nfirst_day,2020-11-09\nlast_day,2020-11-01\n"}, {
        "programme.csv, row 3, column value"}),
    ({"programme__csv": "key,value\nfirst_day,9.11.2020\nlast_day,2020-11-10\nopens,dawn\nweekends,perhaps\n"}, {
        f"programme.csv, row {row}, column value" for row in (2, 4, 5)}),
    ({"programme__csv": "key,value\nfirst_day,2020-11-06\nlast_day,2020-11-10\nopens,9:00\ncloses,9:20\n"}, {
        "sessions.csv, row 2, column duration", "sessions.csv, row 3, column duration"}),
    ({"phases__csv": "name,first_day,last_day\nfirst,2020-11-07,2020-11-08\n"}, {"phases.csv, row 2"}),
    ({"phases__csv": None, "phase__csv": "name\n"}, {"phase.csv", "sessions.csv, row 2, column phases"}),
    ({"days__csv": "date,opens\n2020-11-06,09:00\n2020-11-06,10:00\n"}, {
        "days.csv", *(f"programme.csv, row {row}, column key" for row in (4, 5, 6, 7, 8)),
        "phases.csv, row 3"}),
    ({"rules__json": "[{]"}, {"rules.json, line 1, column 3"}),
    ({"rules__json": "{}"}, {"rules.json, $"}),
    ({"rules__json": '[{"rule": "comfort", "rule": "comfort"}]'}, {"rules.json, $[0].rule"}),
])
def test_broken_sheets(tmp_path: Path, change: dict[str, str | None], places: set[str]) -> None:
    """A sheet that is missing, cut off or of another kind is told once, without blaming those that refer to it."""
    assert set(problems_of(folder(tmp_path, **change))) == places


def test_not_utf8(tmp_path: Path) -> None:
    """A sheet in another encoding is told with the line of the first strange byte, a folder in place of a sheet too."""
    folder(tmp_path, people__csv=None, roles__csv=None, availability__csv=None, rules__json=None)
    (tmp_path / "sessions.csv").write_bytes("id,duration,title\na,30,x\nb,30,café\n".encode("latin-1"))
    (tmp_path / "rooms.csv").unlink()
    (tmp_path / "rooms.csv").mkdir()
    (tmp_path / "rules.json").write_bytes(b"\xff")
    assert set(problems_of(tmp_path)) == {"sessions.csv, line 3", "rooms.csv", "rules.json, line 1"}


@pytest.mark.parametrize("name", ["none", "a\0b", "programme.csv"])
def test_no_folder(tmp_path: Path, name: str) -> None:
    """What is no folder is an input problem."""
    folder(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read_tables(f"{tmp_path}/{name}")


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_broken_cells(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever is cut out of the sheets or put into them, they are read or refused by InputError alone."""
    path = tmp_path_factory.mktemp("sheets")
    sheets = dict(SMALL)
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(sheets)))
        start = data.draw(st.integers(0, len(sheets[name])))
        end = data.draw(st.integers(start, min(len(sheets[name]), start + 12)))
        junk = data.draw(st.one_of(st.text(max_size=4), st.sampled_from(['"', ",", "\r\n", ";", "ana", "9" * 5000])))
        sheets[name] = sheets[name][:start] + junk + sheets[name][end:]
    for name, text in sheets.items():
        (path / name).write_text(text, encoding="utf-8", newline="")
    try:
        read_tables(path)
    except InputError as error:
        str(error).encode()


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_schedule_round_trip(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """A schedule of any programme comes back from its sheet, or is refused because an id cannot stand in a cell."""
    schedule = data.draw(schedules(data.draw(programmes(odd_names=True))))
    path = tmp_path_factory.getbasetemp() / "schedule.csv"
    rooms = [room for placement in schedule for room in placement.rooms]
    names = [*rooms, *(placement.session for placement in schedule)]
    if any(name != name.strip() for name in names) or any(";" in room for room in rooms):
        with pytest.raises(InputError, match="cannot stand in a CSV cell"):
            write_schedule_csv(schedule, path)
        return
    write_schedule_csv(schedule, path)
    assert read_schedule_csv(path) == schedule


def test_text_of_a_schedule(tmp_path: Path) -> None:
    """Times are UTC, several rooms stand in one cell, and no cell begins a formula."""
    path = tmp_path / "schedule.csv"
    write_schedule_csv(Schedule([
        Placement(session="=HYPERLINK(1)", start="2020-11-09T15:00+01:00", duration=30, rooms=["@red", "blue"]),
        Placement(session="b", start="2020-11-09T23:30Z", duration=60),
    ], label="lost"), path)
    assert path.read_bytes() == (
        b"session_id,start_utc,end_utc,room\r\n"
        b"'=HYPERLINK(1),2020-11-09T14:00Z,2020-11-09T14:30Z,'@red;blue\r\n"
        b"b,2020-11-09T23:30Z,2020-11-10T00:30Z,\r\n"
    )
    assert [placement.rooms for placement in read_schedule_csv(path)] == [("@red", "blue"), ()]


def test_schedule_as_a_spreadsheet_leaves_it(tmp_path: Path) -> None:
    """Times may have lost their T and their Z, columns may be in any order and the room may be left out."""
    path = tmp_path / "schedule.csv"
    path.write_text("end_utc,session_id,start_utc\n2020-11-09 15:00:00,a,2020-11-09 14:00\n", encoding="utf-8")
    (placement,) = read_schedule_csv(path)
    assert (text_of(placement.start), placement.duration) == ("2020-11-09T14:00Z", 60)


def test_faults_of_a_schedule(tmp_path: Path) -> None:
    """All faults of a schedule are told at once, by row and column."""
    path = tmp_path / "s.csv"
    path.write_text(
        "session_id,start_utc,end_utc,rooms\na,2020-11-09T14:00Z,2020-11-09T13:00Z,\na,noon,2020-11-09T13:00Z,\n,,,x\n",
        encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_schedule_csv(path)
    assert {problem.path for problem in raised.value.problems} == {
        "s.csv, row 1, column rooms", "s.csv, row 2, column end_utc", "s.csv, row 3, column start_utc",
        "s.csv, row 3, column session_id", "s.csv, row 4, column session_id", "s.csv, row 4, column start_utc",
        "s.csv, row 4, column end_utc",
    }
    with pytest.raises(InputError, match="no such file"):
        read_schedule_csv(tmp_path / "none.csv")


@pytest.mark.parametrize("name", [" a", "a;b", "\u00a0a", ""])
def test_ids_that_would_not_come_back(tmp_path: Path, name: str) -> None:
    """An id that a cell would change is refused before anything is written."""
    placement = Placement(session="a", start="2020-11-09T14:00Z", duration=30, rooms=[name])
    with pytest.raises(InputError, match="cannot stand in a CSV cell"):
        write_schedule_csv(Schedule([placement]), tmp_path / "schedule.csv")
    assert not list(tmp_path.iterdir())


@given(st.text(alphabet="'=+-@\uff1dab", max_size=6))
def test_escaping_is_undone(text: str) -> None:
    """Escaped text never begins a formula, and is what it was after unescaping."""
    assert escaped(text).lstrip()[:1] not in set("=+-@\uff1d")
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize(("cell", "time"), [("9:00", "09:00"), ("09:00:00", "09:00"), ("24:00", "24:00"), ("9", "9")])
def test_clock_cells(cell: str, time: str) -> None:
    """Times of day are taken as spreadsheets write them."""
    assert clock_cell(cell) == time


def test_read_text_names_its_source(tmp_path: Path) -> None:
    """An open file is told by its name."""
    path = tmp_path / "x.csv"
    path.write_text("é", encoding="utf-8")
    with path.open("rb") as file:
        assert read_text(file) == ("é", str(path))
