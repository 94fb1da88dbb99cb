"""The score of an assignment of OptaPlanner's conference scheduling, written from the description of the format alone.

It reads the workbook by itself and knows nothing of the importer: a slot and a room for each talk in, the matches
of each constraint in units out.
"""

from __future__ import annotations

import datetime
import warnings
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import openpyxl

KINDS = [("Speaker", "slot"), ("Talk", "slot"), ("Speaker", "room"), ("Talk", "room")]


def items(value: Any) -> list[str]:
    return value.split(", ") if value else []


class Scorer:
    """One instance as the rows of its sheets, by header."""

    def __init__(self, path: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path)
        configuration = [list(row) for row in book["Configuration"].iter_rows(values_only=True)]
        self.pause = int(configuration[1][1])
        self.weights = {}
        for row in configuration[4:]:
            if row[0]:
                hard, medium, soft = row[1].split("/")
                self.weights[row[0]] = (int(hard[:-4]), int(medium[:-6]), int(soft[:-4]))
        self.slots = []
        for day, start, end, types, tags in (r[:5] for r in book["Timeslots"].iter_rows(min_row=2, values_only=True)):
            date = datetime.date.fromisoformat(day[4:])
            base = date.toordinal() * 1440
            ends = [base + int(t[:2]) * 60 + int(t[3:]) for t in (start, end)]
            self.slots.append({"day": date, "start": ends[0], "end": ends[1], "types": items(types),
                               "tags": set(items(tags)), "key": (day, start, end)})
        self.rooms, self.speakers = {}, {}
        for sheet, first, found in (("Rooms", 4, self.rooms), ("Speakers", 9, self.speakers)):
            rows = list(book[sheet].iter_rows())
            head = [cell.value for cell in rows[1][:first]]
            for row in rows[2:]:
                entry = dict(zip(head, (cell.value for cell in row[:first]), strict=True))
                entry["unavailable"] = {k for k in range(len(self.slots)) if row[first + k].fill.fill_type == "solid"}
                found[entry["Name"]] = entry
        head, *body = book["Talks"].iter_rows(values_only=True)
        self.talks = [dict(zip(head, row, strict=True)) for row in body]
        for talk in self.talks:
            keys = [(talk[a], talk[b], talk[c]) for a, b, c in (
                ("Timeslot day", "Start", "End"), ("Published Timeslot", "Published Start", "Published End"))]
            talk["slot"], talk["published"] = (
                next((k for k, slot in enumerate(self.slots) if slot["key"] == key), None) for key in keys)

    def stored(self) -> dict[str, tuple[int | None, str | None]]:
        """Return the assignment that the file holds."""
        return {t["Code"]: (t["slot"], t["Room"] or None) for t in self.talks}

    def choices(self, talk: dict[str, Any]) -> tuple[list[int], list[str]]:
        """Return the slots and the rooms of the talk's type."""
        kind = talk["Talk type"]
        return ([k for k, slot in enumerate(self.slots) if kind in slot["types"]],
                [n for n, room in self.rooms.items() if not items(room["Talk types"])
                 or kind in items(room["Talk types"])])

    def units(self, at: dict[str, tuple[int | None, str | None]]) -> dict[str, int]:
        """Return the units of each constraint."""
        found = dict.fromkeys(self.weights, 0)
        placed = []
        for talk in self.talks:
            k, room = at[talk["Code"]]
            if k is not None:
                minutes = self.slots[k]["end"] - self.slots[k]["start"]
                for name in items(talk["Speakers"]):
                    found["Speaker unavailable timeslot"] += minutes * (k in self.speakers[name]["unavailable"])
            if k is not None and room is not None:
                placed.append((talk, k, self.slots[k], room, self.slots[k]["end"] - self.slots[k]["start"]))
        crowds: dict[int, int] = {}
        for talk, k, _, _, _ in placed:
            crowds[k] = crowds.get(k, 0) + (talk["Crowd control risk"] > 0)
        for talk, k, slot, room, minutes in placed:
            found["Room unavailable timeslot"] += minutes * (k in self.rooms[room]["unavailable"])
            if talk["Crowd control risk"] > 0 and crowds[k] - 1 >= 2:
                found["Crowd control"] += minutes
            tags = {"slot": slot["tags"], "room": set(items(self.rooms[room]["Tags"]))}
            for owner, what in KINDS:
                wishers = [talk] if owner == "Talk" else [self.speakers[n] for n in items(talk["Speakers"])]
                for wisher in wishers:
                    for wish, missing in (("Required", 1), ("Prohibited", 0), ("Preferred", 1), ("Undesired", 0)):
                        noun = "timeslot" if what == "slot" else "room"
                        asked = items(wisher[f"{wish} {noun} tags"])
                        number = sum((tag not in tags[what]) if missing else (tag in tags[what]) for tag in asked)
                        found[f"{owner} {wish.lower()} {noun} tags"] += number * minutes
            if talk["published"] is not None:
                found["Published timeslot"] += k != talk["published"]
            if talk["Published Room"]:
                found["Published room"] += room != talk["Published Room"]
        for first, second in combinations(placed, 2):
            self.pair(found, first, second)
        for first, second in permutations(placed, 2):
            (a, _, sa, ra, da), (b, _, sb, rb, db) = first, second
            late = sa["end"] > sb["start"]
            if a["Code"] in items(b["Prerequisite talks codes"]) and late:
                found["Talk prerequisite talks"] += da + db
            common = set(items(a["Content tags"])) & set(items(b["Content tags"]))
            if a["Audience level"] < b["Audience level"] and late:
                found["Content audience level flow violation"] += len(common) * (da + db)
            if a["Favorite count"] < b["Favorite count"] and self.rooms[ra]["Capacity"] > self.rooms[rb]["Capacity"]:
                found["Popular talks"] += da + db
        return found

    def pair(self, found: dict[str, int], first: Any, second: Any) -> None:
        (a, ka, sa, ra, da), (b, kb, sb, rb, db) = first, second

        def common(column: str) -> int:
            return len(set(items(a[column])) & set(items(b[column])))

        ov = max(0, min(sa["end"], sb["end"]) - max(sa["start"], sb["start"]))
        same_day = sa["day"] == sb["day"]
        theme, content, audience = common("Theme track tags"), common("Content tags"), common("Audience types")
        if ra == rb:
            found["Room conflict"] += ov
        found["Speaker conflict"] += common("Speakers") * ov
        found["Talk mutually-exclusive-talks tags"] += common("Mutually exclusive talks tags") * ov
        gap = max(sb["start"] - sa["end"], sa["start"] - sb["end"])
        if common("Speakers") and (ov or (same_day and gap < self.pause)):
            found["Consecutive talks pause"] += da + db
        found["Theme track conflict"] += theme * ov
        if same_day and ra != rb:
            found["Theme track room stability"] += theme * (da + db)
        found["Sector conflict"] += common("Sector tags") * ov
        found["Audience type theme track conflict"] += theme * audience * ov
        found["Content conflict"] += content * ov
        if ka == kb:
            found["Audience type diversity"] += audience * da
            found["Audience level diversity"] += da * (a["Audience level"] != b["Audience level"])
            found["Language diversity"] += da * (a["Language"] != b["Language"])
        if not same_day:
            found["Same day talks"] += (theme + content) * (da + db)

    def score(self, units: dict[str, int]) -> tuple[int, int, int]:
        """Return hard, medium and soft score."""
        rewards = {"Audience type diversity", "Audience level diversity", "Language diversity"}
        return tuple(sum((1 if name in rewards else -1) * number * self.weights[name][level]
                         for name, number in units.items()) for level in range(3))  # type: ignore[return-value]
