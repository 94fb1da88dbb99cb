"""docs/fairness.md and docs/calendars.md: their code runs, and prints what the pages say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize("name", ["fairness.md", "calendars.md"])
def test_the_example_prints_what_is_shown(name: str, tmp_path: Path) -> None:
    """The code of the page, run as it stands, prints the text below it."""
    page = (DOCS / name).read_text(encoding="utf-8")
    (code,), (shown,) = (re.findall(rf"(?ms)^```{language}\n(.*?)^```$", page) for language in ("python", "text"))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout == shown
