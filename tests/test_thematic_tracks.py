"""examples/thematic_tracks.py: everything that it asks for holds in the schedule, read from times and rooms alone."""

from __future__ import annotations

from itertools import combinations

import attrs
import pytest
import thematic_tracks as example

from igfsched import InputError, Placement, Result, Schedule, audit, instant, solve
from igfsched.grid import overlap
from igfsched.planner import Repair
from igfsched.rules import Answer

PROGRAMME = example.programme()
TYPE = {session.id: session.type for session in PROGRAMME.sessions}
TRACK = {session.id: session.track for session in PROGRAMME.sessions}
TRACKS = ("Data", "Trust", "Access")
MEETINGS = ("Drafting 1", "Drafting 2", "Outreach 1", "Outreach 2")


@pytest.fixture(scope="module")
def result() -> Result:
    return solve(PROGRAMME, seconds=60, workers=1)


@pytest.fixture(scope="module")
def repair(result: Result) -> Repair:
    assert result.schedule is not None
    return example.declined(PROGRAMME, result.schedule)


@pytest.fixture(params=["solved", "repaired"])
def places(request: pytest.FixtureRequest, result: Result, repair: Repair) -> dict[str, Placement]:
    """Each claim holds of what was solved, and of what was repaired."""
    schedule = result.schedule if request.param == "solved" else repair.schedule
    assert schedule is not None
    return dict(schedule.by_session)


def of_type(places: dict[str, Placement], *types: str, track: str = "") -> list[Placement]:
    found = [place for id, place in places.items() if TYPE[id] in types and TRACK[id] == (track or TRACK[id])]
    assert found
    return found


def shared(a: Placement, b: Placement) -> int:
    return overlap(a.minutes, b.minutes)


def there(places: dict[str, Placement], place: Placement, person: str) -> bool:
    """Say whether a person is free for all of a session and no other session with a role needs the person."""
    start, end = place.minutes
    known = PROGRAMME.person(person)
    free = sum(overlap((start, end), span.minutes) for span in known.available) == end - start or not known.available
    busy = any(overlap((start, end), span.minutes) for span in known.busy)
    elsewhere = any(
        shared(place, places[session.id]) for session in PROGRAMME.sessions
        if session.id != place.session and not session.prerecorded
        and person in {role.person for role in session.people}
    )
    return free and not busy and not elsewhere


def test_it_is_proven_and_valid(result: Result) -> None:
    """The best schedule is found with proof, and every session is in it."""
    assert result.status == "optimal"
    assert result.audit is not None
    assert result.audit.valid
    assert result.schedule is not None
    assert len(result.schedule) == len(PROGRAMME.sessions)


@pytest.mark.parametrize("track", TRACKS)
def test_a_track_begins_with_its_introduction_and_ends_with_its_conclusion(
    places: dict[str, Placement], track: str,
) -> None:
    """The introductory session is over before the first workshop of the track; the concluding one is after the last."""
    (first,), (last,) = of_type(places, "introductory", track=track), of_type(places, "concluding", track=track)
    workshops = of_type(places, "workshop", track=track)
    assert len(workshops) == 2
    assert first.end <= min(place.start for place in workshops)
    assert last.start >= max(place.end for place in workshops)


@pytest.mark.parametrize("track", TRACKS)
def test_the_organisers_of_a_track_are_at_both_ends(places: dict[str, Placement], track: str) -> None:
    """Whoever organises a workshop of the track is free for all of its two ends."""
    organisers = [person for workshop, person in example.WORKSHOPS.items() if TRACK[workshop] == track]
    assert len(organisers) == 2
    for end in of_type(places, "introductory", "concluding", track=track):
        assert all(there(places, end, person) for person in organisers), end


