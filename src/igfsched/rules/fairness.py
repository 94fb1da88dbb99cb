"""Who carries how much: the uncomfortable hours shared out over people and regions.

- `FairPersons`: nobody carries much more than others.
- `FairRegions`: no region does, on average.
- `leximin`: the rules by which first the worst of all is as little as can be, then the next worst, and so on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from operator import is_
from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar

from attrs import evolve, field, frozen, validators

from igfsched.primitives import Load, LoadGroup, Unit
from igfsched.programme import whole
from igfsched.rule import Finding, Per, finding
from igfsched.rules.comfort import PRICED, ComfortRule, burdens, weighted_sum

if TYPE_CHECKING:
    from igfsched.facts import Facts
    from igfsched.primitives import ByVariant
    from igfsched.programme import Person, Programme
    from igfsched.rules.comfort import Prices
    from igfsched.timetable import Timetable

GROUPED = frozenset({"people", "people.zone", "people.region"})
"""What the groups of people by region depend on."""
Fairness = Literal["largest", "excess", "spread", "worst"]


@frozen(kw_only=True)
class FairRule(ComfortRule):
    """Base of the rules that share out a burden: `measure` says which number, see `Load`."""

    measure: Fairness = field(default="largest", validator=validators.in_(("largest", "excess", "spread", "worst")))
    threshold: int = field(default=0, validator=whole(0))
    most: int = field(default=3, validator=whole(1))

    def groups(self, programme: Programme) -> dict[str, tuple[Person, ...]]:
        """Return the people with a zone whose burdens are added up, by the name of their group."""
        raise NotImplementedError

    def shares(self, facts: Facts) -> tuple[LoadGroup, ...]:
        """Return the burden of each group, the same object as before the last change if it still is so."""
        raise NotImplementedError

    def lower(self, facts: Facts) -> Iterator[Unit]:
        shared = self.shares(facts)
        if not shared:
            return
        if self.measure == "excess":
            # The threshold is for each person: a group as a whole may carry as many times as it has people.
            for group in shared:
                yield facts.once(self, ("excess", group.name), partial(self._excess, group), about=group)
        else:
            yield facts.renewed(self, "all", partial(self._compared, shared))

    def _excess(self, group: LoadGroup, subject: str = "") -> Unit:
        load = Load(groups=(group,), kind="excess", threshold=self.threshold * group.divisor)
        return Unit(rule=self, sentence=f"{group.name} carries at most {self.threshold}"
                    + (" per person" if group.divisor > 1 else ""), primitives=[load], subject=subject)

    def _compared(self, shared: tuple[LoadGroup, ...], before: Unit | None) -> Unit:
        if before is not None and _same(before.primitives[0].groups, shared):  # type: ignore[union-attr]
            return before
        what = {"spread": "all carry alike", "worst": f"the {self.most} who carry most do not carry much"}
        load = Load(groups=shared, kind="top", most=self.most) if self.measure == "worst" else Load(
            groups=shared, kind=self.measure)
        return Unit(rule=self, sentence=what.get(self.measure, "nobody carries much more than others"),
                    primitives=[load])

    def findings(self, timetable: Timetable) -> Iterator[Finding]:
        carried = burdens(timetable, self)
        levels = [
            (name, sum(carried[person.id] for person in people), len(people))
            for name, people in self.groups(timetable.programme).items()
        ]
        if self.measure == "excess":
            for name, total, number in levels:
                beyond = total - self.threshold * number
                if beyond > 0:
                    yield finding(self, beyond, f"{name} carries {_mean(total, number)}, {self.threshold} is the most",
                                  people=self._people(timetable, [name]))
        elif self.measure == "worst":
            # The names of equal levels are in order, so that the same people are told each time.
            found = sorted(((-(-total // number), name) for name, total, number in levels), key=_worst_first)
            told = [(level, name) for level, name in found[: self.most] if level]
            if told:
                yield finding(self, sum(level for level, _ in told), "those who carry most: " + ", ".join(
                    f"{name} {level}" for level, name in told), people=self._people(timetable, [n for _, n in told]))
        elif levels:
            # Means are compared as fractions, and rounded only when they are told.
            worst = max(levels, key=lambda level: level[1] / level[2])
            best = min(levels, key=lambda level: level[1] / level[2])
            largest = -(-worst[1] // worst[2])
            if self.measure == "largest" and largest:
                yield finding(self, largest, f"{worst[0]} carries most: {_mean(*worst[1:])}",
                              people=self._people(timetable, [worst[0]]))
            if self.measure == "spread" and (spread := largest - best[1] // best[2]):
                yield finding(self, spread, f"{worst[0]} carries most: {_mean(*worst[1:])}; {best[0]} least: "
                              f"{_mean(*best[1:])}", people=self._people(timetable, [worst[0], best[0]]))

    def _people(self, timetable: Timetable, names: Sequence[str]) -> tuple[str, ...]:
        groups = self.groups(timetable.programme)
        return tuple(dict.fromkeys(person.id for name in names for person in groups[name]))


def _same(old: Collection[object], new: Collection[object]) -> bool:
    """Say whether two collections hold the very same objects in the same order."""
    return len(old) == len(new) and all(map(is_, old, new))


def _worst_first(level: tuple[int, str]) -> tuple[int, str]:
    return -level[0], level[1]


def _mean(total: int, number: int) -> str:
    return str(total) if number == 1 else f"{total / number:.1f} per person"


@frozen(kw_only=True)
class FairPersons(FairRule):
    """Nobody carries much more of the uncomfortable hours than others.

    The burden of a person is the comfort price (see `Comfort`) of all sessions in which the person has a
    role. Counted is everybody with a zone and a role in a session that is not prerecorded. In Python,
    `igfsched.rules.leximin` makes rules of consecutive tiers of this one: first the worst, then the next worst.

    Measure, by `measure`: `largest`, the largest burden; `worst`, the `most` largest added up; `spread`, the
    largest less the smallest; `excess`, what burdens exceed `threshold` by, added up. Soft unless said; to give
    it less say, lower its weight against that of `comfort`.
    """

    name: ClassVar[str] = "fair_persons"
    summary: ClassVar[str] = "nobody carries much more of the uncomfortable hours than others"
    unit: ClassVar[str] = "comfort price"
    per: ClassVar[Per] = "person"
    reads: ClassVar[frozenset[str] | None] = PRICED

    def groups(self, programme: Programme) -> dict[str, tuple[Person, ...]]:
        busy = {id for session in programme.sessions for id in session.attending}
        return {person.id: (person,) for person in programme.people if person.zone is not None and person.id in busy}

    def lower(self, facts: Facts) -> Iterator[Unit]:
        if self.measure != "excess":
            yield from super().lower(facts)
            return
        price = self.prices(facts)
        for id, _ in facts.each_person(required=False):
            group = self._group(facts, price, id)
            if group is not None:
                yield self._excess(group, subject=id)

    def shares(self, facts: Facts) -> tuple[LoadGroup, ...]:
        groups = facts.by_person(self, "groups", partial(self._group, facts, self.prices(facts)), required=False)
        return tuple(filter(None, groups.values()))

    def _group(self, facts: Facts, price: Prices, id: str) -> LoadGroup | None:
        person = facts.programme.person(id)
        if person.zone is None:
            return None
        return LoadGroup(name=id, loads={
            slot: {v: array for v in facts.variants[slot] if (array := price(person, v)) is not None}
            for slot in facts.slots.attending_of[id]
        })


@frozen(kw_only=True)
class FairRegions(FairRule):
    """No region carries much more of the uncomfortable hours than others, per person.

    The level of a region is the burdens (see `FairPersons`) of its people with a zone added up, divided
    by their number, those without any role included. People without a region count nowhere.

    Measure, by `measure`: `largest`, the largest level, rounded up; `worst`, the `most` largest, each rounded
    up, added up; `spread`, the largest level rounded up less the smallest rounded down; `excess`, over regions,
    what the burdens of its people exceed `threshold` per person by, added up. Soft unless said; to give it less
    say, lower its weight.
    """

    name: ClassVar[str] = "fair_regions"
    summary: ClassVar[str] = "no region carries much more of the uncomfortable hours than others"
    unit: ClassVar[str] = "comfort price per person"
    reads: ClassVar[frozenset[str] | None] = PRICED | GROUPED

    @property
    def measured_in(self) -> str:
        return "comfort price" if self.measure == "excess" else self.unit

    def groups(self, programme: Programme) -> dict[str, tuple[Person, ...]]:
        regions: dict[str, list[Person]] = {}
        for person in programme.people:
            if person.zone is not None and person.region:
                regions.setdefault(person.region, []).append(person)
        return {region: tuple(regions[region]) for region in sorted(regions)}

    def shares(self, facts: Facts) -> tuple[LoadGroup, ...]:
        groups = facts.unless(self, "groups", GROUPED, lambda: self.groups(facts.programme))
        region_of = facts.unless(self, "region of", GROUPED, lambda: {
            person.id: region for region, people in groups.items() for person in people
        })
        by_session = facts.by_session(self, "shares", partial(_by_region, facts, self.prices(facts), region_of))
        return tuple(
            facts.renewed(self, ("group", region), partial(_group, facts, region, len(people), by_session))
            for region, people in groups.items()
        )


def _by_region(facts: Facts, price: Prices, region_of: Mapping[str, str], slot: int) -> dict[str, ByVariant]:
    """Return what a session costs the people of each region."""
    members: dict[str, list[Person]] = {}
    for id in facts.session(slot).attending:
        if id in region_of:
            members.setdefault(region_of[id], []).append(facts.programme.person(id))
    return {
        region: {
            v: weighted_sum(array for person in people if (array := price(person, v)) is not None)
            for v in facts.variants[slot]
        }
        for region, people in members.items()
    }


def _group(
    facts: Facts, name: str, people: int, shares: Mapping[int, Mapping[str, ByVariant]], before: LoadGroup | None,
) -> LoadGroup:
    """Return the group of a region: the one before, if it carries the same."""
    if before is None:
        return LoadGroup(name=name, loads={slot: own[name] for slot, own in shares.items() if name in own},
                         divisor=people)
    touched = {slot: shares.get(slot, {}).get(name) for slot in facts.memory.slots}
    if before.divisor == people and all(before.loads.get(slot) is load for slot, load in touched.items()):
        return before
    loads = dict(before.loads)
    for slot, load in touched.items():
        loads.pop(slot, None)
        if load is not None:
            loads[slot] = load
    return LoadGroup(name=name, divisor=people, loads=loads)


FairT = TypeVar("FairT", FairPersons, FairRegions)


def leximin(rule: FairT, depth: int = 3, tier: int | None = None) -> tuple[FairT, ...]:
    """Return rules of consecutive tiers by which burdens are compared from the largest down.

    The first makes the largest burden as small as can be; the next, with that held, the two largest together, and
    so on to the `depth` largest. They begin in `tier` (the rule's own, unless said); what else is in these tiers
    is compared together with them. Raises ValueError if there are not so many tiers.

        >>> [(rule.tier, rule.measure, rule.most) for rule in leximin(FairPersons(), depth=2, tier=4)]
        [(4, 'worst', 1), (5, 'worst', 2)]
    """
    first = rule.tier if tier is None else tier
    return tuple(
        evolve(rule, measure="worst", most=place + 1, tier=first + place, label=f"{rule.label or 'worst'} {place + 1}")
        for place in range(depth)
    )
