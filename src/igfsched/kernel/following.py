"""How a board follows a change: the board of the next programme, made from the one before.

- `follow`: exchange the primitives that are gone for those that are new; all else is shared.

A count or a burden that is stated anew for a few sessions more or less takes over the numbers of the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import numpy as np

from igfsched.kernel.board import NOWHERE, Board
from igfsched.kernel.counts import Counter
from igfsched.kernel.loads import Burden
from igfsched.kernel.pools import room_counts
from igfsched.kernel.register import Stated, Term, Touched, differing, linked_by
from igfsched.lowering import Lowered
from igfsched.primitives import Pair, Tally, Unit


def follow(
    before: Board, lowered: Lowered, gone: Sequence[Unit], new: Sequence[Unit],
) -> tuple[Board, set[int], set[int]]:
    """Return the board after some units are exchanged, with what is otherwise than before.

    The sessions of which something is otherwise (of a link that came, one of the two at least), and those that may
    contribute more to the score than before.

    Sessions whose slot died are no longer on it; others stand where they stood. Terms that both boards have are
    shared: `discard` the new one before the old one is used again.
    """
    board = _copy(before, lowered)
    dead = [s for s in range(len(board.tables)) if not lowered.facts.variants[s]]
    _grow(board, board.facts.n)
    for session in dead:
        if board.standing.variant[session] >= 0:
            board.take(session)
    touched = Touched()
    leaving, coming = differing(gone, new)
    board.leave_out(leaving, touched)
    board.enter(coming, touched)
    standing = board.standing
    placed = [s for s in sorted(touched.times | touched.housing) if standing.variant[s] >= 0]
    old_cost = [before._own_cost(session) for session in placed]
    linked = _swap_links(board, leaving, touched)
    fresh = {*dead, *range(before.facts.n, board.facts.n)}
    other_rooms = board.reread(touched, fresh)
    for session, cost in zip(placed, old_cost, strict=True):
        board.cost += board._own_cost(session) - cost
    concerned = touched.times | touched.priced | fresh | linked
    concerned.update(board.rooms.wrong(standing, touched.housing))  # whoever can stay in their rooms is in order
    more = concerned | _swap_terms(board, touched, coming)
    concerned |= {primitive.members[0] for _, primitive in (*leaving, *coming) if isinstance(primitive, Tally)
                  and primitive.axis.room_class is not None and len(primitive.members) == 1}
    if other_rooms:
        if not np.array_equal(before.rooms.changeover, board.rooms.changeover):
            concerned.update(board.facts.alive)
        board.pools = room_counts(board.rooms, standing, board.kept, board.pools)
    return board, concerned, more


def _swap_terms(board: Board, touched: Touched, coming: Sequence[Stated]) -> set[int]:
    """Begin the terms that came, from those that went where one says the same of most.

    Return the sessions that may contribute more to the score than before.
    """
    standing = board.standing
    counters: dict[tuple[int, str], list[Counter]] = {}
    for term in touched.terms:
        if isinstance(term, Counter):
            counters.setdefault((id(term.unit.rule), term.unit.sentence), []).append(term)
        if term.tier >= 0:
            board.cost[term.tier] -= term.weight * term.value
    more: set[int] = set()
    everyone = None
    for unit, primitive in coming:
        fresh = board.held_terms.get(id(primitive))
        if fresh is None:
            continue
        differing = None
        if isinstance(fresh, Burden):
            differing = fresh.begin_from_older(standing) if fresh.older is not None else None
        elif isinstance(fresh, Counter):
            older = counters.get((id(unit.rule), unit.sentence))
            differing = fresh.begin_from(older.pop(), standing) if older else None
        if differing is not None:
            more |= _whose_share_differs(fresh, differing, board)
        else:
            if everyone is None:
                own = np.flatnonzero(standing.variant >= 0)
                everyone = own, standing.variant[own], standing.start[own]
            fresh.begin(*everyone)
            if fresh.tier >= 0:
                more.update(fresh.sessions)
        if fresh.tier >= 0:
            board.cost[fresh.tier] += fresh.weight * fresh.value
    return more


def _whose_share_differs(term: Term, differing: set[int], board: Board) -> set[int]:
    """Return those who may add more or less to a term than before: all of its sessions where that goes by numbers."""
    by_numbers = isinstance(term, Counter) or (isinstance(term, Burden) and term.primitive.kind == "excess")
    if term.tier >= 0 and by_numbers and any(board.standing.variant[s] >= 0 for s in differing):
        return {*differing, *term.sessions}
    return differing


def _swap_links(board: Board, gone: Sequence[Stated], touched: Touched) -> set[int]:
    """Exchange links, and what they cost; return the sessions that links came to while both were somewhere.

    One session after the other is looked at as if it were nowhere.
    """
    standing = board.standing
    came = {s for s, links in touched.links.items() if standing.variant[s] >= 0
            and any(standing.variant[link.other] >= 0 for _, link in links)}
    went = set()
    for _, primitive in gone:
        if isinstance(primitive, (Pair, Tally)):
            there = [s for s in linked_by(primitive) if standing.variant[s] >= 0]
            if len(there) > 1:
                went.update(there)
    linked = sorted(came | (went & touched.unlinked))
    variant = standing.variant.copy()
    for session in linked:
        hard, soft = board._link_cost(session) if board.links[session] else (0, 0)
        board.broken_links -= hard
        board.cost -= soft
        standing.variant[session] = NOWHERE
    board.relink(gone, touched)
    for session in linked:
        standing.variant[session] = variant[session]
        hard, soft = board._link_cost(session) if board.links[session] else (0, 0)
        board.broken_links += hard
        board.cost += soft
    return came


def _copy(before: Board, lowered: Lowered) -> Board:
    board = object.__new__(Board)
    for attribute in Board.__attrs_attrs__:
        value = getattr(before, attribute.name)
        if isinstance(value, (list, dict)):
            value = copy(value)
        setattr(board, attribute.name, value)
    board.lowered, board.facts = lowered, lowered.facts
    board.standing = before.standing.copy()
    board.rooms = before.rooms.copy(lowered.facts)
    board.cost, board.absence = before.cost.copy(), before.absence.copy()
    board.log, board.done, board.accepted_before = [], None, []
    return board


def _grow(board: Board, n: int) -> None:
    more = n - len(board.tables)
    for lists in (board.tables, board.links, board.terms_of):
        lists.extend([] for _ in range(more))
    board.standing.grow(more)
    board.absence = np.append(board.absence, np.zeros(max(more, 0), dtype=np.int64))
    board.rooms.grow(n)
