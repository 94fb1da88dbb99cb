"""Common instances: drawn around a planted schedule, so that each has a solution; and changes of them.

- `generate`: an instance of any size.
- `changed`: an instance in which some speakers lose the slot of one of their sessions.

As a program: `python -m peers.instance OUT.json --sessions 200 --days 12 --seed 1`, or
`python -m peers.instance OUT.json --of INSTANCE.json --base BASE.json --changes 10`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

from peers.scorer import Instance, Solution, allowed, read_instance, read_solution

SLOT_HOURS = {3: (7, 13, 19), 4: (6, 11, 16, 21), 6: (6, 9, 12, 15, 18, 21), 8: (0, 3, 6, 9, 12, 15, 18, 21)}
"""The hours of UTC of the slots of a day, by their number."""
SPEAKERS_BY_OFFSET = {
    -11: 1, -10: 1, -9: 1, -8: 5, -7: 3, -6: 4, -5: 9, -4: 6, -3: 8, -2: 1, -1: 1, 0: 7, 1: 14, 2: 10, 3: 9, 4: 3, 5: 5,
    6: 6, 7: 4, 8: 8, 9: 6, 10: 3, 11: 2, 12: 2,
}
"""Weights of whole hours from UTC, assumed: an event of the whole world with its centre of gravity in Europe."""
PENALTY = (10, 10, 10, 10, 10, 10, 6, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 6, 8)
"""By local hour, 0 to 23."""
SESSIONS_OF_A_SPEAKER = {1: 50, 2: 30, 3: 14, 4: 6}
INTERPRETATION_SHARE, INTERPRETATION_ROOMS = 0.3, 3
AWAY_DAY, AWAY_SLOT = 0.15, (0.0, 0.0, 0.1, 0.3)
"""How often a speaker is away for a day; and the share of further slots, one of these for each speaker."""
ATTEMPTS = 200


def generate(
    sessions: int = 200, days: int = 12, slots: int = 6, rooms: int = 5, cap: int = 4, speakers: int = 500,
    tracks: int = 10, seed: int = 1,
) -> Instance:
    """Return an instance with a solution; ValueError if none can be planted."""
    random_ = random.Random(seed)
    every_slot = [
        {"id": day * slots + number, "day": day, "utc_hour": hour, "start_utc": day * 24 + hour}
        for day in range(days) for number, hour in enumerate(SLOT_HOURS[slots])
    ]
    people = [
        {"id": k, "utc_offset": random_.choices(list(SPEAKERS_BY_OFFSET), list(SPEAKERS_BY_OFFSET.values()))[0]}
        for k in range(speakers)
    ]
    small = min(INTERPRETATION_ROOMS, rooms)
    items = [
        {"id": i, "track": i % tracks, "speakers": [],
         "rooms": list(range(small if random_.random() < INTERPRETATION_SHARE else rooms))}
        for i in range(sessions)
    ]
    for k in range(speakers):
        number = random_.choices(list(SESSIONS_OF_A_SPEAKER), list(SESSIONS_OF_A_SPEAKER.values()))[0]
        emptiest = sorted(items, key=lambda item: len(item["speakers"]) + 3 * random_.random())
        for item in emptiest[:number]:
            item["speakers"].append(k)
    planted = _planted(random_, items, len(every_slot), min(cap, rooms), small, rooms)
    kept: list[set[int]] = [set() for _ in people]
    for item in items:
        for k in item["speakers"]:
            kept[k].add(planted[item["id"]])
    for k, person in enumerate(people):
        away = {day for day in range(days) if random_.random() < AWAY_DAY}
        share = random_.choice(AWAY_SLOT)
        person["unavailable"] = [
            slot["id"] for slot in every_slot
            if (slot["day"] in away or random_.random() < share) and slot["id"] not in kept[k]
        ]
    return {
        "name": f"s{sessions}-d{days}x{slots}-r{rooms}-cap{cap}-k{speakers}-seed{seed}", "slots": every_slot,
        "n_rooms": rooms, "parallel_cap": cap, "sessions": items, "speakers": people,
        "penalty_by_local_hour": list(PENALTY),
    }


def _planted(
    random_: random.Random, items: Sequence[Instance], slots: int, cap: int, small: int, rooms: int,
) -> dict[int, int]:
    """Return a slot for each session, those with most speakers first, that breaks nothing."""
    for _ in range(ATTEMPTS):
        load, in_small = [0] * slots, [0] * slots
        taken: list[set[tuple[str, int]]] = [set() for _ in range(slots)]
        found: dict[int, int] = {}
        for item in sorted(items, key=lambda item: -len(item["speakers"])):
            needs = {("track", item["track"]), *(("speaker", k) for k in item["speakers"])}
            is_small = len(item["rooms"]) < rooms
            free = [slot for slot in range(slots) if load[slot] < cap and not taken[slot] & needs
                    and not (is_small and in_small[slot] >= small)]
            if not free:
                break
            slot = random_.choice(free)
            found[item["id"]] = slot
            load[slot] += 1
            in_small[slot] += is_small
            taken[slot] |= needs
        else:
            return found
    raise ValueError("no schedule could be planted: take fewer sessions, or more slots")


def changed(instance: Instance, base: Solution, number: int) -> tuple[Instance, list[tuple[int, int, int]]]:
    """Return an instance in which `number` speakers lose a slot, and who: `(speaker, slot, session)`.

    These are the speakers with the most sessions; each loses the slot in which the base has the first of them. A
    loss that would leave a session without any slot is passed over.
    """
    sessions_of = Counter(k for session in instance["sessions"] for k in session["speakers"])
    found, lost = deepcopy(instance), []
    for speaker in sorted(sessions_of, key=lambda k: (-sessions_of[k], k)):
        if len(lost) == number:
            break
        session = next(s["id"] for s in instance["sessions"] if speaker in s["speakers"])
        slot = base[session][0]
        if any(session == other for _, _, other in lost):
            continue
        before = list(found["speakers"][speaker]["unavailable"])
        found["speakers"][speaker]["unavailable"] = [*before, slot]
        if not allowed(found)[session]:
            found["speakers"][speaker]["unavailable"] = before
            continue
        lost.append((speaker, slot, session))
    return found, lost


def main(arguments: Sequence[str] | None = None) -> None:
    """Write an instance to a file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out")
    for name, default in (("sessions", 200), ("days", 12), ("slots", 6), ("rooms", 5), ("cap", 4), ("speakers", 500),
                          ("tracks", 10), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default, help="default %(default)s")
    parser.add_argument("--of", help="an instance that is to be changed")
    parser.add_argument("--base", help="a solution of it: who loses a slot loses one that is used")
    parser.add_argument("--changes", type=int, default=1, help="speakers who lose a slot (default %(default)s)")
    given = vars(parser.parse_args(arguments))
    out, of, base, changes = (given.pop(name) for name in ("out", "of", "base", "changes"))
    if of is not None:
        if base is None:
            parser.error("--of needs a --base")
        try:
            instance, lost = changed(read_instance(of), read_solution(base), changes)
        except (OSError, ValueError) as error:
            parser.error(str(error))
        Path(out).write_text(json.dumps(instance), encoding="utf-8")
        print(f"{instance.get('name', of)}: " + ", ".join(f"speaker {k} loses slot {slot}" for k, slot, _ in lost))
        return
    if given["slots"] not in SLOT_HOURS:
        parser.error(f"--slots is one of {', '.join(map(str, SLOT_HOURS))}")
    try:
        instance = generate(**given)
    except ValueError as error:
        parser.error(str(error))
    Path(out).write_text(json.dumps(instance), encoding="utf-8")
    print(instance["name"])


if __name__ == "__main__":
    main()
