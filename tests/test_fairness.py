"""Fairness: figures of who carries what, of one schedule and of two side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import programmes, schedules

from igfsched import Person, Placement, Programme, Role, Schedule, Session, Window, audit
from igfsched.comfort import DEFAULT_BANDS
from igfsched.fairness import KINDS, MEASURES, fairness_report, gini
from igfsched.grid import local_time
from igfsched.rules import FairPersons, FairRegions

DAY = "2020-11-09"
PEOPLE = (
    Person(id="ny", zone="America/New_York", region="Americas"), Person(id="lima", zone="America/Lima",
                                                                        region="Americas"),
    Person(id="tokyo", zone="Asia/Tokyo", region="Asia"), Person(id="idle", zone="Asia/Tokyo", region="Asia"),
    Person(id="nowhere", region="Asia"),
)


def event(**changes: object) -> Programme:
    values: dict[str, object] = {
        "window": Window.daily(DAY, DAY), "people": PEOPLE,
        "sessions": [
            Session(id="a", duration=60, track="data", people=["ny", "tokyo", Role(person="nowhere", role="chair")]),
            Session(id="b", duration=30, track="trust", people=["lima", "ny"]),
        ],
    }
    return Programme(**(values | changes))  # type: ignore[arg-type]


def at(a: str, b: str) -> Schedule:
    return Schedule([Placement(session="a", start=f"{DAY}T{a}Z", duration=60),
                     Placement(session="b", start=f"{DAY}T{b}Z", duration=30)])


# a: 10:00 in New York, midnight in Tokyo; b: 12:00 in New York and Lima.
EVENING = audit(event(), at("15:00", "17:00"))
# a: 07:00 in New York, 21:00 in Tokyo; b as before.
NOON = audit(event(), at("12:00", "17:00"))


def test_persons() -> None:
    """Counted is everybody with a zone and a session; nobody else makes the figures look better."""
    one = fairness_report(EVENING).distribution("schedule", "persons", "night_minutes")
    assert (one.count, one.total, one.largest, one.worst, one.smallest, one.mean) == (3, 60, 60.0, "tokyo", 0.0, 20.0)
    assert (one.spread, one.above, one.threshold) == (60.0, 0.0, 60)
    assert one.gini == pytest.approx(2 / 3)


def test_groups_carry_per_person() -> None:
    """Regions, tracks and roles have what their people with a zone carry on average; of a region all people count."""
    report = fairness_report(EVENING)
    assert report.levels("schedule", "regions", "price") == {"Asia": 300.0, "Americas": 0.0}
    assert report.levels("schedule", "tracks", "night_minutes") == {"data": 30.0, "trust": 0.0}
    assert report.levels("schedule", "roles", "night_minutes") == {"speaker": 20.0}


def test_minutes_outside_comfortable_hours() -> None:
    """Outside are minutes that cost anything, by the bands of the rule or the person's own."""
    report = fairness_report(NOON)
    assert report.levels("schedule", "persons", "uncomfortable_minutes") == {"ny": 60.0, "tokyo": 60.0, "lima": 0.0}
    easy = (attrs.evolve(DEFAULT_BANDS[0], start="00:00", end="24:00"),)
    own = event(people=[attrs.evolve(p, comfort=easy) if p.id == "tokyo" else p for p in PEOPLE])
    levels = fairness_report(audit(own, at("12:00", "17:00"))).levels("schedule", "persons", "uncomfortable_minutes")
    assert levels == {"ny": 60.0, "lima": 0.0, "tokyo": 0.0}


def test_thresholds() -> None:
    """The part above a threshold is that of persons above it, not at it; the threshold is the caller's."""
    assert fairness_report(EVENING, {"night_minutes": 59}).distribution(
        "schedule", "persons", "night_minutes").above == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="did you mean 'night_minutes'"):
        fairness_report(EVENING, {"nightminutes": 59})  # type: ignore[dict-item]


def test_gini() -> None:
    """0 if all carry the same or nothing; (n - 1) / n if one of n carries everything."""
    assert gini([]) == gini([0, 0]) == gini([5, 5, 5]) == 0
    assert gini([0, 0, 0, 8]) == 0.75
    assert gini([1, 3]) == 0.25


