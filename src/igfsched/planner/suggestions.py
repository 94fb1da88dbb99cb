"""Where a session could go instead, what a move by hand does at once, and what becomes of a tentative session.

- `alternatives`: all places of one session, ranked, with what each costs and who is in the way.
- `effect_of`: the score and the findings after a move, with nothing repaired.
- `outcomes_of`: what happens if a tentative session is confirmed, or dropped, and who would gain from its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from igfsched.audit import Audit
from igfsched.changes import SessionCancelled, SessionConfirmed
from igfsched.grid import Instant, from_minute, text_of
from igfsched.kernel.options import Options
from igfsched.kernel.relief import Relief
from igfsched.kernel.search import Search
from igfsched.planner.repair import Repair
from igfsched.planner.state import State
from igfsched.rule import Finding

if TYPE_CHECKING:
    from igfsched.planner.planner import Planner


@frozen(kw_only=True)
class Alternative:
    """A place that one session could have.

    - `start`, `duration`; `cost`: by tier, how much the score changes against the present place.
    - `in_the_way`: sessions of which one has to go first, the fewest that are known to suffice; empty if
      the place is free. `free`: whether it can be had as things are, rooms included.
    - `rooms_change`: how many sessions change rooms at the least.
    """

    start: Instant
    duration: int
    cost: tuple[int, ...]
    free: bool
    in_the_way: tuple[str, ...]
    rooms_change: int

    def __str__(self) -> str:
        cost = ", ".join(f"{number:+d}" for number in self.cost)
        where = "free" if self.free else f"in the way: {', '.join(self.in_the_way) or 'several sessions'}"
        return f"{text_of(self.start)} ({self.duration} min): {cost}; {where}"


@frozen(kw_only=True)
class Effect:
    """What a move by hand does before anything is repaired: the score by tier, and findings that come and go."""

    before: dict[int, int]
    after: dict[int, int]
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        """Whether no hard rule is newly violated."""
        return not any(finding.level == "hard" for finding in self.new)

    def __str__(self) -> str:
        score = ", ".join(f"tier {tier} {self.before.get(tier, 0)} -> {cost}" for tier, cost in self.after.items())
        lines = [score, *(f"  new: {f.sentence}" for f in self.new if f.level == "hard")]
        return "\n".join(lines)


@frozen(kw_only=True)
class Gain:
    """A session that would have a better place in what a tentative session leaves free; `cost` is by tier."""

    session: str
    start: Instant
    cost: tuple[int, ...]


@frozen(eq=False, kw_only=True)
class Outcomes:
    """What becomes of a tentative session: each outcome as a repair that can be committed, and who would gain."""

    session: str
    decide_by: Instant | None
    confirmed: Repair
    dropped: Repair
    gains: tuple[Gain, ...]


def alternatives(state: State, session: str) -> tuple[Alternative, ...]:
    """Return all places that masks let a session have, the free ones first, then those with few in the way."""
    slot = state.facts.session_index[session]
    board = state.board
    search = Search(board, state.stakes, suspects=frozenset())
    now = board.cost.copy()
    place = board.take(slot) if board.standing.variant[slot] >= 0 else None
    try:
        options, without = board.options(slot), board.cost.copy()
        free = board.may(slot, options)
        _, rooms = search.own_levels(slot, options)
        look = board.look(slot)
        deltas = {(int(v), int(t)): look.deltas[:, n] for n, (v, t) in enumerate(
            zip(look.options.variant, look.options.tick, strict=True))}
        others, at = Relief(search, slot).ways()
        by_option: dict[int, list[int]] = {}
        for other, number in zip(others.tolist(), at.tolist(), strict=True):
            by_option.setdefault(number, []).append(other)
        found = []
        for number in range(len(options)):
            key = int(options.variant[number]), int(options.tick[number])
            delta = deltas.get(key, options.prices[:, number])
            way = () if free[number] else tuple(_names(state, by_option.get(number, ())))
            found.append(((not free[number], not way and not free[number], int(rooms[number]),
                           *(without + delta - now).tolist(), key[1]), Alternative(
                start=from_minute(state.facts.origin + state.facts.tick * key[1]),
                duration=int(state.facts.variant_minutes[key[0]]), cost=tuple((without + delta - now).tolist()),
                free=bool(free[number]), in_the_way=way, rooms_change=int(rooms[number]),
            )))
    finally:
        if place is not None:
            board.put(slot, *place)
    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0]))


def _names(state: State, slots: list[int] | tuple[()]) -> list[str]:
    return [session.id for slot in slots if (session := state.facts.sessions[slot]) is not None]


def effect_of(before: Audit, after: Audit) -> Effect:
    """Return what differs between two audits."""
    old, new = set(before.findings), set(after.findings)
    return Effect(before=before.score, after=after.score,
                  new=tuple(finding for finding in after.findings if finding not in old),
                  gone=tuple(finding for finding in before.findings if finding not in new))


def outcomes_of(planner: Planner, session: str, seconds: float) -> Outcomes:
    """Return what becomes of a tentative session on each outcome."""
    value = planner.programme.session(session)
    confirmed = planner.apply(SessionConfirmed(session=session), seconds=seconds)
    placement = planner.schedule.get(session)
    dropped = planner.apply(SessionCancelled(session=session), seconds=seconds)
    gains: tuple[Gain, ...] = ()
    if placement is not None:
        gains = _gains(planner.trial, placement.minutes)
    return Outcomes(session=session, decide_by=value.decide_by, confirmed=confirmed, dropped=dropped, gains=gains)


def _gains(state: State, span: tuple[int, int]) -> tuple[Gain, ...]:
    """Return the sessions whose score would be better somewhere in a time that has become free, most first."""
    board, facts = state.board, state.facts
    found: list[tuple[tuple[int, ...], Gain]] = []
    for slot in facts.alive:
        session = facts.sessions[slot]
        if session is None or slot in state.stakes.kept or board.standing.variant[slot] < 0:
            continue
        options = board.options(slot)
        minutes = facts.origin + facts.tick * options.tick
        inside = np.flatnonzero((minutes < span[1]) & (minutes + facts.variant_minutes[options.variant] > span[0]))
        if not len(inside):
            continue
        now = board.cost.copy()
        place = board.take(slot)
        look = board.look(slot, options.taken(inside))
        best = _cheapest(look.options, look.deltas)
        if best is not None:
            cost = tuple((board.cost + look.deltas[:, best] - now).tolist())
            if cost < (0,) * len(cost):
                start = from_minute(facts.origin + facts.tick * int(look.options.tick[best]))
                found.append((cost, Gain(session=session.id, start=start, cost=cost)))
        board.put(slot, *place)
    return tuple(gain for _, gain in sorted(found, key=lambda pair: (pair[0], pair[1].session)))


def _cheapest(options: Options, deltas: np.ndarray) -> int | None:
    return int(np.lexsort(deltas[::-1])[0]) if len(options) else None
