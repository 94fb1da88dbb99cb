"""Fair times for an audience of the whole world: one track, interests and availabilities as tables, a joint objective.

    python benchmarks/fairconf.py --draw out/fair --participants 40 --talks 11 --slots 24 --seed 0
    python benchmarks/fairconf.py out/fair/interest.csv out/fair/availability.csv --lambda1 0.5 --lambda2 0.5 \\
        --seconds 120 --out SCHEDULE.csv

The problem is that of Patro and others ("Scheduling virtual conferences fairly", WWW 2022), in our words. Given are, as
CSV tables of numbers from 0 to 1, the interest V of participants (rows) in talks (columns), and the ease A with which
they can be there in slots (columns). A slot holds one talk at most. The gain of a participant is the sum of V x A at
each talk's slot; the best gain is that of the most interesting talk in the easiest slot, the next in the next, and so
on. The crowd of a talk is the same sum over participants; its best is at its best slot. Maximised is

    efficiency - lambda1 x unfairness to participants - lambda2 x unfairness to speakers

where efficiency is all gain, by participants and talks; and unfairness the largest share of the best that somebody
(some talk) gets, less the smallest.

The programme has the slots as its starts, a cap of 1, and the rule `satisfaction` three times: what is missed, fairness
to people, fairness to sessions. Tables are counted in thousandths, shares in millionths, so the proof is one to
0.000002 x (lambda1 + lambda2), where the tables are in whole thousandths (`exact`). What is printed, one line of JSON,
is computed anew from the tables and the schedule: `objective`, `efficiency`, `unfairness_participants` and `_speakers`
with the mean shares, and Gini's coefficient of both. `bound`: no schedule has a greater objective; `gap` is the
difference.

A table may have a line of names and a column of names, or neither. `--draw` writes synthetic tables: interests are
Bernoulli, by the popularity of the talk; participants live in whole-hour zones and have time from 9 to 17 of their own
clock (each slot is an hour, the first begins at midnight UTC).
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen
from main_job import peak_memory

import igfsched.engine.solve
import igfsched.io  # noqa: F401  `solve` loads both when it is called: imports are not to be measured
from igfsched import Grid, Person, Programme, Schedule, Session, Window, solve
from igfsched.programme import Day
from igfsched.result import Result
from igfsched.rules import Ease, Liking, OnGrid, ParallelCap, Placed, Satisfaction, WindowHours

Floats = npt.NDArray[np.float64]
FIRST = datetime(2026, 11, 2, tzinfo=UTC)
MINUTES = 60
MILLION, THOUSAND = 1_000_000, 1_000
ROUNDED = 2 / MILLION
"""What a share's spread may be counted too large by: the largest is rounded up, the smallest down."""
HOURS_AT_WORK = (9, 17)
PEOPLE_BY_OFFSET = {-8: 5, -7: 3, -6: 4, -5: 9, -4: 6, -3: 8, 0: 7, 1: 14, 2: 10, 3: 9, 4: 3, 5: 5, 6: 6, 7: 4, 8: 8,
                    9: 6, 10: 3, 11: 2, 12: 2}
"""Weights of whole hours from UTC, assumed."""


@frozen(kw_only=True)
class Event:
    """Interests `(participants, talks)` and eases `(participants, slots)`, from 0 to 1, with the names of columns."""

    interest: Floats
    ease: Floats
    talks: tuple[str, ...]
    slots: tuple[str, ...]


@frozen(kw_only=True)
class Measures:
    """What a schedule is worth, as the paper defines it."""

    efficiency: float
    participants: Floats
    speakers: Floats

    @staticmethod
    def spread(shares: Floats) -> float:
        return float(shares.max() - shares.min()) if len(shares) else 0.0

    def objective(self, lambda1: Fraction, lambda2: Fraction) -> float:
        return (self.efficiency - float(lambda1) * self.spread(self.participants)
                - float(lambda2) * self.spread(self.speakers))


def measured(event: Event, slot_of: Sequence[int]) -> Measures:
    """Return the measures of a schedule (a slot for each talk), from the tables alone. A best of 0 counts nowhere."""
    interest, ease = event.interest, event.ease
    gain = interest * ease[:, list(slot_of)]
    likes = -np.sort(-interest, axis=1)
    eases = -np.sort(-ease, axis=1)[:, :likes.shape[1]]
    best = (likes * eases).sum(axis=1)
    crowds = interest.T @ ease
    largest = crowds.max(axis=1)
    return Measures(
        efficiency=float(gain.sum() / interest.size), participants=gain.sum(axis=1)[best > 0] / best[best > 0],
        speakers=gain.sum(axis=0)[largest > 0] / largest[largest > 0],
    )


def gini(shares: Floats) -> float:
    """Return Gini's coefficient: half the mean absolute difference over the mean."""
    mean = float(shares.mean()) if len(shares) else 0.0
    return float(np.abs(shares[:, None] - shares[None, :]).mean() / (2 * mean)) if mean else 0.0


