"""One short example of each rule: a programme, a schedule, and the measure. They are shown in docs/rules.md.

- `BASE`: the programme that all examples begin with; what an example says takes the place of its field.
- `EXAMPLES`: by the name of the rule, what is special, where sessions are, and what that measures.
- `programme_of`, `schedule_of`: an example as values.
- `told`, `written`: an example as people read it.
"""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import pairwise
from typing import Any

from attrs import frozen

from igfsched.io import programme_from_dict
from igfsched.programme import Programme
from igfsched.schedule import Placement, Schedule

DAYS = {"Mon": "2020-11-09", "Tue": "2020-11-10"}
PEOPLE = (
    {"id": "Ana", "zone": "America/New_York", "region": "Americas"},
    {"id": "Bao", "zone": "Asia/Tokyo", "region": "Asia"},
    {"id": "Cy", "zone": "Europe/Berlin", "region": "Europe"},
)
BASE: dict[str, Any] = {
    "format": "igfsched-programme", "version": 1, "preset": "none",
    "window": {
        "days": [{"date": day, "hours": [{"start": "08:00", "end": "20:00"}]} for day in DAYS.values()],
        "phases": [{"name": "first", "days": [DAYS["Mon"]]}, {"name": "second", "days": [DAYS["Tue"]]}],
    },
    "rooms": [{"id": "R1", "capacity": 50}, {"id": "R2", "capacity": 100}],
    "people": [*PEOPLE],
    "sessions": [{"id": id, "duration": 60} for id in "abc"],
}
FRAME = (
    "Examples are of programmes with two days, Monday 2020-11-09 and Tuesday 2020-11-10, from 08:00 to 20:00 UTC, "
    "which are the phases `first` and `second`; two rooms, R1 for 50 and R2 for 100; three people, Ana (New York, "
    "Americas), Bao (Tokyo, Asia) and Cy (Berlin, Europe); and the sessions a, b and c of 60 minutes. What an example "
    "says takes the place of its field. Times are UTC, on Monday unless said."
)


@frozen
class Example:
    """What is special in a programme, where sessions are (`Tue 09:00 for 40 in R1`), and what that measures."""

    fields: dict[str, Any]
    places: dict[str, str]
    measure: int


