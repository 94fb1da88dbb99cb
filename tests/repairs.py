"""Repairs of tiny programmes at random, and the best that any repair can reach, by trying all."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from tiny import tiny_programme

from igfsched.facts import Places
from igfsched.kernel.board import Board
from igfsched.kernel.search import Answer, Search
from igfsched.lowering import Lowered, lower
from igfsched.programme import Programme
from igfsched.stakes import Stakes, excess, levels

Option = tuple[int, int, tuple[int, ...]]


def tiny_stakes(seed: int, programme: Programme | None = None) -> tuple[Lowered, Stakes]:
    """Return a tiny programme (or a given one) with reference places at random, good or bad, some of them kept."""
    random = np.random.default_rng(seed)
    lowered = lower(programme or tiny_programme(seed))
    facts, n_rooms = lowered.facts, len(lowered.programme.rooms)
    variant, start = np.full(facts.n, -1), np.full(facts.n, -1)
    rooms: list[tuple[int, ...]] = [()] * facts.n
    for session in range(facts.n):
        if random.random() < 0.8:
            variant[session] = random.choice(list(facts.variants[session]))
            good = np.flatnonzero(lowered.allowed[variant[session]])
            start[session] = facts.starts[random.choice(good)] if len(good) and random.random() < 0.8 else \
                random.choice(facts.starts)
            rooms[session] = (int(random.integers(n_rooms)),) if n_rooms else ()
    weights = np.where(variant >= 0, random.integers(1, 3, facts.n) if random.random() < 0.5 else 1, 0)
    kept = frozenset(s for s in range(facts.n) if variant[s] >= 0 and random.random() < 0.2)
    reference = Places(variant, start, tuple(rooms))
    return lowered, Stakes(reference=reference, weights=weights, kept=kept, present=reference)


def best_by_trying(lowered: Lowered, stakes: Stakes) -> tuple[int, ...] | None:
    """Return the least levels of any places that break no hard rule beyond what the kept sessions break alone."""
    facts, n_rooms = lowered.facts, len(lowered.programme.rooms)
    options: list[list[Option]] = []
    for session in range(facts.n):
        if not facts.variants[session]:
            options.append([(-1, -1, ())])
            continue
        if session in stakes.kept:
            there = stakes.present
            options.append([(int(there.variant[session]), int(there.start[session]), there.rooms[session])])
            continue
        own = [(variant, int(facts.starts[column])) for variant in facts.variants[session]
               for column in np.flatnonzero(lowered.allowed[variant])]
        allowed = [room for room in range(n_rooms) if lowered.room_allowed[session, room]]
        value = facts.sessions[session]
        assert value is not None
        rooms = list(combinations(allowed, value.room_count)) if n_rooms else [()]
        options.append([(*place, room) for place in own for room in rooms] + [(-1, -1, ())])
    best: tuple[int, ...] | None = None
    for chosen in product(*options):
        absent = sum(int(lowered.absent[s]) for s, c in enumerate(chosen) if c[0] < 0 and facts.variants[s])
        if best is not None and absent > best[0]:
            continue
        places = Places(np.array([c[0] for c in chosen]), np.array([c[1] for c in chosen]), tuple(c[2] for c in chosen))
        if not excess(lowered, stakes, places):
            found = levels(lowered, stakes, places)
            best = found if best is None or found < best else best
    return best


def searched(lowered: Lowered, stakes: Stakes) -> tuple[Answer, Board]:
    """Return what the bounded search finds; it leaves the board as it was."""
    board = Board(lowered, stakes.kept)
    board.begin(stakes.reference, stakes.reference)
    before, cost = board.places(), board.cost.copy()
    homeless = frozenset(np.flatnonzero(stakes.reference.variant < 0).tolist())
    answer = Search(board, stakes, homeless=homeless).run()
    after = board.places()
    assert (after.variant == before.variant).all()
    assert (after.start == before.start).all()
    assert after.rooms == before.rooms
    assert (board.cost == cost).all()
    return answer, board
