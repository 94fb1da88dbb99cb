"""The one thing that keeps state: a programme, its schedule and everything compiled, ready for the next change.

- `Planner`: apply changes, look at the repair, commit it or not, undo, redo, publish, save, load.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable
from datetime import datetime

from igfsched.audit import Audit, audit
from igfsched.changes import Change, SessionMoved, apply_changes
from igfsched.changes.base import known_session
from igfsched.disruption import Disruption
from igfsched.errors import Infeasible, InputError, Problem
from igfsched.grid import Instant, instant
from igfsched.planner.history import History, Step, misplaced
from igfsched.planner.repair import Repair
from igfsched.planner.solving import Task, UntrueRepairError, repaired, suggested
from igfsched.planner.state import State
from igfsched.planner.suggestions import Alternative, Effect, Outcomes, alternatives, effect_of, outcomes_of
from igfsched.programme import Programme
from igfsched.schedule import Schedule
from igfsched.timetable import Timetable

LIMIT = 10.0
"""Seconds that a repair may take unless said."""


class Planner:
    """A programme with its schedule, kept ready for changes.

    - `programme`, `schedule`: as they are now; `reference`: the schedule that people were told, which moves are
      counted against. It stays until `publish` makes the present schedule the reference.
    - `disruption`: what moves cost; `now`: the present time, for what is soon, running or over (None: no matter).

        >>> from igfsched import Placement, Planner, Programme, Schedule, Session, Window
        >>> from igfsched.changes import SessionAdded
        >>> window = Window.daily("2020-11-09", "2020-11-09", "09:00", "11:00")
        >>> first = Session(id="Opening", duration=60)
        >>> planner = Planner(Programme(window=window, sessions=[first], cap=1),
        ...                   Schedule([Placement(session="Opening", start="2020-11-09T09:00Z", duration=60)]))
        >>> repair = planner.apply(SessionAdded(session=Session(id="Data", duration=60)))
        >>> repair.status, len(repair.moves), repair.proof.score
        ('repaired', 0, True)
        >>> planner.commit(repair).valid
        True

    A planner is for one thread. Raises InputError for a schedule that names what the programme does not have.
    """

    def __init__(
        self, programme: Programme, schedule: Schedule, *, reference: Schedule | None = None,
        disruption: Disruption | None = None, now: str | datetime | None = None,
    ) -> None:
        Timetable(programme, schedule)  # refuses names that the programme does not have
        told = schedule if reference is None else reference
        moment = None if now is None else instant(now)
        state = State.of(programme, schedule, told.by_session, disruption or Disruption(), moment)
        self.history = History(programme, schedule, told, state.disruption, moment)
        self.history.begin(state)
        self._state = state
        self._trial: tuple[Repair, State] | None = None

    # -- what is -------------------------------------------------------------------------------

    @property
    def programme(self) -> Programme:
        """The programme as it is now."""
        return self._state.programme

    @property
    def schedule(self) -> Schedule:
        """The schedule as it is now."""
        return self._state.schedule

    @property
    def reference(self) -> Schedule:
        """The schedule that was published, of the sessions that are still there."""
        known = self._state.programme.sessions_by_id
        return Schedule([place for id, place in self._state.reference.items() if id in known])

    @property
    def disruption(self) -> Disruption:
        """What moves cost."""
        return self._state.disruption

    @property
    def now(self) -> Instant | None:
        """The present time, as far as the planner was told."""
        return self._state.now

    # -- changes -------------------------------------------------------------------------------

    def apply(
        self, *changes: Change, seconds: float = LIMIT, price: int | None = None, workers: int | None = None,
        solver: bool = True, cancel: threading.Event | None = None,
    ) -> Repair:
        """Return the repair of the schedule after some changes, made one after the other, all or none.

        Nothing is changed by that: `commit` the repair, or apply something else. What is minimised, in this
        order: sessions without a place (by priority), weighted moves, sessions with other rooms or another
        length, the score by tier. Sessions that a change moves by hand stay there, even if that breaks rules;
        so do those that run, are over, or begin within the freeze of the `Disruption`.

        - `seconds`: the limit; what is proven before takes less.
        - `price`: what one unit of weighted moves may cost in the first tier: these two are then minimised
          together, before rooms and the later tiers.
        - `solver`: whether CP-SAT may be asked where the bounded search does not suffice.
        - `cancel`: set it from another thread to get the best so far.

        Raises InputError with every problem of a change that makes no sense here.
        """
        self._forget()
        began = time.perf_counter()
        task = Task(seconds=seconds, price=price, workers=workers, solver=solver, cancel=cancel, began=began)
        state = self._after(changes)
        try:
            repair = repaired(task, changes, self._state, state)
        except BaseException:
            state.discard()
            raise
        self._trial = (repair, state)
        return repair

    def suggest(self, *changes: Change, number: int = 5, seconds: float = LIMIT) -> tuple[Repair, ...]:
        """Return the best distinct repairs after some changes, best first, each with all its consequences.

        They differ in where sessions begin. All of them take away as few sessions from their places as it needs;
        there may be fewer than `number`. Each can be committed.
        """
        self._forget()
        task = Task(seconds=seconds, number=number)
        state = self._after(changes)
        try:
            found = suggested(task, changes, self._state, state)
        except BaseException:
            state.discard()
            raise
        self._trial = (found[0], state)
        return found

    def alternatives(self, session: str) -> tuple[Alternative, ...]:
        """Return all places of a session, ranked: what each costs, and who is in the way.

        What it takes to have it at one of them, `apply(SessionMoved(session=..., start=...))` says.
        """
        self._known(session)
        self._forget()
        return alternatives(self._state, session)

    def effect(self, session: str, start: str | datetime | None = None, rooms: Iterable[str] | None = None) -> Effect:
        """Return what a move by hand does at once to score and findings, with nothing repaired."""
        move = SessionMoved(session=session, start=start, rooms=None if rooms is None else tuple(rooms))
        programme, schedule = apply_changes(self.programme, self.schedule, [move])
        return effect_of(self.audit(), audit(programme, schedule))

    def outcomes(self, session: str, seconds: float = LIMIT) -> Outcomes:
        """Return what becomes of a tentative session if it is confirmed, or dropped, and who would gain from its place.

        Dropping it moves nobody. Both outcomes can be committed.
        """
        self._known(session)
        if not self.programme.session(session).tentative:
            raise InputError([Problem(message=f"session {session!r} is not tentative", path="$.session")], "outcomes")
        return outcomes_of(self, session, seconds)

    @property
    def trial(self) -> State:
        """The state that the last repair was searched in."""
        assert self._trial is not None
        return self._trial[1]

    def _known(self, session: str) -> None:
        problems = list(known_session(self.programme, session))
        if problems:
            raise InputError(problems, "planner")

    def _after(self, changes: Iterable[Change]) -> State:
        changes = tuple(changes)
        now = self._state
        programme, schedule = apply_changes(now.programme, now.schedule, changes)
        held = {id for change in changes for id in change.held}
        held |= {id for id in now.held if programme.sessions_by_id.get(id) is now.programme.sessions_by_id[id]}
        state = now.after(programme, schedule, held)
        problems = list(state.between_ticks(held))
        if problems:
            state.discard()
            raise InputError(problems, "changes")
        return state

    def _forget(self) -> None:
        if self._trial is not None:
            self._trial[1].discard()
            self._trial = None

    def commit(self, repair: Repair) -> Audit:
        """Make a repair the planner's, and return the audit of its schedule.

        Raises InputError for a repair of another state than the present one, and Infeasible for one that was
        refused. Whoever was moved by hand is from now on published where the hand has put them.
        """
        if repair.before is not self._state.schedule or repair.old_programme is not self._state.programme:
            message = "this repair is of another state of the planner: apply the changes again"
            raise InputError([Problem(message=message)], "repair")
        if repair.status in ("refused", "unknown"):
            raise Infeasible(repair.reasons)
        found = repair.audit()
        state = self._take_over(repair)
        try:
            _confirm(repair, state, found)
        except UntrueRepairError:
            state.discard()
            raise
        self._keep(repair.changes, repair.schedule, state, found, repair.price)
        return found

    def record(self, *changes: Change, schedule: Schedule, price: int | None = None) -> Audit:
        """Take a schedule that was made elsewhere after some changes, as `commit` takes a repair; return its audit.

        `price` is what moves were traded at when it was made, for `replay` alone.

        Raises InputError if it names what the programme does not have, if it breaks hard rules beyond what the
        sessions that stay break by themselves, or if one of these is elsewhere in it.
        """
        self._forget()
        state = self._after(changes)
        try:
            found = audit(state.programme, schedule)
            problems = list(misplaced(state, schedule, found))
            if problems:
                raise InputError(problems, "schedule")
        except InputError:
            state.discard()
            raise
        self._keep(changes, schedule, state, found, price)
        return found

    def _keep(
        self, changes: tuple[Change, ...], schedule: Schedule, state: State, found: Audit, price: int | None,
    ) -> None:
        """Make a state with its schedule the present one, a step further."""
        held = {id for change in changes for id in change.held}
        # A place that a hand has chosen against a rule stays accepted, until something else changes about the session.
        broken = {id for finding in found.hard for id in finding.sessions}
        self._state = state.committed(schedule, held, state.held & broken)
        self.history.add(Step(changes=changes, schedule=schedule, price=price), self._state)

    def _take_over(self, repair: Repair) -> State:
        """Return the state of a repair: that of the last `apply`, or made again."""
        if self._trial is not None and self._trial[0] is repair:
            state = self._trial[1]
            self._trial = None
            return state
        self._forget()
        return self._after(repair.changes)

    # -- history -------------------------------------------------------------------------------

    def undo(self) -> bool:
        """Go back to the state before the last commit; say whether there was one."""
        return self._go(self.history.back())

    def redo(self) -> bool:
        """Go forward to a state that was undone; say whether there was one."""
        return self._go(self.history.forward())

    def _go(self, moment: State | None) -> bool:
        if moment is None:
            return False
        self._forget()
        self._state = moment.again()
        return True

    def publish(self) -> None:
        """Make the present schedule the reference: from now on moves are counted against it."""
        self._forget()
        now = self._state
        self._state = State.of(now.programme, now.schedule, now.schedule.by_session, now.disruption, now.now,
                               now.held, now.lowered)
        self.history.add(Step(published=True, schedule=now.schedule), self._state)

    def at(self, now: str | datetime | None) -> None:
        """Say what time it is: what is soon is dearer to move, and what has begun stays."""
        self._forget()
        state = self._state
        moment = None if now is None else instant(now)
        self._state = State.of(state.programme, state.schedule, state.reference, state.disruption, moment,
                               state.held, state.lowered)
        self.history.add(Step(now=moment, clock=True, schedule=state.schedule), self._state)

    def audit(self) -> Audit:
        """Return the audit of the present schedule."""
        return audit(self.programme, self.schedule)

    # -- files ---------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the whole history to a JSON file, undone steps too; on failure the file stays as it was."""
        from igfsched.planner.files import save

        save(self.history, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Planner:
        """Return the planner whose history is in a file: it stands where it stood, and steps can be undone.

        The changes are applied again, the schedules are those of the file. Raises InputError with its path for
        what cannot be read, for a change that makes no sense, and for a schedule that `record` refuses.
        """
        from igfsched.planner.files import load

        return load(path)

    @classmethod
    def replay(
        cls, history: History | str | os.PathLike[str], *, seconds: float = LIMIT, solver: bool = True,
    ) -> tuple[Planner, tuple[int, ...]]:
        """Make every step of a history again by repairing; return the planner, and what came out otherwise.

        That is the numbers, from 0, of the steps whose repair gave another schedule than the recorded one:
        normally none, but for those where a suggestion was taken or time decided. The recorded
        schedule is taken then, so that each step is judged by itself.
        """
        from igfsched.planner.files import replay

        return replay(history if isinstance(history, History) else cls.load(history).history, seconds, solver)


def _confirm(repair: Repair, state: State, found: Audit) -> None:
    """Raise UntrueRepairError if an audit disagrees with a repair."""
    score = {tier: cost for tier, cost in found.score.items() if tier in repair.score}
    for one in found.score_by_rule:
        if one.rule in state.lowered.silent and one.tier in score:
            score[one.tier] -= one.cost
    if score != repair.score:
        raise UntrueRepairError(f"audit and repair disagree: score {score} against {repair.score}")
    if found.unplaced != repair.unplaced:
        raise UntrueRepairError(f"audit and repair disagree: unplaced {found.unplaced} against {repair.unplaced}")
    broken = [problem.message for problem in misplaced(state, repair.schedule, found)]
    if broken:
        raise UntrueRepairError(f"audit and repair disagree: {'; '.join(broken)}")
