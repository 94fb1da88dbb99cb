"""What the programs of the peers share: their command line, their clock, and the line of JSON that they print.

- `arguments`: what a peer is asked for.
- `Log`: when which value was reached.
- `tell`: write the solution, print the line.
- `matched_rooms`: rooms for sessions whose slots are known, for peers that count rooms.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from peers.scorer import Instance, Solution, read_instance, read_solution, write_solution

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]


@frozen(kw_only=True)
class Question:
    """An instance to be solved, or a base of it to be repaired, within a limit."""

    instance: Instance
    base: dict[int, tuple[int, int]] | None
    seconds: float
    workers: int
    seed: int
    out: str | None


@define
class Log:
    """Seconds from the beginning at which a better schedule was reached: `(seconds, moved, discomfort)`."""

    began: float = field(factory=time.perf_counter)
    worked: float = field(factory=lambda: _cpu_seconds())
    reached: list[tuple[float, int, int]] = field(factory=list)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began

    @property
    def cpu_seconds(self) -> float:
        """Seconds of the processor, all threads and ended children added up."""
        return _cpu_seconds() - self.worked

    def note(self, moved: int, discomfort: int) -> None:
        if not self.reached or (moved, discomfort) < self.reached[-1][1:]:
            self.reached.append((round(self.seconds, 4), moved, discomfort))


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def arguments(description: str | None, given: Sequence[str] | None = None) -> Question:
    """Read the command line of a peer."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("instance")
    parser.add_argument("--seconds", type=float, default=60.0, help="limit (default %(default)s)")
    parser.add_argument("--out", help="file for the solution")
    parser.add_argument("--base", help="a solution that is to be repaired with the fewest moves")
    parser.add_argument("--workers", type=int, default=1, help="processor cores (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="default %(default)s")
    found = parser.parse_args(given)
    try:
        return Question(
            instance=read_instance(found.instance), base=None if found.base is None else read_solution(found.base),
            seconds=found.seconds, workers=found.workers, seed=found.seed, out=found.out,
        )
    except (OSError, ValueError) as error:
        parser.error(str(error))


def tell(peer: str, question: Question, log: Log, solution: Solution, **more: Any) -> None:
    """Write the solution to its file and print one line of JSON."""
    if question.out is not None:
        write_solution(solution, question.out)
    reached = log.reached
    least = min((moved for _, moved, _ in reached), default=None)
    print(json.dumps({
        "peer": peer, "seconds": round(log.seconds, 4), "cpu_s": round(log.cpu_seconds, 3),
        "first_valid_s": reached[0][0] if reached else None,
        "fewest_moves_s": next((s for s, moved, _ in reached if moved == least), None)
        if question.base is not None else None,
        "best_s": reached[-1][0] if reached else None, "peak_memory_mb": peak_memory(), **more, "log": reached,
    }, allow_nan=False))


def peak_memory() -> float | None:
    """Return the most memory that this process or a child of it has had, in units of 1024 * 1024 bytes."""
    if resource is None:
        return None
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(most / 1024 / (1024 if sys.platform == "darwin" else 1), 1)


def confined(instance: Instance) -> list[tuple[frozenset[int], list[int]]]:
    """Return sets of rooms, with the sessions that may use no others: the unions of the sets of all sessions.

    There are rooms for all sessions of a slot if none of these sets has more of them than rooms.
    """
    own = {session["id"]: frozenset(session["rooms"]) for session in instance["sessions"]}
    unions: set[frozenset[int]] = set()
    for rooms in set(own.values()):
        unions |= {rooms | other for other in unions} | {rooms}
    return [(union, [id for id, rooms in own.items() if rooms <= union]) for union in sorted(unions, key=sorted)]


def matched_rooms(instance: Instance, slots: Mapping[int, int], base: Solution | None = None) -> Solution:
    """Return slots with rooms; a session keeps the room of the base where it can. ValueError if there are too few."""
    by_slot: dict[int, list[int]] = defaultdict(list)
    for id, slot in slots.items():
        by_slot[slot].append(id)
    found: dict[int, tuple[int, int]] = {}
    for slot, ids in by_slot.items():
        holder: dict[int, int] = {}

        def seated(id: int, tried: set[int], holder: dict[int, int] = holder) -> bool:
            wanted = base[id][1] if base is not None and id in base else -1
            for room in sorted(instance["sessions"][id]["rooms"], key=lambda room: (room != wanted, room)):
                if room not in tried:
                    tried.add(room)
                    if room not in holder or seated(holder[room], tried):
                        holder[room] = id
                        return True
            return False

        for id in ids:
            if not seated(id, set()):
                raise ValueError(f"there are no rooms for the {len(ids)} sessions of slot {slot}")
        found.update({id: (slot, room) for room, id in holder.items()})
    return found


def groups(instance: Instance, ids: Iterable[int]) -> dict[tuple[str, int], list[int]]:
    """Return the sessions that exclude each other: those of a track, and those of a speaker."""
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for id in ids:
        session = instance["sessions"][id]
        for key in (("track", session["track"]), *(("speaker", k) for k in session["speakers"])):
            found[key].append(id)
    return {key: members for key, members in found.items() if len(members) > 1}
