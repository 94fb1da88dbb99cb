"""All sessions at their places, with what every primitive says of them, kept up to date as sessions come and go.

- `Board`: the incremental arrays. It knows primitives, no rule.
- `Look`: where one session could go from here, and what each place would cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy

import numpy as np
from attrs import define, field, frozen

from igfsched.facts import Facts, Ints, Places
from igfsched.kernel.counts import Counter
from igfsched.kernel.links import Link, Links, Standing, can_be_taken_apart, links_of
from igfsched.kernel.loads import Burden
from igfsched.kernel.options import Options, OptionTable, options_of
from igfsched.kernel.rooms import RoomBoard, Rooms
from igfsched.lowering import Lowered
from igfsched.primitives import Axis, Count, Load, Pair, Primitive, Shape, Table, Tally, Unit
from igfsched.rule import Rule

NOWHERE = -1
HARD_TIER = -1
POOL = Unit(rule=Rule(), sentence="there is a room for each session", primitives=())


@frozen(eq=False)
class Look:
    """Where one session, which is nowhere now, may go without breaking a hard rule; rooms apart.

    `deltas`: by how much each place raises the score, `(tiers, options)`. `floor`: a lower bound of that
    which still holds when other sessions come as well; `grows`: the part of it that is not simply added up.
    """

    options: Options
    deltas: Ints
    added: Ints
    grown: Ints


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
    terms: list[Counter | Burden] = field(factory=list)
    rooms: bool = False

    def note(self, table: Table) -> None:
        """Note a table that came or went."""
        if table.time:
            self.times.add(table.session)
        if table.rooms is not None or table.room_time:
            self.housing.add(table.session)


@define(eq=False)
class Board:
    """The state of a repair. Sessions and places by index, as in `Facts`.

    `kept`: sessions that stay where they are; what hard rules find in them alone is accepted. `earliest`: the
    tick before which nobody else may start.
    """

    lowered: Lowered
    kept: frozenset[int] = frozenset()
    earliest: int = 0
    facts: Facts = field(init=False)
    tiers: tuple[int, ...] = field(init=False)
    tier_index: dict[int, int] = field(init=False)
    tables: list[list[tuple[Unit, Table]]] = field(init=False)
    links: list[list[tuple[Primitive, Link]]] = field(init=False)
    held_terms: dict[int, Counter | Burden] = field(factory=dict)
    terms_of: list[list[Counter | Burden]] = field(init=False)
    standing: Standing = field(init=False)
    rooms: RoomBoard = field(init=False)
    cost: Ints = field(init=False)
    absence: Ints = field(init=False)
    pools: list[Counter] = field(factory=list)
    _table: OptionTable | None = None
    _stale: frozenset[int] = frozenset()
    _demands: list[Counter | Burden] | None = None
    _spreads: list[Burden] | None = None
    broken_links: int = 0
    accepted_links: int = 0
    unknown: frozenset[int] = frozenset()
    log: list[tuple[Counter | Burden, int, int, int, int]] | None = None
    done: list[tuple[Counter | Burden, int, int, int, int]] | None = None
    room_tallies: dict[int, Tally] = field(factory=dict)
    _options: dict[int, Options] = field(factory=dict)
    _links: dict[int, Links] = field(factory=dict)

    # -- making and remaking -------------------------------------------------------------------

    def __attrs_post_init__(self) -> None:
        self.facts = self.lowered.facts
        self.tiers = self.lowered.tiers
        self.tier_index = {tier: index for index, tier in enumerate(self.tiers)}
        n = self.facts.n
        self.tables = [[] for _ in range(n)]
        self.links = [[] for _ in range(n)]
        self.terms_of = [[] for _ in range(n)]
        nowhere = np.full(n, NOWHERE, dtype=np.int64)
        self.standing = Standing(nowhere, nowhere.copy(), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64))
        self.rooms = RoomBoard(self.facts, len(self.facts.programme.rooms))
        self.cost = np.zeros(len(self.tiers), dtype=np.int64)
        self.absence = np.zeros(n, dtype=np.int64)
        touched = Touched(rooms=True)
        self._enter([(unit, primitive) for unit in self.lowered.units for primitive in unit.primitives], touched)
        self._relink((), touched)
        self._reread(touched, range(n))

    def _tier(self, unit: Unit) -> int:
        return HARD_TIER if unit.rule.hard else self.tier_index[unit.rule.tier]

    def _enter(self, stated: Sequence[Stated], touched: Touched) -> None:
        """Take primitives in. Lists of single sessions are replaced, never changed: other boards may share them."""
        terms: dict[int, list[Counter | Burden]] = {}
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
            else:
                term: Counter | Burden = Burden(unit, primitive, tier) if isinstance(primitive, Load) else Counter(
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
        tables, terms = set(), set()
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

    # -- state ---------------------------------------------------------------------------------

    def begin(self, places: Places, reference: Places) -> None:
        """Put all sessions at given places, the kept ones first: what they break alone is accepted."""
        variant, start = places.variant, places.start
        for session in range(self.facts.n):
            self.rooms.leave(session)
            self.rooms.told[session] = reference.rooms[session]
        everyone = np.flatnonzero(variant >= 0)
        self.standing = Standing.of(self.facts, variant, start, everyone)
        for term in self.terms():
            term.begin(everyone, variant[everyone], start[everyone])
        for session in everyone.tolist():
            self.rooms.take(session, places.rooms[session])
        self.count_rooms()
        self.accept(self.kept)
        self.recount()

    def accept(self, kept: frozenset[int]) -> None:
        """Say who stays where they are: what hard rules find in these alone is accepted."""
        standing = self.standing
        affected = [s for s in (kept | self.kept) if s < self.facts.n]
        self.kept = kept
        there = np.array(sorted(s for s in kept if standing.variant[s] >= 0), dtype=np.int64)
        hard = {id(t): t for s in affected for t in self.terms_of[s] if t.tier < 0}
        for term in hard.values():
            own = np.array([s for s in there.tolist() if s in term.sessions], dtype=np.int64)
            term.accepted = term.alone(own, standing.variant[own], standing.start[own])
        self.accepted_links = 0
        if len(there):
            alone = Standing.of(self.facts, standing.variant, standing.start, there)
            for session in there.tolist():
                links = self.linked(session)
                if len(links):
                    measures = links.measures(self.here(session), alone)[:, 0]
                    self.accepted_links += int(measures[links.tier < 0].sum())
            self.accepted_links //= 2

    def count_rooms(self) -> None:
        """Make the counts of sessions that share some rooms anew."""
        self.pools = self._pools()

    def _pools(self) -> list[Counter]:
        """Return counts of the sessions that share some rooms: as many at once as there are rooms, at the most.

        They say nothing that giving rooms would not find out, but they say it for all starts at once.
        """
        rooms = self.rooms
        if not rooms.n_rooms or (rooms.changeover < 0).any():
            return []
        groups: dict[bytes, list[int]] = {}
        for session in range(self.facts.n):
            if session in self.kept:
                own = np.isin(np.arange(rooms.n_rooms), rooms.rooms[session])
            else:
                own = rooms.allowed[session]
            if rooms.need[session] and (own.any() or session not in self.kept):
                groups.setdefault(own.tobytes(), []).append(session)
        found = []
        for pool in {*groups, np.ones(rooms.n_rooms, dtype=bool).tobytes()}:
            those = np.frombuffer(pool, dtype=bool)
            within = [key for key in groups if not (np.frombuffer(key, dtype=bool) & ~those).any()]
            members = [s for key in within for s in groups[key]]
            if not those.any() or (len(members) <= those.sum() and not rooms.closed):
                continue
            # Pauses count against all rooms, but not against those that are closed: nobody is in them then.
            pause, size = int(rooms.changeover[those].min()), int(those.sum())
            cap = rooms.open_rooms(np.flatnonzero(those).tolist(), [s for s in members if s not in self.kept])
            for after, most in ((pause, size), (0, cap)) if (cap < size).any() else ((pause, size),):
                axis = Axis(facts=self.facts, name="pool", after=after, width=1)
                tally = Tally(members=tuple(members), axis=axis, count=Count(kind="over", cap=most),
                              demand=np.array(rooms.need, dtype=np.int64))
                counter = Counter(self.facts, POOL, tally, HARD_TIER)
                everyone = np.flatnonzero(self.standing.variant >= 0)
                counter.begin(everyone, self.standing.variant[everyone], self.standing.start[everyone])
                found.append(counter)
        return found

    @property
    def wide(self) -> list[Counter]:
        """The hard counts that most sessions are in."""
        return [term for term in self.demands
                if isinstance(term, Counter) and 2 * len(term.members) > self.facts.n]

    def pools_of(self, session: int) -> list[Counter]:
        """Return the counts of rooms that a session is in."""
        return [pool for pool in self.pools if session in pool.members]

    def terms(self) -> list[Counter | Burden]:
        """Return all counters and burdens."""
        return list(self.held_terms.values())

    def recount(self) -> None:
        """Add the score up anew from tables, links and the values of all terms."""
        self.broken_links, links = self._count_links()
        total = links
        for session in np.flatnonzero(self.standing.variant >= 0).tolist():
            total = total + self._own_cost(session)
        for term in self.terms():
            if term.tier >= 0:
                total[term.tier] += term.weight * term.value
        self.cost = total

    def _count_links(self) -> tuple[int, Ints]:
        """Return what all links measure, each once: the hard ones added up, the soft ones by tier."""
        hard, soft = 0, np.zeros(len(self.tiers), dtype=np.int64)
        for session in np.flatnonzero(self.standing.variant >= 0).tolist():
            if self.links[session]:
                broken, cost = self._link_cost(session)
                hard += broken
                soft = soft + cost
        return hard // 2, soft // 2

    def _own_cost(self, session: int) -> Ints:
        """Return what a session's tables charge for its place and its rooms, by tier."""
        variant, start = int(self.standing.variant[session]), int(self.standing.start[session])
        options = self.options(session)
        at = options.index(variant, start)
        if at >= 0:
            found = options.prices[:, at].copy()
        else:
            found = np.zeros(len(self.tiers), dtype=np.int64)
            for unit, table in self.tables[session]:
                if not unit.rule.hard and variant in table.time:
                    found[self.tier_index[unit.rule.tier]] += unit.rule.weight * int(table.time[variant][start])
        if self.rooms.priced:
            found += self.rooms.cost(session, self.rooms.rooms[session], variant, start, len(self.tiers))
        return found

    def here(self, session: int) -> Options:
        """Return the place of a session as its one option."""
        variant, start = self.standing.variant[session : session + 1], self.standing.start[session : session + 1]
        return Options(self.facts, session, variant.copy(), start.copy(),
                       np.zeros((len(self.tiers), 1), dtype=np.int64))

    def _link_cost(self, session: int) -> tuple[int, Ints]:
        links = self.linked(session)
        measures = links.measures(self.here(session), self.standing)[:, 0]
        soft = np.zeros(len(self.tiers), dtype=np.int64)
        np.add.at(soft, links.tier[links.tier >= 0], (links.weight * measures)[links.tier >= 0])
        return int(measures[links.tier < 0].sum()), soft

    def put(self, session: int, variant: int, start: int, rooms: Rooms = ()) -> None:
        """Give a session, which is nowhere, a place."""
        self.standing.variant[session], self.standing.start[session] = variant, start
        minute = start * self.facts.tick
        self.standing.start_minute[session] = minute
        self.standing.end_minute[session] = minute + int(self.facts.variant_minutes[variant])
        self.rooms.take(session, rooms)
        self._account(session, 1)

    def take(self, session: int) -> tuple[int, int, Rooms]:
        """Take a session out of its place and return the place."""
        place = int(self.standing.variant[session]), int(self.standing.start[session])
        self._account(session, -1)
        rooms = self.rooms.leave(session)
        self.standing.variant[session] = self.standing.start[session] = NOWHERE
        self.standing.start_minute[session] = self.standing.end_minute[session] = 0
        return *place, rooms

    def _account(self, session: int, sign: int) -> None:
        variant, start = int(self.standing.variant[session]), int(self.standing.start[session])
        self.cost += sign * self._own_cost(session)
        if self.links[session]:
            hard, soft = self._link_cost(session)
            self.broken_links += sign * hard
            self.cost += sign * soft
        terms = self.terms_of[session]
        if self.log is not None:
            self.log += [(term, session, variant, start, sign) for term in (*terms, *self.pools_of(session))]
        for term in terms:
            before = term.value
            term.shift(session, variant, start, sign)
            if term.tier >= 0:
                self.cost[term.tier] += term.weight * (term.value - before)
        for pool in self.pools:
            if session in pool.members:
                pool.shift(session, variant, start, sign)

    # -- other boards --------------------------------------------------------------------------

    def after(self, lowered: Lowered, gone: Sequence[Unit], new: Sequence[Unit]) -> tuple[Board, set[int]]:
        """Return the board after some units are exchanged, and the sessions of which something is otherwise.

        Sessions whose slot died are no longer on it; others stand where they stood. Terms that both boards
        have are shared: `discard` the new one before this one is used again.
        """
        board = self._copy(lowered)
        before, dead = board.facts.n, [s for s in range(len(self.tables)) if not lowered.facts.variants[s]]
        board._grow(before)
        for session in dead:
            if board.standing.variant[session] >= 0:
                board.take(session)
        touched = Touched()
        leaving, coming = _differing(gone, new)
        board._leave(leaving, touched)
        board._enter(coming, touched)
        standing = board.standing
        placed = [s for s in sorted(touched.times | touched.housing) if standing.variant[s] >= 0]
        old_cost = [self._own_cost(session) for session in placed]
        linked = [s for s in sorted(touched.unlinked | touched.links.keys()) if standing.variant[s] >= 0]
        self._swap_links(board, linked, leaving, touched)
        other_pools = board._reread(touched, {*dead, *range(before, board.facts.n)})
        for session, cost in zip(placed, old_cost, strict=True):
            board.cost += board._own_cost(session) - cost
        everyone = np.flatnonzero(standing.variant >= 0)
        for term in touched.terms:
            if term.tier >= 0:
                board.cost[term.tier] -= term.weight * term.value
        for _, primitive in coming:
            fresh = board.held_terms.get(id(primitive))
            if fresh is not None:
                fresh.begin(everyone, standing.variant[everyone], standing.start[everyone])
                if fresh.tier >= 0:
                    board.cost[fresh.tier] += fresh.weight * fresh.value
        board.pools = board._pools() if other_pools else list(board.pools)
        return board, touched.times | touched.housing | touched.unlinked | touched.links.keys() | set(dead) | {
            s for unit in (*gone, *new) for s in unit.sessions}

    def _swap_links(
        self, board: Board, linked: Sequence[int], gone: Sequence[Stated], touched: Touched,
    ) -> None:
        """Exchange links, and what they cost: one session after the other is looked at as if it were nowhere."""
        standing = board.standing
        variant = standing.variant.copy()
        for session in linked:
            hard, soft = board._link_cost(session) if board.links[session] else (0, 0)
            board.broken_links -= hard
            board.cost -= soft
            standing.variant[session] = NOWHERE
        board._relink(gone, touched)
        for session in linked:
            standing.variant[session] = variant[session]
            hard, soft = board._link_cost(session) if board.links[session] else (0, 0)
            board.broken_links += hard
            board.cost += soft

    def _copy(self, lowered: Lowered) -> Board:
        board = object.__new__(Board)
        for attribute in Board.__attrs_attrs__:
            value = getattr(self, attribute.name)
            if isinstance(value, (list, dict)):
                value = copy(value)
            setattr(board, attribute.name, value)
        board.lowered, board.facts = lowered, lowered.facts
        board.standing = self.standing.copy()
        board.rooms = self.rooms.copy(lowered.facts)
        board.cost, board.absence = self.cost.copy(), self.absence.copy()
        board.log, board.done = [], None
        board._demands = board._spreads = None
        return board

    def _grow(self, n: int) -> None:
        more = n - len(self.tables)
        for lists in (self.tables, self.links, self.terms_of):
            lists.extend([] for _ in range(more))
        self.standing.grow(more)
        self.absence = np.append(self.absence, np.zeros(max(more, 0), dtype=np.int64))
        self.rooms.grow(n)

    def seal(self) -> None:
        """Say that from now on whatever is done to this board is undone again."""
        self.done, self.log = self.log, None

    def discard(self) -> None:
        """Give the terms back that are shared with the board that this one was made from."""
        for term, session, variant, start, sign in reversed(self.done or ()):
            term.shift(session, variant, start, -sign)
        self.done = None

    def tell(self, session: int, rooms: Rooms) -> None:
        """Note the reference rooms of a session."""
        board = self.rooms
        own = board.leave(session)
        board.told[session] = rooms
        board.take(session, own)

    def move(self, session: int, place: tuple[int, int, Rooms]) -> bool:
        """Put a session at a place (a variant of -1: nowhere). Say whether it is somewhere new."""
        now = int(self.standing.variant[session]), int(self.standing.start[session]), self.rooms.rooms[session]
        if now == place:
            return False
        if now[0] >= 0:
            self.take(session)
        if place[0] < 0:
            return False
        self.put(session, *place)
        return True

    def become(self, places: Places) -> None:
        """Put everybody at given places."""
        standing, rooms = self.standing, self.rooms
        other = np.flatnonzero((standing.variant != places.variant) | (standing.start != places.start)).tolist()
        for session in other:
            if standing.variant[session] >= 0:
                self.take(session)
        for session in other:
            if places.variant[session] >= 0:
                self.put(session, int(places.variant[session]), int(places.start[session]), places.rooms[session])
        for session, own in enumerate(places.rooms):
            if rooms.rooms[session] != own:
                here = int(standing.variant[session]), int(standing.start[session])
                if rooms.priced:
                    self.cost += rooms.cost(session, own, *here, len(self.tiers))
                    self.cost -= rooms.cost(session, rooms.rooms[session], *here, len(self.tiers))
                rooms.leave(session)
                rooms.take(session, own)

    def met(self, session: int) -> set[int]:
        """Return who is in a room of a session at its time."""
        variant, start = int(self.standing.variant[session]), int(self.standing.start[session])
        if variant < 0:
            return set()
        end = start + int(self.facts.variant_ticks[variant])
        return {other for room in self.rooms.rooms[session]
                for other in self.rooms.in_the_way(room, start, end, self.standing, session).tolist()}

    def neighbours(self, session: int) -> set[int]:
        """Return the sessions whose contribution may be larger for this one being where it is."""
        found = {link.other for _, link in self.links[session]}
        for term in self.terms_of[session]:
            if term.tier >= 0 and term.convex:
                found.update(term.sessions)
        return found

    def suspicious(self) -> frozenset[int]:
        """Return the sessions that something is wrong with where they are."""
        standing = self.standing
        everybody = np.flatnonzero(standing.variant >= 0).tolist()
        found = set(self.rooms.wrong(standing, everybody))
        for session in everybody:
            if self.options(session).index(int(standing.variant[session]), int(standing.start[session])) < 0:
                found.add(session)
            elif self.links[session] and self._link_cost(session)[0]:
                found.add(session)
        return frozenset(found)

    # -- questions -----------------------------------------------------------------------------

    def may(self, session: int, options: Options, measures: Ints | None = None) -> np.ndarray:
        """Return which options of a session, which is nowhere, break no hard rule, rooms apart."""
        mask = np.ones(len(options), dtype=bool)
        links = self.linked(session)
        if len(links):
            if measures is None:
                measures = links.measures(options, self.standing)
            mask &= ~(measures[links.tier < 0] > 0).any(axis=0)
        for term in self.terms_of[session]:
            if term.tier < 0:
                mask &= term.delta(options) == 0
        for pool in self.pools:
            if session in pool.members:
                mask &= pool.delta(options) == 0
        return mask

    def look(self, session: int, options: Options | None = None, mask: np.ndarray | None = None) -> Look:
        """Return where a session, which is nowhere now, may go, and what each place costs."""
        options = self.options(session) if options is None else options
        links = self.linked(session)
        measures = links.measures(options, self.standing) if len(links) else None
        own = self.may(session, options, measures)
        if mask is not None:
            own &= mask
        # All options first, then those that are possible: what is asked of all of them is kept with them.
        added = options.prices.copy()
        if measures is not None:
            for tier in range(len(self.tiers)):
                soft = links.tier == tier
                if soft.any():
                    added[tier] += links.weight[soft] @ measures[soft]
        grown, spread = np.zeros_like(added), np.zeros_like(added)
        for term in self.terms_of[session]:
            if term.tier >= 0:
                delta = term.delta(options)
                if term.weight != 1:
                    delta = term.weight * delta
                if term.convex:
                    added[term.tier] += delta
                elif isinstance(term, Burden) and not term.growing:
                    spread[term.tier] += delta
                else:
                    grown[term.tier] += delta
        chosen = np.flatnonzero(own)
        added, grown = added[:, chosen], grown[:, chosen]
        return Look(options.taken(chosen), added + grown + spread[:, chosen], added, grown)

    def absent(self, session: int) -> int:
        """Return what it costs to leave a session out; at least 1."""
        return max(1, int(self.absence[session]))

    @property
    def demands(self) -> list[Counter | Burden]:
        """The hard terms."""
        if self._demands is None:
            self._demands = [term for term in self.terms() if term.tier < 0]
        return self._demands

    @property
    def slack(self) -> Ints:
        """By tier: by how much the score may still fall as more sessions come (a spread can become smaller)."""
        if self._spreads is None:
            self._spreads = [term for term in self.terms()
                             if term.tier >= 0 and isinstance(term, Burden) and not term.growing]
        found = np.zeros(len(self.tiers), dtype=np.int64)
        for term in self._spreads:
            found[term.tier] += term.weight * term.value
        return found

    def overfull(self) -> list[Counter | Burden]:
        """Return the hard terms that cost more than is accepted."""
        return [term for term in self.demands if term.value > term.accepted]

    def contribution(self, session: int) -> Ints:
        """Return an upper bound, by tier, of what the score falls by when a session leaves its place.

        It holds whoever else leaves: what counts convexly only falls by less then, and a largest load falls
        by no more than the session's own.
        """
        found = self._own_cost(session)
        if self.links[session]:
            found = found + self._link_cost(session)[1]
        variant, start = int(self.standing.variant[session]), int(self.standing.start[session])
        for term in self.terms_of[session]:
            if term.tier >= 0:
                found[term.tier] += term.weight * term.share(session, variant, start)
        return found

    def places(self) -> Places:
        """Return where everybody is."""
        return Places(self.standing.variant.copy(), self.standing.start.copy(), tuple(self.rooms.rooms))


def _differing(gone: Sequence[Unit], new: Sequence[Unit]) -> tuple[list[Stated], list[Stated]]:
    """Return the primitives of units that are gone and of those that came, less what both have."""
    before = {(id(unit.rule), id(primitive)): (unit, primitive) for unit in gone for primitive in unit.primitives}
    after = {(id(unit.rule), id(primitive)): (unit, primitive) for unit in new for primitive in unit.primitives}
    return ([own for key, own in before.items() if key not in after],
            [own for key, own in after.items() if key not in before])


def _is_known(primitive: Primitive, tier: int) -> bool:
    """Whether the kernel can keep the state of a primitive; otherwise CP-SAT answers alone."""
    if isinstance(primitive, Load):
        return tier >= 0 or primitive.kind != "spread"
    axis = primitive.footprint.axis if isinstance(primitive, Shape) else getattr(primitive, "axis", None)
    if axis is None or axis.room_class is None:
        return True
    if not isinstance(primitive, Tally) or tier >= 0:
        return False
    if len(primitive.members) == 1:
        return axis.of_tick is not None
    return primitive.count.kind == "pairs" and axis.of_tick is None and primitive.demand is None


