"""A programme from a folder of spreadsheets saved as CSV: one row for each session, person, role, room.

| file | columns, the required ones in bold |
|---|---|
| programme.csv | **key**, **value**: title, zone, first_day, last_day, opens, closes, weekends, grid, cap, changeover, preset |
| sessions.csv | **id**, **duration**, and the other fields of a session that fit into a cell |
| people.csv | **id**, zone, region, available, weekly (`mon-fri 09:00-17:00`), ... |
| roles.csv | **session**, **person**, role, required |
| rooms.csv, tracks.csv, groups.csv, teams.csv, series.csv | **id** and the fields of the class |
| days.csv | **date**, opens, closes: several rows a day, in place of first_day to weekends in programme.csv |
| phases.csv | **name**, **first_day**, **last_day** |
| availability.csv | **person**, **kind** (available or busy), **start**, **end**, zone (the person's if empty) |
| rules.json | the list of rules as in igfsched's own JSON |

Only programme.csv and sessions.csv must be there. Lists in a cell are separated by `;`. An empty cell leaves the
default. Every fault of every file is told at once, by file, row and column.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import attrs

from igfsched.errors import InputError, Problem, nearest
from igfsched.grid import clock_minutes
from igfsched.io.cells import Column, clock_cell, columns_of, truth_cell, whole_cell
from igfsched.io.converter import Catalogue
from igfsched.io.faults import Faults
from igfsched.io.files import is_folder, read_text
from igfsched.io.jsontext import parse
from igfsched.io.native import PROGRAMME_FORMAT, VERSION, programme_from_dict
from igfsched.io.scalars import read_date
from igfsched.io.sheets import Row, Sheet, place, read_sheet
from igfsched.programme import Group, Person, Programme, Role, Room, Series, Session, Team, Track

_CLASSES: dict[str, type] = {
    "sessions": Session, "people": Person, "rooms": Room, "tracks": Track, "groups": Group, "teams": Team, "series": Series,
}
_DAY_KEYS = ("first_day", "last_day", "opens", "closes", "weekends")
_KEYS = ("title", "zone", *_DAY_KEYS, "grid", "cap", "changeover", "preset")
# Where the settings of programme.csv stand in the JSON form.
_KEY_PATHS = {
    "title": "$.title", "zone": "$.window.zone", "grid": "$.window.grid.step", "cap": "$.cap",
    "changeover": "$.changeover", "preset": "$.preset",
}


def read_tables(folder: str | os.PathLike[str], catalogue: Catalogue | None = None) -> Programme:
    """Return the programme in a folder of CSV files (see the module).

    `catalogue` gives the known rules by name, igfsched's own if not given. Raises InputError with
    every problem of every file.
    """
    if not is_folder(folder):
        raise InputError([Problem(path=os.fspath(folder), message="there is no such folder")], os.fspath(folder))
    reading = _Reading(Path(folder))
    problems = reading.problems
    try:
        programme = programme_from_dict(reading.data, catalogue=catalogue)
    except InputError as error:
        problems = [*problems, *reading.told(error.problems)]
    if problems:
        raise InputError(problems, os.fspath(folder))
    return programme


class _Reading:
    """The sheets of a folder as the JSON form of a programme, with the place of each part.

    `places` leads from the JSON path of a row's object to the row and to its columns by field
    (None: the place is a single cell).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.places: dict[str, tuple[str, dict[str, str] | None]] = {}
        self.unread: dict[str, tuple[str, str]] = {}
        self.lacking: set[str] = set()
        self.data: dict[str, Any] = {"format": PROGRAMME_FORMAT, "version": VERSION}
        for kind, cls in _CLASSES.items():
            self._items(kind, cls)
        self._roles()
        self._availability()
        self._settings()
        if (folder / "rules.json").exists():
            self._rules()

    def told(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return problems of the JSON form as problems of the sheets, each cell blamed once."""
        found: dict[tuple[str, str], Problem] = {}
        for problem in problems:
            if problem.path == "$.window" and "window" not in self.data:
                continue  # why there is no window has been told
            where = self._place(problem.path)
            if any(where.startswith(f"{sheet}, ") and where.endswith(f", column {column}")
                   for sheet, column in (place.split("|") for place in self.lacking)):
                continue  # so has the column that is missing
            cell = next((cell for path, cell in self.unread.items() if problem.path.startswith(path)), None)
            if cell is not None:
                problem = attrs.evolve(problem, message="this is not what belongs here", found=cell[0], expected=cell[1])
            kind = re.match(r"\$\.(\w+)", problem.path)
            message = re.sub(
                r"first at index (\d+)",
                lambda index, kind=kind: "first in " + self._place(f"$.{kind[1]}[{index[1]}]").split(", ")[-1],
                problem.message,
            )
            found.setdefault((where, message), attrs.evolve(problem, path=where, message=message))
        return list(found.values())

    def _place(self, path: str) -> str:
        if path.startswith("$.rules"):
            return "rules.json, $" + path.removeprefix("$.rules")
        known = path
        while known and known not in self.places:
            known = re.sub(r"(\.\w+|\[[^\[]*\])$", "", known) if known != "$" else ""
        if not known:
            return {"$.sessions": "sessions.csv"}.get(path, "programme.csv")
        row, columns = self.places[known]
        step = re.match(r"\.(\w+)", path[len(known):])
        if columns is None or step is None:
            return row
        return f"{row}, column {columns.get(step[1], step[1])}"

    def _sheet(self, name: str, required: Iterable[str], optional: Iterable[str] = (), needed: bool = False) -> Sheet:
        path = self.folder / name
        if not needed and not path.exists():
            return Sheet(name)
        sheet = read_sheet(path, tuple(required), tuple(optional))
        self.problems += sheet.problems
        self.lacking |= {f"{name}|{column}" for column in sheet.lacking}
        return sheet

    def _items(self, kind: str, cls: type) -> None:
        name = f"{kind}.csv"
        columns = columns_of(cls)
        required = [column.name for column in columns.values() if column.required]
        optional = [column for column in columns if column not in required]
        sheet = self._sheet(name, required, optional, needed=kind == "sessions")
        self.data[kind] = []
        for row in sheet.rows:
            path = f"$.{kind}[{len(self.data[kind])}]"
            self.places[path] = (place(name, row.number), {})
            self.data[kind].append(self._values(row, columns, path))

    def _values(self, row: Row, columns: dict[str, Column], path: str) -> dict[str, Any]:
        values = {}
        for name, cell in row.cells.items():
            if name not in columns:
                continue
            column = columns[name]
            values[name] = column.read(cell)
            parts = values[name] if isinstance(values[name], list) else ()
            if column.read not in _PLAIN and any(isinstance(part, str) for part in parts):
                self.unread[f"{path}.{name}"] = (cell, column.words)
        return values

    def _roles(self) -> None:
        sessions = {session["id"]: n for n, session in reversed(list(enumerate(self.data["sessions"]))) if "id" in session}
        columns = {**columns_of(Role), "session": Column("session", str, "the id of a session")}
        for row in self._sheet("roles.csv", ("session", "person"), ("role", "required")).rows:
            session = self._known(row, "roles.csv", "session", sessions)
            if session is not None:
                roles = self.data["sessions"][session].setdefault("people", [])
                path = f"$.sessions[{session}].people[{len(roles)}]"
                self.places[path] = (place("roles.csv", row.number), {})
                values = self._values(row, columns, path)
                roles.append({name: value for name, value in values.items() if name != "session"})

    def _availability(self) -> None:
        people = {person["id"]: n for n, person in reversed(list(enumerate(self.data["people"]))) if "id" in person}
        for row in self._sheet("availability.csv", ("person", "kind", "start", "end"), ("zone",)).rows:
            person = self._known(row, "availability.csv", "person", people)
            kind = row.cells.get("kind", "").lower()
            if kind not in ("available", "busy"):
                self._blame(row, "availability.csv", "kind", "a kind of availability", "available or busy")
            elif person is not None:
                spans = self.data["people"][person].setdefault(kind, [])
                self.places[f"$.people[{person}].{kind}[{len(spans)}]"] = (place("availability.csv", row.number), {})
                spans.append({key: row.cells[key] for key in ("start", "end", "zone") if key in row.cells})

    def _known(self, row: Row, sheet: str, column: str, known: dict[str, int]) -> int | None:
        name = row.cells.get(column)
        if name in known:
            return known[name]
        if f"{sheet}|{column}" not in self.lacking:
            found = f"{name!r} is not one of the {column}s" if name else f"{column} is missing"
            near = nearest(name, list(known)) if name else ""
            self.problems.append(Problem(path=place(sheet, row.number, column), message=found, nearest=near))
        return None

    def _blame(self, row: Row, sheet: str, column: str, what: str, expected: str) -> None:
        if f"{sheet}|{column}" not in self.lacking:
            self.problems.append(Problem(path=place(sheet, row.number, column), message=f"this is not {what}",
                                         expected=expected, found=row.cells.get(column, "")))

    def _settings(self) -> None:
        rows: dict[str, Row] = {}
        for row in self._sheet("programme.csv", ("key", "value"), needed=True).rows:
            key = row.cells.get("key", "").lower().replace(" ", "_")
            where = place("programme.csv", row.number, "key")
            if key not in _KEYS:
                near = nearest(key, _KEYS)
                self.problems.append(Problem(path=where, message=f"there is no setting {key!r}", nearest=near,
                                             expected="" if near else "one of " + ", ".join(_KEYS)))
            elif key in rows:
                self.problems.append(Problem(path=where, message=f"{key} occurs twice, first in row {rows[key].number}"))
            elif "value" in row.cells:
                rows[key] = row
        for key, path in _KEY_PATHS.items():
            if key in rows:
                self.places[path] = (place("programme.csv", rows[key].number, "value"), None)
        values = {key: row.cells["value"] for key, row in rows.items()}
        for key in ("title", "preset"):
            if key in values:
                self.data[key] = values[key]
        for key in ("cap", "changeover"):
            if key in values:
                self.data[key] = whole_cell(values[key])
        days = self._days() if (self.folder / "days.csv").exists() else self._daily(rows)
        if (self.folder / "days.csv").exists():
            self.problems += [
                Problem(path=place("programme.csv", rows[key].number, "key"),
                        message=f"{key} has no meaning here, because days.csv lists the days")
                for key in _DAY_KEYS if key in rows
            ]
        if days is not None:
            window: dict[str, Any] = {"days": days, "phases": self._phases([day["date"] for day in days])}
            if "zone" in values:
                window["zone"] = values["zone"]
            if "grid" in values:
                window["grid"] = {"step": whole_cell(values["grid"])}
            self.data["window"] = window

    def _daily(self, rows: dict[str, Row]) -> list[dict[str, Any]] | None:
        """Return the days from the first to the last, or None if something about them is wrong."""
        before = len(self.problems)
        for key in ("first_day", "last_day"):
            if key not in rows and "programme.csv|key" not in self.lacking:
                self.problems.append(Problem(path="programme.csv", message=f"{key} is missing",
                                             expected="first_day and last_day, or a file days.csv"))
        first, last = (self._date(rows[key], "value") if key in rows else None for key in ("first_day", "last_day"))
        opens, closes = (
            self._time(rows[key], "programme.csv", "value") if key in rows else other
            for key, other in (("opens", "00:00"), ("closes", "24:00")))
        weekends = truth_cell(rows["weekends"].cells["value"]) if "weekends" in rows else False
        if not isinstance(weekends, bool):
            self._blame(rows["weekends"], "programme.csv", "value", "what belongs here", "true or false")
        if first and last and last < first:
            self._blame(rows["last_day"], "programme.csv", "value", "after the first day", f"a date from {first}")
        if first is None or last is None or len(self.problems) > before:
            return None
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        hours = [{"start": opens, "end": closes}]
        return [{"date": day.isoformat(), "hours": hours} for day in days if weekends or day.weekday() < 5]

    def _days(self) -> list[dict[str, Any]] | None:
        """Return the days of days.csv, a row for each stretch of hours, or None if it has a fault."""
        before = len(self.problems)
        days: dict[str, dict[str, Any]] = {}
        for row in self._sheet("days.csv", ("date",), ("opens", "closes")).rows:
            day = self._date(row, "date", "days.csv")
            opens, closes = (
                self._time(row, "days.csv", column) if column in row.cells else other
                for column, other in (("opens", "00:00"), ("closes", "24:00")))
            if day is not None:
                entry = days.setdefault(day.isoformat(), {"date": day.isoformat(), "hours": []})
                entry["hours"].append({"start": opens, "end": closes})
        return None if len(self.problems) > before else list(days.values())

    def _phases(self, dates: list[str]) -> list[dict[str, Any]]:
        phases: dict[str, dict[str, Any]] = {}
        for row in self._sheet("phases.csv", ("name", "first_day", "last_day")).rows:
            name = row.cells.get("name", "")
            phase = phases.setdefault(name, {"name": name, "days": []})
            self.places.setdefault(f"$.window.phases[{len(phases) - 1}]", (place("phases.csv", row.number), {}))
            ends = [self._date(row, column, "phases.csv") for column in ("first_day", "last_day")]
            if ends[0] is not None and ends[1] is not None:
                inside = [day for day in dates if str(ends[0]) <= day <= str(ends[1])]
                if not inside:
                    self.problems.append(Problem(path=place("phases.csv", row.number),
                                                 message=f"phase {name!r} has no programme day"))
                phase["days"] += inside
        return list(phases.values())

    def _rules(self) -> None:
        try:
            text, _ = read_text(self.folder / "rules.json")
            self.data["rules"] = parse(text, "rules.json")
        except InputError as error:
            self.problems += [
                Problem(path=f"rules.json, {problem.path}".removesuffix(f", {self.folder / 'rules.json'}"),
                        message=problem.message) for problem in error.problems
            ]

    def _date(self, row: Row, column: str, sheet: str = "programme.csv") -> date | None:
        if column not in row.cells and f"{sheet}|{column}" in self.lacking:
            return None
        try:
            return read_date(row.cells.get(column))
        except Faults as faults:
            where = place(sheet, row.number, column)
            self.problems += [attrs.evolve(problem, path=where) for problem in faults.problems]
            return None

    def _time(self, row: Row, sheet: str, column: str) -> str:
        text = clock_cell(row.cells[column])
        try:
            clock_minutes(text)
        except ValueError as error:
            self.problems.append(Problem(path=place(sheet, row.number, column), message=str(error)))
        return text


_PLAIN: tuple[Any, ...] = (str, whole_cell, truth_cell)
