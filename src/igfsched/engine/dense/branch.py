"""Branch and bound over the classes of a split programme, many nodes at once.

- `Branching`: the order of the sessions of a layer, and bounds of nodes by tables.
- `Nodes`: some open nodes of the same depth. `Tree`: all open nodes; one step takes some of them further.

A node has classes for the first sessions of an order. What is open of it is bounded session by session: what the
session costs with those that have a class, and half of what it costs with each of the others, of which only as many
can be in its own class as are left there. Prices of full classes make the sessions spread.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
from attrs import evolve, frozen

from igfsched.engine.dense.look import Floats
from igfsched.engine.dense.split import Layer, Split
from igfsched.facts import Bools, Ints

MOST_BYTES = 100_000_000
"""What open nodes may take: above it the deepest come first, below it those with the least bound.

Then each depth has the brothers of what is taken further, so this also says how many are at once.
"""
PRICINGS = 6
"""How often prices of classes are corrected in a node."""


class Branching:
    """The sessions of a layer one after the other. `upper`: costs above it are alike."""

    def __init__(self, layer: Layer, upper: float) -> None:
        self.layer = layer
        self.above = upper + 1.0
        self.pairs = np.minimum(layer.pairs, self.above)
        n, self.classes = layer.alone.shape
        can = np.isfinite(layer.alone)
        both = can[:, None, :, None] & can[None, :, None, :]
        spread = np.where(both, self.pairs, 0.0).reshape(n, n, -1).max(axis=2)
        usual = float(np.median(spread[spread > 0])) if (spread > 0).any() else 1.0
        self.step = usual / 2
        weight = np.minimum(spread, 4 * usual)  # what is forbidden must not outweigh all else
        # Those with one class come first, then those that cost the most with others.
        self.order = np.lexsort((-weight.sum(axis=1), can.sum(axis=1) > 1))
        self.tables: dict[int, Floats] = {}

    def table(self, depth: int) -> Floats:
        """Return the halves that each open session in each class has at least, by places left in the class.

        Shape `(sessions, classes, most places + 1)`; with none left it is above all.
        """
        if depth not in self.tables:
            self.tables[depth] = self._table(self.order[depth:])
        return self.tables[depth]

    def _table(self, rest: Ints) -> Floats:
        most = int(self.layer.capacity.max())
        found = np.full((len(rest), self.classes, most + 1), self.above)
        if not len(rest):
            return found
        can = np.isfinite(self.layer.alone[rest])
        halves = self.pairs[np.ix_(rest, rest)]
        halves /= 2
        np.copyto(halves, self.above, where=~can[None, :, None, :])
        own = np.eye(len(rest), dtype=bool)
        for c in range(self.classes):
            others = np.arange(self.classes) != c
            apart = halves[:, :, c, others].min(axis=2, initial=self.above)
            saved = np.where(own, 0.0, np.maximum(0.0, apart - halves[:, :, c, c]))
            saved = np.pad(np.cumsum(-np.sort(-saved, axis=1), axis=1), ((0, 0), (1, 0)))
            fellows = np.minimum(np.arange(most), len(rest) - 1)
            found[:, c, 1:] = np.where(own, 0.0, apart).sum(axis=1)[:, None] - saved[:, fellows]
        known: Floats = np.minimum(found, self.above)
        return known

    def bound(self, depth: int, cost: Floats, field: Floats, left: Ints, enough: float) -> Floats:
        """Return a bound of each node, shape `(nodes,)`.

        `field`: what each open session costs in each class by those before, shape `(nodes, sessions, classes)`.
        `left`: places left, shape `(nodes, classes)`. Bounds above `enough` are not made better.
        """
        classes = np.arange(self.classes)
        each = field + self.table(depth)[:, classes[None, :], left].transpose(1, 0, 2)
        best = cost + each.min(axis=2).sum(axis=1)
        prices = np.zeros(left.shape)
        rows = np.arange(len(cost))
        for turn in range(1, PRICINGS):
            rows = rows[best[rows] <= enough]
            if not len(rows):
                break
            priced = each[rows] + prices[rows][:, None, :]
            chosen = priced.argmin(axis=2)
            wanted = (chosen[:, :, None] == classes).sum(axis=1) - left[rows]
            own = prices[rows]
            value = cost[rows] + priced.min(axis=2).sum(axis=1) - (own * left[rows]).sum(axis=1)
            best[rows] = np.maximum(best[rows], value)
            prices[rows] = np.maximum(0.0, own + self.step / turn * wanted)
        return np.asarray(best)


@frozen(eq=False)
class Nodes:
    """Open nodes of one depth in one layer.

    `at`: class of each session by layer, -1 for none, shape `(nodes, layers, sessions)`. `cost`: of those that have
    one. `field`, `left`: see `Branching.bound`. `bound`: of each node.
    """

    layer: int
    depth: int
    at: Ints
    cost: Floats
    field: Floats
    left: Ints
    bound: Floats

    def only(self, which: Bools | Ints | slice) -> Nodes:
        """Return some of them."""
        return evolve(self, at=self.at[which], cost=self.cost[which], field=self.field[which], left=self.left[which],
                      bound=self.bound[which])

    @property
    def size(self) -> int:
        """Bytes of them."""
        return int(self.field.nbytes + self.at.nbytes + self.left.nbytes)


class Tree:
    """Open nodes of one layer, or of a split: the first layer is branched to its end, then the second within it.

    `above`: what the second layer costs at least. `ceiling`: says below what a cost is of use; `leaf`: is given classes
    of all sessions and their cost, shape `(nodes, layers, sessions)` and `(nodes,)`.
    """

    def __init__(self, branchings: tuple[Branching, ...], grain: int, ceiling: Callable[[], float],
                 leaf: Callable[[Ints, Floats], None], *, parts: Split | None = None, above: float = 0.0) -> None:
        self.branchings = branchings
        self.grain = grain
        self.ceiling = ceiling
        self.leaf = leaf
        self.parts = parts
        self.above = above
        self.heap: list[tuple[float, int, int, int, Nodes]] = []
        self.bytes = 0
        widest = max(branching.classes for branching in branchings)
        self.together = max(1, MOST_BYTES // (4 * len(branchings[0].order) ** 2 * widest**2))
        self.count = self.number = 0
        first = branchings[0]
        n = len(first.order)
        self._push(Nodes(
            0, 0, np.full((1, len(branchings), n), -1, dtype=np.int64), np.zeros(1),
            first.layer.alone[first.order][None], first.layer.capacity[None], np.zeros(1)))

    @property
    def open(self) -> bool:
        """Whether there are nodes left."""
        return bool(self.heap)

    @property
    def floor(self) -> float:
        """What nothing in the tree costs less than: the least bound of what is open, at most the ceiling."""
        return min([self.ceiling(), *(float(nodes.bound.min()) for *_, nodes in self.heap)])

    def step(self) -> None:
        """Take some nodes further."""
        nodes = self._pop()
        nodes = nodes.only(nodes.bound < self.ceiling())
        if len(nodes.cost) > self.together:
            self._push(nodes.only(slice(self.together, None)))
            nodes = nodes.only(slice(self.together))
        if not len(nodes.cost):
            return
        self.count += len(nodes.cost)
        if nodes.depth < len(self.branchings[nodes.layer].order):
            self._push(self._children(nodes))
        elif nodes.layer + 1 < len(self.branchings):
            self._push(self._below(nodes))
        else:
            self.leaf(nodes.at, nodes.cost)

    def _children(self, nodes: Nodes) -> Nodes:
        """Give the next session each class."""
        branching = self.branchings[nodes.layer]
        session, rest = branching.order[nodes.depth], branching.order[nodes.depth + 1:]
        parent, own = np.nonzero(np.isfinite(nodes.field[:, 0]) & (nodes.left > 0))
        cost = nodes.cost[parent] + nodes.field[parent, 0, own]
        keep = cost < self.ceiling()
        parent, own, cost = parent[keep], own[keep], cost[keep]
        at = nodes.at[parent]
        at[:, nodes.layer, session] = own
        field = nodes.field[parent, 1:] + branching.pairs[session, rest].transpose(1, 0, 2)[own]
        if nodes.layer:
            field += self._rest(session, rest, at)
        left = nodes.left[parent]
        left[np.arange(len(own)), own] -= 1
        return self._bounded(nodes.layer, nodes.depth + 1, at, cost, field, left, nodes.bound[parent])

    def _below(self, nodes: Nodes) -> Nodes:
        """Begin the second layer where the first is done."""
        assert self.parts is not None
        second = self.branchings[1]
        spots = self.parts.spot[nodes.at[:, 0][:, second.order]]
        field = np.where(spots >= 0, self.parts.alone[second.order[None, :, None], spots], np.inf)
        left = np.repeat(second.layer.capacity[None], len(field), axis=0)
        return self._bounded(1, 0, nodes.at, nodes.cost, field, left, nodes.bound)

    def _rest(self, session: int, rest: Ints, at: Ints) -> Floats:
        """Return what neither layer knows of a session that has just got both classes, and each that is open."""
        assert self.parts is not None
        spot = self.parts.spot
        here = spot[at[:, 0, session], at[:, 1, session]]
        there = spot[at[:, 0][:, rest]]
        return np.minimum(self.parts.rest(session, rest, here, there), self.branchings[1].above)

    def _bounded(self, layer: int, depth: int, at: Ints, cost: Floats, field: Floats, left: Ints,
                 before: Floats) -> Nodes:
        """Return those of some nodes that may be of use, those with the least bound first."""
        ceiling = self.ceiling()
        above = self.above if layer == 0 else 0.0
        field = np.where((left == 0)[:, None, :], np.inf, field)
        bound = cost + above
        if field.shape[1]:
            bound = self.branchings[layer].bound(depth, bound, field, left, ceiling - self.grain)
        bound = np.maximum(before, self.grain * np.ceil(bound / self.grain - 1e-6))
        order = np.argsort(bound, kind="stable")
        order = order[bound[order] < ceiling]
        return Nodes(layer, depth, at, cost, field, left, bound).only(order)

    def _push(self, nodes: Nodes) -> None:
        for begin in range(0, len(nodes.cost), self.together):
            part = nodes.only(np.arange(begin, min(begin + self.together, len(nodes.cost))))  # no view: see `bytes`
            self.number += 1
            self.bytes += part.size
            heapq.heappush(self.heap, (float(part.bound[0]), -part.layer, -part.depth, self.number, part))

    def _pop(self) -> Nodes:
        if self.bytes > MOST_BYTES:
            chosen = min(range(len(self.heap)), key=lambda i: (self.heap[i][1:3], self.heap[i][0]))
            nodes = self.heap.pop(chosen)[-1]
            heapq.heapify(self.heap)
        else:
            nodes = heapq.heappop(self.heap)[-1]
        self.bytes -= nodes.size
        return nodes
