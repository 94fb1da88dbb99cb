"""A schedule laid beside its programme: what runs when, where and with whom. No solver, no ticks.

Audits read a schedule through this view, in UTC minutes since 1970.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property

from attrs import field, frozen

from igfsched.errors import InputError, Problem, nearest
from igfsched.grid import local_date, local_time
from igfsched.programme import Programme, Room, Session
from igfsched.schedule import Schedule


@frozen
class Entry:
    """A placed session: `start` and `end` in UTC minutes, `rooms` by id (none: not known where)."""

    session: Session
    start: int
    end: int
    rooms: tuple[str, ...]

    @property
    def length(self) -> int:
        """Minutes that it takes as placed."""
        return self.end - self.start


@frozen
class Timetable:
    """The entries of a schedule, in order of start, with the programme that they belong to.

    Raises InputError if the schedule names sessions or rooms that the programme does not have.
    """

    programme: Programme
    schedule: Schedule = field()

    @schedule.validator
    def _check(self, _: object, schedule: Schedule) -> None:
        problems = []
        sessions, rooms = self.programme.sessions_by_id, self.programme.rooms_by_id
        for index, placement in enumerate(schedule):
            path = f"$.placements[{index}]"
            if placement.session not in sessions:
                problems.append(Problem(message=f"{placement.session!r} is not one of the programme's sessions",
                                        path=f"{path}.session", nearest=nearest(placement.session, list(sessions))))
            problems += [
                Problem(message=f"{room!r} is not one of the programme's rooms", path=f"{path}.rooms",
                        nearest=nearest(room, list(rooms)))
                for room in placement.rooms if room not in rooms
            ]
        if problems:
            raise InputError(problems, "schedule")

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All placed sessions, ordered by start and id."""
        sessions = self.programme.sessions_by_id
        return tuple(Entry(sessions[p.session], *p.minutes, p.rooms) for p in self.schedule)

    @cached_property
    def by_session(self) -> dict[str, Entry]:
        """The placed sessions by id."""
        return {entry.session.id: entry for entry in self.entries}

    @cached_property
    def unplaced(self) -> tuple[Session, ...]:
        """The sessions without a place, in the programme's order."""
        return tuple(session for session in self.programme.sessions if session.id not in self.by_session)

    @cached_property
    def required_of(self) -> dict[str, list[Entry]]:
        """By person: the placed sessions that need them, in order of start."""
        return self._of(lambda session: session.required)

    @cached_property
    def attending_of(self) -> dict[str, list[Entry]]:
        """By person: the placed sessions in which they have any role, in order of start."""
        return self._of(lambda session: session.attending)

    def _of(self, people: Callable[[Session], tuple[str, ...]]) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for person in people(entry.session):
                found.setdefault(person, []).append(entry)
        return found

    def day_of(self, minute: int) -> date | None:
        """Return the programme day on which a start falls, or None if it falls on none.

        A start inside an opening block belongs to the day on which that block opens; otherwise to its
        date in the window's zone.
        """
        for day, start, end in self.programme.window.blocks:
            if start <= minute < end:
                return day
        date = local_date(minute, self.programme.window.zone)
        return date if date in self._dates else None

    @cached_property
    def _dates(self) -> frozenset[date]:
        return frozenset(day.date for day in self.programme.window.days)

    def in_room(self, room: Room) -> list[Entry]:
        """Return the entries of a room in order of start."""
        return [entry for entry in self.entries if room.id in entry.rooms]

    def chosen(self, sessions: Iterable[Session]) -> list[Entry]:
        """Return the entries of some sessions in order of start."""
        ids = {session.id for session in sessions}
        return [entry for entry in self.entries if entry.session.id in ids]

    def clock(self, minute: int, zone: str | None = None) -> str:
        """Return a time in words, in a zone (the display zone unless said): `Mon 09 Nov 14:00 UTC`."""
        name = zone or self.programme.window.zone
        return f"{local_time(minute, name):%a %d %b %H:%M} {name}"

    def own_time(self, minute: int, person: str) -> str:
        """Return a time on a person's own clock, or nothing if the person has no zone."""
        zone = self.programme.person(person).zone
        return self.clock(minute, zone) if zone else ""


def overlapping(
    entries: Sequence[Entry], before: int = 0, after: int = 0
) -> Iterator[tuple[Entry, Entry, int]]:
    """Yield each pair of entries that run at the same time, with the minutes that they share.

    Each entry counts as lengthened by `before` and `after` minutes. `entries` are in order of start.
    """
    running: list[Entry] = []
    for entry in entries:
        start = entry.start - before
        running = [other for other in running if other.end + after > start]
        for other in running:
            yield other, entry, min(other.end, entry.end) + after - start
        running.append(entry)