@pytest.mark.parametrize(("session", "group", "least"), [
    ("Data concluding", "Data", 3), ("Trust concluding", "Trust", 3), ("Access concluding", "Access", 2),
    *((id, id, 2) for id in MEETINGS),
])
def test_groups_have_their_quorum(places: dict[str, Placement], session: str, group: str, least: int) -> None:
    """Enough members of the group can be at its meeting."""
    assert sum(there(places, places[session], person) for person in example.GROUPS[group]) >= least


def test_members_move_between_groups(places: dict[str, Placement]) -> None:
    """Some are in a thematic group and a working group, some change on Tuesday; what they share does not overlap."""
    groups = {
        name: {group for group, members in example.GROUPS.items() if name in members} for name in ("Cy", "Dai", "Gus")}
    assert groups == {"Cy": {"Trust", "Drafting 1", "Outreach 2"}, "Dai": {"Access", "Outreach 1", "Drafting 2"},
                      "Gus": {"Data", "Trust"}}
    for a, b in combinations(of_type(places, "introductory", "concluding", "meeting"), 2):
        assert not shared(a, b)


def test_working_groups_meet_on_their_days(places: dict[str, Placement]) -> None:
    """The first meeting is on Monday, the second, with the members that the group has then, on Tuesday."""
    for id in MEETINGS:
        assert str(places[id].start).startswith(example.MONDAY if id.endswith("1") else example.TUESDAY)


def test_the_solver_chooses_between_60_and_90_minutes(places: dict[str, Placement]) -> None:
    """All ends take 90 minutes but one: Fay, an organiser of its track, has one hour on that day."""
    lengths = {place.session: place.duration for place in of_type(places, "introductory", "concluding")}
    assert lengths.pop("Access introductory") == 60
    assert set(lengths.values()) == {90}


def test_the_plenary_comes_first_and_alone(places: dict[str, Placement]) -> None:
    """Nothing runs beside the plenary, and everything else starts after it."""
    (plenary,) = of_type(places, "plenary")
    assert all(place.start >= plenary.end for place in places.values() if place is not plenary)


def test_main_sessions_are_not_beside_each_other(places: dict[str, Placement]) -> None:
    """The two main sessions do not overlap."""
    one, other = of_type(places, "main")
    assert not shared(one, other)


def test_breakouts_have_two_rooms_at_once(places: dict[str, Placement]) -> None:
    """The breakouts use two rooms, in which nothing else runs meanwhile; the hall is only for those that name it."""
    breakouts = places["Breakouts"]
    assert set(breakouts.rooms) == {"Room 1", "Room 2"}
    for a, b in combinations(places.values(), 2):
        assert not (set(a.rooms) & set(b.rooms) and shared(a, b))
    assert {TYPE[place.session] for place in places.values() if "Hall" in place.rooms} <= {"plenary", "main"}


def test_a_prerecorded_session_runs_without_its_people(places: dict[str, Placement]) -> None:
    """The film is shown while its author is on a plane, and that is no finding."""
    film, author = places["Film"], PROGRAMME.person("Hai")
    assert not there(places, film, "Hai")
    assert sum(overlap(film.minutes, span.minutes) for span in author.busy) == film.duration
    live = attrs.evolve(PROGRAMME, sessions=[
        attrs.evolve(session, prerecorded=False) for session in PROGRAMME.sessions])
    found = audit(live, Schedule(places.values())).hard
    assert [(finding.rule, finding.sessions) for finding in found] == [("person_availability", ("Film",))]


def test_the_answers_are_heard(result: Result) -> None:
    """Who said yes, or nothing yet, keeps the start; who said no and gave other times gets one of these."""
    assert result.schedule is not None
    for answer in example.ANSWERS:
        place = result.schedule.by_session[answer.session]
        if answer.answer == "declined":
            assert place.start != answer.start
            assert any(span.start <= place.start and place.end <= span.end for span in answer.times)
        else:
            assert place.start == answer.start
    assert {answer.answer for answer in example.ANSWERS} == {"accepted", "declined", "waiting"}


def moved(repair: Repair) -> set[str]:
    return {move.session for move in repair.moves}


