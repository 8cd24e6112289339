# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A SHT4x at the level of its commands (Sensirion's SHT4x datasheet, section 4): temperature and
humidity. The three precisions with their longest times, the serial number, soft reset. Not
modelled: the heater, and noise but for the last bit.
"""

from barri_tools.sim.chips.sensirion import WordChip
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

# Longest durations in us (table 4 of the datasheet).
_MEASURE_US = {0xFD: 8300, 0xF6: 4500, 0xE0: 1600}
_SERIAL, _RESET = 0x89, 0x94
_START_US = 1000
_RAIL = 0xFFFF


def _word(value: float | None, low: float, span: float) -> int:
    """A physical value on a scale of 65535 steps; without one the word is at its end."""
    if value is None:
        return _RAIL
    return min(max(round((value - low) / span * 65535), 1), _RAIL - 1)


class Sht4x(WordChip):
    """The model. A quantity that the World has no value for reads as the end of its scale."""

    command_bytes = 1
    serial = (0x0F4A, 0x2B61)

    def __init__(
        self, world: World, journal: Journal, address: int = 0x44, name: str = "sht4x"
    ) -> None:
        super().__init__(world, journal, address, name)

    def _power_on(self, now_us: int) -> None:
        self._busy(now_us, _START_US)

    def _obey(self, command: int, words: list[int], now_us: int) -> None:
        if command == _SERIAL:
            self._give([*self.serial], now_us)
        elif command == _RESET:
            self._busy(now_us, _START_US)
        elif command in _MEASURE_US:
            self._busy(now_us, _MEASURE_US[command])
            self._give(self._converted(now_us), now_us)
        else:
            self._refuse()

    def _converted(self, now_us: int) -> list[int]:
        self._measured += 1
        temperature = _word(self._truth("temperature", now_us), -45, 175)
        humidity = _word(self._truth("humidity", now_us), -6, 125)
        flicker = self._flicker(temperature) if temperature != _RAIL else temperature
        return [flicker, humidity]
