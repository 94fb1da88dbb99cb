"""All sessions at their places, with what every primitive says of them, kept up to date as sessions come and go.

- `Board`: the incremental arrays. It knows primitives, no rule.
- `Look`: where one session could go from here, and what each place would cost.
"""

from __future__ import annotations

import numpy as np
from attrs import define, field, frozen

from igfsched.facts import Bools, Ints, Places
from igfsched.kernel.counts import Counter
from igfsched.kernel.links import Standing
from igfsched.kernel.options import Options
from igfsched.kernel.pools import room_counts
from igfsched.kernel.register import Register, Term
from igfsched.kernel.rooms import Rooms

NOWHERE = -1


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


@define(eq=False)
class Board(Register):
    """The state of a repair. Sessions and places by index, as in `Facts`.

    `cost`: the score by tier. What hard rules find in the `kept` sessions alone is accepted. `log`, `done`: what was
    done to terms that another board shares; `accepted_before`: what was accepted of them.
    """

    standing: Standing = field(init=False)
    cost: Ints = field(init=False)
    pools: list[Counter] = field(factory=list)
    broken_links: int = 0
    accepted_links: int = 0
    log: list[tuple[Term, int, int, int, int]] | None = None
    done: list[tuple[Term, int, int, int, int]] | None = None
    accepted_before: list[tuple[Term, int]] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        nobody = np.empty(0, dtype=np.int64)
        self.standing = Standing.of(self.facts, nobody, nobody, nobody)
        self.cost = np.zeros(len(self.tiers), dtype=np.int64)

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
            if self.log is not None:
                self.accepted_before.append((term, term.accepted))
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
        self.pools = room_counts(self.rooms, self.standing, self.kept, self.pools)

    @property
    def wide(self) -> list[Counter]:
        """The hard counts that most sessions are in."""
        return [term for term in self.hard_terms.values()
                if isinstance(term, Counter) and 2 * len(term.members) > self.facts.n]

    def pools_of(self, session: int) -> list[Counter]:
        """Return the counts of rooms that a session is in."""
        return [pool for pool in self.pools if session in pool.members]

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

    def option_here(self, session: int) -> int:
        """Return which of its options the place of a session is, -1 if it is none of them."""
        return self.options(session).index(*self.standing.place(session))

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

    def seal(self) -> None:
        """Say that from now on whatever is done to this board is undone again."""
        self.done, self.log = self.log, None

    def settled(self) -> None:
        """Say that what was done to shared terms stays."""
        self.done, self.accepted_before = None, []

    def discard(self) -> None:
        """Give the terms back that are shared with the board that this one was made from."""
        for term, session, variant, start, sign in reversed(self.done or ()):
            term.shift(session, variant, start, -sign)
        for term, accepted in reversed(self.accepted_before):
            term.accepted = accepted
        self.settled()

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
        return self.rooms.met(session, self.standing)

    def neighbours(self, session: int) -> set[int]:
        """Return the sessions whose contribution may be larger for this one being where it is."""
        found = {link.other for _, link in self.links[session]}
        for term in self.terms_of[session]:
            if term.tier >= 0 and term.convex:
                found.update(term.sessions)
        return found

    def warm(self) -> None:
        """Compile beforehand what looks at sessions keep: it takes a millisecond for each of them otherwise."""
        self.table(())
        for session in np.flatnonzero(self.standing.variant >= 0).tolist():
            place = self.take(session)
            self.look(session)
            self.put(session, *place)

    def suspicious(self) -> frozenset[int]:
        """Return the sessions that something is wrong with where they are."""
        standing = self.standing
        everybody = np.flatnonzero(standing.variant >= 0).tolist()
        found = set(self.rooms.wrong(standing, everybody))
        for session in everybody:
            if self.option_here(session) < 0 or (self.links[session] and self._link_cost(session)[0]):
                found.add(session)
        return frozenset(found)

    def may(self, session: int, options: Options, measures: Ints | None = None, excess: Ints | None = None) -> Bools:
        """Return which options of a session, which is nowhere, break no hard rule, rooms apart.

        What its links and its excesses are at each option may be known.
        """
        mask = np.ones(len(options), dtype=bool)
        links = self.linked(session)
        if len(links):
            if measures is None:
                measures = links.measures(options, self.standing)
            mask &= ~(measures[links.tier < 0] > 0).any(axis=0)
        terms, excesses = self.terms_in_parts(session)
        if excesses is not None:
            hard = excesses.tier < 0
            if hard.any():
                mask &= ~((excesses.deltas(options) if excess is None else excess)[hard] > 0).any(axis=0)
        for term in terms:
            if term.tier < 0:
                mask &= term.delta(options) == 0
        for pool in self.pools:
            if session in pool.members:
                mask &= pool.delta(options) == 0
        return mask

    def look(self, session: int, options: Options | None = None, mask: Bools | None = None) -> Look:
        """Return where a session, which is nowhere now, may go, and what each place costs."""
        options = self.options(session) if options is None else options
        links = self.linked(session)
        measures = links.measures(options, self.standing) if len(links) else None
        terms, excesses = self.terms_in_parts(session)
        excess = excesses.deltas(options) if excesses is not None else None
        own = self.may(session, options, measures, excess)
        if mask is not None:
            own &= mask
        # All options first, then those that are possible: what is asked of all of them is kept with them.
        added = options.prices.copy()
        for tier in range(len(self.tiers)):
            for several, amounts in ((links, measures), (excesses, excess)):
                if several is not None and amounts is not None:
                    soft = several.tier == tier
                    if soft.any():
                        added[tier] += several.weight[soft] @ amounts[soft]
        grown, spread = np.zeros_like(added), np.zeros_like(added)
        for term in terms:
            if term.tier >= 0:
                delta = term.delta(options)
                if term.weight != 1:
                    delta = term.weight * delta
                if term.convex:
                    added[term.tier] += delta
                elif not term.growing:
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
    def slack(self) -> Ints:
        """By tier: by how much the score may still fall as more sessions come (a spread can become smaller)."""
        found = np.zeros(len(self.tiers), dtype=np.int64)
        for term in self.spreads.values():
            found[term.tier] += term.weight * term.value
        return found

    def overfull(self) -> list[Term]:
        """Return the hard terms that cost more than is accepted."""
        return [term for term in self.hard_terms.values() if term.value > term.accepted]

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
