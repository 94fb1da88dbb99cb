"""Small programmes by seed: four or five sessions, two rooms, few starts, and rules from the whole catalogue.

- `drawn(seed, attempt)`: one such programme; the rules at its heart go round the catalogue from seed to seed.
- `HEARTS`: how many rules a programme is made for; `NEVER`: rules that no schedule of an engine can violate.

What rules need (people, tracks, references, ...) and their parameters are those of `law_programmes`.
"""

from __future__ import annotations

from itertools import count
from math import gcd
from random import Random
from typing import Any

from attrs import evolve
from law_programmes import GROUND, SPICES, parameters
from strategies import plainly

from igfsched.grid import Clock, Span, from_minute
from igfsched.programme import (
    Day,
    Grid,
    Group,
    Period,
    Person,
    Phase,
    Profile,
    Programme,
    Role,
    Room,
    Session,
    Team,
    Window,
)
from igfsched.rule import Rule
from igfsched.rules import CATALOGUE, OnGrid, Placed, RoomClash, WindowHours

Draw = Any
"""What draws from a strategy, as hypothesis does."""
HEARTS = 5
"""Rules for which a programme is given what they speak of; the first of them is looked after most."""
QUIET = (
    "idle", "night_rest", "cell_tracks", "attendance", "popular_rooms", "crowd", "crowd", "popular_rooms",
    "similar_tracks", "diversity", "idle", "night_rest", "cell_tracks", "attendance", "quorum", "parallel_cap", "rest",
    "different_days", "apart", "rotation",
)
"""Rules that often have nothing to say, some of them twice: one is at the heart of each programme."""
ALWAYS = ("placed", "window", "grid", "room_clash")
"""Rules that every programme has, at some level."""
NEVER = frozenset({"grid", "duration", "room_count"})
"""Rules that no schedule of an engine violates: it knows only starts of the grid, lengths and numbers of rooms that
are asked for."""
CHOSEN = tuple(name for name in CATALOGUE if name not in NEVER)
"""The rules that programmes are made for, in turn."""
LENIENT = ("placed", "window", "room_clash")
"""Rules of every programme that are soft where they are at its heart."""
NEWCOMERS = ("p8", "p9")
"""The people whom rules bring along that speak of people."""
ZONES = ("UTC", "America/New_York", "Europe/Warsaw", "Asia/Kolkata", "Pacific/Auckland", "America/Sao_Paulo")
DATES = (("2020-11-09", "2020-11-10"), ("2020-10-24", "2020-10-25"), ("2021-03-27", "2021-03-28"))


