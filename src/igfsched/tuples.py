"""Lists of each kind as tuples: the converters by which values take any iterable and keep a tuple.

One function for each kind, although all do the same: type checkers cannot see through a generic converter,
and would refuse `Window(days=[Day(...)])` in a user's program.

- `exchanged`: which things of a tuple are others than in the one before it.
- `by_id_after`, `same_names`: what then is known of the new one from what is known of the old.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress, count
from operator import is_not
from typing import TYPE_CHECKING, Protocol, TypeVar

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

T = TypeVar("T")


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)


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


def exchanged(old: tuple[T, ...], new: tuple[T, ...]) -> tuple[tuple[T, ...], tuple[T, ...]]:
    """Return the things of a tuple that are gone, and those that came, by identity; some may be among both.

    It is made for long tuples that differ in a few places: what they share at both ends is passed over quickly.
    """
    if old is new:
        return (), ()
    shorter = min(len(old), len(new))
    first = next(compress(count(), map(is_not, old, new)), shorter)
    last = min(next(compress(count(), map(is_not, reversed(old), reversed(new))), shorter), shorter - first)
    gone, came = old[first : len(old) - last], new[first : len(new) - last]
    if len(gone) == len(came):
        differ = tuple(map(is_not, gone, came))
        return tuple(compress(gone, differ)), tuple(compress(came, differ))
    both = set(map(id, gone)) & set(map(id, came))
    if [id(one) for one in gone if id(one) in both] != [id(one) for one in came if id(one) in both]:
        return gone, came
    return tuple(one for one in gone if id(one) not in both), tuple(one for one in came if id(one) not in both)


def by_id_after(
    known: dict[str, N], things: tuple[N, ...], gone: tuple[N, ...], came: tuple[N, ...],
) -> dict[str, N]:
    """Return things by id, in their order, from what is known of the tuple before them."""
    if not gone and not came:
        return known
    ids = [thing.id for thing in came]
    if ids == [thing.id for thing in gone] or (not gone and things[-len(ids):] == came):
        return known | dict(zip(ids, came, strict=True))
    if not came:
        left = dict(known)
        for thing in gone:
            del left[thing.id]
        return left
    return {thing.id: thing for thing in things}


def same_names(field: str, names: tuple[str, ...], gone: tuple[object, ...], came: tuple[object, ...]) -> bool:
    """Say whether surely no name in a field of things is new, and none is gone."""
    before, after = ({getattr(thing, field) for thing in things} for things in (gone, came))
    return before <= after <= {"", *names}
