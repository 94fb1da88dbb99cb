"""Tables for people: aligned columns for a terminal, plain HTML for a notebook."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape

_NUMBER = re.compile(r"([+-]?[\d.,]+%?)?")


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """Return lines in which the columns are aligned: numbers to the right, texts to the left."""
    if not rows:
        return []
    table = [[_one_line(cell) for cell in row] for row in (head, *rows)]
    numbers = [all(_is_number(row[n]) for row in table[1:]) for n in range(len(head))]
    widths = [max(_width(row[n]) for row in table) for n in range(len(head))]
    lines = []
    for row in table:
        cells = []
        for n, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - _width(cell))
            cells.append(space + cell if numbers[n] else cell + space)
        lines.append((indent + "  ".join(cells)).rstrip())
    return lines


def html_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], most: int = 20) -> str:
    """Return an HTML table of at most `most` rows; every text is escaped."""
    lines = ["<table>", f"<caption>{escape(caption)}</caption>"]
    lines.append("<tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in head) + "</tr>")
    lines += ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows[:most]]
    if len(rows) > most:
        lines.append(f'<tr><td colspan="{len(head)}">and {len(rows) - most} more</td></tr>')
    lines.append("</table>")
    return "\n".join(lines)


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _width(text: str) -> int:
    """Return the columns that a text takes on a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
