# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A SGP41 at the level of its commands (Sensirion's SGP41 datasheet, section 3): the raw signals
of its two pixels. Idle, conditioning, measuring; too long a conditioning harms it for good. Not
modelled: what humidity does to the pixels, the self-test.
"""

import math

from barri_tools.sim.chips.sensirion import WordChip
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_SERIAL, _CONDITION, _MEASURE, _HEATER_OFF = 0x3682, 0x2612, 0x2619, 0x3615
_POWER_UP_US, _COMMAND_US, _RAW_US = 600, 1_000, 50_000
_LONGEST_CONDITIONING_US = 10_000_000
_USUAL_VOC, _USUAL_NOX = 30_000, 16_000
_RAIL = 0xFFFF


def voc_raw(index: float) -> int:
    """The raw signal that makes this index in a node whose usual air spreads by 50 steps."""
    rise = _logit(index, 0.0065, 213) * 270 / 230
    return round(_USUAL_VOC - rise)


def nox_raw(index: float) -> int:
    """The raw signal that makes this index in a node that knows its usual air."""
    return round(_USUAL_NOX + _logit(index, 0.0101, 614) * 2000 / 230)


def _logit(index: float, slope: float, middle: float) -> float:
    index = min(max(index, 1.0), 499.0)
    return middle + math.log(index / (500 - index)) / slope


class Sgp41(WordChip):
    """The model. voc_index and nox_index of the World make the raw signals; where it has none the
    signal is at its end. told: humidity and temperature as last sent, in words. harmed: it was
    conditioned for more than 10 s.
    """

    serial = (0x0000, 0x0123, 0x4567)

    def __init__(self, world: World, journal: Journal, name: str = "sgp41") -> None:
        self.harmed = False
        super().__init__(world, journal, 0x59, name)

    def _power_on(self, now_us: int) -> None:
        self._conditioned_since_us: int | None = None
        self.mode = "idle"
        self.told: tuple[int, ...] = ()
        self._busy(now_us, _POWER_UP_US)

    def _acknowledge(self, now_us: int) -> None:
        since_us = self._conditioned_since_us
        if since_us is not None and now_us - since_us > _LONGEST_CONDITIONING_US:
            self.harmed = True
        super()._acknowledge(now_us)

    def _obey(self, command: int, words: list[int], now_us: int) -> None:
        if command == _SERIAL:
            self._give([*self.serial], now_us, _COMMAND_US)
        elif command == _HEATER_OFF:
            self._enter("idle", now_us)
            self._busy(now_us, _COMMAND_US)
        elif command == _CONDITION and len(words) == 2 and self.mode != "measuring":
            self._heat("conditioning", words, now_us)
        elif command == _MEASURE and len(words) == 2:
            self._heat("measuring", words, now_us)
        else:
            self._refuse()

    def _heat(self, mode: str, words: list[int], now_us: int) -> None:
        self._enter(mode, now_us)
        self.told = tuple(words)
        self._busy(now_us, _RAW_US)
        self._give(self._signals(now_us)[: 2 if mode == "measuring" else 1], now_us)

    def _enter(self, mode: str, now_us: int) -> None:
        if mode != "conditioning":
            self._conditioned_since_us = None
        elif self.mode != mode:
            self._conditioned_since_us = now_us
        self.mode = mode

    def _signals(self, now_us: int) -> list[int]:
        self._measured += 1
        voc, nox = self._truth("voc_index", now_us), self._truth("nox_index", now_us)
        return [
            _RAIL if voc is None else self._flicker(voc_raw(voc)),
            _RAIL if nox is None else self._flicker(nox_raw(nox)),
        ]
