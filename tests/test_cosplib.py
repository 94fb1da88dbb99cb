"""CoSPLib: its files are read, its score is ours to the unit, and its faults are told."""

from __future__ import annotations

import csv
import json
import random

import attrs
import openpyxl
import peer_files
import pytest
from cosplib_scorer import NAMES, Scorer

from igfsched.audit import audit
from igfsched.errors import InputError
from igfsched.facts import Facts
from igfsched.io.cosplib import (
    TERMS,
    Faults,
    Grids,
    faults,
    grids_of,
    programme_of,
    read_cosplib,
    read_grids,
    read_instance,
    schedule_of,
    weighted_terms,
    write_grids,
)
from igfsched.lowering import lower

INSTANCES = ["N2OR", "GECCO20", "GECCO21", "GECCO22Workshop", "OR60F"]
PUBLISHED = ["N2OR.published-exact", "GECCO20.published-exact", "GECCO21.published-extended",
             "OR60F.published-extended"]


def every_weight(instance, weight=1):
    """Return an instance in which each of the sixteen terms counts."""
    return attrs.evolve(instance, weights={term: weight * (n + 1) for n, term in enumerate(TERMS)})


def random_grids(instance, draw):
    """Return a solution at random: every submission in slots that follow one another, cells of one track each."""
    submissions = [[""] * len(instance.rooms) for block in instance.sessions for _ in range(block.slots)]
    tracks = [[""] * len(instance.rooms) for _ in instance.sessions]
    first = [sum(block.slots for block in instance.sessions[:s]) for s in range(len(instance.sessions))]
    cells = [(s, r) for s in range(len(instance.sessions)) for r in range(len(instance.rooms))]
    for submission in sorted(instance.submissions, key=lambda submission: (-submission.slots, draw.random())):
        for s, r in draw.sample(cells, len(cells)):
            slots = [first[s] + k for k in range(instance.sessions[s].slots)]
            places = [slots[k:k + submission.slots] for k in range(len(slots) - submission.slots + 1)]
            places = [place for place in places if not any(submissions[slot][r] for slot in place)]
            if tracks[s][r] in ("", submission.track) and places:
                for slot in draw.choice(places):
                    submissions[slot][r] = submission.reference
                tracks[s][r] = submission.track
                break
    return Grids(tracks=tracks, submissions=submissions)


@pytest.mark.parametrize("solution", PUBLISHED)
def test_published_solutions_have_the_published_terms(solution):
    """The audit of a published solution has the figures that stand beside the files, term by term."""
    name, _, kind = solution.partition(".published-")
    instance = read_instance(peer_files.cosplib(f"{name}.xlsx"))
    grids = read_grids(peer_files.cosplib(f"{solution}.xlsx"), instance)
    with peer_files.cosplib("published_terms.csv").open(encoding="utf-8") as file:
        row = next(r for r in csv.DictReader(file)
                   if (r["instance"], r["solution"]) == (name, f"published {kind}"))
    found = audit(programme_of(instance), schedule_of(instance, grids))
    assert found.valid
    assert {term: cost for term, cost in weighted_terms(found).items() if cost} == json.loads(
        row["weighted nonzero terms"])
    assert sum(weighted_terms(found).values()) == found.score[1] == int(row["total"])
    assert faults(instance, grids) == Faults()


@pytest.mark.parametrize("name", INSTANCES)
@pytest.mark.parametrize("all_terms", [False, True])
def test_random_solutions_score_as_the_format_says(name, all_terms):
    """Audit and engine say of solutions at random what a scorer made of the format's description alone says."""
    path = peer_files.cosplib(f"{name}.xlsx")
    instance, scorer = read_instance(path), Scorer(path)
    assert instance.weights == scorer.weights
    if all_terms:
        instance = every_weight(instance)
    programme = programme_of(instance)
    stated = lower(programme)
    draw = random.Random(7)
    seen = set()
    for _ in range(3):
        grids = random_grids(instance, draw)
        raw = scorer.terms([list(row) for row in grids.tracks], [list(row) for row in grids.submissions])
        expected = {term: max(0, instance.weights[term]) * raw[term] for term in NAMES}
        schedule = schedule_of(instance, grids)
        found = audit(programme, schedule)
        assert weighted_terms(found) == expected
        assert found.valid == (len(schedule) == len(instance.submissions))
        assert stated.score(stated.facts.places(schedule))[1] == sum(expected.values())
        assert grids_of(instance, schedule) == grids
        seen |= {term for term, value in expected.items() if value}
    assert len(seen) >= (8 if all_terms and name != "N2OR" else 4)


def damaged(instance, grids, draw):
    """Return a solution with cells exchanged at random, tracks emptied, and submissions gone."""
    submissions, tracks = [list(row) for row in grids.submissions], [list(row) for row in grids.tracks]
    for _ in range(draw.randrange(1, 6)):
        (a, b), (c, d) = ((draw.randrange(len(submissions)), draw.randrange(len(instance.rooms))) for _ in "ab")
        submissions[a][b], submissions[c][d] = submissions[c][d], submissions[a][b]
        tracks[draw.randrange(len(tracks))][draw.randrange(len(instance.rooms))] = draw.choice(["", *instance.tracks])
    if draw.random() < 0.3:
        submissions[draw.randrange(len(submissions))] = [""] * len(instance.rooms)
    return Grids(tracks=tracks, submissions=submissions)


