"""Alerts of sessions that come and go.

- `Alarms`: the state of one `Watch` in time.
"""

from __future__ import annotations

import numpy as np
from attrs import define, field

from igfsched.facts import Bools, Ints, Places
from igfsched.kernel.links import Standing
from igfsched.kernel.options import Options
from igfsched.kernel.states import State, nothing
from igfsched.primitives import Alert, Condition, Pair, Watch, When
from igfsched.primitives.arrays import beside

NOWHERE = -1


@define(eq=False)
class Alarms(State):
    """`places`: of the sessions that are read. `ringing`: which alerts go off."""

    watch: Watch = field(init=False)
    places: Places = field(init=False)
    ringing: Bools = field(init=False)
    _of: dict[int, list[int]] = field(init=False)
    """By session, the alerts that read it."""
    _costs: Ints = field(init=False)

    def __attrs_post_init__(self) -> None:
        assert isinstance(self.primitive, Watch)
        self.watch = self.primitive
        self._of = {}
        for number, alert in enumerate(self.watch.alerts):
            for session in _read_by(alert):
                self._of.setdefault(session, []).append(number)
        self._costs = np.array([self.watch.cost(n) for n in range(len(self.watch.alerts) + 1)], dtype=np.int64)
        State.__attrs_post_init__(self)

    def clear(self) -> None:
        size = max(self.sessions, default=-1) + 1
        self.places = Places(np.full(size, NOWHERE), np.full(size, NOWHERE), ((),) * size)
        self.ringing = np.zeros(len(self.watch.alerts), dtype=bool)

    def place(self, session: int, variant: int, start: int, sign: int) -> None:
        self.places.variant[session] = variant if sign > 0 else NOWHERE
        self.places.start[session] = start if sign > 0 else NOWHERE
        for number in self._of.get(session, ()):
            self.ringing[number] = self.watch.alerts[number].value(self.places)

    def valued(self) -> int:
        if self.watch.only_if is not None and self.places.variant[self.watch.only_if] < 0:
            return 0
        return int(self._costs[int(self.ringing.sum())])

    def delta(self, options: Options) -> Ints:
        session, watch = options.session, self.watch
        if watch.only_if is not None and watch.only_if != session and self.places.variant[watch.only_if] < 0:
            return nothing(options)
        number = np.full(len(options), int(self.ringing.sum()), dtype=np.int64)
        for at in self._of.get(session, ()):
            alert = watch.alerts[at]
            there = alert.only_if is None or alert.only_if == session or self.places.variant[alert.only_if] >= 0
            if there and not self.ringing[at]:
                number += self._rings(alert, options)
        found: Ints = self._costs[number] - self.value
        return found

    def _rings(self, alert: Alert, options: Options) -> Bools:
        """Return at which options of a session an alert goes off that does not without it."""
        found = np.zeros(len(options), dtype=bool)
        for condition in alert.conditions:
            if options.session in _sessions(condition):
                found |= self._holds(condition, options)
            elif condition.value(self.places) > 0:
                found[:] = True
        return found

    def _holds(self, condition: Condition, options: Options) -> Bools:
        if isinstance(condition, When):
            return np.asarray(options.load(condition.times) > 0)
        other = condition.second if condition.first == options.session else condition.first
        if self.places.variant[other] < 0:
            return np.zeros(len(options), dtype=bool)
        at = int(self.places.variant[other]), int(self.places.start[other])
        places = options.variant, options.tick
        return np.asarray(beside(condition, options.facts, options.session, places, *at) > 0)

    def share(self, session: int, variant: int, start: int) -> int:
        if not self.growing:
            return 0
        if self.watch.only_if == session:
            return int(self._costs[-1])
        number = len(self._of.get(session, ()))
        return int((self._costs[number:] - self._costs[: len(self._costs) - number]).max(initial=0))

    def violations(self, placed: Ints, standing: Standing, kept: frozenset[int]) -> list[set[int]]:
        there = set(placed.tolist())
        own = {s for at in np.flatnonzero(self.ringing).tolist() for s in _read_by(self.watch.alerts[at]) if s in there}
        if self.watch.only_if is not None:
            own.add(self.watch.only_if)
        return [own] if own - kept else []


def _sessions(condition: Condition) -> tuple[int, ...]:
    return (condition.first, condition.second) if isinstance(condition, Pair) else (condition.session,)


def _read_by(alert: Alert) -> set[int]:
    own = {session for condition in alert.conditions for session in _sessions(condition)}
    return own if alert.only_if is None else own | {alert.only_if}
