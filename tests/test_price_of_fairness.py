"""The price of fairness: on small events, the points are those that trying everything gives."""

from __future__ import annotations

import json
import threading
from itertools import product

import pytest

from igfsched import (
    Band,
    Grid,
    Infeasible,
    Person,
    Placement,
    Programme,
    Room,
    Schedule,
    Session,
    Span,
    Window,
    audit,
)
from igfsched.price_of_fairness import FairnessFrontier, fairness_frontier, posed
from igfsched.rules import Before, Comfort, Compact, FairPersons, FairRegions, Placed, Preferred, active_rules
from igfsched.selector import Selector

DAY = "2020-11-09"


STEEP = tuple(Band(start=f"{hour:02}:00", end=f"{hour + 1:02}:00", price=(hour - 13) ** 2) for hour in range(24))
"""Prices that differ from hour to hour, so that there is much to choose."""


def event(**changes: object) -> Programme:
    """Two sessions in which people of Paris, New York and Tokyo meet: somebody has the night."""
    values: dict[str, object] = {
        "window": Window.daily(DAY, DAY, grid=Grid(step=60)), "rooms": [Room(id="r1")],
        "people": [
            Person(id="x1", zone="Europe/Paris", region="East"), Person(id="x2", zone="Europe/Paris", region="East"),
            Person(id="y", zone="America/New_York", region="West"), Person(id="z", zone="Asia/Tokyo", region="East"),
        ],
        "sessions": [Session(id="a", duration=60, people=["x1", "x2", "y"]),
                     Session(id="b", duration=60, people=["x1", "y", "z"])],
        "rules": [Comfort(bands=STEEP)],
    }
    return Programme(**(values | changes))  # type: ignore[arg-type]


def outcomes(programme: Programme, rule: FairPersons | FairRegions) -> set[tuple[int, int]]:
    """Return (comfort price, largest burden) of every valid schedule."""
    found = set()
    hours = [f"{DAY}T{hour:02}:00Z" for hour in range(24)]
    for starts in product(hours, repeat=2):
        schedule = Schedule([Placement(session=id, start=start, duration=60, rooms="r1")
                             for id, start in zip("ab", starts, strict=True)])
        checked = audit(programme, schedule)
        if checked.valid:
            found.add((checked.burdens.total.price, sum(f.amount for f in rule.findings(checked.timetable))))
    return found


def best(possible: set[tuple[int, int]], most: int | None) -> int:
    return min(price for price, largest in possible if most is None or largest <= most)


@pytest.mark.parametrize("who", ["persons", "regions"])
def test_points_are_the_best_there_are(who: str) -> None:
    """Both ends, and the least comfort price for each bound in between, are those of all schedules."""
    rule = FairPersons(bands=STEEP) if who == "persons" else FairRegions(bands=STEEP)
    possible = outcomes(event(), rule)
    told: list[str] = []
    frontier = fairness_frontier(event(), who=who, steps=5, seconds=60, workers=1, listener=told.append)  # type: ignore[arg-type]
    first, last = frontier.points[0], frontier.points[-1]
    assert len(frontier.points) > 3, "an event on which fairness has a price"
    assert first.price == best(possible, None)
    assert first.largest == min(largest for price, largest in possible if price == first.price)
    assert last.largest == frontier.least == min(largest for _, largest in possible)
    assert last.price == best(possible, last.largest)
    for point in frontier.points:
        assert (point.price, point.largest) in possible
        assert point.proven
        assert point.bound == point.price == best(possible, point.most if point.most is not None else (
            None if point is first else last.largest))
        assert point.audit.valid
    assert [p.largest for p in frontier.points] == sorted({p.largest for p in frontier.points}, reverse=True)
    assert [p.price for p in frontier.points] == sorted({p.price for p in frontier.points})
    assert told[0] == "the most comfort"
    assert told[-1] == "the most fairness"


def test_hard_rules_hold_and_soft_ones_do_not_count() -> None:
    """Hard rules of the programme hold at every point; its soft ones are off, but whether sessions have places."""
    early = Span(f"{DAY}T00:00Z", f"{DAY}T08:00Z")
    programme = event(rules=[Placed(level="soft"), Preferred(weight=1000), Compact(level="off"),
                             Before(first=Selector(ids="a"), then=Selector(ids="b"), gap=120)],
                      sessions=[Session(id="a", duration=60, people=["x1", "y"], preferred=[early]),
                                Session(id="b", duration=60, people=["x1", "y", "z"])])
    active = {rule.name: rule.level for rule in active_rules(posed(programme, Comfort()))}
    assert active["before"] == "hard"
    assert active["placed"] == "soft"
    assert not {"preferred", "track_parallel", "compact", "fair_regions"} & set(active)
    for point in fairness_frontier(programme, steps=1, seconds=30, workers=1).points:
        assert point.schedule.by_session["b"].minutes[0] - point.schedule.by_session["a"].minutes[1] >= 120


def test_bands_are_those_of_the_comfort_rule() -> None:
    """Hours are priced as the programme prices them."""
    free = (Band(start="00:00", end="24:00", price=0),)
    frontier = fairness_frontier(event(rules=[Comfort(bands=free)]), seconds=20, workers=1)
    (point,) = frontier.points
    assert (point.price, point.largest, point.proven, frontier.least) == (0, 0, True, 0)
    assert "most comfort" in frontier.text()


def test_no_schedule_at_all() -> None:
    """Where no schedule is valid the reasons are told, as by a solve."""
    hour = Span(f"{DAY}T10:00Z", f"{DAY}T11:00Z")
    with pytest.raises(Infeasible, match="a"):
        fairness_frontier(event(sessions=[Session(id=id, duration=60, people=["x1"], allowed=[hour]) for id in "ab"]),
                          seconds=20, workers=1)


@pytest.mark.parametrize(("arguments", "words"), [
    ({"who": "people"}, "who is persons or regions"), ({"steps": -1}, "steps is a whole number"),
    ({"seconds": 0}, "seconds is a finite number"),
])
def test_wrong_arguments(arguments: dict[str, object], words: str) -> None:
    """Arguments that make no sense are refused in words."""
    with pytest.raises(ValueError, match=words):
        fairness_frontier(event(), **arguments)  # type: ignore[arg-type]


def test_told_before_the_end() -> None:
    """Asked to stop, it gives what it has, which is a frontier all the same."""
    cancel = threading.Event()

    def stop(words: str) -> None:
        if words == "the least burden":
            cancel.set()

    frontier = fairness_frontier(event(), seconds=30, workers=1, listener=stop, cancel=cancel)
    assert len(frontier.points) >= 1


def test_in_words_and_as_values() -> None:
    """The table has a row for each point, the values are JSON; without any schedule both say so."""
    frontier = fairness_frontier(event(), steps=2, seconds=30, workers=1)
    text = frontier.text()
    assert text == str(frontier)
    assert text.count("proven") == len(frontier.points)
    assert f"no schedule has a largest burden below {frontier.least:,}" in text
    values = json.loads(json.dumps(frontier.to_dict()))
    assert [point["largest"] for point in values["points"]] == [point.largest for point in frontier.points]
    nothing = FairnessFrontier(who="persons", points=(), least=0)
    assert nothing.text() == "no schedule was found in the time\n"
    assert nothing.to_dict()["points"] == []
