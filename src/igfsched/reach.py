"""Reach: which part of the expected audience has comfortable hours.

- `reach(timetable)`: the one entry.
- `Reach`: for everything, for each session and track, and for each part of the audience.
- `Reached`: expected and reached minutes of one of these.
- `zones_of`: where the people of a part of an audience are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from attrs import define, field, frozen

from igfsched.comfort import DEFAULT_BANDS, Band
from igfsched.grid import clock_minutes
from igfsched.programme import Share
from igfsched.rules.comfort import Stretches, integral
from igfsched.rules.expected import Weights, expected, weights_of
from igfsched.timetable import Timetable


@frozen(kw_only=True)
class Reached:
    """How much of the expected audience is reached. Minutes are added up over people and sessions.

    - `sessions`: the placed sessions in it that expect an audience.
    - `expected`: minutes of the audience with a known zone; `reached`: those of them in comfortable hours.
    - `unknown`: minutes of audience from regions without anybody whose zone is known; nothing is said of them.
    """

    name: str
    sessions: int
    expected: Fraction
    reached: Fraction
    unknown: int

    @property
    def share(self) -> float | None:
        """The reached part of the expected minutes, from 0 to 1, or None if there are none."""
        return float(self.reached / self.expected) if self.expected else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, minutes rounded to whole ones."""
        share = self.share
        return {"name": self.name, "sessions": self.sessions, "expected_minutes": round(self.expected),
                "reached_minutes": round(self.reached), "unknown_minutes": self.unknown,
                "share": None if share is None else round(share, 4)}


@frozen(kw_only=True)
class Reach:
    """Who is reached: in all, by session and track (in the order of the programme, by name), worst part first.

    `parts` are the regions and zones from which an audience is expected. Sessions without a track have the name "".
    """

    total: Reached
    sessions: tuple[Reached, ...]
    tracks: tuple[Reached, ...]
    parts: tuple[Reached, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"total": self.total.to_dict(), **{name: [one.to_dict() for one in getattr(self, name)]
                                                  for name in ("sessions", "tracks", "parts")}}


@define
class _Sum:
    """A reach while it is added up."""

    sessions: set[str] = field(factory=set)
    expected: Fraction = Fraction(0)
    reached: Fraction = Fraction(0)
    unknown: int = 0

    def named(self, name: str) -> Reached:
        return Reached(name=name, sessions=len(self.sessions), expected=self.expected, reached=self.reached,
                       unknown=self.unknown)


def reach(timetable: Timetable, bands: tuple[Band, ...] = DEFAULT_BANDS) -> Reach:
    """Return which part of the expected audience is reached by the placed sessions.

    Measure: of the minutes of a session, times the people expected for it, those in which the local hour of the people
    costs nothing by `bands`. Nobody has to be awake for a prerecorded session, so it expects nobody. People of a region
    are in the zones of the programme's people of that region, in the same proportions.
    """
    priced = tuple((clock_minutes(band.start), band.clock.length, 1) for band in bands if band.price)
    programme = timetable.programme
    total, tracks, parts = _Sum(), dict[str, _Sum](), dict[str, _Sum]()
    sessions = {session.id: _Sum() for session in programme.sessions if expected(programme, session)}
    known: dict[tuple[str, int, int], int] = {}

    def comfortable(zone: str, start: int, end: int) -> int:
        key = (zone, start, end)
        if key not in known:
            known[key] = end - start - integral(priced, zone, start, end)
        return known[key]

    by_region = weights_of(programme)
    for entry in timetable.entries:
        session = entry.session
        for share in expected(programme, session):
            part = parts.setdefault(share.region or share.zone or "", _Sum())
            zones = zones_of(share, by_region)
            for sum_ in (total, sessions[session.id], tracks.setdefault(session.track, _Sum()), part):
                sum_.sessions.add(session.id)
                for zone, people in zones.items():
                    sum_.expected += people * entry.length
                    sum_.reached += people * comfortable(zone, entry.start, entry.end)
                if not zones:
                    sum_.unknown += share.people * entry.length
    return Reach(
        total=total.named("all"),
        sessions=tuple(sum_.named(id) for id, sum_ in sessions.items() if sum_.sessions),
        tracks=_listed(tracks, lambda one: (one.name == "", one.name)),
        parts=_listed(parts, lambda one: (one.share is None, one.share or 0, one.name)),
    )


def any_price(stretches: Stretches) -> Stretches:
    """Return the stretches of the day that cost anything, at a price of 1 a minute."""
    return tuple((first, length, 1) for first, length, _ in stretches)


def zones_of(share: Share, by_region: Mapping[str, Weights]) -> dict[str, Fraction]:
    """Return the people of a share by zone: nothing for a region of which no zone is known."""
    if share.zone is not None:
        return {share.zone: Fraction(share.people)}
    weights = by_region.get(share.region, ())
    total = sum(number for _, number in weights)
    return {zone: Fraction(share.people * number, total) for zone, number in weights}



def _listed(sums: dict[str, _Sum], key: Callable[[Reached], tuple[object, ...]]) -> tuple[Reached, ...]:
    return tuple(sorted((sum_.named(name) for name, sum_ in sums.items()), key=key))
