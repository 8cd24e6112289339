# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Eastron SDM120 behind an RS485 transceiver on a UART: 2400 baud 8N1 as delivered, Modbus RTU.

MAINS: it sits in the fuse box, where an electrician has put it; only its RS485 pair leads out, see
hardware/mains-warning.md. Its values are floats, read with integers. Imports no hardware.
"""

from micropython import const

from barri_node.energy.modbus import Modbus, ModbusError, scaled_float
from barri_node.energy.monotonic import Monotonic
from barri_node.errors import SensorError
from barri_wire.quantities import BY_NAME, plausible

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.energy.monotonic import Keeper
    from barri_node.ports import Readings, SleepMs, Uart

BAUD = 2400
# Input registers, two for each value (protocol of the SDM120, table of input registers). The two
# blocks differ in length, so that a late reply is never taken for the other's.
_FIRST_BLOCK = const(0x0000)
_FIRST_REGISTERS = const(32)
_VOLTAGE = const(0x00)
_CURRENT = const(0x06)
_POWER = const(0x0C)
_POWER_FACTOR = const(0x1E)
_SECOND_BLOCK = const(0x0046)
_SECOND_REGISTERS = const(6)
_FREQUENCY = const(0)
_IMPORT = const(2)
_EXPORT = const(4)

_MODULUS_WH = const(100000000)  # five digits of kWh
_MOST_WRAP_WH = const(100000)
_MOST_RISE_WH = const(10000000)
_NEW_METER_READINGS = const(3)


def counter(keeper: "Keeper | None" = None, recorded: "int | None" = None) -> Monotonic:
    """Make a counter that outlives the meter, whose own cannot be reset."""
    return Monotonic(_MOST_RISE_WH, patience=_NEW_METER_READINGS, keeper=keeper, recorded=recorded)


class Sdm120:
    """The driver. unit: its Modbus address. imported, exported: what its counters go through."""

    CHANNELS = (
        "energy_import",
        "energy_export",
        "power_import",
        "power_export",
        "voltage",
        "current",
        "power_factor",
        "frequency",
    )

    def __init__(
        self,
        uart: "Uart",
        sleep_ms: "SleepMs",
        unit: int = 1,
        imported: "Monotonic | None" = None,
        exported: "Monotonic | None" = None,
    ) -> None:
        self._line = Modbus(uart, sleep_ms, _FIRST_REGISTERS)
        self._unit = unit
        self._imported = imported or counter()
        self._exported = exported or counter()
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Ask for a reading. Raises SensorError if none comes."""
        try:
            await self._line.read(self._unit, _SECOND_BLOCK, _SECOND_REGISTERS)
        except ModbusError as error:
            raise SensorError(_advice(error)) from error

    async def measure(self) -> "Readings":
        """Read all. Steps: 1 Wh, 1 W, 0.1 V, 1 mA, 0.001, 0.01 Hz; None for no reading."""
        readings: "Readings" = dict.fromkeys(self.CHANNELS)
        try:
            self._take_first(
                await self._line.read(self._unit, _FIRST_BLOCK, _FIRST_REGISTERS), readings
            )
            self._take_second(
                await self._line.read(self._unit, _SECOND_BLOCK, _SECOND_REGISTERS), readings
            )
        except ModbusError as error:
            self._fail(_advice(error))
        for name, value in readings.items():
            if value is not None and not plausible(BY_NAME[name], value):
                readings[name] = None
        return readings

    def _take_first(self, data: memoryview, readings: "Readings") -> None:
        readings["voltage"] = scaled_float(data, _VOLTAGE, 10)
        readings["current"] = scaled_float(data, _CURRENT, 1000)
        readings["power_factor"] = scaled_float(data, _POWER_FACTOR, 1000)
        power_w = scaled_float(data, _POWER, 1)
        if power_w is not None:
            readings["power_import"] = max(0, power_w)
            readings["power_export"] = max(0, -power_w)

    def _take_second(self, data: memoryview, readings: "Readings") -> None:
        readings["frequency"] = scaled_float(data, _FREQUENCY, 100)
        readings["energy_import"] = self._energy(data, _IMPORT, self._imported)
        readings["energy_export"] = self._energy(data, _EXPORT, self._exported)

    def _energy(self, data: memoryview, register: int, total: Monotonic) -> "int | None":
        energy_wh = scaled_float(data, register, 1000)
        if energy_wh is None or energy_wh < 0:
            return None
        gaps = total.gaps
        value = total.read(energy_wh)
        if total.off or total.gaps > gaps:
            self._fail("sdm120: the count leapt to {} Wh; is the meter new?".format(energy_wh))
        return value

    def _fail(self, fault: str) -> None:
        self.faults += 1
        self.last_fault = fault


def _advice(error: ModbusError) -> str:
    if error.silent:
        return "sdm120: no answer; are A and B swapped, and are its baud rate and address as set?"
    return "sdm120: {}".format(error)
