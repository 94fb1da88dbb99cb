"""Other people's instances for the tests: two that come with the tests, the rest where they are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent / "data"
KEPT = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def cosplib(name: str) -> Path:
    """Return a file of CoSPLib, or skip the test if it is not there."""
    return _found(name, "cosplib")


def optaplanner(name: str) -> Path:
    """Return a file of OptaPlanner's conference scheduling, or skip the test if it is not there."""
    return _found(name, "optaplanner")


def _found(name: str, folder: str) -> Path:
    for path in (HERE / name, KEPT / folder / name):
        if path.exists():
            return path
    pytest.skip(f"{name} is not among the data of the tests")
