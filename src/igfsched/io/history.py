"""JSON files of histories: where a planner began, and each step with its changes and what moved.

- `read_history`, `history_from_dict`: the history of a file, or every problem of the input at once.
- `history_to_dict`, `write_history`: the one form in which it is written.
- `HistoryFile`, `RecordedStep`: what such a file holds.

Programme, schedules, changes and places have the form of their own files, without `format` and `version`. Of the
schedule that a step led to only what is otherwise than before it is written. Whether that fits the programme, and
keeps its rules, shows when a planner is made of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

import attrs
from attrs import field, frozen
from attrs.validators import optional

from igfsched.changes import Change
from igfsched.disruption import Disruption
from igfsched.errors import InputError, Problem
from igfsched.grid import Instant
from igfsched.io.changes import own_converter
from igfsched.io.converter import structure_fields
from igfsched.io.faults import Faults, missing_field, unknown_field, wrong
from igfsched.io.files import Source, read_text, write_text
from igfsched.io.jsontext import parse
from igfsched.io.native import PROGRAMME_FORMAT, VERSION, envelope, programme_from_dict
from igfsched.programme import Programme, whole
from igfsched.schedule import Placement, Schedule
from igfsched.tuples import to_texts

HISTORY_FORMAT = "igfsched-history"

_ENVELOPE = ("format", "version")


def _changes(values: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(values)


def _placements(values: Iterable[Placement]) -> tuple[Placement, ...]:
    return tuple(values)


@frozen(kw_only=True)
class RecordedStep:
    """A step: changes that were repaired, a publication (`published`), or a look at the clock (`clock`, `now`).

    - `placed`: the places that sessions have after it and did not have before.
    - `gone`: the sessions that have no place after it and had one before.
    - `price`: what one unit of weighted moves might cost in the first tier, if moves were traded.
    """

    changes: tuple[Change, ...] = field(default=(), converter=_changes)
    published: bool = False
    clock: bool = False
    now: Instant | None = None
    placed: tuple[Placement, ...] = field(default=(), converter=_placements)
    gone: tuple[str, ...] = field(default=(), converter=to_texts)
    price: int | None = field(default=None, validator=optional(whole(0)))

    def __attrs_post_init__(self) -> None:
        if (bool(self.changes or self.placed or self.gone)) + self.published + self.clock > 1:
            raise ValueError("a step is one of these: changes with what moves, a publication, a look at the clock")
        if self.now is not None and not self.clock:
            raise ValueError("now belongs to a look at the clock")
        if self.price is not None and (self.published or self.clock):
            raise ValueError("a price belongs to changes")


def _steps(values: Iterable[RecordedStep]) -> tuple[RecordedStep, ...]:
    return tuple(values)


def _done(_: object, __: object, value: int | None) -> None:
    if value is not None and (isinstance(value, bool) or value < 0):
        raise ValueError(f"done is a number of steps from 0, not {value!r}")


@frozen(kw_only=True)
class HistoryFile:
    """What a planner has been through: where it began, and its steps.

    - `schedule`, `reference`: at the beginning, the second as it was published; `now`: the time then, if it mattered.
    - `done`: so many of the steps lead to where the planner stands, all if not given; those after were undone.
    """

    programme: Programme
    schedule: Schedule
    reference: Schedule
    disruption: Disruption = field(factory=Disruption)
    now: Instant | None = None
    steps: tuple[RecordedStep, ...] = field(default=(), converter=_steps)
    done: int | None = field(default=None, validator=_done)

    def __attrs_post_init__(self) -> None:
        if self.done is not None and self.done > len(self.steps):
            raise ValueError(f"done is {self.done}, but there are only {len(self.steps)} steps")


def read_history(source: Source) -> HistoryFile:
    """Return the history in a JSON file: a path, an open file, or `-`. Raises InputError with every problem."""
    text, name = read_text(source)
    return history_from_dict(parse(text, name), name)


def write_history(history: HistoryFile, path: str | os.PathLike[str]) -> None:
    """Write a history to a file (`-`: standard output); on failure the file stays as it was."""
    write_text(path, json.dumps(history_to_dict(history), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def history_to_dict(history: HistoryFile) -> dict[str, Any]:
    """Return a history as plain JSON values."""
    return {"format": HISTORY_FORMAT, "version": VERSION, **own_converter().unstructure(history)}


def history_from_dict(data: Any, source: str = "history") -> HistoryFile:
    """Return the history that plain JSON values stand for. Raises InputError with every problem."""
    problems = envelope(data, HISTORY_FORMAT, source)
    values, found = structure_fields(data, HistoryFile, own_converter(), ignore=(*_ENVELOPE, "programme"))
    programme, more = _programme(data, source)
    problems += [*Faults(found).below("$"), *(problem for problem in more if problem not in problems)]
    if not problems and programme is not None:
        try:
            return HistoryFile(programme=programme, **values)
        except ValueError as error:
            problems.append(Problem(path="$.done", message=str(error)))
    raise InputError(problems, source)


def _programme(data: dict[str, Any], source: str) -> tuple[Programme | None, list[Problem]]:
    """Return the programme of a history, or what is wrong with it; it is read as a file of its own is."""
    if "programme" not in data:
        return None, Faults([missing_field("programme", "an object")]).below("$")
    raw = data["programme"]
    if not isinstance(raw, dict):
        return None, wrong(raw, "an object").below("$.programme")
    fields = [attribute.name for attribute in attrs.fields(Programme) if attribute.init]
    found = Faults(unknown_field(key, fields, raw) for key in raw if key in _ENVELOPE).below("$.programme")
    try:
        programme = programme_from_dict({**raw, "format": PROGRAMME_FORMAT, "version": VERSION}, source)
    except InputError as error:
        found += Faults(
            attrs.evolve(problem, path=problem.path.removeprefix("$")) for problem in error.problems
        ).below("$.programme")
        return None, found
    return programme, found
