"""What a local hour costs a person, and what one minute of it means for the whole day."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from igfsched.grid import Clock, clock_minutes


@frozen(kw_only=True)
class Band:
    """A stretch of local hours and its price per minute."""

    start: str
    end: str
    price: int = field()

    @price.validator
    def _check(self, _: object, value: int) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000:
            raise ValueError(f"a comfort price is a whole number from 0 to 1000000, not {value!r}")

    @property
    def clock(self) -> Clock:
        return Clock(self.start, self.end)


def bands(values: Iterable[Band]) -> tuple[Band, ...]:
    """Return bands that cover each minute of the day exactly once; ValueError if they do not."""
    values = tuple(values)
    count = np.zeros(1440, dtype=int)
    for band in values:
        count[_minutes(band)] += 1
    if (count != 1).any():
        minute = int(np.flatnonzero(count != 1)[0])
        word = "no band" if count[minute] == 0 else "more than one band"
        raise ValueError(f"{minute // 60:02d}:{minute % 60:02d} lies in {word}")
    return values


DEFAULT_BANDS: tuple[Band, ...] = (
    Band(start="09:00", end="18:00", price=0),
    Band(start="08:00", end="09:00", price=1),
    Band(start="18:00", end="21:00", price=1),
    Band(start="07:00", end="08:00", price=3),
    Band(start="21:00", end="23:00", price=3),
    Band(start="23:00", end="07:00", price=10),
)

DEFAULT_NIGHT = Clock("23:00", "07:00")


def price_by_minute(values: tuple[Band, ...]) -> npt.NDArray[np.int64]:
    """Return the price of each local minute of the day, shape `(1440,)`."""
    price = np.zeros(1440, dtype=np.int64)
    for band in values:
        price[_minutes(band)] = band.price
    return price


def _minutes(band: Band) -> npt.NDArray[np.int64]:
    start = clock_minutes(band.start)
    return np.arange(start, start + band.clock.length) % 1440
