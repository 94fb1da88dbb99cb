"""What the engine makes of single rules where sessions have several places to choose from."""

from __future__ import annotations

import pytest
from attrs import evolve
from tiny import best_by_trying, tiny_programme

from igfsched.engine import search, solve
from igfsched.engine.encode import cost_of, overlaps, tallies
from igfsched.grid import Clock
from igfsched.lowering import lower
from igfsched.programme import Day, Grid, Group, Programme, Role, Series, Session, Window
from igfsched.rule import Rule
from igfsched.rules import (
    Attendance,
    Audience,
    BackToBack,
    Before,
    DailyMaximum,
    Ease,
    Liking,
    NightLimit,
    Ordered,
    PersonClash,
    Rest,
    SameStart,
    Satisfaction,
    SeriesDistance,
    Spread,
)
from igfsched.schedule import Placement, Schedule
from igfsched.selector import EVERY, Selector

LIKINGS = [Liking(person=f"p{n}", session=f"s{k}", value=1 + (n + k) % 3) for n in range(4) for k in range(3) if n != k]
EASES = [Ease(person=f"p{n}", start=f"2020-10-{day}T{hour:02}:{minute}Z", value=(hour + n * day) % 3)
         for n in range(4) for day in (24, 25) for hour in range(6, 11) for minute in ("00", "30")]
RULES: dict[str, Rule] = {
    "ordered": Ordered(sessions=["s2", "s0", "s1"], gap=5),
    "audience": Audience(),
    "attendance": Attendance(selector=Selector(ids=["s1"]), group="g"),
    "back_to_back": BackToBack(sessions=["s1", "s0"], gap=10),
    "same_start": SameStart(selector=EVERY),
    "series": SeriesDistance(),
    "rest": Rest(minutes=35),
    "daily_maximum": DailyMaximum(most=1),
    "night_limit": NightLimit(most=0, hours=Clock("20:00", "12:00")),
    "spread": Spread(selector=EVERY),
    **{f"satisfaction of {measure}": Satisfaction(measure=measure, likings=LIKINGS, eases=EASES)
       for measure in ("missed", "people", "sessions")},
    "spread 3": Spread(selector=Selector(ids=["s0", "s1"]), days=3),
}


def tried(seed: int, rule: Rule) -> Programme:
    """Return a tiny programme in which all sessions have room enough, with a rule beyond those of the preset."""
    base = tiny_programme(seed)
    sessions = [
        evolve(session, phases=(), rooms=(), other_durations=(), prepare_before=0, tags=("ai", "youth")[: 1 + n],
               people=[*session.people, Role(person="p0", required=n < 2)])
        for n, session in enumerate(base.sessions)
    ]
    people = [evolve(person, busy=()) for person in base.people]
    days = [Day(date=date, hours=[Clock("08:00", "11:00")]) for date in ("2020-10-24", "2020-10-25")]
    window = evolve(base.window, days=days, phases=())
    return evolve(base, sessions=sessions, people=people, rooms=(), cap=None, window=window,
                  groups=[Group(id="g", members=["p1", "p2"])],
                  series=[Series(id="calls", sessions=["s1", "s2", "s0"], days_apart=1)],
                  rules=(rule, PersonClash(level="off")))


@pytest.mark.parametrize(("level", "small"), [("hard", 6000), ("soft", 6000), ("soft", -1)])
@pytest.mark.parametrize("name", RULES)
def test_the_best_under_each_rule_is_that_of_trying_all(name, level, small, monkeypatch):
    """Each rule, hard or soft, leads both ways of the engine to the optimum of exhaustive search, and its proof."""
    monkeypatch.setattr(search, "SMALL", small)
    monkeypatch.setattr(tallies, "MANY_MEMBERS", 2)
    for seed in range(3):
        monkeypatch.setattr(overlaps, "MANY_STRETCHES", 60 if seed == 0 else 1)  # ticks by ticks, or by starts
        programme = tried(seed, evolve(RULES[name], level=level, weight=30))
        programme = evolve(programme, cap=2 if name == "audience" else None)
        best = best_by_trying(lower(programme))
        result = solve(programme, seconds=20, workers=1)
        assert result.status == ("infeasible" if best[0] else "optimal")
        if not best[0]:
            assert tuple(score.score for score in result.score) == best


def test_a_gap_that_is_no_whole_number_of_ticks():
    """With starts every 30 minutes a gap of 5 minutes is one of 30: the solver, too, may not let b follow at once."""
    rule = Before(first=Selector(ids="a"), then=Selector(ids="b"), gap=5)
    window = Window(days=[Day(date="2020-11-09", hours=[Clock("08:00", "10:00")])], grid=Grid(step=30))
    sessions = [Session(id="a", duration=60), Session(id="b", duration=60)]
    stated = lower(Programme(window=window, sessions=sessions, rules=[rule], preset="none"))
    assert stated.facts.tick == 30
    for start, feasible in (("2020-11-09T09:00Z", False), ("2020-11-09T09:30Z", True)):
        places = stated.facts.places(Schedule([
            Placement(session="a", start="2020-11-09T08:00Z", duration=60),
            Placement(session="b", start=start, duration=60),
        ]))
        assert places is not None
        assert (cost_of(stated, places) is not None) == feasible
