"""Places by the piece: exactly these slots, exactly these prices.

- `SlotChoice`: sessions run exactly in given slots.
- `PlacePrices`, `PlacePrice`: what it costs to start at some times, to take so long, to be in a room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from attrs import field, frozen

from igfsched.grid import Instant, Span, instant, minute_of
from igfsched.primitives import ByVariant, Table, Unit
from igfsched.rule import Finding, Level, Per, Rule, finding
from igfsched.rules.common import ChosenRule, is_level
from igfsched.selector import EVERY, Selector
from igfsched.tuples import to_spans
from igfsched.window import filled, whole

if TYPE_CHECKING:
    from igfsched.facts import Facts, Ints
    from igfsched.programme import Programme
    from igfsched.timetable import Entry, Timetable


@frozen(kw_only=True)
class SlotChoice(ChosenRule):
    """The chosen sessions run exactly in one of the given slots, from its start to its end.

    Slots may overlap, and several may start at the same time.

    Measure: 1 for each chosen session whose start and end are not those of a slot. To relax it, give more slots.
    """

    name: ClassVar[str] = "slots"
    summary: ClassVar[str] = "sessions run exactly in given slots"
    unit: ClassVar[str] = "sessions"
    per: ClassVar[Per] = "session"

    selector: Selector = EVERY
    slots: tuple[Span, ...] = field(converter=to_spans)

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(sorted({end - start for start, end in (slot.minutes for slot in self.slots)}))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        starts: dict[int, Ints] = {}
        for start, end in (slot.minutes for slot in self.slots):
            tick = facts.tick_of(start)
            if tick is not None:
                starts.setdefault(end - start, np.ones(facts.n_ticks, dtype=np.int64))[tick] = 0
        nowhere = np.ones(facts.n_ticks, dtype=np.int64)
        for index, session in facts.each_session():
            if self.selector.matches(session, facts.programme):
                time = {v: starts.get(int(facts.variant_minutes[v]), nowhere) for v in facts.variants[index]}
                yield Unit(rule=self, sentence=f"{session.id} runs in one of its slots", sessions=(index,),
                           subject=session.id, primitives=[Table(session=index, time=time)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        slots = {slot.minutes for slot in self.slots}
        for entry in timetable.chosen(timetable.programme.select(self.selector)):
            if (entry.start, entry.end) not in slots:
                yield finding(self, 1, f"{entry.session.id} runs from {timetable.clock(entry.start)} to "
                              f"{timetable.clock(entry.end)}, which is none of its slots",
                              sessions=(entry.session.id,), start=entry.start, end=entry.end)


def _instants(values: Iterable[Instant]) -> tuple[Instant, ...]:
    return tuple(sorted({instant(value) for value in values}))


@frozen(kw_only=True)
class PlacePrice:
    """What a session pays for a place; each part that is given must hold.

    `starts`: to start at one of these times. `duration`: to take so many minutes. `room`: to use this room.
    """

    session: str = field(validator=filled)
    price: int = field(validator=whole(0))
    starts: tuple[Instant, ...] = field(default=(), converter=_instants)
    duration: int | None = field(default=None, validator=whole(1))
    room: str = ""

    def paid(self, entry: Entry) -> bool:
        """Say whether a session pays it at its place."""
        if self.duration not in (None, entry.length) or (self.room and self.room not in entry.rooms):
            return False
        return not self.starts or entry.start in {minute_of(start) for start in self.starts}


def _prices(values: Iterable[PlacePrice]) -> tuple[PlacePrice, ...]:
    return tuple(values)


@frozen(kw_only=True)
class PlacePrices(Rule):
    """Places have prices: starts, lengths and rooms of single sessions, and what they are together.

    Measure: for each session the prices of its place, added up. Soft unless said. To relax it, lower its weight,
    or the prices.
    """

    name: ClassVar[str] = "place_prices"
    summary: ClassVar[str] = "places have prices"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions", "rooms"})
    unit: ClassVar[str] = "price"

    level: Level = field(default="soft", validator=is_level)
    prices: tuple[PlacePrice, ...] = field(converter=_prices)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for id, rows in self._by_session().items():
            slot = facts.session_index[id]
            time: ByVariant = {}
            rooms = np.zeros(len(facts.programme.rooms), dtype=np.int64)
            room_time: dict[int, ByVariant] = {}
            for row in rows:
                if row.room and not row.starts and row.duration is None:
                    rooms[facts.room_index[row.room]] += row.price
                    continue
                into = room_time.setdefault(facts.room_index[row.room], {}) if row.room else time
                for variant in facts.variants[slot]:
                    if row.duration in (None, int(facts.variant_minutes[variant])):
                        self._add(facts, into, variant, row)
            yield Unit(rule=self, sentence=f"{id} has a cheap place", sessions=(slot,), subject=id,
                       primitives=[Table(session=slot, time=time, rooms=rooms if rooms.any() else None,
                                         room_time=room_time)])

    @staticmethod
    def _add(facts: Facts, into: ByVariant, variant: int, row: PlacePrice) -> None:
        cost = into.setdefault(variant, np.zeros(facts.n_ticks, dtype=np.int64))
        if not row.starts:
            cost += row.price
        for start in row.starts:
            tick = facts.tick_of(minute_of(start))
            if tick is not None:
                cost[tick] += row.price

    def _by_session(self) -> dict[str, list[PlacePrice]]:
        found: dict[str, list[PlacePrice]] = {}
        for row in self.prices:
            found.setdefault(row.session, []).append(row)
        return found

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        rows = self._by_session()
        for entry in timetable.entries:
            price = sum(row.price for row in rows.get(entry.session.id, ()) if row.paid(entry))
            if price:
                where = f" in {', '.join(entry.rooms)}" if entry.rooms else ""
                yield finding(self, price, f"{entry.session.id} at {timetable.clock(entry.start)}{where} costs {price}",
                              sessions=(entry.session.id,), rooms=entry.rooms, start=entry.start, end=entry.end)

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        for index, row in enumerate(self.prices):
            if row.session not in programme.sessions_by_id:
                yield f"prices[{index}].session", row.session, tuple(programme.sessions_by_id)
            if row.room and row.room not in programme.rooms_by_id:
                yield f"prices[{index}].room", row.room, tuple(programme.rooms_by_id)
