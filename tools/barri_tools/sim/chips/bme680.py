# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A BME680 at register level (BST-BME680-DS001, section 5): climate and gas resistance.

Sleep and forced mode with the datasheet's durations, soft reset, one heater profile. Not modelled:
the other nine profiles, the IIR filter, SPI, noise of the counts, that the heater warms the part.
"""

import errno

from barri_tools.sim.chips.bme280_inverse import COUNTS_16_BITS, COUNTS_20_BITS, count_for
from barri_tools.sim.chips.bme680_inverse import (
    Calibration,
    fine_temperature,
    gas_counts,
    heater_c,
    humidity_percent,
    pressure_hpa,
    wait_ms,
)
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_CHIP_ID = 0x61
_FIELD, _FIELD_BYTES, _RES_HEAT, _GAS_WAIT = 0x1D, 15, 0x5A, 0x64
_CTRL_GAS_0, _CTRL_GAS_1, _CTRL_HUM, _CTRL_MEAS, _CONFIG = 0x70, 0x71, 0x72, 0x74, 0x75
_BLOCK_1, _ID, _RESET, _BLOCK_2 = 0x8A, 0xD0, 0xE0, 0xE1
_WRITABLE = {*range(0x5A, 0x6E), _CTRL_GAS_0, _CTRL_GAS_1, _CTRL_HUM, _CTRL_MEAS, _CONFIG}
_RESET_WORD = 0xB6
_START_UP_US = 2000
_NEW_DATA, _GAS_BUSY, _BUSY = 0x80, 0x40, 0x20
_GAS_VALID, _HEATER_STABLE = 0x20, 0x10
_RUN_GAS, _HEATER_OFF = 0x10, 0x08
_SKIPPED_20_BITS, _SKIPPED_16_BITS = 0x80000, 0x8000
_HOT_C, _HOT_MS = (200.0, 420.0), 30  # what a layer needs to say anything (section 3.3.5)
_QUANTITIES = ("temperature", "pressure", "humidity", "gas_resistance")


def _oversampling(code: int) -> int:
    return 0 if code == 0 else 1 << min(code - 1, 4)


class Bme680:
    """The chip model. What the World has no value for reads as skipped, or as not valid.

    heater_broken: the layer never gets hot. hangs: no measurement ever ends.
    """

    def __init__(
        self,
        world: World,
        journal: Journal,
        address: int = 0x77,
        calibration: Calibration | None = None,
        name: str = "bme680",
    ) -> None:
        self.address = address
        self.heater_broken = False
        self.hangs = False
        self._world = world
        self._journal = journal
        self._name = name
        self._calibration = calibration or Calibration()
        self._registers = bytearray(256)
        self._pointer = 0
        self._power_on(0)

    def write(self, data: bytes, now_us: int) -> None:
        """Take a register address, or pairs of address and value."""
        self._settle(now_us)
        if not data:
            return
        self._pointer = data[0]
        for at in range(0, len(data) - 1, 2):
            self._write_register(data[at], data[at + 1], now_us)

    def read(self, n: int, now_us: int) -> bytes:
        """Give registers from the address on."""
        self._settle(now_us)
        if now_us < self._ready_us and self._pointer != _ID:
            raise OSError(errno.ENODEV, "the chip is still starting")
        first = self._pointer
        self._pointer = (first + n) & 0xFF
        if first <= _FIELD + 14 and first + n > _FIELD + 2:
            self._note_reading()
        return bytes(self._registers[at & 0xFF] for at in range(first, first + n))

    def _power_on(self, now_us: int) -> None:
        block_1, block_2 = self._calibration.blocks()
        registers = self._registers
        registers[:] = bytes(256)
        registers[0x00] = self._calibration.heat_value & 0xFF
        registers[0x02] = self._calibration.heat_range << 4
        registers[0x04] = (self._calibration.range_error & 0x0F) << 4
        registers[_BLOCK_1 : _BLOCK_1 + len(block_1)] = block_1
        registers[_BLOCK_2 : _BLOCK_2 + len(block_2)] = block_2
        registers[_ID] = _CHIP_ID
        self._ready_us = now_us + _START_UP_US
        self._started_us = 0
        self._ends_us: int | None = None
        self._unread: dict[str, float | None] = {}

    def _write_register(self, register: int, value: int, now_us: int) -> None:
        if register == _RESET and value == _RESET_WORD:
            self._power_on(now_us)
        elif register in _WRITABLE:
            self._registers[register] = value
            if register == _CTRL_MEAS:
                self._set_mode(value & 0b11, now_us)

    def _set_mode(self, mode: int, now_us: int) -> None:
        if mode == 0 or self._ends_us is not None:
            return
        if mode != 1:
            raise NotImplementedError("the BME680 has sleep and forced mode only")
        self._started_us = now_us
        self._ends_us = now_us + self._duration_us()
        self._registers[_FIELD] = _BUSY | (_GAS_BUSY if self._heats() else 0)

    def _samples(self) -> tuple[int, int, int]:
        """Oversampling of temperature, pressure, humidity."""
        control = self._registers[_CTRL_MEAS]
        codes = control >> 5, control >> 2 & 0b111, self._registers[_CTRL_HUM] & 0b111
        return _oversampling(codes[0]), _oversampling(codes[1]), _oversampling(codes[2])

    def _heats(self) -> bool:
        registers = self._registers
        return bool(registers[_CTRL_GAS_1] & _RUN_GAS and not registers[_CTRL_GAS_0] & _HEATER_OFF)

    def _duration_us(self) -> int:
        duration_us = 1963 * sum(self._samples()) + 477 * 4 + 500 + 1000
        if self._heats():
            duration_us += 477 * 5 + 1000 * wait_ms(self._registers[_GAS_WAIT])
        return duration_us

    def _settle(self, now_us: int) -> None:
        if self._ends_us is not None and now_us >= self._ends_us and not self.hangs:
            self._ends_us = None
            self._registers[_CTRL_MEAS] &= ~0b11
            self._latch()

    def _latch(self) -> None:
        """Convert the World as it was when the measurement began."""
        truth = {q: self._world.value(q, self._started_us / 1e6) for q in _QUANTITIES}
        samples = dict(zip(_QUANTITIES, self._samples(), strict=False))
        for quantity, count in samples.items():
            if not count or truth["temperature"] is None:
                truth[quantity] = None
        field = bytearray(_FIELD_BYTES)
        field[0] = _NEW_DATA
        field[2:8], field[8:10] = self._climate(truth)
        field[13:15] = self._gas(truth)
        self._registers[_FIELD : _FIELD + _FIELD_BYTES] = field
        self._unread = truth

    def _climate(self, truth: dict[str, float | None]) -> tuple[bytes, bytes]:
        """Pressure and temperature in three bytes each; humidity in two."""
        words, (celsius, hpa, percent, _) = self._calibration, truth.values()
        adc_t, adc_p, adc_h, fine = _SKIPPED_20_BITS, _SKIPPED_20_BITS, _SKIPPED_16_BITS, 0.0
        if celsius is not None:
            fine = celsius * 5120.0
            adc_t = count_for(lambda c: fine_temperature(words, c), fine, COUNTS_20_BITS)
            fine = fine_temperature(words, adc_t)
        if hpa is not None:
            adc_p = count_for(
                lambda c: pressure_hpa(words, c, fine), hpa, COUNTS_20_BITS, falling=True
            )
        if percent is not None:
            adc_h = count_for(lambda c: humidity_percent(words, c, fine), percent, COUNTS_16_BITS)
        both = (adc_p << 4).to_bytes(3, "big") + (adc_t << 4).to_bytes(3, "big")
        return both, adc_h.to_bytes(2, "big")

    def _gas(self, truth: dict[str, float | None]) -> bytes:
        """Ten bits, two flags, the range."""
        ohm = truth["gas_resistance"] if self._heats() else None
        truth["gas_resistance"] = ohm if self._is_hot(truth["temperature"]) else None
        if ohm is None:
            return bytes(2)
        count, gas_range = gas_counts(self._calibration, ohm)
        stable = _HEATER_STABLE if truth["gas_resistance"] is not None else 0
        return (count << 6 | _GAS_VALID | stable | gas_range).to_bytes(2, "big")

    def _is_hot(self, ambient_c: float | None) -> bool:
        registers = self._registers
        reached_c = heater_c(self._calibration, registers[_RES_HEAT], ambient_c or 25.0)
        hot = _HOT_C[0] <= reached_c <= _HOT_C[1] and not self.heater_broken
        return hot and wait_ms(registers[_GAS_WAIT]) >= _HOT_MS

    def _note_reading(self) -> None:
        """A measurement counts as given out when its registers are first read."""
        for quantity, value in self._unread.items():
            self._journal.note(self._name, quantity, self._started_us, value)
        self._unread = {}
