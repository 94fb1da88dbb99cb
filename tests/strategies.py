"""Hypothesis strategies for whole programmes and for schedules of them: tiny, valid, and odd in every other way.

Of `one`, `some`, `out_of`, `shuffled`, `several`, `spans` and `people` can be drawn with a plain random generator as
well (`plainly`), which gives the same for the same seed whatever the release of hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any
from weakref import WeakKeyDictionary

from hypothesis import strategies as st

from igfsched.comfort import Band
from igfsched.grid import Clock, Span, clock_minutes, from_minute
from igfsched.programme import (
    Blackout,
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
    Series,
    Session,
    Share,
    Team,
    TeamNeed,
    Track,
    WeeklyHours,
    Window,
)
from igfsched.schedule import Placement, Schedule

# Whole, half and quarter hours, both hemispheres, both sides of the date line, one with a half-hour clock change.
ZONES = (
    "UTC", "America/New_York", "Europe/Warsaw", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Brisbane",
    "Australia/Lord_Howe", "America/St_Johns", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Pago_Pago",
    "America/Sao_Paulo", "Africa/Nairobi",
)
# A week without a clock change, and the eves of three changes: Europe back, America back, Lord Howe and Europe forward.
FIRST_DAYS = (date(2020, 11, 9), date(2020, 10, 24), date(2020, 10, 31), date(2021, 3, 27))
WINDOW_ZONES = ("UTC", "UTC", "Europe/Warsaw", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
TYPES = ("main", "workshop", "open forum", "")
TRACKS = ("data", "trust", "")
REGIONS = ("Africa", "Asia-Pacific", "WEOG", "")
ROLES = ("speaker", "moderator", "organizer", "rapporteur", "attendee")
FEATURES = ("stage", "interpretation")
TAGS = ("youth", "ai")
BANDS = (Band(start="08:00", end="20:00", price=0), Band(start="20:00", end="08:00", price=7))


_PLAIN: WeakKeyDictionary[st.SearchStrategy[Any], Callable[[Random], Any]] = WeakKeyDictionary()
"""What strategies are for a plain random generator."""


def _with(strategy: st.SearchStrategy[Any], plain: Callable[[Random], Any]) -> st.SearchStrategy[Any]:
    """Return a strategy that can be drawn from plainly, too."""
    _PLAIN[strategy] = plain
    return strategy


def plainly(random: Random) -> Callable[[st.SearchStrategy[Any]], Any]:
    """Return what draws with a plain random generator; KeyError for a strategy that is for hypothesis alone."""
    return lambda strategy: _PLAIN[strategy](random)


def out_of(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Draw one of some values, of any type."""
    values = list(values)  # hypothesis gives the same strategy for equal tuples
    return _with(st.sampled_from(values), lambda random: random.choice(values))


def shuffled(values: Sequence[Any]) -> st.SearchStrategy[list[Any]]:
    """Draw some values in any order."""
    values = list(values)
    return _with(st.permutations(values), lambda random: random.sample(values, len(values)))


def several(values: Sequence[Any], least: int, most: int) -> st.SearchStrategy[list[Any]]:
    """Draw some of the values, one perhaps more than once."""
    values = list(values)
    return _with(st.lists(st.sampled_from(values), min_size=least, max_size=most),
                 lambda random: random.choices(values, k=random.randint(least, most)))


# Strategies are costly to make and cheap to draw from: what does not depend on the programme is made once.
_COIN = out_of((False, True))
_RARELY = out_of((False, False, False, False, True))
_STATE = out_of(("draft", "announced", "confirmed"))


@lru_cache(maxsize=2000, typed=True)
def one(*values: Any) -> st.SearchStrategy[Any]:
    """Draw one of the given values; a value that is given twice comes twice as often."""
    return out_of(values)


