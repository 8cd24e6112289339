# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""TI INA219 on I2C: voltage and current of a panel or a battery, up to 26 V (SBOS448).

Triggered mode: it sleeps between measurements, and each one writes its settings again, because it
forgets them unnoticed when its supply dips. Low voltage only, never mains. Imports no hardware.
"""

from micropython import const

from barri_node.errors import SensorError
from barri_wire.quantities import BY_NAME, plausible

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import I2c, Readings, SleepMs

_REG_CONFIG = const(0)
_REG_SHUNT = const(1)
_REG_BUS = const(2)
_REG_CURRENT = const(4)
_REG_CALIBRATION = const(5)

_RESET = const(0x8000)
_CONFIG_AFTER_RESET = const(0x399F)  # all there is to know it by
# 32 V and 320 mV ranges, mean of 128 samples each, one shot of both
_CONFIG = const(0x3FFB)
_CONVERSION_MS = const(150)  # 2 times 68.1 ms, 10 % more
_READY = const(0x0002)
_OVERFLOW = const(0x0001)
_POLL_MS = const(5)
_BUSY_POLLS = const(10)
_FULL_WORD = const(32767)


class Ina219:
    """The driver. shunt_uohm: of the resistor on the breakout, 100 mOhm on most. reversed_: the
    current flows from IN- to IN+. Current counts as positive from IN+ to IN-.
    """

    CHANNELS = ("supply_voltage", "supply_current")
    NAME = "ina219"
    CALIBRATION_UNITS = 40960000000  # 0.04096 V, in uA * uOhm
    FULL_SCALE_UV = 320000
    FULL_SCALE_WORD = 32000  # 10 uV a step

    def __init__(
        self,
        i2c: "I2c",
        sleep_ms: "SleepMs",
        address: int = 0x40,
        shunt_uohm: int = 100000,
        reversed_: bool = False,
    ) -> None:
        if not 500 <= shunt_uohm <= 10000000:
            raise ValueError("shunt_uohm: 500 to 10000000, as printed on the resistor")
        self._i2c = i2c
        self._sleep_ms = sleep_ms
        self._address = address
        self._sign = -1 if reversed_ else 1
        # Steps of 0.1 mA, or as many of them as the full scale of the shunt needs.
        most_ua = self.FULL_SCALE_UV * 1000000 // shunt_uohm
        self._step_100ua = -(-most_ua // (100 * _FULL_WORD)) or 1
        self._calibration = self._calibration_for(shunt_uohm)
        self._word = bytearray(2)
        self.faults = 0
        self.last_fault: "str | None" = None

    def _calibration_for(self, shunt_uohm: int) -> int:
        """The calibration register (datasheet, equation 1), whose lowest bit is always 0."""
        word = self.CALIBRATION_UNITS // (100 * self._step_100ua * shunt_uohm)
        return min(word, 0xFFFE) & 0xFFFE

    async def start(self) -> None:
        """Reset the part. Raises SensorError if it is absent or another."""
        try:
            await self._identify()
        except OSError as error:
            raise SensorError(
                "{}: no answer at 0x{:02x}; check its wires and address bridges ({})".format(
                    self.NAME, self._address, error
                )
            ) from error

    async def measure(self) -> "Readings":
        """Measure once. Steps: 1 mV, 0.1 mA; None for no reading."""
        readings: "Readings" = dict.fromkeys(self.CHANNELS)
        try:
            self._configure()
            await self._sleep_ms(_CONVERSION_MS)
            overflow = await self._until_ready()
            readings["supply_voltage"] = self._millivolts()
            readings["supply_current"] = self._current(overflow)
        except (OSError, SensorError) as error:
            self._fail("{}: {}".format(self.NAME, error))
        for name, value in readings.items():
            if value is not None and not plausible(BY_NAME[name], value):
                readings[name] = None
        return readings

    async def _identify(self) -> None:
        self._write(_REG_CONFIG, _RESET)
        await self._sleep_ms(_POLL_MS)
        found = self._read(_REG_CONFIG)
        if found != _CONFIG_AFTER_RESET:
            raise SensorError(
                "ina219: the part at 0x{:02x} says 0x{:04x} after a reset, not 0x399f "
                "(0x4127 is an INA226)".format(self._address, found)
            )

    def _configure(self) -> None:
        self._write(_REG_CALIBRATION, self._calibration)
        self._write(_REG_CONFIG, _CONFIG)

    async def _until_ready(self) -> bool:
        """Wait for the conversion; say whether the arithmetic overflowed."""
        for _ in range(_BUSY_POLLS):
            bus = self._read(_REG_BUS)
            if bus & _READY:
                return bus & _OVERFLOW != 0
            await self._sleep_ms(_POLL_MS)
        raise SensorError("does not finish measuring")

    def _millivolts(self) -> int:
        return (self._read(_REG_BUS) >> 3) * 4

    def _current(self, overflow: bool) -> "int | None":
        """The current in 0.1 mA; None beyond what the shunt can show."""
        if self._read(_REG_CALIBRATION) != self._calibration:
            raise SensorError("it has forgotten its calibration; check its supply")
        shunt = self._signed(_REG_SHUNT)
        if overflow or abs(shunt) >= self.FULL_SCALE_WORD:
            self._fail("{}: more current than the shunt can show".format(self.NAME))
            return None
        return self._signed(_REG_CURRENT) * self._step_100ua * self._sign

    def _signed(self, register: int) -> int:
        word = self._read(register)
        return word - 0x10000 if word & 0x8000 else word

    def _fail(self, fault: str) -> None:
        self.faults += 1
        self.last_fault = fault

    def _read(self, register: int) -> int:
        self._i2c.readfrom_mem_into(self._address, register, self._word)
        return self._word[0] << 8 | self._word[1]

    def _write(self, register: int, word: int) -> None:
        self._word[0], self._word[1] = word >> 8, word & 0xFF
        self._i2c.writeto_mem(self._address, register, self._word)
