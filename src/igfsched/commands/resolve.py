"""When something changes: `igfsched resolve` mends a schedule, `igfsched suggest` says what could be done.

Nothing is written where a change cannot be repaired: the files keep what they held.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from igfsched.commands.common import (
    FINE,
    HARD,
    NOTHING_FOUND,
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
from igfsched.errors import InputError, Problem

if TYPE_CHECKING:
    from igfsched.audit import Audit
    from igfsched.changes import Change
    from igfsched.planner import Alternative, Planner, Repair

NUMBER, PLACES = 5, 20
"""How many repairs, and how many places of one session, are told unless said."""

_NOT_MADE = ("refused", "unknown")


def resolve(args: argparse.Namespace) -> int:
    """Repair a schedule after the changes of a file, all at once or each in turn."""
    _check_arguments(args)
    from igfsched.io import read_changes

    planner, changes = _planner(args), read_changes(args.changes)
    repairs, audit = interruptibly(lambda cancel: _repaired(planner, _batches(changes, args.each), args, cancel))
    if audit is not None:
        _write(planner, args)
    told = "\n\n".join([*(repair.summary() for repair in repairs), *([audit.summary()] if audit else [])]) + "\n"
    if args.json:
        from igfsched.io import to_dict

        say(_json({
            "format": "igfsched-repairs/1", "repairs": [_values(repair) for repair in repairs],
            "valid": None if audit is None else audit.valid,
            "schedule": None if audit is None else to_dict(planner.schedule),
        }))
    elif args.out == "-":
        print(told, end="", file=sys.stderr)
    else:
        say(told)
    if audit is None and not args.json and len(repairs) > 1:
        print(f"the first {len(repairs) - 1} of {len(changes)} changes were repaired; nothing is written",
              file=sys.stderr)
    return _code(repairs, audit)


def suggest(args: argparse.Namespace) -> int:
    """Tell the best repairs after changes, or the places that one session could have."""
    if (args.changes is None) == (args.session is None):
        raise WrongUsage("suggest is asked about one of these: CHANGES, or --session ID")
    if args.at is not None and args.session is None:
        raise WrongUsage("--at says where --session is to be")
    if args.at is not None and args.number is not None:
        raise WrongUsage("--number has no meaning with --at: there is one answer")
    one_stdin(PROGRAMME=args.programme, SCHEDULE=args.schedule, CHANGES=args.changes)
    planner = _planner(args)
    if args.session is not None and args.at is None:
        return _tell_places(planner.alternatives(args.session), args)
    repairs = _asked(planner, args)
    if args.json:
        say(_json({"format": "igfsched-suggestions/1", "repairs": [_values(repair) for repair in repairs]}))
    else:
        say("\n\n".join(_numbered(repairs)) + "\n")
    made = [repair for repair in repairs if repair.status not in _NOT_MADE]
    return _code(repairs[:1], made[0].audit() if made else None)


def _check_arguments(args: argparse.Namespace) -> None:
    one_stdin(PROGRAMME=args.programme, SCHEDULE=args.schedule, CHANGES=args.changes)
    if args.freeze and args.now is None:
        raise WrongUsage("--freeze counts from --now, which is missing")
    targets = {"--out": args.out, "--out-programme": args.out_programme, "--history": args.history}
    if sum(target == "-" for target in targets.values()) + args.json > 1:
        raise WrongUsage("--json and what is written to - all want standard output")
    given = {name: target for name, target in targets.items() if target is not None}
    for name, target in given.items():
        check_target(target, (".json", ".csv") if name == "--out" else (".json",))
        # What is repaired may take the place of what it was made from, but not of anything else.
        its_own = {"--out": args.schedule, "--out-programme": args.programme}.get(name)
        for what in ("programme", "schedule", "changes", "reference"):
            source = getattr(args, what)
            if same_file(target, source) and source != its_own:
                raise WrongUsage(f"{target}: this is the {what}, which {name} would take the place of")
        for other, same in given.items():
            if other != name and same_file(target, same):
                raise WrongUsage(f"{target}: {name} and {other} would be one file")


def _planner(args: argparse.Namespace) -> Planner:
    from igfsched.disruption import Disruption
    from igfsched.planner import Planner

    told = getattr(args, "reference", None)
    return Planner(
        read_programme(args.programme), read_schedule(args.schedule),
        reference=None if told is None else read_schedule(told), now=getattr(args, "now", None),
        disruption=Disruption(freeze=getattr(args, "freeze", 0)),
    )


def _batches(changes: Sequence[Change], each: bool) -> list[tuple[Change, ...]]:
    return [(change,) for change in changes] if each else [tuple(changes)]


def _repaired(
    planner: Planner, batches: Sequence[tuple[Change, ...]], args: argparse.Namespace, cancel: threading.Event,
) -> tuple[list[Repair], Audit | None]:
    """Repair and commit one batch after the other; no audit if one of them cannot be repaired."""
    from igfsched.io.files import name_of

    repairs: list[Repair] = []
    audit = planner.audit()
    for number, changes in enumerate(batches):
        try:
            repair = planner.apply(*changes, seconds=args.seconds, price=args.price, cancel=cancel)
        except InputError as error:
            raise _at(number, error, name_of(args.changes)) from None
        repairs.append(repair)
        if repair.status in _NOT_MADE:
            return repairs, None
        audit = planner.commit(repair)
    return repairs, audit


def _at(number: int, error: InputError, source: str) -> InputError:
    """Return the error of the changes of a batch, told from where they stand in the file."""
    def path(problem: Problem) -> str:
        return problem.path if number == 0 else problem.path.replace("$.changes[0]", f"$.changes[{number}]", 1)

    return InputError([attrs.evolve(problem, path=path(problem)) for problem in error.problems], source)


def _write(planner: Planner, args: argparse.Namespace) -> None:
    from igfsched.io import write_programme

    if args.out is not None:
        write_schedule(planner.schedule, args.out)
    if args.out_programme is not None:
        write_programme(planner.programme, args.out_programme)
    if args.history is not None:
        planner.save(args.history)


def _asked(planner: Planner, args: argparse.Namespace) -> tuple[Repair, ...]:
    from igfsched.changes import SessionMoved
    from igfsched.io import read_changes

    if args.session is None:
        return planner.suggest(*read_changes(args.changes), number=args.number or NUMBER)
    move = SessionMoved(session=args.session, start=args.at)
    return (interruptibly(lambda cancel: planner.apply(move, cancel=cancel)),)


def _numbered(repairs: Sequence[Repair]) -> Iterator[str]:
    if len(repairs) == 1:
        yield repairs[0].summary()
        return
    for number, repair in enumerate(repairs, 1):
        yield f"[{number}] {repair.summary()}"


def _tell_places(places: Sequence[Alternative], args: argparse.Namespace) -> int:
    shown = places[: args.number or PLACES]
    if args.json:
        say(_json({"format": "igfsched-places/1", "session": args.session, "all": len(places), "places": [
            attrs.asdict(place, value_serializer=_plain) for place in shown
        ]}))
    else:
        head = f"{args.session} could be at {len(places)} place{'s' * (len(places) != 1)}" + (
            f", of which the first {len(shown)}:" if len(shown) < len(places) else ":" if places else "")
        say("\n".join([head, *(f"  {place}" for place in shown)]) + "\n")
    return FINE if places else HARD


def _code(repairs: Sequence[Repair], audit: Audit | None) -> int:
    """Return the exit code: the worst that there is."""
    if any(repair.status == "unknown" for repair in repairs):
        return NOTHING_FOUND
    if audit is None or not audit.valid or any(repair.status == "partial" for repair in repairs):
        return HARD
    return FINE


def _values(repair: Repair) -> dict[str, Any]:
    """Return a repair as plain values for JSON."""
    from igfsched.io import changes_to_dict

    return {
        "changes": changes_to_dict(repair.changes)["changes"], "status": repair.status, "levels": list(repair.levels),
        "score": {str(tier): cost for tier, cost in repair.score.items()},
        "moves": [attrs.asdict(move, value_serializer=_plain) for move in repair.moves],
        "rooms_changed": list(repair.rooms_changed), "unplaced": list(repair.unplaced),
        "proof": attrs.asdict(repair.proof), "reasons": [attrs.asdict(reason) for reason in repair.reasons],
        "notices": [attrs.asdict(notice) for notice in repair.notices], "seconds": round(repair.seconds, 4),
    }


def _plain(_: object, __: object, value: Any) -> Any:
    from igfsched.grid import Instant, text_of

    return text_of(value) if isinstance(value, Instant) else value


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"
