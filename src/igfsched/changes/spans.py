"""Times in which a person or a room is not to be had: added, and taken away again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from igfsched.errors import Problem
from igfsched.grid import Span, from_minute, overlap, subtract_spans


def spans_less(spans: Iterable[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans with others taken out: cut where they overlap, and otherwise left as they are, in their order."""
    taken = [hole.minutes for hole in holes]
    left: list[Span] = []
    for span in spans:
        parts = subtract_spans([span.minutes], taken)
        left += [span] if parts == [span.minutes] else [Span(from_minute(a), from_minute(b)) for a, b in parts]
    return tuple(left)


def in_vain(spans: Iterable[Span], there: Iterable[Span], sentence: str) -> Iterator[Problem]:
    """Say of each span that it takes nothing away, if so."""
    minutes = [span.minutes for span in there]
    for index, span in enumerate(spans):
        if not any(overlap(span.minutes, other) for other in minutes):
            yield Problem(path=f"$.spans[{index}]", message=f"{sentence} from {span}")
