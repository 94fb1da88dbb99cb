"""What a planner has been through: each step with its changes and the schedule that it led to.

- `Step`: one commit, one publication, or one look at the clock.
- `History`: all steps, and where in them the planner stands.
- `misplaced`: why a schedule cannot be what a step led to.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field, frozen

from igfsched.audit import Audit, audit
from igfsched.changes import Change
from igfsched.disruption import Disruption
from igfsched.errors import Problem
from igfsched.grid import Instant, text_of
from igfsched.planner.state import State
from igfsched.programme import Programme
from igfsched.schedule import Placement, Schedule


def _changes(values: tuple[Change, ...] | list[Change]) -> tuple[Change, ...]:
    return tuple(values)


@frozen(kw_only=True)
class Step:
    """One step of a planner: changes that were repaired, or a publication (`published`), or the time (`clock`, `now`).

    `schedule` is what it led to; `price`: what one unit of weighted moves might cost then (see `Planner.apply`).
    """

    changes: tuple[Change, ...] = field(default=(), converter=_changes)
    schedule: Schedule
    published: bool = False
    clock: bool = False
    now: Instant | None = None
    price: int | None = None


@define(eq=False)
class History:
    """The beginning of a planner and its steps. Steps that were undone are kept until something else is done."""

    programme: Programme
    schedule: Schedule
    reference: Schedule
    disruption: Disruption
    now: Instant | None
    _steps: list[Step] = field(factory=list)
    _states: list[State] = field(factory=list)
    _at: int = 0

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that led to the present state."""
        return tuple(self._steps[: self._at])

    @property
    def undone(self) -> tuple[Step, ...]:
        """The steps that can be redone, the next one first."""
        return tuple(self._steps[self._at :])

    def begin(self, state: State) -> None:
        """Note the state before all steps."""
        self._states = [state]

    def add(self, step: Step, state: State) -> None:
        """Note a step and the state that it led to; what was undone is forgotten."""
        del self._steps[self._at :], self._states[self._at + 1 :]
        self._steps.append(step)
        self._states.append(state)
        self._at += 1

    def back(self) -> State | None:
        """Go back by one step and return the state there, None at the beginning."""
        if not self._at:
            return None
        self._at -= 1
        return self._states[self._at]

    def forward(self) -> State | None:
        """Go forward by one step and return the state there, None at the end."""
        if self._at == len(self._steps):
            return None
        self._at += 1
        return self._states[self._at]


def misplaced(state: State, schedule: Schedule, found: Audit) -> Iterator[Problem]:
    """Say why a schedule cannot be what changes led to, if so: `state` is the one after them, `found` its audit.

    Hard rules may be broken only as far as the sessions that stay whatever happens break them by themselves.
    """
    stay = {session.id for slot in state.stakes.kept if (session := state.facts.sessions[slot]) is not None}
    for id in sorted(stay):
        if schedule.get(id) != state.schedule.get(id):
            yield Problem(path="$.placed", message=f"session {id} has to stay where it is",
                          expected=_place(state.schedule.get(id)), found=_place(schedule.get(id)))
    amounts = {score.rule: score.amount for score in found.score_by_rule if score.level == "hard" and score.amount}
    if not amounts:
        return
    alone = audit(state.programme, Schedule([place for place in schedule if place.session in stay]))
    accepted = {score.rule: score.amount for score in alone.score_by_rule if not score.rule.startswith("placed")}
    for finding in found.hard:
        beyond = amounts[finding.rule] > accepted.get(finding.rule, 0)
        if beyond and not (finding.sessions and stay.issuperset(finding.sessions)):
            message = f"the schedule breaks the hard rule {finding.rule}: {finding.sentence}"
            yield Problem(path="$.placed", message=message)


def _place(placement: Placement | None) -> str:
    if placement is None:
        return "no place"
    rooms = ", ".join(placement.rooms) or "an unknown room"
    return f"{text_of(placement.start)} for {placement.duration} minutes in {rooms}"
