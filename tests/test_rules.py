"""Each rule on one example whose numbers can be checked by hand."""

from __future__ import annotations

import pytest
from attrs import evolve
from rule_examples import EXAMPLES

from igfsched.audit import audit
from igfsched.comfort import Band
from igfsched.errors import InputError
from igfsched.grid import Clock, Span
from igfsched.programme import (
    Day,
    Grid,
    Group,
    Period,
    Person,
    Phase,
    Profile,
    Programme,
    Role,
    Room,
    Series,
    Session,
    Team,
    TeamNeed,
    Track,
    WeeklyHours,
    Window,
)
from igfsched.rules import (
    CATALOGUE,
    Allowed,
    Apart,
    Attendance,
    Audience,
    BackToBack,
    Before,
    Comfort,
    Compact,
    DailyMaximum,
    DifferentDays,
    Duration,
    FairPersons,
    FairRegions,
    FixedRoom,
    FixedStart,
    NightLimit,
    OnGrid,
    OptionalPersonClash,
    Ordered,
    ParallelCap,
    PersonAvailability,
    PersonClash,
    Phases,
    Placed,
    Plenary,
    Preferred,
    Rest,
    RoomAvailability,
    RoomChoice,
    RoomClash,
    RoomCount,
    SameDay,
    SameStart,
    SeriesDistance,
    Spread,
    TeamCapacity,
    TrackParallel,
    WindowHours,
)
from igfsched.schedule import Placement, Schedule
from igfsched.selector import EVERY, Selector
from igfsched.testing import verify

MON, TUE = "2020-11-09T", "2020-11-10T"
TWO_DAYS = Window.daily("2020-11-09", "2020-11-10", "08:00", "20:00")


def programme(*sessions: Session, **rest: object) -> Programme:
    """Return a programme on Monday and Tuesday, 08:00 to 20:00 UTC, without rules."""
    return Programme(**{"window": TWO_DAYS, "sessions": sessions, "preset": "none"} | rest)  # type: ignore[arg-type]


def talk(id: str, duration: int = 60, **rest: object) -> Session:
    """Return a session of an hour."""
    return Session(id=id, duration=duration, **rest)  # type: ignore[arg-type]


def span(start: str, end: str, day: str = MON) -> Span:
    """Return a span of hours on one day."""
    return Span(f"{day}{start}Z", f"{day}{end}Z")


def at(clock: str, day: str = MON) -> str:
    """Return a time of UTC on Monday."""
    return f"{day}{clock}Z"


def test_every_rule_has_an_example():
    """No rule of the catalogue is missing both in this file and among the examples that the docs show."""
    here = {name for value in globals().values() if (name := getattr(value, "name", None)) in CATALOGUE}
    assert here | set(EXAMPLES) == set(CATALOGUE)


# -- placement and restrictions ----------------------------------------------------------------------


def test_placed_counts_priorities_of_what_is_left_out():
    """b and c have no place: 1 + 5."""
    given = verify(Placed()).given(programme(talk("a"), talk("b"), talk("c", priority=5)))
    given.with_starts(a=at("09:00")).costs(6).says("b has no place", "c has no place")


def test_window_counts_minutes_beyond_the_best_block():
    """Across lunch (12:00-13:00), 30 minutes lie in the morning: 30 of the 60 are outside that block."""
    hours = (Clock("08:00", "12:00"), Clock("13:00", "20:00"))
    given = verify(WindowHours()).given(programme(talk("a"), window=Window(days=[Day(date="2020-11-09", hours=hours)])))
    given.with_starts(a=at("11:30")).costs(30)
    given.with_starts(a=at("12:10")).costs(50)
    given.with_starts(a=at("13:00")).costs(0)


def test_grid_counts_starts_off_the_step_or_the_slots():
    """09:05 is off a grid of 10 minutes; with slots everything but a slot is off."""
    given = verify(OnGrid()).given(programme(talk("a", 55), talk("b", 60)))
    given.with_starts(a=at("09:05"), b=at("09:10")).costs(1)
    slots = Window.daily("2020-11-09", "2020-11-10", "08:00", "20:00", grid=Grid(starts=[at("09:00"), at("10:00")]))
    verify(OnGrid()).given(programme(talk("a"), talk("b"), window=slots)).with_starts(
        a=at("10:00"), b=at("11:00")).costs(1)


