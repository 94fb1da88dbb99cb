"""A programme by spots as two smaller ones: rooms alone and times alone, and what depends on both at once.

- `Layer`: the classes of spots that one of the two tells apart, and what sessions cost in them.
- `Split`: both layers and the rest; `split` makes it.

No schedule costs less than the least of rooms alone and the least of times alone together.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from igfsched.engine.dense.look import Dense, Floats
from igfsched.facts import Bools, Ints

MOST_CLASSES = 4_500
"""Sessions by classes up to which a programme is split."""


@frozen(eq=False)
class Layer:
    """What depends on classes of spots only.

    `class_of`: of each spot. `alone`: what a session costs in a class, infinite where it has no spot, shape
    `(sessions, classes)`. `pairs`: what two cost together, the same both ways, shape `(sessions, sessions, classes,
    classes)`. `capacity`: how many sessions a class holds at most.
    """

    class_of: Ints
    alone: Floats
    pairs: Floats
    capacity: Ints

    def cost(self, at: Ints) -> float:
        """Return what classes for all sessions cost."""
        rows = np.arange(len(at))
        together = self.pairs[rows[:, None], rows[None, :], at[:, None], at[None, :]]
        return float(self.alone[rows, at].sum() + together.sum() / 2)


@frozen(eq=False)
class Split:
    """Two layers and what they leave: their costs and the rest add up to the whole, except for counts.

    `spot`: of each two classes, -1 if there is none, shape `(first classes, second classes)`. `alone`: what a session
    costs at a spot above its least in the first layer. `kernels`, `pairs`: those of the programme that neither layer
    knows. `grain`: all costs that are not above that of a known schedule are multiples of it.
    """

    first: Layer
    second: Layer
    spot: Ints
    alone: Floats
    kernels: Floats
    pairs: Floats
    grain: int

    def rest(self, session: int, others: Ints, here: Ints, there: Ints) -> Floats:
        """Return what neither layer knows of a session and others.

        `here`: spots of the session, shape `(nodes,)`; `there`: spots of the others, shape `(nodes, others, classes)`,
        as is what is returned.
        """
        found: Floats = np.zeros(there.shape)
        here = here[:, None, None]
        for kernel, pairs in zip(self.kernels, self.pairs, strict=True):
            found += pairs[session, others][None, :, None] * kernel[here, there]
            found += pairs[others, session][None, :, None] * kernel[there, here]
        return found


def split(dense: Dense, upper: float) -> Split | None:
    """Return the two layers, None if they are too large. Rooms alone will do where rooms of each day are too many.

    `upper` is what some schedule costs: two sessions that cost more on one spot never share it.
    """
    _, times = np.unique(dense.spots[:, :2], axis=0, return_inverse=True)
    times, rooms = times.reshape(-1), _rooms(dense, upper)
    if _too_many(dense, rooms):
        _, rooms = np.unique(dense.spots[:, 2], return_inverse=True)
        rooms = rooms.reshape(-1)
    if _too_many(dense, rooms) or _too_many(dense, times):
        return None
    of_rooms = np.array([_only(kernel, rooms) for kernel in dense.kernels], dtype=bool)
    of_times = np.array([_only(kernel, times) for kernel in dense.kernels], dtype=bool) & ~of_rooms
    alone = np.where(dense.allowed, dense.prices, np.inf)
    exclusive = _exclusive(dense, upper)
    first = _layer(dense, rooms, of_rooms, alone, exclusive)
    least = first.alone[:, rooms]
    left = np.where(dense.allowed, alone - np.where(np.isfinite(least), least, 0.0), np.inf)
    second = _layer(dense, times, of_times, left, exclusive)
    spot = np.full((first.alone.shape[1], second.alone.shape[1]), -1, dtype=np.int64)
    spot[rooms, times] = np.arange(len(dense.spots))
    mixed = ~(of_rooms | of_times)
    return Split(first, second, spot, left, dense.kernels[mixed], dense.pairs[mixed], _grain(dense, upper))


def _too_many(dense: Dense, class_of: Ints) -> bool:
    return len(np.unique(class_of)) * len(dense.sessions) > MOST_CLASSES


def _rooms(dense: Dense, upper: float) -> Ints:
    """Return the class of each spot: its room, and what matrices other than of time tell apart and do not forbid."""
    _, times = np.unique(dense.spots[:, :2], axis=0, return_inverse=True)
    keys = [dense.spots[:, 2]]
    for kernel, pairs in zip(dense.kernels, dense.pairs, strict=True):
        some = kernel[kernel > 0].min(initial=np.inf) * pairs[pairs > 0].min(initial=np.inf)
        if some <= upper and not _only(kernel, times.reshape(-1)):
            _, like = np.unique(np.hstack([kernel, kernel.T]), axis=0, return_inverse=True)
            keys.append(like.reshape(-1))
    _, found = np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)
    return np.asarray(found.reshape(-1), dtype=np.int64)


def _only(kernel: Floats, class_of: Ints) -> bool:
    """Say whether a matrix over spots depends on their classes only."""
    _, some = np.unique(class_of, return_index=True)
    return bool((kernel == kernel[np.ix_(some, some)][class_of[:, None], class_of[None, :]]).all())


def _layer(dense: Dense, class_of: Ints, kinds: Bools, alone: Floats, exclusive: bool) -> Layer:
    n, classes = len(dense.sessions), int(class_of.max()) + 1
    _, some = np.unique(class_of, return_index=True)
    least = np.stack([alone[:, class_of == c].min(axis=1) for c in range(classes)], axis=1)
    kernels = dense.kernels[kinds][:, some][:, :, some]
    one_way = np.einsum("kst,kcd->stcd", dense.pairs[kinds], kernels)
    capacity = np.bincount(class_of) if exclusive else np.full(classes, n)
    return Layer(class_of, least, one_way + one_way.transpose(1, 0, 3, 2), capacity.astype(np.int64))


def _exclusive(dense: Dense, upper: float) -> bool:
    """Say whether no two sessions can be at the same spot in a schedule that is as good as one known."""
    n = len(dense.sessions)
    on_one = np.einsum("kst,kp->stp", dense.pairs + dense.pairs.transpose(0, 2, 1),
                       np.diagonal(dense.kernels, axis1=1, axis2=2))
    return bool((on_one[~np.eye(n, dtype=bool)] > upper).all())


def _grain(dense: Dense, upper: float) -> int:
    """Return the greatest number that divides all costs up to one; 1 where numbers of sessions cost."""
    if dense.counts:
        return 1
    found = _gcd(dense.prices[dense.allowed], upper)
    for kernel, pairs in zip(dense.kernels, dense.pairs, strict=True):
        found = int(np.gcd(found, _gcd(np.unique(kernel)[:, None] * np.unique(pairs)[None, :], upper)))
    return max(1, found)


def _gcd(numbers: Floats, upper: float) -> int:
    return int(np.gcd.reduce(np.unique(numbers[numbers <= upper]).astype(np.int64), initial=0))
