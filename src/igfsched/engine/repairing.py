"""CP-SAT's part in a repair: where the bounded search found too little, or proved too little.

- `by_solver`: first on the sessions that have to move alone, then on everything.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from attrs import evolve

from igfsched.engine.control import cores
from igfsched.engine.cpsat import Limits
from igfsched.engine.repair import Repaired, RepairModel
from igfsched.facts import Places
from igfsched.lowering import Lowered
from igfsched.stakes import Stakes

WHOLE = 0.5
"""Seconds below which it is not begun to build a model of everything."""
DAYS, SHORT = 2, 1.5
"""Days that are freed at once to place who has no place, and seconds for that."""


class Task(Protocol):
    """What is asked of a repair: its limits."""

    @property
    def left(self) -> float: ...
    @property
    def price(self) -> int | None: ...
    @property
    def workers(self) -> int | None: ...
    @property
    def cancel(self) -> threading.Event | None: ...


class Found(Protocol):
    """The best so far, which the solver makes better."""

    places: Places | None
    levels: tuple[int, ...]
    moves: bool
    score: bool
    by: list[str]
    bounds: tuple[float | None, ...]
    infeasible: bool
    concerned: tuple[int, ...]
    bound: int

    def take(self, places: Places | None, levels: tuple[int, ...]) -> None: ...


def by_solver(task: Task, lowered: Lowered, stakes: Stakes, found: Found) -> None:
    """Make a repair better and prove more of it, within what is left of the time.

    If moves weigh no more than they must, whatever is better moves none but the sessions that are concerned: a
    model of these alone is enough for the proof.
    """
    if found.concerned and task.price is None:
        model = RepairModel(lowered, stakes, free=found.concerned)
        outcome = model.solve(hint=found.places, limits=_limits(task))
        if outcome.places is not None:
            if outcome.levels[0] == 0 and outcome.levels[1] <= found.bound:
                _take(outcome, found)
                found.moves = True
            else:
                found.take(outcome.places, outcome.levels)
        if found.score:
            return
    if found.places is not None and found.levels[0] and task.price is None:
        _place_more(task, lowered, stakes, found)
    if task.left > WHOLE:
        model = RepairModel(lowered, stakes)
        most: Sequence[int | None] = ()
        if found.places is not None and task.price is None:
            most = found.levels[: 1 if found.levels[0] else 2]  # who is placed may take more moves
        outcome = model.solve(hint=stakes.present if found.places is None else found.places, limits=_limits(task), most=most,
                              trade=task.price)
        _take(outcome, found, traded=task.price is not None)


def _place_more(task: Task, lowered: Lowered, stakes: Stakes, found: Found) -> None:
    """Free the sessions of some days, different ones each time, until everybody has a place."""
    facts, random = lowered.facts, np.random.default_rng(0)
    while found.levels[0] and task.left > WHOLE:
        places = found.places
        assert places is not None
        day = np.where(places.variant >= 0, facts.day_of_tick[places.start], -1)
        absent = [s for s in facts.alive if places.variant[s] < 0]
        days = np.unique(day[day >= 0])
        chosen = random.choice(days, size=min(DAYS, len(days)), replace=False)
        free = [*absent, *(s for s in facts.alive if places.variant[s] >= 0 and day[s] in chosen)]
        model = RepairModel(lowered, evolve(stakes, present=places), free=free)
        limits = evolve(_limits(task), seconds=min(SHORT, task.left))
        outcome = model.solve(hint=places, limits=limits)
        if outcome.places is not None:
            found.take(outcome.places, outcome.levels)


def _limits(task: Task) -> Limits:
    return Limits(seconds=max(0.05, task.left), workers=task.workers or cores(), light=True, cancel=task.cancel)


def _take(outcome: Repaired, found: Found, traded: bool = False) -> None:
    if outcome.infeasible:
        found.infeasible = found.places is None
        return
    if outcome.places is None:
        return
    if traded:
        found.places, found.levels = outcome.places, outcome.levels
    else:
        found.take(outcome.places, outcome.levels)
    if traded or found.levels == outcome.levels:
        proven = outcome.proven
        found.moves = found.moves or proven > 1
        found.score = found.score or outcome.optimal
        found.bounds = outcome.bounds
        if proven > 1:
            found.by.append("CP-SAT")
