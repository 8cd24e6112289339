# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The kernel's filters as formulas: what `barri_node.noise.kernel_plain` does, without rounding.

A row is the eleven numbers that it takes, in its order. Frequencies are in Hz, responses complex.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from barri_tools.noise.curves import Floats

Complex = NDArray[np.complex128]

# The kernel's formats. An integrator moves by multiplier / 2**(integrator + residue bits).
INPUT_BITS = 20
INTEGRATOR_BITS = (10, 10, 7, 7)
RESIDUE_BITS = (7, 7, 8, 5)
SHARE_BITS = 6
TOP_BITS = 9
QUIET_LIMIT = 1 << 12
LOUD_BITS = 7
COARSE_BITS = 18  # of the unit that loud squares are summed in
FULL_SCALE = 1 << (INPUT_BITS - 1)
LOG_STEPS = 2048  # of a logarithm, per octave


class Row(NamedTuple):
    """An integer chain: four high passes, the equaliser's share, the top section."""

    m1: int
    m2: int
    m3: int
    m4: int
    share: int
    b0: int
    b1: int
    b2: int
    a1: int
    a2: int
    sub_block: int

    @property
    def moved(self) -> list[float]:
        """What each high pass's integrator takes of every sample."""
        multipliers = (self.m1, self.m2, self.m3, self.m4)
        bits = zip(INTEGRATOR_BITS, RESIDUE_BITS, strict=True)
        return [m / 2 ** (i + r) for m, (i, r) in zip(multipliers, bits, strict=True)]


def delay(frequency_hz: Floats, sample_rate_hz: int) -> Complex:
    """Give the response of one sample's delay."""
    return np.asarray(np.exp(-2j * np.pi * frequency_hz / sample_rate_hz), dtype=np.complex128)


def high_pass(z: Complex, moved: float | Floats, given_back: float | Floats = 0.0) -> Complex:
    """Response of a high pass; z: the delay's. given_back: share of the lows that is let through.

    moved, given_back: numbers, or columns of them for many candidates at once.
    """
    lows = moved * z / (1 - (1 - moved) * z)
    return np.asarray(1 - lows + given_back * lows, dtype=np.complex128)


def top(
    z: Complex,
    b0: float | Floats,
    b1: float | Floats,
    b2: float | Floats,
    a1: float | Floats,
    a2: float | Floats,
) -> Complex:
    """Response of the top section; coefficients as numbers (or columns), not in 1/512."""
    return np.asarray((b0 + b1 * z + b2 * z**2) / (1 - a1 * z - a2 * z**2), dtype=np.complex128)


def c_response(row: Row, frequency_hz: Floats, sample_rate_hz: int) -> Complex:
    """Response of equaliser and C weighting together."""
    z = delay(frequency_hz, sample_rate_hz)
    first, second = row.moved[:2]
    low = high_pass(z, first) * high_pass(z, second, -row.share / 2**SHARE_BITS)
    scaled = [number / 2**TOP_BITS for number in (row.b0, row.b1, row.b2, row.a1, row.a2)]
    return np.asarray(low * top(z, *scaled), dtype=np.complex128)


def a_response(row: Row, frequency_hz: Floats, sample_rate_hz: int) -> Complex:
    """Response of equaliser and A weighting together."""
    z = delay(frequency_hz, sample_rate_hz)
    response = c_response(row, frequency_hz, sample_rate_hz)
    for moved in row.moved[2:]:
        response = response * high_pass(z, moved)
    return np.asarray(response, dtype=np.complex128)


def referred_db(response: Complex, at_1_khz: Complex) -> Floats:
    """Turn a response into dB re the one at 1 kHz."""
    return np.asarray(20 * np.log10(np.abs(response) / np.abs(at_1_khz)), dtype=np.float64)


def a_db(row: Row, frequency_hz: Floats, sample_rate_hz: int) -> Floats:
    """Equaliser and A weighting in dB, 0 at 1 kHz."""
    response = a_response(row, np.append(frequency_hz, 1000.0), sample_rate_hz)
    return referred_db(response[:-1], response[-1:])


def c_db(row: Row, frequency_hz: Floats, sample_rate_hz: int) -> Floats:
    """Equaliser and C weighting in dB, 0 at 1 kHz."""
    response = c_response(row, np.append(frequency_hz, 1000.0), sample_rate_hz)
    return referred_db(response[:-1], response[-1:])


def full_scale_steps(row: Row, sample_rate_hz: int) -> tuple[int, int]:
    """Logarithms (1/2048 octaves) of a sub-block's A and C energy for a full-scale 1 kHz sine."""
    return (
        _full_scale(row, a_response(row, np.array([1000.0]), sample_rate_hz)),
        _full_scale(row, c_response(row, np.array([1000.0]), sample_rate_hz)),
    )


def _full_scale(row: Row, at_1_khz: Complex) -> int:
    amplitude = float(np.abs(at_1_khz[0])) * FULL_SCALE
    return round(LOG_STEPS * float(np.log2(row.sub_block * amplitude**2 / 2)))