def test_allowed_adds_minutes_outside_allowed_and_inside_forbidden():
    """11:30-12:30: 30 minutes are after the allowed morning, 20 after 12:10; spans that overlap count once."""
    morning = (span("08:00", "12:00"), span("11:00", "12:00"))
    a = talk("a", allowed=morning, forbidden=[span("12:10", "13:00"), span("12:20", "12:40")])
    verify(Allowed()).given(programme(a, talk("b"))).with_starts(a=at("11:30"), b=at("11:30")).costs(50).says(
        "30 minutes outside its allowed", "20 minutes in its forbidden")


def test_phase_counts_the_whole_length_on_another_day():
    """The block of Monday runs past midnight: 00:30 on Tuesday is still Monday's. Wednesday is in no phase."""
    days = [Day(date="2020-11-09", hours=[Clock("20:00", "02:00")]),
            Day(date="2020-11-10", hours=[Clock("02:00", "24:00")])]
    window = Window(days=days, phases=[Phase(name="one", days=["2020-11-09"]), Phase(name="two", days=["2020-11-10"])])
    given = verify(Phases()).given(programme(talk("a", phases=["one"]), talk("b", 90, phases=["two"]), window=window))
    given.with_starts(a=at("00:30", TUE), b=at("00:30", TUE)).costs(90)
    given.with_starts(a=at("02:00", TUE), b=at("02:00", TUE)).costs(60)
    given.with_starts(a="2020-11-11T00:00Z", b="2020-11-11T00:00Z").costs(150)


def test_preferred_counts_minutes_outside():
    """The last 45 of 60 minutes are after 12:00. The rule is a wish unless said otherwise."""
    given = verify(Preferred(weight=2)).given(programme(talk("a", preferred=[span("09:00", "12:00")]), talk("b")))
    findings = given.with_starts(a=at("11:45"), b=at("15:00")).costs(45).findings()
    assert findings[0].level == "soft"
    assert findings[0].cost == 90


def test_fixed_start_counts_sessions():
    """a is where it must be, b is ten minutes late: 1."""
    sessions = [talk("a", fixed_start=at("09:00")), talk("b", fixed_start=at("10:00"))]
    given = verify(FixedStart()).given(programme(*sessions))
    given.with_starts(a=at("09:00"), b=at("10:10")).costs(1).says("fixed at Mon 09 Nov 10:00")


def test_duration_counts_other_lengths():
    """a takes 50 of its 60 or 40 minutes: 1; b takes its alternative; nothing is said of c, which has no place."""
    sessions = [talk("a", other_durations=[40]), talk("b", other_durations=[40]), talk("c")]
    given = verify(Duration()).given(programme(*sessions))
    given.with_schedule(Schedule([Placement(session="a", start=at("09:00"), duration=50),
                                  Placement(session="b", start=at("09:00"), duration=40)])).costs(1).says(
        "a takes 60 or 40 minutes, not 50, as it does at Mon 09 Nov 09:00")
    given.with_starts(a=at("09:00"), b=at("09:00"), c=at("09:00")).costs(0)


def test_fixed_room_counts_rooms_that_leave_no_place_for_it():
    """Alone elsewhere: 1. With two rooms, one may be another. Nothing is said where the room is not known."""
    rooms = [Room(id="r"), Room(id="q"), Room(id="z")]
    given = verify(FixedRoom()).given(
        programme(talk("a", fixed_room="r"), talk("b", fixed_room="r", room_count=2), rooms=rooms))
    given.with_starts(a=(at("09:00"), "r"), b=(at("09:00"), "q", "r")).costs(0)
    given.with_starts(a=(at("09:00"), "q"), b=(at("09:00"), "q", "z")).costs(2)
    given.with_starts(a=at("09:00"), b=at("09:00")).costs(0)


# -- rooms -------------------------------------------------------------------------------------------


