"""Calendar files: when people are busy, to the minute, across clock changes, and nothing but that."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igfsched import InputError, Person, Programme, Role, Session, Span, Window, audit
from igfsched.grid import local_time, text_of
from igfsched.io import dumps, read_busy, with_blackouts, with_calendars
from igfsched.schedule import Placement, Schedule

FILES = Path(__file__).parent / "calendars"
MEETING = Span("2020-11-02T00:00Z", "2020-11-18T00:00Z")


def times(spans: Sequence[Span]) -> list[str]:
    """Return spans as text, short where they end on the day they start."""
    return [f"{text_of(span.start)}/{text_of(span.end)}" for span in spans]


def calendar(*events: str, before: str = "") -> io.StringIO:
    """Return a calendar file with these events, given by their lines."""
    inner = "".join(f"BEGIN:VEVENT\nUID:{n}\n{event}\nEND:VEVENT\n" for n, event in enumerate(events))
    return io.StringIO(f"BEGIN:VCALENDAR\nVERSION:2.0\n{before}{inner}END:VCALENDAR\n")


def programme(**changes: object) -> Programme:
    values = {
        "window": Window.daily("2020-11-02", "2020-11-17", "06:00", "20:30"),
        "people": [Person(id="p1", zone="America/New_York"), Person(id="p2"), Person(id="p3", zone="Asia/Tokyo")],
        "sessions": [Session(id="a", duration=60, people=["p1", Role(person="p2", required=False)])],
    }
    return Programme(**(values | changes))  # type: ignore[arg-type]


def test_weekly_events_keep_their_local_hour_across_the_clock_change() -> None:
    """A weekly meeting at 09:00 in New York is at 13:00 UTC until 1 November and at 14:00 after; one date is out."""
    found = read_busy(FILES / "weekly.ics", window=Span("2020-10-26T00:00Z", "2020-11-18T00:00Z"))
    assert times(found) == [
        "2020-10-27T13:00Z/2020-10-27T14:30Z",
        "2020-11-04T19:00Z/2020-11-04T20:00Z",  # moved from the day before
        "2020-11-17T14:00Z/2020-11-17T15:30Z",
    ]


def test_each_kind_of_event() -> None:
    """Times in UTC, floating, whole days; what is transparent, cancelled or a task keeps nobody busy."""
    found = times(read_busy(FILES / "kinds.ics", zone="Asia/Kolkata"))
    assert found == [
        "2020-11-03T10:00Z/2020-11-03T11:00Z",
        "2020-11-04T03:30Z/2020-11-04T04:15Z",
        "2020-11-04T18:30Z/2020-11-06T18:30Z",
    ]
    assert times(read_busy(FILES / "kinds.ics", zone="Asia/Kolkata", tentative=True)) == [
        *found, "2020-11-11T10:00Z/2020-11-11T11:00Z"]


def test_floating_times_need_a_zone() -> None:
    """Without a zone, each floating time and each whole day is told, with its event and line."""
    with pytest.raises(InputError) as caught:
        read_busy(FILES / "kinds.ics")
    first, second = caught.value.problems
    assert first.path.endswith("kinds.ics, event 2, line 13")
    assert "a time without a zone, and no zone is given" in first.message
    assert second.path.endswith("kinds.ics, event 3, line 19")
    assert "a whole day" in second.message


def test_a_zone_that_the_file_defines() -> None:
    """Zones of the file itself have the file's clock changes (25 October 2020)."""
    assert times(read_busy(FILES / "own-zone.ics")) == [
        "2020-10-23T06:00Z/2020-10-23T07:00Z", "2020-10-24T06:00Z/2020-10-24T07:00Z",
        "2020-10-25T07:00Z/2020-10-25T08:00Z", "2020-10-26T07:00Z/2020-10-26T08:00Z",
    ]


@pytest.mark.parametrize("hours", [5, 3, 11])
def test_two_files_may_give_one_name_to_two_zones(hours: int) -> None:
    """A zone is that of its own file, whatever an earlier file has called so."""
    zone = (f"BEGIN:VTIMEZONE\nTZID:Custom\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+{hours:02}00\n"
            f"TZOFFSETTO:+{hours:02}00\nEND:STANDARD\nEND:VTIMEZONE\n")
    found = read_busy(calendar("DTSTART;TZID=Custom:20201103T120000\nDURATION:PT1H", before=zone))
    assert times(found) == [f"2020-11-03T{12 - hours:02}:00Z/2020-11-03T{13 - hours:02}:00Z"]


