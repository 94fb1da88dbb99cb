"""What several rules share: the choice of sessions, levels, minutes in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import frozen, validators

from igfsched.rule import Rule
from igfsched.selector import Selector

if TYPE_CHECKING:
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
    known = {
        "ids": tuple(session.id for session in programme.sessions),
        "tracks": programme.track_ids,
        "phases": tuple(phase.name for phase in programme.window.phases),
        "regions": tuple(sorted({person.region for person in programme.people if person.region})),
    }
    for kind, names in known.items():
        for name in getattr(selector, kind):
            if name not in names:
                yield f"{parameter}.{kind}", name, names
    for kind in ("all_of", "any_of", "none_of"):
        for index, part in enumerate(getattr(selector, kind)):
            yield from unknown_names(f"{parameter}.{kind}[{index}]", part, programme)


@frozen(kw_only=True)
class ChosenRule(Rule):
    """Base of the rules about the sessions that a selector chooses."""

    selector: Selector

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        yield from unknown_names("selector", self.selector, programme)


def minutes_of(duration: int) -> str:
    """Return a number of minutes in words."""
    return "1 minute" if duration == 1 else f"{duration} minutes"


def each_once(_: object, attribute: object, ids: tuple[str, ...]) -> None:
    """Validate a sequence of session ids in which none comes twice."""
    twice = sorted({id for id in ids if ids.count(id) > 1})
    if twice:
        raise ValueError(f"a session stands in a sequence once, and {twice[0]!r} does more often")
