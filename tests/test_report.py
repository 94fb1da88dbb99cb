"""Reports: complete as JSON, readable as text, stable, and honest about what is assumed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import attrs
from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import programmes, schedules

from igfsched import Person, Placement, Programme, Room, Schedule, Session, Window, audit, report, solve
from igfsched.errors import Reason
from igfsched.io import write_programme
from igfsched.primitives import Unit
from igfsched.report import MOST_SOFT, WORST_PEOPLE, remarks
from igfsched.result import Progress, Record, Result, TierScore, gap_of, hash_of, versions
from igfsched.rule import Finding, Rule
from igfsched.texttables import html_table, text_table

DAY = "2020-11-09"


def event(**changes: Any) -> Programme:
    values: dict[str, Any] = {
        "title": "An event",
        "window": Window.daily(DAY, DAY, "08:00", "20:00"),
        "rooms": [Room(id="r1")],
        "people": [
            Person(id="p1", zone="America/New_York", region="Americas", zone_assumed=True),
            Person(id="p2", zone="Asia/Kolkata", region="Asia"),
            Person(id="p3"),
        ],
        "sessions": [
            Session(id="a", duration=60, track="data", people=["p1", "p2"]),
            Session(id="b", duration=60, people=["p1", "p3"]),
        ],
    } | changes
    return Programme(**values)


def at(session: str, clock: str) -> Placement:
    return Placement(session=session, start=f"{DAY}T{clock}Z", duration=60, rooms="r1")


CLASH = Schedule([at("a", "12:00"), at("b", "12:30")])
SOLVED = Schedule([at("a", "12:00"), at("b", "14:00")])


def test_text_holds_every_part() -> None:
    """The text gives title, verdict, score by rule, burdens of regions, people, tracks and days, and findings."""
    text = report(audit(event(), CLASH)).text()
    for part in ("An event", "not valid: 2 hard findings", "Score by rule", "Burden by region", "Burden by person",
                 "Burden by track", "Burden by day", "Hard findings (2)", "What it costs"):
        assert part in text
    assert str(report(audit(event(), CLASH))) == text


def test_findings_speak_in_utc_and_own_time() -> None:
    """A finding gives UTC and, for each person concerned, the time on that person's own clock."""
    told = report(audit(event(), CLASH))
    clash, room = sorted(told.to_dict()["findings"][:2], key=lambda finding: finding["rule"])
    assert (clash["rule"], room["rule"]) == ("person_clash", "room_clash")
    assert clash["start_utc"] == f"{DAY}T12:30Z"
    assert clash["own_times"] == {"p1": "Mon 09 Nov 07:30 America/New_York"}
    # A clash of rooms names nobody: all people of its sessions are concerned, those with a zone have a time.
    assert set(room["own_times"]) == {"p1", "p2"}
    assert "p2: Mon 09 Nov 18:00 Asia/Kolkata" in told.text()
    assert f"[{DAY}T12:30Z to 13:00Z]" in told.text()


def test_assumed_and_unknown_zones_are_told() -> None:
    """Whoever reads the figures learns that zones are assumed, and how many are not known at all."""
    assumed, unknown = remarks(audit(event(), SOLVED))
    assert "1 of 2 people are assumptions" in assumed
    assert "1 of 3 people have no time zone" in unknown
    assert f"note: {assumed}" in report(audit(event(), SOLVED)).text()
    certain = event(people=[Person(id=f"p{n}", zone="UTC") for n in (1, 2, 3)])
    assert remarks(audit(certain, SOLVED)) == ()


def test_a_result_brings_status_bound_and_record() -> None:
    """With the result of a solve, the report tells status, bound, gap and what it takes to repeat the solve."""
    programme = event()
    record = Record.of(programme, parameters={"workers": 2}, seed=7, limits={"seconds": 60.0}, seconds=1.5)
    result = Result(schedule=SOLVED, status="feasible", audit=audit(programme, SOLVED), record=record,
                    score=[TierScore(tier=0, score=0, bound=0), TierScore(tier=1, score=200, bound=190)])
    for told in (report(result), report(audit(programme, SOLVED), result)):
        values = told.to_dict()
        assert (values["status"], values["gap"], values["proven"]) == ("feasible", 0.05, False)
        assert values["tiers"][1] == {"tier": 1, "score": 200, "bound": 190, "gap": 0.05, "proven": False}
        assert values["record"]["seed"] == 7
        assert {"ortools", "igfsched", "tzdata", "python"} <= set(values["record"]["versions"])
        assert "tier 1: 200 (bound 190, gap 5.00%)" in told.text()
        assert record.input_hash in told.text()
    assert report(audit(programme, SOLVED), record).to_dict()["record"] == record.to_dict()


def test_a_refusal_is_a_report_too() -> None:
    """Without a schedule the report gives the status and the reasons."""
    reason = Reason(rule="fixed_start", sentence="a and b are fixed at the same time", sessions=["a", "b"])
    told = report(Result(schedule=None, status="infeasible", reasons=[reason]))
    assert "no schedule satisfies the hard rules" in told.text()
    assert "a and b are fixed at the same time" in told.text()
    assert told.to_dict()["reasons"] == [
        {"rule": "fixed_start", "sentence": "a and b are fixed at the same time", "sessions": ["a", "b"]}]


