"""An instance of CoSPLib as it stands in its workbook: nothing is stripped, nothing is put into another order.

- `Instance`: the parts of an instance, penalties as arrays.
- `read_instance`: read a workbook; all that is wrong with it is told at once.
- `TERMS`: the sixteen weighted terms, in the order of the weights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import cached_property
from itertools import combinations

import numpy as np
from attrs import field, frozen

from igfsched.facts import Ints
from igfsched.io.workbook import File, Reading, SheetCells, open_workbook
from igfsched.rule import MOST_WEIGHT

TERMS = (
    "tracks_sessions", "tracks_rooms", "sessions_rooms", "similar_tracks", "rooms_per_track", "parallel_tracks",
    "consecutive_tracks", "timezones", "order", "submissions_sessions", "submissions_rooms", "presenters_session",
    "attendees_session", "chairs", "presenters_timeslot", "attendees_timeslot",
)
"""The names of the terms; `multi_slot`, which always counts with weight 1, is not among them."""

SHEETS = (
    "parameters", "submissions", "tracks", "sessions", "rooms", "tracks_sessions|penalty", "tracks_rooms|penalty",
    "similar tracks", "sessions_rooms|penalty",
)
DAY = 1440
_ZONE = re.compile(r"GMT([+-])(\d{1,2})")

Pair = tuple[int, int]
"""Two indices, the smaller first."""


@frozen(kw_only=True)
class Submission:
    """One talk: `slots` it needs, `order` in its track (0: none), `zone` in hours east of Greenwich."""

    reference: str
    track: str
    slots: int
    order: int
    zone: int
    presenters: tuple[str, ...] = ()
    attendees: tuple[str, ...] = ()


@frozen(kw_only=True)
class Block:
    """What CoSPLib calls a session: `slots` slots between two times of the local clock, in minutes of the day."""

    name: str
    slots: int
    date: date
    start: int
    end: int


@frozen(kw_only=True)
class Hours:
    """The windows of the local clock for speakers elsewhere, in minutes of the day, and what leaving them costs."""

    suitable: tuple[int, int]
    less_suitable: tuple[int, int]
    small: int
    big: int


@frozen(kw_only=True, eq=False)
class Instance:
    """An instance. Penalties: shapes `(tracks, sessions)`, `(tracks, rooms)`, `(sessions, rooms)`, `(tracks, tracks)`
    (symmetric, the diagonal 0), `(submissions, sessions)`, `(submissions, rooms)`, each in the order of its sheet.

    `zone`: hours of the local clock east of Greenwich.
    """

    name: str
    zone: int
    hours: Hours
    weights: dict[str, int]
    submissions: tuple[Submission, ...]
    tracks: tuple[str, ...]
    chairs: tuple[tuple[str, ...], ...]
    sessions: tuple[Block, ...]
    rooms: tuple[str, ...]
    track_session: Ints = field(repr=False)
    track_room: Ints = field(repr=False)
    session_room: Ints = field(repr=False)
    similar: Ints = field(repr=False)
    submission_session: Ints = field(repr=False)
    submission_room: Ints = field(repr=False)

    @cached_property
    def index(self) -> dict[str, int]:
        """The submissions by reference."""
        return {submission.reference: i for i, submission in enumerate(self.submissions)}

    @cached_property
    def track_of(self) -> tuple[int, ...]:
        """The track of each submission, as an index of `tracks`."""
        position = {name: t for t, name in enumerate(self.tracks)}
        return tuple(position[submission.track] for submission in self.submissions)

    @cached_property
    def presenter_pairs(self) -> frozenset[Pair]:
        """Submissions that share a presenter, or one of which a presenter chairs the track of the other."""
        presenters = [set(s.presenters) for s in self.submissions]
        return frozenset(
            (i, j) for i, j in combinations(range(len(self.submissions)), 2)
            if presenters[i] & presenters[j] or self._chaired(i, j, presenters) or self._chaired(j, i, presenters)
        )

    @cached_property
    def attendee_pairs(self) -> frozenset[Pair]:
        """Submissions that share an attendee, or an attendee of one presents the other or chairs its track."""
        presenters = [set(s.presenters) for s in self.submissions]
        attendees = [set(s.attendees) for s in self.submissions]
        return frozenset(
            (i, j) for i, j in combinations(range(len(self.submissions)), 2)
            if attendees[i] & attendees[j] or attendees[i] & presenters[j] or attendees[j] & presenters[i]
            or self._chaired(i, j, attendees) or self._chaired(j, i, attendees)
        )

    def _chaired(self, i: int, j: int, people: Sequence[set[str]]) -> bool:
        """Say whether somebody of submission i chairs the track of j, which is another track."""
        return self.track_of[i] != self.track_of[j] and not people[i].isdisjoint(self.chairs[self.track_of[j]])

    @cached_property
    def chair_pairs(self) -> frozenset[Pair]:
        """Tracks that share a chair."""
        chairs = [set(people) for people in self.chairs]
        return frozenset((a, b) for a, b in combinations(range(len(chairs)), 2) if chairs[a] & chairs[b])

    @cached_property
    def zone_penalty(self) -> Ints:
        """What a session costs a submission by the clock of its zone, shape `(submissions, sessions)`."""
        zones = np.array([submission.zone for submission in self.submissions], dtype=np.int64)
        shift = 60 * (zones - self.zone)[:, None]
        begin = (np.array([block.start for block in self.sessions], dtype=np.int64) + shift) % DAY
        end = (np.array([block.end for block in self.sessions], dtype=np.int64) + shift) % DAY
        (low, high), (least, most) = self.hours.suitable, self.hours.less_suitable
        unfit = (begin < least) | (end > most) | (end < least)
        less = ((least <= begin) & (begin < low)) | ((high < end) & (end <= most))
        return np.where(unfit, self.hours.big, np.where(less, self.hours.small, 0)).astype(np.int64)


def read_instance(path: File) -> Instance:
    """Return the instance in a workbook of CoSPLib.

    Raises InputError with everything that is wrong with it, by sheet, row and column.
    """
    sheets = open_workbook(path, SHEETS)
    name = sheets["parameters"].file
    reading = Reading(name)
    zone, hours, weights = _parameters(sheets["parameters"], reading)
    tracks, chairs = _tracks(sheets["tracks"], reading)
    sessions = _sessions(sheets["sessions"], reading)
    rooms = _names(sheets["rooms"], reading, "Rooms")
    blocks = [block.name for block in sessions]
    submissions, by_session, by_room = _submissions(sheets["submissions"], reading, tracks, blocks, rooms)
    longest = max((block.slots for block in sessions), default=0)
    for row, submission in zip(_rows(sheets["submissions"]), submissions, strict=True):
        if submission.slots > longest:
            reading.wrong(sheets["submissions"].place(row, "Required Timeslots"), f"{submission.reference} needs more "
                          "time slots than any session has", expected=f"at most {longest}", found=submission.slots)
    instance = Instance(
        name=name.rpartition(".")[0] or name, zone=zone, hours=hours, weights=weights, submissions=submissions,
        tracks=tracks, chairs=chairs, sessions=sessions, rooms=rooms,
        track_session=_matrix(sheets["tracks_sessions|penalty"], reading, tracks, blocks, "tracks", "sessions"),
        track_room=_matrix(sheets["tracks_rooms|penalty"], reading, tracks, rooms, "tracks", "rooms"),
        session_room=_matrix(sheets["sessions_rooms|penalty"], reading, blocks, rooms, "sessions", "rooms"),
        similar=_similar(sheets["similar tracks"], reading, tracks, weights["similar_tracks"]),
        submission_session=by_session, submission_room=by_room,
    )
    used = {submission.track for submission in submissions}
    for track in tracks:
        if track not in used and submissions:
            reading.wrong(f"{name}, sheet tracks", f"no submission belongs to track {track!r}")
    needed, there = sum(s.slots for s in submissions), len(rooms) * sum(block.slots for block in sessions)
    if needed > there:
        reading.wrong(name, "there are fewer time slots in the rooms than the submissions need",
                      expected=f"at least {needed}", found=there)
    reading.check()
    return instance


def _parameters(sheet: SheetCells, reading: Reading) -> tuple[int, Hours, dict[str, int]]:
    """Read the sheet that is addressed by position: rows count from the one under the header."""
    zone = _zone(sheet, reading, 1, 1, "B")
    windows = []
    for first in (3, 6):
        windows.append((_minute(sheet, reading, first, 1, "B"), _minute(sheet, reading, first + 1, 1, "B")))
    small, big = (reading.whole(sheet, row, 1, "B") for row in (8, 10))
    weights = {term: reading.whole(sheet, row, 4, "E", least=-MOST_WEIGHT, most=MOST_WEIGHT)
               for row, term in enumerate(TERMS, start=1)}
    return zone, Hours(suitable=windows[0], less_suitable=windows[1], small=small, big=big), weights


def _tracks(sheet: SheetCells, reading: Reading) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    names = _names(sheet, reading, "Tracks")
    chairs = tuple(_people(reading.text(sheet, row, 1, "Chairs")) for row in _rows(sheet))
    return names, chairs


def _sessions(sheet: SheetCells, reading: Reading) -> tuple[Block, ...]:
    names = _names(sheet, reading, "Sessions")
    found = []
    for name, row in zip(names, _rows(sheet), strict=True):
        slots = reading.whole(sheet, row, 1, "Max Number of Timeslots", least=1)
        day = sheet.at(row, 2)
        if isinstance(day, datetime):
            day = day.date()
        start, end = (_minute(sheet, reading, row, c, t) for c, t in ((3, "Start Time"), (4, "End Time")))
        # The date is never used in the original: a missing or senseless one is no fault.
        found.append(Block(name=name, slots=slots, date=day if isinstance(day, date) else date(2000, 1, 1),
                           start=start, end=end))
    return tuple(found)


_FIXED = ("Reference", "Track", "Required Timeslots", "Order", "Time Zone", "Presenters", "Attendees")


def _submissions(
    sheet: SheetCells, reading: Reading, tracks: tuple[str, ...], sessions: Sequence[str], rooms: tuple[str, ...],
) -> tuple[tuple[Submission, ...], Ints, Ints]:
    rows = _rows(sheet)
    begin = len(_FIXED)
    columns = (*_slice(sheet, reading, begin, sessions, "sessions"),
               *_slice(sheet, reading, begin + len(sessions), rooms, "rooms"))
    names = (*sessions, *rooms)
    found, prices = [], np.zeros((len(rows), len(names)), dtype=np.int64)
    for index, row in enumerate(rows):
        track = reading.text(sheet, row, 1, "Track")
        reading.known(sheet.place(row, "Track"), track, tracks, "tracks")
        found.append(Submission(
            reference=reading.filled(sheet, row, 0, "Reference"), track=track,
            slots=reading.whole(sheet, row, 2, "Required Timeslots", least=1),
            order=reading.whole(sheet, row, 3, "Order"),
            zone=_zone(sheet, reading, row, 4, "Time Zone"),
            presenters=_people(reading.text(sheet, row, 5, "Presenters")),
            attendees=_people(reading.text(sheet, row, 6, "Attendees")),
        ))
        for position, column in enumerate(columns):
            if column >= 0:
                prices[index, position] = reading.whole(sheet, row, column, names[position], blank=0)
    reading.unique(sheet, [(row, s.reference) for row, s in zip(rows, found, strict=True)], "Reference")
    return tuple(found), prices[:, : len(sessions)], prices[:, len(sessions):]


def _slice(sheet: SheetCells, reading: Reading, begin: int, names: Sequence[str], what: str) -> list[int]:
    """Return the column of each name among the columns that belong to its kind; -1 if it has none."""
    headers = {str(sheet.at(0, c)): c for c in range(begin, begin + len(names))}
    for name in names:
        if name not in headers:
            reading.wrong(sheet.place(0), f"there is no column {name!r} among those of the {what}")
    return [headers.get(name, -1) for name in names]


def _matrix(
    sheet: SheetCells, reading: Reading, rows: Sequence[str], columns: Sequence[str], row_kind: str, column_kind: str,
) -> Ints:
    """Read a sheet of penalties, both axes by name."""
    found = np.zeros((len(rows), len(columns)), dtype=np.int64)
    position = {name: index for index, name in enumerate(rows)}
    headers = {str(sheet.at(0, c)): c for c in range(1, sheet.width)}
    for name in columns:
        if name not in headers:
            reading.wrong(sheet.place(0), f"there is no column {name!r}, which is one of the {column_kind}")
    seen = set()
    for row in _rows(sheet):
        name = reading.text(sheet, row, 0, "A")
        if reading.known(sheet.place(row, "A"), name, position, row_kind):
            seen.add(name)
            for index, column in enumerate(columns):
                if column in headers:
                    found[position[name], index] = reading.whole(sheet, row, headers[column], column, blank=0)
    for name in rows:
        if name not in seen:
            reading.wrong(f"{sheet.file}, sheet {sheet.name}",
                          f"there is no row {name!r}, which is one of the {row_kind}")
    return found


def _similar(sheet: SheetCells, reading: Reading, tracks: tuple[str, ...], weight: int) -> Ints:
    """Read how alike tracks are: rows name the columns too, and only what is above the diagonal counts.

    Each price, times the weight, is the weight of a rule.
    """
    most = MOST_WEIGHT // max(1, weight)
    position = {name: t for t, name in enumerate(tracks)}
    found = np.zeros((len(tracks), len(tracks)), dtype=np.int64)
    named = []
    for row in _rows(sheet):
        name = reading.text(sheet, row, 0, "A")
        if reading.known(sheet.place(row, "A"), name, position, "tracks"):
            named.append((row, position[name]))
    for name in tracks:
        if position[name] not in {t for _, t in named}:
            reading.wrong(f"{sheet.file}, sheet {sheet.name}", f"there is no row {name!r}, which is one of the tracks")
    for earlier, (row, a) in enumerate(named):
        for later in range(earlier + 1, len(named)):
            b = named[later][1]
            found[a, b] = found[b, a] = reading.whole(sheet, row, later + 1, tracks[b], most=most, blank=0)
    return found


def _names(sheet: SheetCells, reading: Reading, column: str) -> tuple[str, ...]:
    rows = _rows(sheet)
    names = [reading.filled(sheet, row, 0, column) for row in rows]
    reading.unique(sheet, list(zip(rows, names, strict=True)), column)
    if not names:
        reading.wrong(f"{sheet.file}, sheet {sheet.name}", "the sheet is empty", expected="a row for each")
    return tuple(names)


def _rows(sheet: SheetCells) -> list[int]:
    """Return the rows under the header that hold something."""
    return [r for r in range(1, len(sheet.rows)) if any(value not in (None, "") for value in sheet.rows[r])]


def _people(text: str) -> tuple[str, ...]:
    return tuple(text.split(", ")) if text else ()


def _zone(sheet: SheetCells, reading: Reading, row: int, column: int, name: str) -> int:
    value = sheet.at(row, column)
    match = _ZONE.fullmatch(str(value))
    if match and int(match[2]) <= 12 and value != "GMT-0":
        return int(match[1] + match[2])
    reading.wrong(sheet.place(row, name), "this is not a time zone", expected="GMT+h or GMT-h, h from 0 to 12",
                  found=value)
    return 0


def _minute(sheet: SheetCells, reading: Reading, row: int, column: int, name: str) -> int:
    """Return a time of the clock as minutes of the day."""
    value = sheet.at(row, column)
    if isinstance(value, datetime):
        value = value.time()
    if isinstance(value, time):
        return 60 * value.hour + value.minute
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2})?", str(value))
    if match and int(match[1]) < 24 and int(match[2]) < 60:
        return 60 * int(match[1]) + int(match[2])
    reading.wrong(sheet.place(row, name), "this is not a time of day", expected="a time such as 09:30", found=value)
    return 0
