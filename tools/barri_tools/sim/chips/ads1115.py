# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An ADS1115 at register level (TI SBAS444), with the electrodes of two gas cells on its inputs.

Single-shot mode, all ranges and rates, the four inputs against ground, one step of noise. Not
modelled: continuous mode (it raises), differential inputs, the comparator, the general call.
"""

from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

ELECTRODES = ("no2_working", "no2_auxiliary", "o3_working", "o3_auxiliary")
_CONVERSION, _CONFIG = 0, 1
_POWER_ON = (0x0000, 0x8583, 0x8000, 0x7FFF)
_FULL_SCALE_MV = (6144.0, 4096.0, 2048.0, 1024.0, 512.0, 256.0, 256.0, 256.0)
_RATES_HZ = (8, 16, 32, 64, 128, 250, 475, 860)
_SINGLE_SHOT = 0x0100
_READY = 0x8000
_FLOATING_MV = 580.0  # about what an open input shows


class Ads1115:
    """The chip model. wiring: what is on AIN0 to AIN3; the World says in mV what it is.

    An electrode that the World has no value for is an open input. slow: how much longer than
    nominal a conversion takes (the oscillator may be 10 % off). never_ready: no conversion ends.
    frozen: conversions end, but their result stays.
    """

    def __init__(
        self,
        world: World,
        journal: Journal,
        address: int = 0x48,
        name: str = "ads1115",
        wiring: tuple[str, ...] = ELECTRODES,
    ) -> None:
        self.address = address
        self.slow = 1.1
        self.never_ready = False
        self.frozen = False
        self._world = world
        self._journal = journal
        self._name = name
        self._wiring = wiring
        self.power_on()

    def power_on(self) -> None:
        """Forget everything, as after a break of the supply."""
        self._registers = list(_POWER_ON)
        self._pointer = 0
        self._started_us = 0
        self._ends_us: int | None = None
        self._unread: tuple[str, int, float | None] | None = None

    def write(self, data: bytes, now_us: int) -> None:
        """Take the pointer, and a register's two bytes if they follow."""
        self._settle(now_us)
        if not data:
            return
        self._pointer = data[0] & 0b11
        if len(data) >= 3 and self._pointer != _CONVERSION:
            self._write_register(int.from_bytes(data[1:3], "big"), now_us)

    def read(self, n: int, now_us: int) -> bytes:
        """Give the register under the pointer, high byte first."""
        self._settle(now_us)
        if self._pointer == _CONVERSION and self._unread is not None:
            self._journal.note(self._name, *self._unread)
            self._unread = None
        return (self._registers[self._pointer].to_bytes(2, "big") + b"\xff" * n)[:n]

    def _write_register(self, value: int, now_us: int) -> None:
        if self._pointer != _CONFIG:
            self._registers[self._pointer] = value
            return
        if not value & _SINGLE_SHOT:
            raise NotImplementedError("the ADS1115 model converts one at a time only")
        self._registers[_CONFIG] = value | _READY
        if value & _READY and self._ends_us is None:
            self._registers[_CONFIG] &= ~_READY
            self._started_us = now_us
            self._ends_us = now_us + self._duration_us(value)

    def _duration_us(self, config: int) -> int:
        return round(1_000_000 / _RATES_HZ[config >> 5 & 0b111] * self.slow)

    def _settle(self, now_us: int) -> None:
        """Finish the conversion that time has completed."""
        if self._ends_us is None or now_us < self._ends_us or self.never_ready:
            return
        self._ends_us = None
        config = self._registers[_CONFIG]
        self._registers[_CONFIG] |= _READY
        if not self.frozen:
            self._registers[_CONVERSION] = self._converted(config) & 0xFFFF

    def _converted(self, config: int) -> int:
        multiplexer = config >> 12 & 0b111
        if multiplexer < 0b100:
            raise NotImplementedError("the ADS1115 model measures against ground only")
        electrode = self._wiring[multiplexer - 0b100]
        value = self._world.value(electrode, self._started_us / 1e6)
        self._unread = electrode, self._started_us, value
        millivolts = _FLOATING_MV if value is None else value
        counts = round(millivolts * 32768 / _FULL_SCALE_MV[config >> 9 & 0b111])
        return min(max(counts + self._noise(), -32768), 32767)

    def _noise(self) -> int:
        """One step up in every third conversion or so, the same for the same moment."""
        return int(self._started_us // 1000 * 2654435761 % (1 << 32) < (1 << 32) // 3)