@lru_cache(maxsize=2000)
def some(values: tuple[str, ...], most: int = 2) -> st.SearchStrategy[tuple[str, ...]]:
    """Draw a few neighbours of the given values; every third time or more often none."""
    chosen = [values[n: n + count] for count in range(1, most + 1) for n in range(len(values) - count + 1)]
    return out_of([()] * (len(chosen) // 2 + 1) + chosen)


def odd_text() -> st.SearchStrategy[str]:
    """Draw any text that UTF-8 can hold: quotes, line breaks, formulas, every script."""
    return st.one_of(st.sampled_from(("=1+1", "a;b", "ä\r\n\"'", "\u202e\x00", "[x].y")), st.text(max_size=8))


def odd_ids(count: int) -> st.SearchStrategy[list[str]]:
    """Draw ids that are legal and nothing more."""
    return st.lists(odd_text().filter(lambda text: text.strip()), min_size=count, max_size=count, unique=True)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Draw one or two days of two to five hours each, perhaps with a lunch break, phases and a blackout."""
    first = draw(one(*FIRST_DAYS))
    zone = draw(one(*WINDOW_ZONES))
    step = draw(one(10, 15, 20, 30))
    start = draw(one(*range(4, 18)))
    end = start + draw(one(2, 3, 4, 5))
    hours: tuple[Clock, ...] = (Clock(f"{start:02}:00", f"{end:02}:00"),)
    if end - start >= 4 and draw(_COIN):
        hours = (Clock(f"{start:02}:00", f"{start + 2:02}:00"), Clock(f"{start + 2:02}:30", f"{end:02}:00"))
    days = [Day(date=first + timedelta(days=n), hours=hours) for n in range(draw(one(1, 2)))]
    phases = [Phase(name=f"phase {n + 1}", days=[day.date]) for n, day in enumerate(days)] if draw(_COIN) else []
    plain = Window(days=days, zone=zone, phases=phases, grid=Grid(step=step))
    if len(days) == 2 and draw(_RARELY):
        # In the last hour of the last day, so that the first day keeps its whole block.
        close = plain.blocks[-1][2]
        span = Span(from_minute(close - 40), from_minute(close - 10))
        return Window(days=days, zone=zone, phases=phases, grid=Grid(step=step),
                      blackouts=[Blackout(span=span, reason="maintenance")])
    return plain


def spans(window: Window) -> st.SearchStrategy[tuple[Span, ...]]:
    """Draw one span or, mostly, none: it begins in an opening block and lasts ten minutes to four hours."""
    starts = [minute for _, start, end in window.blocks for minute in range(start, end, 10)]
    pairs = [(start, start + length) for start in starts for length in (10, 40, 60, 90, 240)]
    which = [None] * (2 * len(pairs)) + pairs

    def made(pair: tuple[int, int] | None) -> tuple[Span, ...]:
        return () if pair is None else (Span(from_minute(pair[0]), from_minute(pair[1])),)

    return _with(st.sampled_from(which).map(made), lambda random: made(random.choice(which)))


def people(id: str, few_spans: st.SearchStrategy[tuple[Span, ...]]) -> st.SearchStrategy[Person]:
    """Draw a person somewhere on the globe, or nowhere known, at times busy."""
    return _with(_people(id, few_spans), lambda random: _person(plainly(random), id, few_spans))


@st.composite
def _people(draw: st.DrawFn, id: str, few_spans: st.SearchStrategy[tuple[Span, ...]]) -> Person:
    return _person(draw, id, few_spans)


def _person(
    draw: Callable[[st.SearchStrategy[Any]], Any], id: str, few_spans: st.SearchStrategy[tuple[Span, ...]],
) -> Person:
    zone = draw(one(None, *ZONES))
    weekly = ()
    if zone is not None and draw(_RARELY):
        weekly = (WeeklyHours(hours=Clock("06:00", "23:00"), weekdays=draw(one((0, 1, 2, 3, 4, 5, 6), (0, 5, 6)))),)
    return Person(
        id=id, zone=zone, zone_assumed=zone is not None and draw(_COIN), region=draw(one(*REGIONS)),
        stakeholder=draw(one("", "civil society")), available=draw(few_spans), weekly=weekly,
        busy=draw(few_spans), comfort=draw(one((), (), BANDS)), placeholder=draw(_RARELY), tags=draw(some(TAGS)),
    )


@st.composite
def sessions(
    draw: st.DrawFn, id: str, title: str, window: Window, few_spans: st.SearchStrategy[tuple[Span, ...]],
    person_ids: tuple[str, ...], room_ids: tuple[str, ...],
) -> Session:
    """Draw a session that is no longer than the longest opening block."""
    longest = max(end - start for _, start, end in window.blocks)
    step = window.grid.step
    lengths = one(*sorted({min(length, longest) for length in (step, 2 * step, 30, 45, 60, 90)}))
    roles = [Role(person=person, role=draw(one(*ROLES)), required=draw(_COIN)) for person in draw(some(person_ids, 3))]
    _, start, end = window.blocks[-1]
    fixed, tentative = draw(_RARELY), draw(_RARELY)
    return Session(
        id=id, duration=draw(lengths), title=title, type=draw(one(*TYPES)), track=draw(one(*TRACKS)),
        tags=draw(some(TAGS)), other_durations=(draw(lengths),) if draw(_RARELY) else (), people=roles,
        features=draw(some(FEATURES, 1)), capacity=draw(one(None, None, 0, 40)), rooms=draw(some(room_ids)),
        room_count=draw(one(1, 1, 1, len(room_ids))), teams=draw(one((), (), (TeamNeed(team="captioners"),))),
        fixed_start=from_minute(draw(one(*range(start, end, step)))) if fixed else None,
        fixed_room=draw(one(*room_ids)) if fixed else None,
        phases=draw(some(tuple(phase.name for phase in window.phases))),
        allowed=draw(few_spans), forbidden=draw(few_spans), preferred=draw(few_spans), priority=draw(one(1, 1, 5)),
        state=draw(_STATE), tentative=tentative, decide_by=from_minute(start - 10_000) if tentative else None,
        prepare_before=draw(one(0, 0, 15)), prepare_after=draw(one(0, 0, 10)), prerecorded=draw(_RARELY),
        audience=draw(one((), (Share(people=30, region="Africa"), Share(people=5, zone="Asia/Tokyo")))),
        language=draw(one("", "fr")), audience_level=draw(one(None, 0, 2)), demand=draw(one(None, 0, 120)),
    )


@st.composite
def programmes(draw: st.DrawFn, odd_names: bool = False) -> Programme:
    """Draw a valid programme of 2 to 6 sessions, 1 to 3 rooms and up to 4 people, without rules.

    With `odd_names` the ids and titles hold whatever is legal. It need not be feasible.
    """
    window = draw(windows())
    few_spans = spans(window)
    counts = (draw(one(2, 3, 4, 5, 6)), draw(one(1, 2, 3)), draw(one(0, 1, 2, 3, 4)))
    if odd_names:
        names = draw(odd_ids(sum(counts)))
    else:
        names = [f"{letter}{n + 1}" for letter, count in zip("srp", counts, strict=True) for n in range(count)]
    session_ids, room_ids, person_ids = (tuple(names[sum(counts[:n]): sum(counts[: n + 1])]) for n in range(3))
    titles = odd_text() if odd_names else one("", "Opening")
    afternoon = Period(value=1, hours=Clock(f"{clock_minutes(window.days[0].hours[0].start) // 60 + 1:02}:30", "24:00"))
    first_day = Period(value=3, days=(window.days[0].date,))
    return Programme(
        window=window, title=draw(titles),
        rooms=[
            Room(id=id, features=draw(some(FEATURES)), capacity=draw(one(None, 20, 100)),
                 changeover=draw(one(None, None, 0, 10)), closed=draw(few_spans), reserved=draw(_RARELY))
            for id in room_ids
        ],
        sessions=[draw(sessions(id, draw(titles), window, few_spans, person_ids, room_ids)) for id in session_ids],
        people=[draw(people(id, few_spans)) for id in person_ids],
        tracks=draw(one((), (Track(id="data", title="Data", cap=1), Track(id="trust")))),
        groups=(Group(id="advisers", members=person_ids[:2]),) if draw(_COIN) else (),
        teams=(Team(id="captioners", size=draw(one(1, 2))),),
        series=(Series(id="calls", sessions=session_ids[:2], days_apart=1),) if draw(_COIN) else (),
        audience=draw(one((), (Share(people=100, zone="America/Sao_Paulo"),))),
        cap=draw(one(None, Profile(value=1), Profile(value=2), Profile(value=2, periods=(afternoon,)),
                     Profile(value=1, periods=(first_day,)))),
        changeover=draw(one(0, 0, 10)),
    )


@st.composite
def schedules(draw: st.DrawFn, programme: Programme) -> Schedule:
    """Draw a schedule of a programme, good or bad: on or off the grid, clashing, sessions left out."""
    placements = []
    blocks = programme.window.blocks
    starts = one(*(minute for _, start, end in blocks for minute in range(start - 30, end + 30, 10)))
    rooms = some(tuple(room.id for room in programme.rooms))
    for session in programme.sessions:
        if draw(_RARELY):
            continue
        placements.append(Placement(session=session.id, start=from_minute(draw(starts)),
                                    duration=draw(one(*session.durations)), rooms=draw(rooms)))
    return Schedule(placements)
