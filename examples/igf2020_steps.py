"""Solves that share one budget of time and show how far they are.

- `Steps`: solves one programme after another; on a terminal one line that changes, elsewhere a line for each.
"""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

from igfsched import Programme, Result, Schedule, solve
from igfsched.result import Progress


class Steps:
    """Solves within `seconds` in all; each gets its share by weight, and what one leaves over goes to the later ones.

    `weights` is the sum of the weights of all solves that are planned.
    """

    def __init__(self, seconds: float, weights: float, stream: TextIO | None = None) -> None:
        self.left = seconds
        self.weights = weights
        self.count = 0
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty()
        self._shown = 0.0

    def solve(
        self, name: str, programme: Programme, weight: float, *, least: float = 1.0, seed: int = 0,
        hint: Schedule | None = None,
    ) -> Result:
        """Return the best schedule found in this step's share of the time, or in `least` seconds if that is more.

        A weight of 0 is for a solve that was not planned.
        """
        self.count += 1
        title = f"[{self.count}] {name}"
        seconds = max(least, self.left * weight / max(weight, self.weights, 1))
        self._show(f"{title} ...")
        began = time.perf_counter()
        result = solve(programme, seconds=seconds, seed=seed, hint=hint,
                       listener=lambda progress: self._tell(title, progress))
        taken = time.perf_counter() - began
        self.left -= taken
        self.weights -= weight
        self._end(f"{title}: {result.status} after {taken:.1f} s")
        if result.status == "interrupted":  # the engine heard Ctrl-C: who presses it wants to leave, not to skip a step
            raise KeyboardInterrupt
        return result

    def _tell(self, title: str, progress: Progress) -> None:
        # A listener is called from the solver's threads: now and then is enough, and cheap.
        if time.perf_counter() - self._shown > 0.2:
            self._shown = time.perf_counter()
            self._show(f"{title} {progress}")

    def _show(self, text: str) -> None:
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r\033[K{text[:width]}")
            self._stream.flush()

    def _end(self, text: str) -> None:
        """Leave no trace on a terminal, where the results follow; elsewhere a line."""
        sys.stdout.flush()
        self._stream.write("\r\033[K" if self._live else f"{text}\n")
        self._stream.flush()
