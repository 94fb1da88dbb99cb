"""The question: everything that is to be scheduled, where and when it may be, and who takes part.

- `Window`, `Profile` and their parts: when, see `igfsched.window`.
- `Room`, `Team`, `Track`, `Group`, `Series`, `Share`: what sessions need and belong to.
- `Person`, `WeeklyHours`: who takes part, where on the globe, and when they can.
- `Session`, `Role`: what is to be placed, and what people do in it.
- `Programme`: all of it, checked as a whole when it is made.

All are values: immutable, compared by content. Times are instants of UTC; durations are minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from attrs import Attribute, field, fields_dict, frozen, validators

from igfsched.comfort import Band, bands
from igfsched.errors import InputError
from igfsched.grid import Clock, Instant, Span, instant, zone_name
from igfsched.rule import Rule
from igfsched.selector import EVERY, Selector, names
from igfsched.tuples import (
    by_id_after,
    exchanged,
    same_names,
    to_groups,
    to_numbers,
    to_people,
    to_rooms,
    to_rules,
    to_series,
    to_sessions,
    to_shares,
    to_spans,
    to_team_needs,
    to_teams,
    to_texts,
    to_tracks,
    to_weekly_hours,
)
from igfsched.window import Blackout as Blackout
from igfsched.window import Day as Day
from igfsched.window import Grid as Grid
from igfsched.window import Period as Period
from igfsched.window import Phase as Phase
from igfsched.window import Profile as Profile
from igfsched.window import Window as Window
from igfsched.window import filled
from igfsched.window import whole as whole

State = Literal["draft", "announced", "confirmed"]


def _optional_instant(value: str | datetime | None) -> Instant | None:
    return None if value is None else instant(value)


def _optional_zone(value: str | None) -> str | None:
    return None if value is None else zone_name(value)


def _size(value: int | Profile) -> Profile:
    return Profile(value=value) if isinstance(value, int) else value


@frozen(kw_only=True)
class Room:
    """A physical room or a meeting channel.

    `changeover`: idle minutes after each session (None: the programme's). `closed`: times in which it
    cannot be used. `reserved`: only for sessions that name it in `Session.rooms`.
    """

    id: str = field(validator=filled)
    features: tuple[str, ...] = field(default=(), converter=names)
    capacity: int | None = field(default=None, validator=whole(0))
    changeover: int | None = field(default=None, validator=whole(0))
    closed: tuple[Span, ...] = field(default=(), converter=to_spans)
    reserved: bool = False


@frozen(kw_only=True)
class Team:
    """Shared people or licences of which `size` units exist (interpreters, captioners, hosts)."""

    id: str = field(validator=filled)
    size: Profile = field(converter=_size)


@frozen(kw_only=True)
class TeamNeed:
    """Units of a shared team that a session needs while it runs."""

    team: str
    units: int = field(default=1, validator=whole(1))


@frozen(kw_only=True)
class Track:
    """A theme that runs through the programme.

    `cap`: how many of its sessions may run at the same time. `audience`: who is expected in its sessions, where
    these say nothing themselves.
    """

    id: str = field(validator=filled)
    title: str = ""
    cap: int | None = field(default=None, validator=whole(1))
    audience: tuple[Share, ...] = field(default=(), converter=to_shares)


@frozen(kw_only=True)
class Group:
    """People who belong together: a working group, the organisers of a track."""

    id: str = field(validator=filled)
    members: tuple[str, ...] = field(default=(), converter=names)


def _weekdays(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(values)))


@frozen(kw_only=True)
class WeeklyHours:
    """Hours of the person's own clock on some weekdays (0 Monday to 6 Sunday)."""

    hours: Clock
    weekdays: tuple[int, ...] = field(default=(0, 1, 2, 3, 4, 5, 6), converter=_weekdays)

    @weekdays.validator
    def _check(self, _: object, value: tuple[int, ...]) -> None:
        if not value or any(isinstance(day, bool) or not isinstance(day, int) or not 0 <= day <= 6 for day in value):
            raise ValueError(f"weekdays are numbers from 0 (Monday) to 6 (Sunday), not {value!r}")


def _own_bands(values: Iterable[Band]) -> tuple[Band, ...]:
    values = tuple(values)
    return bands(values) if values else ()


@frozen(kw_only=True)
class Person:
    """Somebody who takes part.

    `zone`: IANA name, or None if not known (then no comfort is computed). `available`: if given, only
    then; `weekly`: if given, only in these hours of the person's own clock; `busy`: never then.
    `placeholder`: not named yet (counts for comfort, but has no clashes and no availability).
    """

    id: str = field(validator=filled)
    zone: str | None = field(default=None, converter=_optional_zone)
    zone_assumed: bool = False
    region: str = ""
    stakeholder: str = ""
    available: tuple[Span, ...] = field(default=(), converter=to_spans)
    weekly: tuple[WeeklyHours, ...] = field(default=(), converter=to_weekly_hours)
    busy: tuple[Span, ...] = field(default=(), converter=to_spans)
    comfort: tuple[Band, ...] = field(default=(), converter=_own_bands)
    placeholder: bool = False
    tags: tuple[str, ...] = field(default=(), converter=names)

    def __attrs_post_init__(self) -> None:
        if self.weekly and self.zone is None:
            raise ValueError(f"person {self.id} has weekly hours but no zone")


@frozen(kw_only=True)
class Role:
    """What a person does in a session, and whether the session cannot be held without."""

    person: str
    role: str = "speaker"
    required: bool = True


def _roles(values: Iterable[Role | str]) -> tuple[Role, ...]:
    return tuple(Role(person=value) if isinstance(value, str) else value for value in values)


@frozen(kw_only=True)
class Share:
    """A part of the expected audience, by region or by zone: `people` of them."""

    people: int = field(validator=whole(0))
    region: str = ""
    zone: str | None = field(default=None, converter=_optional_zone)

    def __attrs_post_init__(self) -> None:
        if bool(self.region) == (self.zone is not None):
            raise ValueError("a share of an audience has either a region or a zone")


@frozen(kw_only=True)
class Session:
    """One item to be placed.

    - `duration` in minutes; `other_durations` are accepted alternatives, best first.
    - `rooms`: the only rooms it may use (none given: any room that is not reserved); `room_count` of
      them at the same time; `features` and `capacity` that each of them must have.
    - `phases`: the phases in which it may be (none given: any time of the window).
    - `allowed` / `forbidden` / `preferred`: spans in which it must, must not, should lie.
    - `prepare_before`, `prepare_after`: minutes for which its people are needed around it.
    - `prerecorded`: nobody has to be awake for it.
    - `tentative` with `decide_by`: holds a place that may be dropped.
    - `priority`: what leaving it out costs, against other sessions.
    """

    id: str = field(validator=filled)
    duration: int = field(validator=whole(1))
    title: str = ""
    type: str = ""
    track: str = ""
    tags: tuple[str, ...] = field(default=(), converter=names)
    other_durations: tuple[int, ...] = field(
        default=(), converter=to_numbers, validator=validators.deep_iterable(whole(1))
    )
    people: tuple[Role, ...] = field(default=(), converter=_roles)
    features: tuple[str, ...] = field(default=(), converter=names)
    capacity: int | None = field(default=None, validator=whole(0))
    rooms: tuple[str, ...] = field(default=(), converter=names)
    room_count: int = field(default=1, validator=whole(1))
    teams: tuple[TeamNeed, ...] = field(default=(), converter=to_team_needs)
    fixed_start: Instant | None = field(default=None, converter=_optional_instant)
    fixed_room: str | None = None
    phases: tuple[str, ...] = field(default=(), converter=names)
    allowed: tuple[Span, ...] = field(default=(), converter=to_spans)
    forbidden: tuple[Span, ...] = field(default=(), converter=to_spans)
    preferred: tuple[Span, ...] = field(default=(), converter=to_spans)
    priority: int = field(default=1, validator=whole(1))
    state: State = field(default="draft", validator=validators.in_(("draft", "announced", "confirmed")))
    tentative: bool = False
    decide_by: Instant | None = field(default=None, converter=_optional_instant)
    prepare_before: int = field(default=0, validator=whole(0))
    prepare_after: int = field(default=0, validator=whole(0))
    prerecorded: bool = False
    audience: tuple[Share, ...] = field(default=(), converter=to_shares)
    language: str = ""
    audience_level: int | None = field(default=None, validator=whole(0))
    demand: int | None = field(default=None, validator=whole(0))

    @property
    def durations(self) -> tuple[int, ...]:
        """All accepted durations in minutes, best first."""
        return (self.duration, *(d for d in self.other_durations if d != self.duration))

    @cached_property
    def attending(self) -> tuple[str, ...]:
        """The ids of its people, each once; nobody for a prerecorded session."""
        return () if self.prerecorded else tuple(dict.fromkeys(role.person for role in self.people))

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The ids of the people without whom it cannot be held, each once."""
        return () if self.prerecorded else tuple(dict.fromkeys(r.person for r in self.people if r.required))


@frozen(kw_only=True)
class Series:
    """Sessions that are held again: repeats in order, `days_apart` calendar days from one to the next."""

    id: str = field(validator=filled)
    sessions: tuple[str, ...] = field(converter=to_texts)
    days_apart: int | None = field(default=None, validator=whole(0))


def _profile(value: int | Profile | None) -> Profile | None:
    return Profile(value=value) if isinstance(value, int) and not isinstance(value, bool) else value  # type: ignore[return-value]


Exchange = dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]]
"""By field of a programme: what is gone from it and what came, by identity."""


def _converted(owner: object, attribute: Attribute[Any], value: Any) -> Any:
    """Return a value as a field keeps it; ValueError if the field refuses it."""
    if attribute.converter is not None:
        value = attribute.converter(value)  # type: ignore[operator]  # no field here has one that asks for more
    if attribute.validator is not None:
        attribute.validator(owner, attribute, value)
    return value


@frozen(kw_only=True)
class Programme:
    """All that is to be scheduled, and the rules that say what a good schedule is.

    `cap`: most sessions that may run at the same time (a number, a `Profile`, or None for no cap).
    `changeover`: idle minutes of a room between two sessions. `preset` names the rules that hold
    unless `rules` replaces them: a rule listed there takes the place of those of its name.

    Raises InputError with every inconsistency found: ids that occur twice, names of nothing,
    sessions longer than every opening block.
    """

    window: Window
    sessions: tuple[Session, ...] = field(converter=to_sessions)
    title: str = ""
    rooms: tuple[Room, ...] = field(default=(), converter=to_rooms)
    people: tuple[Person, ...] = field(default=(), converter=to_people)
    tracks: tuple[Track, ...] = field(default=(), converter=to_tracks)
    groups: tuple[Group, ...] = field(default=(), converter=to_groups)
    teams: tuple[Team, ...] = field(default=(), converter=to_teams)
    series: tuple[Series, ...] = field(default=(), converter=to_series)
    audience: tuple[Share, ...] = field(default=(), converter=to_shares)
    cap: Profile | None = field(default=None, converter=_profile)
    changeover: int = field(default=0, validator=whole(0))
    preset: str = "default"
    rules: tuple[Rule, ...] = field(default=(), converter=to_rules)

    def __attrs_post_init__(self) -> None:
        from igfsched.consistency import inconsistencies

        problems = inconsistencies(self)
        if problems:
            raise InputError(problems, self.title or "programme")

    def successor(self, **fields: Any) -> Programme:
        """Return this programme with other fields: the same as `attrs.evolve`, at a cost that goes with what differs.

        Only what has become another object is converted and checked. Raises InputError with every
        inconsistency of the new programme, as if it were made from scratch.
        """
        from igfsched.consistency import inconsistencies, still_fits

        new = object.__new__(type(self))
        exchange: Exchange = {}
        for name, attribute in fields_dict(type(self)).items():
            value = old = getattr(self, name)
            if name in fields:
                value = _converted(new, attribute, fields.pop(name))
                if isinstance(value, tuple):
                    exchange[name] = exchanged(old, value)
                    value = value if any(exchange[name]) else old
            object.__setattr__(new, name, value)
        if fields:
            raise TypeError(f"a programme has no {', '.join(fields)}")
        new._take_over(self, exchange)
        if not still_fits(self, new, exchange):
            problems = inconsistencies(new)
            if problems:
                raise InputError(problems, new.title or "programme")
        return new

    def _take_over(self, old: Programme, exchange: Exchange) -> None:
        """Keep what was found out about the programme before this one, brought up to date."""
        people, sessions = exchange.get("people", ((), ())), exchange.get("sessions", ((), ()))
        known: dict[str, Any] = {
            "people_by_id": by_id_after(old.people_by_id, self.people, *people),
            "sessions_by_id": by_id_after(old.sessions_by_id, self.sessions, *sessions),
            "rooms_by_id": by_id_after(old.rooms_by_id, self.rooms, *exchange.get("rooms", ((), ()))),
        }
        if same_names("region", old.regions, *people):
            known["regions"] = old.regions
        if self.tracks is old.tracks and same_names("track", old.track_ids, *sessions):
            known["track_ids"] = old.track_ids
        for name, value in known.items():
            object.__setattr__(self, name, value)

    @cached_property
    def people_by_id(self) -> dict[str, Person]:
        return {person.id: person for person in self.people}

    @cached_property
    def sessions_by_id(self) -> dict[str, Session]:
        return {session.id: session for session in self.sessions}

    @cached_property
    def rooms_by_id(self) -> dict[str, Room]:
        return {room.id: room for room in self.rooms}

    def person(self, id: str) -> Person:
        """Return the person of this id."""
        return self.people_by_id[id]

    def session(self, id: str) -> Session:
        """Return the session of this id."""
        return self.sessions_by_id[id]

    def room(self, id: str) -> Room:
        """Return the room of this id."""
        return self.rooms_by_id[id]

    def changeover_of(self, room: Room) -> int:
        """Return the idle minutes that a room needs after each session."""
        return self.changeover if room.changeover is None else room.changeover

    def select(self, selector: Selector = EVERY) -> tuple[Session, ...]:
        """Return the sessions that a selector chooses, in the programme's order."""
        return tuple(session for session in self.sessions if selector.matches(session, self))

    @cached_property
    def track_ids(self) -> tuple[str, ...]:
        """The ids of all tracks that are declared or used by a session, sorted."""
        return tuple(sorted({t.id for t in self.tracks} | {s.track for s in self.sessions if s.track}))

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The regions from which somebody comes, sorted."""
        return tuple(sorted({person.region for person in self.people if person.region}))
