"""What single choices cost, as tables: starts, rooms, durations, and what organisers have said.

- `StartPrices`, `RoomPrices`: a price for some starts, or for some rooms.
- `DurationChoice`: sessions take the first of their durations.
- `Answers`: what organisers have said to a time that they were asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from attrs import field, frozen, validators

from igfsched.grid import Instant, Span, instant, merge_spans, minute_of, overlap, text_of
from igfsched.primitives import Table, Unit, same_for
from igfsched.programme import whole
from igfsched.rule import Finding, Level, Per, Rule, finding
from igfsched.rules.common import ChosenRule, is_level, minutes_of
from igfsched.selector import EVERY, Selector
from igfsched.tuples import to_spans
from igfsched.window import filled

if TYPE_CHECKING:
    from igfsched.facts import Facts
    from igfsched.programme import Programme, Session
    from igfsched.timetable import Timetable

Said = Literal["accepted", "declined", "waiting"]
Choice = Literal["place", "minutes"]


@frozen(kw_only=True)
class StartPrice:
    """What it costs to start at an instant."""

    start: Instant = field(converter=instant)
    price: int = field(validator=whole(0))


@frozen(kw_only=True)
class RoomPrice:
    """What it costs to use a room: for a session, for those of a track, or for all, if neither is named."""

    room: str = field(validator=filled)
    price: int = field(validator=whole(0))
    session: str = ""
    track: str = ""

    def __attrs_post_init__(self) -> None:
        if self.session and self.track:
            raise ValueError("a room has a price for a session or for a track, not for both at once")


@frozen(kw_only=True)
class Answer:
    """What the organisers of a session said when they were asked about a start.

    `times`: with `declined`, those that would do instead.
    """

    session: str = field(validator=filled)
    start: Instant = field(converter=instant)
    answer: Said = field(validator=validators.in_(("accepted", "declined", "waiting")))
    times: tuple[Span, ...] = field(default=(), converter=to_spans)

    def __attrs_post_init__(self) -> None:
        if self.times and self.answer != "declined":
            raise ValueError(f"other times belong to an answer of declined, not of {self.answer}")


def _start_prices(values: Iterable[StartPrice]) -> tuple[StartPrice, ...]:
    return tuple(values)


def _room_prices(values: Iterable[RoomPrice]) -> tuple[RoomPrice, ...]:
    return tuple(values)


def _answers(values: Iterable[Answer]) -> tuple[Answer, ...]:
    return tuple(values)


@frozen(kw_only=True)
class StartPrices(ChosenRule):
    """Sessions start at the times that are cheap for them.

    `prices` is a table of starts with their prices; a start that is not in it costs `otherwise`. `selector` says
    for which sessions the table holds (all, unless said).

    Measure: for each chosen session, the price of its start. Soft unless said. To relax it, lower its weight, or
    the prices.
    """

    name: ClassVar[str] = "start_prices"
    summary: ClassVar[str] = "sessions start at the times that are cheap for them"
    unit: ClassVar[str] = "price"
    per: ClassVar[Per] = "session"

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    prices: tuple[StartPrice, ...] = field(converter=_start_prices)
    otherwise: int = field(default=0, validator=whole(0))

    @prices.validator
    def _check(self, _: object, value: tuple[StartPrice, ...]) -> None:
        starts = [row.start for row in value]
        twice = sorted({text_of(start) for start in starts if starts.count(start) > 1})
        if twice:
            raise ValueError(f"a start has one price, and {twice[0]} has several")

    def lower(self, facts: Facts) -> Iterator[Unit]:
        price = np.full(facts.n_ticks, self.otherwise, dtype=np.int64)
        for row in self.prices:
            tick = facts.tick_of(minute_of(row.start))
            if tick is not None:
                price[tick] = row.price
        for index, session in facts.each_session():
            if self.selector.matches(session, facts.programme):
                yield Unit(rule=self, sentence=f"{session.id} starts at a cheap time", sessions=(index,),
                           subject=session.id,
                           primitives=[Table(session=index, time=same_for(facts.variants[index], price))])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        prices = {minute_of(row.start): row.price for row in self.prices}
        for entry in timetable.chosen(timetable.programme.select(self.selector)):
            price = prices.get(entry.start, self.otherwise)
            if price:
                yield finding(self, price, f"{entry.session.id} starts at {timetable.clock(entry.start)}, which costs "
                              f"{price}", sessions=(entry.session.id,), start=entry.start, end=entry.end)


@frozen(kw_only=True)
class RoomPrices(Rule):
    """Sessions are in the rooms that are cheap for them.

    `prices` is a table: each row prices a room for a session, for the sessions of a track, or for all.

    Measure: for each session and room that it uses, the prices of all rows that speak of both, added up. Soft
    unless said. To relax it, lower its weight, or the prices.
    """

    name: ClassVar[str] = "room_prices"
    summary: ClassVar[str] = "sessions are in the rooms that are cheap for them"
    unit: ClassVar[str] = "price"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions.track", "rooms"})

    level: Level = field(default="soft", validator=is_level)
    prices: tuple[RoomPrice, ...] = field(converter=_room_prices)

    def lower(self, facts: Facts) -> Iterator[Unit]:
        rows: dict[tuple[str, str], list[RoomPrice]] = {}
        for row in self.prices:
            rows.setdefault((row.session, row.track), []).append(row)
        for index, session in facts.each_session():
            keys = {("", ""), ("", session.track), (session.id, "")}
            own = [row for key in keys for row in rows.get(key, ())]
            if not own:
                continue
            price = np.zeros(len(facts.programme.rooms), dtype=np.int64)
            for row in own:
                price[facts.room_index[row.room]] += row.price
            yield Unit(rule=self, sentence=f"{session.id} is in a cheap room", sessions=(index,), subject=session.id,
                       primitives=[Table(session=index, rooms=price)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.entries:
            for room in entry.rooms:
                price = sum(row.price for row in self.prices if row.room == room and _is_for(row, entry.session))
                if price:
                    yield finding(self, price, f"{entry.session.id} is in {room}, which costs {price}",
                                  sessions=(entry.session.id,), rooms=(room,), start=entry.start, end=entry.end)

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        for index, row in enumerate(self.prices):
            for kind, name, known in (("room", row.room, tuple(programme.rooms_by_id)),
                                      ("session", row.session, tuple(programme.sessions_by_id)),
                                      ("track", row.track, programme.track_ids)):
                if name and name not in known:
                    yield f"prices[{index}].{kind}", name, known


def _is_for(row: RoomPrice, session: Session) -> bool:
    return row.session in ("", session.id) and row.track in ("", session.track)


@frozen(kw_only=True)
class DurationChoice(ChosenRule):
    """Sessions take the first of their durations.

    Measure, by `measure`: `place`, for each chosen session, the place of its length among `Session.durations`,
    the first of which is 0 (a length that is none of them counts as one more than the last); `minutes`, the
    minutes by which its length differs from `Session.duration`. Soft unless said. To relax it, lower its weight.
    """

    name: ClassVar[str] = "duration_choice"
    summary: ClassVar[str] = "sessions take the first of their durations"
    unit: ClassVar[str] = "places in the list, or minutes"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions"})

    level: Level = field(default="soft", validator=is_level)
    selector: Selector = EVERY
    measure: Choice = field(default="minutes", validator=validators.in_(("place", "minutes")))

    @property
    def measured_in(self) -> str:
        return "places in the list" if self.measure == "place" else "minutes"

    def lower(self, facts: Facts) -> Iterator[Unit]:
        for index, session in facts.each_session():
            if len(session.durations) == 1 or not self.selector.matches(session, facts.programme):
                continue
            time = {}
            for place, v in enumerate(facts.variants[index]):
                price = place if self.measure == "place" else abs(int(facts.variant_minutes[v]) - session.duration)
                time[v] = np.full(facts.n_ticks, price, dtype=np.int64)
            yield Unit(rule=self, sentence=f"{session.id} takes {minutes_of(session.duration)}", sessions=(index,),
                       subject=session.id, primitives=[Table(session=index, time=time)])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for entry in timetable.chosen(timetable.programme.select(self.selector)):
            durations = entry.session.durations
            if self.measure == "minutes":
                amount = abs(entry.length - durations[0])
            else:
                amount = durations.index(entry.length) if entry.length in durations else len(durations)
            if amount:
                yield finding(self, amount, f"{entry.session.id} takes {minutes_of(entry.length)}, where "
                              f"{durations[0]} would be best", sessions=(entry.session.id,),
                              start=entry.start, end=entry.end)


@frozen(kw_only=True)
class Answers(Rule):
    """Sessions start when their organisers said yes, and not when they said no.

    `answers` says what the organisers of a session said about a start: `accepted`, `declined` (perhaps with
    other times that would do), or `waiting`, if they have not said anything yet. A session may have several.

    Measure: over the answers, `accepted` for each that is yes, if the session starts at another time; `waiting`
    for each that is still to come, likewise; `declined` for each that is no, if the session starts at that time,
    or if other times were given and it does not lie in them as a whole. Soft unless said. To relax it, lower the
    prices of the answers.
    """

    name: ClassVar[str] = "answers"
    summary: ClassVar[str] = "sessions start when their organisers said yes, and not when they said no"
    unit: ClassVar[str] = "price"
    per: ClassVar[Per] = "session"
    reads: ClassVar[frozenset[str] | None] = frozenset({"sessions"})

    level: Level = field(default="soft", validator=is_level)
    answers: tuple[Answer, ...] = field(converter=_answers)
    accepted: int = field(default=3, validator=whole(0))
    waiting: int = field(default=1, validator=whole(0))
    declined: int = field(default=5, validator=whole(0))

    def lower(self, facts: Facts) -> Iterator[Unit]:
        by_session: dict[str, list[Answer]] = {}
        for answer in self.answers:
            by_session.setdefault(answer.session, []).append(answer)
        for index, session in facts.each_session():
            own = by_session.get(session.id, [])
            if not own:
                continue
            time = {}
            for v in facts.variants[index]:
                total = np.zeros(facts.n_ticks, dtype=np.int64)
                for answer in own:
                    there = facts.minutes == minute_of(answer.start)
                    if answer.answer != "declined":
                        total += np.where(there, 0, self._price(answer))
                        continue
                    wrong = there
                    if answer.times:
                        length = int(facts.variant_minutes[v])
                        inside = facts.minutes_within(merge_spans([span.minutes for span in answer.times]), length)
                        wrong = there | (inside < length)
                    total += np.where(wrong, self._price(answer), 0)
                time[v] = total
            yield Unit(rule=self, sentence=f"{session.id} starts as its organisers said", sessions=(index,),
                       subject=session.id, primitives=[Table(session=index, time=time)])

    def _price(self, answer: Answer) -> int:
        return {"accepted": self.accepted, "waiting": self.waiting, "declined": self.declined}[answer.answer]

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        for answer in self.answers:
            entry = timetable.by_session.get(answer.session)
            if entry is None:
                continue
            there, price = entry.start == minute_of(answer.start), self._price(answer)
            asked = timetable.clock(minute_of(answer.start))
            if answer.answer != "declined":
                wrong = not there
                why = f"its organisers {'accepted' if answer.answer == 'accepted' else 'were asked about'} {asked}"
            else:
                inside = [overlap((entry.start, entry.end), span) for span in
                          merge_spans([span.minutes for span in answer.times])]
                wrong = there or (bool(answer.times) and sum(inside) < entry.length)
                why = f"its organisers declined {asked}" + (" and gave other times" if answer.times else "")
            if wrong and price:
                yield finding(self, price, f"{entry.session.id} starts at {timetable.clock(entry.start)}, but {why}",
                              sessions=(entry.session.id,), start=entry.start, end=entry.end)

    def problems(self, programme: Programme) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        known = tuple(programme.sessions_by_id)
        for index, answer in enumerate(self.answers):
            if answer.session not in programme.sessions_by_id:
                yield f"answers[{index}].session", answer.session, known
