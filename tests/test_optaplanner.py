"""OptaPlanner's conference scheduling: files are read, the score is ours level by level, and faults are told."""

from __future__ import annotations

import random

import attrs
import openpyxl
import peer_files
import pytest
from openpyxl.styles import PatternFill
from optaplanner_scorer import Scorer

from igfsched.audit import audit
from igfsched.errors import InputError
from igfsched.io.optaplanner import (
    CONSTRAINTS,
    REWARDS,
    assignment_of,
    programme_of,
    read_instance,
    read_optaplanner,
    schedule_of,
    score_by_constraint,
    score_of,
    stored,
)
from igfsched.lowering import lower

FILES = ["18talks-6timeslots-5rooms", "36talks-12timeslots-5rooms", "72talks-12timeslots-10rooms"]
STORED = {FILES[0]: (0, 0, -2145), FILES[1]: (0, 0, -1650), FILES[2]: (0, 0, 0)}


def drawn(scorer, draw):
    """Return a slot and a room of its type for each talk."""
    choices = {talk["Code"]: scorer.choices(talk) for talk in scorer.talks}
    return {code: (draw.choice(slots), draw.choice(rooms)) for code, (slots, rooms) in choices.items()}


def assert_same_score(instance, scorer, at):
    """The audit of an assignment has the scorer's figures, constraint by constraint and level by level."""
    programme, schedule = programme_of(instance), schedule_of(instance, at)
    units, found = scorer.units(at), audit(programme, schedule)
    ours = score_by_constraint(instance, found)
    for name, weights in scorer.weights.items():
        sign = 1 if name in REWARDS else -1
        assert ours[name] == tuple(sign * units[name] * weight for weight in weights), name
    assert score_of(instance, found) == scorer.score(units)
    assert assignment_of(instance, schedule) == at
    stated = lower(programme)
    engine = stated.score(stated.facts.places(schedule))
    assert all(engine[tier] == found.score[tier] for tier in stated.tiers)
    return {name for name, number in units.items() if number}


@pytest.mark.parametrize("name", FILES)
def test_random_assignments_score_as_the_format_says(name):
    """Hard, medium and soft score of assignments at random are those of a scorer made of the description alone."""
    path = peer_files.optaplanner(f"{name}.xlsx")
    instance, scorer, draw = read_instance(path), Scorer(path), random.Random(5)
    assert instance.weights == scorer.weights
    seen = set()
    for _ in range(4):
        seen |= assert_same_score(instance, scorer, drawn(scorer, draw))
    assert len(seen) >= 12


@pytest.mark.parametrize("name", FILES)
def test_the_stored_score(name):
    """The score of the talks that a file already places is the one that stands in the file."""
    path = peer_files.optaplanner(f"{name}.xlsx")
    instance, scorer = read_instance(path), Scorer(path)
    at = stored(instance)
    units = scorer.units({talk["Code"]: at.get(talk["Code"], (None, None)) for talk in scorer.talks})
    assert scorer.score(units) == STORED[name]
    partial = attrs.evolve(instance, talks=[talk for talk in instance.talks if talk.code in at])
    assert score_of(partial, audit(programme_of(partial), schedule_of(partial, at))) == STORED[name]


def busy_workbook(path, tmp_path, draw):
    """Return a copy of a workbook in which every constraint can be broken, and weights are at other levels."""
    book = openpyxl.load_workbook(path)
    fill = PatternFill("solid", fgColor="555753")
    for sheet, first in (("Rooms", 5), ("Speakers", 10)):
        for row in book[sheet].iter_rows(min_row=3, min_col=first):
            for cell in row:
                if draw.random() < 0.2:
                    cell.fill = fill
    for n, row in enumerate(book["Timeslots"].iter_rows(min_row=2)):
        row[4].value = "After lunch" if n % 2 else ""
    rows = list(book["Talks"].iter_rows(min_row=2))
    column = {cell.value: cell.column - 1 for cell in book["Talks"][1]}
    for row in book["Speakers"].iter_rows(min_row=3, max_row=book["Speakers"].max_row):
        for index in range(1, 5):
            row[index].value = draw.choice(["", "After lunch"])
        for index in range(5, 9):
            row[index].value = draw.choice(["", "Recorded", "Recorded, Large"])
    for row in rows:
        for name, texts in (*((f"{wish} timeslot tags", ["", "After lunch"])
                              for wish in ("Required", "Preferred", "Prohibited", "Undesired")),
                            ("Required room tags", ["", "Recorded"]), ("Preferred room tags", ["", "Large, Recorded"]),
                            ("Prohibited room tags", ["", "Large"]), ("Undesired room tags", ["", "Recorded"]),
                            ("Mutually exclusive talks tags", ["", "a", "a, b"]), ("Language", ["en", "fr"]),
                            ("Sector tags", ["", "Education", "Education, Government"]),
                            ("Content tags", ["Weld", "Weld, jBPM", "jBPM"]),
                            ("Crowd control risk", [0, 1, 2])):
            row[column[name]].value = draw.choice(texts)
        row[column["Prerequisite talks codes"]].value = draw.choice(["", draw.choice(rows)[0].value])
        row[column["Pinned by user"]].value = False
        for index in range(3):  # published where the first talk of its type is
            row[column["Published Timeslot"] + index].value = rows[0][column["Published Timeslot"] + index].value
        row[column["Published Room"]].value = draw.choice(["", "R 1", "R 5"])
    for row in book["Configuration"].iter_rows(min_row=5):
        if row[0].value:
            row[1].value = draw.choice([row[1].value, "3hard/0medium/2soft", "0hard/5medium/1soft"])
    book.save(tmp_path / "busy.xlsx")
    return tmp_path / "busy.xlsx"


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_constraint_scores_as_the_format_says(seed, tmp_path):
    """With all 37 constraints at work, some at several levels, the score is the same to the unit."""
    draw = random.Random(seed)
    path = busy_workbook(peer_files.optaplanner(f"{FILES[0]}.xlsx"), tmp_path, draw)
    instance, scorer = read_instance(path), Scorer(path)
    seen = set()
    for _ in range(12):
        seen |= assert_same_score(instance, scorer, drawn(scorer, draw))
    assert seen == set(CONSTRAINTS) - {"Same day talks"}  # all slots are on one day


