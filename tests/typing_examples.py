"""Calls as users write them, for type checkers: what is right passes, and what is wrong is found.

mypy in strict mode also complains of a `type: ignore` that ignores nothing, so each of those at the end says
that a mistake is found.
"""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

from igfsched import (
    Audit,
    Band,
    Blackout,
    Clock,
    Day,
    Grid,
    Group,
    Period,
    Person,
    Phase,
    Placement,
    Profile,
    Programme,
    Progress,
    Result,
    Role,
    Room,
    Schedule,
    Selector,
    Series,
    Session,
    Share,
    Span,
    Team,
    TeamNeed,
    Track,
    WeeklyHours,
    Window,
    audit,
    compare,
    instant,
    read_programme,
    report,
    solve,
    write_programme,
)
from igfsched.rules import Apart, Before, Comfort, Compact, FairRegions, ParallelCap, Placed


def small_event() -> Result:
    """The small event of README."""
    programme = Programme(
        title="A small event",
        window=Window.daily("2020-11-09", "2020-11-09", "08:00", "20:00"),
        rooms=[Room(id="Room 1"), Room(id="Room 2")],
        people=[Person(id="Ana", zone="America/New_York"), Person(id="Bao", zone="Asia/Ho_Chi_Minh")],
        sessions=[
            Session(id="Opening", duration=60, people=["Ana", "Bao"]),
            Session(id="Data workshop", duration=90, people=["Ana"]),
            Session(id="Trust workshop", duration=90, people=["Bao"]),
        ],
    )
    draft = Schedule([
        Placement(session="Opening", start="2020-11-09T13:00Z", duration=60, rooms="Room 1"),
        Placement(session="Data workshop", start="2020-11-09T15:00Z", duration=90, rooms="Room 1"),
        Placement(session="Trust workshop", start="2020-11-09T13:30Z", duration=90, rooms="Room 2"),
    ])
    for finding in audit(programme, draft).hard:
        print(finding.sentence)
    result = solve(programme, seconds=10)
    if result.schedule is not None:
        print(result.summary(), result.schedule.summary(), sep="\n\n")
        print(report(audit(programme, result.schedule)))
        print(compare(draft, result.schedule).moved)
    return result


def large_event(ids: list[str], absences: tuple[Span, ...], path: Path) -> Programme:
    """Every class, with lists, tuples, generators and short forms."""
    morning = Clock("09:00", "12:00")
    window = Window(
        days=[Day(date="2020-11-09", hours=[morning, Clock("13:00", "18:00")]), Day(date=date(2020, 11, 10))],
        zone="Europe/Warsaw",
        phases=(Phase(name=name, days=[day]) for name, day in (("one", "2020-11-09"), ("two", "2020-11-10"))),
        blackouts=[Blackout(span=Span("2020-11-09T12:00Z", "2020-11-09T12:30Z"), reason="speech")],
        grid=Grid(step=15, starts=["2020-11-09T09:00Z", instant("2020-11-09T10:00[Europe/Paris]")]),
    )
    sessions = [
        Session(
            id=id, duration=60, other_durations=[45, 30], type="workshop", track="data", tags="youth",
            features=["captions"], people=[Role(person="Ana", role="moderator"), "Bao"], rooms=["Room 1"],
            teams=[TeamNeed(team="hosts")], fixed_start="2020-11-09T09:00Z", phases="one", allowed=absences,
            forbidden=[], preferred=list(absences), state="announced", decide_by=None,
            audience=[Share(people=30, region="Africa")],
        )
        for id in ids
    ]
    programme = Programme(
        window=window, sessions=sessions, cap=Profile(value=3, periods=[Period(value=2, hours=morning)]),
        rooms=[Room(id="Room 1", features={"captions"}, closed=list(absences))],
        people=(
            Person(id="Ana", zone="Europe/Paris", busy=absences, comfort=[Band(start="00:00", end="24:00", price=0)]),
            Person(id="Bao", zone="Asia/Tokyo", weekly=[WeeklyHours(hours=morning, weekdays=range(5))]),
        ),
        tracks=[Track(id="data", cap=1)], groups=[Group(id="all", members=["Ana", "Bao"])],
        teams=[Team(id="hosts", size=2), Team(id="captioners", size=Profile(value=1))],
        series=[Series(id="calls", sessions=ids)], audience=[Share(people=3, zone="UTC")],
        rules=[
            Placed(level="soft"), Apart(selector=Selector(types="main") & ~Selector(ids={"a"}), label="main"),
            Before(first=Selector(ids="a"), then=Selector(tags=["b"]), gap=10), Comfort(weight=2),
            FairRegions(measure="spread", weight=10), ParallelCap(cap=2), Compact(measure="last_end", tier=3),
        ],
    )
    write_programme(programme, path)
    return read_programme(str(path))


def listened(programme: Programme, stop: threading.Event) -> Audit | None:
    """A solve that is listened to and can be stopped."""

    def listener(progress: Progress) -> None:
        print(progress.seconds, progress.gap)

    result = solve(programme, listener=listener, cancel=stop, hint=Schedule(), workers=1, deterministic=True)
    return result.audit


def mistakes() -> None:
    """What a type checker should find."""
    Window(days=["2020-11-09"])  # type: ignore[list-item]
    Session(id="a", duration="60")  # type: ignore[arg-type]
    Session(id="a", duration=60, people=[Person(id="Ana")])  # type: ignore[list-item]
    Session(id="a", duration=60, state="held")  # type: ignore[arg-type]
    Programme(window=Window(days=()), sessions=[Room(id="a")])  # type: ignore[list-item]
    Person(id="Ana", busy=["2020-11-09"])  # type: ignore[list-item]
    Compact(measure="weeks")  # type: ignore[arg-type]
    Apart()  # type: ignore[call-arg]
