# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A PZEM-004T v3 (100 A, clip-on transformer) at register level: its manual's table of results.

Where the World has no voltage there is no mains, and the part is dead: it lives on it. Not
modelled: the alarm threshold, calibration, change of address.
"""

from barri_tools.sim.chips.modbus import ModbusServer
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_BAUD = 9600
_ANY_UNIT = 0xF8
_MODULUS_WH = 10_000_000
_LEAST_POWER_W = 0.4
_QUANTITIES = (
    "voltage", "current", "power_import", "energy_import", "frequency", "power_factor",
)  # fmt: skip


class Pzem004t(ModbusServer):
    """The model. Faults: those of the line, and `reset_energy`."""

    def __init__(
        self, world: World, journal: Journal, unit: int = 1, name: str = "pzem004t"
    ) -> None:
        super().__init__(_BAUD, (unit, _ANY_UNIT), self._results, most_registers=10)
        self._world = world
        self._journal = journal
        self._name = name
        self._counted_at_reset_wh = 0.0

    def reset_energy(self, now_us: int) -> None:
        """What function 0x42 does: the counter starts at zero."""
        self._counted_at_reset_wh = self._world.value("energy_import", now_us / 1e6) or 0.0

    def _results(self, now_us: int) -> dict[int, int] | None:
        truth = {name: self._world.value(name, now_us / 1e6) for name in _QUANTITIES}
        if truth["voltage"] is None:
            return None
        for name, value in truth.items():
            self._journal.note(self._name, name, now_us, value)
        given = {name: value or 0.0 for name, value in truth.items()}
        power_w = given["power_import"] if given["power_import"] >= _LEAST_POWER_W else 0.0
        energy_wh = int(given["energy_import"] - self._counted_at_reset_wh) % _MODULUS_WH
        words = [
            round(given["voltage"] * 10),
            *_low_first(round(given["current"] * 1000)),
            *_low_first(round(power_w * 10)),
            *_low_first(energy_wh),
            round(given["frequency"] * 10),
            round(given["power_factor"] * 100),
            0,
        ]
        return dict(enumerate(words))


def _low_first(value: int) -> tuple[int, int]:
    return value & 0xFFFF, value >> 16
