# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Bosch BME280 on I2C: temperature, humidity, pressure (BST-BME280-DS002).

Forced mode only: the part sleeps between measurements, so that it neither warms itself nor forgets
its settings unnoticed: every measurement writes them again. Imports no hardware.
"""

from micropython import const

from barri_node.drivers.bme280_compensation import (
    BLOCK_1_BYTES,
    BLOCK_2_BYTES,
    SKIPPED_16_BITS,
    SKIPPED_20_BITS,
    Calibration,
)
from barri_node.drivers.checks import Checks
from barri_node.errors import SensorError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import I2c, Readings, SleepMs

_CHIP_ID = const(0x60)
_REG_BLOCK_1 = const(0x88)
_REG_ID = const(0xD0)
_REG_RESET = const(0xE0)
_REG_BLOCK_2 = const(0xE1)
_REG_CTRL_HUM = const(0xF2)
_REG_STATUS = const(0xF3)
_REG_CTRL_MEAS = const(0xF4)
_REG_CONFIG = const(0xF5)
_REG_DATA = const(0xF7)
_DATA_BYTES = const(8)

_RESET_WORD = const(0xB6)
_STATUS_MEASURING = const(0x08)
_STATUS_COPYING = const(0x01)
_MODE_FORCED = const(1)
_START_UP_MS = const(3)  # the datasheet says 2
_BUSY_POLLS = const(10)

# A missing temperature is bridged by the last good one for so many measurements. The housing warms
# slowly; after an hour at one measurement every 10 s nobody should trust it any more.
_BRIDGED_MEASUREMENTS = const(360)

# At a measurement every 10 s, an hour is too long for the same raw number; of the pressure, which
# on a calm day takes minutes to a step, ten hours are.
_PATIENCE = (360, 360, 3600)

# Times of oversampling: temperature, pressure, humidity. Section 3.5 of the datasheet; its filter
# stays off in both, since in forced mode it would lag by many windows.
WEATHER = (1, 1, 1)
INDOOR = (2, 16, 1)


def conversion_ms(profile: "tuple[int, int, int]") -> int:
    """The longest time that a forced measurement takes (section 9.1), rounded up."""
    temperature, pressure, humidity = profile
    return (1250 + 2300 * (temperature + pressure + humidity) + 2 * 575 + 999) // 1000


def _oversampling_code(times: int) -> int:
    """1, 2, 4, 8, 16 times is 1..5 in the registers."""
    return {1: 1, 2: 2, 4: 3, 8: 4, 16: 5}[times]


class Bme280:
    """The driver. i2c: a bus as machine.I2C; sleep_ms: a coroutine function.

    channels: which of CHANNELS to give, where another part has the rest.
    """

    CHANNELS = ("temperature", "humidity", "pressure")

    def __init__(
        self,
        i2c: "I2c",
        sleep_ms: "SleepMs",
        address: int = 0x76,
        profile: "tuple[int, int, int]" = WEATHER,
        channels: "tuple[str, ...]" = CHANNELS,
    ) -> None:
        self._i2c = i2c
        self._sleep_ms = sleep_ms
        self._address = address
        self._channels = channels
        self._checks = Checks("bme280", self.CHANNELS, _PATIENCE)
        self._conversion_ms = conversion_ms(profile)
        temperature, pressure, humidity = (_oversampling_code(times) for times in profile)
        self._ctrl_hum = humidity
        self._ctrl_meas = temperature << 5 | pressure << 2 | _MODE_FORCED
        self._data = bytearray(_DATA_BYTES)
        self._byte = bytearray(1)
        self._calibration: "Calibration | None" = None
        self._t_fine: "int | None" = None
        self._bridged = 0
        self.faults = 0
        self.last_fault: "str | None" = None

    async def start(self) -> None:
        """Reset the part, read its calibration. Raises SensorError if it is absent or another."""
        try:
            found = self._read_byte(_REG_ID)
            if found != _CHIP_ID:
                raise SensorError(
                    "bme280: the part at 0x{:02x} says it is 0x{:02x}, not 0x60 "
                    "(0x58 is a BMP280, which has no humidity)".format(self._address, found)
                )
            self._write(_REG_RESET, _RESET_WORD)
            await self._sleep_ms(_START_UP_MS)
            await self._until_clear(_STATUS_COPYING)
            self._read_calibration()
            self._write(_REG_CONFIG, 0)
        except OSError as error:
            raise SensorError(
                "bme280: no answer at 0x{:02x}; check power, SDA and SCL ({})".format(
                    self._address, error
                )
            ) from error

    async def measure(self) -> "Readings":
        """Make one forced measurement. Steps: 0.01 degC, 0.1 %, 0.1 hPa; None for no reading."""
        try:
            calibration = self._known_calibration()
            self._write(_REG_CTRL_HUM, self._ctrl_hum)
            self._write(_REG_CTRL_MEAS, self._ctrl_meas)
            await self._sleep_ms(self._conversion_ms)
            await self._until_clear(_STATUS_MEASURING)
            self._i2c.readfrom_mem_into(self._address, _REG_DATA, self._data)
        except (OSError, SensorError) as error:
            self.faults += 1
            self.last_fault = str(error)
            return dict.fromkeys(self._channels)
        return self._compensated(self._data, calibration)

    def _known_calibration(self) -> Calibration:
        if self._calibration is None:
            raise SensorError("bme280: not started")
        return self._calibration

    def _compensated(self, data: bytearray, calibration: Calibration) -> "Readings":
        adc_p = data[0] << 12 | data[1] << 4 | data[2] >> 4
        adc_t = data[3] << 12 | data[4] << 4 | data[5] >> 4
        adc_h = data[6] << 8 | data[7]
        temperature = self._temperature(adc_t, calibration)
        readings = {
            "temperature": temperature,
            "humidity": self._humidity(adc_h, calibration),
            "pressure": self._pressure(adc_p, calibration),
        }
        readings = self._checks.passed(self, readings, (adc_t, adc_h, adc_p))
        return {name: readings[name] for name in self._channels}

    def _temperature(self, adc_t: int, calibration: Calibration) -> "int | None":
        if adc_t == SKIPPED_20_BITS:
            self._bridged += 1
            if self._bridged > _BRIDGED_MEASUREMENTS:
                self._t_fine = None
            return None
        self._bridged = 0
        self._t_fine = calibration.fine_temperature(adc_t)
        return (self._t_fine * 5 + 128) >> 8

    def _pressure(self, adc_p: int, calibration: Calibration) -> "int | None":
        if self._t_fine is None or adc_p == SKIPPED_20_BITS:
            return None
        pressure_q8 = calibration.pressure_q8(adc_p, self._t_fine)
        return None if pressure_q8 is None else (pressure_q8 + 1280) // 2560

    def _humidity(self, adc_h: int, calibration: Calibration) -> "int | None":
        if self._t_fine is None or adc_h == SKIPPED_16_BITS:
            return None
        return (calibration.humidity_q10(adc_h, self._t_fine) * 10 + 512) >> 10

    def _read_calibration(self) -> None:
        block_1, block_2 = bytearray(BLOCK_1_BYTES), bytearray(BLOCK_2_BYTES)
        self._i2c.readfrom_mem_into(self._address, _REG_BLOCK_1, block_1)
        self._i2c.readfrom_mem_into(self._address, _REG_BLOCK_2, block_2)
        calibration = Calibration(block_1, block_2)
        if calibration.blank():
            raise SensorError("bme280: its calibration memory is empty; the part is damaged")
        self._calibration = calibration

    async def _until_clear(self, bit: int) -> None:
        for _ in range(_BUSY_POLLS):
            if not self._read_byte(_REG_STATUS) & bit:
                return
            await self._sleep_ms(1)
        raise SensorError("bme280: stays busy; check its supply voltage")

    def _read_byte(self, register: int) -> int:
        self._i2c.readfrom_mem_into(self._address, register, self._byte)
        return self._byte[0]

    def _write(self, register: int, value: int) -> None:
        self._byte[0] = value
        self._i2c.writeto_mem(self._address, register, self._byte)
