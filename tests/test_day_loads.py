"""What is shared out over days: no schedule costs less than is counted without hours."""

from __future__ import annotations

import threading
from itertools import product

import pytest

from igfsched import Phase, Placement, Programme, Room, Schedule, Session, Window, audit, solve
from igfsched.engine import hours
from igfsched.engine.control import Control
from igfsched.engine.day_loads import by_days, of_days
from igfsched.engine.rooms import Pools
from igfsched.grid import from_minute
from igfsched.lowering import lower
from igfsched.primitives import Load, LoadGroup
from igfsched.rules import Balance, FairRegions

MONDAY, TUESDAY, WEDNESDAY = "2020-11-09", "2020-11-10", "2020-11-11"


@pytest.fixture(autouse=True)
def _small_crowds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let capacities of few sessions count, too: bounds leave them out where programmes are of the usual size."""
    monkeypatch.setattr(hours, "CROWD", 2)


def small(closing: str, lengths: tuple[int, ...], weight: int = 1) -> Programme:
    """Return sessions of one track, and one of none, in one room on two days; the first is for the third day."""
    return Programme(
        window=Window.daily(MONDAY, WEDNESDAY, "08:00", closing, phases=[
            Phase(name="first", days=[MONDAY, TUESDAY]), Phase(name="then", days=[WEDNESDAY])]),
        rooms=[Room(id="Room 1")], changeover=10, rules=[Balance(tier=1, each="track", weight=weight)],
        sessions=[Session(id="other", duration=60, phases=["first"]),
                  *(Session(id=f"s{n}", duration=length, track="data", phases=["then" if n == 0 else "first"])
                    for n, length in enumerate(lengths))],
    )


def counted(programme: Programme) -> int:
    lowered = lower(programme)
    control = Control(seconds=20, workers=1, seed=0, deterministic=True, cancel=threading.Event())
    return by_days(lowered, Pools(lowered), 1, control).least


def cheapest(programme: Programme) -> int:
    """Return the least that balance costs of all ways to lay the sessions one after the other on days."""
    begin = {day: start for day, start, _ in programme.window.blocks}
    end = {day: close for day, _, close in programme.window.blocks}
    days = [[day for name in session.phases for day in programme.window.phase(name).days]
            for session in programme.sessions]
    costs = []
    for choice in product(*days):
        clock, places = dict(begin), []
        for session, day in zip(programme.sessions, choice, strict=True):
            places.append(Placement(session=session.id, start=from_minute(clock[day]), duration=session.duration,
                                    rooms="Room 1"))
            clock[day] += session.duration + programme.changeover
        if all(clock[day] <= end[day] + programme.changeover for day in clock):
            found = audit(programme, Schedule(places))
            assert found.valid
            costs.append(next(score.cost for score in found.score_by_rule if score.rule == "balance"))
    return min(costs)


@pytest.mark.parametrize("closing", ["12:00", "20:00"])
@pytest.mark.parametrize("lengths", [(60, 60, 60), (90, 60, 30), (60, 90, 90), (30, 60, 60, 30), (60, 120, 30, 30)])
def test_it_is_the_least(closing: str, lengths: tuple[int, ...]) -> None:
    """In one room, where days are all that matters, what is counted is what the best of all schedules costs."""
    programme = small(closing, lengths, weight=2)
    assert counted(programme) == cheapest(programme)


def test_nothing_is_said_of_what_does_not_fit() -> None:
    """Where there is no schedule at all nothing is counted: that there is none is for others to prove."""
    assert counted(small("10:00", (60, 90, 90))) == 0


def test_the_bound_of_a_solve_has_it() -> None:
    """A programme in which nothing else costs anything is solved to the proof by what is counted."""
    result = solve(small("12:00", (60, 90, 90)), seconds=20, workers=1)
    assert result.status == "optimal"
    assert {score.tier: score.bound for score in result.score}[1] == cheapest(small("12:00", (60, 90, 90)))


def test_loads_of_hours_are_not_of_days() -> None:
    """What regions have to bear depends on hours, the minutes of days do not; a load of largest few is left alone."""
    programme = small("12:00", (60, 60))
    lowered = lower(Programme(window=programme.window, sessions=programme.sessions, rooms=programme.rooms,
                              rules=[Balance(tier=1), FairRegions(tier=1)]))
    day = lowered.facts.day_of_tick
    loads = [term.primitive for term in lowered.terms if isinstance(term.primitive, Load)]
    assert [of_days(lowered, load) for load in loads if load.kind == "spread"] == [True]
    by_hour = {slot: dict.fromkeys(lowered.facts.variants[slot], lowered.facts.since_midnight) for slot in range(2)}
    by_day = {slot: {v: (day == 0).astype(int) for v in lowered.facts.variants[slot]} for slot in range(2)}
    assert not of_days(lowered, Load(groups=[LoadGroup(name="hours", loads=by_hour)]))
    assert of_days(lowered, Load(groups=[LoadGroup(name="days", loads=by_day)]))
    assert not of_days(lowered, Load(groups=[LoadGroup(name="days", loads=by_day)], kind="top"))


@pytest.mark.parametrize(("kind", "threshold", "divisor"), [
    ("largest", 0, 1), ("largest", 0, 7), ("spread", 0, 1), ("spread", 0, 7), ("excess", 70, 1), ("excess", 200, 1)])
def test_every_kind_of_load(kind: str, threshold: int, divisor: int) -> None:
    """Whatever is asked of the days' minutes, what is counted is the least over all choices of days."""
    lowered = lower(small("20:00", (60, 90, 60)))
    facts = lowered.facts
    groups = [LoadGroup(name=str(number), divisor=divisor, loads={
        slot: {v: (facts.day_of_tick == number) * int(facts.variant_minutes[v]) for v in facts.variants[slot]}
        for slot in range(facts.n)}) for number in range(3)]
    load = Load(groups=groups, kind=kind, threshold=threshold)  # type: ignore[arg-type]
    (term,) = [term for term in lowered.terms if isinstance(term.primitive, Load) and term.tier == 1]
    object.__setattr__(term, "primitive", load)
    control = Control(seconds=20, workers=1, seed=0, deterministic=True, cancel=threading.Event())
    found = by_days(lowered, Pools(lowered), 1, control).least
    choices = []
    for choice in product((0, 1), repeat=3):
        minutes = [0, 0, 60]  # the first session of the track is for the third day
        for day, length in zip(choice, (60, 90, 60), strict=True):
            minutes[day] += length
        levels = [-(-m // divisor) for m in minutes]
        choices.append({"largest": max(levels), "spread": max(levels) - min(m // divisor for m in minutes),
                        "excess": sum(max(0, m - threshold) for m in minutes)}[kind])
    assert found == min(choices)
