"""Lists of each kind as tuples: the converters by which values take any iterable and keep a tuple.

One function for each kind, although all do the same: type checkers cannot see through a generic converter,
and would refuse `Window(days=[Day(...)])` in a user's program.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from igfsched.grid import Clock, Span
    from igfsched.programme import (
        Blackout,
        Group,
        Period,
        Person,
        Phase,
        Room,
        Series,
        Session,
        Share,
        Team,
        TeamNeed,
        Track,
        WeeklyHours,
    )
    from igfsched.rule import Rule
    from igfsched.selector import Selector


def to_texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def to_numbers(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(values)


def to_clocks(values: Iterable[Clock]) -> tuple[Clock, ...]:
    return tuple(values)


def to_spans(values: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(values)


def to_blackouts(values: Iterable[Blackout]) -> tuple[Blackout, ...]:
    return tuple(values)


def to_phases(values: Iterable[Phase]) -> tuple[Phase, ...]:
    return tuple(values)


def to_periods(values: Iterable[Period]) -> tuple[Period, ...]:
    return tuple(values)


def to_weekly_hours(values: Iterable[WeeklyHours]) -> tuple[WeeklyHours, ...]:
    return tuple(values)


def to_team_needs(values: Iterable[TeamNeed]) -> tuple[TeamNeed, ...]:
    return tuple(values)


def to_shares(values: Iterable[Share]) -> tuple[Share, ...]:
    return tuple(values)


def to_sessions(values: Iterable[Session]) -> tuple[Session, ...]:
    return tuple(values)


def to_rooms(values: Iterable[Room]) -> tuple[Room, ...]:
    return tuple(values)


def to_people(values: Iterable[Person]) -> tuple[Person, ...]:
    return tuple(values)


def to_tracks(values: Iterable[Track]) -> tuple[Track, ...]:
    return tuple(values)


def to_groups(values: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(values)


def to_teams(values: Iterable[Team]) -> tuple[Team, ...]:
    return tuple(values)


def to_series(values: Iterable[Series]) -> tuple[Series, ...]:
    return tuple(values)


def to_rules(values: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(values)


def to_selectors(values: Iterable[Selector]) -> tuple[Selector, ...]:
    return tuple(values)
