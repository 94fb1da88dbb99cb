"""From a lowered programme to the best schedule and its proof, within a time limit.

The way of a search: the hour problem gives a bound and hours; the day problem puts them on days; while
sessions are unplaced or the bound is not reached, neighbourhoods are solved again; what the bound leaves
open is closed by a model of all starts that may still be better. Small programmes go to that model at once.
Tiers follow one another: each is solved with the tiers before it held at what they reached.
"""

from __future__ import annotations

import numpy as np

from igfsched.engine.candidates import Candidates, mask_at
from igfsched.engine.cells.look import cells_of
from igfsched.engine.cells.search import CellSearch
from igfsched.engine.control import Control, Incumbent
from igfsched.engine.cpsat import Outcome, run
from igfsched.engine.day_loads import by_days
from igfsched.engine.dense.look import dense_of, many_pairs
from igfsched.engine.dense.search import DenseSearch
from igfsched.engine.encode import build
from igfsched.engine.hours import FREE, ByDays, HourProblem, hour_problem, sees
from igfsched.engine.inserting import packing_of
from igfsched.engine.model import Model
from igfsched.engine.neighbours import Neighbours, improve
from igfsched.engine.relax import Relaxation, relax, whole_hours
from igfsched.engine.rooms import Pools
from igfsched.engine.slots import live, name_of, unplaced
from igfsched.engine.starting import Start
from igfsched.errors import Reason
from igfsched.facts import Bools, Ints, Places
from igfsched.lowering import HARD, Lowered
from igfsched.primitives import Load
from igfsched.schedule import Schedule

SMALL = 1_500
"""Candidates up to which the whole model is solved at once."""

IN_SLOTS = 40_000
"""Candidates up to which the whole model is tried first where sessions run at the same time or not at all."""

CLOSING = 12_000
"""Candidates up to which the model of all that may still be better is tried first; twice as many the next time."""

LARGE = 300_000
"""Candidates from which sessions are inserted one by one at first: model and days take long to place them all."""


