"""What time it is: what has begun stays, and nothing is moved into the past."""

from __future__ import annotations

import pytest

from igfsched import Disruption, Placement, Planner, Programme, Schedule, Session, Window
from igfsched.changes import PersonUnavailable, SessionAdded, SessionDeclined, SessionResized
from igfsched.grid import Span, minute_of
from igfsched.programme import Person, Room

NOW = "2020-11-10T08:30Z"


@pytest.fixture
def planner() -> Planner:
    programme = Programme(
        window=Window.daily("2020-11-09", "2020-11-10", "08:00", "12:00"), rooms=[Room(id="r1")],
        people=[Person(id="p")],
        sessions=[Session(id="early", duration=30), Session(id="a", duration=60, people=["p"])],
    )
    schedule = Schedule([
        Placement(session="early", start="2020-11-10T08:00Z", duration=30, rooms="r1"),
        Placement(session="a", start="2020-11-10T09:00Z", duration=60, rooms="r1"),
    ])
    return Planner(programme, schedule, now=NOW)


def test_nobody_moves_into_the_past(planner):
    """Repairs, new sessions and ranked places lie after now."""
    absent = PersonUnavailable(person="p", spans=[Span("2020-11-10T09:00Z", "2020-11-10T09:30Z")])
    (move,) = planner.apply(absent).moves
    assert move.after.isoformat() > "2020-11-10T09:2"
    added = planner.apply(SessionAdded(session=Session(id="b", duration=30))).schedule.get("b")
    assert added is not None
    assert minute_of(added.start) > minute_of(planner.now)
    assert all(minute_of(place.start) > minute_of(planner.now) for place in planner.alternatives("a"))


def test_a_session_that_is_added_gets_a_room(planner):
    """Where there are rooms, a new session, and one with another length, is in one."""
    added = planner.apply(SessionAdded(session=Session(id="b", duration=30))).schedule.get("b")
    assert added is not None
    assert added.rooms == ("r1",)
    longer = planner.apply(SessionResized(session="a", duration=90)).schedule.get("a")
    assert longer is not None
    assert longer.rooms == ("r1",)


def test_what_runs_stays(planner):
    """A session that has begun stays where it is, whoever declines it."""
    repair = planner.apply(SessionDeclined(session="early"))
    assert not repair.moves
    assert repair.schedule.get("early") == planner.schedule.get("early")


def test_what_is_about_to_begin_stays():
    """Within the freeze nothing moves any more; what is soon is dear."""
    sessions = [Session(id="a", duration=30), Session(id="b", duration=30)]
    programme = Programme(window=Window.daily("2020-11-09", "2020-11-10", "08:00", "12:00"), sessions=sessions, cap=1)
    schedule = Schedule([Placement(session="a", start="2020-11-10T09:00Z", duration=30),
                         Placement(session="b", start="2020-11-10T11:00Z", duration=30)])
    frozen = Planner(programme, schedule, now=NOW, disruption=Disruption(freeze=60))
    assert not frozen.apply(SessionDeclined(session="a")).moves
    assert frozen.apply(SessionDeclined(session="b")).levels[1] == 4
    free = Planner(programme, schedule, now=NOW, disruption=Disruption(soon=[(60, 7)]))
    assert free.apply(SessionDeclined(session="a")).levels[1] == 7
    assert free.apply(SessionDeclined(session="b")).levels[1] == 1
