"""The model of a repair finds the least levels that exhaustive search finds, and proves them."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from itertools import combinations, product
from math import prod

import numpy as np
import pytest
from attrs import evolve
from changing import after, programmes_with_all_rules
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from tiny import best_by_trying, tiny_programme

from igfsched.engine import hours, repair, search
from igfsched.engine.control import Control, Incumbent
from igfsched.engine.cpsat import Limits
from igfsched.engine.goals import values_at
from igfsched.engine.repair import RepairModel
from igfsched.engine.rooms import Pools
from igfsched.engine.search import Search
from igfsched.facts import Ints, Places
from igfsched.grid import Clock, Span, from_minute
from igfsched.lowering import Lowered, lower
from igfsched.primitives import Tally
from igfsched.programme import Day, Grid, Person, Programme, Role, Room, Session, Window
from igfsched.relowering import relower
from igfsched.rules import Compact, RoomAvailability, RoomChoice, RoomClash
from igfsched.schedule import Schedule
from igfsched.stakes import Stakes, excess, levels

Option = tuple[int, int, tuple[int, ...]]


def programme_with_rooms(seed: int) -> Programme:
    """Return a tiny programme with up to three rooms, closed at times, and sessions that need two of them."""
    random = np.random.default_rng([seed, 1])
    base = tiny_programme(seed)
    if random.random() < 0.15:
        return evolve(base, rooms=(), sessions=[evolve(s, rooms=()) for s in base.sessions])
    first = base.window.blocks[0][1]
    rooms = [
        Room(id=id, closed=[Span(from_minute(first + 60), from_minute(first + 90))] if random.random() < 0.3 else [],
             capacity=10 if random.random() < 0.2 else None,
             changeover=30 if random.random() < 0.2 else None)
        for id in "abc"[: int(random.integers(1, 4))]
    ]
    sessions = []
    for session in base.sessions:
        count = 2 if len(rooms) > 1 and random.random() < 0.25 else 1
        fixed = "a" if random.random() < 0.15 else None
        sessions.append(evolve(
            session, room_count=count, rooms=() if count > 1 else session.rooms, fixed_room=fixed,
            capacity=20 if random.random() < 0.2 else None))
    rules = list(base.rules)
    if random.random() < 0.15:
        rules.append(RoomClash(level="soft", tier=2, weight=2))
    if random.random() < 0.2:
        rules.append(RoomChoice(level="soft", tier=1, weight=30))
    if random.random() < 0.2:
        rules.append(RoomAvailability(level="soft", tier=2))
    return evolve(base, rooms=rooms, sessions=sessions, rules=rules)


def with_a_dead_slot(programme: Programme) -> Lowered:
    """Return a programme lowered after a first session was cancelled: slot 0 is dead."""
    gone = Session(id="gone", duration=60, people=[Role(person="p0"), Role(person="p1")], priority=3)
    before = lower(evolve(programme, sessions=[gone, *programme.sessions]))
    return relower(before, programme).lowered


class Case:
    """A programme, a reference and a present schedule at random, and what is free."""

    def __init__(self, seed: int, *, free: int | None = None, dead: bool = False) -> None:
        lowered = with_a_dead_slot(programme_with_rooms(seed)) if dead else lower(programme_with_rooms(seed))
        self.draw(lowered, np.random.default_rng([seed, 2]), free)

    @classmethod
    def of(cls, lowered: Lowered, random: np.random.Generator, free: int | None, starts: int) -> Case:
        """Return a case of any programme, in which free sessions may begin at a few starts."""
        case = cls.__new__(cls)
        case.draw(lowered, random, free, starts)
        return case

    def draw(self, lowered: Lowered, random: np.random.Generator, free: int | None, starts: int = 6) -> None:
        """Choose everything but the programme."""
        self.lowered, facts = lowered, lowered.facts
        self.starts = [self.some_starts(random, session, starts) for session in range(facts.n)]
        self.mask = np.zeros_like(self.lowered.allowed)
        for session in range(facts.n):
            for variant in facts.variants[session]:
                self.mask[variant, self.starts[session]] = True
        reference = self.random_places(random)
        present = reference
        if random.random() < 0.5:
            present = mixed(reference, self.random_places(random), random)
        weights = np.where(reference.variant >= 0, random.integers(0, 4, size=facts.n), 0)
        kept = frozenset(s for s in range(facts.n) if random.random() < 0.3)
        self.stakes = Stakes(reference=reference, weights=weights, kept=kept, present=present)
        self.free = frozenset(range(facts.n)) - kept
        if free is not None:
            self.free = frozenset(random.choice(facts.n, size=free, replace=False).tolist()) - kept

    def some_starts(self, random: np.random.Generator, session: int, number: int) -> Ints:
        """Return a few starts, indices in order."""
        everything = np.arange(len(self.lowered.facts.starts))
        if number < 6 and random.random() < 0.8:  # of many rules, few starts are likely to please all
            own = list(self.lowered.facts.variants[session])
            everything = np.flatnonzero(self.lowered.allowed[own].any(axis=0)) if own else everything
        return np.sort(random.choice(everything, size=min(number, len(everything)), replace=False))

    def random_places(self, random: np.random.Generator) -> Places:
        """Return any places, good or bad; some sessions have none, some rooms are not known."""
        lowered, facts = self.lowered, self.lowered.facts
        variant, start = np.full(facts.n, -1), np.full(facts.n, -1)
        rooms: list[tuple[int, ...]] = [()] * facts.n
        number = len(lowered.programme.rooms)
        for session, value in facts.each_session():
            if random.random() < 0.15:
                continue
            own = facts.variants[session]
            variant[session] = own[int(random.integers(len(own)))]
            good = np.flatnonzero(lowered.allowed[variant[session], self.starts[session]])
            at = self.starts[session] if random.random() < 0.2 or not len(good) else self.starts[session][good]
            if not len(at):
                variant[session] = -1
                continue
            start[session] = facts.starts[random.choice(at)] + (random.random() < 0.05)
            if number and random.random() < 0.9:
                count = min(value.room_count, number)
                rooms[session] = tuple(sorted(random.choice(number, size=count, replace=False).tolist()))
        return Places(variant, start, tuple(rooms))

    def options(self, session: int, partial: bool) -> list[Option]:
        """Return every place that a session may have."""
        lowered, facts, stakes = self.lowered, self.lowered.facts, self.stakes
        now = (int(stakes.present.variant[session]), int(stakes.present.start[session]), stakes.present.rooms[session])
        if session in stakes.kept or not facts.variants[session] or (now[0] < 0 and session not in self.free):
            return [now]
        count = facts.session(session).room_count
        choices = list(combinations(range(len(lowered.programme.rooms)), count)) if lowered.programme.rooms else [()]
        times = [now[:2]]
        if session in self.free:
            times = [(v, int(facts.starts[c])) for v in facts.variants[session]
                     for c in self.starts[session] if self.mask[v, c]]
        found = [(*at, rooms) for at in times for rooms in choices]
        return [*found, (-1, -1, ())] if session in self.free and partial else found

    def settle(self, random: np.random.Generator) -> None:
        """Let sessions be at places that keep to the rules, and all but a few of them be told so."""
        stakes = evolve(self.stakes, kept=frozenset())
        found = RepairModel(self.lowered, stakes, mask=self.mask).solve(limits=LIMITS).places
        if found is not None:
            present = mixed(found, self.stakes.present, random) if random.random() < 0.3 else found
            reference = mixed(present, self.stakes.reference, random) if random.random() < 0.5 else present
            weights = np.where(reference.variant >= 0, self.stakes.weights, 0)
            self.stakes = evolve(self.stakes, present=present, reference=reference, weights=weights)

    @property
    def size(self) -> int:
        """How many places there are to try."""
        return prod(len(self.options(session, True)) for session in range(self.lowered.facts.n))

    def best(self, partial: bool, trade: int | None = None) -> tuple[int, ...] | None:
        """Return the least values of all places that add nothing to what the kept sessions violate."""
        lowered, stakes = self.lowered, self.stakes
        found: tuple[int, ...] | None = None
        everything = [self.options(session, partial) for session in range(lowered.facts.n)]
        for places in sorted((at(chosen) for chosen in product(*everything)), key=lambda p: first_levels(self, p)):
            if found is not None and trade is None and first_levels(self, places) > found[:3]:
                break
            if excess(lowered, stakes, places):
                continue
            values = values_at(levels(lowered, stakes, places), trade)
            found = values if found is None else min(found, values)
        return found


def at(chosen: Iterable[Option]) -> Places:
    variant, start, rooms = zip(*chosen, strict=True)
    return Places(np.array(variant), np.array(start), tuple(rooms))


def mixed(one: Places, other: Places, random: np.random.Generator) -> Places:
    """Return places of one schedule for some sessions, of another for the others."""
    mine = random.random(len(one.variant)) < 0.6
    return Places(np.where(mine, one.variant, other.variant), np.where(mine, one.start, other.start),
                  tuple(a if m else b for m, a, b in zip(mine, one.rooms, other.rooms, strict=True)))


def first_levels(case: Case, places: Places) -> tuple[int, ...]:
    """Return the levels before the score."""
    sessions = range(case.lowered.facts.n)
    return (
        sum(int(case.lowered.absent[s]) for s in sessions if places.variant[s] < 0),
        sum(int(case.stakes.weights[s]) for s in sessions if case.stakes.moved(places, s)),
        sum(case.stakes.changed(places, s) for s in sessions),
    )


LIMITS = Limits(seconds=20, workers=1)


def check(case: Case, *, partial: bool = True, trade: int | None = None) -> None:
    """A repair has the least values, proven, cold and from its own outcome, and a model can be solved again."""
    best = case.best(partial, trade)
    model = RepairModel(case.lowered, case.stakes, free=case.free, mask=case.mask, partial=partial)
    found = model.solve(limits=LIMITS, trade=trade)
    if best is None:
        assert found.places is None
        assert found.infeasible
        return
    assert found.places is not None
    assert found.values == best
    assert found.optimal
    assert excess(case.lowered, case.stakes, found.places) == 0
    assert levels(case.lowered, case.stakes, found.places) == found.levels
    again = model.solve(hint=found.places, limits=evolve(LIMITS, light=True), most=found.levels, trade=trade)
    assert again.values == best
    assert again.optimal


@pytest.mark.parametrize("seed", range(40))
def test_levels_are_the_least(seed):
    """From a reference at random, good or bad, with kept sessions: the levels of exhaustive search, proven."""
    check(Case(seed), partial=seed % 4 > 0)


@pytest.mark.parametrize("seed", range(40))
def test_a_part_is_solved_as_by_trying_all(seed):
    """With one or two sessions free the others keep their time, and may change rooms."""
    check(Case(1000 + seed, free=1 + seed % 2), partial=seed % 4 > 0)


@pytest.mark.parametrize("seed", range(10))
def test_a_price_for_moves(seed):
    """With a price per move, moves and the first tier are minimised together."""
    check(Case(2000 + seed, free=2), trade=seed * 4)


@pytest.mark.parametrize("seed", range(12))
def test_dead_slots_have_no_variables(seed):
    """A cancelled session leaves a slot that needs no place, and costs nothing."""
    case = Case(4000 + seed, free=(None, 2)[seed % 2], dead=True)
    assert case.lowered.facts.sessions[0] is None
    check(case)


@pytest.mark.parametrize("small", [6000, -1])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_search_skips_dead_slots(seed, small, monkeypatch):
    """The first solve, too, finds the best without a place for the slots of cancelled sessions."""
    monkeypatch.setattr(search, "SMALL", small)
    lowered = with_a_dead_slot(tiny_programme(6000 + seed))
    control = Control(seconds=20, workers=1, seed=0)
    best = Incumbent(lowered, control)
    Search(lowered, control, best).run()
    assert best.places is not None
    found = levels(lowered, Stakes(reference=best.places, weights=np.zeros(lowered.facts.n, dtype=np.int64),
                                   kept=frozenset(), present=best.places), best.places)
    expected = best_by_trying(lowered)
    assert found[0] == expected[0]
    if not found[0] or not lowered.all_must_be_placed:
        assert found[3:] == expected[1:]


def crowded() -> tuple[Lowered, Places]:
    """Return three sessions of one person and one room, all at the same time."""
    window = Window(days=[Day(date="2020-11-09", hours=[Clock("08:00", "11:00")])], grid=Grid(step=30))
    programme = Programme(
        window=window, rooms=[Room(id="r")], people=[Person(id="p")], cap=1,
        sessions=[Session(id=id, duration=60, people=["p"]) for id in "abc"])
    lowered = lower(programme)
    return lowered, Places(np.arange(3), np.full(3, lowered.facts.starts[0]), ((0,), (0,), (0,)))


def test_kept_sessions_that_clash_are_accepted():
    """Two sessions that stay clash with one another; the third goes to where it adds nothing to that."""
    lowered, present = crowded()
    stakes = Stakes(reference=present, weights=np.ones(3, dtype=np.int64), kept=frozenset({0, 1}), present=present)
    found = RepairModel(lowered, stakes).solve(limits=LIMITS)
    assert found.places is not None
    assert found.optimal
    assert found.places.start.tolist()[:2] == present.start.tolist()[:2]
    assert found.levels[:3] == (0, 1, 0)
    minutes = lowered.facts.tick * (found.places.start - present.start)
    assert minutes[2] >= 60


def test_what_stands_still_is_not_accepted():
    """Sessions that are neither kept nor free may not clash: then there is no repair."""
    lowered, present = crowded()
    stakes = Stakes(reference=present, weights=np.ones(3, dtype=np.int64), kept=frozenset(), present=present)
    found = RepairModel(lowered, stakes, free=[2]).solve(limits=LIMITS)
    assert found.places is None
    assert found.infeasible


def test_a_model_can_be_solved_again():
    """A solve leaves the model as it was, also with limits that nothing fits; and a set event ends it at once."""
    case = Case(7)
    model = RepairModel(case.lowered, case.stakes, free=case.free, mask=case.mask)
    first = model.solve(limits=LIMITS)
    none = model.solve(limits=LIMITS, most=(-1,))
    assert none.infeasible
    assert none.places is None
    told: list[Places] = []
    second = model.solve(limits=LIMITS, on_better=told.append)
    assert second.values == first.values
    assert second.places is told[-1]
    cancel = threading.Event()
    cancel.set()
    stopped = model.solve(hint=first.places, limits=evolve(LIMITS, cancel=cancel))
    assert stopped.levels == first.levels


def test_equal_calls_in_deterministic_mode_give_equal_places():
    """With a limit of the solver's own time a repair is repeatable."""
    case = Case(11)
    limits = Limits(workers=1, deterministic=5.0)
    found = [RepairModel(case.lowered, case.stakes, mask=case.mask).solve(limits=limits).places for _ in range(2)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].start.tolist() == found[1].start.tolist()
    assert found[0].rooms == found[1].rooms


