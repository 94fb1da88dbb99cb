"""The least that tier 3 of the preset `full` can cost on IGF 2020: whole sessions are counted on days, without hours.

    python examples/igf2020_third_tier.py

Everything that a schedule has to keep is left out but the days of the phases and the minutes that rooms have on a day.
What is left knows no day from another of its phase, and no session from another of its track, length and phase. So
numbers of sessions on days suffice, and the days used may as well be the first of their phase.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date
from math import ceil

import igf2020_data as igf
from ortools.sat.python import cp_model

from igfsched import Programme
from igfsched.rules import active_rules

SECONDS = 20.0


def least(programme: Programme, seconds: float = SECONDS) -> int:
    """Return what `balance` of tracks and `compact` of days together cost at the least in any schedule."""
    weights = {rule.name: rule.weight for rule in active_rules(programme) if rule.name in ("balance", "compact")}
    model, window = cp_model.CpModel(), programme.window
    used = {day.date: model.new_bool_var(f"{day.date} used") for day in window.days}
    for phase in window.phases:
        for day, following in zip(phase.days, phase.days[1:], strict=False):
            model.add_implication(used[following], used[day])
    counted: Counter[tuple[str, int, tuple[str, ...]]] = Counter(
        (session.track, session.duration, session.phases) for session in programme.sessions if session.id != igf.POLISH)
    rooms = sum(not room.reserved for room in programme.rooms)
    there = {day: rooms * (end - start + programme.changeover) for day, start, end in window.blocks}
    minutes: dict[str, dict[date, list[cp_model.LinearExpr]]] = {
        track: {day: [] for day in used} for track in programme.track_ids}
    taken: dict[date, list[cp_model.LinearExpr]] = {day: [] for day in used}
    for (track, length, phases), number in counted.items():
        days = [day for phase in window.phases if phase.name in phases or not phases for day in phase.days]
        on_day = {day: model.new_int_var(0, number, f"{track} {length} on {day}") for day in days}
        model.add(sum(on_day.values()) == number)
        for day, some in on_day.items():
            taken[day].append((length + programme.changeover) * some)
            if track:
                minutes[track][day].append(length * some)
    for day, loads in taken.items():
        model.add(sum(loads) <= there[day] * used[day])
    spreads = []
    for track, by_day in minutes.items():
        most, fewest = (model.new_int_var(0, max(there.values()), f"{track} {end}") for end in ("most", "least"))
        for loads in by_day.values():
            model.add(sum(loads) <= most)
            model.add(sum(loads) >= fewest)
        spreads.append(most - fewest)
    model.minimize(weights["balance"] * sum(spreads) + weights["compact"] * sum(used.values()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        raise ValueError("the sessions do not fit into the rooms of their days")
    return ceil(solver.best_objective_bound - 1e-6)


def main() -> int:
    """Print the bound for the sessions that were held, and for all known ones."""
    for name, programme in (("held", igf.held_programme(preset="full")), ("all", igf.programme(preset="full"))):
        print(f"{name}: {len(programme.sessions)} sessions, tier 3 costs {least(programme):,} at the least")
    return 0


if __name__ == "__main__":
    sys.exit(main())
