"""The sessions by slot, for the whole engine: a cancelled session leaves a slot that is dead.

A dead slot has no variants: it has no variables, must not be placed, and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from igfsched.facts import Facts, Ints, Places
from igfsched.programme import Session


def session_at(facts: Facts, slot: int) -> Session | None:
    """Return the session of a slot, None if the slot is dead."""
    return facts.sessions[slot]


def live(facts: Facts) -> list[tuple[int, Session]]:
    """Return the slots that are not dead, each with its session."""
    found = ((slot, session_at(facts, slot)) for slot in range(facts.n))
    return [(slot, session) for slot, session in found if session is not None]


def everybody(facts: Facts, slots: Iterable[int]) -> bool:
    """Say whether some slots are those of all sessions, whether they hold dead ones or not."""
    alive = sum(1 for variants in facts.variants if variants)
    return sum(1 for slot in set(slots) if facts.variants[slot]) == alive


def by_slot(given: Ints | int, number: int) -> Ints:
    """Return numbers for each of so many slots, from one number for all or from those of the first slots.

    What was stated before later sessions came has no numbers for their slots, and does not speak of them: 0.
    """
    if isinstance(given, int):
        return np.full(number, given, dtype=np.int64)
    return np.concatenate([given, np.zeros(max(0, number - len(given)), dtype=np.int64)])


def name_of(facts: Facts, slot: int) -> str:
    """Return the id of the session of a slot."""
    session = session_at(facts, slot)
    return "" if session is None else session.id


def unplaced(facts: Facts, places: Places) -> Ints:
    """Return the slots of the sessions without a place."""
    alive = np.array([len(variants) > 0 for variants in facts.variants], dtype=bool)
    return np.flatnonzero((places.variant < 0) & alive)
