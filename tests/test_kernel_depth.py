"""Where one move is not enough: two others may weigh less than one, and rooms may be out of reach for good."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from repairs import searched

from igfsched.engine.cpsat import Limits
from igfsched.engine.repair import RepairModel
from igfsched.facts import Places
from igfsched.grid import Clock, Span
from igfsched.kernel.board import Board
from igfsched.kernel.giving import Giving, Undecided
from igfsched.kernel.housing import house
from igfsched.lowering import Lowered, lower
from igfsched.primitives import Table, Unit
from igfsched.programme import Day, Grid, Programme, Room, Session, Window
from igfsched.rules import ParallelCap
from igfsched.stakes import Stakes

HOURS = 8


def hour(number: int) -> Span:
    """Return an hour of the only day."""
    return Span(start=f"2020-11-02T{8 + number:02d}:00:00Z", end=f"2020-11-02T{9 + number:02d}:00:00Z")


def programme(hours: list[list[int]], rooms: int = 0, cap: int = 1) -> Programme:
    """Return a programme of sessions of one hour that may be held at some hours each, so many at a time."""
    sessions = [Session(id=f"s{n}", duration=60, allowed=[hour(h) for h in own]) for n, own in enumerate(hours)]
    window = Window(days=[Day(date="2020-11-02", hours=[Clock("08:00", "16:00")])], grid=Grid(step=60), zone="UTC")
    return Programme(window=window, sessions=sessions, rooms=[Room(id=f"r{n}") for n in range(rooms)],
                     rules=[ParallelCap(cap=cap)])


def held(lowered: Lowered, at: list[int], weights: list[int]) -> Stakes:
    """Return the stakes of sessions that were published at some hours."""
    facts = lowered.facts
    places = Places(np.array([facts.variants[s][0] for s in range(facts.n)]), facts.starts[np.array(at)],
                    ((),) * facts.n)
    return Stakes(reference=places, weights=np.array(weights), kept=frozenset(), present=places)


def test_two_light_moves_are_fewer_than_a_heavy_one():
    """A session may take the place of one that weighs 3, or of one that weighs 1 and takes that of another."""
    lowered = lower(programme([[1, 2], [1, 5], [2, 3], [3, 4]]))
    answer, _ = searched(lowered, held(lowered, [0, 1, 2, 3], [1, 3, 1, 1]))
    assert answer.levels is not None
    assert answer.levels[1] == 3
    assert answer.moves_proven


def test_a_chain_of_three_is_proven():
    """A session comes to a full hour; who was there goes to another, whose session goes on to a free one."""
    lowered = lower(programme([[1], [1, 2], [2, 3], [1, 4]]))
    answer, _ = searched(lowered, held(lowered, [0, 1, 2, 4], [1, 1, 1, 1]))
    assert answer.levels is not None
    assert answer.levels[1] == 3
    assert answer.score_proven


def movers(hours: list[list[int]], cap: int, at: list[int]) -> list[set[int]]:
    """Return who moves in each of the schedules in which no hour holds more than the cap."""
    return [{n for n, (now, then) in enumerate(zip(at, chosen, strict=True)) if now != then}
            for chosen in product(*hours) if max(np.bincount(chosen)) <= cap]


def full_hours(seed: int) -> tuple[int, list[int], list[list[int]], list[int]]:
    """Draw a cap, where sessions are, the hours of each, of which the first has lost its own, and their weights."""
    random = np.random.default_rng(seed)
    cap, n = int(random.integers(1, 3)), int(random.integers(5, 9))
    at = random.permutation(np.repeat(np.arange(HOURS), cap))[:n].tolist()
    hours = [sorted({now, *random.choice(HOURS, int(random.integers(1, 4)), replace=False).tolist()}) for now in at]
    hours[0] = [h for h in hours[0] if h != at[0]] or [(at[0] + 1) % HOURS]
    return cap, at, hours, random.choice([1, 1, 2, 3], n).tolist()


@pytest.mark.parametrize("seed", range(80))
def test_moves_of_all_weights_are_the_fewest(seed):
    """With weights from 1 to 3, hours that are full and one session driven out, what is proven is true.

    So it is with what the solver says of those who alone move in what was left out.
    """
    cap, at, hours, weights = full_hours(seed)
    lowered = lower(programme(hours, cap=cap))
    stakes = held(lowered, at, weights)
    answer, _ = searched(lowered, stakes)
    sets = [(sum(weights[n] for n in those), those) for those in movers(hours, cap, at)]
    best = min((weight for weight, _ in sets), default=None)
    if answer.levels is None or answer.levels[0]:  # nothing was found: then nothing is claimed but a bound
        assert best is None or answer.bound <= best
        return
    assert best is not None
    assert answer.levels[1] >= best
    if answer.moves_proven:
        assert answer.levels[1] == best
    if answer.unseen:
        assert all(those <= set(answer.unseen) for weight, those in sets if weight < answer.levels[1])
        model = RepairModel(lowered, stakes, free=answer.unseen, partial=False)
        outcome = model.solve(limits=Limits(seconds=10, workers=1, light=True), most=answer.levels[:2])
        assert min([answer.levels[1], *outcome.levels[1:2]]) == best
        assert outcome.infeasible or outcome.optimal


def test_rooms_for_all_are_told_from_rooms_for_some():
    """Three sessions at once have rooms where there are three, and none where one of the three is closed to them."""
    three = programme([[1], [1], [1]], rooms=3, cap=3)
    for closed, possible in (([], True), ([hour(1)], False)):
        rooms = [*three.rooms[:2], Room(id="r2", closed=closed)]
        lowered = lower(Programme(window=three.window, sessions=three.sessions, rooms=rooms, rules=three.rules))
        stakes = held(lowered, [1, 1, 1], [1, 1, 1])
        board = Board(lowered)
        board.begin(stakes.reference, stakes.reference)
        assert (house(board.rooms, board.standing, [0, 1, 2], frozenset()) is not None) is possible


def test_rooms_are_as_before_when_a_search_gives_up(monkeypatch):
    """A search for rooms that takes too many steps leaves everybody where they were."""
    monkeypatch.setattr("igfsched.kernel.giving.MOST_STEPS", 2)
    lowered = lower(programme([[1], [1], [1]], rooms=3, cap=3))
    stakes = held(lowered, [1, 1, 1], [1, 1, 1])
    board = Board(lowered)
    board.begin(stakes.reference, stakes.reference)
    with pytest.raises(Undecided):
        Giving(board.rooms, board.standing, frozenset()).fewest([0, 1, 2], 8)
    assert board.rooms.rooms == [(), (), ()]
    assert not board.rooms.inside.any()


def test_a_crowd_keeps_the_rooms_it_can():
    """Of two sessions at once one is in a room that is closed now: it goes to the free one, the other stays."""
    three = programme([[1], [1]], rooms=3, cap=3)
    rooms = [*three.rooms[:2], Room(id="r2", closed=[hour(1)])]
    lowered = lower(Programme(window=three.window, sessions=three.sessions, rooms=rooms, rules=three.rules))
    stakes = held(lowered, [1, 1], [1, 1])
    board = Board(lowered)
    reference = Places(stakes.reference.variant, stakes.reference.start, ((1,), (2,)))
    board.begin(reference, reference)
    assert house(board.rooms, board.standing, [0, 1], frozenset()) == {0: (1,), 1: (0,)}


@pytest.mark.parametrize("seed", range(20))
def test_a_room_is_surely_closed_only_where_nobody_can_be_in_it(seed):
    """Where a room counts as closed to some sessions, none of their lengths may start so as to be in it."""
    random = np.random.default_rng(seed)

    def some_hours() -> list[Span]:
        return [hour(int(h)) for h in random.choice(HOURS, int(random.integers(0, 4)), replace=False)]

    others = [[], [30], [90, 120]]
    sessions = [Session(id=f"s{n}", duration=60, other_durations=others[int(random.integers(3))]) for n in range(3)]
    rooms = [Room(id=f"r{n}", closed=some_hours()) for n in range(2)]
    window = Window(days=[Day(date="2020-11-02", hours=[Clock("08:00", "16:00")])], grid=Grid(step=30), zone="UTC")
    lowered = lower(Programme(window=window, sessions=sessions, rooms=rooms))
    facts, board = lowered.facts, Board(lowered)
    closed = board.rooms.surely_closed(range(facts.n))
    for session, room in product(range(facts.n), range(2)):
        for variant, start in product(facts.variants[session], facts.starts.tolist()):
            if board.rooms.open_at(session, room, variant, start):
                assert not closed[room, start : start + int(facts.variant_ticks[variant])].any()


def test_a_room_that_is_closed_to_one_length_is_open_to_the_other():
    """A rule may close a room to one of two lengths: it is not closed to the session, nor to all who share the rule."""
    window = Window(days=[Day(date="2020-11-02", hours=[Clock("08:00", "16:00")])], grid=Grid(step=30), zone="UTC")
    sessions = [Session(id="long", duration=60), Session(id="either", duration=60, other_durations=[30])]
    board = Board(lower(Programme(window=window, sessions=sessions, rooms=[Room(id="r")])))
    facts, rooms = board.facts, board.rooms
    always = np.ones(facts.n_ticks, dtype=np.int64)
    unit = Unit(rule=ParallelCap(cap=1), sentence="the room is closed to an hour", primitives=())
    for session in range(2):
        table = Table(session=session, room_time={0: {facts.variants[session][0]: always}})
        rooms.read(session, [(unit, table)], board.tier_index)
    assert rooms.surely_closed([0])[0, :-1].all()
    assert not rooms.surely_closed([1])[0].any()
    assert not rooms.surely_closed([0, 1])[0].any()


def test_nobody_seeks_rooms_where_everybody_stays():
    """If all sessions stay and a room is closed at times, there is still a board, and nothing to be counted."""
    three = programme([[1], [2]], rooms=2, cap=2)
    lowered = lower(Programme(window=three.window, sessions=three.sessions, rules=three.rules,
                              rooms=[three.rooms[0], Room(id="r1", closed=[hour(1)])]))
    stakes = held(lowered, [1, 2], [1, 1])
    board = Board(lowered, frozenset({0, 1}))
    board.begin(stakes.reference, stakes.reference)
    assert not any(pool.value for pool in board.pools)


def test_who_stays_in_a_closed_room_takes_no_open_one():
    """One session stays in a room that is closed then: another at the same time has the open room, and stays too."""
    two = programme([[1], [1]], rooms=2, cap=2)
    lowered = lower(Programme(window=two.window, sessions=two.sessions, rules=two.rules,
                              rooms=[Room(id="r0", closed=[hour(1)]), two.rooms[1]]))
    places = held(lowered, [1, 1], [1, 1]).reference
    there = Places(places.variant, places.start, ((0,), (1,)))
    stakes = Stakes(reference=there, weights=np.array([1, 1]), kept=frozenset({0}), present=there)
    answer, _ = searched(lowered, stakes)
    assert answer.levels is not None
    assert answer.levels[:2] == (0, 0)
    assert answer.moves_proven
