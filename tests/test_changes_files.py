"""Files of changes: what is written is read back, what cannot be read is told completely, the schema judges alike."""

from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_changes import EXAMPLES
from test_native import JUNK, nodes

from igfsched.changes import CHANGES, Batch, CapSet, Change, RoomClosed, SessionCancelled
from igfsched.errors import InputError, Problem
from igfsched.grid import Span
from igfsched.io import changes_from_dict, changes_to_dict, read_changes, write_changes
from igfsched.io.schema import changes_schema, read_schema, schema_text

SCHEMA = jsonschema.Draft202012Validator(changes_schema())
FULL = changes_to_dict(EXAMPLES)


def file_of(*changes: Any) -> dict[str, Any]:
    """Return a file that holds these changes."""
    return {"format": "igfsched-changes", "version": 1, "changes": list(changes)}


def problems_of(data: Any) -> dict[str, Problem]:
    """Return the problems of a file of changes, by path."""
    with pytest.raises(InputError) as raised:
        changes_from_dict(data)
    return {problem.path: problem for problem in raised.value.problems}


@pytest.mark.parametrize("change", EXAMPLES, ids=lambda change: change.kind)
def test_round_trip(change: Change) -> None:
    """A change of each kind is read back equal, and obeys the schema; defaults are not written."""
    written = json.loads(json.dumps(changes_to_dict([change])))
    assert written["changes"][0]["change"] == change.kind
    assert None not in written["changes"][0].values() or change.kind == "cap_set"
    assert changes_from_dict(written) == (change,)
    SCHEMA.validate(written)


def test_files(tmp_path: Path) -> None:
    """A file is read back equal, from a path or an open file, and equal changes are written as equal bytes."""
    write_changes(EXAMPLES, tmp_path / "changes.json")
    text = (tmp_path / "changes.json").read_text(encoding="utf-8")
    assert read_changes(tmp_path / "changes.json") == EXAMPLES
    assert read_changes(io.StringIO(text)) == EXAMPLES
    write_changes(read_changes(io.StringIO(text)), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text(encoding="utf-8") == text


def test_the_form() -> None:
    """A change is an object with its fields; `change` names the kind, also within a batch."""
    assert changes_to_dict([Batch(changes=[SessionCancelled(session="a")])]) == file_of(
        {"change": "batch", "changes": [{"change": "session_cancelled", "session": "a"}]})


def test_short_forms() -> None:
    """A span may name a zone for local times, a cap may be its number, a person an id or a person."""
    spans = [{"start": "2020-11-09T09:00", "end": "2020-11-09T10:00", "zone": "Europe/Warsaw"}]
    first, second = changes_from_dict(file_of(
        {"change": "room_closed", "room": "red", "spans": spans}, {"change": "cap_set", "cap": 3}))
    assert first == RoomClosed(room="red", spans=[Span("2020-11-09T08:00Z", "2020-11-09T09:00Z")])
    assert second == CapSet(cap=3)


def test_all_faults_at_once() -> None:
    """Every fault of a file is told, with its place and what may have been meant."""
    found = problems_of({**file_of(
        {"change": "person_unavailble", "person": "Ana"},
        {"change": "person_unavailable", "persn": "Ana",
         "spans": [{"start": "2020-11-09T10:00Z", "end": "2020-11-09T09:00Z"}]},
        {"change": "batch", "changes": [{"change": "session_resized", "session": "a", "duration": "60"}]},
        {"change": "person_added", "session": "a", "person": {"id": "x", "zone": "Europe/Warsav"}},
        {"change": "rule_changed", "rule": "comfort"},
        {"session": "a"}, "x", {"change": 3},
        {"change": "session_split", "session": "a", "durations": [30]},
    ), "titel": "x"})
    assert set(found) == {
        "$.titel", "$.changes[0].change", "$.changes[1].persn", "$.changes[1].person", "$.changes[1].spans[0]",
        "$.changes[2].changes[0].duration", "$.changes[3].person.zone", "$.changes[4]", "$.changes[5].change",
        "$.changes[6]", "$.changes[7].change", "$.changes[8].durations",
    }
    assert found["$.changes[0].change"].nearest == "person_unavailable"
    assert found["$.changes[1].persn"].nearest == "person"
    assert found["$.changes[1].spans[0]"].message.startswith("person_unavailable: ")


@pytest.mark.parametrize(("data", "path"), [
    (None, "$"), ([], "$"), ({}, "$.format"), ({**file_of(), "format": "igfsched-programme"}, "$.format"),
    ({**file_of(), "version": 2}, "$.version"), ({"format": "igfsched-changes", "version": 1}, "$.changes"),
    ({**file_of(), "changes": {}}, "$.changes"),
])
def test_other_files_are_refused(data: Any, path: str) -> None:
    """What is no file of changes is told so."""
    assert path in problems_of(data)


def test_the_shipped_schema_is_current() -> None:
    """The shipped schema is that of the classes (else: python -m igfsched.io.schema), and knows every kind."""
    jsonschema.Draft202012Validator.check_schema(changes_schema())
    assert schema_text(changes_schema()) == schema_text(read_schema("changes"))
    assert {f"#/$defs/{cls.__name__}" for cls in CHANGES.values()} == {
        part["$ref"] for part in changes_schema()["$defs"]["Change"]["oneOf"]}


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_reading_never_fails_otherwise(data: st.DataObject) -> None:
    """A file with junk in any place is read or refused with problems; what is read obeys the schema."""
    document = copy.deepcopy(FULL)
    places = nodes(document)
    container, key = places[data.draw(st.integers(0, len(places) - 1))]
    container[key] = data.draw(JUNK)
    try:
        changes_from_dict(document)
    except InputError:
        return
    SCHEMA.validate(document)


@pytest.mark.parametrize("blank", ["", " "])
def test_a_session_that_is_merged_has_a_name(blank):
    """A blank id is refused when it is read, as the schema has it."""
    document = {"format": "igfsched-changes", "version": 1,
                "changes": [{"change": "sessions_merged", "sessions": [blank, "data"], "id": "both"}]}
    with pytest.raises(InputError, match="not empty"):
        changes_from_dict(document)
    assert not SCHEMA.is_valid(document)
