# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensirion SHT40, SHT41 and SHT45 on I2C: temperature and humidity (datasheet of the SHT4x).

One measurement of high repeatability each time; in between the part sleeps by itself, and its
heater is never used. Imports no hardware.
"""

from micropython import const

from barri_node.drivers.sensirion import Part

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import I2c, Readings, SleepMs

_MEASURE = const(0xFD)
_MEASURE_MS = const(10)  # section 3.1 says at most 8.3
_SERIAL = const(0x89)
_RESET = const(0x94)
_RESET_MS = const(2)  # at most 1


def hundredths_of_degree(word: int) -> int:
    """Section 4.6: -45 + 175 * word / 65535 degC; 0.01 degC, rounded."""
    return (17500 * word + 32767) // 65535 - 4500


def tenths_of_percent(word: int) -> int:
    """Section 4.6: -6 + 125 * word / 65535 %, cropped to 0..100 %; 0.1 %, rounded."""
    return min(max((1250 * word + 32767) // 65535 - 60, 0), 1000)


class Sht4x(Part):
    """The driver. address: 0x44; some variants have 0x45 or 0x46."""

    CHANNELS: "tuple[str, ...]" = ("temperature", "humidity")
    _NAME = "sht4x"

    def __init__(
        self,
        i2c: "I2c",
        sleep_ms: "SleepMs",
        address: int = 0x44,
        channels: "tuple[str, ...]" = CHANNELS,
    ) -> None:
        super().__init__(i2c, sleep_ms, address, 2, channels)

    async def _begin(self) -> None:
        self._words.opcode(_RESET)
        await self._sleep_ms(_RESET_MS)
        self._words.opcode(_SERIAL)
        await self._sleep_ms(1)
        self._words.receive(2)
        self._check_serial(2)

    async def _take(self) -> "Readings | None":
        self._words.opcode(_MEASURE)
        await self._sleep_ms(_MEASURE_MS)
        self._words.receive(2)
        temperature, humidity = self._words.word(0), self._words.word(1)
        self._check_alive()
        return {
            "temperature": hundredths_of_degree(temperature)
            if self._on_scale(temperature)
            else None,
            "humidity": tenths_of_percent(humidity) if self._on_scale(humidity) else None,
        }
