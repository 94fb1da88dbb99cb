"""docs/repair.md: its code runs, and prints what the page says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

from igfsched.planner.repair import Status

PAGE = (Path(__file__).parent.parent / "docs" / "repair.md").read_text(encoding="utf-8")


def test_the_example_prints_what_is_shown(tmp_path: Path) -> None:
    """The code of docs/repair.md, run as it stands, prints the text below it."""
    (code,), (shown,) = (re.findall(rf"(?ms)^```{language}\n(.*?)^```$", PAGE) for language in ("python", "text"))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout == shown


def test_every_status_is_explained() -> None:
    """The table of statuses has all that a repair may have."""
    table = PAGE.split("| status |")[1].split("\n\n")[0]
    assert set(re.findall(r"(?m)^\| `(\w+)` \| ", table)) == set(get_args(Status))
