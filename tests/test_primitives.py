"""What primitives measure, by small examples: five sessions of an hour from 8 to 14 h, three rooms."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from algebra import at_random

from igfsched.facts import Facts, Places
from igfsched.grid import Clock
from igfsched.primitives import (
    Alert,
    Axis,
    Count,
    Footprint,
    Load,
    LoadGroup,
    Meet,
    Pair,
    Shape,
    Tally,
    Watch,
    When,
    axes_of,
    looks_at_rooms,
    sessions_of,
    ticks,
)
from igfsched.programme import Day, Grid, Programme, Room, Session, Window

FACTS = Facts(Programme(
    window=Window(days=[Day(date="2020-11-09", hours=[Clock("08:00", "14:00")])], grid=Grid(step=60), zone="UTC"),
    rooms=[Room(id=id) for id in "abc"],
    sessions=[Session(id=f"s{n}", duration=60 if n < 4 else 120) for n in range(5)],
    preset="none",
))
HOUR = 60 // FACTS.tick
EIGHT = int(FACTS.starts[0])
NONE = -1
HOURS = np.arange(FACTS.n_ticks, dtype=np.int64) - EIGHT
HOURS = np.where((HOURS >= 0) & (HOURS < 6 * HOUR), HOURS // HOUR, -1)
BLOCK = Axis(facts=FACTS, name="block", of_tick=HOURS)
CELL = Axis(facts=FACTS, name="cell", of_tick=HOURS, room_class=np.arange(3))
ALL = (0, 1, 2, 3)


def at(*hours: int, rooms: str = "aaaaa") -> Places:
    """Return places at hours after 8 (-1: nowhere), in rooms by letter."""
    hours = hours + (NONE,) * (FACTS.n - len(hours))
    variant = np.array([FACTS.variants[s][0] if hour >= 0 else -1 for s, hour in enumerate(hours)])
    start = np.array([EIGHT + HOUR * hour if hour >= 0 else -1 for hour in hours])
    return Places(variant, start, tuple(
        ("abc".index(room),) if hour >= 0 else () for room, hour in zip(rooms, hours, strict=True)))


def shape(kind: str, *hours: int, axis: Axis = BLOCK, rooms: str = "aaaaa", **more: object) -> int:
    footprint = Footprint(members=ALL, axis=axis)
    return Shape(footprint=footprint, kind=kind, **more).value(at(*hours, rooms=rooms))  # type: ignore[arg-type]


def test_runs_extents_and_gaps():
    """Runs beyond the first, from the first class to the last, and what is free in between."""
    assert [shape("breaks", *hours) for hours in ((), (2,), (1, 2, 2), (0, 2), (0, 2, 4, 5))] == [0, 0, 0, 1, 2]
    assert [shape("extent", *hours) for hours in ((), (2,), (1, 2, 2), (0, 2), (0, 2, 4, 5))] == [0, 1, 2, 3, 6]
    assert [shape("idle", *hours) for hours in ((), (2,), (1, 2, 2), (0, 2), (0, 2, 4, 5))] == [0, 0, 0, 1, 2]


def test_extents_on_ticks_are_minutes():
    """On an axis with a width extents and gaps are measured in it."""
    assert shape("extent", 0, 3, axis=ticks(FACTS)) == 240
    assert shape("idle", 0, 3, axis=ticks(FACTS)) == 120


def test_segments_are_taken_one_by_one():
    """Runs do not join over a border; classes of no segment do not count, and what they part are neighbours."""
    halves = np.array([0, 0, 0, 1, 1, 1])
    assert shape("breaks", 2, 3, segments=halves) == 0
    assert shape("extent", 0, 2, 3, 5, segments=halves) == 6
    assert shape("idle", 0, 2, 3, 5, segments=halves) == 2
    assert shape("size", 0, 1, 2, 3, segments=halves, beyond=1) == 2
    lunch = np.array([0, 0, -1, -1, 0, 0])
    assert shape("idle", 1, 4, segments=lunch) == 0
    assert shape("breaks", 1, 2, 4, segments=lunch) == 0
    assert shape("extent", 1, 3, 5, segments=lunch) == 3


def test_limits_of_shapes():
    """Only what lies beyond one limit counts, up to another one, in each segment."""
    assert [shape("size", *range(n), beyond=1, most=2) for n in range(5)] == [0, 0, 1, 2, 2]
    assert shape("breaks", 0, 2, 4, most=1) == 1
    assert shape("size", 0, 1, 3, 4, segments=np.array([0, 0, 0, 1, 1, 1]), beyond=1, most=1) == 2


def test_rooms_have_days_of_their_own():
    """With rooms, gaps are those of each room; cells are counted together."""
    assert shape("idle", 0, 2, 1, 3, axis=CELL, rooms="aabba") == 2
    assert shape("idle", 0, 2, 1, 3, axis=CELL, rooms="abaaa") == 1
    assert shape("size", 0, 0, 1, axis=CELL, rooms="abaaa") == 3
    assert shape("size", 0, 0, 1, axis=CELL, rooms="abaaa", segments=np.arange(6), beyond=1) == 1


def test_tables_of_numbers():
    """A number costs what the table says, and the last price goes on."""
    crowd = Tally(members=ALL, axis=BLOCK, count=Count(kind="table", prices=(0, 0, 5, 2)))
    assert [crowd.value(at(*(0,) * n)) for n in range(5)] == [0, 0, 5, 2, 2]
    assert crowd.value(at(0, 0, 1, 1)) == 10


def test_groups_count_once():
    """However many members of a group are in a class, it counts 1 there."""
    purity = Tally(axis=CELL, count=Count(kind="over", cap=1), footprints=(
        Footprint(members=(0, 1), axis=CELL), Footprint(members=(2, 3), axis=CELL)))
    assert purity.value(at(0, 0, rooms="aaaaa")) == 0
    assert purity.value(at(0, 0, 0, 0, rooms="aaaaa")) == 1
    assert purity.value(at(0, 0, 0, 0, rooms="aabba")) == 0
    assert purity.value(at(0, 1, 0, 1, rooms="aaaaa")) == 2


def test_groups_meet():
    """Two groups at the same time: pairs of different rooms, one of the one and one of the other."""
    meet = Meet(first=Footprint(members=(0, 1), axis=CELL), second=Footprint(members=(2, 3), axis=CELL))
    assert meet.value(at(0, NONE, 0, rooms="aaaaa")) == 0
    assert meet.value(at(0, NONE, 0, rooms="aabaa")) == 1
    assert meet.value(at(0, 0, 0, 0, rooms="ababa")) == 2
    assert meet.value(at(0, 1, 0, 1, rooms="aabba")) == 2


def test_pairs():
    """Late or not, prices of classes, minutes of both."""
    late = Pair(first=0, second=1, kind="late_count", axis=BLOCK, gap=30)
    assert [late.value(at(1, hour)) for hour in range(4)] == [1, 1, 1, 0]
    prices = np.arange(36).reshape(6, 6)
    assert Pair(first=0, second=1, kind="matrix", axis=BLOCK, prices=prices).value(at(2, 3)) == 15
    same = Pair(first=0, second=4, kind="same", axis=BLOCK, scale="durations")
    assert [same.value(at(2, NONE, NONE, NONE, hour)) for hour in (1, 2)] == [0, 180]
    assert Pair(first=0, second=1, kind="late", axis=BLOCK, scale="durations").value(at(1, 1)) == 60 * 120


def test_the_same_time_in_another_room():
    """It is the same time, less the same time and room."""
    time, cell = (Pair(first=0, second=1, kind="same", axis=axis) for axis in (BLOCK, CELL))
    for first, second, room, other in product(range(3), range(3), "abc", "abc"):
        places = at(first, second, rooms=f"{room}{other}aaa")
        assert time.value(places) - cell.value(places) == (first == second and room != other)


def test_largest_levels():
    """The largest levels are rounded up and added up; if there are fewer, all of them."""
    def hours(*sessions: int) -> dict[int, dict[int, np.ndarray]]:
        return {s: {FACTS.variants[s][0]: np.full(FACTS.n_ticks, 3)} for s in sessions}

    groups = [LoadGroup(name="x", loads=hours(0, 1), divisor=2), LoadGroup(name="y", loads=hours(1, 2)),
              LoadGroup(name="z", loads=hours(3))]
    assert [Load(groups=groups, kind="top", most=n).value(at(0, 1, 2, 3)) for n in (1, 2, 3, 4)] == [6, 9, 12, 12]
    assert Load(groups=groups, kind="top", most=2).value(at()) == 0


def test_watches():
    """Alerts are counted once each, however many of their conditions hold; who has no place raises none."""
    noon = When(session=0, times={FACTS.variants[0][0]: (HOURS == 4).astype(np.int64)})
    clash = [Pair(first=0, second=other, kind="overlap", axis=BLOCK) for other in (1, 2)]
    watch = Watch(alerts=[Alert(conditions=[noon, clash[0]]), Alert(conditions=[clash[1]])], allowed=1)
    assert [watch.value(at(*hours)) for hours in ((4, 4, 3), (4, 3, 4), (3, 3, 3), (3, 4, 4))] == [0, 1, 1, 0]
    asked = Watch(alerts=[Alert(conditions=[noon], only_if=3)])
    assert [asked.value(at(4)), asked.value(at(4, NONE, NONE, 1))] == [0, 1]
    same = Pair(first=1, second=0, kind="same", axis=BLOCK)
    rank = Watch(alerts=[Alert(conditions=[same])], prices=(1, 0), only_if=0)
    assert [rank.value(at(NONE, 1)), rank.value(at(1, 2)), rank.value(at(1, 1))] == [0, 1, 0]


def test_what_primitives_read():
    """Each session once, the axes on which classes are looked at, rooms only where these are."""
    pair = Pair(first=3, second=1, kind="overlap", axis=CELL)
    watch = Watch(alerts=[Alert(conditions=[pair, When(session=0, times={})], only_if=3)], only_if=4)
    assert set(sessions_of(watch)) == {0, 1, 3, 4}
    assert len(sessions_of(watch)) == 4
    assert axes_of(pair) == ()
    assert not looks_at_rooms(watch)
    assert looks_at_rooms(Pair(first=0, second=1, kind="differ", axis=CELL))
    tally = Tally(members=(2,), axis=BLOCK, count=Count(kind="pairs"), footprints=(
        Footprint(members=(0, 2), axis=BLOCK),))
    assert sessions_of(tally) == (2, 0)


def test_what_cannot_be_stated():
    """Prices where none belong or are missing, numbers below 0, groups on other axes: errors say what is wrong."""
    footprint = Footprint(members=ALL, axis=BLOCK)
    for make, words in (
        (lambda: Count(kind="table"), "kind 'table'"),
        (lambda: Count(kind="over", prices=(0, 1)), "kind 'table'"),
        (lambda: Count(kind="table", prices=(1, 2)), "begin with 0"),
        (lambda: Shape(footprint=footprint, kind="price"), "kind 'price'"),
        (lambda: Shape(footprint=footprint, kind="price", prices=np.ones(6), beyond=1), "by segments"),
        (lambda: Shape(footprint=footprint, beyond=-1), "not negative"),
        (lambda: Shape(footprint=footprint, segments=np.zeros(5)), "6 time classes"),
        (lambda: Pair(first=0, second=1, kind="matrix", axis=BLOCK, prices=np.zeros((6, 5))), "6 classes"),
        (lambda: Tally(axis=CELL, count=Count(kind="pairs"), footprints=(footprint,)), "their own axis"),
        (lambda: Meet(first=footprint, second=footprint), "has rooms"),
        (lambda: Pair(first=0, second=1, kind="matrix", axis=BLOCK), "kind 'matrix'"),
        (lambda: Pair(first=0, second=1, kind="class_distance", axis=CELL), "between rooms"),
        (lambda: Watch(alerts=[], prices=(1, 0)), "named without which"),
        (lambda: Watch(alerts=[], prices=()), "at least one price"),
        (lambda: Axis(facts=FACTS, name="cell", room_class=np.arange(3), marks=np.zeros(FACTS.n_ticks + 1)), "marks"),
    ):
        with pytest.raises(ValueError, match=words):
            make()


def test_sessions_are_longer_after_marks():
    """The hour from 9 is marked: who touches it takes two hours more, and meets those who start within these."""
    marked = np.zeros(FACTS.n_ticks, dtype=np.int64)
    marked[EIGHT + HOUR : EIGHT + 2 * HOUR] = 1
    axis = Axis(facts=FACTS, name="rest", width=FACTS.tick, marks=np.append(0, np.cumsum(marked)), longer=2 * HOUR)
    tally = Tally(members=ALL, axis=axis, count=Count(kind="pairs"))
    assert axis.padded
    assert tally.value(at(1, 2)) == 60
    assert tally.value(at(1, 3)) == 60
    assert tally.value(at(1, 4)) == 0
    assert tally.value(at(0, 1)) == 0
    assert tally.value(at(2, 3)) == 0
    assert tally.value(at(1, 1)) == 180


def test_values_are_never_negative():
    """Gaps, breaks and pairs of rooms are at least 0 wherever sessions are."""
    random = np.random.default_rng(1)
    for _ in range(200):
        places = at_random(FACTS, random)
        for kind in ("breaks", "extent", "idle"):
            assert Shape(footprint=Footprint(members=ALL, axis=CELL), kind=kind).value(places) >= 0
        assert Meet(first=Footprint(members=(0, 1), axis=CELL),
                    second=Footprint(members=(1, 2), axis=CELL)).value(places) >= 0
