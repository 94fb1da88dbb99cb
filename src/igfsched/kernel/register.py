"""What primitives say of each session, by session, and how it follows when primitives come and go.

- `Register`: tables, links and terms of each session, its options, rooms.
- `Touched`: which sessions an exchange of primitives touches.

Boards of a programme before and after a change share what is the same: lists of single sessions are replaced,
never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from attrs import define, field

from igfsched.facts import Facts, Ints
from igfsched.kernel.counts import Counter
from igfsched.kernel.links import Link, Links, can_be_taken_apart, links_of
from igfsched.kernel.loads import Burden
from igfsched.kernel.options import Options, OptionTable, options_of
from igfsched.kernel.rooms import RoomBoard
from igfsched.lowering import Lowered
from igfsched.primitives import Load, Meet, Pair, Primitive, Shape, Table, Tally, Unit, Watch

HARD_TIER = -1
Term = Counter | Burden
Stated = tuple[Unit, Primitive]
"""A primitive with the unit that states it."""


@define(eq=False)
class Touched:
    """What a change of primitives touches: sessions by what they have, and terms that are gone.

    `times`: whose options are others; `housing`: whose tables speak of rooms or times; `unlinked`, `links`: who
    loses links, and who gets which.
    """

    times: set[int] = field(factory=set)
    housing: set[int] = field(factory=set)
    unlinked: set[int] = field(factory=set)
    links: dict[int, list[tuple[Primitive, Link]]] = field(factory=dict)
    terms: list[Term] = field(factory=list)
    rooms: bool = False

    def note(self, table: Table) -> None:
        """Note a table that came or went."""
        if table.time:
            self.times.add(table.session)
        if table.rooms is not None or table.room_time:
            self.housing.add(table.session)


@define(eq=False)
class Register:
    """A programme as its sessions see it. `kept` sessions stay; nobody else may start before the tick `earliest`.

    `unknown`: primitives whose state cannot be kept here; if there are any, the solver answers alone.
    """

    lowered: Lowered
    kept: frozenset[int] = frozenset()
    earliest: int = 0
    facts: Facts = field(init=False)
    tiers: tuple[int, ...] = field(init=False)
    tier_index: dict[int, int] = field(init=False)
    tables: list[list[tuple[Unit, Table]]] = field(init=False)
    links: list[list[tuple[Primitive, Link]]] = field(init=False)
    held_terms: dict[int, Term] = field(factory=dict)
    terms_of: list[list[Term]] = field(init=False)
    rooms: RoomBoard = field(init=False)
    room_tallies: dict[int, Tally] = field(factory=dict)
    absence: Ints = field(init=False)
    unknown: frozenset[int] = frozenset()
    _options: dict[int, Options] = field(factory=dict)
    _links: dict[int, Links] = field(factory=dict)
    _table: OptionTable | None = None
    _stale: frozenset[int] = frozenset()

    def __attrs_post_init__(self) -> None:
        self.facts = self.lowered.facts
        self.tiers = self.lowered.tiers
        self.tier_index = {tier: index for index, tier in enumerate(self.tiers)}
        n = self.facts.n
        self.tables = [[] for _ in range(n)]
        self.links = [[] for _ in range(n)]
        self.terms_of = [[] for _ in range(n)]
        self.rooms = RoomBoard(self.facts, len(self.facts.programme.rooms))
        self.absence = np.zeros(n, dtype=np.int64)
        touched = Touched(rooms=True)
        self._enter([(unit, primitive) for unit in self.lowered.units for primitive in unit.primitives], touched)
        self._relink((), touched)
        self._reread(touched, range(n))

    def _tier(self, unit: Unit) -> int:
        return HARD_TIER if unit.rule.hard else self.tier_index[unit.rule.tier]

    def _enter(self, stated: Sequence[Stated], touched: Touched) -> None:
        """Take primitives in. Lists of single sessions are replaced, never changed: other boards may share them."""
        terms: dict[int, list[Term]] = {}
        for unit, primitive in stated:
            if isinstance(primitive, Table):
                self.absence[primitive.session] += primitive.absent
            if unit.rule.name == "placed":
                continue
            tier = self._tier(unit)
            if isinstance(primitive, Table):
                self.tables[primitive.session] = [*self.tables[primitive.session], (unit, primitive)]
                touched.note(primitive)
            elif not _is_known(primitive, tier):
                self.unknown = self.unknown | {id(primitive)}
            elif isinstance(primitive, Pair) or (isinstance(primitive, Tally) and can_be_taken_apart(primitive)):
                weight = unit.rule.weight if tier >= 0 else 1
                for session, link in links_of(self.facts, primitive, tier, weight):
                    touched.links.setdefault(session, []).append((primitive, link))
            elif isinstance(primitive, Tally) and primitive.axis.room_class is not None:
                self.room_tallies[id(primitive)] = primitive
                touched.rooms = True
            elif not isinstance(primitive, Meet | Watch):
                term: Term = Burden(unit, primitive, tier) if isinstance(primitive, Load) else Counter(
                    self.facts, unit, primitive, tier)
                self.held_terms[id(primitive)] = term
                for session in term.sessions:
                    terms.setdefault(session, []).append(term)
        for session, own in terms.items():
            self.terms_of[session] = [*self.terms_of[session], *own]

    def _leave(self, stated: Sequence[Stated], touched: Touched) -> None:
        """Take primitives out."""
        gone = {id(primitive) for _, primitive in stated}
        self.unknown = self.unknown - gone
        tables: set[int] = set()
        terms: set[int] = set()
        for unit, primitive in stated:
            if isinstance(primitive, Table):
                self.absence[primitive.session] -= primitive.absent
                if unit.rule.name != "placed":
                    touched.note(primitive)
                    tables.add(primitive.session)
            elif id(primitive) in self.held_terms:
                term = self.held_terms.pop(id(primitive))
                touched.terms.append(term)
                terms.update(term.sessions)
            elif isinstance(primitive, Pair):
                touched.unlinked |= {primitive.first, primitive.second}
            elif isinstance(primitive, Tally) and self.room_tallies.pop(id(primitive), None) is not None:
                touched.rooms = True
            elif isinstance(primitive, Tally):
                touched.unlinked.update(primitive.members)
        left = {id(term) for term in touched.terms}
        for session in terms:
            self.terms_of[session] = [term for term in self.terms_of[session] if id(term) not in left]
        for session in tables:
            self.tables[session] = [pair for pair in self.tables[session] if id(pair[1]) not in gone]

    def _relink(self, stated: Sequence[Stated], touched: Touched) -> None:
        """Give sessions the links that came, without those of primitives that are gone."""
        gone = {id(primitive) for _, primitive in stated}
        for session in touched.unlinked | touched.links.keys():
            held = [pair for pair in self.links[session] if id(pair[0]) not in gone]
            self.links[session] = held + touched.links.get(session, [])
            self._links.pop(session, None)

    def _reread(self, touched: Touched, more: Iterable[int]) -> bool:
        """Take in what tables and counts of rooms say now. Say whether other sessions share rooms than before."""
        board = self.rooms
        sessions = sorted(touched.housing | set(more))
        before = board.allowed.copy(), list(board.need), board.changeover.copy()
        closed = [board.closing(session) for session in sessions]
        if touched.rooms:
            board.changeover = np.full(board.n_rooms, -1, dtype=np.int64)
            board.counts = {}
            for tally in self.room_tallies.values():
                if len(tally.members) == 1:
                    board.counts.setdefault(tally.members[0], []).append(tally)
                else:
                    board.share(tally)
        stale = touched.times | set(more)
        for session in stale:
            self._options.pop(session, None)
        self._stale = self._stale | stale
        for session in sessions:
            board.read(session, self.tables[session], self.tier_index)
            own = self.facts.sessions[session]
            board.need[session] = own.room_count if own is not None and board.n_rooms else 0
        return not (np.array_equal(before[0], board.allowed) and before[1] == board.need
                    and np.array_equal(before[2], board.changeover)
                    and closed == [board.closing(session) for session in sessions])

    def options(self, session: int) -> Options:
        """Return where masks let a session be."""
        found = self._options.get(session)
        if found is None:
            found = self._options[session] = options_of(
                self.facts, session, self.tables[session], self.tier_index, self.earliest)
        return found

    def table(self, sessions: Iterable[int]) -> OptionTable:
        """Return a table in which the options of some sessions are right; of those of others nobody should ask."""
        if self._table is None or not self._stale.isdisjoint(sessions):
            self._table = OptionTable.of([self.options(session) for session in range(self.facts.n)])
            self._stale = frozenset()
        return self._table

    def linked(self, session: int) -> Links:
        """Return the links of a session as arrays."""
        found = self._links.get(session)
        if found is None:
            found = self._links[session] = Links([link for _, link in self.links[session]])
        return found

    def terms(self) -> list[Term]:
        """Return all counters and burdens."""
        return list(self.held_terms.values())


def differing(gone: Sequence[Unit], new: Sequence[Unit]) -> tuple[list[Stated], list[Stated]]:
    """Return the primitives of units that are gone and of those that came, less what both have."""
    def by_rule(units: Sequence[Unit]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for unit in units:
            found.setdefault(id(unit.rule), set()).update(map(id, unit.primitives))
        return found

    def left(units: Sequence[Unit], others: dict[int, set[int]]) -> list[Stated]:
        none: set[int] = set()
        return [(unit, primitive) for unit in units for known in (others.get(id(unit.rule), none),)
                for primitive in unit.primitives if id(primitive) not in known]

    return left(gone, by_rule(new)), left(new, by_rule(gone))


def _is_known(primitive: Primitive, tier: int) -> bool:
    """Whether the kernel can keep the state of a primitive; otherwise CP-SAT answers alone."""
    if isinstance(primitive, Load):
        return primitive.kind != "top" and (tier >= 0 or primitive.kind != "spread")
    if isinstance(primitive, Meet | Watch) or (isinstance(primitive, Shape) and not primitive.plain):
        return False
    if isinstance(primitive, Pair) and (primitive.scale != 1 or primitive.kind in (
            "matrix", "late_count", "overlap_count", "elsewhere", "not_together")):
        return False
    if isinstance(primitive, Tally) and (primitive.count.kind == "table" or primitive.footprints):
        return False
    axis = primitive.footprint.axis if isinstance(primitive, Shape) else getattr(primitive, "axis", None)
    if axis is None or axis.room_class is None:
        return True
    if not isinstance(primitive, Tally) or tier >= 0:
        return False
    if len(primitive.members) == 1:
        return axis.of_tick is not None
    return primitive.count.kind == "pairs" and axis.of_tick is None and primitive.demand is None


