# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the node asks of the world and of its own parts, for the type checker and for readers.

Never on a board: modules import it under `_TYPE_CHECKING`, and the compiler leaves that out.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

from barri_node.hal_esp32 import Esp32Hal
from barri_node.hal_unix import UnixHal
from barri_node.settings import Settings

# Quantity name to an integer in the steps of the quantity table; None is no reading.
Readings = dict[str, int | None]
# A bus of `board.json`: its unit, its pins, and "inverted" for a line upside down.
Pins = dict[str, int]
# Takes one line for the serial console.
Say = Callable[[str], None]
SleepMs = Callable[[int], Awaitable[None]]

class I2c(Protocol):
    """The part of `machine.I2C` that drivers use. All raise OSError when nothing answers."""

    def writeto(self, address: int, data: bytes, /) -> object: ...
    def writeto_mem(self, address: int, register: int, data: bytearray, /) -> None: ...
    def readfrom_into(self, address: int, buffer: bytearray, /) -> None: ...
    def readfrom_mem_into(self, address: int, register: int, buffer: bytearray, /) -> None: ...

class Uart(Protocol):
    """The part of `machine.UART` that drivers use. Nothing here waits."""

    def any(self) -> int: ...
    def readinto(self, buffer: bytearray, /) -> int | None: ...
    def write(self, data: bytes, /) -> int | None: ...

class Microphone(Protocol):
    """32-bit little-endian words, 24-bit samples at the left, one after the other."""

    async def readinto(self, buffer: bytearray) -> int:
        """Wait for samples; give the number of bytes. Raises OSError."""

class Driver(Protocol):
    """What `drivers/__init__.py` says of every driver."""

    faults: int
    last_fault: str | None

    async def start(self) -> None: ...
    async def measure(self) -> Readings: ...

class Instrument(Protocol):
    """A driver and its rhythm. `run` never ends; `close` gives what a window has measured."""

    async def run(self) -> None: ...
    async def close(self, end_ms: int, duration_ms: int) -> Readings: ...

class Hal(Protocol):
    """All that touches hardware: `hal_unix.UnixHal` and `hal_esp32.Esp32Hal`."""

    NAME: str
    SIMULATED: bool

    def ticks_ms(self) -> int: ...
    def ticks_diff(self, later: int, earlier: int) -> int: ...
    async def sleep_ms(self, duration_ms: int) -> None: ...
    def i2c(self, bus: int) -> I2c: ...
    def uart(self, bus: int, baudrate: int, **options: int) -> Uart: ...
    def microphone(self, sample_rate_hz: int, whole: bool = True) -> Microphone: ...
    def settings_path(self) -> str: ...
    def mount_data(self) -> str: ...
    async def join_network(self, settings: Settings) -> None: ...
    def network_up(self) -> bool: ...
    def random_bytes(self, count: int) -> bytes: ...
    def reset_cause(self) -> str: ...
    def feed_watchdog(self) -> None: ...

# Both keep to it. Said here since mypy takes `sys.platform` in main.py as known, and skips one.
_HALS: list[type[Hal]] = [UnixHal, Esp32Hal]
