"""Changes: what each kind does, what it leaves alone, and how it is undone."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import programmes, schedules

from igfsched.changes import (
    CHANGES,
    Batch,
    CapChanged,
    CapSet,
    Change,
    DayAdded,
    DayLost,
    HoursChanged,
    PersonAdded,
    PersonAvailable,
    PersonRemoved,
    PersonReplaced,
    PersonUnavailable,
    RoomAdded,
    RoomClosed,
    RoomRemoved,
    RoomReopened,
    RuleChanged,
    SessionAdded,
    SessionCancelled,
    SessionConfirmed,
    SessionDeclined,
    SessionFreed,
    SessionMoved,
    SessionPinned,
    SessionResized,
    SessionsMerged,
    SessionSplit,
    apply_changes,
)
from igfsched.changes.references import NOTHING
from igfsched.errors import InputError
from igfsched.grid import Clock, Span, from_minute
from igfsched.programme import (
    Day,
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
    Window,
)
from igfsched.rules import Apart, Before, Comfort, Ordered, Plenary, active_rules
from igfsched.schedule import Placement, Schedule, compare
from igfsched.selector import Selector


def at(hour: str, end: str, day: int = 9) -> Span:
    """Return a span of a day in November 2020."""
    return Span(f"2020-11-{day:02}T{hour}Z", f"2020-11-{day:02}T{end}Z")


HOURS = (Clock("08:00", "18:00"),)
PROGRAMME = Programme(
    window=Window(days=[Day(date="2020-11-09", hours=HOURS), Day(date="2020-11-10", hours=HOURS)],
                  phases=[Phase(name="start", days=["2020-11-09"])]),
    rooms=[Room(id="red"), Room(id="blue", closed=[at("08:00", "09:00")]), Room(id="hall", reserved=True)],
    people=[Person(id="Ana"), Person(id="Bao", busy=[at("08:00", "10:00"), at("16:00", "17:00")]), Person(id="Chi")],
    teams=[Team(id="captioners", size=2)],
    sessions=[
        Session(id="opening", duration=60, people=["Ana", Role(person="Bao", role="moderator")], rooms=["hall"]),
        Session(id="data", duration=90, people=["Ana"], other_durations=[60], tags=["ai"], track="data",
                teams=[TeamNeed(team="captioners")], tentative=True, decide_by="2020-10-01T00:00Z"),
        Session(id="trust", duration=60, people=[Role(person="Ana", required=False), "Chi"], features=["stage"],
                teams=[TeamNeed(team="captioners", units=2)], priority=3),
        Session(id="closing", duration=60, people=["Chi"]),
    ],
    series=[Series(id="calls", sessions=["data", "trust"])],
    cap=2,
    rules=[
        Before(first=Selector(ids=["opening"]), then=Selector(ids=["data", "trust"])),
        Plenary(selector=Selector(types=["main"]) | Selector(ids=["opening"])),
        Apart(selector=Selector(tracks=["data"]), label="data"),
    ],
)
SCHEDULE = Schedule([
    Placement(session="opening", start="2020-11-09T10:00Z", duration=60, rooms="hall"),
    Placement(session="data", start="2020-11-09T12:00Z", duration=90, rooms="red"),
    Placement(session="trust", start="2020-11-10T12:00Z", duration=60, rooms=["red", "blue"]),
])


def after(*changes: Change) -> tuple[Programme, Schedule]:
    """Return the programme and the schedule of these tests after some changes."""
    return apply_changes(PROGRAMME, SCHEDULE, changes)


def only(changed: Programme, *fields: str) -> None:
    """Assert that a programme differs in these fields and in no other."""
    assert {a.name for a in attrs.fields(Programme)
            if getattr(changed, a.name) != getattr(PROGRAMME, a.name)} == set(fields)


def only_session(changed: Programme, id: str, **fields: Any) -> None:
    """Assert that one session has these other fields, and that nothing else differs."""
    only(changed, "sessions")
    assert changed == attrs.evolve(PROGRAMME, sessions=[
        attrs.evolve(session, **fields) if session.id == id else session for session in PROGRAMME.sessions])


# -- one worked example of each kind -----------------------------------------------------------------


def test_person_unavailable() -> None:
    """The times are added to those in which the person is busy; nobody and nothing else changes."""
    programme, schedule = after(PersonUnavailable(person="Ana", spans=[at("12:00", "13:00")]))
    only(programme, "people")
    assert programme.person("Ana").busy == (at("12:00", "13:00"),)
    assert programme.people[1:] == PROGRAMME.people[1:]
    assert schedule == SCHEDULE


def test_person_available_again() -> None:
    """Exactly the given times are no longer busy: a busy time is cut in two where they lie in its middle."""
    programme, _ = after(PersonAvailable(person="Bao", spans=[at("08:30", "09:00")]))
    only(programme, "people")
    assert programme.person("Bao").busy == (at("08:00", "08:30"), at("09:00", "10:00"), at("16:00", "17:00"))


def test_person_replaced_in_one_session() -> None:
    """The other has the role in this session; elsewhere all stays."""
    programme, schedule = after(PersonReplaced(person="Ana", by="Chi", session="data"))
    only_session(programme, "data", people=[Role(person="Chi")])
    assert schedule == SCHEDULE


def test_person_replaced_everywhere() -> None:
    """A role that the other already had there is held once, and required since it was."""
    programme, _ = after(PersonReplaced(person="Ana", by="Chi"))
    assert [session.people for session in programme.sessions] == [
        (Role(person="Chi"), Role(person="Bao", role="moderator")), (Role(person="Chi"),), (Role(person="Chi"),),
        (Role(person="Chi"),),
    ]
    only(programme, "sessions")


def test_person_replaced_by_somebody_new() -> None:
    """A new person joins the programme; the one who is replaced stays in it."""
    programme, _ = after(PersonReplaced(person="Ana", by=Person(id="Dov", zone="Asia/Jerusalem"), session="data"))
    only(programme, "sessions", "people")
    assert programme.people == (*PROGRAMME.people, Person(id="Dov", zone="Asia/Jerusalem"))
    assert programme.session("data").required == ("Dov",)


def test_person_added() -> None:
    """The person has the role, required or not; a new person joins the programme."""
    programme, _ = after(PersonAdded(session="data", person="Chi", role="rapporteur", required=False),
                         PersonAdded(session="data", person=Person(id="Dov")))
    assert programme.session("data").people[1:] == (
        Role(person="Chi", role="rapporteur", required=False), Role(person="Dov"))
    only(programme, "sessions", "people")


def test_person_removed() -> None:
    """The person has no role in the session any more, or not this one; the session needs nobody in their place."""
    programme, _ = after(PersonRemoved(session="opening", person="Bao", role="moderator"))
    only_session(programme, "opening", people=["Ana"])


def test_session_added() -> None:
    """The session is the last one and has no place."""
    programme, schedule = after(SessionAdded(session=Session(id="call", duration=30, people=["Ana"])))
    only(programme, "sessions")
    assert programme.sessions == (*PROGRAMME.sessions, Session(id="call", duration=30, people=["Ana"]))
    assert schedule == SCHEDULE


def test_session_cancelled() -> None:
    """The session is gone from the schedule, its series and every rule that names it or its undeclared track."""
    programme, schedule = after(SessionCancelled(session="data"))
    only(programme, "sessions", "series", "rules")
    assert compare(SCHEDULE, schedule).dropped == ("data",)
    assert programme.series[0].sessions == ("trust",)
    assert programme.rules[0] == Before(first=Selector(ids=["opening"]), then=Selector(ids=["trust"]))
    assert programme.rules[1] == PROGRAMME.rules[1]
    assert programme.rules[2] == Apart(selector=NOTHING, label="data")


def test_a_sequence_closes_over_a_cancelled_session() -> None:
    """A rule about a sequence of sessions goes on without the one that is gone, and renames the one that is merged."""
    programme = attrs.evolve(PROGRAMME, rules=[Ordered(sessions=["opening", "data", "trust"])])
    found, _ = SessionCancelled(session="data").applied(programme, SCHEDULE)
    assert found.rules == (Ordered(sessions=["opening", "trust"]),)


def test_a_rule_whose_sessions_are_gone_chooses_nothing() -> None:
    """An empty list of ids would choose every session: the rule then chooses none, also deep inside."""
    programme, _ = after(SessionCancelled(session="opening"))
    assert isinstance(programme.rules[0], Before)
    assert programme.select(programme.rules[0].first) == ()
    assert isinstance(programme.rules[1], Plenary)
    assert programme.select(programme.rules[1].selector) == ()


def test_session_confirmed() -> None:
    """The session is certain and stays where it is."""
    programme, schedule = after(SessionConfirmed(session="data"))
    only_session(programme, "data", state="confirmed", tentative=False, decide_by=None)
    assert schedule == SCHEDULE


def test_session_declined() -> None:
    """Its present start is forbidden to the session, its times are those offered, a pin to the start is gone."""
    programme, schedule = after(SessionPinned(session="data"),
                                SessionDeclined(session="data", times=[at("09:00", "12:00", 10)]))
    only_session(programme, "data", forbidden=[at("12:00", "12:01")], allowed=[at("09:00", "12:00", 10)])
    assert schedule == SCHEDULE


@pytest.mark.parametrize(("duration", "word"), [(120, "lengthened"), (45, "shortened")])
def test_session_resized(duration: int, word: str) -> None:
    """The session keeps its start and its rooms, takes the new length, and may take no other."""
    change = SessionResized(session="data", duration=duration)
    programme, schedule = after(change)
    only_session(programme, "data", duration=duration, other_durations=())
    assert compare(SCHEDULE, schedule) == attrs.evolve(compare(SCHEDULE, SCHEDULE), durations_changed=("data",))
    assert schedule.by_session["data"].duration == duration
    assert change.words(PROGRAMME) == f"data is {word} from 90 to {duration} minutes."


def test_sessions_merged() -> None:
    """The one is at the place of the first, as long as the longest; needs are united, names led on to the one."""
    programme, schedule = after(SessionsMerged(sessions=["trust", "data"], id="both"))
    only(programme, "sessions", "series", "rules")
    assert [session.id for session in programme.sessions] == ["opening", "both", "closing"]
    both = programme.session("both")
    assert both == attrs.evolve(
        PROGRAMME.session("trust"), id="both", duration=90, people=[Role(person="Ana"), Role(person="Chi")],
        tags=["ai"], teams=[TeamNeed(team="captioners", units=2)])
    assert schedule.by_session == {
        "opening": SCHEDULE.by_session["opening"],
        "both": attrs.evolve(SCHEDULE.by_session["trust"], session="both", duration=90),
    }
    assert programme.series[0].sessions == ("both",)
    assert programme.rules[0] == Before(first=Selector(ids=["opening"]), then=Selector(ids=["both"]))


def test_session_split() -> None:
    """The first part keeps id and place, the others have none; rules name all parts, series the first."""
    programme, schedule = after(SessionPinned(session="data"), SessionSplit(session="data", durations=[30, 60]))
    data, other = programme.session("data"), programme.session("data (2)")
    assert [session.id for session in programme.sessions] == ["opening", "data", "data (2)", "trust", "closing"]
    assert (data.duration, other.duration, data.other_durations) == (30, 60, ())
    assert (data.fixed_start, other.fixed_start) == (SCHEDULE.by_session["data"].start, None)
    assert attrs.evolve(other, id="data", duration=90, other_durations=[60]) == PROGRAMME.session("data")
    assert schedule.by_session == {
        **SCHEDULE.by_session, "data": attrs.evolve(SCHEDULE.by_session["data"], duration=30)}
    assert programme.series == PROGRAMME.series
    assert programme.rules[0] == Before(first=Selector(ids=["opening"]),
                                        then=Selector(ids=["data", "data (2)", "trust"]))


def test_session_moved() -> None:
    """The session is at its new place although another is there; the programme is the same; repairs leave it there."""
    change = SessionMoved(session="data", start="2020-11-10T12:30Z")
    programme, schedule = after(change)
    assert programme == PROGRAMME
    assert schedule.by_session["data"] == Placement(
        session="data", start="2020-11-10T12:30Z", duration=90, rooms="red")
    assert change.held == ("data",)


def test_session_moved_from_nowhere() -> None:
    """A session without a place gets one by hand."""
    _, schedule = after(SessionMoved(session="closing", start="2020-11-10T17:00Z", rooms="blue"))
    assert schedule.by_session["closing"] == Placement(
        session="closing", start="2020-11-10T17:00Z", duration=60, rooms="blue")


def test_session_pinned() -> None:
    """Start and, if asked for, room are fixed as they are now."""
    programme, schedule = after(SessionPinned(session="trust", room=True))
    only_session(programme, "trust", fixed_start="2020-11-10T12:00Z", fixed_room="red")
    assert schedule == SCHEDULE


def test_session_freed() -> None:
    """Neither start nor room is fixed any more."""
    programme, _ = after(SessionPinned(session="trust", room=True), SessionFreed(session="trust"))
    assert programme == PROGRAMME


def test_room_closed() -> None:
    """The room is closed then, and what is in it stays there."""
    programme, schedule = after(RoomClosed(room="blue", spans=[at("12:00", "13:00", 10)]))
    only(programme, "rooms")
    assert programme.room("blue").closed == (at("08:00", "09:00"), at("12:00", "13:00", 10))
    assert schedule == SCHEDULE


def test_room_reopened() -> None:
    """Exactly the given times are no longer closed."""
    programme, _ = after(RoomReopened(room="blue", spans=[at("08:30", "11:00")]))
    assert programme.room("blue").closed == (at("08:00", "08:30"),)


def test_room_added() -> None:
    """There is a room more."""
    programme, _ = after(RoomAdded(room=Room(id="green", capacity=20)))
    only(programme, "rooms")
    assert programme.rooms == (*PROGRAMME.rooms, Room(id="green", capacity=20))


def test_room_removed() -> None:
    """Sessions in the room keep their time, and their other room; one that might use no other may use any."""
    programme, schedule = after(RoomRemoved(room="red"), RoomRemoved(room="hall"))
    assert [room.id for room in programme.rooms] == ["blue"]
    assert programme.session("opening").rooms == ()
    assert {p.session: p.rooms for p in schedule} == {"opening": (), "data": (), "trust": ("blue",)}
    assert not compare(SCHEDULE, schedule).moved


def test_cap_changed() -> None:
    """The period is the last of the cap's, so that it wins."""
    period = Period(value=1, span=at("12:00", "14:00"))
    programme, _ = after(CapChanged(period=Period(value=3, days=["2020-11-10"])), CapChanged(period=period))
    only(programme, "cap")
    assert programme.cap == Profile(value=2, periods=[Period(value=3, days=["2020-11-10"]), period])


