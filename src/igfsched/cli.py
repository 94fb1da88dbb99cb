"""The command line, for people who do not write Python: `igfsched solve | check | report | convert`.

`igfsched resolve | suggest` are for when something changes, `igfsched frontier` for how few days do, `igfsched
fairness` compares who carries what, `igfsched busy` reads calendars. Exit codes: 0 fine (soft penalties only, also
after Ctrl-C), 1 usage or wrong input, 2 hard findings, infeasible, or a change that leaves a session without a place,
3 nothing found in the time. Results go to standard output, progress and errors to standard error.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from igfsched.commands.common import (
    FINE,
    HARD,
    NOTHING_FOUND,
    WRONG_INPUT,
    WrongUsage,
    check_target,
    interruptibly,
    one_stdin,
    read_programme,
    read_schedule,
    same_file,
    say,
    write_schedule,
)
from igfsched.errors import Infeasible, InputError

if TYPE_CHECKING:
    from igfsched.audit import Audit
    from igfsched.grid import Instant
    from igfsched.programme import Programme
    from igfsched.result import Progress, Result
    from igfsched.sweep import Step

EXIT_CODES = """exit codes:
  0  fine: soft penalties only (also after Ctrl-C, with the best schedule so far)
  1  usage or wrong input
  2  hard findings, infeasible, or a change that leaves a session without a place
  3  nothing found in the time
"""

_SCHEDULE_HELP = "a schedule: .json or .csv file, or - (JSON)"
_CHANGES_HELP = "what has changed: .json file, or -"


class _Parser(argparse.ArgumentParser):
    """argparse leaves with 2 on wrong usage; here 2 says that a schedule breaks hard rules."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_INPUT, f"{self.prog}: error: {message}\n")


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
    except WrongUsage as error:
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
        found.add_argument("schedule", metavar="SCHEDULE", help=_SCHEDULE_HELP)
    fairness = command("fairness", _fairness, "tell who carries the uncomfortable hours, of schedules side by side")
    fairness.add_argument("programme", metavar="PROGRAMME", help=programme_help)
    fairness.add_argument("schedules", metavar="SCHEDULE", nargs="+", help=_SCHEDULE_HELP)
    _add_resolve(command("resolve", _resolve, "mend a schedule after something has changed, moving little"),
                 programme_help)
    _add_suggest(command("suggest", _suggest, "tell the best repairs, or the places that a session could have"),
                 programme_help)
    _add_frontier(command("frontier", _frontier, "find in how few days it fits at which cap, and what that costs"),
                  programme_help)
    for name in ("solve", "check", "report", "fairness", "resolve", "suggest", "frontier"):
        commands.choices[name].add_argument("--json", action="store_true", help="JSON on standard output, for machines")
    _add_busy(command("busy", _busy, "read from calendars when people are busy"), programme_help)
    convert = command("convert", _convert, "turn a folder of CSV tables into a programme file")
    convert.add_argument("folder", metavar="FOLDER", help="a folder with sessions.csv and so on")
    convert.add_argument("out", metavar="PROGRAMME.json", help="the file to write, - for standard output")
    return parser


def _add_resolve(parser: argparse.ArgumentParser, programme_help: str) -> None:
    add = parser.add_argument
    add("programme", metavar="PROGRAMME", help=programme_help)
    add("schedule", metavar="SCHEDULE", help=_SCHEDULE_HELP)
    add("changes", metavar="CHANGES", help=_CHANGES_HELP)
    add("--each", action="store_true", help="repair each change in turn, not all of them at once")
    add("--reference", metavar="SCHEDULE", help="the published schedule, against which moves count (default: SCHEDULE)")
    add("--now", type=_instant, metavar="INSTANT", help="the present time: what has begun stays, what is soon is dear")
    add("--freeze", type=_whole(0), default=0, metavar="MINUTES", help="what begins within so many minutes stays too")
    add("--price", type=_whole(1), metavar="N",
        help="one move (by weight) may cost so much of the first tier's score; unless given, moves come first")
    add("--seconds", type=_seconds, default=10.0, metavar="S", help="time limit of a repair (default: 10)")
    add("--out", metavar="SCHEDULE", help="write the schedule to this .json or .csv file, - for stdout")
    add("--out-programme", metavar="FILE", help="write the programme after the changes to this .json file")
    add("--history", metavar="FILE", help="write the beginning and every step to this .json file")


def _add_suggest(parser: argparse.ArgumentParser, programme_help: str) -> None:
    add = parser.add_argument
    add("programme", metavar="PROGRAMME", help=programme_help)
    add("schedule", metavar="SCHEDULE", help=_SCHEDULE_HELP)
    add("changes", metavar="CHANGES", nargs="?", help=f"{_CHANGES_HELP}: the best repairs are told")
    add("--session", metavar="ID", help="tell the places that this session could have, the best first")
    add("--at", type=_instant, metavar="INSTANT", help="tell what it takes to have --session there")
    add("--number", type=_whole(1), metavar="K", help="so many repairs (default: 5) or places (default: 20)")


