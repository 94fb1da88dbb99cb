"""CP-SAT's part in a repair: where the bounded search found too little, or proved too little.

- `by_solver`: first on the sessions that alone may move in a better one, then on everything.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from attrs import evolve

from igfsched.engine.control import cores
from igfsched.engine.cpsat import Limits
from igfsched.engine.repair import Repaired, RepairModel
from igfsched.facts import Bools, Places
from igfsched.lowering import Lowered
from igfsched.stakes import Stakes

WORTH = 2.0
"""How many times as long as a model takes to build must be left for it to be begun."""
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
    within: Bools | None
    unseen: tuple[int, ...]

    def take(self, places: Places | None, levels: tuple[int, ...]) -> None: ...


def by_solver(task: Task, lowered: Lowered, stakes: Stakes, found: Found, mask: Bools | None = None) -> None:
    """Make a repair better and prove more of it, within what is left of the time.

    If moves weigh no more than they must, whatever is better moves none but the sessions that are concerned: a
    model of these alone is enough for the proof. Who moves may only come to the starts of a mask.
    """
    if found.unseen and task.price is None and _worth(task, lowered, found.unseen):
        _look_at_unseen(task, lowered, stakes, found, mask)
        if found.score:
            return
    if found.concerned and task.price is None and _worth(task, lowered, found.concerned):
        within = mask if found.within is None else found.within & (lowered.allowed if mask is None else mask)
        model = RepairModel(lowered, stakes, free=found.concerned, mask=within)
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
        _place_more(task, lowered, stakes, found, mask)
    if _worth(task, lowered):
        model = RepairModel(lowered, stakes, mask=mask)
        most: Sequence[int | None] = ()
        if found.places is not None and task.price is None:
            most = found.levels[: 1 if found.levels[0] else 2]  # who is placed may take more moves
        hint = stakes.present if found.places is None else found.places
        outcome = model.solve(hint=hint, limits=_limits(task), most=most, trade=task.price)
        _take(outcome, found, traded=task.price is not None)


def _look_at_unseen(task: Task, lowered: Lowered, stakes: Stakes, found: Found, mask: Bools | None) -> None:
    """Ask for what may be better than the answer in a model of those alone who would move: mostly there is nothing."""
    model = RepairModel(lowered, stakes, free=found.unseen, mask=mask, partial=bool(found.levels[0]))
    outcome = model.solve(limits=_limits(task), most=found.levels[:2])
    if outcome.places is not None:
        found.take(outcome.places, outcome.levels)
    if outcome.infeasible or outcome.proven > 1:
        found.moves = True
        found.score = outcome.infeasible or outcome.optimal
        found.bounds = found.levels if found.score else found.levels[:2]
        found.by.append("CP-SAT")


def _place_more(task: Task, lowered: Lowered, stakes: Stakes, found: Found, mask: Bools | None) -> None:
    """Free the sessions of some days, different ones each time, until everybody has a place."""
    facts, random = lowered.facts, np.random.default_rng(0)
    while found.levels[0] and task.left > 0:
        places = found.places
        assert places is not None
        day = np.where(places.variant >= 0, facts.day_of_tick[places.start], -1)
        absent = [s for s in facts.alive if places.variant[s] < 0]
        days = np.unique(day[day >= 0])
        chosen = random.choice(days, size=min(DAYS, len(days)), replace=False)
        free = [*absent, *(s for s in facts.alive if places.variant[s] >= 0 and day[s] in chosen)]
        if not _worth(task, lowered, free):
            break
        model = RepairModel(lowered, evolve(stakes, present=places), free=free, mask=mask)
        limits = evolve(_limits(task), seconds=min(SHORT, task.left))
        outcome = model.solve(hint=places, limits=limits)
        if outcome.places is not None:
            found.take(outcome.places, outcome.levels)


def _worth(task: Task, lowered: Lowered, free: Iterable[int] | None = None) -> bool:
    """Say whether there is time for a model in which some sessions are free, and to solve it."""
    return task.left > 0 and task.left > WORTH * RepairModel.build_seconds(lowered, free)


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
