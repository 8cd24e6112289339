# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A BME280 at register level (BST-BME280-DS002, section 5): temperature, humidity, pressure.

Sleep and forced mode with the datasheet's conversion times, soft reset, latched (shadowed) data
registers. Not modelled: normal mode (it raises), the IIR filter, SPI, noise of the counts.
"""

import errno

from barri_tools.sim.chips.bme280_inverse import (
    COUNTS_16_BITS,
    COUNTS_20_BITS,
    Calibration,
    count_for,
    fine_temperature,
    humidity_percent,
    pressure_hpa,
)
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

_CHIP_ID = 0x60
_BLOCK_1, _ID, _RESET, _BLOCK_2 = 0x88, 0xD0, 0xE0, 0xE1
_CTRL_HUM, _STATUS, _CTRL_MEAS, _CONFIG, _DATA = 0xF2, 0xF3, 0xF4, 0xF5, 0xF7
_WRITABLE = (_CTRL_HUM, _CTRL_MEAS, _CONFIG)
_RESET_WORD = 0xB6
_START_UP_US = 2000
_MEASURING, _COPYING = 0x08, 0x01
_SLEEP, _NORMAL = 0b00, 0b11
_SKIPPED_20_BITS, _SKIPPED_16_BITS = 0x80000, 0x8000
_NO_DATA = bytes((0x80, 0, 0, 0x80, 0, 0, 0x80, 0))
_QUANTITIES = ("temperature", "humidity", "pressure")


def _oversampling(code: int) -> int:
    """How many samples a 3-bit code asks for; 0: the measurement is skipped."""
    return 0 if code == 0 else 1 << min(code - 1, 4)


def conversion_us(temperature: int, pressure: int, humidity: int) -> int:
    """Typical duration of a measurement with these oversamplings (section 9.1)."""
    duration_us = 1000 + 2000 * temperature
    for samples in (pressure, humidity):
        duration_us += 2000 * samples + 500 if samples else 0
    return duration_us


class Bme280:
    """The chip model. A quantity that the World has no value for reads as a skipped measurement.

    Without a temperature the other two stand for the last known one: the formulas need it. Before
    any is known they read as skipped as well.
    """

    def __init__(
        self,
        world: World,
        journal: Journal,
        address: int = 0x76,
        calibration: Calibration | None = None,
        name: str = "bme280",
    ) -> None:
        self.address = address
        self._world = world
        self._journal = journal
        self._name = name
        self._calibration = calibration or Calibration()
        self._registers = bytearray(256)
        self._pointer = 0
        self._fine: float | None = None
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
        """Give registers from the address on; what a burst sees is of one measurement."""
        self._settle(now_us)
        if now_us < self._ready_us and self._pointer not in (_ID, _STATUS):
            raise OSError(errno.ENODEV, "the chip is still starting")
        first = self._pointer
        self._pointer = (first + n) & 0xFF
        if first <= _DATA + 7 and first + n > _DATA:
            self._note_reading()
        return bytes(self._registers[at & 0xFF] for at in range(first, first + n))

    def _power_on(self, now_us: int) -> None:
        block_1, block_2 = self._calibration.blocks()
        self._registers[:] = bytes(256)
        self._registers[_BLOCK_1 : _BLOCK_1 + len(block_1)] = block_1
        self._registers[_BLOCK_2 : _BLOCK_2 + len(block_2)] = block_2
        self._registers[_ID] = _CHIP_ID
        self._registers[_STATUS] = _COPYING
        self._registers[_DATA : _DATA + 8] = _NO_DATA
        self._humidity_code = 0  # what ctrl_hum said when ctrl_meas was last written
        self._ready_us = now_us + _START_UP_US
        self._started_us = 0
        self._ends_us: int | None = None
        self._unread: dict[str, float | None] = {}

    def _write_register(self, register: int, value: int, now_us: int) -> None:
        if register == _RESET:
            if value == _RESET_WORD:
                self._power_on(now_us)
            return
        if register not in _WRITABLE:
            return
        self._registers[register] = value
        if register == _CTRL_MEAS:
            self._humidity_code = self._registers[_CTRL_HUM] & 0b111
            self._set_mode(value & 0b11, now_us)

    def _set_mode(self, mode: int, now_us: int) -> None:
        if mode == _NORMAL:
            raise NotImplementedError("the BME280 model has no normal mode: use forced mode")
        if mode == _SLEEP or self._ends_us is not None:
            return
        self._started_us = now_us
        self._ends_us = now_us + conversion_us(*self._samples())
        self._registers[_STATUS] |= _MEASURING

    def _samples(self) -> tuple[int, int, int]:
        """Oversampling of temperature, pressure, humidity."""
        control = self._registers[_CTRL_MEAS]
        codes = control >> 5, control >> 2 & 0b111, self._humidity_code
        return _oversampling(codes[0]), _oversampling(codes[1]), _oversampling(codes[2])

    def _settle(self, now_us: int) -> None:
        """Let happen what time has brought since the last access."""
        if now_us >= self._ready_us:
            self._registers[_STATUS] &= ~_COPYING
        if self._ends_us is not None and now_us >= self._ends_us:
            self._ends_us = None
            self._registers[_STATUS] &= ~_MEASURING
            self._registers[_CTRL_MEAS] &= ~0b11
            self._latch()

    def _latch(self) -> None:
        """Convert the World as it was when the measurement began."""
        t_s = self._started_us / 1e6
        truth = {name: self._world.value(name, t_s) for name in _QUANTITIES}
        temperature, pressure, humidity = self._samples()
        adc_t = self._temperature_count(truth, temperature)
        adc_p = self._pressure_count(truth, pressure)
        adc_h = self._humidity_count(truth, humidity)
        data = (adc_p << 4).to_bytes(3, "big") + (adc_t << 4).to_bytes(3, "big")
        self._registers[_DATA : _DATA + 8] = data + adc_h.to_bytes(2, "big")
        self._unread = truth

    def _temperature_count(self, truth: dict[str, float | None], samples: int) -> int:
        value = truth["temperature"] if samples else None
        truth["temperature"] = value
        if value is None:
            return _SKIPPED_20_BITS
        fine = value * 5120.0
        count = count_for(lambda c: fine_temperature(self._calibration, c), fine, COUNTS_20_BITS)
        count = _resolved(count, samples)
        self._fine = fine_temperature(self._calibration, count)
        return count

    def _pressure_count(self, truth: dict[str, float | None], samples: int) -> int:
        value, fine = truth["pressure"] if samples else None, self._fine
        if value is None or fine is None:
            truth["pressure"] = None
            return _SKIPPED_20_BITS
        count = count_for(
            lambda c: pressure_hpa(self._calibration, c, fine), value, COUNTS_20_BITS, falling=True
        )
        return _resolved(count, samples)

    def _humidity_count(self, truth: dict[str, float | None], samples: int) -> int:
        value, fine = truth["humidity"] if samples else None, self._fine
        if value is None or fine is None:
            truth["humidity"] = None
            return _SKIPPED_16_BITS
        return count_for(
            lambda c: humidity_percent(self._calibration, c, fine), value, COUNTS_16_BITS
        )

    def _note_reading(self) -> None:
        """A measurement counts as given out when its registers are first read."""
        for quantity, value in self._unread.items():
            self._journal.note(self._name, quantity, self._started_us, value)
        self._unread = {}


def _resolved(count: int, samples: int) -> int:
    """Round to the bits that oversampling gives: 16 for one sample to 20 for sixteen."""
    spare_bits = 4 - (samples.bit_length() - 1)
    half = (1 << spare_bits) >> 1
    rounded = min(count + half, COUNTS_20_BITS)
    return rounded >> spare_bits << spare_bits
