# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Where one measuring window ends and the next begins.

Windows are aligned to UTC as soon as UTC is known; until then to the node's uptime. At the first
sync the running window ends early, at the next UTC boundary; a record says its true duration.
"""

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.clock import Clock


class Windows:
    """The running window, as moments of uptime in ms."""

    def __init__(self, clock: "Clock", length_s: int) -> None:
        self._clock = clock
        self._length_ms = length_s * 1000
        self.start_ms = clock.uptime_ms()
        self._aligned = False
        self.end_ms = self._next_end_ms()

    def _next_end_ms(self) -> int:
        utc_ms = self._clock.utc_ms_at(self.start_ms)
        if utc_ms is None:
            return self.start_ms - self.start_ms % self._length_ms + self._length_ms
        # A start a little before its boundary (the clock was corrected) belongs to that boundary.
        utc_ms += 500
        boundary_ms = utc_ms - utc_ms % self._length_ms + self._length_ms
        return self._clock.uptime_ms_at(boundary_ms)

    def align(self) -> None:
        """Take note of a clock that has been set; moves the end of the running window once."""
        if not self._aligned and self._clock.is_set():
            self._aligned = True
            self.end_ms = max(self._next_end_ms(), self._clock.uptime_ms() + 1)

    def close(self) -> "tuple[int, int, bool] | None":
        """End the running window and start the next; gives (start_s, duration_s, in_utc).

        start_s is s2000 when in_utc, else seconds of this boot's uptime. Whole seconds: a window
        shorter than half a second has no duration and gives None.
        """
        start_ms, end_ms = self.start_ms, self.end_ms
        self.start_ms = end_ms
        self.end_ms = self._next_end_ms()
        in_utc = self._clock.is_set()
        if in_utc:
            start_ms = self._clock.utc_ms_at(start_ms)  # type: ignore[assignment]  # the clock is set
            end_ms = self._clock.utc_ms_at(end_ms)  # type: ignore[assignment]  # as above
        start_s = (start_ms + 500) // 1000
        duration_s = (end_ms + 500) // 1000 - start_s
        return (start_s, duration_s, in_utc) if duration_s > 0 else None

    def next_sample_ms(self, period_ms: int, after_ms: int) -> int:
        """The next sampling moment after `after_ms`: the middles of equal parts of the window."""
        length_ms = self.end_ms - self.start_ms
        parts = max(1, length_ms // period_ms)
        part_ms = max(1, length_ms // parts)
        k = max(0, (after_ms - self.start_ms + part_ms // 2) // part_ms)
        return self.start_ms + k * part_ms + part_ms // 2
