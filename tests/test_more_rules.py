"""Rules about shape, audiences, prices and stability: what each measure counts, on numbers checked by hand."""

from __future__ import annotations

import pytest
from attrs import evolve

from igfsched import solve
from igfsched.changes import RoomRemoved, SessionCancelled, SessionsMerged
from igfsched.comfort import Band
from igfsched.disruption import Disruption
from igfsched.errors import InputError
from igfsched.grid import Clock, Span
from igfsched.programme import Day, Group, Person, Programme, Role, Room, Series, Session, Share, Track, Window
from igfsched.rules import (
    Answer,
    Answers,
    Apart,
    Attendance,
    AudienceComfort,
    AudienceReach,
    Balance,
    Before,
    CoInterest,
    Comfort,
    ConsecutiveTracks,
    Crowd,
    DayMaximum,
    Displacement,
    Diversity,
    DurationChoice,
    FairPersons,
    FairRegions,
    Idle,
    Interest,
    LevelFlow,
    Moves,
    NightLimit,
    NightRest,
    Notice,
    OnGrid,
    ParallelCap,
    PersonDays,
    PersonSpan,
    Placed,
    PopularRooms,
    Quorum,
    RoomChanges,
    RoomPrice,
    RoomPrices,
    Rotation,
    SameRoom,
    StartPrice,
    StartPrices,
    TrackRooms,
    WindowHours,
    leximin,
)
from igfsched.schedule import Placement, Schedule
from igfsched.selector import EVERY, Selector
from igfsched.testing import verify

MON, TUE = "2020-11-09T", "2020-11-10T"
TWO_DAYS = Window.daily("2020-11-09", "2020-11-10", "08:00", "20:00")
PARIS, TOKYO, NEW_YORK = "Europe/Paris", "Asia/Tokyo", "America/New_York"


def programme(*sessions: Session, **rest: object) -> Programme:
    """Return a programme on Monday and Tuesday, 08:00 to 20:00 UTC, without rules."""
    return Programme(**{"window": TWO_DAYS, "sessions": sessions, "preset": "none"} | rest)


def talk(id: str, duration: int = 60, **rest: object) -> Session:
    """Return a session of an hour."""
    return Session(id=id, duration=duration, **rest)


def at(clock: str, day: str = MON) -> str:
    """Return a time of UTC on Monday."""
    return f"{day}{clock}Z"


def span(start: str, end: str, day: str = MON) -> Span:
    """Return a span of hours on one day."""
    return Span(at(start, day), at(end, day))


def told(**starts: str | tuple[str, ...]) -> Schedule:
    """Return what people were told: sessions of an hour at their starts, perhaps with rooms."""
    places = {id: (where,) if isinstance(where, str) else where for id, where in starts.items()}
    return Schedule([Placement(session=id, start=where[0], duration=60, rooms=where[1:])
                     for id, where in places.items()])


# -- placement ---------------------------------------------------------------------------------------


def test_a_tentative_session_may_count_less():
    """b is tentative and counts 2 instead of its priority of 9; c counts its own 4."""
    given = programme(talk("a"), talk("b", priority=9, tentative=True), talk("c", priority=4))
    verify(Placed(tentative=2)).given(given).with_starts(a=at("09:00")).costs(6)
    verify(Placed()).given(given).with_starts(a=at("09:00")).costs(13)


def test_durations_count_by_place_or_by_minutes():
    """40 minutes are the second choice after 60, and 20 fewer."""
    given = programme(talk("a", other_durations=[90, 40]))
    at_40 = Schedule([Placement(session="a", start=at("09:00"), duration=40)])
    verify(DurationChoice()).given(given).with_schedule(at_40).costs(20)
    verify(DurationChoice(measure="place")).given(given).with_schedule(at_40).costs(2)


def test_prices_of_starts_hold_for_the_chosen():
    """b may start at 09:00 for 3, elsewhere for 1; a is not chosen."""
    rule = StartPrices(selector=Selector(ids="b"), prices=[StartPrice(start=at("09:00"), price=3)], otherwise=1)
    given = verify(rule).given(programme(talk("a"), talk("b")))
    given.with_starts(a=at("09:00"), b=at("09:00")).costs(3)
    given.with_starts(a=at("09:00"), b=at("10:00")).costs(1)
    with pytest.raises(ValueError, match="one price"):
        StartPrices(prices=[StartPrice(start=at("09:00"), price=3), StartPrice(start=at("09:00"), price=4)])


