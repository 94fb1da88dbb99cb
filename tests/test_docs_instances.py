"""The page on instances of others: its code runs and says what it should."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_code_runs() -> None:
    """The code reads N2OR, solves it to its optimum of 1, and tells all sixteen terms."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/instances.md").read_text(encoding="utf-8"), re.DOTALL)
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert "optimal" in run.stdout
    terms = ast.literal_eval(run.stdout.splitlines()[-1])
    assert len(terms) == 16
    assert sum(terms.values()) == 1
