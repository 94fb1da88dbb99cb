"""Whether the parts of a programme fit together: names, ids, lengths. Every fault at once, with its JSON path.

- `inconsistencies`: all that is wrong with a programme.
- `still_fits`: whether a programme made from a consistent one surely is consistent, from what differs alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from igfsched.errors import Problem, nearest
from igfsched.window import Profile

if TYPE_CHECKING:
    from igfsched.programme import Exchange, Programme, Session


LONGEST = 1_000
"""Days from the first to the last of a window. More are a slip of the pen, and would take hours to read."""


def inconsistencies(programme: Programme, also_known: dict[str, set[str]] | None = None) -> list[Problem]:
    """Return all that is inconsistent in a programme.

    `also_known` gives ids by kind (`sessions`, `people`, ...) that count as existing although they are
    not in the programme: a reader passes what it could not read, so that one fault is told once.
    """
    known = {
        "sessions": [session.id for session in programme.sessions],
        "people": [person.id for person in programme.people],
        "rooms": [room.id for room in programme.rooms],
        "teams": [team.id for team in programme.teams],
        "phases": [phase.name for phase in programme.window.phases],
        "tracks": [track.id for track in programme.tracks],
        "groups": [group.id for group in programme.groups],
        "series": [series.id for series in programme.series],
    }
    problems = [*_doubles(known), *_window(programme)]
    for path, profile in _profiles(programme):
        problems += _hours(programme, path, profile)
    for kind, ids in (also_known or {}).items():
        known[kind] = [*known[kind], *ids]
    names = _Names(known)
    for index, session in enumerate(programme.sessions):
        problems += _session(programme, session, f"$.sessions[{index}]", names)
    for index, group in enumerate(programme.groups):
        problems += names.missing("people", group.members, f"$.groups[{index}].members")
    for index, series in enumerate(programme.series):
        problems += names.missing("sessions", series.sessions, f"$.series[{index}].sessions")
    for index, rule in enumerate(programme.rules):
        for parameter, name, options in rule.problems(programme):
            if parameter == "sessions" and name in names.sets["sessions"]:
                continue
            problems.append(Problem(
                message=f"rule {rule.key} names {name!r}, which does not exist", path=f"$.rules[{index}].{parameter}",
                found=name, nearest=nearest(name, options),
            ))
    return [*problems, *_no_place(programme)]


def _no_place(programme: Programme) -> Iterator[Problem]:
    cap = programme.cap
    if cap is not None and not any((cap.value, *(period.value for period in cap.periods))):
        yield Problem(message="a parallel cap of 0 leaves no place for any session", path="$.cap", found=0,
                      expected="a whole number from 1")


def still_fits(old: Programme, new: Programme, exchange: Exchange) -> bool:
    """Say whether a programme surely is consistent, as `old` is; it may be although this says False.

    `exchange` tells what differs. Only that is looked at, and what may name something that is gone.
    """
    if new.window is not old.window:
        return False
    known: dict[str, Collection[str]] = {
        "sessions": new.sessions_by_id, "people": new.people_by_id, "rooms": new.rooms_by_id,
        "phases": {phase.name for phase in new.window.phases},
        **{kind: {thing.id for thing in getattr(new, kind)} for kind in ("teams", "tracks", "groups", "series")},
    }
    gone, came = {}, {}
    for kind in known.keys() - {"phases"}:
        if len(known[kind]) < len(getattr(new, kind)):
            return False
        left, came[kind] = exchange.get(kind, ((), ()))
        gone[kind] = {thing.id for thing in left if thing.id not in known[kind]}
    if any(gone[kind] for kind in ("people", "rooms", "teams", "tracks")):
        return False  # anything may name it
    if any(came[kind] and not getattr(old, kind) for kind in ("rooms", "tracks")):
        return False  # without any, sessions may name any track, and need any number of rooms
    names = _Names(known)
    profiles = [new.cap if new.cap is not old.cap else None, *(team.size for team in came["teams"]),
                *(getattr(rule, "cap", None) for rule in exchange.get("rules", ((), ()))[1])]
    doubts: Iterator[Iterable[object]] = chain(
        (_session(new, session, "", names) for session in came["sessions"]),
        (names.missing("people", group.members, "") for group in came["groups"]),
        (names.missing("sessions", series.sessions, "") for series in (new.series if gone["sessions"]
                                                                       else came["series"])),
        (_hours(new, "", profile) for profile in profiles if isinstance(profile, Profile)),
        (rule.problems(new) for rule in new.rules),
        [] if new.cap is old.cap else [_no_place(new)],
    )
    return not any(True for doubt in doubts for _ in doubt)


class _Names:
    """The ids that exist, by kind."""

    def __init__(self, known: Mapping[str, Collection[str]]) -> None:
        self.known = known
        self.sets = {kind: set(ids) if isinstance(ids, list) else ids for kind, ids in known.items()}

    def missing(self, kind: str, used: Sequence[str], path: str) -> list[Problem]:
        return [
            Problem(message=f"{name!r} is not one of the {kind}", path=f"{path}[{n}]" if len(used) > 1 else path,
                    found=name, nearest=nearest(name, list(self.known[kind])))
            for n, name in enumerate(used) if name not in self.sets[kind]
        ]


def _doubles(known: dict[str, list[str]]) -> Iterator[Problem]:
    for kind, ids in known.items():
        first: dict[str, int] = {}
        for index, name in enumerate(ids):
            if name in first:
                place = "window.phases" if kind == "phases" else kind
                yield Problem(message=f"{name!r} occurs twice, first at index {first[name]}",
                              path=f"$.{place}[{index}]", found=name, expected="each id once")
            first.setdefault(name, index)


def _window(programme: Programme) -> Iterator[Problem]:
    window = programme.window
    if not window.days:
        yield Problem(message="the window has no days", path="$.window.days")
        return
    dates = [day.date for day in window.days]
    length = (dates[-1] - dates[0]).days + 1
    if length > LONGEST:
        yield Problem(message=f"from {dates[0]} to {dates[-1]} is too long for one event", path="$.window.days",
                      found=length, expected=f"at most {LONGEST} days")
        return
    for index, date in enumerate(dates):
        if date in dates[:index]:
            yield Problem(message="the day occurs twice", path=f"$.window.days[{index}].date", found=str(date))
    for number, phase in enumerate(window.phases):
        for date in phase.days:
            if date not in dates:
                yield Problem(message=f"phase {phase.name!r} names a day that is not in the window",
                              path=f"$.window.phases[{number}].days", found=str(date))
    try:
        blocks = window.blocks
    except ValueError as error:
        yield Problem(message=_without_advice(error), path="$.window.days",
                      expected="hours that the clocks of that day show once")
        return
    for (_, _, end), (day, start, _) in pairwise(blocks):
        if start < end:
            yield Problem(message=f"opening hours of {day} overlap those before them", path="$.window.days")


def _profiles(programme: Programme) -> Iterator[tuple[str, Profile]]:
    """Yield every profile, with its path."""
    profiles = [("$.cap", programme.cap)]
    profiles += [(f"$.teams[{index}].size", team.size) for index, team in enumerate(programme.teams)]
    profiles += [(f"$.rules[{index}].cap", getattr(rule, "cap", None)) for index, rule in enumerate(programme.rules)]
    yield from ((path, profile) for path, profile in profiles if isinstance(profile, Profile))


def _hours(programme: Programme, path: str, profile: Profile) -> Iterator[Problem]:
    """Yield the hours of a profile that a clock change skips or repeats on one of their days."""
    window = programme.window
    for number, period in enumerate(profile.periods):
        if period.hours is None:
            continue
        try:
            for date in period.days or [day.date for day in window.days]:
                period.hours.on(date, window.zone)
        except ValueError as error:
            yield Problem(message=_without_advice(error), path=f"{path}.periods[{number}].hours",
                          expected="hours that the clocks of each of its days show once, or a span")


def _without_advice(error: ValueError) -> str:
    """Return what a local time is refused for: hours cannot be written with an offset."""
    return str(error).removesuffix("; write the offset")


def _session(programme: Programme, session: Session, path: str, names: _Names) -> Iterator[Problem]:
    for index, role in enumerate(session.people):
        if role.person not in names.sets["people"]:
            yield Problem(message=f"session {session.id} names a person who does not exist",
                          path=f"{path}.people[{index}].person", found=role.person,
                          nearest=nearest(role.person, list(names.known["people"])))
    yield from names.missing("rooms", session.rooms, f"{path}.rooms")
    if session.fixed_room is not None:
        yield from names.missing("rooms", (session.fixed_room,), f"{path}.fixed_room")
    yield from names.missing("phases", session.phases, f"{path}.phases")
    for index, need in enumerate(session.teams):
        yield from names.missing("teams", (need.team,), f"{path}.teams[{index}].team")
    if programme.tracks and session.track:
        yield from names.missing("tracks", (session.track,), f"{path}.track")
    if programme.rooms and session.room_count > len(programme.rooms):
        yield Problem(message=f"session {session.id} needs more rooms than there are", path=f"{path}.room_count",
                      found=session.room_count, expected=f"at most {len(programme.rooms)}")
    longest = max((end - start for _, start, end in _blocks(programme)), default=0)
    shortest = min(session.durations)
    if longest and shortest > longest:
        yield Problem(message=f"session {session.id} is longer than every opening block", path=f"{path}.duration",
                      found=shortest, expected=f"at most {longest} minutes")


def _blocks(programme: Programme) -> tuple[tuple[object, int, int], ...]:
    try:
        return programme.window.blocks
    except ValueError:
        return ()


