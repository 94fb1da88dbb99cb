"""Conference instances and solutions of CoSPLib: workbooks in, programmes and schedules out, and back."""

from __future__ import annotations

from igfsched.io.cosplib.instance import TERMS as TERMS
from igfsched.io.cosplib.instance import Instance as Instance
from igfsched.io.cosplib.instance import read_instance as read_instance
from igfsched.io.cosplib.programme import grids_of as grids_of
from igfsched.io.cosplib.programme import programme_of as programme_of
from igfsched.io.cosplib.programme import read_cosplib as read_cosplib
from igfsched.io.cosplib.programme import schedule_of as schedule_of
from igfsched.io.cosplib.programme import weighted_terms as weighted_terms
from igfsched.io.cosplib.programme import without_presenters as without_presenters
from igfsched.io.cosplib.solution import Faults as Faults
from igfsched.io.cosplib.solution import Grids as Grids
from igfsched.io.cosplib.solution import faults as faults
from igfsched.io.cosplib.solution import read_grids as read_grids
from igfsched.io.cosplib.solution import write_grids as write_grids