MOST = 400
"""Combinations of places that are tried with all rules."""
# Shrinking takes minutes and the cases are small as they are.
ALL_RULES = settings(deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])


@st.composite
def cases_with_all_rules(draw: st.DrawFn) -> Case:
    """Draw a repair of a programme that lists all rules, or some, perhaps after changes, with few places to try."""
    programme = draw(programmes_with_all_rules())
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    share = draw(st.sampled_from((1.0, 0.5, 0.25, 0.1)))
    programme = evolve(programme, rules=[rule for rule in programme.rules if random.random() < share])
    lowered = lower(programme)
    for _ in range(draw(st.integers(0, 3))):
        try:
            programme, _ = after(draw, programme, Schedule())
        except ValueError:
            continue
        lowered = relower(lowered, programme).lowered
    case = Case.of(lowered, random, draw(st.sampled_from((None, None, 1, 2))), draw(st.integers(1, 5)))
    if draw(st.booleans()):
        case.settle(random)
    assume(case.size <= MOST)
    return case


def hurry(case: Case, seconds: float) -> None:
    """From the present places the best is found, too, and with hardly any time nothing is proven that is not so."""
    best = case.best(partial=True)
    model = RepairModel(case.lowered, case.stakes, free=case.free, mask=case.mask)
    assert best is None or model.solve(hint=case.stakes.present, limits=LIMITS).values == best
    found = model.solve(hint=case.stakes.present, limits=Limits(seconds=seconds, workers=1, light=True))
    assert best is not None or found.places is None
    assert best is None or not found.infeasible
    assert best is None or found.values[:found.proven] == best[:found.proven]
    for number, bound in enumerate(found.bounds if best is not None else ()):
        assert bound is None or found.values[:number] != best[:number] or bound <= best[number]


