"""What a repair minimises, as sums of variables, and the way from variables to places and back.

- `goals_of`: one `Goal` for each level of `igfsched.stakes.levels`.
- `placed_at`, `completed`: places of a solution's values; values of all variables at given places.
- `least`: a lower bound of a goal by plain adding up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from igfsched.engine.ground import Part, of_rooms
from igfsched.engine.model import Model
from igfsched.engine.slots import session_at
from igfsched.engine.writing import HIGHEST, LOWEST
from igfsched.facts import Places
from igfsched.lowering import HARD
from igfsched.primitives import Load
from igfsched.stakes import only


@frozen(eq=False)
class Goal:
    """A sum of variables (coefficients by index) and a constant."""

    terms: dict[int, int]
    constant: int

    @classmethod
    def of(cls, variables: Sequence[int], prices: Sequence[int], constant: int) -> Goal:
        """Return a goal from parallel lists, in which a variable may come more than once."""
        terms: dict[int, int] = {}
        for variable, price in zip(variables, prices, strict=True):
            terms[variable] = terms.get(variable, 0) + price
        return cls({variable: price for variable, price in terms.items() if price}, constant)

    def plus(self, other: Goal) -> Goal:
        """Return the sum of two goals."""
        return Goal.of([*self.terms, *other.terms], [*self.terms.values(), *other.terms.values()],
                       self.constant + other.constant)


def values_at(levels: tuple[int, ...], trade: int | None) -> tuple[int, ...]:
    """Return what is minimised, in its order: the levels, or moves and first tier together."""
    if trade is None:
        return levels
    unplaced, moves, rooms, *tiers = levels
    return (unplaced, trade * moves + (tiers[0] if tiers else 0), rooms, *tiers[1:])


def goals_of(part: Part, model: Model) -> list[Goal]:
    """Return the goals of a model of a part, what stands still included."""
    lowered = part.ground.lowered
    goals = [_unplaced(part, model), _moves(part, model), _rooms(part, model)]
    constants = dict.fromkeys(lowered.tiers, 0)
    fixed = set(part.fixed_terms.tolist())
    choosing = {session for session, _ in model.requests}
    for number, term in enumerate(lowered.terms):
        if term.tier == HARD:
            continue
        if number in fixed:
            value = int(part.ground.values[number])
        elif isinstance(term.primitive, Load):
            value = 0  # the model's rows have it
        elif of_rooms(term):
            value = term.primitive.value(only(part.still.places, part.still.sessions - choosing))
        else:
            value = term.primitive.value(part.still.places)
        constants[term.tier] += term.weight * value
    still = sorted(part.still.sessions)
    for unit, table in lowered.tables:
        # Rooms of the kept; those of others are chosen wherever rooms cost anything.
        if not unit.rule.hard and (table.rooms is not None or table.room_time) and table.session in part.still.kept:
            alone = table.value(part.still.places)
            cost = table.time.get(int(part.still.places.variant[table.session]))
            timed = 0 if cost is None else int(cost[part.still.places.start[table.session]])
            if part.still.places.variant[table.session] >= 0 and unit.rule.tier in constants:
                constants[unit.rule.tier] += unit.rule.weight * (alone - timed)
    for tier in lowered.tiers:
        constant = constants[tier] + model.constants[tier] + int(part.ground.prices[tier][still].sum())
        goals.append(Goal.of(*model.costs[tier], constant))
    return goals


def _unplaced(part: Part, model: Model) -> Goal:
    lowered = part.ground.lowered
    constant = sum(int(lowered.absent[s]) for s in part.still.sessions if part.still.places.variant[s] < 0)
    return Goal.of(*model.costs[HARD], constant)


def _moves(part: Part, model: Model) -> Goal:
    stakes = part.ground.stakes
    constant = sum(int(stakes.weights[s]) for s in part.still.sessions if stakes.moved(part.still.places, s))
    variables: list[int] = []
    prices: list[int] = []
    for session in part.free:
        weight = int(stakes.weights[session])
        if stakes.reference.variant[session] < 0 or not weight or not len(model.of(session)):
            continue
        own = np.array(model.of(session), dtype=np.int64)
        there = own[(model.candidates.tick[own] == stakes.reference.start[session])
                    & (model.candidates.variant[own] == stakes.reference.variant[session])].tolist()
        absent = model.absent[session]
        free_of_charge = [*there, *([] if absent is None else [absent])]
        variables += free_of_charge
        prices += [-weight] * len(free_of_charge)
        constant += weight
    return Goal.of(variables, prices, constant)


def _rooms(part: Part, model: Model) -> Goal:
    """The sessions in other rooms than they were told: those with a place less those in the rooms of the reference."""
    stakes, still = part.ground.stakes, part.still
    requests = dict(model.requests)
    constant = sum(stakes.changed(still.places, s) for s in still.sessions if s not in requests)
    variables: list[int] = []
    prices: list[int] = []
    for session in [*part.free, *still.roaming]:
        told = stakes.reference.rooms[session]
        if not told or stakes.reference.variant[session] < 0 or session not in requests:
            continue
        same = _same(model, told, requests[session], room_count(part, session))
        if same == ():
            continue
        constant += 1
        absent = model.absent[session]
        charged_not = [*(same or ()), *([] if absent is None else [absent])]
        variables += charged_not
        prices += [-1] * len(charged_not)
    return Goal.of(variables, prices, constant)


def _same(
    model: Model, told: tuple[int, ...], choice: dict[int, int | None], count: int,
) -> tuple[int, ...] | None:
    """Return a variable that is true if a session has the rooms that it was told.

    None: it cannot have them. Empty: it has them wherever it is.
    """
    if len(told) != count or not set(told) <= set(choice):
        return None
    literals = [literal for room in told if (literal := choice[room]) is not None]
    if len(literals) < 2:
        return tuple(literals)
    same = model.booleans(1)[0]
    for literal in literals:
        model.linear(([same, literal], [1, -1]), high=0)
    return (same,)


def room_count(part: Part, session: int) -> int:
    """Return how many rooms a session needs."""
    value = session_at(part.ground.lowered.facts, session)
    return 0 if value is None else value.room_count


def placed_at(part: Part, model: Model, values: Sequence[int]) -> Places:
    """Return the places that values of the variables stand for."""
    still = part.still
    variant, start, rooms = still.places.variant.copy(), still.places.start.copy(), list(still.places.rooms)
    chosen = np.flatnonzero(np.array(values[: len(model.candidates)], dtype=np.int64))
    sessions = model.candidates.session[chosen]
    variant[sessions], start[sessions] = model.candidates.variant[chosen], model.candidates.tick[chosen]
    for session, choice in model.requests:
        if variant[session] >= 0:
            used = (room for room, literal in choice.items() if literal is None or values[literal])
            rooms[session] = tuple(sorted(used))
    return Places(variant, start, tuple(rooms))


def completed(part: Part, model: Model, places: Places) -> list[int]:
    """Return the values of all variables at given places; a session at no candidate is left out.

    Helping variables follow from the rows in which they come last: the least that these allow, or, where these set
    no lower limit, the most.
    """
    values = [0] * model.n_variables
    for session in part.free:
        own = np.array(model.of(session), dtype=np.int64)
        here = own[(model.candidates.variant[own] == places.variant[session])
                   & (model.candidates.tick[own] == places.start[session])]
        absent = model.absent[session]
        if len(here):
            values[int(here[0])] = 1
        elif absent is not None:
            values[absent] = 1
    known = len(model.candidates) + sum(absent is not None for absent in model.absent)
    for session, choice in model.requests:
        absent = model.absent[session]
        there = absent is None or not values[absent]
        for room, literal in choice.items():
            if literal is not None:
                values[literal] = int(there and room in places.rooms[session])
                known = max(known, literal + 1)
    if model.by_last is None:
        model.by_last = {}
        for number, (terms, _, _) in enumerate(model.rows):
            model.by_last.setdefault(max(terms[0]), []).append(number)
    for variable in range(known, model.n_variables):
        values[variable] = _follows(model, values, variable, model.by_last.get(variable, ()))
    return values


def _follows(model: Model, values: list[int], variable: int, rows: Sequence[int]) -> int:
    low, high = model.domains.get(variable, (0, 1))
    least, most = None, None
    for number in rows:
        (variables, amounts), below, above = model.rows[number]
        own, rest = 0, 0
        for other, amount in zip(variables, amounts, strict=True):
            if other == variable:
                own += amount
            elif values[other]:
                rest += amount * values[other]
        if own == 0:
            continue
        lower, upper = (below, above) if own > 0 else (above, below)
        for limit, is_lower in ((lower, True), (upper, False)):
            if limit in (LOWEST, HIGHEST):
                continue
            if is_lower:
                bound = -((rest - limit) // own)
                least = bound if least is None else max(least, bound)
            else:
                bound = (limit - rest) // own
                most = bound if most is None else min(most, bound)
    value = least if least is not None else most if most is not None else low
    return min(max(value, low), high)


def least(part: Part, model: Model, goal: Goal, *, complete: bool) -> int:
    """Return what a goal is at least, session by session. `complete`: nobody who has a candidate is left out."""
    total = goal.constant
    terms = dict(goal.terms)
    for session in part.free:
        own = model.of(session)
        absent = model.absent[session]
        options = [terms.pop(variable, 0) for variable in own]
        if absent is not None:
            price = terms.pop(absent, 0)
            if not (complete and len(own)):
                options.append(price)
        total += min(options, default=0)
    for variable, price in terms.items():
        low, high = model.domains.get(variable, (0, 1))
        total += min(price * low, price * high)
    return total