def test_room_choice_counts_unsuited_rooms_once():
    """q lacks captions and is too small: 1. z is reserved: 1. For b, q is not among its rooms: 1."""
    rooms = [Room(id="r", features=["captions"], capacity=80), Room(id="q", capacity=20),
             Room(id="z", features=["captions"], reserved=True)]
    sessions = [talk("a", features=["captions"], capacity=50), talk("b", rooms=["r", "z"])]
    given = verify(RoomChoice()).given(programme(*sessions, rooms=rooms))
    given.with_starts(a=(at("09:00"), "q", "z"), b=(at("09:00"), "q")).costs(3).says(
        "lacks captions and holds 20 of 50", "is reserved", "is not one of its rooms")
    given.with_starts(a=(at("09:00"), "r"), b=(at("09:00"), "z")).costs(0)


def test_room_choice_lets_a_fixed_room_be_reserved():
    """Who is fixed in a reserved room may use it."""
    given = verify(RoomChoice()).given(programme(talk("a", fixed_room="z"), rooms=[Room(id="z", reserved=True)]))
    given.with_starts(a=(at("09:00"), "z")).costs(0)


def test_room_count_counts_missing_and_additional_rooms():
    """a has 1 of 3 rooms: 2; b has one too many: 1; nothing is known of c."""
    rooms = [Room(id="r"), Room(id="q"), Room(id="z")]
    given = verify(RoomCount()).given(programme(talk("a", room_count=3), talk("b"), talk("c"), rooms=rooms))
    given.with_starts(a=(at("09:00"), "r"), b=(at("11:00"), "r", "q"), c=at("09:00")).costs(3)


def test_room_availability_counts_minutes_in_closed_times():
    """09:30-10:30 shares 30 minutes with 10:00-11:00, and the overlapping closed spans count once."""
    closed = [span("10:00", "11:00"), span("10:10", "12:00")]
    given = verify(RoomAvailability()).given(programme(talk("a"), rooms=[Room(id="r", closed=closed), Room(id="q")]))
    given.with_starts(a=(at("09:30"), "r", "q")).costs(30)
    given.with_starts(a=(at("09:30"), "q")).costs(0)


def test_room_clash_counts_the_changeover():
    """09:00-10:00 and 10:00-11:00 with a changeover of 10 minutes: 10. Other rooms do not matter."""
    rooms = [Room(id="r"), Room(id="q")]
    given = verify(RoomClash()).given(programme(talk("a"), talk("b"), rooms=rooms, changeover=10))
    given.with_starts(a=(at("09:00"), "r"), b=(at("10:00"), "r")).costs(10)
    given.with_starts(a=(at("09:00"), "r"), b=(at("09:30"), "q")).costs(0)


# -- people ------------------------------------------------------------------------------------------


def test_person_clash_counts_preparation():
    """p prepares b from 09:45, while a runs until 10:00: 15. The placeholder is in both without harm."""
    people = [Person(id="p"), Person(id="x", placeholder=True)]
    sessions = [talk("a", people=["p", "x"]), talk("b", people=["p", "x"], prepare_before=15)]
    verify(PersonClash()).given(programme(*sessions, people=people)).with_starts(a=at("09:00"), b=at("10:00")).costs(15)


def test_person_availability_follows_the_own_clock_through_a_clock_change():
    """In New York 09:00 was 13:00 UTC on 30 October and is 14:00 UTC on 2 November, after the change."""
    window = Window(days=[Day(date="2020-10-30"), Day(date="2020-11-02")])
    office = Person(id="p", zone="America/New_York", weekly=[WeeklyHours(hours=Clock("09:00", "17:00"))])
    given = verify(PersonAvailability()).given(programme(talk("a", people=["p"]), window=window, people=[office]))
    given.with_starts(a="2020-10-30T13:00Z").costs(0)
    given.with_starts(a="2020-11-02T13:00Z").costs(60).says("Mon 02 Nov 08:00 America/New_York")
    given.with_starts(a="2020-11-02T13:40Z").costs(20)


def test_person_availability_counts_a_minute_once():
    """Busy 09:30-10:00, not available after 09:40, preparing until 10:15: 09:30-10:15 is missing once."""
    p = Person(id="p", available=[span("08:00", "09:40")], busy=[span("09:30", "10:00")])
    roles = [Role(person="p"), Role(person="p", role="moderator"), Role(person="q", required=False)]
    q = Person(id="q", busy=[span("08:00", "12:00")])
    given = verify(PersonAvailability()).given(programme(talk("a", people=roles, prepare_after=15), people=[p, q]))
    given.with_starts(a=at("09:00")).costs(45)
    given.with_starts(a=at("08:00")).costs(0)


