"""What the hours cost the people who have to be awake for them.

- `Comfort`: the sum over sessions and people of the price of the person's local hours.
- `burdens`: who carries how much of it, from a timetable (for audits).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from attrs import field, frozen

from igfsched.comfort import DEFAULT_BANDS, Band, bands, price_by_minute
from igfsched.grid import offset_at
from igfsched.primitives import Table, Unit
from igfsched.programme import Person
from igfsched.rule import Finding, Level, Rule, finding

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.timetable import Entry, Timetable


@frozen(kw_only=True)
class ComfortRule(Rule):
    """Base of the rules that price local hours. `bands` hold for everybody without bands of their own."""

    level: Level = "soft"
    bands: tuple[Band, ...] = field(default=DEFAULT_BANDS, converter=bands)

    def bands_of(self, person: Person) -> tuple[Band, ...]:
        """Return the comfort bands of a person."""
        return person.comfort or self.bands

    def person_price(self, facts: Facts, person: Person, variant: int) -> Ints | None:
        """Return what a variant costs a person, by start tick, or None if the person has no zone."""
        if person.zone is None:
            return None
        return facts.comfort(person.zone, self.bands_of(person), int(facts.variant_minutes[variant]))


@frozen(kw_only=True)
class Comfort(ComfortRule):
    """Sessions lie in comfortable local hours of the people who have to be awake for them.

    Measure: over sessions and people with a zone, each person once per session, the price per minute of
    the person's local clock added up over the session. Prerecorded sessions cost nothing.
    """

    name: ClassVar[str] = "comfort"
    summary: ClassVar[str] = "sessions lie in comfortable local hours"
    unit: ClassVar[str] = "comfort price"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for index, session in enumerate(facts.programme.sessions):
            people = [facts.programme.person(person) for person in session.attending]
            counts: dict[tuple[str, tuple[Band, ...]], int] = {}
            for person in people:
                if person.zone is not None:
                    key = (person.zone, self.bands_of(person))
                    counts[key] = counts.get(key, 0) + 1
            if counts:
                time = {
                    v: sum(number * facts.comfort(zone, held, int(facts.variant_minutes[v]))
                           for (zone, held), number in counts.items())
                    for v in facts.variants[index]
                }
                yield Unit(rule=self, sentence=f"{session.id} lies in comfortable hours of its people",
                           sessions=(index,), primitives=[Table(session=index, time=time)])  # type: ignore[arg-type]

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.entries:
            prices = person_prices(timetable, entry, self)
            total = sum(prices.values())
            if total:
                worst = max(prices, key=lambda person: prices[person])
                yield finding(
                    self, total, f"{entry.session.id} at {timetable.clock(entry.start)} costs its people {total}, most "
                    f"of all {worst}, for whom it is {timetable.own_time(entry.start, worst)} ({prices[worst]})",
                    sessions=(entry.session.id,), people=tuple(p for p, price in prices.items() if price),
                    start=entry.start, end=entry.end,
                )


def person_prices(timetable: Timetable, entry: Entry, rule: ComfortRule) -> dict[str, int]:
    """Return what an entry costs each of its people with a zone: the integral of the price over its minutes."""
    found = {}
    for id in entry.session.attending:
        person = timetable.programme.person(id)
        if person.zone is not None:
            price = price_by_minute(rule.bands_of(person))
            found[id] = integral(price.tolist(), person.zone, entry.start, entry.end)
    return found


def integral(price: list[int], zone: str, start: int, end: int) -> int:
    """Return the sum of a price per local minute of the day over the UTC minutes [start, end)."""
    offset = offset_at(start, zone)
    if offset_at(end, zone) == offset:
        first = (start + offset) % 1440
        return sum(price[minute % 1440] for minute in range(first, first + end - start))
    return sum(price[(minute + offset_at(minute, zone)) % 1440] for minute in range(start, end))


def burdens(timetable: Timetable, rule: ComfortRule) -> dict[str, int]:
    """Return the comfort price that each person with a zone carries, also those who carry none."""
    found = {person.id: 0 for person in timetable.programme.people if person.zone is not None}
    for entry in timetable.entries:
        for person, price in person_prices(timetable, entry, rule).items():
            found[person] += price
    return found
