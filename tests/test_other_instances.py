"""Instances that nobody here has seen: of any shape they are read, solved, bounded, and their faults are told."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta

import attrs
import cosplib as cosplib_program
import numpy as np
import openpyxl
import optaplanner as optaplanner_program
import peer_files
import pytest
from cell_costs import cost_in_cells

from igfsched.engine.cells.arrange import Arrangement, slot_pairs, slot_stars
from igfsched.engine.cells.look import cells_of
from igfsched.engine.cells.neighbours import first_places, in_cells
from igfsched.engine.cells.packing import packed_places, packing_of, patterns
from igfsched.engine.control import Control, Incumbent
from igfsched.engine.dense.bound import least
from igfsched.engine.dense.look import EXACT, dense_of
from igfsched.engine.dense.proof import Proofs
from igfsched.engine.dense.search import State
from igfsched.engine.solve import solve
from igfsched.errors import InputError
from igfsched.facts import Places
from igfsched.io import cosplib, optaplanner
from igfsched.io.cosplib.instance import TERMS, Block, Hours, Instance, Submission
from igfsched.lowering import HARD, lower
from igfsched.rule import MOST_WEIGHT


def made(seed=0, *, talks=8, tracks=2, sessions=2, rooms=2, slots=3, needs=(1, 1, 2), weights=None, shared=0.3):
    """Return a small instance of CoSPLib with prices, orders, chairs and shared people at random."""
    draw = random.Random(seed)

    def table(*shape):
        numbers = [draw.choice((0, 0, 0, 1, 4)) for _ in range(int(np.prod(shape)))]
        return np.array(numbers, dtype=np.int64).reshape(shape)

    names = tuple(f"track {t}" for t in range(tracks))
    alike = np.triu(table(tracks, tracks), k=1)
    people = [f"P{n}" for n in range(max(2, int(talks * (1 - shared))))]
    return Instance(
        name="made", zone=0, hours=Hours(suitable=(570, 1290), less_suitable=(420, 1380), small=1, big=10),
        weights=dict.fromkeys(TERMS, 1) if weights is None else dict.fromkeys(TERMS, 0) | weights,
        submissions=tuple(Submission(
            reference=f"talk {n}", track=names[n % tracks], slots=draw.choice(needs), order=draw.choice((0, 0, 1, 2)),
            zone=draw.choice((0, 0, 9)), presenters=(draw.choice(people),), attendees=(draw.choice(people),))
            for n in range(talks)),
        tracks=names, chairs=tuple((draw.choice(people),) for _ in names),
        sessions=tuple(Block(name=f"s{s}", slots=slots, date=date(2022, 7, 4) + timedelta(days=s), start=540,
                             end=540 + 20 * slots)
                       for s in range(sessions)),
        rooms=tuple(f"room {r}" for r in range(rooms)), track_session=table(tracks, sessions),
        track_room=table(tracks, rooms), session_room=table(sessions, rooms), similar=alike + alike.T,
        submission_session=table(talks, sessions), submission_room=table(talks, rooms),
    )


def random_places(lowered, cells, draw):
    """Return places at random that keep all hard rules, None if this draw has none."""
    free = {(b, r): int(slots) for b, slots in enumerate(cells.slots) for r in range(cells.n_rooms)}
    holder: dict[tuple[int, int], int] = {}
    variant, start = np.full(lowered.facts.n, -1), np.full(lowered.facts.n, -1)
    rooms: list[tuple[int, ...]] = [()] * lowered.facts.n
    for session in sorted(cells.group_of, key=lambda session: (-int(cells.need[session]), draw.random())):
        g, need = cells.group_of[session], int(cells.need[session])
        open_cells = [cell for cell, left in free.items() if left >= need and holder.get(cell, g) == g]
        if not open_cells:
            return None
        b, room = draw.choice(open_cells)
        variant[session] = lowered.facts.variants[session][0]
        start[session] = cells.starts[b][int(cells.slots[b]) - free[b, room]]
        rooms[session] = (room,)
        holder[b, room] = g
        free[b, room] -= need
    return Places(variant, start, tuple(rooms))


# -- cells -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(25))
def test_the_model_of_any_instance_is_never_above_a_schedule(seed):
    """With blocks and rooms as in a schedule at random, each room told apart or not, the model costs no more."""
    draw = random.Random(seed)
    instance = made(seed, talks=draw.randint(3, 9), tracks=draw.randint(1, 3), sessions=draw.randint(2, 3),
                    rooms=draw.randint(1, 3), slots=draw.randint(3, 4))
    lowered = lower(cosplib.programme_of(instance))
    cells = cells_of(lowered)
    assert cells is not None
    for places in filter(None, (random_places(lowered, cells, draw) for _ in range(4))):
        score = lowered.score(places)
        assert score[HARD] == 0
        for rooms in (cells.room_classes, tuple((room,) for room in range(cells.n_rooms))):
            assert cost_in_cells(cells, rooms, places) <= score[cells.tier]


def test_what_rooms_cost_a_talk_in_several_rooms_is_no_bound_too_high():
    """A track in two rooms of a block has each talk in one of them: none pays for both."""
    prices = {"weights": {"submissions_rooms": 1}, "talks": 2, "tracks": 1, "sessions": 1, "slots": 3, "needs": (3,)}
    instance = attrs.evolve(made(**prices), submission_room=np.array([[5, 0], [0, 5]]))
    result = solve(cosplib.programme_of(instance), seconds=20, workers=1)
    assert [(tier.score, tier.bound) for tier in result.score] == [(0, 0), (0, 0)]


@pytest.mark.parametrize("shape", [
    {"rooms": 1, "sessions": 6}, {"tracks": 1}, {"talks": 1, "tracks": 1}, {"sessions": 1, "rooms": 6},
    {"sessions": 30, "slots": 8, "talks": 6},
])
def test_instances_of_one_room_one_track_one_session_or_many_are_of_cells(shape):
    """Their shape is seen, they have a schedule that keeps all hard rules, and a bound."""
    programme = cosplib.programme_of(made(**shape))
    assert cells_of(lower(programme)) is not None
    result = solve(programme, seconds=3, workers=1)
    assert result.audit is not None
    assert not result.audit.hard
    assert all(tier.bound is not None and tier.bound <= tier.score for tier in result.score)


def test_more_tracks_than_rooms_and_sessions_is_a_reason():
    """Three tracks do not fit into two cells: that is proven, and said in words with the numbers."""
    result = solve(cosplib.programme_of(made(tracks=3, talks=3, sessions=1, slots=3)), seconds=20, workers=1)
    assert result.status == "infeasible"
    (reason,) = result.reasons
    assert "3 tracks fill at least 3 blocks of rooms" in reason.sentence
    assert reason.sentence.endswith("and there are 2")


def test_talks_that_do_not_pack_are_a_reason():
    """Of two slots each, five talks do not fit into four cells of three slots, though twelve slots are enough."""
    result = solve(cosplib.programme_of(made(tracks=1, talks=5, needs=(2,))), seconds=20, workers=1)
    assert result.status == "infeasible"
    assert "do not fit into the 4 blocks of rooms" in result.reasons[0].sentence


def full(seed, sessions=4, rooms=3, tracks=5, slots=5):
    """Return an instance in which each slot of each room is needed."""
    draw = random.Random(seed)
    holders = [n if n < tracks else draw.randrange(tracks) for n in range(sessions * rooms)]
    talks = []
    for holder in holders:
        left = slots
        while left:
            need = min(left, draw.choice((1, 2, 3)))
            left -= need
            talks.append((holder, need))
    whole = made(seed, talks=len(talks), tracks=tracks, sessions=sessions, rooms=rooms, slots=slots)
    draw.shuffle(talks)
    return attrs.evolve(whole, submissions=tuple(
        attrs.evolve(talk, track=whole.tracks[holder], slots=need)
        for talk, (holder, need) in zip(whole.submissions, talks, strict=True)))


@pytest.mark.parametrize("seed", range(4))
def test_where_no_slot_is_free_there_is_a_schedule_from_the_beginning(seed):
    """Talks that fill all slots are packed by patterns: the schedule keeps all hard rules."""
    lowered = lower(cosplib.programme_of(full(seed)))
    cells = cells_of(lowered)
    packing = packing_of(cells, Control(seconds=30, workers=1, seed=0))
    for g, filled in packing.cells.items():
        assert all(sum(pattern) <= size for size, pattern in filled)
        assert sum(sum(pattern) for _, pattern in filled) >= cells.need[list(cells.groups[g])].sum()
    assert lowered.score(in_cells(cells, packed_places(cells, packing)))[HARD] == 0


def test_patterns_are_what_fits_and_no_further_talk_does():
    """Patterns of a cell of four slots, of two talks of three, one of two and three of one slot."""
    left = Counter({3: 2, 2: 1, 1: 3})
    assert set(patterns(4, (3, 2, 1), left)) == {(3, 1), (2, 1, 1), (1, 1, 1)}
    assert set(patterns(5, (3, 2, 1), left)) == {(3, 2), (3, 1, 1), (2, 1, 1, 1)}


def test_the_first_schedule_keeps_those_apart_who_are_in_conflict():
    """Two tracks with one presenter, two sessions with room for each: the first schedule has no conflict."""
    instance = made(talks=6, needs=(1,), shared=1, weights={"presenters_session": 1000})
    instance = attrs.evolve(instance, submissions=tuple(
        attrs.evolve(talk, presenters=("P",)) for talk in instance.submissions))
    lowered = lower(cosplib.programme_of(instance))
    score = lowered.score(first_places(cells_of(lowered)))
    assert set(score.values()) == {0}


def test_slots_are_arranged_within_cells():
    """Talks of one presenter in two rooms of a block get different slots; blocks and rooms stay as they are."""
    instance = made(talks=6, sessions=1, needs=(1,), weights={"presenters_timeslot": 7})
    instance = attrs.evolve(instance, chairs=((), ()), submissions=tuple(
        attrs.evolve(talk, presenters=(f"P{n // 2}",)) for n, talk in enumerate(instance.submissions)))
    lowered = lower(cosplib.programme_of(instance))
    cells = cells_of(lowered)
    assert set(slot_pairs(cells).values()) == {7}
    places = first_places(cells)
    assert lowered.score(places)[cells.tier] == 21
    better = Arrangement(cells, slot_pairs(cells), places).better(np.random.default_rng(0))
    assert lowered.score(better)[cells.tier] == 0
    assert better.rooms == places.rooms


def test_each_pair_of_slots_is_in_one_star():
    """Stars are the pairs between groups, each once."""
    cells = cells_of(lower(cosplib.programme_of(made(3, talks=12, tracks=3, sessions=4, shared=0.7))))
    pairs = {pair for pair in slot_pairs(cells) if len({cells.group_of[session] for session in pair}) == 2}
    stars = [tuple(sorted((centre, other))) for centre, others in slot_stars(cells) for other in others]
    assert pairs
    assert sorted(stars) == sorted(pairs)


# -- reading CoSPLib ---------------------------------------------------------------------------------


def changed(tmp_path, *changes):
    """Return a copy of N2OR with cells changed: (sheet, cell, value)."""
    book = openpyxl.load_workbook(peer_files.cosplib("N2OR.xlsx"))
    for sheet, cell, value in changes:
        book[sheet][cell] = value
    book.save(tmp_path / "changed.xlsx")
    return tmp_path / "changed.xlsx"


@pytest.mark.parametrize("dates", [
    ("never", None, datetime(2021, 7, 29), datetime(2021, 7, 29)),
    (datetime(1999, 1, 1), datetime(2021, 7, 28), datetime(2021, 7, 29), datetime(2021, 7, 30)),
])
def test_dates_that_make_no_sense_are_no_fault(tmp_path, dates):
    """The original never looks at dates: missing ones and ones years apart leave the sessions in their order."""
    path = changed(tmp_path, *(("sessions", f"C{row}", value) for row, value in enumerate(dates, start=2)))
    programme = cosplib.read_cosplib(path)
    assert len(programme.window.blocks) == 4


def test_weights_may_be_large_and_have_an_end(tmp_path):
    """A weight of ten million is read, and one above all is refused at its place, as is a price that makes it so."""
    large = cosplib.read_cosplib(changed(tmp_path, ("parameters", "E7", 10_000_000)))
    assert 10_000_000 in {rule.weight for rule in large.rules}
    path = changed(tmp_path, ("parameters", "E13", MOST_WEIGHT + 1), ("parameters", "E5", MOST_WEIGHT),
                   ("similar tracks", "C2", 2))
    with pytest.raises(InputError) as caught:
        cosplib.read_instance(path)
    told = str(caught.value)
    assert f"row 13, column E: this is not what belongs here; expected a whole number from -{MOST_WEIGHT} to" in told
    assert "sheet similar tracks, row 2, column Supply Chain" in told


def test_a_talk_that_no_session_has_slots_for_is_told(tmp_path):
    """It is named by its row, with how many there are at most."""
    with pytest.raises(InputError, match=r"row 2, column Required Timeslots.*at most 3, found 4"):
        cosplib.read_instance(changed(tmp_path, ("submissions", "C2", 4)))


@pytest.mark.parametrize("program", [cosplib_program, optaplanner_program])
def test_programs_tell_faults_without_a_traceback(program, tmp_path, capsys):
    """A file that is none ends the program with its faults in words."""
    with pytest.raises(SystemExit) as caught:
        program.main([str(tmp_path / "none.xlsx")])
    assert caught.value.code == 2
    assert "there is no such file" in capsys.readouterr().err


# -- OptaPlanner -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def smallest():
    return optaplanner.read_instance(peer_files.optaplanner("18talks-6timeslots-5rooms.xlsx"))


def with_weights(instance, **levels):
    """Return an instance whose soft weights are multiplied, and whose hard ones are."""
    return attrs.evolve(instance, weights={
        name: (hard * levels.get("hard", 1), medium, soft * levels.get("soft", 1))
        for name, (hard, medium, soft) in instance.weights.items()})


def test_tiers_stay_exact_however_large_their_weights_are(smallest):
    """Where factors that keep tiers apart are too large, they are less far apart; earlier tiers still weigh more."""
    dense = dense_of(lower(optaplanner.programme_of(with_weights(smallest, hard=10_000, soft=100_000))))
    assert dense is not None
    tiers = (HARD, *dense.lowered.tiers)
    factors = [dense.weights[tier] for tier in tiers]
    assert factors == sorted(factors, reverse=True)
    state = State(dense)
    state.begin(None)
    score = dense.lowered.score(dense.places(state.at))
    assert score[HARD] == 0
    assert state.total() == sum(dense.weights[tier] * score[tier] for tier in dense.lowered.tiers) < EXACT


def test_a_bound_that_is_stopped_is_a_bound(smallest):
    """Pairs that were not looked at count as nothing."""
    dense = dense_of(lower(optaplanner.programme_of(smallest)))
    asked: list[bool] = []

    def over() -> bool:
        asked.append(len(asked) > 8)
        return asked[-1]

    assert 0 <= least(dense, 1e12, lambda: True) <= least(dense, 1e12, over) <= least(dense, 1e12)


def test_a_part_of_the_tiers_costs_what_they_do(smallest):
    """A programme by spots of some tiers has these as its cost, others being free."""
    lowered = lower(optaplanner.programme_of(smallest))
    draw = np.random.default_rng(0)
    for tiers in ((1,), (3,), (1, 2)):
        dense = dense_of(lowered, tiers)
        state = State(dense)
        state.begin(np.array([draw.choice(np.flatnonzero(own)) for own in dense.allowed]))
        score = lowered.score(dense.places(state.at))
        assert state.total() == sum(dense.weights[tier] * score[tier] for tier in tiers)


def away(instance, number):
    """Return an instance whose first speakers are never there."""
    every = frozenset(range(len(instance.timeslots)))
    return attrs.evolve(instance, speakers=tuple(
        attrs.evolve(speaker, unavailable=every) if n < number else speaker
        for n, speaker in enumerate(instance.speakers)))


def test_what_cannot_be_kept_is_proven_to_cost_so_much(smallest):
    """Speakers who are never there cost the first tier something: that it is the least is proven, and the last tier."""
    result = solve(optaplanner.programme_of(away(smallest, 2)), seconds=60, workers=1)
    hard, *_ = optaplanner.score_of(smallest, result.audit)
    assert hard < 0
    assert all(tier.proven for tier in result.score)


def test_later_tiers_have_bounds_before_the_earlier_are_proven(smallest):
    """What a tier costs alone is told once the proof of an earlier one begins."""
    lowered = lower(optaplanner.programme_of(away(smallest, 2)))
    dense, control = dense_of(lowered), Control(seconds=60, workers=1, seed=0)
    best = Incumbent(lowered, control)
    state = State(dense)
    state.begin(None)
    best.offer(dense.places(state.at))
    proofs = Proofs(dense, control, best)
    assert not proofs.ready
    control.seconds = 1e-6
    assert proofs.ready
    control.seconds = 60
    steps = proofs.run()
    while best.bounds.get(3, 0) <= 0:
        next(steps)
    assert not best.done(1)
    assert best.bounds[3] <= best.score[3]


def test_numbers_of_sessions_are_counted_for_many_schedules_at_once(smallest):
    """What numbers cost is the same for several schedules together as for each of them."""
    crowded = attrs.evolve(smallest, talks=tuple(attrs.evolve(talk, crowd_risk=1) for talk in smallest.talks))
    dense, draw = dense_of(lower(optaplanner.programme_of(crowded))), np.random.default_rng(1)
    assert dense.counts
    at = np.array([[draw.choice(np.flatnonzero(own)) for own in dense.allowed] for _ in range(5)])
    for spots, counted in zip(at, dense.counted(at), strict=True):
        state = State(dense)
        state.begin(spots)
        rows = np.arange(len(spots))
        pairs = sum(float((pairs * kernel[np.ix_(spots, spots)]).sum())
                    for kernel, pairs in zip(dense.kernels, dense.pairs, strict=True))
        assert state.total() == counted + pairs + float(dense.prices[rows, spots].sum())
