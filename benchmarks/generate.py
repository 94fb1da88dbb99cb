"""Full-size programmes with a known feasible schedule, drawn from the real meeting of 2020.

- `generate`: a programme of any size and fullness, and a planted schedule that obeys every hard rule.

Run as a program it prints the figures of the programme beside the real ones, and can write the programme to files.

**What is real.** Types, tracks (known for a share of the sessions), wished lengths, the number of people of a
session and their roles are those of real sessions of the same phase, each repeated equally often. A session
whose people are not recorded borrows those of another of its type. Blocks of more than two hours count as
two hours. How many sessions a person is in, regions, zones within a region, stakeholder groups, the share of
placeholders and how often two people of a session share a region are those of the real people that are known.

**What is assumed.** Nothing is known of real absences: `ABSENT_SHARE` of the named people cannot take part on
one to four days (UTC) or half-days (before or after noon of their own clock). Everybody has a zone.

**The frame.** Weekdays from 2 November 2020, the first five twelfths of them phase 1, three rooms and a cap
of three, 10 minutes changeover. The days of a phase are equally long, as long as the fullness demands: its
sessions' minutes divided by its open minutes, one changeover added to each session and to each day of each
room. A day is open for at most 18 hours: if that is not enough there are more days, up to 20, and then more
rooms with a cap to match. Small programmes have fewer days, two at least, so that the days of the fuller
phase are 6 hours or longer. So 275 sessions have 12 days and three rooms if they are 70 % full or more.

**The planted schedule.** First each room is filled on each day: a number of sessions, lengths that leave as
much idle time as the fullness asks for, gaps at random. Then sessions get these places, people are seated so
that nobody is in two places at once, and absences are drawn around the places. Comfort plays no part in it.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np
from attrs import define, evolve, field
from calibration import (
    LENGTH_STEP,
    LONGEST_SESSION,
    PHASES,
    SHORTEST_SESSION,
    Sources,
    Template,
    real_programme,
    real_sources,
    statistics,
)

from igfsched.grid import Clock, Span, from_minute, local_minute, overlap
from igfsched.programme import Day, Grid, Person, Phase, Programme, Role, Room, Session, Track, Window
from igfsched.schedule import Placement, Schedule

T = TypeVar("T")

FIRST_DAY = date(2020, 11, 2)
PHASE_1_SHARE_OF_DAYS = 5 / 12
ROOMS = 3
CHANGEOVER = STEP = 10
SHORTEST_DAY, LONGEST_DAY, MOST_DAYS = 6 * 60, 18 * 60, 20
MIDDLE_OF_DAY = 13 * 60 + 20  # minutes after midnight UTC; the real days ran from 06:00 to 20:30
ABSENT_SHARE, MOST_ABSENCES = 0.3, 4


@define
class _Place:
    """A session's place in the planted schedule; what fills it is known later."""

    phase: str
    room: str
    start: int  # UTC minute
    length: int
    id: str = ""
    template: Template | None = None
    home: str = ""
    people: list[str] = field(factory=list)

    @property
    def minutes(self) -> tuple[int, int]:
        return self.start, self.start + self.length


