"""Tiny programmes at random, and the best that any schedule of them can reach, by trying all."""

from __future__ import annotations

from itertools import product

import numpy as np

from igfsched.comfort import Band
from igfsched.facts import Places
from igfsched.grid import Clock, Span, from_minute
from igfsched.lowering import Lowered
from igfsched.programme import Day, Grid, Period, Person, Phase, Profile, Programme, Role, Room, Session, Window
from igfsched.rule import Rule
from igfsched.rules import (
    Apart,
    Before,
    Comfort,
    Compact,
    DifferentDays,
    FairPersons,
    FairRegions,
    ParallelCap,
    Placed,
    Plenary,
    Preferred,
    SameDay,
    TrackParallel,
)  # fmt: skip
from igfsched.selector import Selector

ZONES = ("America/New_York", "Asia/Kolkata", "Europe/Paris", "Pacific/Auckland")
BANDS = (
    Band(start="00:00", end="07:30", price=7), Band(start="07:30", end="09:00", price=2),
    Band(start="09:00", end="17:10", price=0), Band(start="17:10", end="24:00", price=3),
)


def tiny_programme(seed: int) -> Programme:
    """Return a programme of three sessions on one or two short days, with rules at random."""
    random = np.random.default_rng(seed)

    def some(*values: object) -> object:
        return values[random.integers(len(values))]

    step = 30
    dates = ["2020-10-24", "2020-10-25"] if random.random() < 0.6 else ["2020-11-09"]
    hours = Clock("08:00", str(some("10:00", "11:00", "12:00")))
    window = Window(days=[Day(date=date, hours=[hours]) for date in dates], grid=Grid(step=step),
                    zone=str(some("UTC", "Europe/Paris")), phases=[Phase(name="first", days=dates[:1])])
    first = window.blocks[0][1]
    people = [
        Person(id=f"p{n}", zone=str(some(*ZONES)), region=str(some("north", "south")),
               busy=[_span(first + 60 * int(random.integers(0, 3)), 60)] if random.random() < 0.3 else [])
        for n in range(4)
    ]
    rooms = [Room(id="a", closed=[_span(first, 60)] if random.random() < 0.3 else []), Room(id="b")]
    rooms = rooms[: int(some(1, 2, 2))]  # type: ignore[call-overload]
    sessions = []
    for n in range(3):
        chosen = random.choice(4, size=int(random.integers(0, 3)), replace=False)
        sessions.append(Session(
            id=f"s{n}", duration=int(some(30, 60, 90)), other_durations=[60] if random.random() < 0.2 else [],  # type: ignore[call-overload]
            track=str(some("", "data")), people=[Role(person=f"p{p}", required=random.random() < 0.8) for p in chosen],
            phases=["first"] if random.random() < 0.15 else [], priority=int(some(1, 1, 2)),  # type: ignore[call-overload]
            preferred=[_span(first, 90)] if random.random() < 0.3 else [],
            rooms=["a"] if random.random() < 0.2 else [],
            prepare_before=30 if random.random() < 0.2 else 0,
        ))
    cap = some(None, 1, 2, Profile(value=2, periods=[Period(value=1, hours=Clock("09:00", "10:00"))]))
    return Programme(window=window, people=people, rooms=rooms, sessions=sessions, changeover=int(some(0, 30)),  # type: ignore[call-overload]
                     cap=cap, rules=_rules(random))  # type: ignore[arg-type]


def _span(start: int, length: int) -> Span:
    return Span(from_minute(start), from_minute(start + length))


def _rules(random: np.random.Generator) -> list[Rule]:
    def maybe(chance: float) -> bool:
        return bool(random.random() < chance)

    def level() -> str:
        return "hard" if maybe(0.4) else "soft"

    def tier() -> int:
        return int(random.integers(1, 3))

    one, two = Selector(ids=["s0"]), Selector(ids=["s1", "s2"])
    rules: list[Rule] = [Placed(level="hard" if maybe(0.5) else "soft")]
    if maybe(0.8):
        rules.append(Comfort(bands=BANDS, tier=tier(), weight=int(random.integers(1, 4))))
    measures = ("largest", "spread", "excess")
    if maybe(0.7):
        measure = measures[random.integers(3)]
        rules.append(FairRegions(bands=BANDS, tier=tier(), weight=3, measure=measure, threshold=40))
    if maybe(0.4):
        measure = measures[random.integers(3)]
        rules.append(FairPersons(bands=BANDS, tier=tier(), weight=2, measure=measure, threshold=40))
    if maybe(0.5):
        rules.append(Compact(tier=tier(), weight=50, measure=("days", "earliest", "last_end")[random.integers(3)]))
    if maybe(0.4):
        rules.append(Before(first=one, then=two, gap=int(random.choice([0, 30])), level=level(), tier=tier()))
    if maybe(0.3):
        rules.append(Apart(selector=Selector(ids=["s0", "s2"]), level=level(), tier=tier()))
    if maybe(0.3):
        rules.append(Plenary(selector=one, level=level(), tier=tier()))
    if maybe(0.3):
        rules.append(DifferentDays(selector=two, level=level(), tier=tier(), weight=20))
    if maybe(0.3):
        rules.append(SameDay(selector=Selector(), level=level(), tier=tier(), weight=30))
    if maybe(0.4):
        rules.append(Preferred(tier=tier()))
    if maybe(0.5):
        rules.append(TrackParallel(level=level(), tier=tier(), weight=2))
    if maybe(0.2):
        rules.append(ParallelCap(level="soft", tier=tier(), cap=1, weight=3))
    return rules


def best_by_trying(lowered: Lowered) -> tuple[int, ...]:
    """Return the least score by tier of any schedule that breaks no hard rule, sessions left out first."""
    facts = lowered.facts
    options: list[list[tuple[int, int, tuple[int, ...]]]] = []
    rooms = range(len(lowered.programme.rooms))
    for session in range(facts.n):
        own = [(variant, int(facts.starts[column])) for variant in facts.variants[session]
               for column in np.flatnonzero(lowered.allowed[variant])]
        choices: list[tuple[int, ...]] = [(room,) for room in rooms if lowered.room_allowed[session, room]]
        options.append([(*place, room) for place in own for room in (choices if rooms else [()])] + [(-1, -1, ())])
    hard = [unit for unit in lowered.units if unit.rule.hard and unit.rule.name != "placed"]
    best: tuple[int, ...] | None = None
    for chosen in product(*options):
        places = Places(np.array([c[0] for c in chosen]), np.array([c[1] for c in chosen]), tuple(c[2] for c in chosen))
        absent = sum(int(lowered.absent[s]) for s, c in enumerate(chosen) if c[0] < 0)
        if best is not None and absent > best[0]:
            continue
        if any(unit.value(places) for unit in hard):
            continue
        score = lowered.score(places)
        key = (absent, *(score[tier] for tier in lowered.tiers))
        best = key if best is None or key < best else best
    assert best is not None
    return best

