"""What happened to the programme of IGF 2020 after it was made, repaired change by change.

    python examples/repair_igf2020.py [--out DIR] [--seconds S]

It starts from the timetable that is known, with all known sessions in it, and tells of each change whether it is ON
RECORD or RECONSTRUCTED, what has to move for it, and what of that is proven. Results go to standard output.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path

import igf2020_announced as before
from igf2020_announced import Event

from igfsched.planner import Planner, Repair
from igfsched.schedule import Schedule

SECONDS, EACH = 8.0, 5.0
"""Time for the first timetable, and for each repair after it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Replay the changes; return the exit code."""
    parser = argparse.ArgumentParser(description="Repair the programme of IGF 2020, change by change.")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write history.json into this folder")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S",
                        help=f"time for the timetable that all begins with (default: {SECONDS:.0f})")
    args = parser.parse_args(argv)
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    planner = beginning(args.seconds)
    tell_conditional(planner)
    for event in before.events():
        tell(planner, event)
    tell_end(planner)
    if args.out is not None:
        planner.save(args.out / "history.json")
        _say(f"  written: {args.out / 'history.json'}")
    _say("", f"All of this took {time.perf_counter() - began:.0f} s.")
    return 0


def beginning(seconds: float = SECONDS) -> Planner:
    """Return a planner with every known session in the timetable: those of a known place there, or close to it."""
    programme, known = before.announced()
    repair = Planner(programme, known).apply(seconds=seconds)
    _head("The beginning: the timetable before the changes")
    _say(f"  {len(programme.sessions)} sessions are known, and of {len(known)} where they were held or announced.",
         f"  The others get a place, on their day if that is known; {len(repair.moves)} of the {len(known)} make way,",
         f"  or were off the grid. {str(repair.proof).capitalize()}; {repair.seconds:.1f} s")
    if repair.unplaced:
        raise SystemExit(f"no place was found for {', '.join(repair.unplaced)}: give it more --seconds")
    return Planner(programme, Schedule(repair.schedule.placements, label="before the changes"))


def tell_conditional(planner: Planner) -> None:
    """Give a conditional workshop a place, look at both outcomes beforehand, and take one."""
    _head(f"{before.RECONSTRUCTED}: a workshop is conditional until 15 September")
    _say(f"  on record: {before.CONDITIONAL} was proposed; not seen whether it was held. Reconstructed: the condition")
    _commit(planner, planner.apply(*before.conditional(), seconds=EACH))
    outcomes = planner.outcomes(before.CONDITIONAL, EACH)
    for words, repair in (("if it is confirmed", outcomes.confirmed), ("if it is dropped", outcomes.dropped)):
        _say(f"  Computed beforehand, {words}:", *_indented(repair.summary()))
    gains = [f"{gain.session} at {gain.start:%d %b %H:%M} ({gain.cost[0]:+d})" for gain in outcomes.gains[:3]]
    _say(f"  Its place would be better for {len(outcomes.gains)} sessions" + ", most of all" * bool(gains) + ":",
         *_indented("\n".join(gains)), "  It is confirmed.")
    planner.commit(outcomes.confirmed)
    planner.publish()


def tell(planner: Planner, event: Event) -> None:
    """Repair what an event changes, and tell it."""
    _head(f"{event.kind}: {event.title[0].lower()}{event.title[1:]}")
    _say(*textwrap.wrap(event.told, 118, initial_indent="  ", subsequent_indent="  "))
    if event.now is not None:
        planner.at(event.now)
        _say(f"  It is {event.now}: what has begun stays, and what is soon is dearer to move.")
    if event.instead is not None:
        _say("  What would otherwise have been best (not done):",
             *_indented(planner.apply(*event.instead(planner.schedule), seconds=EACH).summary()))
        _say("  What was done:")
    _commit(planner, planner.apply(*event.changes(planner.schedule), seconds=EACH))


def tell_end(planner: Planner) -> None:
    """Say how all that ends, and go all the way back."""
    _head("The end")
    _say(*_indented(planner.audit().summary()))
    steps = len(planner.history.steps)
    last = planner.schedule
    while planner.undo():
        pass
    while planner.redo():
        pass
    _say(f"  {steps} steps, undone one by one and redone: {'the same' if planner.schedule == last else 'NOT the same'} "
         "timetable.")


def _commit(planner: Planner, repair: Repair) -> None:
    _say(*_indented(repair.summary()))
    if repair.status in ("refused", "unknown"):
        _say("  So everything stays as it is.")
        return
    planner.commit(repair)
    planner.publish()  # people are told at once, so the next change counts moves from here


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.splitlines()]


def _head(title: str) -> None:
    _say("", title, "-" * len(title))


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
