"""Lowering a programme again after a change says the same as lowering it from scratch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial

import attrs
import numpy as np
import pytest
from changing import Edit, about, after, edits, programmes_with_all_rules, programmes_with_one_rule
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from strategies import schedules

from igfsched.changes import PersonUnavailable, SessionAdded, SessionCancelled, SessionDeclined, SessionResized
from igfsched.difference import ASPECTS, differences
from igfsched.facts import Facts, Places
from igfsched.grid import Span
from igfsched.lowering import BySubject, Lowered, lower
from igfsched.primitives import Unit
from igfsched.programme import Person, Programme, Room, Session, Window
from igfsched.relowering import Relowered, relower
from igfsched.rules import CATALOGUE, Comfort, PersonAvailability
from igfsched.schedule import Placement, Schedule

EMPTY = Schedule()
# Shrinking takes minutes and the cases are small as they are.
LAWS = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])


# -- the law -----------------------------------------------------------------------------------------


@given(data=st.data())
@LAWS
def test_lowering_again_is_lowering_anew(data):
    """After any sequence of changes and edits every rule measures, allows and costs the same, slot by slot."""
    _law(data, data.draw(programmes_with_all_rules()), edits, steps=12)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
@given(data=st.data())
@settings(LAWS, max_examples=8)
def test_every_rule_is_told_of_what_it_reads(name, data):
    """A rule that is lowered again only when an aspect that it reads is touched measures what it would anew."""
    _law(data, data.draw(programmes_with_one_rule(name)), partial(about, rule=CATALOGUE[name]), steps=12)


def _law(data: st.DataObject, programme: Programme, edit: Edit, steps: int) -> None:
    """Assert that a programme is lowered again as it would be anew, change after change."""
    schedule = data.draw(schedules(programme))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    lowered = lower(programme)
    for _ in range(data.draw(st.integers(1, steps))):
        try:
            programme, schedule = after(data.draw, programme, schedule, edit)
        except ValueError:
            continue
        found = relower(lowered, programme)
        _consistent(lowered, found)
        lowered, anew = found.lowered, lower(programme)
        _same_masks(lowered, anew)
        for _ in range(3):
            there = _some_places(random, anew.facts)
            _same_values(lowered, anew, _carried_over(lowered, anew, there), there)


def _consistent(before: Lowered, found: Relowered) -> None:
    """Assert that the units now are those before, less the gone, plus the new; and that slots are told right."""
    old, now = before.facts, found.lowered.facts
    assert _identities(found.lowered.units) + _identities(found.gone) == (
        _identities(before.units) + _identities(found.new))
    assert set(now.session_index) == {session.id for session in found.lowered.programme.sessions}
    for id, slot in now.session_index.items():
        assert now.session(slot) == found.lowered.programme.session(id)
        if id in old.session_index:
            assert slot == found.moved.get(old.session_index[id], old.session_index[id])
        if not found.rebuilt and slot < old.n and old.sessions[slot] is not None:
            assert old.session(slot).id == id
            assert now.variants[slot] == old.variants[slot]
    assert [v for slot in now.alive for v in now.variants[slot]] == sorted(
        v for slot, session in enumerate(now.sessions) if session is not None for v in now.variants[slot])
    assert all(not now.variants[slot] for slot in set(range(now.n)) - set(now.alive))


def _identities(units: Iterable[Unit]) -> Counter[int]:
    return Counter(map(id, units))


def _same_masks(lowered: Lowered, anew: Lowered) -> None:
    """Assert that masks and prices are the same by session, and that a dead slot has none."""
    assert lowered.tiers == anew.tiers
    assert lowered.rules == anew.rules
    assert lowered.facts.timeline.start_minutes.tolist() == anew.facts.timeline.start_minutes.tolist()
    for id, slot in anew.facts.session_index.items():
        own = lowered.facts.session_index[id]
        rows, others = list(lowered.facts.variants[own]), list(anew.facts.variants[slot])
        assert lowered.facts.variant_minutes[rows].tolist() == anew.facts.variant_minutes[others].tolist()
        assert np.array_equal(lowered.allowed[rows], anew.allowed[others])
        assert np.array_equal(lowered.room_allowed[own], anew.room_allowed[slot])
        assert lowered.absent[own] == anew.absent[slot]
        for tier in anew.tiers:
            assert np.array_equal(lowered.prices[tier][rows], anew.prices[tier][others])
            assert np.array_equal(lowered.room_prices[tier][own], anew.room_prices[tier][slot])
    dead = sorted(set(range(lowered.facts.n)) - set(lowered.facts.alive))
    variants = [v for v, slot in enumerate(lowered.facts.variant_session) if slot in dead]
    assert not lowered.allowed[variants].any()
    assert not lowered.room_allowed[dead].any()
    assert not lowered.absent[dead].any()


def _some_places(random: np.random.Generator, facts: Facts) -> Places:
    """Return places of most sessions, close together, in any rooms."""
    popular = random.choice(facts.starts, 3)
    variant, start = np.full(facts.n, -1, dtype=np.int64), np.full(facts.n, -1, dtype=np.int64)
    rooms = [()] * facts.n
    for slot in facts.alive:
        if random.random() < 0.9:
            variant[slot] = random.choice(facts.variants[slot])
            start[slot] = random.choice(popular) + random.integers(-1, 2)
            chosen = random.random(len(facts.programme.rooms)) < 0.5
            rooms[slot] = tuple(np.flatnonzero(chosen).tolist())
    return Places(variant, start, tuple(rooms))


def _carried_over(lowered: Lowered, anew: Lowered, there: Places) -> Places:
    """Return places of a fresh lowering as those of the slots and ticks of another."""
    ours, fresh = lowered.facts, anew.facts
    variant, start = np.full(ours.n, -1, dtype=np.int64), np.full(ours.n, -1, dtype=np.int64)
    rooms: list[tuple[int, ...]] = [()] * ours.n
    for id, slot in fresh.session_index.items():
        if there.variant[slot] >= 0:
            own = ours.session_index[id]
            tick = ours.tick_of(int(fresh.minutes[there.start[slot]]))
            assert tick is not None
            variant[own] = ours.variants[own][int(there.variant[slot]) - fresh.variants[slot].start]
            start[own], rooms[own] = tick, there.rooms[slot]
    return Places(variant, start, tuple(rooms))


def _same_values(lowered: Lowered, anew: Lowered, here: Places, there: Places) -> None:
    for rule, ours, fresh in zip(lowered.rules, lowered.by_rule, anew.by_rule, strict=True):
        measured = [sum(unit.value(at) for own in units.values() for unit in own)
                    for units, at in ((ours, here), (fresh, there))]
        assert measured[0] == measured[1], rule
        if rule.per != "whole":
            assert _sentences(ours) == _sentences(fresh), rule
        assert all(unit.rule is rule and unit.subject == subject for subject, own in ours.items() for unit in own)


def _sentences(units: BySubject) -> dict[str, list[str]]:
    return {subject: sorted(unit.sentence for unit in own) for subject, own in units.items()}


# -- what is not touched -----------------------------------------------------------------------------

WINDOW = Window.daily("2020-11-09", "2020-11-10", "08:00", "18:00")
PROGRAMME = Programme(
    window=WINDOW, rooms=[Room(id="red"), Room(id="blue")],
    people=[Person(id="Ana", zone="Europe/Paris"), Person(id="Bao", zone="Asia/Tokyo"), Person(id="Chi")],
    sessions=[Session(id="opening", duration=60, people=["Ana", "Bao"]),
              Session(id="data", duration=30, people=["Ana"]),
              Session(id="trust", duration=30, people=["Bao", "Chi"])],
)
SCHEDULE = Schedule([Placement(session="data", start="2020-11-09T10:00Z", duration=30, rooms="red")])
SPAN = Span("2020-11-09T09:00Z", "2020-11-09T12:00Z")


def test_a_change_lowers_only_the_rules_that_read_what_it_touches():
    """Somebody's absence is stated by the one rule about absences, for this person and nobody else."""
    busy = attrs.evolve(PROGRAMME, people=[attrs.evolve(person, busy=[SPAN]) for person in PROGRAMME.people])
    lowered = lower(busy)
    changed, _ = PersonUnavailable(person="Ana", spans=[SPAN]).applied(busy, SCHEDULE)
    found = relower(lowered, changed)
    assert {(unit.rule.name, unit.subject) for unit in found.gone} == {("person_availability", "Ana")}
    assert [unit.sentence for unit in found.new] == ["Ana is free for opening", "Ana is free for data"]
    assert not found.rebuilt
    assert found.lowered.facts.timeline is lowered.facts.timeline
    for rule, own, before in zip(lowered.rules, found.lowered.by_rule, lowered.by_rule, strict=True):
        assert (own is before) == (rule.name != "person_availability")


