# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Maxim MAX17048 on I2C: the charge of one lithium cell (datasheet 19-6171).

The part models the cell by itself; the driver reads its result. Imports no hardware.
"""

from micropython import const

from barri_node.errors import SensorError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import I2c, Readings

_ADDRESS = const(0x36)
_REG_VCELL = const(0x02)
_REG_SOC = const(0x04)
_REG_VERSION = const(0x08)
_VERSION_FAMILY = const(0x0010)  # 0x001_; the last digit is the production version
_NO_READING = const(0xFFFF)
# A full cell reads a little over 100 % at times; much more is no charge but a fault.
_MOST_PERCENT = const(105)


class Max17048:
    """The driver."""

    CHANNELS = ("battery",)

    def __init__(self, i2c: "I2c") -> None:
        self._i2c = i2c
        self._word = bytearray(2)
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Check the part's version. Raises SensorError if it is absent or another."""
        try:
            version = self._read(_REG_VERSION)
        except OSError as error:
            raise SensorError(
                "max17048: no answer at 0x36; it lives on the cell: is one connected? ({})".format(
                    error
                )
            ) from error
        if version & 0xFFF0 != _VERSION_FAMILY:
            raise SensorError("max17048: the part at 0x36 says 0x{:04x}".format(version))

    async def measure(self) -> "Readings":
        """Read the state of charge. Step: 1 %; None for no reading."""
        soc = self._read_or_none(_REG_SOC)  # 1/256 %
        if soc is None:
            return {"battery": None}
        percent = (soc + 128) >> 8
        return {"battery": min(percent, 100) if percent <= _MOST_PERCENT else None}

    def cell_mv(self) -> "int | None":
        """Give the cell's voltage in mV (78.125 uV a step), or None for no reading."""
        steps = self._read_or_none(_REG_VCELL)
        return None if steps is None else (steps * 5 + 32) >> 6

    def _read_or_none(self, register: int) -> "int | None":
        try:
            word = self._read(register)
        except OSError as error:
            self.faults += 1
            self.last_fault = "max17048: no answer ({})".format(error)
            return None
        return None if word == _NO_READING else word

    def _read(self, register: int) -> int:
        self._i2c.readfrom_mem_into(_ADDRESS, register, self._word)
        return self._word[0] << 8 | self._word[1]