@pytest.mark.parametrize("cap", [None, 5, Profile(value=3, periods=[Period(value=1, days=["2020-11-09"])])])
def test_cap_set(cap: Any) -> None:
    """The cap is another altogether."""
    programme, _ = after(CapSet(cap=cap))
    assert programme == attrs.evolve(PROGRAMME, cap=cap)


def test_day_lost() -> None:
    """The day is gone, also from its phases; sessions on it are still there."""
    programme, schedule = after(DayLost(date="2020-11-09"))
    only(programme, "window")
    assert programme.window == Window(days=[Day(date="2020-11-10", hours=HOURS)], phases=[Phase(name="start", days=[])])
    assert schedule == SCHEDULE


def test_hours_changed() -> None:
    """One day has other hours, in words with UTC times."""
    change = HoursChanged(date="2020-11-10", hours=[Clock("10:00", "12:00"), Clock("13:00", "17:00")])
    programme, _ = after(change)
    only(programme, "window")
    assert programme.window.days == (PROGRAMME.window.days[0], Day(date="2020-11-10", hours=change.hours))
    warsaw = attrs.evolve(PROGRAMME, window=attrs.evolve(PROGRAMME.window, zone="Europe/Warsaw"))
    assert "from 2020-11-10T09:00Z to 2020-11-10T11:00Z" in change.words(warsaw)


