"""Audits: what they find, what they add up, and that they add it up right."""

from __future__ import annotations

import random
import time
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import programmes, schedules

from igfsched import InputError, Person, Placement, Programme, Role, Room, Schedule, Session, Track, Window, audit
from igfsched.comfort import DEFAULT_BANDS, price_by_minute
from igfsched.grid import from_minute, local_time
from igfsched.rules import CATALOGUE, Comfort, PersonClash, Placed, active_rules

DAY = "2020-11-09"


def event(**changes: Any) -> Programme:
    """Two sessions that share p1, one that nobody attends, and p4, who is in none."""
    values: dict[str, Any] = {
        "window": Window.daily(DAY, DAY, "08:00", "20:00"),
        "rooms": [Room(id="r1"), Room(id="r2")],
        "people": [
            Person(id="p1", zone="America/New_York", region="Americas"),
            Person(id="p2", zone="Asia/Tokyo", region="Asia"),
            Person(id="p3", region="Asia"),
            Person(id="p4", zone="Asia/Kolkata", region="Asia"),
        ],
        "sessions": [
            Session(id="a", duration=60, track="data", people=[Role(person="p1"), Role(person="p1", role="rapporteur"),
                                                               "p2"]),
            Session(id="b", duration=60, track="trust", people=["p1", "p3"]),
            Session(id="c", duration=30, priority=3),
        ],
    } | changes
    return Programme(**values)


def at(session: str, clock: str, duration: int = 60, room: str = "r1") -> Placement:
    return Placement(session=session, start=f"{DAY}T{clock}Z", duration=duration, rooms=room)


GOOD = Schedule([at("a", "14:00"), at("b", "15:00"), at("c", "16:00", 30)])
CLASH = Schedule([at("a", "14:00"), at("b", "14:30", room="r2"), at("c", "16:00", 30)])


def by_name(burdens: Any) -> dict[str, Any]:
    return {burden.name: burden for burden in burdens}


def test_a_good_schedule_is_valid() -> None:
    """A schedule without a hard finding is valid, and its score holds only what hours cost."""
    found = audit(event(), GOOD)
    assert found.valid
    assert found.hard == ()
    assert found.unplaced == ()
    assert [day.isoformat() for day in found.days_used] == [DAY]
    # p1: 09:00-10:00 and 10:00-11:00 in New York are free; p2: 23:00-24:00 in Tokyo costs 10 a minute.
    assert {s.rule: s.amount for s in found.score_by_rule}["comfort"] == 600
    assert found.score[0] == 0


def test_a_clash_is_a_hard_finding() -> None:
    """Somebody in two sessions at once is found, with people, sessions, times, and the person's own time."""
    found = audit(event(), CLASH)
    assert not found.valid
    (clash,) = found.hard
    assert (clash.rule, clash.amount, clash.cost, clash.people) == ("person_clash", 30, 0, ("p1",))
    assert set(clash.sessions) == {"a", "b"}
    assert "14:30 UTC" in clash.sentence
    assert "09:30 America/New_York" in clash.sentence


def test_unplaced_sessions_come_first_in_the_score() -> None:
    """What has no place is named, and its priority is the first tier of the score, whatever the level of `placed`."""
    for rules in ([], [Placed(level="soft", weight=7)]):
        found = audit(event(rules=rules), Schedule([at("a", "14:00")]))
        assert found.unplaced == ("b", "c")
        assert found.score[0] == 4
        assert found.valid == bool(rules)
    assert audit(event(rules=[Placed(level="off")]), Schedule()).score[0] == 3


def test_costs_add_up() -> None:
    """The score of a tier is the cost of its rules, which is weight times amount, which is that of the findings."""
    programme = event(rules=[Comfort(weight=3), Comfort(tier=2, label="again")])
    found = audit(programme, GOOD)
    scores = {score.rule: score for score in found.score_by_rule}
    assert (scores["comfort"].amount, scores["comfort"].cost) == (600, 1800)
    assert (scores["comfort:again"].tier, scores["comfort:again"].cost) == (2, 600)
    assert sum(f.cost for f in found.findings) == sum(s.cost for s in found.score_by_rule)
    for tier, cost in found.score.items():
        assert tier == 0 or cost == sum(s.cost for s in found.score_by_rule if s.level == "soft" and s.tier == tier)


def test_every_active_rule_is_named() -> None:
    """Rules that find nothing are in the score as well, rules that are off are not."""
    found = audit(event(rules=[PersonClash(level="off")]), CLASH)
    assert [s.rule for s in found.score_by_rule] == [rule.key for rule in active_rules(found.programme)]
    assert "person_clash" not in [s.rule for s in found.score_by_rule]
    assert found.valid


def test_burdens_by_person_region_track_day_and_role() -> None:
    """Prices, minutes, night minutes and sessions are added up for everybody and everything that carries them."""
    found = audit(event(), GOOD).burdens
    persons = by_name(found.persons)
    assert (persons["p2"].price, persons["p2"].night_minutes, persons["p2"].minutes, persons["p2"].sessions) == (
        600, 60, 60, 1)
    assert (persons["p1"].price, persons["p1"].minutes, persons["p1"].sessions) == (0, 120, 2)
    assert (persons["p3"].with_zone, persons["p3"].minutes, persons["p3"].mean_price) == (0, 60, None)
    assert found.persons[0].name == "p2"
    asia = by_name(found.regions)["Asia"]
    assert (asia.people, asia.with_zone, asia.price, asia.mean_price) == (3, 2, 600, 300)
    tracks = by_name(found.tracks)
    assert (tracks["data"].price, tracks["trust"].price, tracks[""].sessions) == (600, 0, 1)
    (day,) = found.days
    assert (day.name, day.sessions, day.people, day.minutes) == (DAY, 3, 3, 240)
    roles = by_name(found.roles)
    assert (roles["speaker"].minutes, roles["rapporteur"].minutes, roles["rapporteur"].people) == (240, 60, 1)
    assert (found.total.price, found.total.night_minutes, found.total.minutes) == (600, 60, 240)


