"""What is copied from the real meeting of 2020, and the figures that show how alike a programme is.

- `real_programme`: the real one, of 136 sessions.
- `statistics`: figures of a programme, the same for a generated and for the real one.
- `real_sources`, `Sources`, `Template`: what a generator draws from.
"""

from __future__ import annotations

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from attrs import frozen

from igfsched.programme import Person, Phase, Programme, Session

PHASES = ("phase 1", "phase 2")
SHORTEST_SESSION, LENGTH_STEP, LONGEST_SESSION = 60, 30, 120


@frozen
class Template:
    """A real session to copy: `duties` are the roles of each of its people."""

    type: str
    track: str
    length: int
    duties: tuple[tuple[str, ...], ...]


@frozen
class Sources:
    """What is copied from the real programme."""

    templates: dict[str, list[Template]]  # by phase
    share_by_count: dict[int, float]  # people by the number of their sessions
    people: list[Person]  # those with a region and a zone
    people_by_region: dict[str, list[Person]]
    home_share: float  # people of a session who come from its home region, beyond chance
    placeholder_share: float


def real_programme(*, frame_rules: bool = False) -> Programme:
    """Return the real programme of 136 sessions, with or without the rules of its frame beside the preset's."""
    examples = str(Path(__file__).resolve().parent.parent / "examples")
    if examples not in sys.path:
        sys.path.append(examples)
    from igf2020_data import programme

    return programme(frame_rules=frame_rules)


def statistics(programme: Programme) -> dict[str, float]:
    """Return the figures of a programme by name; shares are between 0 and 1, lengths in minutes.

    Sessions with a reserved room count in none of the fills, regions only for people who have one, and
    people per session only for sessions that have people.
    """
    sessions, people = programme.sessions, programme.people_by_id
    sizes = [len(session.attending) for session in sessions if session.attending]
    counts = Counter(person for session in sessions for person in session.attending)
    regions = [person.region for person in programme.people if person.region]
    zones = {person.zone for person in programme.people} - {None}
    figures: dict[str, float] = {
        "sessions": len(sessions),
        "people": len(programme.people),
        "people in 2 or more sessions": _mean(count > 1 for count in counts.values()),
        "most sessions of one person": max(counts.values(), default=0),
        "people per session": _mean(sizes),
        "most people of one session": max(sizes, default=0),
        "placeholders": _mean(person.placeholder for person in programme.people),
        "people with absences": _mean(bool(person.busy) for person in programme.people),
        "people with a zone": _mean(person.zone is not None for person in programme.people),
        "zones": len(zones),
        "pairs of one region in a session": _same_region(sessions, people),
        "track known": _mean(bool(session.track) for session in sessions),
        "mean length": _mean(session.duration for session in sessions),
    }
    for length in (60, 90, 120):
        figures[f"length {length}"] = _mean(session.duration == length for session in sessions)
    for type in sorted({session.type for session in sessions}):
        figures[f"type {type}"] = _mean(session.type == type for session in sessions)
    for region in sorted(set(regions)):
        figures[f"region {region}"] = _mean(name == region for name in regions)
    figures["rooms"] = sum(not room.reserved for room in programme.rooms)
    figures["days"] = len(programme.window.days)
    for phase in programme.window.phases:
        figures[f"{phase.name}: days"] = len(phase.days)
        figures[f"{phase.name}: minutes a day"] = _mean(
            end - start for day, start, end in programme.window.blocks if day in phase.days
        )
        figures[f"{phase.name}: fill"] = _fill(programme, phase)
    return figures


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _same_region(sessions: Iterable[Session], people: dict[str, Person]) -> float:
    known = [[people[p].region for p in session.attending if people[p].region] for session in sessions]
    return _mean(a == b for regions in known for a, b in combinations(regions, 2))


def _fill(programme: Programme, phase: Phase) -> float:
    rooms = [room.id for room in programme.rooms if not room.reserved]
    needed = sum(
        session.duration + programme.changeover for session in programme.sessions
        if session.phases == (phase.name,) and (not session.rooms or set(session.rooms) & set(rooms))
    )
    there = sum(
        end - start + programme.changeover for day, start, end in programme.window.blocks if day in phase.days
    )
    return needed / (there * len(rooms))


def real_sources() -> Sources:
    """Return what a generator draws from; sessions bound to no phase count to phase 2."""
    programme = real_programme()
    duties = {session.id: _duties(session) for session in programme.sessions}
    by_type: dict[str, list[tuple[tuple[str, ...], ...]]] = defaultdict(list)
    for session in programme.sessions:
        if duties[session.id]:
            by_type[session.type].append(duties[session.id])
    templates: dict[str, list[Template]] = {phase: [] for phase in PHASES}
    for index, session in enumerate(programme.sessions):
        # What nobody is recorded for borrows from its type, by turns; a type without any from open forums.
        known = by_type[session.type] or by_type["open-forum"]
        templates[session.phases[0] if session.phases else PHASES[1]].append(Template(
            session.type, session.track, _usual_length(session.duration),
            duties[session.id] or known[index % len(known)],
        ))
    counts = Counter(person for session in programme.sessions for person in session.attending)
    frequency = Counter(counts.values())
    people = [person for person in programme.people if person.zone and person.region]
    by_region: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        by_region[person.region].append(person)
    by_chance = sum((len(group) / len(people)) ** 2 for group in by_region.values())
    same = _same_region(programme.sessions, programme.people_by_id)
    return Sources(
        templates=templates,
        share_by_count={count: number / len(counts) for count, number in sorted(frequency.items())},
        people=people, people_by_region=dict(by_region),
        # Two people share a region if both come from the home region on purpose, or by chance.
        home_share=math.sqrt(max(0.0, (same - by_chance) / (1 - by_chance))),
        placeholder_share=_mean(person.placeholder for person in programme.people),
    )


def _duties(session: Session) -> tuple[tuple[str, ...], ...]:
    found: dict[str, list[str]] = defaultdict(list)
    for role in session.people:
        found[role.person].append(role.role)
    return tuple(tuple(roles) for roles in found.values())


def _usual_length(minutes: int) -> int:
    steps = round((minutes - SHORTEST_SESSION) / LENGTH_STEP)
    return min(max(SHORTEST_SESSION + steps * LENGTH_STEP, SHORTEST_SESSION), LONGEST_SESSION)
