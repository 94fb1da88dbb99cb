"""What there is to choose from: a price per move, alternatives, effects, outcomes, and who has to be told."""

from __future__ import annotations

import pytest

from igfsched import Person, Placement, Planner, Programme, Room, Schedule, Session, Window
from igfsched.changes import PersonUnavailable, SessionConfirmed, SessionMoved
from igfsched.errors import InputError
from igfsched.grid import Span

DAY = "2020-11-09"


def at(session: str, hour: str, room: str = "r1", duration: int = 60) -> Placement:
    return Placement(session=session, start=f"{DAY}T{hour}Z", duration=duration, rooms=room)


@pytest.fixture
def planner() -> Planner:
    """Two sessions in a room: `a` at an hour that is night for its speaker, `b` at noon, tentative."""
    programme = Programme(
        window=Window.daily(DAY, DAY, "00:00", "14:00"), rooms=[Room(id="r1")],
        people=[Person(id="p", zone="Europe/Paris"), Person(id="q", zone="Asia/Tokyo")],
        sessions=[Session(id="a", duration=60, people=["p"]),
                  Session(id="b", duration=60, people=["q"], tentative=True)],
    )
    return Planner(programme, Schedule([at("a", "02:00"), at("b", "12:00")]))


def test_moves_are_traded_at_a_price(planner):
    """Where moves are cheap, the score is bought with them; where they are dear, nothing moves."""
    kept = planner.apply(SessionConfirmed(session="a"))
    assert (kept.status, kept.levels[1]) == ("untouched", 0)
    cheap = planner.apply(SessionConfirmed(session="a"), price=1)
    assert cheap.levels[1] == 3 + 1
    assert cheap.score[1] == 0
    dear = planner.apply(SessionConfirmed(session="a"), price=100_000)
    assert dear.levels[1] == 0
    assert cheap.proof.score
    assert dear.proof.score


def test_places_are_ranked(planner):
    """The free places of a session come first, the cheapest of them first; who is in the way is named."""
    found = planner.alternatives("a")
    free = [place for place in found if place.free]
    assert found[: len(free)] == tuple(free)
    costs = [place.cost for place in free if place.rooms_change == 0]
    assert costs == sorted(costs)
    (noon,) = [place for place in found if place.start.format("HH:mm") == "12:00"]
    assert noon.in_the_way == ("b",)
    assert str(noon).endswith("in the way: b")
    assert planner.apply(SessionMoved(session="a", start=noon.start)).schedule.get("b").start != noon.start


def test_an_effect_is_what_an_audit_finds(planner):
    """A move by hand is looked at with nothing repaired."""
    clash = planner.effect("a", start=f"{DAY}T12:30Z")
    assert not clash.valid
    assert {finding.rule for finding in clash.new if finding.level == "hard"} == {"room_clash"}
    better = planner.effect("a", start=f"{DAY}T10:00Z")
    assert better.valid
    assert better.after[1] < better.before[1]
    assert planner.schedule.get("a") == at("a", "02:00")


def test_a_hand_cannot_put_a_session_between_ticks(planner):
    """A start that the engine cannot count is wrong input, told with what is possible; nothing is changed."""
    with pytest.raises(InputError, match=r"cannot be held there.*steps of 10 minutes.*09:03Z"):
        planner.apply(SessionMoved(session="a", start=f"{DAY}T09:03Z"))
    assert planner.apply(SessionConfirmed(session="a")).status == "untouched"


def test_both_outcomes_are_known_beforehand(planner):
    """Dropping a tentative session moves nobody; who would gain from its place is told."""
    outcomes = planner.outcomes("b")
    assert not outcomes.dropped.moves
    assert "b" not in outcomes.dropped.programme.sessions_by_id
    assert outcomes.confirmed.status == "untouched"
    assert [gain.session for gain in outcomes.gains] == ["a"]
    assert planner.commit(outcomes.dropped).valid
    with pytest.raises(InputError, match="there is no session 'b'"):
        planner.outcomes("b")


def test_people_are_told_on_their_own_clock(planner):
    """Only those are told for whom something changes, in UTC and in their zone."""
    repair = planner.apply(PersonUnavailable(person="q", spans=[Span(f"{DAY}T12:00Z", f"{DAY}T13:00Z")]))
    (notice,) = repair.notices
    assert notice.person == "q"
    assert f"from {DAY}T12:00Z (Mon 09 Nov 21:00 Asia/Tokyo)" in notice.sentences[0]


def test_a_repair_of_another_state_is_refused(planner):
    """What was repaired before something else was committed cannot be committed any more."""
    late = planner.apply(SessionConfirmed(session="b"))
    planner.commit(planner.apply(SessionMoved(session="a", start=f"{DAY}T09:00Z")))
    with pytest.raises(InputError, match="of another state"):
        planner.commit(late)


def test_what_a_hand_may_break_is_forgotten_with_the_repair():
    """Two sessions put at one time by hand break the cap, which is accepted; not by a repair of something else."""
    names = "abcdefghij"
    programme = Programme(window=Window.daily(DAY, DAY, "00:00", "14:00"), cap=1,
                          sessions=[Session(id=name, duration=60) for name in names])
    planner = Planner(programme, Schedule([at(name, f"{hour:02}:00", ()) for hour, name in enumerate(names, 2)]))
    together = planner.apply(*(SessionMoved(session=id, start=f"{DAY}T12:30Z") for id in ("a", "b")))
    assert together.levels[:2] == (0, 2)
    assert any(term.accepted for term in planner.trial.board.terms())
    planner.apply(SessionConfirmed(session="b"))
    assert not any(term.accepted for term in planner.trial.board.terms())
