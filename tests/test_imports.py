"""Imports run in one direction, and only solving loads the solver."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import igfsched

SOURCE = Path(igfsched.__file__).parent

# What stands further down may import what stands further up, never the other way round. A folder is one layer.
LAYERS = (
    "tuples", "errors", "grid", "texttables", "comfort", "selector", "rule", "window", "programme",
    "consistency", "difference", "disruption", "schedule", "timetable", "timeline", "slots", "memory", "facts",
    "primitives", "testing", "rules", "changes", "lowering",
    "relowering", "stakes", "kernel", "reach", "audit", "result", "io", "engine", "planner", "sweep", "report",
    "fairness", "price_of_fairness", "commands", "cli", "__main__",
)
# Two halves of one check: a programme is judged when it is made.
ALLOWED = {("programme", "consistency")}
# Only the engine knows the solver, and only the grid the library for times.
DOORS = {
    "ortools": "engine", "pendulum": "grid", "cattrs": "io", "pandas": "nobody", "dask": "nobody",
    "distributed": "nobody", "icalendar": "io", "recurring_ical_events": "io",
}


def layer_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports when it runs, also inside functions, not those for type checkers only."""
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            # `from igfsched import io` names a module by what is imported, not by what it is imported from.
            yield from ([f"igfsched.{alias.name}" for alias in node.names] if node.module == "igfsched"
                        else [node.module or ""])
        waiting += ast.iter_child_nodes(node)


def files() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_run_in_one_direction(path: Path) -> None:
    """A module imports only from layers above its own, and each outside library stays behind its door."""
    own = layer_of(path)
    assert own in LAYERS, f"{own} has no place in the order of modules: give it one in this test"
    for name in imports(path):
        root, *rest = name.split(".")
        if root != "igfsched":
            assert DOORS.get(root, own) == own, f"{name} is only for {DOORS[root]}"
        elif rest and rest[0] != own and (own, rest[0]) not in ALLOWED:
            assert LAYERS.index(rest[0]) < LAYERS.index(own), f"{own} must not import {rest[0]}"


def run(code: str) -> None:
    check = ("; import sys; "
             "assert not {'ortools', 'pandas', 'dask', 'distributed'} & set(sys.modules), sorted(sys.modules)")
    subprocess.run([sys.executable, "-c", code + check], check=True, timeout=60)


@pytest.mark.parametrize("code", [
    "import igfsched; dir(igfsched)",
    "import igfsched.report, igfsched.io, igfsched.cli, igfsched.lowering",
    "from igfsched import Schedule, Session, Window, Programme, audit, report;"
    "p = Programme(window=Window.daily('2020-11-09', '2020-11-09'), sessions=[Session(id='a', duration=30)]);"
    "report(audit(p, Schedule())).text(); report(audit(p, Schedule())).json()",
    "import io; from igfsched import read_programme, Session, Window, Programme; from igfsched.io import dumps;"
    "p = Programme(window=Window.daily('2020-11-09', '2020-11-09'), sessions=[Session(id='a', duration=30)]);"
    "assert read_programme(io.StringIO(dumps(p))) == p",
    "import contextlib, igfsched.cli\nwith contextlib.suppress(SystemExit): igfsched.cli.main(['--help'])\n0",
    "import contextlib, igfsched.cli\nwith contextlib.suppress(SystemExit): igfsched.cli.main(['solve', '--help'])\n0",
    "import contextlib, igfsched.cli as c\nwith contextlib.suppress(SystemExit): c.main(['resolve', '--help'])\n0",
    "import contextlib, igfsched.cli as c\nwith contextlib.suppress(SystemExit): c.main(['suggest', '--help'])\n0",
    "import igfsched.sweep; from igfsched import Frontier, sweep",
    "import contextlib, igfsched.cli as c\nwith contextlib.suppress(SystemExit): c.main(['frontier', '--help'])\n0",
    "import igfsched; igfsched.show_versions()",
], ids=["import", "modules", "audit", "files", "help", "help of solve", "help of resolve",
       "help of suggest", "sweep", "help of frontier", "versions"])
def test_only_solving_loads_the_solver(code: str) -> None:
    """Importing, auditing, reading, writing and asking for help load neither OR-Tools nor pandas."""
    run(code)


def test_every_public_name_is_there() -> None:
    """Each name of `__all__` can be imported, is listed by `dir`, and is told to type checkers."""
    assert igfsched.__all__ == sorted(igfsched.__all__)
    for name in igfsched.__all__:
        assert getattr(igfsched, name).__name__ == name
        assert name in dir(igfsched)
    tree = ast.parse((SOURCE / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {(node.module, alias.asname) for node in block.body if isinstance(node, ast.ImportFrom)
             for alias in node.names}
    lazy = {(f"igfsched.{igfsched._MODULE_OF[name]}", name) for name in igfsched.__all__}
    assert typed == lazy


def test_names_that_do_not_exist() -> None:
    """A name that the package does not have is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        igfsched.nothing  # noqa: B018


def test_functions_win_over_modules_of_their_name() -> None:
    """`igfsched.audit` is the function, whether or not its module was imported before."""
    subprocess.run(
        [sys.executable, "-c", "import igfsched.audit, igfsched.report; import igfsched;"
                               "assert callable(igfsched.audit) and callable(igfsched.report);"
                               "from igfsched.audit import Audit, audit; assert igfsched.audit is audit"],
        check=True, timeout=60,
    )
