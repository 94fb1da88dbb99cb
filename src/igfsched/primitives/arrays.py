"""What two sessions cost together at many places of both, by arrays.

- `measured`: a pair at each place of the one and each of the other; rooms are not looked at.
- `beside`: a pair at each place of one session, the other one being at a given place.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from igfsched.facts import Facts, Ints
from igfsched.primitives import Axis, Pair


def measured(pair: Pair, facts: Facts, first: tuple[Ints, Ints], second: tuple[Ints, Ints]) -> Ints:
    """Return what a pair costs at places in time, `(variants, ticks)` of each session: shape `(first, second)`."""
    found = _unscaled(pair, facts, first, second)
    if pair.scale == 1:
        return found
    minutes = facts.variant_minutes
    return found * (minutes[first[0]][:, None] + minutes[second[0]][None, :])


def beside(pair: Pair, facts: Facts, session: int, places: tuple[Ints, Ints], variant: int, start: int) -> Ints:
    """Return what a pair costs at places of one session, the other one being at a place: shape `(places,)`."""
    there = np.array([variant], dtype=np.int64), np.array([start], dtype=np.int64)
    if session == pair.first:
        return measured(pair, facts, places, there)[:, 0]
    found: Ints = measured(pair, facts, there, places)[0]
    return found


def _unscaled(pair: Pair, facts: Facts, first: tuple[Ints, Ints], second: tuple[Ints, Ints]) -> Ints:
    if pair.kind in ("same", "differ", "class_distance", "matrix"):
        low, high = (edge[:, None] for edge in _spans(pair.axis, *first))
        begin, end = (edge[None, :] for edge in _spans(pair.axis, *second))
        if pair.kind == "matrix":
            return _priced(pair, (low[:, 0], high[:, 0]), (begin[0], end[0]))
        if pair.kind == "class_distance":
            return np.where((high > low) & (end > begin), np.abs(begin - low - pair.gap), 0)
        common = np.minimum(high, end) > np.maximum(low, begin)
        return (common if pair.kind == "same" else ~common).astype(np.int64)
    start, start_other = facts.tick * first[1][:, None], facts.tick * second[1][None, :]
    end = start + facts.variant_minutes[first[0]][:, None]
    end_other = start_other + facts.variant_minutes[second[0]][None, :]
    if pair.kind in ("overlap", "overlap_count"):
        shared = np.minimum(end, end_other) + pair.gap - np.maximum(start, start_other)
        return cast("Ints", np.maximum(shared, 0) if pair.kind == "overlap" else (shared > 0).astype(np.int64))
    if pair.kind == "not_together":
        together = (start == start_other) & (end == end_other)
        return cast("Ints", pair.gap - np.where(together, end - start, 0))
    if pair.kind in ("late", "late_count"):
        late = np.maximum(end + pair.gap - start_other, 0)
        return cast("Ints", late if pair.kind == "late" else (late > 0).astype(np.int64))
    return cast("Ints", np.abs(start_other - (end if pair.kind == "gap_error" else start) - pair.gap))


def _spans(axis: Axis, variants: Ints, ticks: Ints) -> tuple[Ints, Ints]:
    low, high = np.zeros(len(ticks), dtype=np.int64), np.zeros(len(ticks), dtype=np.int64)
    for variant in np.unique(variants).tolist():
        own = variants == variant
        low[own], high[own] = axis.span(variant, ticks[own])
    return low, high


def _priced(pair: Pair, first: tuple[Ints, Ints], second: tuple[Ints, Ints]) -> Ints:
    """Return the prices of all classes of the one in which each place is, with all of the other."""
    assert pair.prices is not None
    rows, columns = pair.prices.shape
    sums = np.zeros((rows + 1, columns + 1), dtype=np.int64)
    sums[1:, 1:] = np.cumsum(np.cumsum(pair.prices, axis=0), axis=1)
    low, high = (edge[:, None] for edge in (first[0], np.maximum(*first)))
    begin, end = (edge[None, :] for edge in (second[0], np.maximum(*second)))
    return sums[high, end] - sums[low, end] - sums[high, begin] + sums[low, begin]
