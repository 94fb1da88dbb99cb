"""A schedule as one CSV sheet: session_id, start_utc, end_utc, room (several rooms joined by `;`).

The sheet holds the placements only, not the schedule's label.
"""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import attrs

from igfsched.errors import InputError, Problem
from igfsched.grid import Instant, text_of
from igfsched.io.cells import list_cell
from igfsched.io.faults import Faults
from igfsched.io.files import write_text
from igfsched.io.scalars import read_instant
from igfsched.io.sheets import Row, escaped, place, read_sheet
from igfsched.schedule import Placement, Schedule

COLUMNS = ("session_id", "start_utc", "end_utc", "room")


def read_schedule_csv(path: str | os.PathLike[str]) -> Schedule:
    """Return the schedule in a CSV file. Times without an offset are UTC. Raises InputError with every problem."""
    source = Path(path)
    sheet = read_sheet(source, COLUMNS[:3], COLUMNS[3:])
    problems = list(sheet.problems)
    placements: list[Placement] = []
    rows: dict[str, int] = {}
    for row in sheet.rows if not sheet.lacking else ():
        placement, wrong = _placement(row, source.name)
        session = row.cells.get("session_id", "")
        if session in rows:
            wrong.append(Problem(path=place(source.name, row.number, "session_id"),
                                 message=f"{session!r} is placed twice, first in row {rows[session]}"))
        rows.setdefault(session, row.number)
        problems += wrong
        if placement is not None:
            placements.append(placement)
    if problems:
        raise InputError(problems, str(source))
    return Schedule(placements)


def write_schedule_csv(schedule: Schedule, path: str | os.PathLike[str]) -> None:
    """Write a schedule as CSV; on failure the file stays as it was (`-`: standard output).

    Ids that a spreadsheet would take for formulas get an apostrophe in front, which reading takes
    away. Raises InputError for ids that would not come back: with outer blanks, or a room with `;`.
    """
    problems = [
        Problem(path=f"placement of {placement.session!r}", message="this id cannot stand in a CSV cell", found=name,
                expected="a name without blanks around it" + (" and without ;" if is_room else ""))
        for placement in schedule
        for name, is_room in [(placement.session, False), *((room, True) for room in placement.rooms)]
        if not name or name != name.strip() or (is_room and ";" in name)
    ]
    if problems:
        raise InputError(problems, os.fspath(path))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for placement in schedule:
        cells = (placement.session, text_of(placement.start), text_of(placement.end), ";".join(placement.rooms))
        writer.writerow([escaped(cell) for cell in cells])
    write_text(path, text.getvalue())


def _placement(row: Row, sheet: str) -> tuple[Placement | None, list[Problem]]:
    """Return the placement of a row, or what is wrong with it."""
    problems: list[Problem] = []
    ends: dict[str, Instant] = {}
    session = row.cells.get("session_id", "")
    for column in COLUMNS[:3]:
        where = place(sheet, row.number, column)
        if column not in row.cells:
            problems.append(Problem(path=where, message=f"{column} is missing"))
        elif column != "session_id":
            try:
                ends[column] = read_instant(row.cells[column], "UTC")
            except Faults as faults:
                problems += [attrs.evolve(problem, path=where) for problem in faults.problems]
    if problems:
        return None, problems
    start, end = ends["start_utc"], ends["end_utc"]
    duration = int((end - start).total_seconds()) // 60
    if duration <= 0:
        message = f"session {session} ends at {text_of(end)}, which is not after its start at {text_of(start)}"
        return None, [Problem(path=place(sheet, row.number, "end_utc"), message=message)]
    rooms = list_cell(row.cells.get("room", ""))
    return Placement(session=session, start=start, duration=duration, rooms=rooms), []
