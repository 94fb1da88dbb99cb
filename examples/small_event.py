"""One day, two time zones: the draft needs Bao in two sessions at once, the solved schedule does not."""

from igfsched import Person, Placement, Programme, Room, Schedule, Session, Window, audit, report, solve

programme = Programme(
    title="A small event",
    window=Window.daily("2020-11-09", "2020-11-09", "08:00", "20:00"),
    rooms=[Room(id="Room 1"), Room(id="Room 2")],
    people=[Person(id="Ana", zone="America/New_York"), Person(id="Bao", zone="Asia/Ho_Chi_Minh")],
    sessions=[
        Session(id="Opening", duration=60, people=["Ana", "Bao"]),
        Session(id="Data workshop", duration=90, people=["Ana"]),
        Session(id="Trust workshop", duration=90, people=["Bao"]),
    ],
)
draft = Schedule([
    Placement(session="Opening", start="2020-11-09T13:00Z", duration=60, rooms="Room 1"),
    Placement(session="Data workshop", start="2020-11-09T15:00Z", duration=90, rooms="Room 1"),
    Placement(session="Trust workshop", start="2020-11-09T13:30Z", duration=90, rooms="Room 2"),
])
for finding in audit(programme, draft).hard:
    print(finding.sentence)

result = solve(programme, seconds=10)
print(result.summary(), result.schedule.summary(), sep="\n\n")
print(report(audit(programme, result.schedule)))
