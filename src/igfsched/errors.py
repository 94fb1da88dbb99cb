"""Named failures that carry data: what is wrong, where, what was found, what was expected.

- `Problem`: one thing wrong with an input.
- `InputError`: every problem of one input, all at once.
- `Infeasible`: no schedule can satisfy the hard rules; carries the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from attrs import field, frozen

from igfsched.tuples import to_texts


@frozen(kw_only=True)
class Problem:
    """One thing wrong with an input.

    `path` says where: a JSON path (`$.sessions[3].duration`) or `file, row 7, column start`.
    """

    message: str
    path: str = "$"
    found: Any = None
    expected: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        text = f"{self.path}: {self.message}"
        if self.expected:
            text += f"; expected {self.expected}"
        if self.found is not None:
            text += f", found {_short(self.found)}" if self.expected else f"; found {_short(self.found)}"
        if self.nearest:
            text += f"; did you mean {self.nearest!r}?"
        return text


class IgfschedError(Exception):
    """Base of every failure that igfsched raises on purpose."""


class InputError(IgfschedError, ValueError):
    """An input that cannot be used. `problems` holds all that is wrong with it, not only the first."""

    def __init__(self, problems: Iterable[Problem], source: str = "") -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.source = source
        super().__init__(self.problems, source)

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{self.source or 'input'}: {count} problem{'s' if count != 1 else ''}"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


class LocalTimeError(ValueError):
    """A local time without one clear meaning: naive, skipped by a clock change, or happening twice."""


@frozen(kw_only=True)
class Reason:
    """Why something cannot be: a sentence for people, and the sessions it speaks of."""

    rule: str
    sentence: str
    sessions: tuple[str, ...] = field(default=(), converter=to_texts)


class Infeasible(IgfschedError):
    """No schedule satisfies the hard rules. `reasons` says why, as far as it is known."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons: tuple[Reason, ...] = tuple(reasons)
        super().__init__(self.reasons)

    def __str__(self) -> str:
        return "no schedule satisfies the hard rules\n" + "\n".join(
            f"  {reason.rule}: {reason.sentence}" for reason in self.reasons
        )


def nearest(name: object, known: Sequence[str]) -> str:
    """Return the known name closest to `name`, or an empty string."""
    matches = get_close_matches(str(name), known, n=1, cutoff=0.6)
    return matches[0] if matches else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
