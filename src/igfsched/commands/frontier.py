"""In how few days does it fit, and at what cost: `igfsched frontier`.

What is known is written after each point, so that `--resume` goes on where a run was stopped.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from igfsched.commands.common import (
    FINE,
    HARD,
    NOTHING_FOUND,
    WrongUsage,
    check_target,
    interruptibly,
    read_programme,
    same_file,
    say,
)

if TYPE_CHECKING:
    from igfsched.sweep import Frontier, Step


def numbers(text: str) -> tuple[int, ...]:
    """Return the numbers that a text such as `2,3,8-12` lists. Raises ArgumentTypeError for any other text."""
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        try:
            low, high = int(first), int(last if dash else first)
        except ValueError:
            low, high = 0, 0
        if not 1 <= low <= high <= 1_000:
            raise argparse.ArgumentTypeError(f"{text!r} is not a list of whole numbers from 1, such as 2,3 or 8-12")
        found.update(range(low, high + 1))
    return tuple(sorted(found))


def frontier(args: argparse.Namespace, listener: Callable[[Step], None] | None) -> int:
    """Look at all caps and numbers of days, and tell what is known of them."""
    _check_arguments(args)
    from igfsched.sweep import sweep
    from igfsched.sweep.store import dumps

    programme = read_programme(args.programme)
    store = None if args.out in (None, "-") else args.out

    def work(cancel: threading.Event) -> Frontier:
        return sweep(programme, caps=args.caps, days=args.days, seconds=args.seconds, workers=args.workers,
                     at_once=args.at_once, seed=args.seed, store=store, resume=args.resume, listener=listener,
                     cancel=cancel)

    found: Frontier = interruptibly(work)
    if args.json or args.out == "-":
        say(dumps(found))
        if args.out == "-":
            print(found.summary(), end="", file=sys.stderr)
    else:
        say(found.summary())
    return _code(found)


def _check_arguments(args: argparse.Namespace) -> None:
    if args.resume and args.out in (None, "-"):
        raise WrongUsage("--resume goes on from the file of --out, which is missing")
    if args.out is None:
        return
    check_target(args.out, (".json",))
    if args.out == "-" and args.json:
        raise WrongUsage("--out - and --json both want standard output")
    if same_file(args.out, args.programme):
        raise WrongUsage(f"{args.out}: this is the programme, which the frontier would take the place of")


def _code(found: Any) -> int:
    """Return 0 if some point has a schedule, 2 if it is proven that none has, 3 if nothing is known."""
    if any(point.schedule is not None for point in found.points):
        return FINE
    return HARD if all(point.status == "infeasible" for point in found.points) else NOTHING_FOUND
