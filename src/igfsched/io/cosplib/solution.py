"""A solution of CoSPLib as it stands in its workbook: a grid of tracks and a grid of submissions, by position.

- `Grids`: the two grids; `read_grids`, `write_grids`: from and to a workbook that CoSPLib's checker takes.
- `faults`: what the format asks of a solution, beyond its weighted terms.
- `multi_slot`: what submissions of several slots cost that are torn apart; no schedule can say these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from attrs import field, frozen

from igfsched.errors import nearest
from igfsched.io.cosplib.instance import Instance
from igfsched.io.workbook import File, Reading, open_workbook, save_workbook

Grid = tuple[tuple[str, ...], ...]
"""Rows of names by room; an empty text is an empty cell."""

WRONG_CELL = 10**7
TORN = 10**9


def _grid(rows: Sequence[Sequence[str]]) -> Grid:
    return tuple(tuple(row) for row in rows)


@frozen(kw_only=True)
class Grids:
    """`tracks`: a row for each session. `submissions`: a row for each slot, those of a session one after the other."""

    tracks: Grid = field(converter=_grid)
    submissions: Grid = field(converter=_grid)


@frozen(kw_only=True)
class Faults:
    """What is wrong with a solution beyond its terms; all empty and 0 for one that counts.

    - `missing`: submissions that do not fill exactly as many slots as they need (hard)
    - `foreign`: (session, room) of cells of a track with a submission of another track (hard)
    - `untracked`: (session, room) of cells with submissions and no track: the checker takes them, and charges nothing
    - `phantom`: (session, room) of cells with a track and no submission: the checker takes them
    - `multi_slot`: what torn submissions of several slots cost, weight 1 always
    """

    missing: tuple[str, ...] = ()
    foreign: tuple[tuple[str, str], ...] = ()
    untracked: tuple[tuple[str, str], ...] = ()
    phantom: tuple[tuple[str, str], ...] = ()
    multi_slot: int = 0

    @property
    def feasible(self) -> bool:
        """Whether CoSPLib calls the solution feasible."""
        return not (self.missing or self.foreign or self.multi_slot)


def read_grids(path: File, instance: Instance) -> Grids:
    """Return the solution in a workbook. Labels are ignored: everything goes by position, as in the original.

    Raises InputError for grids of another size and for names that the instance does not have.
    """
    sheet = next(iter(open_workbook(path).values()))
    reading = Reading(sheet.file)
    sessions, slots = len(instance.sessions), sum(block.slots for block in instance.sessions)
    grids = []
    for begin, height, known, what in ((1, sessions, instance.tracks, "tracks"),
                                       (sessions + 2, slots, tuple(instance.index), "submissions")):
        rows = []
        for row in range(begin, begin + height):
            cells = [str(sheet.at(row, c) or "") for c in range(1, len(instance.rooms) + 1)]
            for c, name in enumerate(cells):
                if name and name not in known:
                    reading.wrong(sheet.place(row, c + 1), f"{name!r} is not one of the {what}",
                                  near=nearest(name, known))
            rows.append(cells)
        grids.append(rows)
    if sheet.width > len(instance.rooms) + 1:
        reading.wrong(f"{sheet.file}, sheet {sheet.name}", "there are more columns than rooms",
                      expected=str(len(instance.rooms) + 1), found=sheet.width)
    if len(sheet.rows) > sessions + slots + 2:
        reading.wrong(f"{sheet.file}, sheet {sheet.name}", "there are more rows than sessions and slots",
                      expected=str(sessions + slots + 2), found=len(sheet.rows))
    reading.check()
    return Grids(tracks=grids[0], submissions=grids[1])


def write_grids(path: File, instance: Instance, grids: Grids) -> None:
    """Write a solution in CoSPLib's own layout."""
    slots = [block.name for block in instance.sessions for _ in range(block.slots)]
    rows: list[list[str]] = [["", *instance.rooms]]
    rows += [[block.name, *row] for block, row in zip(instance.sessions, grids.tracks, strict=True)]
    rows.append([])
    rows += [[name, *row] for name, row in zip(slots, grids.submissions, strict=True)]
    save_workbook(path, {"sol": rows})


def faults(instance: Instance, grids: Grids) -> Faults:
    """Return what is wrong with a solution beyond its weighted terms."""
    track_of = {s.reference: s.track for s in instance.submissions}
    filled = Counter(name for row in grids.submissions for name in row if name)
    foreign, untracked, phantom = [], [], []
    for s, block in enumerate(instance.sessions):
        for r, room in enumerate(instance.rooms):
            track = grids.tracks[s][r]
            held = {track_of[name] for name in _cell(instance, grids, s, r)}
            if track and held - {track}:
                foreign.append((block.name, room))
            if held and not track:
                untracked.append((block.name, room))
            if track and not held:
                phantom.append((block.name, room))
    return Faults(
        missing=tuple(s.reference for s in instance.submissions if filled[s.reference] != s.slots),
        foreign=tuple(foreign), untracked=tuple(untracked), phantom=tuple(phantom),
        multi_slot=multi_slot(instance, grids),
    )


def multi_slot(instance: Instance, grids: Grids) -> int:
    """Return what submissions of several slots cost that are torn apart or incomplete."""
    needed = {s.reference: s.slots for s in instance.submissions if s.slots > 1}
    at: dict[str, list[int]] = {}
    for slot, row in enumerate(grids.submissions):
        for name in row:
            if name in needed:
                at.setdefault(name, []).append(slot)
    if needed.keys() - at.keys():
        return TORN
    cells = [Counter(name for name in _cell(instance, grids, s, r) if name in needed)
             for s in range(len(instance.sessions)) for r in range(len(instance.rooms))]
    wrong = sum(number != needed[name] for cell in cells for name, number in cell.items())
    torn = sum(slots != list(range(slots[0], slots[-1] + 1)) for slots in at.values())
    return WRONG_CELL * wrong + TORN * torn


def _cell(instance: Instance, grids: Grids, s: int, r: int) -> list[str]:
    """Return the names in the slots of a session in a room."""
    begin = sum(block.slots for block in instance.sessions[:s])
    rows = grids.submissions[begin: begin + instance.sessions[s].slots]
    return [row[r] for row in rows if row[r]]