def test_day_added() -> None:
    """The day takes its place among the others, and in the phases that are named."""
    programme, _ = after(DayAdded(day=Day(date="2020-11-08", hours=HOURS), phases=["start"]))
    assert [str(day.date) for day in programme.window.days] == ["2020-11-08", "2020-11-09", "2020-11-10"]
    assert programme.window.phases == (Phase(name="start", days=["2020-11-08", "2020-11-09"]),)


def test_rule_changed() -> None:
    """A listed rule has the new level; one of the preset is listed with the new weight, and all others still hold."""
    programme, _ = after(RuleChanged(rule="apart:data", level="soft", weight=5), RuleChanged(rule="comfort", weight=9))
    only(programme, "rules")
    assert programme.rules[:2] == PROGRAMME.rules[:2]
    assert programme.rules[2:] == (attrs.evolve(PROGRAMME.rules[2], level="soft", weight=5), Comfort(tier=1, weight=9))
    assert {rule.key for rule in active_rules(programme)} == {rule.key for rule in active_rules(PROGRAMME)}


def test_a_rule_that_is_off_can_be_turned_on() -> None:
    """A rule that was turned off keeps its key, and is turned on again under it."""
    programme, _ = after(RuleChanged(rule="comfort", level="off"), RuleChanged(rule="comfort", level="soft"))
    assert set(active_rules(programme)) == set(active_rules(PROGRAMME))


