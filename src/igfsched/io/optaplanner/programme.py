"""From an instance of OptaPlanner's conference scheduling to a programme, and between its assignments and schedules.

- `read_optaplanner`: the programme of a workbook; `programme_of`: that of an instance.
- `schedule_of`, `assignment_of`: an assignment as a schedule, and back; `stored`: the one that the file holds.
- `score_of`: hard, medium and soft score of an audit, as the original counts it; `score_by_constraint`: its parts.

Every constraint is soft, as in the original: hard, medium and soft are the tiers 1, 2 and 3. Hard in the programme is
what the original has as ranges of values: a talk is in a slot and a room of its type, and pinned ones stay. What is a
reward there is stated as what is missing of the most that there could be; the score takes that constant off again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from igfsched.audit import Audit
from igfsched.errors import InputError, Problem, nearest
from igfsched.grid import Clock, Span, from_minute, minute_of
from igfsched.io.optaplanner.instance import (
    CONSTRAINTS,
    LEVELS,
    REWARDS,
    Instance,
    Score,
    Talk,
    Wishes,
    read_instance,
)
from igfsched.io.workbook import File
from igfsched.programme import Day, Grid, Person, Programme, Role, Room, Session, Window
from igfsched.rule import Rule
from igfsched.rules import (
    Audience,
    Crowd,
    Diversity,
    Duration,
    FixedRoom,
    FixedStart,
    LevelFlow,
    OnGrid,
    Pause,
    PersonClash,
    Placed,
    PlacePrices,
    PopularRooms,
    Prerequisites,
    RoomChoice,
    RoomClash,
    RoomCount,
    SlotChoice,
    TopicDays,
    TopicRooms,
    WindowHours,
)
from igfsched.rules.places import PlacePrice
from igfsched.schedule import Placement, Schedule
from igfsched.selector import Selector

DAY = 1440
THEME, SECTOR, AUDIENCE, CONTENT, EXCLUSIVE = "theme", "sector", "audience", "content", "exclusive"
CROWD = "draws a crowd"

Assignment = Mapping[str, tuple[int, str]]
"""By code of a talk: the index of its slot in the sheet, and the name of its room."""


def read_optaplanner(path: File) -> Programme:
    """Return the programme of a workbook of OptaPlanner's conference scheduling.

    Raises InputError with everything that is wrong with the workbook, by sheet, row and column.
    """
    return programme_of(read_instance(path))


def programme_of(instance: Instance) -> Programme:
    """Return an instance as a programme in three tiers."""
    slots = slot_minutes(instance)
    days: dict[date, tuple[int, int]] = {}
    for start, end in slots:
        day = date(1970, 1, 1) + timedelta(days=start // DAY)
        first, last = days.get(day, (DAY, 0))
        days[day] = (min(first, start % DAY), max(last, end - start // DAY * DAY))
    window = Window(
        days=[Day(date=day, hours=[Clock(_clock(first), _clock(last))]) for day, (first, last) in days.items()],
        grid=Grid(starts=[from_minute(start) for start, _ in slots]),
    )
    return Programme(
        window=window, title=instance.title or instance.name, preset="none",
        rules=[rule for rule in (*_frame(instance, slots), *_constraints(instance, slots)) if rule is not None],
        rooms=[Room(id=room.name, capacity=room.capacity) for room in instance.rooms],
        people=[Person(id=speaker.name) for speaker in instance.speakers],
        sessions=[_session(instance, talk, slots) for talk in instance.talks],
    )


def slot_minutes(instance: Instance) -> list[tuple[int, int]]:
    """Return start and end of each slot, in minutes since 1970 of a clock without a zone.

    The original sees only whether two slots are on one day: where the pause of a speaker would reach over midnight
    into the next day, that day is put one later.
    """
    shift: dict[date, int] = {}
    moved, before, last = 0, None, 0
    for day in sorted({slot.day for slot in instance.timeslots}):
        own = [slot for slot in instance.timeslots if slot.day == day]
        if before is not None and (day - before).days == 1:
            gap = DAY - last + min(slot.start for slot in own)
            moved += int(gap < instance.pause)
        shift[day] = moved
        before, last = day, max(slot.end for slot in own)
    begin = date(1970, 1, 1).toordinal()
    found = []
    for slot in instance.timeslots:
        midnight = (slot.day.toordinal() - begin + shift[slot.day]) * DAY
        found.append((midnight + slot.start, midnight + slot.end))
    return found


def _session(instance: Instance, talk: Talk, slots: list[tuple[int, int]]) -> Session:
    slot, room = talk.place
    own = [slot] if talk.pinned and slot is not None else instance.slots_of(talk)
    lengths = sorted({instance.timeslots[k].minutes for k in own}) or [1]
    pinned = talk.pinned and slot is not None and room is not None
    rooms = [instance.rooms[r].name for r in instance.rooms_of(talk)]
    return Session(
        id=talk.code, title=talk.title, type=talk.type, duration=lengths[0], other_durations=lengths[1:],
        people=[Role(person=name) for name in dict.fromkeys(talk.speakers)],
        tags=[*_tags(talk), *([CROWD] if talk.crowd_risk else [])], audience_level=talk.level,
        language=talk.language, demand=talk.favourites,
        rooms=[] if pinned or len(rooms) == len(instance.rooms) else rooms,
        fixed_start=from_minute(slots[slot][0]) if pinned and slot is not None else None,
        fixed_room=instance.rooms[room].name if pinned and room is not None else None,
    )


def _tags(talk: Talk) -> list[str]:
    """Return the topics of a talk; those of two kinds at once are topics too, so that each shared pair counts."""
    kinds = ((THEME, talk.themes), (SECTOR, talk.sectors), (AUDIENCE, talk.audiences), (CONTENT, talk.contents),
             (EXCLUSIVE, talk.exclusive))
    return [*(f"{kind}: {name}" for kind, own in kinds for name in own),
            *(f"{THEME} and {AUDIENCE}: {one} | {other}" for one in talk.themes for other in talk.audiences)]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


# -- rules -------------------------------------------------------------------------------------------


def _frame(instance: Instance, slots: list[tuple[int, int]]) -> Iterator[Rule]:
    """Yield the hard rules: what the original has as ranges of values."""
    yield from (Placed(), WindowHours(), OnGrid(), Duration(), RoomCount(), RoomChoice(), FixedStart(), FixedRoom())
    for kind in sorted({talk.type for talk in instance.talks}):
        own = [Span(from_minute(start), from_minute(end))
               for slot, (start, end) in zip(instance.timeslots, slots, strict=True) if kind in slot.types]
        yield SlotChoice(selector=Selector(types={kind}), slots=own, label=kind)


def _constraints(instance: Instance, slots: list[tuple[int, int]]) -> Iterator[Rule]:
    for name in CONSTRAINTS:
        weights = instance.weights[name]
        used = [level for level in range(3) if weights[level]]
        for level in used:
            label = name if len(used) == 1 else f"{name} ({LEVELS[level]})"
            soft: dict[str, Any] = {"level": "soft", "tier": level + 1, "weight": weights[level], "label": label}
            rule = _rule(instance, name, slots, soft)
            if rule is not None:
                yield rule


def _rule(instance: Instance, name: str, slots: list[tuple[int, int]], soft: dict[str, Any]) -> Rule | None:
    """Return the rule that a constraint is, None if it has nothing to say here."""
    kinds: dict[str, set[str]] = {}
    for talk in instance.talks:
        for tag in _tags(talk):
            kinds.setdefault(tag.partition(": ")[0], set()).add(tag)

    def topics(rule: Callable[..., Rule], *which: str, **more: Any) -> Rule | None:
        tags = {tag for kind in which for tag in kinds.get(kind, ())}
        return rule(tags=tags, **more, **soft) if tags else None

    if name == "Talk prerequisite talks":
        pairs = [(first, talk.code) for talk in instance.talks for first in talk.prerequisites if first != talk.code]
        return Prerequisites(pairs=pairs, **soft) if pairs else None
    simple: dict[str, Rule | None] = {
        "Room conflict": RoomClash(**soft),
        "Speaker conflict": PersonClash(**soft),
        "Consecutive talks pause": Pause(minutes=min(720, instance.pause), once=True, **soft),
        "Crowd control": Crowd(selector=Selector(tags={CROWD}), measure="minutes", **soft),
        "Audience level diversity": Diversity(by="audience_level", measure="shortfall", **soft),
        "Language diversity": Diversity(by="language", measure="shortfall", **soft),
        "Popular talks": PopularRooms(measure="minutes", **soft),
        "Talk mutually-exclusive-talks tags": topics(Audience, EXCLUSIVE),
        "Theme track conflict": topics(Audience, THEME),
        "Sector conflict": topics(Audience, SECTOR),
        "Content conflict": topics(Audience, CONTENT),
        "Audience type theme track conflict": topics(Audience, f"{THEME} and {AUDIENCE}"),
        "Theme track room stability": topics(TopicRooms, THEME),
        "Content audience level flow violation": topics(LevelFlow, CONTENT, measure="minutes"),
        "Same day talks": topics(TopicDays, THEME, CONTENT),
        "Audience type diversity": topics(Diversity, AUDIENCE, measure="shortfall"),
    }
    if name in simple:
        return simple[name]
    prices = [price for talk in instance.talks for price in _prices(instance, name, talk, slots)]
    return PlacePrices(prices=prices, **soft) if prices else None


def _prices(instance: Instance, name: str, talk: Talk, slots: list[tuple[int, int]]) -> Iterator[PlacePrice]:
    """Yield what a constraint on single talks costs, by slot and room."""
    rooms = [instance.rooms[r] for r in instance.rooms_of(talk)]
    missed = {room.name: _missed(instance, name, talk, room.tags) for room in rooms if name.endswith("room tags")}
    for k in instance.slots_of(talk):
        minutes = instance.timeslots[k].minutes
        price, dear = 0, []
        if name == "Room unavailable timeslot":
            dear = [(minutes, room.name) for room in rooms if k in room.unavailable]
        elif name == "Speaker unavailable timeslot":
            price = minutes * sum(k in instance.speaker[speaker].unavailable for speaker in talk.speakers)
        elif name == "Published timeslot":
            price = int(talk.published[0] not in (None, k))
        elif name.endswith("timeslot tags"):
            price = minutes * _missed(instance, name, talk, instance.timeslots[k].tags)
        else:
            dear = [(minutes * number, room) for room, number in missed.items() if number]
        for own, room in [*([(price, "")] if price else []), *dear]:
            yield PlacePrice(
                session=talk.code, starts=[from_minute(slots[k][0])], duration=minutes, room=room, price=own)
    if name == "Published room" and talk.published[1] is not None:
        told = instance.rooms[talk.published[1]]
        yield from (PlacePrice(session=talk.code, price=1, room=room.name) for room in rooms if room is not told)


def _missed(instance: Instance, name: str, talk: Talk, tags: tuple[str, ...]) -> int:
    """Return how many wishes of a talk, or of its speakers, a slot or a room with these tags does not meet."""
    owner, kind, *_ = name.split()
    wishers = [talk] if owner == "Talk" else [instance.speaker[speaker] for speaker in talk.speakers]
    wishes: list[Wishes] = [wisher.slots if "timeslot" in name else wisher.rooms for wisher in wishers]
    wanted = kind in ("required", "preferred")
    return sum((tag in tags) != wanted for wish in wishes for tag in getattr(wish, kind))


# -- assignments and scores --------------------------------------------------------------------------


def stored(instance: Instance) -> dict[str, tuple[int, str]]:
    """Return the assignment that the file holds, without the talks that lack a slot or a room."""
    return {talk.code: (talk.place[0], instance.rooms[talk.place[1]].name)
            for talk in instance.talks if talk.place[0] is not None and talk.place[1] is not None}


def schedule_of(instance: Instance, assignment: Assignment) -> Schedule:
    """Return an assignment as a schedule. Raises InputError for talks, slots and rooms that there are not."""
    slots = slot_minutes(instance)
    rooms = [room.name for room in instance.rooms]
    problems = []
    for code, (slot, room) in assignment.items():
        if code not in instance.index:
            problems.append(Problem(message="there is no such talk", path=code,
                                    nearest=nearest(code, list(instance.index))))
        if not 0 <= slot < len(slots):
            problems.append(Problem(message="there is no such slot", path=code, found=slot,
                                    expected=f"a number from 0 to {len(slots) - 1}"))
        if room not in rooms:
            problems.append(Problem(message=f"{room!r} is not one of the rooms", path=code,
                                    nearest=nearest(room, rooms)))
    if problems:
        raise InputError(problems, instance.name)
    return Schedule([
        Placement(session=code, start=from_minute(slots[slot][0]), duration=slots[slot][1] - slots[slot][0],
                  rooms=[room])
        for code, (slot, room) in assignment.items()
    ], label=instance.name)


def assignment_of(instance: Instance, schedule: Schedule) -> dict[str, tuple[int, str]]:
    """Return a schedule as an assignment; sessions are in slots of their type, each in one room."""
    found = {}
    number = {(*span, kind): k for k, span in enumerate(slot_minutes(instance)) for kind in instance.timeslots[k].types}
    for placement in schedule:
        start = minute_of(placement.start)
        kind = instance.talks[instance.index[placement.session]].type
        found[placement.session] = (number[start, start + placement.duration, kind], placement.rooms[0])
    return found


def score_by_constraint(instance: Instance, audit: Audit) -> dict[str, Score]:
    """Return what each constraint adds to the score of a schedule in which every talk has a place."""
    found = {name: [0, 0, 0] for name in CONSTRAINTS}
    for rule, score in zip(audit.rules, audit.score_by_rule, strict=True):
        name = next((name for name in CONSTRAINTS
                     if rule.label in (name, *(f"{name} ({level})" for level in LEVELS))), None)
        if name is not None and rule.level == "soft":
            most = rule.missing_at_most(audit.programme) if name in REWARDS and isinstance(rule, Diversity) else 0
            found[name][rule.tier - 1] += rule.weight * (most - score.amount)
    return {name: (parts[0], parts[1], parts[2]) for name, parts in found.items()}


def score_of(instance: Instance, audit: Audit) -> Score:
    """Return hard, medium and soft score of a schedule in which every talk has a place."""
    parts = score_by_constraint(instance, audit).values()
    hard, medium, soft = (sum(part[level] for part in parts) for level in range(3))
    return hard, medium, soft
