"""What a solve gives back: a schedule, how good it is, how good it could be, and how it came about.

- `Progress`: what a listener is told while a solve runs.
- `TierScore`: score, bound and gap of one tier.
- `Record`: input, versions, parameters and limits: what it takes to repeat a solve.
- `Result`: all of it, with the audit of the schedule.
- `show_versions`: the versions that a result depends on.

This module does not know the solver.
"""

from __future__ import annotations

import platform
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from attrs import Factory, field, frozen

from igfsched.audit import Audit
from igfsched.errors import Reason
from igfsched.programme import Programme
from igfsched.schedule import Schedule

Status = Literal["optimal", "feasible", "partial", "interrupted", "infeasible", "unknown"]

STATUS_WORDS: dict[str, str] = {
    "optimal": "optimal: no schedule has a better score",
    "feasible": "feasible: every session has a place; a better schedule may exist",
    "partial": "partial: some sessions have no place",
    "interrupted": "interrupted: the best schedule so far",
    "infeasible": "infeasible: no schedule satisfies the hard rules",
    "unknown": "unknown: nothing found in the time",
}

Pairs = tuple[tuple[str, Any], ...]


def gap_of(score: float, bound: float) -> float:
    """Return `(score - bound) / max(1, |score|)`: 0 when the bound proves the score."""
    return max(0.0, (score - bound) / max(1.0, abs(score)))


def _pairs(value: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Pairs:
    items = value.items() if isinstance(value, Mapping) else value
    return tuple(sorted((str(name), content) for name, content in items))


@frozen(kw_only=True)
class Progress:
    """How far a solve is after `seconds`: the best schedule so far and what is known about better ones.

    `phase` says in words what is being done. `score` and `bound` are those of `tier`; `unplaced` counts
    the sessions without a place. Whatever is not known yet is None.
    """

    seconds: float
    phase: str
    unplaced: int | None = None
    tier: int | None = None
    score: float | None = None
    bound: float | None = None
    gap: float | None = None

    def __str__(self) -> str:
        parts = [f"{self.seconds:6.1f} s  {self.phase}"]
        if self.unplaced:
            parts.append(f"{self.unplaced} unplaced")
        if self.score is not None:
            parts.append((f"tier {self.tier} " if self.tier is not None else "") + f"score {self.score:g}")
        if self.bound is not None:
            parts.append(f"bound {self.bound:g}")
        if self.gap is not None:
            parts.append(f"gap {self.gap:.2%}")
        return "  ".join(parts)


@frozen(kw_only=True)
class TierScore:
    """The cost of one tier, the proven lower bound of it (None: none known), and what lies between.

    `tier` 0 stands for the unplaced sessions, which come before all others. A bound holds given the
    scores of the tiers before.
    """

    tier: int
    score: int
    bound: float | None = None
    gap: float | None = field(
        default=Factory(lambda self: None if self.bound is None else gap_of(self.score, self.bound), takes_self=True)
    )
    proven: bool = field(default=Factory(lambda self: self.gap == 0, takes_self=True))

    def __str__(self) -> str:
        name = "unplaced" if self.tier == 0 else f"tier {self.tier}"
        if self.proven:
            return f"{name}: {self.score} (proven)"
        if self.bound is None or self.gap is None:
            return f"{name}: {self.score} (no bound)"
        return f"{name}: {self.score} (bound {self.bound:g}, gap {self.gap:.2%})"


Question = Programme | str | Callable[[], Programme | str]
"""A programme, its native text, or what gives one of these when somebody asks."""


def _hash(question: Question) -> str:
    return hash_of(question() if callable(question) else question) if question else ""


@frozen(kw_only=True)
class Record:
    """What it takes to repeat a solve. `seconds` is what it took, on the clock of the wall.

    `question` is what was asked; its hash is made when it is read, since to write a large programme takes as long as
    to solve a small one.
    """

    question: Question = field(default="", repr=False, eq=_hash)
    versions: Pairs = field(default=(), converter=_pairs)
    parameters: Pairs = field(default=(), converter=_pairs)
    seed: int = 0
    limits: Pairs = field(default=(), converter=_pairs)
    seconds: float = 0.0

    @classmethod
    def of(
        cls, programme: Question, *, parameters: Mapping[str, Any] | None = None, seed: int = 0,
        limits: Mapping[str, Any] | None = None, seconds: float = 0.0,
    ) -> Record:
        """Return the record of a solve of a programme, or better of its native text.

        A text is hashed as it is, so that the hash is that of the file; a programme by its content.
        """
        return cls(question=programme, versions=versions(), parameters=parameters or {}, seed=seed,
                   limits=limits or {}, seconds=seconds)

    @cached_property
    def input_hash(self) -> str:
        """The hash of what was asked; empty if that is not known."""
        return _hash(self.question)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "input_hash": self.input_hash,
            "versions": dict(self.versions),
            "parameters": dict(self.parameters),
            "seed": self.seed,
            "limits": dict(self.limits),
            "seconds": round(self.seconds, 3),
        }


