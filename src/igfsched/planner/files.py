"""A planner's history as a file, and as a planner again.

- `save`: write what a planner has been through.
- `load`: the planner that a file tells of, every recorded schedule held against its rules.
- `replay`: every step made again by repairing, to see whether it comes out as recorded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import attrs

from igfsched.errors import InputError, Problem, nearest
from igfsched.io import HistoryFile, RecordedStep, read_history, write_history
from igfsched.planner.history import History, Step
from igfsched.planner.planner import Planner
from igfsched.schedule import Schedule

File = str | os.PathLike[str]


def save(history: History, path: File) -> None:
    """Write a history to a file; on failure the file stays as it was."""
    write_history(recorded(history), path)


def load(path: File) -> Planner:
    """Return the planner whose history is in a file. Raises InputError with path for what cannot be."""
    return resumed(read_history(path), os.fspath(path))


def replay(history: History, seconds: float, solver: bool) -> tuple[Planner, tuple[int, ...]]:
    """Make each step again and return the planner, and the numbers of the steps that came out otherwise.

    After such a step it goes on with the recorded schedule, so that each step is judged by itself.
    """
    planner = Planner(history.programme, history.schedule, reference=history.reference, disruption=history.disruption,
                      now=history.now)
    others = []
    for number, step in enumerate((*history.steps, *history.undone)):
        if step.published or step.clock:
            _take(planner, step)
            continue
        repair = planner.apply(*step.changes, seconds=seconds, price=step.price, solver=solver)
        if repair.status in ("refused", "unknown") or repair.schedule.placements != step.schedule.placements:
            others.append(number)
            _take(planner, step)
        else:
            planner.commit(repair)
    for _ in history.undone:
        planner.undo()
    return planner, tuple(others)


def recorded(history: History) -> HistoryFile:
    """Return a history as what is written of it."""
    steps = (*history.steps, *history.undone)
    schedules = (history.schedule, *(step.schedule for step in steps))
    return HistoryFile(
        programme=history.programme, schedule=history.schedule, reference=history.reference,
        disruption=history.disruption, now=history.now, done=len(history.steps) if history.undone else None,
        steps=tuple(_recorded(step, before) for step, before in zip(steps, schedules, strict=False)),
    )


def _recorded(step: Step, before: Schedule) -> RecordedStep:
    return RecordedStep(
        changes=step.changes, published=step.published, clock=step.clock, now=step.now, price=step.price,
        placed=tuple(place for place in step.schedule if before.get(place.session) != place),
        gone=tuple(place.session for place in before if step.schedule.get(place.session) is None),
    )


def resumed(file: HistoryFile, source: str = "history") -> Planner:
    """Return the planner that a history tells of. Raises InputError for a step that cannot have been made so."""
    try:
        planner = Planner(file.programme, file.schedule, reference=file.reference, disruption=file.disruption,
                          now=file.now)
    except InputError as error:
        raise _at("$.schedule", error, source) from None
    for number, step in enumerate(file.steps):
        try:
            after = planner.schedule if step.published or step.clock else _after(planner.schedule, step)
            _take(planner, Step(changes=step.changes, schedule=after, published=step.published, clock=step.clock,
                                now=step.now, price=step.price))
        except InputError as error:
            raise _at(f"$.steps[{number}]", error, source) from None
    for _ in range(len(file.steps) - (len(file.steps) if file.done is None else file.done)):
        planner.undo()
    return planner


def _take(planner: Planner, step: Step) -> None:
    if step.published:
        planner.publish()
    elif step.clock:
        planner.at(step.now)
    else:
        planner.record(*step.changes, schedule=step.schedule, price=step.price)


def _after(before: Schedule, step: RecordedStep) -> Schedule:
    """Return the schedule that a recorded step led to."""
    problems = list(_unknown(before, step))
    if problems:
        raise InputError(problems)
    moved = {place.session for place in step.placed}
    return before.successor(step.placed, without=moved | set(step.gone))


def _unknown(before: Schedule, step: RecordedStep) -> Iterator[Problem]:
    ids = [place.session for place in step.placed]
    for index, id in enumerate(step.gone):
        if before.get(id) is None:
            yield Problem(path=f"$.gone[{index}]", message=f"session {id!r} had no place before this step",
                          nearest=nearest(id, list(before.by_session)))
        elif id in ids:
            yield Problem(path=f"$.gone[{index}]", message=f"session {id!r} is placed by the same step")
    for index, id in enumerate(ids):
        if id in ids[:index]:
            yield Problem(path=f"$.placed[{index}]", message=f"session {id!r} is placed twice")


def _at(place: str, error: InputError, source: str) -> InputError:
    """Return an error told from where it stands in the file."""
    def path(problem: Problem) -> str:
        # A step does not hold its whole schedule, so a number in that would say nothing.
        within = ".placed" if ".steps" in place and problem.path.startswith("$.placements") else problem.path
        return place + within.removeprefix("$")

    return InputError([attrs.evolve(problem, path=path(problem)) for problem in error.problems], source)
