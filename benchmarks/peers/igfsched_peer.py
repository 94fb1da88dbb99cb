"""The common instance as a programme of igfsched, through its public names alone.

- `programme_of`, `schedule_of`, `solution_of`: instance and solutions as igfsched's values, and back.
- `PER_HOUR`: what one penalty of the instance is in igfsched's comfort prices.
- `changes_since`: what a base breaks because speakers are away, as changes, and the programme before them.

One session lasts an hour. The penalty of a local hour is the price of each of its minutes, so a penalty of 1 is a
comfort of 60. Whole hours from UTC are the zones `Etc/GMT`, whose sign is that of the way to UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from attrs import evolve

from igfsched import Band, Person, Placement, Programme, Room, Rule, Schedule, Session, Span, Window
from igfsched.changes import PersonUnavailable
from igfsched.programme import Day, Grid
from igfsched.rules import Comfort, TrackParallel
from igfsched.rules.presets import default
from peers.scorer import Instance, Solution

PER_HOUR = 60
FIRST_DAY = datetime(2026, 11, 2, tzinfo=UTC)


def programme_of(instance: Instance) -> Programme:
    """Return an instance as a programme."""
    starts = [start_of(instance, slot["id"]) for slot in instance["slots"]]
    spans = [span_of(instance, slot["id"]) for slot in instance["slots"]]
    every_room = list(range(instance["n_rooms"]))
    return Programme(
        title=instance.get("name", ""), cap=instance["parallel_cap"], preset="none", rules=rules_of(instance),
        window=Window(days=[Day(date=day) for day in sorted({start.date() for start in starts})],
                      grid=Grid(starts=starts)),
        rooms=[Room(id=f"room {room}") for room in every_room],
        people=[Person(id=f"speaker {person['id']}", zone=zone_of(person["utc_offset"]),
                       busy=[spans[slot] for slot in person["unavailable"]])
                for person in instance["speakers"]],
        sessions=[Session(id=str(session["id"]), duration=PER_HOUR, track=f"track {session['track']}",
                          people=[f"speaker {k}" for k in session["speakers"]],
                          rooms=[] if session["rooms"] == every_room else [f"room {r}" for r in session["rooms"]])
                  for session in instance["sessions"]],
    )


def rules_of(instance: Instance) -> tuple[Rule, ...]:
    """Return the rules of an instance: every hard one of the preset, one of a track at a time, and comfort."""
    bands = [Band(start=f"{hour:02}:00", end=f"{(hour + 1) % 24:02}:00", price=price)
             for hour, price in enumerate(instance["penalty_by_local_hour"])]
    hard = [rule for rule in default() if rule.hard]
    return (*hard, TrackParallel(level="hard"), Comfort(tier=1, bands=bands))


def zone_of(offset: int) -> str:
    """Return the zone so many hours east of UTC."""
    return "Etc/GMT" if offset == 0 else f"Etc/GMT{-offset:+d}"


def start_of(instance: Instance, slot: int) -> datetime:
    return FIRST_DAY + timedelta(hours=instance["slots"][slot]["start_utc"])


def span_of(instance: Instance, slot: int) -> Span:
    start = start_of(instance, slot)
    return Span(start, start + timedelta(minutes=PER_HOUR))


def schedule_of(instance: Instance, solution: Solution) -> Schedule:
    """Return a solution as a schedule."""
    return Schedule([
        Placement(session=str(id), start=start_of(instance, slot), duration=PER_HOUR, rooms=f"room {room}")
        for id, (slot, room) in solution.items()
    ])


def solution_of(instance: Instance, schedule: Schedule) -> dict[int, tuple[int, int]]:
    """Return a schedule as a solution."""
    slot_at = {start_of(instance, slot["id"]): slot["id"] for slot in instance["slots"]}
    return {
        int(place.session): (slot_at[place.start], int(place.rooms[0].removeprefix("room "))) for place in schedule
    }


def changes_since(
    instance: Instance, base: Solution, programme: Programme,
) -> tuple[Programme, tuple[PersonUnavailable, ...]]:
    """Return a programme in which everybody can be where a base has them, and the changes that undo that.

    These are the absences of the instance that the base does not respect: what has come up since it was published.
    """
    lost: dict[str, list[Span]] = {}
    for session in instance["sessions"]:
        slot = base[session["id"]][0] if session["id"] in base else None
        for k in session["speakers"]:
            if slot in instance["speakers"][k]["unavailable"]:
                lost.setdefault(f"speaker {k}", []).append(span_of(instance, slot))
    before = evolve(programme, people=[
        evolve(person, busy=[span for span in person.busy if span not in lost[person.id]]) if person.id in lost
        else person for person in programme.people
    ])
    return before, tuple(PersonUnavailable(person=id, spans=spans) for id, spans in lost.items())
