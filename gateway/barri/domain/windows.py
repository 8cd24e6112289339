# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Windows of time: half-open, in Unix seconds, aligned to UTC. Imports nothing."""

from typing import NamedTuple

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86_400


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
