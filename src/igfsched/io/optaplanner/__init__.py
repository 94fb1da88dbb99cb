"""Instances and assignments of OptaPlanner's conference scheduling: workbooks in, programmes and schedules out."""

from __future__ import annotations

from igfsched.io.optaplanner.instance import CONSTRAINTS as CONSTRAINTS
from igfsched.io.optaplanner.instance import REWARDS as REWARDS
from igfsched.io.optaplanner.instance import Instance as Instance
from igfsched.io.optaplanner.instance import read_instance as read_instance
from igfsched.io.optaplanner.programme import assignment_of as assignment_of
from igfsched.io.optaplanner.programme import programme_of as programme_of
from igfsched.io.optaplanner.programme import read_optaplanner as read_optaplanner
from igfsched.io.optaplanner.programme import schedule_of as schedule_of
from igfsched.io.optaplanner.programme import score_by_constraint as score_by_constraint
from igfsched.io.optaplanner.programme import score_of as score_of
from igfsched.io.optaplanner.programme import stored as stored
