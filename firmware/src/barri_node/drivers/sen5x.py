# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensirion SEN50, SEN54 and SEN55 on I2C (SEL to ground, 5 V supply): particles, and by model
temperature, humidity and the indices of VOC and NOx, which the part reckons itself (datasheet of
the SEN5x). It cleans its fan once a week of uninterrupted supply. Imports no hardware.
"""

from micropython import const

from barri_node.drivers.sensirion import Part
from barri_node.drivers.sps30 import CLEANING_MS, WARM_UP_MS, fault_of

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.ports import I2c, Readings, SleepMs

_ADDRESS = const(0x69)
_START = const(0x0021)
_START_MS = const(50)
_STOP = const(0x0104)
_STOP_MS = const(200)
_READY = const(0x0202)
_READ = const(0x03C4)
_CLEAN = const(0x5607)
_PRODUCT_NAME = const(0xD014)
_STATUS = const(0xD206)
_COMMAND_MS = const(20)
_MODELS = ("SEN50", "SEN54", "SEN55")

_UNKNOWN, _UNKNOWN_SIGNED = const(0xFFFF), const(0x7FFF)
_CLEANING = const(0x08)  # in the status' first word
_RHT, _GAS = const(0x40), const(0x80)  # in its second

_PARTICLES = ("pm1", "pm2_5", "pm4", "pm10")
_CLIMATE = ("temperature", "humidity")
_INDICES = ("voc_index", "nox_index")


class Sen5x(Part):
    """The driver. uptime_ms: never goes back. channels: which of CHANNELS to give; those that a
    model lacks are always None. model: "SEN50", "SEN54" or "SEN55" once it has started.
    """

    CHANNELS: "tuple[str, ...]" = _PARTICLES + _CLIMATE + _INDICES
    _NAME = "sen5x"
    _PATIENCE = 20  # while it cleans itself there may be no values

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
        self.model = ""

    def clean(self) -> None:
        """Let the fan blow the dust out, 10 s; no particles until it is over. Raises OSError."""
        self._words.command(_CLEAN)
        self._warm_at_ms = self._uptime_ms() + CLEANING_MS + WARM_UP_MS

    async def _begin(self) -> None:
        await self._ask(_PRODUCT_NAME, 3, _COMMAND_MS)
        name = self._words.text(3)
        if name not in _MODELS:
            self._refuse("its name is '{}', which is no SEN5x".format(name))
        again = self.model == name  # it was started before, and gives no values any more
        self.model = name
        if again or not await self._measuring():
            await self._stop(_STOP, _STOP_MS)
            self._words.command(_START)
            await self._sleep_ms(_START_MS)
        self._warm_at_ms = self._uptime_ms() + WARM_UP_MS

    async def _measuring(self) -> bool:
        """Whether it has gone on through a restart of the node: then its indices are not lost."""
        await self._ask(_READ, 8, _COMMAND_MS)
        return self._words.word(0) != _UNKNOWN

    async def _take(self) -> "Readings | None":
        await self._ask(_READY, 1, _COMMAND_MS)
        if not self._words.word(0) & 1:
            return None
        await self._ask(_READ, 8, _COMMAND_MS)
        readings = self._values()
        if readings["humidity"] is not None:  # dust alone, in tenths, may well stand still
            self._check_alive()
        if self._uptime_ms() < self._warm_at_ms:
            _forget(readings, _PARTICLES)
        await self._heed_status(readings)
        return readings

    def _values(self) -> "Readings":
        """Section 6.1.5: 0.1 ug/m3, 0.01 %, 1/200 degC, tenths of an index point."""
        readings: "Readings" = {}
        for at, name in enumerate(_PARTICLES):
            mass = self._words.word(at)
            readings[name] = None if mass == _UNKNOWN else mass
        readings["humidity"] = self._rounded(4, 10)
        readings["temperature"] = self._rounded(5, 2)
        readings["voc_index"] = self._rounded(6, 10)
        readings["nox_index"] = self._rounded(7, 10)
        return readings

    def _rounded(self, at: int, divisor: int) -> "int | None":
        value = self._words.signed(at)
        return None if value == _UNKNOWN_SIGNED else (value + divisor // 2) // divisor

    async def _heed_status(self, readings: "Readings") -> None:
        """What the part says it cannot measure is no reading, and the rest stays."""
        await self._ask(_STATUS, 2, _COMMAND_MS)
        high, low = self._words.word(0), self._words.word(1)
        fault = fault_of(high, low)
        if fault is not None or high & _CLEANING:
            _forget(readings, _PARTICLES)
        if low & _RHT:
            _forget(readings, _CLIMATE)
            fault = "its humidity sensor fails"
        if low & _GAS:
            _forget(readings, _INDICES)
            fault = "its gas sensor fails"
        if fault is not None:
            self._note(fault)


def _forget(readings: "Readings", names: "tuple[str, ...]") -> None:
    for name in names:
        readings[name] = None
