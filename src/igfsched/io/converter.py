"""Plain JSON values to igfsched's values and back: strict, and with every fault told at once.

- `make_converter`: the cattrs converter for the rules of a catalogue.
- `structure_fields`: the readable fields of an object, and the faults of the others.
- `resolved`: the attrs fields of a class with their types.

The form of a class in JSON is an object with its attrs fields. Beyond that: an instant is
`2020-11-09T14:00Z` (any offset or `[Zone]` is understood), a date `2020-11-09`, a tuple a list; a span may
name a `zone` for local times, and those of a person are in the person's zone; a profile without periods is
its number; a role may be just the person's id; a rule names its class by `rule`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from igfsched.errors import InputError, Problem, nearest
from igfsched.grid import Instant, Span, text_of, zone_name
from igfsched.io.faults import Faults, missing_field, unknown_field, wrong
from igfsched.io.jsontext import step
from igfsched.io.scalars import SCALARS, WORDS, read_instant, read_string, text_of_error
from igfsched.programme import Person, Profile, Role
from igfsched.rule import Rule

T = TypeVar("T")
Catalogue = Mapping[str, type[Rule]]


def make_converter(catalogue: Catalogue) -> Converter:
    """Return a converter that knows the rules of a catalogue."""
    converter = Converter(omit_if_default=True, forbid_extra_keys=True, unstruct_collection_overrides={tuple: list})
    for kind, read in SCALARS.items():
        converter.register_structure_hook(kind, read)
    converter.register_structure_hook(Instant, lambda raw, _: read_instant(raw))
    converter.register_structure_hook_factory(_is_literal, _literal_reader)
    converter.register_structure_hook_factory(is_union, lambda kind: _union_reader(kind, converter))
    converter.register_structure_hook_factory(is_tuple, lambda kind: _tuple_reader(kind, converter))
    converter.register_structure_hook_factory(attrs.has, lambda kind: lambda raw, _: _object(raw, kind, converter))
    converter.register_structure_hook(Span, lambda raw, _: _span(raw))
    converter.register_structure_hook(Person, lambda raw, _: _object(_with_own_zone(raw), Person, converter))
    converter.register_structure_hook(
        Role, lambda raw, _: _object({"person": raw} if isinstance(raw, str) else raw, Role, converter))
    converter.register_structure_hook(Profile, lambda raw, _: _profile(raw, converter))
    converter.register_structure_hook_func(lambda kind: kind is Rule, lambda raw, _: _rule(raw, catalogue, converter))

    converter.register_unstructure_hook(Instant, text_of)
    converter.register_unstructure_hook(date, date.isoformat)
    profile = make_dict_unstructure_fn(Profile, converter, _cattrs_omit_if_default=True)
    converter.register_unstructure_hook(
        Profile, lambda value: profile(value) if value.periods else value.value)
    converter.register_unstructure_hook_factory(_is_rule, lambda kind: _rule_writer(kind, converter))
    return converter


def structure_fields(
    raw: Any, cls: type, converter: Converter, ignore: Iterable[str] = (),
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the fields of an object that could be read, and what is wrong with the others.

    Fields named in `ignore` are neither read nor missed: the caller deals with them.
    """
    if not isinstance(raw, dict):
        raise wrong(raw, "an object")
    fields = resolved(cls)
    problems = [unknown_field(key, fields, raw) for key in raw if key not in fields and key not in ignore]
    values = {}
    for name, attribute in fields.items():
        if name in ignore:
            continue
        if name in raw:
            try:
                value_type: Any = attribute.type
                values[name] = converter.structure(raw[name], value_type)
                _refuse(attribute, values[name])
            except Faults as faults:
                problems += faults.below(step(name))
        elif attribute.default is attrs.NOTHING:
            problems.append(missing_field(name, describe(attribute.type)))
    return values, problems


@cache
def resolved(cls: Any) -> dict[str, attrs.Attribute[Any]]:
    """Return the attrs fields of a class by name, their annotations resolved to types."""
    attrs.resolve_types(cls)
    return {attribute.name: attribute for attribute in attrs.fields(cls) if attribute.init}


def describe(kind: Any) -> str:
    """Return in words what JSON value a type is read from."""
    if kind is Profile:
        return "a whole number or an object"
    if kind in WORDS:
        return WORDS[kind]
    if _is_literal(kind):
        return "one of " + ", ".join(repr(choice) for choice in get_args(kind))
    if is_union(kind):
        return " or ".join(describe(part) for part in get_args(kind))
    return "a list" if is_tuple(kind) else "an object"


def _is_literal(kind: Any) -> bool:
    return get_origin(kind) is Literal


def is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _is_rule(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Rule)


def _literal_reader(kind: Any) -> Callable[[Any, Any], Any]:
    choices = get_args(kind)

    def read(raw: Any, _: Any) -> Any:
        for choice in choices:
            if type(raw) is type(choice) and raw == choice:
                return raw
        raise wrong(raw, describe(kind), nearest(raw, [str(choice) for choice in choices]))

    return read