def test_prices_of_rooms_are_added_up():
    """Red costs everybody 1, the data track 2 more, and a 4 more than that."""
    prices = [RoomPrice(room="red", price=1), RoomPrice(room="red", price=2, track="data"),
              RoomPrice(room="red", price=4, session="a")]
    given = programme(talk("a", track="data"), talk("b", track="data"), talk("c"),
                      rooms=[Room(id="red"), Room(id="blue")])
    verify(RoomPrices(prices=prices)).given(given).with_starts(
        a=(at("09:00"), "red"), b=(at("10:00"), "red"), c=(at("11:00"), "red", "blue")).costs(7 + 3 + 1)
    with pytest.raises(InputError, match="did you mean 'red'"):
        evolve(given, rules=[RoomPrices(prices=[RoomPrice(room="rad", price=1)])])


def test_answers_price_the_three_things_that_people_say():
    """a was accepted at 09:00; b has not answered; c declined 11:00 and would take the afternoon."""
    rule = Answers(accepted=7, waiting=2, declined=9, answers=[
        Answer(session="a", start=at("09:00"), answer="accepted"),
        Answer(session="b", start=at("10:00"), answer="waiting"),
        Answer(session="c", start=at("11:00"), answer="declined", times=[span("14:00", "16:00")]),
    ])
    given = verify(rule).given(programme(talk("a"), talk("b"), talk("c")))
    given.with_starts(a=at("09:00"), b=at("10:00"), c=at("15:00")).costs(0)
    given.with_starts(a=at("09:30"), b=at("10:30"), c=at("11:00")).costs(18)
    given.with_starts(a=at("09:00"), b=at("10:00"), c=at("15:10")).costs(9).says("gave other times")


# -- relations ---------------------------------------------------------------------------------------


def test_before_has_a_longest_gap():
    """Between 30 and 60 minutes: after 20 there are 10 too few, after 90 there are 30 too many."""
    rule = Before(first=Selector(ids="a"), then=Selector(ids="b"), gap=30, longest=60)
    given = verify(rule).given(programme(talk("a"), talk("b")))
    given.with_starts(a=at("09:00"), b=at("10:20")).costs(10)
    given.with_starts(a=at("09:00"), b=at("10:45")).costs(0)
    given.with_starts(a=at("09:00"), b=at("11:30")).costs(30)
    given.with_starts(b=at("11:30")).costs(0)
    with pytest.raises(ValueError, match="shorter than the shortest"):
        Before(first=EVERY, then=EVERY, gap=30, longest=20)


def test_before_compares_within_tracks():
    """The introduction of data comes before the workshops of data, whatever trust does."""
    rule = Before(first=Selector(types="introductory"), then=Selector(types="workshop"), by_track=True)
    given = programme(talk("intro", type="introductory", track="data"), talk("a", type="workshop", track="data"),
                      talk("b", type="workshop", track="trust"), talk("c", type="workshop"))
    verify(rule).given(given).with_starts(
        intro=at("12:00"), a=at("12:30"), b=at("09:00"), c=at("09:00")).costs(30)


def test_two_groups_may_be_kept_apart():
    """Similar tracks: the pairs of one and the other count, those inside a track do not."""
    rule = Apart(selector=Selector(tracks="data"), others=Selector(tracks="trust"))
    given = programme(talk("a", track="data"), talk("b", track="data"), talk("c", track="trust"))
    verify(rule).given(given).with_starts(a=at("09:00"), b=at("09:00"), c=at("09:30")).costs(60)


def test_rooms_of_pairs():
    """Three sessions in red, blue and red: two pairs differ. An unknown room counts 0."""
    given = verify(SameRoom(selector=EVERY)).given(
        programme(talk("a"), talk("b"), talk("c"), rooms=[Room(id="red"), Room(id="blue")]))
    given.with_starts(a=(at("09:00"), "red"), b=(at("09:00"), "blue"), c=(at("10:00"), "red")).costs(2)
    given.with_starts(a=(at("09:00"), "red"), b=at("09:00"), c=(at("10:00"), "red")).costs(0)


def test_days_have_a_maximum_by_track_or_type():
    """Three of a day: one beyond two; by track two of data are one beyond one, and those without a track are free."""
    sessions = [talk("a", track="data"), talk("b", track="data"), talk("c", type="main"), talk("d", track="trust")]
    starts = {"a": at("09:00"), "b": at("10:00"), "c": at("11:00"), "d": at("09:00", TUE)}
    for rule, amount in ((DayMaximum(most=2), 1), (DayMaximum(most=1, each="track"), 1),
                         (DayMaximum(most=0, each="type"), 1)):
        verify(rule).given(programme(*sessions)).with_starts(**starts).costs(amount)


