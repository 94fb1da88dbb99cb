"""What the programs for other people's instances share: a solve with its clock, and one line of JSON.

- `solved`: solve a programme and note when a schedule was first valid, when the best was found, and the memory.
- `told`: print one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from typing import Any

from igfsched.engine.solve import solve
from igfsched.programme import Programme
from igfsched.result import Progress, Result

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]


def solved(programme: Programme, seconds: float, seed: int = 0, workers: int | None = None) -> tuple[
        Result, dict[str, Any]]:
    """Solve a programme; return the result, and status and times as plain values."""
    began = time.perf_counter()
    found: list[tuple[float, tuple[int, int | None]]] = []

    def listen(progress: Progress) -> None:
        if progress.unplaced == 0 and progress.score is not None:
            state = (progress.tier, progress.score)
            if not found or found[-1][1] != state:
                found.append((progress.seconds, state))

    result = solve(programme, seconds=seconds, seed=seed, workers=workers, listener=listen)
    times = {
        "status": result.status,
        "first_valid_s": None if result.seconds_to_first is None else round(result.seconds_to_first, 3),
        "best_s": round(found[-1][0], 3) if found else None,
        "seconds": round(time.perf_counter() - began, 3),
        "peak_memory_mb": peak_memory(),
    }
    return result, times


def peak_memory() -> float | None:
    """Return the most memory that the process has held, in units of 1024 * 1024 bytes; None where it is not known."""
    if resource is None:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20, 1)


def told(line: Mapping[str, Any]) -> None:
    """Print one line of JSON."""
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
