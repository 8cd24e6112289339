# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""PZEM-004T v3 with a clip-on transformer, on a UART: 9600 baud 8N1, Modbus RTU.

MAINS: its terminals carry mains and it works in a closed box only, wired by an electrician; see
hardware/mains-warning.md. It is fed by the mains it measures: no mains, no answer. Imports no
hardware.
"""

from micropython import const

from barri_node.energy.modbus import Modbus, ModbusError, word
from barri_node.energy.monotonic import Monotonic
from barri_node.errors import SensorError
from barri_wire.quantities import BY_NAME, plausible

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.energy.monotonic import Keeper
    from barri_node.ports import Readings, SleepMs, Uart

BAUD = 9600
# The address that every part answers to: there is one part on the line.
ANY_UNIT = 0xF8
_REGISTERS = const(10)
# Voltage 0.1 V; current 1 mA and power 0.1 W and energy 1 Wh, low word first; frequency 0.1 Hz;
# power factor 0.01; alarm (manual of the v3, table 1).
_VOLTAGE = const(0)
_CURRENT = const(1)
_POWER = const(3)
_ENERGY = const(5)
_FREQUENCY = const(7)
_POWER_FACTOR = const(8)

_MODULUS_WH = const(10000000)  # 9999.999 kWh
_MOST_WRAP_WH = const(100000)  # four hours at the most that it measures


def counter(keeper: "Keeper | None" = None, recorded: "int | None" = None) -> Monotonic:
    """Make a counter that survives the part's wrap and its reset."""
    return Monotonic(
        _MODULUS_WH, _MODULUS_WH, _MOST_WRAP_WH, from_zero=True, keeper=keeper, recorded=recorded
    )


def _long(data: memoryview, register: int) -> int:
    return word(data, register + 1) << 16 | word(data, register)


class Pzem004t:
    """The driver. imported: what its counter goes through."""

    CHANNELS = (
        "energy_import",
        "power_import",
        "voltage",
        "current",
        "power_factor",
        "frequency",
    )

    def __init__(
        self,
        uart: "Uart",
        sleep_ms: "SleepMs",
        unit: int = ANY_UNIT,
        imported: "Monotonic | None" = None,
    ) -> None:
        self._line = Modbus(uart, sleep_ms, _REGISTERS)
        self._unit = unit
        self._imported = imported or counter()
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Ask for a reading. Raises SensorError if none comes."""
        try:
            await self._line.read(self._unit, 0, _REGISTERS)
        except ModbusError as error:
            raise SensorError(_advice(error)) from error

    async def measure(self) -> "Readings":
        """Read all. Steps: 1 Wh, 1 W, 0.1 V, 1 mA, 0.001, 0.01 Hz; None for no reading."""
        try:
            data = await self._line.read(self._unit, 0, _REGISTERS)
        except ModbusError as error:
            self._fail(_advice(error))
            return dict.fromkeys(self.CHANNELS)
        readings: "Readings" = {
            "energy_import": self._energy(_long(data, _ENERGY)),
            "power_import": (_long(data, _POWER) + 5) // 10,
            "voltage": word(data, _VOLTAGE),
            "current": _long(data, _CURRENT),
            "power_factor": word(data, _POWER_FACTOR) * 10,
            "frequency": word(data, _FREQUENCY) * 10,
        }
        for name, value in readings.items():
            if value is not None and not plausible(BY_NAME[name], value):
                readings[name] = None
        return readings

    def _energy(self, energy_wh: int) -> "int | None":
        gaps = self._imported.gaps
        if energy_wh >= _MODULUS_WH:
            self._fail("pzem004t: a count of {} Wh cannot be".format(energy_wh))
            return None
        total = self._imported.read(energy_wh)
        if self._imported.gaps > gaps:
            self._fail("pzem004t: the count was set back to {} Wh".format(energy_wh))
        return total

    def _fail(self, fault: str) -> None:
        self.faults += 1
        self.last_fault = fault


def _advice(error: ModbusError) -> str:
    if error.silent:
        return "pzem004t: no answer; has it mains, and are its 5 V and both data wires right?"
    return "pzem004t: {}".format(error)
