"""The figures of a schedule that people compare, as lines of text.

- `Column`: a schedule with its audit, and how good it is proven to be.
- `side_by_side`: schedules as columns, figures as rows.
- `regions`: what people of each region carry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

from igfsched.audit import Audit, Burden
from igfsched.result import Result, TierScore
from igfsched.texttables import text_table

NOTHING = "-"


@frozen(kw_only=True)
class Column:
    """A schedule with the name that heads its column; `result` if it was solved and not just found."""

    name: str
    audit: Audit | None
    result: Result | None = None

    @classmethod
    def of(cls, name: str, result: Result) -> Column:
        """Return the column of a solve, also if it found nothing."""
        return cls(name=name, audit=result.audit, result=result)

    @property
    def first_tier(self) -> TierScore | None:
        """Score and bound of the hours: the tier that comes first after having a place at all."""
        tiers = [] if self.result is None else [tier for tier in self.result.score if tier.tier == 1]
        return tiers[0] if tiers else None


def side_by_side(columns: Sequence[Column]) -> list[str]:
    """Return a table with a row for each figure."""
    return text_table(["", *(column.name for column in columns)], [
        [name, *cells] for name, cells in zip(_NAMES, zip(*map(_cells, columns), strict=True), strict=True)
    ])


_NAMES = ("sessions placed", "comfort price", "night minutes", "worst region", "worst person", "days used",
          "hard findings", "score of the hours", "bound", "gap", "status", "first valid after", "ended after")


def _cells(column: Column) -> list[str]:
    audit, result, tier = column.audit, column.result, column.first_tier
    seconds = [NOTHING, NOTHING] if result is None else [
        NOTHING if result.seconds_to_first is None else f"{result.seconds_to_first:.1f} s",
        f"{result.record.seconds:.1f} s",
    ]
    if audit is None:
        return ["nothing found", *[NOTHING] * 9, NOTHING if result is None else result.status, *seconds]
    total = audit.burdens.total
    return [
        str(len(audit.schedule)), f"{total.price:,}", f"{total.night_minutes:,}", worst_region(audit),
        worst_person(audit), str(len(audit.days_used)), str(len(audit.hard)), f"{audit.score.get(1, 0):,}",
        NOTHING if tier is None or tier.bound is None else f"{tier.bound:,.0f}",
        NOTHING if tier is None or tier.gap is None else ("0 (proven)" if tier.proven else f"{tier.gap:.2%}"),
        NOTHING if result is None else result.status, *seconds,
    ]


def worst_region(audit: Audit) -> str:
    """Return the region whose people carry most on average, and how much."""
    named = [burden for burden in audit.burdens.regions if burden.name and burden.with_zone]
    return f"{short(named[0].name)} {named[0].mean_price:.1f}" if named else NOTHING


def worst_person(audit: Audit) -> str:
    """Return the person who carries most, and how much."""
    persons = audit.burdens.persons
    return f"{persons[0].name} {persons[0].price:,}" if persons else NOTHING


def regions(audit: Audit) -> list[str]:
    """Return a table of what the people of each region carry, those with a zone."""
    return text_table(
        ["region", "people", "with zone", "comfort price", "mean", "night minutes"],
        [_region(burden) for burden in audit.burdens.regions if burden.with_zone],
    )


def _region(burden: Burden) -> list[str]:
    return [burden.name or "(region not known)", str(burden.people), str(burden.with_zone), f"{burden.price:,}",
            f"{burden.mean_price:.1f}", f"{burden.night_minutes:,}"]


def short(region: str) -> str:
    """Return the short name of a region: what stands in brackets, else without the word Group."""
    brackets = re.search(r"\((.+)\)", region)
    return brackets[1] if brackets else region.removesuffix(" Group")
