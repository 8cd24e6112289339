# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""From a BME680's raw counts to physical values, in integers (BST-BME680-DS001, 3.3 and 3.4).

Also the way to its heater's registers. Pure: imports nothing. Some intermediates have over 30
bits, which MicroPython keeps as short-lived heap objects, of no weight at this pace.
"""

BLOCK_1_BYTES = 23  # registers 0x8A..0xA0
BLOCK_2_BYTES = 14  # registers 0xE1..0xEE

# Per mille by which the ranges of the gas ADC differ from powers of two (table 16), shifted by 10:
# first the reference's, then the range's own.
_REFERENCE = b"\x0a\x0a\x0a\x0a\x0a\x00\x0a\x02\x0a\x0a\x08\x05\x0a\x00\x0a\x0a"
_RANGE = b"\x0a\x0a\x0a\x0a\x0b\x11\x0a\x02\x09\x0a\x0a\x0a\x0a\x0a\x0a\x0a"

_HEATER_UNIT = 327680000


def _unsigned(block: bytearray, at: int) -> int:
    return block[at] | block[at + 1] << 8


def _signed(block: bytearray, at: int, count: int = 1) -> int:
    """Read one byte or two as two's complement."""
    value = block[at] if count == 1 else _unsigned(block, at)
    return value - (1 << 8 * count) if value >> (8 * count - 1) else value


def _signed_nibble(byte: int) -> int:
    high = byte >> 4
    return high - 16 if high > 7 else high


class Calibration:
    """The factory's words. block_1, block_2: as above; 0x00, 0x02, 0x04: those registers."""

    def __init__(
        self, block_1: bytearray, block_2: bytearray, r00: int, r02: int, r04: int
    ) -> None:
        self.t1 = _unsigned(block_2, 8)
        self.t2, self.t3 = _signed(block_1, 0, 2), _signed(block_1, 2)
        self.p1 = _unsigned(block_1, 4)
        self.p2, self.p3 = _signed(block_1, 6, 2), _signed(block_1, 8)
        self.p4, self.p5 = _signed(block_1, 10, 2), _signed(block_1, 12, 2)
        self.p6, self.p7 = _signed(block_1, 15), _signed(block_1, 14)
        self.p8, self.p9 = _signed(block_1, 18, 2), _signed(block_1, 20, 2)
        self.p10 = block_1[22]
        self.h1 = block_2[2] << 4 | block_2[1] & 0x0F
        self.h2 = block_2[0] << 4 | block_2[1] >> 4
        self.h3, self.h4, self.h5 = (_signed(block_2, at) for at in (3, 4, 5))
        self.h6, self.h7 = block_2[6], _signed(block_2, 7)
        self.g1, self.g2, self.g3 = (
            _signed(block_2, 12),
            _signed(block_2, 10, 2),
            _signed(block_2, 13),
        )
        self.heat_value = r00 - 256 if r00 > 127 else r00
        self.heat_range = r02 >> 4 & 0x03
        self.range_error = _signed_nibble(r04)

    def blank(self) -> bool:
        """Say whether the words are those of a silent bus or of an empty memory."""
        return self.t1 in (0, 0xFFFF) or self.p1 in (0, 0xFFFF)

    def fine_temperature(self, adc_t: int) -> int:
        """Give t_fine, 1/5120 degC, which the other formulas need as well."""
        offset = (adc_t >> 3) - (self.t1 << 1)
        half = offset >> 1
        return (offset * self.t2 >> 11) + ((half * half >> 12) * (self.t3 << 4) >> 14)

    def pressure_pa(self, adc_p: int, t_fine: int) -> "int | None":
        """Give the pressure in Pa, or None where the formula has no answer."""
        warmth = (t_fine >> 1) - 64000
        square = (warmth >> 2) * (warmth >> 2)
        offset = ((square >> 11) * self.p6 >> 2) + (warmth * self.p5 << 1)
        offset = (offset >> 2) + (self.p4 << 16)
        slope = ((square >> 13) * (self.p3 << 5) >> 3) + (self.p2 * warmth >> 1)
        slope = (32768 + (slope >> 18)) * self.p1 >> 15
        if slope <= 0:
            return None
        rough = 2 * (1048576 - adc_p - (offset >> 12)) * 3125 // slope
        bend = self.p9 * ((rough >> 3) * (rough >> 3) >> 13) >> 12
        bend += (rough >> 2) * self.p8 >> 13
        third = rough >> 8
        bend += third * third * third * self.p10 >> 17
        return rough + (bend + (self.p7 << 7) >> 4)

    def humidity_milli(self, adc_h: int, t_fine: int) -> int:
        """Give the relative humidity in 0.001 %, held to 0..100 %."""
        warmth = (t_fine * 5 + 128) >> 8  # 0.01 degC
        count = adc_h - (self.h1 << 4) - (warmth * self.h3 // 200)
        bend = (warmth * (warmth * self.h5 // 100) >> 6) // 100
        gain = self.h2 * (warmth * self.h4 // 100 + bend + 16384) >> 10
        rough = count * gain
        curve = ((self.h6 << 7) + warmth * self.h7 // 100) >> 4
        rough += curve * ((rough >> 14) * (rough >> 14) >> 10) >> 1
        return min(max((rough >> 10) * 1000 >> 12, 0), 100000)

    def gas_ohm(self, adc_gas: int, gas_range: int) -> "int | None":
        """Give the resistance of a BME680's gas layer in ohm, or None without an answer."""
        reference = (1340 + 5 * self.range_error) * (990 + _REFERENCE[gas_range])
        divisor = (1000 * (adc_gas - 512) + reference) * (990 + _RANGE[gas_range]) << gas_range
        return None if divisor <= 0 else (8000000000 * reference + divisor // 2) // divisor

    def heater_code(self, target_c: int, ambient_c: int) -> int:
        """Give res_heat, which brings the heater to `target_c` in air of `ambient_c`, both degC.

        The datasheet's floats, multiplied out: its integers lose the ambient temperature.
        """
        slope = 5 * self.g2 + 770048  # of the resistance, 1/_HEATER_UNIT for each degC
        resistance = (self.g1 + 784) * (_HEATER_UNIT + slope * target_c)
        resistance += self.g3 * ambient_c * (_HEATER_UNIT >> 6)
        unit = _HEATER_UNIT * (4 + self.heat_range) * (1000 + 2 * self.heat_value)
        return min(max((850 * resistance + unit // 2) // unit - 85, 0), 255)


def gas_ohm_of_a_bme688(adc_gas: int, gas_range: int) -> int:
    """Give the resistance in ohm of the later part (BST-BME688-DS000, section 3.4.1)."""
    divisor = 4096 + 3 * (adc_gas - 512)
    return (1000000 * (262144 >> gas_range) + divisor // 2) // divisor


def wait_code(duration_ms: int) -> int:
    """Give gas_wait for up to 4032 ms: 6 bits, and how often they are multiplied by 4."""
    factor = 0
    while duration_ms > 63:
        duration_ms >>= 2
        factor += 1
    return factor << 6 | duration_ms
