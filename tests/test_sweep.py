"""Condensing: the frontier is what trying all gives, on every executor, and a run goes on where it was stopped."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from condensing import CAPS, DATES, DAYS, costs_by_trying, tiny

from igfsched import InputError, Room, Session, Window, audit
from igfsched.engine.certificate import certainly_infeasible
from igfsched.engine.control import Control
from igfsched.engine.days import DayChoices, needs, too_few
from igfsched.lowering import lower
from igfsched.programme import Period, Phase, Profile, Programme
from igfsched.rules import Compact, ParallelCap, Plenary, WindowHours
from igfsched.selector import Selector
from igfsched.sweep import Frontier, Point, Step, read_frontier, sweep
from igfsched.sweep import looking as looking_module
from igfsched.sweep.frontier import Least
from igfsched.sweep.known import Known
from igfsched.sweep.looking import Task, look
from igfsched.sweep.store import dumps, frontier_from_dict
from igfsched.sweep.variations import at_cap, days_tier, on_days, without_days_tier

SECONDS = 60.0
"""Generous: tiny programmes are proven long before, also on a busy machine."""


def plain(count: int = 6, days: int = 4, **rest: Any) -> Programme:
    """Return a programme of hours without people: two sessions fit into a day, one after the other."""
    window = Window.daily("2020-11-09", f"2020-11-{8 + days:02}", "10:00", "12:00", weekends=True)
    values = {
        "title": "plain", "window": window,
        "sessions": [Session(id=f"s{n}", duration=60) for n in range(count)],
    }
    return Programme(**(values | rest))  # type: ignore[arg-type]


def agrees(frontier: Frontier, truth: dict[tuple[int, int], tuple[int, ...] | None]) -> None:
    """Assert that no point of a frontier contradicts the truth, and that its schedules keep what they promise."""
    for point in frontier.points:
        best = truth[point.cap, point.days]
        if best is None:
            assert point.schedule is None, point
            continue
        assert point.status != "infeasible", point
        if point.status == "optimal":
            assert tuple(cost for _, cost in point.cost) == best, point
        elif point.schedule is not None:
            assert tuple(cost for _, cost in point.cost) >= best, point
        if point.bound:
            assert point.bound[0][1] <= best[0], point


class Counting(ThreadPoolExecutor):
    """An executor of threads that knows what it was asked."""

    def __init__(self) -> None:
        super().__init__(1)
        self.asked: list[tuple[int, int]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.asked.append((args[0].cap, args[0].days))
        return super().submit(fn, *args, **kwargs)


class TestTruth:
    @pytest.mark.parametrize("seed", range(6))
    def test_every_point_is_what_trying_all_gives(self, seed: int) -> None:
        """On tiny programmes each point is decided: no schedule, or the cost that exhaustive search finds."""
        truth = costs_by_trying(seed)
        frontier = sweep(tiny(seed), caps=CAPS, seconds=SECONDS, at_once=1)
        agrees(frontier, truth)
        assert frontier.complete
        assert {(point.cap, point.days) for point in frontier.points if point.status == "infeasible"} == {
            key for key, cost in truth.items() if cost is None}
        assert all(point.decided for point in frontier.points)

    @pytest.mark.parametrize("seed", range(6))
    def test_the_hour_problem_never_says_too_much(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """What large programmes rest on (merged days, certificates, counting) is true on tiny ones as well."""
        monkeypatch.setattr(looking_module, "FEW_WAYS", 0)
        agrees(sweep(tiny(seed), caps=CAPS, seconds=SECONDS, at_once=1), costs_by_trying(seed))

    @pytest.mark.parametrize("seed", range(12))
    def test_counting_and_certificates_are_true(self, seed: int) -> None:
        """Days that counting or a certificate calls too few are too few; what trying finds, neither excludes."""
        programme = tiny(seed)
        truth = costs_by_trying(seed)
        for cap in CAPS:
            lowered = lower(at_cap(programme, cap))
            short, sentence = too_few(lowered)
            for days in DAYS:
                choices = DayChoices(lowered, min(lowered.tiers), days, Control(seconds=SECONDS, workers=1, seed=0))
                none = certainly_infeasible(choices.root, SECONDS)
                best = truth[cap, days]
                if best is not None:
                    assert days > short, sentence
                    assert not none
                    assert choices.bound <= best[0]
                elif choices.next() is None:
                    assert choices.confirmed()

    def test_monotone(self) -> None:
        """A higher cap or more days never cost more, and never make impossible what was possible."""
        frontier = sweep(tiny(3), caps=CAPS, seconds=SECONDS)
        for point in frontier.points:
            for other in frontier.points:
                if other.cap >= point.cap and other.days >= point.days and point.schedule is not None:
                    assert other.schedule is not None
                    assert other.cost <= point.cost


class TestDominance:
    def test_most_points_follow_from_others(self) -> None:
        """Six hours on days of two hours: what fits on few days at a low cap answers for most of the grid."""
        with Counting() as executor:
            frontier = sweep(plain(), caps=(1, 2, 3), seconds=SECONDS, executor=executor)
        assert {cap: frontier.fewest_days(cap).value for cap in frontier.caps} == {1: 3, 2: 2, 3: 1}
        assert all(frontier.fewest_days(cap).proven for cap in frontier.caps)
        assert {days: frontier.lowest_cap(days).value for days in frontier.days} == {1: 3, 2: 2, 3: 1, 4: 1}
        assert len(executor.asked) < 8, "12 points"
        assert all(point.decided for point in frontier.points)

    def test_fewer_days_are_proven_by_the_point_beside(self) -> None:
        """The days used are proven where one day less has no schedule."""
        known = Known(plain(), (1,), (1, 2, 3, 4))
        with Counting() as executor:
            frontier = sweep(plain(), caps=(1,), seconds=SECONDS, executor=executor)
        schedule = frontier.point(1, 3).schedule
        assert schedule is not None
        cost = frontier.point(1, 3).cost
        known.add(Point(cap=1, days=3, status="feasible", cost=cost, bound={1: 0, 2: 0, 3: 0}, schedule=schedule))
        assert known.point(1, 3).status == "feasible"
        known.add(Point(cap=1, days=2, status="infeasible", proof="counting"))
        assert known.point(1, 3).status == "optimal"
        assert "2 days are too few" in known.point(1, 3).proof
        assert known.point(1, 4).status == "optimal"
        assert known.point(1, 1).status == "infeasible"

    def test_bounds_and_schedules_travel(self) -> None:
        """A bound holds for smaller points, a schedule for larger ones, whose own cap and rooms it is audited with."""
        programme = plain(rooms=[Room(id="r1")])
        frontier = sweep(programme, caps=(1,), days=(3,), seconds=SECONDS)
        schedule, cost = frontier.point(1, 3).schedule, frontier.point(1, 3).cost
        known = Known(programme, (1, 2), (1, 2, 3, 4))
        known.add(Point(cap=1, days=3, status="feasible", cost=cost, schedule=schedule))
        known.add(Point(cap=2, days=4, bound={1: 7.0}))
        assert known.point(2, 4).schedule == schedule
        assert known.point(1, 2).status == "unknown"
        assert known.floor(1, 1) == 7.0
        assert "bound of cap 2, 4 days" in known.point(1, 2).proof

    def test_untrue_points_are_refused(self) -> None:
        """A schedule that is not valid, uses more days, or costs something else is not taken in."""
        frontier = sweep(plain(), caps=(2,), days=(2,), seconds=SECONDS)
        point = frontier.point(2, 2)
        known = Known(plain(), (1, 2), (1, 2))
        for untrue in (attrs.evolve(point, cap=1), attrs.evolve(point, days=1), attrs.evolve(point, cost={1: 5})):
            with pytest.raises(ValueError, match=r"the schedule of cap \d, \d days?"):
                known.add(untrue)


class TestExecutors:
    def test_processes(self) -> None:
        """A pool of processes gives what threads give."""
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
            frontier = sweep(tiny(1), caps=(1, 2), seconds=SECONDS, executor=executor)
        assert points(frontier) == points(sweep(tiny(1), caps=(1, 2), seconds=SECONDS))

    @pytest.mark.filterwarnings("ignore")
    def test_a_dask_cluster(self) -> None:
        """A Dask cluster of two processes on this machine gives what threads give."""
        distributed = pytest.importorskip("distributed")
        size = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
        with distributed.LocalCluster(**size) as cluster, distributed.Client(cluster) as client:
            frontier = sweep(tiny(1), caps=(1, 2), seconds=SECONDS, executor=client.get_executor(), at_once=2)
        assert points(frontier) == points(sweep(tiny(1), caps=(1, 2), seconds=SECONDS))

    def test_tasks_pickle(self) -> None:
        """A task and its outcome survive the way to another process, bytes and all."""
        task = Task(programme=tiny(1), cap=2, days=2, seconds=SECONDS, workers=1)
        point = look(pickle.loads(pickle.dumps(task)))
        assert pickle.loads(pickle.dumps(point)) == point

    def test_faults_are_not_hidden(self) -> None:
        """What fails in a task reaches the caller."""
        class Broken(Executor):
            def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
                future: Future[Any] = Future()
                future.set_exception(RuntimeError("a worker died"))
                return future

        with pytest.raises(RuntimeError, match="a worker died"):
            sweep(plain(), caps=(1,), seconds=SECONDS, executor=Broken(), at_once=1)


def points(frontier: Frontier) -> list[tuple[int, int, str, object]]:
    return [(point.cap, point.days, point.status, point.cost) for point in frontier.points]


class TestStopping:
    def test_a_cancelled_sweep_says_what_counting_knows(self) -> None:
        """Cancelled before it begins it still returns every point; nothing was looked at."""
        cancel = threading.Event()
        cancel.set()
        frontier = sweep(plain(), caps=(1, 2), seconds=SECONDS, cancel=cancel)
        assert not frontier.complete
        assert {point.status for point in frontier.points} == {"unknown"}
        assert "not every point was looked at" in frontier.summary()

    def test_ctrl_c_returns_what_is_known(self, tmp_path: Path) -> None:
        """Ctrl-C after the first point: that one is known, the file has it, and a later run goes on from there."""
        def stop(step: Step) -> None:
            if step.point is not None:
                raise KeyboardInterrupt

        store = tmp_path / "frontier.json"
        frontier = sweep(plain(), caps=(1, 2, 3), seconds=SECONDS, at_once=1, store=store, listener=stop)
        assert not frontier.complete
        assert any(point.schedule is not None for point in frontier.points)
        assert read_frontier(store) == frontier
        with Counting() as executor:
            whole = sweep(plain(), caps=(1, 2, 3), seconds=SECONDS, store=store, executor=executor)
        assert whole.complete
        looked = {(point.cap, point.days) for point in frontier.points if point.looked}
        assert looked
        assert not looked & set(executor.asked)

    def test_the_listener_hears_of_each_point(self) -> None:
        """A listener is told how far the sweep is, and ends with all points."""
        steps: list[Step] = []
        sweep(plain(), caps=(1, 2), seconds=SECONDS, listener=steps.append)
        assert steps[-1].done == steps[-1].points == 8
        assert [step.done for step in steps] == sorted(step.done for step in steps)
        assert "of 8 points  cap" in str(steps[-1])


class TestStore:
    @pytest.fixture
    def store(self, tmp_path: Path) -> Path:
        """The file of a finished sweep."""
        path = tmp_path / "frontier.json"
        sweep(tiny(1), caps=CAPS, seconds=SECONDS, store=path)
        return path

    def test_nothing_is_done_twice(self, store: Path) -> None:
        """A finished file answers at once, and stays as it is to the byte."""
        before = store.read_bytes()
        with Counting() as executor:
            frontier = sweep(tiny(1), caps=CAPS, seconds=SECONDS, store=store, executor=executor)
        assert executor.asked == []
        assert store.read_bytes() == before
        assert read_frontier(store) == frontier

    def test_written_and_read(self, store: Path) -> None:
        """Reading and writing gives equal bytes."""
        text = store.read_text("utf-8")
        assert dumps(frontier_from_dict(json.loads(text))) == text
        assert audit(at_cap(tiny(1), 3), read_frontier(store).point(3, 3).schedule or pytest.fail("none")).valid

    def test_proven_points_outlive_other_seconds(self, store: Path) -> None:
        """With other seconds what is proven stays, and what is not is looked at again."""
        with Counting() as executor:
            sweep(tiny(1), caps=CAPS, seconds=SECONDS + 1, store=store, executor=executor)
        assert executor.asked == []
        data = json.loads(store.read_text("utf-8"))
        for point in data["points"]:
            if point["status"] == "optimal":
                point |= {"status": "feasible", "bound": {}}
        store.write_text(json.dumps(data), "utf-8")
        with Counting() as executor:
            frontier = sweep(tiny(1), caps=CAPS, seconds=SECONDS, store=store, executor=executor)
        assert executor.asked
        assert all(point.decided for point in frontier.points)

    def test_what_is_not_asked_stays_in_the_file(self, store: Path) -> None:
        """A sweep of fewer caps answers from the file, and leaves the other points in it as they are."""
        before = store.read_bytes()
        with Counting() as executor:  # also what follows from points that are not asked now
            frontier = sweep(tiny(1), caps=(2,), days=(1, 2), seconds=SECONDS, store=store, executor=executor)
        assert executor.asked == []
        assert [(point.cap, point.days) for point in frontier.points] == [(2, 1), (2, 2)]
        assert {(point.cap, point.days) for point in read_frontier(store).points} == {
            (cap, days) for cap in CAPS for days in DAYS}
        sweep(tiny(1), caps=CAPS, seconds=SECONDS, store=store)
        assert [point.status for point in read_frontier(store).points] == [
            point.status for point in frontier_from_dict(json.loads(before)).points]

    def test_anew(self, store: Path) -> None:
        """Without `resume` the file is not read, and is replaced."""
        store.write_text("not JSON", "utf-8")
        frontier = sweep(tiny(1), caps=(2,), days=(3,), seconds=SECONDS, store=store, resume=False)
        assert read_frontier(store) == frontier

    def test_the_file_of_another_programme(self, store: Path) -> None:
        """A frontier of another programme is refused and left alone."""
        before = store.read_bytes()
        with pytest.raises(InputError, match="the frontier of another programme"):
            sweep(tiny(2), caps=CAPS, seconds=SECONDS, store=store)
        assert store.read_bytes() == before

    @pytest.mark.parametrize(("change", "told"), [
        (lambda data: data.pop("points"), "$.points: points is missing"),
        (lambda data: data.update(surprise=1), "there is no field 'surprise' here"),
        (lambda data: data["points"][-1].update(status="great"), "$.points[8].status"),
        (lambda data: data["points"][-1].update(schedule=99), "$.points[8].schedule"),
        (lambda data: data["points"][-1].update(cost={"one": 1}), "$.points[8].cost.one"),
        (lambda data: data["points"].append(data["points"][0]), "$.points[9]: this point occurs twice"),
        (lambda data: data["points"].append(7), "$.points[9]"),
        (lambda data: data["schedules"][0]["placements"][0].update(start="soon"), "$.schedules[0].placements[0].start"),
        (lambda data: data.update(format="igfsched-programme"), "$.format"),
    ])
    def test_bad_files(self, store: Path, change: Callable[[dict[str, Any]], object], told: str) -> None:
        """What is wrong with a file is told with its path."""
        data = json.loads(store.read_text("utf-8"))
        change(data)
        with pytest.raises(InputError) as caught:
            frontier_from_dict(data)
        assert told in str(caught.value)

    def test_a_file_cannot_bring_in_a_false_cost(self, store: Path) -> None:
        """A schedule in the file that does not cost what it says is refused."""
        data = json.loads(store.read_text("utf-8"))
        for point in data["points"]:
            if point["looked"] and point["cost"]:
                point["cost"] = {tier: cost + 1 for tier, cost in point["cost"].items()}
        store.write_text(json.dumps(data), "utf-8")
        with pytest.raises(InputError, match="does not cost what it is said to cost"):
            sweep(tiny(1), caps=CAPS, seconds=SECONDS, store=store)


class TestBadInput:
    @pytest.mark.parametrize(("asked", "told"), [
        ({"caps": ()}, "caps is empty"), ({"caps": (0,)}, "caps are whole numbers from 1"),
        ({"caps": (True,)}, "caps are whole numbers"), ({"caps": (1,), "days": (0, 1)}, "days are whole numbers"),
        ({"caps": (1,), "seconds": 0}, "seconds is a finite number above 0"),
        ({"caps": (1,), "seconds": float("nan")}, "seconds is a finite number above 0"),
        ({"caps": (1,), "at_once": 0}, "at_once is a whole number from 1"),
    ])
    def test_numbers(self, asked: dict[str, Any], told: str) -> None:
        """Numbers that make no sense are a ValueError that names them."""
        with pytest.raises(ValueError, match=told):
            sweep(plain(), **asked)

    def test_everything_that_is_wrong_with_the_programme(self) -> None:
        """More days than there are, a soft window and a cap that no rule holds are told at once."""
        programme = plain(rules=[WindowHours(level="soft"), ParallelCap(level="off")])
        with pytest.raises(InputError) as caught:
            sweep(programme, caps=(1,), days=(4, 5))
        text = str(caught.value)
        assert "3 problems" in text
        assert "5 days are asked for, and the programme has 4" in text
        assert "parallel_cap" in text
        assert "no day can be closed" in text


class TestVariations:
    def test_a_cap_with_rooms_for_it(self) -> None:
        """Rooms that are missing are copies of the last one that is not reserved; what is there stays."""
        rooms = [Room(id="Room 2", features=["stage"]), Room(id="own", reserved=True)]
        found = at_cap(plain(rooms=rooms, cap=Profile(value=2, periods=[Period(value=2, days=[DATES[0]])])), 1)
        assert [room.id for room in found.rooms] == ["Room 2", "own"]
        assert found.cap is not None
        assert (found.cap.value, found.cap.periods[0].value) == (1, 1)
        found = at_cap(plain(rooms=rooms), 3)
        assert [(room.id, room.features) for room in found.rooms] == [
            ("Room 2", ("stage",)), ("own", ()), ("Room 2+", ("stage",)), ("Room 3", ("stage",))]
        assert at_cap(plain(), 3).rooms == ()

    def test_closed_days_stay_days(self) -> None:
        """Days that are closed have no hours left, and are still days of the window."""
        programme = plain()
        found = on_days(programme, {programme.window.days[1].date})
        assert [day for day, _, _ in found.window.blocks] == [programme.window.days[1].date]
        assert found.window.days == programme.window.days

    def test_the_tier_of_days(self) -> None:
        """The tier of the default rules that counts days is found, and is left out where it has no say."""
        assert days_tier(plain()) == (3, 1)
        assert days_tier(without_days_tier(plain())) is None
        first = plain(rules=[Compact(tier=1)])
        assert days_tier(first) is None, "comfort is in the same tier"
        assert without_days_tier(first) is first


class TestCounting:
    def test_minutes_of_phases_add_up(self) -> None:
        """Each phase needs days of its own, and the sentence names both."""
        window = Window.daily("2020-11-09", "2020-11-12", "10:00", "13:00")
        dates = [day.date for day in window.days]
        window = attrs.evolve(window, phases=[Phase(name="one", days=dates[:2]), Phase(name="two", days=dates[2:])])
        sessions = [Session(id=f"s{n}", duration=60, phases=[("one", "two")[n % 2]]) for n in range(20)]
        programme = plain(window=window, sessions=sessions)
        short, sentence = too_few(lower(at_cap(programme, 3)))
        assert short == 3
        assert "one: 10 sessions need 600 minutes" in sentence
        assert "two: 10 sessions need 600 minutes" in sentence

    def test_a_plenary_takes_what_others_could_have_had(self) -> None:
        """Beside a plenary nothing runs: at a cap of 2 it takes twice its length."""
        sessions = [Session(id="all", duration=120), *(Session(id=f"s{n}", duration=60) for n in range(9))]
        rule = Plenary(selector=Selector(ids=("all",)))
        lowered = lower(at_cap(plain(sessions=sessions, rules=[rule]), 2))
        every, *_ = needs(lowered)
        assert every.least == 4
        assert "10 sessions need 780 minutes" in every.why
        assert too_few(lower(at_cap(plain(sessions=sessions), 2)))[0] == 2


class TestValues:
    def test_least(self) -> None:
        """The fewest days read as a number, a range, or a lower limit."""
        assert str(Least(value=3, at_least=3)) == "3"
        assert str(Least(value=5, at_least=3)) == "3 to 5"
        assert str(Least(value=None, at_least=3)) == "3 or more"

    def test_proven_tier_by_tier(self) -> None:
        """A tier is proven only if those before it are; the gap is that of the first that is not."""
        schedule = sweep(plain(), caps=(1,), days=(3,), seconds=SECONDS).point(1, 3).schedule
        point = Point(cap=1, days=1, cost={1: 10, 2: 0}, bound={1: 8, 2: 0}, schedule=schedule)
        assert point.proven == {1: False, 2: False}
        assert point.gap == 0.2

    def test_tables(self) -> None:
        """The table has a line for each point, the grid a row for each cap, and the summary both."""
        frontier = sweep(plain(), caps=(1, 2), seconds=SECONDS)
        assert len(frontier.table().splitlines()) == 9
        grid = frontier.grid(3).splitlines()
        assert grid[0].split() == ["cap", "fewest", "days", "1", "2", "3", "4"]
        assert grid[1].split() == ["1", "3", "-", "-", "3", "3"]
        assert "at most 2 at a time: 2 days (1 day is too few: " in frontier.summary()
        assert "<table>" in frontier._repr_html_()
        with pytest.raises(KeyError):
            frontier.fewest_days(9)
        assert np.isfinite([point.bound[0][1] for point in frontier.points if point.bound]).all()