def test_nobody_is_awake_for_a_recording() -> None:
    """A prerecorded session burdens nobody."""
    programme = event(sessions=[Session(id="a", duration=60, people=["p2"], prerecorded=True)])
    assert audit(programme, Schedule([at("a", "14:00")])).burdens.total.minutes == 0


def test_a_declared_track_without_sessions_is_no_burden() -> None:
    """Tracks are listed by their sessions."""
    programme = event(tracks=[Track(id="data"), Track(id="trust"), Track(id="empty")])
    assert [burden.name for burden in audit(programme, GOOD).burdens.tracks] == ["data", "trust", ""]


def test_unknown_names_are_refused() -> None:
    """A schedule that names what the programme lacks is wrong input, with the nearest name."""
    with pytest.raises(InputError, match="'room1' is not one of"):
        audit(event(), Schedule([at("a", "14:00", room="room1")]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_burdens_are_those_of_a_clock_on_the_wall(data: st.DataObject) -> None:
    """Prices and night minutes equal what is counted minute by minute on each person's clock, also across changes."""
    programme = data.draw(programmes())
    schedule = data.draw(schedules(programme))
    found = audit(programme, schedule)
    people = by_name(found.burdens.persons)
    for person in programme.people:
        mine = [p for p in schedule if person.id in programme.session(p.session).attending]
        assert people[person.id].sessions == len(mine)
        assert people[person.id].minutes == sum(p.duration for p in mine)
        if person.zone is None:
            continue
        price = price_by_minute(person.comfort or DEFAULT_BANDS)
        local = [local_time(minute, person.zone) for p in mine for minute in range(*p.minutes)]
        assert people[person.id].price == sum(int(price[clock.hour * 60 + clock.minute]) for clock in local)
        assert people[person.id].night_minutes == sum(clock.hour >= 23 or clock.hour < 7 for clock in local)
    burdens = found.burdens
    assert burdens.total.price == sum(b.price for b in burdens.persons) == sum(b.price for b in burdens.regions)
    assert burdens.total.price == sum(b.price for b in burdens.tracks) == sum(b.price for b in burdens.days)
    comfort = next(s for s in found.score_by_rule if s.rule == "comfort")
    assert burdens.total.price == comfort.amount


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_order_of_input_does_not_matter(data: st.DataObject) -> None:
    """Sessions, people and rooms in another order give the same score, burdens and hard findings."""
    programme = data.draw(programmes())
    schedule = data.draw(schedules(programme))
    turned = attrs.evolve(programme, sessions=programme.sessions[::-1], people=programme.people[::-1],
                          rooms=programme.rooms[::-1])
    one, other = audit(programme, schedule), audit(turned, schedule)
    assert one.score == other.score
    assert one.score_by_rule == other.score_by_rule
    assert one.burdens == other.burdens
    assert one.days_used == other.days_used
    assert [(f.rule, f.amount, set(f.sessions), set(f.people)) for f in one.hard if f.rule != "parallel_cap"] == [
        (f.rule, f.amount, set(f.sessions), set(f.people)) for f in other.hard if f.rule != "parallel_cap"]


def test_texts_for_people() -> None:
    """The summary tells the verdict, the notebook table escapes what it shows."""
    bad = audit(event(rules=[Comfort(label="<b>")]), CLASH)
    assert bad.summary().startswith("not valid: 1 hard finding\n")
    assert "<b>" not in bad._repr_html_()
    assert "comfort:&lt;b&gt;" in bad._repr_html_()
    assert "valid" in audit(event(), GOOD).summary()
    assert "<table>" in GOOD._repr_html_()
    assert "2020-11-09T14:00Z" in GOOD.summary()


def test_a_big_audit_is_quick() -> None:
    """275 sessions and 1,100 people are audited, burdens included, in a fraction of a second."""
    rng = random.Random(1)
    zones = ("Europe/Paris", "America/New_York", "Asia/Tokyo", "Asia/Kolkata", "Africa/Nairobi", "Australia/Brisbane")
    people = [Person(id=f"p{n}", zone=rng.choice(zones), region=rng.choice("ABCDE")) for n in range(1100)]
    window = Window.daily("2020-11-02", "2020-11-17", "06:00", "20:30")
    programme = Programme(
        window=window, people=people, rooms=[Room(id=f"r{n}") for n in range(4)], cap=4, changeover=10,
        sessions=[Session(id=f"s{n}", duration=rng.choice((60, 90)), track=rng.choice("xyz"),
                          people=rng.sample([p.id for p in people], 6)) for n in range(275)],
    )
    schedule = Schedule([
        Placement(session=s.id, start=from_minute(rng.choice(window.blocks)[1] + 10 * rng.randrange(78)),
                  duration=s.duration, rooms=f"r{rng.randrange(4)}") for s in programme.sessions
    ])
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        assert audit(programme, schedule).burdens.total.minutes > 0
        seconds.append(time.perf_counter() - began)
    # 0.05 s when it was written; the rest is room for slow and busy machines.
    assert min(seconds) < 0.5


def test_the_catalogue_is_audited() -> None:
    """The preset holds only rules that the catalogue knows."""
    assert {rule.name for rule in active_rules(event())} <= set(CATALOGUE)
