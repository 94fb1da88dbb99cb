"""Tiny programmes to condense, and what each point of them costs at best, by trying all."""

from __future__ import annotations

from functools import cache
from itertools import product

import attrs
import numpy as np

from igfsched.audit import audit
from igfsched.grid import Clock, Span, from_minute
from igfsched.programme import Day, Grid, Person, Phase, Programme, Session, Window
from igfsched.rule import Rule
from igfsched.rules import Before, Comfort, Compact, DifferentDays, FairRegions
from igfsched.schedule import Placement, Schedule
from igfsched.selector import Selector

DATES = ("2020-11-09", "2020-11-10", "2020-11-11")
CAPS, DAYS = (1, 2, 3), (1, 2, 3)

Truth = dict[tuple[int, int], tuple[int, ...] | None]


def tiny(seed: int) -> Programme:
    """Return a programme of three sessions on three days of two or three hours, with rules at random."""
    random = np.random.default_rng(seed)
    hours = [Clock("08:00", ("10:00", "11:00")[random.integers(2)]) for _ in DATES]
    if random.random() < 0.5:  # alike days: the hour problem merges them
        hours = hours[:1] * 3
    phased = random.random() < 0.4
    window = Window(days=[Day(date=date, hours=[clock]) for date, clock in zip(DATES, hours, strict=True)],
                    grid=Grid(step=60),
                    phases=[Phase(name="one", days=DATES[:1]), Phase(name="two", days=DATES[1:])] if phased else ())
    first = window.blocks[random.integers(3)][1]
    people = [
        Person(id="p0", zone="America/New_York", region="west"),
        Person(id="p1", zone="Asia/Kolkata", region="east",
               busy=[Span(from_minute(first), from_minute(first + 60))] if random.random() < 0.4 else ()),
        Person(id="p2", zone="Pacific/Auckland", region="south"),
    ]
    sessions = [
        Session(id=f"s{n}", duration=int(random.choice([60, 60, 120])), track="data" if random.random() < 0.5 else "",
                people=[f"p{p}" for p in random.choice(3, size=int(random.integers(0, 3)), replace=False)],
                phases=[("one", "two")[random.integers(2)]] if phased and random.random() < 0.6 else ())
        for n in range(3)
    ]
    rules: list[Rule] = []
    if random.random() < 0.3:
        rules.append(DifferentDays(selector=Selector(ids=("s0", "s1"))))
    if random.random() < 0.3:
        rules.append(Before(first=Selector(ids=("s0",)), then=Selector(ids=("s2",))))
    if random.random() < 0.3:
        rules += [Comfort(tier=2), FairRegions(tier=2), Compact(tier=1)]
    return Programme(title=f"tiny {seed}", window=window, people=people, sessions=sessions, rules=rules)


@cache
def costs_by_trying(seed: int) -> Truth:
    """Return the least cost by tier of each point of `tiny(seed)`, from audits of all schedules; None where none is."""
    programme = tiny(seed)
    starts = [start for _, first, last in programme.window.blocks for start in range(first, last, 60)]
    best: Truth = dict.fromkeys(product(CAPS, DAYS))
    capped = {cap: attrs.evolve(programme, cap=cap) for cap in CAPS}
    for chosen in product(starts, repeat=len(programme.sessions)):
        schedule = Schedule(Placement(session=session.id, start=from_minute(start), duration=session.duration)
                            for session, start in zip(programme.sessions, chosen, strict=True))
        for cap, own in capped.items():
            found = audit(own, schedule)
            if not found.valid:
                continue
            cost = tuple(cost for tier, cost in sorted(found.score.items()) if tier)
            for days in DAYS:
                known = best[cap, days]
                if len(found.days_used) <= days and (known is None or cost < known):
                    best[cap, days] = cost
    return best
