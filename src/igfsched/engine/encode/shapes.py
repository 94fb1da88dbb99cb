"""Shapes of groups in a model: numbers, runs, extents and gaps of the classes that they touch; groups that meet."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from igfsched.engine.encode.presence import Stretches, presence, touched
from igfsched.engine.encode.sums import minutes_of_classes
from igfsched.engine.encode.truths import FALSE, TRUE, Sum, any_of, settle
from igfsched.engine.model import Model
from igfsched.lowering import Term
from igfsched.primitives import Meet, Shape

Part = list[tuple[int, int]]
"""The stretches of one segment in order: the number of classes of each, and the truth that it is touched."""


def segment_shape(model: Model, term: Term, shape: Shape) -> None:
    """State a shape segment by segment. Truths are exact, what is made of them can only be too large."""
    footprint = shape.footprint
    cuts = [] if shape.segments is None else (np.flatnonzero(np.diff(shape.segments)) + 1).tolist()
    stretches = Stretches.of(model, footprint.axis, footprint.members, cuts)
    truths = touched(model, footprint, stretches)
    value = Sum()
    if shape.kind == "price":
        assert shape.prices is not None
        rooms = len(truths)
        for kind, own in enumerate(truths):
            for stretch, truth in enumerate(own):
                first, last = stretches.edges[stretch : stretch + 2].tolist()
                value.add(truth, int(shape.prices[first * rooms + kind : last * rooms : rooms].sum()))
        settle(model, term, value)
        return
    if shape.kind == "size" and footprint.axis.room_class is None:
        _as_much_as_fits(model, shape, stretches, truths[0])
    for part in _parts(shape, stretches, truths):
        value.plus(_counted(model, shape, _amount(model, shape, part), _largest(shape, part)))
    settle(model, term, value)


def _as_much_as_fits(model: Model, shape: Shape, stretches: Stretches, truths: list[int]) -> None:
    """State that a class holds no more of the group's work than hard caps allow, and nothing if it is not touched."""
    limits = minutes_of_classes(model, shape.footprint.members, shape)
    moving = [session for session in dict.fromkeys(shape.footprint.members) if len(model.of(session))] if limits else []
    present = {session: presence(model, session, stretches) for session in moving}
    for kind, most in limits.items():
        stretch = int(np.searchsorted(stretches.edges, kind))
        if stretch >= len(stretches) or stretches.edges[stretch] != kind or truths[stretch] < 0:
            continue
        row = Sum.of([truths[stretch]], -most)
        for session, own in present.items():
            shortest = int(model.facts.variant_ticks[list(model.facts.variants[session])].min())
            row.plus(Sum.of(own[stretch]), shortest)
        row.demand(model, high=0)


def _parts(shape: Shape, stretches: Stretches, truths: list[list[int]]) -> Iterator[Part]:
    """Yield what is looked at by itself: a segment, and in it a class of rooms unless cells are counted."""
    found: dict[tuple[int, int], Part] = {}
    for kind, own in enumerate(truths):
        for stretch, (width, truth) in enumerate(zip(stretches.widths, own, strict=True)):
            segment = shape.segment(int(stretches.edges[stretch]))
            if segment >= 0:
                found.setdefault((segment, 0 if shape.kind == "size" else kind), []).append((width, truth))
    for part in found.values():
        if any(truth != FALSE for _, truth in part):
            yield part


def _largest(shape: Shape, part: Part) -> int:
    """Return the most that a part can amount to."""
    if shape.kind == "breaks":
        return max(0, sum(truth != FALSE for _, truth in part) - 1)
    classes = sum(width for width, truth in part if truth != FALSE or shape.kind in ("extent", "idle"))
    return classes * (shape.footprint.axis.width if shape.kind in ("extent", "idle") else 1)


