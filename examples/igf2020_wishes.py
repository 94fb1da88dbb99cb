"""What the data of IGF 2020 do not say and a fuller set of wishes needs: topics and hours that were asked for.

- `topics`: what a session is about, by the words of its title.
- `asked_hours`: the day of the organiser, by their own clock.

Both are reconstructed. Titles are those of the public pages, but the list of topics is ours. No organiser's wishes are
known: that everybody asks for their own 08:00 to 20:00 is an assumption, on top of that of their time zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from igfsched.grid import Span

TOPICS = {
    "access": "access unconnected connectivity community.network inclusi divide left.behind",
    "ai": r"ai\b artificial.intelligence algorithmic machines",
    "capacity": r"capacity education learn\b schools newcomers orientation internet.101",
    "children and youth": "child young youth",
    "content": "content disinformation dis-infodemic fact-check hate media journalis expression",
    "data": "data",
    "environment": "environment sustainab planet circular",
    "gender": "gender women equals",
    "health": "covid pandemic coronavirus health medicines",
    "infrastructure": "dns domain protocol exchange standards infrastructure interoperab satellite net.neutrality",
    "languages": "language multilingual local.content",
    "rights": "rights discrimination privacy",
    "security": "secur safe cyber attack encryption abuse",
    "trust": "trust sovereignty jurisdiction fragmentation",
    "work and economy": "econom trade work market business industry digital.tech",
}

DAY = ("08:00", "20:00")
"""The hours of a day that an organiser is taken to ask for, by their own clock."""


def topics(title: str) -> tuple[str, ...]:
    """Return the topics of a session by its title: those of which a word begins with, or is, one of their words."""
    text = title.lower()
    return tuple(topic for topic, words in _PATTERNS.items() if words.search(text))


def asked_hours(zone: str, days: Iterable[date]) -> tuple[Span, ...]:
    """Return the hours that an organiser in a zone is taken to ask for, on each of some days."""
    return tuple(Span.local(f"{day}T{DAY[0]}", f"{day}T{DAY[1]}", zone) for day in days)


_PATTERNS = {topic: re.compile(rf"\b(?:{'|'.join(words.split())})") for topic, words in TOPICS.items()}