def test_interest_counts_people():
    """20 minutes that 7 people would like to see twice."""
    rule = CoInterest(pairs=[Interest(sessions=["a", "b"], people=7)])
    verify(rule).given(programme(talk("a"), talk("b"))).with_starts(a=at("09:00"), b=at("09:40")).costs(140)
    with pytest.raises(ValueError, match="two sessions"):
        Interest(sessions=["a", "a"], people=7)


# -- people ------------------------------------------------------------------------------------------


def test_a_session_is_for_the_organisers_of_its_track():
    """Ana organises b in the same track, so she should see the introduction; Bao, of another track, need not."""
    given = programme(
        talk("intro", type="introductory", track="data"),
        talk("b", track="data", people=[Role(person="Ana", role="organizer"), Role(person="Cy", role="speaker")]),
        talk("c", track="trust", people=[Role(person="Bao", role="organizer")]),
        people=[Person(id="Ana"), Person(id="Bao"), Person(id="Cy")])
    verify(Attendance(selector=Selector(types="introductory"))).given(given).with_starts(
        intro=at("09:00"), b=at("09:30"), c=at("09:00")).costs(30).says("Ana, of track data")


def test_a_quorum_counts_who_can_be_there_for_all_of_it():
    """Of three members Ana is busy for a minute and Bao elsewhere: one is left where two have to be."""
    given = programme(
        talk("board"), talk("b", people=["Bao"]), people=[
            Person(id="Ana", busy=[span("09:59", "11:00")]), Person(id="Bao"), Person(id="Cy")],
        groups=[Group(id="members", members=["Ana", "Bao", "Cy"])])
    rule = Quorum(selector=Selector(ids="board"), group="members", least=2)
    verify(rule).given(given).with_starts(board=at("09:00"), b=at("09:30")).costs(1)
    verify(rule).given(given).with_starts(board=at("08:50"), b=at("09:30")).costs(0)
    verify(evolve(rule, least=5)).given(given).with_starts(board=at("12:00")).costs(2)


def test_the_solver_finds_a_quorum():
    """Two are there for an hour from 08:30 (Ana, who leaves at 09:30, and Cy) or from 09:00 (Bao and Cy)."""
    given = programme(
        talk("board"), talk("b", people=["Bao"], fixed_start=at("08:00")), preset="default",
        window=Window.daily("2020-11-09", "2020-11-09", "08:00", "10:00"), people=[
            Person(id="Ana", busy=[span("09:30", "11:00")]), Person(id="Bao"),
            Person(id="Cy", busy=[span("08:00", "08:30")])],
        groups=[Group(id="members", members=["Ana", "Bao", "Cy"])],
        rules=[Quorum(selector=Selector(ids="board"), group="members", least=2)])
    result = solve(given, seconds=10)
    assert result.schedule is not None
    assert result.schedule.by_session["board"].start.strftime("%H:%M") in ("08:30", "09:00")


def test_days_and_spans_of_people():
    """Ana is needed on two days of Tokyo, on the first from 17:00 to 24:00, on the second for an hour at 00:00."""
    given = programme(talk("a", people=["Ana"]), talk("b", 120, people=["Ana"]),
                      people=[Person(id="Ana", zone=TOKYO)])
    starts = {"a": at("08:00"), "b": at("14:00")}
    verify(PersonSpan()).given(given).with_starts(**starts).costs(7 * 60 + 60)
    verify(PersonSpan(free=90)).given(given).with_starts(**starts).costs(7 * 60 - 90)
    verify(PersonDays()).given(given).with_starts(**starts).costs(0)
    verify(PersonDays()).given(given).with_starts(a=at("08:00"), b=at("15:00")).costs(1)


def test_nights_are_counted_once():
    """Two sessions before midnight and one after it are one night of Ana's: the first is free."""
    sessions = [talk(id, people=["Ana"]) for id in "abc"]
    given = programme(*sessions, people=[Person(id="Ana", zone=TOKYO)])
    starts = {"a": at("14:00"), "b": at("15:30"), "c": at("14:30", TUE)}
    verify(NightLimit(most=1)).given(given).with_starts(**starts).costs(2)
    verify(NightLimit(most=1, measure="nights")).given(given).with_starts(**starts).costs(1)


def test_mornings_after_nights_are_free():
    """Ana speaks at 05:30 in New York and is needed again at 09:30 and at 11:30 there: the second is too early."""
    given = programme(*(talk(id, people=["Ana"]) for id in "abc"), people=[Person(id="Ana", zone=NEW_YORK)])
    starts = {"a": at("10:30"), "b": at("14:30"), "c": at("16:30")}
    verify(NightRest()).given(given).with_starts(**starts).costs(1).says("in the morning after a")
    verify(NightRest(until="12:00")).given(given).with_starts(**starts).costs(2)
    verify(NightRest()).given(given).with_starts(a=at("10:30"), b=at("14:30", TUE), c=at("16:30")).costs(0)
    with pytest.raises(ValueError, match="until after the night"):
        NightRest(until="06:00")


