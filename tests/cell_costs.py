"""What the model of blocks and cells makes of one schedule."""

from __future__ import annotations

from igfsched.engine.cells.look import Cells
from igfsched.engine.cells.model import CellModel
from igfsched.engine.cpsat import Limits, run
from igfsched.facts import Places


def cost_in_cells(cells: Cells, rooms: tuple[tuple[int, ...], ...], places: Places) -> int:
    """Return the model's cost with blocks, and numbers of rooms by class, as they are at given places."""
    kind = {room: c for c, own in enumerate(rooms) for room in own}
    model = CellModel(cells, rooms, merging=False)
    used: dict[tuple[int, int, int], set[int]] = {}
    for session, g in cells.group_of.items():
        b = int(cells.axis.of_tick[places.start[session]])
        model.cp.add(model.inside[session, b] == 1)
        (room,) = places.rooms[session]
        used.setdefault((g, b, kind[room]), set()).add(room)
    for cell, literal in model.room.items():
        model.cp.add(literal == int(cell in used))
    for cell, number in model.more.items():
        model.cp.add(number == max(0, len(used.get(cell, ())) - 1))
    outcome = run(model.cp, Limits(seconds=30, workers=1))
    assert outcome.status == "optimal"
    return outcome.objective
