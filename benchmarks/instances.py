"""The instances of the benchmark of repairs: full-size programmes in which every rule of the catalogue holds.

- `INSTANCES`: their names.
- `instance(name, seed)`: a programme and a planted schedule that obeys all hard rules of it.
- `base(name, seed, seconds, cache)`: the programme, and the best schedule that `solve` makes of the planted one.

`igf2020` is the real programme of 136 sessions in its frame: three rooms that are half full, and the rules of the
meeting. `loose` and `tight` are generated programmes of 275 sessions, 75 % and 97 % full. To all of them `enrichment`
adds what the rules of the catalogue speak about, so that all rules state something.

The planted schedule of a generated programme is the generator's. The real one has none, for what was held is known of
98 sessions only and breaks rules; so sessions are put one after another, the hardest first, on the day of their phases
that is the emptiest, at the first hour and in the first room that are free: an easy thing at half the fullness.
Comfort plays no part in either; that is what `solve` is for.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from datetime import date
from pathlib import Path

import attrs
from calibration import real_programme
from enrichment import REST, enriched
from generate import generate

from igfsched.audit import audit
from igfsched.grid import from_minute, overlap
from igfsched.io import dumps, read_schedule, write_schedule
from igfsched.programme import Programme, Session
from igfsched.schedule import Placement, Schedule

SESSIONS = 275
FILL = {"loose": 0.75, "tight": 0.97}
INSTANCES = ("igf2020", *FILL)
CEREMONIES = ("CEREMONY-OPENING", "HLL-CLOSING")  # of the real programme: the first of phase 2, and the last of all
OVERFLOW = 2  # rooms that a ceremony uses
USUAL_START, STEP = 8 * 60, 10  # minutes after midnight UTC from which the real days are filled; minutes


def base(name: str, seed: int = 0, seconds: float = 60.0, cache: Path | None = None) -> tuple[Programme, Schedule]:
    """Return an instance and a solved schedule of it, which is valid by its audit.

    - `seed`: the generator's, that of the added parts, and the solver's.
    - `seconds`: limit of the solve, which begins with the planted schedule.
    - `cache`: a folder in which schedules are kept, by the programme's native text, the seed and the limit (None:
      always solve).
    """
    programme, planted = instance(name, seed)
    key = hashlib.sha256(f"{seed} {float(seconds)} {dumps(programme)}".encode()).hexdigest()[:16]
    kept = None if cache is None else cache / f"{name}-{seed}-{key}.json"
    if kept is not None and kept.exists():
        schedule = read_schedule(kept)
    else:
        from igfsched.engine.solve import solve  # the instances alone need no solver

        found = solve(programme, seconds=seconds, seed=seed, hint=planted).schedule
        schedule = planted if found is None else found
        if kept is not None:
            os.makedirs(kept.parent, exist_ok=True)
            write_schedule(schedule, kept)
    check(programme, schedule)
    return programme, schedule


def instance(name: str, seed: int = 0) -> tuple[Programme, Schedule]:
    """Return the programme of an instance and its planted schedule, which is valid by its audit."""
    if name not in INSTANCES:
        raise ValueError(f"there is no instance {name!r}: one of {', '.join(INSTANCES)}")
    programme, planted = planted_real() if name == "igf2020" else generate(SESSIONS, FILL[name], seed)
    programme, planted = enriched(programme, planted, seed)
    check(programme, planted)
    return programme, planted


def check(programme: Programme, schedule: Schedule) -> None:
    """Raise RuntimeError if a schedule breaks a hard rule."""
    broken = audit(programme, schedule).hard
    if broken:
        raise RuntimeError(f"{schedule.label or 'the schedule'} of {programme.title} breaks {len(broken)} hard rules: "
                           + "; ".join(finding.sentence for finding in broken[:3]))


def planted_real() -> tuple[Programme, Schedule]:
    """Return the real programme, its ceremonies in two rooms, and a schedule that obeys its hard rules."""
    programme = real_programme(frame_rules=True)
    programme = attrs.evolve(programme, sessions=[
        attrs.evolve(session, room_count=OVERFLOW) if session.id in CEREMONIES else session
        for session in programme.sessions
    ])
    return programme, _Filling(programme).filled()


class _Filling:
    """Sessions of the real programme put into its days one after another."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.blocks = {day: (start, end) for day, start, end in programme.window.blocks}
        self.by_room: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.by_person: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.load: dict[date, int] = dict.fromkeys(self.blocks, 0)
        self.main: list[tuple[int, int]] = []
        self.opening_end = self.closing_start = 0
        self.placements: list[Placement] = []

    def filled(self) -> Schedule:
        """Return the schedule; RuntimeError if a session finds no place."""
        opening, closing = (self.programme.session(id) for id in CEREMONIES)
        first, last = min(self.programme.window.phase(opening.phases[0]).days), max(self.blocks)
        self._put(opening, first, self.blocks[first][0])
        self._put(closing, last, self.blocks[last][1] - closing.duration)
        self.opening_end = self.placements[0].minutes[1]
        self.closing_start = self.placements[1].minutes[0]
        rest = [session for session in self.programme.sessions if session.id not in CEREMONIES]
        rest.sort(key=lambda session: (-session.duration, session.type != "main", session.id))
        for session in rest:
            self._place(session)
        return Schedule(self.placements, label="planted")

    def _place(self, session: Session) -> None:
        phases = [self.programme.window.phase(name) for name in session.phases]
        days = [day for day in self.blocks if not phases or any(day in phase.days for phase in phases)]
        for day in sorted(days, key=lambda day: (self.load[day], day)):
            start, end = self.blocks[day]
            usual = range(start + (USUAL_START - start % 1440) % 1440, end - session.duration + 1, STEP)
            early = range(usual.start - STEP, start - 1, -STEP)
            for at in (*usual, *early):
                if self._free(session, at) and self._put(session, day, at):
                    return
        raise RuntimeError(f"no place is left for {session.id}")

    def _free(self, session: Session, at: int) -> bool:
        here = (at, at + session.duration)
        if here[1] > self.closing_start or (at < self.opening_end and "phase 1" not in session.phases):
            return False
        if session.type == "main" and any(overlap(here, other) for other in self.main):
            return False
        rested = (here[0] - REST, here[1] + REST)
        return not any(overlap(rested, other) for person in session.required for other in self.by_person[person])

    def _put(self, session: Session, day: date, at: int) -> bool:
        """Put a session into the first rooms that are free; say whether there were enough."""
        held = (at, at + session.duration + self.programme.changeover)
        suitable = session.rooms or [room.id for room in self.programme.rooms if not room.reserved]
        rooms = [room for room in suitable if not any(overlap(held, other) for other in self.by_room[room])]
        rooms = rooms[:session.room_count]
        if len(rooms) < session.room_count:
            return False
        here = (at, at + session.duration)
        for room in rooms:
            self.by_room[room].append(held)
        for person in session.required:
            self.by_person[person].append(here)
        if session.type == "main":
            self.main.append(here)
        if not session.rooms:
            self.load[day] += session.duration
        self.placements.append(
            Placement(session=session.id, start=from_minute(at), duration=session.duration, rooms=rooms))
        return True
