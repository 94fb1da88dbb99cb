"""What makes most rules of the catalogue state something: added to a programme around a planted schedule of it.

- `enriched`: a programme with all rules but those left out, and a schedule that obeys the hard ones.
- `LEFT_OUT`: rules that the figures of repairs were measured without.

What a rule asks for hard is chosen by looking at the planted schedule, so that it holds there: two sessions that
follow one another there have to do so from now on, a person may be absent where the schedule leaves the person free.
How much there is of everything is a guess at what an organiser of such a meeting writes down: a few names in each
relation, no rule about all pairs of sessions.

**Added to the sessions** (shares of them): other lengths (20 %, 30 minutes shorter), times that are allowed (6 %),
forbidden (4 %) or preferred (10 %), fixed starts (3 %, half of them with the room), preparation (mains and high-level
sessions), features, capacities and named rooms (together about 15 %), 12 tags on 8 sessions each, a track's
captioners and interpreters, tentative ones (5 %). One role in eight is optional; so is a role whose holder would
otherwise have no rest, or too many sessions on a day.

**Added to people and rooms**: absences where there are none (as in `generate`), weekly hours, available days; rooms
have features, capacities, and are closed during their longest idle times.

**Ceremonies.** A generated programme gets an opening before everything and a closing after it, see `ceremonies`.

**Tiers.** 1: comfort of regions and persons, nights; 2: overlaps of tracks, audiences, groups and optional roles,
preferred times; 3: days used, as in the preset. All other rules are hard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import pairwise

import attrs
import numpy as np
from attrs import define
from ceremonies import with_ceremonies

from igfsched.grid import Clock, Span, from_minute, local_date, local_minute, local_time, overlap
from igfsched.programme import (
    Group,
    Period,
    Person,
    Profile,
    Programme,
    Room,
    Series,
    Session,
    Team,
    TeamNeed,
    WeeklyHours,
)
from igfsched.rule import Rule
from igfsched.rules import (
    Apart,
    Attendance,
    Audience,
    BackToBack,
    Before,
    DailyMaximum,
    DifferentDays,
    Ease,
    FairPersons,
    Liking,
    NightLimit,
    OptionalPersonClash,
    Ordered,
    Preferred,
    Rest,
    SameDay,
    SameStart,
    Satisfaction,
    SeriesDistance,
    Spread,
)
from igfsched.schedule import Schedule
from igfsched.selector import Selector

REST, MOST_A_DAY = 30, 2
TAGS, SESSIONS_OF_A_TAG = 12, 8
LISTENERS = 12  # people who say what they like, and when they have time
EXCESS = 600  # comfort price from which a person's burden counts: an hour in the middle of the night
NOON, MIDNIGHT = 720, 1440

LEFT_OUT = frozenset({
    "duration_choice", "start_prices", "room_prices", "answers", "person_days", "person_span", "day_maximum",
    "night_rest", "same_room", "rotation", "co_interest", "quorum", "audience_comfort", "audience_reach", "balance",
    "idle", "track_rooms", "consecutive_tracks", "diversity", "level_flow", "crowd", "popular_rooms", "moves",
    "room_changes", "displacement", "notice", "slots", "place_prices", "cell_tracks", "cell_prices", "similar_tracks",
    "pairs_apart", "parallel_rooms", "track_order", "prerequisites", "pause", "topic_rooms",
    "topic_days",
})
"""Rules that the figures of repairs were measured without: they came later."""


def enriched(programme: Programme, planted: Schedule, seed: int = 0) -> tuple[Programme, Schedule]:
    """Return a programme with the rules of the catalogue, and its schedule; both are equal for equal arguments."""
    rng = np.random.default_rng([seed, len(programme.sessions), 38])
    if not any(rule.name == "plenary" for rule in programme.rules):
        programme, planted = with_ceremonies(programme, planted)
    draft = _Draft.of(programme, planted, rng)
    for step in STEPS:
        step(draft)
    return draft.finished(), planted


@define
class _Draft:
    """A programme in the making, beside the places that its sessions have in the planted schedule."""

    programme: Programme
    rng: np.random.Generator
    at: dict[str, tuple[int, int]]
    day: dict[str, int]  # the number of the programme day
    in_rooms: dict[str, tuple[str, ...]]
    sessions: dict[str, Session]
    people: dict[str, Person]
    rooms: dict[str, Room]
    taken: set[str]  # sessions that are in a relation already, or should be in none
    groups: list[Group]
    teams: list[Team]
    series: list[Series]
    rules: list[Rule]

    @classmethod
    def of(cls, programme: Programme, planted: Schedule, rng: np.random.Generator) -> _Draft:
        dates = [day.date for day in programme.window.days]
        return cls(
            programme=programme, rng=rng,
            at={place.session: place.minutes for place in planted},
            day={place.session: dates.index(local_date(place.minutes[0], programme.window.zone)) for place in planted},
            in_rooms={place.session: place.rooms for place in planted},
            sessions=dict(programme.sessions_by_id), people=dict(programme.people_by_id),
            rooms=dict(programme.rooms_by_id),
            taken={session.id for session in programme.sessions
                   if session.type == "ceremony" or session.room_count > 1 or session.rooms or session.duration > 120},
            groups=[], teams=[], series=[], rules=list(programme.rules),
        )

    def finished(self) -> Programme:
        return attrs.evolve(
            self.programme, sessions=tuple(self.sessions.values()), people=tuple(self.people.values()),
            rooms=tuple(self.rooms.values()), groups=self.groups, teams=self.teams, series=self.series,
            rules=self.rules,
        )

    @property
    def dates(self) -> list[date]:
        return [day.date for day in self.programme.window.days]

    def some(self, share: float, suits: Callable[[Session], bool] = lambda session: True) -> list[Session]:
        """Return a share of all sessions, at least one, of those that suit and are not `taken`, in random order."""
        suited = [s for s in self.sessions.values() if s.id not in self.taken and suits(s)]
        number = max(1, round(share * len(self.sessions)))
        return [suited[n] for n in self.rng.permutation(len(suited))[:number]]

    def change(self, session: str, **fields: object) -> None:
        self.sessions[session] = attrs.evolve(self.sessions[session], **fields)

    def busy(self, person: str) -> list[tuple[int, int]]:
        """Return when a person is needed in the planted schedule."""
        return [self.kept(s) for s in self.sessions.values() if person in s.required]

    def kept(self, session: Session) -> tuple[int, int]:
        start, end = self.at[session.id]
        return start - session.prepare_before, end + session.prepare_after

    def chain(self, length: int, fits: Callable[[Session, Session], bool], tries: int = 400) -> list[str]:
        """Return sessions, in the order of the planted schedule, every two of which fit; take them."""
        free = sorted((s for s in self.sessions.values() if s.id not in self.taken), key=lambda s: self.at[s.id])
        for _ in range(tries):
            found: list[Session] = []
            for n in self.rng.permutation(len(free)):
                if len(found) < length and all(fits(*sorted((free[n], s), key=free.index)) for s in found):
                    found.append(free[n])
            if len(found) == length:
                found.sort(key=free.index)
                self.taken |= {session.id for session in found}
                return [session.id for session in found]
        return []


def _lengths(draft: _Draft) -> None:
    for session in draft.some(0.2, lambda session: session.duration >= 90):
        draft.change(session.id, other_durations=(session.duration - 30,))


def _states(draft: _Draft) -> None:
    decided = local_minute(draft.dates[0] - timedelta(days=14), NOON, "UTC")
    for session in draft.some(0.05):
        draft.change(session.id, tentative=True, decide_by=from_minute(decided), state="announced")
    for session in draft.some(0.3, lambda session: not session.tentative):
        draft.change(session.id, state="confirmed")


def _times(draft: _Draft) -> None:
    dates = draft.dates
    for session in draft.some(0.06, lambda session: not session.allowed):
        day = draft.day[session.id]
        allowed = dates[max(0, day - int(draft.rng.integers(3))):day + 1 + int(draft.rng.integers(1, 3))]
        draft.change(session.id, allowed=[_span(day, 0, MIDNIGHT) for day in allowed])
    for session in draft.some(0.04):
        day = (draft.day[session.id] + int(draft.rng.integers(1, len(dates)))) % len(dates)
        draft.change(session.id, forbidden=[_span(dates[day], *_half(draft.rng))])
    for session in draft.some(0.10):
        days = draft.rng.permutation(len(dates))[:3]
        draft.change(session.id, preferred=[_span(dates[day], *_half(draft.rng)) for day in sorted(days)])
    draft.rules.append(Preferred(tier=2))


def _pins(draft: _Draft) -> None:
    for n, session in enumerate(draft.some(0.03, lambda session: not session.tentative)):
        room = {"fixed_room": draft.in_rooms[session.id][0]} if n % 2 == 0 else {}
        draft.change(session.id, fixed_start=from_minute(draft.at[session.id][0]), **room)
        draft.taken.add(session.id)


def _rooms(draft: _Draft) -> None:
    shared = [room for room in draft.programme.rooms if not room.reserved]
    for n, room in enumerate(shared):
        features = ("interpretation", "stage")[:max(0, 2 - n)]
        draft.rooms[room.id] = attrs.evolve(room, features=features, capacity=max(80, 400 >> n))
    for session in draft.some(0.06, lambda s: "interpretation" in draft.rooms[draft.in_rooms[s.id][0]].features):
        draft.change(session.id, features=("interpretation",))
    for session in draft.some(0.04, lambda s: draft.in_rooms[s.id] == (shared[0].id,)):
        draft.change(session.id, capacity=250)
    for session in draft.some(0.05):
        another = shared[int(draft.rng.integers(len(shared)))].id
        if not (session.features or session.capacity):
            draft.change(session.id, rooms=(draft.in_rooms[session.id][0], another))
    step = draft.programme.window.grid.step
    for room in shared:
        held = sorted(draft.at[id] for id, rooms in draft.in_rooms.items() if room.id in rooms)
        idle = [(end + draft.programme.changeover, start) for (_, end), (start, _) in pairwise(held)
                if local_date(end, "UTC") == local_date(start, "UTC")]
        idle = [(start, min(end, start + NOON // 4)) for start, end in idle if end - start >= 2 * step]
        longest = sorted(idle, key=lambda gap: gap[0] - gap[1])[:2]
        spans = [Span(from_minute(start), from_minute(end)) for start, end in sorted(longest)]
        draft.rooms[room.id] = attrs.evolve(draft.rooms[room.id], closed=spans)


def _teams(draft: _Draft) -> None:
    cap = draft.programme.cap.value if draft.programme.cap else len(draft.programme.rooms)
    early = Period(value=1, hours=Clock("00:00", "08:00"))
    draft.teams += [Team(id="captioners", size=cap), Team(id="interpreters", size=Profile(value=2, periods=[early]))]
    for session in draft.some(0.4):
        draft.change(session.id, teams=[TeamNeed(team="captioners")])
    chosen: list[str] = []
    for session in draft.some(0.3):
        start, end = draft.at[session.id]
        beside = [id for id in chosen if overlap((start, end), draft.at[id])]
        # Two at a time in the usual hours is more than enough for one beside this; alone in the early ones.
        if len(beside) <= (start % MIDNIGHT >= NOON * 2 // 3) - 1 + (not beside):
            chosen.append(session.id)
            draft.change(session.id, teams=[*session.teams, TeamNeed(team="interpreters")])


def _optional_roles(draft: _Draft) -> None:
    for session in draft.sessions.values():
        drawn = {person: draft.rng.random() < 1 / 8 for person in session.attending[1:]}
        draft.change(session.id, people=[
            attrs.evolve(role, required=not drawn.get(role.person, False)) for role in session.people])
    for session in draft.some(1.0, lambda session: session.type in ("main", "high-level")):
        start, end = draft.at[session.id]
        kept = [other for person in session.required if not draft.people[person].placeholder
                for other in (*(span.minutes for span in draft.people[person].busy),
                              *(busy for busy in draft.busy(person) if busy != (start, end)))]
        if not any(overlap((start - 30, end), other) for other in kept):
            draft.change(session.id, prepare_before=20, prepare_after=0)


def _rest(draft: _Draft) -> None:
    """Make roles optional where a person would have no rest, or too much on a day."""
    by_person: dict[str, list[Session]] = defaultdict(list)
    for session in sorted(draft.sessions.values(), key=lambda session: draft.at[session.id]):
        for person in session.required:
            if not draft.people[person].placeholder:
                by_person[person].append(session)
    for person, sessions in by_person.items():
        zone, kept = draft.people[person].zone or draft.programme.window.zone, list[Session]()
        for session in sessions:
            start, day = draft.kept(session)[0], local_date(draft.at[session.id][0], zone)
            same = sum(local_date(draft.at[other.id][0], zone) == day for other in kept)
            if same >= MOST_A_DAY or any(start < draft.kept(other)[1] + REST for other in kept):
                people = [attrs.evolve(role, required=role.required and role.person != person)
                          for role in draft.sessions[session.id].people]
                draft.change(session.id, people=people)
            else:
                kept.append(session)
    draft.rules += [Rest(minutes=REST), DailyMaximum(most=MOST_A_DAY), OptionalPersonClash(tier=2)]


def _people(draft: _Draft) -> None:
    known = any(person.busy for person in draft.people.values())
    for person in draft.programme.people:
        needed, kind = draft.busy(person.id), draft.rng.random()
        zone = person.zone or "UTC"
        if person.placeholder:
            continue
        if kind < 0.3 and not known:
            days = [draft.dates[n] for n in draft.rng.permutation(len(draft.dates))[:draft.rng.integers(1, 5)]]
            spans = [_span(day, *_half(draft.rng), zone) for day in sorted(days)]
            free = [span for span in spans if not any(overlap(span.minutes, other) for other in needed)]
            draft.people[person.id] = attrs.evolve(person, busy=free)
        elif 0.3 <= kind < 0.34 and person.zone and all(_by_day(span, zone) for span in needed):
            draft.people[person.id] = attrs.evolve(person, weekly=[WeeklyHours(hours=Clock("06:00", "23:00"))])
        elif 0.34 <= kind < 0.37 and needed:
            first, last = (local_date(edge(times), "UTC") for edge, times in
                           ((min, [a for a, _ in needed]), (max, [b for _, b in needed])))
            span = Span(from_minute(local_minute(first - timedelta(days=2), 0, "UTC")),
                        from_minute(local_minute(last + timedelta(days=3), 0, "UTC")))
            draft.people[person.id] = attrs.evolve(person, available=[span])


def _interests(draft: _Draft) -> None:
    tags: dict[str, list[str]] = defaultdict(list)
    for n in range(TAGS):
        for session in draft.some(min(0.2, SESSIONS_OF_A_TAG / len(draft.sessions))):
            tags[session.id].append(f"tag {n + 1}")
    for id, names in tags.items():
        draft.change(id, tags=names)
    draft.rules.append(Audience(tier=2))
    named = [person.id for person in draft.people.values() if not person.placeholder][:LISTENERS]
    blocks = draft.programme.window.blocks
    draft.rules.append(Satisfaction(
        measure="missed", tier=3,
        likings=[Liking(person=person, session=session, value=1 + n % 3)
                 for n, person in enumerate(named) for session in list(draft.sessions)[2 * n:2 * n + 1]],
        eases=[Ease(person=person, start=from_minute(minute), value=(minute // 60 + n) % 4)
               for n, person in enumerate(named) for _, start, end in blocks for minute in range(start, end, 60)],
    ))
    for track in draft.programme.track_ids:
        sessions = sorted((s for s in draft.sessions.values() if s.track == track), key=lambda s: draft.at[s.id])
        members = dict.fromkeys(p for s in sessions for p in s.required[:2] if not draft.people[p].placeholder)
        if len(sessions) > 2 and members:
            draft.groups.append(Group(id=f"organisers of {track}", members=list(members)[:6]))
            draft.rules.append(Attendance(selector=Selector(ids=sessions[0].id), group=f"organisers of {track}",
                                          tier=2, label=track))
            later = [s.id for s in sessions[1:] if draft.at[s.id][0] >= draft.at[sessions[0].id][1]][:6]
            if later:
                draft.rules.append(Before(first=Selector(ids=sessions[0].id), then=Selector(ids=later), label=track))
    draft.rules += [
        NightLimit(tier=1, weight=30), FairPersons(measure="excess", threshold=EXCESS, tier=1), SeriesDistance(),
    ]


def _relations(draft: _Draft) -> None:
    at, day = draft.at, draft.day

    def gap(a: Session, b: Session) -> int:
        return at[b.id][0] - at[a.id][1]

    def strangers(a: Session, b: Session) -> bool:
        return not set(a.required) & set(b.required)

    def relate(number: int, length: int, fits: Callable[[Session, Session], bool],
               rule: Callable[[list[str], str], Rule], name: str) -> None:
        for n in range(number):
            # A small programme has shorter chains.
            found = next(filter(None, (draft.chain(shorter, fits) for shorter in range(length, 1, -1))), [])
            if found:
                draft.rules.append(rule(found, f"{name} {n + 1}"))

    between = draft.programme.changeover
    chosen, twice = _chosen, 2 if len(draft.sessions) > 100 else 1
    relate(twice, 2, lambda a, b: gap(a, b) == between and day[a.id] == day[b.id],
           lambda ids, label: BackToBack(sessions=ids, label=label), "workshop")
    relate(twice, 2, lambda a, b: at[a.id][0] == at[b.id][0] and strangers(a, b),
           lambda ids, label: SameStart(selector=chosen(ids), label=label), "hubs")
    relate(twice, 3, lambda a, b: gap(a, b) >= 30,
           lambda ids, label: Ordered(sessions=ids, gap=30, label=label), "course")
    relate(twice, 3, lambda a, b: day[a.id] == day[b.id], lambda ids, label: SameDay(selector=chosen(ids), label=label),
           "theme")
    relate(twice, min(5, len(draft.dates)), lambda a, b: day[a.id] != day[b.id],
           lambda ids, label: DifferentDays(selector=chosen(ids), label=label), "hosts")
    relate(1, min(4, 1 + (len(draft.dates) - 1) // 2), lambda a, b: day[b.id] - day[a.id] >= 2,
           lambda ids, label: Spread(selector=chosen(ids), days=2, label=label), "reports")
    relate(1, 6, lambda a, b: gap(a, b) >= 0, lambda ids, label: Apart(selector=chosen(ids), label=label), "debates")


def _series(draft: _Draft) -> None:
    for n in range(3 if len(draft.sessions) > 100 else 1):
        pair = draft.chain(2, lambda a, b: draft.day[a.id] < draft.day[b.id] and a.type == b.type)
        if pair:
            draft.series.append(Series(id=f"series {n + 1}", sessions=pair, days_apart=_days_apart(draft, *pair)))
    again = [id for id in draft.sessions if id.endswith("-REPEAT")]
    for id in again:
        pair = [id.removesuffix("-REPEAT"), id]
        draft.series.append(Series(id=f"series of {pair[0]}", sessions=pair, days_apart=_days_apart(draft, *pair)))


STEPS = (
    _lengths, _states, _times, _pins, _rooms, _teams, _optional_roles, _rest, _people, _interests, _series, _relations,
)


def _days_apart(draft: _Draft, first: str, second: str) -> int:
    return (draft.dates[draft.day[second]] - draft.dates[draft.day[first]]).days


def _chosen(ids: Iterable[str]) -> Selector:
    return Selector(ids=ids)


def _span(day: date, start: int, end: int, zone: str = "UTC") -> Span:
    return Span(from_minute(local_minute(day, start, zone)), from_minute(local_minute(day, end, zone)))


def _half(rng: np.random.Generator) -> tuple[int, int]:
    """Return the minutes of the first or second half of a day, or of all of it."""
    return ((0, NOON), (NOON, MIDNIGHT), (0, MIDNIGHT))[int(rng.integers(3))]


def _by_day(span: tuple[int, int], zone: str) -> bool:
    """Say whether a span lies between 06:00 and 23:00 of a zone."""
    start, end = (local_time(minute, zone) for minute in span)
    return start.date() == end.date() and start.hour >= 6 and (end.hour, end.minute) <= (23, 0)

