"""Which rules hold for a programme."""

from __future__ import annotations

import pytest

from igfsched import InputError, Programme, Session, Window
from igfsched.rules import active_rules


def test_a_preset_that_there_is_none_of_is_named_with_the_nearest():
    """A preset with a typing error is wrong input with a hint, not a failure of a dictionary."""
    window = Window.daily("2020-11-09", "2020-11-09")
    programme = Programme(window=window, sessions=[Session(id="a", duration=60)], preset="defaults")
    with pytest.raises(InputError, match="did you mean 'default'"):
        active_rules(programme)
