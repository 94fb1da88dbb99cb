"""Choose sessions by what they are: `Selector(types={"main"}) & ~Selector(tracks={"data"})`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import field, frozen

from igfsched.tuples import to_selectors

if TYPE_CHECKING:
    from igfsched.programme import Programme, Session


_READS = {
    "types": ("sessions.type",), "tracks": ("sessions.track",), "tags": ("sessions.tags",),
    "phases": ("sessions.phases",), "roles": ("sessions.people",), "regions": ("sessions.people", "people.region"),
}


def names(values: Iterable[str] | str) -> tuple[str, ...]:
    """Return names as a sorted tuple without repetitions; a single name may be given bare."""
    return (values,) if isinstance(values, str) else tuple(sorted(set(values)))


@frozen(kw_only=True)
class Selector:
    """A choice of sessions. All fields that are given must hold; an empty selector chooses every session.

    `roles` and `regions` hold when somebody of the session has that role, or comes from that region
    (with both: when one person has the role and comes from the region). `phases` holds for sessions
    that are bound to one of the phases.
    """

    ids: tuple[str, ...] = field(default=(), converter=names)
    types: tuple[str, ...] = field(default=(), converter=names)
    tracks: tuple[str, ...] = field(default=(), converter=names)
    tags: tuple[str, ...] = field(default=(), converter=names)
    roles: tuple[str, ...] = field(default=(), converter=names)
    regions: tuple[str, ...] = field(default=(), converter=names)
    phases: tuple[str, ...] = field(default=(), converter=names)
    all_of: tuple[Selector, ...] = field(default=(), converter=to_selectors)
    any_of: tuple[Selector, ...] = field(default=(), converter=to_selectors)
    none_of: tuple[Selector, ...] = field(default=(), converter=to_selectors)

    def __and__(self, other: Selector) -> Selector:
        return Selector(all_of=(self, other))

    def __or__(self, other: Selector) -> Selector:
        return Selector(any_of=(self, other))

    def __invert__(self) -> Selector:
        return Selector(none_of=(self,))

    @cached_property
    def reads(self) -> frozenset[str]:
        """The aspects of a programme by which this chooses sessions, see `igfsched.difference`."""
        own = {aspect for name, aspects in _READS.items() if getattr(self, name) for aspect in aspects}
        return frozenset({"sessions"}).union(own, *(
            part.reads for part in (*self.all_of, *self.any_of, *self.none_of)))

    def matches(self, session: Session, programme: Programme) -> bool:
        """Say whether this chooses a session of a programme."""
        if self.ids and session.id not in self.ids:
            return False
        if self.types and session.type not in self.types:
            return False
        if self.tracks and session.track not in self.tracks:
            return False
        if self.tags and not set(self.tags) & set(session.tags):
            return False
        if self.phases and not set(self.phases) & set(session.phases):
            return False
        if (self.roles or self.regions) and not any(
            (not self.roles or role.role in self.roles)
            and (not self.regions or programme.person(role.person).region in self.regions)
            for role in session.people
        ):
            return False
        return (
            all(part.matches(session, programme) for part in self.all_of)
            and (not self.any_of or any(part.matches(session, programme) for part in self.any_of))
            and not any(part.matches(session, programme) for part in self.none_of)
        )

    def __str__(self) -> str:
        parts = [
            f"{name} {', '.join(values)}"
            for name, values in (
                ("session" if len(self.ids) == 1 else "sessions", self.ids),
                ("type", self.types),
                ("track", self.tracks),
                ("tag", self.tags),
                ("role", self.roles),
                ("region", self.regions),
                ("phase", self.phases),
            )
            if values
        ]
        parts += [f"({part})" for part in self.all_of]
        if self.any_of:
            parts.append("(" + " or ".join(map(str, self.any_of)) + ")")
        parts += [f"not ({part})" for part in self.none_of]
        return " and ".join(parts) if parts else "every session"


EVERY = Selector()


def flat_ids(selector: Selector) -> set[str]:
    """Return every session id that a selector names, at any depth."""
    found = set(selector.ids)
    for part in (*selector.all_of, *selector.any_of, *selector.none_of):
        found |= flat_ids(part)
    return found


