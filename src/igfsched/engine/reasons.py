"""Why not every session can have a place: what can be said at once, before any search.

- `why_not`: sessions whose every start is taken away, and pairs of sessions that exclude each other
  wherever they are. Each with the sentences of the rules concerned.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from igfsched.errors import Reason
from igfsched.facts import Ints, Places
from igfsched.lowering import HARD, Lowered, Term
from igfsched.primitives import Pair, Tally

FEW = 64
"""Starts of a session up to which pairs of sessions are compared."""


def why_not(lowered: Lowered) -> tuple[Reason, ...]:
    """Return reasons for which no schedule can place every session; none if nothing is found at once."""
    found = [reason for session in range(lowered.facts.n) for reason in _nowhere(lowered, session)]
    return tuple(found or _pairs(lowered))


def _nowhere(lowered: Lowered, session: int) -> list[Reason]:
    """Return the rules that together leave a session no start, or no room."""
    facts, name = lowered.facts, lowered.programme.sessions[session].id
    found = []
    if not lowered.allowed[list(facts.variants[session])].any():
        taken: dict[str, int] = {}
        for unit, table in lowered.tables:
            if unit.rule.hard and table.session == session:
                kept = any((cost[facts.starts] == 0).any() for cost in table.time.values()) or not table.time
                removed = sum(int((cost[facts.starts] > 0).sum()) for cost in table.time.values())
                if removed:
                    taken[unit.sentence] = -1 if not kept else removed
        alone = [sentence for sentence, count in taken.items() if count == -1]
        told = alone or list(taken) or ["no start of the grid fits"]
        found.append(Reason(rule="placed", sessions=(name,),
                            sentence=f"{name} cannot start anywhere: {'; '.join(told)}"))
    count = lowered.programme.sessions[session].room_count
    if lowered.programme.rooms and int(lowered.room_allowed[session].sum()) < count:
        found.append(Reason(
            rule="room_choice", sessions=(name,),
            sentence=f"{name} needs {count} of the rooms that suit it, and there "
            f"{'is' if lowered.room_allowed[session].sum() == 1 else 'are'} {int(lowered.room_allowed[session].sum())}",
        ))
    return found


def _pairs(lowered: Lowered) -> list[Reason]:
    """Return pairs of sessions with few starts that a hard rule never lets stand together."""
    facts = lowered.facts
    count = np.array([int(lowered.allowed[list(variants)].sum()) for variants in facts.variants])
    few = set(np.flatnonzero(count <= FEW).tolist())
    found, told = [], set()
    for term in lowered.terms:
        if term.tier != HARD:
            continue
        for a, b in _exclusions(term, few):
            if (a, b) not in told and not _compatible(lowered, term, a, b):
                told.add((a, b))
                names = (lowered.programme.sessions[a].id, lowered.programme.sessions[b].id)
                found.append(Reason(rule=term.unit.rule.key, sessions=names, sentence=(
                    f"{names[0]} and {names[1]} cannot both have a place: {term.unit.sentence}")))
    return found


def _exclusions(term: Term, few: set[int]) -> list[tuple[int, int]]:
    primitive = term.primitive
    if isinstance(primitive, Pair):
        return [(primitive.first, primitive.second)] if {primitive.first, primitive.second} <= few else []
    if isinstance(primitive, Tally) and primitive.count.kind == "pairs" and primitive.axis.room_class is None:
        return list(combinations(sorted(few & set(primitive.members)), 2))
    return []


def _compatible(lowered: Lowered, term: Term, a: int, b: int) -> bool:
    """Say whether some start of one session and some start of another satisfy a term."""
    facts = lowered.facts
    options = [
        [(variant, int(facts.starts[start])) for variant in facts.variants[session]
         for start in np.flatnonzero(lowered.allowed[variant])]
        for session in (a, b)
    ]
    variant: Ints = np.full(facts.n, -1, dtype=np.int64)
    start: Ints = np.full(facts.n, -1, dtype=np.int64)
    rooms: tuple[tuple[int, ...], ...] = ((),) * facts.n
    for variant[a], start[a] in options[0]:
        for variant[b], start[b] in options[1]:
            if term.primitive.value(Places(variant, start, rooms)) == 0:
                return True
    return False