def test_person_availability_in_hours_past_midnight():
    """22:00-02:00 on Mondays reaches into Tuesday; the Monday before 02:00 belongs to Sunday."""
    night = WeeklyHours(hours=Clock("22:00", "02:00"), weekdays=[0])
    window = Window(days=[Day(date="2020-11-09"), Day(date="2020-11-10")])
    given = verify(PersonAvailability()).given(
        programme(talk("a", people=["p"]), window=window, people=[Person(id="p", zone="UTC", weekly=[night])]))
    given.with_starts(a=at("01:00", TUE)).costs(0)
    given.with_starts(a=at("01:30", TUE)).costs(30)
    given.with_starts(a=at("01:00", MON)).costs(60)


def test_optional_person_clash_leaves_out_what_is_required_twice():
    """p is required in a and b, optional in c. All overlap by 30 minutes: (a, c) and (b, c) count."""
    sessions = [talk("a", people=["p"]), talk("b", people=["p"]), talk("c", people=[Role(person="p", required=False)])]
    given = verify(OptionalPersonClash()).given(programme(*sessions, people=[Person(id="p")]))
    given.with_starts(a=at("09:00"), b=at("09:00"), c=at("09:30")).costs(60)


def test_rest_counts_what_a_gap_falls_short_by():
    """Between a (09:00-10:00, 10 minutes after it) and b (10:30) 20 of 60 are free; a and c share 30 minutes."""
    sessions = [talk("a", people=["p"], prepare_after=10), talk("b", people=["p"]), talk("c", people=["p"])]
    given = verify(Rest(minutes=60)).given(programme(*sessions, people=[Person(id="p")]))
    given.with_starts(a=at("09:00"), b=at("10:30")).costs(40).says("p lacks 40 minutes of a rest of 60")
    given.with_starts(a=at("09:00"), c=at("09:40")).costs(60 + 30)
    given.with_starts(a=at("09:00"), b=at("11:10"), c=at("13:10")).costs(0)


def test_rest_is_a_matter_of_required_people():
    """p is optional in b, and x is a placeholder."""
    people = [Person(id="p"), Person(id="x", placeholder=True)]
    sessions = [talk("a", people=["p", "x"]), talk("b", people=[Role(person="p", required=False), "x"])]
    verify(Rest()).given(programme(*sessions, people=people)).with_starts(a=at("09:00"), b=at("10:10")).costs(0)


def test_a_rest_is_half_a_day_at_most():
    """Longer ones would reach beyond the time that the engine knows."""
    with pytest.raises(ValueError):
        Rest(minutes=721)


def test_daily_maximum_counts_on_the_own_days():
    """p in Auckland has a and b on Monday, c and d (from 11:00 UTC) on Tuesday; q, without a zone, has all four."""
    people = [Person(id="p", zone="Pacific/Auckland"), Person(id="q")]
    given = programme(*[talk(id, people=["p", "q"]) for id in "abcd"], people=people)
    placed = {"a": at("08:00"), "b": at("10:59"), "c": at("11:00"), "d": at("19:00")}
    verify(DailyMaximum(most=2)).given(given).with_starts(**placed).costs(2).says("q is needed in 4 sessions on 2020")
    verify(DailyMaximum(most=1)).given(given).with_starts(**placed).costs(3 + 1 + 1)


def test_night_limit_counts_sessions_that_touch_the_night():
    """In Kolkata (UTC+5:30) a ends at 23:00, b at 23:01, c at 07:30 with one half in the night; d is prerecorded."""
    people = [Person(id="p", zone="Asia/Kolkata"), Person(id="q")]
    given = programme(*[talk(id, people=["q", Role(person="p", required=False)]) for id in "abc"],
                      talk("d", people=["p"], prerecorded=True), people=people)
    starts = {"a": at("16:30"), "b": at("16:31"), "c": at("01:00"), "d": at("20:00")}
    verify(NightLimit(most=0)).given(given).with_starts(**starts).costs(2)
    verify(NightLimit()).given(given).with_starts(**starts).costs(1).says("p has 2 sessions in the night")
    verify(NightLimit(most=0, hours=Clock("12:00", "22:00"))).given(given).with_starts(**starts).costs(0)