# Converters of one type each: mypy cannot see through a generic one.
def _scores(values: Iterable[TierScore]) -> tuple[TierScore, ...]:
    return tuple(values)


def _reasons(values: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(values)


@frozen(kw_only=True)
class Result:
    """The outcome of a solve.

    - `schedule`: the best one found, or None; `audit` is its audit, made without the solver.
    - `status`: see `STATUS_WORDS`. `partial` names what is unplaced in `audit.unplaced`.
    - `score`: by tier, tier 0 (unplaced sessions) first.
    - `gap`: that of the first tier that is not proven, 0 if all are, None without bound or schedule.
    - `reasons`: why sessions have no place, or why there is no schedule at all.
    """

    schedule: Schedule | None
    status: Status
    score: tuple[TierScore, ...] = field(default=(), converter=_scores)
    gap: float | None = field(default=Factory(lambda self: _gap(self.schedule, self.score), takes_self=True))
    proven: bool = field(
        default=Factory(lambda self: self.schedule is not None and all(t.proven for t in self.score), takes_self=True)
    )
    audit: Audit | None = field(default=None, repr=False)
    reasons: tuple[Reason, ...] = field(default=(), converter=_reasons)
    record: Record = field(default=Record(), repr=False)
    seconds_to_first: float | None = None

    def summary(self) -> str:
        """Return status, score, bound and gap in a few lines of text."""
        lines = [STATUS_WORDS[self.status]]
        lines += [f"  {tier}" for tier in self.score]
        lines += [f"  {reason.sentence}" for reason in self.reasons]
        if self.seconds_to_first is not None:
            lines.append(f"  first schedule after {self.seconds_to_first:.2f} s, all after {self.record.seconds:.2f} s")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from igfsched.texttables import html_table

        rows = [[f"tier {t.tier}" if t.tier else "unplaced", str(t.score),
                 "" if t.bound is None else f"{t.bound:g}",
                 "" if t.gap is None else f"{t.gap:.2%}", "yes" if t.proven else "no"] for t in self.score]
        return html_table(STATUS_WORDS[self.status], ["", "score", "bound", "gap", "proven"], rows)


def _gap(schedule: Schedule | None, score: tuple[TierScore, ...]) -> float | None:
    if schedule is None:
        return None
    return next((tier.gap for tier in score if not tier.proven), 0.0)


def hash_of(programme: Programme | str) -> str:
    """Return the SHA-256 of a programme's native text, or of its content."""
    text = programme if isinstance(programme, str) else repr(programme)
    return "sha256:" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def versions() -> Pairs:
    """Return the versions that a result depends on, without importing any of the packages."""
    found = {name: _version(name) for name in ("igfsched", "numpy", "ortools", "pendulum")}
    found |= {"python": platform.python_version(), "tzdata": _tzdata_version()}
    return _pairs(found)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _tzdata_version() -> str:
    """Return the release of the time zone database in use: the system's comes before the package."""
    for folder in map(Path, zoneinfo.TZPATH):
        if not (folder / "UTC").exists():
            continue
        for name in ("tzdata.zi", "+VERSION"):
            try:
                with (folder / name).open(encoding="utf-8") as file:
                    return file.readline().removeprefix("# version").strip() + " (system)"
            except OSError:
                continue
        return "unknown (system)"
    return _version("tzdata")


def show_versions() -> None:
    """Print the versions that a result depends on: paste them into a bug report."""
    for name, value in versions():
        print(f"{name:9} {value}")
