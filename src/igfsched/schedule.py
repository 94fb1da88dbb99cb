"""The answer: which session starts when and where; and the difference between two answers.

- `Placement`: one session's start, duration and rooms.
- `Schedule`: all placements of a programme; a session without one is unplaced.
- `Difference`, `compare`: what changed from one schedule to another.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

from attrs import field, frozen

from igfsched.grid import Instant, instant, minute_of, text_of
from igfsched.texttables import html_table, text_table

_HEAD = ("start", "end", "session", "rooms")


def _duration(_: object, attribute: object, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ValueError(f"a duration is a whole number of minutes above 0, not {value!r}")


def _rooms(value: Iterable[str] | str) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@frozen(kw_only=True)
class Placement:
    """A session at a start, for `duration` minutes, in `rooms` (none: not known where)."""

    session: str
    start: Instant = field(converter=instant)
    duration: int = field(validator=_duration)
    rooms: tuple[str, ...] = field(default=(), converter=_rooms)

    @property
    def minutes(self) -> tuple[int, int]:
        """Start and end as UTC minutes since 1970."""
        start = minute_of(self.start)
        return start, start + self.duration

    @property
    def end(self) -> Instant:
        return self.start.add(minutes=self.duration)


def _order(placement: Placement) -> tuple[Instant, str]:
    return placement.start, placement.session


def _ordered(values: Iterable[Placement]) -> tuple[Placement, ...]:
    return tuple(sorted(values, key=_order))


@frozen
class Schedule:
    """The placements of a programme's sessions, ordered by start. Sessions without one are unplaced."""

    placements: tuple[Placement, ...] = field(default=(), converter=_ordered)
    label: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if len(self.by_session) != len(self.placements):
            ids = [placement.session for placement in self.placements]
            twice = sorted({session for session in ids if ids.count(session) > 1})
            raise ValueError(f"placed more than once: {', '.join(twice)}")

    def successor(self, placed: Iterable[Placement] = (), without: Collection[str] = ()) -> Schedule:
        """Return this schedule with some placements more, and without some sessions, which may be placed anew.

        The same as a schedule made from scratch, at a cost that goes with what differs.
        """
        placements, by_session = list(self.placements), dict(self.by_session)
        for session in without:
            if session in by_session:
                del placements[bisect_left(placements, _order(by_session.pop(session)), key=_order)]
        for placement in placed:
            if placement.session in by_session:
                raise ValueError(f"placed more than once: {placement.session}")
            placements.insert(bisect_left(placements, _order(placement), key=_order), placement)
            by_session[placement.session] = placement
        new = object.__new__(type(self))
        for name, value in (("placements", tuple(placements)), ("label", self.label), ("by_session", by_session)):
            object.__setattr__(new, name, value)
        return new

    @cached_property
    def by_session(self) -> dict[str, Placement]:
        """The placements by session id."""
        return {placement.session: placement for placement in self.placements}

    def get(self, session: str) -> Placement | None:
        """Return the placement of a session, or None if it is unplaced."""
        return self.by_session.get(session)

    def __iter__(self) -> Iterator[Placement]:
        return iter(self.placements)

    def __len__(self) -> int:
        return len(self.placements)

    def summary(self) -> str:
        """Return the timetable as text: a line for each session, in UTC."""
        return "\n".join(text_table(_HEAD, self._rows(), indent="")) or "no session has a place"

    def _rows(self) -> list[list[str]]:
        return [[text_of(p.start), text_of(p.end), p.session, ", ".join(p.rooms)] for p in self.placements]

    def _repr_html_(self) -> str:
        return html_table(self.label or f"{len(self)} sessions", _HEAD, self._rows())


@frozen(kw_only=True)
class Difference:
    """What changed from one schedule to another, by session id.

    A session is `moved` if its start differs. A change of room or of duration is counted apart,
    whether or not the session moved as well.
    """

    moved: tuple[str, ...] = ()
    rooms_changed: tuple[str, ...] = ()
    durations_changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.moved or self.rooms_changed or self.durations_changed or self.added or self.dropped)


def compare(old: Schedule, new: Schedule) -> Difference:
    """Return what changed from `old` to `new`."""
    before, after = old.by_session, new.by_session
    both = [placement.session for placement in new if placement.session in before]
    return Difference(
        moved=tuple(s for s in both if before[s].start != after[s].start),
        rooms_changed=tuple(s for s in both if set(before[s].rooms) != set(after[s].rooms)),
        durations_changed=tuple(s for s in both if before[s].duration != after[s].duration),
        added=tuple(placement.session for placement in new if placement.session not in before),
        dropped=tuple(placement.session for placement in old if placement.session not in after),
    )


def words(difference: Difference, old: Schedule, new: Schedule) -> list[str]:
    """Return a difference as sentences, one for each session, in UTC."""
    lines = [f"{s} moves from {text_of(old.by_session[s].start)} to {text_of(new.by_session[s].start)}"
             for s in difference.moved]
    lines += [f"{s} changes room from {_joined(old.by_session[s])} to {_joined(new.by_session[s])}"
              for s in difference.rooms_changed]
    lines += [f"{s} now takes {new.by_session[s].duration} minutes instead of {old.by_session[s].duration}"
              for s in difference.durations_changed]
    lines += [f"{s} is added at {text_of(new.by_session[s].start)}" for s in difference.added]
    lines += [f"{s} is dropped from {text_of(old.by_session[s].start)}" for s in difference.dropped]
    return lines


def _joined(placement: Placement) -> str:
    return ", ".join(placement.rooms) or "an unknown room"