# -- capacities --------------------------------------------------------------------------------------


def test_parallel_cap_counts_excess_minutes():
    """Three at once from 09:30 to 10:00 where two may: 30. From 10:00 one may, and two run until 10:30: 30 more."""
    cap = Profile(value=2, periods=[Period(value=1, hours=Clock("10:00", "24:00"))])
    given = verify(ParallelCap()).given(programme(talk("a"), talk("b"), talk("c", 120), cap=cap))
    placed = given.with_starts(a=at("09:00"), b=at("09:30"), c=at("09:00"))
    placed.costs(60).says("3 sessions at the same time, where 2 may be, for 30 minutes", "2 sessions", "1 may be")


def test_parallel_cap_of_some_sessions():
    """Of the workshops one may run: a and b share 30 minutes, c is something else."""
    sessions = [talk("a", type="workshop"), talk("b", type="workshop"), talk("c")]
    given = verify(ParallelCap(selector=Selector(types="workshop"), cap=1)).given(programme(*sessions, cap=9))
    given.with_starts(a=at("09:00"), b=at("09:30"), c=at("09:30")).costs(30)


def test_parallel_cap_without_any_cap_says_nothing():
    """Neither the rule nor the programme has a cap."""
    given = verify(ParallelCap()).given(programme(talk("a"), talk("b")))
    given.with_starts(a=at("09:00"), b=at("09:00")).costs(0)


def test_track_parallel_uses_the_cap_of_the_track():
    """Three of track data (cap 2) share 60 minutes, and two of track trust share 30: 60 + 30."""
    sessions = [talk("a", track="data"), talk("b", track="data"), talk("c", track="data"),
                talk("d", track="trust"), talk("e", track="trust")]
    given = verify(TrackParallel()).given(programme(*sessions, tracks=[Track(id="data", cap=2), Track(id="trust")]))
    given.with_starts(a=at("09:00"), b=at("09:00"), c=at("09:00"), d=at("11:00"), e=at("11:30")).costs(90)


def test_team_counts_units_beyond_its_size():
    """5 of 3 interpreters for 60 minutes: 120; after 12:00 there are none: 2 x 30 for c."""
    size = Profile(value=3, periods=[Period(value=0, span=span("12:00", "13:00"))])
    one, two = TeamNeed(team="t"), TeamNeed(team="t", units=2)
    sessions = [talk("a", teams=[two, one]), talk("b", teams=[two]), talk("c", teams=[two]), talk("d")]
    given = verify(TeamCapacity()).given(programme(*sessions, teams=[Team(id="t", size=size)]))
    given.with_starts(a=at("09:00"), b=at("09:00"), c=at("11:30"), d=at("12:00")).costs(180)


# -- relations ---------------------------------------------------------------------------------------


def test_before_counts_minutes_too_late_for_each_pair():
    """a ends at 10:00 and wants 30 minutes before b at 10:10 (20 too few) and before c at 09:00 (90)."""
    rule = Before(first=Selector(ids="a"), then=EVERY, gap=30)
    given = verify(rule).given(programme(talk("a"), talk("b"), talk("c"), talk("d")))
    given.with_starts(a=at("09:00"), b=at("10:10"), c=at("09:00"), d=at("10:30")).costs(110)


def test_ordered_compares_neighbours():
    """b starts 70 minutes too early for a (60 and a gap of 10), c is in time for b, and a for c does not matter."""
    given = verify(Ordered(sessions=["a", "b", "c"], gap=10)).given(programme(talk("a"), talk("b"), talk("c")))
    given.with_starts(a=at("10:00"), b=at("10:00"), c=at("11:10")).costs(70).says("a ends 70 minutes too late for b")
    given.with_starts(a=at("10:00"), c=at("09:00")).costs(0)


def test_ordered_names_a_session_once():
    """A sequence in which a session comes twice is refused."""
    with pytest.raises(ValueError, match="'a' does more often"):
        Ordered(sessions=["a", "b", "a"])


