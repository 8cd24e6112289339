# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An INA219 at register level (SBOS448): shunt and bus voltage, current by its own calibration.

Triggered conversions of both inputs with the datasheet's times. Not modelled: continuous modes
(they raise), the power register, the smaller ranges of the shunt's amplifier.
"""

import errno

from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_CONFIG, _SHUNT, _BUS, _CURRENT, _CALIBRATION = 0, 1, 2, 4, 5
_RESET = 0x8000
_QUANTITIES = ("supply_voltage", "supply_current")


def word(value: int) -> int:
    """Two's complement, held at the ends of sixteen bits."""
    return max(-0x8000, min(0x7FFF, value)) & 0xFFFF


class Ina219:
    """The model. shunt_ohm: of the resistor it sits on. A quantity that the World has no value for
    reads as 0. stuck: it never finishes. brown_out(): it forgets its settings.
    """

    CONFIG_AFTER_RESET = 0x399F
    CALIBRATION_FACTOR = 4096  # current = shunt * calibration / this
    SHUNT_STEP_V, SHUNT_MOST = 10e-6, 32000
    BUS_STEP_V, BUS_MOST = 4e-3, 8000
    CONVERSION_US = 2 * 68_100  # of the only settings that are modelled: 128 samples each
    TRIGGERED_BOTH, SETTINGS = 0b011, 0x7FF8

    def __init__(
        self,
        world: World,
        journal: Journal,
        address: int = 0x40,
        shunt_ohm: float = 0.1,
        name: str = "",
    ) -> None:
        self.address = address
        self._world = world
        self._journal = journal
        self._shunt_ohm = shunt_ohm
        self._name = name or type(self).__name__.lower()
        self.stuck = False
        self.brown_out()

    def brown_out(self) -> None:
        """Start with the values of power-on."""
        self._registers = dict.fromkeys(range(6), 0)
        self._registers[_CONFIG] = self.CONFIG_AFTER_RESET
        self._pointer = 0
        self._started_us = 0
        self._ends_us: int | None = None
        self._ready = self._overflow = False

    def write(self, data: bytes, now_us: int) -> None:
        """Take a register's address, or that and its word."""
        self._settle(now_us)
        if data:
            self._pointer = data[0]
        if len(data) == 3:
            self._write_register(data[0], int.from_bytes(data[1:], "big"), now_us)

    def read(self, n: int, now_us: int) -> bytes:
        """Give the word that the pointer names."""
        self._settle(now_us)
        if n != 2:
            raise OSError(errno.EIO, "registers have two bytes")
        return self._word(self._pointer).to_bytes(2, "big")

    def _word(self, register: int) -> int:
        if register == _BUS:
            return self._registers[_BUS] << 3 | self._ready << 1 | self._overflow
        return self._registers.get(register, 0)

    def _write_register(self, register: int, value: int, now_us: int) -> None:
        if register == _CALIBRATION:
            self._registers[_CALIBRATION] = self._calibration(value)
        elif register == _CONFIG and value & _RESET:
            self.brown_out()
        elif register == _CONFIG:
            self._registers[_CONFIG] = value
            self._trigger(value, now_us)

    def _calibration(self, value: int) -> int:
        """Bit 0 of the register cannot be set."""
        return value & 0xFFFE

    def _trigger(self, config: int, now_us: int) -> None:
        if config & 0b111 != self.TRIGGERED_BOTH or config & self.SETTINGS != self._settings():
            raise NotImplementedError(f"the model has no such mode: 0x{config:04x}")
        self._ready = False
        self._started_us = now_us
        self._ends_us = now_us + self.CONVERSION_US

    def _settings(self) -> int:
        """32 V, 320 mV, 128 samples each."""
        return 0x3FF8

    def _settle(self, now_us: int) -> None:
        if self._ends_us is None or now_us < self._ends_us or self.stuck:
            return
        self._ends_us = None
        self._ready = True
        truth = {name: self._world.value(name, self._started_us / 1e6) for name in _QUANTITIES}
        for quantity, value in truth.items():
            self._journal.note(self._name, quantity, self._started_us, value)
        self._convert(truth["supply_voltage"] or 0.0, (truth["supply_current"] or 0.0) / 1000)

    def _convert(self, bus_v: float, current_a: float) -> None:
        steps = round(current_a * self._shunt_ohm / self.SHUNT_STEP_V)
        shunt = max(-self.SHUNT_MOST, min(self.SHUNT_MOST, steps))
        current = int(shunt * self._registers[_CALIBRATION] / self.CALIBRATION_FACTOR)
        self._overflow = not -0x8000 <= current <= 0x7FFF
        self._registers[_SHUNT] = word(shunt)
        self._registers[_BUS] = min(self.BUS_MOST, max(0, round(bus_v / self.BUS_STEP_V)))
        self._registers[_CURRENT] = word(current)
