# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""ROHM BH1750FVI on I2C: light (datasheet of 2014.01, Rev. D).

One measurement in high-resolution mode each time, after which the part switches itself off. At
full scale it measures again with its shortest integration, for direct sun. Imports no hardware.
"""

from micropython import const

from barri_node.errors import SensorError
from barri_wire.quantities import BY_NAME, plausible

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import I2c, Readings, SleepMs

_POWER_ON = const(0x01)
_ONE_TIME_HIGH_RES = const(0x20)
_MTREG_HIGH = const(0x40)  # and its bits 7..5
_MTREG_LOW = const(0x60)  # and its bits 4..0
_MTREG_DEFAULT = const(69)
_MTREG_SHORTEST = const(31)
_LONGEST_MS = const(180)  # at the default MTreg; 120 is typical
_FULL_SCALE = const(0xFFFF)


class Bh1750:
    """The driver. address: 0x23 with ADDR low or open, 0x5C with ADDR high."""

    CHANNELS = ("light",)

    def __init__(self, i2c: "I2c", sleep_ms: "SleepMs", address: int = 0x23) -> None:
        self._i2c = i2c
        self._sleep_ms = sleep_ms
        self._address = address
        self._counts = bytearray(2)
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Check that something answers (the part has no identity). Raises SensorError."""
        try:
            self._send(_POWER_ON)
        except OSError as error:
            raise SensorError(
                "bh1750: no answer at 0x{:02x}; check power, SDA, SCL and ADDR ({})".format(
                    self._address, error
                )
            ) from error

    async def measure(self) -> "Readings":
        """Measure once. Step: 1 lx; None for no reading, and for more than 121,557 lx."""
        try:
            mtreg = _MTREG_DEFAULT
            counts = await self._measure_with(mtreg)
            if counts == _FULL_SCALE:
                mtreg = _MTREG_SHORTEST
                counts = await self._measure_with(mtreg)
        except OSError as error:
            self.faults += 1
            self.last_fault = "bh1750: no answer ({})".format(error)
            return {"light": None}
        return {"light": None if counts == _FULL_SCALE else _lux(counts, mtreg)}

    async def _measure_with(self, mtreg: int) -> int:
        self._send(_POWER_ON)
        self._send(_MTREG_HIGH | mtreg >> 5)
        self._send(_MTREG_LOW | mtreg & 0x1F)
        self._send(_ONE_TIME_HIGH_RES)
        await self._sleep_ms(-(-_LONGEST_MS * mtreg // _MTREG_DEFAULT))
        self._i2c.readfrom_into(self._address, self._counts)
        return self._counts[0] << 8 | self._counts[1]

    def _send(self, opcode: int) -> None:
        self._i2c.writeto(self._address, bytes((opcode,)))


def _lux(counts: int, mtreg: int) -> "int | None":
    """1.2 counts are 1 lx at the default MTreg, fewer in proportion; rounded to a whole lux."""
    lux = (counts * 10 * _MTREG_DEFAULT + 6 * mtreg) // (12 * mtreg)
    return lux if plausible(BY_NAME["light"], lux) else None
