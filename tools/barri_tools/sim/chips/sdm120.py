# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An Eastron SDM120 at register level: binary32 values in pairs of input registers.

Modelled are the values that the World knows; others read as 0, and addresses beyond are refused.
Not modelled: holding registers, demand values, pulse outputs.
"""

import struct

from barri_tools.sim.chips.modbus import ModbusServer
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_BAUD = 2400
_MOST_REGISTERS = 80
_LAST_REGISTER = 0x0158
# Input register -> quantity, and what one unit of the World is in the meter's.
_VALUES = {
    0x0000: ("voltage", 1.0),
    0x0006: ("current", 1.0),
    0x001E: ("power_factor", 1.0),
    0x0046: ("frequency", 1.0),
    0x0048: ("energy_import", 0.001),
    0x004A: ("energy_export", 0.001),
}
_POWER = 0x000C


class Sdm120(ModbusServer):
    """The model. Where the World has no voltage there is no mains, and no answer."""

    def __init__(
        self, world: World, journal: Journal, unit: int = 1, name: str = "sdm120"
    ) -> None:
        super().__init__(_BAUD, (unit,), self._input_registers, most_registers=_MOST_REGISTERS)
        self._world = world
        self._journal = journal
        self._name = name

    def _input_registers(self, now_us: int) -> dict[int, int] | None:
        if self._world.value("voltage", now_us / 1e6) is None:
            return None
        registers = dict.fromkeys(range(_LAST_REGISTER + 2), 0)
        for register, (quantity, unit) in _VALUES.items():
            self._put(registers, register, self._truth(quantity, now_us) * unit)
        drawn, given = self._truth("power_import", now_us), self._truth("power_export", now_us)
        self._put(registers, _POWER, drawn - given)
        return registers

    def _truth(self, quantity: str, now_us: int) -> float:
        value = self._world.value(quantity, now_us / 1e6)
        self._journal.note(self._name, quantity, now_us, value)
        return value or 0.0

    def _put(self, registers: dict[int, int], register: int, value: float) -> None:
        registers[register], registers[register + 1] = struct.unpack(
            ">HH", struct.pack(">f", value)
        )
