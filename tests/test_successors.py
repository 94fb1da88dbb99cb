"""A programme and a schedule made from the ones before them are the same as if made from scratch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import attrs
import pytest
from changing import after, changes, edits, programmes_with_all_rules
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from strategies import programmes, schedules

from igfsched.difference import ASPECTS, SESSION_ASPECTS, Touched, differences
from igfsched.errors import InputError
from igfsched.programme import Person, Programme, Session, Window
from igfsched.schedule import Placement, Schedule
from igfsched.tuples import exchanged

LAWS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
WINDOW = Window.daily("2020-11-09", "2020-11-09")
PLAIN = Programme(window=WINDOW, people=[Person(id="Ana"), Person(id="Bao")], sessions=[
    Session(id="a", duration=30, people=["Ana"], track="data"), Session(id="b", duration=30),
    Session(id="c", duration=30)])
KNOWN = ("sessions_by_id", "people_by_id", "rooms_by_id", "track_ids", "regions")


def outcome(make: Callable[..., Programme], fields: dict[str, Any]) -> Programme | list[str]:
    """Return a programme of some fields, or why there is none."""
    try:
        return make(**fields)
    except InputError as error:
        return [str(problem) for problem in error.problems]


@given(data=st.data())
@LAWS
def test_a_successor_is_the_programme_made_from_scratch(data):
    """Whatever is edited, a successor equals the full construction, or is refused for the same problems."""
    programme = data.draw(programmes_with_all_rules())
    for _ in range(3):
        fields = edits(data.draw, programme)
        found = outcome(programme.successor, fields)
        scratch = outcome(partial(attrs.evolve, programme), fields)
        assert found == scratch
        if isinstance(found, Programme):
            assert (hash(found), repr(found)) == (hash(scratch), repr(scratch))
            for name in KNOWN:
                assert getattr(found, name) == getattr(scratch, name)
            programme = found


@given(data=st.data())
@LAWS
def test_a_changed_programme_is_the_one_made_from_scratch(data):
    """After a change, what is known of programme and schedule by id is what a full construction would find."""
    programme = data.draw(programmes_with_all_rules())
    schedule = data.draw(schedules(programme))
    for _ in range(3):
        try:
            programme, schedule = changes(data.draw, programme).applied(programme, schedule)
        except InputError:
            continue
        scratch = attrs.evolve(programme)
        assert scratch == programme
        assert [getattr(programme, name) for name in KNOWN] == [getattr(scratch, name) for name in KNOWN]
        assert list(programme.sessions_by_id) == [session.id for session in programme.sessions]
        again = attrs.evolve(schedule)
        assert (again, again.placements, again.by_session) == (schedule, schedule.placements, schedule.by_session)


@given(data=st.data())
@settings(LAWS, max_examples=30)
def test_differences_name_what_differs(data):
    """What is not touched is equal, and what is touched differs in the aspects that are named."""
    programme = data.draw(programmes_with_all_rules())
    try:
        other, _ = after(data.draw, programme, Schedule())
    except ValueError:
        return
    touched = differences(programme, other)
    assert touched.aspects <= ASPECTS
    for kind in ("sessions", "people"):
        old, new = getattr(programme, f"{kind}_by_id"), getattr(other, f"{kind}_by_id")
        changed = {id for id in old.keys() & new.keys() if old[id] != new[id]}
        assert getattr(touched, f"{kind}_changed") == changed
        assert getattr(touched, f"{kind}_added") == new.keys() - old.keys()
        assert getattr(touched, f"{kind}_removed") == old.keys() - new.keys()
        for id in changed:
            assert {f"{kind}.{field.name}" for field in attrs.fields(type(old[id]))
                    if getattr(old[id], field.name) != getattr(new[id], field.name)} <= touched.aspects
    for field in attrs.fields(Programme):
        if field.name not in ("sessions", "people"):
            assert (field.name in touched.aspects) == (getattr(programme, field.name) != getattr(other, field.name))


def test_equal_programmes_do_not_differ():
    """Objects that are equal, though made anew, are no difference; an added session differs in every aspect."""
    twin = attrs.evolve(PLAIN, sessions=[attrs.evolve(session) for session in PLAIN.sessions])
    assert differences(PLAIN, twin) == Touched()
    more = PLAIN.successor(sessions=(*PLAIN.sessions, Session(id="d", duration=30)))
    assert differences(PLAIN, more) == Touched(sessions_added=frozenset({"d"}), aspects=SESSION_ASPECTS)


def test_a_successor_shares_what_it_is_not_given():
    """Fields that are not given, or hold the same objects, are the same objects, and so is what is known of them."""
    other = PLAIN.successor(sessions=list(PLAIN.sessions), title="another")
    assert other.sessions is PLAIN.sessions
    assert other.people_by_id is PLAIN.people_by_id
    assert other == attrs.evolve(PLAIN, title="another")


def test_a_successor_has_the_fields_of_a_programme():
    """A field that there is none of, and a value that no programme may have, are refused."""
    with pytest.raises(TypeError, match="no colour"):
        PLAIN.successor(colour="red")
    with pytest.raises(ValueError, match="changeover"):
        PLAIN.successor(changeover=-1)


def test_a_schedule_places_each_session_once():
    """A successor of a schedule refuses a session that has a place already, as a schedule does."""
    placement = Placement(session="a", start="2020-11-09T10:00Z", duration=30)
    schedule = Schedule([placement])
    with pytest.raises(ValueError, match="placed more than once: a"):
        schedule.successor([placement])
    assert schedule.successor([placement], without=["a", "nobody"]) == schedule


@given(st.lists(st.integers(0, 5), max_size=6), st.lists(st.integers(0, 5), max_size=6))
def test_what_is_exchanged_between_two_tuples(old, new):
    """Between two tuples, what is left over is gone, what is more came, and nothing is exchanged iff they are equal."""
    gone, came = exchanged(tuple(old), tuple(new))
    assert (not gone and not came) == (old == new)
    assert sorted(old + list(came)) == sorted(new + list(gone))


@given(data=st.data())
@settings(LAWS, max_examples=20)
def test_programmes_without_rules_have_successors_too(data):
    """Dropping any one person, room, team, track or group is refused iff something names it."""
    programme = data.draw(programmes())
    for kind in ("people", "rooms", "teams", "tracks", "groups"):
        for thing in getattr(programme, kind):
            fields = {kind: [other for other in getattr(programme, kind) if other is not thing]}
            assert outcome(programme.successor, fields) == outcome(
                partial(attrs.evolve, programme), fields)
