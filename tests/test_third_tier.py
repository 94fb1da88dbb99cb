"""examples/igf2020_third_tier.py: no schedule costs less in tier 3 than is counted."""

from __future__ import annotations

from itertools import product

import igf2020_data as igf
import igf2020_third_tier
import pytest

from igfsched import Phase, Placement, Programme, Room, Schedule, Session, Window, audit
from igfsched.grid import from_minute

MONDAY, TUESDAY, WEDNESDAY = "2020-11-09", "2020-11-10", "2020-11-11"


def small(closing: str, lengths: tuple[int, ...]) -> Programme:
    """Return sessions of one track, and one of none, in one room on two days; the first is for the third day."""
    return Programme(
        window=Window.daily(MONDAY, WEDNESDAY, "08:00", closing, phases=[
            Phase(name="first", days=[MONDAY, TUESDAY]), Phase(name="then", days=[WEDNESDAY])]),
        rooms=[Room(id="Room 1")], changeover=10, preset="full",
        sessions=[Session(id="other", duration=60, phases=["first"]),
                  *(Session(id=f"s{n}", duration=length, track="data", phases=["then" if n == 0 else "first"])
                    for n, length in enumerate(lengths))],
    )


def cheapest(programme: Programme) -> int:
    """Return the least cost of tier 3 of all ways to lay the sessions one after the other on days."""
    begin = {day: start for day, start, _ in programme.window.blocks}
    end = {day: close for day, _, close in programme.window.blocks}
    days = [[day for name in session.phases for day in programme.window.phase(name).days]
            for session in programme.sessions]
    costs = []
    for choice in product(*days):
        clock, places = dict(begin), []
        for session, day in zip(programme.sessions, choice, strict=True):
            places.append(Placement(session=session.id, start=from_minute(clock[day]), duration=session.duration,
                                    rooms="Room 1"))
            clock[day] += session.duration + programme.changeover
        if all(clock[day] <= end[day] + programme.changeover for day in clock):
            found = audit(programme, Schedule(places))
            assert found.valid
            costs.append(found.score[3])
    return min(costs)


@pytest.mark.parametrize("closing", ["12:00", "20:00"])
@pytest.mark.parametrize("lengths", [(60, 60, 60), (90, 60, 30), (60, 90, 90), (30, 60, 60, 30)])
def test_it_is_the_least(closing: str, lengths: tuple[int, ...]) -> None:
    """In one room, where days are all that matters, what is counted is what the best of all schedules costs."""
    programme = small(closing, lengths)
    assert igf2020_third_tier.least(programme) == cheapest(programme)


def test_what_does_not_fit_is_said() -> None:
    """Sessions that are too many for the rooms are refused."""
    with pytest.raises(ValueError, match="do not fit"):
        igf2020_third_tier.least(small("10:00", (60, 90, 90)))


def test_what_was_held_costs_more() -> None:
    """The schedule that was held is not below the bound, nor is the bound nothing."""
    programme = igf.held_programme(preset="full")
    assert 0 < igf2020_third_tier.least(programme) <= audit(programme, igf.held()).score[3]


def test_it_tells(capsys: pytest.CaptureFixture[str]) -> None:
    """It prints a line for the sessions that were held, and one for all."""
    assert igf2020_third_tier.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["held", "all"]
    assert all("tier 3 costs" in line for line in lines)
