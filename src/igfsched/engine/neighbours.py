"""Large neighbourhoods: free some sessions, keep the rest where they are, solve again.

- `Neighbours`: what to free (days, hours, people, tracks), and the model of it.
- `improve`: round after round on all workers until nothing gets better or the time is over.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import numpy as np
from attrs import define, field

from igfsched.engine.candidates import Candidates, mask_at
from igfsched.engine.control import Control, Incumbent, emptiest_day
from igfsched.engine.cpsat import run
from igfsched.engine.encode import build, weigh_absence
from igfsched.engine.hours import counts_days
from igfsched.engine.model import Model
from igfsched.engine.relax import Relaxation
from igfsched.engine.slots import live, unplaced
from igfsched.facts import Bools, Ints, Places
from igfsched.lowering import HARD, Lowered

PLACING, IMPROVING = 2_500, 1_800
"""Candidates of one neighbourhood: to place what has no place, to make the rest better."""

LOST = 8
"""Sessions without a place that one neighbourhood tries to place."""


@define(eq=False)
class Neighbours:
    """Neighbourhoods of the best schedule for one tier, the tiers before it held at `held`.

    `within`: the starts worth looking at, shape `(variants, starts)`.
    """

    lowered: Lowered
    control: Control
    best: Incumbent
    relaxation: Relaxation | None
    tier: int | None
    within: Bools
    held: dict[int, int] = field(factory=dict)
    width: int = 2
    size: float = 1.0
    rounds: int = 0

    def sessions(self, places: Places, random: np.random.Generator) -> tuple[Ints, Bools]:
        """Return the sessions to free, and the starts (columns) that they may take."""
        facts = self.lowered.facts
        day = facts.day_of_tick[facts.starts]
        days = np.unique(day[day >= 0])
        away = unplaced(facts, places)
        own_day = np.where(places.variant >= 0, facts.day_of_tick[np.maximum(places.start, 0)], -2)
        kind = random.random()
        if len(away):
            open_on = [(self._open_days(lost), lost) for lost in random.permutation(away).tolist()]
            pool = open_on[0][0] if len(open_on[0][0]) else days
            chosen = random.choice(pool, size=min(self.width, len(pool)), replace=False)
            lost = [session for opened, session in open_on if np.isin(chosen, opened).any()][:LOST]
            return np.union1d(np.flatnonzero(np.isin(own_day, chosen)), lost).astype(np.int64), np.isin(day, chosen)
        if kind < 0.5 or len(days) < 2 or self._fewer_days:
            chosen = random.choice(days, size=min(self.width, len(days)), replace=False)
            if self._fewer_days:
                chosen[0] = emptiest_day(self.lowered, places)[0]
            return np.flatnonzero(np.isin(own_day, chosen)), np.isin(day, chosen)
        if kind < 0.8:
            hour = facts.since_midnight[facts.starts]
            middle = random.choice(hour)
            near = np.abs(hour - middle) <= 60 * self.width
            own = facts.since_midnight[np.maximum(places.start, 0)]
            some = random.choice(days, size=min(3 * self.width, len(days)), replace=False)
            inside = (np.abs(own - middle) <= 60 * self.width) & np.isin(own_day, some)
            return np.flatnonzero(inside), near & np.isin(day, some)
        alive = [slot for slot, _ in live(facts)]
        free = random.choice(alive, size=min(len(alive), 8 * self.width), replace=False)
        return np.asarray(free), np.ones(len(day), dtype=bool)

    @property
    def _fewer_days(self) -> bool:
        """Whether the tier counts the days used: then the emptiest day is what to work on."""
        return self.tier is not None and any(
            term.tier == self.tier and counts_days(self.lowered, term.primitive) for term in self.lowered.terms)

    def _open_days(self, session: int) -> Ints:
        """Return the days on which a session may be."""
        facts = self.lowered.facts
        days = facts.day_of_tick[facts.starts[self.within[list(facts.variants[session])].any(axis=0)]]
        return np.unique(days[days >= 0])

    def mask(
        self, places: Places, free: Ints, columns: Bools, most: int, random: np.random.Generator,
    ) -> Bools:
        """Return the starts to choose from: the free sessions' `most` best on the given columns, the others' own."""
        facts = self.lowered.facts
        mask = mask_at(self.lowered, places)
        variants = np.flatnonzero(np.isin(facts.variant_session, free))
        wide = self.within[variants] & columns
        if int(wide.sum()) > most:
            # The cheapest; where nothing is known of the cost, some at random.
            known = self.relaxation.reduced[variants] if self.relaxation is not None else random.random(wide.shape)
            reduced = np.where(wide, known, np.inf)
            few = wide & (reduced <= np.partition(reduced.ravel(), most)[most])
            # Sessions without a place may be anywhere on these days: any place is better than none.
            lost = places.variant[facts.variant_session[variants]] < 0
            few[lost] = wide[lost]
            wide = few
        mask[variants] |= wide
        return mask

    def _empty_a_day(self, model: Model, places: Places) -> None:
        """Let each session that leaves the emptiest day count a little: a day is used or not, which leads nowhere."""
        assert self.tier is not None
        variables, prices = model.costs[self.tier]
        model.costs[self.tier] = (variables, [price * 2 * self.lowered.facts.n for price in prices])
        day = self.lowered.facts.day_of_tick[model.candidates.tick]
        there = np.flatnonzero(day == emptiest_day(self.lowered, places)[0]).tolist()
        model.pay(self.tier, there, [1] * len(there))

    def attempt(self, number: int) -> bool:
        """Solve one neighbourhood; say whether the best got better."""
        places = self.best.places
        assert places is not None
        random = np.random.default_rng([self.control.seed, number, self.tier or 0])
        free, columns = self.sessions(places, random)
        if not len(free):
            return False
        partial = bool(len(unplaced(self.lowered.facts, places)))
        # Placing alone is much the easier problem; now and then the cost is looked at too.
        placing = partial and number % 4 != 0
        tiers = () if self.tier is None or placing else (*self.held, self.tier)
        most = int((PLACING if placing else IMPROVING) * self.size)
        mask = self.mask(places, free, columns, most, random)
        model = build(Candidates.where(self.lowered, mask), partial=partial, tiers=tiers)
        if not placing:
            for tier, value in self.held.items():
                model.limit(tier, value)
        if partial:
            weigh_absence(model, None if placing else self.tier)
        else:
            assert self.tier is not None
            if self._fewer_days:
                self._empty_a_day(model, places)
            model.minimize(self.tier)
        model.hint(places)
        seconds = (1.0 + 0.5 * self.width) * self.control.pace
        outcome = run(model.cp, self.control.limits(seconds, workers=1, seed=number, light=True, linear=2))
        self.control.count(outcome)
        # What cannot be solved to the end in its time was too much; what can leaves room for more.
        self.size = min(1.5, self.size * 1.1) if outcome.status == "optimal" else max(0.2, self.size * 0.8)
        return outcome.values is not None and self.best.offer(model.places(outcome.values, places))


def improve(neighbours: Neighbours, seconds: float, rounds: int = 1_000_000) -> bool:
    """Solve neighbourhoods until all are placed (if some were not), or until time or rounds are over.

    Returns whether anything got better. With one worker, or in deterministic mode, one after the other.
    """
    control, best = neighbours.control, neighbours.best
    until = max(0.0, control.left - seconds)
    was_partial = best.score[HARD] > 0
    better, idle = False, 0

    def over() -> bool:
        if control.left <= until or (was_partial and best.score[HARD] == 0):
            return True
        return not was_partial and neighbours.tier is not None and best.done(neighbours.tier)

    workers = 1 if control.deterministic else max(1, control.workers)
    with ThreadPoolExecutor(workers) as pool:
        running: set[Future[bool]] = set()
        started = 0
        while not over() and started < rounds:
            while len(running) < workers:
                neighbours.rounds += 1
                started += 1
                running.add(pool.submit(neighbours.attempt, neighbours.rounds))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                if future.result():
                    better, idle = True, 0
                    neighbours.width = max(2, neighbours.width - 1)
                else:
                    idle += 1
                    if idle % 6 == 0:
                        neighbours.width = min(neighbours.width + 1, 6)
        for future in running:
            better |= future.result()
    return better
