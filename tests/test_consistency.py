"""Whether the parts of a programme fit together: what no single value shows is refused when the programme is made."""

from __future__ import annotations

import pytest

from igfsched import Clock, Day, InputError, Period, Profile, Programme, Session, Team, Window
from igfsched.rules import ParallelCap

WINTER = ("2020-10-25", "02:30", "happens twice")
SUMMER = ("2020-03-29", "02:30", "does not exist")


def refusal(day: str, **rest: object) -> str:
    """Return what is said of a programme of one day in Paris."""
    window = Window.daily(day, day, "08:00", "20:00", weekends=True, zone="Europe/Paris")
    with pytest.raises(InputError) as failure:
        Programme(window=window, sessions=[Session(id="a", duration=60)], **rest)  # type: ignore[arg-type]
    return str(failure.value)


@pytest.mark.parametrize(("day", "start", "words"), [WINTER, SUMMER])
def test_hours_of_profiles_that_a_clock_change_skips_or_repeats(day, start, words):
    """Hours of a cap, a team or a rule's cap without one clear meaning are refused at once, with their path."""
    profile = Profile(value=2, periods=[Period(value=1), Period(value=1, hours=Clock(start, "09:00"))])
    for path, rest in (
        ("$.cap.periods[1].hours", {"cap": profile}),
        ("$.teams[0].size.periods[1].hours", {"teams": [Team(id="t", size=profile)]}),
        ("$.rules[0].cap.periods[1].hours", {"rules": [ParallelCap(cap=profile)]}),
    ):
        told = refusal(day, **rest)
        assert path in told
        assert words in told
        assert "write the offset" not in told


def test_opening_hours_in_a_clock_change_are_not_to_be_written_with_an_offset():
    """The advice for opening hours that a clock change repeats is one that can be followed: hours have no offset."""
    window = Window.daily("2020-10-25", "2020-10-25", "02:30", "09:00", weekends=True, zone="Europe/Paris")
    with pytest.raises(InputError) as failure:
        Programme(window=window, sessions=[Session(id="a", duration=60)])
    assert "happens twice" in str(failure.value)
    assert "write the offset" not in str(failure.value)


@pytest.mark.parametrize("last", ["2199-11-09", "2030-11-09"])
def test_a_window_of_many_years_is_refused_at_once(last):
    """A slip of the pen in a year is told as such, and does not keep a solve busy beyond its limit."""
    window = Window(days=[Day(date="2020-11-09"), Day(date=last)])
    with pytest.raises(InputError, match="too long for one event"):
        Programme(window=window, sessions=[Session(id="a", duration=60)])