def programme_of(event: Event, lambda1: Fraction, lambda2: Fraction) -> tuple[Programme, int]:
    """Return an event as a programme, and how many millionths of a gain a cost of 1 is, the other way round.

    The cost is the objective, times participants times talks times that number, from a constant downwards.
    """
    participants, talks = event.interest.shape
    interest, ease = (np.rint(THOUSAND * table).astype(int) for table in (event.interest, event.ease))
    if set(np.unique(ease)) <= {0, THOUSAND}:
        ease //= THOUSAND
    weights = [factor * participants * talks for factor in (lambda1, lambda2)]
    common = max(1, int(np.lcm.reduce([weight.denominator for weight in weights])))
    one = common * MILLION // (THOUSAND * (THOUSAND if ease.max(initial=0) > 1 else 1))
    likings = [Liking(person=f"participant {p}", session=event.talks[t], value=int(interest[p, t]))
               for p, t in zip(*np.nonzero(interest), strict=True)]
    starts = [FIRST + timedelta(minutes=MINUTES * slot) for slot in range(len(event.slots))]
    eases = [Ease(person=f"participant {p}", start=starts[s], value=int(ease[p, s]))
             for p, s in zip(*np.nonzero(ease), strict=True)]
    tables: dict[str, Any] = {"likings": likings, "eases": eases}
    most = max(one, *(int(weight * common) for weight in weights))
    if most > MILLION:
        raise ValueError(f"lambda times participants times talks needs a weight of {most}, and the most is {MILLION}: "
                         "take fewer decimal places, or smaller ones")
    soft = [(measure, int(weight)) for measure, weight in
            (("missed", one), ("people", weights[0] * common), ("sessions", weights[1] * common)) if weight]
    return Programme(
        window=Window(days=[Day(date=day) for day in sorted({start.date() for start in starts})],
                      grid=Grid(starts=starts)),
        cap=1, preset="none", people=[Person(id=f"participant {p}") for p in range(participants)],
        sessions=[Session(id=talk, duration=MINUTES) for talk in event.talks],
        rules=[Placed(), WindowHours(), OnGrid(), ParallelCap(),
               *(Satisfaction(measure=measure, weight=weight, label=measure, **tables) for measure, weight in soft)],
    ), common