def test_a_rest_in_minutes_after_a_night():
    """Ana speaks until 06:30 in New York; ten hours later she may be needed again, half an hour sooner she may not.

    At another hour she may be needed at once, and what keeps her busy twice counts whatever the hour.
    """
    given = programme(talk("a", people=["Ana"]), talk("b", people=["Ana"], prepare_before=30),
                      people=[Person(id="Ana", zone=NEW_YORK)])
    rule = verify(NightRest(measure="minutes")).given(given)
    rule.with_starts(a=at("10:30"), b=at("22:00")).costs(0)
    rule.with_starts(a=at("10:30"), b=at("21:30")).costs(30).says("has 570 minutes between a", "where 600 are due")
    rule.with_starts(a=at("10:30"), b=at("16:00")).costs(90)
    rule.with_starts(a=at("12:00"), b=at("13:30")).costs(0)
    rule.with_starts(a=at("12:00"), b=at("12:30")).costs(60).says("has 0 minutes between")
    rule.with_starts(a=at("16:00"), b=at("10:30")).costs(60)


def test_a_rest_after_a_night_is_kept():
    """Both sessions are best early and late on Monday; as Ana has to rest in between, one of them is on Tuesday."""
    prices = [StartPrice(start=at("10:30"), price=0), StartPrice(start=at("16:00"), price=1)]
    given = programme(talk("a", people=["Ana"]), talk("b", people=["Ana"]), people=[Person(id="Ana", zone=NEW_YORK)])
    for level, best in (("off", 0), ("hard", 9)):
        rule = NightRest(level=level, measure="minutes", minutes=720)
        found = solve(evolve(given, rules=[Placed(), WindowHours(), OnGrid(), rule,
                                           StartPrices(prices=prices, otherwise=9)]))
        assert found.proven
        assert found.score[-1].score == best
        assert found.audit is not None
        assert found.audit.valid


def test_a_cap_says_nothing_of_rests():
    """With one session at a time, four of Ana's in one night still lack their rests of two hours: 3 x 120 + 2 x 60."""
    given = programme(*(talk(id, people=["Ana"]) for id in "abcd"), people=[Person(id="Ana", zone=TOKYO)],
                      window=Window.daily("2020-11-09", "2020-11-09", "14:00", "18:00"), rules=[
                          Placed(), WindowHours(), OnGrid(), ParallelCap(cap=1),
                          NightRest(measure="minutes", minutes=120)])
    found = solve(given)
    assert found.proven
    assert found.score[-1].score == 480


def test_bands_by_role():
    """Speakers pay 5 a minute in the evening, others nothing; Bao is both speaker and organiser, and pays once."""
    bands = (Band(start="18:00", end="24:00", price=5), Band(start="00:00", end="18:00", price=0))
    roles = [Role(person="Ana"), Role(person="Bao"), Role(person="Bao", role="organizer"),
             Role(person="Cy", role="organizer")]
    given = programme(talk("a", people=roles), people=[Person(id=id, zone="UTC") for id in ("Ana", "Bao", "Cy")])
    verify(Comfort(roles="speaker", bands=bands)).given(given).with_starts(a=at("17:50")).costs(2 * 50 * 5)
    verify(Comfort(bands=bands)).given(given).with_starts(a=at("17:50")).costs(3 * 50 * 5)


# -- audiences and fairness --------------------------------------------------------------------------


