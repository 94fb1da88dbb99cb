"""What is wrong with one value of an input, told from where the value stands.

- `Faults`: the exception that readers of parts raise; their callers add where the part stands.
- `wrong`, `missing_field`, `unknown_field`: the faults that occur everywhere, in one wording.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from igfsched.errors import Problem, nearest
from igfsched.io.jsontext import step


class Faults(Exception):
    """All that is wrong with one value. The paths of the problems begin at that value."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def below(self, place: str) -> list[Problem]:
        """Return the problems with their paths beginning one level further up."""
        return [attrs.evolve(problem, path=place + problem.path) for problem in self.problems]


def wrong(raw: Any, expected: str, near: str = "") -> Faults:
    """Return the fault of a value that is not what it should be."""
    if raw is None:
        return Faults([Problem(path="", message="null has no meaning here", expected=expected)])
    message = "this is not what belongs here"
    return Faults([Problem(path="", message=message, expected=expected, found=raw, nearest=near)])


def missing_field(name: str, expected: str) -> Problem:
    """Return the problem of a field that must be given and is not."""
    return Problem(path=step(name), message=f"{name} is missing", expected=expected)


def unknown_field(key: object, known: Iterable[str], raw: Mapping[Any, Any]) -> Problem:
    """Return the problem of a field that does not exist, with the field that was meant, or all there are."""
    near = nearest(key, list(known))
    return Problem(path=step(key), message=f"there is no field {key!r} here", found=raw[key], nearest=near,
                   expected="" if near else "one of " + ", ".join(known))