@pytest.mark.parametrize(("zone", "start"), [
    ("Europe/Berlin", 9), ('"Europe/Berlin"', 9), ("W. Europe Standard Time", 9), ("/vendor.example/Europe/Berlin", 9),
    ("/vendor.example/v_1/America/Argentina/Buenos_Aires", 13), ("Pacific Standard Time", 18),
])
def test_names_of_zones(zone: str, start: int) -> None:
    """IANA names, those of Windows, and IANA names behind the name of a vendor are understood."""
    found = read_busy(calendar(f"DTSTART;TZID={zone}:20201103T100000\nDURATION:PT1H"))
    assert times(found) == [f"2020-11-03T{start:02}:00Z/2020-11-03T{start + 1:02}:00Z"]


def test_lists_of_free_and_busy_times() -> None:
    """BUSY and BUSY-UNAVAILABLE count, FREE never, BUSY-TENTATIVE by choice."""
    busy = ["2020-11-03T09:00Z/2020-11-03T11:00Z", "2020-11-04T09:00Z/2020-11-04T10:00Z",
            "2020-11-05T00:00Z/2020-11-06T00:00Z"]
    assert times(read_busy(FILES / "free-busy.ics")) == busy
    assert times(read_busy(FILES / "free-busy.ics", tentative=True)) == [
        *busy, "2020-11-09T09:00Z/2020-11-09T10:00Z"]


@pytest.mark.parametrize(("lines", "found"), [
    # A night with an end takes as long as ever in the night of the clock change; a day more is a day of the calendar.
    ("DTSTART;TZID=Europe/Paris:20201023T230000\nDTEND;TZID=Europe/Paris:20201024T070000\nRRULE:FREQ=DAILY;COUNT=2",
     ["2020-10-23T21:00Z/2020-10-24T05:00Z", "2020-10-24T21:00Z/2020-10-25T05:00Z"]),
    ("DTSTART;TZID=Europe/Paris:20201024T120000\nDURATION:P1D", ["2020-10-24T10:00Z/2020-10-25T11:00Z"]),
    ("DTSTART;TZID=Europe/Paris:20201024T120000\nDURATION:PT24H", ["2020-10-24T10:00Z/2020-10-25T10:00Z"]),
    # 02:30 does not exist on 29 March: the clock before says 01:30 UTC. It comes twice on 25 October: the first.
    ("DTSTART;TZID=Europe/Paris:20200329T023000\nDURATION:PT1H", ["2020-03-29T01:30Z/2020-03-29T02:30Z"]),
    ("DTSTART;TZID=Europe/Paris:20201025T023000\nDURATION:PT1H", ["2020-10-25T00:30Z/2020-10-25T01:30Z"]),
    # Seconds are within the minutes that are busy; touching times are one; what takes no time is none.
    ("DTSTART:20201103T100030Z\nDTEND:20201103T105930Z", ["2020-11-03T10:00Z/2020-11-03T11:00Z"]),
    ("DTSTART:20201103T100000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY;COUNT=3", ["2020-11-03T10:00Z/2020-11-03T13:00Z"]),
    ("DTSTART:20201103T100000Z", []),
    ("DTSTART:20201103T100000Z\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20201105T100000Z/PT3H",
     ["2020-11-03T10:00Z/2020-11-03T11:00Z", "2020-11-05T10:00Z/2020-11-05T13:00Z"]),
])
def test_lengths(lines: str, found: list[str]) -> None:
    """How long an event takes, across clock changes and in odd cases."""
    assert times(read_busy(calendar(lines))) == found


@pytest.mark.parametrize(("lines", "found"), [
    ("DTSTART;VALUE=DATE:20201025", ["2020-10-24T22:00Z/2020-10-25T23:00Z"]),  # 25 hours
    ("DTSTART;VALUE=DATE:20201025\nDTEND;VALUE=DATE:20201025", ["2020-10-24T22:00Z/2020-10-25T23:00Z"]),
    ("DTSTART:20201024T090000\nDTEND:20201024T100000\nRRULE:FREQ=DAILY;UNTIL=20201026T090000",
     ["2020-10-24T07:00Z/2020-10-24T08:00Z", "2020-10-25T08:00Z/2020-10-25T09:00Z",
      "2020-10-26T08:00Z/2020-10-26T09:00Z"]),
])
def test_whole_days_and_floating_times_follow_the_zone(lines: str, found: list[str]) -> None:
    """A day is a day of the zone, and floating times keep their hour there."""
    assert times(read_busy(calendar(lines), zone="Europe/Paris")) == found


def test_single_ones_of_a_series_may_be_cancelled_or_free() -> None:
    """A repetition that was cancelled or set free keeps nobody busy, nor does it come back at its old time."""
    series = "DTSTART:20201103T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4"
    for free in ("STATUS:CANCELLED", "TRANSP:TRANSPARENT"):
        one = "RECURRENCE-ID:20201104T100000Z\nDTSTART:20201104T150000Z\nDURATION:PT1H\n" + free
        text = calendar(series, one).getvalue().replace("UID:1", "UID:0")
        assert [t[:10] for t in times(read_busy(io.StringIO(text)))] == ["2020-11-03", "2020-11-05", "2020-11-06"]


