# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A MAX17048 fuel gauge at register level (datasheet 19-6171): a lithium cell's charge.

VCELL, SOC, MODE, VERSION, HIBRT and CONFIG. The cell's voltage follows its charge along a plain
curve. Not modelled: alerts, hibernation, the rate of charge, sending the part to sleep.
"""

from itertools import pairwise

from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_VCELL, _SOC, _MODE, _VERSION, _HIBRT, _CONFIG, _COMMAND = 0x02, 0x04, 0x06, 0x08, 0x0A, 0x0C, 0xFE
_UV_A_STEP = 78.125
_NO_READING = 0xFFFF
# Charge in % and open-circuit voltage in V of an ordinary lithium cell at rest.
_CURVE = ((0, 3.30), (5, 3.55), (20, 3.70), (50, 3.83), (80, 4.03), (100, 4.19))


def cell_volts(percent: float) -> float:
    """Give the voltage of a resting cell, by straight lines between the points of its curve."""
    percent = min(max(percent, 0.0), 100.0)
    for (low, low_v), (high, high_v) in pairwise(_CURVE):
        if percent <= high:
            return low_v + (high_v - low_v) * (percent - low) / (high - low)
    return _CURVE[-1][1]


class Max17048:
    """The model. Where the World has no battery, charge and voltage read as all ones."""

    address = 0x36

    def __init__(self, world: World, journal: Journal, name: str = "max17048") -> None:
        self._world = world
        self._journal = journal
        self._name = name
        self._pointer = 0
        self._settings = {_MODE: 0x0000, _HIBRT: 0x8030, _CONFIG: 0x971C}

    def write(self, data: bytes, now_us: int) -> None:
        """Take a register address and, for the registers that can be set, a 16-bit word."""
        if not data:
            return
        self._pointer = data[0]
        if len(data) == 3 and data[0] in self._settings:
            self._settings[data[0]] = data[1] << 8 | data[2]

    def read(self, n: int, now_us: int) -> bytes:
        """Give 16-bit registers from the address on, high byte first."""
        registers = range(self._pointer, self._pointer + n, 2)
        words = [self._register(at, now_us).to_bytes(2, "big") for at in registers]
        return b"".join(words)[:n]

    def _register(self, register: int, now_us: int) -> int:
        if register == _VERSION:
            return 0x0012
        if register in (_VCELL, _SOC):
            return self._gauge(register, now_us)
        return self._settings.get(register, 0)

    def _gauge(self, register: int, now_us: int) -> int:
        percent = self._world.value("battery", now_us / 1e6)
        if register == _SOC:
            self._journal.note(self._name, "battery", now_us, percent)
        if percent is None:
            return _NO_READING
        if register == _SOC:
            return min(round(percent * 256), _NO_READING - 1)
        return round(cell_volts(percent) * 1e6 / _UV_A_STEP)
