"""A CP-SAT model of blocks and cells: in which block each session is, and where each group is in how many rooms.

Rooms of a class are one number: which of them a group has is found afterwards. So the model says at most what every
schedule costs, and exactly what it costs one in which groups are in one room at a time and find it free.

What one group costs is a variable of its own, and the objective is their sum and what pairs cost. A group costs at
least its floor, what it would cost if it were alone. So with a budget for all, each has its floor and what is left
above all the floors: most of what a group might do is ruled out before the search begins.

- `CellModel`: the model of all groups, or of some. `shares`: rows that say what fits into cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from igfsched.engine.cells.arrange import slot_stars
from igfsched.engine.cells.look import Cells
from igfsched.facts import Ints, Places

Rooms = tuple[tuple[int, ...], ...]


def shares(slots: int, needs: tuple[int, ...]) -> list[Ints]:
    """Return, each as an array by need, what sessions take of a cell: in no cell they add up to more than its slots.

    The first is the need itself. In each other one short sessions take nothing, and those beside which only they have
    room take the whole cell.
    """
    found = [np.arange(slots + 1)]
    for short in sorted({*needs, *(slots - need + 1 for need in needs)}):
        if 1 < short <= slots / 2 + 0.5 and max(needs) > slots - short:
            taken = np.arange(slots + 1)
            taken[:short] = 0
            taken[slots - short + 1:] = slots
            found.append(taken)
    return found


class CellModel:
    """The model of some cells, `rooms` being the classes of rooms that it tells apart.

    `groups`: those in the model, all unless said. `floors`: what each group costs at least, shape `(groups,)`.
    `merging`: whether a group that fits into one cell of a block is never in two; unless said, where that is no loss.
    """

    def __init__(self, cells: Cells, rooms: Rooms, merging: bool = True, *, floors: Ints | None = None,
                 groups: Sequence[int] | None = None) -> None:
        self.cells = cells
        self.rooms = rooms
        self.groups = tuple(range(len(cells.groups)) if groups is None else groups)
        self.floors = np.zeros(len(cells.groups), dtype=np.int64) if floors is None else floors
        self.cp: Any = cp_model.CpModel()
        self._own: dict[int, list[tuple[int, Any, int]]] = {g: [] for g in self.groups}
        self.between: list[tuple[int, Any, tuple[int, int]]] = []
        """What two groups pay together: weight, how often, and which they are."""
        seen, lowered = cells.seen, cells.lowered
        self.room_prices = lowered.room_prices[cells.tier]
        # Two cells of a group that fit into one are never better apart, unless something depends on single slots.
        self.merging = merging and not seen.unseen and not self.room_prices.any()
        self._add_sessions()
        self._add_groups()
        self._add_prices()
        self._add_room_changes()
        self._add_breaks()
        self._add_meetings()
        self._add_shared_slots()
        self._add_orders()
        self._add_total()

    def _pay(self, g: int, price: int, variable: Any, most: int = 1) -> None:
        """Let a group pay a price times a variable that is at most `most`."""
        if price:
            self._own[g].append((price, variable, most))

    def _add_total(self) -> None:
        self.spent: dict[int, Any] = {}
        self.most = 0
        """No solution costs more."""
        for g, own in self._own.items():
            if own:
                most = sum(price * most for price, _, most in own)
                self.most += most
                self.spent[g] = self.cp.new_int_var(int(self.floors[g]), most, "")
                self.cp.add(self.spent[g] == sum(price * variable for price, variable, _ in own))
        self.total = sum(self.spent.values()) + sum(weight * meet for weight, meet, _ in self.between)
        self.most += sum(weight * int(max(self.cp.proto.variables[meet.index].domain))
                         for weight, meet, _ in self.between)
        self.cp.minimize(self.total)

    def within(self, budget: int | None, bound: int = 0) -> Any:
        """Return a copy in which everything costs at most a budget, and at least a bound known from elsewhere."""
        copy = self.cp.clone()
        if budget is not None:
            self.limit(copy.proto, budget)
            copy.add(self.total <= budget)
        if bound > 0:
            copy.add(self.total >= bound)
        return copy

    def limit(self, proto: Any, budget: int) -> None:
        """Leave each group what it may cost in a schedule within a budget: its floor, and what no other one needs."""
        above = budget - int(sum(self.floors[g] for g in self.spent))
        for g, spent in self.spent.items():
            domain = proto.variables[spent.index].domain
            low, high = list(domain)
            domain.clear()
            domain.extend((low, max(low, min(high, int(self.floors[g]) + above))))

    def _add_sessions(self) -> None:
        cells, cp = self.cells, self.cp
        self.inside: dict[tuple[int, int], Any] = {}
        for session in (session for g in self.groups for session in cells.groups[g]):
            own = []
            for b in np.flatnonzero(cells.price[session] >= 0).tolist():
                literal = self.inside[session, b] = cp.new_bool_var("")
                own.append(literal)
                self._pay(cells.group_of[session], int(cells.price[session, b]), literal)
            cp.add_exactly_one(own)

    def _add_groups(self) -> None:
        """A group is in a block or not, and then in at least one room, and in as many as its sessions fill."""
        cells, cp = self.cells, self.cp
        parallel = dict.fromkeys(range(len(cells.groups)), 0)
        for g, weight in cells.seen.parallel:
            parallel[g] += weight
        self.used: dict[tuple[int, int], Any] = {}
        self.room: dict[tuple[int, int, int], Any] = {}
        self.more: dict[tuple[int, int, int], Any] = {}
        for g in self.groups:
            sessions = cells.groups[g]
            total = int(cells.need[list(sessions)].sum())
            for b, slots in enumerate(cells.slots.tolist()):
                used = self.used[g, b] = cp.new_bool_var("")
                own = [self.inside[s, b] for s in sessions if (s, b) in self.inside]
                for literal in own:
                    cp.add_implication(literal, used)
                cp.add_bool_or([*own, ~used])
                count = 0
                several = total > slots or (not self.merging and len(sessions) > 1)
                for c, rooms in enumerate(self.rooms):
                    literal = self.room[g, b, c] = cp.new_bool_var("")
                    cp.add_implication(literal, used)
                    count += literal
                    if several and len(rooms) > 1:
                        more = self.more[g, b, c] = cp.new_int_var(0, min(len(rooms), len(sessions)) - 1, "")
                        cp.add(more <= (len(rooms) - 1) * literal)
                        count += more
                needs = {s: int(cells.need[s]) for s in sessions if (s, b) in self.inside}
                for taken in shares(slots, tuple(needs.values())) if several else (np.arange(slots + 1),):
                    cp.add(sum(int(taken[need]) * self.inside[s, b] for s, need in needs.items()) <= slots * count)
                if several:
                    beyond = cp.new_int_var(0, len(sessions), "")
                    cp.add(beyond == count - used)
                    self._pay(g, parallel[g], beyond, len(sessions))
                else:
                    cp.add(count == used)
            cp.add(sum(self._number(g, b, c) for b in range(len(cells.slots)) for c in range(len(self.rooms)))
                   >= cells.fewest(total))
        for b in range(len(cells.slots)):
            for c, rooms in enumerate(self.rooms):
                cp.add(sum(self._number(g, b, c) for g in self.groups) <= len(rooms))

    def _number(self, g: int, b: int, c: int) -> Any:
        """Return in how many rooms of a class a group is in a block."""
        return self.room[g, b, c] + self.more.get((g, b, c), 0)

    def _add_prices(self) -> None:
        for group, table, weight in self.cells.seen.prices:
            for g in self.groups if group < 0 else {group}.intersection(self.groups):
                for b in range(len(self.cells.slots)):
                    for c, rooms in enumerate(self.rooms):
                        price = weight * int(table[b, rooms[0]])
                        if price:
                            self._pay(g, price, self._number(g, b, c), len(rooms))
        for session in np.flatnonzero(self.room_prices.any(axis=1)).tolist():
            if self.cells.group_of.get(session) in self._own:
                self._price_rooms(session)

    def _price_rooms(self, session: int) -> None:
        """Let a session pay for the cheapest of the rooms that its group has in its block."""
        g = self.cells.group_of[session]
        prices = [int(self.room_prices[session, rooms[0]]) for rooms in self.rooms]
        paid = 0
        for price in sorted({price for price in prices if price}):
            dear = self.cp.new_bool_var("")
            self._pay(g, price - paid, dear)
            paid = price
            for b in range(len(self.cells.slots)):
                if (session, b) in self.inside:
                    cheap = [self.room[g, b, c] for c, other in enumerate(prices) if other < price]
                    self.cp.add_bool_or([dear, ~self.inside[session, b], *cheap])

    def _add_room_changes(self) -> None:
        """Rooms of a group beyond the first: at least the most of each class in one block."""
        blocks = range(len(self.cells.slots))
        for g, weight in self.cells.seen.rooms:
            if g not in self._own:
                continue
            total: Any = 0
            for c, rooms in enumerate(self.rooms):
                several = [self._number(g, b, c) for b in blocks if (g, b, c) in self.more]
                most = self.cp.new_int_var(0, len(rooms) if several else 1, "")
                for b in blocks:
                    self.cp.add(most >= self._number(g, b, c))
                total += most
            beyond = self.cp.new_int_var(0, self.cells.n_rooms, "")
            self.cp.add(beyond >= total - 1)
            self._pay(g, weight, beyond, self.cells.n_rooms)

    def _add_breaks(self) -> None:
        blocks = len(self.cells.slots)
        for g, weight, first_only in self.cells.seen.breaks:
            if g not in self._own:
                continue
            begins = [self.used[g, 0]]
            for b in range(1, blocks):
                begin = self.cp.new_bool_var("")
                self.cp.add_bool_or([begin, ~self.used[g, b], self.used[g, b - 1]])
                begins.append(begin)
            broken = self.cp.new_bool_var("") if first_only else self.cp.new_int_var(0, blocks, "")
            self.cp.add(sum(begins) <= 1 + (blocks // 2 if first_only else 1) * broken)
            self._pay(g, weight, broken, 1 if first_only else blocks)

    def _add_meetings(self) -> None:
        together: dict[tuple[int, int], int] = {}
        for a, b, weight in self.cells.seen.meetings:
            together[min(a, b), max(a, b)] = together.get((min(a, b), max(a, b)), 0) + weight
        for (first, second), weight in together.items():
            if first not in self._own or second not in self._own:
                continue
            for b in range(len(self.cells.slots)):
                meet = self.cp.new_bool_var("")
                self.cp.add_bool_or([meet, ~self.used[first, b], ~self.used[second, b]])
                self.between.append((weight, meet, (first, second)))
        pairs: dict[tuple[int, int], int] = {}
        for a, b, weight in self.cells.seen.apart:
            pairs[min(a, b), max(a, b)] = pairs.get((min(a, b), max(a, b)), 0) + weight
        for (one, other), weight in pairs.items():
            if not {self.cells.group_of[one], self.cells.group_of[other]} <= self._own.keys():
                continue
            meet = self.cp.new_bool_var("")
            for b in range(len(self.cells.slots)):
                if (one, b) in self.inside and (other, b) in self.inside:
                    self.cp.add_bool_or([meet, ~self.inside[one, b], ~self.inside[other, b]])
            self.between.append((weight, meet, (self.cells.group_of[one], self.cells.group_of[other])))

    def _add_shared_slots(self) -> None:
        """A session shares slots with those of another group that fill a block beside it, whatever their slots are.

        So many of them as are in one room of a block have different slots. In k rooms they fill at least one k-th of
        what they need: that is no less than what they need above all slots of the rooms but one.
        """
        cells = self.cells
        for session, others in slot_stars(cells):
            g, need = cells.group_of[next(iter(others))], int(cells.need[session])
            if not {g, cells.group_of[session]} <= self._own.keys():
                continue
            for b, slots in enumerate(cells.slots.tolist()):
                there = [other for other in others if (other, b) in self.inside]
                if (session, b) not in self.inside or need + int(cells.need[there].sum()) <= slots:
                    continue
                shared = self.cp.new_int_var(0, need, "")
                rooms = sum(self._number(g, b, c) for c in range(len(self.rooms))) + 1 - self.used[g, b]
                self.cp.add(shared >= need * self.inside[session, b] - slots * rooms + sum(
                    int(cells.need[other]) * self.inside[other, b] for other in there))
                self.between.append((min(others.values()), shared, (cells.group_of[session], g)))

    def _add_orders(self) -> None:
        """A session can have its place if so many of its group are in earlier blocks, or up to its own."""
        cells = self.cells
        alike: dict[tuple[int, int], list[Any]] = {}
        for session, wanted, weight in cells.seen.orders:
            g = cells.group_of[session]
            if g not in self._own:
                continue
            wrong = self.cp.new_bool_var("")
            self._pay(g, weight, wrong)
            alike.setdefault((g, wanted), []).append(~wrong)
            if wanted >= len(cells.groups[g]):
                self.cp.add(wrong == 1)
                continue
            for b in range(len(cells.slots)):
                if (session, b) in self.inside:
                    until = [self.inside[s, other] for s in cells.groups[g] for other in range(b)
                             if (s, other) in self.inside]
                    here = [self.inside[s, b] for s in cells.groups[g] if (s, b) in self.inside]
                    held = [~wrong, self.inside[session, b]]
                    self.cp.add(sum(until) <= wanted).only_enforce_if(held)
                    self.cp.add(sum(until) + sum(here) >= wanted + 1).only_enforce_if(held)
        for literals in alike.values():
            if len(literals) > 1:
                self.cp.add_at_most_one(literals)

    # -- hints and answers ---------------------------------------------------------------------

    def hint(self, places: Places) -> None:
        """Suggest given places."""
        self.cp.clear_hints()
        cells, block = self.cells, self.cells.axis.of_tick
        assert block is not None
        kind = {room: c for c, rooms in enumerate(self.rooms) for room in rooms}
        rooms: dict[tuple[int, int, int], set[int]] = {}
        at = {session: int(block[places.start[session]]) for session in cells.group_of}
        for session, b in at.items():
            for room in places.rooms[session]:
                rooms.setdefault((cells.group_of[session], b, kind[room]), set()).add(room)
        used = {(g, b) for g, b, _ in rooms}
        for key, literal in self.inside.items():
            self.cp.add_hint(literal, int(at[key[0]] == key[1]))
        for key, literal in self.used.items():
            self.cp.add_hint(literal, int(key in used))
        for cell, literal in self.room.items():
            self.cp.add_hint(literal, int(cell in rooms))
        for cell, number in self.more.items():
            self.cp.add_hint(number, max(0, len(rooms.get(cell, ())) - 1))

    def blocks_of(self, values: Ints) -> dict[int, int]:
        """Return the block of each session."""
        return {session: b for (session, b), literal in self.inside.items() if values[literal.index]}

    def rooms_of(self, values: Ints) -> dict[tuple[int, int], dict[int, int]]:
        """Return, by group and block, how many rooms of each class it has."""
        found: dict[tuple[int, int], dict[int, int]] = {}
        for (g, b, c), literal in self.room.items():
            if values[literal.index]:
                number = 1 + (int(values[self.more[g, b, c].index]) if (g, b, c) in self.more else 0)
                found.setdefault((g, b), {})[c] = number
        return found