def test_who_has_not_answered_makes_way(result: Result, repair: Repair) -> None:
    """Eli gets the only hour left. Of the two in it the one that has not answered goes; two moves are the fewest."""
    assert repair.status == "repaired"
    assert repair.proof.moves
    assert repair.proof.score
    assert moved(repair) == {"Data 2", "Access 2"}
    assert repair.audit().valid
    assert repair.schedule.by_session["Data 2"].start == instant(f"{example.TUESDAY}T10:00Z")
    cost = {score.rule: score.cost for score in repair.audit().score_by_rule}["answers"]
    assert cost == 2 * example.PRICE  # Data 2 and Access 2 were waiting for their answers


def test_the_answers_set_the_price(result: Result) -> None:
    """With the two answers exchanged, the other one makes way."""
    ten = instant(f"{example.TUESDAY}T10:00Z")
    exchange = {"accepted": "waiting", "waiting": "accepted"}
    answers = [attrs.evolve(one, answer=exchange[one.answer]) if one.start == ten else one for one in example.ANSWERS]
    assert {one.session for one in answers if one.start == ten} == {"Trust 2", "Access 2"}
    assert result.schedule is not None
    other = example.declined(example.programme(answers), result.schedule)
    assert moved(other) == {"Data 2", "Trust 2"}


@pytest.mark.parametrize(("session", "start", "minutes", "rules"), [
    ("Data introductory", f"{example.MONDAY}T12:30Z", 90, {"before:beginning", "attendance"}),
    ("Trust concluding", f"{example.TUESDAY}T08:00Z", 90, {"before:end"}),
    ("Access introductory", f"{example.MONDAY}T09:00Z", 90, {"attendance"}),
    ("Main 2", f"{example.MONDAY}T08:30Z", 60, {"plenary", "before:opening"}),
    ("Film", f"{example.MONDAY}T09:00Z", 45, {"duration"}),
    ("Outreach 1", f"{example.TUESDAY}T08:00Z", 60, {"phase"}),
])
def test_a_wrong_move_is_found(result: Result, session: str, start: str, minutes: int, rules: set[str]) -> None:
    """The claims above are no accident: a place that breaks one is a finding of the rule that says so."""
    assert result.schedule is not None
    there = result.schedule.by_session[session]
    wrong = attrs.evolve(there, start=start, duration=minutes)
    schedule = Schedule([place for place in result.schedule if place.session != session] + [wrong])
    assert rules <= {finding.rule for finding in audit(PROGRAMME, schedule).hard}


def test_main_sessions_beside_each_other_are_found(result: Result) -> None:
    """Two main sessions at once, in different rooms, are a finding of `apart:main` with the minutes shared."""
    assert result.schedule is not None
    one = result.schedule.by_session["Main 1"]
    beside = attrs.evolve(result.schedule.by_session["Main 2"], start=one.start, rooms="Room 1")
    schedule = Schedule([place for place in result.schedule if place.session != "Main 2"] + [beside])
    (found,) = (finding for finding in audit(PROGRAMME, schedule).hard if finding.rule == "apart:main")
    assert found.amount == 60


def test_it_tells(capsys: pytest.CaptureFixture[str]) -> None:
    """The example prints the score by rule, the timetable, the repair, and the answers that it goes against."""
    assert example.main(["--seconds", "60"]) == 0
    out = capsys.readouterr().out
    for line in ("optimal: no schedule has a better score", "quorum:Drafting 2", "The organiser of Data 2 declines",
                 "proven: fewest moves, then the best score", "Access 2 starts at Tue 04 Jun"):
        assert line in out


def test_answers_that_name_nothing_are_refused() -> None:
    """An answer about a session that there is none of is wrong input."""
    wrong = Answer(session="Data 3", start=f"{example.MONDAY}T12:00Z", answer="waiting")
    with pytest.raises(InputError, match="Data 3"):
        example.programme([wrong])
