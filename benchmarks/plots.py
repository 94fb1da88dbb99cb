"""Pictures of benchmark results, where matplotlib is installed (the extra `plot`); nothing is drawn otherwise.

- `plot_scale`: figures of `scale.py` over the number of sessions.
- `plot_suite`: seconds and gaps of the jobs of a suite, of one result file or of two beside each other.

Each says whether it has drawn anything.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

INK, OTHER = "#1f5a87", "#c76b29"
SHOWN = {"first_valid_s": "first valid schedule, s", "peak_memory_mb": "peak memory, MB", "repair_ms": "repair, ms"}


def plot_scale(found: Mapping[str, Any], path: str) -> bool:
    """Draw how figures grow with the number of sessions, on logarithmic axes, and the gaps."""
    pyplot = _pyplot()
    sizes = [size for size in found["sizes"] if "error" not in size]
    if pyplot is None or not sizes:
        return False
    figure, axes = pyplot.subplots(2, 2, figsize=(9, 7), layout="constrained")
    for axis, (name, title) in zip(axes.flat, SHOWN.items(), strict=False):
        points = [(size["sessions"], size[name]) for size in sizes if size.get(name)]
        if points:
            axis.loglog(*zip(*points, strict=True), "o-", color=INK)
        slope = found["exponents"].get(name)
        axis.set_title(title + (f" (exponent {slope})" if slope is not None else ""), fontsize=10)
    axis = axes.flat[3]
    for number, at in enumerate(dict.fromkeys(at for size in sizes for at in size["gap_at"])):
        points = [(size["sessions"], 100 * size["gap_at"][at]) for size in sizes if size["gap_at"].get(at) is not None]
        if points:
            axis.semilogx(*zip(*points, strict=True), "os^D"[number % 4] + "-", label=f"{at} s")
    axis.set_title("gap of the first tier, %", fontsize=10)
    if axis.lines:
        axis.legend()
    numbers = [size["sessions"] for size in sizes]
    for axis in axes.flat:
        axis.set_xscale("log")
        axis.set_xticks(numbers, [str(number) for number in numbers], rotation=45)
        axis.set_xticks([], minor=True)
        axis.set_xlabel("sessions")
    return _saved(pyplot, figure, path)


def plot_suite(results: Sequence[Mapping[str, Any]], path: str) -> bool:
    """Draw seconds and gaps of all jobs: bars beside each other for one or two result files."""
    pyplot = _pyplot()
    names = list(dict.fromkeys(job["name"] for result in results for job in result["jobs"]))
    if pyplot is None or not names:
        return False
    figure, axes = pyplot.subplots(1, 2, figsize=(11, 1.2 + 0.4 * len(names)), layout="constrained", sharey=True)
    height = 0.8 / len(results)
    for number, result in enumerate(results):
        by_name = {job["name"]: job for job in result["jobs"]}
        where = [row + number * height for row in range(len(names))]
        jobs = [by_name.get(name, {}) for name in names]
        label = result.get("label") or f"result {number + 1}"
        axes[0].barh(where, [job.get("wall_s", 0.0) for job in jobs], height, color=(INK, OTHER)[number % 2],
                     label=label)
        gaps = [job.get("result", {}).get("gap") or 0.0 for job in jobs]
        axes[1].barh(where, [100 * gap for gap in gaps], height, color=(INK, OTHER)[number % 2])
    axes[0].set_yticks([row + height * (len(results) - 1) / 2 for row in range(len(names))], names)
    axes[0].invert_yaxis()
    axes[0].set_title("wall, s", fontsize=10)
    axes[1].set_title("gap, %", fontsize=10)
    if len(results) > 1:
        axes[0].legend()
    return _saved(pyplot, figure, path)


def _pyplot() -> Any:
    """Return matplotlib's pyplot, drawing to files alone; None if it is not installed."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    try:
        from matplotlib import pyplot
    except ImportError:
        return None
    return pyplot


def _saved(pyplot: Any, figure: Any, path: str) -> bool:
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return True
