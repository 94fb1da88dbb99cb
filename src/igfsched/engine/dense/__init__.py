"""Programmes with few places and much that depends on two sessions at once: local search over all places at once.

A place here is a spot: a start, a length and a room. What two sessions cost together is a matrix over spots for each
kind of pair; so what any move or exchange would change is known for all of them by a few matrix operations.

- `look`: whether a programme is of this kind, and its spots and matrices. `search`: tabu search on them.
- `proof`: branch and bound beside it, of rooms and times as `split` has them, by nodes of `branch`. `bound`: the first
  bound.
"""
