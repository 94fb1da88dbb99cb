"""The fewest days into which each phase fits, with proof of both sides.

- `phase_programme`: a phase alone, on its first days, with the hard rules only.
- `too_few_days`: the most days that are certainly too few, by counting minutes.
- `fewest_days`: the fewest days, and what proves them.

All days of a phase are alike (the same opening hours, and nobody's availability is known), so that the first
days stand for any. Networking is counted with phase 2. The opening ceremony is before everything else of phase 2,
so it may as well be the first thing of the first day; the closing is after everything, so it may as well be the
last thing of the last day used. So they are put there, whatever their dates in 2020.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs
import igf2020_data as igf
from attrs import frozen

from igfsched.grid import from_minute
from igfsched.programme import Phase, Programme, Session, Window
from igfsched.result import Result
from igfsched.rules import PRESETS

PHASES_AND_CAPS = ((igf.PHASE_1, 3), (igf.PHASE_1, 2), (igf.PHASE_2, 3), (igf.PHASE_2, 2))

PLENARIES = (igf.OPENING, igf.CLOSING)

SEEDS = (0, 1)
"""A phase that leaves little room is a matter of luck: what one seed does not find, another may."""

Solve = Callable[[Programme, str, int], Result]
"""Solves a programme, of which the text says which one it is, with a seed."""


@frozen(kw_only=True)
class Need:
    """Minutes that a phase needs and minutes that its days have, of one resource."""

    what: str
    needed: int
    had: int

    def __str__(self) -> str:
        return f"{self.needed:,} minutes {self.what} needed, {self.had:,} there"


@frozen(kw_only=True)
class Fewest:
    """The fewest days of a phase at a cap, as far as they are known.

    - `days`: on so many there is a schedule that breaks no hard rule (None: none was found).
    - `found_after`: seconds until the solver had it.
    - `too_few`: so many are proven to be too few; `proof` says by what.
    """

    phase: str
    cap: int
    days: int | None
    found_after: float | None
    too_few: int
    proof: str

    @property
    def proven(self) -> bool:
        """Whether both sides are proven."""
        return self.days == self.too_few + 1


def phase_programme(phase: str, days: int, cap: int) -> Programme:
    """Return the programme of the sessions of a phase on its first `days` days, with hard rules only."""
    whole = igf.programme(cap=cap)
    dates = whole.window.phase(phase).days[:days]
    window = attrs.evolve(
        whole.window, days=[day for day in whole.window.days if day.date in dates],
        phases=(Phase(name=phase, days=dates),),
    )
    sessions = [
        _put_at_the_edge(session, window) if session.id in PLENARIES else attrs.evolve(session, phases=(phase,))
        for session in whole.sessions if phase in (session.phases or (igf.PHASE_2,))
    ]
    present = {person for session in sessions for person in session.attending}
    wishes_off = [attrs.evolve(rule, level="off") for rule in PRESETS["default"]() if not rule.hard]
    return attrs.evolve(
        whole, title=f"IGF 2020, {phase} on {days} days", sessions=sessions,
        people=[person for person in whole.people if person.id in present],
        window=window, rules=(*wishes_off, *igf.order_rules([session.id for session in sessions])),
    )


def _put_at_the_edge(session: Session, window: Window) -> Session:
    """Return a plenary at the beginning or at the end of a window."""
    first, last = window.blocks[0][1], window.blocks[-1][2] - session.duration
    start = first if session.id == igf.OPENING else last
    return attrs.evolve(session, allowed=(), fixed_start=from_minute(start))


def needs(programme: Programme, cap: int) -> tuple[Need, Need]:
    """Return what the sessions of a phase need at least, and what its days have: under the cap, and in rooms.

    - Under the cap: the minutes of all sessions; a plenary takes what others could have had beside it too.
    - In rooms: a session takes its room for its length and a changeover, which may come after the end of the
      day. No other room is used before the end of the opening, nor, but for a changeover, after the start of
      the closing: each takes its length in the other rooms too.
    """
    shared = [session for session in programme.sessions if session.id != igf.POLISH]
    rooms = sum(not room.reserved for room in programme.rooms)
    plenary = sum(session.duration for session in shared if session.id in PLENARIES)
    length = sum(session.duration for session in shared)
    gaps = programme.changeover * len(shared)
    opened = [end - start for _, start, end in programme.window.blocks]
    return (
        Need(what="under the cap", needed=length + (cap - 1) * plenary, had=cap * sum(opened)),
        Need(what="of the rooms", needed=length + gaps + (rooms - 1) * plenary,
             had=rooms * sum(minutes + programme.changeover for minutes in opened)),
    )


def too_few_days(phase: str, cap: int) -> tuple[int, str]:
    """Return the most days that are too few by `needs`, and the sentence that says so."""
    found = (0, "")
    for days in range(1, len(igf.programme().window.phase(phase).days) + 1):
        lacking = [need for need in needs(phase_programme(phase, days, cap), cap) if need.needed > need.had]
        if not lacking:
            break
        worst = max(lacking, key=lambda need: need.needed / need.had)
        found = (days, f"{days} day{'s' * (days > 1)}: {worst}")
    return found


def fewest_days(phase: str, cap: int, solve: Solve) -> Fewest:
    """Return the fewest days of a phase at a cap: try more and more, beginning where counting leaves off."""
    too_few, proof = too_few_days(phase, cap)
    for days in range(too_few + 1, len(igf.programme().window.phase(phase).days) + 1):
        for seed in SEEDS:
            result = solve(phase_programme(phase, days, cap), f"{phase} on {days} days, at most {cap} at a time", seed)
            if result.audit is not None and result.audit.valid:
                return Fewest(phase=phase, cap=cap, days=days, found_after=result.seconds_to_first, too_few=too_few,
                              proof=proof)
            if result.status == "infeasible":  # that nothing was found would be no proof
                too_few, proof = days, f"{days} days: proven infeasible by the solver"
                break
    return Fewest(phase=phase, cap=cap, days=None, found_after=None, too_few=too_few, proof=proof)
