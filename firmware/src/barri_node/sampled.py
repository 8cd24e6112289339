# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A driver and its rhythm: asked again and again, and closed once a window.

A sensor that fails costs its own channels only: they are "no reading", and it is tried again.
"""

import asyncio

from micropython import const

from barri_node.errors import SensorError
from barri_node.merge import Accumulator

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.clock import Clock
    from barri_node.ports import Driver, Readings, Say
    from barri_node.windows import Windows

_RETRY_MS = const(30000)


class Sampled:
    """A driver that is asked for readings every `period_ms`, in the middles of equal parts."""

    def __init__(
        self, driver: "Driver", period_ms: int, clock: "Clock", windows: "Windows", say: "Say"
    ) -> None:
        self._driver = driver
        self._period_ms = period_ms
        self._clock = clock
        self._windows = windows
        self._say = say
        self._readings = Accumulator()
        self._failed = 0

    @property
    def faults(self) -> int:
        return self._failed + self._driver.faults

    async def run(self) -> None:
        while True:
            try:
                await self._driver.start()
                await self._measure_on()
            except (SensorError, MemoryError) as error:
                self._failed += 1
                self._say("sensor: {}".format(error))
                await asyncio.sleep_ms(_RETRY_MS)

    async def _measure_on(self) -> None:
        now_ms = self._clock.uptime_ms()
        while True:
            due_ms = self._windows.next_sample_ms(self._period_ms, now_ms)
            await self._clock.sleep_until(due_ms)
            self._readings.add(await self._driver.measure())
            now_ms = max(due_ms + 1, self._clock.uptime_ms())

    async def close(self, end_ms: int, duration_ms: int) -> "Readings":
        return self._readings.close()
