"""What rules have worked out before, kept as long as it holds: by key, by session, by person.

A rule that is lowered again after a change takes from here what the change has not touched. What it does
not ask for any more is forgotten.

- `Memory`: the values of all rules, for one state of a programme.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Any, TypeVar

from igfsched.rule import Rule

T = TypeVar("T")
Kept = dict[Hashable, Any]


class Memory:
    """What rules have worked out, and what of it is no longer so since the programme before this one.

    `slots`, `people`: whose values do not hold any more. `aspects`: in what the programme differs.
    """

    def __init__(
        self, before: Memory | None = None, slots: Collection[int] = (), people: Collection[str] = (),
        aspects: frozenset[str] = frozenset(),
    ) -> None:
        self._now: dict[int, tuple[Rule, Kept]] = {}
        self._before: dict[int, tuple[Rule, Kept]] = {} if before is None else before._now
        self.slots = slots
        self.people = people
        self._aspects = aspects

    def keep(self, rule: Rule) -> None:
        """Keep everything of a rule that is not lowered again."""
        if id(rule) in self._before:
            self._now[id(rule)] = self._before[id(rule)]

    def settle(self) -> None:
        """Forget what no rule has asked for."""
        self._before = {}

    def once(self, rule: Rule, key: Hashable, make: Callable[[], T], about: object = None) -> T:
        """Return what is made of a key, of `about` (the very same object) and of lengths; made once."""
        now, before = self._of(rule)
        for kept in (now, before):
            known = kept.get(key)
            if known is not None and known[0] is about:
                now[key] = known
                return known[1]  # type: ignore[no-any-return]
        made = make()
        now[key] = (about, made)
        return made

    def renewed(self, rule: Rule, key: Hashable, make: Callable[[T | None], T]) -> T:
        """Return what is made of the value before, None if there is none; made once."""
        now, before = self._of(rule)
        if key not in now:
            now[key] = make(before.get(key))
        return now[key]  # type: ignore[no-any-return]

    def unless(self, rule: Rule, key: Hashable, aspects: frozenset[str], make: Callable[[], T]) -> T:
        """Return what is made of some aspects of the programme; made anew when they are touched."""
        now, before = self._of(rule)
        if key not in now:
            now[key] = before[key] if key in before and not aspects & self._aspects else make()
        return now[key]  # type: ignore[no-any-return]

    def by_session(
        self, rule: Rule, key: Hashable, slots: Collection[int], make: Callable[[int], T],
    ) -> dict[int, T]:
        """Return a value for each slot; made anew for those that are touched, or have somebody who is."""
        return self._table(rule, key, slots, self.slots, make)

    def by_person(
        self, rule: Rule, key: Hashable, people: Mapping[str, object], make: Callable[[str], T],
    ) -> dict[str, T]:
        """Return a value for each person; made anew for those who are touched, or are in a session that is."""
        return self._table(rule, key, people, self.people, make)

    def grouped(
        self, rule: Rule, key: Hashable, slots: Collection[int], groups_of: Callable[[int], Collection[str]],
    ) -> dict[str, tuple[int, ...]]:
        """Return slots by the groups that they belong to; touched ones are asked anew."""
        now, before = self._of(rule)
        known: tuple[dict[int, Collection[str]], dict[str, tuple[int, ...]]] | None = now.get(key)
        if known is not None:
            return known[1]
        own, groups = before.get(key, ({}, {}))
        own, groups = dict(own), dict(groups)
        for slot in sorted(self.slots) if own else slots:
            left, joined = own.get(slot, ()), groups_of(slot) if slot in slots else ()
            if left == joined:
                continue
            own.pop(slot, None)
            if joined:
                own[slot] = joined
            for name in left:
                groups[name] = tuple(other for other in groups[name] if other != slot)
            for name in joined:
                groups[name] = (*groups.get(name, ()), slot)
        now[key] = own, groups
        return groups

    def _table(
        self, rule: Rule, key: Hashable, wanted: Collection[Any], stale: Collection[Any], make: Callable[[Any], Any],
    ) -> dict[Any, Any]:
        now, before = self._of(rule)
        if key in now:
            return now[key]  # type: ignore[no-any-return]
        if key not in before:
            table = {one: make(one) for one in wanted}
        elif not stale:
            table = before[key]
        else:
            table = dict(before[key])
            for one in stale:
                if one in wanted:
                    table[one] = make(one)
                else:
                    table.pop(one, None)
        now[key] = table
        return table

    def _of(self, rule: Rule) -> tuple[Kept, Kept]:
        """Return what a rule has asked for, and what it asked for before; of this very rule, not of an equal one."""
        now, before = self._now.get(id(rule)), self._before.get(id(rule))
        if now is None or now[0] is not rule:
            now = self._now[id(rule)] = (rule, {})
        return now[1], before[1] if before is not None and before[0] is rule else {}
