"""Many out of their places where sessions run at the same time or not at all: what is proven is true."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from repairs import best_by_trying, tiny_stakes

from igfsched.comfort import Band
from igfsched.grid import Span
from igfsched.kernel import search as search_module
from igfsched.kernel.board import Board
from igfsched.kernel.search import Answer, Search
from igfsched.kernel.seats import Seating
from igfsched.kernel.slotted import Slotted
from igfsched.lowering import Lowered
from igfsched.programme import Day, Grid, Person, Programme, Room, Session, Window
from igfsched.rules import Comfort, ParallelCap, TrackParallel
from igfsched.stakes import Stakes

HOURS = (8, 10, 12, 14)
SETS = (("a",), ("b",), ("a", "b"))


def slotted(seed: int) -> Programme:
    """Return a programme of four or five sessions in four hours that are nearly full, or in two rooms."""
    random = np.random.default_rng(seed)
    rooms = bool(seed % 2)
    sessions = []
    for number in range(4 if rooms else 5):
        hours = np.sort(random.choice(HOURS, 2 if random.random() < 0.6 else 3, replace=False)).tolist()
        sessions.append(Session(
            id=f"s{number}", duration=60, track=str(random.integers(3)),
            rooms=SETS[random.integers(3)] if rooms else (),
            people=[f"p{k}" for k in range(4) if random.random() < 0.3],
            allowed=[Span(f"2020-11-09T{h:02}:00Z", f"2020-11-09T{h + 1:02}:00Z") for h in hours]))
    return Programme(
        window=Window(days=[Day(date="2020-11-09")], grid=Grid(starts=[f"2020-11-09T{h:02}:00Z" for h in HOURS])),
        rooms=[Room(id=name) for name in "ab"] if rooms else [], sessions=sessions,
        people=[Person(id=f"p{n}", zone="Asia/Kolkata") for n in range(4)],
        rules=[ParallelCap(cap=2 if rooms else int(random.integers(1, 3))), TrackParallel(level="hard"),
               Comfort(bands=[Band(start=f"{h:02}:00", end=f"{h + 1:02}:00", price=int(random.integers(9)))
                              for h in range(24)])],
    )


def searched(lowered: Lowered, stakes: Stakes, patience: float) -> Answer:
    """Return what the bounded search finds; it leaves the board as it was."""
    board = Board(lowered, stakes.kept)
    board.begin(stakes.reference, stakes.reference)
    before = board.places()
    homeless = frozenset(np.flatnonzero(stakes.reference.variant < 0).tolist())
    answer = Search(board, stakes, homeless=homeless, patience=patience).run()
    after = board.places()
    assert (after.variant == before.variant).all()
    assert (after.start == before.start).all()
    assert after.rooms == before.rooms
    return answer


@pytest.mark.parametrize("patience", [0.0, 10.0])
def test_what_is_proven_of_many_is_the_best_of_all(patience, monkeypatch):
    """With two leavers counted as many: what is proven is what trying all finds, and much is proven."""
    monkeypatch.setattr(search_module, "FEW", 1)
    ways: Counter[str] = Counter()

    def counted(name):
        own = getattr(Slotted, name)

        def counting(self, *given):
            found = own(self, *given)
            ways[name + str(found)] += 1
            return found
        return counting

    for name in ("settle", "settle_with"):
        monkeypatch.setattr(Slotted, name, counted(name))
    known: Counter[str] = Counter()
    for seed in range(120):
        lowered, stakes = tiny_stakes(seed, slotted(seed))
        best, answer = best_by_trying(lowered, stakes), searched(lowered, stakes, patience)
        if answer.levels is None or answer.levels[0]:
            assert best is None or best[0] or answer.bound <= best[1]
            continue
        assert best is not None
        assert answer.levels >= best
        assert best[0] or answer.bound <= best[1]
        known["moves"] += answer.moves_proven
        known["score"] += answer.score_proven
        if answer.moves_proven:
            assert answer.levels[:2] == best[:2]
        if answer.score_proven:
            assert answer.levels == best
    assert known["score"] > 20
    assert min(ways["settleTrue"], ways["settleFalse"], ways["settle_withTrue"], ways["settle_withFalse"]) > 0


def test_who_can_help_is_all_who_can(monkeypatch):
    """Where fewer moves cannot be, every best repair moves only those concerned, to places within the mask."""
    monkeypatch.setattr(search_module, "FEW", 1)
    helped = 0
    for seed in range(120):
        lowered, stakes = tiny_stakes(seed, slotted(seed))
        answer = searched(lowered, stakes, 0.0)
        best = best_by_trying(lowered, stakes)
        if answer.within is None or best is None or best[0] or best[1] > answer.bound:
            continue
        helped += 1
        assert answer.levels == best
        assert answer.places is not None
        moved = np.flatnonzero((answer.places.variant >= 0) & (answer.places.start != stakes.reference.start))
        assert set(moved.tolist()) <= set(answer.concerned)
        columns = np.searchsorted(lowered.facts.starts, answer.places.start[moved])
        assert answer.within[answer.places.variant[moved], columns].all()
    assert helped > 0


def test_guests_move_on_for_others():
    """All have seats if there is a way at all; one more is seated only where the others can stay seated."""
    seating = Seating({1: (0, 1), 2: (0,), 3: (1, 2)}, np.array([1, 1, 1, 1]))
    assert seating.all_seated()
    assert [seating.also(4, slot) for slot in range(4)] == [False, False, False, True]
    assert not Seating({1: (0,), 2: (0,)}, np.array([1, 1])).all_seated()
    assert Seating({1: (0,), 2: (0,)}, np.array([2])).all_seated()
