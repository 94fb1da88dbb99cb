"""What can happen to rooms, days and rules, one function for each kind of draws; see `draw_events`."""

from __future__ import annotations

from datetime import timedelta

from draw_events import HALF_HOUR, HOUR, MIDNIGHT, Event, NotDrawableError, span

from igfsched.changes import (
    CapChanged,
    CapSet,
    Change,
    DayAdded,
    DayLost,
    HoursChanged,
    RoomAdded,
    RoomClosed,
    RoomRemoved,
    RoomReopened,
    RuleChanged,
)
from igfsched.grid import Clock, local_date, local_minute
from igfsched.programme import Day, Period, Profile, Room
from igfsched.rules import active_rules


def room_closed(event: Event) -> Change:
    session = event.one([session for session in event.movable if event.rooms(session) and not session.rooms])
    start, end = event.time(session)
    if event.full:
        start, end = event.one(((start, start + HALF_HOUR), (end - HALF_HOUR, end)))
    return RoomClosed(room=event.one(event.rooms(session)), spans=[span(start, end)])


def room_reopened(event: Event) -> Change:
    room = event.one([room for room in event.programme.rooms if room.closed])
    return RoomReopened(room=room.id, spans=[event.one(room.closed)])


def cap_changed(event: Event) -> Change:
    cap = event.programme.cap
    if cap is None or cap.value < 2:
        raise NotDrawableError
    starts = [event.time(session)[0] for session in event.movable]
    crowded = [at for at in starts
               if sum(start <= at < end for start, end in map(event.time, event.placed)) >= cap.value]
    start = event.one(crowded)
    length = HALF_HOUR if event.full else HOUR
    return CapChanged(period=Period(value=cap.value - 1, span=span(start, start + length)))


def cap_set(event: Event) -> Change:
    cap = event.programme.cap
    if cap is None or cap.value < 2:
        raise NotDrawableError
    if event.chance(0.5):
        return CapSet(cap=cap.value + 1)
    _, start, _ = event.one(event.programme.window.blocks)
    early = Period(value=cap.value - 1, span=span(start, start + (HALF_HOUR if event.full else HOUR)))
    return CapSet(cap=Profile(value=cap.value, periods=[*cap.periods, early]))


def room_added(event: Event) -> Change:
    return RoomAdded(room=Room(id=event.new("Room", event.programme.rooms_by_id)))


def day_added(event: Event) -> Change:
    window = event.programme.window
    days = [day.date for day in window.days]
    more = [days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 4)]
    new = event.one([day for day in more if day not in days])
    like = max((day for day in window.days if day.date < new), key=lambda day: day.date)
    return DayAdded(day=Day(date=new, hours=like.hours),
                    phases=[phase.name for phase in window.phases if like.date in phase.days])


def rule_changed(event: Event) -> Change:
    rules = active_rules(event.programme)
    if event.chance(0.6):
        soft = event.one([rule for rule in rules if rule.level == "soft" and rule.name != "placed"])
        return RuleChanged(rule=soft.key, weight=event.one((soft.weight * 2, soft.weight * 5, 0)))
    hard = event.one([rule for rule in rules if rule.level == "hard" and rule.label])
    return RuleChanged(rule=hard.key, level="soft", tier=2)


def room_closed_for_days(event: Event) -> Change:
    room = event.one([room for room in event.programme.rooms if not room.reserved])
    days = event.programme.window.days
    first = int(event.rng.integers(len(days)))
    last = min(len(days) - 1, first + int(event.rng.integers(1 if event.full else 3)))
    return RoomClosed(room=room.id, spans=[
        span(*(local_minute(days[n].date, minute, event.programme.window.zone) for minute in (0, MIDNIGHT)))
        for n in range(first, last + 1)
    ])


def room_removed(event: Event) -> Change:
    return RoomRemoved(room=event.one([room for room in event.programme.rooms if not room.reserved]).id)


def day_lost(event: Event) -> Change:
    """A day without pinned sessions, or without the opening and the closing."""
    zone = event.programme.window.zone
    pinned = {local_date(event.time(session)[0], zone) for session in event.placed if event.pinned(session)}
    strict = {local_date(event.time(session)[0], zone) for session in event.placed if event.plenary(session)}
    days = [day.date for day in event.programme.window.days]
    return DayLost(date=event.one([day for day in days if day not in pinned]
                                  or [day for day in days if day not in strict]))


def hours_lost(event: Event) -> Change:
    zone = event.programme.window.zone
    strict = {local_date(event.time(session)[0], zone) for session in event.placed if event.plenary(session)}
    day = event.one([day for day in event.programme.window.days if day.date not in strict])
    lost = HALF_HOUR if event.full else int(event.one((HOUR, 2 * HOUR)))
    late = event.chance(0.5)
    clocks = [_moved(day.hours[0].start, lost * (not late)), _moved(day.hours[-1].end, -lost * late)]
    hours = list(day.hours)
    hours[0] = Clock(clocks[0], hours[0].end)
    hours[-1] = Clock(hours[-1].start, clocks[1])
    return HoursChanged(date=day.date, hours=hours)


def _moved(clock: str, minutes: int) -> str:
    hours, rest = divmod(int(clock[:2]) * 60 + int(clock[3:]) + minutes, 60)
    return f"{hours:02d}:{rest:02d}"