def _add_busy(parser: argparse.ArgumentParser, programme_help: str) -> None:
    add = parser.add_argument
    add("programme", metavar="PROGRAMME", help=programme_help)
    add("calendars", metavar="PERSON=FILE.ics", nargs="*", help="the id of a person and a calendar of theirs")
    add("--blackout", metavar="FILE.ics", action="append", default=[],
        help="nothing may run while this calendar is busy; may be given several times")
    add("--reason", metavar="TEXT", default="", help="what the programme says of these times")
    add("--tentative", action="store_true", help="what is tentative counts as busy too")
    add("--out", metavar="PROGRAMME.json", required=True, help="the file to write, - for standard output")


def _add_frontier(parser: argparse.ArgumentParser, programme_help: str) -> None:
    from igfsched.commands.frontier import numbers

    add = parser.add_argument
    add("programme", metavar="PROGRAMME", help=programme_help)
    add("--caps", type=numbers, required=True, metavar="CAPS", help="most sessions at a time: 3, or 2,3,4, or 2-6")
    add("--days", type=numbers, metavar="DAYS", help="numbers of days, such as 8-12 (default: all that there are)")
    add("--seconds", type=_seconds, default=20.0, metavar="S", help="time limit of each point (default: 20)")
    add("--workers", type=_whole(1), metavar="N", help="threads for each point (default: the cores, shared out)")
    add("--at-once", type=_whole(1), metavar="N", help="points at the same time (default: one for each core)")
    add("--seed", type=_whole(0), default=0, metavar="N", help="seed of the search (default: 0)")
    add("--out", metavar="FILE", help="write what is known to this .json file after each point, - for stdout")
    add("--resume", action="store_true", help="go on from what the file of --out holds")


def _frontier(args: argparse.Namespace) -> int:
    from igfsched.commands.frontier import frontier

    with _progress() as listener:
        return frontier(args, listener)


def _solve(args: argparse.Namespace) -> int:
    if args.out is not None:
        check_target(args.out)
        if same_file(args.out, args.programme):
            raise WrongUsage(f"{args.out}: this is the programme, which the schedule would take the place of")
        if args.out == "-" and args.json:
            raise WrongUsage("--out - and --json both want standard output")
    programme = read_programme(args.programme)
    with _progress() as listener:
        result = interruptibly(lambda cancel: _solved(programme, args, listener, cancel))
    if args.out is not None and result.schedule is not None:
        write_schedule(result.schedule, args.out)
    from igfsched.report import report

    told = report(result)
    if args.json:
        from igfsched.io import to_dict

        values = told.to_dict() | {"schedule": None if result.schedule is None else to_dict(result.schedule)}
        say(json.dumps(values, indent=1, ensure_ascii=False, default=str) + "\n")
    elif args.out == "-":
        print(told.text(), end="", file=sys.stderr)
    else:
        shown = "" if args.out or result.schedule is None else f"\nSchedule\n{result.schedule.summary()}\n"
        say(told.text() + shown)
    if result.schedule is None:
        return HARD if result.status == "infeasible" else NOTHING_FOUND
    return FINE if result.audit is None or result.audit.valid else HARD


def _solved(
    programme: Programme, args: argparse.Namespace, listener: Callable[[Progress], None] | None,
    cancel: threading.Event,
) -> Result:
    from igfsched.engine import solve

    return solve(programme, seconds=args.seconds, workers=args.workers, seed=args.seed,
                 deterministic=args.deterministic, listener=listener, cancel=cancel)


def _resolve(args: argparse.Namespace) -> int:
    from igfsched.commands.resolve import resolve

    return resolve(args)


def _suggest(args: argparse.Namespace) -> int:
    from igfsched.commands.resolve import suggest

    return suggest(args)


def _check(args: argparse.Namespace) -> int:
    return _tell(args, brief=True)


def _report(args: argparse.Namespace) -> int:
    return _tell(args, brief=False)


def _tell(args: argparse.Namespace, *, brief: bool) -> int:
    from igfsched.report import report

    audit = _audit(args)
    told = report(audit)
    say(told.json() if args.json else told.text(brief=brief))
    return FINE if audit.valid else HARD


def _audit(args: argparse.Namespace) -> Audit:
    from igfsched.audit import audit

    one_stdin(PROGRAMME=args.programme, SCHEDULE=args.schedule)
    return audit(read_programme(args.programme), read_schedule(args.schedule))


def _fairness(args: argparse.Namespace) -> int:
    from igfsched.commands.fairness import fairness

    return fairness(args)


def _busy(args: argparse.Namespace) -> int:
    from igfsched.commands.busy import busy

    return busy(args)


def _convert(args: argparse.Namespace) -> int:
    from igfsched.io import read_tables, write_programme

    programme = read_tables(args.folder)
    check_target(args.out, (".json",))
    write_programme(programme, args.out)
    return FINE


def _versions(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    if not args.version:
        parser.error(
            "a command is missing: solve, check, report, fairness, resolve, suggest, frontier, busy or convert")
    from igfsched.result import show_versions

    show_versions()
    return FINE


@contextmanager
def _progress() -> Iterator[Callable[[Progress | Step], None] | None]:
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

    def __call__(self, progress: Progress | Step) -> None:
        if progress.seconds - self.last >= 1:
            self.last = progress.seconds
            print(progress, file=sys.stderr, flush=True)


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


def _instant(text: str) -> Instant:
    from igfsched.grid import instant

    try:
        return instant(text)
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not an instant such as 2020-11-09T14:00Z: {error}") from None


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


