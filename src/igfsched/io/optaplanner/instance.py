"""An instance of OptaPlanner's conference scheduling as it stands in its workbook.

- `Instance`: slots, rooms, speakers, talks and the weights of the constraints.
- `read_instance`: read a workbook; all that is wrong with it is told at once.
- `CONSTRAINTS`: the constraints with their default weights, in the order of the file. `REWARDS`: those of them
  that raise the score.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cached_property

from attrs import field, frozen

from igfsched.io.workbook import File, Reading, SheetCells, open_workbook
from igfsched.rule import MOST_WEIGHT

Score = tuple[int, int, int]
"""Hard, medium and soft score."""

CONSTRAINTS: dict[str, Score] = {
    "Room unavailable timeslot": (100_000, 0, 0),
    "Room conflict": (1_000, 0, 0),
    "Speaker unavailable timeslot": (100, 0, 0),
    "Speaker conflict": (10, 0, 0),
    "Talk prerequisite talks": (10, 0, 0),
    "Talk mutually-exclusive-talks tags": (1, 0, 0),
    "Consecutive talks pause": (1, 0, 0),
    "Crowd control": (1, 0, 0),
    "Speaker required timeslot tags": (1, 0, 0),
    "Speaker prohibited timeslot tags": (1, 0, 0),
    "Talk required timeslot tags": (1, 0, 0),
    "Talk prohibited timeslot tags": (1, 0, 0),
    "Speaker required room tags": (1, 0, 0),
    "Speaker prohibited room tags": (1, 0, 0),
    "Talk required room tags": (1, 0, 0),
    "Talk prohibited room tags": (1, 0, 0),
    "Published timeslot": (0, 1, 0),
    "Published room": (0, 0, 10),
    "Theme track conflict": (0, 0, 10),
    "Theme track room stability": (0, 0, 10),
    "Sector conflict": (0, 0, 10),
    "Audience type diversity": (0, 0, 1),
    "Audience type theme track conflict": (0, 0, 1),
    "Audience level diversity": (0, 0, 1),
    "Content audience level flow violation": (0, 0, 10),
    "Content conflict": (0, 0, 100),
    "Language diversity": (0, 0, 10),
    "Same day talks": (0, 0, 10),
    "Popular talks": (0, 0, 10),
    "Speaker preferred timeslot tags": (0, 0, 20),
    "Speaker undesired timeslot tags": (0, 0, 20),
    "Talk preferred timeslot tags": (0, 0, 20),
    "Talk undesired timeslot tags": (0, 0, 20),
    "Speaker preferred room tags": (0, 0, 20),
    "Speaker undesired room tags": (0, 0, 20),
    "Talk preferred room tags": (0, 0, 20),
    "Talk undesired room tags": (0, 0, 20),
}

REWARDS = frozenset({"Audience type diversity", "Audience level diversity", "Language diversity"})

LEVELS = ("hard", "medium", "soft")
UNAVAILABLE = "555753"
"""The colour of the slots in which a room or a speaker cannot be had."""

TAG_COLUMNS = (
    "Required timeslot tags", "Preferred timeslot tags", "Prohibited timeslot tags", "Undesired timeslot tags",
    "Required room tags", "Preferred room tags", "Prohibited room tags", "Undesired room tags",
)
TALK_COLUMNS = (
    "Code", "Title", "Talk type", "Speakers", "Theme track tags", "Sector tags", "Audience types", "Audience level",
    "Content tags", "Language", *TAG_COLUMNS, "Mutually exclusive talks tags", "Prerequisite talks codes",
    "Favorite count", "Crowd control risk", "Pinned by user", "Timeslot day", "Start", "End", "Room",
    "Published Timeslot", "Published Start", "Published End", "Published Room",
)
_DAY = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{4}-\d{2}-\d{2})")
_CLOCK = re.compile(r"(\d{2}):(\d{2})")
_WEIGHT = re.compile(r"(-?\d+)hard/(-?\d+)medium/(-?\d+)soft")


@frozen(kw_only=True)
class Timeslot:
    """A slot of a day, `start` and `end` in minutes of the day. No zone is known."""

    day: date
    start: int
    end: int
    types: tuple[str, ...]
    tags: tuple[str, ...] = ()

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.end - self.start


@frozen(kw_only=True)
class Wishes:
    """Tags that slots or rooms are to have (`required`, `preferred`) or not to have (`prohibited`, `undesired`)."""

    required: tuple[str, ...] = ()
    preferred: tuple[str, ...] = ()
    prohibited: tuple[str, ...] = ()
    undesired: tuple[str, ...] = ()


@frozen(kw_only=True)
class Venue:
    """A room; no `types` means all. `unavailable`: indices of slots."""

    name: str
    capacity: int
    types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    unavailable: frozenset[int] = frozenset()


@frozen(kw_only=True)
class Speaker:
    """Somebody who speaks. `unavailable`: indices of slots."""

    name: str
    slots: Wishes = Wishes()
    rooms: Wishes = Wishes()
    unavailable: frozenset[int] = frozenset()


Place = tuple[int | None, int | None]
"""The index of a slot and that of a room, None where it is not known."""


@frozen(kw_only=True)
class Talk:
    """A talk. `place`: where the file has it; `published`: where it was announced to be."""

    code: str
    title: str
    type: str
    speakers: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    level: int = 1
    contents: tuple[str, ...] = ()
    language: str = ""
    slots: Wishes = Wishes()
    rooms: Wishes = Wishes()
    exclusive: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    favourites: int = 0
    crowd_risk: int = 0
    pinned: bool = False
    place: Place = (None, None)
    published: Place = (None, None)


@frozen(kw_only=True)
class Instance:
    """An instance. `pause`: minutes that a speaker needs between two talks of one day."""

    name: str
    title: str
    pause: int
    weights: dict[str, Score] = field(repr=False)
    timeslots: tuple[Timeslot, ...]
    rooms: tuple[Venue, ...]
    speakers: tuple[Speaker, ...]
    talks: tuple[Talk, ...]

    @cached_property
    def index(self) -> dict[str, int]:
        """The talks by code."""
        return {talk.code: i for i, talk in enumerate(self.talks)}

    @cached_property
    def speaker(self) -> dict[str, Speaker]:
        """The speakers by name."""
        return {speaker.name: speaker for speaker in self.speakers}

    def slots_of(self, talk: Talk) -> tuple[int, ...]:
        """Return the slots in which a talk of its type may be."""
        return tuple(k for k, slot in enumerate(self.timeslots) if talk.type in slot.types)

    def rooms_of(self, talk: Talk) -> tuple[int, ...]:
        """Return the rooms in which a talk of its type may be."""
        return tuple(r for r, room in enumerate(self.rooms) if not room.types or talk.type in room.types)


def read_instance(path: File) -> Instance:
    """Return the instance in a workbook of OptaPlanner's conference scheduling. Sheets that show results are ignored.

    Raises InputError with everything that is wrong with it, by sheet, row and column.
    """
    sheets = open_workbook(path, ("Configuration", "Timeslots", "Rooms", "Speakers", "Talks"))
    name = sheets["Configuration"].file
    reading = Reading(name)
    title, pause, weights = _configuration(sheets["Configuration"], reading)
    timeslots = _timeslots(sheets["Timeslots"], reading)
    types = tuple(dict.fromkeys(kind for slot in timeslots for kind in slot.types))
    rooms = _rooms(sheets["Rooms"], reading, timeslots, types)
    slot_tags = tuple(dict.fromkeys(tag for slot in timeslots for tag in slot.tags))
    room_tags = tuple(dict.fromkeys(tag for room in rooms for tag in room.tags))
    speakers = _speakers(sheets["Speakers"], reading, timeslots, slot_tags, room_tags)
    talks = _Talks(sheets["Talks"], reading, timeslots, rooms, speakers, types, slot_tags, room_tags).read()
    reading.check()
    return Instance(name=name.rpartition(".")[0] or name, title=title, pause=pause, weights=weights,
                    timeslots=timeslots, rooms=rooms, speakers=speakers, talks=talks)


def _configuration(sheet: SheetCells, reading: Reading) -> tuple[str, int, dict[str, Score]]:
    title = reading.text(sheet, 0, 1, "B")
    pause = reading.whole(sheet, 1, 1, "B", blank=30)
    weights: dict[str, Score] = {}
    for row in _rows(sheet, reading, 4):
        name = reading.text(sheet, row, 0, "Constraint")
        text = reading.text(sheet, row, 1, "Score weight")
        match = _WEIGHT.fullmatch(text)
        if match is None or not all(0 <= int(part) <= MOST_WEIGHT for part in match.groups()):
            reading.wrong(sheet.place(row, "Score weight"), "this is not a weight", expected="such as "
                          f"1hard/0medium/20soft, each part from 0 to {MOST_WEIGHT}", found=text)
        elif reading.known(sheet.place(row, "Constraint"), name, CONSTRAINTS, "constraints"):
            weights[name] = (int(match[1]), int(match[2]), int(match[3]))
    return title, pause, {name: weights.get(name, default) for name, default in CONSTRAINTS.items()}


def _timeslots(sheet: SheetCells, reading: Reading) -> tuple[Timeslot, ...]:
    _header(sheet, reading, 0, ("Day", "Start", "End", "Talk types", "Tags"))
    found: list[Timeslot] = []
    keys = []
    for row in _rows(sheet, reading, 1):
        day = _day(sheet, reading, row, 0, "Day")
        start, end = (_minute(sheet, reading, row, c, t) for c, t in ((1, "Start"), (2, "End")))
        if end <= start:
            reading.wrong(sheet.place(row, "End"), "a slot ends after it starts", found=sheet.at(row, 2))
            end = start + 1
        types = _list(reading.filled(sheet, row, 3, "Talk types"))
        found.append(Timeslot(day=day, start=start, end=end, types=types,
                              tags=_list(reading.text(sheet, row, 4, "Tags"))))
        keys.append((row, f"{day} {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"))
    reading.unique(sheet, keys, "Start")
    return tuple(found)


def _rooms(
    sheet: SheetCells, reading: Reading, timeslots: Sequence[Timeslot], types: Sequence[str],
) -> tuple[Venue, ...]:
    _header(sheet, reading, 1, ("Name", "Capacity", "Talk types", "Tags"))
    found = []
    rows = _rows(sheet, reading, 2)
    for row in rows:
        kinds = _list(reading.text(sheet, row, 2, "Talk types"))
        for kind in kinds:
            reading.known(sheet.place(row, "Talk types"), kind, types, "talk types")
        found.append(Venue(
            name=reading.filled(sheet, row, 0, "Name"), capacity=reading.whole(sheet, row, 1, "Capacity", least=1),
            types=kinds, tags=_list(reading.text(sheet, row, 3, "Tags")),
            unavailable=_unavailable(sheet, reading, row, 4, len(timeslots)),
        ))
    reading.unique(sheet, [(row, room.name) for row, room in zip(rows, found, strict=True)], "Name")
    return tuple(found)


def _speakers(
    sheet: SheetCells, reading: Reading, timeslots: Sequence[Timeslot], slot_tags: Sequence[str],
    room_tags: Sequence[str],
) -> tuple[Speaker, ...]:
    _header(sheet, reading, 1, ("Name", *TAG_COLUMNS))
    found = []
    rows = _rows(sheet, reading, 2)
    for row in rows:
        slots, rooms = _wishes(sheet, reading, row, 1, slot_tags, room_tags)
        found.append(Speaker(name=reading.filled(sheet, row, 0, "Name"), slots=slots, rooms=rooms,
                             unavailable=_unavailable(sheet, reading, row, 9, len(timeslots))))
    reading.unique(sheet, [(row, speaker.name) for row, speaker in zip(rows, found, strict=True)], "Name")
    return tuple(found)


@frozen
class _Talks:
    """The sheet of talks, and what its cells may name."""

    sheet: SheetCells
    reading: Reading
    timeslots: tuple[Timeslot, ...]
    rooms: tuple[Venue, ...]
    speakers: tuple[Speaker, ...]
    types: tuple[str, ...]
    slot_tags: tuple[str, ...]
    room_tags: tuple[str, ...]

    def read(self) -> tuple[Talk, ...]:
        sheet, reading = self.sheet, self.reading
        _header(sheet, reading, 0, TALK_COLUMNS)
        rows = _rows(sheet, reading, 1)
        codes = [(row, reading.filled(sheet, row, 0, "Code")) for row in rows]
        reading.unique(sheet, codes, "Code")
        names = [speaker.name for speaker in self.speakers]
        return tuple(self._talk(row, code, [code for _, code in codes], names) for row, code in codes)

    def _talk(self, row: int, code: str, codes: list[str], names: list[str]) -> Talk:
        sheet, reading = self.sheet, self.reading
        slots, rooms = _wishes(sheet, reading, row, 10, self.slot_tags, self.room_tags)
        kind = reading.filled(sheet, row, 2, "Talk type")
        if kind:
            reading.known(sheet.place(row, "Talk type"), kind, self.types, "talk types of the slots")
        pinned = sheet.at(row, 22)
        if pinned not in (None, True, False):
            reading.wrong(sheet.place(row, "Pinned by user"), "this is not what belongs here", "TRUE or FALSE", pinned)
        talk = Talk(
            code=code, title=reading.text(sheet, row, 1, "Title"), type=kind,
            speakers=self._named(row, 3, names, "speakers"), themes=self._list(row, 4), sectors=self._list(row, 5),
            audiences=self._list(row, 6), level=reading.whole(sheet, row, 7, "Audience level", least=1),
            contents=self._list(row, 8), language=reading.text(sheet, row, 9, "Language"), slots=slots, rooms=rooms,
            exclusive=self._list(row, 18), prerequisites=self._named(row, 19, codes, "codes of talks"),
            favourites=reading.whole(sheet, row, 20, "Favorite count"),
            crowd_risk=reading.whole(sheet, row, 21, "Crowd control risk"), pinned=bool(pinned),
            place=self._place(row, 23), published=self._place(row, 27),
        )
        if talk.pinned and None in talk.place:
            reading.wrong(sheet.place(row, "Pinned by user"), f"{code} is pinned, but has no slot and room")
        return talk

    def _list(self, row: int, column: int) -> tuple[str, ...]:
        return _list(self.reading.text(self.sheet, row, column, TALK_COLUMNS[column]))

    def _named(self, row: int, column: int, known: list[str], what: str) -> tuple[str, ...]:
        names = self._list(row, column)
        for name in names:
            self.reading.known(self.sheet.place(row, TALK_COLUMNS[column]), name, known, what)
        return names

    def _place(self, row: int, column: int) -> Place:
        sheet, reading = self.sheet, self.reading
        slot = room = None
        if sheet.at(row, column) is not None:
            day = _day(sheet, reading, row, column, TALK_COLUMNS[column])
            start, end = (_minute(sheet, reading, row, column + n, TALK_COLUMNS[column + n]) for n in (1, 2))
            slot = next((k for k, s in enumerate(self.timeslots) if (s.day, s.start, s.end) == (day, start, end)), None)
            if slot is None:
                reading.wrong(sheet.place(row, TALK_COLUMNS[column]), "there is no such slot",
                              found=f"{day} {sheet.at(row, column + 1)}-{sheet.at(row, column + 2)}")
        name = reading.text(sheet, row, column + 3, TALK_COLUMNS[column + 3])
        rooms = [venue.name for venue in self.rooms]
        if name and reading.known(sheet.place(row, TALK_COLUMNS[column + 3]), name, rooms, "rooms"):
            room = rooms.index(name)
        return slot, room


def _wishes(
    sheet: SheetCells, reading: Reading, row: int, first: int, slot_tags: Sequence[str], room_tags: Sequence[str],
) -> tuple[Wishes, Wishes]:
    found = []
    for begin, known, what in ((0, slot_tags, "tags of slots"), (4, room_tags, "tags of rooms")):
        parts = []
        for n in range(begin, begin + 4):
            tags = _list(reading.text(sheet, row, first + n, TAG_COLUMNS[n]))
            for tag in tags:
                reading.known(sheet.place(row, TAG_COLUMNS[n]), tag, known, what)
            parts.append(tags)
        found.append(Wishes(required=parts[0], preferred=parts[1], prohibited=parts[2], undesired=parts[3]))
    return found[0], found[1]


def _unavailable(sheet: SheetCells, reading: Reading, row: int, first: int, slots: int) -> frozenset[int]:
    found = set()
    for k in range(slots):
        colour = sheet.fills.get((row, first + k))
        if colour == UNAVAILABLE:
            found.add(k)
        elif colour is not None:
            reading.wrong(sheet.place(row, first + k), "the colour of the cell means nothing",
                          expected=f"no colour, or {UNAVAILABLE} for a slot that is not available", found=colour)
        if sheet.at(row, first + k) is not None:
            reading.wrong(sheet.place(row, first + k), "the cell is to be empty, its colour says it all",
                          found=sheet.at(row, first + k))
    return frozenset(found)


def _header(sheet: SheetCells, reading: Reading, row: int, names: Sequence[str]) -> None:
    for column, name in enumerate(names):
        found = sheet.at(row, column)
        if found != name:
            reading.wrong(sheet.place(row, column), "the header is another one", expected=name, found=found)


def _rows(sheet: SheetCells, reading: Reading, first: int) -> list[int]:
    """Return the rows that hold something; two empty ones in a row are a fault."""
    found = []
    for row in range(first, len(sheet.rows)):
        if any(value not in (None, "") for value in sheet.rows[row]):
            found.append(row)
        elif row and not any(value not in (None, "") for value in sheet.rows[row - 1]):
            reading.wrong(sheet.place(row), "this row and the one before it are empty, and more follows")
    return found


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split(", ")) if text else ()


def _day(sheet: SheetCells, reading: Reading, row: int, column: int, name: str) -> date:
    value = sheet.at(row, column)
    match = _DAY.fullmatch(str(value))
    try:
        if match:
            return date.fromisoformat(match[2])
    except ValueError:
        pass
    reading.wrong(sheet.place(row, name), "this is not a day", expected="such as Mon 2018-10-01", found=value)
    return date(2000, 1, 1)


def _minute(sheet: SheetCells, reading: Reading, row: int, column: int, name: str) -> int:
    value = sheet.at(row, column)
    match = _CLOCK.fullmatch(str(value))
    if match and int(match[1]) < 24 and int(match[2]) < 60:
        return 60 * int(match[1]) + int(match[2])
    reading.wrong(sheet.place(row, name), "this is not a time of day", expected="such as 09:30", found=value)
    return 0
