"""How long two sessions run at once, by their starts: one variable, where rows for each tick would be hundreds.

- `shared_ticks`: that variable, where it is worth it.
"""

from __future__ import annotations

import numpy as np

from igfsched.engine.model import Model

MANY_STRETCHES = 60
"""Stretches of time in which two sessions may meet from which their starts say how long they do."""


def shared_ticks(model: Model, first: int, second: int) -> int | None:
    """Return a variable that is at least the ticks of two sessions at once, by starts and ends.

    None where few ticks are shared, or a length is open: then rows for the ticks say it better. It is made once for two
    sessions, whoever asks for it.
    """
    if model.still is not None:
        return None
    key = ("shared", first, second)
    if key not in model.made:
        model.made[key] = _shared(model, first, second)
    shared: int | None = model.made[key]
    return shared


def _shared(model: Model, first: int, second: int) -> int | None:
    ticks_of = []
    for session in (first, second):
        own = model.members([session])
        lengths = np.unique(model.facts.variant_ticks[model.candidates.variant[own]])
        if len(lengths) != 1:
            return None
        ticks_of.append((model.candidates.tick[own], int(lengths[0])))
    (a, a_length), (b, b_length) = ticks_of
    from_tick, to_tick = max(a.min(), b.min()), min(a.max() + a_length, b.max() + b_length)
    edges = np.unique(np.concatenate([a, a + a_length, b, b + b_length]))
    if ((edges >= from_tick) & (edges < to_tick)).sum() < MANY_STRETCHES:
        return None
    start_a, start_b = model.start(first), model.start(second)
    shared = model.integer(0, min(a_length, b_length))
    one, other = model.booleans(2)
    model.linear_if(one, ([shared, start_a, start_b], [1, -1, 1]), low=a_length)
    model.linear_if(other, ([shared, start_a, start_b], [1, 1, -1]), low=b_length)
    reasons = [one, other, *(absent for absent in (model.absent[first], model.absent[second]) if absent is not None)]
    if a_length != b_length:  # one may run inside the other
        inside = model.booleans(1)[0]
        model.linear_if(inside, ([shared], [1]), low=min(a_length, b_length))
        reasons.append(inside)
    model.any_of(reasons)
    return shared