def test_apart_counts_pair_minutes():
    """Three at the same time are three pairs: 3 x 60. d is not chosen."""
    given = verify(Apart(selector=~Selector(ids="d"))).given(programme(talk("a"), talk("b"), talk("c"), talk("d")))
    given.with_starts(a=at("09:00"), b=at("09:00"), c=at("09:00"), d=at("09:00")).costs(180)


def test_plenary_counts_a_pair_of_plenaries_once():
    """a and b are plenaries: (a, b), (a, c), (b, c), (a, d), (b, d) share an hour each; (c, d) may."""
    rule = Plenary(selector=Selector(types="plenary"))
    sessions = [talk("a", type="plenary"), talk("b", type="plenary"), talk("c"), talk("d")]
    placed = verify(rule).given(programme(*sessions)).with_starts(**dict.fromkeys("abcd", at("09:00")))
    placed.costs(300)


def test_same_day_and_different_days_count_pairs():
    """a and b are on Monday, c on Tuesday, d on no programme day: one pair shares a day, five do not."""
    given = programme(*[talk(id) for id in "abcd"])
    starts = {"a": at("09:00"), "b": at("19:00"), "c": at("09:00", TUE), "d": "2020-11-11T09:00Z"}
    verify(SameDay(selector=EVERY)).given(given).with_starts(**starts).costs(5)
    verify(DifferentDays(selector=EVERY)).given(given).with_starts(**starts).costs(1)


@pytest.mark.parametrize(("days", "calendar", "pairs"), [(1, False, 0), (2, False, 2), (3, False, 3), (3, True, 1)])
def test_spread_counts_pairs_that_are_too_close(days, calendar, pairs):
    """On the Monday, Tuesday and Friday of a window that has no other days; d is on no programme day."""
    window = Window(days=[Day(date=date) for date in ("2020-11-09", "2020-11-10", "2020-11-13")])
    given = verify(Spread(selector=EVERY, days=days, calendar=calendar)).given(
        programme(*[talk(id) for id in "abcd"], window=window))
    given.with_starts(a=at("09:00"), b=at("09:00", TUE), c="2020-11-13T09:00Z", d="2020-11-12T09:00Z").costs(pairs)


def test_back_to_back_counts_minutes_either_way():
    """a ends at 10:00: b at 10:25 is 15 later than a changeover of 10 asks, c at 11:05 is 30 too early for b."""
    given = programme(talk("a"), talk("b"), talk("c"), changeover=10)
    starts = {"a": at("09:00"), "b": at("10:25"), "c": at("11:05")}
    placed = verify(BackToBack(sessions=["a", "b", "c"])).given(given).with_starts(**starts)
    placed.costs(15 + 30).says("b starts at Mon 09 Nov 10:25 UTC, not 10 minutes after the end of a")
    verify(BackToBack(sessions=["a", "b"], gap=25)).given(given).with_starts(**starts).costs(0)
    verify(BackToBack(sessions=["a", "b"])).given(given).with_starts(a=at("09:00")).costs(0)


def test_same_start_counts_minutes_between_starts():
    """09:00, 09:10 and 10:00: 10 + 60 + 50."""
    given = verify(SameStart(selector=EVERY)).given(programme(talk("a"), talk("b"), talk("c")))
    given.with_starts(a=at("09:10"), b=at("09:00"), c=at("10:00")).costs(120)


def test_series_counts_days_too_many_or_too_few():
    """2 days apart are asked for: Monday to Tuesday is 1 too few, Tuesday back to Monday 3; d is nowhere."""
    series = [Series(id="calls", sessions=["a", "b", "c", "d"], days_apart=2), Series(id="any", sessions=["a", "c"])]
    given = verify(SeriesDistance()).given(programme(*[talk(id) for id in "abcd"], series=series))
    given.with_starts(a=at("09:00"), b=at("19:00", TUE), c=at("09:00")).costs(1 + 3)


