"""Busy times from calendar files (.ics), as unavailability of people or blackouts of the event.

- `read_busy`: the busy times of one file.
- `with_calendars`: a programme whose people are busy when their calendars say so.
- `with_blackouts`: a programme in which nothing runs while a calendar is busy.

Only times are kept: no title, place or name of a calendar is read into anything. What is understood: events in
UTC, in a time zone of the IANA database or of the file itself, floating and of whole days; repetitions with
exceptions and single ones that were moved or cancelled; lists of free and busy times. Events that are transparent
or cancelled keep nobody busy. Needs the extra `calendars`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import attrs

from igfsched.errors import InputError, Problem, nearest
from igfsched.grid import Span, day_start, from_minute, merge_spans, zone_name
from igfsched.io.contentlines import parts_of
from igfsched.io.files import Source, name_of, read_text
from igfsched.io.occurrences import Reading
from igfsched.programme import Blackout, Programme

MARGIN = 1440
"""Minutes before and after the programme days for which calendars are read as well."""
Sources = Source | Sequence[Source]


def read_busy(
    source: Source, *, zone: str | None = None, window: Span | None = None, tentative: bool = False,
) -> tuple[Span, ...]:
    """Return the times at which a calendar is busy, merged and in order, on whole minutes.

    - `zone`: the IANA zone of floating times and whole days; without it these are an error.
    - `window`: only what lies in it is returned; without it, repetitions without an end are an error.
    - `tentative`: whether tentative events and times count as busy.

    Raises InputError with everything wrong in the file, by event and line; ImportError if the libraries of the
    extra `calendars` are not there; ValueError for a zone that there is none of.
    """
    busy, problems = _busy(source, None if zone is None else zone_name(zone), window, tentative)
    if problems:
        raise InputError(problems, name_of(source))
    return busy


def with_calendars(programme: Programme, calendars: Mapping[str, Sources], *, tentative: bool = False) -> Programme:
    """Return a programme whose people are also busy when their calendars are.

    `calendars` gives one file or several by the id of the person. Floating times and whole days are those of the
    person's zone. Raises InputError with everything wrong in all files, and ids of nobody; else as `read_busy`.
    """
    window = span_of(programme)
    problems: list[Problem] = []
    people = programme.people_by_id
    busy: dict[str, list[Span]] = {}
    for id, sources in calendars.items():
        if id not in people:
            problems.append(Problem(path="calendars", message=f"{id!r} is not one of the people",
                                    nearest=nearest(id, list(people))))
            continue
        for source in _several(sources):
            found, faults = _busy(source, people[id].zone, window, tentative, f"{id} has no time zone")
            busy.setdefault(id, []).extend(found)
            problems += faults
    if problems:
        raise InputError(problems, programme.title or "programme")
    return programme.successor(people=tuple(
        attrs.evolve(person, busy=_merged([*person.busy, *busy[person.id]])) if busy.get(person.id) else person
        for person in programme.people
    ))


def with_blackouts(
    programme: Programme, *sources: Source, zone: str | None = None, reason: str = "", tentative: bool = False,
) -> Programme:
    """Return a programme in which nothing may run while one of these calendars is busy.

    Floating times and whole days are those of `zone`, or of the programme's own zone. Raises InputError with
    everything wrong in all files, or if some session fits into no opening block any more; else as `read_busy`.
    """
    own = zone_name(zone or programme.window.zone)
    problems: list[Problem] = []
    spans: list[Span] = []
    for source in sources:
        found, faults = _busy(source, own, span_of(programme), tentative)
        spans += found
        problems += faults
    if problems:
        raise InputError(problems, programme.title or "programme")
    added = tuple(Blackout(span=span, reason=reason) for span in _merged(spans))
    window = attrs.evolve(programme.window, blackouts=(*programme.window.blackouts, *added))
    return attrs.evolve(programme, window=window)


def span_of(programme: Programme) -> Span:
    """Return the time for which calendars matter to a programme: its days, a day more and preparations beside them."""
    days, zone = programme.window.days, programme.window.zone
    before = MARGIN + max((session.prepare_before for session in programme.sessions), default=0)
    after = MARGIN + max((session.prepare_after for session in programme.sessions), default=0)
    first, last = days[0].date, days[-1].date + timedelta(days=2)  # hours may reach into the day after
    return Span(from_minute(day_start(first, zone) - before), from_minute(day_start(last, zone) + after))


def _busy(
    source: Source, zone: str | None, window: Span | None, tentative: bool, why: str = "no zone is given",
) -> tuple[tuple[Span, ...], list[Problem]]:
    """Return the busy times of a file and all that is wrong with it."""
    name = name_of(source)
    try:
        parts, problems = parts_of(*read_text(source))
    except InputError as error:
        return (), list(error.problems)
    reading = Reading(name=name, zone=zone, why_no_zone=why, window=None if window is None else window.minutes,
                      tentative=tentative)
    found = reading.busy(parts)
    return _spans(found), problems + reading.problems


def _several(sources: Sources) -> Iterable[Source]:
    return sources if isinstance(sources, list | tuple) else (sources,)


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    return _spans([span.minutes for span in spans])


def _spans(minutes: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    return tuple(Span(from_minute(start), from_minute(end)) for start, end in merge_spans(minutes))
