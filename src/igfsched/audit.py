"""The truth about a schedule, from its times and rooms alone: findings, score, who carries what. No solver.

- `audit(programme, schedule)`: the one entry.
- `Audit`: its outcome.
- `RuleScore`: what one rule finds, added up.
- `Burden`, `Burdens`: what people, regions, tracks, days and roles carry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property

from attrs import field, frozen

from igfsched.comfort import DEFAULT_NIGHT, Band
from igfsched.grid import clock_minutes
from igfsched.programme import Person, Programme, Session
from igfsched.reach import Reach, any_price, reach
from igfsched.rule import Finding, Level, Rule
from igfsched.rules import active_rules
from igfsched.rules.comfort import Comfort, ComfortRule, Stretches, integral
from igfsched.schedule import Schedule
from igfsched.texttables import html_table
from igfsched.timetable import Entry, Timetable

UNPLACED_TIER = 0
"""The tier of unplaced sessions, which come before every other cost."""


@frozen(kw_only=True)
class RuleScore:
    """What one active rule finds in all: `amount` in the rule's `unit`, `cost` = weight x amount if it is soft.

    `tier` is the one in which the cost counts, `UNPLACED_TIER` for hard rules and for `placed`.
    """

    rule: str
    level: Level
    tier: int
    weight: int
    amount: int
    cost: int
    unit: str
    findings: int


@frozen(kw_only=True)
class Burden:
    """What a person or a group carries. Minutes and prices are added up over people and sessions.

    - `sessions`: different sessions; `people`: different people in them (for a region: all its people).
    - `minutes`: person-minutes in sessions, whether or not a zone is known.
    - `price`, `night_minutes`, `uncomfortable_minutes`: comfort price, minutes in the local 23:00-07:00, and minutes
      that cost anything at all, of the people with a zone, `with_zone` of them.
    """

    name: str
    people: int
    with_zone: int
    sessions: int
    minutes: int
    price: int
    night_minutes: int
    uncomfortable_minutes: int

    @property
    def mean_price(self) -> float | None:
        """Price per person with a zone, or None if there is nobody with a zone."""
        return self.price / self.with_zone if self.with_zone else None

    def to_dict(self) -> dict[str, str | int | float | None]:
        """Return plain values for JSON."""
        mean = self.mean_price
        return {
            "name": self.name, "people": self.people, "with_zone": self.with_zone, "sessions": self.sessions,
            "minutes": self.minutes, "price": self.price, "night_minutes": self.night_minutes,
            "uncomfortable_minutes": self.uncomfortable_minutes,
            "mean_price": None if mean is None else round(mean, 2),
        }


@frozen(kw_only=True)
class Burdens:
    """The burdens of all, by person, region, track, programme day and role, and those added up.

    Persons and roles: worst first. Regions: by mean price, worst first. Tracks by name, days by date. A
    person with several roles in a session counts once in each of these roles, and once everywhere else.
    Sessions without a track, people without a region and starts on no programme day have the name "".
    """

    total: Burden
    persons: tuple[Burden, ...]
    regions: tuple[Burden, ...]
    tracks: tuple[Burden, ...]
    days: tuple[Burden, ...]
    roles: tuple[Burden, ...]


@frozen(kw_only=True)
class Audit:
    """What is wrong with a schedule, what it costs, and who bears that.

    - `rules`: the rules that were held against it; `score_by_rule`: what each found, in the same order.
    - `findings`: hard ones first, then by tier, in a stable order.
    - `score`: cost by tier; `UNPLACED_TIER` holds the priorities of the unplaced sessions.
    - `unplaced`: sessions without a place; `days_used`: programme days on which a session starts.
    """

    programme: Programme = field(repr=False)
    schedule: Schedule = field(repr=False)
    rules: tuple[Rule, ...] = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    score_by_rule: tuple[RuleScore, ...] = field(repr=False)
    score: dict[int, int] = field(hash=False)
    unplaced: tuple[str, ...]
    days_used: tuple[date, ...]

    @cached_property
    def timetable(self) -> Timetable:
        """The schedule laid beside its programme."""
        return Timetable(self.programme, self.schedule)

    @cached_property
    def hard(self) -> tuple[Finding, ...]:
        """The findings of hard rules."""
        return tuple(finding for finding in self.findings if finding.level == "hard")

    @property
    def valid(self) -> bool:
        """Whether no hard rule is violated."""
        return not self.hard

    @cached_property
    def burdens(self) -> Burdens:
        """Who carries how much."""
        return _burdens(self.timetable, self.rules)

    @cached_property
    def reach(self) -> Reach:
        """Which part of the expected audience has comfortable hours, by the bands of the comfort rule that holds."""
        return reach(self.timetable, comfort_rule(self.rules).bands)

    def summary(self) -> str:
        """Return the verdict, the score and the burden in a few lines of text."""
        total = self.burdens.total
        days = f"{len(self.days_used)} day{'s' if len(self.days_used) != 1 else ''}"
        return "\n".join([
            self._verdict(),
            "  score: " + ", ".join(f"{tier_name(tier)} {cost}" for tier, cost in self.score.items()),
            f"  {len(self.schedule)} of {len(self.programme.sessions)} sessions placed, on {days}",
            f"  comfort price {total.price}, {total.night_minutes} night minutes",
        ])

    def _verdict(self) -> str:
        if self.valid:
            return "valid: no hard rule is violated"
        count = len(self.hard)
        return f"not valid: {count} hard finding{'s' if count != 1 else ''}"

    def _repr_html_(self) -> str:
        rows = [[s.rule, s.level, str(s.amount), s.unit, str(s.cost)] for s in self.score_by_rule]
        return html_table(self._verdict(), ["rule", "level", "amount", "unit", "cost"], rows)


def audit(programme: Programme, schedule: Schedule) -> Audit:
    """Return what the active rules of a programme find in a schedule, and who carries what.

    Raises InputError if the schedule names sessions or rooms that the programme does not have.
    """
    timetable = Timetable(programme, schedule)
    rules = active_rules(programme)
    findings: list[tuple[int, Finding]] = []
    scores = []
    for index, rule in enumerate(rules):
        found = list(rule.findings(timetable))
        findings += [(index, finding) for finding in found]
        scores.append(RuleScore(
            rule=rule.key, level=rule.level, tier=_tier(rule), weight=rule.weight, unit=rule.measured_in,
            amount=sum(f.amount for f in found), cost=sum(f.cost for f in found), findings=len(found),
        ))
    days = {timetable.day_of(entry.start) for entry in timetable.entries}
    return Audit(
        programme=programme, schedule=schedule, rules=rules, findings=tuple(f for _, f in sorted(findings, key=_order)),
        score_by_rule=tuple(scores), score=_score(timetable, rules, scores),
        unplaced=tuple(session.id for session in timetable.unplaced),
        days_used=tuple(sorted(day for day in days if day is not None)),
    )


def _tier(rule: Rule) -> int:
    return UNPLACED_TIER if rule.hard or rule.name == "placed" else rule.tier


def tier_name(tier: int) -> str:
    """Return what a tier is called in texts."""
    return "unplaced" if tier == UNPLACED_TIER else f"tier {tier}"


def _score(timetable: Timetable, rules: tuple[Rule, ...], scores: list[RuleScore]) -> dict[int, int]:
    """Return the cost by tier. Unplaced sessions count by priority, or one each if no rule asks for places."""
    asked = any(rule.name == "placed" for rule in rules)
    found = {UNPLACED_TIER: sum(session.priority if asked else 1 for session in timetable.unplaced)}
    found |= dict.fromkeys(sorted({score.tier for score in scores} - {UNPLACED_TIER}), 0)
    for score in scores:
        if score.tier != UNPLACED_TIER:
            found[score.tier] += score.cost
    return found


def _order(indexed: tuple[int, Finding]) -> tuple[object, ...]:
    index, finding = indexed
    start = -1 if finding.start is None else finding.start
    return (finding.level != "hard", finding.tier if finding.level != "hard" else 0, index, start, finding.sessions,
            finding.people, finding.rooms, finding.sentence)


def comfort_rule(rules: tuple[Rule, ...]) -> ComfortRule:
    """Return the rule by whose bands hours are judged: `comfort` if it holds, else the first that prices hours."""
    comfort = [rule for rule in rules if isinstance(rule, ComfortRule)]
    return next((rule for rule in comfort if rule.name == Comfort.name), (comfort or [Comfort()])[0])


class _Prices:
    """Price, night and uncomfortable minutes on a zone's clock, each (zone, bands, time) computed once."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.stretches: dict[tuple[Band, ...], Stretches] = {(): _stretches(comfort_rule(rules).bands)}
        self.night = ((clock_minutes(DEFAULT_NIGHT.start), DEFAULT_NIGHT.length, 1),)
        self.known: dict[object, tuple[int, int, int]] = {}

    def of(self, person: Person, start: int, end: int) -> tuple[int, int, int] | None:
        """Return (price, night minutes, uncomfortable minutes) in the UTC minutes [start, end), None without a zone."""
        zone, own = person.zone, person.comfort
        if zone is None:
            return None
        key = (zone, own, start, end)
        cost = self.known.get(key)
        if cost is None:
            if own not in self.stretches:
                self.stretches[own] = _stretches(own)
            priced = self.stretches[own]
            cost = self.known[key] = (integral(priced, zone, start, end), integral(self.night, zone, start, end),
                                      integral(any_price(priced), zone, start, end))
        return cost