def test_the_worst_ten_people_and_the_costliest_findings() -> None:
    """The text keeps to the worst ten people and the costliest findings; the JSON has them all."""
    count = MOST_SOFT + 5
    people = [Person(id=f"p{n:02}", zone="Pacific/Auckland") for n in range(count)]
    sessions = [Session(id=f"s{n:02}", duration=10 + n, people=[f"p{n:02}"]) for n in range(count)]
    start = f"{DAY}T12:00Z"
    schedule = Schedule([Placement(session=s.id, start=start, duration=s.duration) for s in sessions])
    told = report(audit(event(people=people, sessions=sessions, rooms=[]), schedule))
    listed = [line for line in told.text().splitlines() if line.strip().startswith("p") and "Pacific" in line]
    assert len(listed) == WORST_PEOPLE
    assert listed[0].split()[0] == f"p{count - 1}"
    assert told.text().count("  comfort: s") == MOST_SOFT
    assert len(told.to_dict()["burden"]["persons"]) == count
    assert sum(f["rule"] == "comfort" for f in told.to_dict()["findings"]) == count


def test_brief_is_the_verdict() -> None:
    """The brief text has the score and what is wrong, not the burdens."""
    text = report(audit(event(), CLASH)).text(brief=True)
    assert "Hard findings (2)" in text
    assert "Burden" not in text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_schedule_can_be_told(data: st.DataObject) -> None:
    """Text, JSON and HTML exist for whatever can be scheduled, the same each time."""
    programme = data.draw(programmes(odd_names=True))
    schedule = data.draw(schedules(programme))
    told = report(audit(programme, schedule))
    assert json.loads(told.json()) == told.to_dict()
    again = report(audit(attrs.evolve(programme), schedule))
    assert again.text() == told.text()
    assert again.json() == told.json()
    assert told._repr_html_().startswith("<table>")


def test_tables_align_and_escape() -> None:
    """Numbers stand to the right, wide characters count twice, HTML is escaped, long tables are cut."""
    assert text_table(["name", "price"], [["ab", "5"], ["会", "10"]], indent="") == [
        "name  price", "ab        5", "会       10"]
    assert text_table(["name"], []) == []
    html = html_table("<i>", ["&"], [["<script>"]] * 30)
    assert "<script>" not in html
    assert "<i>" not in html
    assert "and 10 more" in html


def test_gap_is_as_the_field_means_it() -> None:
    """The gap is (score - bound) / max(1, |score|); a result's gap is that of its first unproven tier."""
    assert gap_of(200, 190) == 0.05
    assert gap_of(0, 0) == 0
    assert gap_of(0, -3) == 3
    proven, open_ = TierScore(tier=1, score=5, bound=5), TierScore(tier=2, score=10, bound=5)
    assert (proven.proven, proven.gap, open_.proven, open_.gap) == (True, 0, False, 0.5)
    assert Result(schedule=SOLVED, status="optimal", score=[proven]).gap == 0
    assert Result(schedule=SOLVED, status="optimal", score=[proven]).proven
    assert Result(schedule=SOLVED, status="feasible", score=[proven, open_]).gap == 0.5
    assert Result(schedule=SOLVED, status="feasible", score=[TierScore(tier=1, score=5)]).gap is None
    assert not Result(schedule=None, status="unknown").proven


def test_progress_and_results_in_words() -> None:
    """Progress is one line, a result a few, with a table for notebooks."""
    line = str(Progress(seconds=1.25, phase="improving", unplaced=2, tier=1, score=12.0, bound=10.0, gap=1 / 6))
    assert " ".join(line.split()) == "1.2 s improving 2 unplaced tier 1 score 12 bound 10 gap 16.67%"
    score = [TierScore(tier=1, score=5, bound=5)]
    result = Result(schedule=SOLVED, status="optimal", score=score, seconds_to_first=0.5)
    assert "optimal" in result.summary()
    assert "first schedule after 0.50 s" in result.summary()
    assert "<td>tier 1</td>" in result._repr_html_()


def test_a_record_identifies_its_input() -> None:
    """Equal programmes have one hash, different ones two; a text is hashed as it is."""
    assert hash_of(event()) == hash_of(event())
    assert hash_of(event()) != hash_of(event(title="Another"))
    assert hash_of("x") == "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert dict(versions())["python"].startswith("3.")


def test_a_solve_is_recorded_with_the_hash_of_its_file(tmp_path: Path) -> None:
    """The record of a solve names the programme by the hash of the file that igfsched writes of it."""
    programme = Programme(window=Window.daily("2020-11-09", "2020-11-09"), sessions=[Session(id="a", duration=30)])
    write_programme(programme, tmp_path / "programme.json")
    found = solve(programme, seconds=5, workers=1).record.input_hash
    assert found == hash_of((tmp_path / "programme.json").read_text(encoding="utf-8"))


@frozen(kw_only=True)
class Strange(Rule):
    """A rule of a user's own, with a parameter that JSON cannot say."""

    name: ClassVar[str] = "strange"
    summary: ClassVar[str] = "nothing in particular"

    parameter: complex

    def lower(self, facts: object) -> Iterator[Unit]:
        return iter(())

    def findings(self, timetable: object) -> Iterator[Finding]:
        return iter(())


def test_what_json_cannot_say_is_recorded_by_its_content() -> None:
    """A programme with a rule that no file can hold is solved and recorded all the same."""
    programme = Programme(window=Window.daily("2020-11-09", "2020-11-09"), sessions=[Session(id="a", duration=30)],
                          rules=[Strange(parameter=2j)])
    assert solve(programme, seconds=5, workers=1).record.input_hash == hash_of(programme)