def test_audience_multiplies_minutes_by_common_tags():
    """a and b share 30 minutes and two tags, a and c 60 minutes and one; d has no tag in common with any."""
    sessions = [talk("a", tags=["ai", "youth", "net"]), talk("b", tags=["ai", "youth"]), talk("c", tags=["net"]),
                talk("d", tags=["other"])]
    starts = {"a": at("09:00"), "b": at("09:30"), "c": at("09:00"), "d": at("09:00")}
    given = programme(*sessions)
    verify(Audience()).given(given).with_starts(**starts).costs(60 + 60).says("a and b, both about ai, youth, share 30")
    verify(Audience(tags=["net"])).given(given).with_starts(**starts).costs(60)
    verify(Audience(selector=~Selector(ids="c"))).given(given).with_starts(**starts).costs(60)


def test_attendance_counts_other_sessions_and_absences_of_a_group():
    """p is needed in b for 30 minutes of a, and not free for 20; q, required in a, may be; x has no name yet."""
    people = [Person(id="p", busy=[span("09:00", "09:20")]), Person(id="q"), Person(id="x", placeholder=True),
              Person(id="outsider", busy=[span("09:00", "10:00")])]
    groups = [Group(id="organisers", members=["p", "q", "x"])]
    sessions = [talk("a", people=["q"]), talk("b", people=["p", "x"]),
                talk("c", people=["outsider", Role(person="p", required=False)])]
    rule = Attendance(selector=Selector(ids="a"), group="organisers")
    placed = verify(rule).given(programme(*sessions, people=people, groups=groups)).with_starts(
        a=at("09:00"), b=at("09:30"), c=at("09:00"))
    placed.costs(50).says("p, of organisers, is needed in b for 30 minutes of a", "p, of organisers, is not free")


# -- comfort, fairness, shape ------------------------------------------------------------------------


def comfortable() -> Programme:
    """Return a: p in Kolkata (two roles) and q in New York; b: q alone; c: prerecorded."""
    people = [Person(id="p", zone="Asia/Kolkata", region="South"), Person(id="n"),
              Person(id="q", zone="America/New_York", region="North"), Person(id="m", zone="UTC", region="North")]
    return programme(
        talk("a", people=["p", Role(person="p", role="moderator"), "q", "n"]), talk("b", people=["q"]),
        talk("c", people=["p"], prerecorded=True), people=people)


COMFORT_STARTS = {"a": at("14:30"), "b": at("12:30"), "c": at("18:00")}
"""a: 20:00-21:00 in Kolkata (1 a minute: 60), 09:30 in New York (0). b: 07:30-08:30 there: 30 x 3 + 30 x 1 = 120."""


def test_comfort_adds_up_local_prices():
    """60 for p, 120 for q; n has no zone, c is prerecorded."""
    verify(Comfort()).given(comfortable()).with_starts(**COMFORT_STARTS).costs(180).says("most of all q")


def test_comfort_across_a_clock_change():
    """In New York clocks go from 02:00 back to 01:00 at 06:00 UTC: 05:30-06:30 UTC lies before 02:00 throughout."""
    bands = [Band(start="01:30", end="02:00", price=1), Band(start="02:00", end="01:30", price=0)]
    window = Window(days=[Day(date="2020-11-01")])
    given = verify(Comfort(bands=bands)).given(programme(
        talk("a", people=["q"]), people=[Person(id="q", zone="America/New_York")], window=window))
    given.with_starts(a="2020-11-01T05:30Z").costs(30)
    given.with_starts(a="2020-11-01T06:30Z").costs(30)
    given.with_starts(a="2020-11-01T05:00Z").costs(30)


@pytest.mark.parametrize(("measure", "threshold", "amount"), [
    ("largest", 0, 120), ("spread", 0, 60), ("excess", 0, 180), ("excess", 70, 50)])
def test_fair_persons(measure, threshold, amount):
    """p carries 60, q 120; n has no zone and m no role."""
    rule = FairPersons(measure=measure, threshold=threshold)
    verify(rule).given(comfortable()).with_starts(**COMFORT_STARTS).costs(amount)


@pytest.mark.parametrize(("measure", "threshold", "amount"), [
    ("largest", 0, 60), ("spread", 0, 0), ("excess", 0, 180), ("excess", 50, 30)])