def test_what_is_hard_is_what_the_original_has_as_ranges():
    """Another slot or room than those of its type, or another place of a pinned talk, is a hard finding."""
    instance = read_instance(peer_files.optaplanner(f"{FILES[0]}.xlsx"))
    programme = read_optaplanner(peer_files.optaplanner(f"{FILES[0]}.xlsx"))
    lab = next(talk for talk in instance.talks if talk.type == "Lab")
    pinned = next(talk for talk in instance.talks if talk.pinned)
    slots, rooms = instance.slots_of(lab), instance.rooms_of(lab)
    good = {lab.code: (slots[0], instance.rooms[rooms[0]].name), pinned.code: (pinned.place[0], "R 1")}

    def broken(**changed):
        found = audit(programme, schedule_of(instance, good | changed))
        return {finding.rule for finding in found.hard} - {"placed"}

    assert broken() == set()
    assert broken(**{lab.code: (1, "R 5")}) == {"slots:Lab", "duration"}
    assert broken(**{lab.code: (slots[0], "R 1")}) == {"room_choice"}
    assert broken(**{pinned.code: (2, "R 1")}) == {"fixed_start"}
    assert broken(**{pinned.code: (1, "R 2")}) == {"fixed_room"}


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_everything_that_is_wrong_is_told_at_once(tmp_path):
    """Each fault is named by sheet, row and column, with what was found and the nearest name."""
    book = openpyxl.load_workbook(peer_files.optaplanner(f"{FILES[0]}.xlsx"))
    for sheet, cell, value in (
        ("Configuration", "B5", "much"), ("Timeslots", "A2", "Monday"), ("Timeslots", "C3", "10:15"),
        ("Rooms", "B3", 0), ("Talks", "C3", "Breakot"), ("Talks", "D4", "Nobody"), ("Talks", "T5", "S99"),
        ("Talks", "H6", 0), ("Talks", "A8", "S05"), ("Talks", "W9", "perhaps"),
    ):
        book[sheet][cell] = value
    book["Rooms"]["F4"].fill = PatternFill("solid", fgColor="FF0000")
    book.save(tmp_path / "spoilt.xlsx")
    with pytest.raises(InputError) as caught:
        read_instance(tmp_path / "spoilt.xlsx")
    told = str(caught.value)
    for part in ("sheet Configuration, row 5, column Score weight", "sheet Timeslots, row 2, column Day",
                 "sheet Timeslots, row 3, column End", "sheet Rooms, row 3, column Capacity",
                 "row 3, column Talk type: 'Breakot' is not one of the talk types of the slots",
                 "did you mean 'Breakout'?",
                 "row 4, column Speakers", "row 5, column Prerequisite talks codes", "row 6, column Audience level",
                 "row 8, column Code: 'S05' occurs twice", "row 9, column Pinned by user",
                 "sheet Rooms, row 4, column F: the colour of the cell means nothing"):
        assert part in told, told


def test_assignments_name_what_there_is():
    """An assignment with a talk, a slot or a room that there is not is refused, all faults at once."""
    instance = read_instance(peer_files.optaplanner(f"{FILES[0]}.xlsx"))
    with pytest.raises(InputError) as caught:
        schedule_of(instance, {"S99": (0, "R 5"), "S01": (77, "R 5"), "S02": (1, "R 55")})
    assert len(caught.value.problems) == 3
