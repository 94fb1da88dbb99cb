"""What several rules share: the choice of sessions, groups and all pairs of them, levels, minutes in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar, Literal

from attrs import frozen, validators

from igfsched.primitives import Pair, Unit
from igfsched.rule import Rule
from igfsched.selector import Selector

if TYPE_CHECKING:
    from igfsched.facts import Facts
    from igfsched.programme import Programme


is_level = validators.in_(("off", "soft", "hard"))
"""Validates the level of the rules that are wishes unless said otherwise."""


def unknown_names(
    parameter: str, selector: Selector, programme: Programme
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield what a selector names that the programme lacks: (parameter, unknown name, known names).

    Session ids, tracks, phases and regions are looked at. Types, tags and roles are not: they need not
    be declared, and a rule may stand ready for those that no session has yet.
    """
    for name in selector.ids:
        if name not in programme.sessions_by_id:
            yield f"{parameter}.ids", name, tuple(programme.sessions_by_id)
    for kind, names, known in (
        ("tracks", selector.tracks, programme.track_ids),
        ("phases", selector.phases, tuple(phase.name for phase in programme.window.phases) if selector.phases else ()),
        ("regions", selector.regions, programme.regions),
    ):
        for name in names:
            if name not in known:
                yield f"{parameter}.{kind}", name, known
    for kind in ("all_of", "any_of", "none_of"):
        for index, part in enumerate(getattr(selector, kind)):
            yield from unknown_names(f"{parameter}.{kind}[{index}]", part, programme)


@frozen(kw_only=True)
class ChosenRule(Rule):
    """Base of the rules about the sessions that a selector chooses."""

    reads: ClassVar[frozenset[str] | None] = frozenset()

    selector: Selector

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        yield from unknown_names("selector", self.selector, programme)


def pairs_unit(
    rule: Rule, facts: Facts, members: tuple[int, ...], sentence: str, make: Callable[[int, int], Pair],
) -> Unit:
    """Return the unit of all pairs of some sessions, which keeps the pairs that it had before a change."""

    def renewed(before: Unit | None) -> Unit:
        if before is not None and before.sessions == members:
            return before
        known = {} if before is None else {(p.first, p.second): p for p in before.primitives if isinstance(p, Pair)}
        return Unit(rule=rule, sentence=sentence, sessions=members, primitives=[
            known.get((a, b)) or make(a, b) for a, b in combinations(members, 2)
        ])

    return facts.renewed(rule, "pairs", renewed)


Each = Literal["all", "track", "type"]
"""Whether a rule takes its sessions together, or those of each track or type by themselves."""


def groups_of(each: Each, facts: Facts, slots: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """Return slots by track or by type, in order of the names; all under an empty text, if they are taken together.

    Sessions without a track, or a type, are then left out.
    """
    if each == "all":
        return {"": slots} if slots else {}
    found: dict[str, list[int]] = {}
    for slot in slots:
        name = getattr(facts.session(slot), each)
        if name:
            found.setdefault(name, []).append(slot)
    return {name: tuple(found[name]) for name in sorted(found)}


def minutes_of(duration: int) -> str:
    """Return a number of minutes in words."""
    return "1 minute" if duration == 1 else f"{duration} minutes"


def each_once(_: object, attribute: object, ids: tuple[str, ...]) -> None:
    """Validate a sequence of session ids in which none comes twice."""
    twice = sorted({id for id in ids if ids.count(id) > 1})
    if twice:
        raise ValueError(f"a session stands in a sequence once, and {twice[0]!r} does more often")
