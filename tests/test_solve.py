"""What a caller of `solve` can rely on: limits, progress, cancellation, determinism, and distrust of the solver."""

from __future__ import annotations

import threading
import time

import generate
import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from igfsched import InputError, Person, Placement, Programme, Room, Schedule, Session, Window, audit, solve
from igfsched.engine import search
from igfsched.engine.candidates import capacity_rows, stretch_rows
from igfsched.engine.control import Control, Incumbent
from igfsched.engine.hours import hour_problem
from igfsched.engine.model import Model
from igfsched.engine.rooms import Pools
from igfsched.engine.search import Search
from igfsched.engine.solve import UntrueScheduleError
from igfsched.facts import Places
from igfsched.grid import Clock
from igfsched.lowering import lower
from igfsched.programme import Day, Grid
from igfsched.result import Progress
from igfsched.rules import Comfort, Compact, ParallelCap, Placed, WindowHours


@pytest.fixture(scope="module")
def forty() -> Programme:
    """A generated programme of forty sessions, 80 % full."""
    return generate.generate(sessions=40, fill=0.8, seed=5)[0]


def two_rooms(*sessions: Session, hours: str = "12:00", **rest: object) -> Programme:
    """Return a programme of one morning in two rooms."""
    return Programme(window=Window.daily("2020-11-09", "2020-11-09", "09:00", hours), sessions=sessions,
                     rooms=[Room(id="a"), Room(id="b")], **rest)  # type: ignore[arg-type]


def test_the_result_is_audited_and_says_how_good_it_is(forty):
    """A result carries its audit, a score by tier, and bounds that are no larger than the score."""
    result = solve(forty, seconds=10)
    assert result.schedule is not None
    assert result.audit == audit(forty, result.schedule)
    assert result.audit.valid
    assert all(score.bound is not None and score.bound <= score.score for score in result.score)
    assert result.proven == (result.status == "optimal")
    assert result.gap == 0 if result.proven else result.gap >= 0
    assert result.record.input_hash
    assert result.seconds_to_first is not None
    assert result.seconds_to_first <= result.record.seconds


def test_deterministic_solves_are_equal(forty):
    """In deterministic mode two calls give the same schedule."""
    first, second = (solve(forty, seconds=3, workers=1, deterministic=True) for _ in range(2))
    assert first.schedule == second.schedule
    assert first.score == second.score


def test_progress_never_gets_worse(forty):
    """A listener hears of scores that fall and bounds that rise within a tier, and of the time."""
    heard: list[Progress] = []
    solve(forty, seconds=8, listener=heard.append)
    assert heard
    by_tier: dict[int, list[Progress]] = {}
    for progress in heard:
        if progress.tier is not None and not progress.unplaced:
            by_tier.setdefault(progress.tier, []).append(progress)
    for told in by_tier.values():
        scores = [progress.score for progress in told if progress.score is not None]
        bounds = [progress.bound for progress in told if progress.bound is not None]
        assert scores == sorted(scores, reverse=True)
        assert bounds == sorted(bounds)


def test_cancelling_gives_the_best_so_far():
    """A cancelled solve returns soon, with the schedule found until then."""
    programme, _ = generate.generate(sessions=120, fill=0.9, seed=2)
    cancel = threading.Event()
    told: list[float] = []

    def listen(progress: Progress) -> None:
        if progress.unplaced == 0 and not cancel.is_set():
            told.append(time.perf_counter())
            cancel.set()

    result = solve(programme, seconds=60, cancel=cancel, listener=listen)
    assert result.status in ("interrupted", "optimal")
    assert result.schedule is not None
    assert len(result.schedule) == 120
    assert time.perf_counter() - told[0] < 20


def test_a_hint_is_never_made_worse(forty):
    """A solve that begins with a schedule returns one that is at least as good."""
    first = solve(forty, seconds=4)
    again = solve(forty, seconds=1, hint=first.schedule)
    assert [score.score for score in again.score] <= [score.score for score in first.score]


def test_a_hint_for_another_programme_is_refused():
    """A hint that names sessions or rooms which the programme does not have is an InputError that says which."""
    programme = two_rooms(Session(id="s", duration=60))
    for session, room in (("t", "a"), ("s", "c")):
        hint = Schedule([Placement(session=session, start="2020-11-09T09:00Z", duration=60, rooms=room)])
        with pytest.raises(InputError, match="is not one of the programme's"):
            solve(programme, seconds=1, hint=hint)


@pytest.mark.parametrize("limits", [
    {"seconds": 0}, {"seconds": -1.0}, {"workers": 0}, {"workers": 1.5}, {"workers": 10**6},
    {"seed": -1}, {"seed": 1.5}, {"seed": 2**40},
])
def test_limits_that_make_no_sense_are_refused(limits):
    """A time, number of workers or seed that the solver cannot take is a ValueError."""
    with pytest.raises(ValueError, match="not"):
        solve(two_rooms(Session(id="s", duration=60)), **limits)


def test_too_much_for_the_day_is_refused_with_a_reason():
    """With placed hard, sessions that do not all fit are a refusal that names sessions."""
    result = solve(two_rooms(*[Session(id=f"s{n}", duration=60) for n in range(7)]), seconds=10)
    assert result.status == "infeasible"
    assert result.schedule is None
    assert "no place for 1 of 7 sessions" in result.reasons[0].sentence


