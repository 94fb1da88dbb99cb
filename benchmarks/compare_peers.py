"""Several schedulers side by side on the same instance: the same file, seconds, cores and scorer.

    python benchmarks/compare_peers.py --seconds 20 --out out/peers
    python benchmarks/compare_peers.py INSTANCE.json --base BASE.json --peers igfsched plain-cp-sat --seconds 60

Three questions: the instance `cold`; `one` and `ten` speakers who lose the slot of one of their sessions, to be
repaired from a base (`peers.instance.changed`). The base is given, or it is the plain model's best; its rooms are
within the cap, since conference-scheduler knows no other cap. Each peer is a process of its own, pinned to `--cores`
cores, one after the other, from a file to a file; `peers.scorer` says what the solution breaks and costs. A peer that
is not installed is left out, and the table says so. `--python` is the interpreter of the peers (a virtual environment
of their own).

What is told of each: `wall_s`, the whole process with imports; `first_valid_s`, `fewest_moves_s` and `best_s` from the
beginning of the peer's own work, that is without imports, and for Timefold without the start of its machine; `cpu_s`,
the time of the processor from the same beginning; what the independent scorer finds; what the peer has proven itself.
Written: `OUT.json` and the table `OUT.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen
from peers.instance import changed, generate
from peers.scorer import Instance, read_instance, read_solution, score, write_solution

HERE = Path(__file__).resolve().parent
QUESTIONS = {"cold": 0, "one": 1, "ten": 10}
GRACE = 120.0
"""Seconds beyond the limit after which a peer is stopped: imports and the building of its model take time too."""
PROBES = {"conference-scheduler": "import conference_scheduler", "timefold": "import timefold"}


@frozen
class Peer:
    """A scheduler: its name on the command line, its module, and whether it runs on the peers' interpreter."""

    name: str
    module: str
    foreign: bool = False


PEERS = (
    Peer("igfsched", "peers.igfsched_program"),
    Peer("plain-cp-sat", "peers.plain_cpsat"),
    Peer("timefold", "peers.timefold_peer", foreign=True),
    Peer("conference-scheduler", "peers.conference_scheduler_peer", foreign=True),
)

Say = Callable[[str], None]


def missing(peer: Peer, python: str) -> str | None:
    """Return why a peer cannot run here; None if it can."""
    if peer.name == "timefold" and shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "no JDK (Debian: openjdk-17-jdk-headless)"
    probe = PROBES.get(peer.name)
    if probe is not None:
        found = subprocess.run([python, "-c", f"import importlib.util as u, sys; "
                                f"sys.exit(u.find_spec({probe.removeprefix('import ')!r}) is None)"], check=False)
        if found.returncode:
            return "not installed (benchmarks/peers/requirements.txt)"
    return None


