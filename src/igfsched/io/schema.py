"""JSON Schemas of igfsched's files, made from the classes themselves so that they cannot drift apart.

- `programme_schema`, `schedule_schema`, `changes_schema`, `history_schema`: the schemas (draft 2020-12) as plain
  values.
- `read_schema`: the schema that is shipped with igfsched, by name.
- `python -m igfsched.io.schema` writes the shipped schemas anew, after a class or a rule has changed.

A schema says what a single value may be. What needs the whole file (that a name exists, that an end
comes after its start), a clock change or the list of time zones is checked by reading only. JSON Schema
counts `30.0` among the integers, reading does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import attrs

from igfsched.changes import CHANGES, Batch, Change
from igfsched.grid import Instant, Span, clock_text, zone_name
from igfsched.io.changes import CHANGES_FORMAT, changes_converter
from igfsched.io.converter import Catalogue, is_tuple, is_union, resolved
from igfsched.io.history import HISTORY_FORMAT, HistoryFile
from igfsched.io.native import PROGRAMME_FORMAT, SCHEDULE_FORMAT, VERSION
from igfsched.programme import Profile, Programme, Role
from igfsched.rule import Rule
from igfsched.rules import CATALOGUE, PRESETS
from igfsched.schedule import Schedule

Schema = dict[str, Any]

_FOLDER = Path(__file__).parent
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_INSTANT: Schema = {
    "type": "string",
    "description": "An instant: 2020-11-09T14:00Z, 2020-11-09T15:00+01:00 or 2020-11-09T15:00[Europe/Paris]; "
                   "within a span that has a zone beside it, or of a person who has one, also 2020-11-09T15:00.",
    "pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:00)?(Z|[+-]\d{2}:?\d{2})?(\[[A-Za-z0-9_+/-]+\])?$",
}
_DATE: Schema = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_ZONE: Schema = {"type": "string", "description": "An IANA time zone, such as Europe/Warsaw.", "minLength": 1}
_CLOCK: Schema = {"type": "string", "description": "A time of day.", "pattern": r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"}
_PRESET: Schema = {"enum": sorted(PRESETS), "default": "default"}
# What a field's converter accepts, where that is less than any text.
_BY_CONVERTER: dict[Any, Schema] = {clock_text: _CLOCK, zone_name: _ZONE}
_FAR = 2**62


def programme_schema(catalogue: Catalogue = CATALOGUE) -> Schema:
    """Return the schema of a programme whose rules are those of a catalogue."""
    return _file_schema(Programme, PROGRAMME_FORMAT, catalogue)


def schedule_schema() -> Schema:
    """Return the schema of a schedule."""
    return _file_schema(Schedule, SCHEDULE_FORMAT, {})


def changes_schema() -> Schema:
    """Return the schema of a list of changes."""
    return _file_schema(Batch, CHANGES_FORMAT, {})


def history_schema() -> Schema:
    """Return the schema of a history."""
    return _file_schema(HistoryFile, HISTORY_FORMAT, CATALOGUE)


def read_schema(name: Literal["programme", "schedule", "changes", "history"]) -> Schema:
    """Return the schema that is shipped with igfsched."""
    found: Schema = json.loads((_FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    return found


def schema_text(schema: Schema) -> str:
    """Return a schema as it is shipped."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _file_schema(cls: type, form: str, catalogue: Catalogue) -> Schema:
    drawer = _Drawer(catalogue)
    content = drawer.fields(cls)
    if cls is Programme:
        content["properties"]["preset"] = _PRESET
    envelope: Schema = {"format": {"const": form}, "version": {"type": "integer", "const": VERSION}}
    return {
        "$schema": _DIALECT,
        "title": form,
        **content,
        "properties": {**envelope, **content["properties"]},
        "required": [*envelope, *content["required"]],
        "$defs": dict(sorted(drawer.definitions.items())),
    }


