# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""From a BME280's raw counts to physical values, in integers (BST-BME280-DS002, section 4.2.3).

Pure: imports nothing. Pressure needs 64-bit intermediates, which MicroPython keeps as heap
objects: about 15 short-lived ones a measurement, of no weight at one measurement a second.
"""

# What the data registers hold when a measurement is skipped or was not made (section 5.4.7).
SKIPPED_20_BITS = 0x80000
SKIPPED_16_BITS = 0x8000

BLOCK_1_BYTES = 26  # registers 0x88..0xA1
BLOCK_2_BYTES = 7  # registers 0xE1..0xE7


def _unsigned(block: bytearray, at: int) -> int:
    return block[at] | block[at + 1] << 8


def _signed(block: bytearray, at: int) -> int:
    return _wrapped(_unsigned(block, at), 16)


def _wrapped(value: int, bits: int) -> int:
    """Read an unsigned number as two's complement of that many bits."""
    return value - (1 << bits) if value >> (bits - 1) else value


class Calibration:
    """The factory's words, from the two calibration blocks (table 16 of the datasheet)."""

    def __init__(self, block_1: bytearray, block_2: bytearray) -> None:
        self.t1 = _unsigned(block_1, 0)
        self.t2, self.t3 = _signed(block_1, 2), _signed(block_1, 4)
        self.p1 = _unsigned(block_1, 6)
        self.p = [_signed(block_1, at) for at in range(8, 24, 2)]  # P2..P9
        self.h1 = block_1[25]
        self.h2 = _signed(block_2, 0)
        self.h3 = block_2[2]
        self.h4 = _wrapped(block_2[3] << 4 | block_2[4] & 0x0F, 12)
        self.h5 = _wrapped(block_2[5] << 4 | block_2[4] >> 4, 12)
        self.h6 = _wrapped(block_2[6], 8)

    def blank(self) -> bool:
        """Say whether the words are those of a silent bus or of an empty memory."""
        return self.t1 in (0, 0xFFFF) or self.p1 in (0, 0xFFFF)

    def fine_temperature(self, adc_t: int) -> int:
        """Give t_fine, 1/5120 degC, which the other two formulas need as well."""
        offset = (adc_t >> 4) - self.t1
        linear = (((adc_t >> 3) - (self.t1 << 1)) * self.t2) >> 11
        return linear + ((((offset * offset) >> 12) * self.t3) >> 14)

    def pressure_q8(self, adc_p: int, t_fine: int) -> "int | None":
        """Give the pressure in 1/256 Pa, or None where the formula has no answer."""
        p2, p3, p4, p5, p6, p7, p8, p9 = self.p
        warmth = t_fine - 128000
        offset = warmth * warmth * p6 + ((warmth * p5) << 17) + (p4 << 35)
        slope = ((warmth * warmth * p3) >> 8) + ((warmth * p2) << 12)
        slope = (((1 << 47) + slope) * self.p1) >> 33
        if slope <= 0:
            return None
        pressure = (((1048576 - adc_p) << 31) - offset) * 3125 // slope
        square = (p9 * (pressure >> 13) * (pressure >> 13)) >> 25
        return ((pressure + square + ((p8 * pressure) >> 19)) >> 8) + (p7 << 4)

    def humidity_q10(self, adc_h: int, t_fine: int) -> int:
        """Give the relative humidity in 1/1024 %, held to 0..100 %."""
        warmth = t_fine - 76800
        count = ((adc_h << 14) - (self.h4 << 20) - self.h5 * warmth + 16384) >> 15
        gain = (((warmth * self.h6) >> 10) * (((warmth * self.h3) >> 11) + 32768)) >> 10
        gain = ((gain + 2097152) * self.h2 + 8192) >> 14
        humidity = count * gain
        humidity -= ((((humidity >> 15) * (humidity >> 15)) >> 7) * self.h1) >> 4
        return min(max(humidity, 0), 419430400) >> 12
