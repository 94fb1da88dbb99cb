"""Solve a programme: lower it, search, audit what comes out, and say how good it is.

The solver is never trusted. A schedule is returned only if its audit, which knows nothing of the solver,
finds no hard rule broken and the same score.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet

from attrs import frozen

from igfsched.audit import Audit, audit
from igfsched.engine.control import Control, Incumbent, Listener, UntrueScheduleError, cores
from igfsched.engine.reasons import why_not
from igfsched.engine.search import Search, at_grid
from igfsched.lowering import HARD, lower
from igfsched.programme import Programme
from igfsched.result import Record, Result, Status, TierScore
from igfsched.schedule import Schedule
from igfsched.timetable import Timetable

MOST_WORKERS = 1_000
MOST_SEED = 2**31 - 1_000_000
"""What the solver takes, less the numbers that are added on the way for other seeds."""


def solve(
    programme: Programme,
    *,
    seconds: float = 60.0,
    workers: int | None = None,
    seed: int = 0,
    deterministic: bool = False,
    listener: Listener | None = None,
    cancel: threading.Event | None = None,
    hint: Schedule | None = None,
) -> Result:
    """Return the best schedule of a programme that is found in a time limit, and how good it is.

    - `seconds`: the limit; less is used if everything is proven before.
    - `workers`: processor cores to use (None: all).
    - `deterministic`: equal calls give equal schedules; the limit then counts the solver's own time.
    - `listener`: called with `Progress` whenever something is found or proven, on any thread.
    - `cancel`: set it from another thread to get the best so far. Ctrl-C does the same.
    - `hint`: a schedule to begin with.

    The result's status is `optimal`, `feasible`, `partial` (placed is soft and some sessions have no
    place), `interrupted`, `infeasible` (with reasons) or `unknown` (nothing found in the time).

        >>> from igfsched import Programme, Session, Window, solve
        >>> window = Window.daily("2020-11-09", "2020-11-09", "09:00", "11:00")
        >>> solve(Programme(window=window, sessions=[Session(id="Opening", duration=60)]), seconds=5).status
        'optimal'

    Raises ValueError for limits that make no sense, InputError for a hint that names what the programme
    does not have.
    """
    if not 0 < seconds < float("inf"):
        raise ValueError(f"seconds is a finite number above 0, not {seconds!r}")
    if workers is not None and not (isinstance(workers, int) and 1 <= workers <= MOST_WORKERS):
        raise ValueError(f"workers is a whole number from 1 to {MOST_WORKERS}, not {workers!r}")
    if not (isinstance(seed, int) and 0 <= seed <= MOST_SEED):
        raise ValueError(f"seed is a whole number from 0 to {MOST_SEED}, not {seed!r}")
    if hint is not None:
        Timetable(programme, hint)  # refuses names that the programme does not have
    control = Control(
        seconds=seconds, workers=workers or cores(), seed=seed, deterministic=deterministic,
        cancel=cancel or threading.Event(),
    )
    lowered = lower(programme)
    incumbent = Incumbent(lowered, control, listener)
    search = Search(lowered, control, incumbent)
    reasons = why_not(lowered)
    if reasons and lowered.all_must_be_placed:
        return Result(schedule=None, status="infeasible", reasons=reasons, record=_record(programme, control))
    if hint is not None:
        incumbent.offer(at_grid(lowered, hint))
    interrupted = _patiently(search.run, control)
    incumbent.doubt()
    best = incumbent.places
    complete = best is not None and incumbent.score[HARD] == 0
    status: Status
    if best is None or (not complete and lowered.all_must_be_placed):
        status = "infeasible" if search.infeasible else "unknown"
        told = tuple(reasons) or search.reasons()
        return Result(schedule=None, status=status, reasons=told if search.infeasible else (),
                      record=_record(programme, control))
    scores = [
        TierScore(tier=tier, score=incumbent.score[tier], bound=incumbent.bounds.get(tier),
                  proven=all(incumbent.done(before) for before in (HARD, *lowered.tiers) if before <= tier))
        for tier in (HARD, *lowered.tiers)
    ]
    if all(score.proven for score in scores):
        status = "optimal" if complete else "partial"
    elif interrupted or control.cancel.is_set():
        status = "interrupted"
    else:
        status = "feasible" if complete else "partial"
    schedule = lowered.facts.schedule(best)
    return Result(
        schedule=schedule, status=status, score=scores, audit=_audited(programme, schedule, incumbent.score),
        reasons=() if complete else search.reasons(), record=_record(programme, control),
        seconds_to_first=incumbent.first_valid,
    )


def _patiently(work: Callable[[], None], control: Control) -> bool:
    """Run the search on a thread of its own, so that Ctrl-C is heard; say whether it was pressed."""
    interrupted = False
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        while True:
            try:
                future.result(timeout=0.2)
                return interrupted
            except NotYet:
                if future.done():
                    raise
            except KeyboardInterrupt:
                interrupted = True
                control.cancel.set()


def _audited(programme: Programme, schedule: Schedule, score: dict[int, int]) -> Audit:
    """Return the audit of a schedule, or raise UntrueScheduleError if it disagrees with the engine."""
    found = audit(programme, schedule)
    broken = [finding for finding in found.hard if finding.rule != "placed"]
    costs = {tier: found.score.get(tier, 0) for tier in score if tier != HARD}
    if broken or any(costs[tier] != score[tier] for tier in costs):
        raise UntrueScheduleError(
            f"audit and engine disagree: {[finding.sentence for finding in broken[:3]]}, score {costs} against {score}"
        )
    return found


@frozen
class _Text:
    """The native text of a programme, written when somebody asks."""

    programme: Programme

    def __call__(self) -> Programme | str:
        from igfsched.io import dumps

        try:
            return dumps(self.programme)
        except (TypeError, ValueError):  # a rule of the user's own may hold what JSON cannot say: its content is hashed
            return self.programme


def _record(programme: Programme, control: Control) -> Record:
    return Record.of(
        _Text(programme), parameters={"workers": control.workers, "deterministic": control.deterministic},
        seed=control.seed, limits={"seconds": control.seconds}, seconds=control.elapsed,
    )
