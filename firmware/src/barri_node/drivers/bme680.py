# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Bosch BME680 (or BME688) on I2C: climate, and its gas layer's resistance (BST-BME680-DS001).

Forced mode only. The resistance goes on as it is: it falls when there is more to smell and drifts
for days in a new part, and what it means is not for a driver to invent. Imports no hardware.
"""

from micropython import const

from barri_node.drivers.bme680_compensation import (
    BLOCK_1_BYTES,
    BLOCK_2_BYTES,
    Calibration,
    gas_ohm_of_a_bme688,
    wait_code,
)
from barri_node.drivers.checks import Checks
from barri_node.errors import SensorError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import I2c, Readings, SleepMs

_CHIP_ID = const(0x61)
_REG_FIELD = const(0x1D)
_REG_RES_HEAT_0 = const(0x5A)
_REG_GAS_WAIT_0 = const(0x64)
_REG_CTRL_GAS_1 = const(0x71)
_REG_CTRL_HUM = const(0x72)
_REG_CTRL_MEAS = const(0x74)
_REG_CONFIG = const(0x75)
_REG_BLOCK_1 = const(0x8A)
_REG_ID = const(0xD0)
_REG_RESET = const(0xE0)
_REG_BLOCK_2 = const(0xE1)
_REG_VARIANT = const(0xF0)
_FIELD_BYTES = const(17)

_RESET_WORD = const(0xB6)
_START_UP_MS = const(5)
_MODE_FORCED = const(1)
_NEW_DATA = const(0x80)
_BUSY = const(0x60)  # the gas, or the rest
_BUSY_POLLS = const(20)
_GAS_VALID = const(0x30)  # a true reading, and the heater reached its temperature
_SKIPPED_20_BITS = const(0x80000)
_SKIPPED_16_BITS = const(0x8000)

# Oversampling of temperature, pressure and humidity: 2, 16 and 1 times, as codes of the registers.
_CTRL_HUM = const(1)
_CTRL_MEAS = const(2 << 5 | 5 << 2 | _MODE_FORCED)
_CLIMATE_MS = const(45)  # 19 samples of 1.963 ms, 4 times 0.477 ms, 0.5 ms, waking; rounded up
_PATIENCE = (360, 360, 3600, 360)  # as the BME280's, and an hour for the gas
_HEATER_C = const(320)
_HEATER_MS = const(150)
_GAS_MS = const(_HEATER_MS + 3)  # and 5 times 0.477 ms
_AMBIENT_C = const(25)  # until the first temperature is known


class Bme680:
    """The driver. channels: which of CHANNELS to give; without its gas the heater stays off."""

    CHANNELS = ("temperature", "humidity", "pressure", "gas_resistance")

    def __init__(
        self,
        i2c: "I2c",
        sleep_ms: "SleepMs",
        address: int = 0x77,
        channels: "tuple[str, ...]" = CHANNELS,
    ) -> None:
        self._i2c = i2c
        self._sleep_ms = sleep_ms
        self._address = address
        self._channels = channels
        self._checks = Checks("bme680", self.CHANNELS, _PATIENCE)
        self._heated = "gas_resistance" in channels
        self._later_part = False
        self._ambient_c = _AMBIENT_C
        self._field = bytearray(_FIELD_BYTES)
        self._byte = bytearray(1)
        self._calibration: "Calibration | None" = None
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Reset the part, read its calibration. Raises SensorError if it is absent or another."""
        try:
            found = self._read_byte(_REG_ID)
            if found != _CHIP_ID:
                raise SensorError(
                    "bme680: the part at 0x{:02x} says it is 0x{:02x}, not 0x61".format(
                        self._address, found
                    )
                )
            self._write(_REG_RESET, _RESET_WORD)
            await self._sleep_ms(_START_UP_MS)
            self._later_part = self._read_byte(_REG_VARIANT) == 1
            self._read_calibration()
            self._write(_REG_CONFIG, 0)
        except OSError as error:
            raise SensorError(
                "bme680: no answer at 0x{:02x}; check power, SDA and SCL ({})".format(
                    self._address, error
                )
            ) from error

    async def measure(self) -> "Readings":
        """Make one forced measurement. Steps: 0.01 degC, 0.1 %, 0.1 hPa, 1 ohm."""
        try:
            calibration = self._known_calibration()
            self._ask(calibration)
            await self._sleep_ms(_CLIMATE_MS + (_GAS_MS if self._heated else 0))
            await self._fetch()
        except (OSError, SensorError) as error:
            self.faults += 1
            self.last_fault = str(error)
            return dict.fromkeys(self._channels)
        readings = self._compensated(self._field, calibration)
        return {name: readings[name] for name in self._channels}

    def _known_calibration(self) -> Calibration:
        if self._calibration is None:
            raise SensorError("bme680: not started")
        return self._calibration

    def _ask(self, calibration: Calibration) -> None:
        """Write every setting, the one that starts the measurement last."""
        gas = 0
        if self._heated:
            self._write(_REG_RES_HEAT_0, calibration.heater_code(_HEATER_C, self._ambient_c))
            self._write(_REG_GAS_WAIT_0, wait_code(_HEATER_MS))
            gas = 0x20 if self._later_part else 0x10
        self._write(_REG_CTRL_GAS_1, gas)
        self._write(_REG_CTRL_HUM, _CTRL_HUM)
        self._write(_REG_CTRL_MEAS, _CTRL_MEAS)

    async def _fetch(self) -> None:
        """Wait until the part has finished, and read all of it at once."""
        for _ in range(_BUSY_POLLS):
            self._i2c.readfrom_mem_into(self._address, _REG_FIELD, self._field)
            if self._field[0] & (_BUSY | _NEW_DATA) == _NEW_DATA:
                return
            await self._sleep_ms(1)
        raise SensorError("bme680: no new measurement; check its supply voltage")

    def _compensated(self, field: bytearray, calibration: Calibration) -> "Readings":
        adc_p = field[2] << 12 | field[3] << 4 | field[4] >> 4
        adc_t = field[5] << 12 | field[6] << 4 | field[7] >> 4
        adc_h = field[8] << 8 | field[9]
        gas = 15 if self._later_part else 13
        adc_g = (field[gas] << 8 | field[gas + 1]) & 0xFFCF  # without its two flags
        readings: "Readings" = dict.fromkeys(self.CHANNELS)
        if self._heated and field[gas + 1] & _GAS_VALID == _GAS_VALID:
            readings["gas_resistance"] = self._gas(adc_g, calibration)
        if adc_t != _SKIPPED_20_BITS:
            t_fine = calibration.fine_temperature(adc_t)
            readings["temperature"] = (t_fine * 5 + 128) >> 8
            if adc_h != _SKIPPED_16_BITS:
                readings["humidity"] = (calibration.humidity_milli(adc_h, t_fine) + 50) // 100
            if adc_p != _SKIPPED_20_BITS:
                readings["pressure"] = _tenths(calibration.pressure_pa(adc_p, t_fine))
        readings = self._checks.passed(self, readings, (adc_t, adc_h, adc_p, adc_g))
        self._keep_ambient(readings["temperature"])
        return readings

    def _gas(self, adc_g: int, calibration: Calibration) -> "int | None":
        count, gas_range = adc_g >> 6, adc_g & 0x0F
        if self._later_part:
            return gas_ohm_of_a_bme688(count, gas_range)
        return calibration.gas_ohm(count, gas_range)

    def _keep_ambient(self, temperature: "int | None") -> None:
        """The heater needs to know from where it starts."""
        if temperature is not None:
            self._ambient_c = (temperature + 50) // 100

    def _read_calibration(self) -> None:
        block_1, block_2 = bytearray(BLOCK_1_BYTES), bytearray(BLOCK_2_BYTES)
        self._i2c.readfrom_mem_into(self._address, _REG_BLOCK_1, block_1)
        self._i2c.readfrom_mem_into(self._address, _REG_BLOCK_2, block_2)
        heater = (self._read_byte(0x00), self._read_byte(0x02), self._read_byte(0x04))
        calibration = Calibration(block_1, block_2, *heater)
        if calibration.blank():
            raise SensorError("bme680: its calibration memory is empty; the part is damaged")
        self._calibration = calibration

    def _read_byte(self, register: int) -> int:
        self._i2c.readfrom_mem_into(self._address, register, self._byte)
        return self._byte[0]

    def _write(self, register: int, value: int) -> None:
        self._byte[0] = value
        self._i2c.writeto_mem(self._address, register, self._byte)


def _tenths(pressure_pa: "int | None") -> "int | None":
    """From Pa to 0.1 hPa, rounded."""
    return None if pressure_pa is None else (pressure_pa + 5) // 10
