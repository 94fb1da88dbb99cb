"""What differs between two programmes, by the aspects that rules speak of.

- `differences(old, new)`: the one entry.
- `Touched`: which sessions and people are touched, and in which aspects.
- `ASPECTS`: the names of all aspects.

An aspect is a field of `Session` (`sessions.people`), of `Person` (`people.busy`), or any other field of
`Programme` (`cap`). `sessions` and `people` themselves are aspects too: which of them there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
from attrs import evolve, frozen

from igfsched.programme import Person, Programme, Session
from igfsched.tuples import exchanged

SESSION_ASPECTS = frozenset({"sessions", *(f"sessions.{field.name}" for field in attrs.fields(Session))})
PERSON_ASPECTS = frozenset({"people", *(f"people.{field.name}" for field in attrs.fields(Person))})
ASPECTS = SESSION_ASPECTS | PERSON_ASPECTS | {field.name for field in attrs.fields(Programme)}

_OTHERS = [field.name for field in attrs.fields(Programme) if field.name not in ("sessions", "people")]
_FIELDS = {"sessions": [field.name for field in attrs.fields(Session)],
           "people": [field.name for field in attrs.fields(Person)]}


@frozen(kw_only=True)
class Touched:
    """What differs between two programmes: ids of sessions and people, and aspects.

    A session or a person is changed if the id is the same and something else is not. Who is added or
    removed differs in every aspect.
    """

    sessions_changed: frozenset[str] = frozenset()
    sessions_added: frozenset[str] = frozenset()
    sessions_removed: frozenset[str] = frozenset()
    people_changed: frozenset[str] = frozenset()
    people_added: frozenset[str] = frozenset()
    people_removed: frozenset[str] = frozenset()
    aspects: frozenset[str] = frozenset()

    @property
    def sessions(self) -> frozenset[str]:
        """The sessions that are touched in any way."""
        return self.sessions_changed | self.sessions_added | self.sessions_removed

    @property
    def people(self) -> frozenset[str]:
        """The people who are touched in any way."""
        return self.people_changed | self.people_added | self.people_removed

    def with_aspects(self, aspects: frozenset[str]) -> Touched:
        """Return the same with more aspects."""
        return evolve(self, aspects=self.aspects | aspects)


def differences(old: Programme, new: Programme) -> Touched:
    """Return what differs from one programme to another; what both share as the same objects costs next to nothing."""
    if old is new:
        return Touched()
    sessions, session_aspects = _of_kind("sessions", *exchanged(old.sessions, new.sessions), SESSION_ASPECTS)
    people, person_aspects = _of_kind("people", *exchanged(old.people, new.people), PERSON_ASPECTS)
    others = {name for name in _OTHERS if not _same(getattr(old, name), getattr(new, name))}
    return Touched(
        sessions_changed=sessions[0], sessions_added=sessions[1], sessions_removed=sessions[2],
        people_changed=people[0], people_added=people[1], people_removed=people[2],
        aspects=frozenset(session_aspects | person_aspects | others),
    )


def _of_kind(
    kind: str, gone: Sequence[Any], came: Sequence[Any], every: frozenset[str],
) -> tuple[tuple[frozenset[str], frozenset[str], frozenset[str]], frozenset[str] | set[str]]:
    """Return the ids that are changed, added and removed, and the aspects in which they differ."""
    before, after = {thing.id: thing for thing in gone}, {thing.id: thing for thing in came}
    added, removed = frozenset(after.keys() - before.keys()), frozenset(before.keys() - after.keys())
    aspects: set[str] = set()
    changed = set()
    for id in before.keys() & after.keys():
        own = [name for name in _FIELDS[kind] if not _same(getattr(before[id], name), getattr(after[id], name))]
        if own:
            changed.add(id)
            aspects.update(f"{kind}.{name}" for name in own)
    return (frozenset(changed), added, removed), every if added or removed else aspects


def _same(old: object, new: object) -> bool:
    return old is new or old == new