def test_batch() -> None:
    """A batch is its changes in their order: a later one may speak of what an earlier one has added."""
    batch = Batch(changes=[
        SessionAdded(session=Session(id="call", duration=30)),
        SessionMoved(session="call", start="2020-11-09T09:00Z"),
        Batch(changes=[SessionPinned(session="call")]),
    ])
    assert after(batch) == after(*batch.changes)
    assert batch.held == ("call",)
    assert batch.words(PROGRAMME).count(";") == 2


# -- all kinds ---------------------------------------------------------------------------------------

EXAMPLES: tuple[Change, ...] = (
    PersonUnavailable(person="Ana", spans=[at("12:00", "13:00")]),
    PersonAvailable(person="Bao", spans=[at("08:30", "09:00")]),
    PersonReplaced(person="Ana", by="Chi"),
    PersonReplaced(person="Ana", by=Person(id="Dov", zone="Asia/Jerusalem", busy=[at("08:00", "09:00")])),
    PersonAdded(session="data", person="Chi", role="rapporteur", required=False),
    PersonAdded(session="data", person=Person(id="Dov")),
    PersonRemoved(session="opening", person="Bao"),
    SessionAdded(session=Session(id="call", duration=30, people=["Ana"])),
    SessionCancelled(session="data"),
    SessionConfirmed(session="data"),
    SessionDeclined(session="data", times=[at("09:00", "12:00", 10)]),
    SessionDeclined(session="data"),
    SessionResized(session="data", duration=120),
    SessionsMerged(sessions=["trust", "data"], id="both", duration=120),
    SessionSplit(session="data", durations=[30, 30, 30], ids=["d2", "d3"]),
    SessionMoved(session="data", start="2020-11-10T12:30Z", rooms=["blue"]),
    SessionMoved(session="data", rooms=[]),
    SessionPinned(session="data", room=True),
    SessionFreed(session="data"),
    RoomClosed(room="blue", spans=[at("12:00", "13:00", 10)]),
    RoomReopened(room="blue", spans=[at("08:30", "11:00")]),
    RoomAdded(room=Room(id="green", capacity=20)),
    RoomRemoved(room="red"),
    CapChanged(period=Period(value=1, span=at("12:00", "14:00"))),
    CapChanged(period=Period(value=1, hours=Clock("12:00", "14:00"), days=["2020-11-09"])),
    CapSet(cap=3),
    CapSet(cap=None),
    CapSet(cap=Profile(value=3, periods=[Period(value=1, days=["2020-11-09"])])),
    DayLost(date="2020-11-10"),
    HoursChanged(date="2020-11-10", hours=[Clock("10:00", "17:00")]),
    DayAdded(day=Day(date="2020-11-11", hours=HOURS), phases=["start"]),
    RuleChanged(rule="comfort", weight=4, tier=2),
    RuleChanged(rule="apart:data", level="off"),
    Batch(changes=[SessionPinned(session="data"), Batch(changes=[SessionCancelled(session="trust")])]),
)