AS_DRAWN = given(case=cases_with_all_rules(), partial=st.sampled_from((True, True, True, False)),
                 trade=st.sampled_from((None, None, None, 3)), seconds=st.sampled_from((0.0, 0.004, 0.02)))


@AS_DRAWN
@settings(ALL_RULES, max_examples=50)
def test_with_all_rules(case, partial, trade, seconds):
    """With every rule at any level, before and after changes: the levels of exhaustive search, proven."""
    check(case, partial=partial, trade=trade)
    hurry(case, seconds)


@pytest.mark.long
@AS_DRAWN
@settings(ALL_RULES, max_examples=3000)
def test_often_with_all_rules(case, partial, trade, seconds):
    """The same three thousand times."""
    check(case, partial=partial, trade=trade)
    hurry(case, seconds)


def test_one_session_alone_keeps_to_a_rule_of_many():
    """Where nothing stands still, and one session has a candidate, it may not break a rule of all by itself."""
    dates = ("2020-11-09", "2020-11-10")
    window = Window(days=[Day(date=date, hours=[Clock("08:00", "11:00")]) for date in dates], grid=Grid(step=30))
    lowered = lower(Programme(window=window, sessions=[Session(id="a", duration=60)],
                              rules=[Compact(measure="earliest", level="hard")]))
    nowhere = Places(np.array([-1]), np.array([-1]), ((),))
    stakes = Stakes(reference=nowhere, weights=np.zeros(1, dtype=np.int64), kept=frozenset(), present=nowhere)
    second = lowered.facts.day_of_tick[lowered.facts.starts] == 1
    for mask, unplaced in ((second[None], 1), (None, 0)):
        found = RepairModel(lowered, stakes, mask=mask).solve(hint=nowhere, limits=LIMITS)
        assert found.levels[0] == unplaced
        assert found.optimal