def test_audiences_of_sessions_tracks_and_programme():
    """a has an audience of its own, b that of its track, c that of the programme; d is prerecorded."""
    given = programme(
        talk("a", track="data", audience=[Share(people=10, zone=PARIS)]), talk("b", track="data"), talk("c"),
        talk("d", prerecorded=True), tracks=[Track(id="data", audience=[Share(people=4, zone=TOKYO)])],
        audience=[Share(people=2, zone=NEW_YORK)])
    # 17:30 UTC: 18:30 in Paris (1), 02:30 in Tokyo (10), 12:30 in New York (0).
    starts = dict.fromkeys("abcd", at("17:30"))
    verify(AudienceComfort()).given(given).with_starts(**starts).costs(10 * 60 + 4 * 600)
    verify(AudienceComfort(divisor=7)).given(given).with_starts(**starts).costs(600 // 7 + 2400 // 7)
    verify(AudienceReach()).given(given).with_starts(**starts).costs(4)
    verify(AudienceReach(measure="minutes")).given(given).with_starts(**starts).costs(240)


def test_regions_are_spread_over_their_zones():
    """Three of four known people of Asia are in Tokyo, where it is night: 9 of 13 people, rounded down."""
    people = [Person(id=f"p{n}", zone=TOKYO, region="Asia") for n in range(3)]
    people += [Person(id="p3", zone="Asia/Kolkata", region="Asia"), Person(id="p4", region="Asia")]
    given = programme(talk("a", audience=[Share(people=13, region="Asia"), Share(people=5, region="Africa")]),
                      people=people)
    verify(AudienceReach()).given(given).with_starts(a=at("15:00")).costs(9).says("Asia")


def test_the_night_of_a_series_goes_round():
    """Asia has the night of two calls of three: in the third only one of its three people has it."""
    people = [Person(id="Ana", zone=TOKYO, region="Asia"), Person(id="Bao", zone="Asia/Kolkata", region="Asia"),
              Person(id="Chi", zone="Asia/Dubai", region="Asia"), Person(id="Cy", zone=PARIS, region="Europe")]
    everybody = [person.id for person in people]
    given = programme(*(talk(id, people=everybody) for id in "abc"), people=people,
                      series=[Series(id="calls", sessions="abc")])
    starts = {"a": at("19:00"), "b": at("17:30", TUE), "c": at("14:00", TUE)}
    verify(Rotation()).given(given).with_starts(**starts).costs(2).says("Asia", "a, b")
    verify(Rotation(share=1)).given(given).with_starts(**starts).costs(3)
    verify(Rotation(share=100)).given(given).with_starts(**starts).costs(1)
    verify(Rotation(measure="excess", most=1)).given(given).with_starts(**starts).costs(1).says("Asia", "2 times")
    verify(Rotation(measure="excess", most=1, share=1)).given(given).with_starts(**starts).costs(2)
    verify(Rotation(measure="excess", most=2)).given(given).with_starts(**starts).costs(0)


def test_the_worst_are_added_up():
    """Burdens of 180, 60 and 0: the two worst carry 240."""
    given = programme(talk("a", people=["Ana"]), talk("b", people=["Bao"]), talk("c", people=["Cy"]), people=[
        Person(id="Ana", zone="UTC", region="x"), Person(id="Bao", zone=PARIS, region="y"),
        Person(id="Cy", zone="UTC", region="z")])
    starts = {"a": at("07:00", TUE), "b": at("07:00"), "c": at("09:00")}
    for rule in (FairPersons, FairRegions):
        verify(rule(measure="worst", most=1)).given(given).with_starts(**starts).costs(180)
        verify(rule(measure="worst", most=2)).given(given).with_starts(**starts).costs(240)
        verify(rule(measure="worst", most=9)).given(given).with_starts(**starts).costs(240)


def test_leximin_goes_on_after_the_worst():
    """Ana cannot be helped. Without leximin Bao is nobody's business; with it Bao gets a good hour too."""
    def rules(depth: int) -> tuple[FairPersons, ...]:
        return leximin(FairPersons(), depth=depth)

    assert [(rule.tier, rule.most, rule.key) for rule in rules(2)] == [
        (1, 1, "fair_persons:worst 1"), (2, 2, "fair_persons:worst 2")]
    given = programme(
        talk("a", people=["Ana"], fixed_start=at("19:00")), talk("b", people=["Bao"]), preset="default",
        window=Window(days=[Day(date="2020-11-09", hours=[Clock("08:00", "09:00"), Clock("19:00", "20:00")])]),
        people=[Person(id="Ana", zone="Asia/Kolkata"), Person(id="Bao", zone="UTC")],
        rules=[*rules(2), Comfort(level="off"), FairRegions(level="off")])
    result = solve(given, seconds=10)
    assert result.status == "optimal"
    assert result.audit is not None
    assert [result.audit.score[tier] for tier in (1, 2)] == [600, 600 + 60]


# -- shape -------------------------------------------------------------------------------------------


def test_days_are_balanced_by_track():
    """Data has 120 minutes on Monday and none on Tuesday, trust 60 on each: 120, all together 180 less 60."""
    given = programme(talk("a", track="data"), talk("b", track="data"), talk("c", track="trust"),
                      talk("d", track="trust"))
    starts = {"a": at("09:00"), "b": at("10:00"), "c": at("09:00"), "d": at("09:00", TUE)}
    verify(Balance()).given(given).with_starts(**starts).costs(120)
    verify(Balance(each="track")).given(given).with_starts(**starts).costs(120)
    verify(Balance(each="track")).given(given).with_starts(**starts | {"c": at("11:00", TUE)}).costs(120 + 120)


def test_idle_minutes_of_rooms_and_tracks():
    """Red is idle from 10:00 to 11:30, of which 30 minutes are lunch; data, in both rooms, has no gap."""
    hours = [Clock("08:00", "10:30"), Clock("11:00", "20:00")]
    given = programme(talk("a", track="data"), talk("b", track="data"), talk("c", 90, track="data"),
                      window=Window(days=[Day(date="2020-11-09", hours=hours)]),
                      rooms=[Room(id="red"), Room(id="blue")])
    starts = {"a": (at("09:00"), "red"), "b": (at("11:30"), "red"), "c": (at("10:00"), "blue")}
    verify(Idle()).given(given).with_starts(**starts).costs(90).says("red is idle")
    verify(Idle(of="tracks")).given(given).with_starts(**starts).costs(0)
    verify(Idle(within="block")).given(given).with_starts(**starts).costs(0)
    verify(Idle(within="block")).given(given).with_starts(
        **starts | {"c": (at("08:00"), "red"), "a": (at("09:40"), "red")}).costs(10)


def test_rooms_of_a_track_in_all_or_by_day():
    """Data uses three rooms in all, and two on Monday."""
    given = programme(*(talk(id, track="data") for id in "abc"), rooms=[Room(id=id) for id in ("red", "blue", "green")])
    starts = {"a": (at("09:00"), "red"), "b": (at("09:00"), "blue"), "c": (at("09:00", TUE), "green")}
    verify(TrackRooms()).given(given).with_starts(**starts).costs(2)
    verify(TrackRooms(daily=True)).given(given).with_starts(**starts).costs(1)


def test_breaks_between_blocks():
    """Blocks 1, 3 and 4 of four: one break; blocks 1, 3, 5: two, or one at most if no more counts."""
    blocks = [span(f"{hour:02}:00", f"{hour + 1:02}:00") for hour in range(9, 14)]
    given = programme(*(talk(id, track="data") for id in "abc"))
    rule = ConsecutiveTracks(blocks=blocks)
    verify(rule).given(given).with_starts(a=at("09:00"), b=at("11:30"), c=at("12:00")).costs(1)
    verify(rule).given(given).with_starts(a=at("09:00"), b=at("11:30"), c=at("13:00")).costs(2)
    verify(evolve(rule, most=1)).given(given).with_starts(a=at("09:00"), b=at("11:30"), c=at("13:00")).costs(1)
    verify(ConsecutiveTracks()).given(given).with_starts(a=at("09:00"), b=at("11:30"), c=at("13:00", TUE)).costs(0)
    with pytest.raises(ValueError, match="do not overlap"):
        ConsecutiveTracks(blocks=[span("09:00", "11:00"), span("10:00", "12:00")])


def test_what_is_missing_of_diversity_and_what_is_alike():
    """a and b share a region and start together; c differs from both and starts later: 2 x 120 are missing."""
    given = programme(talk("a", people=["Ana"]), talk("b", people=["Ana", "Bao"]), talk("c", people=["Cy"]),
                      talk("d"), people=[Person(id="Ana", region="x"), Person(id="Bao", region="y"),
                                         Person(id="Cy", region="z")])
    starts = {"a": at("09:00"), "b": at("09:00"), "c": at("09:30"), "d": at("09:00")}
    verify(Diversity(by="region")).given(given).with_starts(**starts).costs(120)
    verify(Diversity(by="region", measure="missing")).given(given).with_starts(**starts).costs(240)


def test_shortfall_looks_at_both_ends():
    """Of three pairs that differ one starts together, not all of it: 3 x 90 minutes are missing, then one hour fewer.

    With tags those that share some are wanted together: a and b share two, c has none that count.
    """
    tags = {"a": ["ai", "net"], "b": ["ai", "net"], "c": ["law"]}
    given = programme(talk("a", language="en", tags=tags["a"]), talk("b", language="fr", tags=tags["b"]),
                      talk("c", language="es", tags=tags["c"], duration=90), talk("d", language=""))
    starts = {"a": at("09:00"), "b": at("10:00"), "c": at("09:00"), "d": at("09:00")}
    rule = Diversity(by="language", measure="shortfall")
    verify(rule).given(given).with_starts(**starts).costs(270)
    verify(rule).given(given).with_starts(**starts | {"b": at("09:00")}).costs(210)
    assert rule.missing_at_most(given) == 270
    for measure, apart, together in (("shortfall", 180, 60), ("missing", 240, 0), ("alike", 0, 0)):
        shared = verify(Diversity(tags=["ai", "net"], measure=measure)).given(given)
        shared.with_starts(**starts).costs(apart)
        shared.with_starts(**starts | {"b": at("09:00")}).costs(together)


def test_levels_flow_within_a_topic():
    """The hard session starts when the easy one has run for half an hour; that of another topic does not count."""
    given = programme(talk("easy", audience_level=0, tags=["ai"]), talk("hard", audience_level=1, tags=["ai", "net"]),
                      talk("other", audience_level=2, tags=["law"]), talk("any", tags=["ai"]))
    starts = {"easy": at("09:00"), "hard": at("09:30"), "other": at("08:00"), "any": at("08:00")}
    verify(LevelFlow()).given(given).with_starts(**starts).costs(1)
    verify(LevelFlow()).given(given).with_starts(**starts | {"hard": at("10:00")}).costs(0)
    verify(LevelFlow(by="track")).given(given).with_starts(**starts).costs(0)
    verify(LevelFlow(measure="minutes")).given(given).with_starts(**starts).costs(120)
    verify(LevelFlow(tags=["net"])).given(given).with_starts(**starts).costs(0)
    both = evolve(given, sessions=[evolve(session, tags=["ai", "net"]) for session in given.sessions])
    verify(LevelFlow(measure="minutes")).given(both).with_starts(easy=at("09:00"), hard=at("09:30")).costs(240)


def test_a_crowd_counts_in_full():
    """Three that start together count 3 where two may; two count nothing, and nor do three at different times."""
    given = verify(Crowd(selector=EVERY)).given(programme(talk("a"), talk("b"), talk("c")))
    given.with_starts(a=at("09:00"), b=at("09:00"), c=at("09:00")).costs(3)
    given.with_starts(a=at("09:00"), b=at("09:00"), c=at("09:10")).costs(0)


def test_a_crowd_in_minutes_starts_and_ends_together():
    """Two of an hour that start together count 120 where one may; one that takes longer is not with them."""
    given = verify(Crowd(selector=EVERY, most=0, measure="minutes")).given(
        programme(talk("a"), talk("b"), talk("c", duration=90)))
    given.with_starts(a=at("09:00"), b=at("09:00"), c=at("09:00")).costs(120)
    given.with_starts(a=at("09:00"), b=at("10:00"), c=at("09:00")).costs(0)


def test_popular_sessions_have_big_rooms():
    """a (10) is in the big room, b (20) and c (30) in smaller ones: two pairs; b and c are in rooms of one size."""
    rooms = [Room(id="big", capacity=90), Room(id="small", capacity=30), Room(id="also small", capacity=30),
             Room(id="unknown")]
    given = verify(PopularRooms()).given(
        programme(talk("a", demand=10), talk("b", demand=20), talk("c", demand=30), talk("d"), rooms=rooms))
    given.with_starts(a=(at("09:00"), "big"), b=(at("09:00"), "small"), c=(at("09:00"), "also small"),
                      d=(at("12:00"), "big")).costs(2)
    given.with_starts(a=(at("09:00"), "unknown"), b=(at("09:00"), "small"), c=(at("09:00"), "big")).costs(0)
    verify(PopularRooms(measure="minutes")).given(
        programme(talk("a", demand=10), talk("b", demand=20, duration=30), rooms=rooms)
    ).with_starts(a=(at("09:00"), "big"), b=(at("12:00"), "small")).costs(90)


# -- stability ---------------------------------------------------------------------------------------


def test_what_is_frozen_alone_may_count():
    """At eight o'clock, with a freeze of two hours, only the session at ten is held, and that at eight, which runs."""
    given = programme(*(talk(id) for id in "abc"))
    before = told(a=at("08:00"), b=at("10:00"), c=at("10:30"))
    starts = {"a": at("08:00"), "b": at("11:00"), "c": at("12:00")}
    held = Disruption(freeze=120)
    verify(Moves(reference=before, now=at("08:00"), disruption=held)).given(given).with_starts(**starts).costs(8)
    rule = verify(Moves(reference=before, now=at("08:00"), disruption=held, frozen=True)).given(given)
    rule.with_starts(**starts).costs(4).says("b (draft) moves")
    rule.with_starts(a=at("09:00"), b=at("10:00")).costs(4)
    with pytest.raises(ValueError, match="time of now, which is missing"):
        Moves(reference=before, frozen=True)


def test_moves_weigh_by_state_and_by_how_soon():
    """A draft 1, an announced session 2; with a time of now, what begins within a day is four times dearer."""
    given = programme(talk("a"), talk("b", state="announced"), talk("c", state="confirmed"), talk("new"))
    before = told(a=at("09:00"), b=at("09:00"), c=at("09:00", TUE), gone=at("09:00"))
    starts = {"a": at("10:00"), "b": at("10:00"), "c": at("09:00", TUE), "new": at("12:00")}
    verify(Moves(reference=before)).given(given).with_starts(**starts).costs(3)
    verify(Moves(reference=before, now=at("08:00"))).given(given).with_starts(**starts).costs(12)
    counts = Disruption(draft=1, announced=1, confirmed=1)
    verify(Moves(reference=before, disruption=counts)).given(given).with_starts(**starts).costs(2)
    with pytest.raises(ValueError, match="stands in a reference once"):
        Moves(reference=[*before, *told(a=at("10:00"))])


def test_changed_rooms_are_counted_apart():
    """a is in one new room of two, b in its old one, c was nowhere in particular."""
    given = programme(talk("a"), talk("b"), talk("c"), rooms=[Room(id=id) for id in ("red", "blue", "green")])
    before = told(a=(at("09:00"), "red", "blue"), b=(at("09:00"), "green"), c=at("09:00"))
    verify(RoomChanges(reference=before)).given(given).with_starts(
        a=(at("12:00"), "red", "green"), b=(at("12:00"), "green"), c=(at("12:00"), "red")).costs(1)


def test_displacement_in_minutes_days_and_for_people():
    """From 13:30 to 15:10 UTC is 100 minutes, no programme day, but for Tokyo the next day and another band."""
    given = programme(talk("a", people=["Ana", "Cy", "Bao"]), people=[
        Person(id="Ana", zone=TOKYO), Person(id="Cy", zone=PARIS), Person(id="Bao")])
    before = told(a=at("13:30"))
    for measure, first, second in (("minutes", 100, 1440), ("days", 0, 1), ("local_days", 1, 2), ("bands", 1, 0)):
        rule = Displacement(reference=before, measure=measure)
        verify(rule).given(given).with_starts(a=at("15:10")).costs(first)
        verify(rule).given(given).with_starts(a=at("13:30", TUE)).costs(second)


def test_people_are_told_once():
    """Ana has two sessions that move and is told once; Bao's stays; the placeholder cannot be told."""
    given = programme(talk("a", people=["Ana", "someone"]), talk("b", people=["Ana"]), talk("c", people=["Bao"]),
                      people=[Person(id="Ana"), Person(id="Bao"), Person(id="someone", placeholder=True)])
    before = told(a=at("09:00"), b=at("10:00"), c=at("11:00"))
    verify(Notice(reference=before)).given(given).with_starts(
        a=at("09:30"), b=at("10:30"), c=at("11:00")).costs(1).says("a, b move")


# -- changes -----------------------------------------------------------------------------------------


TABLES = programme(
    talk("a", track="data"), talk("b"), talk("c"), rooms=[Room(id="red"), Room(id="blue")], rules=[
        CoInterest(pairs=[Interest(sessions=["a", "b"]), Interest(sessions=["b", "c"])]),
        RoomPrices(prices=[RoomPrice(room="red", price=1, session="a"), RoomPrice(room="blue", price=1, track="data")]),
        Answers(answers=[Answer(session=id, start=at("09:00"), answer="accepted") for id in "ab"]),
        Moves(reference=told(a=at("09:00"), b=at("10:00"))),
    ])


def test_tables_forget_a_cancelled_session():
    """Rows that name it, or a track that goes with it, are gone; an earlier schedule, and all else, stays as it is."""
    after, _ = SessionCancelled(session="a").applied(TABLES, Schedule())
    interest, prices, answers, moves = after.rules
    assert interest.pairs == (TABLES.rules[0].pairs[1],)
    assert prices.prices == ()
    assert [answer.session for answer in answers.answers] == ["b"]
    assert moves is TABLES.rules[3]
    untouched, _ = SessionCancelled(session="c").applied(evolve(TABLES, rules=TABLES.rules[1:]), Schedule())
    assert all(one is other for one, other in zip(untouched.rules, TABLES.rules[1:], strict=True))


def test_tables_follow_a_merged_session():
    """a and b become one: nobody can want both halves of it, and what was said of either is said of it."""
    after, _ = SessionsMerged(sessions=["a", "b"], id="ab").applied(TABLES, Schedule())
    interest, prices, answers, moves = after.rules
    assert [pair.sessions for pair in interest.pairs] == [("ab", "c")]
    assert prices.prices[0].session == "ab"
    assert [answer.session for answer in answers.answers] == ["ab", "ab"]
    assert moves is TABLES.rules[3]


def test_tables_forget_a_room():
    """Prices of a room that is gone are gone with it."""
    after, _ = RoomRemoved(room="red").applied(TABLES, Schedule())
    assert after.rules[1].prices == (TABLES.rules[1].prices[1],)
    assert after.rules[0] is TABLES.rules[0]
