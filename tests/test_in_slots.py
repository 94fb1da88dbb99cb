"""Where sessions run at the same time or not at all, everything is solved at once, and rooms are counted."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import best_by_trying

from igfsched.comfort import Band
from igfsched.engine import search, solve
from igfsched.engine.candidates import Candidates
from igfsched.engine.encode import build
from igfsched.engine.rooms import unions
from igfsched.lowering import lower
from igfsched.programme import Day, Grid, Person, Programme, Room, Session, Window
from igfsched.rules import Comfort, RoomChoice, TrackParallel

ZONES = ("America/New_York", "Asia/Kolkata", "Europe/Paris")
ROOMS = (("a",), ("a", "b"), ("b", "c"), ("c",), ())


def slotted(seed: int, sessions: int = 4) -> Programme:
    """Return a programme of two or three slots an hour apart, whose sessions may use sets of rooms that overlap."""
    random = np.random.default_rng(seed)
    hours = sorted(random.choice([8, 10, 12, 15, 20], size=random.integers(2, 4), replace=False).tolist())
    return Programme(
        window=Window(days=[Day(date="2020-11-09")], grid=Grid(starts=[f"2020-11-09T{h:02}:00Z" for h in hours])),
        changeover=int(random.integers(0, 2)) * 30, rooms=[Room(id=name) for name in "abc"],
        people=[Person(id=f"p{n}", zone=ZONES[random.integers(3)]) for n in range(3)],
        sessions=[
            Session(id=f"s{n}", duration=60, track=str(random.integers(2)), rooms=ROOMS[random.integers(len(ROOMS))],
                    people=[f"p{k}" for k in np.flatnonzero(random.random(3) < 0.4)])
            for n in range(sessions)
        ],
        rules=[Comfort(bands=[Band(start="00:00", end="09:00", price=4), Band(start="09:00", end="24:00", price=1)]),
               TrackParallel(tier=2)],
    )


@pytest.mark.parametrize("small", [0, 1500])
@pytest.mark.parametrize("seed", range(12))
def test_as_by_trying_all(seed, small, monkeypatch):
    """The optimum is that of exhaustive search, tier by tier, or the refusal; the audit confirms the rooms."""
    monkeypatch.setattr(search, "SMALL", small)
    programme = slotted(seed)
    lowered = lower(programme)
    assert build(Candidates.where(lowered, lowered.allowed)).in_slots
    best = best_by_trying(lowered)
    result = solve(programme, seconds=20, workers=1)
    if best[0]:
        assert (result.schedule, result.status) == (None, "infeasible")
    else:
        assert result.proven
        assert tuple(score.score for score in result.score) == best


def test_rooms_that_cost_are_chosen():
    """Where rooms have prices or several are needed, or times overlap, rooms are not merely counted."""
    programme = slotted(3)
    lowered = lower(programme)
    assert build(Candidates.where(lowered, lowered.allowed)).in_slots
    dear = lower(programme.successor(rules=[*programme.rules, RoomChoice(level="soft", tier=3)]))
    assert not build(Candidates.where(dear, dear.allowed)).in_slots
    wide = lower(programme.successor(sessions=[
        Session(id="s0", duration=60, room_count=2), *programme.sessions[1:]]))
    assert not build(Candidates.where(wide, wide.allowed)).in_slots
    step = lower(programme.successor(window=Window(days=[Day(date="2020-11-09")], grid=Grid(step=30))))
    assert not build(Candidates.where(step, step.allowed)).in_slots


def test_unions_are_all_that_there_are():
    """Every union of some of the sets is there once; too many are None."""
    assert unions([(0,), (1,), (0, 1), (2,)]) == {(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)}
    assert unions([(n,) for n in range(7)]) is None
