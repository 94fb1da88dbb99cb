"""The pages of `docs` that are made from the code are current, and their examples can be read.

Run this file to write the pages anew.
"""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from pathlib import Path
from typing import Any, get_args

import attrs
import jsonschema
import pytest
from rule_examples import BASE, EXAMPLES, FRAME, programme_of, schedule_of, told, written

from igfsched import audit
from igfsched.comfort import DEFAULT_BANDS
from igfsched.grid import clock_text
from igfsched.io import dumps, programme_from_dict, read_schedule_csv, read_tables, schedule_from_dict
from igfsched.io.cells import columns_of
from igfsched.io.converter import is_tuple, is_union, make_converter, resolved
from igfsched.io.scalars import WORDS
from igfsched.io.schema import read_schema
from igfsched.io.tables import _CLASSES, _KEYS
from igfsched.programme import Profile, Programme, Role
from igfsched.rule import Rule
from igfsched.rules import CATALOGUE, PRESETS
from igfsched.schedule import Schedule
from igfsched.selector import EVERY, Selector
from igfsched.testing import verify

SCHEMA = jsonschema.Draft202012Validator(read_schema("programme"))
DOCS = Path(__file__).parent.parent / "docs"
RULES, FORMAT = DOCS / "rules.md", DOCS / "format.md"
GENERATED = re.compile(r"(?s)(<!-- (\w+): made by tests/test_docs.py -->\n).*?(<!-- end -->)")
RELAX = re.compile(r"(?:Soft unless said[.;] )?(?:[Tt]o relax it|[Tt]o give it less say), ")
COMMON = ("level", "weight", "tier", "label")
THEMES = {
    "Where and when a session may be": (
        "placed", "window", "grid", "duration", "duration_choice", "allowed", "phase", "preferred", "start_prices",
        "fixed_start", "fixed_room", "room_choice", "room_count", "room_availability", "room_prices", "answers"),
    "What may not run at the same time": (
        "room_clash", "person_clash", "optional_person_clash", "parallel_cap", "track_parallel", "team", "apart",
        "plenary", "audience", "co_interest"),
    "When people can be there": ("person_availability", "attendance", "quorum"),
    "How much is asked of people": (
        "rest", "night_rest", "night_limit", "daily_maximum", "person_days", "person_span"),
    "Order and distance": (
        "before", "ordered", "back_to_back", "same_start", "same_day", "different_days", "spread", "day_maximum",
        "same_room", "series", "level_flow"),
    "Local hours, and who carries them": (
        "comfort", "audience_comfort", "audience_reach", "fair_persons", "fair_regions", "rotation", "satisfaction"),
    "The shape of the programme": (
        "compact", "balance", "idle", "track_rooms", "consecutive_tracks", "diversity", "crowd", "popular_rooms"),
    "Slots, blocks and rooms one by one": (
        "slots", "place_prices", "cell_tracks", "cell_prices", "similar_tracks", "pairs_apart", "parallel_rooms",
        "track_order"),
    "What goes well together, by the minutes of both": ("prerequisites", "pause", "topic_rooms", "topic_days"),
    "What people know already": ("moves", "room_changes", "displacement", "notice"),
}
"""Which rule for what: the names of all rules by what they are about."""


# -- docs/rules.md -----------------------------------------------------------------------------------


def rules_page() -> str:
    """Return docs/rules.md."""
    by_hour = sorted(DEFAULT_BANDS, key=lambda band: band.start)
    bands = ", ".join(f"{band.start}-{band.end}: {band.price}" for band in by_hour)
    head = ["# The rules\n", *(f"{_filled(text)}\n" for text in (
        "Made from the docstrings of the rules by `python tests/test_docs.py`: change them there.",
        "Every rule has these parameters beside its own. They are fields of the class in Python, and of the object "
        "with the rule's name as `rule` in a file: `{\"rule\": \"comfort\", \"weight\": 2}`.",
    ))]
    head += map(_filled, (
        "- `level`: `hard` (the measure must be 0), `soft` (weight x measure is a cost) or `off`.",
        "- `weight`: what one unit of the measure costs when the rule is soft; 1 unless said.",
        "- `tier`: soft rules are compared tier by tier, 1 (unless said) first; the costs of one tier are added up.",
        "- `label`: tells rules of one class apart; scores and findings then say `name:label`.",
    ))
    head += (f"\n{_filled(text)}" for text in (
        "A rule that a programme lists takes the place of those of its name in the preset. *The preset* is `default` "
        "here, and what it holds `full` holds too, unless said; `none` holds no rule. Values of parameters are those "
        "of [the file format](format.md).",
        f"The default bands, prices per minute of a person's own clock, are {bands}.",
        FRAME,
    ))
    head += ["", "Which rule for what:", ""]
    head += (_filled(f"- {theme}: {', '.join(f'[{name}](#{name})' for name in names)}")
             for theme, names in THEMES.items())
    return "\n".join(head) + "\n" + "".join(map(_section, CATALOGUE.values()))


