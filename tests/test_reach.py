"""Reach: the part of the expected audience that has comfortable hours."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igfsched import Band, Person, Placement, Programme, Schedule, Session, Share, Window, audit, report
from igfsched.fairness import fairness_report
from igfsched.programme import Track
from igfsched.reach import reach
from igfsched.rules import Comfort
from igfsched.timetable import Timetable

DAY = "2020-11-09"
PEOPLE = (
    Person(id="p1", zone="Asia/Tokyo", region="Asia"), Person(id="p2", zone="Asia/Tokyo", region="Asia"),
    Person(id="p3", zone="Asia/Kolkata", region="Asia"), Person(id="p4", zone="UTC", region="Europe"),
    Person(id="p5", region="Nowhere"),
)


def event(**changes: object) -> Programme:
    values: dict[str, object] = {
        "window": Window.daily(DAY, DAY), "people": PEOPLE,
        "audience": [Share(people=30, region="Asia"), Share(people=10, zone="UTC")],
        "sessions": [Session(id="a", duration=60, track="data"), Session(id="b", duration=120)],
    }
    return Programme(**(values | changes))  # type: ignore[arg-type]


def at(a: str, b: str) -> Schedule:
    return Schedule([Placement(session="a", start=f"{DAY}T{a}Z", duration=60),
                     Placement(session="b", start=f"{DAY}T{b}Z", duration=120)])


def test_the_share_is_weighted_by_people_and_minutes() -> None:
    """a at 10:00 UTC reaches UTC and India (15:30) but not Japan (19:00); b at 20:00 UTC reaches nobody."""
    found = reach(Timetable(event(), at("10:00", "20:00")))
    # 30 people of Asia: two thirds in Japan, one third in India, as the people of the programme.
    by_session = {one.name: one for one in found.sessions}
    assert by_session["a"].share == pytest.approx((10 + 10) / 40)
    assert by_session["b"].share == 0
    assert found.total.share == pytest.approx(20 * 60 / (40 * 60 + 40 * 120))
    assert {one.name: one.share for one in found.tracks} == {"data": pytest.approx(0.5), "": 0.0}
    assert [(one.name, one.share) for one in found.parts] == [
        ("Asia", pytest.approx(10 * 60 / (30 * 180))), ("UTC", pytest.approx(10 * 60 / (10 * 180)))]


def test_part_of_a_session_counts_by_the_minute() -> None:
    """A session from 17:30 to 18:30 local time reaches for half an hour."""
    found = reach(Timetable(event(audience=[Share(people=7, zone="UTC")]), at("17:30", "20:00")))
    assert found.sessions[0].share == 0.5


def test_a_session_may_have_an_audience_of_its_own() -> None:
    """The audience of a session takes the place of the programme's."""
    own = Session(id="a", duration=60, audience=[Share(people=5, zone="Asia/Tokyo")])
    found = reach(Timetable(event(sessions=[own, event().sessions[1]]), at("02:00", "20:00")))
    assert (found.sessions[0].share, found.sessions[0].expected) == (1.0, 300)


def test_prerecorded_sessions_expect_nobody() -> None:
    """People watch a prerecorded session when they like."""
    films = [attrs.evolve(session, prerecorded=True) for session in event().sessions]
    assert reach(Timetable(event(sessions=films), at("10:00", "20:00"))).total.share is None
    found = reach(Timetable(event(sessions=[event().sessions[0], films[1]]), at("10:00", "20:00")))
    assert [one.name for one in found.sessions] == ["a"]


def test_regions_of_unknown_zones_say_nothing() -> None:
    """A region in which nobody's zone is known is not guessed: its minutes are unknown, and no share is told."""
    found = reach(Timetable(event(audience=[Share(people=5, region="Nowhere"), Share(people=5, region="Europe")]),
                            at("10:00", "20:00")))
    assert (found.total.unknown, found.total.expected) == (5 * 180, 5 * 180)
    assert {one.name: one.share for one in found.parts} == {"Europe": pytest.approx(1 / 3), "Nowhere": None}
    assert "unknown" in report(audit(event(audience=[Share(people=5, region="Nowhere")]), at("10:00", "20:00"))).text()


def test_comfortable_is_what_the_rule_says() -> None:
    """The bands of the comfort rule that holds decide, in the audit as in the rule."""
    late = (Band(start="00:00", end="19:00", price=5), Band(start="19:00", end="24:00", price=0))
    programme = event(rules=[Comfort(bands=late)], audience=[Share(people=1, zone="UTC")])
    assert audit(programme, at("10:00", "20:00")).reach.total.share == pytest.approx(120 / 180)
    assert audit(event(audience=[Share(people=1, zone="UTC")]), at("10:00", "20:00")).reach.total.share == (
        pytest.approx(60 / 180))


def test_reports_tell_it() -> None:
    """The report of a schedule has it where an audience is expected, and so has the one of two side by side."""
    one, two = (audit(event(), at(hour, "20:00")) for hour in ("10:00", "04:00"))
    assert "Reach: the expected audience in comfortable hours" in report(one).text()
    assert report(one).to_dict()["reach"]["total"]["share"] == 0.1667
    text = fairness_report({"held": one, "better": two}).text()
    assert ["all", "16.7%", "25.0%"] in [line.split() for line in text.splitlines()]
    without = audit(event(audience=[]), at("10:00", "20:00"))
    assert "Reach" not in report(without).text()
    assert report(without).to_dict()["reach"] is None


@given(st.integers(0, 23), st.integers(0, 22), st.integers(1, 9))
def test_reach_does_not_depend_on_the_size_of_the_audience(a: int, b: int, factor: int) -> None:
    """Ten times as many people everywhere are reached in the same parts; the share lies between 0 and 1."""
    programme = event()
    larger = attrs.evolve(programme, audience=[attrs.evolve(s, people=s.people * factor) for s in programme.audience])
    one, other = (reach(Timetable(p, at(f"{a:02}:00", f"{b:02}:00"))) for p in (programme, larger))
    assert one.total.share == pytest.approx(other.total.share)
    assert one.total.share is not None
    assert 0 <= one.total.share <= 1
    assert one.total.expected == sum(part.expected for part in one.parts) == sum(s.expected for s in one.sessions)
    assert one.total.reached == sum(part.reached for part in one.parts) == sum(t.reached for t in one.tracks)


def test_the_audience_of_a_track_is_that_of_its_sessions():
    """A session without an audience of its own expects that of its track."""
    programme = Programme(
        window=Window.daily("2020-11-09", "2020-11-09", "08:00", "20:00"),
        tracks=[Track(id="data", audience=[Share(zone="Asia/Tokyo", people=10)])],
        sessions=[Session(id="a", duration=60, track="data")],
    )
    schedule = Schedule([Placement(session="a", start="2020-11-09T15:00Z", duration=60)])
    found = reach(Timetable(programme, schedule))
    assert (found.total.expected, found.total.reached) == (600, 0)
