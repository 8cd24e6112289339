# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A BME680 seen from the factory: which raw count stands for a physical value.

The floating-point formulas of the datasheet (BST-BME680-DS001, section 3.3) lead from counts to
values, and bisection or algebra back; the node's driver has the integer ones.
"""

import struct
from typing import NamedTuple

_GAS_COUNTS = 1023
# Table 16: in per cent, the ranges' deviations of the reference and of themselves.
_K1 = (0, 0, 0, 0, 0, -1, 0, -0.8, 0, 0, -0.2, -0.5, 0, -1, 0, 0)
_K2 = (0, 0, 0, 0, 0.1, 0.7, 0, -0.8, -0.1, 0, 0, 0, 0, 0, 0, 0)


class Calibration(NamedTuple):
    """The factory's words, of the size that real parts have; invented for this simulation."""

    t: tuple[int, ...] = (26041, 26469, 3)
    p: tuple[int, ...] = (36158, -10416, 88, 8020, -129, 30, 42, -1023, -3079, 30)
    h: tuple[int, ...] = (763, 1031, 0, 45, 20, 120, -100)
    g: tuple[int, ...] = (-30, -5969, 18)
    heat_value: int = 47
    heat_range: int = 1
    range_error: int = 3

    def blocks(self) -> tuple[bytes, bytes]:
        """Give the 23 bytes from 0x8A on and the 14 bytes from 0xE1 on."""
        (t1, t2, t3), (h1, h2, h3, h4, h5, h6, h7) = self.t, self.h
        p1, p2, p3, p4, p5, p6, p7, p8, p9, p10 = self.p
        g1, g2, g3 = self.g
        block_1 = struct.pack("<hbxHhbxhhbbxxhhB", t2, t3, p1, p2, p3, p4, p5, p7, p6, p8, p9, p10)
        nibbles = (h2 & 0x0F) << 4 | h1 & 0x0F
        block_2 = struct.pack(
            "<BBBbbbBbHhbb", h2 >> 4, nibbles, h1 >> 4, h3, h4, h5, h6, h7, t1, g2, g1, g3
        )
        return block_1, block_2


def fine_temperature(calibration: Calibration, count: float) -> float:
    """t_fine, 1/5120 degC."""
    t1, t2, t3 = calibration.t
    linear = (count / 16384.0 - t1 / 1024.0) * t2
    return linear + (count / 131072.0 - t1 / 8192.0) ** 2 * t3 * 16.0


def pressure_hpa(calibration: Calibration, count: float, t_fine: float) -> float:
    """Pressure of a raw count at a temperature."""
    p1, p2, p3, p4, p5, p6, p7, p8, p9, p10 = calibration.p
    warmth = t_fine / 2.0 - 64000.0
    offset = warmth * warmth * p6 / 131072.0 + warmth * p5 * 2.0
    offset = offset / 4.0 + p4 * 65536.0
    slope = (p3 * warmth * warmth / 16384.0 + p2 * warmth) / 524288.0
    slope = (1.0 + slope / 32768.0) * p1
    rough = (1048576.0 - count - offset / 4096.0) * 6250.0 / slope
    bend = p9 * rough * rough / 2147483648.0 + rough * p8 / 32768.0
    bend += (rough / 256.0) ** 3 * p10 / 131072.0
    return (rough + (bend + p7 * 128.0) / 16.0) / 100.0


def humidity_percent(calibration: Calibration, count: float, t_fine: float) -> float:
    """Relative humidity of a raw count at a temperature, not yet held to 0..100."""
    h1, h2, h3, h4, h5, h6, h7 = calibration.h
    warmth = t_fine / 5120.0
    rise = count - (h1 * 16.0 + h3 / 2.0 * warmth)
    gain = h2 / 262144.0 * (1.0 + h4 / 16384.0 * warmth + h5 / 1048576.0 * warmth * warmth)
    rough = rise * gain
    return rough + (h6 / 16384.0 + h7 / 2097152.0 * warmth) * rough * rough


def gas_counts(calibration: Calibration, ohm: float) -> tuple[int, int]:
    """Give the ADC's count and the range in which `ohm` lies nearest to its middle."""
    return min(
        (_gas_count(calibration, ohm, gas_range) for gas_range in range(16)),
        key=lambda found: abs(found[0] - 512),
    )


def _gas_count(calibration: Calibration, ohm: float, gas_range: int) -> tuple[int, int]:
    reference = (1340.0 + 5.0 * calibration.range_error) * (1.0 + _K1[gas_range] / 100.0)
    scale = (1.0 + _K2[gas_range] / 100.0) * 0.000000125 * (1 << gas_range)
    count = 512.0 + reference * (1.0 / (ohm * scale) - 1.0)
    return min(max(round(count), 0), _GAS_COUNTS), gas_range


def heater_c(calibration: Calibration, code: int, ambient_c: float) -> float:
    """To what temperature a code of res_heat brings the heater (section 3.3.5)."""
    g1, g2, g3 = calibration.g
    resistance = code / 3.4 + 25.0
    resistance *= (4.0 + calibration.heat_range) / 4.0 * (1.0 + calibration.heat_value * 0.002)
    warm = (resistance - g3 / 1024.0 * ambient_c) / (g1 / 16.0 + 49.0)
    return (warm - 1.0) / (g2 / 32768.0 * 0.0005 + 0.00235)


def wait_ms(code: int) -> int:
    """How long gas_wait heats."""
    return int((code & 0x3F) * 4 ** (code >> 6))
