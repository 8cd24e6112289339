# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""TI ADS1115 on I2C: four voltages against ground, one conversion at a time (SBAS444).

Not a driver by itself: what is connected gives the voltages a name (`alphasense.py`). Imports no
hardware.
"""

from micropython import const

from barri_node.errors import SensorError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import I2c, SleepMs

_REG_CONVERSION = const(0)
_REG_CONFIG = const(1)
_REG_LOW, _REG_HIGH = const(2), const(3)
# What the comparator's limits are after power-on. Nothing here ever changes them: the part has no
# identity of its own, and others that answer at its addresses hold other numbers there.
_LOW_LIMIT, _HIGH_LIMIT = const(0x8000), const(0x7FFF)

_START = const(0x8000)  # written: begin; read: the part is idle, its conversion ready
_SINGLE_SHOT = const(0x0100)
_INPUT_0 = const(0x4000)  # AIN0 against ground; the others follow
_NO_COMPARATOR = const(0x0003)
# 8 a second: the longest ones, with the least noise. The oscillator may be a tenth slow.
_CONVERSION_MS = const(138)
_READY_POLLS = const(20)

# Full scale in the config register, and what one step is worth in 1/800 mV.
_GAIN_2_V, _STEP_2_V = const(0x0400), const(50)  # 2.048 V, 62.5 uV
_GAIN_6_V, _STEP_6_V = const(0x0000), const(150)  # 6.144 V, 187.5 uV
_MOST = const(32767)


class Ads1115:
    """The converter. address: 0x48 to 0x4B. All but `__init__` raise OSError and SensorError."""

    def __init__(self, i2c: "I2c", sleep_ms: "SleepMs", address: int = 0x48) -> None:
        self._i2c = i2c
        self._sleep_ms = sleep_ms
        self._address = address
        self._word = bytearray(2)
        self.raw = 0  # of the newest conversion, in steps of its range

    def check(self) -> None:
        """Raise SensorError if what answers is not an ADS1115 as it leaves its power-on reset."""
        low, high = self._read(_REG_LOW), self._read(_REG_HIGH)
        if (low, high) != (_LOW_LIMIT, _HIGH_LIMIT):
            raise SensorError(
                "ads1115: the part at 0x{:02x} holds 0x{:04x} and 0x{:04x} where an ADS1115 has "
                "0x8000 and 0x7fff; switch it off and on, or look what it is".format(
                    self._address, low, high
                )
            )

    async def voltage(self, channel: int) -> "int | None":
        """Convert one input (0..3). In 0.01 mV; None: above 6.144 V.

        In the fine range first, to 2.048 V; what is beyond it is converted again in the widest.
        """
        raw = await self._converted(channel, _GAIN_2_V)
        step = _STEP_2_V
        if raw == _MOST:
            raw = await self._converted(channel, _GAIN_6_V)
            step = _STEP_6_V
        self.raw = raw
        return None if raw == _MOST else (raw * step + 4) >> 3

    async def _converted(self, channel: int, gain: int) -> int:
        config = _INPUT_0 + (channel << 12) | gain | _SINGLE_SHOT | _NO_COMPARATOR
        self._write(_REG_CONFIG, config | _START)
        await self._sleep_ms(_CONVERSION_MS)
        for _ in range(_READY_POLLS):
            found = self._read(_REG_CONFIG)
            if found & ~_START != config:
                raise SensorError("ads1115: its settings have gone; did its supply break down?")
            if found & _START:
                raw = self._read(_REG_CONVERSION)
                return raw - 65536 if raw & 0x8000 else raw
            await self._sleep_ms(1)
        raise SensorError("ads1115: a conversion does not end; check its supply voltage")

    def _read(self, register: int) -> int:
        self._i2c.readfrom_mem_into(self._address, register, self._word)
        return self._word[0] << 8 | self._word[1]

    def _write(self, register: int, value: int) -> None:
        self._word[0], self._word[1] = value >> 8, value & 0xFF
        self._i2c.writeto_mem(self._address, register, self._word)
