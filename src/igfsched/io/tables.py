"""A programme from a folder of spreadsheets saved as CSV: one row for each session, person, role, room.

| file | columns, the required ones in bold |
|---|---|
| programme.csv | **key**, **value**; the keys are title, zone, first_day, last_day, opens, closes, weekends, grid, |
| | cap, changeover, preset |
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
from igfsched.io.cells import Column, clock_cell, columns_of, list_cell, truth_cell, whole_cell
from igfsched.io.converter import Catalogue
from igfsched.io.faults import Faults
from igfsched.io.files import is_folder, read_text
from igfsched.io.jsontext import parse
from igfsched.io.native import PROGRAMME_FORMAT, VERSION, programme_from_dict
from igfsched.io.scalars import read_date
from igfsched.io.sheets import Row, Sheet, named, place, read_sheet
from igfsched.programme import Group, Person, Programme, Role, Room, Series, Session, Team, Track

_CLASSES: dict[str, type] = {
    "sessions": Session, "people": Person, "rooms": Room, "tracks": Track, "groups": Group, "teams": Team,
    "series": Series,
}
_FILES = (*(f"{kind}.csv" for kind in _CLASSES), "programme.csv", "roles.csv", "days.csv", "phases.csv",
          "availability.csv", "rules.json")
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

    `places` leads from the JSON path of a part to the row, cell or sheet from which it was made. `unread` has
    the cells that nothing could be made of, with what they should hold, by path; `lacking` the required
    columns that a sheet does not have, all of them if it cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.places: dict[str, str] = {}
        self.unread: dict[str, tuple[str, str]] = {}
        self.lacking: set[tuple[str, str]] = set()
        self.indices: dict[str, dict[str, int]] = {}
        self.data: dict[str, Any] = {"format": PROGRAMME_FORMAT, "version": VERSION}
        for kind, cls in _CLASSES.items():
            self._items(kind, cls)
        self._roles()
        self._availability()
        self._settings()
        self._rules()
        self._strangers()

    def told(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return problems of the JSON form as problems of the sheets, each cell blamed once."""
        found: dict[tuple[str, str], Problem] = {}
        for problem in problems:
            kind = problem.path.removeprefix("$.")
            if kind in ("window", *_CLASSES) and self.data.get(kind) is None:
                continue  # why it could not be read has been told
            where = self._place(problem.path)
            if any(where.startswith(f"{sheet}, ") and where.endswith(f", column {column}")
                   for sheet, column in self.lacking):
                continue  # and so has the column that is missing
            for path, (cell, words) in self.unread.items():
                if problem.path.startswith(path):
                    problem = Problem(path=path, message="this is not what belongs here", found=cell, expected=words)
            message = self._message(problem)
            found.setdefault((where, message), attrs.evolve(problem, path=where, message=message))
        return list(found.values())

    def _message(self, problem: Problem) -> str:
        """Return what a problem says, in rows where it speaks of positions in a list."""
        index = re.search(r"first at index \d+", problem.message)
        if index is None:
            return problem.message
        number = index[0].split()[-1]
        first = self._place(re.sub(r"\[\d+\]", f"[{number}]", problem.path, count=1))
        return problem.message.replace(index[0], "first in " + first.split(", ")[1])

    def _place(self, path: str) -> str:
        """Return the cell, the row or the sheet from which the part of the JSON form at a path was made."""
        if path.startswith("$.rules"):
            return "rules.json, $" + path.removeprefix("$.rules")
        for cut in range(len(path), 0, -1):
            if path[:cut] in self.places:
                found = self.places[path[:cut]]
                column = re.match(r"\.(\w+)", path[cut:])
                return f"{found}, column {column[1]}" if column and re.search(r", row \d+$", found) else found
        return "programme.csv"

    def _sheet(self, name: str, required: Iterable[str], optional: Iterable[str] = (), needed: bool = False) -> Sheet:
        path = self.folder / name
        if not needed and not path.exists():
            return Sheet(name)
        sheet = read_sheet(path, tuple(required), tuple(optional))
        self.problems += sheet.problems
        self.lacking |= {(name, column) for column in sheet.lacking}
        return sheet

    def _items(self, kind: str, cls: type) -> None:
        name = f"{kind}.csv"
        columns = columns_of(cls)
        required = [column.name for column in columns.values() if column.required]
        optional = [column for column in columns if column not in required]
        sheet = self._sheet(name, required, optional, needed=kind == "sessions")
        # Without ids nothing can be said about who names whom, so the list as a whole counts as unreadable.
        self.data[kind] = None if "id" in sheet.lacking else []
        self.places[f"$.{kind}"] = name
        for row in sheet.rows if self.data[kind] is not None else ():
            path = f"$.{kind}[{len(self.data[kind])}]"
            self.places[path] = place(name, row.number)
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
        columns = columns_of(Role)
        for row in self._sheet("roles.csv", ("session", "person"), ("role", "required")).rows:
            session = self._named(row, "roles.csv", "session", "sessions")
            if session is not None:
                roles = session[1].setdefault("people", [])
                path = f"$.sessions[{session[0]}].people[{len(roles)}]"
                self.places[path] = place("roles.csv", row.number)
                roles.append(self._values(row, columns, path))

    def _availability(self) -> None:
        for row in self._sheet("availability.csv", ("person", "kind", "start", "end"), ("zone",)).rows:
            person = self._named(row, "availability.csv", "person", "people")
            kind = row.cells.get("kind", "").lower()
            if kind not in ("available", "busy"):
                self._blame(row, "availability.csv", "kind", "a kind of availability", "available or busy")
            elif person is not None:
                spans = person[1].setdefault(kind, [])
                path = f"$.people[{person[0]}].{kind}[{len(spans)}]"
                self.places[path] = place("availability.csv", row.number)
                spans.append({key: row.cells[key] for key in ("start", "end", "zone") if key in row.cells})

    def _named(self, row: Row, sheet: str, column: str, kind: str) -> tuple[int, dict[str, Any]] | None:
        """Return the item that a cell names, with its index; None after telling that there is none."""
        items: list[dict[str, Any]] | None = self.data[kind]
        if items is None or (sheet, column) in self.lacking:
            return None
        name = row.cells.get(column)
        if kind not in self.indices:
            self.indices[kind] = {}
            for index, item in enumerate(items):
                self.indices[kind].setdefault(item.get("id", ""), index)
        if name in self.indices[kind]:
            index = self.indices[kind][name]
            return index, items[index]
        message = f"{name!r} is not one of the {kind}" if name else f"{column} is missing"
        near = nearest(name, list(self.indices[kind])) if name else ""
        self.problems.append(Problem(path=place(sheet, row.number, column), message=message, nearest=near))
        return None

    def _blame(self, row: Row, sheet: str, column: str, what: str, expected: str) -> None:
        if (sheet, column) not in self.lacking:
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
                message = f"{key} occurs twice, first in row {rows[key].number}"
                self.problems.append(Problem(path=where, message=message))
            elif "value" in row.cells:
                rows[key] = row
        for key, path in _KEY_PATHS.items():
            if key in rows:
                self.places[path] = place("programme.csv", rows[key].number, "value")
        values = {key: row.cells["value"] for key, row in rows.items()}
        for key in ("title", "preset"):
            if key in values:
                self.data[key] = values[key]
        for key in ("cap", "changeover"):
            if key in values:
                self.data[key] = whole_cell(values[key])
                if isinstance(self.data[key], str):
                    self.unread[f"$.{key}"] = (values[key], "a whole number")
        listed = (self.folder / "days.csv").exists()
        self.places["$.window.days"] = "days.csv" if listed else "programme.csv"
        days = self._days() if listed else self._daily(rows)
        if listed:
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
        if any(sheet == "programme.csv" for sheet, _ in self.lacking):
            return None
        if lacking := [key for key in ("first_day", "last_day") if key not in rows]:
            self.problems.append(Problem(path="programme.csv", message=f"missing: {', '.join(lacking)}",
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
            self.places.setdefault(f"$.window.phases[{len(phases) - 1}]", place("phases.csv", row.number))
            ends = [self._date(row, column, "phases.csv") for column in ("first_day", "last_day")]
            if ends[0] is not None and ends[1] is not None:
                inside = [day for day in dates if str(ends[0]) <= day <= str(ends[1])]
                if not inside:
                    self.problems.append(Problem(path=place("phases.csv", row.number),
                                                 message=f"phase {name!r} has no programme day"))
                phase["days"] += inside
        return list(phases.values())

    def _rules(self) -> None:
        path = self.folder / "rules.json"
        if path.exists():
            try:
                self.data["rules"] = parse(read_text(path)[0], path.name)
            except InputError as error:
                self.problems += [
                    problem if problem.path.startswith(path.name) else
                    attrs.evolve(problem, path=f"{path.name}, {problem.path}") for problem in named(error, path)
                ]

    def _strangers(self) -> None:
        """Tell of files that look as if they were meant to be read: a sheet under a wrong name is not a lack of it."""
        names = sorted(set(os.listdir(self.folder)) - {"schedule.csv"})  # the answer may lie beside the question
        for name in names:
            near = nearest(name.lower(), _FILES)
            if name not in _FILES and near and near not in names and name.endswith((".csv", ".json")):
                self.problems.append(Problem(path=name, message="no file of this name is read", nearest=near))

    def _date(self, row: Row, column: str, sheet: str = "programme.csv") -> date | None:
        if column not in row.cells and (sheet, column) in self.lacking:
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


# Readers whose text is a value, or is refused at its own place in words that fit.
_PLAIN: tuple[Any, ...] = (str, whole_cell, truth_cell, list_cell)