def test_slots_stay_when_sessions_come_and_go():
    """A cancelled session leaves a dead slot; one that is new, or has another length, gets one at the end."""
    lowered = lower(PROGRAMME)
    cancelled, _ = SessionCancelled(session="opening").applied(PROGRAMME, SCHEDULE)
    first = relower(lowered, cancelled)
    resized, _ = SessionResized(session="trust", duration=40).applied(cancelled, SCHEDULE)
    added, _ = SessionAdded(session=Session(id="call", duration=20)).applied(resized, SCHEDULE)
    second = relower(first.lowered, added)
    facts = second.lowered.facts
    assert [session and session.id for session in facts.sessions] == [None, "data", None, "call", "trust"]
    assert (first.moved, second.moved) == ({}, {2: 4})
    assert facts.alive == (1, 3, 4)
    assert [list(variants) for variants in facts.variants] == [[], [1], [], [3], [4]]
    assert lowered.facts.alive == (0, 1, 2)


def test_another_time_is_lowered_from_scratch():
    """Another window, or a length that is no whole number of ticks, makes everything new and numbers slots anew."""
    cancelled, _ = SessionCancelled(session="opening").applied(PROGRAMME, SCHEDULE)
    lowered = relower(lower(PROGRAMME), cancelled).lowered
    resized, _ = SessionResized(session="data", duration=33).applied(cancelled, SCHEDULE)
    found = relower(lowered, resized)
    assert found.rebuilt
    assert found.lowered.facts.tick == 1
    assert found.moved == {1: 0, 2: 1}
    assert found.gone == lowered.units
    assert found.new == found.lowered.units


