"""Look at all caps and numbers of days, several at a time, on an executor that the caller may pass.

- `sweep`: the one entry.
- `Step`: what a listener is told.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from math import isfinite

import attrs
from attrs import frozen

from igfsched.errors import InputError, Problem
from igfsched.programme import Programme
from igfsched.sweep.frontier import Frontier, Point
from igfsched.sweep.known import Known
from igfsched.sweep.looking import Task, counted, look
from igfsched.sweep.store import Store
from igfsched.sweep.variations import refusals

TICK = 0.2
"""Seconds after which a sweep hears that it is to stop."""

HIGHEST_CAP = 1_000


@frozen(kw_only=True)
class Step:
    """How far a sweep is after `seconds`: `done` of `points`, `running` at this moment, `point` the last looked at."""

    seconds: float
    done: int
    points: int
    running: int
    point: Point | None = None

    def __str__(self) -> str:
        told = f"  {self.point}: {self.point.status}" if self.point is not None else ""
        return f"{self.seconds:6.1f} s  {self.done} of {self.points} points{told}"


def sweep(
    programme: Programme,
    *,
    caps: Iterable[int],
    days: Iterable[int] | None = None,
    seconds: float = 20.0,
    workers: int | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    at_once: int | None = None,
    store: str | os.PathLike[str] | None = None,
    resume: bool = True,
    listener: Callable[[Step], None] | None = None,
    cancel: threading.Event | None = None,
) -> Frontier:
    """Return, for each cap and each number of days, whether that does, what it costs at best, and the proof.

    A cap is the most sessions at a time; there are at least as many rooms. A number of days is how many programme
    days may be used, any of them, sessions keeping their phases.

    - `days`: all that there are, unless said.
    - `seconds`: the limit for each point that is looked at. Many are not: they follow from others.
    - `workers`: threads of the solver for each point (None: the cores, shared out).
    - `executor`: where points are looked at, `at_once` at a time (None: threads, as many as there are cores). Any
      executor of `concurrent.futures` does, processes and `dask.distributed.Client(...).get_executor()` among them.
    - `store`: a file that holds what is known, written after each point. With `resume`, what it holds is not looked
      at again; points that are not proven are, if `seconds` or `seed` are others.
    - `listener`: called with a `Step` on this thread. `cancel`: set it from another thread, or press Ctrl-C, to get
      what is known so far.

    Raises ValueError for numbers that make no sense, InputError for a programme that cannot be condensed and for a
    store that belongs to another one.
    """
    found_caps, found_days = _asked(programme, caps, days, seconds, at_once)
    cores = _cores()
    known_size: int | None = getattr(executor, "_max_workers", None)
    side_by_side = at_once or known_size or cores
    known = Known(programme, found_caps, found_days)
    file = Store(programme, store, {"seconds": float(seconds), "seed": seed})
    if resume:
        file.read_into(known)
    run = _Run(known, file, listener, cancel or threading.Event(), side_by_side)

    def task(cap: int, number: int) -> Task:
        return Task(programme=programme, cap=cap, days=number, seconds=seconds, seed=seed,
                    workers=workers or max(1, cores // side_by_side if executor is None else 1),
                    known=known.point(cap, number).schedule, floor=known.floor(cap, number))

    with _executor(executor, side_by_side) as pool:
        run.look(pool, task, programme)
    return run.tell()


class _Run:
    """One sweep: what is known, what is running."""

    def __init__(
        self, known: Known, file: Store, listener: Callable[[Step], None] | None, cancel: threading.Event,
        side_by_side: int,
    ) -> None:
        self.known, self.file, self.listener, self.cancel = known, file, listener, cancel
        self.side_by_side = side_by_side
        self.began = time.perf_counter()
        self.running: dict[Future[Point], tuple[int, int]] = {}

    def count(self, programme: Programme) -> None:
        """Take in what counting proves, at once."""
        for cap in self.known.caps:
            if self.cancel.is_set():
                return
            for point in counted(programme, cap, self.known.days):
                if not self.known.point(cap, point.days).decided:
                    self.known.add(point)
        self.file.write(self.known)
        self._step(None)

    def look(self, pool: Executor, task: Callable[[int, int], Task], programme: Programme) -> None:
        """Count, and look at one point after the other until all are decided, or the sweep is cancelled."""
        # Only threads can share an event with this one.
        shared = (self.cancel,) if isinstance(pool, ThreadPoolExecutor) else ()
        try:
            self.count(programme)
            while not self.cancel.is_set():
                while len(self.running) < self.side_by_side:
                    point = self.known.next(self.running.values())
                    if point is None:
                        break
                    self.running[pool.submit(look, task(*point), *shared)] = point
                if not self.running:
                    return
                self._collect(wait(self.running, timeout=TICK, return_when=FIRST_COMPLETED).done)
        except KeyboardInterrupt:
            self.cancel.set()
        finally:
            self._leave(wait_for_all=bool(shared))

    def _leave(self, *, wait_for_all: bool) -> None:
        """Stop what is running. What shares the event ends soon, and its best counts; others are left alone."""
        if not self.running:
            return
        self.cancel.set()
        for future in self.running:
            future.cancel()
        ended = wait(self.running, timeout=None if wait_for_all else 0).done
        self._collect([future for future in ended if not future.cancelled() and future.exception() is None])
        self.running.clear()

    def _collect(self, ended: Collection[Future[Point]]) -> None:
        if not ended:
            return
        for future in ended:
            self.running.pop(future)
            try:
                point = future.result()
            except CancelledError:
                continue
            if self.cancel.is_set() and not point.decided:
                point = attrs.evolve(point, looked=False)  # it may be looked at again
            self.known.add(point)
            self._step(point)
        self.file.write(self.known)

    def _step(self, point: Point | None) -> None:
        if self.listener is not None:
            keys = [(cap, days) for cap in self.known.caps for days in self.known.days]
            self.listener(Step(
                seconds=time.perf_counter() - self.began, done=sum(self.known.done(*key) for key in keys),
                points=len(keys), running=len(self.running),
                point=None if point is None else self.known.point(point.cap, point.days),
            ))

    def tell(self) -> Frontier:
        """Return what is known, and write it."""
        self.file.write(self.known)
        return self.file.frontier(self.known)


def _asked(
    programme: Programme, caps: Iterable[int], days: Iterable[int] | None, seconds: float, at_once: int | None,
) -> tuple[list[int], list[int]]:
    """Return caps and days as they are asked for, or raise what is wrong with them."""
    if not (isfinite(seconds) and seconds > 0):
        raise ValueError(f"seconds is a finite number above 0, not {seconds!r}")
    if at_once is not None and (isinstance(at_once, bool) or not isinstance(at_once, int) or at_once < 1):
        raise ValueError(f"at_once is a whole number from 1, not {at_once!r}")
    there = len(programme.window.days)
    found_caps, found_days = sorted(set(caps)), sorted(set(range(1, there + 1) if days is None else days))
    for name, numbers in (("caps", found_caps), ("days", found_days)):
        if not numbers:
            raise ValueError(f"{name} is empty: at least one number is needed")
        for number in numbers:
            if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= HIGHEST_CAP:
                raise ValueError(f"{name} are whole numbers from 1 to {HIGHEST_CAP}, not {number!r}")
    problems = [Problem(path="$.window.days", message=f"{number} days are asked for, and the programme has {there}",
                        found=number, expected=f"1 to {there}") for number in found_days if number > there]
    problems += refusals(programme)
    if problems:
        raise InputError(problems, programme.title or "programme")
    return found_caps, found_days


@contextmanager
def _executor(given: Executor | None, side_by_side: int) -> Iterator[Executor]:
    """Give the caller's executor, which stays open, or one of threads, which is closed."""
    if given is not None:
        yield given
        return
    with ThreadPoolExecutor(side_by_side, thread_name_prefix="igfsched-sweep") as own:
        yield own


def _cores() -> int:
    from igfsched.engine.control import cores

    return cores()
