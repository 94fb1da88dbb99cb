"""The sessions that were held, dealt out anew over the slots that were held.

- `slots`: how often each slot (phase, start, length) of a schedule is used.
- `reassignment`: the programme whose schedules are exactly the permutations over these slots.

Only sessions of the same phase and length may change places, so what is left to choose is who meets when;
how many sessions run at any minute stays as it was.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

import attrs
import igf2020_data as igf

from igfsched.grid import Instant, Span
from igfsched.programme import Grid, Period, Profile, Programme
from igfsched.rule import Rule
from igfsched.rules import Compact, ParallelCap
from igfsched.schedule import Placement, Schedule
from igfsched.selector import Selector

Slot = tuple[str, Instant, int]
"""Phase, start, and length in minutes."""


def slots(programme: Programme, schedule: Schedule) -> Counter[Slot]:
    """Return how many sessions each slot of a schedule holds."""
    phase_of = {day: phase.name for phase in programme.window.phases for day in phase.days}
    return Counter((phase_of[placement.start.date()], placement.start, placement.duration) for placement in schedule)


def reassignment(held: Schedule) -> Programme:
    """Return the programme of the held sessions in which they may only trade slots of one phase and length.

    It is stated with rules that any programme can use. The grid is the list of the held starts. A session
    lies inside slots of its phase and length, and of the sessions of one phase and length no more may run at
    any minute than did. As they have equal lengths and as many minutes in all as there are slots, exactly as
    many run as did; and how many run at each minute determines the starts: where the first begin, so many
    begin, and without these the same holds for the rest.
    """
    programme = igf.held_programme()
    kinds: dict[tuple[str, int], list[Placement]] = defaultdict(list)
    for (phase, _, length), placement in zip(_slot_of_each(programme, held), held, strict=True):
        kinds[phase, length].append(placement)
    sessions = dict(programme.sessions_by_id)
    rules: list[Rule] = []
    for (phase, length), placements in kinds.items():
        spans = sorted({Span(p.start, p.end) for p in placements}, key=lambda span: span.minutes)
        for placement in placements:
            # For a session that is the only one of its kind this is its own slot.
            sessions[placement.session] = attrs.evolve(sessions[placement.session], allowed=spans)
        if len(placements) > 1:
            rules.append(ParallelCap(
                selector=Selector(ids=[p.session for p in placements]), cap=_running(placements),
                label=f"slots of {length} minutes in {phase}",
            ))
    return attrs.evolve(
        programme, title="IGF 2020, held sessions over held slots", sessions=sessions.values(),
        window=attrs.evolve(programme.window, grid=Grid(starts=[placement.start for placement in held])),
        # The days are given with the slots: nothing is to be gained by using fewer.
        rules=(*programme.rules, *rules, Compact(level="off")),
    )


def _slot_of_each(programme: Programme, schedule: Schedule) -> list[Slot]:
    return [next(iter(slots(programme, Schedule([placement])))) for placement in schedule]


def _running(placements: Sequence[Placement]) -> Profile:
    """Return how many of some placements run at each time, 0 outside of them."""
    edges = sorted({edge for placement in placements for edge in (placement.start, placement.end)})
    periods = []
    for start, end in pairwise(edges):
        count = sum(placement.start <= start < placement.end for placement in placements)
        if count:
            periods.append(Period(value=count, span=Span(start, end)))
    return Profile(value=0, periods=periods)
