"""Files in and out: igfsched's own JSON, and folders of spreadsheets saved as CSV."""

from __future__ import annotations

from igfsched.io.calendars import read_busy as read_busy
from igfsched.io.calendars import with_blackouts as with_blackouts
from igfsched.io.calendars import with_calendars as with_calendars
from igfsched.io.changes import changes_from_dict as changes_from_dict
from igfsched.io.changes import changes_to_dict as changes_to_dict
from igfsched.io.changes import read_changes as read_changes
from igfsched.io.changes import write_changes as write_changes
from igfsched.io.history import HistoryFile as HistoryFile
from igfsched.io.history import RecordedStep as RecordedStep
from igfsched.io.history import history_from_dict as history_from_dict
from igfsched.io.history import history_to_dict as history_to_dict
from igfsched.io.history import read_history as read_history
from igfsched.io.history import write_history as write_history
from igfsched.io.native import dumps as dumps
from igfsched.io.native import programme_from_dict as programme_from_dict
from igfsched.io.native import read_programme as read_programme
from igfsched.io.native import read_schedule as read_schedule
from igfsched.io.native import schedule_from_dict as schedule_from_dict
from igfsched.io.native import to_dict as to_dict
from igfsched.io.native import write_programme as write_programme
from igfsched.io.native import write_schedule as write_schedule
from igfsched.io.schedule_table import read_schedule_csv as read_schedule_csv
from igfsched.io.schedule_table import write_schedule_csv as write_schedule_csv
from igfsched.io.tables import read_tables as read_tables
