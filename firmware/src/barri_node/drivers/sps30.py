# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensirion SPS30 on I2C (SEL to ground, 5 V supply): particles PM1, PM2.5, PM4, PM10 (datasheet
of the SPS30). Its fan runs all the time, which it is made for, and cleans itself once a week of
uninterrupted supply. Imports no hardware.
"""

from micropython import const

from barri_node.drivers.sensirion import Part, float_steps
from barri_node.errors import SensorError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.ports import I2c, Readings, SleepMs

WARM_UP_MS = 30000  # section 1.1: until values are stable in clean air; in dusty air less
CLEANING_MS = 10000

_ADDRESS = const(0x69)
_START = const(0x0010)
_FLOATS = const(0x0300)
_STOP = const(0x0104)
_READY = const(0x0202)
_READ = const(0x0300)
_CLEAN = const(0x5607)
_PRODUCT_TYPE = const(0xD002)
_VERSION = const(0xD100)
_STATUS = const(0xD206)
_COMMAND_MS = const(5)
_MODE_MS = const(20)  # section 6.3: for starting and stopping
_VERSION_WITH_STATUS = const(0x0202)  # 2.2
_SPEED = const(0x20)  # in the status' first word
_FAN, _LASER = const(0x10), const(0x20)  # in its second

_SIZES = ("pm1", "pm2_5", "pm4", "pm10")


def fault_of(high: int, low: int) -> "str | None":
    """What the two words of the status register complain of (also the SEN5x's), or None."""
    if low & _FAN:
        return "its fan stands still; is it blocked?"
    if low & _LASER:
        return "its laser fails; it has to be replaced"
    return "its fan is too slow or too fast; is its supply 5 V?" if high & _SPEED else None


class Sps30(Part):
    """The driver. uptime_ms: a function, never goes back."""

    CHANNELS: "tuple[str, ...]" = _SIZES
    _NAME = "sps30"
    _PATIENCE = 20  # while it cleans itself there are no values

    def __init__(
        self,
        i2c: "I2c",
        sleep_ms: "SleepMs",
        uptime_ms: "Callable[[], int]",
        channels: "tuple[str, ...]" = CHANNELS,
    ) -> None:
        super().__init__(i2c, sleep_ms, _ADDRESS, 8, channels)
        self._uptime_ms = uptime_ms
        self._warm_at_ms = 0
        self._tells_status = False

    def clean(self) -> None:
        """Let the fan blow the dust out, 10 s. For nodes whose supply never lasts for a week;
        `measure` gives no readings until it is over. Raises OSError.
        """
        self._words.command(_CLEAN)
        self._warm_at_ms = self._uptime_ms() + CLEANING_MS + WARM_UP_MS

    async def _begin(self) -> None:
        await self._stop(_STOP, _MODE_MS)
        await self._ask(_PRODUCT_TYPE, 4, _COMMAND_MS)
        product = self._words.text(4)
        if product != "00080000":
            self._refuse("its type is '{}', which is no SPS30".format(product))
        await self._ask(_VERSION, 1, _COMMAND_MS)
        self._tells_status = self._words.word(0) >= _VERSION_WITH_STATUS
        self._words.command(_START, _FLOATS)
        await self._sleep_ms(_MODE_MS)
        self._warm_at_ms = self._uptime_ms() + WARM_UP_MS

    async def _take(self) -> "Readings | None":
        if self._uptime_ms() < self._warm_at_ms:
            return {}
        await self._ask(_READY, 1, _COMMAND_MS)
        if not self._words.word(0) & 1:
            return None
        await self._ask(_READ, 8, _COMMAND_MS)
        readings = self._masses()
        if readings["pm10"]:  # air may well have no dust for a while
            self._check_alive()
        await self._check_status()
        return readings

    def _masses(self) -> "Readings":
        """Four floats in ug/m3, in 0.1 ug/m3."""
        word = self._words.word
        return {
            name: float_steps(word(2 * at), word(2 * at + 1), 10) for at, name in enumerate(_SIZES)
        }

    async def _check_status(self) -> None:
        if not self._tells_status:
            return
        await self._ask(_STATUS, 2, _COMMAND_MS)
        fault = fault_of(self._words.word(0), self._words.word(1))
        if fault is not None:
            raise SensorError(fault)
