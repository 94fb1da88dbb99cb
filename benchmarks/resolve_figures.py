"""Figures of a measurement of repairs, from what was drawn and what was compared.

- `drawn_figures`: times, statuses and proofs of all changes.
- `compared_figures`: how long CP-SAT alone took for the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np
from resolve_compare import Drawn


def drawn_figures(drawn: Sequence[Drawn]) -> dict[str, Any]:
    """Return what all changes together took and gave; None where there were none of a sort."""
    singles = [found for found in drawn if found.size == "single"]
    times = [found.seconds for found in singles]

    def p95(wanted: Callable[[Drawn], bool]) -> float | None:
        return milliseconds([found.seconds for found in drawn if wanted(found)], 95)

    return {
        "broken_share": share(found.broken for found in singles),
        "median_ms": milliseconds(times, 50),
        "p95_ms": milliseconds(times, 95),
        "p99_ms": milliseconds(times, 99),
        "broken_median_ms": milliseconds([found.seconds for found in singles if found.broken], 50),
        "by_kind": {kind: _of_kind(group) for kind, group in sorted(_grouped(drawn, lambda d: d.kind).items())},
        "by_moves": {
            str(moves): {"number": len(group), "median_ms": milliseconds([found.seconds for found in group], 50)}
            for moves, group in sorted(_grouped(singles, lambda d: d.moves).items())
        },
        "loss_p95_ms": p95(lambda d: d.size == "loss"),
        "batch5_p95_ms": p95(lambda d: d.kind == "batch_5"),
        "batch20_p95_ms": p95(lambda d: d.kind == "batch_20"),
        "audit_ms": milliseconds([found.audit for found in drawn], 50),
        "schedule_ms": milliseconds([found.decode for found in drawn], 50),
        "proven_share": share(found.proven for found in singles),
        "proven_moves_share": share(found.proven or found.proven_moves for found in singles),
        "statuses": _counts(found.status for found in drawn),
    }


def compared_figures(compared: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how CP-SAT alone did: each of `compared` has `ours` (Drawn), `proven`, `moves` (proven),
    `seconds` and `built`.
    """

    def speedup(wanted: Sequence[Mapping[str, Any]]) -> float | None:
        ratios = [case["seconds"] / case["ours"].seconds for case in wanted]
        return round(median(ratios), 1) if ratios else None

    proven = [case for case in compared if case["proven"]]
    return {
        "compared": len(compared),
        "unproven_by_cpsat": len(compared) - len(proven),
        "moves_proven_by_cpsat": sum(case["moves"] for case in compared),
        "unproven_by_us": sum(not case["ours"].proven for case in compared),
        "speedup_median": speedup(compared),
        "speedup_median_proven": speedup(proven),
        "cpsat_median_s": round(median(case["seconds"] for case in compared), 3) if compared else None,
        "cpsat_build_median_s": round(median(case["built"] for case in compared), 3) if compared else None,
    }


def milliseconds(seconds: Sequence[float], percent: float) -> float | None:
    """Return a percentile of some times in milliseconds, between two of them if need be; None if there are none."""
    return round(1000 * float(np.percentile(seconds, percent)), 2) if len(seconds) else None


def share(values: Iterable[bool]) -> float | None:
    """Return the share of what is true; None if there is nothing."""
    found = list(values)
    return round(sum(found) / len(found), 4) if found else None


def _of_kind(group: Sequence[Drawn]) -> dict[str, Any]:
    times = [found.seconds for found in group]
    return {
        "number": len(group), "median_ms": milliseconds(times, 50), "p95_ms": milliseconds(times, 95),
        "statuses": _counts(found.status for found in group), "proven": sum(found.proven for found in group),
    }


def _grouped(drawn: Iterable[Drawn], key: Callable[[Drawn], Any]) -> dict[Any, list[Drawn]]:
    found: dict[Any, list[Drawn]] = defaultdict(list)
    for one in drawn:
        found[key(one)].append(one)
    return dict(found)


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
