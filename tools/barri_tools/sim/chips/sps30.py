# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A SPS30 on I2C at the level of its commands (Sensirion's SPS30 datasheet, section 6): particles.
Idle and measuring, floats, the fan's cleaning, the status register, and a warm-up in which the
numbers are too low, so that a driver that does not wait shows. Not modelled: the integer format,
sleep, the weekly cleaning by itself; the counts of particles follow the mass roughly.
"""

from barri_tools.sim.chips.sensirion import Rhythm, WordChip, float_words, text_words
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_START, _STOP, _READY, _READ, _CLEAN = 0x0010, 0x0104, 0x0202, 0x0300, 0x5607
_PRODUCT_TYPE, _SERIAL, _VERSION, _STATUS, _RESET = 0xD002, 0xD033, 0xD100, 0xD206, 0xD304
_FLOATS = 0x0300
_MODE_US, _CLEAN_US, _RESET_US = 20_000, 5_000, 100_000
_PERIOD_US = 1_000_000
WARM_UP_US = 30_000_000
CLEANING_US = 10_000_000
SIZES = ("pm1", "pm2_5", "pm4", "pm10")


class Sps30(WordChip):
    """The model. status: the 32 bits of its register, for a test to set. version: of its firmware;
    before 2.2 it has no status. A size that the World has no value for is not a number.
    """

    def __init__(self, world: World, journal: Journal, name: str = "sps30") -> None:
        self.status = 0
        self.version = 0x0202
        super().__init__(world, journal, 0x69, name)

    def _power_on(self, now_us: int) -> None:
        self._rhythm = Rhythm(_PERIOD_US)
        self._busy(now_us, _RESET_US)

    def _obey(self, command: int, words: list[int], now_us: int) -> None:
        if command == _START and words == [_FLOATS] and not self._rhythm.running:
            self._rhythm.start(now_us)
            self._busy(now_us, _MODE_US)
        elif command == _STOP and self._rhythm.running:
            self._rhythm.stop()
            self._busy(now_us, _MODE_US)
        elif command == _CLEAN and self._rhythm.running:
            self._rhythm.paused_until_us = now_us + CLEANING_US
            self._busy(now_us, _CLEAN_US)
        elif command == _RESET:
            self.power_cycle(now_us)
        else:
            self._answer_to(command, now_us)

    def _answer_to(self, command: int, now_us: int) -> None:
        if command == _PRODUCT_TYPE:
            self._give(text_words("00080000", 4), now_us)
        elif command == _SERIAL:
            self._give(text_words("5A1B3C7D9E2F4A60", 16), now_us)
        elif command == _VERSION:
            self._give([self.version], now_us)
        elif command == _STATUS and self.version >= 0x0202:
            self._give([self.status >> 16, self.status & 0xFFFF], now_us)
        elif command == _READY:
            self._give([int(self._rhythm.ready(now_us))], now_us)
        elif command == _READ and self._rhythm.running:
            self._give(self._floats(now_us), now_us)
        else:
            self._refuse()

    def _floats(self, now_us: int) -> list[int]:
        """Four masses, five counts, the typical size."""
        moment_us = self._rhythm.take(now_us)
        self._measured += 1
        warmth = min(1.0, self._rhythm.since_us(moment_us) / WARM_UP_US)
        masses = [self._mass(size, moment_us) * warmth for size in SIZES]
        words = [word for mass in masses for word in float_words(mass)]
        words[1] = self._flicker(words[1])
        counts = [7.0 * masses[1]] * 5
        return words + [word for number in (*counts, 0.6) for word in float_words(number)]

    def _mass(self, size: str, t_us: int) -> float:
        value = self._truth(size, t_us)
        return float("nan") if value is None else value
