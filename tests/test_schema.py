"""The published JSON Schemas: they never drift from the classes, and judge files as reading does."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import programmes, schedules
from test_native import FULL, JUNK, RULES, nodes, small

from igfsched.errors import InputError
from igfsched.io import dumps, programme_from_dict
from igfsched.io.schema import programme_schema, read_schema, schedule_schema, schema_text, write_schemas
from igfsched.programme import Programme
from igfsched.rules import CATALOGUE

PROGRAMME = jsonschema.Draft202012Validator(programme_schema({**CATALOGUE, **RULES}))
SCHEDULE = jsonschema.Draft202012Validator(schedule_schema())


def test_shipped_schemas_are_current(tmp_path: Any) -> None:
    """The shipped schemas are those of the classes; `python -m igfsched.io.schema` renews them."""
    write_schemas(tmp_path)
    assert json.loads((tmp_path / "programme.schema.json").read_text("utf-8")) == read_schema("programme")
    assert json.loads((tmp_path / "schedule.schema.json").read_text("utf-8")) == read_schema("schedule")
    assert (tmp_path / "schedule.schema.json").read_text("utf-8") == schema_text(schedule_schema())


@pytest.mark.parametrize("schema", [programme_schema(), programme_schema({}), schedule_schema()])
def test_schemas_are_schemas(schema: dict[str, Any]) -> None:
    """Each schema is one by the rules of draft 2020-12, and each of its references leads somewhere."""
    jsonschema.Draft202012Validator.check_schema(schema)
    names = {part.split('"')[0] for part in json.dumps(schema).split("#/$defs/")[1:]}
    assert names <= set(schema["$defs"])


@given(programmes(odd_names=True))
@settings(max_examples=25, deadline=None)
def test_written_programmes_are_valid(programme: Programme) -> None:
    """Every programme that is written obeys the schema."""
    PROGRAMME.validate(json.loads(dumps(programme)))


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_written_schedules_are_valid(data: st.DataObject) -> None:
    """Every schedule that is written obeys the schema."""
    SCHEDULE.validate(json.loads(dumps(data.draw(schedules(data.draw(programmes()))))))


def test_every_form_is_valid() -> None:
    """The short forms, rules, profiles with periods and spans with zones obey the schema."""
    PROGRAMME.validate(small())
    PROGRAMME.validate(FULL)


@pytest.mark.parametrize(("place", "value"), [
    (("format",), "igfsched-schedule"),
    (("version",), 2),
    (("titel",), "x"),
    (("cap",), True),
    (("cap",), -1),
    (("preset",), "defualt"),
    (("sessions", 0, "duration"), "30"),
    (("sessions", 0, "duration"), 0),
    (("sessions", 0, "duration"), 30.5),
    (("sessions", 0, "id"), " "),
    (("sessions", 0, "state"), "drafft"),
    (("sessions", 0, "prerecorded"), 1),
    (("sessions", 0, "tags"), "youth"),
    (("sessions", 0, "fixed_start"), "tomorrow"),
    (("sessions", 0, "other_durations"), [0]),
    (("sessions", 0, "lenght"), 3),
    (("people", 1, "weekly", 0, "weekdays"), [7]),
    (("people", 1, "weekly", 0, "hours", "start"), "9:00"),
    (("window", "days", 0, "date"), "9 November"),
    (("window", "grid", "step"), 0),
    (("rules", 0, "rule"), "bufer"),
    (("rules", 0, "minutes"), 4),
    (("rules", 0, "weight"), 1_000_000_001),
    (("rules", 0, "level"), "firm"),
    (("rules", 0, "pairs"), [["opening"]]),
])
def test_obvious_faults_are_refused(place: tuple[Any, ...], value: object) -> None:
    """What reading refuses for itself alone, the schema refuses too."""
    data = copy.deepcopy(FULL)
    container = data
    for key in place[:-1]:
        container = container[key]
    container[place[-1]] = value
    assert not PROGRAMME.is_valid(data)
    with pytest.raises(InputError):
        programme_from_dict(data, catalogue={**CATALOGUE, **RULES})


@pytest.mark.parametrize("place", [
    ("format",), ("version",), ("window",), ("sessions",), ("window", "days"), ("sessions", 0, "duration"),
    ("rules", 0, "rule"), ("teams", 0, "size"),
])
def test_missing_fields_are_refused(place: tuple[Any, ...]) -> None:
    """A field without a default is required."""
    data = copy.deepcopy(FULL)
    container = data
    for key in place[:-1]:
        container = container[key]
    del container[place[-1]]
    assert not PROGRAMME.is_valid(data)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_read_is_valid(data: st.DataObject) -> None:
    """The schema refuses no file that reading accepts."""
    document = copy.deepcopy(FULL)
    places = nodes(document)
    container, key = places[data.draw(st.integers(0, len(places) - 1))]
    container[key] = data.draw(JUNK)
    try:
        programme_from_dict(document, catalogue={**CATALOGUE, **RULES})
    except InputError:
        return
    PROGRAMME.validate(document)


def test_a_type_without_a_form_is_told() -> None:
    """A rule whose parameter has no form in JSON cannot be published by accident."""
    from attrs import frozen

    from igfsched.rule import Rule

    @frozen(kw_only=True)
    class Strange(Rule):
        """A rule of a set."""

        name = "strange"
        summary = "strange"
        things: frozenset[str] = frozenset()

    with pytest.raises(TypeError, match="no JSON form"):
        programme_schema({"strange": Strange})