def test_every_kind_has_an_example() -> None:
    """The examples cover the whole vocabulary, and each kind is the name of its class."""
    assert {type(change) for change in EXAMPLES} == set(CHANGES.values())
    for kind, cls in CHANGES.items():
        assert kind == "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).removeprefix("_")
        assert cls.__doc__


@pytest.mark.parametrize("change", EXAMPLES, ids=lambda change: change.kind)
def test_changes_are_pure(change: Change) -> None:
    """Each change applies to the programme of these tests, makes it another one, and leaves the old as it was."""
    before, placements = attrs.evolve(PROGRAMME), attrs.evolve(SCHEDULE)
    result = change.applied(PROGRAMME, SCHEDULE)
    assert result == change.applied(PROGRAMME, SCHEDULE)
    assert change.kind == "session_freed" or result != (PROGRAMME, SCHEDULE)
    assert (before, placements) == (PROGRAMME, SCHEDULE)
    assert {p.session for p in result[1]} <= {session.id for session in result[0].sessions}


@pytest.mark.parametrize("change", EXAMPLES, ids=lambda change: change.kind)
def test_changes_have_words(change: Change) -> None:
    """Each change is one sentence, whatever the programme knows."""
    for programme in (PROGRAMME, Programme(window=PROGRAMME.window, sessions=[])):
        sentence = change.words(programme)
        assert sentence[:1].strip()
        assert sentence.endswith(".")
        assert sentence.count(". ") == 0
        assert "\n" not in sentence


