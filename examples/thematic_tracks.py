"""Thematic tracks with a beginning and an end, working groups whose members move, and organisers who answer.

    python examples/thematic_tracks.py [--seconds S]

Two days, three tracks. Each track is introduced on the first day and concluded on the second, with the organisers of
its workshops there. Before the programme is published they are asked; afterwards one of them declines.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from igfsched import (
    Grid,
    Group,
    Person,
    Phase,
    Planner,
    Programme,
    Repair,
    Result,
    Role,
    Room,
    Schedule,
    Selector,
    Session,
    Span,
    Window,
    report,
    solve,
)
from igfsched.changes import SessionDeclined
from igfsched.rules import Answer, Answers, Apart, Attendance, Before, DurationChoice, Plenary, Quorum

MONDAY, TUESDAY = "2030-06-03", "2030-06-04"
WORKSHOPS = {"Data 1": "Ana", "Data 2": "Eli", "Trust 1": "Bao", "Trust 2": "Cy", "Access 1": "Dai", "Access 2": "Fay"}
"""The workshops and their organisers; the first word is the track."""
GROUPS = {
    # thematic groups: Gus is in two of them
    "Data": ["Ana", "Eli", "Gus"], "Trust": ["Bao", "Cy", "Gus"], "Access": ["Dai", "Fay", "Hai"],
    # working groups, by day: on Tuesday Cy goes to Outreach and Dai comes to Drafting
    "Drafting 1": ["Ana", "Bao", "Cy"], "Drafting 2": ["Ana", "Bao", "Dai"],
    "Outreach 1": ["Dai", "Eli", "Fay"], "Outreach 2": ["Cy", "Eli", "Fay"],
}
ANSWERS = (
    Answer(session="Data 1", start=f"{MONDAY}T12:00Z", answer="accepted"),
    Answer(session="Data 2", start=f"{TUESDAY}T09:00Z", answer="waiting"),
    Answer(session="Trust 1", start=f"{MONDAY}T12:00Z", answer="declined",
           times=[Span(f"{MONDAY}T13:00Z", f"{MONDAY}T15:00Z")]),
    Answer(session="Trust 2", start=f"{TUESDAY}T10:00Z", answer="accepted"),
    Answer(session="Access 2", start=f"{TUESDAY}T10:00Z", answer="waiting"),
)
"""What the organisers said about the starts that they were asked about. Those of Access 1 were not asked."""
DECLINES = SessionDeclined(session="Data 2", times=[Span(f"{TUESDAY}T10:00Z", f"{TUESDAY}T11:00Z")])
"""The answer that was still to come: 10:00, when all rooms for workshops are taken, is the only time left."""
PRICE = 100
"""What a move costs in the first tier, and the weight of the prices of answers: 400 to move a session whose organisers
said yes, 200 if they have not answered yet, 100 if they were not asked."""


def programme(answers: Sequence[Answer] = ANSWERS) -> Programme:
    """Return the question: who there is, what they hold, and the rules."""
    return Programme(
        title="Thematic tracks",
        window=Window.daily(MONDAY, TUESDAY, "08:00", "17:00", grid=Grid(step=30), phases=[
            Phase(name="first", days=[MONDAY]), Phase(name="second", days=[TUESDAY])]),
        rooms=[Room(id="Hall", reserved=True), Room(id="Room 1"), Room(id="Room 2")],
        people=[
            Person(id="Ana", zone="Africa/Nairobi"), Person(id="Bao", zone="Asia/Kolkata"),
            Person(id="Cy", zone="Europe/Berlin"), Person(id="Dai", zone="Africa/Accra"),
            Person(id="Eli", zone="Europe/London"), Person(id="Gus", zone="America/Sao_Paulo"),
            # Fay has one hour on Monday, Hai is on a plane that day
            Person(id="Fay", zone="Africa/Cairo", available=[
                Span(f"{MONDAY}T09:00Z", f"{MONDAY}T10:00Z"), Span(f"{TUESDAY}T08:00Z", f"{TUESDAY}T17:00Z")]),
            Person(id="Hai", zone="Asia/Jakarta", busy=[Span(f"{MONDAY}T08:00Z", f"{MONDAY}T17:00Z")]),
        ],
        groups=[Group(id=id, members=members) for id, members in GROUPS.items()],
        sessions=[*_tracks(), *_meetings(), *_for_all()],
        rules=[*_rules(), Answers(answers=answers, tier=1, weight=PRICE)],
    )


def _tracks() -> list[Session]:
    """Return the sessions of the tracks: a beginning, workshops, an end. The ends may take 90 or 60 minutes."""
    ends = [
        Session(id=f"{track} {type}", type=type, track=track, duration=90, other_durations=[60], phases=[phase])
        for track in ("Data", "Trust", "Access")
        for type, phase in (("introductory", "first"), ("concluding", "second"))
    ]
    return ends + [
        Session(id=id, type="workshop", track=id.split()[0], duration=60,
                people=[Role(person=organiser, role="organizer")])
        for id, organiser in WORKSHOPS.items()
    ]


def _meetings() -> list[Session]:
    """Return the meetings of the working groups, one each day."""
    return [Session(id=id, type="meeting", duration=60, phases=["first" if id.endswith("1") else "second"])
            for id in GROUPS if id[-1].isdigit()]


def _for_all() -> list[Session]:
    """Return the plenary, main sessions, breakouts in two rooms at once, and a prerecorded session."""
    return [
        Session(id="Opening", type="plenary", duration=60, rooms=["Hall"]),
        Session(id="Main 1", type="main", duration=60, rooms=["Hall", "Room 1", "Room 2"]),
        Session(id="Main 2", type="main", duration=60, rooms=["Hall", "Room 1", "Room 2"]),
        Session(id="Breakouts", type="breakout", duration=60, people=["Gus"], room_count=2),
        Session(id="Film", type="film", duration=30, people=["Hai"], phases=["first"], prerecorded=True),
    ]


def _rules() -> list[Attendance | Quorum | Before | Apart | Plenary | DurationChoice]:
    opening, first, last = (Selector(types=type) for type in ("plenary", "introductory", "concluding"))
    workshops, meetings, main = (Selector(types=type) for type in ("workshop", "meeting", "main"))
    return [
        # who is there: all organisers of the track, and enough of the groups
        Attendance(level="hard", selector=first | last),
        *(Quorum(label=track, selector=last & Selector(tracks=track), group=track, least=3)
          for track in ("Data", "Trust")),
        Quorum(label="Access", selector=last & Selector(tracks="Access"), group="Access", least=2),
        *(Quorum(label=id, selector=Selector(ids=id), group=id, least=2) for id in GROUPS if id[-1].isdigit()),
        # what comes first
        Before(label="opening", first=opening, then=~opening),
        Before(label="beginning", first=first, then=workshops, by_track=True),
        Before(label="end", first=workshops, then=last, by_track=True),
        # what has a time to itself; a quorum does not know who sits in another group, so these meet apart
        Plenary(selector=opening),
        Apart(label="main", selector=main),
        Apart(label="groups", selector=first | last | meetings),
        DurationChoice(tier=2, selector=first | last),
    ]


def declined(asked: Programme, published: Schedule, seconds: float = 10) -> Repair:
    """Return the repair after an organiser has declined.

    A move costs `PRICE` and what the answers say. With that price both are minimised together, before anything else;
    without it the answers, as part of the score, would have their say only after moves and changes of rooms.
    """
    return Planner(asked, published).apply(DECLINES, seconds=seconds, price=PRICE)


def main(argv: Sequence[str] | None = None) -> int:
    """Solve, tell what was found, and repair; return the exit code."""
    parser = argparse.ArgumentParser(description="Thematic tracks with a beginning, an end and organisers who answer.")
    parser.add_argument("--seconds", type=float, default=20, metavar="S", help="time for the schedule (default: 20)")
    args = parser.parse_args(argv)
    asked = programme()
    result: Result = solve(asked, seconds=args.seconds)
    if result.schedule is None:
        print(result.summary(), file=sys.stderr)
        return 3
    print(report(result).text(brief=True), result.schedule.summary(), sep="\n")
    repair = declined(asked, result.schedule)
    print("", repair.summary(), sep="\n")
    print(*(finding.sentence for finding in repair.audit().findings if finding.rule == "answers"), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