@given(st.lists(st.integers(0, 100), min_size=1, max_size=20).filter(any), st.integers(1, 9))
def test_gini_is_half_the_mean_difference_over_the_mean(values: list[int], factor: int) -> None:
    """It is what its definition says, and does not depend on the unit."""
    count = len(values)
    pairs = sum(abs(a - b) for a in values for b in values)
    assert gini([float(v) for v in values]) == pytest.approx(pairs / (2 * count * sum(values)))
    assert gini([float(v * factor) for v in values]) == pytest.approx(gini([float(v) for v in values]))


def test_lorenz() -> None:
    """The curve of those who carry least runs from 0 to 1, below the diagonal; its area gives the Gini coefficient."""
    report = fairness_report(NOON)
    xs, ys = report.lorenz("schedule", "persons", "price")
    assert (xs[0], ys[0], xs[-1], ys[-1]) == (0.0, 0.0, 1.0, 1.0)
    area = sum((x1 - x0) * (y0 + y1) / 2 for x0, x1, y0, y1 in zip(xs, xs[1:], ys, ys[1:], strict=False))
    assert 1 - 2 * area == pytest.approx(report.distribution("schedule", "persons", "price").gini)


def test_two_schedules_side_by_side() -> None:
    """Each figure of both stands in one row, and who is only in one of them has a dash in the other."""
    fewer = event(sessions=event().sessions[:1])
    small = audit(fewer, Schedule(at("12:00", "17:00").placements[:1]))
    text = fairness_report({"held": EVENING, "better": small}).text()
    assert "Fairness of held, better" in text
    rows = [line.split() for line in text.splitlines()]
    assert ["largest", "60.0", "(tokyo)", "0.0", "(ny)"] in rows
    assert ["trust", "0.0", "-", "0.0", "-", "0.0", "-"] in rows
    assert ["tokyo", "600", "180", "60", "0"] in rows
    assert text.count("note: 1 of 5 people have no time zone") == 1


def test_json_has_everything() -> None:
    """The JSON has all levels, and the curves for plots, as plain lists."""
    report = fairness_report({"held": EVENING, "better": NOON})
    values = json.loads(report.json())
    assert values == report.to_dict()
    assert set(values["schedules"]) == {"held", "better"}
    held = values["schedules"]["held"]
    assert held["persons"]["night_minutes"]["levels"] == {"tokyo": 60.0, "lima": 0.0, "ny": 0.0}
    assert held["lorenz"]["night_minutes"] == [[0.0, 0.3333, 0.6667, 1.0], [0.0, 0.0, 0.0, 1.0]]
    assert held["reach"] is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_figures_are_those_of_the_rules(data: st.DataObject) -> None:
    """The largest burden of persons and regions is what the rules of fairness measure; any schedule can be told."""
    programme = data.draw(programmes(odd_names=True))
    rules = (FairPersons(), FairRegions())
    programme = attrs.evolve(programme, rules=(*(r for r in programme.rules if r.name not in ("fair_persons",
                             "fair_regions", "comfort")), *rules))
    found = audit(programme, data.draw(schedules(programme)))
    report = fairness_report(found)
    amounts = {score.rule: score.amount for score in found.score_by_rule}
    persons = report.distribution("schedule", "persons", "price")
    assert persons.largest == amounts["fair_persons"]
    regions = report.distribution("schedule", "regions", "price")
    assert -(-regions.largest // 1) == amounts["fair_regions"]
    for kind in KINDS:
        for measure in MEASURES:
            one = report.distribution("schedule", kind, measure)
            assert 0 <= one.gini < 1
            assert one.smallest <= one.mean + 1e-9
            assert one.mean <= one.largest + 1e-9
    assert report.text().startswith("Fairness")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_uncomfortable_minutes_minute_by_minute(data: st.DataObject) -> None:
    """The minutes outside comfortable hours are those whose local minute has a price."""
    programme = data.draw(programmes())
    programme = attrs.evolve(programme, rules=(), people=[attrs.evolve(p, comfort=()) for p in programme.people])
    schedule = data.draw(schedules(programme))
    found = audit(programme, schedule)

    def outside(zone: str, minutes: Iterable[int]) -> int:
        clocks = (local_time(minute, zone) for minute in minutes)
        return sum(not 9 <= clock.hour < 18 for clock in clocks)

    for burden in found.burdens.persons:
        zone = programme.person(burden.name).zone
        entries = found.timetable.attending_of.get(burden.name, [])
        assert burden.uncomfortable_minutes == (
            0 if zone is None else sum(outside(zone, range(entry.start, entry.end)) for entry in entries))
