"""`igfsched busy`: people's calendars, or the event's, as times of a programme in which they are not free."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from igfsched.commands.common import FINE, WrongUsage, check_target, read_programme, say

if TYPE_CHECKING:
    from igfsched.programme import Programme


def busy(args: argparse.Namespace) -> int:
    """Write a programme whose people are also busy when their calendars say so."""
    from igfsched.io import with_blackouts, with_calendars, write_programme

    calendars = _by_person(args.calendars)
    if not calendars and not args.blackout:
        raise WrongUsage("busy is given calendars: PERSON=FILE.ics, or --blackout FILE.ics")
    if [args.programme, *args.blackout, *(file for files in calendars.values() for file in files)].count("-") > 1:
        raise WrongUsage("only one of PROGRAMME and the calendars can be standard input")
    check_target(args.out, (".json",))
    before = read_programme(args.programme)
    try:
        after = with_calendars(before, calendars, tentative=args.tentative)
        if args.blackout:
            after = with_blackouts(after, *args.blackout, reason=args.reason, tentative=args.tentative)
    except ImportError as error:
        raise WrongUsage(str(error)) from None
    write_programme(after, args.out)
    told = "".join(f"{line}\n" for line in _told(after, calendars, len(before.window.blackouts)))
    if args.out == "-":
        print(told, end="", file=sys.stderr)
    else:
        say(told)
    return FINE


def _by_person(pairs: list[str]) -> dict[str, list[str]]:
    """Return the files by person; several of one person are several calendars."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        person, equals, file = pair.partition("=")
        if not (person and equals and file):
            raise WrongUsage(f"{pair!r} is not PERSON=FILE.ics")
        found.setdefault(person, []).append(file)
    return found


def _told(programme: Programme, calendars: dict[str, list[str]], blackouts_before: int) -> Iterator[str]:
    for id in calendars:
        spans = programme.person(id).busy
        hours = sum(end - start for start, end in (span.minutes for span in spans)) / 60
        yield f"{id}: {len(spans)} busy time{'s' * (len(spans) != 1)}, {hours:.1f} hours"
    added = len(programme.window.blackouts) - blackouts_before
    if added:
        yield f"the event: {added} blackout{'s' * (added != 1)}"