def test_many_dead_slots_are_cleared_away():
    """Slots do not grow without bound: sooner or later sessions that come and go are numbered anew."""
    programme, lowered = PROGRAMME, lower(PROGRAMME)
    for turn in range(150):
        programme, _ = SessionAdded(session=Session(id=f"call {turn}", duration=30)).applied(programme, SCHEDULE)
        lowered = relower(lowered, programme).lowered
        programme, _ = SessionCancelled(session=f"call {turn}").applied(programme, SCHEDULE)
        lowered = relower(lowered, programme).lowered
        assert lowered.facts.n < 120


def test_two_programmes_follow_upon_one():
    """What was lowered stays as it was: trying one change leaves nothing behind for another."""
    lowered = lower(PROGRAMME)
    units = lowered.units
    declined, _ = SessionDeclined(session="data").applied(PROGRAMME, SCHEDULE)
    longer, _ = SessionResized(session="data", duration=60).applied(PROGRAMME, SCHEDULE)
    for changed in (declined, longer, declined):
        _same_masks(relower(lowered, changed).lowered, lower(changed))
    assert lowered.units is units
    _same_masks(lowered, lower(PROGRAMME))


def test_the_same_programme_is_lowered_already():
    """Without a difference there is nothing to do, also if the programme is an equal one."""
    lowered = lower(PROGRAMME)
    assert relower(lowered, PROGRAMME).lowered is lowered
    found = relower(lowered, attrs.evolve(PROGRAMME, sessions=[attrs.evolve(s) for s in PROGRAMME.sessions]))
    assert (found.gone, found.new, found.moved, found.rebuilt) == ((), (), {}, False)


def test_given_rules_are_lowered_again_as_given():
    """Rules that are given take the place of the programme's, also after a change."""
    lowered = lower(PROGRAMME, rules=(Comfort(), PersonAvailability()))
    changed, _ = SessionCancelled(session="data").applied(PROGRAMME, SCHEDULE)
    found = relower(lowered, changed, rules=(PersonAvailability(), Comfort(weight=2)))
    assert [(rule.name, rule.weight) for rule in found.lowered.rules] == [("person_availability", 1), ("comfort", 2)]
    assert found.lowered.rules[0] is lowered.rules[1]


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_rules_read_aspects_that_there_are(name):
    """Every rule of the catalogue says what it reads, in names of aspects."""
    reads = CATALOGUE[name].reads
    assert reads is not None
    assert reads <= ASPECTS
    assert differences(PROGRAMME, PROGRAMME).aspects == frozenset()
