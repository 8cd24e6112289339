# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A SEN50, SEN54 or SEN55 on I2C at the level of its commands (Sensirion's SEN5x datasheet,
section 6): particles, climate, indices. Idle and measuring, cleaning, the status register, what a
model lacks, a warm-up of the particles and a delay of the NOx index. Not modelled: measuring
without particles, the tuning of the indices (the World's indices come out as they are).
"""

from barri_tools.sim.chips.sensirion import Rhythm, WordChip, text_words
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_START, _STOP, _READY, _READ, _CLEAN = 0x0021, 0x0104, 0x0202, 0x03C4, 0x5607
_PRODUCT_NAME, _SERIAL, _STATUS = 0xD014, 0xD033, 0xD206
_START_US, _STOP_US, _COMMAND_US = 50_000, 200_000, 20_000
_POWER_UP_US = 50_000
_PERIOD_US = 1_000_000
_WARM_UP_US, _NOX_US = 30_000_000, 10_000_000
_CLEANING_US = 10_000_000
_CLEANING_BIT = 1 << 19
_UNKNOWN, _UNKNOWN_SIGNED = 0xFFFF, 0x7FFF
_SIZES = ("pm1", "pm2_5", "pm4", "pm10")
# What each model has besides particles, in the order of the answer, with the steps of a unit.
_OTHERS = (("humidity", 100), ("temperature", 200), ("voc_index", 10), ("nox_index", 10))
_HAS = {
    "SEN50": (),
    "SEN54": ("humidity", "temperature", "voc_index"),
    "SEN55": ("humidity", "temperature", "voc_index", "nox_index"),
}


class Sen5x(WordChip):
    """The model. model: SEN50, SEN54 or SEN55. status: the bits of its register, for a test to
    set. What the World has no value for is "unknown".
    """

    def __init__(
        self, world: World, journal: Journal, model: str = "SEN55", name: str = "sen5x"
    ) -> None:
        self.model = model
        self.status = 0
        super().__init__(world, journal, 0x69, name)

    def _power_on(self, now_us: int) -> None:
        self._rhythm = Rhythm(_PERIOD_US)
        self._powered_us = now_us
        self._busy(now_us, _POWER_UP_US)

    def _obey(self, command: int, words: list[int], now_us: int) -> None:
        if command == _START and not self._rhythm.running:
            self._rhythm.start(now_us)
            self._busy(now_us, _START_US)
        elif command == _STOP:  # in idle it has no effect
            self._rhythm.stop()
            self._busy(now_us, _STOP_US)
        elif command == _CLEAN and self._rhythm.running:
            self._rhythm.paused_until_us = now_us + _CLEANING_US
            self._busy(now_us, _COMMAND_US)
        else:
            self._answer_to(command, now_us)

    def _answer_to(self, command: int, now_us: int) -> None:
        if command == _PRODUCT_NAME:
            words = text_words(self.model, 16)
        elif command == _SERIAL:
            words = text_words("5A1B3C7D9E2F4A61", 16)
        elif command == _STATUS:
            cleaning = _CLEANING_BIT if now_us < self._rhythm.paused_until_us else 0
            words = [(self.status | cleaning) >> 16, self.status & 0xFFFF]
        elif command == _READY:
            words = [int(self._rhythm.ready(now_us))]
        elif command == _READ:
            words = self._newest(now_us)
        else:
            self._refuse()
        self._give(words, now_us, _COMMAND_US)

    def _newest(self, now_us: int) -> list[int]:
        if self._rhythm.since_us(now_us) < _PERIOD_US:
            return [_UNKNOWN] * 4 + [_UNKNOWN_SIGNED] * 4
        return self._values(self._rhythm.take(now_us))

    def _values(self, t_us: int) -> list[int]:
        self._measured += 1
        warmth = min(1.0, self._rhythm.since_us(t_us) / _WARM_UP_US)
        words = [self._mass(size, t_us, warmth) for size in _SIZES]
        words += [self._other(name, per_unit, t_us) for name, per_unit in _OTHERS]
        if words[4] != _UNKNOWN_SIGNED:
            words[4] = self._flicker(words[4])
        return words

    def _mass(self, size: str, t_us: int, warmth: float) -> int:
        value = self._truth(size, t_us)
        return _UNKNOWN if value is None else min(round(10 * value * warmth), _UNKNOWN - 1)

    def _other(self, name: str, per_unit: int, t_us: int) -> int:
        if name not in _HAS[self.model]:
            return _UNKNOWN_SIGNED
        value = self._truth(name, t_us)
        if value is None or (name == "nox_index" and t_us - self._powered_us < _NOX_US):
            return _UNKNOWN_SIGNED
        return round(value * per_unit) & 0xFFFF
