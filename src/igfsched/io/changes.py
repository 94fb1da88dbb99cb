"""JSON files of changes, read as strictly as programmes, and written reproducibly.

- `read_changes`, `changes_from_dict`: the changes of a file, or every problem of the input at once.
- `changes_to_dict`, `write_changes`: the one form in which they are written.

A change is an object with its fields; `change` names its kind, as `rule` does with rules.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn

from igfsched.changes import CHANGES, Batch, Change
from igfsched.errors import InputError, Problem, nearest
from igfsched.io.converter import Catalogue, make_converter, structure_fields
from igfsched.io.faults import Faults, missing_field, wrong
from igfsched.io.files import Source, read_text, write_text
from igfsched.io.jsontext import parse
from igfsched.io.native import VERSION, envelope
from igfsched.io.scalars import text_of_error
from igfsched.rules import CATALOGUE

CHANGES_FORMAT = "igfsched-changes"


def read_changes(source: Source) -> tuple[Change, ...]:
    """Return the changes in a JSON file: a path, an open file, or `-`. Raises InputError with every problem."""
    text, name = read_text(source)
    return changes_from_dict(parse(text, name), name)


def write_changes(changes: Iterable[Change], path: str | os.PathLike[str]) -> None:
    """Write changes to a file (`-`: standard output); on failure the file stays as it was."""
    write_text(path, json.dumps(changes_to_dict(changes), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def changes_from_dict(data: Any, source: str = "changes") -> tuple[Change, ...]:
    """Return the changes that plain JSON values stand for. Raises InputError with every problem.

    Whether a change makes sense for a programme shows when it is applied.
    """
    problems = envelope(data, CHANGES_FORMAT, source)
    values, found = structure_fields(data, Batch, own_converter(), ignore=("format", "version"))
    problems += Faults(found).below("$")
    if problems:
        raise InputError(problems, source)
    return Batch(**values).changes


def changes_to_dict(changes: Iterable[Change]) -> dict[str, Any]:
    """Return changes as plain JSON values."""
    items = [own_converter().unstructure(change) for change in changes]
    return {"format": CHANGES_FORMAT, "version": VERSION, "changes": items}


def changes_converter(catalogue: Catalogue) -> Converter:
    """Return a converter that knows changes as well, and the rules of a catalogue."""
    converter = make_converter(catalogue)
    converter.register_structure_hook_func(lambda kind: kind is Change, lambda raw, _: _change(raw, converter))
    converter.register_unstructure_hook_factory(_is_change, lambda kind: _writer(kind, converter))
    return converter


@cache
def own_converter() -> Converter:
    """Return the converter that knows changes and igfsched's own rules."""
    return changes_converter(CATALOGUE)


def _change(raw: Any, converter: Converter) -> Change:
    if not isinstance(raw, dict):
        raise wrong(raw, "an object that names a change")
    if "change" not in raw:
        raise Faults([missing_field("change", "the name of a change")])
    kind = raw["change"]
    if not isinstance(kind, str):
        raise Faults(wrong(kind, "the name of a change").below(".change"))
    if kind not in CHANGES:
        near = nearest(kind, list(CHANGES))
        expected = "" if near else "one of " + ", ".join(sorted(CHANGES))
        raise Faults([Problem(path=".change", message=f"there is no change {kind!r}", expected=expected, nearest=near)])
    values, problems = structure_fields(raw, CHANGES[kind], converter, ignore=("change",))
    if not problems:
        try:
            return CHANGES[kind](**values)
        except (ValueError, TypeError, OverflowError) as error:
            problems = [Problem(path="", message=text_of_error(error))]
    raise Faults(attrs.evolve(problem, message=f"{kind}: {problem.message}") for problem in problems)


def _is_change(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Change)


def _writer(kind: type[Change], converter: Converter) -> Callable[[Any], dict[str, Any]]:
    if kind is Change:  # as fields are declared; what is written is the change that is there
        return lambda change: dict(converter.unstructure(change, unstructure_as=type(change)))
    write = make_dict_unstructure_fn(kind, converter, _cattrs_omit_if_default=True)
    return lambda change: {"change": kind.kind, **write(change)}
