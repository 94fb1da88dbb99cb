"""README: what it shows is what there is. Run this file to write the table of rules anew."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from igfsched.rule import Rule
from igfsched.rules import CATALOGUE

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TABLE = re.compile(r"(?ms)^\| rule \|.*?(?=^$)")


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language in README."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", README.read_text(encoding="utf-8"))


def measure_of(rule: type[Rule]) -> str:
    """Return the sentence of a rule's docstring that says what is measured."""
    words = " ".join(inspect.getdoc(rule).split())  # type: ignore[union-attr]
    found = re.search(r"Measure[:,] (.*?\.)( |$)", words)
    assert found, f"the docstring of {rule.__name__} has no 'Measure: ...'"
    return found[1].rstrip(".")


def rule_table() -> str:
    """Return the table of rules that belongs in README."""
    rows = [f"| `{name}` | {rule.summary} | {measure_of(rule)} |" for name, rule in CATALOGUE.items()]
    return "\n".join(["| rule | asks that | measure |", "|---|---|---|", *rows, ""])


def test_quick_start_is_two_commands() -> None:
    """Quick start has exactly two shell blocks of one line each: the main job, then the tests."""
    section = README.read_text(encoding="utf-8").split("\n## Quick start\n")[1].split("\n## ")[0]
    assert section.count("```") == 4
    job, tests = blocks("sh")
    assert job == (
        "python3 -m venv .venv && .venv/bin/pip install -q -e '.[all]' && .venv/bin/python examples/igf2020.py\n")
    assert tests == (
        "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/python -m pytest -q -n 2\n")
    assert (ROOT / "examples" / "igf2020.py").exists()


def test_the_code_is_that_of_the_examples() -> None:
    """The Python blocks of README are examples of at most 30 lines."""
    names = ("small_event.py", "small_change.py")
    for block, name in zip(blocks("python"), names, strict=True):
        assert block == (ROOT / "examples" / name).read_text(encoding="utf-8")
        assert len(block.splitlines()) <= 30


def test_the_small_event_runs(tmp_path: Path) -> None:
    """README's code, run as it stands, finds the clash of the draft and a valid optimal schedule."""
    (tmp_path / "code.py").write_text(blocks("python")[0], encoding="utf-8")
    run = subprocess.run([sys.executable, tmp_path / "code.py"], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Bao is needed in Opening and Trust workshop at the same time for 30 minutes")
    assert "optimal: no schedule has a better score" in run.stdout
    assert "valid: no hard rule is violated" in run.stdout


def test_the_small_change_runs(tmp_path: Path) -> None:
    """README's second piece of code repairs with proof, without moving more than it has to, and tells the people."""
    (tmp_path / "code.py").write_text(blocks("python")[1], encoding="utf-8")
    run = subprocess.run([sys.executable, tmp_path / "code.py"], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Bao is not available from 2020-11-09T13:00Z to 2020-11-09T13:30Z.")
    assert "proven: fewest moves, then the best score" in run.stdout
    assert "1 moved" in run.stdout
    assert "20:30 Asia/Ho_Chi_Minh" in run.stdout
    assert "valid: no hard rule is violated" in run.stdout


def test_the_table_of_rules_is_complete() -> None:
    """README has every rule of the catalogue with its sentence and its measure (else: python tests/test_readme.py)."""
    (table,) = TABLE.findall(README.read_text(encoding="utf-8"))
    assert table == rule_table()


def test_every_module_is_on_the_map() -> None:
    """The table of modules names every module of the package."""
    named = set(re.findall(r"`(\w+)`", README.read_text(encoding="utf-8").split("## Where things are")[1]))
    source = ROOT / "src" / "igfsched"
    there = {path.stem for path in source.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert there - {"__init__", "__main__"} <= named


@pytest.mark.parametrize("command", ["solve", "check", "report", "convert", "resolve", "suggest"])
def test_the_command_line_is_as_shown(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The options that README shows are those that --help shows."""
    from igfsched.cli import main

    with pytest.raises(SystemExit):
        main([command, "--help"])
    (shown,) = re.findall(rf"(?m)^igfsched {command} .*(?:\n +.*)*", blocks("text")[0])
    usage = capsys.readouterr().out.split("exit codes:")[0]
    assert set(re.findall(r"--[\w-]+", shown)) == set(re.findall(r"--[\w-]+", usage)) - {"--help"}


def test_one_version() -> None:
    """The citation gives the version and the licence of the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {project['version']}\n" in citation
    assert f"\nlicense: {project['license']}\n" in citation


if __name__ == "__main__":
    README.write_text(TABLE.sub(lambda _: rule_table(), README.read_text(encoding="utf-8")), encoding="utf-8")
