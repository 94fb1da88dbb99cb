"""Frontiers as JSON files, which a sweep can go on from.

- `frontier_to_dict`, `dumps`: the one form in which a frontier is written. Equal frontiers are equal bytes.
- `read_frontier`, `frontier_from_dict`: the frontier of a file, or every problem of the input at once.
- `Store`: the file of one sweep.

A schedule that several points share is written once; points name it by its number. Nothing in the file says when
or how fast it was made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import attrs

from igfsched.errors import InputError, Problem
from igfsched.io.faults import Faults, missing_field, unknown_field, wrong
from igfsched.io.files import Source, read_text, write_text
from igfsched.io.jsontext import parse
from igfsched.io.native import SCHEDULE_FORMAT, VERSION, envelope, schedule_from_dict, to_dict
from igfsched.io.native import dumps as dumps_value
from igfsched.programme import Programme
from igfsched.result import hash_of
from igfsched.schedule import Schedule
from igfsched.sweep.frontier import POINT_WORDS, Frontier, Point
from igfsched.sweep.known import Known

FRONTIER_FORMAT = "igfsched-frontier"

_FIELDS = ("format", "version", "title", "input_hash", "parameters", "tiers", "complete", "points", "schedules")
_POINT_FIELDS = ("cap", "days", "status", "cost", "bound", "dates", "proof", "looked", "schedule")


class Store:
    """The file of a sweep of one programme. Without a `path` there is none, and nothing is read or written.

    Points that the file holds and that are not asked now stay in it.
    """

    def __init__(self, programme: Programme, path: str | os.PathLike[str] | None, parameters: dict[str, Any]) -> None:
        self.path = path
        self.title = programme.title
        self.parameters = parameters
        self._beside: list[Point] = []
        try:
            self.input_hash = hash_of(dumps_value(programme))
        except (TypeError, ValueError):  # a rule of the user's own may hold what JSON cannot say
            self.input_hash = hash_of(programme)

    def read_into(self, known: Known) -> None:
        """Take in what the file holds, if there is one. Raises InputError if it is of another programme."""
        if self.path is None or not Path(self.path).exists():
            return
        source = os.fspath(self.path)
        frontier = read_frontier(self.path)
        if frontier.input_hash != self.input_hash:
            raise InputError([Problem(path="$.input_hash", message="this is the frontier of another programme",
                                      found=frontier.input_hash, expected=self.input_hash)], source)
        same = dict(frontier.parameters) == self.parameters
        problems = []
        for number, point in enumerate(frontier.points):
            if point.cap not in known.caps or point.days not in known.days:
                self._beside.append(point if same or point.decided else attrs.evolve(point, looked=False))
                continue
            # What was not proven may be with more time, or another seed.
            taken = point if same or point.decided else attrs.evolve(point, looked=False)
            try:
                known.add(taken)
            except ValueError as error:
                problems.append(Problem(path=f"$.points[{number}]", message=str(error)))
        if problems:
            raise InputError(problems, source)

    def frontier(self, known: Known) -> Frontier:
        """Return what is known as a frontier."""
        return known.frontier(title=self.title, input_hash=self.input_hash, parameters=self.parameters.items())

    def write(self, known: Known) -> None:
        """Write what is known; on failure the file stays as it was."""
        if self.path is not None:
            frontier = self.frontier(known)
            write_text(self.path, dumps(attrs.evolve(frontier, points=[*frontier.points, *self._beside])))


def dumps(frontier: Frontier) -> str:
    """Return the text of the JSON file for a frontier."""
    return json.dumps(frontier_to_dict(frontier), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def frontier_to_dict(frontier: Frontier) -> dict[str, Any]:
    """Return a frontier as plain JSON values."""
    numbers: dict[Schedule, int] = {}
    for point in frontier.points:
        if point.schedule is not None:
            numbers.setdefault(point.schedule, len(numbers))
    return {
        "format": FRONTIER_FORMAT, "version": VERSION, "title": frontier.title, "input_hash": frontier.input_hash,
        "parameters": dict(frontier.parameters), "tiers": {str(tier): name for tier, name in frontier.tiers},
        "complete": frontier.complete,
        "points": [
            {
                "cap": point.cap, "days": point.days, "status": point.status,
                "cost": {str(tier): cost for tier, cost in point.cost},
                "bound": {str(tier): bound for tier, bound in point.bound},
                "dates": [day.isoformat() for day in point.dates], "proof": point.proof, "looked": point.looked,
                "schedule": None if point.schedule is None else numbers[point.schedule],
            }
            for point in frontier.points
        ],
        "schedules": [
            {key: value for key, value in to_dict(schedule).items() if key not in ("format", "version")}
            for schedule in numbers
        ],
    }


def read_frontier(source: Source) -> Frontier:
    """Return the frontier in a JSON file: a path, an open file, or `-`. Raises InputError with every problem."""
    text, name = read_text(source)
    return frontier_from_dict(parse(text, name), name)


def frontier_from_dict(data: Any, source: str = "frontier") -> Frontier:
    """Return the frontier that plain JSON values stand for. Raises InputError with every problem."""
    problems = envelope(data, FRONTIER_FORMAT, source)
    reader = _Reader(problems)
    reader.known(data, _FIELDS, "$")
    schedules = reader.schedules(reader.get(data, "schedules", list, "$", "a list"))
    points = [reader.point(raw, f"$.points[{n}]", schedules)
              for n, raw in enumerate(reader.get(data, "points", list, "$", "a list"))]
    tiers = reader.by_tier(data, "tiers", "$", lambda value: isinstance(value, str), "a text")
    values = {
        "title": reader.get(data, "title", str, "$", "a text"),
        "input_hash": reader.get(data, "input_hash", str, "$", "a text"),
        "parameters": reader.get(data, "parameters", dict, "$", "an object").items(),
        "complete": reader.get(data, "complete", bool, "$", "true or false"),
    }
    keys = [(point.cap, point.days) for point in points if point is not None]
    problems += [Problem(path=f"$.points[{n}]", message="this point occurs twice")
                 for n, key in enumerate(keys) if key in keys[:n]]
    if problems:
        raise InputError(problems, source)
    return Frontier(points=[point for point in points if point is not None], tiers=tuple(tiers.items()), **values)


class _Reader:
    """Reads plain values and notes what is wrong with them."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def known(self, data: dict[str, Any], fields: tuple[str, ...], path: str) -> None:
        self.problems += Faults(unknown_field(key, fields, data) for key in data if key not in fields).below(path)

    def get(self, data: dict[str, Any], name: str, kind: type, path: str, expected: str) -> Any:
        """Return a field of a kind; an empty value of it, and a problem, if it is not there or is something else."""
        if name not in data:
            self.problems += Faults([missing_field(name, expected)]).below(path)
        elif isinstance(data[name], kind) and (kind is bool or not isinstance(data[name], bool)):
            return data[name]
        else:
            self.problems += wrong(data[name], expected).below(f"{path}.{name}")
        return kind()

    def by_tier(
        self, data: dict[str, Any], name: str, path: str, fits: Callable[[Any], bool], expected: str,
    ) -> dict[int, Any]:
        found = {}
        for key, value in self.get(data, name, dict, path, "an object with a value for each tier").items():
            if key.isdecimal() and fits(value):
                found[int(key)] = value
            else:
                self.problems += wrong(value, f"{expected} by the number of a tier").below(f"{path}.{name}.{key}")
        return found

    def schedules(self, raw: list[Any]) -> list[Schedule | None]:
        found: list[Schedule | None] = []
        for number, part in enumerate(raw):
            place = f"$.schedules[{number}]"
            found.append(None)
            if not isinstance(part, dict):
                self.problems += wrong(part, "an object").below(place)
                continue
            try:
                found[-1] = schedule_from_dict({**part, "format": SCHEDULE_FORMAT, "version": VERSION})
            except InputError as error:
                self.problems += [attrs.evolve(problem, path=place + problem.path.removeprefix("$"))
                                  for problem in error.problems]
        return found

    def dates(self, raw: dict[str, Any], path: str) -> list[date]:
        found = []
        for number, text in enumerate(self.get(raw, "dates", list, path, "a list")):
            try:
                found.append(date.fromisoformat(text))
            except (TypeError, ValueError):
                self.problems += wrong(text, "a date such as 2020-11-09").below(f"{path}.dates[{number}]")
        return found

    def point(self, raw: Any, path: str, schedules: list[Schedule | None]) -> Point | None:
        if not isinstance(raw, dict):
            self.problems += wrong(raw, "an object").below(path)
            return None
        before = len(self.problems)
        self.known(raw, _POINT_FIELDS, path)
        status = self.get(raw, "status", str, path, "a text")
        if status and status not in POINT_WORDS:
            self.problems += wrong(status, f"one of {', '.join(POINT_WORDS)}").below(f"{path}.status")
        number = raw.get("schedule")
        if number is not None and not (_is_whole(number) and number < len(schedules)):
            self.problems += wrong(number, "the number of one of the schedules, or null").below(f"{path}.schedule")
        cap, days = (self.get(raw, name, int, path, "a whole number from 1") for name in ("cap", "days"))
        cost = self.by_tier(raw, "cost", path, _is_whole, "a whole number from 0")
        bound = self.by_tier(raw, "bound", path, lambda v: _is_whole(v) or isinstance(v, float), "a number")
        proof = self.get(raw, "proof", str, path, "a text")
        looked = self.get(raw, "looked", bool, path, "true or false")
        dates = self.dates(raw, path)
        if len(self.problems) > before:
            return None
        return Point(cap=cap, days=days, status=status, cost=cost, bound=bound, dates=dates, proof=proof, looked=looked,
                     schedule=None if number is None else schedules[number])


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
