# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A BME280 seen from the factory: which raw count stands for a physical value.

Section 8.1 of the datasheet (BST-BME280-DS002) leads from counts to values in floating point; the
way back is found by bisection. The node's driver uses the integer formulas of section 4.2.3
instead: two independent roads that have to meet.
"""

import struct
from collections.abc import Callable
from typing import NamedTuple

COUNTS_20_BITS = (1 << 20) - 1
COUNTS_16_BITS = (1 << 16) - 1


class Calibration(NamedTuple):
    """The factory's words. T and P: the worked example of the BMP280 datasheet (section 3.12)."""

    t: tuple[int, ...] = (27504, 26435, -1000)
    p: tuple[int, ...] = (36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
    h: tuple[int, ...] = (75, 362, 0, 326, 50, 30)

    def blocks(self) -> tuple[bytes, bytes]:
        """Give the 26 bytes from 0x88 on and the 7 bytes from 0xE1 on (table 16)."""
        h1, h2, h3, h4, h5, h6 = self.h
        block_1 = struct.pack("<HhhHhhhhhhhhxB", *self.t, *self.p, h1)
        nibbles = (h4 & 0x0F) | (h5 & 0x0F) << 4
        block_2 = struct.pack("<hBbBbb", h2, h3, h4 >> 4, nibbles, h5 >> 4, h6)
        return block_1, block_2


def fine_temperature(calibration: Calibration, count: float) -> float:
    """t_fine, 1/5120 degC."""
    t1, t2, t3 = calibration.t
    linear = (count / 16384.0 - t1 / 1024.0) * t2
    return linear + (count / 131072.0 - t1 / 8192.0) ** 2 * t3


def pressure_hpa(calibration: Calibration, count: float, t_fine: float) -> float:
    """Pressure of a raw count at a temperature."""
    p1, p2, p3, p4, p5, p6, p7, p8, p9 = calibration.p
    warmth = t_fine / 2.0 - 64000.0
    offset = (warmth * warmth * p6 / 32768.0 + warmth * p5 * 2.0) / 4.0 + p4 * 65536.0
    slope = (p3 * warmth * warmth / 524288.0 + p2 * warmth) / 524288.0
    slope = (1.0 + slope / 32768.0) * p1
    rough = (1048576.0 - count - offset / 4096.0) * 6250.0 / slope
    bend = p9 * rough * rough / 2147483648.0 + rough * p8 / 32768.0
    return (rough + (bend + p7) / 16.0) / 100.0


def humidity_percent(calibration: Calibration, count: float, t_fine: float) -> float:
    """Relative humidity of a raw count at a temperature, not yet held to 0..100."""
    h1, h2, h3, h4, h5, h6 = calibration.h
    warmth = t_fine - 76800.0
    rise = count - (h4 * 64.0 + h5 / 16384.0 * warmth)
    gain = 1.0 + h6 / 67108864.0 * warmth * (1.0 + h3 / 67108864.0 * warmth)
    rough = rise * (h2 / 65536.0) * gain
    return rough * (1.0 - h1 * rough / 524288.0)


def count_for(
    formula: Callable[[float], float], value: float, counts: int, falling: bool = False
) -> int:
    """Find the count (0..counts) whose value by a monotonic formula is nearest to `value`."""
    sign = -1.0 if falling else 1.0
    low, high = 0, counts
    while high - low > 1:
        middle = (low + high) // 2
        if sign * formula(middle) <= sign * value:
            low = middle
        else:
            high = middle
    return min((low, high), key=lambda count: abs(formula(count) - value))
