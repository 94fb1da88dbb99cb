"""docs/groups.md: its code runs, and prints what the page says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from igfsched.rules import CATALOGUE

PAGE = (Path(__file__).parent.parent / "docs" / "groups.md").read_text(encoding="utf-8")


def test_the_example_prints_what_is_shown(tmp_path: Path) -> None:
    """The code of docs/groups.md, run as it stands, prints the text below it."""
    (code,), (shown,) = (re.findall(rf"(?ms)^```{language}\n(.*?)^```$", PAGE) for language in ("python", "text"))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout == shown


def test_the_prices_of_answers_are_the_defaults() -> None:
    """The page tells the prices that answers have unless said."""
    fields = dict(re.findall(r"`(accepted|waiting|declined)` \((\d+)(?:, unless said)?\)", PAGE))
    rule = CATALOGUE["answers"](answers=[])
    assert fields == {name: str(getattr(rule, name)) for name in ("accepted", "waiting", "declined")}
