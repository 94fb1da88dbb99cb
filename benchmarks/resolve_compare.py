"""The same repair by CP-SAT over everything, and what differs between the two answers.

- `Drawn`: what the planner made of one change, in numbers.
- `state_after`: the planner's own state after a change, the one inner door that the benchmark uses.
- `reference`: all levels minimised by one CP-SAT model in which everybody is free.
- `difference`: what is wrong between an answer of the planner and the reference.
- `audit_difference`: what an audit, which knows nothing of repairs, says against an answer.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import frozen

from igfsched.audit import Audit, audit
from igfsched.changes import Change
from igfsched.engine.cpsat import Limits
from igfsched.engine.repair import Repaired, RepairModel
from igfsched.planner import Planner, Repair
from igfsched.planner.state import State
from igfsched.schedule import Schedule

WORKERS = 2
"""Workers of the reference's solves."""
HALF = 0.5
"""What a bound of whole numbers may be off by."""


@frozen(kw_only=True)
class Drawn:
    """What the planner made of one change.

    - `seconds`: of `Planner.apply`; `decode`: of making the schedule a value after it.
    - `broken`: whether the schedule broke a hard rule, or used no room, after the change and before the repair.
    - `moves`: the number of sessions that begin at another time.
    - `proven_moves`, `proven`: see `is_proven`.
    """

    index: int
    kind: str
    size: str
    seconds: float
    broken: bool
    status: str
    levels: tuple[int, ...]
    moves: int
    proven_moves: bool
    proven: bool
    by: str
    decode: float
    audit: float


def is_proven(repair: Repair) -> bool:
    """Say whether nothing about an answer is open.

    That is so if moves and score are proven; and if it is refused, already if that is certain: CP-SAT calls the
    change impossible (then there are no places), or the bound of the first level says that nobody can place everybody.
    """
    if repair.proof.moves and repair.proof.score:
        return True
    if repair.status != "refused":
        return False
    first = repair.proof.bounds[0] if repair.proof.bounds else None
    return not repair.levels or (first is not None and first > HALF)


@contextmanager
def state_after(planner: Planner, change: Change) -> Iterator[State]:
    """Give the planner's state after a change, nothing searched yet; afterwards the planner is as before."""
    planner._forget()
    state = planner._after((change,))
    try:
        yield state
    finally:
        state.discard()


def reference(planner: Planner, change: Change, limit: float) -> tuple[Repaired, float]:
    """Return the best repair by CP-SAT alone, and the seconds to build its model, which the solve's do not include.

    It knows nothing of the planner's answer: the hint is where everybody stands when the planner begins.
    """
    with state_after(planner, change) as state:
        began = time.perf_counter()
        model = RepairModel(state.lowered, state.stakes)
        built = time.perf_counter() - began
        limits = Limits(seconds=limit, workers=WORKERS, light=True)
        return model.solve(hint=state.stakes.present, limits=limits), built


def difference(ours: Drawn, theirs: Repaired) -> str:
    """Return what is wrong between an answer and the reference, '' if nothing is.

    Of an answer that leaves somebody out the first level alone is compared. What CP-SAT did not prove says only that
    its answer must not be better, and that no answer may be below its bound.
    """
    if theirs.infeasible:
        return "CP-SAT proves that there is no repair, we have one" if ours.levels else ""
    if not ours.levels:
        return "CP-SAT has a repair, we have none" if theirs.places is not None else ""
    count = 1 if ours.status in ("refused", "partial") else len(ours.levels)
    mine, other = ours.levels[:count], theirs.levels[:count]
    if theirs.places is not None and other < mine:
        return "CP-SAT's repair is better"
    proven = min(theirs.proven, count)
    if mine[:proven] < other[:proven]:
        return "ours is better than what CP-SAT proves to be the best"
    if proven < count and mine[:proven] == other[:proven]:
        bound = theirs.bounds[proven]
        if bound is not None and mine[proven] < bound - HALF:
            return "ours is below CP-SAT's bound"
    return ""


def audit_difference(repair: Repair) -> str:
    """Return what the audit of a repair says against its numbers, '' if nothing.

    Hard rules may be broken by the sessions that stay where a change has put them, alone; by no more than that.
    """
    if not repair.levels:
        return ""
    found = repair.audit()
    score = {tier: cost for tier, cost in found.score.items() if tier in repair.score}
    if score != repair.score:
        return f"the audit's score is {score}, the repair's {repair.score}"
    if set(found.unplaced) != set(repair.unplaced):
        return f"by the audit {sorted(found.unplaced)} have no place, by the repair {sorted(repair.unplaced)}"
    held = {id for change in repair.changes for id in change.held}
    alone = Schedule([placement for placement in repair.schedule if placement.session in held])
    accepted = _amounts(audit(repair.programme, alone)) if held and found.hard else Counter[str]()
    for rule, amount in _amounts(found).items():
        if amount > accepted[rule]:
            told = next(finding.sentence for finding in found.hard if finding.rule == rule)
            return f"{rule} is broken by {amount}, {accepted[rule]} of it by who stays alone: {told}"
    return ""


def _amounts(found: Audit) -> Counter[str]:
    """Return by how much each hard rule is broken, but for sessions without a place."""
    amounts: Counter[str] = Counter()
    for finding in found.hard:
        if finding.rule != "placed":
            amounts[finding.rule] += finding.amount
    return amounts
