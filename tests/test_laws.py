"""The laws that every rule of the catalogue obeys, whatever its parameters, on programmes and schedules at random.

1. What the engine is told a schedule costs is what an audit finds.
2. A rule that is off says nothing to the engine.
3. Where a hard rule looks at places one by one, the engine's masks forbid exactly what an audit would find.
4. Names, order and the week in which it all happens do not matter.
5. What the solver makes of a fixed schedule is what an audit makes of it.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from law_programmes import Case, cases, renamed, shifted
from strategies import one

from igfsched.facts import Places
from igfsched.lowering import HARD, Lowered, lower
from igfsched.primitives import measure
from igfsched.programme import Programme
from igfsched.rules import (
    CATALOGUE,
    Apart,
    DifferentDays,
    OptionalPersonClash,
    ParallelCap,
    PersonClash,
    Placed,
    Plenary,
    SameDay,
)
from igfsched.schedule import Schedule
from igfsched.selector import EVERY
from igfsched.testing import audited, lowered
from igfsched.timetable import Timetable

AUDIT_ONLY = {"duration", "room_count"}
"""Rules that the engine keeps by construction: they state nothing to it."""

ONE_BY_ONE = {
    "window", "grid", "allowed", "phase", "preferred", "fixed_start", "fixed_room", "room_choice",
    "room_availability", "person_availability", "comfort", "start_prices", "room_prices", "answers", "moves",
    "room_changes", "displacement", "audience_comfort", "audience_reach", "duration_choice",
}
"""Rules that look at each place by itself."""

LAWS = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
every_rule = pytest.mark.parametrize("name", sorted(CATALOGUE))
stated_rule = pytest.mark.parametrize("name", sorted(set(CATALOGUE) - AUDIT_ONLY))


# -- 1: one measure, two meanings --------------------------------------------------------------------


@stated_rule
@given(data=st.data())
@LAWS
def test_both_meanings_have_the_same_measure(name, data):
    """The primitives of a rule and its findings add up to the same number for any schedule that has ticks."""
    case = data.draw(cases(name))
    found = list(case.rule.findings(Timetable(case.programme, case.schedule)))
    assert measure(list(case.rule.lower(case.facts)), case.places) == sum(finding.amount for finding in found), found
    assert all(finding.amount > 0 and finding.sentence for finding in found)
    assert all(finding.cost == (0 if case.rule.hard else case.rule.weight * finding.amount) for finding in found)


@pytest.mark.parametrize("name", sorted(AUDIT_ONLY))
@given(data=st.data())
@LAWS
def test_rules_for_audits_alone_state_nothing(name, data):
    """They tell the engine that they are there, and nothing more."""
    case = data.draw(cases(name))
    assert [unit.primitives for unit in case.rule.lower(case.facts)] == [()]


@every_rule
def test_measures_are_often_above_zero(name):
    """The cases try the rules: in a twentieth of them or more there is something to find.

    (What is drawn for a seed varies with what else has been drawn before.)
    """
    counts: Counter[bool] = Counter()

    @seed(2020)
    @settings(LAWS, max_examples=100, database=None, phases=[Phase.generate])
    @given(case=cases(name))
    def count(case: Case) -> None:
        counts[audited(case.rule, case.programme, case.schedule) > 0] += 1

    count()
    assert counts[True] >= 5


# -- 2: off is off -----------------------------------------------------------------------------------


@every_rule
@given(data=st.data())
@settings(LAWS, max_examples=5)
def test_off_says_nothing(name, data):
    """A rule that is off has no unit and no effect, also where it takes the place of one of the preset."""
    case = data.draw(cases(name))
    off = evolve(case.programme, preset=data.draw(one("none", "default")), rules=(evolve(case.rule, level="off"),))
    stated = lower(off)
    assert name not in {rule.name for rule in stated.rules}
    assert name not in {unit.rule.name for unit in stated.units}


# -- 3: masks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(ONE_BY_ONE))
@given(data=st.data())
@settings(LAWS, max_examples=10)
def test_masks_forbid_what_an_audit_finds(name, data):
    """A start is allowed iff the session alone at it, nowhere in particular, violates nothing; and so with rooms."""
    case = data.draw(cases(name, level="hard"))
    stated = lower(case.programme)
    facts = stated.facts
    session = data.draw(one(*range(facts.n)))
    for variant in facts.variants[session]:
        starts = data.draw(st.lists(one(*range(len(facts.starts))), min_size=1, max_size=8))
        for start in starts:
            alone = _alone(facts.n, session, variant, int(facts.starts[start]))
            amount = audited(case.rule, case.programme, facts.schedule(alone))
            assert bool(stated.allowed[variant, start]) == (amount == 0)
            if amount:
                assert len(facts.variants[session]) > 1 or stated.reasons(session, start)
            for room in range(len(case.programme.rooms)):
                in_room = _alone(facts.n, session, variant, int(facts.starts[start]), (room,))
                forbidden = not stated.room_allowed[session, room] or any(
                    owner == session and other == room and v == variant and cost[facts.starts[start]]
                    for _, _, owner, other, v, cost in stated.room_times
                )
                more = audited(case.rule, case.programme, facts.schedule(in_room))
                tally_too = name == "fixed_room" and case.programme.sessions[session].room_count > 1
                assert tally_too or forbidden == (more > amount)


# -- 4: what does not matter -------------------------------------------------------------------------


@every_rule
@given(data=st.data())
@settings(LAWS, max_examples=12)
def test_names_do_not_matter(name, data):
    """Other ids, in another alphabetical order, leave every measure as it is."""
    case = data.draw(cases(name))
    programme = case.programme
    ids = [x.id for kind in (programme.sessions, programme.people, programme.rooms, programme.teams) for x in kind]
    names = {id: f"{len(ids) - n:03} {id[::-1]}" for n, id in enumerate(ids)}
    assert _amounts(renamed(programme, names), renamed(case.schedule, names)) == _amounts(programme, case.schedule)


@every_rule
@given(data=st.data())
@settings(LAWS, max_examples=12)
def test_order_does_not_matter(name, data):
    """Sessions, people, rooms, tracks, teams and rules may come in any order."""
    case = data.draw(cases(name))
    twin = evolve(case.rule, label="twin")
    programme = evolve(case.programme, rules=(case.rule, twin))
    shuffled = evolve(programme, **{
        kind: data.draw(st.permutations(getattr(programme, kind)))
        for kind in ("sessions", "people", "rooms", "tracks", "teams", "rules")
    })
    assert _amounts(shuffled, case.schedule) == _amounts(programme, case.schedule)


@every_rule
@given(data=st.data())
@settings(LAWS, max_examples=12)
def test_the_week_does_not_matter(name, data):
    """A week later, without a clock change in between, nothing has changed."""
    case = data.draw(cases(name))
    calm = 18_575 - case.programme.window.days[0].date.toordinal() + 719_163
    before = shifted(case.programme, calm), shifted(case.schedule, calm)
    after = shifted(before[0], 7), shifted(before[1], 7)
    assert str(before[0].window.days[0].date) == "2020-11-09"
    assert _amounts(*after) == _amounts(*before)


# -- between rules -----------------------------------------------------------------------------------


@given(data=st.data())
@LAWS
def test_clashes_of_all_roles_are_those_of_required_and_of_optional_ones(data):
    """Pairs of sessions of a person are pairs that require the person twice, or wishes: never both, never neither."""
    case = data.draw(cases("optional_person_clash"))
    sessions = [evolve(session, prepare_before=0, prepare_after=0) for session in case.programme.sessions]
    wishes = evolve(case.programme, sessions=sessions)
    required = evolve(wishes, sessions=[
        evolve(session, people=[evolve(role, required=True) for role in session.people]) for session in sessions
    ])
    apart = audited(PersonClash(), wishes, case.schedule) + audited(OptionalPersonClash(), wishes, case.schedule)
    assert apart == audited(PersonClash(), required, case.schedule)


@given(data=st.data())
@LAWS
def test_relations_of_all_sessions(data):
    """All sessions apart are all plenaries, or a cap of 1 where never three meet; a pair is on one day or on two."""
    case = data.draw(cases("apart"))
    programme, schedule = case.programme, case.schedule
    together = audited(Apart(selector=EVERY), programme, schedule)
    assert audited(Plenary(selector=EVERY), programme, schedule) == together
    if audited(ParallelCap(cap=2), programme, schedule) == 0:
        assert audited(ParallelCap(cap=1), programme, schedule) == together
    pairs = len(schedule) * (len(schedule) - 1) // 2
    days = (audited(rule(selector=EVERY), programme, schedule) for rule in (SameDay, DifferentDays))
    assert sum(days) == pairs


# -- 5: the solver -----------------------------------------------------------------------------------


@stated_rule
@given(data=st.data())
@settings(LAWS, max_examples=12)
def test_the_solver_says_what_an_audit_says(name, data):
    """Given a schedule, the model is feasible iff no hard rule finds anything, and its cost is the audit's, by tier."""
    encode = pytest.importorskip("igfsched.engine.encode")
    case = data.draw(cases(name, on_grid=True))
    stated = lower(case.programme)
    solved = encode.cost_of(stated, case.places)
    expected = _audited_cost(stated, case.programme, case.schedule)
    assert solved == expected


