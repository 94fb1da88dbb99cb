"""What the hours cost the people who have to be awake for them.

- `Comfort`: the sum over sessions and people of the price of the person's local hours.
- `burdens`: who carries how much of it, from a timetable (for audits).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from attrs import field, frozen

from igfsched.comfort import DEFAULT_BANDS, Band, bands
from igfsched.grid import clock_minutes, offset_at
from igfsched.primitives import Table, Unit
from igfsched.programme import Person, Session
from igfsched.rule import Finding, Level, Per, Rule, finding
from igfsched.rules.common import is_level
from igfsched.selector import names

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.primitives import ByVariant
    from igfsched.timetable import Entry, Timetable

    Prices = Callable[[Person, int], Ints | None]

PRICED = frozenset({"sessions.people", "sessions.prerecorded", "people.zone", "people.comfort"})
"""What prices of hours depend on."""
Stretches = tuple[tuple[int, int, int], ...]
"""Stretches of the local day that cost something: first minute, length, price per minute."""


@frozen(kw_only=True)
class ComfortRule(Rule):
    """Base of the rules that price local hours. `bands` hold for everybody without bands of their own."""

    level: Level = field(default="soft", validator=is_level)
    bands: tuple[Band, ...] = field(default=DEFAULT_BANDS, converter=bands)

    def prices(self, facts: Facts) -> Prices:
        """Return the function from (person, variant) to what it costs the person, by start tick.

        It gives None for a person without a zone, and the same array wherever zone, bands and duration
        are equal.
        """

        common, minutes = facts.timeline.prices(self.bands), facts.variant_minutes

        def of(person: Person, variant: int) -> Ints | None:
            if person.zone is None:
                return None
            prices = facts.timeline.prices(person.comfort) if person.comfort else common
            return prices.of(person.zone, int(minutes[variant]))

        return of


@frozen(kw_only=True)
class Comfort(ComfortRule):
    """Sessions lie in comfortable local hours of the people who have to be awake for them.

    `roles`: only people who have one of these in the session count (any role, unless said). Rules side by side,
    each with a label, give each role bands of its own. Bands of the person's own come before those of the rule.

    Measure: over sessions and people with a zone, each person once per session, the price per minute of
    the person's local clock added up over the session. Prerecorded sessions cost nothing. Soft unless
    said; to give it less say, lower its weight, or the prices of its `bands`.
    """

    name: ClassVar[str] = "comfort"
    summary: ClassVar[str] = "sessions lie in comfortable local hours"
    unit: ClassVar[str] = "comfort price"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = PRICED

    roles: tuple[str, ...] = field(default=(), converter=names)

    def _counts(self, session: Session) -> tuple[str, ...]:
        """Return the people of a session who count, each once."""
        if not self.roles or session.prerecorded:
            return session.attending
        return tuple(dict.fromkeys(role.person for role in session.people if role.role in self.roles))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        price = self.prices(facts)
        for index, session in facts.each_session():
            people = [facts.programme.person(person) for person in self._counts(session)]
            # Most sessions have several people of one zone: each array is added once, times their number.
            time: ByVariant = {}
            for v in facts.variants[index]:
                arrays = [array for person in people if (array := price(person, v)) is not None]
                if arrays:
                    time[v] = weighted_sum(arrays)
            if time:
                yield Unit(rule=self, sentence=f"{session.id} lies in comfortable hours of its people",
                           sessions=(index,), subject=session.id, primitives=[Table(session=index, time=time)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry, prices in entry_prices(timetable, self):
            if self.roles:
                counting = {role.person for role in entry.session.people if role.role in self.roles}
                prices = {person: price for person, price in prices.items() if person in counting}
            total = sum(prices.values())
            if total:
                worst = max(prices, key=lambda person: prices[person])
                yield finding(
                    self, total, f"{entry.session.id} at {timetable.clock(entry.start)} costs its people {total}, most "
                    f"of all {worst}, for whom it is {timetable.own_time(entry.start, worst)} ({prices[worst]})",
                    sessions=(entry.session.id,), people=tuple(p for p, price in prices.items() if price),
                    start=entry.start, end=entry.end,
                )


def weighted_sum(arrays: Iterable[Ints]) -> Ints:
    """Return the sum of arrays; one that occurs several times is multiplied, not added again."""
    times: dict[int, int] = {}
    distinct: dict[int, Ints] = {}
    for array in arrays:
        times[id(array)] = times.get(id(array), 0) + 1
        distinct[id(array)] = array
    total: Ints | None = None
    for key, array in distinct.items():
        part = array if times[key] == 1 else array * times[key]
        total = part if total is None else total + part
    assert total is not None
    return total


def entry_prices(timetable: Timetable, rule: ComfortRule) -> Iterator[tuple[Entry, dict[str, int]]]:
    """Yield each entry with what it costs each of its people with a zone."""
    stretches = cache(_stretches)
    for entry in timetable.entries:
        found: dict[str, int] = {}
        known: dict[tuple[str, tuple[Band, ...]], int] = {}
        for id in entry.session.attending:
            person = timetable.programme.person(id)
            if person.zone is not None:
                key = (person.zone, person.comfort)
                if key not in known:
                    known[key] = integral(stretches(person.comfort or rule.bands), person.zone, entry.start, entry.end)
                found[id] = known[key]
        yield entry, found


def burdens(timetable: Timetable, rule: ComfortRule) -> dict[str, int]:
    """Return the comfort price that each person with a zone carries, also those who carry none."""
    found = {person.id: 0 for person in timetable.programme.people if person.zone is not None}
    for _, prices in entry_prices(timetable, rule):
        for person, price in prices.items():
            found[person] += price
    return found


def comfort_price(held: tuple[Band, ...], zone: str, start: int, end: int) -> int:
    """Return what the minutes [start, end) of UTC cost by some bands in a zone."""
    return integral(_stretches(held), zone, start, end)


def integral(stretches: Stretches, zone: str, start: int, end: int) -> int:
    """Return what the minutes [start, end) of UTC cost in a zone, by its wall clock."""
    offset = offset_at(start, zone)
    if offset_at(end, zone) == offset:
        return _local_integral(stretches, start + offset, end + offset)
    # The clocks change in between: minute by minute.
    local = [minute + offset_at(minute, zone) for minute in range(start, end)]
    return sum(_local_integral(stretches, minute, minute + 1) for minute in local)


def _local_integral(stretches: Stretches, start: int, end: int) -> int:
    """Return what [start, end) costs, minutes of the wall clock: each stretch comes once a day."""
    total = 0
    for first, length, price in stretches:
        (days_before, before), (days_after, after) = divmod(start - first, 1440), divmod(end - first, 1440)
        total += price * ((days_after - days_before) * length + min(after, length) - min(before, length))
    return total


def _stretches(held: tuple[Band, ...]) -> Stretches:
    return tuple((clock_minutes(band.start), band.clock.length, band.price) for band in held if band.price)
