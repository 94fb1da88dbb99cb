"""What it costs to move a session: those that people were told of more than drafts, soon more than late.

- `Disruption`: the prices, and from when on a session stays whatever happens.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from igfsched.programme import Session, whole

DAY = 1440


def _steps(values: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((int(minutes), int(factor)) for minutes, factor in values))


@frozen(kw_only=True)
class Disruption:
    """The weight of one move, which counts before rooms and score: `state of the session x how soon it is`.

    - `draft`, `announced`, `confirmed`: the weight of a move by `Session.state`.
    - `soon`: `(minutes, factor)`: a session that begins within so many minutes is so many times dearer; the
      shortest time that applies counts. Without a time of now nothing is soon.
    - `freeze`: sessions that begin within so many minutes stay where they are, as do those that run or are over.

        >>> Disruption().weight(Session(id="a", duration=60, state="announced"), begins_in=None)
        2
    """

    draft: int = field(default=1, validator=whole(1))
    announced: int = field(default=2, validator=whole(1))
    confirmed: int = field(default=3, validator=whole(1))
    soon: tuple[tuple[int, int], ...] = field(default=((DAY, 4), (3 * DAY, 2)), converter=_steps)
    freeze: int = field(default=0, validator=whole(0))

    @soon.validator
    def _check(self, _: object, value: tuple[tuple[int, int], ...]) -> None:
        if any(minutes < 0 or factor < 1 for minutes, factor in value):
            raise ValueError(f"soon is a list of minutes from 0 with a factor from 1, not {value!r}")

    def weight(self, session: Session, begins_in: int | None) -> int:
        """Return the weight of moving a session that begins in so many minutes (None: nobody knows)."""
        weight = {"draft": self.draft, "announced": self.announced, "confirmed": self.confirmed}[session.state]
        if begins_in is None:
            return weight
        return weight * next((factor for minutes, factor in self.soon if begins_in <= minutes), 1)

    def stays(self, begins_in: int) -> bool:
        """Say whether a session that begins in so many minutes (less than 0: it has begun) stays where it is."""
        return begins_in <= self.freeze if self.freeze else begins_in <= 0