def test_the_window_cuts() -> None:
    """Only what lies in the window is kept, of an event that goes beyond it the part inside."""
    found = read_busy(calendar("DTSTART:20201101T000000Z\nDTEND:20201102T100000Z",
                               "DTSTART:20201201T000000Z\nDURATION:PT1H"), window=MEETING)
    assert times(found) == ["2020-11-02T00:00Z/2020-11-02T10:00Z"]


def test_endless_series_need_a_window() -> None:
    """Without a window a series without an end is refused, not cut somewhere."""
    endless = "DTSTART:20201103T100000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"
    with pytest.raises(InputError, match="without an end, and no window is given"):
        read_busy(calendar(endless))
    assert len(read_busy(calendar(endless), window=MEETING)) == 3


def test_all_faults_at_once() -> None:
    """Each fault is told with file, event and line; the titles of events are not."""
    with pytest.raises(InputError) as caught:
        read_busy(FILES / "faults.ics")
    told = [str(problem).split("faults.ics, ")[1] for problem in caught.value.problems]
    assert told == [
        "line 37: RRULE has no value",
        "line 41: this is not a time in UTC from start to end; found '20201103T090000/PT2H'",
        "event 1, line 4: DTSTART is missing",
        "event 2, line 12: DTSTART cannot be read; found '2020-11-03 10:00'",
        "event 3, line 16: the file does not define this zone, and no IANA time zone is called 'Europe/Pariss'; "
        "did you mean 'Europe/Paris'?",
        "event 4, line 21: DTEND is before DTSTART; found '20201103T090000Z'",
        "event 5, line 27: INTERVAL is below 1; found 'FREQ=DAILY;INTERVAL=0'",
        "event 6, line 32: DTEND is not of the kind of DTSTART; found '20201104'",
    ]
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(("text", "words"), [
    ("", "empty"), ("hello\n", "not a calendar file"), ("BEGIN:VEVENT\nEND:VEVENT\n", "not a calendar file"),
    ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "line 2: BEGIN:VEVENT has no END:VEVENT"),
    ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "line 3: END:VCALENDAR ends nothing; expected END:VEVENT"),
    ("BEGIN:VCALENDAR\nEND:VCALENDAR\nmore\n", "line 3: this is not a calendar file"),
    ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20201103T100000Z\nRRULE:FREQ=SECONDLY\nEND:VEVENT\nEND:VCALENDAR\n",
     "more often than every hour"),
])
def test_what_is_no_calendar(text: str, words: str) -> None:
    """A file that is no calendar, or half of one, is refused in words."""
    with pytest.raises(InputError) as caught:
        read_busy(io.StringIO(text))
    assert words in str(caught.value)


def test_folded_lines_and_lines_of_other_programs() -> None:
    """Lines that are folded are put together; lines that are nobody's matter are left alone."""
    found = read_busy(calendar("DESCRIPTION:one\nthis was not folded\nDTSTART:202011\n 03T100000Z\nDURATION:PT\n\t1H"))
    assert times(found) == ["2020-11-03T10:00Z/2020-11-03T11:00Z"]


def test_people_are_busy_when_their_calendars_are() -> None:
    """Busy times of calendars join those that were there; a session at such a time is found by the audit."""
    held = Span("2020-11-03T10:30Z", "2020-11-03T12:00Z")
    before = programme(people=[Person(id="p1", zone="Asia/Kolkata", busy=[held]), Person(id="p2")])
    after = with_calendars(before, {"p1": [FILES / "kinds.ics", FILES / "free-busy.ics"]})
    assert times(after.person("p1").busy)[:2] == ["2020-11-03T09:00Z/2020-11-03T12:00Z",
                                                  "2020-11-04T03:30Z/2020-11-04T04:15Z"]
    assert after.person("p2") is before.person("p2")
    at_ten = Schedule([Placement(session="a", start="2020-11-04T09:00Z", duration=60)])
    assert [f.rule for f in audit(before, at_ten).hard] == []
    assert [f.rule for f in audit(after, at_ten).hard] == ["person_availability"]


def test_only_times_are_kept() -> None:
    """Nothing of a title or a place gets into a programme."""
    after = with_calendars(programme(), {"p1": FILES / "weekly.ics"})
    assert after.person("p1").busy
    assert "SECRET" not in dumps(after)


