"""The answer to a change: what moves, what it costs, and what of that is proven.

- `Repair`: a schedule for the programme after some changes, beside the one before.
- `Move`: a session that begins at another time than it was published for.
- `Proof`: what is proven, by what, and the bounds of what is not.
- `Notice`: what one person has to be told, on the person's own clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Literal

from attrs import define, field, frozen

from igfsched.audit import Audit, audit
from igfsched.changes import Change
from igfsched.errors import Reason
from igfsched.grid import Instant, local_time, minute_of, text_of
from igfsched.programme import Programme
from igfsched.schedule import Difference, Placement, Schedule, compare, words

Status = Literal["untouched", "repaired", "partial", "refused", "unknown"]

STATUS_WORDS: dict[str, str] = {
    "untouched": "nothing has to change",
    "repaired": "repaired",
    "partial": "partial: some sessions have no place",
    "refused": "refused: not every session can have a place",
    "unknown": "unknown: no repair found in the time",
}


@frozen(kw_only=True)
class Proof:
    """What is proven of a repair.

    - `moves`: no repair leaves fewer sessions without a place, and then none has fewer (weighted) moves.
    - `score`: of those none changes fewer rooms, and then none has a better score.
    - `by`: `bounded search` (exhaustive up to its depth), `prices of seats` (a bound in whole numbers, on slot grids),
      `moves from below` (models of who may have to move), `CP-SAT`, several of these, or nothing.
    - `bounds`: by level (see `Repair.levels`) what no repair is below; None where not known.
    """

    moves: bool
    score: bool
    by: str = ""
    bounds: tuple[float | None, ...] = ()

    def __str__(self) -> str:
        if self.moves and self.score:
            return f"proven: fewest moves, then the best score ({self.by})"
        if self.moves:
            return f"proven: fewest moves ({self.by}); the score may be better"
        bound = self.bounds[1] if len(self.bounds) > 1 else None
        return "not proven" + ("" if bound is None else f": moves weigh {bound:g} at the least")


@frozen(kw_only=True)
class Move:
    """A session that begins at another time than published; `weight` is what the move counts."""

    session: str
    before: Instant
    after: Instant
    weight: int

    def __str__(self) -> str:
        return f"{self.session} moves from {text_of(self.before)} to {text_of(self.after)}"


@frozen(kw_only=True)
class Notice:
    """What a person has to be told: sentences in UTC with the person's own clock."""

    person: str
    sentences: tuple[str, ...]


@define(eq=False, kw_only=True)
class Repair:
    """A schedule after some changes. Make it the planner's with `Planner.commit`.

    - `status`: see `STATUS_WORDS`; `refused` where `placed` is hard and some session has no place.
    - `programme`, `schedule`: after the changes and the repair; `old_programme`, `before`: before the changes.
    - `reference`: published places by session.
    - `levels`: what was minimised, in this order: priorities of sessions without a place, weighted moves,
      sessions with other rooms (or another length) than published, then the score by tier.
    - `moves`: sessions that begin at another time than published; `unplaced`: those without a place.
    - `price`: what one unit of weighted moves might cost in the first tier, if moves were traded for it.
    - `proof`, `reasons`: what is proven; why sessions have no place.
    - `checked`: by what the numbers were found true: `values` of all primitives that read what differs.
      An audit, which knows nothing of all that, is made by `audit()`, and by `commit`.
    """

    changes: tuple[Change, ...]
    status: Status
    programme: Programme
    reference: Mapping[str, Placement]
    before: Schedule
    levels: tuple[int, ...]
    tiers: tuple[int, ...]
    moves: tuple[Move, ...]
    rooms_changed: tuple[str, ...]
    unplaced: tuple[str, ...]
    proof: Proof
    reasons: tuple[Reason, ...]
    seconds: float
    checked: str
    price: int | None = None
    schedule_of: Callable[[], Schedule] = field(repr=False)
    old_programme: Programme = field(repr=False)

    @cached_property
    def schedule(self) -> Schedule:
        """The schedule after the repair."""
        return self.schedule_of()

    @property
    def score(self) -> dict[int, int]:
        """The cost by tier; empty if no repair was found."""
        return dict(zip(self.tiers, self.levels[3:], strict=True)) if self.levels else {}

    @cached_property
    def difference(self) -> Difference:
        """What differs from the schedule before the change."""
        return compare(self.before, self.schedule)

    def audit(self) -> Audit:
        """Return the audit of the schedule, made without anything that the repair was found with."""
        return self._audit

    @cached_property
    def _audit(self) -> Audit:
        return audit(self.programme, self.schedule)

    @cached_property
    def notices(self) -> tuple[Notice, ...]:
        """Who has to be told what: everybody with a role in a session that moves, is dropped, or changes rooms."""
        found: dict[str, list[str]] = {}
        old, new = self.before.by_session, self.schedule.by_session
        for id in sorted({*old, *new}):
            told = self.programme.sessions_by_id.get(id) or self.old_programme.sessions_by_id.get(id)
            if told is None or old.get(id) == new.get(id):
                continue
            for role in dict.fromkeys(role.person for role in told.people):
                found.setdefault(role, []).append(_told(self.programme, role, old.get(id), new.get(id)))
        return tuple(Notice(person=person, sentences=tuple(sentences)) for person, sentences in sorted(found.items()))

    def summary(self) -> str:
        """Return the changes and the repair in a few lines of text. Times are in UTC."""
        programme, lines = self.old_programme, []
        for change in self.changes:
            lines.append(change.words(programme))
        lines.append(f"  {STATUS_WORDS[self.status]}; {self.proof}" if self.status != "unknown"
                     else f"  {STATUS_WORDS[self.status]}")
        if self.status in ("refused", "unknown"):
            return "\n".join([*lines, *(f"  {reason.sentence}" for reason in self.reasons)])
        lines += [f"  {sentence}" for sentence in words(self.difference, self.before, self.schedule)]
        lines += [f"  {reason.sentence}" for reason in self.reasons]
        score = ", ".join(f"tier {tier} {cost}" for tier, cost in self.score.items())
        moves = f"{len(self.moves)} moved (weight {self.levels[1]}), {self.levels[2]} with other rooms"
        lines.append(f"  {moves}; {score}; "
                     f"{len(self.notices)} people to be told; {1000 * self.seconds:.1f} ms")
        return "\n".join(lines)


def _told(programme: Programme, person: str, before: Placement | None, after: Placement | None) -> str:
    zone = programme.people_by_id[person].zone if person in programme.people_by_id else None

    def clock(placement: Placement) -> str:
        if zone is None:
            return text_of(placement.start)
        own = f" ({local_time(minute_of(placement.start), zone):%a %d %b %H:%M} {zone})"
        return f"{text_of(placement.start)}{own}"

    if before is None:
        assert after is not None
        return f"{after.session} is at {clock(after)}"
    if after is None:
        return f"{before.session}, which was at {clock(before)}, has no place"
    if before.start != after.start:
        return f"{after.session} moves from {clock(before)} to {clock(after)}"
    if before.duration != after.duration:
        return f"{after.session} at {clock(after)} takes {after.duration} minutes instead of {before.duration}"
    return f"{after.session} at {clock(after)} is in {', '.join(after.rooms) or 'an unknown room'}"