def generate(
    sessions: int = 275, fill: float = 0.8, seed: int = 0, days: int = 12,
) -> tuple[Programme, Schedule]:
    """Return a programme and a schedule of it that obeys every hard rule.

    - `sessions`: how many, from 20.
    - `fill`: fullness of both phases, above 0 and up to 0.97; met within 1 percentage point from 100
      sessions on, and as well as the grid allows below.
    - `seed`: the same arguments give equal values.
    - `days`: working days, as long as the opening hours stay sensible (see the module's text).
    """
    if sessions < 20 or not 0 < fill <= 0.97 or days < 2:
        raise ValueError("a programme has 20 sessions or more, 2 days or more and a fill above 0 and up to 0.97")
    rng = np.random.default_rng([seed, sessions, round(fill * 10_000), days])
    sources = real_sources()
    first = round(sessions * len(sources.templates[PHASES[0]]) / sum(map(len, sources.templates.values())))
    drawn = {
        phase: _repeated(sources.templates[phase], count, rng)
        for phase, count in zip(PHASES, (first, sessions - first), strict=True)
    }
    dates, rooms = _frame(drawn, fill, days)
    places: list[_Place] = []
    window_days: list[Day] = []
    for phase in PHASES:
        opening, bins = _pack(drawn[phase], len(dates[phase]) * rooms, fill, rng)
        start = (MIDDLE_OF_DAY - opening // 2) // STEP * STEP
        hours = Clock(_clock(start), _clock(start + opening))
        window_days += [Day(date=day, hours=(hours,)) for day in dates[phase]]
        here = _places(phase, dates[phase], rooms, start, opening, bins, rng)
        _assign(here, drawn[phase], rng)
        places += here
    _name(places, rng)
    people = _people(places, sources, rng)
    absences = _absences(places, people, [day for phase in PHASES for day in dates[phase]], rng)
    programme = Programme(
        title=f"generated: {sessions} sessions, {fill:.0%} full, seed {seed}",
        window=Window(
            days=window_days, grid=Grid(step=STEP),
            phases=[Phase(name=phase, days=dates[phase]) for phase in PHASES],
        ),
        sessions=[_session(place) for place in places],
        rooms=[Room(id=f"Room {n}") for n in range(1, rooms + 1)],
        people=[evolve(person, busy=absences.get(person.id, ())) for person in people],
        tracks=[Track(id=id) for id in sorted({place.template.track for place in places if place.template} - {""})],
        cap=rooms, changeover=CHANGEOVER,
    )
    planted = Schedule(
        [
            Placement(session=place.id, start=from_minute(place.start), duration=place.length, rooms=place.room)
            for place in places
        ],
        label="planted",
    )
    return programme, planted


def _repeated(values: Sequence[T], count: int, rng: np.random.Generator) -> list[T]:
    """Return `count` values, each as often as the others up to one, in random order."""
    whole, rest = divmod(count, len(values))
    chosen = [*range(len(values))] * whole + [int(n) for n in rng.permutation(len(values))[:rest]]
    return [values[chosen[n]] for n in rng.permutation(len(chosen))]


def _frame(drawn: dict[str, list[Template]], fill: float, days: int) -> tuple[dict[str, list[date]], int]:
    """Return the days of each phase and the number of rooms."""
    needed = [sum(template.length + CHANGEOVER for template in drawn[phase]) / fill for phase in PHASES]

    def longest(days: int, rooms: int) -> float:
        first = _days_of_phase_1(days)
        return max(needed[0] / (first * rooms), needed[1] / ((days - first) * rooms)) - CHANGEOVER

    rooms = ROOMS
    while longest(days, rooms) < SHORTEST_DAY and days > 2:
        days -= 1
    while longest(days, rooms) > LONGEST_DAY:
        days, rooms = (days + 1, rooms) if days < MOST_DAYS else (days, rooms + 1)
    weekdays = [day for n in range(2 * days + 2) if (day := FIRST_DAY + timedelta(days=n)).weekday() < 5][:days]
    first = _days_of_phase_1(days)
    return {PHASES[0]: weekdays[:first], PHASES[1]: weekdays[first:]}, rooms


def _days_of_phase_1(days: int) -> int:
    return min(max(round(days * PHASE_1_SHARE_OF_DAYS), 1), days - 1)


def _pack(
    wished: Sequence[Template], bins: int, fill: float, rng: np.random.Generator,
) -> tuple[int, list[list[int]]]:
    """Return the opening minutes of each day, and the session lengths of each room-day.

    A room-day of `size` minutes (opening + changeover) holds `counts` sessions of at least 70 minutes each
    (60 + changeover); what it can take beyond that is handed out in steps of 30 minutes.
    """
    least, wish = SHORTEST_SESSION + CHANGEOVER, sum(template.length + CHANGEOVER for template in wished)
    counts = np.full(bins, len(wished) // bins) + (np.arange(bins) < len(wished) % bins)

    def capacity(size: int, counts: np.ndarray, most: int = 2) -> np.ndarray:
        """Return the steps that each room-day can take, `most` of them per session."""
        steps: np.ndarray = np.minimum((size - least * counts) // LENGTH_STEP, most * counts)
        return steps

    best: tuple[tuple[float, float], int, int] | None = None
    smallest = max(least * int(counts.max()), LONGEST_SESSION + CHANGEOVER)
    middle = int(wish / (bins * fill)) // STEP * STEP
    for size in range(max(smallest, middle - 8 * STEP), max(smallest, middle) + 9 * STEP, STEP):
        steps = round((fill * bins * size - least * len(wished)) / LENGTH_STEP)
        steps = max(0, min(steps, int(capacity(size, counts).sum())))
        total = least * len(wished) + LENGTH_STEP * steps
        # The fullness comes first (half a percentage point is near enough), then the lengths that were wished,
        # and few sessions of two hours: steps that find no session of one hour any more.
        long = max(0, steps - int(capacity(size, counts, 1).sum()))
        score = (max(0.0, abs(total / (bins * size) - fill) - 0.005), abs(total - wish) + LENGTH_STEP * long)
        if best is None or score < best[0]:
            best = (score, size, steps)
    assert best is not None
    _, size, steps = best
    most = 1 if capacity(size, counts, 1).sum() >= steps else 2
    for _ in range(bins):  # uneven numbers of sessions, where the fullness allows it
        trial = counts.copy()
        more, fewer = rng.integers(0, bins, size=2)
        trial[more] += 1
        trial[fewer] -= 1
        room = capacity(size, trial, most)
        if trial.min() >= 1 and room.min() >= 0 and room.sum() >= steps:
            counts = trial
    taken = rng.permutation(np.repeat(np.arange(bins), capacity(size, counts, most)))[:steps]
    handed = np.bincount(taken, minlength=bins)
    lengths = [_lengths(int(count), int(extra)) for count, extra in zip(counts, handed, strict=True)]
    missing = sum(t.length == LONGEST_SESSION for t in wished) - sum(n.count(LONGEST_SESSION) for n in lengths)
    for index in rng.permutation(bins):  # two of 90 minutes become one of 120 and one of 60
        while missing > 0 and lengths[index].count(SHORTEST_SESSION + LENGTH_STEP) > 1:
            for new in (LONGEST_SESSION, SHORTEST_SESSION):
                lengths[index].remove(SHORTEST_SESSION + LENGTH_STEP)
                lengths[index].append(new)
            missing -= 1
            if rng.random() < 0.5:
                break
    return size - CHANGEOVER, [[int(n) for n in rng.permutation(day)] for day in lengths]


def _lengths(count: int, steps: int) -> list[int]:
    """Return `count` lengths, `steps` times 30 minutes longer than the shortest together."""
    whole, rest = divmod(steps, count) if count else (0, 0)
    return [SHORTEST_SESSION + LENGTH_STEP * (whole + (n < rest)) for n in range(count)]


def _places(
    phase: str, dates: Sequence[date], rooms: int, start: int, opening: int, bins: Sequence[Sequence[int]],
    rng: np.random.Generator,
) -> list[_Place]:
    found = []
    for index, lengths in enumerate(bins):
        idle = opening + CHANGEOVER - sum(length + CHANGEOVER for length in lengths)
        gaps = np.bincount(rng.integers(0, len(lengths) + 1, size=idle // STEP), minlength=len(lengths) + 1) * STEP
        at = local_minute(dates[index // rooms], start, "UTC")
        for length, gap in zip(lengths, gaps, strict=False):
            at += int(gap)
            found.append(_Place(phase, f"Room {index % rooms + 1}", at, length))
            at += length + CHANGEOVER
    return found


def _assign(places: list[_Place], templates: Sequence[Template], rng: np.random.Generator) -> None:
    """Give each place a session, so that as few as possible get another length than they wished."""
    by_length = sorted((places[n] for n in rng.permutation(len(places))), key=lambda place: place.length)
    for place, template in zip(by_length, sorted(templates, key=lambda template: template.length), strict=True):
        place.template = template


def _name(places: list[_Place], rng: np.random.Generator) -> None:
    """Number the sessions of each type at random, and put them in the order of their names."""
    number: Counter[str] = Counter()
    width = len(str(len(places)))
    for index in rng.permutation(len(places)):
        place = places[index]
        assert place.template is not None
        number[place.template.type] += 1
        place.id = f"{place.template.type}-{number[place.template.type]:0{width}d}"
    places.sort(key=lambda place: place.id)


def _people(places: Sequence[_Place], sources: Sources, rng: np.random.Generator) -> list[Person]:
    """Return the people, and seat them in the places so that nobody is in two at once."""
    for place in places:
        place.home = sources.people[rng.integers(len(sources.people))].region
    seats = [place for place in places for _ in place.template.duties]  # type: ignore[union-attr]
    seats = [seats[n] for n in rng.permutation(len(seats))]
    total = len(seats) / sum(count * share for count, share in sources.share_by_count.items())
    seatings = []
    for count, share in sorted(sources.share_by_count.items(), reverse=True):
        if count > 1:
            seatings += [_take(seats, count) for _ in range(round(total * share))]
    seatings += [[seat] for seat in seats]
    numbers = rng.permutation(len(seatings))
    placeholders = round(len(seatings) * sources.placeholder_share)
    width = len(str(len(seatings)))
    people = []
    for number, seating in zip(numbers, seatings, strict=True):
        at_home = rng.random() < sources.home_share
        pool = sources.people_by_region[seating[0].home] if at_home else sources.people
        like = pool[rng.integers(len(pool))]
        # Nobody knows who a placeholder will be, so it is in one session only.
        placeholder = len(seating) == 1 and placeholders > 0
        placeholders -= placeholder
        id = f"p{number + 1:0{width}d}"
        people.append(Person(
            id=id, zone=like.zone, region=like.region, stakeholder=like.stakeholder, placeholder=placeholder,
        ))
        for place in seating:
            place.people.append(id)
    return sorted(people, key=lambda person: person.id)


def _take(seats: list[_Place], count: int) -> list[_Place]:
    """Take up to `count` seats that one person can fill, the last ones that fit."""
    taken = [seats.pop()]
    index = len(seats) - 1
    while len(taken) < count and index >= 0:
        if not any(seats[index] is place or overlap(seats[index].minutes, place.minutes) for place in taken):
            taken.append(seats.pop(index))
        index -= 1
    return taken


def _absences(
    places: Sequence[_Place], people: Sequence[Person], dates: Sequence[date], rng: np.random.Generator,
) -> dict[str, list[Span]]:
    """Return the spans in which people cannot take part, never while a session of theirs is planted."""
    planted: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place in places:
        for id in place.people:
            planted[id].append(place.minutes)
    found: dict[str, list[Span]] = {}
    for person in people:
        if person.placeholder or rng.random() >= ABSENT_SHARE:
            continue
        wanted = int(rng.integers(1, MOST_ABSENCES + 1))
        spans: set[tuple[int, int]] = set()
        for _ in range(3 * wanted):
            day, kind = dates[int(rng.integers(len(dates)))], int(rng.integers(4))
            span = _half_day(day, kind, person.zone or "UTC") if kind < 2 else _half_day(day, None, "UTC")
            if len(spans) < wanted and not any(overlap(span, other) for other in (*planted[person.id], *spans)):
                spans.add(span)
        if spans:
            found[person.id] = [Span(from_minute(start), from_minute(end)) for start, end in sorted(spans)]
    return found


def _half_day(day: date, half: int | None, zone: str) -> tuple[int, int]:
    """Return the minutes of the first (0) or second (1) half of a day in a zone, or of all of it (None)."""
    start, end = {0: (0, 720), 1: (720, 1440), None: (0, 1440)}[half]
    return local_minute(day, start, zone), local_minute(day, end, zone)


def _session(place: _Place) -> Session:
    template = place.template
    assert template is not None
    return Session(
        id=place.id, duration=place.length, type=template.type, track=template.track, phases=place.phase,
        people=[
            Role(person=person, role=role)
            for person, roles in zip(place.people, template.duties, strict=True) for role in roles
        ],
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def main() -> None:
    """Generate a programme, print its figures beside the real ones, and write it if a folder is given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sessions", type=int, default=275, help="number of sessions, from 20 (default %(default)s)")
    parser.add_argument("--fill", type=float, default=0.8, help="fullness, up to 0.97 (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="default %(default)s")
    parser.add_argument("--days", type=int, default=12, help="working days, if sensible (default %(default)s)")
    parser.add_argument("--out", type=Path, help="folder for programme.json and planted.json")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    given = parser.parse_args()
    try:
        programme, planted = generate(given.sessions, given.fill, given.seed, given.days)
    except ValueError as error:
        parser.error(str(error))
    figures, real = statistics(programme), statistics(real_programme())
    if given.json:
        print(json.dumps({"generated": figures, "real": real}, indent=1))
    else:
        print(f"{'':52}{'generated':>10}{'real':>10}")
        for name in dict.fromkeys((*real, *figures)):
            print(f"{name:52}{_number(figures.get(name)):>10}{_number(real.get(name)):>10}")
    if given.out:
        from igfsched.io.native import write_programme, write_schedule

        given.out.mkdir(parents=True, exist_ok=True)
        write_programme(programme, given.out / "programme.json")
        write_schedule(planted, given.out / "planted.json")


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


if __name__ == "__main__":
    main()
