"""From the state after a change to its repair: bounded search, then CP-SAT on what is left, then on everything.

On slot grids all of it is looked at once instead (`igfsched.engine.slot_repair`), after those alone who have to go.

- `Task`: limits of one repair.
- `repaired`, `suggested`: the best repair, or the best few.

A valid answer comes first, if one is known; each step makes it better or proves more. Whatever is given back has
been valued anew by the primitives (`igfsched.kernel.check`).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from attrs import define, field, frozen

from igfsched.changes import Change
from igfsched.engine.slot_columns import may_be_slots
from igfsched.errors import IgfschedError, Reason
from igfsched.facts import Bools, Places
from igfsched.grid import from_minute
from igfsched.kernel.check import check
from igfsched.kernel.search import MANY_WITH_ONE, Search
from igfsched.planner.repair import Move, Proof, Repair, Status
from igfsched.planner.state import State, place_of
from igfsched.schedule import Schedule

if TYPE_CHECKING:
    from igfsched.engine.evicting import Evicting

SHARE = 0.35
"""What of the time the bounded search may use where the solver can be asked."""
BELOW = 0.9
"""What of the time that is left then may go to who has to move, from below."""
AT_ONCE = 0.03
"""Seconds for those alone who have to go, where all of a slot grid can be looked at after that."""
SOON = 0.3
"""Seconds of the bounded search until it is looked from below who has to move, which takes twice as long at first."""
ROUNDS = 3


class UntrueRepairError(IgfschedError):
    """A repair is not what its primitives say: a defect of igfsched."""


@frozen(kw_only=True)
class Task:
    """The limits of one repair; see `Planner.apply`."""

    seconds: float
    number: int = 1
    price: int | None = None
    workers: int | None = None
    solver: bool = True
    cancel: threading.Event | None = None
    began: float = field(factory=time.perf_counter)

    @property
    def left(self) -> float:
        """Seconds that are left, 0 when cancelled."""
        if self.cancel is not None and self.cancel.is_set():
            return 0.0
        return max(0.0, self.seconds - (time.perf_counter() - self.began))


@define(eq=False)
class Found:
    """The best places so far, and what is proven of them."""

    places: Places | None = None
    levels: tuple[int, ...] = ()
    moves: bool = False
    score: bool = False
    by: list[str] = field(factory=list)
    bounds: tuple[float | None, ...] = ()
    infeasible: bool = False
    unplaceable: tuple[int, ...] = ()
    concerned: tuple[int, ...] = ()
    bound: int = 0
    """No repair weighs less; one that weighs no more moves none but who is `concerned`, to places `within` a mask."""
    within: Bools | None = None
    unseen: tuple[int, ...] = ()
    """What may be better moves none but these; none if more is wanting of a proof."""
    impossible: tuple[int, ...] = ()
    """Sessions that cannot all have places."""
    unplaced: int = 0
    """No repair leaves out less."""
    others: tuple[tuple[tuple[int, ...], Places], ...] = ()

    def take(self, places: Places | None, levels: tuple[int, ...]) -> None:
        """Take places if they are better."""
        if places is not None and (self.places is None or levels < self.levels):
            self.places, self.levels = places, levels


def repaired(task: Task, changes: Sequence[Change], old: State, state: State) -> Repair:
    """Return the repair of a state that changes have led to."""
    return _told(task, changes, old, state, _found(task, state))


def suggested(task: Task, changes: Sequence[Change], old: State, state: State) -> tuple[Repair, ...]:
    """Return the best repairs, the best one first. The others are not compared with all that there is."""
    found = _found(task, state)
    best = _told(task, changes, old, state, found)
    more = []
    for levels, places in found.others:
        wrong = check(state.board, state.stakes, places, levels, state.suspects)
        if wrong:
            raise UntrueRepairError(f"a repair is not what its primitives say: {wrong}")
        other = Found(places=places, levels=levels, moves=found.moves and levels[:2] == found.levels[:2], by=found.by,
                      bounds=found.bounds)
        more.append(_told(task, changes, old, state, other))
    return (best, *more)


def _found(task: Task, state: State) -> Found:
    found = Found()
    if task.price is None:
        if task.solver and task.number == 1 and may_be_slots(state.facts):
            _search_in_slots(task, state, found)
        if not (found.moves and found.score):
            _search_deeper(task, state, found)
        if found.places is None and task.left > 0:
            _search_without(task, state, found, SOON if _is_refused(state, found) else math.inf)
    if not (found.moves and found.score) and not _is_refused(state, found) and task.solver and task.left > 0:
        from igfsched.engine.repairing import by_solver

        by_solver(task, state.lowered, state.stakes, found, state.board.startable)
    if found.places is not None:
        wrong = check(state.board, state.stakes, found.places, found.levels, state.suspects)
        if wrong:
            raise UntrueRepairError(f"a repair is not what its primitives say: {wrong}")
    return found


def _search_in_slots(task: Task, state: State, found: Found) -> None:
    """Let those move who have to; where that may not be the best repair, look at a whole slot grid at once."""
    _search(task, state, found, shallow=True, seconds=AT_ONCE)
    if (found.moves and found.score) or not task.left:
        return
    from igfsched.engine.slot_repair import repaired_in_slots

    answer = repaired_in_slots(state.lowered, state.stakes, mask=state.board.startable, seconds=SHARE * task.left,
                               cancel=task.cancel)
    if answer is None:
        return
    found.take(answer.places, answer.levels)
    if found.levels[:answer.proven] == answer.levels[:answer.proven] and answer.proven > 1:
        found.moves, found.score = True, answer.optimal
        found.by.append("prices of seats")
        found.bounds = answer.levels[:answer.proven]


def _search_deeper(task: Task, state: State, found: Found) -> None:
    """Search for a short while, then see who has to move by raising a limit of the moves, then both for longer."""
    if not task.solver or task.number > 1 or state.board.unknown:
        _search(task, state, found)
        return
    from igfsched.engine.control import cores
    from igfsched.engine.evicting import Evicting

    search = Search(state.board, state.stakes, homeless=_homeless(state), suspects=state.suspects,
                    contributions=state.contributions)
    evicting = Evicting(search, workers=task.workers or cores(), cancel=task.cancel)
    late = True
    for seconds, below in ((SOON, 2 * SOON), (task.seconds, task.seconds)):
        if late:
            late = _search(task, state, found, seconds=seconds)
        if (found.moves and found.score) or not task.left:
            return
        if found.places is not None:
            search.pool, search.best = [(found.levels, found.places)], found.levels
        evicting.run(min(below, BELOW * task.left))
        _take_from_below(evicting, found)
        if (found.moves and found.score) or found.impossible:
            return


def _take_from_below(evicting: Evicting, found: Found) -> None:
    """Take what raising a limit of the moves has found and proven."""
    search = evicting.search
    if search.pool:
        levels, places = search.pool[0]
        found.take(places, levels)
    if evicting.moves:
        found.moves, found.score = True, evicting.score
        found.by.append("moves from below")
        found.bounds = found.levels if found.score else found.levels[:2]
    if evicting.impossible:
        found.impossible = evicting.impossible
        found.unplaced = int(search.absent[list(evicting.impossible)].min())


def _homeless(state: State) -> frozenset[int]:
    board = state.board
    return frozenset(s for s in board.facts.alive if board.standing.variant[s] < 0)


def _search(
    task: Task, state: State, found: Found, left_out: frozenset[int] = frozenset(), *, shallow: bool = False,
    seconds: float = math.inf,
) -> bool:
    """Search as deep as the bounded search goes; `shallow`: without anybody else who has to go.

    Say whether more time could find or prove more.
    """
    board = state.board
    if board.unknown:
        return False
    homeless = _homeless(state) - left_out
    seconds = min(seconds, (SHARE if task.solver else 1.0) * task.left)
    search = Search(
        board, state.stakes, homeless=homeless, suspects=state.suspects, contributions=state.contributions,
        deadline=time.perf_counter() + seconds, number=task.number,
        patience=0.0 if task.solver else MANY_WITH_ONE, shallow=shallow,
    )
    answer = search.run()
    found.unplaceable = answer.unplaceable
    if not left_out:
        found.concerned, found.bound, found.others = answer.concerned, answer.bound, answer.others
        found.within, found.unseen = answer.within, answer.unseen
    if answer.places is None or answer.levels is None:
        return answer.late
    found.take(answer.places, answer.levels)
    if not left_out:
        # What is proven of an answer is proven of a better one.
        found.moves, found.score = found.moves or answer.moves_proven, found.score or answer.score_proven
        if answer.moves_proven:
            found.by.append("bounded search")
            found.bounds = tuple(answer.levels[: 2] if not found.score else answer.levels)
    return answer.late


def _is_refused(state: State, found: Found) -> bool:
    """Whether it is certain that not everybody has a place who has to."""
    return bool(found.impossible) and state.lowered.all_must_be_placed


def _search_without(task: Task, state: State, found: Found, seconds: float) -> None:
    """Find an answer that leaves somebody out: first who had no place before, then one more at a time.

    Each time takes so many seconds at the most.
    """
    board = state.board
    if board.unknown:
        return
    names = [s for s in board.facts.alive if board.standing.variant[s] < 0]
    out = frozenset(
        s for s in names if (session := board.facts.sessions[s]) is not None
        and state.schedule.get(session.id) is None)
    for _ in range(ROUNDS):
        _search(task, state, found, out, seconds=seconds)
        if found.places is not None or task.left <= 0:
            return
        more = sorted((board.absent(s), s) for s in names if s not in out)
        if not more:
            return
        out |= {more[0][1]}


def _told(task: Task, changes: Sequence[Change], old: State, state: State, found: Found) -> Repair:
    """Return what was found as a repair."""
    lowered, facts = state.lowered, state.facts
    bounds = found.bounds
    if found.unplaced:
        bounds = (max(found.unplaced, (bounds[0] or 0) if bounds else 0), *bounds[1:])
    proof = Proof(moves=found.moves, score=found.moves and found.score,
                  by=" and ".join(dict.fromkeys(found.by)), bounds=bounds)
    places = found.places
    unplaced: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    rooms: tuple[str, ...] = ()
    status: Status = "unknown"
    reasons: tuple[Reason, ...] = ()
    schedule = state.schedule
    if places is not None:
        absent = {_name(state, s) for s in facts.alive if places.variant[s] < 0}
        unplaced = tuple(session.id for session in state.programme.sessions if session.id in absent) if absent else ()
        moves, rooms = _moves(state, places), _rooms(state, places)
        if unplaced:
            status = "refused" if lowered.all_must_be_placed else "partial"
            reasons = (*_impossible(state, found), *_reasons(state, places))
        else:
            status = "repaired" if moves or rooms or _anew(state, places) else "untouched"
    elif _is_refused(state, found):
        status, reasons = "refused", _impossible(state, found)
    elif found.infeasible:
        status = "refused"
        reasons = (Reason(rule="placed", sentence="the hard rules together leave no repair (CP-SAT, twice)"),)

    def after() -> Schedule:
        if places is None:
            return schedule
        return _scheduled(state, places)

    return Repair(
        changes=tuple(changes), status=status, programme=state.programme,
        reference=state.reference, before=old.schedule, levels=found.levels, tiers=lowered.tiers,
        moves=moves, rooms_changed=rooms, unplaced=unplaced, proof=proof, reasons=reasons,
        seconds=time.perf_counter() - task.began, checked="values" if places is not None else "",
        price=task.price, schedule_of=after, old_programme=old.programme,
    )


def _scheduled(state: State, places: Places) -> Schedule:
    """Return places as a schedule; who stays is left as it is written, off the ticks or not."""
    new = state.facts.schedule(places, label=state.schedule.label)
    kept = {_name(state, s) for s in state.stakes.kept}
    before = state.schedule.by_session
    return Schedule([before[p.session] if p.session in kept and p.session in before else p for p in new],
                    label=state.schedule.label)


def _name(state: State, slot: int) -> str:
    session = state.facts.sessions[slot]
    return "" if session is None else session.id


def _moves(state: State, places: Places) -> tuple[Move, ...]:
    reference, facts = state.stakes.reference, state.facts
    moved = (places.variant >= 0) & (reference.variant >= 0) & (places.start != reference.start)
    found = [
        Move(session=_name(state, s), before=from_minute(facts.origin + facts.tick * int(reference.start[s])),
             after=from_minute(facts.origin + facts.tick * int(places.start[s])), weight=int(state.stakes.weights[s]))
        for s in np.flatnonzero(moved).tolist()
    ]
    for id in sorted(state.lost):
        slot = facts.session_index.get(id)
        if slot is not None and places.variant[slot] >= 0:
            found.append(Move(session=id, before=state.reference[id].start, weight=0,
                              after=from_minute(facts.origin + facts.tick * int(places.start[slot]))))
    return tuple(found)


def _rooms(state: State, places: Places) -> tuple[str, ...]:
    told, now = state.stakes.reference, places
    both = np.flatnonzero((told.variant >= 0) & (now.variant >= 0)).tolist()
    return tuple(_name(state, s) for s in both if told.rooms[s] is not now.rooms[s] and state.stakes.changed(now, s))


def _anew(state: State, places: Places) -> bool:
    """Whether a session that was published nowhere has another place than before."""
    facts = state.facts
    for slot in np.flatnonzero((places.variant >= 0) & (state.stakes.reference.variant < 0)).tolist():
        before = state.schedule.get(_name(state, slot))
        if before is None or place_of(facts, slot, before) != (
                int(places.variant[slot]), int(places.start[slot]), places.rooms[slot]):
            return True
    return False


def _impossible(state: State, found: Found) -> tuple[Reason, ...]:
    """Return which sessions cannot all have places, if there are such."""
    names = tuple(_name(state, slot) for slot in found.impossible)
    if not names:
        return ()
    together = f"{', '.join(names[:-1])} and {names[-1]} cannot all have places" if len(names) > 1 else \
        f"{names[0]} cannot have a place"
    sentence = f"{together}, whoever else moves"
    return (Reason(rule="placed", sessions=names, sentence=sentence),)


def _reasons(state: State, places: Places) -> tuple[Reason, ...]:
    """Return why sessions have no place: the rules that leave a session no start, as far as that is it."""
    found = []
    for slot in state.facts.alive:
        if places.variant[slot] >= 0:
            continue
        name = _name(state, slot)
        if len(state.board.options(slot)):
            sentence = f"{name} has no place: the others leave it none"
        else:
            told = dict.fromkeys(
                unit.sentence for unit, table in state.board.tables[slot]
                if unit.rule.hard and table.time and all(
                    v in table.time and not (table.time[v][state.facts.starts] == 0).all()
                    for v in state.facts.variants[slot]))
            sentence = f"{name} cannot start anywhere: {'; '.join(told)}"
        found.append(Reason(rule="placed", sessions=(name,), sentence=sentence))
    return tuple(found)
