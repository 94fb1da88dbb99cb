"""What a secretariat reads and a machine keeps: score by rule, burdens, findings in words, and the record.

- `report(audit)` or `report(result)`: the one entry.
- `Report`: `text()` for people, `to_dict()` and `json()` for machines. The order is stable.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from igfsched.audit import Audit, Burden, tier_name
from igfsched.grid import from_minute, local_time, text_of
from igfsched.result import STATUS_WORDS, Record, Result
from igfsched.rule import Finding
from igfsched.texttables import text_table

FORMAT = "igfsched-report/1"
WORST_PEOPLE = 10
WORST_SESSIONS = 5
MOST_SOFT = 20
"""Soft findings that the text shows; all of them are in the JSON."""


@frozen(kw_only=True)
class Report:
    """An audit, and the solve result or record that belongs to it, ready to be told."""

    audit: Audit | None = field(default=None, repr=False)
    result: Result | None = field(default=None, repr=False)
    record: Record | None = field(default=None, repr=False)

    def text(self, *, brief: bool = False) -> str:
        """Return the report for people: verdict, score by rule, burdens, findings, record.

        `brief`: only verdict, score by rule and hard findings.
        """
        lines = list(self._head())
        if self.audit is not None:
            lines += _score_lines(self.audit)
            lines += _hard_lines(self.audit)
            if not brief:
                lines += _burden_lines(self.audit)
                lines += _reach_lines(self.audit)
                lines += _soft_lines(self.audit)
        if self.record is not None and not brief:
            lines += ["", "Record", *(f"  {name}: {value}" for name, value in _record_lines(self.record))]
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: everything, also what the text leaves out."""
        found: dict[str, Any] = {"format": FORMAT}
        if self.result is not None:
            found |= _result_values(self.result)
        if self.audit is not None:
            found |= _audit_values(self.audit)
        if self.record is not None:
            found["record"] = self.record.to_dict()
        return found

    def json(self) -> str:
        """Return `to_dict()` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, default=str) + "\n"

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        part = self.audit or self.result
        return part._repr_html_() if part is not None else ""

    def _head(self) -> Iterable[str]:
        if self.audit is not None and self.audit.programme.title:
            yield self.audit.programme.title
            yield ""
        if self.result is not None:
            yield from self.result.summary().splitlines()
        if self.audit is not None:
            yield from self.audit.summary().splitlines()
            if self.audit.unplaced:
                yield f"  without a place: {', '.join(self.audit.unplaced)}"
            yield from (f"  note: {remark}" for remark in remarks(self.audit))


def report(subject: Audit | Result, record: Record | Result | None = None) -> Report:
    """Return the report on an audit, with the record or the result of a solve if there is one."""
    if isinstance(subject, Result):
        return Report(audit=subject.audit, result=subject, record=subject.record)
    if isinstance(record, Result):
        return Report(audit=subject, result=record, record=record.record)
    return Report(audit=subject, record=record)


def remarks(audit: Audit) -> tuple[str, ...]:
    """Return what a reader has to know to judge the figures: assumed and unknown zones."""
    people = audit.programme.people
    known = sum(person.zone is not None for person in people)
    assumed = sum(person.zone is not None and person.zone_assumed for person in people)
    found = []
    if assumed:
        found.append(f"the time zones of {assumed} of {known} people are assumptions (from country or region); "
                     "comfort prices and night minutes are estimates")
    if known < len(people):
        found.append(f"{len(people) - known} of {len(people)} people have no time zone and no comfort price")
    return tuple(found)


def own_times(audit: Audit, finding: Finding) -> dict[str, str]:
    """Return the start of a finding on the clocks of the people concerned, by person.

    Concerned are the people that the finding names; if a hard one names nobody, all people of its sessions.
    """
    if finding.start is None:
        return {}
    people: Iterable[str] = finding.people
    if not people and finding.level == "hard":
        sessions = audit.programme.sessions_by_id
        people = dict.fromkeys(p for s in finding.sessions if s in sessions for p in sessions[s].attending)
    found = {}
    for id in sorted(people):
        zone = audit.programme.person(id).zone
        if zone is not None:
            found[id] = f"{local_time(finding.start, zone):%a %d %b %H:%M} {zone}"
    return found


def _score_lines(audit: Audit) -> list[str]:
    rows = []
    for score in audit.score_by_rule:
        if score.level == "hard":
            level, weight, cost = "hard", "", ""
        else:
            level, weight, cost = f"soft, {tier_name(score.tier)}", str(score.weight), str(score.cost)
        rows.append([score.rule, level, str(score.amount), score.unit, weight, cost])
    return ["", "Score by rule", *text_table(["rule", "level", "amount", "unit", "weight", "cost"], rows)]


def _burden_lines(audit: Audit) -> list[str]:
    burdens = audit.burdens
    lines = ["", "Burden by region (comfort price, worst mean first)"]
    lines += text_table(
        ["region", "people", "with zone", "price", "mean", "night min"],
        [[_named(b), str(b.people), str(b.with_zone), str(b.price), _mean(b), str(b.night_minutes)]
         for b in burdens.regions],
    )
    worst = [burden for burden in burdens.persons if burden.price][:WORST_PEOPLE]
    zones = audit.programme.people_by_id
    if worst:
        lines += ["", f"Burden by person, the worst {len(worst)}"]
        lines += text_table(
            ["person", "price", "night min", "minutes", "sessions", "zone"],
            [[b.name, str(b.price), str(b.night_minutes), str(b.minutes), str(b.sessions),
              (zones[b.name].zone or "") + (" (assumed)" if zones[b.name].zone_assumed else "")] for b in worst],
        )
    for title, column, rows in (("Burden by track", "track", burdens.tracks), ("Burden by day", "day", burdens.days),
                                ("Burden by role", "role", burdens.roles)):
        if any(row.name for row in rows):
            lines += ["", title]
            lines += text_table(
                [column, "sessions", "people", "minutes", "price", "night min"],
                [[_named(b), str(b.sessions), str(b.people), str(b.minutes), str(b.price), str(b.night_minutes)]
                 for b in rows],
            )
    return lines


def _reach_lines(audit: Audit) -> list[str]:
    """Return who of the expected audience is reached, if one is expected."""
    reach = audit.reach
    if not reach.sessions:
        return []
    worst = sorted(reach.sessions, key=lambda one: (one.share is None, one.share or 0, one.name))[:WORST_SESSIONS]
    lines = []
    for title, column, rows in (
        ("Reach: the expected audience in comfortable hours", "audience", (reach.total, *reach.parts)),
        ("Reach by track", "track", reach.tracks), (f"Reach by session, the worst {len(worst)}", "session", worst),
    ):
        lines += ["", title]
        lines += text_table([column, "sessions", "expected min", "reached min", "share"], [
            [one.name or "(none)", str(one.sessions), str(round(one.expected)), str(round(one.reached)),
             "unknown" if one.share is None else f"{one.share:.1%}"] for one in rows
        ])
    return lines


def _hard_lines(audit: Audit) -> list[str]:
    if not audit.hard:
        return []
    return ["", f"Hard findings ({len(audit.hard)})", *(line for f in audit.hard for line in _finding(audit, f))]


def _soft_lines(audit: Audit) -> list[str]:
    soft = sorted((f for f in audit.findings if f.level != "hard"), key=lambda f: (f.tier, -f.cost))
    lines = []
    if soft:
        shown = "" if len(soft) <= MOST_SOFT else f", the {MOST_SOFT} that cost most of each tier"
        lines += ["", f"What it costs ({len(soft)} soft findings{shown})"]
        count: dict[int, int] = {}
        for finding in soft:
            count[finding.tier] = count.get(finding.tier, 0) + 1
            if count[finding.tier] <= MOST_SOFT:
                lines += _finding(audit, finding, own=False)
    return lines


def _finding(audit: Audit, finding: Finding, own: bool = True) -> list[str]:
    when = "" if finding.start is None else f" [{_utc(finding)}]"
    lines = [f"  {finding.rule}: {finding.sentence}{when}"]
    if own:
        by_time: dict[str, list[str]] = {}
        for person, time in own_times(audit, finding).items():
            if time not in finding.sentence or person not in finding.sentence:
                by_time.setdefault(time, []).append(person)
        lines += [f"      {', '.join(people)}: {time}" for time, people in by_time.items()]
    return lines


def _utc(finding: Finding) -> str:
    assert finding.start is not None
    start = from_minute(finding.start)
    if finding.end is None:
        return text_of(start)
    end = from_minute(finding.end)
    return f"{text_of(start)} to {f'{end:%H:%MZ}' if end.date() == start.date() else text_of(end)}"


def _named(burden: Burden) -> str:
    return burden.name or "(none)"


def _mean(burden: Burden) -> str:
    return "" if burden.mean_price is None else f"{burden.mean_price:.1f}"


def _record_lines(record: Record) -> list[tuple[str, str]]:
    def joined(pairs: Iterable[tuple[str, Any]]) -> str:
        return ", ".join(f"{name} {value}" for name, value in pairs)

    lines = [("input", record.input_hash), ("versions", joined(record.versions)),
             ("parameters", joined(record.parameters)), ("limits", joined(record.limits)),
             ("seed", str(record.seed)), ("seconds", f"{record.seconds:.2f}")]
    return [(name, value) for name, value in lines if value]


def _result_values(result: Result) -> dict[str, Any]:
    return {
        "status": result.status,
        "status_words": STATUS_WORDS[result.status],
        "proven": result.proven,
        "gap": result.gap,
        "tiers": [{"tier": t.tier, "score": t.score, "bound": t.bound, "gap": t.gap, "proven": t.proven}
                  for t in result.score],
        "reasons": [{"rule": r.rule, "sentence": r.sentence, "sessions": list(r.sessions)} for r in result.reasons],
        "seconds_to_first": result.seconds_to_first,
    }


def _audit_values(audit: Audit) -> dict[str, Any]:
    burdens = audit.burdens
    return {
        "title": audit.programme.title,
        "valid": audit.valid,
        "sessions": len(audit.programme.sessions),
        "placed": len(audit.schedule),
        "unplaced": list(audit.unplaced),
        "days_used": [day.isoformat() for day in audit.days_used],
        "remarks": list(remarks(audit)),
        "score": [{"tier": tier, "name": tier_name(tier), "cost": cost}
                  for tier, cost in audit.score.items()],
        "rules": [
            {"rule": s.rule, "level": s.level, "tier": None if s.level == "hard" else s.tier, "weight": s.weight,
             "amount": s.amount, "unit": s.unit, "cost": s.cost, "findings": s.findings}
            for s in audit.score_by_rule
        ],
        "burden": {
            "total": burdens.total.to_dict(),
            **{name: [b.to_dict() for b in getattr(burdens, name)]
               for name in ("regions", "persons", "tracks", "days", "roles")},
        },
        "reach": audit.reach.to_dict() if audit.reach.sessions else None,
        "findings": [_finding_values(audit, finding) for finding in audit.findings],
    }


def _finding_values(audit: Audit, finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule, "level": finding.level, "tier": None if finding.level == "hard" else finding.tier,
        "amount": finding.amount, "cost": finding.cost, "sentence": finding.sentence,
        "sessions": list(finding.sessions), "people": list(finding.people), "rooms": list(finding.rooms),
        "start_utc": None if finding.start is None else text_of(from_minute(finding.start)),
        "end_utc": None if finding.end is None else text_of(from_minute(finding.end)),
        "own_times": own_times(audit, finding),
    }