def _sessions(**own: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": id, "duration": 60, **fields} for id, fields in own.items()]


def _rule(name: str, **parameters: Any) -> list[dict[str, Any]]:
    return [{"rule": name, **parameters}]


def _span(start: str, end: str) -> dict[str, str]:
    return {"start": f"{DAYS['Mon']}T{start}Z", "end": f"{DAYS['Mon']}T{end}Z"}


def _start(clock: str) -> str:
    return f"{DAYS['Mon']}T{clock}Z"


def _reference(**more: Any) -> list[dict[str, Any]]:
    return [{"session": "a", "start": _start("09:00"), "duration": 60, **more}]


HALF_SHARED = {"a": "09:00", "b": "09:30"}
A, B, A_AND_B = {"ids": ["a"]}, {"ids": ["b"]}, {"ids": ["a", "b"]}
BOTH_ANA = _sessions(a={"people": ["Ana"]}, b={"people": ["Ana"]})
ORGANISERS = [{"id": "organisers", "members": ["Ana", "Bao"]}]

MORNING_AND_EVENING = {"days": [{"date": DAYS["Mon"], "hours": [
    {"start": "08:00", "end": "12:00"}, {"start": "16:00", "end": "20:00"}]}]}
TWO_TRACKS = _sessions(a={"track": "data"}, b={"track": "data"}, c={"track": "trust"})
ON_AI = _sessions(a={"tags": ["ai"]}, b={"tags": ["ai"]})

EXAMPLES: dict[str, Example] = {
    "slots": Example(
        {"rules": _rule("slots", slots=[_span("09:00", "10:00"), _span("09:30", "11:00")])},
        {"a": "09:00", "b": "09:30"}, 1),
    "place_prices": Example(
        {"rules": _rule("place_prices", prices=[
            {"session": "a", "price": 3, "starts": [_start("09:00")], "room": "R1"},
            {"session": "a", "price": 1, "duration": 60}])},
        {"a": "09:00 in R1"}, 4),
    "cell_tracks": Example(
        {"window": MORNING_AND_EVENING, "sessions": TWO_TRACKS, "rules": _rule("cell_tracks")},
        {"a": "09:00 in R1", "b": "10:00 in R1", "c": "11:00 in R1"}, 1),
    "cell_prices": Example(
        {"window": MORNING_AND_EVENING, "sessions": TWO_TRACKS, "rules": _rule("cell_prices", prices=[
            {"price": 5, "track": "data", "block": 0}, {"price": 1, "room": "R1"}])},
        {"a": "09:00 in R1", "b": "10:00 in R1", "c": "16:00 in R1"}, 7),
    "similar_tracks": Example(
        {"window": MORNING_AND_EVENING, "sessions": TWO_TRACKS,
         "rules": _rule("similar_tracks", track_pairs=[["data", "trust"]])},
        {"a": "09:00 in R1", "b": "16:00 in R1", "c": "11:00 in R2"}, 1),
    "pairs_apart": Example(
        {"window": MORNING_AND_EVENING, "rules": _rule("pairs_apart", pairs=[["a", "b"], ["a", "c"]])},
        {"a": "09:00 in R1", "b": "10:00 in R2", "c": "11:00 in R1"}, 1),
    "parallel_rooms": Example(
        {"window": MORNING_AND_EVENING, "sessions": TWO_TRACKS, "rules": _rule("parallel_rooms")},
        {"a": "09:00 in R1", "b": "11:00 in R2"}, 1),
    "track_order": Example(
        {"window": MORNING_AND_EVENING, "sessions": TWO_TRACKS, "rules": _rule("track_order", positions=[
            {"session": "a", "position": 1}, {"session": "b", "position": 2}], rooms=["R1", "R2"])},
        {"a": "09:00 in R2", "b": "10:00 in R1"}, 2),
    "prerequisites": Example(
        {"rules": _rule("prerequisites", pairs=[["a", "b"]])}, {"a": "09:00", "b": "09:30"}, 120),
    "pause": Example({"sessions": BOTH_ANA, "rules": _rule("pause", minutes=15)}, {"a": "09:00", "b": "10:10"}, 120),
    "topic_rooms": Example(
        {"sessions": ON_AI, "rules": _rule("topic_rooms")}, {"a": "09:00 in R1", "b": "10:00 in R2"}, 120),
    "topic_days": Example({"sessions": ON_AI, "rules": _rule("topic_days")}, {"a": "09:00", "b": "Tue 09:00"}, 120),
    "placed": Example({"sessions": _sessions(a={}, b={"priority": 5}), "rules": _rule("placed")}, {"a": "09:00"}, 5),
    "window": Example({"rules": _rule("window")}, {"a": "19:30"}, 30),
    "grid": Example({"rules": _rule("grid")}, {"a": "09:05"}, 1),
    "duration": Example({"rules": _rule("duration")}, {"a": "09:00 for 50"}, 1),
    "duration_choice": Example(
        {"sessions": _sessions(a={"other_durations": [40]}), "rules": _rule("duration_choice")},
        {"a": "09:00 for 40"}, 20),
    "allowed": Example(
        {"sessions": _sessions(a={"allowed": [_span("09:00", "12:00")]}), "rules": _rule("allowed")},
        {"a": "11:30"}, 30),
    "phase": Example({"sessions": _sessions(a={"phases": ["second"]}), "rules": _rule("phase")}, {"a": "09:00"}, 60),
    "preferred": Example(
        {"sessions": _sessions(a={"preferred": [_span("14:00", "18:00")]}), "rules": _rule("preferred")},
        {"a": "13:30"}, 30),
    "start_prices": Example(
        {"rules": _rule("start_prices", prices=[{"start": _start("09:00"), "price": 0}], otherwise=2)},
        {"a": "09:00", "b": "10:00"}, 2),
    "fixed_start": Example(
        {"sessions": _sessions(a={"fixed_start": _start("09:00")}), "rules": _rule("fixed_start")}, {"a": "10:00"}, 1),
    "fixed_room": Example(
        {"sessions": _sessions(a={"fixed_room": "R1"}), "rules": _rule("fixed_room")}, {"a": "09:00 in R2"}, 1),
    "room_choice": Example(
        {"sessions": _sessions(a={"capacity": 80}), "rules": _rule("room_choice")}, {"a": "09:00 in R1"}, 1),
    "room_count": Example(
        {"sessions": _sessions(a={"room_count": 2}), "rules": _rule("room_count")}, {"a": "09:00 in R1"}, 1),
    "room_availability": Example(
        {"rooms": [{"id": "R1", "closed": [_span("09:30", "10:30")]}], "rules": _rule("room_availability")},
        {"a": "09:00 in R1"}, 30),
    "room_prices": Example(
        {"rules": _rule("room_prices", prices=[
            {"room": "R1", "price": 3, "session": "a"}, {"room": "R1", "price": 1}])},
        {"a": "09:00 in R1", "b": "10:00 in R1"}, 5),
    "answers": Example(
        {"rules": _rule("answers", answers=[
            {"session": "a", "start": _start("09:00"), "answer": "accepted"},
            {"session": "b", "start": _start("10:00"), "answer": "declined"}])},
        {"a": "10:00", "b": "10:00"}, 8),
    "room_clash": Example(
        {"changeover": 10, "rules": _rule("room_clash")}, {"a": "09:00 in R1", "b": "10:00 in R1"}, 10),
    "person_clash": Example({"sessions": BOTH_ANA, "rules": _rule("person_clash")}, HALF_SHARED, 30),
    "person_availability": Example(
        {"people": [{"id": "Ana", "busy": [_span("09:30", "12:00")]}], "sessions": _sessions(a={"people": ["Ana"]}),
         "rules": _rule("person_availability")}, {"a": "09:00"}, 30),
    "optional_person_clash": Example(
        {"sessions": _sessions(a={"people": ["Ana"]}, b={"people": [{"person": "Ana", "required": False}]}),
         "rules": _rule("optional_person_clash")}, HALF_SHARED, 30),
    "rest": Example({"sessions": BOTH_ANA, "rules": _rule("rest", minutes=30)}, {"a": "09:00", "b": "10:10"}, 20),
    "daily_maximum": Example(
        {"sessions": BOTH_ANA, "rules": _rule("daily_maximum", most=1)}, {"a": "09:00", "b": "12:00"}, 1),
    "person_days": Example({"sessions": BOTH_ANA, "rules": _rule("person_days")}, {"a": "09:00", "b": "Tue 09:00"}, 1),
    "person_span": Example(
        {"sessions": _sessions(a={"people": ["Cy"]}, b={"people": ["Cy"]}), "rules": _rule("person_span", free=120)},
        {"a": "09:00", "b": "15:00"}, 300),
    "night_limit": Example(
        {"sessions": BOTH_ANA, "rules": _rule("night_limit", most=0)}, {"a": "09:00", "b": "15:00"}, 1),
    "night_rest": Example(
        {"sessions": BOTH_ANA, "rules": _rule("night_rest", measure="minutes", minutes=240)},
        {"a": "11:30", "b": "15:30"}, 60),
    "parallel_cap": Example({"rules": _rule("parallel_cap", cap=1)}, HALF_SHARED, 30),
    "track_parallel": Example(
        {"sessions": _sessions(a={"track": "data"}, b={"track": "data"}), "rules": _rule("track_parallel")},
        HALF_SHARED, 30),
    "team": Example(
        {"teams": [{"id": "captioners", "size": 1}], "rules": _rule("team"),
         "sessions": _sessions(a={"teams": [{"team": "captioners"}]}, b={"teams": [{"team": "captioners"}]})},
        HALF_SHARED, 30),
    "before": Example({"rules": _rule("before", first=A, then=B, gap=30)}, {"a": "09:00", "b": "10:10"}, 20),
    "ordered": Example(
        {"rules": _rule("ordered", sessions=["a", "b", "c"])}, {"a": "09:00", "b": "09:30", "c": "11:00"}, 30),
    "apart": Example({"rules": _rule("apart", selector={})}, HALF_SHARED, 30),
    "plenary": Example({"rules": _rule("plenary", selector=A)}, {"a": "09:00", "b": "09:30", "c": "09:30"}, 60),
    "same_day": Example({"rules": _rule("same_day", selector=A_AND_B)}, {"a": "09:00", "b": "Tue 09:00"}, 1),
    "different_days": Example({"rules": _rule("different_days", selector=A_AND_B)}, HALF_SHARED, 1),
    "spread": Example({"rules": _rule("spread", selector=A_AND_B, days=2)}, {"a": "09:00", "b": "Tue 09:00"}, 1),
    "day_maximum": Example({"rules": _rule("day_maximum", most=2)}, {"a": "09:00", "b": "10:00", "c": "11:00"}, 1),
    "back_to_back": Example({"rules": _rule("back_to_back", sessions=["a", "b"])}, {"a": "09:00", "b": "10:30"}, 30),
    "same_start": Example({"rules": _rule("same_start", selector=A_AND_B)}, HALF_SHARED, 30),
    "same_room": Example(
        {"rules": _rule("same_room", selector=A_AND_B)}, {"a": "09:00 in R1", "b": "10:00 in R2"}, 1),
    "series": Example(
        {"series": [{"id": "calls", "sessions": ["a", "b"], "days_apart": 1}], "rules": _rule("series")},
        {"a": "09:00", "b": "15:00"}, 1),
    "rotation": Example(
        {"series": [{"id": "calls", "sessions": ["a", "b"]}], "rules": _rule("rotation"),
         "sessions": _sessions(a={"people": ["Ana", "Bao"]}, b={"people": ["Ana", "Bao"]})},
        {"a": "09:00", "b": "Tue 08:30"}, 2),
    "audience": Example(
        {"sessions": _sessions(a={"tags": ["ai", "youth"]}, b={"tags": ["ai", "youth"]}), "rules": _rule("audience")},
        HALF_SHARED, 60),
    "co_interest": Example(
        {"rules": _rule("co_interest", pairs=[{"sessions": ["a", "b"], "people": 20}])}, HALF_SHARED, 600),
    "attendance": Example(
        {"groups": ORGANISERS, "sessions": _sessions(a={}, b={"people": ["Ana"]}),
         "rules": _rule("attendance", selector=A, group="organisers")}, HALF_SHARED, 30),
    "quorum": Example(
        {"groups": ORGANISERS, "sessions": _sessions(a={}, b={"people": ["Ana"]}),
         "rules": _rule("quorum", selector=A, group="organisers", least=2)}, HALF_SHARED, 1),
    "comfort": Example({"sessions": _sessions(a={"people": ["Cy"]}), "rules": _rule("comfort")}, {"a": "17:30"}, 60),
    "audience_comfort": Example(
        {"sessions": _sessions(a={"audience": [{"people": 40, "zone": "Europe/Berlin"}]}),
         "rules": _rule("audience_comfort", divisor=10)}, {"a": "17:30"}, 240),
    "audience_reach": Example(
        {"sessions": _sessions(a={"audience": [{"people": 40, "region": "Asia"}]}), "rules": _rule("audience_reach")},
        {"a": "14:00"}, 40),
    "fair_persons": Example(
        {"sessions": _sessions(a={"people": ["Cy"]}, b={"people": ["Bao"]}), "rules": _rule("fair_persons")},
        {"a": "17:30", "b": "12:00"}, 180),
    "fair_regions": Example(
        {"sessions": _sessions(a={"people": ["Cy"]}, b={"people": ["Bao"]}),
         "rules": _rule("fair_regions", measure="spread")}, {"a": "17:30", "b": "12:00"}, 180),
    "satisfaction": Example(
        {"rules": _rule("satisfaction", likings=[{"person": "Ana", "session": "a"}, {"person": "Bao", "session": "b"}],
                        eases=[{"person": "Ana", "start": _start("09:00")},
                               {"person": "Bao", "start": _start("09:00"), "value": 2},
                               {"person": "Bao", "start": _start("10:00")}])},
        {"a": "09:00", "b": "10:00"}, 500_000),
    "compact": Example({"rules": _rule("compact")}, {"a": "09:00", "b": "Tue 09:00"}, 2),
    "balance": Example({"rules": _rule("balance")}, {"a": "09:00", "b": "10:00", "c": "Tue 09:00"}, 60),
    "idle": Example({"rules": _rule("idle")}, {"a": "09:00 in R1", "b": "11:00 in R1"}, 60),
    "track_rooms": Example(
        {"sessions": _sessions(a={"track": "data"}, b={"track": "data"}), "rules": _rule("track_rooms")},
        {"a": "09:00 in R1", "b": "10:00 in R2"}, 1),
    "consecutive_tracks": Example(
        {"sessions": _sessions(a={"track": "data"}, b={"track": "data"}), "rules": _rule(
            "consecutive_tracks",
            blocks=[_span("09:00", "10:00"), _span("10:00", "11:00"), _span("11:00", "12:00")])},
        {"a": "09:00", "b": "11:00"}, 1),
    "diversity": Example(
        {"sessions": _sessions(a={"language": "fr"}, b={"language": "fr"}, c={"language": "en"}),
         "rules": _rule("diversity", by="language")}, {"a": "09:00", "b": "09:00", "c": "09:00"}, 120),
    "level_flow": Example(
        {"sessions": _sessions(a={"audience_level": 2, "tags": ["ai"]}, b={"audience_level": 0, "tags": ["ai"]}),
         "rules": _rule("level_flow")}, {"a": "09:00", "b": "10:00"}, 1),
    "crowd": Example({"rules": _rule("crowd", selector={}, most=1)}, {"a": "09:00", "b": "09:00", "c": "09:00"}, 3),
    "popular_rooms": Example(
        {"sessions": _sessions(a={"demand": 20}, b={"demand": 90}), "rules": _rule("popular_rooms")},
        {"a": "09:00 in R2", "b": "09:00 in R1"}, 1),
    "moves": Example(
        {"sessions": _sessions(a={"state": "announced"}), "rules": _rule("moves", reference=_reference())},
        {"a": "10:00"}, 2),
    "room_changes": Example(
        {"rules": _rule("room_changes", reference=_reference(rooms=["R1"]))}, {"a": "09:00 in R2"}, 1),
    "displacement": Example({"rules": _rule("displacement", reference=_reference())}, {"a": "10:30"}, 90),
    "notice": Example(
        {"sessions": _sessions(a={"people": ["Ana", "Bao"]}), "rules": _rule("notice", reference=_reference())},
        {"a": "10:30"}, 2),
}


def programme_of(example: Example) -> Programme:
    """Return the programme of an example."""
    return programme_from_dict({**BASE, **example.fields})


def schedule_of(example: Example) -> Schedule:
    """Return the schedule of an example."""
    lengths = {session.id: session.duration for session in programme_of(example).sessions}
    placements = []
    for session, place in example.places.items():
        found = re.fullmatch(r"(?:(Mon|Tue) )?(\d\d:\d\d)(?: for (\d+))?(?: in (.+))?", place)
        assert found, place
        placements.append(Placement(
            session=session, start=f"{DAYS[found[1] or 'Mon']}T{found[2]}Z", duration=int(found[3] or lengths[session]),
            rooms=found[4].split(", ") if found[4] else (),
        ))
    return Schedule(placements)


def told(example: Example) -> str:
    """Return in words where sessions are and what that measures."""
    places = [f"{session} at {place}" + (" minutes" if place[-2:].isdigit() and " for " in place else "")
              for session, place in example.places.items()]
    where = " and ".join([", ".join(places[:-1]), places[-1]] if len(places) > 1 else places)
    return f"With {where} the measure is {example.measure:,}."


def written(example: Example) -> str:
    """Return what is special in the programme of an example as JSON, the parts of lists in lines of their own."""
    parts = []
    for key, values in example.fields.items():
        head = f"{json.dumps(key)}: "
        if isinstance(values, list):
            lines = [_item(value, 2 + len(head)) for value in values]
            parts.append(f"{head}[{(',' + chr(10) + ' ' * (len(head) + 2)).join(lines)}]")
        else:
            parts.append(head + json.dumps(values))
    return "{" + ",\n ".join(parts) + "}"


def _item(value: Any, indent: int) -> str:
    """Return an object as JSON; a list in it that makes the line too long gets a line for each of its items."""
    text = json.dumps(value)
    if len(text) + indent <= 116 or not isinstance(value, dict):
        return text
    fields = []
    for key, own in value.items():
        head = f"{json.dumps(key)}: "
        if isinstance(own, list) and len(own) > 1:
            fields.append(head + "[" + (",\n" + " " * (indent + 2 + len(head))).join(map(json.dumps, own)) + "]")
        else:
            fields.append(head + json.dumps(own))
    lines = fields[0]
    for before, field in pairwise(fields):
        lines += (",\n" + " " * (indent + 1) if "[" in field or "\n" in before else ", ") + field
    return "{" + lines + "}"


assert all(date.fromisoformat(day).strftime("%a") == name for name, day in DAYS.items())