def _section(rule: type[Rule]) -> str:
    said, measure, relax = _parts(rule)
    head = f"`{rule.__name__}`: {rule.summary}. {_levels(rule)}"
    lines = [f"\n## {rule.name}\n", *(f"{_filled(text)}\n" for text in (head, *said))]
    lines += map(_filled, [f"- **Measure**{measure}", f"- **Unit**: {_units(rule)}", f"- **To relax it**: {relax}"])
    own = {name: attribute for name, attribute in resolved(rule).items() if name not in COMMON}
    if own:
        lines += ["", "| parameter | value | default |", "|---|---|---|", *map(_field_row, own.values())]
    example = EXAMPLES[rule.name]
    lines += ["", "```json", written(example), "```", "", _filled(told(example))]
    return "\n".join(lines) + "\n"


def _parts(rule: type[Rule]) -> tuple[list[str], str, str]:
    """Return what a rule's docstring says, how it is measured (from the colon or comma on), and how it is relaxed."""
    paragraphs = [" ".join(part.split()) for part in (inspect.getdoc(rule) or "").split("\n\n")]
    *said, last = paragraphs
    assert last.startswith("Measure"), f"the docstring of {rule.__name__} does not end with a paragraph 'Measure: ...'"
    measure, *relax = RELAX.split(last.removeprefix("Measure"), maxsplit=1)
    assert relax, f"the docstring of {rule.__name__} does not say how to relax it"
    return said, measure.strip(), relax[0]


def _filled(text: str) -> str:
    return textwrap.fill(text, 120, subsequent_indent="  " if text.startswith("- ") else "", break_long_words=False,
                         break_on_hyphens=False)


def _levels(rule: type[Rule]) -> str:
    default, full = ({held.name: held for held in PRESETS[preset]()}.get(rule.name) for preset in ("default", "full"))
    unless = f"{resolved(rule)['level'].default.capitalize()} unless said"
    if default is None and full is None:
        return f"{unless}; in no preset."
    if default is None or (full is not None and full != default):
        assert full is not None
        also = "" if default is None else f"{_how(default)} in the preset, "
        return f"{unless}; {also}{_how(full)} in the preset `full`."
    return f"{unless}; {_how(default)} in the preset{'' if full == default else ', not in `full`'}."


def _how(rule: Rule) -> str:
    return rule.level if rule.hard else f"{rule.level} in tier {rule.tier} with weight {rule.weight}"


def _units(rule: type[Rule]) -> str:
    choices = get_args(resolved(rule)["measure"].type) if "measure" in resolved(rule) else ()
    needed = {name: () for name, attribute in resolved(rule).items() if attribute.default is attrs.NOTHING}
    kinds = {choice: rule(**needed, measure=choice).measured_in for choice in choices}
    units = list(dict.fromkeys(kinds.values()))
    if len(units) < 2:
        return rule.unit
    return "; ".join(
        f"{unit} for " + " and ".join(f"`{choice}`" for choice in choices if kinds[choice] == unit) for unit in units
    )


# -- docs/format.md ----------------------------------------------------------------------------------


def format_page() -> str:
    """Return docs/format.md with its generated parts made anew."""
    parts = {"fields": _fields(), "columns": _columns()}
    return GENERATED.sub(lambda found: found[1] + parts[found[2]] + found[3], FORMAT.read_text(encoding="utf-8"))


def _fields() -> str:
    """Return the fields of all classes of the files, those of a programme first."""
    classes: list[Any] = [Programme, Schedule]
    for cls in classes:  # it grows on the way
        kinds = [kind for attribute in resolved(cls).values() for kind in _classes(attribute.type)]
        classes += [kind for kind in dict.fromkeys(kinds) if kind not in classes and kind is not Rule]
    classes.append(Selector)  # of rules alone
    text = ""
    for cls in classes:
        said = [part for part in (inspect.getdoc(cls) or "").split("\n\n") if not part.startswith("Raises")]
        rows = map(_field_row, resolved(cls).values())
        text += "\n".join([f"\n### {cls.__name__}", *(f"\n{part}" for part in said),
                           "\n| field | value | default |", "|---|---|---|", *rows]) + "\n"
    return text + "\n"


def _columns() -> str:
    """Return the columns of the sheets that are made from classes."""
    text = ""
    for name, cls in {**_CLASSES, "roles": Role}.items():
        rows = [f"| {_bold(column.name, column.required)} | {column.words} |" for column in columns_of(cls).values()]
        if cls is Role:
            rows.insert(0, "| **session** | the id of a session |")
        text += "\n".join([f"\n### {name}.csv\n", "| column | cell |", "|---|---|", *rows]) + "\n"
    return text + "\n"


def _bold(name: str, required: bool) -> str:
    return f"**{name}**" if required else name


