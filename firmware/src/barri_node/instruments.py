# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Instruments: a driver plus its rhythm. Each runs as a task and is closed once a window.

A sensor that fails costs its own channels only: they are "no reading", and it is tried again.
"""

import asyncio

from barri_node.errors import SensorError
from barri_node.merge import Accumulator

_RETRY_MS = 30000
_BLOCK_MS = 50
_SAMPLE_BYTES = 4
# I2S hands over whole DMA buffers; more than this late and the window is closed without them.
_LATEST_BLOCK_MS = 2000


class Sampled:
    """A driver that is asked for readings every `period_ms`, in the middles of equal parts."""

    def __init__(self, driver, period_ms, clock, windows, say):
        self._driver = driver
        self._period_ms = period_ms
        self._clock = clock
        self._windows = windows
        self._say = say
        self._readings = Accumulator()

    async def run(self):
        while True:
            try:
                await self._driver.start()
                await self._measure_on()
            except SensorError as error:
                self._say("sensor: {}".format(error))
                await asyncio.sleep_ms(_RETRY_MS)

    async def _measure_on(self):
        now_ms = self._clock.uptime_ms()
        while True:
            due_ms = self._windows.next_sample_ms(self._period_ms, now_ms)
            await self._clock.sleep_until(due_ms)
            self._readings.add(await self._driver.measure())
            now_ms = max(due_ms + 1, self._clock.uptime_ms())

    async def close(self, end_ms, duration_ms):
        return self._readings.close()


class Noise:
    """The sound level meter: every sample of the microphone goes through it, none is kept."""

    def __init__(self, microphone, meter, rate_hz, clock, windows, say):
        self._microphone = microphone
        self._meter = meter
        self._rate_hz = rate_hz
        self._clock = clock
        self._windows = windows
        self._say = say
        self._buffer = bytearray(rate_hz * _BLOCK_MS // 1000 * _SAMPLE_BYTES)
        self._started_ms = None
        self._heard = 0
        self._closed = []
        self._news = asyncio.Event()

    async def run(self):
        while True:
            try:
                await self._listen()
            except OSError as error:
                self._started_ms = None
                self._say("microphone: {!r}".format(error))
                await asyncio.sleep_ms(_RETRY_MS)

    async def _listen(self):
        view = memoryview(self._buffer)
        self._started_ms = self._clock.uptime_ms()
        self._heard = 0
        end_ms = self._windows.end_ms
        while True:
            count = await self._microphone.readinto(self._buffer) // _SAMPLE_BYTES
            if not self._closed:
                end_ms = self._windows.end_ms
            before = self._index_at(end_ms) - self._heard
            if 0 <= before <= count:
                self._meter.feed(view[: before * _SAMPLE_BYTES], before * _SAMPLE_BYTES)
                self._closed.append((end_ms, self._meter.close_window()))
                del self._closed[:-2]
                self._news.set()
            else:
                before = 0
            rest = view[before * _SAMPLE_BYTES : count * _SAMPLE_BYTES]
            self._meter.feed(rest, len(rest))
            self._heard += count

    def _index_at(self, uptime_ms):
        return (uptime_ms - self._started_ms) * self._rate_hz // 1000

    async def close(self, end_ms, duration_ms):
        """Wait for the samples up to the window's end, then give its levels."""
        deadline_ms = end_ms + _LATEST_BLOCK_MS
        while self._started_ms is not None and self._clock.uptime_ms() < deadline_ms:
            if self._closed and self._closed[0][0] >= end_ms:
                return self._levels(self._closed.pop(0)[1], duration_ms)
            self._news.clear()
            try:
                await asyncio.wait_for_ms(self._news.wait(), _LATEST_BLOCK_MS)
            except asyncio.TimeoutError:
                break
        return {}

    def _levels(self, levels, duration_ms):
        """Add how much of the window was really measured, in steps of 0.1 %."""
        samples = levels.pop("samples")
        whole = max(1, duration_ms * self._rate_hz // 1000)
        levels["measured_share"] = min(1000, (2000 * samples + whole) // (2 * whole))
        return levels
