"""Whether the numbers of a search are true: primitives are valued anew, from places, not from the search's state.

- `check`: compare an answer with the board that it was searched on.

Only primitives that read a session which differs, or of which something was wrong before, are valued, at the
places before and after; the rest has the same value. Small ones are valued in plain Python as they define
themselves, counts over many sessions by arrays from nothing, burdens by the loads of who differs.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

import numpy as np

from igfsched.facts import Ints, Places
from igfsched.kernel.board import Board
from igfsched.kernel.counts import Counter
from igfsched.kernel.loads import Burden
from igfsched.kernel.register import Term, linked_by
from igfsched.kernel.rooms import RoomBoard
from igfsched.primitives import Pair, Primitive, Tally
from igfsched.stakes import Stakes

SMALL = 16
"""Members up to which a count is valued in plain Python."""


def check(
    board: Board, stakes: Stakes, places: Places, levels: tuple[int, ...], suspects: Collection[int] = (),
) -> str:
    """Return what is wrong with an answer, '' if nothing is: hard rules hold, and the levels are what they are.

    `suspects`: sessions of which something may be wrong on the board; everybody else is in order there.
    """
    before = board.places()
    differs = (before.variant != places.variant) | (before.start != places.start)
    other = [s for s in board.facts.alive if differs[s] or before.rooms[s] != places.rooms[s]]
    doubtful = sorted({*other, *(s for s in suspects if board.facts.variants[s])})
    elsewhere = set(other)
    tiers = board.cost.copy()
    for session in doubtful:
        for unit, table in board.tables[session]:
            if not unit.rule.hard:
                if session in elsewhere:
                    more = table.value(places) - table.value(before)
                    tiers[board.tier_index[unit.rule.tier]] += unit.rule.weight * more
            elif table.value(places) and places.variant[session] >= 0 and session not in stakes.kept:
                return f"not so: {unit.sentence}"
    seen: set[int] = set()
    for session in doubtful:
        for primitive, link in board.links[session]:
            if id(primitive) in seen:
                continue
            seen.add(id(primitive))
            assert isinstance(primitive, (Pair, Tally))
            if link.tier >= 0:
                if not elsewhere.isdisjoint(linked_by(primitive)):
                    tiers[link.tier] += link.weight * (_together(primitive, places) - _together(primitive, before))
                continue
            now = _together(primitive, places)
            if now and not _accepted(board, primitive, now):
                return f"not so: {primitive}"
    terms = {id(term): term for session in other for term in board.terms_of[session]}
    for term in {**terms, **{id(term): term for term in board.overfull()}}.values():
        now = _value(term, before, places, other)
        if term.tier >= 0:
            tiers[term.tier] += term.weight * (now - term.value)
        elif now > term.accepted:
            return f"not so: {term.unit.sentence}"
    for unit in board.lowered.units if board.unknown else ():
        for primitive in unit.primitives:
            if id(primitive) in board.unknown:
                now = primitive.value(places)
                if not unit.rule.hard:
                    tiers[board.tier_index[unit.rule.tier]] += unit.rule.weight * now
                elif now and not _accepted(board, primitive, now):
                    return f"not so: {unit.sentence}"
    wrong = _rooms_wrong(board.rooms, places, doubtful, stakes.kept)
    if wrong is not None:
        return f"session {wrong} cannot be in its rooms"
    found = _levels(board, stakes, places, tiers)
    return "" if found == levels else f"levels are {found}, not {levels}"


def _accepted(board: Board, primitive: Primitive, now: int) -> bool:
    """Whether the kept sessions alone make a primitive cost this much."""
    if not board.kept:
        return False
    variant = np.full(board.facts.n, -1, dtype=np.int64)
    kept = sorted(board.kept)
    variant[kept] = board.standing.variant[kept]
    return now <= primitive.value(Places(variant, board.standing.start, tuple(board.rooms.rooms)))


def _together(primitive: Pair | Tally, places: Places) -> int:
    """Return the value of what links sessions; a count of pairs over ticks is what each two of its sessions share."""
    if isinstance(primitive, Pair):
        return primitive.value(places)
    axis, facts = primitive.axis, primitive.axis.facts
    spans = []
    for session in primitive.members:
        variant, start = int(places.variant[session]), int(places.start[session])
        if variant >= 0:
            before = axis.before if isinstance(axis.before, int) else int(axis.before[session])
            after = axis.after if isinstance(axis.after, int) else int(axis.after[session])
            end = start + int(facts.variant_ticks[variant]) + after
            spans.append((max(start - before, 0), min(end, facts.n_ticks)))
    return axis.width * sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a, b in combinations(spans, 2))


def _value(term: Term, before: Places, places: Places, other: list[int]) -> int:
    """Return the value of a term at places which differ from those before in some sessions."""
    primitive = term.primitive
    if isinstance(term, Burden):
        return term.value_after({
            s: tuple((int(at.variant[s]), int(at.start[s])) for at in (before, places)) for s in other})
    if not isinstance(term, Counter) or (isinstance(primitive, Tally) and len(primitive.members) <= SMALL):
        return primitive.value(places)
    own = np.flatnonzero(term.is_member[: len(places.variant)] & (places.variant >= 0))
    return term.alone(own, places.variant[own], places.start[own])


def _levels(board: Board, stakes: Stakes, places: Places, tiers: Ints) -> tuple[int, ...]:
    reference = stakes.reference
    placed = places.variant >= 0
    had = placed & (reference.variant >= 0)
    moved = had & ((places.start != reference.start) | (places.variant != reference.variant))
    absent = sum(board.absent(s) for s in np.flatnonzero(~placed).tolist() if board.facts.variants[s])
    changed = sum(1 for s in np.flatnonzero(had).tolist() if reference.rooms[s] not in ((), places.rooms[s]))
    return (absent, int(stakes.weights[moved].sum()), changed, *tiers.tolist())


def _rooms_wrong(rooms: RoomBoard, places: Places, other: list[int], kept: frozenset[int]) -> int | None:
    """Return a session that is not kept and cannot be in its rooms, or meets somebody there."""
    for session in other:
        variant, start = int(places.variant[session]), int(places.start[session])
        value = rooms.facts.sessions[session]
        if variant < 0 or session in kept or value is None:
            continue
        own = places.rooms[session]
        if len(own) != (value.room_count if rooms.n_rooms else 0) or not rooms.suits(session, own):
            return session
        if not all(rooms.open_at(session, room, variant, start) for room in own):
            return session
    ends = places.start + rooms.facts.variant_ticks[places.variant]
    moved = [s for s in {*other, *kept} if places.variant[s] >= 0]
    for room in sorted({room for session in moved for room in places.rooms[session]}):
        pause = int(rooms.changeover[room])
        there = np.array([s for s, own in enumerate(places.rooms) if room in own and places.variant[s] >= 0],
                         dtype=np.int64)
        begun, ended = places.start[there], ends[there] + pause
        for session in moved if pause >= 0 else ():
            if room not in places.rooms[session]:
                continue
            met = there[(begun < ends[session] + pause) & (ended > places.start[session])].tolist()
            if len(met) > 1 and not {session, *met} <= kept:
                return session if session not in kept else next(s for s in met if s not in kept)
    return None
