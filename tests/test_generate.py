"""Generated programmes: the planted schedule obeys every hard rule, and the figures are those of the real one."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import generate
import numpy as np
import pytest
from calibration import real_programme, statistics

import igfsched
from igfsched.comfort import DEFAULT_BANDS, price_by_minute
from igfsched.grid import offset_at
from igfsched.programme import Programme
from igfsched.schedule import Schedule

Pair = tuple[Programme, Schedule]


@pytest.fixture(scope="module")
def full_size() -> Pair:
    return generate.generate()


@pytest.fixture(scope="module", params=[(20, 0.4), (37, 0.9), (120, 0.97), (275, 0.8), (400, 0.6)], ids=str)
def pair(request) -> Pair:
    return generate.generate(*request.param, seed=3)


def test_every_session_is_planted_once_with_its_length(pair):
    """The planted schedule has all sessions of the programme, each for its own duration."""
    programme, planted = pair
    assert set(planted.by_session) == set(programme.sessions_by_id)
    assert all(placement.duration == programme.session(placement.session).duration for placement in planted)


def test_planted_sessions_lie_on_the_grid_inside_a_day_of_their_phase(pair):
    """Each session starts on the grid and lies inside one opening block of a day of its phase."""
    programme, planted = pair
    phases = {day: phase.name for phase in programme.window.phases for day in phase.days}
    for placement in planted:
        start, end = placement.minutes
        assert start % programme.window.grid.step == 0
        (day,) = [day for day, opening, closing in programme.window.blocks if opening <= start and end <= closing]
        assert programme.session(placement.session).phases == (phases[day],)


def test_planted_rooms_are_idle_between_sessions(pair):
    """A room has one session at a time, with the changeover between two."""
    programme, planted = pair
    by_room = defaultdict(list)
    for placement in planted:
        (room,) = placement.rooms
        by_room[room].append(placement.minutes)
    assert set(by_room) <= {room.id for room in programme.rooms}
    for spans in by_room.values():
        assert all(end + programme.changeover <= start for (_, end), (start, _) in pairwise(sorted(spans)))


def test_planted_sessions_keep_the_cap(pair):
    """There are never more sessions at a time than the cap allows."""
    programme, planted = pair
    events = sorted(
        event for start, end in (placement.minutes for placement in planted) for event in ((start, 1), (end, -1))
    )
    assert programme.cap is not None
    assert max(np.cumsum([change for _, change in events])) <= programme.cap.value


def test_planted_people_are_in_one_session_at_a_time_and_not_absent(pair):
    """Nobody is in two sessions at once, or in one during an absence."""
    programme, planted = pair
    busy = {person.id: [span.minutes for span in person.busy] for person in programme.people}
    for session in programme.sessions:
        for person in session.attending:
            busy[person].append(planted.by_session[session.id].minutes)
    for spans in busy.values():
        assert all(end <= start for (_, end), (start, _) in pairwise(sorted(spans)))


def test_audit_agrees_that_the_planted_schedule_is_valid(pair):
    """The library's own audit finds no hard violation either."""
    assert [finding.sentence for finding in igfsched.audit(*pair).findings if finding.level == "hard"] == []


def test_everybody_takes_part_and_placeholders_only_once(pair):
    """Each person is in a session; a placeholder is in one only and is never absent."""
    programme, _ = pair
    sessions = defaultdict(list)
    for session in programme.sessions:
        for person in session.attending:
            sessions[person].append(session.id)
    assert set(sessions) == set(programme.people_by_id)
    assert all(len(sessions[p.id]) == 1 and not p.busy for p in programme.people if p.placeholder)


@pytest.mark.parametrize("fill", [0.4, 0.55, 0.7, 0.85, 0.97])
@pytest.mark.parametrize("sessions", [100, 275])
def test_fill_is_reached_in_both_phases(sessions, fill):
    """From 100 sessions on, both phases are as full as asked, within one percentage point."""
    programme, _ = generate.generate(sessions, fill, seed=1)
    figures = statistics(programme)
    assert figures["phase 1: fill"] == pytest.approx(fill, abs=0.01)
    assert figures["phase 2: fill"] == pytest.approx(fill, abs=0.01)


def test_days_of_a_phase_have_the_same_hours(full_size):
    """The full size has 12 days and three rooms, each day of a phase open equally long."""
    programme, _ = full_size
    assert len(programme.window.days) == 12
    assert [len(phase.days) for phase in programme.window.phases] == [5, 7]
    assert len(programme.rooms) == 3
    for phase in programme.window.phases:
        assert len({day.hours for day in programme.window.days if day.date in phase.days}) == 1


def test_same_arguments_give_equal_values():
    """A seed decides everything; another seed gives another programme."""
    first, again, other = (generate.generate(60, 0.8, seed) for seed in (5, 5, 6))
    assert first == again
    assert first[0] != other[0]


def test_global_random_state_is_left_alone():
    """The generator neither reads nor advances numpy's global random numbers."""
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    first = generate.generate(30, 0.8, 1)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    assert generate.generate(30, 0.8, 1) == first


def test_figures_are_close_to_the_real_ones(full_size):
    """Shares of types and tracks within 2 points, of regions, zones and lengths within 5, sizes within a tenth."""
    made, real = statistics(full_size[0]), statistics(real_programme())
    assert made["people"] > 1000
    assert made["zones"] >= 40
    for name, value in real.items():
        if name.startswith("type ") or name in ("track known", "people in 2 or more sessions", "placeholders"):
            assert made[name] == pytest.approx(value, abs=0.02), name
        elif name.startswith(("region ", "length ")) or name == "pairs of one region in a session":
            assert made[name] == pytest.approx(value, abs=0.05), name
        elif name in ("people per session", "mean length"):
            assert made[name] == pytest.approx(value, rel=0.1), name


def test_comfort_is_neither_free_nor_optimal_in_the_planted_schedule():
    """Even with each session at its best hour there is a cost, and the planted schedule costs far more."""
    programme, planted = generate.generate(100, 0.8, seed=2)
    price = price_by_minute(DEFAULT_BANDS)
    middle = planted.placements[0].minutes[0]
    by_zone = {
        zone: np.roll(price, -offset_at(middle, zone)) for zone in {p.zone for p in programme.people if p.zone}
    }
    phases, blocks = programme.window.phases, programme.window.blocks
    hours = {phase.name: [block for block in blocks if block[0] in phase.days] for phase in phases}
    least = actual = 0
    for session in programme.sessions:
        costs = np.tile(sum(by_zone[programme.person(p).zone] for p in session.attending), 2)
        _, opening, closing = hours[session.phases[0]][0]
        by_start = {
            start % 1440: int(costs[start % 1440:][: session.duration].sum())
            for start in range(opening, closing - session.duration + 1, 10)
        }
        least += min(by_start.values())
        actual += by_start[planted.by_session[session.id].minutes[0] % 1440]
    assert 0 < least < 0.8 * actual


@pytest.mark.parametrize("arguments", [(19, 0.8), (100, 0.98), (100, 0.0)])
def test_what_cannot_be_made_is_refused(arguments):
    """Fewer than 20 sessions or a fill out of range raise ValueError."""
    with pytest.raises(ValueError, match="20 sessions"):
        generate.generate(*arguments)


@pytest.mark.long
def test_five_thousand_sessions():
    """5,000 sessions are generated as full as asked."""
    programme, planted = generate.generate(5000, 0.97, seed=1)
    assert len(planted) == 5000
    assert statistics(programme)["phase 2: fill"] == pytest.approx(0.97, abs=0.01)
