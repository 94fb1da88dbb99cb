"""What a solution of the common instance breaks and costs: knows the file format, and no scheduler.

- `score`: every number by name; `hard` is the sum of what must be 0.
- `costs`, `allowed`: what each session costs in each slot, and in which slots its speakers are available.

As a program: `python -m peers.scorer INSTANCE.json SOLUTION.json [--base BASE.json]`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Instance = dict[str, Any]
Solution = Mapping[int, tuple[int, int]]
"""Slot and room by session id."""
HARD = ("unassigned", "cap", "room", "room_type", "track", "speaker_clash", "unavailable")


def score(instance: Instance, solution: Solution, base: Solution | None = None) -> dict[str, int]:
    """Return what a solution breaks, by kind, its `discomfort`, and against a base `moved` and `room_only`."""
    sessions, speakers = instance["sessions"], instance["speakers"]
    broken: Counter[str] = Counter(dict.fromkeys(HARD, 0))
    broken["unassigned"] = sum(session["id"] not in solution for session in sessions)
    by_slot: dict[int, list[int]] = defaultdict(list)
    for id, (slot, _) in solution.items():
        by_slot[slot].append(id)
    for slot, ids in by_slot.items():
        broken["cap"] += max(0, len(ids) - instance["parallel_cap"])
        broken["room"] += _beyond_one(solution[id][1] for id in ids)
        broken["track"] += _beyond_one(sessions[id]["track"] for id in ids)
        broken["speaker_clash"] += _beyond_one(speaker for id in ids for speaker in sessions[id]["speakers"])
        for id in ids:
            broken["room_type"] += solution[id][1] not in sessions[id]["rooms"]
            broken["unavailable"] += sum(slot in speakers[k]["unavailable"] for k in sessions[id]["speakers"])
    burden = burdens(instance, solution)
    found = {"hard": sum(broken.values()), **broken, "discomfort": sum(burden.values()),
             "max_speaker": max(burden.values(), default=0)}
    if base is not None:
        found["moved"] = sum(id not in solution or solution[id][0] != slot for id, (slot, _) in base.items())
        found["room_only"] = sum(
            id in solution and solution[id][0] == slot and solution[id][1] != room for id, (slot, room) in base.items())
    return found


def burdens(instance: Instance, solution: Solution) -> Counter[int]:
    """Return what each speaker carries, by id."""
    found: Counter[int] = Counter()
    for id, (slot, _) in solution.items():
        for speaker in instance["sessions"][id]["speakers"]:
            found[speaker] += penalty(instance, speaker, slot)
    return found


def penalty(instance: Instance, speaker: int, slot: int) -> int:
    """Return the penalty of a speaker's local hour in a slot."""
    hour = instance["slots"][slot]["utc_hour"] + instance["speakers"][speaker]["utc_offset"]
    return int(instance["penalty_by_local_hour"][hour % 24])


def costs(instance: Instance) -> list[list[int]]:
    """Return what each session costs in each slot, shape `(sessions, slots)`."""
    by_hour: dict[int, list[int]] = {}
    for speaker in instance["speakers"]:
        offset = speaker["utc_offset"]
        if offset not in by_hour:
            by_hour[offset] = [penalty(instance, speaker["id"], slot["id"]) for slot in instance["slots"]]
    return [
        [sum(column) for column in zip(*(by_hour[instance["speakers"][k]["utc_offset"]] for k in session["speakers"]),
                                       strict=True)] if session["speakers"] else [0] * len(instance["slots"])
        for session in instance["sessions"]
    ]


def allowed(instance: Instance) -> list[list[int]]:
    """Return the slots in which all speakers of a session are available, by session."""
    away = [set(speaker["unavailable"]) for speaker in instance["speakers"]]
    return [
        [slot["id"] for slot in instance["slots"] if not any(slot["id"] in away[k] for k in session["speakers"])]
        for session in instance["sessions"]
    ]


def read_instance(path: str | Path) -> Instance:
    """Return the instance of a file; ValueError if it is none."""
    with open(path, encoding="utf-8") as file:
        instance: Instance = json.load(file)
    needed = {"slots", "n_rooms", "parallel_cap", "sessions", "speakers", "penalty_by_local_hour"}
    if not isinstance(instance, dict) or needed - set(instance):
        raise ValueError(f"{path} is not an instance of the peers: it needs {', '.join(sorted(needed))}")
    for name in ("slots", "sessions", "speakers"):
        if [entry["id"] for entry in instance[name]] != list(range(len(instance[name]))):
            raise ValueError(f"{path}: the ids of {name} are 0, 1, 2, ... in their order")
    return instance


def read_solution(path: str | Path) -> dict[int, tuple[int, int]]:
    """Return the solution of a file; sessions without a place are left out."""
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    if not isinstance(content, dict):
        raise ValueError(f"{path} is not a solution: it maps each session to [slot, room]")
    return {int(id): (place[0], place[1]) for id, place in content.items() if place and place[0] is not None}


def write_solution(solution: Solution, path: str | Path) -> None:
    """Write a solution to a file."""
    text = json.dumps({str(id): list(solution[id]) for id in sorted(solution)})
    Path(path).write_text(text, encoding="utf-8")


def _beyond_one(values: Any) -> int:
    return sum(number - 1 for number in Counter(values).values())


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the score of a solution as one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("instance")
    parser.add_argument("solution")
    parser.add_argument("--base")
    given = parser.parse_args(arguments)
    base = None if given.base is None else read_solution(given.base)
    print(json.dumps(score(read_instance(given.instance), read_solution(given.solution), base)))


if __name__ == "__main__":
    main()
