"""What may change after a programme was scheduled, as values; no repair here.

- `Change`: `applied(programme, schedule)` is what holds after it, `words(programme)` says it.
- `Batch`, `apply_changes`: several changes, one after the other.
- `CHANGES`: the class of every kind of change, by the name that it has in files.
"""

from __future__ import annotations

from igfsched.changes.base import Batch as Batch
from igfsched.changes.base import Change as Change
from igfsched.changes.base import apply_changes as apply_changes
from igfsched.changes.frame import CapChanged as CapChanged
from igfsched.changes.frame import CapSet as CapSet
from igfsched.changes.frame import DayAdded as DayAdded
from igfsched.changes.frame import DayLost as DayLost
from igfsched.changes.frame import HoursChanged as HoursChanged
from igfsched.changes.frame import RuleChanged as RuleChanged
from igfsched.changes.merging import SessionsMerged as SessionsMerged
from igfsched.changes.merging import SessionSplit as SessionSplit
from igfsched.changes.people import PersonAdded as PersonAdded
from igfsched.changes.people import PersonAvailable as PersonAvailable
from igfsched.changes.people import PersonRemoved as PersonRemoved
from igfsched.changes.people import PersonReplaced as PersonReplaced
from igfsched.changes.people import PersonUnavailable as PersonUnavailable
from igfsched.changes.places import SessionFreed as SessionFreed
from igfsched.changes.places import SessionMoved as SessionMoved
from igfsched.changes.places import SessionPinned as SessionPinned
from igfsched.changes.rooms import RoomAdded as RoomAdded
from igfsched.changes.rooms import RoomClosed as RoomClosed
from igfsched.changes.rooms import RoomRemoved as RoomRemoved
from igfsched.changes.rooms import RoomReopened as RoomReopened
from igfsched.changes.sessions import SessionAdded as SessionAdded
from igfsched.changes.sessions import SessionCancelled as SessionCancelled
from igfsched.changes.sessions import SessionConfirmed as SessionConfirmed
from igfsched.changes.sessions import SessionDeclined as SessionDeclined
from igfsched.changes.sessions import SessionResized as SessionResized

CHANGES: dict[str, type[Change]] = {
    change.kind: change for change in (
        PersonUnavailable, PersonAvailable, PersonReplaced, PersonAdded, PersonRemoved,
        SessionAdded, SessionCancelled, SessionConfirmed, SessionDeclined, SessionResized,
        SessionsMerged, SessionSplit, SessionMoved, SessionPinned, SessionFreed,
        RoomClosed, RoomReopened, RoomAdded, RoomRemoved,
        CapChanged, CapSet, DayLost, HoursChanged, DayAdded, RuleChanged, Batch,
    )
}
