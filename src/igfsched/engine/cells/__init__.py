"""Programmes of blocks and cells: a room holds one group of sessions in each block, and rooms are seldom told apart.

For these the engine decides in which block each session is, and in how many rooms of which kind each group is in
each block; starts and rooms follow from that.

- `look`: whether a programme is of this kind, and its groups, blocks and slots. `model`: its CP-SAT model.
- `budgets`: from the bound upwards. `neighbours`: from a schedule on.
- `decode`: from the values of a model to places. `search`: the way of the search.
"""
