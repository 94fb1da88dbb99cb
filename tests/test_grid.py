"""Time at the edge: which names are zones."""

from __future__ import annotations

import pytest

from igfsched import Person


@pytest.mark.parametrize("name", [
    "localtime", "Factory", "posixrules", "right/UTC", "europe/paris", "Europe", "", "+02:00",
])
def test_names_that_are_no_zone_everywhere(name):
    """A name that only some machines know, or that means another place on each, is no zone."""
    with pytest.raises(ValueError, match="no IANA time zone"):
        Person(id="p", zone=name)


@pytest.mark.parametrize("name", ["UTC", "Etc/GMT+3", "Asia/Calcutta", "US/Eastern", "America/Argentina/Buenos_Aires"])
def test_old_names_are_zones(name):
    """Names that IANA keeps for the sake of old data are zones."""
    assert Person(id="p", zone=name).zone == name
