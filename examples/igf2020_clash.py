"""A clash planted into the schedule that was held, to show that the audit finds it.

- `planted_clash`: moves one session onto another that needs the same person.
- `in_words`: a finding with its time in UTC and on the clocks of the people concerned.
"""

from __future__ import annotations

from itertools import combinations

import attrs

from igfsched import Audit, Programme, Schedule, audit
from igfsched.grid import from_minute, text_of
from igfsched.report import own_times
from igfsched.rule import Finding


def planted_clash(programme: Programme, held: Schedule) -> tuple[str, str, Finding]:
    """Move a session onto another that needs the same person; return both and what the audit then finds.

    The pair is the first, by id, for which the clash is all that the move breaks.
    """
    before = len(audit(programme, held).hard)
    needed = {session.id: {p for p in session.required if not programme.person(p).placeholder}
              for session in programme.sessions}
    for moved, onto in combinations(sorted(held.by_session), 2):
        if needed[moved] & needed[onto]:
            start = held.by_session[onto].start
            there = attrs.evolve(held.by_session[moved], start=start, rooms=())
            after = audit(programme, Schedule([*(p for p in held if p.session != moved), there])).hard
            new = [finding for finding in after if finding.rule == "person_clash"]
            if len(new) == 1 and len(after) <= before + 1:
                return moved, onto, new[0]
    raise LookupError("no two sessions of one person can be laid over each other")


def in_words(found: Audit, finding: Finding) -> list[str]:
    """Return a finding with its time in UTC and on the clocks of the people concerned."""
    assert finding.start is not None
    assert finding.end is not None
    lines = [finding.sentence, f"  UTC: {text_of(from_minute(finding.start))} to {text_of(from_minute(finding.end))}"]
    own = own_times(found, finding)
    return lines + [f"  {person}: {own.get(person, 'no time zone known')}" for person in finding.people]