class Search:
    """One solve of one lowered programme."""

    def __init__(self, lowered: Lowered, control: Control, incumbent: Incumbent) -> None:
        self.lowered = lowered
        self.control = control
        self.best = incumbent
        self.pools = Pools(lowered)
        self.whole = lowered.allowed
        self.hours: dict[int, HourProblem] = {}
        self.relaxations: dict[int, Relaxation] = {}
        self.by_days: dict[int, ByDays] = {}
        self.begun: set[int] = set()
        self.inserted = False
        """Whether the first schedule came from insertion: then models of the whole are too large to be of use."""
        self.infeasible = False
        """Whether it is proven that not every session can be placed."""
        self.told: tuple[Reason, ...] = ()
        """Why not, where that is known without a schedule."""

    def run(self) -> None:
        """Search until everything is proven or the time is over. The outcome stands in the incumbent."""
        cells = cells_of(self.lowered)
        if cells is not None:
            search = CellSearch(cells, self.control, self.best)
            found = search.run()
            self.infeasible, self.told = search.infeasible, search.reasons()
            if self.infeasible or (found and (self.best.done(cells.tier) or self.control.left <= 0)):
                return  # with time left but no proof, the model of cells does not count all that this schedule costs
        small = int(self.whole.sum()) <= SMALL
        dense = dense_of(self.lowered) if many_pairs(self.lowered) else None
        if dense is not None and DenseSearch(dense, self.control, self.best).run():
            return
        self._at_once()
        if self.best.places is not None and not self.over_full:
            pass
        elif small:
            self._place_small()
        else:
            self._place_large(self.lowered.tiers[0] if self.lowered.tiers else None)
        if self.best.places is None:
            return
        if self.best.score[HARD] == 0:
            self.best.prove(HARD, 0)
        elif self.infeasible:  # whatever was proven on the way supposed that every session is placed
            self.relaxations.clear()
            self.hours.clear()
            self.best.forget()
            self._fewest_absent()
        if self.over_full and (self.lowered.all_must_be_placed or not self.infeasible):
            return
        while self.control.left > 0:  # what is left of the time goes to what is still open
            for tier in self.lowered.tiers:
                self.best.enter(f"tier {tier}", tier)
                self.best.prove(tier, 0.0)  # no measure is negative
                share = 1.0 if tier == self.lowered.tiers[-1] else 0.7
                self._tier(tier, self.control.left * share, small)
            # All of them: a tier that got better may have made those after it worse than they were.
            if small or all(self.best.done(tier) for tier in self.lowered.tiers):
                return

    def reasons(self) -> tuple[Reason, ...]:
        """Return what is known of why not every session has a place."""
        if self.best.places is None:
            return self.told
        names = [name_of(self.lowered.facts, s) for s in unplaced(self.lowered.facts, self.best.places)]
        if not names:
            return ()
        return (Reason(rule="placed", sessions=tuple(names), sentence=(
            f"the hard rules together leave no place for {len(names)} of {len(live(self.lowered.facts))} sessions; the "
            f"best schedule found leaves out {', '.join(names[:10])}{' and others' if len(names) > 10 else ''}")),)

    @property
    def over_full(self) -> bool:
        """Whether the best schedule leaves sessions out."""
        return self.best.score[HARD] > 0

    def _fewest_absent(self) -> None:
        """Prove that no more can be placed, or place more."""
        self.best.enter("over-full: placing the most")
        places = self.best.places
        assert places is not None
        model = build(Candidates.where(self.lowered, self.whole), partial=True, tiers=())
        model.minimize(HARD)
        model.hint(places)
        outcome = self._solve(model, self.control.left * 0.5)
        if outcome.status == "optimal":
            self.best.prove(HARD, outcome.objective)
        elif outcome.status == "feasible":
            self.best.prove(HARD, float(np.ceil(outcome.bound - 1e-6)))

    # -- placing everything --------------------------------------------------------------------

    def _at_once(self) -> None:
        """Solve the first tier over everything where sessions run at the same time or not at all.

        That is an assignment with conflicts: its linear optimum is nearly whole, and one worker closes it sooner than
        hours and days would place everybody. Where it does not, what it has found and proven is kept.
        """
        if int(self.whole.sum()) > IN_SLOTS or not self.lowered.tiers:
            return
        candidates = Candidates.where(self.lowered, self.whole)
        if not candidates.in_slots():
            return
        tier = self.lowered.tiers[0]
        if any(term.tier == tier and isinstance(term.primitive, Load) for term in self.lowered.terms):
            return  # the linear optimum says little of what is shared out
        self.best.enter("everything at once", tier)
        model = build(candidates, tiers=(tier,))
        model.minimize(tier)
        # Without presolve it takes half the time, if the linear optimum does it; presolve and cuts are for the others.
        for share, nearly_whole in ((0.05, True), (0.25, False)):
            outcome = self._solve(
                model, self.control.left * share, light=True, workers=1, nearly_whole=nearly_whole)
            if outcome.status in ("optimal", "feasible"):
                self.best.prove(tier, float(np.ceil(outcome.bound - 1e-6)))
            if outcome.status in ("optimal", "infeasible"):
                return
            if self.best.places is not None:
                model.hint(self.best.places)

    def _place_small(self) -> None:
        self.best.enter("placing")
        hours, relaxed = self._relaxed(None)
        if relaxed.status == "infeasible" and self._no_hours(hours, relaxed):
            self.infeasible = True
            self.best.offer(_nothing(self.lowered))
            return
        model = build(Candidates.where(self.lowered, self.whole), tiers=())
        outcome = self._solve(model, self.control.left)
        self.infeasible = outcome.status == "infeasible" and self._confirmed(model)
        if self.infeasible:
            self.best.offer(_nothing(self.lowered))

    def _no_hours(self, hours: HourProblem, relaxed: Relaxation) -> bool:
        """Say whether the other solver agrees that an hour problem is infeasible."""
        _, outcome = whole_hours(hours, relaxed, FREE, self.control.limits(self.control.left * 0.2, linear=2))
        return self.control.count(outcome).status == "infeasible"

    def _confirmed(self, model: Model) -> bool:
        """Say whether a second solve with other parameters agrees that a model is infeasible."""
        limits = self.control.limits(max(1.0, self.control.left * 0.3), workers=1, seed=7, light=True, linear=2)
        return self.control.count(run(model.cp, limits)).status == "infeasible"

    def _place_large(self, tier: int | None) -> None:
        if int(self.whole.sum()) > LARGE and tier is not None:
            packing = packing_of(self.lowered, self.pools)
            if packing is not None:
                start = Start(packing, tier, self.whole, self.control, self.best)
                self.inserted = start.run(lambda: self._relaxed(tier))
                if self.inserted:
                    return
        self.best.enter("hours", tier if tier is not None else HARD)
        hours, relaxed = self._relaxed(tier)
        self.infeasible = relaxed.status == "infeasible" and self._no_hours(hours, relaxed)
        if relaxed.status == "optimal":
            self.best.enter("days")
            usual = 1.5 * max(1.0, self.lowered.facts.n / 275)
            self._days(relaxed.support, min(usual * self.control.pace, self.control.left * 0.15))
        if self.best.places is None:
            self.best.offer(_nothing(self.lowered))
        self._place_rest(tier, hours, relaxed)

    def _place_rest(self, tier: int | None, hours: HourProblem, relaxed: Relaxation) -> None:
        """Place what has no place yet: by neighbourhoods, at other hours, by the whole model."""
        relaxation = None if tier is None else self.relaxations.get(tier)
        neighbours = Neighbours(self.lowered, self.control, self.best, relaxation, tier, self.whole)
        tried = False
        while self.over_full and self.control.left > 0 and not self.infeasible:
            self.best.enter("placing the rest")
            if tier is not None or tried:  # where nothing costs, whole hours are the better guide
                improve(neighbours, self.control.left * (0.6 if tried else 0.35))
            if self.over_full and not tried and relaxed.status == "optimal":
                self.best.enter("placing at other hours")
                chosen, _ = self._in_whole_hours(hours, relaxed, relaxed.exact * 1.002 + 2, self.control.left * 0.2)
                if chosen is not None:
                    self._days(self._on_all_days(hours, chosen), self.control.left * 0.2)
            elif self.over_full and self.control.left > 0:
                self.best.enter("placing with the whole model")
                model = build(Candidates.where(self.lowered, self.whole), tiers=())
                outcome = self._solve(model, self.control.left * 0.3)
                self.infeasible = outcome.status == "infeasible" and self._confirmed(model)
            tried = True
        if self.over_full and self.infeasible:
            improve(neighbours, self.control.left * 0.5)

    # -- hours -----------------------------------------------------------------------------------

    def _relaxed(self, tier: int | None) -> tuple[HourProblem, Relaxation]:
        """Return the hour problem of a tier, the tiers before it held, and its linear optimum, noted as a bound."""
        held = {} if tier is None else self._held(tier)
        mask = self.whole if tier is None else self._survivors(tier)
        for number in {*held, *(() if tier is None else (tier,))} - set(self.by_days):
            self.by_days[number] = by_days(self.lowered, self.pools, number, self.control)
        hours = hour_problem(self.lowered, self.pools, tier, mask, held, by_days=self.by_days)
        relaxed = relax(hours, mask, max(1.0, self.control.left))
        if not self.control.deterministic:
            usual = 0.4 * len(hours.variant) / 22_000
            self.control.pace = min(6.0, max(self.control.pace, relaxed.seconds / usual if usual > 0.1 else 1.0))
        if tier is not None and relaxed.status == "optimal":
            self.relaxations[tier] = relaxed
            self.hours[tier] = hours
            self.best.prove(tier, relaxed.bound)
        return hours, relaxed

    def _in_whole_hours(
        self, hours: HourProblem, relaxed: Relaxation, most: float, seconds: float, seed: int = 0,
    ) -> tuple[Ints | None, Outcome]:
        """Solve an hour problem in whole numbers over the columns of cost at most `most`; note what it proves."""
        chosen, outcome = whole_hours(hours, relaxed, most, self.control.limits(seconds, seed=seed, light=True))
        self.control.count(outcome)
        if hours.tier is not None:
            beyond = float(np.floor(most)) + 1
            if outcome.status == "infeasible":
                self.best.prove(hours.tier, beyond)
            elif outcome.status != "unknown":
                self.best.prove(hours.tier, min(float(np.ceil(outcome.bound - 1e-6)), beyond))
        return chosen, outcome

    def _better_hours(self, tier: int, seconds: float, seed: int = 0) -> None:
        """Improve a tier by the best whole hours, and its bound. Other seeds give other hours that are as good."""
        hours, relaxed = self.hours[tier], self.relaxations[tier]
        self.best.enter(f"tier {tier}: whole hours")
        most = min(self.best.score[tier] - 1, relaxed.exact + max(20.0, 0.002 * abs(relaxed.exact)))
        chosen, _ = self._in_whole_hours(hours, relaxed, most, seconds * 0.4, seed)
        if chosen is not None and not self.best.done(tier):
            self.best.enter(f"tier {tier}: days")
            self._close(tier, self._on_all_days(hours, chosen), max(2.0, seconds * 0.1), proves=False)

    def _on_all_days(self, hours: HourProblem, chosen: Ints) -> Bools:
        """Return the starts that the chosen columns of an hour problem stand for."""
        mask = np.zeros_like(self.whole)
        for column in chosen[chosen >= 0].tolist():
            starts = hours.starts_of(column)
            mask[hours.variant[column], starts] = self.whole[hours.variant[column], starts]
        return mask

    def _days(self, mask: Bools, seconds: float) -> None:
        """Solve the day problem: place as many sessions as possible. Looking at the cost as well would be slower."""
        model = build(Candidates.where(self.lowered, mask), partial=True, tiers=())
        model.minimize(HARD)
        self._solve(model, seconds, enough=0, light=True)

    # -- one tier after another ----------------------------------------------------------------

    def _tier(self, tier: int, seconds: float, small: bool) -> None:
        until = max(0.0, self.control.left - seconds)
        if self.best.done(tier):
            return
        if small:
            if not self.over_full and sees(self.lowered, tier):
                self._relaxed(tier)
            self._close(tier, self.whole, seconds)
            return
        first = tier not in self.begun
        self.begun.add(tier)
        if tier not in self.relaxations and not self.over_full and sees(self.lowered, tier):
            self.best.enter(f"tier {tier}: hours")
            self._relaxed(tier)
        if first and not self.inserted and tier in self.hours and not self.best.done(tier) and not self.over_full:
            self.best.enter(f"tier {tier}: days")
            self._close(tier, self.relaxations[tier].support, min(3.0, seconds * 0.1), proves=False)
            if not self.best.done(tier):
                self._better_hours(tier, seconds)
        if not self.best.done(tier) and not self.inserted:
            self.best.enter(f"tier {tier}: same hours")
            self._close(tier, self._same_hours(), seconds * 0.1, proves=False)
        relaxation = self.relaxations.get(tier)
        within = self._survivors(tier)
        neighbours = Neighbours(self.lowered, self.control, self.best, relaxation, tier, within, self._held(tier))
        enough, idle, rounds = CLOSING, False, 0
        while not self.best.done(tier) and self.control.left > until:
            rounds += 1
            if rounds > 1 and idle and not self.inserted and tier in self.hours and not self.over_full:
                self._better_hours(tier, min(self.control.left - until, 10.0), seed=rounds)
            remaining = self._survivors(tier)
            left = self.control.left - until
            if left > 1.0 and (int(remaining.sum()) <= enough or (idle and not self.inserted)):
                self.best.enter(f"tier {tier}: proof")
                self._close(tier, remaining, left * (0.3 if enough == CLOSING else 0.6))
                enough *= 2
            if not self.best.done(tier):
                self.best.enter(f"tier {tier}: neighbourhoods")
                idle = not improve(neighbours, (self.control.left - until) * 0.5, rounds=24)

    def _held(self, tier: int) -> dict[int, int]:
        """Return the limits on the tiers before: what the best reaches in them."""
        return {before: self.best.score[before] for before in self.lowered.tiers if before < tier}

    def _survivors(self, tier: int) -> Bools:
        """Return the starts that a schedule better in this tier, and no worse before it, may use."""
        mask = self.whole
        for before, relaxed in self.relaxations.items():
            if before <= tier:
                worst = self.best.score[before] - (1 if before == tier else 0)
                mask = mask & relaxed.survivors(worst)
        return mask

    def _same_hours(self) -> Bools:
        """Return the starts that differ from the best schedule's in the day alone."""
        places = self.best.places
        assert places is not None
        facts = self.lowered.facts
        hour = facts.since_midnight[facts.starts]
        mask = np.zeros_like(self.whole)
        for session in np.flatnonzero(places.variant >= 0).tolist():
            variant, start = int(places.variant[session]), int(places.start[session])
            mask[variant] = self.whole[variant] & (hour == facts.since_midnight[start])
        return mask

    def _close(self, tier: int, mask: Bools, seconds: float, *, proves: bool = True) -> None:
        """Solve a tier over some starts; if these are all that may be better the outcome is a proof."""
        held = self._held(tier)
        places = self.best.places
        assert places is not None
        before = self.best.score[tier]
        mask = mask | mask_at(self.lowered, places)
        model = build(Candidates.where(self.lowered, mask), partial=self.over_full, tiers=(*held, tier))
        for other, value in held.items():
            model.limit(other, value)
        if self.over_full:
            model.limit(HARD, self.best.score[HARD])
        model.hint(places)
        model.minimize(tier)
        outcome = self._solve(model, seconds, enough=self.best.bounds.get(tier))
        if not proves:
            return
        if outcome.status == "optimal":
            self.best.prove(tier, outcome.objective)
        elif outcome.status == "feasible":
            self.best.prove(tier, min(np.ceil(outcome.bound - 1e-6), before))

    def _solve(self, model: Model, seconds: float, enough: float | None = None, *, light: bool = False,
               workers: int | None = None, nearly_whole: bool = False) -> Outcome:
        """Solve a model and offer what it finds."""

        def offer(values: list[int]) -> None:
            self.best.offer(model.places(values, self.best.places))

        last, offered = -1.0, None

        def on_solution(values: list[int], objective: int) -> None:
            nonlocal last, offered
            if self.control.elapsed - last > 0.3:  # decoding each of many quick solutions would cost more than it tells
                last, offered = self.control.elapsed, values
                offer(values)

        limits = self.control.limits(seconds, light=light, linear=2 if light else None, workers=workers,
                                     nearly_whole=nearly_whole)
        # What is offered on the way depends on the clock, and may keep other rooms: not in deterministic mode.
        outcome = run(model.cp, limits, None if self.control.deterministic else on_solution, enough=enough)
        self.control.count(outcome)
        if outcome.values is not None and outcome.values != offered:
            offer(outcome.values)
        return outcome


def at_grid(lowered: Lowered, schedule: Schedule) -> Places | None:
    """Return a schedule as places to begin with, or None if the hard rules on single sessions forbid it."""
    places = lowered.facts.places(schedule)
    if places is None:
        return None
    for session in np.flatnonzero(places.variant >= 0).tolist():
        column = np.searchsorted(lowered.facts.starts, places.start[session])
        if column >= len(lowered.facts.starts) or lowered.facts.starts[column] != places.start[session]:
            return None
        if not lowered.allowed[places.variant[session], column]:
            return None
    hard = [unit for unit in lowered.units if unit.rule.hard and unit.rule.name != "placed"]
    return None if any(unit.value(places) for unit in hard) else places


def _nothing(lowered: Lowered) -> Places:
    n = lowered.facts.n
    return Places(np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64), ((),) * n)
