"""The real programme of 2020: what the data files hold and how they are read."""

from __future__ import annotations

from collections import Counter
from datetime import date

import igf2020_data as igf
import pytest

import igfsched
from igfsched.grid import Span
from igfsched.programme import Programme
from igfsched.schedule import Schedule
from igfsched.selector import Selector


@pytest.fixture(scope="module")
def programme() -> Programme:
    return igf.programme(frame_rules=False)


@pytest.fixture(scope="module")
def held() -> Schedule:
    return igf.held()


def test_all_sessions_but_the_one_after_the_meeting(programme):
    """Of the 137 known sessions all are there but the open mic of 25 November."""
    assert len(programme.sessions) == 136
    assert "FEEDBACK-OPENMIC" not in programme.sessions_by_id


def test_window_is_the_twelve_working_days(programme):
    """The window has 12 working days in two phases, each open from 06:00 to 20:30 UTC."""
    blocks = programme.window.blocks
    assert len(blocks) == 12
    assert {end - start for _, start, end in blocks} == {14 * 60 + 30}
    assert [len(phase.days) for phase in programme.window.phases] == [5, 7]
    assert programme.window.phase("phase 2").days[0] == date(2020, 11, 9)


def test_phases_of_the_sessions(programme):
    """52 sessions belong to phase 1, 83 to phase 2, and the networking break to either."""
    assert Counter(session.phases for session in programme.sessions) == {("phase 1",): 52, ("phase 2",): 83, (): 1}
    assert programme.session("BPF-MEET").phases == ("phase 1",)
    assert programme.session("OF-42-REPEAT").phases == ("phase 2",)
    assert programme.session("NET-LANGUAGE").phases == ()


def test_lengths(programme):
    """Lengths are those of the slot, else those requested, else the usual ones of the type."""
    assert Counter(session.duration for session in programme.sessions) == {
        90: 80, 60: 47, 120: 3, 50: 1, 80: 1, 210: 1, 230: 1, 300: 1, 365: 1,
    }
    assert programme.session("WS-128").duration == 60, "requested 90, given 60"
    assert programme.session("WS-304").duration == 90, "requested 90, no slot seen"
    assert programme.session("CEREMONY-OPENING").duration == 90, "nothing seen"
    assert programme.session("NEWCOMERS-ORIENTATION").duration == 80, "nothing seen"


def test_rooms(programme):
    """Three rooms are for all, and the Polish one for the session that names it."""
    assert [room.id for room in programme.rooms if not room.reserved] == ["Room 1", "Room 2", "Room 3"]
    assert [session.id for session in programme.sessions if session.rooms] == ["PRE-85"]
    assert programme.room("Room Poland II").reserved


def test_people(programme):
    """598 people, 422 with an assumed zone, 38 not named; 73 of them are in more than one session."""
    assert len(programme.people) == 598
    assert sum(person.zone is not None for person in programme.people) == 422
    assert all(person.zone_assumed == (person.zone is not None) for person in programme.people)
    assert sum(person.placeholder for person in programme.people) == 38
    count = Counter(person for session in programme.sessions for person in session.attending)
    assert sum(number > 1 for number in count.values()) == 73
    assert all(session.required == session.attending for session in programme.sessions)


def test_held_slots_lie_inside_the_window(programme, held):
    """Each of the 98 published slots lies inside one opening block of its session's phase."""
    assert len(held) == 98
    phases = {day: phase.name for phase in programme.window.phases for day in phase.days}
    for placement in held:
        start, end = placement.minutes
        days = [day for day, opening, closing in programme.window.blocks if opening <= start and end <= closing]
        assert len(days) == 1, placement.session
        assert phases[days[0]] in (programme.session(placement.session).phases or tuple(phases.values()))
        assert placement.duration == programme.session(placement.session).duration


def test_held_rooms_are_those_recorded(programme, held):
    """82 of the slots have a room, each a room of the programme; the others have none."""
    assert Counter(len(placement.rooms) for placement in held) == {1: 82, 0: 16}
    assert {room for placement in held for room in placement.rooms} == {room.id for room in programme.rooms}


