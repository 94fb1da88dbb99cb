"""Which classes sessions and groups touch, as truths: sessions may stand still, rooms may be a choice.

- `Stretches`: neighbouring classes in which nobody comes or goes, as one.
- `presence`, `room_of`, `in_rooms`: a session in a stretch of time; in a class of rooms; in both.
- `cells`: the classes that one session touches, rooms included.
- `touched`: a footprint in each stretch and class of rooms.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from attrs import frozen

from igfsched.engine.encode.truths import FALSE, TRUE, all_of, any_of, one_of
from igfsched.engine.model import Model
from igfsched.facts import Ints
from igfsched.primitives import Axis, Footprint


@frozen(eq=False)
class Stretches:
    """The time classes of an axis, cut where a candidate of some sessions begins or ends: stretch j is
    `[edges[j], edges[j + 1])`.
    """

    axis: Axis
    edges: Ints

    @classmethod
    def of(cls, model: Model, axis: Axis, sessions: Iterable[int], cuts: Iterable[int] = ()) -> Stretches:
        """Return the stretches for some sessions; `cuts`: classes where another stretch begins in any case."""
        members = list(dict.fromkeys(sessions))
        low, high = (span[model.members(members)] for span in model.spans(axis))
        if model.still is not None:
            there = [s for s in members if s in model.still and model.still.places.variant[s] >= 0]
            first, last = model.still.spans(axis, np.array(there, dtype=np.int64))
            low, high = np.concatenate([low, first]), np.concatenate([high, last])
        touching = high > low
        edges = np.unique(np.concatenate([low[touching], high[touching]]))
        if len(edges):
            inside = [cut for cut in cuts if edges[0] < cut < edges[-1]]
            edges = np.unique(np.concatenate([edges, np.array(inside, dtype=np.int64)]))
        return cls(axis, edges)

    def __len__(self) -> int:
        return max(0, len(self.edges) - 1)

    @property
    def widths(self) -> list[int]:
        """How many classes each stretch has."""
        found: list[int] = np.diff(self.edges).tolist()
        return found

    def within(self, low: int, high: int) -> range:
        """Return the stretches in the classes `[low, high)`, which begin and end at edges."""
        return range(*np.searchsorted(self.edges, (low, max(low, high))).tolist())


def presence(model: Model, session: int, stretches: Stretches) -> list[list[int]]:
    """Return, by stretch, the candidates of a session that touch it, of which one at most is true."""
    found: list[list[int]] = [[] for _ in range(len(stretches))]
    still = model.still
    if still is not None and session in still:
        if still.places.variant[session] >= 0:
            low, high = still.spans(stretches.axis, np.array([session]))
            for stretch in stretches.within(int(low[0]), int(high[0])):
                found[stretch] = [TRUE]
        return found
    low, high = model.spans(stretches.axis)
    for variable in model.of(session):
        if high[variable] > low[variable]:
            for stretch in stretches.within(int(low[variable]), int(high[variable])):
                found[stretch].append(variable)
    return found


def rooms_of(model: Model, session: int, axis: Axis, kind: int) -> list[int]:
    """Return a truth for each room of a class that a session may have: it has it, provided that it has a place."""
    assert axis.room_class is not None
    still = model.still
    asked = model.asked.get(session)
    if asked is None:
        rooms = () if still is None or session not in still else still.places.rooms[session]
        return [TRUE for room in rooms if axis.room_class[room] == kind]
    return [TRUE if literal is None else literal for choice in asked for pool, literal in choice.items()
            if axis.room_class[model.pools.rooms[pool][0]] == kind]


def room_of(model: Model, session: int, axis: Axis, kind: int) -> int:
    """Return a truth for 'a session is in a room of a class', provided that it has a place."""
    if axis.room_class is None:
        return TRUE
    key = ("room", session, id(axis), kind)
    if key not in model.made:
        model.made[key] = axis, any_of(model, rooms_of(model, session, axis, kind))
    found: int = model.made[key][1]
    return found


def there(model: Model, variables: list[int]) -> int:
    """Return a truth for 'one of some candidates of a session', made once for the same candidates."""
    key = ("there", *variables)
    if key not in model.made:
        model.made[key] = one_of(model, variables)
    found: int = model.made[key]
    return found


def both(model: Model, one: int, other: int) -> int:
    """Return a truth for two, made once."""
    if one < 0 or other < 0:
        return all_of(model, (one, other))
    key = ("both", min(one, other), max(one, other))
    if key not in model.made:
        model.made[key] = all_of(model, (one, other))
    found: int = model.made[key]
    return found


def in_rooms(model: Model, session: int, axis: Axis, variables: list[int]) -> list[int]:
    """Return, by class of rooms, a truth for 'the session is there at one of some candidates'."""
    here = there(model, variables)
    if axis.room_class is None:
        return [here]
    key = ("in rooms", session, id(axis), *variables)
    if key not in model.made:
        rooms = [room_of(model, session, axis, kind) for kind in range(axis.room_classes)]
        chosen = [room for room in rooms if room >= 0]
        if here < 0 or len(chosen) < 2 or not _in_one(model, session, axis):
            model.made[key] = axis, [both(model, here, room) for room in rooms]
        else:  # it is in one of them: one row says more than one for each
            truths = dict(zip(chosen, model.booleans(len(chosen)), strict=True))
            for room, truth in truths.items():
                model.linear(([truth, room], [1, -1]), high=0)
                model.linear(([truth, here], [1, -1]), high=0)
            model.linear(([*truths.values(), here], [1] * len(truths) + [-1]), 0, 0)
            model.made[key] = axis, [truths.get(room, FALSE) for room in rooms]
    found: list[int] = model.made[key][1]
    return found


def _in_one(model: Model, session: int, axis: Axis) -> bool:
    """Say whether a session with a place is in one room, and that of some class."""
    assert axis.room_class is not None
    value, asked = model.facts.sessions[session], model.asked.get(session, [])
    return value is not None and value.room_count == 1 == len(asked) and all(
        axis.room_class[model.pools.rooms[pool][0]] >= 0 for pool in asked[0])


def cells(model: Model, session: int, axis: Axis) -> dict[int, int]:
    """Return a truth for each class of an axis that a session can touch."""
    key = ("cells", session, id(axis))
    if key not in model.made:
        stretches = Stretches.of(model, axis, [session])
        rooms = axis.room_classes
        found: dict[int, int] = {}
        for stretch, variables in enumerate(presence(model, session, stretches)):
            for kind, truth in enumerate(in_rooms(model, session, axis, variables) if variables else ()):
                if truth != FALSE:
                    first, last = stretches.edges[stretch : stretch + 2].tolist()
                    found.update((time * rooms + kind, truth) for time in range(first, last))
        model.made[key] = axis, found
    result: dict[int, int] = model.made[key][1]
    return result


def touched(model: Model, footprint: Footprint, stretches: Stretches) -> list[list[int]]:
    """Return a truth for 'some member is there', by class of rooms and stretch."""
    key = ("touched", id(footprint), stretches.edges.tobytes())
    if key not in model.made:
        axis = footprint.axis
        inside: list[list[list[int]]] = [[[] for _ in range(len(stretches))] for _ in range(axis.room_classes)]
        for session in dict.fromkeys(footprint.members):
            for stretch, variables in enumerate(presence(model, session, stretches)):
                for kind, truth in enumerate(in_rooms(model, session, axis, variables) if variables else ()):
                    inside[kind][stretch].append(truth)
        found = [[any_of(model, truths) for truths in own] for own in inside]
        model.made[key] = footprint, found
    result: list[list[int]] = model.made[key][1]
    return result


def placed(model: Model, session: int) -> int:
    """Return a truth for 'the session has a place'."""
    if model.still is not None and session in model.still:
        return TRUE if model.still.places.variant[session] >= 0 else FALSE
    if model.absent[session] is None:
        return TRUE if len(model.of(session)) else FALSE
    return there(model, list(model.of(session)))
