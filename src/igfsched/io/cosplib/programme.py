"""From an instance of CoSPLib to a programme, and between its solutions and schedules.

- `read_cosplib`: the programme of a workbook; `programme_of`: that of an instance.
- `schedule_of`, `grids_of`: a solution as a schedule, and back.
- `weighted_terms`: the score of an audit, term by term, as CoSPLib's checker counts it.

The format has no clock for a slot: a session of it is an opening block, its slots are as long as each other in the
whole programme, and begin where the session does, rounded down. No rule depends on these times: what the hours cost
speakers elsewhere is in prices, as the format counts it.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from typing import Any, Literal

import numpy as np
from attrs import evolve

from igfsched.audit import Audit
from igfsched.errors import InputError, Problem
from igfsched.facts import Ints
from igfsched.grid import Clock, from_minute, minute_of
from igfsched.io.cosplib.instance import TERMS, Block, Instance, read_instance
from igfsched.io.cosplib.solution import Grids
from igfsched.io.workbook import File
from igfsched.programme import Day, Grid, Person, Programme, Role, Room, Session, Track, Window
from igfsched.rule import Rule
from igfsched.rules import (
    CellPrices,
    CellTracks,
    ConsecutiveTracks,
    Duration,
    OnGrid,
    PairsApart,
    ParallelRooms,
    Placed,
    PlacePrices,
    RoomClash,
    RoomCount,
    SimilarTracks,
    TrackOrder,
    TrackRooms,
    WindowHours,
)
from igfsched.rules.blocks import CellPrice
from igfsched.rules.places import PlacePrice
from igfsched.rules.tracks import Position
from igfsched.schedule import Placement, Schedule

SLOT_MINUTES = (60, 30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1)
DAY = 1440
LONGEST = timedelta(days=366)
"""What dates further apart than this say is not when an event is."""


def read_cosplib(path: File) -> Programme:
    """Return the programme of a CoSPLib workbook, its sixteen weighted terms as rules labelled with their names.

    Raises InputError with everything that is wrong with the workbook, by sheet, row and column.
    """
    return programme_of(read_instance(path))


def programme_of(instance: Instance) -> Programme:
    """Return an instance as a programme. Hard are: every session placed, one track in a room of a block."""
    window, starts = _window(instance)
    minutes = slot_minutes(instance)
    return Programme(
        window=window, title=instance.name, preset="none", rules=_rules(instance, starts),
        rooms=[Room(id=room) for room in instance.rooms],
        people=[Person(id=name) for name in sorted({p for s in instance.submissions for p in s.presenters})],
        tracks=[Track(id=track) for track in instance.tracks],
        sessions=[
            Session(id=s.reference, duration=s.slots * minutes, track=s.track,
                    people=[Role(person=name) for name in dict.fromkeys(s.presenters)])
            for s in instance.submissions
        ],
    )


def slot_minutes(instance: Instance) -> int:
    """Return how long a slot is taken to be."""
    shortest = min(((block.end - block.start) % DAY or DAY) // block.slots for block in instance.sessions)
    return next(minutes for minutes in SLOT_MINUTES if minutes <= max(1, shortest))


def _window(instance: Instance) -> tuple[Window, list[list[int]]]:
    """Return the window, and by session the starts of its slots in UTC minutes."""
    minutes = slot_minutes(instance)
    zone = "UTC" if instance.zone == 0 else f"Etc/GMT{-instance.zone:+d}"
    days = _dates(instance.sessions, minutes)
    hours: dict[date, list[Clock]] = {}
    starts = []
    for day, block in zip(days, instance.sessions, strict=True):
        begin = _begin(block, minutes)
        end = begin + block.slots * minutes
        hours.setdefault(day, []).append(Clock(_clock(begin), _clock(end % DAY) if end != DAY else "24:00"))
        first = (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY + begin - 60 * instance.zone
        starts.append([first + n * minutes for n in range(block.slots)])
    grid = Grid(starts=[from_minute(minute) for own in starts for minute in own])
    return Window(days=[Day(date=day, hours=own) for day, own in hours.items()], zone=zone, grid=grid), starts


def _begin(block: Block, minutes: int) -> int:
    return block.start - block.start % minutes


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _dates(sessions: tuple[Block, ...], minutes: int) -> list[date]:
    """Return a date for each session: the file's, where these put the sessions into the order of the sheet.

    The original never looks at them, and some files have senseless ones, or none; then each session has a day of its
    own.
    """
    if max(block.date for block in sessions) - sessions[0].date > LONGEST:
        return [sessions[0].date + timedelta(days=2 * n) for n in range(len(sessions))]
    ends = date.min.toordinal() * DAY
    for block in sessions:
        start = block.date.toordinal() * DAY + _begin(block, minutes)
        if start < ends:
            first = sessions[0].date
            return [first + timedelta(days=2 * n) for n in range(len(sessions))]
        ends = start + block.slots * minutes
    return [block.date for block in sessions]


# -- rules -------------------------------------------------------------------------------------------


def _rules(instance: Instance, starts: list[list[int]]) -> list[Rule]:
    hard: list[Rule] = [Placed(), WindowHours(), OnGrid(), Duration(), RoomCount(), RoomClash(), CellTracks()]
    return hard + [rule for term in TERMS if instance.weights[term] > 0 for rule in _term(instance, term, starts)]


def _term(instance: Instance, term: str, starts: list[list[int]]) -> list[Rule]:
    """Return the rules that a weighted term is made of."""
    soft: dict[str, Any] = {"level": "soft", "weight": instance.weights[term], "label": term}
    submissions = [s.reference for s in instance.submissions]
    if term in ("tracks_sessions", "tracks_rooms", "sessions_rooms"):
        prices = _cell_prices(instance, term)
        return [CellPrices(prices=prices, **soft)] if prices else []
    if term in ("timezones", "submissions_sessions"):
        table = instance.zone_penalty if term == "timezones" else instance.submission_session
        needs = np.array([s.slots for s in instance.submissions], dtype=np.int64)
        found = [
            PlacePrice(session=submissions[i], price=int(price), starts=[
                from_minute(start) for s in np.flatnonzero(row == price // needs[i]) for start in starts[s]])
            for i, row in enumerate(table) for price in np.unique(row[row > 0]) * needs[i]
        ]
        return [PlacePrices(prices=found, **soft)] if found else []
    if term == "submissions_rooms":
        found = [
            PlacePrice(session=submissions[i], room=instance.rooms[r],
                       price=int(instance.submissions[i].slots * row[r]))
            for i, row in enumerate(instance.submission_room) for r in np.flatnonzero(row).tolist()
        ]
        return [PlacePrices(prices=found, **soft)] if found else []
    if term == "similar_tracks":
        return _alike(instance, instance.similar, term)
    if term == "chairs":
        shared = np.zeros_like(instance.similar)
        for a, b in instance.chair_pairs:
            shared[a, b] = 1
        return _alike(instance, shared, term)
    if term == "order":
        return _order(instance, soft)
    if term in ("presenters_session", "attendees_session", "presenters_timeslot", "attendees_timeslot"):
        pairs = instance.presenter_pairs if term.startswith("presenters") else instance.attendee_pairs
        names = [(submissions[i], submissions[j]) for i, j in sorted(pairs)]
        within: Literal["slot", "block"] = "block" if term.endswith("session") else "slot"
        return [PairsApart(pairs=names, within=within, **soft)] if names else []
    if term == "consecutive_tracks":
        return [ConsecutiveTracks(most=1, **soft)]
    return [TrackRooms(**soft) if term == "rooms_per_track" else ParallelRooms(**soft)]


def _cell_prices(instance: Instance, term: str) -> list[CellPrice]:
    tables: dict[str, Ints] = {
        "tracks_sessions": instance.track_session, "tracks_rooms": instance.track_room,
        "sessions_rooms": instance.session_room}
    found = []
    for row, column in zip(*np.nonzero(tables[term]), strict=True):
        price = int(tables[term][row, column])
        if term == "sessions_rooms":
            found.append(CellPrice(price=price, block=int(row), room=instance.rooms[column]))
        elif term == "tracks_rooms":
            found.append(CellPrice(price=price, track=instance.tracks[row], room=instance.rooms[column]))
        else:
            found.append(CellPrice(price=price, track=instance.tracks[row], block=int(column)))
    return found


def _alike(instance: Instance, table: Ints, term: str) -> list[Rule]:
    """Return a rule for each price that two tracks have together."""
    pairs: dict[int, list[tuple[str, str]]] = {}
    for a, b in np.argwhere(np.triu(table, k=1)).tolist():
        pairs.setdefault(int(table[a, b]), []).append((instance.tracks[a], instance.tracks[b]))
    weight = instance.weights[term]
    return [SimilarTracks(level="soft", label=term, weight=weight * price, track_pairs=own)
            for price, own in sorted(pairs.items())]


def _order(instance: Instance, soft: dict[str, Any]) -> list[Rule]:
    ordered = [s for s in instance.submissions if s.order]
    if not ordered:
        return []
    rules: list[Rule] = [TrackOrder(
        positions=[Position(session=s.reference, position=s.order) for s in ordered], rooms=instance.rooms, **soft)]
    pairs = [(a.reference, b.reference) for a, b in combinations(ordered, 2) if a.track == b.track]
    if pairs:
        rules.append(PairsApart(pairs=pairs, within="slot", **soft))
    return rules


# -- solutions and schedules -------------------------------------------------------------------------


def schedule_of(instance: Instance, grids: Grids) -> Schedule:
    """Return a solution as a schedule; submissions that are nowhere have no place.

    Raises InputError for submissions that no schedule can have: torn apart, or in more or fewer slots than they need.
    """
    _, starts = _window(instance)
    minutes = slot_minutes(instance)
    flat = [start for own in starts for start in own]
    block_of = [s for s, own in enumerate(starts) for _ in own]
    at: dict[str, list[tuple[int, int]]] = {}
    for slot, row in enumerate(grids.submissions):
        for room, name in enumerate(row):
            if name:
                at.setdefault(name, []).append((slot, room))
    placements, problems = [], []
    for name, cells in at.items():
        slots, rooms = [slot for slot, _ in cells], {room for _, room in cells}
        needs = instance.submissions[instance.index[name]].slots
        if len(rooms) > 1 or slots != list(range(slots[0], slots[0] + needs)) or (
                block_of[slots[0]] != block_of[slots[-1]]):
            problems.append(Problem(message=f"{name} is not in {needs} slots that follow one another in one room",
                                    path=name, found=f"slots {slots} in {len(rooms)} rooms"))
            continue
        placements.append(Placement(session=name, start=from_minute(flat[slots[0]]), duration=needs * minutes,
                                    rooms=[instance.rooms[min(rooms)]]))
    if problems:
        raise InputError(problems, instance.name)
    return Schedule(placements, label=instance.name)


def grids_of(instance: Instance, schedule: Schedule) -> Grids:
    """Return a schedule as a solution. Of two sessions in one slot of a room the later in the schedule stays."""
    _, starts = _window(instance)
    minutes = slot_minutes(instance)
    row = {start: n for n, start in enumerate(start for own in starts for start in own)}
    block_of = [s for s, own in enumerate(starts) for _ in own]
    column = {room: r for r, room in enumerate(instance.rooms)}
    submissions = [[""] * len(instance.rooms) for _ in row]
    tracks = [[""] * len(instance.rooms) for _ in instance.sessions]
    for placement in schedule:
        submission = instance.submissions[instance.index[placement.session]]
        for n in range(placement.duration // minutes):
            slot = row[minute_of(placement.start) + n * minutes]
            for room in placement.rooms:
                submissions[slot][column[room]] = submission.reference
                tracks[block_of[slot]][column[room]] = submission.track
    return Grids(tracks=tracks, submissions=submissions)


def weighted_terms(audit: Audit) -> dict[str, int]:
    """Return the weighted terms of a schedule; 0 for those of weight 0."""
    found = dict.fromkeys(TERMS, 0)
    for score in audit.score_by_rule:
        term = score.rule.partition(":")[2]
        if term in found:
            found[term] += score.cost
    return found


def without_presenters(instance: Instance) -> Instance:
    """Return the same instance without weights on presenters who are in two rooms of a session."""
    return evolve(instance, weights={**instance.weights, "presenters_session": 0, "presenters_timeslot": 0})
