"""Sessions that exclude many others, stated as one capacity."""

from __future__ import annotations

from igfsched import Person, Programme, Role, Selector, Session, Window, solve
from igfsched.engine.stars import MANY, split_stars
from igfsched.lowering import lower
from igfsched.rules import OptionalPersonClash, Plenary


def twice_excluded() -> Programme:
    """Return a programme in which two rules say of one pair of sessions that they exclude each other."""
    sessions = [Session(id=f"s{n}", duration=60) for n in range(MANY - 1)]
    meeting = Session(id="meeting", duration=60, people=[Role(person="ana", required=False)])
    opening = Session(id="opening", duration=60, people=["ana"])
    return Programme(
        window=Window.daily("2020-11-09", "2020-11-09", "08:00", f"{9 + MANY}:00"), people=[Person(id="ana")], cap=1,
        sessions=[opening, meeting, *sessions],
        rules=[Plenary(selector=Selector(ids=["opening"])), OptionalPersonClash(level="hard")],
    )


def test_a_pair_that_two_rules_exclude_counts_once():
    """Two rules about one pair make one pair of a star: counted twice, the session would exclude itself."""
    found, alone = split_stars(lower(twice_excluded()))
    assert [sorted(star.others) for star in found] == [list(range(1, MANY + 1))]
    assert not alone


def test_a_pair_that_two_rules_exclude_leaves_schedules():
    """A programme in which two rules exclude the same pair is solved, not called infeasible."""
    assert solve(twice_excluded(), seconds=20).status == "optimal"
