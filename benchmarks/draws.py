"""Random changes of a programme and its schedule: what happens to an event between its first timetable and its end.

- `KINDS`: the mix, a table of kinds of draws; together they use the whole vocabulary of `igfsched.changes`.
- `draw(programme, schedule, rng, kind)`: one change of a kind.
- `draws(programme, schedule, seed, number)`: many, in the proportions of the table.
- `broken(programme, schedule, change)`: whether the schedule, as the change leaves it, breaks a hard rule.

**The mix.** Nobody has counted the changes of a real meeting, so the weights are a guess, made of what users of other
schedulers ask for: the commonest event by far is somebody who cannot come to a session that has a place, then people
who join, are replaced or decline a time. Eight in a hundred draws lose a resource for long, eight are batches of 5 or
20 single changes, each drawn upon those before it. What changes the frame or the rules is rare: 3.5 in a hundred.

**What is drawn can be repaired, mostly.** Nobody is absent for more than two days; sessions that are pinned are not
made impossible on purpose; sessions that rules or series name are neither merged nor split. A session that is moved by
hand takes the place of another. In a programme with less than `SLACK` of its rooms' time to spare, things are short:
half an hour is added, ten minutes more, half an hour of a room. Whether a draw can be repaired is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import draw_events as events
import draw_frame as frame
import numpy as np
from attrs import frozen
from draw_events import Event, NotDrawableError

from igfsched.audit import audit
from igfsched.changes import (
    Batch,
    CapChanged,
    CapSet,
    Change,
    DayAdded,
    DayLost,
    HoursChanged,
    PersonAdded,
    PersonAvailable,
    PersonRemoved,
    PersonReplaced,
    PersonUnavailable,
    RoomAdded,
    RoomClosed,
    RoomRemoved,
    RoomReopened,
    RuleChanged,
    SessionAdded,
    SessionCancelled,
    SessionConfirmed,
    SessionDeclined,
    SessionFreed,
    SessionMoved,
    SessionPinned,
    SessionResized,
    SessionsMerged,
    SessionSplit,
)
from igfsched.errors import InputError
from igfsched.programme import Programme
from igfsched.schedule import Schedule

Size = Literal["single", "loss", "batch"]

TRIES = 30
RARE = ("day_added", "rule_changed", "room_added", "cap_set")
"""Kinds that no batch has: what changes the frame or the rules comes alone."""


@frozen
class Kind:
    """A kind of draws.

    - `event`: draws a change of the class `change`; its name is that of the kind.
    - `weight`: the share of the mix, in a hundred draws.
    - `what`: what is drawn, in words.
    - `size`: a single change, the loss of a resource for long, or several changes at once.
    """

    event: Callable[[Event], Change]
    change: type[Change]
    weight: float
    what: str
    size: Size = "single"

    @property
    def name(self) -> str:
        return self.event.__name__


def batch_5(event: Event) -> Change:
    return _several(event, 5)


def batch_20(event: Event) -> Change:
    return _several(event, 20)


def _several(event: Event, number: int) -> Change:
    """Return single changes in the proportions of the table, each drawn upon those before it."""
    programme, schedule, changes = event.programme, event.schedule, list[Change]()
    singles = [kind for kind in KINDS.values() if kind.size == "single" and kind.name not in RARE]
    weights = np.array([kind.weight for kind in singles])
    while len(changes) < number:
        kind = singles[int(event.rng.choice(len(singles), p=weights / weights.sum()))]
        try:
            change = draw(programme, schedule, event.rng, kind)
        except NotDrawableError:
            continue
        changes.append(change)
        programme, schedule = change.applied(programme, schedule)
    return Batch(changes=changes)


KINDS: dict[str, Kind] = {kind.name: kind for kind in (
    Kind(events.person_unavailable, PersonUnavailable, 26,
         "somebody needed is away for half a day, a day or two, a session of theirs among it"),
    Kind(events.person_away, PersonUnavailable, 1, "somebody is away for half a day without a session"),
    Kind(events.person_available, PersonAvailable, 2, "one of somebody's busy times is over"),
    Kind(events.person_replaced, PersonReplaced, 4,
         "somebody new in a session or in all, half of them awake in usual hours only"),
    Kind(events.person_replaced_elsewhere, PersonReplaced, 3, "somebody who is needed elsewhere then takes a place"),
    Kind(events.person_added, PersonAdded, 2, "somebody joins a session, known or new, needed or not"),
    Kind(events.person_added_elsewhere, PersonAdded, 6, "somebody who is needed elsewhere then joins a session"),
    Kind(events.person_removed, PersonRemoved, 2, "somebody no longer takes part"),
    Kind(events.session_added, SessionAdded, 5, "a session more, with people of the programme"),
    Kind(events.session_cancelled, SessionCancelled, 3, "a session is cancelled"),
    Kind(events.session_confirmed, SessionConfirmed, 1, "a tentative session is certain"),
    Kind(events.session_declined, SessionDeclined, 4, "an organiser declines the time"),
    Kind(events.session_offered, SessionDeclined, 4, "an organiser declines the time and offers three half-days"),
    Kind(events.session_lengthened, SessionResized, 3, "a session takes longer"),
    Kind(events.session_shortened, SessionResized, 1, "a session takes less time"),
    Kind(events.sessions_merged, SessionsMerged, 1, "two sessions of a type become one"),
    Kind(events.session_split, SessionSplit, 1.5, "a session becomes two"),
    Kind(events.session_moved, SessionMoved, 4, "a session is put in the place of another by hand"),
    Kind(events.session_pinned, SessionPinned, 1, "a session has to stay"),
    Kind(events.session_freed, SessionFreed, 0.5, "a pinned session may move"),
    Kind(frame.room_closed, RoomClosed, 4, "a room is closed while a session is in it"),
    Kind(frame.room_reopened, RoomReopened, 0.5, "one of a room's closed times is over"),
    Kind(frame.cap_changed, CapChanged, 1, "one session less side by side for an hour that had as many as may be"),
    Kind(frame.room_added, RoomAdded, 1, "a room more"),
    Kind(frame.day_added, DayAdded, 0.7, "a day more, between the others or after them"),
    Kind(frame.rule_changed, RuleChanged, 1, "a soft rule has another weight, or a hard relation is soft now"),
    Kind(frame.cap_set, CapSet, 0.8, "one session more side by side, or one less in a first hour"),
    Kind(frame.room_closed_for_days, RoomClosed, 3, "a room is closed for one to three days", "loss"),
    Kind(frame.room_removed, RoomRemoved, 0.5, "a room is no longer there", "loss"),
    Kind(frame.day_lost, DayLost, 1.5, "a day falls away", "loss"),
    Kind(frame.hours_lost, HoursChanged, 3, "a day begins later or ends earlier, by up to two hours", "loss"),
    Kind(batch_5, Batch, 5, "5 single changes", "batch"),
    Kind(batch_20, Batch, 3, "20 single changes", "batch"),
)}
"""The mix: every kind of draws by its name."""


def draw(programme: Programme, schedule: Schedule, rng: np.random.Generator, kind: Kind | str) -> Change:
    """Return a change of a kind that can be applied; NotDrawableError if there is none, or none was found."""
    event = Event(programme, schedule, rng)
    kind = KINDS[kind] if isinstance(kind, str) else kind
    for _ in range(TRIES):
        change = kind.event(event)
        try:
            change.applied(programme, schedule)
        except InputError:
            continue
        return change
    raise NotDrawableError(kind.name)


def draws(programme: Programme, schedule: Schedule, seed: int, number: int) -> list[tuple[str, Change]]:
    """Return changes, each of this programme and schedule, with the names of their kinds.

    Each kind is drawn as often as its weight says, up to one; the order is random. A kind of which there is
    nothing to draw (no pinned session can be freed) leaves its turn to another. Equal arguments give equal changes.
    """
    rng = np.random.default_rng([seed, number, 300])
    kinds = list(KINDS.values())
    weights = np.array([kind.weight for kind in kinds])
    edges = np.cumsum(weights / weights.sum())
    turns = np.searchsorted(edges, (rng.random() + np.arange(number)) / number, side="right")
    turns = np.minimum(rng.permutation(turns), len(kinds) - 1)
    found = []
    for index, turn in enumerate(turns):
        own = np.random.default_rng([seed, index, 26])
        kind = kinds[turn]
        while True:
            try:
                found.append((kind.name, draw(programme, schedule, own, kind)))
                break
            except NotDrawableError:
                kind = kinds[int(own.choice(len(kinds), p=weights / weights.sum()))]
    return found


def broken(programme: Programme, schedule: Schedule, change: Change) -> bool:
    """Say whether a schedule, as a change leaves it, breaks a hard rule of the programme after it."""
    return not audit(*change.applied(programme, schedule)).valid
