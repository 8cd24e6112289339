# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensirion SCD30 on I2C (SEL open or to ground): carbon dioxide, temperature, humidity (the
"Interface Description Sensirion SCD30"). Continuous measurement, a value every 2 s. It holds the
clock line down now and then, once a day for 150 ms: then a measurement is missing. It warms
itself: where another part measures temperature and humidity, leave its own out. Imports no
hardware.
"""

from micropython import const

from barri_node.drivers.sensirion import Part, float_steps

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.ports import I2c, Readings, SleepMs

_ADDRESS = const(0x61)
_START = const(0x0010)  # with the air pressure in hPa, or 0
_INTERVAL = const(0x4600)
_INTERVAL_S = const(2)
_READY = const(0x0202)
_READ = const(0x0300)
_VERSION = const(0xD100)
_ANSWER_MS = const(5)  # section 1.4: more than 3 between asking and reading
_LOWEST_HPA, _HIGHEST_HPA = const(700), const(1400)  # section 1.4.1
# The part writes each of these commands to a memory that wears, so small changes are passed over:
# 5 hPa are half a percent of the reading.
_CHANGE_HPA = const(5)


class Scd30(Part):
    """The driver. pressure: gives the newest air pressure in 0.1 hPa, or None; without it the
    part corrects for none. channels: which of CHANNELS to give.
    """

    CHANNELS: "tuple[str, ...]" = ("co2", "temperature", "humidity")
    _NAME = "scd30"

    def __init__(
        self,
        i2c: "I2c",
        sleep_ms: "SleepMs",
        pressure: "Callable[[], int | None] | None" = None,
        channels: "tuple[str, ...]" = CHANNELS,
    ) -> None:
        super().__init__(i2c, sleep_ms, _ADDRESS, 6, channels)
        self._pressure = pressure
        self._told_hpa = 0

    async def _begin(self) -> None:
        await self._ask(_VERSION, 1, _ANSWER_MS)
        if self._words.word(0) in (0, 0xFFFF):
            self._refuse("no version")
        await self._ask(_INTERVAL, 1, _ANSWER_MS)
        if self._words.word(0) != _INTERVAL_S:
            self._words.command(_INTERVAL, _INTERVAL_S)
            await self._sleep_ms(_ANSWER_MS)
        self._told_hpa = 0
        self._words.command(_START, 0)
        await self._sleep_ms(_ANSWER_MS)

    async def _take(self) -> "Readings | None":
        await self._tell_pressure()
        await self._ask(_READY, 1, _ANSWER_MS)
        if self._words.word(0) != 1:
            return None
        await self._ask(_READ, 6, _ANSWER_MS)
        self._check_alive()
        word = self._words.word
        return {
            "co2": float_steps(word(0), word(1), 1) or None,  # there is no air without any
            "temperature": float_steps(word(2), word(3), 100),
            "humidity": float_steps(word(4), word(5), 10),
        }

    async def _tell_pressure(self) -> None:
        """Tell the part about another air pressure."""
        pressure = self._pressure() if self._pressure else None
        hpa = (pressure + 5) // 10 if pressure is not None else 0
        if abs(hpa - self._told_hpa) >= _CHANGE_HPA and _LOWEST_HPA <= hpa <= _HIGHEST_HPA:
            self._words.command(_START, hpa)
            await self._sleep_ms(_ANSWER_MS)
            self._told_hpa = hpa
