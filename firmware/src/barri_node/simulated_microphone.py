# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An I2S microphone whose sound comes from a chip model outside of this process."""

import asyncio
import struct

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.hal_unix import UnixHal

_SAMPLE_BYTES = const(4)


class SimulatedMicrophone:
    """Samples become readable when simulated time has reached them, as from a DMA buffer.

    not whole: where the meter's arithmetic is slow, seven blocks of eight are lost on purpose.
    """

    def __init__(self, hal: "UnixHal", sample_rate_hz: int, whole: bool) -> None:
        self._hal = hal
        self._lost_blocks = 0 if whole else 7
        self._rate_hz = sample_rate_hz
        self._next = 0
        self._started_us = hal.now_us()

    async def readinto(self, buffer: bytearray) -> int:
        count = len(buffer) // _SAMPLE_BYTES
        ready_us = self._started_us + (self._next + count) * 1000000 // self._rate_hz
        while self._hal.now_us() < ready_us:
            await asyncio.sleep_ms((ready_us - self._hal.now_us() + 999) // 1000)
        first = self._started_us * self._rate_hz // 1000000 + self._next
        got = self._hal.ask_into(b"M" + struct.pack("<qI", first, count), buffer)
        if got is None:
            raise OSError(19)
        self._next += count + count * self._lost_blocks
        return got
