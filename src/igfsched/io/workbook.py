"""Cells of an Excel workbook as other people's formats have them, each with the place by which messages name it.

- `open_workbook`: the sheets of a file that a format asks for. Needs the extra `excel`, loaded on the first call.
- `SheetCells`: one sheet, its styled empty rows and columns at the end left out.
- `save_workbook`: plain sheets as a new file, whole or not at all.
- `Reading`: collects what is wrong with a file while it is read, so that all of it is told at once.
"""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from attrs import field, frozen

from igfsched.errors import InputError, Problem, nearest
from igfsched.io.files import write_bytes

File = str | os.PathLike[str]
Value = Any
"""What a cell holds: text, a number, a truth value, a time or a date, or None."""


@frozen(eq=False)
class SheetCells:
    """The cells of one sheet. `rows[r][c]` counts from 0; messages count rows from 1, as spreadsheets do."""

    file: str
    name: str
    rows: tuple[tuple[Value, ...], ...]
    fills: Mapping[tuple[int, int], str]
    """The colour of the cells that have a solid fill, RGB in six hexadecimal digits, by row and column."""

    @property
    def width(self) -> int:
        """Number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)

    def at(self, row: int, column: int) -> Value:
        """Return what a cell holds, None outside the sheet and for an empty text."""
        value = self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else None
        return None if value == "" else value

    def place(self, row: int, column: int | str | None = None) -> str:
        """Return how messages name a row, or a cell by its column's header or letter."""
        head = f"{self.file}, sheet {self.name}, row {row + 1}"
        if column is None:
            return head
        return f"{head}, column {letters(column) if isinstance(column, int) else column}"


@frozen(eq=False)
class Reading:
    """What is wrong with a file, so far."""

    file: str
    problems: list[Problem] = field(factory=list)

    def wrong(self, place: str, message: str, expected: str = "", found: Value = None, near: str = "") -> None:
        """Note one fault."""
        self.problems.append(Problem(path=place, message=message, expected=expected, found=found, nearest=near))

    def check(self) -> None:
        """Raise InputError with all that was noted, if anything was."""
        if self.problems:
            raise InputError(self.problems, self.file)

    def text(self, sheet: SheetCells, row: int, column: int, name: str) -> str:
        """Return a cell as text; a whole number is written without a point."""
        value = sheet.at(row, column)
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value)

    def filled(self, sheet: SheetCells, row: int, column: int, name: str) -> str:
        """Return a cell as text that is not empty."""
        text = self.text(sheet, row, column, name)
        if not text:
            self.wrong(sheet.place(row, name), "the cell is empty", expected="a text")
        return text

    def whole(self, sheet: SheetCells, row: int, column: int, name: str, *, least: int = 0, most: int | None = None,
              blank: int | None = None) -> int:
        """Return a cell as a whole number from `least` to `most`; `blank` is what an empty cell stands for."""
        value = sheet.at(row, column)
        if value is None and blank is not None:
            return blank
        number = _whole(value)
        if number is None or number < least or (most is not None and number > most):
            self.wrong(sheet.place(row, name), "this is not what belongs here" if value is not None else
                       "the cell is empty", found=value,
                       expected=f"a whole number from {least}{'' if most is None else f' to {most}'}")
            return least if blank is None else blank
        return number

    def known(self, place: str, name: str, names: Sequence[str] | Mapping[str, Any], what: str) -> bool:
        """Say whether a name is one of those that there are; note it if not."""
        if name in names:
            return True
        self.wrong(place, f"{name!r} is not one of the {what}", near=nearest(name, list(names)))
        return False

    def unique(self, sheet: SheetCells, names: Sequence[tuple[int, str]], column: str) -> None:
        """Note the names that stand in more than one row."""
        first: dict[str, int] = {}
        for row, name in names:
            if name in first:
                self.wrong(sheet.place(row, column), f"{name!r} occurs twice, first in row {first[name] + 1}")
            first.setdefault(name, row)


def open_workbook(path: File, sheets: Iterable[str] | None = None) -> dict[str, SheetCells]:
    """Return sheets of a workbook by name; only the first one, whatever its name, if none is asked for.

    Raises InputError if there is no such file, if it is no workbook, or for each sheet that it lacks.
    """
    name = os.fspath(path)
    short = Path(name).name
    openpyxl = _openpyxl()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that no value depends on
            book = openpyxl.load_workbook(io.BytesIO(Path(name).read_bytes()), data_only=True)
    except FileNotFoundError:
        raise InputError([Problem(path=name, message="there is no such file")], short) from None
    except IsADirectoryError:
        raise InputError([Problem(path=name, message="this is a folder, not a file")], short) from None
    except OSError as error:
        raise InputError([Problem(path=name, message=f"this cannot be read: {error.strerror or error}")],
                         short) from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, SyntaxError) as error:
        problem = Problem(path=name, message="this is not an Excel workbook", expected="a file of the kind .xlsx")
        raise InputError([problem], short) from error
    reading = Reading(short)
    found = {}
    for sheet in book.sheetnames[:1] if sheets is None else sheets:
        if sheet in book.sheetnames:
            found[sheet] = _cells(short, book[sheet])
        else:
            reading.wrong(short, f"there is no sheet {sheet!r}", near=nearest(sheet, book.sheetnames))
    reading.check()
    return found


def save_workbook(path: File, sheets: Mapping[str, Sequence[Sequence[Value]]]) -> None:
    """Write sheets of plain values as a workbook: afterwards the file holds all of it, or what it held before."""
    book = _openpyxl().Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                if value not in (None, ""):
                    cell = sheet.cell(number, column)
                    cell.value = value
                    if isinstance(value, str):
                        cell.data_type = "s"  # a name that begins with = is no formula
    content = io.BytesIO()
    book.save(content)
    write_bytes(path, content.getvalue())


def letters(column: int) -> str:
    """Return the letters of a column that counts from 0: A, B, ... Z, AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _openpyxl() -> ModuleType:
    try:
        import openpyxl
        import openpyxl.utils.exceptions
    except ImportError:
        problem = Problem(path="openpyxl", message="Excel workbooks need a library that is not installed",
                          expected="pip install 'igfsched[excel]'")
        raise InputError([problem], "excel") from None
    module: ModuleType = openpyxl
    return module


def _cells(file: str, sheet: Any) -> SheetCells:
    rows: list[tuple[Value, ...]] = []
    fills = {}
    for r, row in enumerate(sheet.iter_rows()):
        for c, cell in enumerate(row):
            if cell.fill is not None and cell.fill.fill_type == "solid":
                fills[r, c] = str(cell.fill.fgColor.rgb)[-6:].upper()
        values = [cell.value for cell in row]
        while values and values[-1] in (None, ""):
            values.pop()
        rows.append(tuple(values))
    while rows and not rows[-1]:
        rows.pop()
    return SheetCells(file, sheet.title, tuple(rows), fills)


def _whole(value: Value) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    try:
        return int(str(value).strip()) if value is not None else None
    except ValueError:
        return None