def test_too_many_minutes_are_refused_by_adding_up():
    """Where the minutes needed exceed the minutes open, the reason gives both."""
    result = solve(two_rooms(*[Session(id=f"s{n}", duration=60) for n in range(9)]), seconds=10)
    assert result.status == "infeasible"
    assert "need 540 minutes side by side" in result.reasons[0].sentence
    assert "there are 360" in result.reasons[0].sentence


def test_an_over_full_day_keeps_what_matters_most():
    """With placed soft, the sessions of the lowest priorities are left out and named."""
    sessions = [Session(id=f"s{n}", duration=60, priority=1 if n == 3 else 5) for n in range(7)]
    result = solve(two_rooms(*sessions, rules=[Placed(level="soft")]), seconds=10)
    assert result.status == "partial"
    assert result.audit is not None
    assert result.audit.unplaced == ("s3",)
    assert result.score[0].proven


def test_a_solver_that_lies_is_found_out(monkeypatch):
    """A schedule in which the audit finds a broken hard rule is never returned."""
    honest = Model.places

    def lie(self: Model, values: list[int], keep: Places | None = None) -> Places | None:
        places = honest(self, values, keep)
        return places and evolve(places, start=np.full_like(places.start, places.start[0]))

    monkeypatch.setattr(Model, "places", lie)
    monkeypatch.setattr("igfsched.engine.control.Incumbent.key", lambda self, score, places: (0,))
    people = [Person(id="p", zone="Asia/Tokyo")]
    with pytest.raises(UntrueScheduleError):
        solve(two_rooms(*[Session(id=f"s{n}", duration=60, people=["p"]) for n in range(2)], people=people,
                        rules=[Placed(level="off")]), seconds=5)


def test_a_tier_that_was_done_is_looked_at_again(monkeypatch):
    """A later tier that was optimal is solved again after an earlier one got better and made it worse."""
    programme = two_rooms(Session(id="s", duration=60, people=["p"]), people=[Person(id="p", zone="Asia/Tokyo")],
                          preset="none", rules=[Placed(), Comfort(tier=1), Compact(tier=2)])
    lowered = lower(programme)
    control = Control(seconds=20, workers=1, seed=0)
    asked: list[int] = []
    after = iter([{1: False, 2: False}, {1: False, 2: True}, {1: True, 2: False}, {1: True, 2: True}])
    done: dict[int, bool] = {1: False, 2: False}

    def tier(self: Search, tier: int, seconds: float, small: bool) -> None:
        asked.append(tier)
        done.update(next(after))

    monkeypatch.setattr(search, "SMALL", -1)
    monkeypatch.setattr(Search, "_tier", tier)
    monkeypatch.setattr(Incumbent, "done", lambda self, tier: done[tier])
    Search(lowered, control, Incumbent(lowered, control)).run()
    assert asked == [1, 2, 1, 2]


def test_a_programme_of_nothing_is_solved():
    """A programme without sessions has an empty schedule."""
    result = solve(two_rooms(), seconds=5)
    assert result.status == "optimal"
    assert result.schedule is not None
    assert len(result.schedule) == 0


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=12), st.integers(1, 3))
@settings(max_examples=200, deadline=None)
def test_capacity_rows_say_all_that_single_classes_say(spans, cap):
    """Each class's members stand together in some row of a capacity, and each row is some class's members."""
    low = np.array([start for start, _ in spans], dtype=np.int64)
    high = low + np.array([length for _, length in spans], dtype=np.int64)
    rows = capacity_rows(low, high, cap)
    found = [frozenset(rows.row(number).tolist()) for number in range(len(rows))]
    classes = [frozenset(np.flatnonzero((low <= c) & (c < high)).tolist()) for c in range(40)]
    assert all(any(members <= row for row in found) for members in classes if members)
    assert all(row in classes for row in found)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=12))
@settings(max_examples=200, deadline=None)
def test_stretch_rows_cover_each_class_once(spans):
    """Stretches have the members of each of their classes, and their widths add up to the classes covered."""
    low = np.array([start for start, _ in spans], dtype=np.int64)
    high = low + np.array([length for _, length in spans], dtype=np.int64)
    rows = stretch_rows(low, high, 1)
    told: dict[int, frozenset[int]] = {}
    for number in range(len(rows)):
        for c in range(int(rows.classes[number]), int(rows.classes[number] + rows.width[number])):
            assert c not in told
            told[c] = frozenset(rows.row(number).tolist())
    for c in range(40):
        assert told.get(c, frozenset()) == frozenset(np.flatnonzero((low <= c) & (c < high)).tolist())


def test_starts_on_no_programme_day_use_none():
    """Slots on other dates are no day that is used: the hour problem counts the one programme day alone."""
    slots = ["2020-11-02T08:00Z", *(f"2020-11-03T{hour:02d}:00Z" for hour in range(8, 12))]
    window = Window(days=[Day(date="2020-11-02", hours=[Clock("08:00", "10:00")])], grid=Grid(starts=slots))
    programme = Programme(
        window=window, preset="none", sessions=[Session(id=id, duration=60) for id in "abcd"],
        rules=[Placed(), WindowHours(level="soft", tier=2), Compact(tier=1), ParallelCap(cap=1)])
    lowered = lower(programme)
    problem = hour_problem(lowered, Pools(lowered), 1, lowered.allowed)
    counted = [lowered.facts.day_of_tick[lowered.facts.starts[problem.days[kind][0][0]]] for kind in problem.used]
    assert counted == [0]
    assert [tier.bound for tier in solve(programme, seconds=10).score if tier.tier == 1] == [0]
