"""IGF 2020 as it was before some of its changes, and these changes: what is on record, and what is reconstructed.

- `announced`: the programme before the changes, and where its sessions were held or announced.
- `EVENTS`: the changes in the order of time, each with what the record says of it.

The data hold what was held in the end. So what a change did is taken back here: a session stands where it was first
announced, has the length that was asked for, is two sessions again; somebody without a name stands for a person
whom another one replaced. Sections 4 and 5 of `data/igf2020/NOTES.md` have the sources.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from functools import partial

import attrs
import igf2020_data as igf
from attrs import frozen

from igfsched import Person, Placement, Programme, Role, Schedule, Session, Span
from igfsched.changes import (
    Batch,
    Change,
    PersonReplaced,
    PersonUnavailable,
    SessionAdded,
    SessionMoved,
    SessionResized,
    SessionsMerged,
)

LAUNCH, MERGED, OTHER_HALF, GENDER, CONDITIONAL = "DC-ISSS", "WS-182", "WS-318", "BPF-GENDER", "WS-103"
SHORTENED = ("WS-59", "WS-128", "WS-210", "WS-234", "WS-290", "WS-323")
ANNOUNCED_LAUNCH, HELD_LAUNCH = "2020-11-04T08:40Z", "2020-11-06T09:10Z"
DECIDE_BY = "2020-09-15T00:00Z"

REPLACED = {
    "WS-119": (("p038", "speaker"), ("p039", "speaker"), ("p040", "speaker")),
    "WS-71": (("p701", "moderator"),),
    "WS-125": (("p646", "speaker"), ("p650", "moderator")),
}
"""Who came in, by session. How many they were and in which role is on record, which of the speakers is not."""

ON_RECORD, RECONSTRUCTED = "ON RECORD", "RECONSTRUCTED"

Changes = Callable[[Schedule], tuple[Change, ...]]
"""Changes that depend on where sessions are when they come."""


WHO = {"WS-119": "three speakers", "WS-71": "the moderator", "WS-125": "a speaker and the moderator"}


@frozen(kw_only=True)
class Event:
    """Changes that came together.

    - `kind`: ON RECORD or RECONSTRUCTED; `told`: what the record says, or what was made up.
    - `now`: the time at which it is repaired, if that matters.
    - `instead`: changes that were not made, to see what they would have cost.
    """

    title: str
    kind: str
    told: str
    changes: Changes
    now: str | None = None
    instead: Changes | None = None


def announced() -> tuple[Programme, Schedule]:
    """Return the programme before the changes, and the places that are known: of what was held, or announced."""
    whole = igf.programme(frame_rules=False)
    days = _days()
    sessions = [_before(session, days) for session in whole.sessions if session.id != igf.FORUM_AGAIN]
    half = attrs.evolve(whole.session(MERGED), id=OTHER_HALF, people=_people_of(whole, MERGED)[1::2],
                        allowed=_on("2020-11-09"), title="")
    sessions = [attrs.evolve(s, people=_people_of(whole, MERGED)[::2], title="") if s.id == MERGED else s
                for s in sessions]
    sessions.append(half)
    people = (*whole.people, *(Person(id=_left(s, n)) for s, came in REPLACED.items()
                               for n in range(len(came))))
    programme = attrs.evolve(whole, title="IGF 2020, before some changes", sessions=sessions, people=people,
                             rules=igf.order_rules([session.id for session in sessions]))
    places = [_announced_place(place) for place in igf.held() if place.session in programme.sessions_by_id]
    return programme, Schedule(places, label="as announced")


def _before(session: Session, days: dict[str, str]) -> Session:
    """Return a session as it was before the changes."""
    fields: dict[str, object] = {}
    if session.id in SHORTENED:
        fields["duration"] = 90
    if session.id in REPLACED:
        left = {role: _left(session.id, n) for n, role in enumerate(REPLACED[session.id])}
        fields["people"] = [attrs.evolve(role, person=left.get((role.person, role.role), role.person))
                            for role in session.people]
    if session.id in days and not session.allowed:
        fields["allowed"] = _on(days[session.id])
    return attrs.evolve(session, **fields)


def _announced_place(place: Placement) -> Placement:
    if place.session == LAUNCH:
        return attrs.evolve(place, start=ANNOUNCED_LAUNCH)
    return attrs.evolve(place, duration=90) if place.session in SHORTENED else place


def _days() -> dict[str, str]:
    """Return the day of each session of which the day is known and the time is not."""
    with (igf.DATA / "sessions.csv").open(encoding="utf-8", newline="") as file:
        return {row["session_id"]: row["actual_day"] for row in csv.DictReader(file)
                if row["actual_day"] and not (row["actual_start_utc"] and row["actual_end_utc"])}


def _on(day: str) -> tuple[Span, ...]:
    return (Span(f"{day}T06:00Z", f"{day}T20:30Z"),)


def _people_of(programme: Programme, session: str) -> tuple[Role, ...]:
    return programme.session(session).people


def _left(session: str, number: int) -> str:
    return f"replaced-{session}-{number + 1}"


def _unavailable(session: str, schedule: Schedule) -> tuple[Change, ...]:
    """Return the changes by which people cannot be in a session where it is."""
    place = schedule.by_session[session]
    return tuple(PersonUnavailable(person=_left(session, number), spans=[Span(place.start, place.end)])
                 for number in range(len(REPLACED[session])))


def _replaced(session: str, schedule: Schedule) -> tuple[Change, ...]:
    """Return the changes by which these people are replaced as well."""
    return _unavailable(session, schedule) + tuple(
        PersonReplaced(person=_left(session, number), by=person, session=session)
        for number, (person, _) in enumerate(REPLACED[session]))


def conditional() -> tuple[Change, ...]:
    """Return a proposal as a workshop that is conditional until a date, with its people."""
    with (igf.DATA / "candidates_unconfirmed.csv").open(encoding="utf-8", newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if row["session_id"] == CONDITIONAL]
    with (igf.DATA / "candidates_roles.csv").open(encoding="utf-8", newline="") as file:
        known = igf.programme().people_by_id
        people = [Role(person=role["person_id"], role=role["role"]) for role in csv.DictReader(file)
                  if role["session_id"] == CONDITIONAL and role["person_id"] in known]
    return (SessionAdded(session=Session(
        id=CONDITIONAL, type="workshop", title=row["title"], duration=int(row["requested_minutes"]), people=people,
        phases=[igf.PHASE_2], tentative=True, decide_by=DECIDE_BY,
    )),)


def held_again(by_hand: bool) -> tuple[Change, ...]:
    """Return the forum that is held again: anywhere on its day, or where it was held."""
    (again,) = [s for s in igf.programme().sessions if s.id == igf.FORUM_AGAIN]
    added = SessionAdded(session=attrs.evolve(again, allowed=_on("2020-11-10")))
    if not by_hand:
        return (added,)
    return (Batch(changes=[added, SessionMoved(session=again.id, start="2020-11-10T18:30Z", rooms=["Room 2"])]),)


def events() -> Iterable[Event]:
    """Return the changes in the order of time, but for the conditional workshop, which has two outcomes."""
    yield Event(
        title="Lengths cut from 90 to 60 minutes", kind=ON_RECORD,
        told=f"asked for 90 minutes, given 60: {', '.join(SHORTENED)}",
        changes=lambda _: tuple(SessionResized(session=id, duration=60) for id in SHORTENED),
    )
    yield Event(
        title="Two workshops become one", kind=ON_RECORD,
        told=f"{MERGED} and {OTHER_HALF} were merged into one slot of 90 minutes. Reconstructed: who was in which half",
        changes=lambda _: (SessionsMerged(sessions=[MERGED, OTHER_HALF]),),
    )
    yield Event(
        title="A launch is moved by two days", kind=ON_RECORD,
        told=f"{LAUNCH} was announced for 4 November, 09:40-11:10 CET, and held on 6 November, 09:10-10:40 UTC",
        changes=lambda _: (SessionMoved(session=LAUNCH, start=HELD_LAUNCH, rooms=["Room 1"]),),
    )
    for session, who in WHO.items():
        yield Event(
            title=f"{who.capitalize()} of {session} cannot be there", kind=ON_RECORD,
            told=f"{who} replaced for a conflict of schedule. Reconstructed: which of those who came in came for whom",
            changes=partial(_replaced, session), instead=partial(_unavailable, session),
        )
    yield Event(
        title="A forum is held again four days later", kind=ON_RECORD, now="2020-11-07T08:00Z",
        told=f"{igf.FORUM} was cut short on 6 November; {igf.FORUM_AGAIN}: 10 November, 18:30-19:30 UTC, Room 2",
        changes=lambda _: held_again(True), instead=lambda _: held_again(False),
    )
    yield Event(
        title="A co-moderator is double-booked", kind=RECONSTRUCTED, now="2020-11-12T18:00Z",
        told=f"on record: a co-moderator of {GENDER} (13 November, 11:20 UTC) came late from another session. "
             "Reconstructed: which of the two, that the other session took until 11:50, and that somebody knew before",
        # From the first day on which the session could be: the past is no place for it.
        changes=lambda _: (PersonUnavailable(person="p092", spans=[Span("2020-11-09T06:00Z", "2020-11-13T11:50Z")]),),
    )