def asked(peer: Peer, python: str, arguments: Sequence[str], cores: int, seconds: float) -> dict[str, Any]:
    """Run a peer on as many cores, and return its line, with the wall time of the process; or what went wrong."""
    paths = [str(HERE), str(HERE.parent / "src"), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    own = sorted(os.sched_getaffinity(0))[:cores] if hasattr(os, "sched_getaffinity") else []

    def pin() -> None:
        if own:
            os.sched_setaffinity(0, own)

    began = time.perf_counter()
    process = subprocess.Popen(
        [python if peer.foreign else sys.executable, "-m", peer.module, *arguments], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=pin if own else None, start_new_session=True,
    )
    try:
        said, warned = process.communicate(timeout=seconds + GRACE)
    except subprocess.TimeoutExpired:
        _stop(process)
        return {"error": f"stopped after {seconds + GRACE:.0f} s", "wall_s": round(time.perf_counter() - began, 2)}
    wall = round(time.perf_counter() - began, 2)
    lines = [line for line in said.splitlines() if line.startswith("{")]
    if not lines:
        last = warned.strip().splitlines()
        return {"error": last[-1] if last else f"ended with {process.returncode}", "wall_s": wall}
    return {**json.loads(lines[-1]), "wall_s": wall}


def _stop(process: subprocess.Popen[str]) -> None:
    """End a process with all that it has started, such as a solver of its own."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def compared(
    instance: Instance, base: Mapping[int, tuple[int, int]] | None, peers: Sequence[Peer], *, seconds: float,
    cores: int, seed: int, python: str, questions: Sequence[str] = tuple(QUESTIONS), say: Say = lambda text: None,
) -> dict[str, Any]:
    """Ask all peers all questions; return what came out, as plain values."""
    absent = {peer.name: reason for peer in peers if (reason := missing(peer, python)) is not None}
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for question in questions:
            number = QUESTIONS[question]
            if number and base is None:
                base = _base(instance, folder, seconds, cores, seed)
            subject = instance if not number else changed(instance, base or {}, number)[0]
            files = {name: str(Path(folder, f"{question}-{name}.json")) for name in ("instance", "base")}
            Path(files["instance"]).write_text(json.dumps(subject), encoding="utf-8")
            if number:
                write_solution(base or {}, files["base"])
            for peer in peers:
                if peer.name in absent:
                    continue
                out = Path(folder, f"{question}-{peer.name}.json")
                arguments = [files["instance"], "--seconds", str(seconds), "--workers", str(cores), "--seed",
                             str(seed), "--out", str(out), *(["--base", files["base"]] if number else [])]
                found = asked(peer, python, arguments, cores, seconds)
                found.pop("log", None)
                found |= {"peer": peer.name, "question": question}
                if out.exists():
                    found["checked"] = score(subject, read_solution(out), base if number else None)
                results.append(found)
                say(f"{question:5} {peer.name:21} {_told(found)}")
    return {"instance": instance.get("name", ""), "sessions": len(instance["sessions"]), "seconds": seconds,
            "cores": cores, "seed": seed, "absent": absent, "results": results}


def _base(instance: Instance, folder: str, seconds: float, cores: int, seed: int) -> dict[int, tuple[int, int]]:
    """Return the plain model's best solution, with rooms within the cap where that can be."""
    fewer = {**instance, "n_rooms": min(instance["n_rooms"], instance["parallel_cap"])}
    fewer["sessions"] = [{**session, "rooms": [room for room in session["rooms"] if room < fewer["n_rooms"]]}
                         for session in instance["sessions"]]
    for number, subject in enumerate((fewer, instance)):
        files = [str(Path(folder, f"base-{number}-{name}.json")) for name in ("instance", "out")]
        Path(files[0]).write_text(json.dumps(subject), encoding="utf-8")
        asked(Peer("plain-cp-sat", "peers.plain_cpsat"), sys.executable,
              [files[0], "--seconds", str(seconds), "--workers", str(cores), "--seed", str(seed), "--out", files[1]],
              cores, seconds)
        found = read_solution(files[1]) if Path(files[1]).exists() else {}
        if len(found) == len(instance["sessions"]):
            return found
    raise ValueError("the plain model found no base in the time: give one, or more seconds")


def _told(found: Mapping[str, Any]) -> str:
    if "error" in found:
        return str(found["error"])
    checked = found.get("checked", {})
    names = [name for name in ("hard", "discomfort", "moved") if name in checked]
    return (" ".join(f"{name} {checked[name]}" for name in names)
            + f", best after {found['best_s']} s, wall {found['wall_s']} s, {found['status']}")


def table(found: Mapping[str, Any]) -> str:
    """Return what came out as a Markdown table, one for each question."""
    return "\n".join(_lines(found))


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {found['instance']}: {found['seconds']:g} s on {found['cores']} core{'s' * (found['cores'] != 1)}\n"
    for question in dict.fromkeys(result["question"] for result in found["results"]):
        number = QUESTIONS[question]
        yield f"## {'Cold' if not number else f'{number} change' + 's' * (number > 1)}\n"
        yield ("| peer | first valid, s | " + ("fewest moves, s | moved | other rooms | " if number else "best, s | ")
               + "discomfort | broken | proven | all, s | CPU, s | wall, s | memory, MB |")
        yield "|---" * (12 if number else 10) + "|"
        for result in found["results"]:
            if result["question"] == question:
                yield _row(result, bool(number))
        yield ""
    for name, reason in found["absent"].items():
        yield f"{name}: {reason}"


def _row(result: Mapping[str, Any], repair: bool) -> str:
    checked = result.get("checked")
    if checked is None:
        return f"| {result['peer']} | {result.get('error', 'no solution')}" + " |" * (11 if repair else 9)
    proven = "all" if result["proven"] else "moves" if result.get("moves_proven") else "-"
    cells = [result["peer"], result["first_valid_s"]]
    cells += [result["fewest_moves_s"], checked["moved"], checked["room_only"]] if repair else [result["best_s"]]
    cells += [checked["discomfort"], checked["hard"], proven, result["seconds"], result["cpu_s"],
              result["wall_s"], result["peak_memory_mb"]]
    return "| " + " | ".join("-" if cell is None else str(cell) for cell in cells) + " |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare the peers on what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("instance", nargs="?", help="default: the generated one of 200 sessions, seed 1")
    parser.add_argument("--base", help="a solution that the repairs begin with (default: the plain model's best)")
    parser.add_argument("--seconds", type=float, default=20.0, help="limit of each peer (default %(default)s)")
    parser.add_argument("--cores", type=int, default=1, help="of each peer (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="default %(default)s")
    parser.add_argument("--peers", nargs="+", choices=[peer.name for peer in PEERS],
                        default=[peer.name for peer in PEERS], help="default: all")
    parser.add_argument("--questions", nargs="+", choices=list(QUESTIONS), default=list(QUESTIONS))
    parser.add_argument("--python", default=sys.executable, help="interpreter of the foreign peers")
    parser.add_argument("--out", help="where to write OUT.json and OUT.md (default: print the table)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON instead of the table")
    given = parser.parse_args(arguments)
    try:
        instance = generate() if given.instance is None else read_instance(given.instance)
        base = None if given.base is None else read_solution(given.base)
        found = compared(
            instance, base, [peer for peer in PEERS if peer.name in given.peers], seconds=given.seconds,
            cores=given.cores, seed=given.seed, python=given.python, questions=given.questions,
            say=lambda text: print(text, file=sys.stderr, flush=True),
        )
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if given.out is None:
        print(json.dumps(found, allow_nan=False) if given.json else table(found))
        return
    Path(given.out).parent.mkdir(parents=True, exist_ok=True)
    Path(f"{given.out}.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    Path(f"{given.out}.md").write_text(table(found), encoding="utf-8")


if __name__ == "__main__":
    main()
