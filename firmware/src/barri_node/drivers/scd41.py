# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensirion SCD41 (and SCD40) on I2C: carbon dioxide, temperature, humidity (SCD4x datasheet).

Periodic measurement, a value every 5 s. The part corrects itself for air pressure if it is told,
and learns fresh air by itself over a week (both its own work, and on by default). It warms itself:
where another part measures temperature and humidity, leave its own out. Imports no hardware.
"""

from micropython import const

from barri_node.drivers.sensirion import Part

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.ports import I2c, Readings, SleepMs

_ADDRESS = const(0x62)
_START = const(0x21B1)
_STOP = const(0x3F86)
_STOP_MS = const(500)
_READ = const(0xEC05)
_READY = const(0xE4B8)
_READY_BITS = const(0x07FF)
_SERIAL = const(0x3682)
_PRESSURE = const(0xE000)
_COMMAND_MS = const(2)  # section 3.4 says 1 for all of these
_LOWEST_HPA, _HIGHEST_HPA = const(700), const(1200)  # section 3.6.5


def hundredths_of_degree(word: int) -> int:
    """Section 3.5.2: -45 + 175 * word / 65535 degC; 0.01 degC, rounded."""
    return (17500 * word + 32767) // 65535 - 4500


def tenths_of_percent(word: int) -> int:
    """Section 3.5.2: 100 * word / 65535 %; 0.1 %, rounded."""
    return (1000 * word + 32767) // 65535


class Scd41(Part):
    """The driver. pressure: gives the newest air pressure in 0.1 hPa, or None; without it the
    part assumes 1013 hPa. channels: which of CHANNELS to give.
    """

    CHANNELS: "tuple[str, ...]" = ("co2", "temperature", "humidity")
    _NAME = "scd41"

    def __init__(
        self,
        i2c: "I2c",
        sleep_ms: "SleepMs",
        pressure: "Callable[[], int | None] | None" = None,
        channels: "tuple[str, ...]" = CHANNELS,
    ) -> None:
        super().__init__(i2c, sleep_ms, _ADDRESS, 3, channels)
        self._pressure = pressure
        self._told_hpa = 0

    async def _begin(self) -> None:
        await self._stop(_STOP, _STOP_MS)
        await self._ask(_SERIAL, 3, _COMMAND_MS)
        self._check_serial(3)
        self._told_hpa = 0
        self._words.command(_START)

    async def _take(self) -> "Readings | None":
        await self._tell_pressure()
        await self._ask(_READY, 1, _COMMAND_MS)
        if not self._words.word(0) & _READY_BITS:
            return None
        await self._ask(_READ, 3, _COMMAND_MS)
        self._check_alive()
        temperature = self._words.word(1)
        return {
            "co2": self._words.word(0) or None,  # there is no air without any
            "temperature": hundredths_of_degree(temperature)
            if self._on_scale(temperature)
            else None,
            "humidity": tenths_of_percent(self._words.word(2)),
        }

    async def _tell_pressure(self) -> None:
        """Tell the part about another air pressure, in whole hPa (section 3.6.5)."""
        pressure = self._pressure() if self._pressure else None
        hpa = (pressure + 5) // 10 if pressure is not None else 0
        if hpa != self._told_hpa and _LOWEST_HPA <= hpa <= _HIGHEST_HPA:
            self._words.command(_PRESSURE, hpa)
            await self._sleep_ms(_COMMAND_MS)
            self._told_hpa = hpa
