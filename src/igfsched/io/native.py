"""igfsched's own JSON files: programmes and schedules, versioned, read strictly, written reproducibly.

- `read_programme`, `programme_from_dict`: a programme, or every problem of the input at once.
- `read_schedule`, `schedule_from_dict`: a schedule, likewise.
- `to_dict`, `dumps`, `write_programme`, `write_schedule`: the one form in which each is written.

Equal values are written as equal bytes: fields in the order of their classes, defaults left out.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import attrs
from cattrs import Converter

from igfsched.consistency import inconsistencies
from igfsched.errors import InputError, Problem, nearest
from igfsched.io.converter import Catalogue, make_converter, resolved, structure_fields
from igfsched.io.faults import Faults, missing_field, wrong
from igfsched.io.files import Source, read_text, write_text
from igfsched.io.jsontext import parse, shape_problems, step
from igfsched.programme import Programme, Window
from igfsched.rules import CATALOGUE, PRESETS
from igfsched.schedule import Schedule

VERSION = 1
PROGRAMME_FORMAT = "igfsched-programme"
SCHEDULE_FORMAT = "igfsched-schedule"

_ENVELOPE = ("format", "version")
# The lists of a programme whose items are read one by one: what is wrong with one does not hide the others.
_LISTS = ("sessions", "rooms", "people", "tracks", "groups", "teams", "series", "audience", "rules")
# What makes a whole of an item without its faulty fields, so that it can be asked whom it names. Not too long anywhere.
_STAND_INS: dict[str, dict[str, Any]] = {"sessions": {"duration": 1}}
_REFERRED = ("sessions", "rooms", "people", "tracks", "groups", "teams", "series")


def read_programme(source: Source, catalogue: Catalogue | None = None) -> Programme:
    """Return the programme in a JSON file: a path, an open file, or `-` for standard input.

    `catalogue` gives the known rules by name, igfsched's own if not given. Raises InputError with
    every problem of the file.
    """
    text, name = read_text(source)
    return programme_from_dict(parse(text, name), name, catalogue)


def read_schedule(source: Source) -> Schedule:
    """Return the schedule in a JSON file: a path, an open file, or `-`. Raises InputError with every problem."""
    text, name = read_text(source)
    return schedule_from_dict(parse(text, name), name)


def write_programme(programme: Programme, path: str | os.PathLike[str]) -> None:
    """Write a programme to a file (`-`: standard output); on failure the file stays as it was."""
    write_text(path, dumps(programme))


def write_schedule(schedule: Schedule, path: str | os.PathLike[str]) -> None:
    """Write a schedule to a file (`-`: standard output); on failure the file stays as it was."""
    write_text(path, dumps(schedule))


def dumps(value: Programme | Schedule) -> str:
    """Return the text of the JSON file for a programme or a schedule."""
    return json.dumps(to_dict(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def to_dict(value: Programme | Schedule) -> dict[str, Any]:
    """Return a programme or a schedule as plain JSON values."""
    name = PROGRAMME_FORMAT if isinstance(value, Programme) else SCHEDULE_FORMAT
    return {"format": name, "version": VERSION, **_own_converter().unstructure(value)}


def programme_from_dict(data: Any, source: str = "programme", catalogue: Catalogue | None = None) -> Programme:
    """Return the programme that plain JSON values stand for. Raises InputError with every problem."""
    problems = envelope(data, PROGRAMME_FORMAT, source)
    converter = _own_converter() if catalogue is None else make_converter(catalogue)
    reading = _Reading(data, converter)
    problems += reading.problems
    if problems:
        raise InputError([*problems, *reading.cross_references()], source)
    try:
        return Programme(**reading.values)
    except InputError as error:
        raise InputError(error.problems, source) from None


def schedule_from_dict(data: Any, source: str = "schedule") -> Schedule:
    """Return the schedule that plain JSON values stand for. Raises InputError with every problem."""
    problems = envelope(data, SCHEDULE_FORMAT, source)
    values, found = structure_fields(data, Schedule, _own_converter(), ignore=_ENVELOPE)
    problems += Faults(found).below("$")
    if not problems:
        try:
            return Schedule(**values)
        except ValueError as error:
            problems.append(Problem(path="$.placements", message=str(error)))
    raise InputError(problems, source)


@cache
def _own_converter() -> Converter:
    return make_converter(CATALOGUE)


def envelope(data: Any, form: str, source: str) -> list[Problem]:
    """Return what is wrong around the content; InputError if the content is no such content at all."""
    if not isinstance(data, dict):
        raise InputError(wrong(data, f"an object with format {form!r}").below("$"), source)
    problems = []
    if "format" not in data:
        problems.append(missing_field("format", repr(form)))
    elif data["format"] != form:
        near = nearest(data["format"], [form])
        problem = Problem(path="$.format", message="this is another kind of file", found=data["format"],
                          expected=repr(form), nearest=near)
        raise InputError([problem], source)
    if "version" not in data:
        problems.append(missing_field("version", str(VERSION)))
    elif isinstance(data["version"], bool) or data["version"] != VERSION or not isinstance(data["version"], int):
        # What another version means is not known, so its fields are not judged.
        problem = Problem(path="$.version", message="this version of the format is not known",
                          found=data["version"], expected=str(VERSION))
        raise InputError([problem], source)
    shape = shape_problems(data)
    if any("nested" in problem.message for problem in shape):
        raise InputError(shape, source)
    return [*Faults(problems).below("$"), *shape]


class _Reading:
    """A programme as far as it can be read.

    `values` are the fields that could be read; of a list, the items that could, also those that could
    without their faulty fields: these are never given out, but what they name is looked up. `kept` tells
    where each of those items stood, `lost` holds the raw values that could not be read.
    """

    def __init__(self, data: dict[str, Any], converter: Converter) -> None:
        self.kept: dict[str, list[int]] = {}
        self.lost: dict[str, list[Any]] = {}
        self.data = data
        lists = [name for name in _LISTS if isinstance(data.get(name), list)]
        self.values, problems = structure_fields(data, Programme, converter, ignore=(*_ENVELOPE, *lists))
        preset = self.values.get("preset", "default")
        if preset not in PRESETS:
            problems.append(Problem(path=".preset", message=f"there is no preset {preset!r}",
                                    nearest=nearest(preset, list(PRESETS)), expected="one of " + ", ".join(PRESETS)))
        for name in lists:
            problems += self._items(name, data[name], converter)
        self.problems = Faults(problems).below("$")

    def _items(self, name: str, raw: list[Any], converter: Converter) -> list[Problem]:
        (item_type, _) = resolved(Programme)[name].type.__args__  # type: ignore[union-attr]
        items, problems = [], []
        self.kept[name], self.lost[name] = [], []
        for index, part in enumerate(raw):
            try:
                items.append(converter.structure(part, item_type))
                self.kept[name].append(index)
            except Faults as faults:
                problems += faults.below(f".{name}[{index}]")
                rest, faulty = _parted(part, faults)
                try:
                    items.append(converter.structure({**_STAND_INS.get(name, {}), **rest}, item_type))
                    self.kept[name].append(index)
                    self.lost[name].append(faulty)
                except Faults:
                    self.lost[name].append(part)
        self.values[name] = tuple(items)
        return problems

    def cross_references(self) -> list[Problem]:
        """Return what does not fit together among the parts that could be read."""
        if "sessions" not in self.values or any(name in self.data and name not in self.values for name in _LISTS):
            return []  # any name could be among what a whole list would have held
        window = self.data.get("window")
        phases = window.get("phases", []) if isinstance(window, dict) else None
        also_known = {name: _ids(self.lost.get(name, ()), "id") for name in _REFERRED}
        also_known["phases"] = _ids(phases if isinstance(phases, list) else (), "name")
        mentioned = set(_texts([*self.lost.values(), window]))

        def follows(problem: Problem) -> bool:
            """Say whether a problem only follows from what is lost."""
            path = problem.path
            if "window" not in self.values and path.startswith("$.window"):
                return True
            if not isinstance(phases, list) and re.search(r"\.phases(\[\d+\])?$", path):
                return True
            if self.lost.get("rooms") and path.endswith(".room_count"):
                return True
            # A rule may choose by what only a lost session or person has: a type, a tag, a region.
            return path.startswith("$.rules") and problem.found in mentioned

        found = inconsistencies(self._partial(), also_known)
        return [self._relocated(problem) for problem in found if not follows(problem)]

    def _partial(self) -> Programme:
        """Return a programme that was never checked: the check is to be made knowing what is lost."""
        programme = object.__new__(Programme)
        defaults = {name: field.default for name, field in resolved(Programme).items()}
        # In a window without days no session is too long.
        for name, value in {**defaults, "window": Window(days=()), **self.values}.items():
            object.__setattr__(programme, name, value)
        return programme

    def _relocated(self, problem: Problem) -> Problem:
        """Return a problem of the readable items with the places that these have in the input."""
        match = re.match(r"\$\.(\w+)\[(\d+)\]", problem.path)
        if match is None or match[1] not in self.kept:
            return problem
        places = self.kept[match[1]]
        message = re.sub(r"(?<=first at index )\d+", lambda index: str(places[int(index[0])]), problem.message)
        path = f"$.{match[1]}[{places[int(match[2])]}]" + problem.path[match.end():]
        return attrs.evolve(problem, path=path, message=message)


def _parted(part: Any, faults: Faults) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of an object in which no fault was found, and those in which there was one."""
    if not isinstance(part, dict):
        return {}, {}
    places = [problem.path for problem in faults.problems]

    def at_fault(key: str) -> bool:
        return any(place.startswith(step(key)) and place[len(step(key)):][:1] in ("", ".", "[") for place in places)

    return ({key: value for key, value in part.items() if not at_fault(key)},
            {key: value for key, value in part.items() if at_fault(key)})


def _ids(items: Iterable[Any], key: str) -> set[str]:
    return {item[key] for item in items if isinstance(item, dict) and isinstance(item.get(key), str)}


def _texts(value: Any) -> Iterable[str]:
    """Return every text within plain values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
