"""examples/repair_igf2020.py: the changes of IGF 2020 are made from the data, and each is repaired in words."""

from __future__ import annotations

from collections import Counter

import igf2020_announced as before
import igf2020_data as igf
import pytest
import repair_igf2020

from igfsched import audit
from igfsched.planner import Planner


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the example says, and the folder that it writes."""
    folder = tmp_path_factory.mktemp("repair")
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repair_igf2020, "_say", lambda *said: lines.extend(said))
        assert repair_igf2020.main(["--out", str(folder), "--seconds", "4"]) == 0
    return "\n".join(lines), folder


def test_what_was_announced_is_what_was_held_taken_back():
    """Before the changes the launch is on its first day, six workshops are long, one is two, and the repeat is not."""
    programme, known = before.announced()
    whole = igf.programme()
    ids = set(programme.sessions_by_id)
    assert ids == set(whole.sessions_by_id) - {igf.FORUM_AGAIN} | {before.OTHER_HALF}
    assert known.by_session[before.LAUNCH].start.day == 4
    assert {programme.session(id).duration for id in before.SHORTENED} == {90}
    assert {whole.session(id).duration for id in before.SHORTENED} == {60}
    halves = [Counter((r.person, r.role) for r in programme.session(id).people)
              for id in (before.MERGED, before.OTHER_HALF)]
    assert halves[0] + halves[1] == Counter((r.person, r.role) for r in whole.session(before.MERGED).people)
    for session, came in before.REPLACED.items():
        now = {role.person for role in programme.session(session).people}
        assert len(now & {f"replaced-{session}-{n + 1}" for n in range(len(came))}) == len(came)


def test_every_change_is_told_with_its_proof(told):
    """Each is called on record or reconstructed, and each repair is proven."""
    text, _ = told
    titles = [line for line in text.splitlines() if line.startswith((before.ON_RECORD, before.RECONSTRUCTED))]
    assert Counter(title.split(":")[0] for title in titles) == {before.ON_RECORD: 7, before.RECONSTRUCTED: 2}
    assert text.count("proven: fewest moves, then the best score") >= 14
    for words in ("DC-ISSS moves from 2020-11-04T08:40Z to 2020-11-06T09:10Z", "if it is confirmed", "if it is dropped",
                  "WS-323 now takes 60 minutes instead of 90", "WS-318 is dropped from", "BPF-GENDER moves from",
                  "OF-42-REPEAT is added at 2020-11-10T18:30Z", "valid: no hard rule is violated",
                  "the same timetable"):
        assert words in text


def test_the_end_is_what_the_record_says(told):
    """After all changes the sessions are those of the programme as held, with their lengths and people."""
    _, folder = told
    planner = Planner.load(folder / "history.json")
    held = igf.programme()
    assert set(planner.programme.sessions_by_id) == set(held.sessions_by_id) | {before.CONDITIONAL}
    for session in held.sessions:
        now = planner.programme.session(session.id)
        assert now.duration == session.duration
        assert Counter((r.person, r.role) for r in now.people) == Counter((r.person, r.role) for r in session.people)
    assert audit(planner.programme, planner.schedule).valid
    assert planner.schedule.by_session[before.LAUNCH] == igf.held().by_session[before.LAUNCH]


def test_the_history_is_made_again(told):
    """Every repair of the history comes out as recorded."""
    _, folder = told
    _, others = Planner.replay(folder / "history.json")
    assert others == ()
