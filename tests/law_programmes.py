"""What the laws of rules are tried on: a programme with one rule, its parameters drawn, and a schedule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import attrs
import numpy as np
from attrs import field, frozen
from hypothesis import strategies as st
from strategies import BANDS, ZONES, one, out_of, people, programmes, several, shuffled, some, spans

from igfsched.comfort import DEFAULT_BANDS, DEFAULT_NIGHT
from igfsched.disruption import Disruption
from igfsched.facts import Facts, Places
from igfsched.grid import Clock, Instant, Span, from_minute
from igfsched.programme import (
    Day,
    Group,
    Period,
    Phase,
    Profile,
    Programme,
    Role,
    Room,
    Series,
    Share,
    TeamNeed,
    Track,
    WeeklyHours,
)
from igfsched.rule import Rule
from igfsched.rules import CATALOGUE, Answer, Ease, Interest, Liking, RoomPrice, StartPrice
from igfsched.rules.blocks import CellPrice
from igfsched.rules.mixture import ATTRIBUTES
from igfsched.rules.places import PlacePrice
from igfsched.rules.tracks import Position
from igfsched.schedule import Placement, Schedule
from igfsched.selector import EVERY, Selector


@frozen
class Case:
    """A rule in a programme that lists it and nothing else, and a schedule as places."""

    programme: Programme
    rule: Rule
    facts: Facts = field(repr=False)
    places: Places
    schedule: Schedule = field(repr=False)


@st.composite
def cases(draw: st.DrawFn, name: str, level: str | None = None, on_grid: bool = False) -> Case:
    """Draw a programme with a rule of this name and a schedule that has ticks, otherwise good or bad."""
    bare = spiced(draw, draw(programmes()), name)
    levels = one(level) if level else one("soft", "hard")
    rule = CATALOGUE[name](level=draw(levels), weight=draw(one(1, 1, 7)), tier=draw(one(1, 2)),
                           **parameters(draw, name, bare))
    programme = attrs.evolve(bare, preset="none", rules=(rule,))
    facts = Facts(programme)
    found = places(draw, facts, on_grid, 4 if name in APART else draw(one(1, 1, 2)))
    return Case(programme, rule, facts, found, SPOILERS.get(name, _as_it_is)(draw, facts.schedule(found)))


# -- programmes and parameters -----------------------------------------------------------------------


def spiced(draw: st.DrawFn, programme: Programme, name: str) -> Programme:
    """Return a programme in which a rule has more to say: what it is about is rare in most programmes."""
    if draw(one(True, True, True, True, name in NEEDS_GROUND)):
        programme = GROUND.get(name, lambda draw, programme: programme)(draw, programme)
        spice = SPICES.get(name, lambda draw, programme: {})
        sessions = [attrs.evolve(session, **spice(draw, programme)) for session in programme.sessions]
        return attrs.evolve(programme, sessions=sessions)
    return programme


def _busy_people(draw: st.DrawFn, programme: Programme) -> Programme:
    programme = _some_more_people(draw, programme)
    *others, p8, p9 = programme.people
    weekly = WeeklyHours(hours=draw(one(Clock("09:00", "17:00"), Clock("22:00", "09:30"))),
                         weekdays=draw(one((0,), (5,), (6,), (0, 1, 2))))
    more: dict[str, Any] = draw(out_of((
        {"busy": _some_span(draw, programme)}, {"available": _some_span(draw, programme)},
        {"weekly": (weekly,), "zone": draw(one(*ZONES))},
    )))
    return attrs.evolve(programme, people=[*others, attrs.evolve(p8, **more), p9])


def _a_group(draw: st.DrawFn, programme: Programme) -> Programme:
    programme = _busy_people(draw, programme)
    members = [person.id for person in programme.people]
    return attrs.evolve(programme, groups=[Group(id="organisers", members=members[-draw(one(1, 2)):]),
                                           Group(id="others", members=members)])


def _two_days(draw: st.DrawFn, programme: Programme) -> Programme:
    """Return a programme of two days at least, each a phase."""
    first, *rest = programme.window.days
    days = [first, *(rest or [Day(date=first.date + timedelta(days=1), hours=first.hours)])]
    phases = [Phase(name=f"phase {n + 1}", days=[day.date]) for n, day in enumerate(days)]
    return attrs.evolve(programme, window=attrs.evolve(programme.window, days=days, phases=phases))


def _days_with_a_gap(draw: st.DrawFn, programme: Programme) -> Programme:
    """Return a programme of two or three days, the last of them two or more days after the one before."""
    programme = _two_days(draw, programme)
    days = programme.window.days
    later = Day(date=days[-1].date + timedelta(days=2), hours=days[-1].hours)
    return attrs.evolve(programme, window=attrs.evolve(programme.window, days=[*days, later], phases=[]),
                        sessions=[attrs.evolve(session, phases=()) for session in programme.sessions])


def _one_day(draw: st.DrawFn, programme: Programme) -> Programme:
    """Return a programme of one day, in which sessions are more often close to each other."""
    window = attrs.evolve(programme.window, days=programme.window.days[:1], phases=[], blackouts=[])
    return attrs.evolve(programme, window=window, tracks=(),
                        sessions=[attrs.evolve(session, phases=()) for session in programme.sessions])


def _repeats(draw: st.DrawFn, programme: Programme) -> Programme:
    programme = _days_with_a_gap(draw, programme)
    ids = draw(shuffled([session.id for session in programme.sessions]))
    return attrs.evolve(programme, series=[Series(id="every one", sessions=ids, days_apart=draw(one(0, 1, 2, 2))),
                                           Series(id="anyhow", sessions=ids)])


def _more_rooms(draw: st.DrawFn, programme: Programme) -> Programme:
    return attrs.evolve(programme, rooms=[*programme.rooms, Room(id="r8"), Room(id="r9")])


def _some_more_people(draw: st.DrawFn, programme: Programme) -> Programme:
    few_spans = spans(programme.window)
    more = [attrs.evolve(draw(people(id, few_spans)), placeholder=placeholder)
            for id, placeholder in (("p8", False), ("p9", draw(one(False, True))))]
    return attrs.evolve(programme, people=[*programme.people, *more])


def _people_with_zones(draw: st.DrawFn, programme: Programme) -> Programme:
    programme = _some_more_people(draw, programme)
    return attrs.evolve(programme, people=[attrs.evolve(p, zone=p.zone or "UTC") for p in programme.people])


def _some_span(draw: st.DrawFn, programme: Programme) -> tuple[Span, ...]:
    _, start, end = draw(one(*programme.window.blocks))
    first = draw(one(*range(start, end, 10)))
    return (Span(from_minute(first), from_minute(first + draw(one(20, 70, 200)))),)


def _some_start(draw: st.DrawFn, programme: Programme) -> Instant:
    _, start, end = draw(one(*programme.window.blocks))
    return from_minute(draw(one(*range(start, end, programme.window.grid.step))))


Spice = Callable[[st.DrawFn, Programme], dict[str, Any]]

def _some_people(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    ids = draw(one(("p8",), ("p8", "p9"), ("p8", *(person.id for person in programme.people[:1]))))
    return {"people": [Role(person=id, role=draw(one("speaker", "speaker", "organizer")),
                            required=draw(one(True, False))) for id in ids],
            "prerecorded": draw(one(*[False] * 7, True))}


_TRACKS = ("cell_tracks", "cell_prices", "similar_tracks", "parallel_rooms", "track_order")


def _tracks_in_rooms(draw: st.DrawFn, programme: Programme) -> Programme:
    """Return a programme of two days at least with two tracks and two rooms more."""
    return attrs.evolve(_more_rooms(draw, _two_days(draw, programme)), tracks=[Track(id="data"), Track(id="trust")])


def _rooms_of_all_sizes(draw: st.DrawFn, programme: Programme) -> Programme:
    programme = _more_rooms(draw, programme)
    return attrs.evolve(programme, rooms=[
        attrs.evolve(room, capacity=10 * n if n else draw(one(None, 5))) for n, room in enumerate(programme.rooms)])


def _wanted(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    """Return who wants a session, and what it is like."""
    return {"demand": draw(one(None, 0, 20, 50)), "audience_level": draw(one(None, 0, 1, 2)),
            "track": draw(one("data", "data", "trust", "")), "tags": draw(one(("ai",), ("ai", "youth"), ())),
            "type": draw(one("main", "workshop", "")), "language": draw(one("", "fr", "en"))}


def _people_and_kinds(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    return {**_wanted(draw, programme), **_some_people(draw, programme)}


SPICES: dict[str, Spice] = {
    "allowed": lambda draw, p: {draw(one("allowed", "forbidden")): _some_span(draw, p)},
    "preferred": lambda draw, p: {"preferred": _some_span(draw, p)},
    "fixed_start": lambda draw, p: {"fixed_start": _some_start(draw, p)},
    "fixed_room": lambda draw, p: {
        "fixed_room": draw(one(*(room.id for room in p.rooms))), "room_count": draw(one(1, 1, 2))},
    "phase": lambda draw, p: {"phases": draw(one(("phase 1",), ("phase 2",), ("phase 1", "phase 2"), ()))},
    "room_choice": lambda draw, p: {
        "capacity": draw(one(None, 20, 40)), "fixed_room": draw(one(None, *(room.id for room in p.rooms)))},
    "track_parallel": lambda draw, p: {"track": draw(one("data", "data", "trust", ""))},
    "room_count": lambda draw, p: {"room_count": draw(one(1, 2, 3))},
    "team": lambda draw, p: {"teams": [TeamNeed(team="captioners", units=draw(one(1, 1, 2)))]},
    **dict.fromkeys(("person_clash", "rest", "daily_maximum", "night_limit"), _some_people),
    "optional_person_clash": _some_people,
    "person_availability": _some_people,
    "attendance": lambda draw, p: {**_some_people(draw, p), "track": draw(one("data", "trust", ""))},
    "audience": lambda draw, p: {"tags": draw(one(("ai",), ("ai", "youth"), ("ai", "net", "youth"), ()))},
    "comfort": _some_people,
    "fair_persons": _some_people,
    "fair_regions": _some_people,
    "pause": _some_people,
    **dict.fromkeys(_TRACKS, lambda draw, p: {"track": draw(one("data", "data", "trust", ""))}),
    "similar_tracks": lambda draw, p: {"track": draw(one("data", "trust"))},
    "cell_tracks": lambda draw, p: {"track": draw(one("data", "trust")), "room_count": 1},
    **dict.fromkeys(("topic_rooms", "topic_days"), lambda draw, p: {
        "tags": draw(one(("ai",), ("ai", "youth"), ("ai", "net", "youth"), ())), "room_count": 1}),
    **dict.fromkeys(("notice", "displacement", "rotation", "person_days", "person_span", "quorum"), _some_people),
    "night_rest": lambda draw, p: {"people": [Role(person="p8", role="speaker")]},
    **dict.fromkeys(("day_maximum", "balance", "track_rooms", "room_prices"), _wanted),
    **dict.fromkeys(("idle", "consecutive_tracks"), lambda draw, p: {"track": draw(one("data", "data", "data", ""))}),
    "popular_rooms": lambda draw, p: {"demand": draw(one(None, *range(0, 60, 10))), "room_count": draw(one(1, 1, 2))},
    "level_flow": lambda draw, p: {
        "audience_level": draw(one(None, 0, 0, 1, 1, 2, 2)), "track": draw(one("data", "data", "trust")),
        "tags": draw(one(("ai",), ("ai",), ("ai", "youth"), ("ai", "youth"), ("ai", "net", "youth"), ()))},
    "diversity": lambda draw, p: {**_people_and_kinds(draw, p),
                                  "tags": draw(one(("ai",), ("ai", "youth"), ("ai", "net", "youth"), ()))},
    "duration_choice": lambda draw, p: {"other_durations": draw(one((), (20,), (20, 50)))},
    **dict.fromkeys(("audience_comfort", "audience_reach"), lambda draw, p: {
        "track": draw(one("data", "trust", "")), "audience": draw(one((), (), _audience(draw)))}),
    "moves": lambda draw, p: {"state": draw(one("draft", "announced", "confirmed"))},
    "placed": lambda draw, p: {"tentative": draw(one(True, False)), "priority": draw(one(1, 3))},
}


def _audience(draw: st.DrawFn) -> tuple[Share, ...]:
    shares = (Share(people=30, region="Africa"), Share(people=7, region="WEOG"), Share(people=5, zone="Asia/Tokyo"),
              Share(people=11, zone="America/St_Johns"))
    return tuple(draw(several(shares, 1, 3)))


def _expecting(draw: st.DrawFn, programme: Programme) -> Programme:
    """Return a programme whose tracks and which itself expect somebody."""
    programme = _some_more_people(draw, programme)
    return attrs.evolve(programme, audience=_audience(draw),
                        tracks=[Track(id="data", audience=_audience(draw)), Track(id="trust")])


def _repeats_of_people(draw: st.DrawFn, programme: Programme) -> Programme:
    programme = _repeats(draw, _people_with_zones(draw, programme))
    return attrs.evolve(programme, people=[attrs.evolve(person, region=draw(one("Africa", "Africa", "WEOG")))
                                           for person in programme.people])


def _days_and_people(draw: st.DrawFn, programme: Programme) -> Programme:
    return _days_with_a_gap(draw, _people_with_zones(draw, programme))


def _people_in_the_zone(draw: st.DrawFn, programme: Programme) -> Programme:
    """Return a programme whose people live by its own clock, for rules whose hours are those of its days."""
    programme = _some_more_people(draw, programme)
    zone = programme.window.zone
    return attrs.evolve(programme, people=[
        person if draw(one(False, False, True)) else attrs.evolve(person, zone=zone) for person in programme.people])


def _no_tracks(draw: st.DrawFn, programme: Programme) -> Programme:
    return attrs.evolve(_days_with_a_gap(draw, programme), tracks=())


GROUND: dict[str, Callable[[st.DrawFn, Programme], Programme]] = {
    "track_parallel": lambda draw, p: attrs.evolve(
        p, tracks=[Track(id="data", cap=draw(one(1, 2))), Track(id="trust")]),
    "room_choice": lambda draw, p: attrs.evolve(
        p, rooms=[attrs.evolve(r, capacity=draw(one(None, 20)), reserved=draw(one(True, False))) for r in p.rooms]),
    "room_availability": lambda draw, p: attrs.evolve(
        p, rooms=[attrs.evolve(room, closed=_some_span(draw, p)) for room in p.rooms]),
    **dict.fromkeys(("room_count", "fixed_room"), _more_rooms),
    **dict.fromkeys(("phase", "same_day", "different_days", "compact"), _two_days),
    "spread": _days_with_a_gap,
    "series": _repeats,
    **dict.fromkeys(("person_clash", "optional_person_clash", "comfort", "fair_persons", "fair_regions", "rest",
                     "daily_maximum", "satisfaction"), _some_more_people),
    "night_limit": _people_with_zones,
    "person_availability": _busy_people,
    "attendance": _a_group,
    "pause": _some_more_people,
    **dict.fromkeys((*_TRACKS, "pairs_apart"), _tracks_in_rooms),
    "cell_tracks": lambda draw, p: attrs.evolve(p, tracks=[Track(id="data"), Track(id="trust")]),
    "topic_rooms": _more_rooms,
    "topic_days": _two_days,
    "place_prices": _more_rooms,
    "quorum": _a_group,
    **dict.fromkeys(("audience_comfort", "audience_reach"), _expecting),
    **dict.fromkeys(("day_maximum", "balance", "consecutive_tracks"), _no_tracks),
    "idle": _one_day,
    **dict.fromkeys(("track_rooms", "same_room", "room_changes", "room_prices"), _more_rooms),
    "popular_rooms": _rooms_of_all_sizes,
    "rotation": _repeats_of_people,
    **dict.fromkeys(("person_days", "displacement"), _days_and_people),
    "night_rest": _people_in_the_zone,
    **dict.fromkeys(("person_span", "notice", "diversity"), _some_more_people),
}


NEEDS_GROUND = {
    "attendance", "quorum", "cell_tracks", "cell_prices", "similar_tracks", "popular_rooms", "night_rest",
    "topic_rooms"}
"""Rules that name what programmes do not have by themselves, or that seldom have anything to say of others."""


def parameters(draw: st.DrawFn, name: str, programme: Programme) -> dict[str, Any]:
    """Draw what a rule needs beside its level."""
    make = PARAMETERS.get(name)
    return {} if make is None else make(draw, programme)


def selectors(draw: st.DrawFn, programme: Programme, depth: int = 1) -> Selector:
    """Draw a selector whose names exist; mostly one that chooses several sessions."""
    kinds: dict[str, list[str]] = {
        "ids": [session.id for session in programme.sessions],
        "types": sorted({session.type for session in programme.sessions}),
        "tracks": list(programme.track_ids),
        "tags": ["youth", "ai"],
        "roles": ["speaker", "organizer"],
        "regions": sorted({person.region for person in programme.people if person.region}),
        "phases": [phase.name for phase in programme.window.phases],
    }
    kind = draw(one("every", "every", "not", "and", "or", *(kind for kind, names in kinds.items() if names)))
    if kind == "every" or (depth == 0 and kind not in kinds):
        return EVERY
    if kind in kinds:
        return Selector(**{kind: draw(some(tuple(kinds[kind]), 4))})
    first = selectors(draw, programme, depth - 1)
    if kind == "not":
        return ~first
    second = selectors(draw, programme, depth - 1)
    return first & second if kind == "and" else first | second


def _cap(draw: st.DrawFn, programme: Programme) -> Profile | None:
    first = programme.window.days[0]
    hour = int(first.hours[0].start[:2])
    evening = Period(value=0, hours=Clock(f"{hour + 1:02}:15", "24:00"))
    span = Period(value=2, span=_some_span(draw, programme)[0])
    one_day = Period(value=1, days=(first.date,))
    return draw(out_of((
        None, Profile(value=1), Profile(value=2), Profile(value=1, periods=(span, evening)),
        Profile(value=2, periods=(one_day, span)),
    )))


def _bands(draw: st.DrawFn) -> dict[str, Any]:
    return {"bands": draw(one(DEFAULT_BANDS, BANDS))}


def _fair(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    return {**_bands(draw), "measure": draw(one("largest", "excess", "spread", "worst")),
            "threshold": draw(one(0, 30, 200, 600)), "most": draw(one(1, 2, 5))}


def _tastes(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    """Draw who likes what, and when they find it easy to come: at about every start, by the hour."""
    people = [person.id for person in programme.people][:4]
    starts = [minute for _, start, end in programme.window.blocks
              for minute in range(start, min(end, start + 300), programme.window.grid.step)]
    turn = draw(one(0, 1, 2))
    return {
        "measure": draw(one("missed", "people", "people", "sessions")),
        "likings": [Liking(person=person, session=session.id, value=draw(one(0, 1, 1, 3)))
                    for person in people for session in programme.sessions[:4]],
        "eases": [Ease(person=person, start=from_minute(minute), value=(minute // 30 + turn * number) % 3)
                  for number, person in enumerate(people) for minute in starts],
    }


def _chosen(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    return {"selector": selectors(draw, programme)}


def _some_pairs(draw: st.DrawFn, programme: Programme) -> list[tuple[str, ...]]:
    ids = draw(shuffled([session.id for session in programme.sessions]))
    return list(pairwise(ids))


def _place_prices(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    rooms = [room.id for room in programme.rooms]
    return {"prices": [
        PlacePrice(session=session.id, price=draw(one(1, 3)),
                   starts=draw(one((), (_some_start(draw, programme), _some_start(draw, programme)))),
                   duration=draw(one(None, *session.durations)), room=draw(one("", *rooms[:2])))
        for session in programme.sessions for _ in range(draw(one(1, 2)))
    ]}


def _cell_prices(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    rooms = [room.id for room in programme.rooms]
    return {"prices": [
        CellPrice(price=draw(one(1, 3)), track=draw(one("", *programme.track_ids)),
                  block=draw(one(None, 0, 1, 5)), room=draw(one("", *rooms[:2])))
        for _ in range(draw(one(1, 2, 3)))
    ]}


def _reference(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    """Draw an earlier schedule of most sessions, and of one that is gone."""
    placements = [Placement(session="gone", start="2020-11-09T09:00Z", duration=30)]
    rooms = some(tuple(room.id for room in programme.rooms))
    blocks = programme.window.blocks
    for session in programme.sessions:
        if draw(one(True, True, True, False)):
            _, start, _ = draw(one(*blocks))
            minute = start + draw(one(0, 0, programme.window.grid.step, 7, -1200, 1500))
            placements.append(Placement(session=session.id, start=from_minute(minute), duration=session.duration,
                                        rooms=draw(rooms)))
    return {"reference": placements}


def _pairs(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    ids = shuffled([session.id for session in programme.sessions])
    return {"pairs": [Interest(sessions=draw(ids)[:2], people=draw(one(0, 1, 30))) for _ in range(3)]}


def _room_table(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    rooms = one(*(room.id for room in programme.rooms))
    ids = one(*(session.id for session in programme.sessions))
    rows = [RoomPrice(room=draw(rooms), price=draw(one(0, 2, 5))), RoomPrice(room=draw(rooms), price=1)]
    rows += [RoomPrice(room=draw(rooms), price=3, session=draw(ids)) for _ in range(3)]
    rows += [RoomPrice(room=draw(rooms), price=7, track=track) for track in programme.track_ids]
    return {"prices": rows}


def _start_table(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    starts = sorted({_some_start(draw, programme) for _ in range(3)})
    return {**_mostly_all(draw, programme), "otherwise": draw(one(0, 4, 4)),
            "prices": [StartPrice(start=start, price=draw(one(0, 2, 9))) for start in starts]}


def _asked(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    found = []
    for session in programme.sessions:
        said = draw(one("accepted", "declined", "declined", "waiting"))
        times = _some_span(draw, programme) if said == "declined" and draw(one(True, False)) else ()
        found.append(Answer(session=session.id, start=_some_start(draw, programme), answer=said, times=times))
    return {"answers": found, "declined": draw(one(5, 2))}


def _mostly_all(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    return {"selector": draw(one(EVERY, EVERY, EVERY, selectors(draw, programme)))}


def _each(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    return {**_chosen(draw, programme), "each": draw(one("all", "track", "type"))}


def _night_and_morning(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    """Draw a night that ends, mostly, an hour after the first opening, and a morning after it."""
    opening = int(programme.window.days[0].hours[0].start[:2])
    usual = {"hours": Clock("23:00", "07:00"), "until": "11:00"}
    early = {"hours": Clock(draw(one("23:10", "00:00")), f"{opening + 1:02}:00"), "until": f"{opening + 4:02}:00"}
    late = {"hours": Clock(f"{opening - 2:02}:00", f"{opening + 1:02}:10"), "until": "24:00"}
    if draw(one(True, False)):
        return {**draw(out_of((usual, early, late))), "measure": "minutes", "minutes": draw(one(7, 60, 240))}
    return draw(out_of((usual, early, early, early, late, late, late, late)))


def _blocks(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    """Draw the opening blocks, or blocks of half an hour with gaps between them."""
    halves = [Span(from_minute(minute), from_minute(minute + 30))
              for _, start, end in programme.window.blocks for minute in range(start, end, 40)]
    return {**_mostly_all(draw, programme), "blocks": draw(one((), *[tuple(halves)] * 3)),
            "most": draw(one(None, None, 1))}


PARAMETERS: dict[str, Callable[[st.DrawFn, Programme], dict[str, Any]]] = {
    "parallel_cap": lambda draw, p: {**_chosen(draw, p), "cap": _cap(draw, p)},
    "track_parallel": lambda draw, p: {"cap": draw(one(1, 1, 2))},
    "before": lambda draw, p: {"first": selectors(draw, p), "then": selectors(draw, p), "gap": draw(one(0, 5, 60)),
                               "longest": draw(one(None, 60, 600)), "by_track": draw(one(False, False, True))},
    "ordered": lambda draw, p: {
        "sessions": draw(shuffled([s.id for s in p.sessions]))[:3], "gap": draw(one(0, 5, 60))},
    "rest": lambda draw, p: {"minutes": draw(one(7, 20, 30, 90))},
    "daily_maximum": lambda draw, p: {"most": draw(one(0, 1, 1, 2))},
    "night_limit": lambda draw, p: {
        "most": draw(one(0, 1, 1)),
        "hours": draw(one(DEFAULT_NIGHT, Clock("09:10", "16:00"), Clock("12:00", "12:00"))),
        "measure": draw(one("sessions", "nights"))},
    "apart": lambda draw, p: {**_chosen(draw, p), "others": draw(one(None, selectors(draw, p)))},
    "plenary": _chosen,
    "back_to_back": lambda draw, p: {
        "sessions": draw(shuffled([s.id for s in p.sessions]))[:3], "gap": draw(one(None, 0, 25))},
    "same_start": _chosen,
    "audience": lambda draw, p: {**_chosen(draw, p), "tags": draw(one((), (), ("ai", "none of them")))},
    "attendance": lambda draw, p: {**_chosen(draw, p), "group": draw(one("organisers", "")),
                                   "roles": draw(one(("organizer",), ("speaker", "organizer")))},
    "same_day": _chosen,
    "different_days": _chosen,
    "spread": lambda draw, p: {**_chosen(draw, p), "days": draw(one(1, 2, 2, 3)), "calendar": draw(one(False, True))},
    "comfort": lambda draw, p: {**_bands(draw), "roles": draw(one((), (), ("speaker",), ("organizer", "moderator")))},
    "fair_persons": _fair,
    "fair_regions": _fair,
    "compact": lambda draw, p: {"measure": draw(one("days", "earliest", "last_end"))},
    "slots": lambda draw, p: {**_chosen(draw, p), "slots": [
        Span(start, start.add(minutes=draw(one(*session.durations))))
        for session in p.sessions for start in (_some_start(draw, p),)]},
    "place_prices": _place_prices,
    "cell_prices": _cell_prices,
    "similar_tracks": lambda draw, p: {"track_pairs": list(pairwise(p.track_ids))},
    "pairs_apart": lambda draw, p: {"pairs": _some_pairs(draw, p), "within": draw(one("slot", "block"))},
    "track_order": lambda draw, p: {"positions": [
        Position(session=s.id, position=draw(one(1, 2, 2, 3))) for s in p.sessions if draw(one(True, True, False))],
        "rooms": draw(one((), tuple(room.id for room in p.rooms[:2])))},
    "prerequisites": lambda draw, p: {"pairs": _some_pairs(draw, p)},
    "topic_rooms": lambda draw, p: {"tags": draw(one((), (), ("ai", "none of them")))},
    "topic_days": lambda draw, p: {"tags": draw(one((), (), ("ai", "none of them")))},
    "pause": lambda draw, p: {"minutes": draw(one(0, 7, 30, 90)), "once": draw(one(False, True))},
    "placed": lambda draw, p: {"tentative": draw(one(None, 1, 7))},
    "duration_choice": lambda draw, p: {**_chosen(draw, p), "measure": draw(one("place", "minutes"))},
    "start_prices": _start_table,
    "room_prices": _room_table,
    "answers": _asked,
    "day_maximum": lambda draw, p: {**_each(draw, p), "most": draw(one(0, 1, 1, 2))},
    "balance": _each,
    "same_room": _chosen,
    "rotation": lambda draw, p: {"share": draw(one(1, 50, 50, 100)), "measure": draw(one("largest", "excess")),
                                 "most": draw(one(0, 0, 1, 2)),
                                 "hours": draw(one(DEFAULT_NIGHT, Clock("09:10", "16:00"), Clock("18:00", "12:00")))},
    "co_interest": _pairs,
    "quorum": lambda draw, p: {**_chosen(draw, p), "group": draw(one("organisers", "others")),
                               "least": draw(one(1, 2, 3))},
    "audience_comfort": lambda draw, p: {**_bands(draw), "divisor": draw(one(1, 10))},
    "audience_reach": lambda draw, p: {"measure": draw(one("minutes", "people")),
                                       "hours": draw(one(Clock("07:00", "23:00"), Clock("20:00", "04:30")))},
    "person_days": lambda draw, p: {"most": draw(one(0, 1, 1))},
    "night_rest": _night_and_morning,
    "person_span": lambda draw, p: {"free": draw(one(0, 0, 45))},
    "idle": lambda draw, p: {**_mostly_all(draw, p), "of": draw(one("rooms", "tracks", "tracks")),
                             "within": draw(one("day", "day", "block"))},
    "track_rooms": lambda draw, p: {**_chosen(draw, p), "daily": draw(one(True, False))},
    "consecutive_tracks": _blocks,
    "diversity": lambda draw, p: {**_mostly_all(draw, p), "by": draw(one(*ATTRIBUTES)),
                                  "tags": draw(one((), (), (), ("ai", "youth"), ("net", "none of them"))),
                                  "measure": draw(one("missing", "alike", "shortfall"))},
    "level_flow": lambda draw, p: {**_mostly_all(draw, p), "by": draw(one("tags", "tags", "track")),
                                   "tags": draw(one((), (), ("ai", "none of them"))),
                                   "measure": draw(one("pairs", "minutes"))},
    "crowd": lambda draw, p: {**_mostly_all(draw, p), "most": draw(one(0, 0, 1)),
                              "measure": draw(one("sessions", "minutes"))},
    "popular_rooms": lambda draw, p: {**_mostly_all(draw, p), "measure": draw(one("pairs", "minutes"))},
    "moves": lambda draw, p: {**_reference(draw, p), "now": draw(one(None, "2020-11-08T09:00Z"))} if draw(
        one(True, True, False)) else {
            **_reference(draw, p), "now": _some_start(draw, p), "frozen": True,
            "disruption": Disruption(freeze=draw(one(0, 60, 1440)))},
    "room_changes": _reference,
    "notice": _reference,
    "displacement": lambda draw, p: {**_reference(draw, p), **_bands(draw),
                                     "measure": draw(one("minutes", "days", "local_days", "bands"))},
    "satisfaction": _tastes,
}


# -- schedules ---------------------------------------------------------------------------------------


APART = {"idle", "consecutive_tracks"}
"""Rules about what lies between sessions: with all of them at one or two times there is nothing to find."""


def places(draw: st.DrawFn, facts: Facts, on_grid: bool = False, times: int = 2) -> Places:
    """Draw places with ticks: mostly at so many times, some off the grid or the window, in wrong rooms, or nowhere."""
    blocks = [block for _, *block in facts.programme.window.blocks]
    inside = [tick for start, end in blocks for minute in range(start, end, facts.tick)
              if (tick := facts.tick_of(minute)) is not None]
    grid = facts.starts.tolist()
    popular = [draw(one(*grid)) for _ in range(times)]
    far = [edge + minutes // facts.tick for edge, minutes in
           ((inside[0], -1200), (inside[0], -90), (inside[-1], 90), (inside[-1], 1200))]
    variants, starts, rooms = [], [], []
    for session in range(facts.n):
        if draw(one(False, False, False, False, True)):
            variants.append(-1)
            starts.append(-1)
            rooms.append(())
            continue
        variants.append(draw(one(*facts.variants[session])))
        where = draw(one(*["popular"] * 5, "grid", *(() if on_grid else ("beside", "beside", "any", "far", "far"))))
        if where == "popular":
            starts.append(draw(one(*popular)))
        elif where == "beside":
            starts.append(draw(one(*popular)) + draw(one(-2, -1, 1, 2)))
        else:
            starts.append(draw(one(*{"grid": grid, "any": inside, "far": far}[where])))
        rooms.append(tuple(sorted(_rooms(draw, facts, session))))
    return Places(np.array(variants, dtype=np.int64), np.array(starts, dtype=np.int64), tuple(rooms))


def _rooms(draw: st.DrawFn, facts: Facts, session: int) -> tuple[int, ...]:
    """Draw no room (not known where), the right number of rooms, or any."""
    all_rooms = tuple(range(len(facts.programme.rooms)))
    count = facts.programme.sessions[session].room_count
    kind = draw(one("right", "right", "none", "any", "any"))
    if kind == "none":
        return ()
    right = [all_rooms[n : n + count] for n in range(len(all_rooms) - count + 1)]
    others = [all_rooms[n : n + length] for length in (1, 2) for n in range(len(all_rooms) - length + 1)]
    return draw(one(*(right if kind == "right" and right else others)))


def _as_it_is(draw: st.DrawFn, schedule: Schedule) -> Schedule:
    return schedule


def _other_lengths(draw: st.DrawFn, schedule: Schedule) -> Schedule:
    """Return a schedule in which sessions may take 5 minutes more or less than any of their durations."""
    return attrs.evolve(schedule, placements=[
        attrs.evolve(placement, duration=placement.duration + draw(one(-5, 0, 0, 5))) for placement in schedule
    ])


# What no places can say: schedules that only an audit can judge.
SPOILERS: dict[str, Callable[[st.DrawFn, Schedule], Schedule]] = {"duration": _other_lengths}


# -- the same thing said differently -----------------------------------------------------------------


def remade(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """Return a value rebuilt with every leaf (text, number, time, None) changed by a function."""
    if attrs.has(type(value)):
        return attrs.evolve(value, **{
            field.name: remade(getattr(value, field.name), leaf) for field in attrs.fields(type(value)) if field.init
        })
    if isinstance(value, tuple):
        return tuple(remade(item, leaf) for item in value)
    return leaf(value)


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Return a value in which ids are called something else."""
    return remade(value, lambda leaf: names.get(leaf, leaf) if isinstance(leaf, str) else leaf)


def shifted(value: Any, days: int) -> Any:
    """Return a value in which every instant and every date lies some days later."""

    def later(leaf: Any) -> Any:
        if isinstance(leaf, Instant):
            return leaf.add(days=days)
        return date.fromordinal(leaf.toordinal() + days) if isinstance(leaf, date) else leaf

    return remade(value, later)