def test_a_capacity_says_nothing_of_sessions_that_came_later(monkeypatch):
    """What was stated before a session came has no numbers for its slot, and needs none."""
    monkeypatch.setattr(hours, "CROWD", 2)
    lowered, _ = crowded()
    programme = evolve(lowered.programme, sessions=[
        evolve(session, prepare_before=30) for session in lowered.programme.sessions])
    later = evolve(programme, sessions=[*programme.sessions, Session(id="later", duration=60)])
    now = relower(lower(programme), later).lowered
    assert any(isinstance(term.primitive, Tally) and not isinstance(term.primitive.axis.before, int)
               and len(term.primitive.axis.before) < now.facts.n for term in now.terms)
    found, anew = (hours.capacities(of, Pools(of)) for of in (now, lower(later)))
    assert [limit.before.tolist() for limit in found] == [[1, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert sorted(limit.members.tolist() for limit in found) == sorted(limit.members.tolist() for limit in anew)


def test_no_call_is_made_without_time(monkeypatch):
    """Without time a solve returns what it was given, and proves what sums prove."""
    lowered, present = crowded()
    stakes = Stakes(reference=present, weights=np.ones(3, dtype=np.int64), kept=frozenset(), present=present)
    model = RepairModel(lowered, stakes)
    best = model.solve(limits=LIMITS)
    monkeypatch.setattr(repair, "run", None)
    found = model.solve(hint=best.places, limits=Limits(seconds=0.0))
    assert found.levels == best.levels
    assert found.proven == 1
    assert found.bounds[:2] == (0, 0)
    assert model.solve(limits=Limits(seconds=0.0)).places is None


def test_a_hint_without_rooms_is_none():
    """Places in another number of rooms than sessions need break no rule, but no model chooses from them."""
    lowered, present = crowded()
    lowered = lower(evolve(lowered.programme, rooms=[Room(id="r"), Room(id="other")]))
    starts = lowered.facts.starts[[0, 2, 4]]
    hint = Places(present.variant, starts, ((0,), (0,), ()))
    stakes = Stakes(reference=hint, weights=np.ones(3, dtype=np.int64), kept=frozenset(), present=hint)
    assert excess(lowered, stakes, hint) == 0
    for free in (None, [0], [2]):
        found = RepairModel(lowered, stakes, free=free).solve(hint=hint, limits=LIMITS)
        assert found.places is not None
        assert [len(rooms) for rooms in found.places.rooms] == [1, 1, 1]
        assert found.optimal


def test_a_hint_may_leave_nobody_out_of_a_whole_model():
    """Where nobody may be left out, places that leave somebody out are no hint."""
    lowered, present = crowded()
    hint = Places(np.array([0, 1, -1]), np.array([*lowered.facts.starts[[0, 2]], -1]), ((0,), (0,), ()))
    stakes = Stakes(reference=present, weights=np.ones(3, dtype=np.int64), kept=frozenset(), present=hint)
    for starts, unplaced in ((4, None), (5, 0)):
        mask = lowered.allowed & (np.arange(len(lowered.facts.starts)) < starts)
        found = RepairModel(lowered, stakes, mask=mask, partial=False).solve(hint=hint, limits=LIMITS)
        assert found.infeasible == (unplaced is None)
        assert found.levels[:1] == (() if unplaced is None else (unplaced,))


def test_the_time_to_build_goes_with_what_is_free():
    """What is estimated is less for a part than for everything, and nearly nothing if nobody is free."""
    lowered, _ = crowded()
    nobody, one, everybody = (RepairModel.build_seconds(lowered, free) for free in ([], [1], None))
    assert 0 < nobody < one < everybody < 0.01


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3000, 3400))
@pytest.mark.parametrize("free", [None, 1, 2])
def test_many_repairs(seed, free):
    """The same on four hundred programmes."""
    check(Case(seed, free=free), partial=seed % 3 > 0, trade=None if seed % 5 else 3)
