"""An opening and a closing for a generated programme, so that rules about plenary sessions have something to hold.

- `with_ceremonies`: a session before all others and one after them, in hours that are added to the first and the last
  day. Nothing else may run then, so the fullness of the rest stays what it was.
"""

from __future__ import annotations

import attrs

from igfsched.grid import Clock, from_minute
from igfsched.programme import Programme, Role, Session
from igfsched.rules import Before, Plenary
from igfsched.schedule import Placement, Schedule
from igfsched.selector import Selector

OPENING, CLOSING, CEREMONY = "ceremony-first", "ceremony-last", 60
PEOPLE, ROOMS = 4, 2  # of each


def with_ceremonies(programme: Programme, planted: Schedule) -> tuple[Programme, Schedule]:
    """Return a programme with a session before and one after all others, and hours for them."""
    window, more = programme.window, CEREMONY + programme.changeover
    first, last = window.days[0], window.days[-1]
    opened, closed = _shifted(first.hours[0].start, -more), _shifted(last.hours[-1].end, more)
    days = {day.date: day for day in window.days}
    days[first.date] = attrs.evolve(first, hours=(Clock(opened, first.hours[0].end), *first.hours[1:]))
    last = days[last.date]
    days[last.date] = attrs.evolve(last, hours=(*last.hours[:-1], Clock(last.hours[-1].start, closed)))
    free = [person.id for person in programme.people if not person.busy and not person.placeholder]
    phases = [tuple(phase.name for phase in window.phases if day.date in phase.days) for day in (first, last)]
    sessions = [
        Session(id=id, duration=CEREMONY, type="ceremony", room_count=min(ROOMS, len(programme.rooms)), phases=names,
                people=[Role(person=person) for person in free[PEOPLE * n:PEOPLE * n + PEOPLE]])
        for n, (id, names) in enumerate(zip((OPENING, CLOSING), phases, strict=True))
    ]
    starts = [Clock(opened, closed).on(first.date, window.zone)[0],
              Clock(opened, closed).on(last.date, window.zone)[1] - CEREMONY]
    placements = [
        Placement(session=session.id, start=from_minute(start), duration=CEREMONY,
                  rooms=[room.id for room in programme.rooms[:session.room_count]])
        for session, start in zip(sessions, starts, strict=True)
    ]
    opening, closing = Selector(ids=OPENING), Selector(ids=CLOSING)
    rules = (
        Plenary(selector=opening | closing, label="ceremonies"),
        Before(first=opening, then=~opening, label="opening first"),
        Before(first=~closing, then=closing, label="closing last"),
    )
    programme = attrs.evolve(
        programme, window=attrs.evolve(window, days=tuple(days.values())), sessions=(*programme.sessions, *sessions),
        rules=(*programme.rules, *rules),
    )
    return programme, attrs.evolve(planted, placements=(*planted.placements, *placements))


def _shifted(clock: str, minutes: int) -> str:
    hours, rest = divmod(int(clock[:2]) * 60 + int(clock[3:]) + minutes, 60)
    return f"{hours:02d}:{rest:02d}"