def test_the_days_of_the_programme_are_the_window() -> None:
    """What is long before or after the programme is left out; what touches its days is in."""
    first, last = with_calendars(programme(), {"p1": FILES / "weekly.ics"}).person("p1").busy
    assert (text_of(first.start), text_of(last.end)) == ("2020-11-04T19:00Z", "2020-11-17T15:30Z")


def test_faults_of_several_files_at_once() -> None:
    """Nobody's id, a person without a zone, a file that is not there and one with faults are told together."""
    with pytest.raises(InputError) as caught:
        with_calendars(programme(), {"p11": FILES / "kinds.ics", "p2": FILES / "kinds.ics", "p3": "nowhere.ics",
                                     "p1": [FILES / "weekly.ics", FILES / "faults.ics"]})
    told = str(caught.value)
    assert "'p11' is not one of the people; did you mean 'p1'?" in told
    assert "this is a whole day, and p2 has no time zone" in told
    assert "nowhere.ics: there is no such file" in told
    assert "faults.ics, event 5, line 27" in told


def test_calendars_of_the_event_are_blackouts() -> None:
    """Nothing may run while a calendar of the event is busy; its whole days are those of the programme's zone."""
    after = with_blackouts(programme(), FILES / "kinds.ics", reason="assembly")
    assert [(str(b.span), b.reason) for b in after.window.blackouts] == [
        ("2020-11-03T10:00Z to 2020-11-03T11:00Z", "assembly"), ("2020-11-04T09:00Z to 2020-11-04T09:45Z", "assembly"),
        ("2020-11-05T00:00Z to 2020-11-07T00:00Z", "assembly")]
    opened = {day.isoformat() for day, _, _ in after.window.blocks}
    assert "2020-11-04" in opened
    assert not {"2020-11-05", "2020-11-06"} & opened


@pytest.mark.parametrize("rule", ["FREQ=YEARLY;INTERVAL=0", "FREQ=SECONDLY", "COUNT=3"])
def test_zones_whose_clocks_do_not_change_like_clocks(rule: str) -> None:
    """A definition of a zone that would keep the computer busy for ever is refused."""
    zone = (f"BEGIN:VTIMEZONE\nTZID:Custom\nBEGIN:STANDARD\nDTSTART:19700101T000000\nRRULE:{rule}\n"
            "TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n")
    with pytest.raises(InputError, match="line 7: clocks do not change like this, in the zone 'Custom'"):
        read_busy(calendar("DTSTART;TZID=Custom:20201103T120000\nDURATION:PT1H", before=zone))


PIECES = ("DTSTART", "RRULE:FREQ=WEEKLY", "TZID=", "\n", "BEGIN:", "VEVENT", ":", ";", "20201103T100000", "99991231",
          "EXDATE:20201103\n", "RECURRENCE-ID;RANGE=THISANDFUTURE:20201103T100000Z\n", "UID:weekly\n", "SEQUENCE:x\n",
          "DURATION:-PT1H\n", "DURATION:P9999999D\n", "RDATE;VALUE=PERIOD:20201103T100000Z/PT1H\n", "\0", "STATUS:\n")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["weekly", "kinds", "own-zone", "free-busy"]),
       st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES)), max_size=4))
def test_broken_files_are_told(name: str, edits: list[tuple[float, int, str]]) -> None:
    """However a file is broken, it is read or refused in words; what is read is in order, apart and in the window."""
    text = (FILES / f"{name}.ics").read_text(encoding="utf-8")
    for where, cut, piece in edits:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + cut:]
    try:
        found = read_busy(io.StringIO(text), zone="Europe/Paris", window=MEETING)
    except InputError:
        return
    edges = [minute for span in found for minute in span.minutes]
    assert edges == sorted(set(edges))
    assert not found or (MEETING.start <= found[0].start and found[-1].end <= MEETING.end)


def test_without_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lacks the libraries is told what to install."""
    monkeypatch.setitem(sys.modules, "recurring_ical_events", None)
    with pytest.raises(ImportError, match=r"igfsched\[calendars\]"):
        read_busy(FILES / "weekly.ics")


def test_a_zone_that_there_is_none_of() -> None:
    """A zone of nobody's is refused before the file is read."""
    with pytest.raises(ValueError, match="Europe/Paris"):
        read_busy(FILES / "weekly.ics", zone="Europe/Pariss")


def test_many_days() -> None:
    """A series every day of a year is 365 times at the same local hour, whatever the clock does."""
    found = read_busy(calendar("DTSTART;TZID=Australia/Lord_Howe:20200101T090000\nDURATION:PT30M\n"
                               "RRULE:FREQ=DAILY;COUNT=366"))
    clocks = {local_time(span.minutes[0], "Australia/Lord_Howe").strftime("%H:%M") for span in found}
    assert (len(found), clocks) == (366, {"09:00"})
