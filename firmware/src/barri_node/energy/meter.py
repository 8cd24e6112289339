# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A smart meter's P1 port on a UART: what the household draws, gives, and has counted.

115200 baud 8N1, inverted (P1 Companion Standard 5.0.2); the UART's receive buffer should hold
1 kB, since it is emptied every 20 ms. Imports no hardware.
"""

from micropython import const

from barri_node.energy.p1 import MOST_TELEGRAM_BYTES, TelegramParser
from barri_node.errors import SensorError
from barri_wire.quantities import BY_NAME, plausible

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import Readings, SleepMs, Uart

_POLL_MS = const(20)
# So many lower readings in a row are not damage but another meter.
_NEW_METER_READINGS = const(3)
_COUNTERS = ("energy_import", "energy_export")


class P1Meter:
    """The driver. timeout_ms: how long to wait for a telegram (DSMR 5 sends each second, 2.2 every
    10 s). checksum_optional: accept telegrams without a checksum, as DSMR 2.2 sends them.
    """

    CHANNELS = ("energy_import", "energy_export", "power_import", "power_export", "voltage")

    def __init__(
        self,
        uart: "Uart",
        sleep_ms: "SleepMs",
        timeout_ms: int = 2500,
        checksum_optional: bool = False,
    ) -> None:
        self._uart = uart
        self._sleep_ms = sleep_ms
        self._polls = timeout_ms // _POLL_MS
        self._parser = TelegramParser(checksum_optional)
        self._buffer = bytearray(512)
        self._counted: "dict[str, int]" = {}
        self._lower_readings = dict.fromkeys(_COUNTERS, 0)
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Wait for a telegram. Raises SensorError if none comes."""
        if await self._telegram() is None:
            raise SensorError(self._silence())

    async def measure(self) -> "Readings":
        """Wait for the next telegram. Steps: 1 Wh, 1 W, 0.1 V; None for what it does not say."""
        telegram = await self._telegram()
        if telegram is None:
            self._fail(self._silence())
            return dict.fromkeys(self.CHANNELS)
        for name, value in telegram.items():
            if value is not None and not plausible(BY_NAME[name], value):
                telegram[name] = None
        for name in _COUNTERS:
            telegram[name] = self._rising(name, telegram[name])
        return telegram

    async def _telegram(self) -> "Readings | None":
        """Give the next telegram that begins after now, or None if none comes in time."""
        self._discard()
        self._parser.reset()
        for _ in range(self._polls):
            await self._sleep_ms(_POLL_MS)
            telegram = self._parser.feed(self._buffer, self._receive())
            if telegram is not None:
                return telegram
        return None

    def _discard(self) -> None:
        """Throw away what the buffer held over from before, a bounded amount of it."""
        for _ in range(2 * MOST_TELEGRAM_BYTES // len(self._buffer)):
            if not self._receive():
                return

    def _receive(self) -> int:
        """Read what is there, at most a buffer; give the number of bytes."""
        if not self._uart.any():
            return 0
        return self._uart.readinto(self._buffer) or 0

    def _rising(self, name: str, value: "int | None") -> "int | None":
        """Hold back a counter that seems to fall, until it is plain that the meter is new."""
        if value is None:
            return None
        if value >= self._counted.get(name, 0):
            self._lower_readings[name] = 0
        else:
            self._fail("p1: the counter {} fell to {} Wh".format(name, value))
            self._lower_readings[name] += 1
            if self._lower_readings[name] < _NEW_METER_READINGS:
                return None
            self._lower_readings[name] = 0
        self._counted[name] = value
        return value

    def _fail(self, fault: str) -> None:
        self.faults += 1
        self.last_fault = fault

    def _silence(self) -> str:
        if self._parser.damaged:
            return (
                "p1: {} telegrams came with a wrong or missing checksum; is the line inverted, "
                "and is the meter older than DSMR 4?".format(self._parser.damaged)
            )
        return "p1: no telegram came; check the cable and the Data Request pin"
