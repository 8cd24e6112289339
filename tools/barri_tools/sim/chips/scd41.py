# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A SCD41 at the level of its commands (Sensirion's SCD4x datasheet, chapter 3): carbon dioxide,
temperature, humidity. Idle and periodic measurement, what is refused while it measures, the buffer
that reading empties, air pressure. Not modelled: low power and single shot (unknown commands are
not acknowledged), its self-calibration, its own warmth.
"""

from barri_tools.sim.chips.sensirion import Rhythm, WordChip
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_START, _STOP, _READ, _READY = 0x21B1, 0x3F86, 0xEC05, 0xE4B8
_SERIAL, _PRESSURE = 0x3682, 0xE000
_POWER_UP_US, _STOP_US, _COMMAND_US = 30_000, 500_000, 1_000
_PERIOD_US = 5_000_000
_DEFAULT_HPA = 1013
_WHILE_MEASURING = (_STOP, _READ, _READY, _PRESSURE)


class Scd41(WordChip):
    """The model. It counts molecules, so its ppm are right only for the air pressure that it was
    told (in proportion). Without CO2 in the World it reads 0 ppm, without a temperature or a
    humidity all ones.
    """

    serial = (0xF896, 0x9F07, 0x3BBE)

    def __init__(self, world: World, journal: Journal, name: str = "scd41") -> None:
        super().__init__(world, journal, 0x62, name)

    def _power_on(self, now_us: int) -> None:
        self._rhythm = Rhythm(_PERIOD_US)
        self.told_hpa = _DEFAULT_HPA
        self._busy(now_us, _POWER_UP_US)

    def _obey(self, command: int, words: list[int], now_us: int) -> None:
        if self._rhythm.running and command not in _WHILE_MEASURING:
            self._refuse()
        if command == _START:
            self._rhythm.start(now_us)
        elif command == _STOP:
            self._rhythm.stop()
            self._busy(now_us, _STOP_US)
        elif command == _PRESSURE and len(words) == 1:
            self.told_hpa = words[0]
            self._busy(now_us, _COMMAND_US)
        else:
            self._answer_to(command, now_us)

    def _answer_to(self, command: int, now_us: int) -> None:
        if command == _SERIAL:
            self._give([*self.serial], now_us, _COMMAND_US)
        elif command == _READY:
            self._give([0x8006 if self._rhythm.ready(now_us) else 0x8000], now_us, _COMMAND_US)
        elif command == _READ and self._rhythm.ready(now_us):
            self._give(self._converted(self._rhythm.take(now_us)), now_us, _COMMAND_US)
        else:
            self._refuse()

    def _converted(self, t_us: int) -> list[int]:
        self._measured += 1
        co2 = self._truth("co2", t_us)
        temperature = self._truth("temperature", t_us)
        humidity = self._truth("humidity", t_us)
        pressure = self._world.value("pressure", t_us / 1e6) or _DEFAULT_HPA
        ppm = 0 if co2 is None else round(co2 * pressure / self.told_hpa)
        t_word = 0xFFFF if temperature is None else round((temperature + 45) * 65535 / 175)
        h_word = 0xFFFF if humidity is None else round(humidity * 65535 / 100)
        t_word = t_word if t_word == 0xFFFF else self._flicker(t_word)
        return [min(ppm, 40000), min(max(t_word, 0), 0xFFFF), min(max(h_word, 0), 0xFFFF)]
