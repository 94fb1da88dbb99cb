"""The common instance by Timefold for Python (community edition, one thread).

    python -m peers.timefold_peer INSTANCE.json --seconds 60 --out SOLUTION.json [--base BASE.json]

Slot and room of each session are its variables; hard, medium and soft level are what must hold, moves against the base,
and discomfort. A repair starts from the base, with those sessions open that cannot stay. Its time is that of the
solver; `start_s` is for the virtual machine and for translating the constraints, before that.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

BEGAN = time.perf_counter()

from timefold.solver import SolverFactory  # noqa: E402
from timefold.solver.config import (  # noqa: E402
    Duration,
    ScoreDirectorFactoryConfig,
    SolverConfig,
    TerminationConfig,
)
from timefold.solver.domain import (  # noqa: E402
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningScore,
    PlanningVariable,
    ProblemFactCollectionProperty,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import (  # noqa: E402
    Constraint,
    ConstraintCollectors,
    ConstraintFactory,
    HardMediumSoftScore,
    Joiners,
    constraint_provider,
)

from peers.running import Log, Question, arguments, tell  # noqa: E402  the start of the Java machine is measured
from peers.scorer import Solution, allowed, costs  # noqa: E402


@dataclass
class Slot:
    id: Annotated[int, PlanningId]
    cap: int


@dataclass
class Room:
    id: Annotated[int, PlanningId]


@dataclass
class Shared:
    """Two sessions that share speakers."""

    first: int
    second: int
    speakers: int


@planning_entity
@dataclass
class Session:
    id: Annotated[int, PlanningId]
    track: int
    discomfort: list[int]
    slots: Annotated[list[Slot], ValueRangeProvider(id="slots")]
    rooms: Annotated[list[Room], ValueRangeProvider(id="rooms")]
    published: int = field(default=-1)
    slot: Annotated[Slot | None, PlanningVariable(value_range_provider_refs=["slots"])] = field(default=None)
    room: Annotated[Room | None, PlanningVariable(value_range_provider_refs=["rooms"])] = field(default=None)


@planning_solution
@dataclass
class Event:
    slots: Annotated[list[Slot], ProblemFactCollectionProperty]
    shared: Annotated[list[Shared], ProblemFactCollectionProperty]
    sessions: Annotated[list[Session], PlanningEntityCollectionProperty]
    score: Annotated[HardMediumSoftScore | None, PlanningScore] = field(default=None)


@constraint_provider
def rules(factory: ConstraintFactory) -> list[Constraint]:
    """What must hold, what moves, what costs."""
    one = HardMediumSoftScore
    return [
        factory.for_each_unique_pair(
            Session, Joiners.equal(lambda s: s.slot), Joiners.equal(lambda s: s.room),
        ).penalize(one.ONE_HARD).as_constraint("one session in a room"),
        factory.for_each_unique_pair(
            Session, Joiners.equal(lambda s: s.slot), Joiners.equal(lambda s: s.track),
        ).penalize(one.ONE_HARD).as_constraint("one session of a track"),
        factory.for_each(Session).group_by(lambda s: s.slot, ConstraintCollectors.count())
        .filter(lambda slot, number: number > slot.cap)
        .penalize(one.ONE_HARD, lambda slot, number: number - slot.cap).as_constraint("cap"),
        factory.for_each(Shared).join(Session, Joiners.equal(lambda pair: pair.first, lambda s: s.id))
        .join(Session, Joiners.equal(lambda pair, s: pair.second, lambda s: s.id),
              Joiners.equal(lambda pair, s: s.slot, lambda s: s.slot))
        .penalize(one.ONE_HARD, lambda pair, first, second: pair.speakers).as_constraint("one session of a speaker"),
        factory.for_each(Session).filter(lambda s: s.published >= 0 and s.slot.id != s.published)
        .penalize(one.ONE_MEDIUM).as_constraint("moved"),
        factory.for_each(Session).penalize(one.ONE_SOFT, lambda s: s.discomfort[s.slot.id])
        .as_constraint("discomfort"),
    ]


def event_of(question: Question) -> Event:
    """Return the instance as Timefold's facts and entities; at the base where there is one."""
    instance, base = question.instance, question.base
    cap = min(instance["parallel_cap"], instance["n_rooms"])
    slots = [Slot(slot["id"], cap) for slot in instance["slots"]]
    rooms = [Room(room) for room in range(instance["n_rooms"])]
    sessions = []
    for own, price, free in zip(instance["sessions"], costs(instance), allowed(instance), strict=True):
        entity = Session(own["id"], own["track"], price, [slots[t] for t in free], [rooms[r] for r in own["rooms"]])
        if base is not None:
            entity.published, room = base[own["id"]]
            entity.slot = slots[entity.published] if entity.published in free else None
            entity.room = rooms[room]
        sessions.append(entity)
    speakers = [set(session["speakers"]) for session in instance["sessions"]]
    shared = [Shared(a, b, len(speakers[a] & speakers[b])) for a in range(len(speakers))
              for b in range(a + 1, len(speakers)) if speakers[a] & speakers[b]]
    return Event(slots, shared, sessions)


def solve(question: Question) -> tuple[Solution, Log, dict[str, object]]:
    """Return the best solution in the time, and when which was reached."""
    event = event_of(question)
    seconds = max(1, round(question.seconds))
    config = SolverConfig(
        solution_class=Event, entity_class_list=[Session], random_seed=question.seed,
        score_director_factory_config=ScoreDirectorFactoryConfig(constraint_provider_function=rules),
        termination_config=TerminationConfig(spent_limit=Duration(seconds=seconds)),
    )
    solver = SolverFactory.create(config).build_solver()
    started = time.perf_counter() - BEGAN
    log = Log()

    def better(event: Any) -> None:
        score = event.new_best_score
        if event.is_new_best_solution_initialized and score.hard_score == 0:
            log.note(-score.medium_score, -score.soft_score)

    solver.add_event_listener(better)
    best = solver.solve(event)
    solution = {s.id: (s.slot.id, s.room.id) for s in best.sessions if s.slot is not None and s.room is not None}
    return solution, log, {"start_s": round(started, 3), "status": str(best.score), "proven": False}


def main(given: Sequence[str] | None = None) -> None:
    """Solve or repair what the command line names."""
    question = arguments(__doc__, given)
    solution, log, facts = solve(question)
    tell("Timefold", question, log, solution, **facts)


if __name__ == "__main__":
    main()
