"""JSON text to plain values, without the leniency of the json module.

- `parse`: the values; malformed text is an InputError with line and column.
- `shape_problems`: what is wrong with values of any meaning: keys that occur twice, nesting too deep.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from igfsched.errors import InputError, Problem

DEEPEST = 64
"""Most levels of objects and lists within each other; real files have about ten."""


_NESTS = (dict, list)


class JsonObject(dict[str, Any]):
    """A JSON object that remembers which of its keys occurred more than once."""

    repeated: tuple[str, ...] = ()


def parse(text: str, source: str) -> Any:
    """Return the value of a JSON text. Raises InputError if it is not JSON."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        problem = Problem(path=place, message=f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}")
    except RecursionError:
        problem = Problem(path="$", message=f"nested deeper than {DEEPEST} levels")
    except ValueError as error:  # a number of thousands of digits
        problem = Problem(path="$", message=f"not readable: {error}")
    raise InputError([problem], source) from None


def shape_problems(data: Any) -> list[Problem]:
    """Return keys that occur twice and nesting that is too deep, with their paths."""
    problems: list[Problem] = []
    waiting: list[tuple[Any, str, int]] = [(data, "$", 1)]
    while waiting:
        value, path, depth = waiting.pop()
        if depth > DEEPEST:
            return [Problem(path=path[:200], message=f"nested deeper than {DEEPEST} levels")]
        if isinstance(value, dict):
            problems += [
                Problem(path=path + step(key), message=f"the key {key!r} occurs more than once in this object",
                        expected="each key once")
                for key in getattr(value, "repeated", ())
            ]
            waiting += [(part, path + step(key), depth + 1) for key, part in value.items() if isinstance(part, _NESTS)]
        elif isinstance(value, list):
            waiting += [(part, f"{path}[{n}]", depth + 1) for n, part in enumerate(value) if isinstance(part, _NESTS)]
    return problems


def step(key: object) -> str:
    """Return the part of a JSON path that leads to a key."""
    return f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{json.dumps(str(key))}]"


def _object(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = JsonObject(pairs)
    if len(found) < len(pairs):
        times = Counter(key for key, _ in pairs)
        found.repeated = tuple(key for key, count in times.items() if count > 1)
    return found
