"""Twenty weekly calls around IGF 2020 whose hour rotates, so that nobody always has the night.

    python examples/rotating_calls.py [--seconds S]

Members come from all regions: one for each region and time zone of the data. Their sessions of the event in November
count too: as nights they have already, and as hours at which no call can be. Clocks change in between, on different
dates in different zones. Zones are assumed from country or region.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date, timedelta

import attrs
import igf2020_data as igf
from igf2020_figures import short

from igfsched import Band, Day, Grid, Person, Programme, Schedule, Series, Session, Span, Window, audit, solve
from igfsched.audit import Audit
from igfsched.rules import Comfort, Compact, FairPersons, FairRegions, Rotation, SeriesDistance
from igfsched.rules.comfort import burdens
from igfsched.texttables import text_table

SECONDS = 60.0
CALLS = [date(2020, 8, 4) + timedelta(weeks=week) for week in range(20)]
"""Tuesdays, from August to the middle of December."""
HOURS = range(0, 24, 2)
"""The hours of UTC at which a call may begin."""
MOST_OF_A_REGION = 5
"""Calls of which one region may have the night, that is half of its members or more."""
NIGHT = (Band(start="23:00", end="07:00", price=1), Band(start="07:00", end="23:00", price=0))
NIGHTS = FairPersons(bands=NIGHT, tier=1)
"""First of all: the fewest minutes of night for whoever has most of them. Comfort comes second."""


def main(argv: Sequence[str] | None = None) -> int:
    """Find the hours and tell them; return the exit code."""
    parser = argparse.ArgumentParser(description="Weekly calls whose hour rotates.")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S", help="time limit (default: 60)")
    args = parser.parse_args(argv)
    calls = programme()
    result = solve(calls, seconds=args.seconds)
    if result.audit is None:
        print(result.summary())
        return 1
    print(f"{len(CALLS)} weekly calls of {len(members())} members, {CALLS[0]} to {CALLS[-1]}\n")
    for table in (hours, people, regions, compared):
        print(*table(result.audit), "", sep="\n")
    print("Proof (tier 1: minutes of night of whoever has most; tier 2: comfort price of all)")
    print(result.summary())
    return 0


def members() -> tuple[Person, ...]:
    """Return one person for each region and zone, named people first."""
    found: dict[tuple[str, str], Person] = {}
    for person in sorted(igf.programme().people, key=lambda person: (person.placeholder, person.id)):
        if person.region and person.zone is not None:
            found.setdefault((person.region, person.zone), person)
    return tuple(sorted(found.values(), key=lambda person: person.id))


def programme() -> Programme:
    """Return the calls, and the sessions of the event in which members are, which stay where they were held."""
    people = members()
    ids = [person.id for person in people]
    held = igf.held()
    event = [
        attrs.evolve(session, fixed_start=held.by_session[session.id].start, phases=(), track="", rooms=(),
                     people=tuple(role for role in session.people if role.person in ids))
        for session in igf.held_programme().sessions if set(session.attending) & set(ids)
    ]
    calls = [
        Session(id=f"call-{week:02}", duration=60, people=ids, allowed=[hour(day, first) for first in HOURS])
        for week, day in enumerate(CALLS, 1)
    ]
    starts = [span.start for call in calls for span in call.allowed] + [session.fixed_start for session in event]
    days = {day.date: day for day in igf.held_programme().window.days} | {day: Day(date=day) for day in CALLS}
    return Programme(
        title="Weekly calls around IGF 2020", people=people, sessions=[*calls, *event],
        window=Window(days=list(days.values()), grid=Grid(starts=[start for start in starts if start is not None])),
        series=[Series(id="calls", sessions=[call.id for call in calls], days_apart=7)],
        rules=[NIGHTS, Comfort(tier=2), SeriesDistance(), Compact(level="off"), FairRegions(level="off"),
               Rotation(level="hard", measure="excess", most=MOST_OF_A_REGION)],
    )


def hour(day: date, first: int) -> Span:
    """Return an hour of UTC. Those of `HOURS` do not touch, so a call lies in exactly one of them."""
    return Span(f"{day}T{first:02}:00Z", f"{day + timedelta(days=first == 23)}T{(first + 1) % 24:02}:00Z")


def nights(audit: Audit, call: str) -> list[Person]:
    """Return the members for whom at least half of a call lies in the night."""
    placed = audit.timetable.by_session[call]
    alone = attrs.evolve(audit.timetable, schedule=Schedule([audit.schedule.by_session[call]]))
    found = burdens(alone, NIGHTS)
    return [person for person in audit.programme.people if 2 * found[person.id] >= placed.length]


def regions_of(people: Sequence[Person], programme: Programme) -> list[str]:
    """Return the regions of which at least half of the members are among these people."""
    return [region for region in programme.regions
            if 2 * sum(person.region == region for person in people)
            >= sum(person.region == region for person in programme.people)]


def hours(audit: Audit) -> list[str]:
    """Return a table of the calls: when, how many members have the night, and of which regions."""
    rows = []
    for call in audit.programme.series[0].sessions:
        had = nights(audit, call)
        rows.append([call, f"{audit.schedule.by_session[call].start:%d %b %H:%M}", str(len(had)),
                     ", ".join(map(short, regions_of(had, audit.programme))) or "-"])
    return text_table(["call", "UTC", "members at night", "regions that have the night"], rows)


def people(audit: Audit) -> list[str]:
    """Return a table of the members, those together who have the night at the same calls."""
    had: dict[str, list[str]] = {person.id: [] for person in audit.programme.people}
    for call in audit.programme.series[0].sessions:
        for person in nights(audit, call):
            had[person.id].append(call.removeprefix("call-"))
    alike: dict[tuple[str, ...], list[str]] = {}
    for id, calls in had.items():
        alike.setdefault(tuple(calls), []).append(id)
    return text_table(["nights", "at calls", "members"], [
        [str(len(calls)), " ".join(calls), " ".join(ids)]
        for calls, ids in sorted(alike.items(), key=lambda item: (-len(item[0]), item))
    ])


def regions(audit: Audit) -> list[str]:
    """Return a table of the regions: how often they have the night of a call, and what their people carry in all."""
    had = [regions_of(nights(audit, call), audit.programme) for call in audit.programme.series[0].sessions]
    return text_table(["region", "members", "calls at night", "night min per member"], [
        [short(one.name), str(one.people), str(sum(one.name in calls for calls in had)),
         f"{one.night_minutes / one.with_zone:.0f}"] for one in sorted(audit.burdens.regions, key=lambda one: one.name)
    ])


def compared(rotating: Audit) -> list[str]:
    """Return the figures beside those of fixed hours."""
    fixed = {first: audit(rotating.programme, at_hour(rotating, first)) for first in HOURS}
    best = min(fixed, key=lambda first: (worst(fixed[first]), fixed[first].burdens.total.price))
    columns = {"rotating": rotating, f"always {best:02}:00, the least bad": fixed[best], "always 14:00": fixed[14]}
    return text_table(["", *columns], [
        ["most night minutes of a member", *(str(worst(one)) for one in columns.values())],
        ["who", *(max(one.burdens.persons, key=lambda b: b.night_minutes).name for one in columns.values())],
        ["most calls at night of a region", *(most_calls(one) for one in columns.values())],
        ["night minutes of all", *(str(one.burdens.total.night_minutes) for one in columns.values())],
        ["comfort price of all", *(f"{one.burdens.total.price:,}" for one in columns.values())],
        ["hard rules broken", *(str(len(one.hard)) for one in columns.values())],
    ])


def at_hour(rotating: Audit, first: int) -> Schedule:
    """Return the same schedule with all calls at one hour of UTC, whatever that breaks."""
    calls = rotating.programme.series[0].sessions
    return Schedule([
        attrs.evolve(place, start=hour(place.start.date(), first).start) if place.session in calls else place
        for place in rotating.schedule
    ])


def worst(audit: Audit) -> int:
    """Return the minutes of night of whoever has most."""
    return max(burden.night_minutes for burden in audit.burdens.persons)


def most_calls(audit: Audit) -> str:
    """Return how many calls one region has at night at most, and which."""
    had = [region for call in audit.programme.series[0].sessions
           for region in regions_of(nights(audit, call), audit.programme)]
    region = max(audit.programme.regions, key=had.count)
    return f"{had.count(region)} ({short(region)})" if had else "none"


if __name__ == "__main__":
    sys.exit(main())