def _union_reader(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    parts = [part for part in get_args(kind) if part is not type(None)]
    nullable = len(parts) < len(get_args(kind))

    def read(raw: Any, _: Any) -> Any:
        if raw is None and nullable:
            return None
        faults: list[Faults] = []
        for part in parts:
            try:
                return converter.structure(raw, part)
            except Faults as fault:
                faults.append(fault)
        # A value of the right kind with a fault inside is told by that fault, not as "neither this nor that".
        inside = [fault for fault in faults if any(problem.path for problem in fault.problems)]
        raise inside[0] if inside else faults[0] if len(faults) == 1 else wrong(raw, describe(kind))

    return read


def _tuple_reader(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    parts = get_args(kind)
    repeated = len(parts) == 2 and parts[1] is Ellipsis

    def read(raw: Any, _: Any) -> Any:
        if not isinstance(raw, list):
            raise wrong(raw, "a list")
        if not repeated and len(raw) != len(parts):
            raise wrong(raw, f"a list of {len(parts)}")
        values, problems = [], []
        for index, item in enumerate(raw):
            try:
                values.append(converter.structure(item, parts[0] if repeated else parts[index]))
            except Faults as faults:
                problems += faults.below(f"[{index}]")
        if problems:
            raise Faults(problems)
        return tuple(values)

    return read


def _object(raw: Any, cls: type[T], converter: Converter, ignore: Iterable[str] = ()) -> T:
    values, problems = structure_fields(raw, cls, converter, ignore)
    if not problems:
        try:
            return cls(**values)
        except InputError:
            raise
        except (ValueError, TypeError, OverflowError) as error:
            problems = [Problem(path="", message=text_of_error(error))]
    owner = _owner(raw, cls)
    raise Faults(
        attrs.evolve(problem, message=f"{owner}: {problem.message}") if owner not in problem.message else problem
        for problem in problems
    )


def _profile(raw: Any, converter: Converter) -> Profile:
    if isinstance(raw, dict):
        return _object(raw, Profile, converter)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise wrong(raw, describe(Profile))
    try:
        return Profile(value=raw)
    except ValueError as error:
        raise Faults([Problem(path="", message=text_of_error(error))]) from None


def _owner(raw: Mapping[str, Any], cls: Any) -> str:
    """Return what messages call an object: an index says little to somebody who knows ids."""
    if issubclass(cls, Rule):
        return f"rule {cls.name}"
    name = raw.get("id")
    if "id" not in resolved(cls) or not isinstance(name, str) or not name.strip():
        return ""
    return f"{cls.__name__.lower()} {name if name.isprintable() and len(name) <= 60 else repr(name[:60])}"


def _refuse(attribute: attrs.Attribute[Any], value: Any) -> None:
    """Let the field's own converter and validator speak, so that one bad field does not hide the next."""
    try:
        if attribute.converter is not None and not isinstance(attribute.converter, attrs.Converter):
            value = attribute.converter(value)
        if attribute.validator is not None:
            attribute.validator(None, attribute, value)
    except ValueError as error:
        message = text_of_error(error)
        found = None if repr(value) in message else value
        raise Faults([Problem(path="", message=message, found=found)]) from None
    except (TypeError, AttributeError):
        return  # it wants the whole object: that is made, and judged, once all fields are there


def _span(raw: Any) -> Span:
    if not isinstance(raw, dict):
        raise wrong(raw, "an object with start and end")
    problems = [unknown_field(key, ("start", "end", "zone"), raw) for key in raw if key not in ("start", "end", "zone")]
    zone = None
    if raw.get("zone") is not None:
        try:
            zone = zone_name(read_string(raw["zone"]))
        except Faults as faults:
            problems += faults.below(".zone")
        except ValueError as error:
            problems.append(Problem(path=".zone", message=text_of_error(error)))
            zone = "UTC"  # stands in, so that the times are judged but the zone is blamed once
    ends = {}
    for name in ("start", "end"):
        if name not in raw:
            problems.append(missing_field(name, describe(Instant)))
            continue
        try:
            ends[name] = read_instant(raw[name], zone)
        except Faults as faults:
            problems += faults.below(f".{name}")
    if not problems:
        try:
            return Span(ends["start"], ends["end"])
        except ValueError as error:
            problems.append(Problem(path="", message=text_of_error(error)))
    raise Faults(problems)


def _with_own_zone(raw: Any) -> Any:
    """Return a person whose spans name the person's zone where they name none."""
    if not isinstance(raw, dict) or not isinstance(raw.get("zone"), str):
        return raw
    try:
        zone = zone_name(raw["zone"])
    except ValueError:
        zone = "UTC"  # as in _span: the person's zone is blamed once, at its own place
    changed = {
        key: [{**span, "zone": zone} if isinstance(span, dict) and "zone" not in span else span for span in raw[key]]
        for key in ("available", "busy") if isinstance(raw.get(key), list)
    }
    return {**raw, **changed}


def _rule(raw: Any, catalogue: Catalogue, converter: Converter) -> Rule:
    if not isinstance(raw, dict):
        raise wrong(raw, "an object that names a rule")
    if "rule" not in raw:
        raise Faults([missing_field("rule", "the name of a rule")])
    name = raw["rule"]
    if not isinstance(name, str):
        raise Faults(wrong(name, "the name of a rule").below(".rule"))
    if name not in catalogue:
        near = nearest(name, list(catalogue))
        expected = "" if near else "one of " + ", ".join(sorted(catalogue))
        raise Faults([Problem(path=".rule", message=f"there is no rule {name!r}", expected=expected, nearest=near)])
    return _object(raw, catalogue[name], converter, ignore=("rule",))


def _rule_writer(kind: type[Rule], converter: Converter) -> Callable[[Any], dict[str, Any]]:
    if kind is Rule:  # as fields are declared; what is written is the rule that is there
        return lambda rule: dict(converter.unstructure(rule, unstructure_as=type(rule)))
    # Level and weight are written even where they are the rule's defaults: they are what a reader looks for.
    always = override(omit_if_default=False)
    write = make_dict_unstructure_fn(kind, converter, _cattrs_omit_if_default=True, level=always, weight=always)
    return lambda rule: {"rule": kind.name, **write(rule)}