def _classes(kind: Any) -> list[Any]:
    """Return the classes that a type speaks of."""
    if attrs.has(kind):
        return [kind]
    return [cls for part in get_args(kind) for cls in _classes(part)]


def _field_row(attribute: attrs.Attribute[Any]) -> str:
    return f"| `{attribute.name}` | {_value(attribute)} | {_default(attribute)} |"


def _value(attribute: attrs.Attribute[Any]) -> str:
    if attribute.converter is clock_text:
        return "a time of day such as 09:00, up to 24:00"
    if attribute.name == "zone":
        return _kind(attribute.type).replace("a text", "an IANA time zone")
    return _kind(attribute.type)


def _kind(kind: Any) -> str:
    """Return in words what a type holds."""
    if kind in WORDS:
        return WORDS[kind]
    if is_tuple(kind):
        return f"a list: {_kind(get_args(kind)[0])} each"
    if is_union(kind):
        return " or ".join(_kind(part) for part in get_args(kind))
    if kind is Rule:
        return "a [rule](rules.md)"
    if kind is Profile:
        return "a whole number or a `Profile`"
    if kind is Role:
        return "the id of a person or a `Role`"
    if not attrs.has(kind):
        return "one of " + ", ".join(f"`{part}`" for part in get_args(kind))
    return f"{'an' if kind.__name__[0] in 'AEIO' else 'a'} `{kind.__name__}`"


def _default(attribute: attrs.Attribute[Any]) -> str:
    default = attribute.default
    if default is attrs.NOTHING:
        return "must be given"
    if default is DEFAULT_BANDS:
        return "the default bands"
    if default == EVERY:
        return "every session"
    written = make_converter(CATALOGUE).unstructure(default, unstructure_as=attribute.type)
    return f"`{json.dumps(written)}`"


# -- tests -------------------------------------------------------------------------------------------


def test_the_page_of_rules_is_current() -> None:
    """docs/rules.md says what the docstrings say (else: python tests/test_docs.py)."""
    assert RULES.read_text(encoding="utf-8") == rules_page()


def test_every_rule_has_a_theme() -> None:
    """The list of rules by what they are about has each rule once."""
    assert sorted(name for names in THEMES.values() for name in names) == sorted(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_examples_of_rules_are_right(name: str) -> None:
    """The example of each rule measures what it says, for audits and for the engine; its text is its programme.

    It is written as it was read, and is what the schema allows.
    """
    example = EXAMPLES[name]
    programme = programme_of(example)
    (rule,) = programme.rules
    assert rule.name == name
    verify(rule).given(programme).with_schedule(schedule_of(example)).costs(example.measure)
    assert json.loads(written(example)) == example.fields
    plain = json.loads(dumps(programme))
    assert programme_from_dict(plain) == programme
    SCHEMA.validate({**BASE, **example.fields})
    SCHEMA.validate(plain)


def test_the_page_of_formats_is_current() -> None:
    """docs/format.md lists every field and column (else: python tests/test_docs.py)."""
    assert FORMAT.read_text(encoding="utf-8") == format_page()
    assert all(f"`{key}`" in FORMAT.read_text(encoding="utf-8") for key in _KEYS)


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language in docs/format.md."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", FORMAT.read_text(encoding="utf-8"))


def test_the_examples_of_json_can_be_read() -> None:
    """The programme of docs/format.md is read without a fault, and its schedule is valid for it."""
    programme, schedule = (json.loads(text) for text in blocks("json"))
    found = audit(programme_from_dict(programme), schedule_from_dict(schedule))
    assert [finding.sentence for finding in found.hard] == []
    assert found.unplaced == ()


@pytest.mark.parametrize("field", ["window", "sessions", "rooms", "people", "tracks", "teams", "cap", "rules"])
def test_the_example_is_complete(field: str) -> None:
    """The example has each of the large parts of a programme."""
    assert json.loads(blocks("json")[0])[field]


def test_the_examples_of_tables_can_be_read(tmp_path: Path) -> None:
    """The sheets of docs/format.md, in one folder, are the programme and the schedule of its JSON examples."""
    sheets = re.findall(r"(?ms)^`([\w.]+)`:\n\n```csv\n(.*?)^```$", FORMAT.read_text(encoding="utf-8"))
    for name, text in sheets:
        (tmp_path / name).write_text(text, encoding="utf-8")
    programme, schedule = (json.loads(text) for text in blocks("json"))
    (tmp_path / "rules.json").write_text(json.dumps(programme["rules"]), encoding="utf-8")
    assert read_tables(tmp_path) == programme_from_dict(programme)
    assert read_schedule_csv(tmp_path / "schedule.csv").placements == schedule_from_dict(schedule).placements


if __name__ == "__main__":
    RULES.write_text(rules_page(), encoding="utf-8")
    FORMAT.write_text(format_page(), encoding="utf-8")
