"""Why not every session can have a place: what can be said at once, before any search.

- `why_not`: sessions whose every start is taken away, pairs of sessions that exclude each other wherever
  they are, capacities that are too small. Each with the sentences of the rules concerned.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from igfsched.engine.hours import capacities
from igfsched.engine.rooms import Pools
from igfsched.engine.slots import live, name_of
from igfsched.errors import Reason
from igfsched.facts import Ints, Places
from igfsched.lowering import HARD, Lowered, Term
from igfsched.primitives import Pair, Tally, looks_at_rooms
from igfsched.programme import Session

FEW = 64
"""Starts of a session up to which pairs of sessions are compared."""


def why_not(lowered: Lowered) -> tuple[Reason, ...]:
    """Return reasons for which no schedule can place every session; none if nothing is found at once."""
    found = [reason for session, value in live(lowered.facts) for reason in _nowhere(lowered, session, value)]
    return tuple(found or _pairs(lowered) or _areas(lowered))


def _areas(lowered: Lowered) -> list[Reason]:
    """Return capacities that are smaller than what must go into them, by plain adding up: in all, and by phase."""
    facts, programme = lowered.facts, lowered.programme
    day = facts.day_of_tick[facts.starts]
    parts: list[tuple[str, set[int]]] = [("", set(np.unique(day).tolist()))]
    for phase in programme.window.phases:
        parts.append((f" in {phase.name}", {i for i, date in enumerate(facts.days) if date in phase.days}))
    starts = [lowered.allowed[list(variants)].any(axis=0) for variants in facts.variants]
    bound_to = [set(np.unique(day[own]).tolist()) for own in starts]
    found = []
    for limit in capacities(lowered, Pools(lowered)):
        for where, days in parts:
            members = [s for s in limit.members.tolist() if bound_to[s] and bound_to[s] <= days]
            pads = limit.before + limit.after
            need = sum(int(limit.demand[s]) * (int(facts.variant_ticks[list(facts.variants[s])].min()) + int(pads[s]))
                       for s in members)
            open_ticks = np.zeros(facts.n_ticks + 1, dtype=np.int64)
            for variant in [v for s in members for v in facts.variants[s]]:
                session = int(facts.variant_session[variant])
                begin = facts.starts[lowered.allowed[variant]]
                last = np.minimum(begin + facts.variant_ticks[variant] + limit.after[session], facts.n_ticks)
                np.add.at(open_ticks, np.maximum(begin - limit.before[session], 0), 1)
                np.add.at(open_ticks, last, -1)
            have = int(limit.cap[np.cumsum(open_ticks)[:-1] > 0].sum())
            if need > have:
                found.append(Reason(rule="placed", sessions=tuple(name_of(facts, s) for s in members), sentence=(
                    f"{len(members)} sessions{where} need {need * facts.tick} minutes side by side (changeovers "
                    f"included), and there are {have * facts.tick}")))
                return found
    return found


def _nowhere(lowered: Lowered, session: int, value: Session) -> list[Reason]:
    """Return the rules that together leave a session no start, or no room."""
    facts, name = lowered.facts, value.id
    found = []
    if not lowered.allowed[list(facts.variants[session])].any():
        told = _excluding(lowered, session) or ["no start of the grid fits"]
        found.append(Reason(rule="placed", sessions=(name,),
                            sentence=f"{name} cannot start anywhere: {'; '.join(told)}"))
    count = value.room_count
    if lowered.programme.rooms and int(lowered.room_allowed[session].sum()) < count:
        found.append(Reason(
            rule="room_choice", sessions=(name,),
            sentence=f"{name} needs {count} of the rooms that suit it, and there "
            f"{'is' if lowered.room_allowed[session].sum() == 1 else 'are'} {int(lowered.room_allowed[session].sum())}",
        ))
    return found


def _excluding(lowered: Lowered, session: int) -> list[str]:
    """Return the sentences that leave a session no start: those that exclude each other, if one of them says when."""
    facts = lowered.facts
    units = [(unit, table) for unit, table in lowered.tables
             if unit.rule.hard and table.session == session and table.time]
    costs = {id(table): np.array([cost[facts.starts] for cost in table.time.values()]) for _, table in units}
    taking = [(unit, table) for unit, table in units if (costs[id(table)] > 0).any()]
    alone = [(unit, table) for unit, table in taking if (costs[id(table)] > 0).all()]
    if not alone:
        return [unit.sentence for unit, _ in taking]
    unit, table = alone[0]
    against = [
        other.sentence for other, forbids in units if other is not unit and all(
            (forbids.time[v][cost == 0] > 0).all() for v, cost in table.time.items() if v in forbids.time)
    ]
    return [f"{unit.sentence}, against: {', '.join(against)}"] if against else [unit.sentence]


def _pairs(lowered: Lowered) -> list[Reason]:
    """Return pairs of sessions with few starts that a hard rule never lets stand together."""
    facts = lowered.facts
    count = np.array([int(lowered.allowed[list(variants)].sum()) for variants in facts.variants])
    few = set(np.flatnonzero(count <= FEW).tolist()) & {slot for slot, _ in live(facts)}
    found, told = [], set()
    for term in lowered.terms:
        if term.tier != HARD:
            continue
        for a, b in _exclusions(term, few):
            if (a, b) not in told and not _compatible(lowered, term, a, b):
                told.add((a, b))
                names = (name_of(facts, a), name_of(facts, b))
                found.append(Reason(rule=term.unit.rule.key, sessions=names, sentence=(
                    f"{names[0]} and {names[1]} cannot both have a place: {term.unit.sentence}")))
    return found


def _exclusions(term: Term, few: set[int]) -> list[tuple[int, int]]:
    primitive = term.primitive
    if looks_at_rooms(primitive):
        return []
    if isinstance(primitive, Pair):
        return [(primitive.first, primitive.second)] if {primitive.first, primitive.second} <= few else []
    if isinstance(primitive, Tally) and primitive.count.kind == "pairs":
        return list(combinations(sorted(few & set(primitive.members)), 2))
    return []


def _compatible(lowered: Lowered, term: Term, a: int, b: int) -> bool:
    """Say whether some start of one session and some start of another satisfy a term."""
    facts = lowered.facts
    # The earliest of the one with the latest of the other, and then the other way round, mostly will do.
    options = [
        [(variant, int(facts.starts[start])) for variant in facts.variants[session]
         for start in np.flatnonzero(lowered.allowed[variant])[::order]]
        for session, order in ((a, 1), (b, -1))
    ]
    variant: Ints = np.full(facts.n, -1, dtype=np.int64)
    start: Ints = np.full(facts.n, -1, dtype=np.int64)
    rooms: tuple[tuple[int, ...], ...] = ((),) * facts.n
    for variant[a], start[a] in options[0]:
        for variant[b], start[b] in options[1]:
            if term.primitive.value(Places(variant, start, rooms)) == 0:
                return True
    return False
