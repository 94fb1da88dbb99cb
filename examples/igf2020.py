"""The main job on real data: the known programme of IGF 2020 in its 12 working days, and how good that is.

    python examples/igf2020.py [--out DIR] [--seconds S] [--quick]

It audits the schedule that was really held, finds better hours for the same sessions, places the whole known
programme, asks what fewer sessions side by side would cost, and proves the fewest days that would do. Times of
people are assumptions from country or region. Results go to standard output, progress to standard error.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import attrs
import igf2020_data as igf
from igf2020_clash import in_words, planted_clash
from igf2020_days import PHASES_AND_CAPS, Fewest, fewest_days
from igf2020_figures import Column, regions, side_by_side, worst_person, worst_region
from igf2020_slots import reassignment, slots
from igf2020_steps import Steps

from igfsched import Clock, Period, Profile, Programme, Result, Schedule, audit, report
from igfsched.comfort import DEFAULT_BANDS
from igfsched.io import write_programme, write_schedule, write_schedule_csv
from igfsched.io.files import write_text
from igfsched.texttables import text_table

SECONDS, QUICK_SECONDS = 120.0, 30.0
"""Time for all solves together. What is read, audited and written takes some seconds more."""

REASSIGNED, FREE, WHOLE, CAP_2, BY_HOUR, DAYS = 14, 20, 26, 14, 14, 8
"""The shares of the solves in that time; DAYS for each phase and cap."""

LEAST_FOR_DAYS = 10.0
"""Seconds that a question for days has at least: it ends as soon as a schedule is found, which takes about three."""

SCORE_OF_THE_HOURS = (
    "Score, bound and gap are those of the hours (tier 1): comfort price + 10 x mean of the worst region, rounded up."
)

QUIET_MORNINGS = Profile(value=3, periods=[Period(value=2, hours=Clock("06:00", "09:00"))])
"""The cap that changes: two side by side in the first three hours of each day, three later."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do the whole job; return the exit code."""
    args = _arguments(argv)
    try:
        return _whole_job(args)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _whole_job(args: argparse.Namespace) -> int:
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)  # better to fail now than after two minutes
    began = time.perf_counter()
    steps = Steps(args.seconds, REASSIGNED + FREE + WHOLE + CAP_2 + BY_HOUR + DAYS * len(PHASES_AND_CAPS))
    _say("IGF 2020: the known programme in its 12 working days")
    tell_frame(igf.programme())
    tell_held(igf.held_programme(), igf.held())
    free = tell_three_columns(steps)
    whole = tell_whole(steps)
    tell_caps(steps, whole)
    tell_days(steps)
    if args.out is not None:
        save(args.out, free, whole)
    _say("", f"All of this took {time.perf_counter() - began:.0f} s.")
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fit the known programme of IGF 2020 into its 12 working days.")
    parser.add_argument("--out", type=Path, metavar="DIR", help="save programme, schedules and report in this folder")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S",
                        help=f"time for all solves together (default: {SECONDS:.0f})")
    parser.add_argument("--quick", action="store_const", dest="seconds", const=QUICK_SECONDS,
                        help=f"the same as --seconds {QUICK_SECONDS:.0f}")
    args = parser.parse_args(argv)
    if not args.seconds > 0:
        parser.error("--seconds is a number above 0")
    return args


def tell_frame(programme: Programme) -> None:
    """Say what is given, and how much of it is assumed."""
    shared = [room for room in programme.rooms if not room.reserved]
    known = [person for person in programme.people if person.zone is not None]
    with (igf.DATA / "zones_assumed.csv").open(encoding="utf-8", newline="") as file:
        basis = {row["person_id"]: row["basis"] for row in csv.DictReader(file)}
    by = Counter(basis[person.id] for person in known)
    _head("The frame")
    _say(*text_table(["", ""], [
        ["days", "12 working days, 2-6 November (phase 1) and 9-17 November 2020 (phase 2)"],
        ["hours", "06:00-20:30 UTC, starts every 10 minutes"],
        ["rooms", f"{len(shared)}, with {programme.changeover} minutes between two sessions of a room"],
        ["cap", "3 sessions at a time; the Polish track (PRE-85) has a room of its own beside them"],
        ["sessions", f"{len(programme.sessions)} are known of about 275"],
        ["people", f"{len(programme.people)}, of whom {len(known)} have a time zone and "
                   f"{len(programme.people) - len(known)} have none (and so no comfort price)"],
        ["zones", "ASSUMED, all of them: " + ", ".join(f"{n} from the {what} of the person" for what, n in by.items())],
        ["comfort", f"price of a minute by the person's own clock: {_bands()}"],
    ])[1:])


