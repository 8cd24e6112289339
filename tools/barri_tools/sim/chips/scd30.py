# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A SCD30 on I2C at the level of its commands (Sensirion's Interface Description SCD30): carbon
dioxide, temperature, humidity. Continuous measurement that outlives a loss of power, interval, air
pressure, the pause between asking and reading. Not modelled: clock stretching, its
self-calibration, its own warmth, altitude.
"""

from barri_tools.sim.chips.sensirion import Rhythm, WordChip, float_words
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_START, _STOP, _INTERVAL, _READY, _READ, _VERSION = (
    0x0010,
    0x0104,
    0x4600,
    0x0202,
    0x0300,
    0xD100,
)
_BOOT_US = 2_000_000
_PAUSE_US = 3_000
_DEFAULT_HPA = 1013
_DEFAULT_INTERVAL_S = 2


class Scd30(WordChip):
    """The model. Its ppm are right only for the air pressure that it was told (in proportion).
    stored: how often its own memory was written. Without CO2 in the World it reads 0 ppm, without
    a temperature or a humidity not a number.
    """

    version = 0x0342

    def __init__(self, world: World, journal: Journal, name: str = "scd30") -> None:
        self.interval_s = _DEFAULT_INTERVAL_S
        self.told_hpa = 0
        self.stored = 0
        self._continuous = False
        super().__init__(world, journal, 0x61, name)

    def _power_on(self, now_us: int) -> None:
        self._rhythm = Rhythm(self.interval_s * 1_000_000)
        self._busy(now_us, _BOOT_US)
        if self._continuous:
            self._rhythm.start(now_us + _BOOT_US)

    def _obey(self, command: int, words: list[int], now_us: int) -> None:
        if command == _START and len(words) == 1:
            self._begin(words[0], now_us)
        elif command == _STOP:
            self._continuous = False
            self._rhythm.stop()
        elif command == _INTERVAL and words:
            self.interval_s = words[0]
            self.stored += 1
            self._rhythm.period_us = self.interval_s * 1_000_000
        else:
            self._answer_to(command, now_us)

    def _begin(self, hpa: int, now_us: int) -> None:
        if hpa and not 700 <= hpa <= 1400:
            self._refuse()
        self.told_hpa = hpa
        self.stored += 1
        self._continuous = True
        if not self._rhythm.running:
            self._rhythm.start(now_us)

    def _answer_to(self, command: int, now_us: int) -> None:
        if command == _VERSION:
            words = [self.version]
        elif command == _INTERVAL:
            words = [self.interval_s]
        elif command == _READY:
            words = [int(self._rhythm.ready(now_us))]
        elif command == _READ and self._rhythm.running:
            words = self._floats(self._rhythm.take(now_us))
        else:
            self._refuse()
        self._give(words, now_us, _PAUSE_US)

    def _floats(self, t_us: int) -> list[int]:
        self._measured += 1
        pressure = self._world.value("pressure", t_us / 1e6) or _DEFAULT_HPA
        co2 = (self._truth("co2", t_us) or 0.0) * pressure / (self.told_hpa or _DEFAULT_HPA)
        words = float_words(co2)
        for name in ("temperature", "humidity"):
            value = self._truth(name, t_us)
            words += float_words(float("nan") if value is None else value)
        words[3] = self._flicker(words[3])
        return words
