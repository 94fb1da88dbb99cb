"""Users' programs pass a strict type checker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typing_examples

ROOT = Path(__file__).parent.parent


def test_user_code_passes_mypy() -> None:
    """mypy in strict mode accepts the examples of right calls and finds each mistake in the wrong ones."""
    pytest.importorskip("mypy")
    path = Path(typing_examples.__file__).relative_to(ROOT)
    run = subprocess.run([sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", path], cwd=ROOT,
                         env={**os.environ, "MYPY_FORCE_COLOR": "0"}, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr


def test_right_calls_are_right(tmp_path: Path) -> None:
    """What the type checker accepts can also be called: the large event is made, written and read back."""
    from igfsched import Span

    span = Span("2020-11-09T07:00Z", "2020-11-09T16:00Z")
    made = typing_examples.large_event(["a", "b"], (span,), tmp_path / "programme.json")
    assert [session.id for session in made.sessions] == ["a", "b"]
