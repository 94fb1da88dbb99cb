"""The same event given to several schedulers: instances, an independent scorer, and one program for each of them.

- `instance`: the common instance, its generator, and changes of it.
- `scorer`: what a solution breaks and costs, from the instance's numbers alone.
- `plain_cpsat`, `timefold_peer`, `conference_scheduler_peer`, `igfsched_peer`: the schedulers. Each is a program that
  solves one instance and prints one line of JSON: `python -m peers.plain_cpsat INSTANCE.json --seconds 10`.

`compare_peers.py`, in the folder above, runs all of them. What they need beside igfsched is in `requirements.txt`.

An instance is a JSON file: `slots` (id, day, hour of UTC, hours since the beginning), `n_rooms`, `parallel_cap`,
`sessions` (id, track, speakers, the rooms that it may use), `speakers` (whole hours from UTC, slots in which they are
not available), `penalty_by_local_hour`. A solution maps the id of each session to its slot and room. Hard: each session
has a slot and a room that suits it, no more than `parallel_cap` of them at once, one in a room, one of a track, one of
a speaker, and all speakers are available. Cost: over sessions and speakers, the penalty of the speaker's hour.
"""
