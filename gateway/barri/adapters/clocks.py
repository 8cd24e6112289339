# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The clocks a gateway can run on: the machine's, or the simulated one of a demo."""

import asyncio
import ctypes
import mmap
import struct
import time
from pathlib import Path

from barri.errors import ConfigError

_UTC_US = struct.Struct("<q")
_TIME_ERROR = 5  # adjtimex's answer while the kernel's clock is not synchronised


class SystemClock:
    """The machine's clock. It is trusted once the kernel says that it is synchronised.

    trusted: take it as synchronised whatever the kernel says (an operator's setting for machines
    whose clock is kept by other means, such as a GPS daemon or a virtual machine's host).
    """

    def __init__(self, trusted: bool = False) -> None:
        self._trusted = trusted

    def now_s(self) -> int:
        return int(time.time())

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def synchronised(self) -> bool:
        return self._trusted or _kernel_says_synchronised()


def _kernel_says_synchronised() -> bool:
    """Ask adjtimex(2) without changing anything (modes 0)."""
    libc = ctypes.CDLL(None, use_errno=True)
    timex = (ctypes.c_long * 64)()
    state: int = libc.adjtimex(ctypes.byref(timex))
    return 0 <= state < _TIME_ERROR


class FileClock:
    """Simulated time, read from a small file that the demo keeps: UTC in microseconds, 8 bytes.

    speed: simulated seconds a real second, to turn sleeps into real ones.
    """

    def __init__(self, path: Path, speed: float) -> None:
        self._speed = speed
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), _UTC_US.size, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise ConfigError(
                "clock file", f"{path} cannot be read: start the demo first"
            ) from error

    def _utc_us(self) -> int:
        utc_us: int = _UTC_US.unpack(self._map[:])[0]
        return utc_us

    def now_s(self) -> int:
        return self._utc_us() // 1_000_000

    def now_ms(self) -> int:
        return self._utc_us() // 1000

    def monotonic_s(self) -> float:
        return self._utc_us() / 1e6

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)

    def synchronised(self) -> bool:
        return True
