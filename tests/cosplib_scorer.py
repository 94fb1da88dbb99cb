"""The score of a CoSPLib solution, term by term, written from the description of the format alone.

It reads the workbook by itself and knows nothing of the importer: a grid of tracks and a grid of submissions in,
raw values (before weights) out.
"""

from __future__ import annotations

import datetime
import warnings
from itertools import combinations
from pathlib import Path
from typing import Any

import openpyxl

NAMES = ["tracks_sessions", "tracks_rooms", "sessions_rooms", "similar_tracks", "rooms_per_track", "parallel_tracks",
         "consecutive_tracks", "timezones", "order", "submissions_sessions", "submissions_rooms",
         "presenters_session", "attendees_session", "chairs", "presenters_timeslot", "attendees_timeslot"]


def rows_of(book: Any, sheet: str) -> list[list[Any]]:
    rows = [list(row) for row in book[sheet].iter_rows(values_only=True)]
    return rows[:1] + [row for row in rows[1:] if any(value not in (None, "") for value in row)]


def minutes(value: datetime.time) -> int:
    return value.hour * 60 + value.minute


class Scorer:
    """One instance as dictionaries of names."""

    def __init__(self, path: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path)
        par = rows_of(book, "parameters")
        sheet = [list(row) for row in book["parameters"].iter_rows(min_row=2, values_only=True)]
        assert par
        self.weights = {name: sheet[row][4] for row, name in enumerate(NAMES)}
        self.local = int(sheet[0][1][3:])
        self.window = [minutes(sheet[row][1]) for row in (2, 3, 5, 6)]
        self.small, self.big = sheet[7][1], sheet[9][1]
        self.sessions = [row[0] for row in rows_of(book, "sessions")[1:]]
        self.slots = {row[0]: row[1] for row in rows_of(book, "sessions")[1:]}
        self.clock = {row[0]: (minutes(row[3]), minutes(row[4])) for row in rows_of(book, "sessions")[1:]}
        self.rooms = [row[0] for row in rows_of(book, "rooms")[1:]]
        self.tracks = [row[0] for row in rows_of(book, "tracks")[1:]]
        self.chairs = {row[0]: set((row[1] or "").split(", ")) - {""} for row in rows_of(book, "tracks")[1:]}
        head, *body = rows_of(book, "submissions")
        n = len(self.sessions)
        names_s, names_r = head[7:7 + n], head[7 + n:7 + n + len(self.rooms)]
        self.sub = {row[0]: {
            "track": row[1], "need": row[2], "order": row[3], "zone": int(row[4][3:]),
            "presenters": set((row[5] or "").split(", ")) - {""},
            "attendees": set((row[6] or "").split(", ")) - {""},
            "s": dict(zip(names_s, (v or 0 for v in row[7:7 + n]), strict=True)),
            "r": dict(zip(names_r, (v or 0 for v in row[7 + n:7 + n + len(self.rooms)]), strict=True)),
        } for row in body}
        self.ts, self.tr, self.sr = (self.matrix(book, name) for name in (
            "tracks_sessions|penalty", "tracks_rooms|penalty", "sessions_rooms|penalty"))
        similar = rows_of(book, "similar tracks")[1:]
        labels = [row[0] for row in similar]
        self.similar = {frozenset((labels[i], labels[j])): similar[i][j + 1] or 0
                        for i, j in combinations(range(len(labels)), 2)}
        self.presenter_pairs = {p for p in map(frozenset, combinations(self.sub, 2)) if self.presenting(*p)}
        self.attendee_pairs = {p for p in map(frozenset, combinations(self.sub, 2)) if self.attending(*p)}

    @staticmethod
    def matrix(book: Any, sheet: str) -> dict[tuple[str, str], int]:
        head, *body = rows_of(book, sheet)
        return {(row[0], head[c]): row[c] or 0 for row in body for c in range(1, len(head)) if head[c] is not None}

    def chairing(self, people: str, i: str, j: str) -> bool:
        a, b = self.sub[i], self.sub[j]
        return a["track"] != b["track"] and bool(a[people] & self.chairs[b["track"]])

    def presenting(self, i: str, j: str) -> bool:
        return bool(self.sub[i]["presenters"] & self.sub[j]["presenters"]) or (
            self.chairing("presenters", i, j) or self.chairing("presenters", j, i))

    def attending(self, i: str, j: str) -> bool:
        a, b = self.sub[i], self.sub[j]
        return bool(a["attendees"] & b["attendees"] or a["attendees"] & b["presenters"]
                    or b["attendees"] & a["presenters"]) or (
            self.chairing("attendees", i, j) or self.chairing("attendees", j, i))

    def zone_cost(self, submission: str, session: str) -> int:
        start, end = self.clock[session]
        shift = (self.sub[submission]["zone"] - self.local) * 60
        a, b = (start + shift) % 1440, (end + shift) % 1440
        sf, st, lf, lt = self.window
        if a < lf or b > lt or b < lf:
            return self.big
        return self.small if lf <= a < sf or st < b <= lt else 0

    def terms(self, tracks: list[list[str]], grid: list[list[str]]) -> dict[str, int]:
        """Return the raw values of the sixteen terms and of the one for torn submissions."""
        found = dict.fromkeys([*NAMES, "multi_slot"], 0)
        cells: dict[tuple[str, str], list[str]] = {}
        at: dict[tuple[str, int], list[tuple[str, str]]] = {}
        line = 0
        for s in self.sessions:
            for k in range(self.slots[s]):
                for r, room in enumerate(self.rooms):
                    cells.setdefault((s, room), []).append(grid[line][r])
                    if grid[line][r]:
                        at.setdefault((s, k), []).append((grid[line][r], room))
                line += 1
        held = {(s, room): tracks[i][r] for i, s in enumerate(self.sessions) for r, room in enumerate(self.rooms)
                if tracks[i][r]}
        for (s, room), t in held.items():
            found["tracks_sessions"] += self.ts[t, s]
            found["tracks_rooms"] += self.tr[t, room]
            found["sessions_rooms"] += self.sr[s, room]
        for s in self.sessions:
            here = [t for (other, _), t in held.items() if other == s]
            for a, b in combinations(here, 2):
                found["similar_tracks"] += self.similar[frozenset((a, b))] if a != b else 0
                found["chairs"] += bool(a != b and self.chairs[a] & self.chairs[b])
            found["parallel_tracks"] += len(here) - len(set(here))
        for t in self.tracks:
            used = {room for (_, room), other in held.items() if other == t}
            found["rooms_per_track"] += max(0, len(used) - 1)
            where = sorted({self.sessions.index(s) for (s, _), other in held.items() if other == t})
            found["consecutive_tracks"] += bool(where) and where[-1] - where[0] + 1 != len(where)
            self.ordering(t, held, cells, found)
        for (s, room), names in cells.items():
            for name in names:
                if name:
                    found["timezones"] += self.zone_cost(name, s)
                    found["submissions_sessions"] += self.sub[name]["s"][s]
                    found["submissions_rooms"] += self.sub[name]["r"][room]
        for s in self.sessions:
            rooms: dict[str, set[str]] = {}
            for room in self.rooms:
                for name in cells[s, room]:
                    rooms.setdefault(name, set()).add(room)
            rooms.pop("", None)
            for i, j in combinations(rooms, 2):
                apart = any(a != b for a in rooms[i] for b in rooms[j])
                found["presenters_session"] += apart and frozenset((i, j)) in self.presenter_pairs
                found["attendees_session"] += apart and frozenset((i, j)) in self.attendee_pairs
        for here in at.values():
            for (i, _), (j, _) in combinations(here, 2):
                found["presenters_timeslot"] += frozenset((i, j)) in self.presenter_pairs
                found["attendees_timeslot"] += frozenset((i, j)) in self.attendee_pairs
        found["multi_slot"] = self.torn(cells, grid)
        return {name: int(value) for name, value in found.items()}

    def ordering(self, t: str, held: Any, cells: Any, found: dict[str, int]) -> None:
        seen: list[str] = []
        for s in self.sessions:
            for room in self.rooms:
                if held.get((s, room)) == t:
                    seen += [name for name in cells[s, room] if name and name not in seen]
                    seen = list(dict.fromkeys(seen))
        for position, name in enumerate(seen, start=1):
            order = self.sub[name]["order"]
            found["order"] += order != 0 and order != position
        for s in self.sessions:
            mine = [cells[s, room] for room in self.rooms if held.get((s, room)) == t]
            for k in range(self.slots[s]):
                ordered = [names[k] for names in mine if names[k] and self.sub[names[k]]["order"]]
                found["order"] += len(ordered) * (len(ordered) - 1) // 2

    def torn(self, cells: dict[tuple[str, str], list[str]], grid: list[list[str]]) -> int:
        cost = 0
        for name, data in self.sub.items():
            if data["need"] == 1:
                continue
            lines = [line for line, row in enumerate(grid) for other in row if other == name]
            if not lines:
                return 10**9
            cost += 10**7 * sum(name in names and names.count(name) != data["need"] for names in cells.values())
            cost += 10**9 * (lines != list(range(lines[0], lines[-1] + 1)))
        return cost