def slots_of(event: Event, schedule: Schedule) -> list[int]:
    """Return the slot of each talk."""
    places = schedule.by_session
    return [int((places[talk].start - FIRST).total_seconds()) // 60 // MINUTES for talk in event.talks]


def solved(
    event: Event, lambda1: Fraction, lambda2: Fraction, seconds: float, workers: int | None = None, seed: int = 0,
) -> tuple[dict[str, Any], list[int] | None]:
    """Solve an event; return what came out, and the slot of each talk (None if nothing was found)."""
    began = time.perf_counter()
    programme, common = programme_of(event, lambda1, lambda2)
    result = solve(programme, seconds=seconds, workers=workers, seed=seed)
    taken = time.perf_counter() - began
    facts = {"status": result.status, "proven": result.proven, "seconds": round(taken, 3),
             "first_valid_s": result.seconds_to_first and round(result.seconds_to_first, 3),
             "exact": all(np.allclose(THOUSAND * table, np.rint(THOUSAND * table), atol=1e-9, rtol=0)
                          for table in (event.interest, event.ease))}
    if result.schedule is None:
        return facts, None
    slots = slots_of(event, result.schedule)
    found = measured(event, slots)
    objective = found.objective(lambda1, lambda2)
    bound = bound_of(event, result, common, lambda1, lambda2)
    return {
        **facts, "objective": round(objective, 9), "bound": None if bound is None else round(bound, 9),
        "gap": None if bound is None else round(max(0.0, bound - objective), 9),
        "efficiency": round(found.efficiency, 9),
        "unfairness_participants": round(found.spread(found.participants), 9),
        "mean_participants": round(float(found.participants.mean()), 9),
        "gini_participants": round(gini(found.participants), 9),
        "unfairness_speakers": round(found.spread(found.speakers), 9),
        "mean_speakers": round(float(found.speakers.mean()), 9), "gini_speakers": round(gini(found.speakers), 9),
    }, slots


def bound_of(event: Event, result: Result, common: int, lambda1: Fraction, lambda2: Fraction) -> float | None:
    """Return what no objective is above, from the bound of the cost."""
    bound = result.score[-1].bound
    if bound is None:
        return None
    constant = (event.interest * event.ease.max(axis=1, initial=0.0)[:, None]).sum()
    unit = event.interest.size * MILLION * common
    return float(constant / event.interest.size - bound / unit) + ROUNDED * float(lambda1 + lambda2)


# -- files -------------------------------------------------------------------------------------------


def read_table(path: str, what: str) -> tuple[Floats, tuple[str, ...]]:
    """Return the numbers of a CSV table, and the names of its columns. ValueError for what is no such table."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    names: list[str] = []
    if rows and any(_number(cell) is None for cell in rows[0][1:] or rows[0]):
        names, rows = rows[0], rows[1:]
    named = any(_number(row[0]) is None for row in rows)
    numbers = []
    for line, row in enumerate(rows, start=1 + bool(names)):
        found = [_number(cell) for cell in row[named:]]
        if len(row) != len(rows[0]) or any(value is None or not 0 <= value <= 1 for value in found):
            raise ValueError(f"{path}, row {line}: expected {len(rows[0]) - named} numbers from 0 to 1")
        numbers.append(found)
    if not numbers:
        raise ValueError(f"{path} has no numbers")
    columns = names[-len(numbers[0]):] if names else [f"{what} {n}" for n in range(1, len(numbers[0]) + 1)]
    if len(set(columns)) < len(numbers[0]):
        raise ValueError(f"{path}: each {what} needs a name of its own")
    return np.array(numbers, dtype=np.float64), tuple(columns)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def read_event(interest: str, availability: str) -> Event:
    """Return the event of two tables."""
    likes, talks = read_table(interest, "talk")
    eases, slots = read_table(availability, "slot")
    if len(likes) != len(eases):
        raise ValueError(f"{interest} has {len(likes)} participants, {availability} has {len(eases)}")
    if len(talks) > len(slots):
        raise ValueError(f"{len(talks)} talks do not fit into {len(slots)} slots")
    return Event(interest=likes, ease=eases, talks=talks, slots=slots)


def drawn(participants: int, talks: int, slots: int, seed: int) -> Event:
    """Return a synthetic event, see above."""
    random = np.random.default_rng(seed)
    weights = np.array(list(PEOPLE_BY_OFFSET.values()), dtype=np.float64)
    offsets = random.choice(list(PEOPLE_BY_OFFSET), size=participants, p=weights / weights.sum())
    hours = (np.arange(slots)[None, :] + offsets[:, None]) % 24
    popularity = random.uniform(0.2, 0.8, size=talks)
    return Event(
        interest=(random.random((participants, talks)) < popularity).astype(np.float64),
        ease=((hours >= HOURS_AT_WORK[0]) & (hours < HOURS_AT_WORK[1])).astype(np.float64),
        talks=tuple(f"talk {n}" for n in range(1, talks + 1)), slots=tuple(f"slot {n}" for n in range(1, slots + 1)),
    )


def write_event(event: Event, folder: Path) -> None:
    """Write the two tables of an event into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table, columns in (("interest", event.interest, event.talks), ("availability", event.ease, event.slots)):
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["participant", *columns])
            writer.writerows([f"participant {p}", *(f"{value:g}" for value in row)] for p, row in enumerate(table, 1))


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw tables, or solve those that the command line names, and print one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="interest and availability, CSV files")
    parser.add_argument("--lambda1", type=Fraction, default=Fraction(1, 2), help="for participants (default 0.5)")
    parser.add_argument("--lambda2", type=Fraction, default=Fraction(1, 2), help="for speakers (default 0.5)")
    parser.add_argument("--seconds", type=float, default=120.0, help="limit (default %(default)s)")
    parser.add_argument("--workers", type=int, help="processor cores to use (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of the solver, or of what is drawn (default %(default)s)")
    parser.add_argument("--out", help="CSV file for the schedule")
    parser.add_argument("--draw", metavar="FOLDER", help="write synthetic tables into a folder instead")
    for name, default in (("participants", 40), ("talks", 11), ("slots", 24)):
        parser.add_argument(f"--{name}", type=int, default=default, help="of drawn tables (default %(default)s)")
    given = parser.parse_args(arguments)
    if given.draw is not None:
        write_event(drawn(given.participants, given.talks, given.slots, given.seed), Path(given.draw))
        return
    try:
        if len(given.tables) != 2:
            raise ValueError("name two tables, of interest and of availability, or --draw a folder")
        if given.lambda1 < 0 or given.lambda2 < 0:
            raise ValueError("lambdas are not negative")
        event = read_event(*given.tables)
        found, slots = solved(event, given.lambda1, given.lambda2, given.seconds, given.workers, given.seed)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if given.out is not None and slots is not None:
        with open(given.out, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["talk", "slot"])
            writer.writerows((talk, event.slots[slot]) for talk, slot in zip(event.talks, slots, strict=True))
    memory = peak_memory()
    participants, talks = event.interest.shape
    print(json.dumps({
        "participants": participants, "talks": talks, "slots": len(event.slots), "lambda1": float(given.lambda1),
        "lambda2": float(given.lambda2), "limit_s": given.seconds, **found,
        "peak_memory_mb": None if memory is None else round(memory, 1),
    }, allow_nan=False))


if __name__ == "__main__":
    main()
