"""What all commands share: exit codes, files by their endings, standard output, Ctrl-C.

- `FINE`, `WRONG_INPUT`, `HARD`, `NOTHING_FOUND`: the exit codes.
- `WrongUsage`: arguments that are right one by one, but not together.
- `read_programme`, `read_schedule`, `write_schedule`, `check_target`, `one_stdin`: files.
- `say`: write to standard output. `interruptibly`: work that Ctrl-C asks for its best so far.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from igfsched.errors import IgfschedError

if TYPE_CHECKING:
    from igfsched.programme import Programme
    from igfsched.schedule import Schedule

T = TypeVar("T")

FINE, WRONG_INPUT, HARD, NOTHING_FOUND = 0, 1, 2, 3


class WrongUsage(IgfschedError):
    """Arguments that are right one by one, but not together or not on this machine."""


def read_programme(source: str) -> Programme:
    """Return the programme of a JSON file, of a folder of tables, or of standard input."""
    from igfsched.io.files import is_folder

    if is_folder(source):
        from igfsched.io import read_tables

        return read_tables(source)
    from igfsched.io import read_programme

    return read_programme(source)


def read_schedule(source: str) -> Schedule:
    """Return the schedule of a JSON or CSV file, or of standard input."""
    from igfsched.io import read_schedule, read_schedule_csv

    return read_schedule_csv(source) if _is_csv(source) else read_schedule(source)


def write_schedule(schedule: Schedule, target: str) -> None:
    """Write a schedule to a JSON or CSV file, or to standard output."""
    from igfsched.io import write_schedule, write_schedule_csv

    (write_schedule_csv if _is_csv(target) else write_schedule)(schedule, target)


def _is_csv(path: str) -> bool:
    return Path(path).suffix.lower() == ".csv"


def one_stdin(**sources: str | None) -> None:
    """Refuse two inputs that both are to come from standard input; names are those of the usage line."""
    if sum(source == "-" for source in sources.values()) > 1:
        *first, last = sources
        raise WrongUsage(f"only one of {', '.join(first)} and {last} can be standard input")


def check_target(target: str, endings: tuple[str, ...] = (".json", ".csv")) -> None:
    """Refuse a file that could not be written, before minutes are spent on what is to be in it."""
    if target == "-":
        return
    path = Path(target)
    if path.suffix.lower() not in endings:
        raise WrongUsage(f"{target}: the name of the file has to end in {' or '.join(endings)}")
    if path.is_dir():
        raise WrongUsage(f"{target}: this is a folder")
    if not path.parent.is_dir():
        raise WrongUsage(f"{target}: there is no folder {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise WrongUsage(f"{target}: this cannot be written")


def same_file(one: str | None, other: str | None) -> bool:
    """Say whether two names mean the same file; - means none."""
    if one is None or other is None or "-" in (one, other):
        return False
    return os.path.realpath(one) == os.path.realpath(other)


def say(text: str) -> None:
    """Write to standard output; a reader that has gone (`| head`) changes neither the outcome nor the exit code."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more when it ends: let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def interruptibly(work: Callable[[threading.Event], T]) -> T:
    """Do work on another thread, so that this one hears Ctrl-C: the first asks for the best so far, the second leaves.

    `work` is given the event that asks.
    """
    cancel = threading.Event()
    box: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            box.append(work(cancel))
        except BaseException as error:  # handed to the caller's thread
            failure.append(error)

    def stop(*_: object) -> None:
        if cancel.is_set():
            if sys.stderr.isatty():
                os.write(2, b"\033[?25h")  # the progress display hides the cursor
            os._exit(NOTHING_FOUND)  # asked twice: the solver's threads would hold up a polite end
        print("stopping with the best so far; once more to leave at once", file=sys.stderr, flush=True)
        cancel.set()

    thread = threading.Thread(target=run, name="igfsched-work", daemon=True)
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