@pytest.mark.parametrize("name", ["attendance", "co_interest", "plenary", "quorum"])
@given(data=st.data())
@LAWS
def test_times_at_once_by_starts_are_those_by_ticks(name, data):
    """Where two sessions have many starts the minutes that they share follow from these: an audit says the same."""
    encode = pytest.importorskip("igfsched.engine.encode")
    case = data.draw(cases(name, on_grid=True))
    stated = lower(case.programme)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encode.overlaps, "MANY_STRETCHES", 0)
        solved = encode.cost_of(stated, case.places)
    assert solved == _audited_cost(stated, case.programme, case.schedule)


def _audited_cost(stated: Lowered, programme: Programme, schedule: Schedule) -> dict[int, int] | None:
    """Return what an audit makes a schedule cost, by tier; unplaced sessions count in tier HARD; None if refused."""
    found = {HARD: 0} | dict.fromkeys(stated.tiers, 0)
    unplaced = [session for session in programme.sessions if schedule.get(session.id) is None]
    placed = next((rule for rule in stated.rules if isinstance(rule, Placed)), None)
    found[HARD] = sum(1 if placed is None else placed.price(session) for session in unplaced)
    for rule in stated.rules:
        amount = audited(rule, programme, schedule)
        if rule.name == "placed":
            continue
        if rule.hard and amount:
            return None
        if amount:
            found[rule.tier] += rule.weight * amount
    return found


# -- helpers -----------------------------------------------------------------------------------------


def _amounts(programme: Programme, schedule: Schedule) -> dict[str, tuple[int, int | None]]:
    """Return both measures of each rule that a programme lists."""
    return {
        rule.key: (audited(rule, programme, schedule), lowered(rule, programme, schedule)) for rule in programme.rules
    }


def _alone(n: int, session: int, variant: int, start: int, rooms: tuple[int, ...] = ()) -> Places:
    """Return places of which only one session has one."""
    variants, starts = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    variants[session], starts[session] = variant, start
    return Places(variants, starts, tuple(rooms if s == session else () for s in range(n)))
