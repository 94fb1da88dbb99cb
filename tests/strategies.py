"""Hypothesis strategies for whole programmes and for schedules of them: tiny, valid, and odd in every other way."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

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


def some(values: Any, most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    """Draw a few of the given values, each once; often none."""
    values = tuple(values)
    if not values:
        return st.just(())
    return st.one_of(st.just(()), st.lists(st.sampled_from(values), unique=True, max_size=most).map(tuple))


def odd_text() -> st.SearchStrategy[str]:
    """Draw any text that UTF-8 can hold: quotes, line breaks, formulas, every script."""
    return st.one_of(st.sampled_from(("=1+1", "a;b", "ä\r\n\"'", "\u202e\x00", "[x].y")), st.text(max_size=8))


def odd_ids(count: int) -> st.SearchStrategy[list[str]]:
    """Draw ids that are legal and nothing more."""
    return st.lists(odd_text().filter(lambda text: text.strip()), min_size=count, max_size=count, unique=True)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Draw one or two days of two to five hours each, perhaps with a lunch break, phases and a blackout."""
    first = draw(st.sampled_from(FIRST_DAYS))
    zone = draw(st.sampled_from(WINDOW_ZONES))
    step = draw(st.sampled_from((10, 15, 20, 30)))
    start = draw(st.integers(4, 17))
    end = start + draw(st.integers(2, 5))
    hours: tuple[Clock, ...] = (Clock(f"{start:02}:00", f"{end:02}:00"),)
    if end - start >= 4 and draw(st.booleans()):
        hours = (Clock(f"{start:02}:00", f"{start + 2:02}:00"), Clock(f"{start + 2:02}:30", f"{end:02}:00"))
    days = [Day(date=first + timedelta(days=n), hours=hours) for n in range(draw(st.integers(1, 2)))]
    phases = [Phase(name=f"phase {n + 1}", days=[day.date]) for n, day in enumerate(days)] if draw(st.booleans()) else []
    plain = Window(days=days, zone=zone, phases=phases, grid=Grid(step=step))
    if len(days) == 2 and draw(st.integers(0, 3)) == 0:
        # In the last hour of the last day, so that the first day keeps its whole block.
        close = plain.blocks[-1][2]
        span = Span(from_minute(close - 40), from_minute(close - 10))
        return Window(days=days, zone=zone, phases=phases, grid=Grid(step=step),
                      blackouts=[Blackout(span=span, reason="maintenance")])
    return plain


def spans(window: Window) -> st.SearchStrategy[Span]:
    """Draw a span that begins in an opening block of a window and lasts ten minutes to four hours."""
    starts = [minute for _, start, end in window.blocks for minute in range(start, end, 10)]
    return st.builds(lambda start, length: Span(from_minute(start), from_minute(start + length)),
                     st.sampled_from(starts), st.integers(1, 24).map(lambda n: 10 * n))


def few_spans(window: Window, most: int = 1) -> st.SearchStrategy[tuple[Span, ...]]:
    """Draw no span, mostly, or a few."""
    return st.one_of(st.just(()), st.just(()), st.lists(spans(window), max_size=most).map(tuple))


@st.composite
def people(draw: st.DrawFn, id: str, window: Window) -> Person:
    """Draw a person somewhere on the globe, or nowhere known, at times busy."""
    zone = draw(st.one_of(st.none(), st.sampled_from(ZONES), st.sampled_from(ZONES)))
    weekly = ()
    if zone is not None and draw(st.integers(0, 4)) == 0:
        weekly = (WeeklyHours(hours=Clock("06:00", "23:00"), weekdays=draw(st.sampled_from([(0, 1, 2, 3, 4, 5, 6), (0, 5, 6)]))),)
    return Person(
        id=id, zone=zone, zone_assumed=zone is not None and draw(st.booleans()), region=draw(st.sampled_from(REGIONS)),
        stakeholder=draw(st.sampled_from(("", "civil society"))), available=draw(few_spans(window)), weekly=weekly,
        busy=draw(few_spans(window, 2)), comfort=draw(st.sampled_from(((), (), BANDS))),
        placeholder=draw(st.integers(0, 4)) == 0, tags=draw(some(TAGS)),
    )