def _stretches(bands: tuple[Band, ...]) -> Stretches:
    return tuple((clock_minutes(band.start), band.clock.length, band.price) for band in bands if band.price)


class _Sum:
    """A burden while it is added up."""

    def __init__(self) -> None:
        self.sessions: set[str] = set()
        self.people: set[str] = set()
        self.with_zone: set[str] = set()
        self.minutes = self.price = self.night = self.uncomfortable = 0

    def add(self, entry: Entry, person: str, cost: tuple[int, int, int] | None) -> None:
        self.sessions.add(entry.session.id)
        self.people.add(person)
        self.minutes += entry.end - entry.start
        if cost is not None:
            self.with_zone.add(person)
            self.price += cost[0]
            self.night += cost[1]
            self.uncomfortable += cost[2]

    def burden(self, name: str) -> Burden:
        return Burden(name=name, people=len(self.people), with_zone=len(self.with_zone), sessions=len(self.sessions),
                      minutes=self.minutes, price=self.price, night_minutes=self.night,
                      uncomfortable_minutes=self.uncomfortable)


def _burdens(timetable: Timetable, rules: tuple[Rule, ...]) -> Burdens:
    programme = timetable.programme
    prices = _Prices(rules)
    total = _Sum()
    persons = {person.id: _Sum() for person in programme.people}
    regions = {person.region: _Sum() for person in programme.people}
    tracks: dict[str, _Sum] = {session.track: _Sum() for session in programme.sessions}
    days: dict[str, _Sum] = {}
    roles: dict[str, _Sum] = {}
    for person in programme.people:  # those in no session count in the mean of their region
        sums = (total, persons[person.id], regions[person.region])
        for sum_ in sums:
            sum_.people.add(person.id)
            if person.zone is not None:
                sum_.with_zone.add(person.id)
    for entry in timetable.entries:
        session = entry.session
        day = timetable.day_of(entry.start)
        of_day = days.setdefault("" if day is None else day.isoformat(), _Sum())
        of_track = tracks[session.track]
        for sum_ in (of_day, of_track, total):
            sum_.sessions.add(session.id)
        held = _roles(session)
        for id in session.attending:
            person = programme.person(id)
            cost = prices.of(person, entry.start, entry.end)
            for sum_ in (total, persons[id], regions[person.region], of_track, of_day):
                sum_.add(entry, id, cost)
            for role in held[id]:
                roles.setdefault(role, _Sum()).add(entry, id, cost)
    return Burdens(
        total=total.burden("all"),
        persons=_listed(persons, _worst),
        regions=_listed(regions, lambda burden: (-(burden.mean_price or 0), burden.name)),
        tracks=_listed(tracks, lambda burden: (burden.name == "", burden.name)),
        days=_listed(days, lambda burden: (burden.name == "", burden.name)),
        roles=_listed(roles, _worst),
    )


def _roles(session: Session) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for role in session.people:
        found.setdefault(role.person, set()).add(role.role)
    return found


def _worst(burden: Burden) -> tuple[object, ...]:
    return (-burden.price, -burden.night_minutes, -burden.minutes, burden.name)


def _listed(sums: dict[str, _Sum], key: Callable[[Burden], tuple[object, ...]]) -> tuple[Burden, ...]:
    found: Iterable[Burden] = (sum_.burden(name) for name, sum_ in sums.items())
    return tuple(sorted(found, key=key))