def test_fair_regions(measure, threshold, amount):
    """North: 120 over q and m, 60 each. South: 60 for p. Beyond 50 each: 20 and 10. z, of no region, does not count."""
    rule, base = FairRegions(measure=measure, threshold=threshold), comfortable()
    given = evolve(base, people=[*base.people, Person(id="z", zone="Pacific/Auckland")],
                   sessions=[*base.sessions, talk("d", people=["z"])])
    verify(rule).given(given).with_starts(**COMFORT_STARTS, d=at("11:00")).costs(amount)


def test_fair_regions_round_the_largest_up_and_the_smallest_down():
    """b takes 07:30-08:20: 110 for four people of the North, 27.5 each; 60 in the South."""
    base = comfortable()
    four = evolve(base, people=[*base.people, *(Person(id=id, zone="UTC", region="North") for id in "xy")],
                  sessions=[base.sessions[0], evolve(base.sessions[1], duration=50), base.sessions[2]])
    verify(FairRegions(measure="spread")).given(four).with_starts(**COMFORT_STARTS).costs(60 - 27)
    verify(FairRegions()).given(four).with_starts(b=COMFORT_STARTS["b"]).costs(28)


@pytest.mark.parametrize(("measure", "amount"), [("days", 2), ("earliest", 2), ("last_end", 2 * 1440 + 10 * 60)])
def test_compact(measure, amount):
    """Sessions on the first and the third day; the last ends at 10:00 on the third."""
    window = Window.daily("2020-11-09", "2020-11-11", "08:00", "20:00")
    given = verify(Compact(measure=measure)).given(programme(talk("a"), talk("b"), talk("c"), window=window))
    given.with_starts(a=at("09:00"), b="2020-11-11T09:00Z").costs(amount)


@pytest.mark.parametrize(("rule", "unit"), [
    (Compact(), "days"), (Compact(measure="earliest"), "numbers of days"), (Compact(measure="last_end"), "minutes"),
    (FairRegions(), "comfort price per person"), (FairRegions(measure="excess"), "comfort price"),
    (Apart(selector=EVERY), "minutes"),
], ids=lambda value: value if isinstance(value, str) else value.name)
def test_the_unit_is_that_of_the_measure(rule, unit):
    """An audit tells the unit of what the rule's parameters say is measured."""
    (score,) = audit(programme(talk("a"), rules=[rule]), Schedule()).score_by_rule
    assert score.unit == unit


# -- parameters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "path", "name", "nearest"), [
    (Apart(selector=Selector(ids=["a", "bb"])), "$.rules[0].selector.ids", "bb", ""),
    (Plenary(selector=~Selector(tracks="dat")), "$.rules[0].selector.none_of[0].tracks", "dat", "data"),
    (Ordered(sessions=["a", "bb"]), "$.rules[0].sessions", "bb", ""),
    (Attendance(selector=EVERY, group="advisors"), "$.rules[0].group", "advisors", "advisers"),
    (Before(first=EVERY, then=Selector(phases="too")), "$.rules[0].then.phases", "too", "two"),
    (ParallelCap(selector=Selector(regions="Afrika")), "$.rules[0].selector.regions", "Afrika", "Africa"),
])
def test_unknown_names_in_selectors(rule, path, name, nearest):
    """A selector that names what does not exist is told with its place and the nearest name."""
    window = evolve(TWO_DAYS, phases=[Phase(name="two", days=["2020-11-10"])])
    with pytest.raises(InputError) as caught:
        programme(talk("a", track="data"), window=window, people=[Person(id="p", region="Africa")], rules=[rule],
                  groups=[Group(id="advisers")])
    assert [(problem.path, name in problem.message, problem.nearest) for problem in caught.value.problems] == [
        (path, True, nearest)]


def test_verify_tells_both_numbers():
    """A wrong claim names the rule, the numbers and the findings."""
    claim = verify(Apart(selector=EVERY)).given(programme(talk("a"), talk("b", other_durations=[40]))).with_schedule(
        Schedule([Placement(session="a", start=at("09:00"), duration=60),
                  Placement(session="b", start=at("09:30"), duration=40)]))
    with pytest.raises(AssertionError, match=r"apart: the audit finds 30, not 31:\n  30: a and b"):
        claim.costs(31)
