"""docs/changes.md is made from the docstrings of the changes, and its example can be read.

Run this file to write the page anew.
"""

from __future__ import annotations

import inspect
import json
import re

from test_docs import DOCS, _field_row, _filled

from igfsched.changes import CHANGES, Batch, Change
from igfsched.io import changes_from_dict
from igfsched.io.converter import resolved

PAGE = DOCS / "changes.md"
EXAMPLE = """{
 "format": "igfsched-changes",
 "version": 1,
 "changes": [
  {"change": "person_unavailable", "person": "Ana",
   "spans": [{"start": "2020-11-09T09:00", "end": "2020-11-09T12:00", "zone": "Europe/Warsaw"}]},
  {"change": "session_resized", "session": "Data workshop", "duration": 60},
  {"change": "batch", "changes": [
   {"change": "session_moved", "session": "Opening", "start": "2020-11-09T14:00Z", "rooms": ["Room 2"]},
   {"change": "session_pinned", "session": "Opening", "room": true}
  ]}
 ]
}
"""


def changes_page() -> str:
    """Return docs/changes.md."""
    head = ["# The changes\n", *(f"{_filled(text)}\n" for text in (
        "Made from the docstrings of the changes by `python tests/test_docs_changes.py`: change them there.",
        "A change says what is otherwise after a programme was scheduled. `change.applied(programme, schedule)` "
        "returns the programme after it and the schedule in which what remains stays where it is, though that may "
        "break rules; `apply_changes` does so with several, each upon the one before it. A change that makes no sense "
        "is an `InputError` that names the change, the field and what may have been meant, and changes nothing.",
        "`read_changes` and `write_changes` of `igfsched.io` know files of changes; `igfsched/io/changes.schema.json` "
        "is their JSON Schema. In a file, `change` names the kind, which is the heading below:",
    )), f"```json\n{EXAMPLE}```\n", _filled(
        "Values of fields are those of [the file format](format.md); a span names a `zone` beside local times.") + "\n"]
    return "\n".join(head) + "".join(map(_section, CHANGES.values()))


def _section(cls: type[Change]) -> str:
    said = (inspect.getdoc(cls) or "").split("\n\n")
    parts = [part if part.startswith("- ") else _filled(" ".join(part.split())) for part in said]
    parts[0] = _filled(f"`{cls.__name__}`: {' '.join(said[0].split())}")
    rows = [
        "| `changes` | a list: a change each | must be given |" if cls is Batch else _field_row(attribute)
        for attribute in resolved(cls).values()
    ]
    return "\n".join([f"\n## {cls.kind}\n", "\n\n".join(parts), "", "| field | value | default |", "|---|---|---|",
                      *rows]) + "\n"


def test_the_page_of_changes_is_current() -> None:
    """docs/changes.md says what the docstrings say (else: python tests/test_docs_changes.py)."""
    assert PAGE.read_text(encoding="utf-8") == changes_page()


def test_the_example_can_be_read() -> None:
    """The example of docs/changes.md is read without a fault, and changes hold what it shows."""
    (text,) = re.findall(r"(?ms)^```json\n(.*?)^```$", PAGE.read_text(encoding="utf-8"))
    changes = changes_from_dict(json.loads(text))
    assert [change.kind for change in changes] == ["person_unavailable", "session_resized", "batch"]


if __name__ == "__main__":
    PAGE.write_text(changes_page(), encoding="utf-8")
