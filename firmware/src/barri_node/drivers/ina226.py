# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""TI INA226 on I2C: voltage and current of a panel or a battery, up to 36 V (SBOS547).

As the INA219, with finer steps, a fourth of its range, and a name of its own. Low voltage only,
never mains. Imports no hardware.
"""

from micropython import const

from barri_node.drivers.ina219 import Ina219
from barri_node.errors import SensorError

_REG_CONFIG = const(0)
_REG_BUS = const(2)
_REG_CALIBRATION = const(5)
_REG_MASK = const(6)
_REG_MAKER = const(0xFE)
_REG_DIE = const(0xFF)

_RESET = const(0x8000)
_MAKER = const(0x5449)  # "TI"
_DIE = const(0x226)  # the last four bits are its revision
# mean of 16 times 1.1 ms each, one shot of both: 39 ms at most
_CONFIG = const(0x4523)
_READY = const(0x0008)
_OVERFLOW = const(0x0004)
_POLL_MS = const(5)
_BUSY_POLLS = const(10)


class Ina226(Ina219):
    """The driver; its arguments are those of `Ina219`."""

    NAME = "ina226"
    CALIBRATION_UNITS = 5120000000  # 0.00512 V, in uA * uOhm
    FULL_SCALE_UV = 81920
    FULL_SCALE_WORD = 32767  # 2.5 uV a step

    def _calibration_for(self, shunt_uohm: int) -> int:
        """The calibration register (datasheet, equation 1), 15 bits."""
        return min(self.CALIBRATION_UNITS // (100 * self._step_100ua * shunt_uohm), 0x7FFF)

    async def _identify(self) -> None:
        maker, die = self._read(_REG_MAKER), self._read(_REG_DIE)
        if maker != _MAKER or die >> 4 != _DIE:
            raise SensorError(
                "ina226: the part at 0x{:02x} says 0x{:04x} 0x{:04x}, not 0x5449 0x2260".format(
                    self._address, maker, die
                )
            )
        self._write(_REG_CONFIG, _RESET)
        await self._sleep_ms(_POLL_MS)

    def _configure(self) -> None:
        self._write(_REG_CALIBRATION, self._calibration)
        self._write(_REG_CONFIG, _CONFIG)

    async def _until_ready(self) -> bool:
        """Wait for the conversion; say whether the arithmetic overflowed."""
        for _ in range(_BUSY_POLLS):
            mask = self._read(_REG_MASK)
            if mask & _READY:
                return mask & _OVERFLOW != 0
            await self._sleep_ms(_POLL_MS)
        raise SensorError("does not finish measuring")

    def _millivolts(self) -> int:
        return self._read(_REG_BUS) * 5 // 4