@pytest.mark.parametrize("name", INSTANCES)
def test_torn_submissions_cost_what_the_format_says(name):
    """Submissions that are torn apart are refused as a schedule, and counted as the format says as a grid."""
    path = peer_files.cosplib(f"{name}.xlsx")
    instance, scorer, draw = read_instance(path), Scorer(path), random.Random(11)
    torn = 0
    for _ in range(10):
        grids = damaged(instance, random_grids(instance, draw), draw)
        raw = scorer.terms([list(row) for row in grids.tracks], [list(row) for row in grids.submissions])
        found = faults(instance, grids)
        assert found.multi_slot == raw["multi_slot"]
        if found.multi_slot and found.multi_slot != 10**9:
            torn += 1
            with pytest.raises(InputError, match="follow one another"):
                schedule_of(instance, grids)
    assert torn or sum(s.slots > 1 for s in instance.submissions) < 10


def test_a_talk_in_two_rooms_side_by_side():
    """A talk of two slots in two rooms, one slot after the other, costs twice ten million and passes the checker."""
    instance = read_instance(peer_files.cosplib("N2OR.xlsx"))
    grids = read_grids(peer_files.cosplib("N2OR.published-exact.xlsx"), instance)
    name = next(s.reference for s in instance.submissions if s.slots == 2)
    rows = [list(row) for row in grids.submissions]
    row, column = next((r, c) for r in range(1, len(rows)) for c in range(4) if rows[r - 1][c] == rows[r][c] == name)
    other = next(c for c in range(4) if c != column)
    rows[row][column], rows[row][other] = rows[row][other], rows[row][column]
    assert faults(instance, attrs.evolve(grids, submissions=rows)).multi_slot == 2 * 10**7


def test_cells_without_a_track_and_tracks_without_a_talk():
    """Loopholes of the checker are told: no track over the talks of a cell, a track over none."""
    instance = read_instance(peer_files.cosplib("N2OR.xlsx"))
    grids = read_grids(peer_files.cosplib("N2OR.published-exact.xlsx"), instance)
    blank = attrs.evolve(grids, tracks=[[""] * 4, *grids.tracks[1:]])
    assert faults(instance, blank).untracked == tuple(("Wed1", room) for room in instance.rooms)
    empty = attrs.evolve(grids, submissions=[[""] * 4] * 2 + list(grids.submissions[2:]))
    assert len(faults(instance, empty).phantom) == 4
    assert not faults(instance, empty).feasible


@pytest.mark.parametrize("solution", PUBLISHED)
def test_solutions_are_written_as_they_are_read(solution, tmp_path):
    """The layout is CoSPLib's own: labels, a blank row between the grids, names as they are."""
    name = solution.partition(".")[0]
    instance = read_instance(peer_files.cosplib(f"{name}.xlsx"))
    path = peer_files.cosplib(f"{solution}.xlsx")
    grids = read_grids(path, instance)
    write_grids(tmp_path / "ours.xlsx", instance, grids_of(instance, schedule_of(instance, grids)))
    assert read_grids(tmp_path / "ours.xlsx", instance) == grids
    ours, theirs = (
        [tuple(value or None for value in row)
         for row in openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)]
        for file in (tmp_path / "ours.xlsx", path)
    )
    assert ours == [row[:len(instance.rooms) + 1] for row in theirs[:len(ours)]]


def test_one_tick_is_one_slot():
    """What is counted by slots depends on it: the engine's ticks are as long as slots."""
    for name in INSTANCES:
        programme = read_cosplib(peer_files.cosplib(f"{name}.xlsx"))
        assert Facts(programme).tick == min(session.duration for session in programme.sessions)


def spoilt(path, tmp_path, *changes):
    """Return a copy of a workbook with cells changed: (sheet, cell, value)."""
    book = openpyxl.load_workbook(path)
    for sheet, cell, value in changes:
        book[sheet][cell] = value
    book.save(tmp_path / "spoilt.xlsx")
    return tmp_path / "spoilt.xlsx"


def test_everything_that_is_wrong_is_told_at_once(tmp_path):
    """Each fault is named by sheet, row and column, with what was found and the nearest name."""
    path = spoilt(
        peer_files.cosplib("N2OR.xlsx"), tmp_path, ("submissions", "B2", "Analytic"), ("submissions", "E3", "GMT+5:30"),
        ("submissions", "C4", 0), ("submissions", "A6", "NEW19A3729"), ("rooms", "A3", "Stafford 7"),
        ("sessions", "D2", "noon"), ("parameters", "E5", "a lot"),
    )
    with pytest.raises(InputError) as caught:
        read_instance(path)
    told = str(caught.value)
    for part in ("sheet submissions, row 2, column Track: 'Analytic' is not one of the tracks",
                 "did you mean 'Analytics'?", "row 3, column Time Zone", "row 4, column Required Timeslots",
                 "row 6, column Reference: 'NEW19A3729' occurs twice, first in row 2",
                 "there is no column 'Stafford 7'", "sheet sessions, row 2, column Start Time",
                 "sheet parameters, row 5, column E"):
        assert part in told, told


def test_what_is_no_workbook_is_told(tmp_path):
    """A missing file, another kind of file, a missing sheet and a grid of another size are told in words."""
    (tmp_path / "text.xlsx").write_text("no workbook", encoding="utf-8")
    for path, words in ((tmp_path / "none.xlsx", "no such file"), (tmp_path / "text.xlsx", "not an Excel workbook"),
                        (peer_files.cosplib("N2OR.published-exact.xlsx"), "there is no sheet 'parameters'")):
        with pytest.raises(InputError, match=words):
            read_instance(path)
    instance = read_instance(peer_files.cosplib("N2OR.xlsx"))
    with pytest.raises(InputError, match="is not one of the tracks"):
        read_grids(peer_files.cosplib("N2OR.xlsx"), instance)
