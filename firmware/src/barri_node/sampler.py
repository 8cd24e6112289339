# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Closes one window after the other and keeps its record. Never waits for any network."""

import asyncio

from micropython import const

from barri_node.forget import forget
from barri_node.store.errors import StoreError
from barri_wire.quantities import BY_ID

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.clock import Clock
    from barri_node.ports import Besides, Instrument, Readings, Reports, Say, Shows
    from barri_node.store.ringlog import RingLog
    from barri_node.windows import Windows
    from barri_wire.schema import Schema


_FLASH_REFUSES = const(0x32)  # see `life/codes.py`
_MEMORY_SHORT = const(0x33)
_SENSOR_FAILS = const(0x21)
_NO_SOUND = const(0x22)


class Sampler:
    """Runs for ever. `on_record()` is called when a record has been kept.

    schema: the kit's channels, None if it has none. log: the ring log. besides: what else is kept
    after a window.
    """

    def __init__(
        self,
        clock: "Clock",
        windows: "Windows",
        instruments: "list[Instrument]",
        schema: "Schema | None",
        log: "RingLog",
        boot: int,
        say: "Say",
        on_record: "Callable[[], None]",
    ) -> None:
        self._clock = clock
        self._windows = windows
        self._instruments = instruments
        channels = schema.channels if schema else ()
        self._names = [BY_ID[quantity_id].name for quantity_id, _ in channels]
        self._log = log
        self._boot = boot
        self._say = say
        self._on_record = on_record
        self._aligned = asyncio.Event()
        self.besides: "list[Besides]" = []
        self.light: "Shows" = None  # type: ignore[assignment]  # the app gives it
        self._faults = 0
        self.watchdog: "Reports" = None  # type: ignore[assignment]  # the app gives it

    async def run(self) -> None:
        while True:
            self.watchdog.alive("sampler")
            await self._reach_the_end()
            try:
                await self._close()
                self._show(0)
            except StoreError as error:
                self._say("store: {!r}".format(error))
                self._show(_FLASH_REFUSES)
            except MemoryError as error:
                self._say("store: {!r}".format(error))
                self._show(_MEMORY_SHORT)
            forget("barri_wire.quantity_table")  # asked for by what has been measured first
            self._on_record()

    def _show(self, trouble: int) -> None:
        """Let the light say how this window went: of its own keeping, and of the sensors."""
        for code in (_FLASH_REFUSES, _MEMORY_SHORT):
            self.light.note(code, code == trouble)
        faults = sum([instrument.faults for instrument in self._instruments])
        self.light.note(_SENSOR_FAILS, faults > self._faults)
        self._faults = faults

    async def _reach_the_end(self) -> None:
        """Sleep to the window's end, which the first sync may move."""
        while self._clock.uptime_ms() < self._windows.end_ms:
            self._aligned.clear()
            wait_ms = self._windows.end_ms - self._clock.uptime_ms()
            try:
                await asyncio.wait_for_ms(self._aligned.wait(), wait_ms)
            except asyncio.TimeoutError:
                pass

    def align(self) -> None:
        """The clock has been set: look anew where the window ends."""
        self._windows.align()
        self._aligned.set()

    async def _close(self) -> None:
        windows = self._windows
        start_ms, end_ms = windows.start_ms, windows.end_ms
        span = windows.close()
        readings: "Readings" = {}
        for instrument in self._instruments:
            readings.update(await instrument.close(end_ms, end_ms - start_ms))
        self.light.note(_NO_SOUND, "laeq" in self._names and readings.get("laeq") is None)
        if span is None:
            return
        start_s, duration_s, in_utc = span
        # What is in the record is not told once more besides: it would count twice.
        values = tuple([readings.pop(name, None) for name in self._names])
        boot = None if in_utc else self._boot
        if values:
            self._log.append(start_s, duration_s, values, boot)
        for source in self.besides:
            for first_s, length_s, others, schema in source.records(start_s, duration_s, readings):
                self._log.append(first_s, length_s, others, boot, schema)
        self._log.flush()
