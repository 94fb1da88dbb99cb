"""Changes that make no sense are refused as a whole, with every problem, its place and what may have been meant."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from test_changes import HOURS, PROGRAMME, SCHEDULE, after, at

from igfsched.changes import (
    Batch,
    CapChanged,
    CapSet,
    Change,
    DayAdded,
    DayLost,
    HoursChanged,
    PersonAdded,
    PersonAvailable,
    PersonRemoved,
    PersonReplaced,
    PersonUnavailable,
    RoomAdded,
    RoomClosed,
    RoomRemoved,
    RoomReopened,
    RuleChanged,
    SessionAdded,
    SessionCancelled,
    SessionConfirmed,
    SessionDeclined,
    SessionFreed,
    SessionMoved,
    SessionPinned,
    SessionResized,
    SessionsMerged,
    SessionSplit,
)
from igfsched.errors import InputError, Problem
from igfsched.grid import Clock
from igfsched.programme import (
    Day,
    Period,
    Person,
    Programme,
    Room,
    Session,
)
from igfsched.rules import Apart, Comfort
from igfsched.schedule import Schedule
from igfsched.selector import Selector


def refused(*changes: Change) -> dict[str, Problem]:
    """Return the problems of changes that make no sense, by path."""
    with pytest.raises(InputError) as raised:
        after(*changes)
    assert str(raised.value)
    return {problem.path: problem for problem in raised.value.problems}


@pytest.mark.parametrize(("change", "path", "words", "near"), [
    (PersonUnavailable(person="Anna", spans=[at("12:00", "13:00")]), "$.person", "no person 'Anna'", "Ana"),
    (PersonAvailable(person="Bao", spans=[at("08:00", "09:00"), at("12:00", "13:00")]), "$.spans[1]", "not busy", ""),
    (PersonAvailable(person="Boa", spans=[at("08:00", "09:00")]), "$.person", "no person", ""),
    (PersonReplaced(person="Ana", by="Chii"), "$.by", "no person", "Chi"),
    (PersonReplaced(person="Ana", by="Ana"), "$.by", "cannot take the place of", ""),
    (PersonReplaced(person="Ana", by=Person(id="Chi")), "$.by.id", "already is a person", ""),
    (PersonReplaced(person="Bao", by="Ana", session="data"), "$.person", "no role in session data", ""),
    (PersonReplaced(person="Bao", by="Ana", session="dat"), "$.session", "no session", "data"),
    (PersonAdded(session="data", person="Ana"), "$.person", "already is speaker", ""),
    (PersonAdded(session="dota", person="Ana"), "$.session", "no session", "data"),
    (PersonRemoved(session="data", person="Chi"), "$.person", "in session data", ""),
    (PersonRemoved(session="opening", person="Bao", role="moderater"), "$.role", "no role of Bao", "moderator"),
    (PersonRemoved(session="nowhere", person="Bap"), "$.person", "no person", "Bao"),
    (SessionAdded(session=Session(id="data", duration=30)), "$.session.id", "already is a session", ""),
    (SessionAdded(session=Session(id="x", duration=30, people=["Anna"])), "$", "does not exist", "Ana"),
    (SessionAdded(session=Session(id="x", duration=30, rooms=["rad"])), "$", "not one of the rooms", "red"),
    (SessionCancelled(session="date"), "$.session", "no session", "data"),
    (SessionConfirmed(session="date"), "$.session", "no session", "data"),
    (SessionDeclined(session="closing"), "$.session", "has no place", ""),
    (SessionDeclined(session="data", times=[at("09:00", "09:30")]), "$.times", "long enough", ""),
    (SessionResized(session="opening", duration=60), "$.duration", "already takes 60 minutes", ""),
    (SessionResized(session="opening", duration=601), "$", "longer than every opening block", ""),
    (SessionsMerged(sessions=["data", "trus"]), "$.sessions[1]", "no session", "trust"),
    (SessionsMerged(sessions=["data", "trust"], id="opening"), "$.id", "not one of these", ""),
    (SessionSplit(session="data", durations=[60, 60]), "$.durations", "longer than session data was", ""),
    (SessionSplit(session="data", durations=[30, 30], ids=["trust"]), "$.ids[0]", "already is a session", ""),
    (SessionMoved(session="data", rooms=["read"]), "$.rooms[0]", "no room", "red"),
    (SessionMoved(session="data", rooms=["red", "red"]), "$.rooms", "twice", ""),
    (SessionMoved(session="closing", rooms=["red"]), "$.session", "has no place", ""),
    (SessionPinned(session="closing"), "$.session", "has no place to be pinned to", ""),
    (SessionFreed(session="close"), "$.session", "no session", "closing"),
    (RoomClosed(room="rad", spans=[at("12:00", "13:00")]), "$.room", "no room", "red"),
    (RoomReopened(room="red", spans=[at("12:00", "13:00")]), "$.spans[0]", "room red is not closed", ""),
    (RoomAdded(room=Room(id="red")), "$.room.id", "already is a room", ""),
    (RoomRemoved(room="rad"), "$.room", "no room", "red"),
    (CapSet(cap=0), "$", "cap of 0", ""),
    (DayLost(date="2020-11-19"), "$.date", "no programme day '2020-11-19'", "2020-11-10"),
    (HoursChanged(date="2020-11-12", hours=HOURS), "$.date", "no programme day", "2020-11-10"),
    (HoursChanged(date="2020-11-09", hours=[Clock("08:00", "12:00"), Clock("11:00", "18:00")]), "$", "overlap", ""),
    (DayAdded(day=Day(date="2020-11-10")), "$.day.date", "already is a programme day", ""),
    (DayAdded(day=Day(date="2020-11-11"), phases=["strat"]), "$.phases[0]", "no phase", "start"),
    (RuleChanged(rule="comfrot", weight=3), "$.rule", "no rule", "comfort"),
    (RuleChanged(rule="comfort", tier=101), "$", "a tier is a whole number", ""),
], ids=lambda value: value.kind if isinstance(value, Change) else "")
def test_what_makes_no_sense_is_refused(change: Change, path: str, words: str, near: str) -> None:
    """A change that makes no sense is an InputError that names change and field, and what may have been meant."""
    with pytest.raises(InputError) as raised:
        change.applied(PROGRAMME, SCHEDULE)
    assert raised.value.source in (change.kind, "programme")
    assert path in {problem.path for problem in raised.value.problems}
    found = refused(SessionConfirmed(session="opening"), Batch(changes=[change]))
    problem = found["$.changes[1].changes[0]" + path.removeprefix("$")]
    assert words in problem.message
    assert not near or problem.nearest == near


def test_all_problems_of_a_change_are_told() -> None:
    """A change that names several things that do not exist is told each of them."""
    assert set(refused(PersonReplaced(person="A", by="B", session="C"))) == {
        "$.changes[0].person", "$.changes[0].by", "$.changes[0].session"}


def test_the_last_of_its_kind_cannot_go() -> None:
    """The last room and the last day cannot go, and a programme without rooms or a cap cannot get a part of one."""
    rooms = [RoomRemoved(room=room) for room in ("red", "blue", "hall")]
    assert "last room" in refused(*rooms)["$.changes[2].room"].message
    assert "no days" in refused(DayLost(date="2020-11-09"), DayLost(date="2020-11-10"))["$.changes[1]"].message
    assert "no cap" in refused(CapSet(cap=None), CapChanged(period=Period(value=1)))["$.changes[1].period"].message
    bare = Programme(window=PROGRAMME.window, sessions=[])
    with pytest.raises(InputError, match="has no rooms"):
        RoomAdded(room=Room(id="red")).applied(bare, Schedule())


def test_rules_of_one_name_need_labels() -> None:
    """Which of two rules of the same key is meant is not guessed."""
    rules = [Apart(selector=Selector(types=[kind])) for kind in "ab"]
    twice = attrs.evolve(PROGRAMME, rules=rules)
    with pytest.raises(InputError, match="labels would tell them apart"):
        RuleChanged(rule="apart", level="off").applied(twice, SCHEDULE)


def test_a_pin_to_an_unknown_room_is_refused() -> None:
    """A session whose room is not known cannot be pinned to it."""
    found = refused(SessionMoved(session="data", rooms=[]), SessionPinned(session="data", room=True))
    assert "not known" in found["$.changes[1].room"].message


@pytest.mark.parametrize(("make", "words"), [
    (lambda: PersonUnavailable(person="Ana", spans=[]), "spans is a list that is not empty"),
    (lambda: PersonUnavailable(person="Ana", spans=[at("13:00", "12:00")]), "is not after the start"),
    (lambda: SessionsMerged(sessions=["data"]), "two or more different"),
    (lambda: SessionsMerged(sessions=["data", "data"]), "two or more different"),
    (lambda: SessionSplit(session="data", durations=[30]), "two or more lengths"),
    (lambda: SessionSplit(session="data", durations=[30, 0]), "two or more lengths"),
    (lambda: SessionSplit(session="data", durations=[30, 30], ids=["a", "b"]), "an id for each part after the first"),
    (lambda: SessionMoved(session="data"), "another start, into other rooms"),
    (lambda: SessionResized(session="data", duration=0), "whole number from 1"),
    (lambda: HoursChanged(date="2020-11-09", hours=[]), "hours is a list"),
    (lambda: RuleChanged(rule="comfort"), "another level, weight or tier"),
])
def test_values_that_mean_nothing_cannot_be_made(make: Any, words: str) -> None:
    """What makes no sense in any programme is refused when the change is made."""
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize("made", [RuleChanged, Comfort])
def test_a_weight_that_is_too_large_is_refused(made):
    """Neither a rule nor a change of one weighs more than a thousand million."""
    named = {"rule": "comfort"} if made is RuleChanged else {}
    made(weight=1_000_000_000, **named)
    with pytest.raises(ValueError, match="weight is a whole number from 0 to 1000000000"):
        made(weight=1_000_000_001, **named)
