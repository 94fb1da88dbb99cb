"""examples/rotating_calls.py: the hour rotates, the worst member gains, and what is told is so."""

from __future__ import annotations

import igf2020_data as igf
import pytest
import rotating_calls as rota

from igfsched import audit, solve
from igfsched.audit import Audit
from igfsched.grid import local_time


@pytest.fixture(scope="module")
def rotating() -> Audit:
    found = solve(rota.programme(), seconds=60).audit
    assert found is not None
    return found


def test_members_come_from_all_regions_and_zones() -> None:
    """There is one member for each region and zone of the data, known by id only."""
    found = rota.members()
    pairs = {(p.region, p.zone) for p in igf.programme().people if p.region and p.zone}
    assert len(found) == len(pairs) == 55
    assert {(p.region, p.zone) for p in found} == pairs
    assert len({p.region for p in found}) == 6


def test_the_event_stays_as_it_was(rotating: Audit) -> None:
    """Sessions of the event are where they were held, and no call takes a member out of one of them."""
    held = igf.held().by_session
    event = [place for place in rotating.schedule if not place.session.startswith("call-")]
    assert len(event) > 30
    assert all(place.start == held[place.session].start for place in event)
    assert rotating.valid


def test_calls_are_weekly_on_full_hours(rotating: Audit) -> None:
    """Each call is on its Tuesday, a week after the one before, on one of the hours; these are not all the same."""
    starts = [rotating.schedule.by_session[call].start for call in rotating.programme.series[0].sessions]
    assert [start.date() for start in starts] == rota.CALLS
    assert {start.minute for start in starts} == {0}
    assert {start.hour for start in starts} <= set(rota.HOURS)
    assert len({start.hour for start in starts}) > 3


def test_rotating_is_better_for_the_worst(rotating: Audit) -> None:
    """Whoever has most nights has less than half of what the least bad fixed hour gives somebody."""
    fixed = [rota.worst(audit(rotating.programme, rota.at_hour(rotating, first))) for first in rota.HOURS]
    assert 2 * rota.worst(rotating) < min(fixed)


def test_regions_take_turns(rotating: Audit) -> None:
    """No region has the night of more calls than it may; at one fixed hour some region has that of all of them."""
    def most(found: Audit) -> int:
        had = [region for call in found.programme.series[0].sessions
               for region in rota.regions_of(rota.nights(found, call), found.programme)]
        return max(map(had.count, found.programme.regions))

    assert 0 < most(rotating) <= rota.MOST_OF_A_REGION
    assert most(audit(rotating.programme, rota.at_hour(rotating, 0))) == len(rota.CALLS)


def test_nights_are_those_of_the_clocks(rotating: Audit) -> None:
    """Who is told to have the night has it on their own clock for half of the call, on either side of the changes."""
    def night(minute: int, zone: str) -> bool:
        return not 7 <= local_time(minute, zone).hour < 23

    for call in ("call-01", "call-12", "call-20"):
        start, _ = rotating.schedule.by_session[call].minutes
        zones = {p.zone for p in rotating.programme.people if p.zone is not None}
        had = {zone for zone in zones if sum(night(minute, zone) for minute in range(start, start + 60)) >= 30}
        told = {p.id for p in rota.nights(rotating, call)}
        assert told == {p.id for p in rotating.programme.people if p.zone in had}


def test_it_is_told(rotating: Audit) -> None:
    """The tables have a row for each call and region, every member once, and the fixed hours beside the rotation."""
    assert len(rota.hours(rotating)) == 1 + len(rota.CALLS)
    assert len(rota.regions(rotating)) == 1 + 6
    ids = [word for line in rota.people(rotating)[1:] for word in line.split() if word.startswith("p")]
    assert sorted(ids) == sorted(rotating.programme.people_by_id)
    head, *rows = rota.compared(rotating)
    assert "rotating" in head
    assert "always 14:00" in head
    assert rows[0].split()[6] == str(rota.worst(rotating))
