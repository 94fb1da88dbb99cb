"""A schedule made better by emptying a stretch of a day and filling it again, thousands of times.

- `refill`: go on until the time is over; what comes out costs no more.

What is emptied is a stretch in which some session would be cheap. Those who were there, and that session, are put
back one by one at their cheapest free places. What comes out worse is kept now and then, less as time passes.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from igfsched.engine.hours import Floats
from igfsched.engine.inserting import Choices, Packing
from igfsched.facts import Ints, Places

ROUNDS = 20
"""Rounds after which it is asked how much of the time is over."""

AGAIN = 200
"""Rounds after which it is looked at anew who costs much."""

OUT = 10
"""Sessions that leave their places at once, at most."""

WARMEST, COLDEST = 0.5, 0.005
"""What a change may make worse at the beginning and at the end, as parts of what a session costs on average."""

TOLD = 0.1
"""After which part of the time the best so far is told again."""

SKIPPED = 0.03
"""How often a free place is not looked at: the cheapest for one may be the last for another."""


def refill(
    packing: Packing, choices: Choices, random: np.random.Generator,
    done: Callable[[], float], found: Callable[[Places | None], object],
) -> None:
    """Make a packing in which all sessions have places cheaper; its best places go to `found`.

    `choices`: the variants, start ticks and prices of each session. `done`: which part of the time is over.
    """
    everyone = np.array(sorted(choices))
    now = {s: _price(choices, s, int(packing.variant[s]), int(packing.start[s])) for s in choices}
    least = np.array([choices[s][2].min() for s in everyone.tolist()])
    mean = max(1.0, sum(now.values()) / len(now))
    cost = best = sum(now.values())
    keep = packing.variant.copy(), packing.start.copy()
    lengths = packing.lowered.facts.variant_ticks
    excess = np.zeros(len(everyone))
    part, rounds, told = 0.0, 0, 0.0
    heat = mean * WARMEST
    while part < 1.0:
        rounds += 1
        if rounds % ROUNDS == 0:
            part = done()
            heat = mean * WARMEST * (COLDEST / WARMEST) ** min(part, 1.0)
        if rounds % AGAIN == 1:
            excess = np.array([now[s] for s in everyone.tolist()]) - least
        out = _out(packing, choices, everyone, excess, lengths, random)
        before = [(s, int(packing.variant[s]), int(packing.start[s])) for s in out]
        for session in out:
            packing.leave(session)
        change = _put_back(packing, choices, out, now, random)
        if change is None or change > -heat * math.log(max(random.random(), 1e-12)):
            for session, *_ in before:
                if packing.variant[session] >= 0:
                    packing.leave(session)
            for session, variant, at in before:
                packing.shift(session, variant, at, 1)
            continue
        for session in out:
            now[session] = _price(choices, session, int(packing.variant[session]), int(packing.start[session]))
        cost += change
        if cost < best - 1e-9:
            best, keep = cost, (packing.variant.copy(), packing.start.copy())
            if part > told + TOLD:  # to count anew what places cost takes as long as hundreds of rounds
                told = part
                found(packing.places())
    for session in np.flatnonzero((packing.variant != keep[0]) | (packing.start != keep[1])).tolist():
        packing.leave(session)
    for session in np.flatnonzero(packing.variant < 0).tolist():
        if keep[0][session] >= 0:
            packing.shift(session, int(keep[0][session]), int(keep[1][session]), 1)
    found(packing.places())


def _price(choices: Choices, session: int, variant: int, at: int) -> float:
    variants, starts, prices = choices[session]
    own = np.flatnonzero((starts == at) & (variants == variant))
    return float(prices[own[0]])


def _out(
    packing: Packing, choices: Choices, everyone: Ints, excess: Floats, lengths: Ints,
    random: np.random.Generator,
) -> list[int]:
    """Return who leaves: a session, more likely one that costs much, and some who are where it would be cheap."""
    weights = np.cumsum(excess + 1.0)
    first = int(everyone[min(int(np.searchsorted(weights, random.random() * weights[-1])), len(everyone) - 1)])
    variants, starts, prices = choices[first]
    cheap = np.flatnonzero(prices <= prices.min() + random.random() ** 2 * (np.median(prices) - prices.min()) + 1e-9)
    at = int(starts[cheap[random.integers(len(cheap))]])
    around = int(lengths[variants[0]] * (0.5 + 1.5 * random.random()))
    begin, end = packing.start[everyone], packing.start[everyone] + lengths[np.maximum(packing.variant[everyone], 0)]
    near = everyone[(begin < at + lengths[variants[0]] + around) & (end > at - around) & (everyone != first)]
    number = min(len(near), int(random.integers(2, OUT)))
    return [first, *random.choice(near, size=number, replace=False).tolist()]


def _put_back(
    packing: Packing, choices: Choices, out: list[int], now: dict[int, float],
    random: np.random.Generator,
) -> float | None:
    """Put sessions back at their cheapest free places; return what that changes, None if one finds no place."""
    facts, change = packing.lowered.facts, 0.0
    way = random.integers(3)
    order = list(out)
    if way == 1:
        order.sort(key=lambda s: -packing.lowered.facts.variant_ticks[facts.variants[s][0]] - random.random())
    elif way == 2:
        random.shuffle(order)
    for session in order:
        variants, starts, prices = choices[session]
        full = packing.blocked_at(session, variants, starts)
        free = np.flatnonzero((full == 0) & (random.random(len(full)) > SKIPPED))
        if not len(free):
            return None
        best = int(free[np.argmin(prices[free])])
        packing.shift(session, int(variants[best]), int(starts[best]), 1)
        change += float(prices[best]) - now[session]
    return change
