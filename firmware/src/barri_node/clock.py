# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's one idea of time: milliseconds of uptime always, UTC once somebody has told it.

Boards count ticks that wrap at 2**30 ms and years from 2000, PCs count otherwise; nothing outside
of this file knows. UTC is kept as an offset to uptime, so that a correction never moves uptime.
"""

import asyncio

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import Hal

_DRIFT = const(20000)  # one part in this many: twice what a board's crystal may drift (25 ppm)


class Clock:
    """Uptime and UTC ("s2000": whole seconds since 2000-01-01).

    hal gives `ticks_ms()` and `ticks_diff()`. Ask for uptime at least once in six days, so that
    a wrap is not missed; the sampler does so every window.
    """

    def __init__(self, hal: "Hal") -> None:
        self._hal = hal
        self._last_ticks = hal.ticks_ms()
        self._uptime_ms = 0
        self._utc_offset_ms: "int | None" = None
        self._within_ms = 0
        self._set_at_ms = 0

    def uptime_ms(self) -> int:
        ticks = self._hal.ticks_ms()
        self._uptime_ms += self._hal.ticks_diff(ticks, self._last_ticks)
        self._last_ticks = ticks
        return self._uptime_ms

    def uptime_s(self) -> int:
        return self.uptime_ms() // 1000

    def is_set(self) -> bool:
        return self._utc_offset_ms is not None

    def set_utc(self, s2000: int, ms: int, at_uptime_ms: int, within_ms: int) -> None:
        """Take it that UTC was `s2000` and `ms` when uptime was `at_uptime_ms`, give or take.

        A statement less certain than what the clock still knows by itself is passed over, so that
        a slow answer never shifts the windows.
        """
        drifted_ms = (at_uptime_ms - self._set_at_ms) // _DRIFT
        if self.is_set() and within_ms > self._within_ms + drifted_ms:
            return
        self._utc_offset_ms = s2000 * 1000 + ms - at_uptime_ms
        self._within_ms = within_ms
        self._set_at_ms = at_uptime_ms

    def utc_ms_at(self, uptime_ms: int) -> "int | None":
        """UTC in ms since 2000 at a moment of this boot, or None before the first sync."""
        if self._utc_offset_ms is None:
            return None
        return self._utc_offset_ms + uptime_ms

    def uptime_ms_at(self, utc_ms: int) -> int:
        """The moment of this boot at which UTC (ms since 2000) is or was so; needs a set clock."""
        return utc_ms - self._utc_offset_ms  # type: ignore[operator]  # None without a set clock

    async def sleep_until(self, uptime_ms: int) -> None:
        """Sleep to a moment of uptime; at once if it has passed."""
        while True:
            wait_ms = uptime_ms - self.uptime_ms()
            if wait_ms <= 0:
                return
            await asyncio.sleep_ms(wait_ms)
