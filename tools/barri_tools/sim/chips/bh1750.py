# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A BH1750FVI at the level of its opcodes (datasheet of 2014.01, Rev. D): light.

One-time and continuous high-resolution mode, the MTreg, power down. Not modelled: the
low-resolution and the half-lux modes, the DVI reset pin.
"""

import errno

from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_POWER_DOWN, _POWER_ON, _RESET = 0x00, 0x01, 0x07
_CONTINUOUS, _ONE_TIME = 0x10, 0x20
_MTREG_DEFAULT, _MTREG_LOW, _MTREG_HIGH = 69, 31, 254
_TYPICAL_US = 120_000  # at the default MTreg
_COUNTS_PER_LUX = 1.2
_FULL_SCALE = 0xFFFF


class Bh1750:
    """The model. Where the World has no light, both bytes read 0xFF: nobody pulls the line low."""

    def __init__(
        self, world: World, journal: Journal, address: int = 0x23, name: str = "bh1750"
    ) -> None:
        self.address = address
        self._world = world
        self._journal = journal
        self._name = name
        self._powered = False
        self._mtreg = _MTREG_DEFAULT
        self._counts = 0
        self._continuous = False
        self._started_us: int | None = None
        self._unread: tuple[int, float | None] | None = None

    def write(self, data: bytes, now_us: int) -> None:
        """Take one opcode a transaction."""
        self._settle(now_us)
        if len(data) != 1:
            raise OSError(errno.ENODEV, "the BH1750 takes one opcode a transaction")
        self._obey(data[0], now_us)

    def read(self, n: int, now_us: int) -> bytes:
        """Give the newest finished measurement, high byte first."""
        self._settle(now_us)
        if self._unread is not None:
            self._journal.note(self._name, "light", *self._unread)
            self._unread = None
        return (self._counts.to_bytes(2, "big") + b"\xff" * n)[:n]

    def _obey(self, opcode: int, now_us: int) -> None:
        if opcode == _POWER_DOWN:
            self._powered, self._started_us = False, None
        elif opcode == _POWER_ON:
            self._powered = True
        elif opcode == _RESET and self._powered:
            self._counts = 0
        elif opcode & 0xF8 == 0x40:
            self._mtreg = (opcode & 0x07) << 5 | self._mtreg & 0x1F
        elif opcode & 0xE0 == 0x60:
            self._mtreg = self._mtreg & 0xE0 | opcode & 0x1F
        elif opcode in (_CONTINUOUS, _ONE_TIME):
            self._powered = True
            self._continuous = opcode == _CONTINUOUS
            self._started_us = now_us

    def _duration_us(self) -> int:
        return _TYPICAL_US * self._effective_mtreg() // _MTREG_DEFAULT

    def _effective_mtreg(self) -> int:
        return min(max(self._mtreg, _MTREG_LOW), _MTREG_HIGH)

    def _settle(self, now_us: int) -> None:
        """Finish the measurement that time has completed."""
        if self._started_us is None or now_us < self._started_us + self._duration_us():
            return
        began_us = self._started_us
        if self._continuous:
            began_us += ((now_us - began_us) // self._duration_us() - 1) * self._duration_us()
            self._started_us = began_us + self._duration_us()
        else:
            self._started_us, self._powered = None, False
        value = self._world.value("light", began_us / 1e6)
        self._counts = self._converted(value)
        self._unread = began_us, value

    def _converted(self, lux: float | None) -> int:
        if lux is None:
            return _FULL_SCALE
        counts = round(lux * _COUNTS_PER_LUX * self._effective_mtreg() / _MTREG_DEFAULT)
        return min(max(counts, 0), _FULL_SCALE)