def hearts(seed: int) -> tuple[str, ...]:
    """Return the rules at the heart of a programme: all of the catalogue in turn, the last one a quiet one."""
    round, place = divmod(seed, len(CHOSEN))
    step = next(step for step in count(17 + 12 * round) if gcd(step, len(CHOSEN)) == 1)
    own = [CHOSEN[(place + round + n * step) % len(CHOSEN)] for n in range(HEARTS - 1)]
    return tuple(dict.fromkeys((*own, QUIET[(seed + seed // len(QUIET)) % len(QUIET)])))


def drawn(seed: int, attempt: int = 0, tight: bool = False) -> Programme:
    """Return the programme of a seed and an attempt; `tight`: one with little room, whose wishes are mostly demands."""
    for again in range(100):
        random = Random(f"{seed} {attempt} {again}")
        try:
            return _programme(plainly(random), random, hearts(seed), tight)
        except ValueError:  # what was drawn for one rule does not go with what another needs
            continue
    raise AssertionError(f"rules {', '.join(hearts(seed))} do not go together")


def _programme(draw: Draw, random: Random, names: tuple[str, ...], tight: bool) -> Programme:
    programme = _bare(random)
    for name in names:
        programme = _with_ground(draw, programme, name)
    programme = _with_phases(programme)
    sessions = []
    for session in programme.sessions:
        for name in names:
            session = evolve(session, **SPICES[name](draw, programme) if name in SPICES else {})
        sessions.append(evolve(session, room_count=min(session.room_count, 2)))
    programme = evolve(programme, sessions=sessions)
    chosen = [*names, *random.sample(CHOSEN, random.choice((0, 1, 2)))]
    tiers = random.choice((1, 1, 2, 3))
    rules: list[Rule] = []
    for name in dict.fromkeys(chosen):
        if name not in ALWAYS:
            level = "hard" if random.random() < (0.7 if tight else 0.3) else "soft"
            rules.append(CATALOGUE[name](level=level, weight=random.choice((1, 2, 7)), tier=random.randint(1, tiers),
                                         **parameters(draw, name, programme)))
    lenient = {name: "soft" if name in names and not tight else "hard" for name in LENIENT}
    if random.random() < 0.15 and not tight:
        lenient["placed"] = "soft"
    rules += [Placed(level=lenient["placed"]), OnGrid(),  # type: ignore[arg-type]
              WindowHours(level=lenient["window"], tier=random.randint(1, tiers)),  # type: ignore[arg-type]
              RoomClash(level=lenient["room_clash"], tier=random.randint(1, tiers))]  # type: ignore[arg-type]
    return evolve(programme, window=_few_starts(programme, random, tight), rules=rules)


def _with_ground(draw: Draw, programme: Programme, name: str) -> Programme:
    """Return a programme with what a rule speaks of, still with two rooms, and with groups as before."""
    if name not in GROUND:
        return programme
    people = [person for person in programme.people if person.id not in NEWCOMERS]
    groups = [evolve(group, members=[id for id in group.members if id not in NEWCOMERS]) for group in programme.groups]
    found = GROUND[name](draw, evolve(programme, people=people, groups=groups))
    known = {value.id for value in (*found.people, *found.groups)}
    return evolve(
        found, rooms=found.rooms[:2], people=[*found.people, *(p for p in programme.people if p.id not in known)],
        groups=[*found.groups, *(group for group in programme.groups if group.id not in known)])


def _with_phases(programme: Programme) -> Programme:
    window = programme.window
    if window.phases:
        return programme
    phases = [Phase(name="phase 1", days=[window.days[0].date]), Phase(name="phase 2", days=[window.days[-1].date])]
    return evolve(programme, window=evolve(window, phases=phases))


def _few_starts(programme: Programme, random: Random, tight: bool) -> Window:
    """Return the window with so few starts that all schedules are soon tried: some from each day, the rest anywhere."""
    window = programme.window
    by_block = [range(start, end, window.grid.step) for _, start, end in window.blocks]
    wanted = (random.choice((3, 4, 4)) if len(programme.sessions) == 4 else random.choice((2, 3))) - tight
    found = {random.choice(block) for block in by_block}
    every = sorted({minute for block in by_block for minute in block} - found)
    found |= set(random.sample(every, min(len(every), max(0, wanted - len(found)))))
    return evolve(window, grid=Grid(step=window.grid.step, starts=[from_minute(minute) for minute in sorted(found)]))


def _bare(random: Random) -> Programme:
    """Return a programme without rules that knows a little of everything."""
    opening, dates = random.choice((6, 8, 13, 16)), random.choice(DATES)[: random.choice((1, 2))]
    window = Window(days=[Day(date=date, hours=[Clock(f"{opening:02}:00", f"{opening + random.choice((2, 3)):02}:00")])
                          for date in dates], grid=Grid(step=30), zone=random.choice(("UTC", "Europe/Paris")))
    first = window.blocks[0][1]

    def at_times(share: float) -> tuple[Span, ...]:
        start = first + random.choice((0, 30, 60))
        return (Span(from_minute(start), from_minute(start + 60)),) if random.random() < share else ()

    people = [
        Person(id=f"p{n}", zone=random.choice(ZONES), region=random.choice(("Africa", "Asia-Pacific", "WEOG")),
               stakeholder=random.choice(("", "civil society")), busy=at_times(0.1)) for n in range(4)]
    rooms = [Room(id=id, capacity=random.choice((None, 20, 100)), closed=at_times(0.1)) for id in "ab"]
    sessions = [_session(n, random, at_times(0.15)) for n in range(random.choice((4, 4, 5)))]
    cap: Any = random.choice((None, None, 1, 2, Profile(value=2, periods=[
        Period(value=1, hours=Clock(f"{opening + 1:02}:00", "24:00"))])))
    return Programme(
        window=window, people=people, rooms=rooms, sessions=sessions, cap=cap, preset="none",
        changeover=random.choice((0, 0, 30)), teams=[Team(id="captioners", size=1)],
        groups=[Group(id="organisers", members=["p0", "p1"]), Group(id="others", members=["p1", "p2", "p3"])])


def _session(number: int, random: Random, preferred: tuple[Span, ...]) -> Session:
    who = random.sample(range(4), random.choice((0, 1, 1, 2)))
    return Session(
        id=f"s{number}", duration=random.choice((30, 30, 60)), preferred=preferred,
        type=random.choice(("main", "workshop")), track=random.choice(("data", "data", "trust", "")),
        tags=random.choice(((), ("ai",), ("ai", "youth"))), priority=random.choice((1, 1, 3)),
        tentative=random.random() < 0.1, language=random.choice(("", "fr")), demand=random.choice((None, 10, 60)),
        other_durations=(60,) if random.random() < 0.08 else (), audience_level=random.choice((None, 0, 2)),
        people=[Role(person=f"p{n}", role=random.choice(("speaker", "organizer")), required=random.random() < 0.7)
                for n in who],
    )
