"""Rules and series after a session is gone, has another id, or has become several.

- `rules_after`: rules whose selectors and tables name sessions otherwise, and nothing that no longer exists.
- `rules_without_room`: rules whose tables do not name a room that is gone.
- `series_after`: series likewise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import is_not
from typing import Any

import attrs

from igfsched.programme import Series, Session, Track
from igfsched.rule import Rule
from igfsched.schedule import Placement
from igfsched.selector import EVERY, Selector

Renaming = Mapping[str, Sequence[str]]
"""By session id: the ids that take its place, none if it is gone."""

NOTHING = ~EVERY
"""Chooses no session. A list of ids that becomes empty would choose every session instead."""


def series_after(series: Iterable[Series], renaming: Renaming) -> tuple[Series, ...]:
    """Return series with each session once: of several that take the place of one, the first.

    A series of which nothing is left is gone.
    """
    found = []
    for one in series:
        ids = _in_sequence(one.sessions, renaming)
        if ids or not one.sessions:
            found.append(one if ids == one.sessions else attrs.evolve(one, sessions=ids))
    return tuple(found)


def _in_sequence(sessions: Sequence[str], renaming: Renaming) -> tuple[str, ...]:
    """Return what takes the place of each session of a sequence, each once: of several, the first."""
    return tuple(dict.fromkeys(new for old in sessions for new in renaming.get(old, (old,))[:1]))


def rules_after(
    rules: Iterable[Rule], renaming: Renaming, before: Sequence[Session], after: Sequence[Session],
    tracks: Iterable[Track],
) -> tuple[Rule, ...]:
    """Return rules whose selectors name what takes the place of sessions.

    A track that is declared nowhere exists as long as a session has it: with its last session it is
    no longer named. A selector all of whose names are gone chooses nothing.
    """
    declared = {track.id for track in tracks}
    lost = {session.track for session in before} - {session.track for session in after} - declared
    changes = {"ids": renaming, "tracks": dict.fromkeys(lost, ())}
    return tuple(_rule(rule, changes) for rule in rules)


def _rule(rule: Rule, changes: Mapping[str, Renaming]) -> Rule:
    fields: dict[str, Any] = {}
    for attribute in attrs.fields(type(rule)):
        value = getattr(rule, attribute.name)
        if isinstance(value, Selector):
            changed = rewritten(value, changes)
            if changed is not value:
                fields[attribute.name] = changed
        elif attribute.name == "sessions":  # a rule about a sequence of sessions, as `ordered` is
            sequence = _in_sequence(value, changes["ids"])
            if sequence != value:
                fields["sessions"] = sequence
        elif attribute.name in ("pairs", "track_pairs") and all(type(row) is tuple for row in value):
            pairs = _pairs(value, changes["tracks" if attribute.name == "track_pairs" else "ids"])
            if pairs != value:
                fields[attribute.name] = pairs
        elif isinstance(value, tuple):  # perhaps a table: rows that name a session, two, or a track
            rows = _table(value, changes)
            if len(rows) != len(value) or any(map(is_not, rows, value)):
                fields[attribute.name] = rows
    return attrs.evolve(rule, **fields) if fields else rule


def _pairs(pairs: tuple[tuple[str, str], ...], renaming: Renaming) -> tuple[tuple[str, str], ...]:
    """Return pairs of names with those that there are now; where a name is gone, or both are one, the pair is too."""
    found = [_in_sequence(pair, renaming) for pair in pairs]
    return tuple(sorted({(pair[0], pair[1]) for pair in found if len(pair) == 2}))


def _table(rows: tuple[Any, ...], changes: Mapping[str, Renaming]) -> tuple[Any, ...]:
    """Return the rows of a table with the names that there are now; those of which a name is gone are left out."""
    if any(isinstance(row, Placement) for row in rows):
        return rows  # an earlier schedule stays as it was: rules that compare with it pass over what is gone
    return tuple(new for row in rows if (new := _row(row, changes)) is not None)


def _row(row: Any, changes: Mapping[str, Renaming]) -> Any:
    """Return a row of a table with the names that there are now, itself if these are its own; None if one is gone."""
    fields: dict[str, Any] = {}
    for name, renaming in (("session", changes["ids"]), ("track", changes["tracks"])):
        old = getattr(row, name, "")
        new = renaming.get(old, (old,))[:1]
        if not new:
            return None
        if new[0] != old:
            fields[name] = new[0]
    both = getattr(row, "sessions", ())
    if not changes["ids"].keys().isdisjoint(both):
        ids = _in_sequence(both, changes["ids"])
        if len(ids) != len(both):
            return None
        fields["sessions"] = ids
    return attrs.evolve(row, **fields) if fields else row


def rules_without_room(rules: Iterable[Rule], room: str) -> tuple[Rule, ...]:
    """Return rules in whose tables no row names a room."""
    found = []
    for rule in rules:
        fields: dict[str, Any] = {}
        for attribute in attrs.fields(type(rule)):
            value = getattr(rule, attribute.name)
            if attribute.name == "rooms" and room in value:
                fields["rooms"] = tuple(name for name in value if name != room)
            elif isinstance(value, tuple) and any(getattr(row, "room", None) == room for row in value):
                fields[attribute.name] = tuple(row for row in value if row.room != room)
        found.append(attrs.evolve(rule, **fields) if fields else rule)
    return tuple(found)


def rewritten(selector: Selector, changes: Mapping[str, Renaming]) -> Selector:
    """Return a selector with other names in some of its fields, at any depth; itself if it names nothing of these."""
    fields: dict[str, Any] = {}
    for name, renaming in changes.items():
        old = getattr(selector, name)
        if renaming.keys().isdisjoint(old):
            continue
        new = tuple(other for one in old for other in renaming.get(one, (one,)))
        if old and not new:
            return NOTHING
        fields[name] = new
    for name in ("all_of", "any_of", "none_of"):
        parts = getattr(selector, name)
        others = tuple(rewritten(part, changes) for part in parts)
        if any(map(is_not, parts, others)):
            fields[name] = others
    return attrs.evolve(selector, **fields) if fields else selector
