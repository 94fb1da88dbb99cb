"""A repair on a slot grid at once: who goes where in columns, then rooms by a matching.

- `InSlots`: the places, and how many of their levels are proven to be the least.
- `repaired_in_slots`: search for them.
"""

from __future__ import annotations

import time

import numpy as np
from attrs import frozen

from igfsched.engine.cpsat import Flag
from igfsched.engine.rooms import Pools, assign_in_slots
from igfsched.engine.seat_prices import Priced, best_columns
from igfsched.engine.slot_columns import Columns, columns_of
from igfsched.facts import Bools, Places
from igfsched.lowering import Lowered
from igfsched.stakes import ROOMS, Stakes, excess, levels

PER_PLACE = 2e-5
"""Seconds for each place of a session, roughly: where all of them take longer than there is time, nothing is begun."""


@frozen(eq=False)
class InSlots:
    """Places with a place for everybody. `proven`: how many leading levels are the least that there is."""

    places: Places
    levels: tuple[int, ...]
    proven: int

    @property
    def optimal(self) -> bool:
        """Whether every level is the least."""
        return self.proven == len(self.levels)


def repaired_in_slots(
    lowered: Lowered, stakes: Stakes, *, mask: Bools | None = None, seconds: float = 60.0, cancel: Flag | None = None,
) -> InSlots | None:
    """Return the best repair that leaves nobody out; None if none was found, or the programme is of another kind.

    `mask`: the starts for those that may move, shape `(variants, starts)` (None: all that are allowed).
    """
    began = time.perf_counter()
    if PER_PLACE * int(lowered.allowed.sum()) > seconds:
        return None
    columns = columns_of(lowered, stakes, mask)
    if columns is None:
        return None
    best = best_columns(columns, seconds - (time.perf_counter() - began), cancel)
    if best is None:
        return None
    places = _places(lowered, stakes, columns, best)
    if places is None or (not columns.all_hard and excess(lowered, stakes, places)):
        return None
    least = (0, *(columns.cost[:, best.chosen].sum(axis=1) * columns.unit).tolist())
    found = levels(lowered, stakes, places) if not columns.all_soft else (
        *least[:ROOMS], sum(stakes.changed(places, s) for s in lowered.facts.alive), *least[ROOMS + 1:])
    proven = 0
    while best.proven and proven < len(found) and proven <= best.levels and found[proven] == least[proven]:
        proven += 1
    return InSlots(places, found, proven)


def _places(lowered: Lowered, stakes: Stakes, columns: Columns, best: Priced) -> Places | None:
    """Return columns as places; rooms that are held stay, the others are given out."""
    facts, chosen = lowered.facts, best.chosen
    variant, start = np.full(facts.n, -1, dtype=np.int64), np.full(facts.n, -1, dtype=np.int64)
    session = columns.session[chosen]
    variant[session], start[session] = columns.variant[chosen], columns.tick[chosen]
    rooms: list[tuple[int, ...]] = [()] * facts.n
    if lowered.programme.rooms:
        own = {s: np.flatnonzero(lowered.room_allowed[s]).tolist() if room < 0 else [room]
               for s, room in zip(session.tolist(), columns.room[chosen].tolist(), strict=True)}
        given = assign_in_slots(Pools(lowered, split=True), [(s, own[s], int(start[s])) for s in own])
        if given is None:
            return None
        for s, those in given.items():
            rooms[s] = those
    return Places(variant, start, tuple(rooms))
