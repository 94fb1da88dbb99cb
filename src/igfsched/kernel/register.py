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

from igfsched.facts import Bools, Facts, Ints
from igfsched.kernel.counts import Counter
from igfsched.kernel.links import Link, Links, can_be_taken_apart, links_of
from igfsched.kernel.loads import Burden, Excesses, is_excess_of_one
from igfsched.kernel.options import Options, OptionTable, options_of
from igfsched.kernel.rooms import RoomBoard
from igfsched.kernel.special import is_special, special
from igfsched.kernel.states import State
from igfsched.lowering import Lowered
from igfsched.primitives import Load, Meet, Pair, Primitive, Shape, Table, Tally, Unit, grows, looks_at_rooms

HARD_TIER = -1
Term = Counter | Burden | State
Stated = tuple[Unit, Primitive]
"""A primitive with the unit that states it."""


@define(eq=False)
class Touched:
    """What a change of primitives touches: sessions by what they have, and terms that are gone.

    `times`: whose options are others; `housing`: whose tables speak of rooms; `priced`: whose soft ones do;
    `unlinked`, `links`: who loses links, and who gets which.
    """

    times: set[int] = field(factory=set)
    housing: set[int] = field(factory=set)
    priced: set[int] = field(factory=set)
    unlinked: set[int] = field(factory=set)
    links: dict[int, list[tuple[Primitive, Link]]] = field(factory=dict)
    terms: list[Term] = field(factory=list)
    rooms: bool = False

    def note(self, unit: Unit, table: Table) -> None:
        """Note a table that came or went."""
        if table.time:
            self.times.add(table.session)
        elif not unit.rule.hard:
            self.priced.add(table.session)
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
    hard_terms: dict[int, Term] = field(factory=dict)
    spreads: dict[int, Term] = field(factory=dict)
    """Soft terms that may become smaller as more sessions come."""
    terms_of: list[list[Term]] = field(init=False)
    rooms: RoomBoard = field(init=False)
    room_tallies: dict[int, Tally] = field(factory=dict)
    absence: Ints = field(init=False)
    unknown: frozenset[int] = frozenset()
    _options: dict[int, Options] = field(factory=dict)
    _links: dict[int, Links] = field(factory=dict)
    _parts: dict[int, tuple[list[Term], list[Term], Excesses | None]] = field(factory=dict)
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
        self.enter([(unit, primitive) for unit in self.lowered.units for primitive in unit.primitives], touched)
        self.relink((), touched)
        self.reread(touched, range(n))

    def _tier(self, unit: Unit) -> int:
        return HARD_TIER if unit.rule.hard else self.tier_index[unit.rule.tier]

    def enter(self, stated: Sequence[Stated], touched: Touched) -> None:
        """Take primitives in. Lists of single sessions are replaced, never changed: other boards may share them."""
        terms: dict[int, list[Term]] = {}
        burdens: dict[tuple[int, str], list[Burden]] = {}
        for term in touched.terms:
            if isinstance(term, Burden):
                burdens.setdefault((id(term.unit.rule), term.unit.sentence), []).append(term)
        for unit, primitive in stated:
            if isinstance(primitive, Table):
                self.absence[primitive.session] += primitive.absent
            if unit.rule.name == "placed":
                continue
            tier = self._tier(unit)
            if isinstance(primitive, Table):
                self.tables[primitive.session] = [*self.tables[primitive.session], (unit, primitive)]
                touched.note(unit, primitive)
            elif not _is_known(primitive, tier):
                self.unknown = self.unknown | {id(primitive)}
            elif isinstance(primitive, Pair) or (isinstance(primitive, Tally) and can_be_taken_apart(primitive)):
                weight = unit.rule.weight if tier >= 0 else 1
                for session, link in links_of(self.facts, primitive, tier, weight):
                    touched.links.setdefault(session, []).append((primitive, link))
            elif isinstance(primitive, Tally) and primitive.axis.room_class is not None:
                self.room_tallies[id(primitive)] = primitive
                touched.rooms = True
            else:
                fresh: Term
                if is_special(primitive):
                    fresh = special(self.facts, unit, primitive, tier)
                elif isinstance(primitive, Load):
                    older = burdens.get((id(unit.rule), unit.sentence))
                    fresh = Burden(unit, primitive, tier, older.pop() if older else None)
                else:
                    assert isinstance(primitive, Tally | Shape)
                    fresh = Counter(self.facts, unit, primitive, tier)
                self.held_terms[id(primitive)] = fresh
                if tier < 0:
                    self.hard_terms[id(primitive)] = fresh
                elif not fresh.growing:
                    self.spreads[id(primitive)] = fresh
                for session in fresh.sessions:
                    terms.setdefault(session, []).append(fresh)
        for session, own in terms.items():
            self.terms_of[session] = [*self.terms_of[session], *own]

    def leave_out(self, stated: Sequence[Stated], touched: Touched) -> None:
        """Take primitives out."""
        gone = {id(primitive) for _, primitive in stated}
        self.unknown = self.unknown - gone
        tables: set[int] = set()
        terms: set[int] = set()
        for unit, primitive in stated:
            if isinstance(primitive, Table):
                self.absence[primitive.session] -= primitive.absent
                if unit.rule.name != "placed":
                    touched.note(unit, primitive)
                    tables.add(primitive.session)
            elif id(primitive) in self.held_terms:
                term = self.held_terms.pop(id(primitive))
                self.hard_terms.pop(id(primitive), None)
                self.spreads.pop(id(primitive), None)
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

    def relink(self, stated: Sequence[Stated], touched: Touched) -> None:
        """Give sessions the links that came, without those of primitives that are gone."""
        gone = {id(primitive) for _, primitive in stated}
        for session in touched.unlinked | touched.links.keys():
            held = [pair for pair in self.links[session] if id(pair[0]) not in gone]
            self.links[session] = held + touched.links.get(session, [])
            self._links.pop(session, None)

    def reread(self, touched: Touched, more: Iterable[int]) -> bool:
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

    @property
    def startable(self) -> Bools | None:
        """Where sessions may still start, shape `(variants, starts)`; None: wherever it is allowed."""
        return self.lowered.allowed & (self.facts.starts >= self.earliest) if self.earliest else None

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

    def terms_in_parts(self, session: int) -> tuple[list[Term], Excesses | None]:
        """Return the terms of a session, those apart that are asked all at once."""
        known = self._parts.get(session)
        own = self.terms_of[session]
        if known is None or known[0] is not own:
            apart = [term for term in own if is_excess_of_one(term)]
            excesses = Excesses(apart) if len(apart) > 1 else None  # type: ignore[arg-type]
            others = [term for term in own if term not in apart] if excesses is not None else own
            known = self._parts[session] = own, others, excesses
        return known[1], known[2]

    def terms(self) -> list[Term]:
        """Return all counters and burdens."""
        return list(self.held_terms.values())


def linked_by(primitive: Pair | Tally) -> tuple[int, ...]:
    """Return the sessions that a primitive links, none if it is no matter of links."""
    if isinstance(primitive, Pair):
        return primitive.first, primitive.second
    return primitive.members if can_be_taken_apart(primitive) else ()


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
        return tier >= 0 or primitive.kind != "spread"
    if isinstance(primitive, Pair) and primitive.kind in ("overlap_count", "not_together"):
        return False
    if isinstance(primitive, Pair | Meet) or is_special(primitive):
        return not looks_at_rooms(primitive) and (tier >= 0 or grows(primitive))
    axis = primitive.footprint.axis if isinstance(primitive, Shape) else getattr(primitive, "axis", None)
    if axis is None or axis.room_class is None:
        return True
    if not isinstance(primitive, Tally) or tier >= 0:
        return False
    if len(primitive.members) == 1:
        return axis.of_tick is not None
    return primitive.count.kind == "pairs" and axis.of_tick is None and primitive.demand is None