def _bands() -> str:
    prices = sorted({band.price for band in DEFAULT_BANDS})
    hours = {price: [f"{b.start[:2]}-{b.end[:2]}" for b in DEFAULT_BANDS if b.price == price] for price in prices}
    return ", ".join(f"{price} at {' and '.join(sorted(hours[price]))} h" for price in prices)


def tell_held(programme: Programme, held: Schedule) -> None:
    """Audit what was held, and show that a clash would not have gone unnoticed."""
    found = audit(programme, held)
    unknown = sum(not placement.rooms for placement in held)
    _head("The schedule that was held")
    _say(f"  {len(held)} sessions have a known start and end; the rooms of {unknown} are not known, "
         "which is no finding.")
    clashes = [finding for finding in found.hard if "clash" in finding.rule]
    _say(f"  Clashes of people or rooms: {len(clashes) or 'none'}. Hard findings: {len(found.hard)}.")
    _say(*(f"    {finding.sentence}" for finding in found.hard))
    moved, onto, clash = planted_clash(programme, held)
    _say(f"  A planted clash: {moved} is moved onto {onto}. The audit finds:")
    _say(*(f"    {line}" for line in in_words(found, clash)))


def tell_three_columns(steps: Steps) -> Result:
    """Compare what was held with the best over the same slots and the best in the frame; return the last."""
    held = igf.held()
    columns = three_columns(steps, held)
    _head("The same 98 sessions: held, reassigned, free")
    _say(*side_by_side(columns), "")
    _say("  reassigned: over the held slots, each session to a slot of its own phase and length",
         "  free:       anywhere in the frame", "", f"  {SCORE_OF_THE_HOURS}")
    dealt = columns[1].audit
    if dealt is not None:
        same = slots(dealt.programme, dealt.schedule) == slots(dealt.programme, held)
        _say(f"  Checked: the second column uses {'exactly' if same else 'NOT'} the slots (phase, start, length) "
             "that were held.")
    _say(*(f"  {line}" for line in savings(columns)))
    _say("  CAUTION: some 140 further sessions had to be placed in reality. They are not known, so they are in",
         "  nobody's way here: the comparison flatters the second and the third column.")
    assert columns[2].result is not None
    return columns[2].result


def three_columns(steps: Steps, held: Schedule) -> list[Column]:
    """Return the held schedule, the best permutation over its slots, and the best schedule in the frame."""
    programme = igf.held_programme()
    dealt = steps.solve("held sessions, reassigned over the held slots", reassignment(held), REASSIGNED, hint=held)
    free = steps.solve("held sessions, free in the frame", programme, FREE)
    return [Column(name="held", audit=audit(programme, held)), Column.of("reassigned", dealt), Column.of("free", free)]


def savings(columns: Sequence[Column]) -> list[str]:
    """Return what later columns save against the first, in words."""
    first, *others = columns
    lines = []
    for column in others:
        if first.audit is not None and column.audit is not None:
            before, after = first.audit.burdens.total, column.audit.burdens.total
            lines.append(f"{column.name.capitalize()}: {1 - after.price / before.price:.0%} less comfort price and "
                         f"{1 - after.night_minutes / before.night_minutes:.0%} fewer night minutes than held.")
    return lines


