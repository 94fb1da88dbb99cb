"""The Internet Governance Forum of 2020 as values: what had to be placed, and what was held.

- `programme`: the 136 sessions that are known, in the frame of the meeting.
- `held`: the 98 published slots with start and end inside the window, as a schedule.
- `held_programme`: exactly those 98 sessions, in the same frame, with the lengths they were given.

The frame: 12 working days from 2 to 17 November 2020, 06:00 to 20:30 UTC, starts every 10 minutes, three
rooms, at most three sessions at a time, 10 minutes of changeover. The data and what is doubtful about them
are described in `data/igf2020/NOTES.md`. Time zones of people are assumed from their region or country.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

from igf2020_wishes import asked_hours, topics

from igfsched.grid import Span, instant, minute_of
from igfsched.programme import Grid, Person, Phase, Programme, Role, Room, Session, Track, Window
from igfsched.rule import Rule
from igfsched.rules import Apart, Before, DifferentDays, ParallelCap, Plenary
from igfsched.schedule import Placement, Schedule
from igfsched.selector import Selector

DATA = Path(__file__).parent / "data" / "igf2020"

PHASE_1, PHASE_2 = "phase 1", "phase 2"
FIRST_DAY, LAST_DAY, LAST_DAY_OF_PHASE_1 = "2020-11-02", "2020-11-17", "2020-11-06"
OPENING, CLOSING = "CEREMONY-OPENING", "HLL-CLOSING"
FORUM, FORUM_AGAIN = "OF-42", "OF-42-REPEAT"

# It was held a week after the programme.
OUTSIDE = ("FEEDBACK-OPENMIC",)

# The Polish community track ran beside the three rooms, in a room of its own and outside the cap.
POLISH, POLISH_ROOM = "PRE-85", "Room Poland II"

TYPES_OF_PHASE_1 = ("pre-event", "open-forum", "dynamic-coalition", "nri", "newcomers", "other")
TYPES_OF_EITHER_PHASE = ("networking",)
EXCEPTIONS = {"BPF-MEET": PHASE_1, FORUM_AGAIN: PHASE_2}

# Minutes, where neither a slot nor a request was seen.
USUAL_LENGTH = {
    "ceremony": 90, "newcomers": 80, "networking": 60, "pre-event": 60, "other": 60, "main": 90, "high-level": 90,
    "dynamic-coalition": 90, "workshop": 90, "open-forum": 60, "nri": 60,
}

TRACKS = {
    "data": "Data", "environment": "Environment", "inclusion": "Inclusion", "trust": "Trust",
    "digital-cooperation": "Digital cooperation",
}


def programme(
    cap: int | None = 3, *, rooms: int = 3, changeover: int = 10, frame_rules: bool = True,
    rules: Iterable[Rule] = (), preset: str = "default", wishes: bool = False,
) -> Programme:
    """Return the programme of the 136 sessions.

    - `cap`: most sessions at a time, PRE-85 not counted; None: no cap.
    - `rooms`: how many rooms there are beside the Polish one.
    - `changeover`: idle minutes of a room between two sessions.
    - `frame_rules`: whether the cap spares PRE-85 and the order rules of the meeting hold.
    - `rules`: further rules.
    - `wishes`: whether topics and hours that organisers ask for are added, see `igf2020_wishes`.
    """
    sessions = [_session(row, _length(row), wishes=wishes) for row in _session_rows()]
    people = tuple(_person(row) for row in _rows("people"))
    return _framed("IGF 2020", sessions, people, cap, rooms, changeover, frame_rules, rules, preset)


def held() -> Schedule:
    """Return the 98 published slots inside the window; no room where none was seen."""
    return Schedule(
        [
            Placement(
                session=row["session_id"], start=row["actual_start_utc"], duration=_held_length(row),
                rooms=(row["actual_room"],) if row["actual_room"] else (),
            )
            for row in _session_rows() if _was_seen(row)
        ],
        label="held",
    )


def held_programme(
    cap: int | None = 3, *, rooms: int = 3, changeover: int = 10, frame_rules: bool = True,
    rules: Iterable[Rule] = (), preset: str = "default", wishes: bool = False,
) -> Programme:
    """Return the programme of the sessions of `held`, with their people only; parameters as for `programme`.

    The opening ceremony and OF-42 have no slot in `held`, so the rules that name them are left out.
    """
    sessions = [_session(row, _held_length(row), wishes=wishes) for row in _session_rows() if _was_seen(row)]
    present = {person for session in sessions for person in session.attending}
    people = tuple(_person(row) for row in _rows("people") if row["person_id"] in present)
    return _framed("IGF 2020, as held", sessions, people, cap, rooms, changeover, frame_rules, rules, preset)


def order_rules(ids: Collection[str]) -> tuple[Rule, ...]:
    """Return the rules of the frame for a programme that has the sessions `ids`."""
    rules: list[Rule] = [Apart(selector=Selector(types="main"), label="main sessions")]
    if POLISH in ids:
        rules.append(ParallelCap(selector=~Selector(ids=POLISH)))
    if OPENING in ids:
        opening = Selector(ids=OPENING)
        rules += [
            Plenary(selector=opening, label="opening"),
            Before(first=opening, then=Selector(phases=PHASE_2) & ~opening, label="opening first"),
        ]
    if CLOSING in ids:
        closing = Selector(ids=CLOSING)
        rules += [
            Plenary(selector=closing, label="closing"),
            Before(first=~closing, then=closing, label="closing last"),
        ]
    if FORUM in ids and FORUM_AGAIN in ids:
        rules += [
            Before(first=Selector(ids=FORUM), then=Selector(ids=FORUM_AGAIN), label="held again later"),
            DifferentDays(selector=Selector(ids=(FORUM, FORUM_AGAIN)), label="held again on another day"),
        ]
    return tuple(rules)


def _framed(
    title: str, sessions: list[Session], people: tuple[Person, ...], cap: int | None, rooms: int, changeover: int,
    frame_rules: bool, rules: Iterable[Rule], preset: str,
) -> Programme:
    return Programme(
        title=title, window=_window(), sessions=sessions, people=people,
        rooms=[*(Room(id=f"Room {n}") for n in range(1, rooms + 1)), Room(id=POLISH_ROOM, reserved=True)],
        tracks=[Track(id=id, title=text) for id, text in TRACKS.items()],
        cap=cap, changeover=changeover, preset=preset,
        rules=(*(order_rules([session.id for session in sessions]) if frame_rules else ()), *rules),
    )


def _window() -> Window:
    days = Window.daily(FIRST_DAY, LAST_DAY, "06:00", "20:30").days
    dates = [day.date for day in days]
    first = [date for date in dates if date.isoformat() <= LAST_DAY_OF_PHASE_1]
    return Window(
        days=days, grid=Grid(step=10),
        phases=(Phase(name=PHASE_1, days=first), Phase(name=PHASE_2, days=dates[len(first):])),
    )


def _session(row: dict[str, str], duration: int, *, wishes: bool) -> Session:
    id = row["session_id"]
    return Session(
        id=id, duration=duration, title=row["title"], type=row["type"], track=row["track"], people=_roles().get(id, ()),
        rooms=(POLISH_ROOM,) if id == POLISH else (), phases=_phases(row), allowed=_allowed(id),
        tags=topics(row["title"]) if wishes else (), preferred=_asked(id) if wishes else (),
    )


def _asked(id: str) -> tuple[Span, ...]:
    """Return the hours that the first organiser with a zone is taken to ask for."""
    organisers = (role.person for role in _roles().get(id, ()) if role.role == "organizer")
    zone = next((_zones()[person] for person in organisers if person in _zones()), None)
    return asked_hours(zone, (day.date for day in _window().days)) if zone else ()


def _phases(row: dict[str, str]) -> tuple[str, ...]:
    if row["session_id"] in EXCEPTIONS:
        return (EXCEPTIONS[row["session_id"]],)
    if row["type"] in TYPES_OF_EITHER_PHASE:
        return ()
    return (PHASE_1 if row["type"] in TYPES_OF_PHASE_1 else PHASE_2,)


def _allowed(id: str) -> tuple[Span, ...]:
    day = {OPENING: "2020-11-09", CLOSING: LAST_DAY}.get(id)
    return (Span(f"{day}T06:00Z", f"{day}T20:30Z"),) if day else ()


def _length(row: dict[str, str]) -> int:
    if _was_seen(row):
        return _held_length(row)
    return int(row["requested_minutes"] or USUAL_LENGTH[row["type"]])


def _was_seen(row: dict[str, str]) -> bool:
    return bool(row["actual_start_utc"] and row["actual_end_utc"])


def _held_length(row: dict[str, str]) -> int:
    return minute_of(instant(row["actual_end_utc"])) - minute_of(instant(row["actual_start_utc"]))


def _person(row: dict[str, str]) -> Person:
    zone = _zones().get(row["person_id"])
    return Person(
        id=row["person_id"], zone=zone, zone_assumed=zone is not None, region=row["region"],
        stakeholder=row["stakeholder_group"], placeholder=row["name_known"] == "no",
    )


@cache
def _zones() -> dict[str, str]:
    return {row["person_id"]: row["zone"] for row in _rows("zones_assumed")}


@cache
def _roles() -> dict[str, tuple[Role, ...]]:
    found: dict[str, list[Role]] = defaultdict(list)
    for row in _rows("roles"):
        found[row["session_id"]].append(Role(person=row["person_id"], role=row["role"]))
    return {session: tuple(roles) for session, roles in found.items()}


def _session_rows() -> list[dict[str, str]]:
    return [row for row in _rows("sessions") if row["session_id"] not in OUTSIDE]


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
