# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The sound level meter at its microphone: every sample goes through it, none is kept.

A microphone that fails costs its own channels only, and is tried again.
"""

import asyncio

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.clock import Clock
    from barri_node.noise.meter import Meter
    from barri_node.ports import Microphone, Readings, Say
    from barri_node.windows import Windows

_RETRY_MS = const(30000)
_BLOCK_MS = const(20)  # one pass of the meter; longer ones would need larger buffers
_SAMPLE_BYTES = const(4)
_MOST_BUFFERED_MS = const(130)  # the DMA buffer holds 100 ms; ticks and task switches add some
_DMA_FRAMES = const(256)  # of one of the ESP32's DMA buffers
_TICKS_MS = const(2)  # what the clock's steps and a task's switch add
# I2S hands over whole DMA buffers; more than this late and the window is closed without them.
_LATEST_BLOCK_MS = const(2000)


class Listener:
    """microphone: gives blocks of samples. meter: what they go through. rate_hz: of both."""

    def __init__(
        self,
        microphone: "Microphone",
        meter: "Meter",
        rate_hz: int,
        clock: "Clock",
        windows: "Windows",
        say: "Say",
    ) -> None:
        self._microphone = microphone
        self._meter = meter
        self._rate_hz = rate_hz
        self._clock = clock
        self._windows = windows
        self._say = say
        self._buffer = bytearray(rate_hz * _BLOCK_MS // 1000 * _SAMPLE_BYTES)
        self._started_ms: "int | None" = None
        self._heard = 0
        self._end_ms: "int | None" = None  # where the window that is being closed ends
        self._levels: "Readings | None" = None  # of that window, once all its samples have come
        self._news = asyncio.Event()
        self.faults = 0

    async def run(self) -> None:
        while True:
            try:
                await self._listen()
            except (OSError, MemoryError) as error:
                self._started_ms = None
                self.faults += 1
                self._say("microphone: {!r}".format(error))
                await asyncio.sleep_ms(_RETRY_MS)

    async def _listen(self) -> None:
        view = memoryview(self._buffer)
        self._started_ms = self._clock.uptime_ms()
        self._heard = 0
        while True:
            count = await self._microphone.readinto(self._buffer) // _SAMPLE_BYTES
            self._pass_over_what_was_missed(count, 4 * count < len(self._buffer))
            before = self._samples_before_the_end(count)
            if before is not None:
                self._meter.feed(view, before * _SAMPLE_BYTES)
                self._levels = self._meter.close_window()
                self._end_ms = None
                self._news.set()
            rest = view[(before or 0) * _SAMPLE_BYTES : count * _SAMPLE_BYTES]
            self._meter.feed(rest, len(rest))
            self._heard += count

    def _pass_over_what_was_missed(self, count: int, all_read: bool) -> None:
        """When DMA buffers were lost, go on at the present; the share tells of the gap.

        all_read: a short block, so only the DMA buffer that is being filled can wait: what is
        missing beyond it was lost. It is taken to be half full.
        """
        due = self._index_at(self._clock.uptime_ms())
        missed = due - self._heard - count
        if all_read and missed > _DMA_FRAMES + self._rate_hz * _TICKS_MS // 1000:
            self._heard += missed - _DMA_FRAMES // 2
        elif missed > self._rate_hz * _MOST_BUFFERED_MS // 1000:
            self._heard += missed

    def _samples_before_the_end(self, count: int) -> "int | None":
        """How many samples of a block belong to the window that is being closed; None: no end."""
        if self._end_ms is None:
            return None
        before = max(0, self._index_at(self._end_ms) - self._heard)
        return before if before <= count else None

    def _index_at(self, uptime_ms: int) -> int:
        started_ms: int = self._started_ms  # type: ignore[assignment]  # only `_listen` asks
        return (uptime_ms - started_ms) * self._rate_hz // 1000

    async def close(self, end_ms: int, duration_ms: int) -> "Readings":
        """Wait for the samples up to the window's end, then give its levels."""
        self._levels = None
        self._end_ms = end_ms
        deadline_ms = end_ms + _LATEST_BLOCK_MS
        while self._levels is None and self._clock.uptime_ms() < deadline_ms:
            self._news.clear()
            try:
                await asyncio.wait_for_ms(self._news.wait(), _LATEST_BLOCK_MS)
            except asyncio.TimeoutError:
                break
        if self._levels is None:  # what was heard before it broke off belongs to this window
            self.faults += 1
            self._say("microphone: no sound came")
            self._end_ms = None
            self._levels = self._meter.close_window()
        return self._with_share(self._levels, duration_ms)

    def _with_share(self, levels: "Readings", duration_ms: int) -> "Readings":
        """Add how much of the window was really measured, in steps of 0.1 %."""
        samples: int = levels.pop("samples", 0)  # type: ignore[assignment]  # always counted
        whole = max(1, duration_ms * self._rate_hz // 1000)
        levels["measured_share"] = min(1000, (2000 * samples + whole) // (2 * whole))
        return levels
