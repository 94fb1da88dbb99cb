"""One sheet of a spreadsheet, saved as CSV: its rows by column, every fault named by row and column.

- `read_sheet`: the rows of a sheet that has certain columns.
- `place`: how messages name a place: `sessions.csv, row 7, column duration`.
- `escaped`, `unescaped`: text that a spreadsheet would take for a formula, made harmless and back.

Rows are counted as a spreadsheet shows them: the header is row 1, and blank rows count.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from attrs import evolve, field, frozen

from igfsched.errors import InputError, Problem, nearest
from igfsched.io.files import read_text

# What spreadsheets take for the beginning of a formula, the full-width forms included.
_FORMULA = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"


@frozen
class Row:
    """A row: its number, and its cells that are not empty, by column."""

    number: int
    cells: dict[str, str]


@frozen
class Sheet:
    """A sheet as far as it can be read. `lacking` are required columns that it does not have."""

    name: str
    rows: tuple[Row, ...] = ()
    lacking: tuple[str, ...] = ()
    problems: list[Problem] = field(factory=list)


def read_sheet(path: Path, required: Collection[str], optional: Collection[str] = ()) -> Sheet:
    """Return the sheet in a file. Its columns stand in any order; each of them must be known."""
    try:
        text, _ = read_text(path)
        records = list(_records(text, path.name))
    except InputError as error:
        return Sheet(path.name, problems=named(error, path), lacking=tuple(required))
    if not records:
        problem = Problem(path=path.name, message="the sheet is empty", expected=f"a header row: {', '.join(required)}")
        return Sheet(path.name, problems=[problem], lacking=tuple(required))
    columns, problems = _header(path.name, records[0], required, optional)
    if columns is None:
        return Sheet(path.name, problems=problems, lacking=tuple(required))
    rows = []
    for number, record in enumerate(records[1:], start=2):
        for position, cell in enumerate(record):
            if cell and (position >= len(columns) or not columns[position]):
                message = "a cell lies in no named column"
                problems.append(Problem(path=place(path.name, number), message=message, found=cell))
        # A column named twice has been told of; the later one counts here.
        cells = {column: cell for column, cell in zip(columns, record, strict=False) if cell and column}
        if cells:
            rows.append(Row(number, cells))
    lacking = tuple(column for column in required if column not in columns)
    return Sheet(path.name, tuple(rows), lacking, problems)


def named(error: InputError, path: Path) -> list[Problem]:
    """Return the problems of a file that could not be read, told by the name it has in its folder."""
    return [evolve(problem, path=problem.path.replace(str(path), path.name)) for problem in error.problems]


def place(sheet: str, row: int, column: str = "") -> str:
    """Return how messages name a row or a cell."""
    return f"{sheet}, row {row}, column {column}" if column else f"{sheet}, row {row}"


def escaped(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return "'" + text if re.match(f"'*{_FORMULA}", text) else text


def unescaped(text: str) -> str:
    """Return the text from which `escaped` made this one; other text as it is."""
    return text[1:] if re.match(f"'+{_FORMULA}", text) else text


def _records(text: str, name: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    row = 0
    try:
        for record in reader:
            row += 1
            yield [unescaped(cell.strip()) for cell in record]
    except csv.Error as error:
        raise InputError([Problem(path=place(name, row + 1), message=f"not CSV: {error}")]) from None


def _header(
    name: str, cells: list[str], required: Collection[str], optional: Collection[str],
) -> tuple[list[str] | None, list[Problem]]:
    """Return the columns in the order of the sheet (None if it has none), and what is wrong with them."""
    known = [*required, *optional]
    if len(cells) == 1 and cells[0] not in known and (separator := re.search(r"[;\t|]", cells[0])):
        message = f"the columns are separated by {separator[0]!r}"
        return None, [Problem(path=place(name, 1), message=message, expected="commas")]
    columns = [re.sub(r"\s+", "_", cell.lower()) for cell in cells]
    problems = [
        Problem(path=place(name, 1, column), message="there is no such column", nearest=near,
                expected="" if near else "one of " + ", ".join(known))
        for column in columns if column and column not in known for near in [nearest(column, known)]
    ]
    problems += [
        Problem(path=place(name, 1, column), message="the column occurs twice")
        for position, column in enumerate(columns) if column and column in columns[:position]
    ]
    problems += [
        Problem(path=place(name, 1, column), message="this column is missing")
        for column in required if column not in columns
    ]
    return columns, problems