class _Drawer:
    """Draws schemas of types, and collects those of classes as definitions."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.definitions: dict[str, Schema] = {"instant": _INSTANT, "date": _DATE}
        self.converter = changes_converter(catalogue)

    def of(self, kind: Any) -> Schema:
        """Return the schema of the JSON values that a type is read from."""
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        if get_origin(kind) is Literal:
            return {"enum": list(get_args(kind))}
        if is_union(kind):
            return {"anyOf": [self.of(part) for part in get_args(kind)]}
        if is_tuple(kind):
            parts = get_args(kind)
            if parts[1:] == (Ellipsis,):
                return {"type": "array", "items": self.of(parts[0])}
            return {"type": "array", "prefixItems": [self.of(part) for part in parts], "items": False,
                    "minItems": len(parts)}
        if not attrs.has(kind):
            raise TypeError(f"igfsched has no JSON form for {kind!r}")
        return self._reference(kind)

    def fields(self, cls: Any) -> Schema:
        """Return the schema of the objects that an attrs class is read from."""
        fields = resolved(cls)
        return {
            "description": _summary(cls),
            "type": "object",
            "properties": {name: self._field(attribute) for name, attribute in fields.items()},
            "required": [name for name, attribute in fields.items() if attribute.default is attrs.NOTHING],
            "additionalProperties": False,
        }

    def _reference(self, cls: Any) -> Schema:
        name = cls.__name__
        if name not in self.definitions:
            self.definitions[name] = {}  # named before it is drawn: selectors contain selectors
            self.definitions[name] = self._definition(cls)
        return {"$ref": f"#/$defs/{name}"}

    def _definition(self, cls: Any) -> Schema:
        if cls is Rule:
            rules = [self._reference(rule) for _, rule in sorted(self.catalogue.items())]
            return {"description": _summary(cls), "oneOf": rules} if rules else {"not": {}}
        if cls is Change:
            return {"description": _summary(cls), "oneOf": [self._reference(change) for change in CHANGES.values()]}
        drawn = self.fields(cls)
        if cls is Programme:
            drawn["properties"]["preset"] = _PRESET
        if cls is Span:
            drawn["properties"]["zone"] = {"anyOf": [_ZONE, {"type": "null"}], "default": None}
        if issubclass(cls, Rule):
            drawn["properties"] = {"rule": {"const": cls.name}, **drawn["properties"]}
            drawn["required"] = ["rule", *drawn["required"]]
        if issubclass(cls, Change):
            drawn["properties"] = {"change": {"const": cls.kind}, **drawn["properties"]}
            drawn["required"] = ["change", *drawn["required"]]
        # The two short forms that reading knows.
        if cls is Profile:
            return {"description": drawn.pop("description"), "anyOf": [{"type": "integer", "minimum": 0}, drawn]}
        if cls is Role:
            return {"description": drawn.pop("description"), "anyOf": [{"type": "string"}, drawn]}
        return drawn

    def _field(self, attribute: attrs.Attribute[Any]) -> Schema:
        drawn = _BY_CONVERTER.get(attribute.converter) or self.of(attribute.type)
        drawn = _narrowed(drawn, lambda value: _passes(attribute, value))
        default = attribute.default
        if default is attrs.NOTHING or isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            return drawn
        return {**drawn, "default": self.converter.unstructure(default, unstructure_as=attribute.type)}


_PLAIN: dict[Any, Schema] = {
    int: {"type": "integer"}, float: {"type": "number"}, str: {"type": "string"}, bool: {"type": "boolean"},
    type(None): {"type": "null"}, Instant: {"$ref": "#/$defs/instant"}, date: {"$ref": "#/$defs/date"},
}


def _narrowed(drawn: Schema, passes: Callable[[Any], bool]) -> Schema:
    """Return the schema of a value, narrowed to what its validator lets pass.

    Validators are functions, so they are asked: which whole numbers, and whether a blank text.
    """
    if "anyOf" in drawn:
        return {**drawn, "anyOf": [_narrowed(part, passes) for part in drawn["anyOf"]]}
    if drawn.get("type") == "array" and "items" in drawn and "prefixItems" not in drawn:
        return {**drawn, "items": _narrowed(drawn["items"], lambda value: passes((value,)))}
    if drawn.get("type") == "string" and not passes(" "):
        return {**drawn, "minLength": 1, "pattern": r"\S"}
    if drawn.get("type") == "integer":
        inside = next((number for number in (1, 0, 2, 10, 60, 1000) if passes(number)), None)
        if inside is not None:
            least, most = _edge(passes, inside, -_FAR), _edge(passes, inside, _FAR)
            least_part = {"minimum": least} if least > -_FAR else {}
            most_part = {"maximum": most} if most < _FAR else {}
            return {**drawn, **least_part, **most_part}
    return drawn


def _passes(attribute: attrs.Attribute[Any], value: Any) -> bool:
    try:
        if attribute.validator is not None:
            attribute.validator(None, attribute, value)
    except ValueError:
        return False
    except (TypeError, AttributeError):
        return True  # it judges the whole object, not this value alone
    return True


def _edge(passes: Callable[[int], bool], inside: int, far: int) -> int:
    """Return the last number from `inside` towards `far` that passes."""
    if passes(far):
        return far
    while abs(far - inside) > 1:
        middle = (inside + far) // 2
        inside, far = (middle, far) if passes(middle) else (inside, middle)
    return inside


def _summary(cls: type) -> str:
    """Return the first paragraph of a class's documentation as one line."""
    return " ".join((cls.__doc__ or "").strip().split("\n\n")[0].split())


def write_schemas(folder: Path = _FOLDER) -> None:
    """Write the schemas that are shipped with igfsched."""
    schemas = {"programme": programme_schema(), "schedule": schedule_schema(), "changes": changes_schema(),
               "history": history_schema()}
    for name, schema in schemas.items():
        (folder / f"{name}.schema.json").write_text(schema_text(schema), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_schemas()