def test_held_programme_has_exactly_the_held_sessions(programme, held):
    """The programme as held is the part of the whole one that has a slot, with the people of that part."""
    part = igf.held_programme(frame_rules=False)
    assert {session.id for session in part.sessions} == set(held.by_session)
    assert all(session == programme.session(session.id) for session in part.sessions)
    assert {person.id for person in part.people} == {p for session in part.sessions for p in session.attending}
    assert part.window == programme.window


def test_rules_of_the_frame(programme):
    """The opening comes before all of phase 2, the closing after everything, main sessions and OF-42 stand apart."""
    rules = {rule.key: rule for rule in igf.programme().rules}
    assert all(rule.hard for rule in rules.values())

    def ids(selector: Selector) -> set[str]:
        return {session.id for session in programme.select(selector)}

    everything = set(programme.sessions_by_id)
    of_phase_2 = {session.id for session in programme.sessions if session.phases == ("phase 2",)}
    assert ids(rules["parallel_cap"].selector) == everything - {"PRE-85"}
    assert ids(rules["before:opening first"].first) == ids(rules["plenary:opening"].selector) == {"CEREMONY-OPENING"}
    assert ids(rules["before:opening first"].then) == of_phase_2 - {"CEREMONY-OPENING"}
    assert ids(rules["before:closing last"].first) == everything - {"HLL-CLOSING"}
    assert ids(rules["before:closing last"].then) == ids(rules["plenary:closing"].selector) == {"HLL-CLOSING"}
    assert ids(rules["before:held again later"].first) == {"OF-42"}
    assert ids(rules["different_days:held again on another day"].selector) == {"OF-42", "OF-42-REPEAT"}
    assert ids(rules["apart:main sessions"].selector) == {id for id in everything if id.startswith("MAIN-")}


def test_ceremonies_are_on_their_days(programme):
    """The opening may only be on 9 November and the closing only on 17 November."""
    assert [str(span) for span in programme.session("CEREMONY-OPENING").allowed] == [
        "2020-11-09T06:00Z to 2020-11-09T20:30Z"
    ]
    assert [str(span) for span in programme.session("HLL-CLOSING").allowed] == [
        "2020-11-17T06:00Z to 2020-11-17T20:30Z"
    ]


def test_held_schedule_breaks_no_rule_but_the_grid(held):
    """Four pre-events started between two starts of the grid; otherwise what was held keeps all rules."""
    audit = igfsched.audit(igf.held_programme(), held)
    broken = {(finding.rule, finding.sessions) for finding in audit.findings if finding.level == "hard"}
    assert broken == {("grid", (id,)) for id in ("PRE-INTEROP", "PRE-1", "PRE-19", "PRE-47")}


def test_files_name_no_real_person():
    """People have numbers only: the table of people has no column with a name."""
    header = (igf.DATA / "people.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "person_id,region,stakeholder_group,country,name_known"


def test_wishes_are_added_on_demand(programme):
    """Topics come from the titles, asked hours from the zones of organisers; without `wishes` there are none."""
    assert not any(session.tags or session.preferred for session in programme.sessions)
    wished = igf.programme(wishes=True)
    by_id = wished.sessions_by_id
    assert by_id["WS-317"].tags == ("health", "infrastructure", "security")
    assert by_id["WS-326"].tags == ("infrastructure",)
    assert by_id["CEREMONY-OPENING"].tags == ()
    assert 100 <= sum(bool(session.tags) for session in wished.sessions) < 136
    zones = {person.id: person.zone for person in wished.people}
    asking = {session.id: session for session in wished.sessions if session.preferred}
    assert len(asking) == 60
    for session in asking.values():
        zone = next(zones[role.person] for role in session.people if role.role == "organizer" and zones[role.person])
        assert session.preferred[0] == Span.local("2020-11-02T08:00", "2020-11-02T20:00", zone)
