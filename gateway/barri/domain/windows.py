# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Windows of time: half-open, in Unix seconds, aligned to UTC; days also to the city's clocks.

Imports nothing of ours.
"""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86_400
CITY = "Europe/Madrid"


class Window(NamedTuple):
    """From `start_s` up to, and without, `end_s`."""

    start_s: int
    end_s: int

    @property
    def length_s(self) -> int:
        """How many seconds it has."""
        return self.end_s - self.start_s

    def overlap_s(self, start_s: int, end_s: int) -> int:
        """How many of its seconds lie in another window; 0 when none."""
        return max(0, min(self.end_s, end_s) - max(self.start_s, start_s))


def window_at(moment_s: int, length_s: int) -> Window:
    """The aligned window of that length that holds a moment."""
    start_s = moment_s - moment_s % length_s
    return Window(start_s, start_s + length_s)


def civil_day(moment_s: int) -> Window:
    """The day of the city's clocks that holds a moment: of 23, 24 or 25 hours."""
    zone = _zone()
    day = datetime.fromtimestamp(moment_s, UTC).astimezone(zone).date()
    ends = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    return Window(*(int(end.timestamp()) for end in ends))


@cache
def _zone() -> ZoneInfo:
    return ZoneInfo(CITY)  # reads a file, so not on import


def windows_of(start_s: int, duration_s: int, length_s: int) -> list[Window]:
    """The aligned windows that a record touches; none when it is longer than they are.

    A record never speaks for windows shorter than itself: that would pretend detail. So there
    are at most two.
    """
    if duration_s > length_s:
        return []
    first = window_at(start_s, length_s)
    last = window_at(start_s + duration_s - 1, length_s)
    return [first] if first == last else [first, last]


def is_regular(start_s: int, duration_s: int) -> bool:
    """Say whether a record is a whole window of its own length (not cut by a start or a sync)."""
    return DAY_S % duration_s == 0 and start_s % duration_s == 0
