"""Who carries the uncomfortable hours, and how evenly: the figures of one schedule, or of several side by side.

- `fairness_report(audit)` or `fairness_report({name: audit, ...})`: the one entry.
- `FairnessReport`: `text()` for people, `to_dict()` and `json()` for machines, `levels` and `lorenz` for plots.
- `Distribution`: total, largest, mean, spread, Gini coefficient, and the part above a threshold.

Burdens are those of the audit. Nothing is optimised here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from attrs import field, frozen

from igfsched.audit import Audit, Burden
from igfsched.errors import nearest
from igfsched.reach import Reached
from igfsched.report import remarks
from igfsched.rules.fairness import FairPersons
from igfsched.texttables import text_table

FORMAT = "igfsched-fairness/1"
Kind = Literal["persons", "regions", "tracks", "roles"]
Measure = Literal["night_minutes", "uncomfortable_minutes", "price"]

KINDS: tuple[Kind, ...] = ("persons", "regions", "tracks", "roles")
MEASURES: dict[Measure, str] = {
    "night_minutes": "minutes of night (23:00-07:00)", "uncomfortable_minutes": "minutes outside comfortable hours",
    "price": "comfort price",
}
THRESHOLDS: dict[Measure, int] = {"night_minutes": 60, "uncomfortable_minutes": 240, "price": 600}
"""What counts as much for one person, unless said: an hour of night, and what that costs by the default bands."""
WORST_PEOPLE = WORST_SESSIONS = 10


@frozen(kw_only=True)
class Distribution:
    """How evenly a burden is shared out over persons, or over groups by what their people carry on average.

    - `total`: the burden added up; `count`: how many share it; `mean`, `largest`, `smallest`: of their levels.
    - `worst`: who has the largest level; `spread`: the largest less the smallest.
    - `gini`: 0 if all carry the same, towards 1 if one carries everything.
    - `above`: the part of them, from 0 to 1, whose level is above `threshold`.
    """

    count: int
    total: int
    mean: float
    largest: float
    smallest: float
    worst: str
    gini: float
    threshold: int
    above: float

    @property
    def spread(self) -> float:
        return self.largest - self.smallest

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"count": self.count, "total": self.total, "mean": round(self.mean, 2),
                "largest": round(self.largest, 2), "worst": self.worst, "smallest": round(self.smallest, 2),
                "spread": round(self.spread, 2), "gini": round(self.gini, 4), "threshold": self.threshold,
                "share_above": round(self.above, 4)}


def _thresholds(values: Mapping[Measure, int]) -> dict[Measure, int]:
    for name in values:
        if name not in MEASURES:
            near = nearest(name, list(MEASURES))
            raise ValueError(f"there is no measure {name!r}" + (f"; did you mean {near!r}?" if near else ""))
    return {**THRESHOLDS, **values}


@frozen(kw_only=True)
class FairnessReport:
    """The burdens of schedules, ready to be told side by side. `audits` are in the order of their columns."""

    audits: dict[str, Audit] = field(repr=False)
    thresholds: dict[Measure, int] = field(default=THRESHOLDS, converter=_thresholds)

    def levels(self, name: str, kind: Kind, measure: Measure) -> dict[str, float]:
        """Return what each carries in the schedule of this name, the largest first.

        Persons are those with a zone and a role in a session that is not prerecorded, with their whole burden. Groups
        are those with anybody who has a zone, with the burden of their people divided by the number of these.
        """
        found = {one.name: getattr(one, measure) / (1 if kind == "persons" else one.with_zone)
                 for one in self._burdens(name, kind)}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def distribution(self, name: str, kind: Kind, measure: Measure) -> Distribution:
        """Return how evenly a burden is shared out in the schedule of this name."""
        levels = self.levels(name, kind, measure)
        values = list(levels.values())
        threshold = self.thresholds[measure]
        return Distribution(
            count=len(values), total=sum(getattr(one, measure) for one in self._burdens(name, kind)),
            mean=sum(values) / len(values) if values else 0.0, largest=max(values, default=0.0),
            smallest=min(values, default=0.0), worst=next(iter(levels), ""), gini=gini(values), threshold=threshold,
            above=sum(value > threshold for value in values) / len(values) if values else 0.0,
        )

    def lorenz(self, name: str, kind: Kind, measure: Measure) -> tuple[list[float], list[float]]:
        """Return the Lorenz curve: the part of those who carry least (x), and what they carry of it all (y)."""
        values = sorted(self.levels(name, kind, measure).values())
        total, carried = sum(values), 0.0
        xs, ys = [0.0], [0.0]
        for number, value in enumerate(values, 1):
            carried += value
            xs.append(number / len(values))
            ys.append(carried / total if total else number / len(values))
        return xs, ys

    def text(self) -> str:
        """Return the report for people: how evenly, then who."""
        lines = [f"Fairness of {', '.join(self.audits)}" if len(self.audits) > 1 else "Fairness"]
        lines += dict.fromkeys(f"  note: {remark}" for audit in self.audits.values() for remark in remarks(audit))
        for measure, words in MEASURES.items():
            lines += ["", words[0].upper() + words[1:]]
            lines += text_table(["of", "figure", *self.audits], list(self._figures(measure)))
        for kind in KINDS[1:]:
            lines += self._group_lines(kind)
        lines += self._person_lines()
        lines += self._reach_lines()
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: everything that the text tells, all levels, and the Lorenz curves of persons."""
        return {"format": FORMAT, "schedules": {name: {
            "remarks": list(remarks(audit)),
            **{kind: {measure: {
                **self.distribution(name, kind, measure).to_dict(),
                "levels": {one: round(level, 2) for one, level in self.levels(name, kind, measure).items()},
            } for measure in MEASURES} for kind in KINDS},
            "lorenz": {measure: [[round(value, 4) for value in axis] for axis in self.lorenz(name, "persons", measure)]
                       for measure in MEASURES},
            "reach": audit.reach.to_dict() if audit.reach.sessions else None,
        } for name, audit in self.audits.items()}}

    def json(self) -> str:
        """Return `to_dict()` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    def __str__(self) -> str:
        return self.text()

    def _burdens(self, name: str, kind: Kind) -> list[Burden]:
        audit = self.audits[name]
        if kind == "persons":
            counted = FairPersons().groups(audit.programme)
            return [one for one in audit.burdens.persons if one.name in counted]
        return [one for one in getattr(audit.burdens, kind) if one.name and one.with_zone]

    def _figures(self, measure: Measure) -> Iterator[list[str]]:
        for kind in KINDS:
            columns = [self.distribution(name, kind, measure) for name in self.audits]
            each = "" if kind == "persons" else ", per person"
            yield [kind, "total", *(f"{one.total:,}" for one in columns)]
            yield ["", f"mean{each}", *(f"{one.mean:,.1f}" for one in columns)]
            yield ["", f"largest{each}", *(f"{one.largest:,.1f} ({one.worst})" for one in columns)]
            yield ["", f"spread{each}", *(f"{one.spread:,.1f}" for one in columns)]
            yield ["", "Gini coefficient", *(f"{one.gini:.3f}" for one in columns)]
            if kind == "persons":
                yield ["", f"above {self.thresholds[measure]}", *(f"{one.above:.1%} of {one.count}" for one in columns)]

    def _group_lines(self, kind: Kind) -> list[str]:
        tables = {measure: {name: self.levels(name, kind, measure) for name in self.audits} for measure in MEASURES}
        names = dict.fromkeys(one for levels in tables["price"].values() for one in levels)
        if not names:
            return []
        return ["", f"{kind.capitalize()}, per person with a zone", *text_table(
            [kind.removesuffix("s"), *(f"{words}, {name}" for words in _SHORT.values() for name in self.audits)],
            [[one, *(_level(levels[name], one) for levels in tables.values() for name in self.audits)]
             for one in names],
        )]

    def _person_lines(self) -> list[str]:
        levels = {name: self.levels(name, "persons", "price") for name in self.audits}
        nights = {name: self.levels(name, "persons", "night_minutes") for name in self.audits}
        worst = dict.fromkeys(one for found in levels.values() for one in list(found)[:WORST_PEOPLE] if found[one])
        if not worst:
            return []
        return ["", f"Persons, the worst {WORST_PEOPLE}" + " of each" * (len(levels) > 1), *text_table(
            ["person", *(f"price, {name}" for name in levels), *(f"night min, {name}" for name in levels)],
            [[one, *(_level(found[name], one, 0) for found in (levels, nights) for name in levels)] for one in worst],
        )]

    def _reach_lines(self) -> list[str]:
        reached = {name: audit.reach for name, audit in self.audits.items()}
        lines: list[str] = []
        for title, column, kind in (("Reach: the expected audience in comfortable hours", "audience", "parts"),
                                    ("Reach by track", "track", "tracks"), ("Reach by session", "session", "sessions")):
            found: dict[str, dict[str, Reached]] = {}
            for name, reach in reached.items():
                for one in ([reach.total] if kind == "parts" else []) + list(getattr(reach, kind)):
                    if one.sessions:
                        found.setdefault(one.name, {})[name] = one
            if kind == "sessions" and len(found) > WORST_SESSIONS:
                title += f", the worst {WORST_SESSIONS}"
                found = dict(sorted(found.items(), key=_least_reached)[:WORST_SESSIONS])
            if found:
                lines += ["", title, *text_table([column, *reached], [
                    [part or "(none)", *(_share(own.get(name)) for name in reached)] for part, own in found.items()])]
        return lines


def fairness_report(
    audits: Audit | Mapping[str, Audit], thresholds: Mapping[Measure, int] | None = None,
) -> FairnessReport:
    """Return who carries what in one schedule, or in several side by side.

    `thresholds` says by measure what counts as much for one person, where `THRESHOLDS` does not fit. Raises
    ValueError for measures that there are none of.
    """
    named = {"schedule": audits} if isinstance(audits, Audit) else dict(audits)
    return FairnessReport(audits=named, thresholds=thresholds or {})


def gini(values: list[float]) -> float:
    """Return the Gini coefficient: half the mean difference between any two of the values, over their mean."""
    total, count = sum(values), len(values)
    if not total:
        return 0.0
    return sum((2 * rank - count - 1) * value for rank, value in enumerate(sorted(values), 1)) / (count * total)


_SHORT: dict[Measure, str] = {"night_minutes": "night min", "uncomfortable_minutes": "outside min", "price": "price"}


def _level(levels: Mapping[str, float], name: str, places: int = 1) -> str:
    return f"{levels[name]:,.{places}f}" if name in levels else "-"


def _least_reached(item: tuple[str, Mapping[str, Reached]]) -> tuple[float, str]:
    name, reached = item
    return min((one.share for one in reached.values() if one.share is not None), default=1.0), name


def _share(reached: Reached | None) -> str:
    if reached is None:
        return "-"
    return "unknown" if reached.share is None else f"{reached.share:.1%}"