@st.composite
def sessions(
    draw: st.DrawFn, id: str, window: Window, person_ids: tuple[str, ...], rooms: tuple[Room, ...], title: str,
) -> Session:
    """Draw a session that is no longer than the longest opening block."""
    longest = max(end - start for _, start, end in window.blocks)
    step = window.grid.step
    lengths = st.sampled_from(sorted({min(length, longest) for length in (step, 2 * step, 30, 45, 60, 90)}))
    roles = [Role(person=person, role=draw(st.sampled_from(ROLES)), required=draw(st.booleans()))
             for person in draw(some(person_ids, 3))]
    starts = [minute for _, start, end in window.blocks for minute in range(start, end, step)]
    fixed = draw(st.integers(0, 5)) == 0
    tentative = draw(st.integers(0, 5)) == 0
    return Session(
        id=id, duration=draw(lengths), title=title, type=draw(st.sampled_from(TYPES)),
        track=draw(st.sampled_from(TRACKS)), tags=draw(some(TAGS)),
        other_durations=draw(st.one_of(st.just(()), st.tuples(lengths))), people=roles,
        features=draw(some(FEATURES, 1)) if rooms else (), capacity=draw(st.sampled_from((None, None, 0, 40))),
        rooms=draw(some([room.id for room in rooms])), room_count=draw(st.sampled_from((1, 1, 1, max(1, len(rooms))))),
        teams=draw(st.sampled_from(((), (), (TeamNeed(team="captioners"),)))),
        fixed_start=from_minute(draw(st.sampled_from(starts))) if fixed else None,
        fixed_room=draw(st.sampled_from(rooms)).id if fixed and rooms else None,
        phases=draw(some([phase.name for phase in window.phases], 1)),
        allowed=draw(few_spans(window)), forbidden=draw(few_spans(window)), preferred=draw(few_spans(window)),
        priority=draw(st.sampled_from((1, 1, 5))), state=draw(st.sampled_from(("draft", "announced", "confirmed"))),
        tentative=tentative, decide_by=from_minute(starts[0] - 10_000) if tentative else None,
        prepare_before=draw(st.sampled_from((0, 0, 15))), prepare_after=draw(st.sampled_from((0, 0, 10))),
        prerecorded=draw(st.integers(0, 5)) == 0,
        audience=draw(st.sampled_from(((), (Share(people=30, region="Africa"), Share(people=5, zone="Asia/Tokyo"))))),
        language=draw(st.sampled_from(("", "fr"))), audience_level=draw(st.sampled_from((None, 0, 2))),
        demand=draw(st.sampled_from((None, 0, 120))),
    )


@st.composite
def programmes(draw: st.DrawFn, odd_names: bool = False) -> Programme:
    """Draw a valid programme of 2 to 6 sessions, 1 to 3 rooms and up to 4 people, without rules.

    With `odd_names` the ids and titles hold whatever is legal. It need not be feasible.
    """
    window = draw(windows())
    counts = (draw(st.integers(2, 6)), draw(st.integers(1, 3)), draw(st.integers(0, 4)))
    if odd_names:
        names = draw(odd_ids(sum(counts)))
    else:
        names = [f"{letter}{n + 1}" for letter, count in zip("srp", counts, strict=True) for n in range(count)]
    session_ids, room_ids, person_ids = (
        tuple(names[sum(counts[:n]): sum(counts[:n + 1])]) for n in range(3))
    rooms = tuple(
        Room(id=id, features=draw(some(FEATURES)), capacity=draw(st.sampled_from((None, 20, 100))),
             changeover=draw(st.sampled_from((None, None, 0, 10))), closed=draw(few_spans(window)),
             reserved=draw(st.integers(0, 5)) == 0)
        for id in room_ids)
    titles = odd_text() if odd_names else st.sampled_from(("", "Opening"))
    hours = Clock(f"{clock_minutes(window.days[0].hours[0].start) // 60:02}:30", "24:00")
    caps = st.sampled_from((
        None, Profile(value=1), Profile(value=2), Profile(value=2, periods=[Period(value=1, hours=hours)]),
        Profile(value=1, periods=[Period(value=3, days=[window.days[0].date])]),
    ))
    return Programme(
        window=window, title=draw(titles), rooms=rooms,
        sessions=[draw(sessions(id, window, person_ids, rooms, draw(titles))) for id in session_ids],
        people=[draw(people(id, window)) for id in person_ids],
        tracks=draw(st.sampled_from(((), (Track(id="data", title="Data", cap=1), Track(id="trust"))))),
        groups=(Group(id="advisers", members=person_ids[:2]),) if draw(st.booleans()) else (),
        teams=(Team(id="captioners", size=draw(st.integers(1, 2))),),
        series=(Series(id="calls", sessions=session_ids[:2], days_apart=1),) if draw(st.booleans()) else (),
        audience=draw(st.sampled_from(((), (Share(people=100, zone="America/Sao_Paulo"),)))),
        cap=draw(caps), changeover=draw(st.sampled_from((0, 0, 10))),
    )


@st.composite
def schedules(draw: st.DrawFn, programme: Programme) -> Schedule:
    """Draw a schedule of a programme, good or bad: on or off the grid, clashing, sessions left out."""
    placements = []
    starts = [minute for _, start, end in programme.window.blocks for minute in range(start - 30, end + 30, 10)]
    for session in programme.sessions:
        if draw(st.integers(0, 6)) == 0:
            continue
        rooms = draw(st.lists(st.sampled_from(programme.rooms), unique=True, min_size=0, max_size=2))
        placements.append(Placement(
            session=session.id, start=from_minute(draw(st.sampled_from(starts))),
            duration=draw(st.sampled_from(session.durations)), rooms=[room.id for room in rooms],
        ))
    return Schedule(placements)
