"""The command line, for people who do not write Python: `igfsched solve | check | report | convert`.

Exit codes: 0 fine (soft penalties only, also after Ctrl-C), 1 usage or wrong input, 2 hard findings or
infeasible, 3 nothing found in the time. Results go to standard output, progress and errors to standard error.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from igfsched.errors import IgfschedError, Infeasible, InputError

if TYPE_CHECKING:
    from igfsched.audit import Audit
    from igfsched.programme import Programme
    from igfsched.result import Progress, Result
    from igfsched.schedule import Schedule

FINE, WRONG_INPUT, HARD, NOTHING_FOUND = 0, 1, 2, 3

EXIT_CODES = """exit codes:
  0  fine: soft penalties only (also after Ctrl-C, with the best schedule so far)
  1  usage or wrong input
  2  hard findings, or infeasible
  3  nothing found in the time
"""


class _Parser(argparse.ArgumentParser):
    """argparse leaves with 2 on wrong usage; here 2 says that a schedule breaks hard rules."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_INPUT, f"{self.prog}: error: {message}\n")


class _WrongUsage(IgfschedError):
    """Arguments that are right one by one, but not together or not on this machine."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # titles are in every script, terminals are not
            stream.reconfigure(errors="backslashreplace")
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        return int(args.run(args))
    except InputError as error:
        return _fail(str(error), WRONG_INPUT)
    except _WrongUsage as error:
        return _fail(f"igfsched: error: {error}", WRONG_INPUT)
    except Infeasible as error:
        return _fail(str(error), HARD)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(f"{where}{error.strerror or error}", WRONG_INPUT)
    except KeyboardInterrupt:
        return _fail("interrupted", NOTHING_FOUND)


def _parser() -> _Parser:
    parser = _Parser(
        prog="igfsched", description="Fit the sessions of a world-wide virtual event into its days.",
        epilog=EXIT_CODES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="show the versions in use and leave")
    parser.set_defaults(run=lambda args: _versions(parser, args))
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")

    def command(name: str, run: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".", epilog=EXIT_CODES,
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
        found.set_defaults(run=run)
        return found

    programme_help = "a programme: JSON file, folder of CSV tables, or - for JSON on standard input"
    solve = command("solve", _solve, "find a schedule for a programme")
    solve.add_argument("programme", metavar="PROGRAMME", help=programme_help)
    solve.add_argument("--seconds", type=_seconds, default=60.0, metavar="S", help="time limit (default: 60)")
    solve.add_argument("--workers", type=_whole(1), metavar="N", help="threads (default: one for each core)")
    solve.add_argument("--seed", type=_whole(0), default=0, metavar="N", help="seed of the search (default: 0)")
    solve.add_argument("--deterministic", action="store_true", help="same input and seed, same schedule; slower")
    solve.add_argument("--out", metavar="SCHEDULE", help="write the schedule to this .json or .csv file, - for stdout")
    for name, run, help in (("check", _check, "say whether a schedule breaks hard rules, and what it costs"),
                            ("report", _report, "tell everything about a schedule: score, findings, burdens")):
        found = command(name, run, help)
        found.add_argument("programme", metavar="PROGRAMME", help=programme_help)
        found.add_argument("schedule", metavar="SCHEDULE", help="a schedule: .json or .csv file, or - (JSON)")
    for name in ("solve", "check", "report"):
        commands.choices[name].add_argument("--json", action="store_true", help="JSON on standard output, for machines")
    convert = command("convert", _convert, "turn a folder of CSV tables into a programme file")
    convert.add_argument("folder", metavar="FOLDER", help="a folder with sessions.csv and so on")
    convert.add_argument("out", metavar="PROGRAMME.json", help="the file to write, - for standard output")
    return parser


def _solve(args: argparse.Namespace) -> int:
    if args.out is not None:
        _check_target(args.out)
        if args.out != "-" and os.path.realpath(args.out) == os.path.realpath(args.programme):
            raise _WrongUsage(f"{args.out}: this is the programme, which the schedule would take the place of")
        if args.out == "-" and args.json:
            raise _WrongUsage("--out - and --json both want standard output")
    programme = _read_programme(args.programme)
    with _progress() as listener:
        result = _solve_interruptibly(programme, args, listener)
    if args.out is not None and result.schedule is not None:
        _write_schedule(result.schedule, args.out)
    from igfsched.report import report

    told = report(result)
    if args.json:
        from igfsched.io import to_dict

        values = told.to_dict() | {"schedule": None if result.schedule is None else to_dict(result.schedule)}
        _print(json.dumps(values, indent=1, ensure_ascii=False, default=str) + "\n")
    elif args.out == "-":
        print(told.text(), end="", file=sys.stderr)
    else:
        shown = "" if args.out or result.schedule is None else f"\nSchedule\n{result.schedule.summary()}\n"
        _print(told.text() + shown)
    if result.schedule is None:
        return HARD if result.status == "infeasible" else NOTHING_FOUND
    return FINE if result.audit is None or result.audit.valid else HARD


def _check(args: argparse.Namespace) -> int:
    return _tell(args, brief=True)


def _report(args: argparse.Namespace) -> int:
    return _tell(args, brief=False)


def _tell(args: argparse.Namespace, *, brief: bool) -> int:
    from igfsched.report import report

    audit = _audit(args)
    told = report(audit)
    _print(told.json() if args.json else told.text(brief=brief))
    return FINE if audit.valid else HARD


def _audit(args: argparse.Namespace) -> Audit:
    from igfsched.audit import audit

    if args.programme == "-" and args.schedule == "-":
        raise _WrongUsage("only one of PROGRAMME and SCHEDULE can be standard input")
    return audit(_read_programme(args.programme), _read_schedule(args.schedule))


def _convert(args: argparse.Namespace) -> int:
    from igfsched.io import read_tables, write_programme

    programme = read_tables(args.folder)
    _check_target(args.out, (".json",))
    write_programme(programme, args.out)
    return FINE


def _versions(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    if not args.version:
        parser.error("a command is missing: solve, check, report or convert")
    from igfsched.result import show_versions

    show_versions()
    return FINE


def _read_programme(source: str) -> Programme:
    from igfsched.io.files import is_folder

    if is_folder(source):
        from igfsched.io import read_tables

        return read_tables(source)
    from igfsched.io import read_programme

    return read_programme(source)


def _read_schedule(source: str) -> Schedule:
    from igfsched.io import read_schedule, read_schedule_csv

    return read_schedule_csv(source) if _is_csv(source) else read_schedule(source)


def _write_schedule(schedule: Schedule, target: str) -> None:
    from igfsched.io import write_schedule, write_schedule_csv

    (write_schedule_csv if _is_csv(target) else write_schedule)(schedule, target)


def _is_csv(path: str) -> bool:
    return Path(path).suffix.lower() == ".csv"


def _check_target(target: str, endings: tuple[str, ...] = (".json", ".csv")) -> None:
    """Refuse a file that could not be written, before minutes are spent on what is to be in it."""
    if target == "-":
        return
    path = Path(target)
    if path.suffix.lower() not in endings:
        raise _WrongUsage(f"{target}: the name of the file has to end in {' or '.join(endings)}")
    if path.is_dir():
        raise _WrongUsage(f"{target}: this is a folder")
    if not path.parent.is_dir():
        raise _WrongUsage(f"{target}: there is no folder {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise _WrongUsage(f"{target}: this cannot be written")


def _solve_interruptibly(
    programme: Programme, args: argparse.Namespace, listener: Callable[[Progress], None] | None
) -> Result:
    """Solve on another thread, so that this one hears Ctrl-C: the first asks for the best so far, the second leaves."""
    from igfsched.engine import solve

    cancel = threading.Event()
    box: list[Result] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            box.append(solve(programme, seconds=args.seconds, workers=args.workers, seed=args.seed,
                             deterministic=args.deterministic, listener=listener, cancel=cancel))
        except BaseException as error:  # handed to the caller's thread
            failure.append(error)

    def stop(*_: object) -> None:
        if cancel.is_set():
            if sys.stderr.isatty():
                os.write(2, b"\033[?25h")  # the progress display hides the cursor
            os._exit(NOTHING_FOUND)  # asked twice: the solver's threads would hold up a polite end
        print("stopping with the best so far; once more to leave at once", file=sys.stderr, flush=True)
        cancel.set()

    thread = threading.Thread(target=work, name="igfsched-solve", daemon=True)
    main_thread = threading.current_thread() is threading.main_thread()
    previous = signal.signal(signal.SIGINT, stop) if main_thread else None
    try:
        thread.start()
        while thread.is_alive():
            thread.join(0.1)
    finally:
        if main_thread:
            signal.signal(signal.SIGINT, previous or signal.default_int_handler)
    if failure:
        raise failure[0]
    return box[0]


@contextmanager
def _progress() -> Iterator[Callable[[Progress], None] | None]:
    """Give a listener that shows progress on a terminal, and none elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        from rich.console import Console
    except ImportError:
        yield _Lines()
        return
    with Console(stderr=True).status("reading") as status:
        yield lambda progress: status.update(str(progress).replace("[", "\\["))


class _Lines:
    """Progress as plain lines, one in a second at most."""

    def __init__(self) -> None:
        self.last = -math.inf

    def __call__(self, progress: Progress) -> None:
        if progress.seconds - self.last >= 1:
            self.last = progress.seconds
            print(progress, file=sys.stderr, flush=True)


def _print(text: str) -> None:
    """Write to standard output; a reader that has gone (`| head`) changes neither the outcome nor the exit code."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more when it ends: let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def _whole(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value < 2**31:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
        return value

    return read


