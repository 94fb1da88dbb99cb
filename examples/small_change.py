"""Something changes: Bao is not free at the time of the opening. What has to move, and is that the least?"""

from igfsched import Person, Placement, Planner, Programme, Room, Schedule, Session, Span, Window
from igfsched.changes import PersonUnavailable

programme = Programme(
    title="A small event",
    window=Window.daily("2020-11-09", "2020-11-09", "08:00", "20:00"),
    rooms=[Room(id="Room 1")],
    people=[Person(id="Ana", zone="America/New_York"), Person(id="Bao", zone="Asia/Ho_Chi_Minh")],
    sessions=[
        Session(id="Opening", duration=60, people=["Ana", "Bao"]),
        Session(id="Data workshop", duration=90, people=["Ana"]),
    ],
)
published = Schedule([
    Placement(session="Opening", start="2020-11-09T13:00Z", duration=60, rooms="Room 1"),
    Placement(session="Data workshop", start="2020-11-09T15:00Z", duration=90, rooms="Room 1"),
])

planner = Planner(programme, published)
repair = planner.apply(PersonUnavailable(person="Bao", spans=[Span("2020-11-09T13:00Z", "2020-11-09T13:30Z")]))
print(repair.summary())
for notice in repair.notices:
    print(notice.person, *notice.sentences, sep=": ")
print(planner.commit(repair).summary())