def tell_whole(steps: Steps) -> Result:
    """Place the whole known programme by the default rules, and return the result."""
    result = steps.solve("the whole known programme, cap of 3", igf.programme(), WHOLE)
    _head("The whole known programme: 136 sessions, default rules")
    _say(*(f"  {line}" for line in result.summary().splitlines()))
    if result.audit is None:
        return result
    _say("  (tier 1: comfort price + 10 x mean of the worst region; tier 2: minutes in which sessions of one track",
         "  run side by side; tier 3: days used)", "")
    _say(*(f"  {line}" for line in ("audit, made without the solver: " + result.audit.summary()).splitlines()))
    _say(f"    worst region {worst_region(result.audit)} per person, worst person {worst_person(result.audit)}", "")
    _say(*regions(result.audit))
    return result


def tell_caps(steps: Steps, whole: Result) -> None:
    """Place the whole programme with fewer sessions side by side."""
    two = igf.programme(cap=2)
    by_hour = attrs.evolve(igf.programme(), cap=QUIET_MORNINGS)
    columns = [
        Column.of("cap 3", whole),
        Column.of("cap 2", steps.solve("the whole known programme, cap of 2", two, CAP_2)),
        Column.of("2 until 09:00 UTC, then 3", steps.solve("the whole known programme, cap by hour", by_hour, BY_HOUR)),
    ]
    _head("The same with fewer sessions side by side")
    _say(*side_by_side(columns), "", f"  {SCORE_OF_THE_HOURS}",
         "  Days used come third, after track overlaps: they are proven fewest only where the status is optimal.")


def tell_days(steps: Steps) -> None:
    """Find the fewest days of each phase."""
    def solve(programme: Programme, name: str, seed: int) -> Result:
        return steps.solve(name, programme, DAYS if seed == 0 else 0, least=LEAST_FOR_DAYS, seed=seed)

    found = [fewest_days(phase, cap, solve) for phase, cap in PHASES_AND_CAPS]
    _head("The fewest days, by hard rules alone")
    _say(*text_table(["phase", "cap", "fewest days", "they do", "one day less does not"], [_fewest(f) for f in found]))
    for cap in sorted({f.cap for f in found}, reverse=True):
        days = [f.days for f in found if f.cap == cap and f.days is not None and f.proven]
        if len(days) == len(igf.programme().window.phases):
            _say(f"  Both phases at a cap of {cap}: {sum(days)} of the 12 days, for the sessions that are known.")
    _say("", "  Minutes of the rooms: lengths and changeovers, and the rooms that stay idle beside a plenary. Minutes",
         "  under the cap: lengths, and all that a plenary keeps from running. Rooms: 3, as before. Networking is",
         "  counted with phase 2. The opening is the first thing of its first day, the closing the last thing of the",
         "  last day used, whatever their dates: with either elsewhere no fewer days would do.")


def _fewest(found: Fewest) -> list[str]:
    if found.days is None:
        return [found.phase, str(found.cap), f"more than {found.too_few}", "no schedule found in the time", found.proof]
    after = f"schedule after {found.found_after or 0:.1f} s, audited"
    if found.proven:
        return [found.phase, str(found.cap), str(found.days), after, found.proof]
    between = f"{found.too_few + 1} to {found.days}"
    return [found.phase, str(found.cap), between, after, f"not proven, but {found.proof}"]


def save(folder: Path, free: Result, whole: Result) -> None:
    """Write the programme, the schedules and the report of the whole programme into a folder."""
    _head("Files")
    written = ["programme.json"]
    write_programme(igf.programme(), folder / "programme.json")
    if free.schedule is not None:
        write_schedule_csv(free.schedule, folder / "schedule.csv")
        written.append("schedule.csv (the held sessions, free in the frame)")
    if whole.schedule is not None:
        write_schedule(whole.schedule, folder / "schedule.json")
        write_schedule_csv(whole.schedule, folder / "schedule-all.csv")
        written += ["schedule.json", "schedule-all.csv"]
    told = report(whole)
    write_text(folder / "report.txt", told.text())
    write_text(folder / "report.json", told.json())
    _say(*(f"  {folder / name}" for name in [*written, "report.txt", "report.json"]))


def _head(title: str) -> None:
    _say("", title, "-" * len(title))


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
