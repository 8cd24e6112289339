# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A tick counter that moves only when told, and wraps as a board's does. On both interpreters.

CPython's asyncio has no `sleep_ms`: `Ticks.run` lends it one that lets these ticks pass.
"""

import asyncio

PERIOD = 1 << 30  # MicroPython on 32-bit boards: ticks are 30 bits


class Ticks:
    """The part of a hal that the clock needs. early: sleeps end so many ms too soon."""

    def __init__(self, at=0, early=0):
        self.now = at
        self.early = early
        self.slept = []

    def ticks_ms(self):
        return self.now % PERIOD

    def ticks_diff(self, later, earlier):
        return (later - earlier + PERIOD // 2) % PERIOD - PERIOD // 2

    async def _sleep_ms(self, duration_ms):
        self.slept.append(duration_ms)
        self.now += max(1, duration_ms - self.early)

    def run(self, coroutine):
        """Run a coroutine whose every sleep lets ticks pass."""
        lent = getattr(asyncio, "sleep_ms", None)
        asyncio.sleep_ms = self._sleep_ms
        try:
            return asyncio.run(coroutine)
        finally:
            if lent is None:
                del asyncio.sleep_ms
            else:
                asyncio.sleep_ms = lent


class Uptime:
    """A clock of which a test says all: uptime, and UTC as an offset to it or None."""

    def __init__(self, at_ms=0):
        self.now_ms = at_ms
        self.offset_ms = None

    def uptime_ms(self):
        return self.now_ms

    def is_set(self):
        return self.offset_ms is not None

    def utc_ms_at(self, uptime_ms):
        return None if self.offset_ms is None else self.offset_ms + uptime_ms

    def uptime_ms_at(self, utc_ms):
        return utc_ms - self.offset_ms