@pytest.mark.parametrize(("change", "inverse"), [
    (PersonUnavailable(person="Bao", spans=[at("12:00", "13:00"), at("14:00", "15:00")]),
     PersonAvailable(person="Bao", spans=[at("12:00", "13:00"), at("14:00", "15:00")])),
    (PersonAdded(session="data", person="Chi"), PersonRemoved(session="data", person="Chi")),
    (PersonReplaced(person="Ana", by="Bao", session="data"), PersonReplaced(person="Bao", by="Ana", session="data")),
    (SessionPinned(session="data", room=True), SessionFreed(session="data")),
    (SessionAdded(session=Session(id="call", duration=30)), SessionCancelled(session="call")),
    (SessionMoved(session="data", start="2020-11-10T08:00Z", rooms=["blue"]),
     SessionMoved(session="data", start="2020-11-09T12:00Z", rooms=["red"])),
    (RoomClosed(room="red", spans=[at("12:00", "13:00")]), RoomReopened(room="red", spans=[at("12:00", "13:00")])),
    (RoomAdded(room=Room(id="green")), RoomRemoved(room="green")),
    (CapSet(cap=9), CapSet(cap=2)),
    (DayAdded(day=Day(date="2020-11-11", hours=HOURS), phases=["start"]), DayLost(date="2020-11-11")),
    (HoursChanged(date="2020-11-10", hours=[Clock("10:00", "17:00")]), HoursChanged(date="2020-11-10", hours=HOURS)),
    (RuleChanged(rule="apart:data", weight=5), RuleChanged(rule="apart:data", weight=1)),
    (SessionResized(session="opening", duration=30), SessionResized(session="opening", duration=60)),
], ids=lambda change: change.kind)
def test_inverse_changes_restore(change: Change, inverse: Change) -> None:
    """A change and its inverse, one after the other, restore programme and schedule exactly."""
    assert after(change) != (PROGRAMME, SCHEDULE)
    assert after(change, inverse) == (PROGRAMME, SCHEDULE)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_change_touches_only_what_it_names(data: st.DataObject) -> None:
    """Sessions, people, rooms and placements that a change does not name are the same after it."""
    programme = data.draw(programmes())
    schedule = data.draw(schedules(programme))
    one = data.draw(st.sampled_from([session.id for session in programme.sessions]))
    two = next(session.id for session in programme.sessions if session.id != one)
    room = data.draw(st.sampled_from([room.id for room in programme.rooms]))
    person = data.draw(st.sampled_from([person.id for person in programme.people] or ["nobody"]))
    start = programme.window.blocks[0][1]
    span = (Span(from_minute(start), from_minute(start + 45)),)
    change = data.draw(st.sampled_from([
        PersonUnavailable(person=person, spans=span), PersonAvailable(person=person, spans=span),
        PersonAdded(session=one, person=person, role="guest"), PersonRemoved(session=one, person=person),
        PersonReplaced(person=person, by=Person(id="new"), session=one),
        SessionAdded(session=Session(id="new", duration=10)), SessionCancelled(session=one),
        SessionConfirmed(session=one), SessionDeclined(session=one, times=span),
        SessionResized(session=one, duration=20),
        SessionsMerged(sessions=[one, two]), SessionSplit(session=one, durations=[10, 10]),
        SessionMoved(session=one, start=from_minute(start), rooms=[room]), SessionPinned(session=one, room=True),
        SessionFreed(session=one), RoomClosed(room=room, spans=span), RoomReopened(room=room, spans=span),
        RoomAdded(room=Room(id="new")), CapChanged(period=Period(value=1, span=span[0])), CapSet(cap=4),
        DayLost(date=programme.window.days[0].date), RuleChanged(rule="comfort", weight=3),
    ]))
    named = {one} if hasattr(change, "session") else {one, two} if hasattr(change, "sessions") else set()
    try:
        changed, placed = change.applied(programme, schedule)
    except InputError:
        return
    kept = [session for session in programme.sessions if session.id not in named]
    assert [s for s in changed.sessions if s.id in {session.id for session in kept}] == kept
    assert [p for p in placed if p.session not in named] == [p for p in schedule if p.session not in named]
    if not hasattr(change, "person"):
        assert changed.people == programme.people
    if not hasattr(change, "room") or isinstance(change, SessionPinned):
        assert changed.rooms == programme.rooms
    assert (changed.window == programme.window) == (change.kind != "day_lost")
    assert (changed.cap == programme.cap) or change.kind.startswith("cap")
    assert (changed.groups, changed.teams, changed.audience) == (programme.groups, programme.teams, programme.audience)