def _amount(model: Model, shape: Shape, part: Part) -> Sum:
    found = Sum()
    if shape.kind == "size":
        for width, truth in part:
            found.add(truth, width)
        return found
    if shape.kind == "breaks":
        before = FALSE
        for _, truth in part:
            found.add(_begins(model, before, truth))
            before = truth
        found.add(any_of(model, [truth for _, truth in part]), -1)
        return found
    truths = [truth for _, truth in part]
    begun = _so_far(model, truths)
    left = _so_far(model, truths[::-1])[::-1]
    for at, (width, truth) in enumerate(part):
        if shape.kind == "extent":
            inside = _if_all(model, [begun[at], left[at]])
        elif 0 < at < len(part) - 1:
            inside = _if_all(model, [begun[at - 1], left[at + 1]], but=truth)
        else:
            continue
        found.add(inside, shape.footprint.axis.width * width)
    return found


def _begins(model: Model, before: int, truth: int) -> int:
    """Return a truth that holds at least where this is touched and what comes before it is not."""
    return truth if before == FALSE else _if_all(model, [truth], but=before)


def _so_far(model: Model, truths: list[int]) -> list[int]:
    """Return truths that hold at least from the first on that holds."""
    found: list[int] = []
    for truth in truths:
        found.append(any_of_at_least(model, [found[-1], truth]) if found else truth)
    return found


def any_of_at_least(model: Model, truths: list[int]) -> int:
    """Return a truth that holds at least if one of some truths does."""
    parts = [truth for truth in dict.fromkeys(truths) if truth != FALSE]
    if TRUE in parts:
        return TRUE
    if len(parts) < 2:
        return parts[0] if parts else FALSE
    found = model.booleans(1)[0]
    for part in parts:
        model.linear(([found, part], [1, -1]), low=0)
    return found


def _if_all(model: Model, truths: list[int], but: int = FALSE) -> int:
    """Return a truth that holds at least if all of some truths hold, and another one does not."""
    parts = [truth for truth in dict.fromkeys(truths) if truth != TRUE]
    if FALSE in parts or but == TRUE or but in parts:
        return FALSE
    if but == FALSE and len(parts) < 2:
        return parts[0] if parts else TRUE
    found = model.booleans(1)[0]
    row = Sum.of([found])
    row.plus(Sum.of(parts), -1)
    row.add(but)
    row.demand(model, low=1 - len(parts))
    return found


def _counted(model: Model, shape: Shape, amount: Sum, largest: int) -> Sum:
    """Return what counts of an amount: what lies beyond a limit, up to another one."""
    beyond, most = shape.beyond, shape.most
    largest -= beyond
    if largest <= 0 or most == 0:
        return Sum()
    if not beyond and (most is None or most >= largest):
        return amount
    if most is None or most >= largest or most == 1:
        paid = model.integer(0, largest) if most != 1 else model.booleans(1)[0]
        row = Sum.of([paid], largest if most == 1 else 1)
        row.plus(amount, -1)
        row.demand(model, low=-beyond)
        return Sum.of([paid])
    # Up to `most` as it is; behind a truth for 'more than that' all the rest is forgiven.
    more = model.booleans(1)[0]
    full = Sum.of([more], largest - most)
    full.plus(amount, -1)
    full.demand(model, low=-beyond - most)
    paid = model.integer(0, most)
    model.linear(([paid, more], [1, -most]), low=0)
    row = Sum.of([paid])
    row.add(more, largest - most)
    row.plus(amount, -1)
    row.demand(model, low=-beyond)
    return Sum.of([paid])


def meet_term(model: Model, term: Term, meet: Meet) -> None:
    """State for each stretch, and each two classes of rooms, whether one group is in one and one in the other."""
    stretches = Stretches.of(model, meet.axis, (*meet.first.members, *meet.second.members))
    first, second = touched(model, meet.first, stretches), touched(model, meet.second, stretches)
    value = Sum()
    for stretch, width in enumerate(stretches.widths):
        for kind, ours in enumerate(first):
            others = [theirs[stretch] for other, theirs in enumerate(second) if other != kind]
            for other in others:
                value.add(_if_all(model, [ours[stretch], other]), width)
    settle(model, term, value)
