"""Programmes with every rule, and whatever may happen to a programme: changes, and edits that no change can make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import attrs
from hypothesis import strategies as st
from law_programmes import GROUND, SPICES, parameters, spiced
from strategies import BANDS, TAGS, ZONES, one, people, programmes, sessions, spans

from igfsched.changes import (
    CapChanged,
    CapSet,
    Change,
    DayAdded,
    DayLost,
    HoursChanged,
    PersonAdded,
    PersonAvailable,
    PersonRemoved,
    PersonReplaced,
    PersonUnavailable,
    RoomAdded,
    RoomClosed,
    RoomRemoved,
    RoomReopened,
    RuleChanged,
    SessionAdded,
    SessionCancelled,
    SessionConfirmed,
    SessionDeclined,
    SessionFreed,
    SessionMoved,
    SessionPinned,
    SessionResized,
    SessionsMerged,
    SessionSplit,
)
from igfsched.difference import PERSON_ASPECTS, SESSION_ASPECTS
from igfsched.grid import Clock, Span, from_minute
from igfsched.programme import (
    Day,
    Group,
    Period,
    Person,
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
)
from igfsched.rule import Rule
from igfsched.rules import CATALOGUE
from igfsched.schedule import Schedule

READ_BY = {name: tuple(sorted(rule.reads or ())) for name, rule in CATALOGUE.items()}
READ = tuple(sorted({aspect for aspects in READ_BY.values() for aspect in aspects}))
"""The aspects that each rule reads, and those that any rule does."""
Edit = Callable[[st.DrawFn, Programme], dict[str, Any]]
NEW = ("new 1", "new 2")


@st.composite
def programmes_with_all_rules(draw: st.DrawFn) -> Programme:
    """Draw a programme that lists every rule of the catalogue, some of them twice."""
    programme = draw(programmes())
    spice = draw(one("attendance", "attendance", "track_parallel", "room_choice", "allowed"))
    programme = spiced(draw, programme if spice == "attendance" else GROUND["attendance"](draw, programme), spice)
    rules = []
    for name, rule in CATALOGUE.items():
        for label in ("", "again")[: 1 + draw(one(False, False, True))]:
            level = draw(one("soft", "soft", "hard", "off" if label else "hard"))
            rules.append(rule(level=level, label=label, tier=draw(one(1, 2)), **parameters(draw, name, programme)))
    return attrs.evolve(programme, preset=draw(one("none", "default")), rules=rules)


@st.composite
def programmes_with_one_rule(draw: st.DrawFn, name: str) -> Programme:
    """Draw a programme of one rule that has something to say in it."""
    programme = spiced(draw, draw(programmes()), name)
    rule = CATALOGUE[name](level=draw(one("soft", "hard")), **parameters(draw, name, programme))
    return attrs.evolve(programme, preset="none", rules=[rule])


def changes(draw: st.DrawFn, programme: Programme) -> Change:
    """Draw a change of any kind; it may be one that makes no sense."""
    return draw(one(*CHANGES))(draw, programme)


def _id(draw: st.DrawFn, p: Programme) -> str:
    return draw(one(*p.sessions_by_id, *NEW[:1]))  # type: ignore[no-any-return]


def _person(draw: st.DrawFn, p: Programme) -> str:
    return draw(one(*p.people_by_id, *([] if p.people_by_id else NEW)))  # type: ignore[no-any-return]


def _anybody(draw: st.DrawFn, p: Programme) -> str | Person:
    if draw(one(True, True, False)):
        return _person(draw, p)
    return Person(id=draw(one(*NEW)), zone=draw(one(None, *ZONES[:4])), region=draw(one("", "Africa", "new region")))


def _room(draw: st.DrawFn, p: Programme) -> str:
    return draw(one(*p.rooms_by_id, *([] if p.rooms_by_id else NEW)))  # type: ignore[no-any-return]


def _span(draw: st.DrawFn, p: Programme) -> tuple[Span, ...]:
    _, start, end = draw(one(*p.window.blocks))
    first = draw(one(*range(start, end, 10)))
    return (Span(from_minute(first), from_minute(first + draw(one(10, 45, 90, 300)))),)


def _day(draw: st.DrawFn, p: Programme) -> date:
    return draw(one(*(day.date for day in p.window.days)))  # type: ignore[no-any-return]


def _session(draw: st.DrawFn, p: Programme, id: str) -> Session:
    return draw(sessions(id, "", p.window, spans(p.window), tuple(p.people_by_id), tuple(p.rooms_by_id)))  # type: ignore[no-any-return]


CHANGES: tuple[Callable[[st.DrawFn, Programme], Change], ...] = (
    lambda draw, p: PersonUnavailable(person=_person(draw, p), spans=_span(draw, p)),
    lambda draw, p: PersonAvailable(person=_person(draw, p), spans=_span(draw, p)),
    lambda draw, p: PersonAdded(session=_id(draw, p), person=_anybody(draw, p), role=draw(one("speaker", "guest")),
                                required=draw(one(True, False))),
    lambda draw, p: PersonRemoved(session=_id(draw, p), person=_person(draw, p)),
    lambda draw, p: PersonReplaced(person=_person(draw, p), by=_anybody(draw, p),
                                   session=draw(one(_id(draw, p), None))),
    lambda draw, p: SessionAdded(session=_session(draw, p, draw(one(*NEW)))),
    lambda draw, p: SessionAdded(session=_session(draw, p, draw(one(*NEW)))),
    lambda draw, p: SessionCancelled(session=_id(draw, p)),
    lambda draw, p: SessionConfirmed(session=_id(draw, p)),
    lambda draw, p: SessionDeclined(session=_id(draw, p), times=draw(one((), _span(draw, p)))),
    lambda draw, p: SessionResized(session=_id(draw, p), duration=draw(one(10, 20, 40))),
    lambda draw, p: SessionsMerged(sessions=list(dict.fromkeys([_id(draw, p), _id(draw, p), "nobody's"]))[:2],
                                   id=draw(one(None, NEW[1]))),
    lambda draw, p: SessionSplit(session=_id(draw, p), durations=[10, 10]),
    lambda draw, p: SessionMoved(session=_id(draw, p), start=_span(draw, p)[0].start, rooms=[_room(draw, p)]),
    lambda draw, p: SessionPinned(session=_id(draw, p), room=draw(one(True, False))),
    lambda draw, p: SessionFreed(session=_id(draw, p)),
    lambda draw, p: RoomClosed(room=_room(draw, p), spans=_span(draw, p)),
    lambda draw, p: RoomReopened(room=_room(draw, p), spans=_span(draw, p)),
    lambda draw, p: RoomRemoved(room=_room(draw, p)),
    lambda draw, p: RoomAdded(room=Room(id=draw(one(*NEW)))),
    lambda draw, p: CapSet(cap=draw(one(None, 1, 3))),
    lambda draw, p: CapChanged(period=Period(value=1, span=_span(draw, p)[0])),
    lambda draw, p: DayLost(date=_day(draw, p)),
    lambda draw, p: DayAdded(day=Day(date=_day(draw, p) + timedelta(days=1), hours=[Clock("08:00", "12:00")])),
    lambda draw, p: HoursChanged(date=_day(draw, p), hours=[Clock("09:00", "13:00")]),
    lambda draw, p: RuleChanged(rule=draw(one("comfort", *(rule.key for rule in p.rules))), weight=draw(one(1, 3)),
                                level=draw(one(None, "soft", "hard", "off"))),
)
"""Makers of changes of each kind."""


def _other_session(draw: st.DrawFn, programme: Programme, name: str | None) -> dict[str, Any]:
    """Return a session drawn anew, or with one other field."""
    at = draw(one(*range(len(programme.sessions))))
    old = programme.sessions[at]
    new = _session(draw, programme, old.id)
    if name == "people":
        ids = draw(st.lists(one(*programme.people_by_id), unique=True, max_size=3))
        new = attrs.evolve(new, people=[Role(person=id, required=draw(one(True, True, False))) for id in ids])
    if name == "prerecorded":
        new = attrs.evolve(new, prerecorded=not old.prerecorded)
    if name is not None:
        new = attrs.evolve(old, **{name: getattr(new, name)})
    return {"sessions": (*programme.sessions[:at], new, *programme.sessions[at + 1:])}


def _other_person(draw: st.DrawFn, programme: Programme, name: str | None) -> dict[str, Any]:
    """Return a person drawn anew, or with one other field."""
    at = draw(one(*range(len(programme.people))))
    old = programme.people[at]
    new = draw(people(old.id, spans(programme.window)))
    if name == "placeholder":
        new = attrs.evolve(new, placeholder=not old.placeholder)
    if name == "weekly":
        hours = [WeeklyHours(hours=Clock("09:00", "17:00"))]
        new = attrs.evolve(new, zone=old.zone, weekly=hours if not old.weekly and old.zone else ())
    if name == "zone" and old.weekly:
        new = attrs.evolve(new, zone=new.zone or old.zone)  # weekly hours are on somebody's clock
    if name in ("available", "busy"):
        new = attrs.evolve(new, **{name: () if getattr(old, name) else _span(draw, programme)})
    if name is not None:
        new = attrs.evolve(old, **{name: getattr(new, name)})
    return {"people": (*programme.people[:at], new, *programme.people[at + 1:])}


def other_aspect(draw: st.DrawFn, programme: Programme, aspects: tuple[str, ...]) -> dict[str, Any]:
    """Return what makes a programme another in one of some aspects, and in nothing else if that can be."""
    kind, _, name = draw(one(*aspects)).partition(".")
    if name:
        return (_other_session if kind == "sessions" else _other_person)(draw, programme, name)
    return draw(one(*(make for field, make in EDITS if field == kind)))(draw, programme)  # type: ignore[no-any-return]


def _one_less(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    """Return one person, room, team or track less, which may be named somewhere."""
    kind = draw(one("people", "rooms", "teams", "tracks", "groups"))
    things = list(getattr(programme, kind))
    if things:
        del things[draw(one(*range(len(things))))]
    return {kind: things}


EDITS: tuple[tuple[str, Edit], ...] = (
    *[("sessions", partial(_other_session, name=None))] * 2, ("people", partial(_other_person, name=None)),
    *[("sessions", partial(other_aspect, aspects=tuple(sorted(SESSION_ASPECTS - {"sessions", "sessions.id"}))))] * 3,
    *[("people", partial(other_aspect, aspects=tuple(sorted(PERSON_ASPECTS - {"people", "people.id"}))))] * 2,
    ("sessions", lambda draw, p: {"sessions": draw(st.permutations(p.sessions))}),
    ("sessions", lambda draw, p: {"sessions": p.sessions[:-1] + p.sessions[:1]}),
    ("sessions", lambda draw, p: {"sessions": p.sessions[:-1]}),
    ("people", lambda draw, p: {"people": draw(st.permutations(p.people))}),
    ("people", lambda draw, p: {"people": (*p.people, Person(id="another", zone="UTC", region="Africa"))}),
    ("rooms", lambda draw, p: {"rooms": [
        attrs.evolve(room, features=draw(one((), ("stage",))), capacity=draw(one(None, 20)),
                     changeover=draw(one(None, 0, 10)), reserved=draw(one(False, True))) for room in p.rooms]}),
    ("rooms", lambda draw, p: {"rooms": draw(st.permutations(p.rooms))}),
    ("tracks", lambda draw, p: {"tracks": draw(one((), (Track(id="data", cap=2), Track(id="trust", cap=1)),
                                                 (Track(id="data", audience=(Share(people=8, zone="Asia/Tokyo"),)),
                                                  Track(id="trust"))))}),
    ("teams", lambda draw, p: {"teams": [Team(id="captioners", size=draw(one(1, 3, Profile(value=2))))]}),
    ("groups", lambda draw, p: {"groups": [
        Group(id=id, members=[person.id for person in p.people[-draw(one(1, 2, 3)):]])
        for id in ("organisers", "others")]}),
    ("audience", lambda draw, p: {"audience": draw(one((), (Share(people=9, region="Africa"),)))}),
    ("series", lambda draw, p: {"series": [
        Series(id="calls", sessions=[session.id for session in p.sessions[-2:]], days_apart=draw(one(None, 0, 1)))]}),
    ("changeover", lambda draw, p: {"changeover": draw(one(0, 10, 20))}),
    ("preset", lambda draw, p: {"preset": draw(one("none", "default")), "title": draw(one("", "another"))}),
    ("rules", lambda draw, p: {"rules": draw(st.permutations(p.rules))}),
    ("rules", lambda draw, p: {"rules": p.rules[draw(one(1, 5)):] or p.rules}),
    ("cap", lambda draw, p: {"cap": draw(one(0, 1, 2, None)), "audience": ()}),
    ("sessions", lambda draw, p: {"sessions": [attrs.evolve(session, tags=draw(one(TAGS, TAGS[:1])), teams=draw(one(
        (), (TeamNeed(team="captioners", units=2),)))) for session in p.sessions]}),
    ("people", lambda draw, p: {"people": [attrs.evolve(person, comfort=draw(one((), BANDS))) for person in p.people]}),
    ("people", _one_less),
)
"""What else may be edited, with the field of the programme that it is in."""


def edits(draw: st.DrawFn, programme: Programme) -> dict[str, Any]:
    """Draw other fields of a programme; with them it may not fit together."""
    return draw(one(*EDITS))[1](draw, programme)


def after(
    draw: st.DrawFn, programme: Programme, schedule: Schedule, edit: Edit = edits,
) -> tuple[Programme, Schedule]:
    """Return a programme and a schedule after something that may happen to them. Raises ValueError if it may not."""
    if draw(one(True, False)) or not (programme.sessions and programme.people):
        return changes(draw, programme).applied(programme, schedule)
    programme = programme.successor(**edit(draw, programme))
    return programme, schedule.successor(
        without=[placement.session for placement in schedule if placement.session not in programme.sessions_by_id])


def about(draw: st.DrawFn, programme: Programme, rule: type[Rule]) -> dict[str, Any]:
    """Draw other fields of a programme that a rule is about."""
    if rule.name in SPICES and draw(one(True, False, False)):
        at = draw(one(*range(len(programme.sessions))))
        new = attrs.evolve(programme.sessions[at], **SPICES[rule.name](draw, programme))
        return {"sessions": (*programme.sessions[:at], new, *programme.sessions[at + 1:])}
    aspects = draw(one(*filter(None, (READ, READ_BY[rule.name], READ_BY[rule.name]))))
    return other_aspect(draw, programme, aspects)
