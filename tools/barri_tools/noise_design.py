# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Derives the integer A weighting of the sound level meter, and proves that it fits 32 bits.

`python -m barri_tools.noise_design` writes `barri_node/noise/coefficients.py`. The target is the
analytic curve of IEC 61672-1:2013 Annex E. The method, for each sampling rate:
1. Low corners: four first-order high passes, bilinear transform, one multiplier each.
2. Top: the double pole at 12.2 kHz becomes one zero and two poles. A descent, then a search of
   all coefficients nearby in steps of 1/512, finds the least largest error against what is left.
3. The summed absolute impulse responses bound every value in the filter, for any input.
"""

import math
from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from barri_tools.firmware import source_directory

Floats = NDArray[np.float64]

# IEC 61672-1:2013 Annex E, Hz.
LOW_CORNERS_HZ = (737.86223, 20.598997, 20.598997, 107.65265)
TOP_CORNER_HZ = 12194.217
# Up to where the error is minimised: 0.42 of the rate, as the microphones' pass bands end.
TOP_OF_FIT_HZ = {48000: 16000.0, 24000: 10000.0}
F_TIME_S = 0.125  # IEC 61672-1:2013 5.8.1

# The kernels' formats.
FULL_SCALE = 1 << 23
INTEGRATOR_BITS = 5
RESIDUE_BITS = (7, 12, 12, 10)
TOP_BITS = 9
INPUT_TO_TOP_BITS = 4
FINE_LIMIT = 1 << 12
SPLIT_BITS = 11  # a loud square is made of parts that meet here
COARSE_BITS = 18
WORD_LIMIT = 1 << 31
BIAS = 0x3FFFFFFF
LOG_STEPS = 2048


class Weighting(NamedTuple):
    """An integer A weighting. high_passes: multipliers in 2**-(5 + residue bits); top: 1/512."""

    sample_rate_hz: int
    high_passes: tuple[int, ...]
    top: tuple[int, int, int]
    sub_block: int


def analytic_a_db(frequency_hz: Floats) -> Floats:
    """Give the A weighting by IEC 61672-1:2013 Annex E, in dB, 0 at 1 kHz."""
    return _magnitude_db(frequency_hz) - _magnitude_db(np.array([1000.0]))


def _magnitude_db(frequency_hz: Floats) -> Floats:
    square = np.asarray(frequency_hz, dtype=np.float64) ** 2
    response = square**2 / (square + TOP_CORNER_HZ**2)
    for corner in LOW_CORNERS_HZ:
        response = response / np.sqrt(square + corner**2)
    return np.asarray(20 * np.log10(response), dtype=np.float64)


def response_db(weighting: Weighting, frequency_hz: Floats) -> Floats:
    """Give the response of the integer filter, in dB, 0 at 1 kHz; rounding is left out."""
    db = _gain_db(weighting, np.append(frequency_hz, 1000.0))
    return np.asarray(db[:-1] - db[-1], dtype=np.float64)


def _gain_db(weighting: Weighting, frequency_hz: Floats) -> Floats:
    delay = np.exp(-2j * np.pi * frequency_hz / weighting.sample_rate_hz)
    top = np.array(weighting.top) / 2**TOP_BITS
    response = (1 + top[0] * delay) / (1 - top[1] * delay - top[2] * delay**2)
    for moved in _fractions(weighting.high_passes):
        response = response * (1 - delay) / (1 - (1 - moved) * delay)
    return np.asarray(20 * np.log10(np.abs(response)), dtype=np.float64)


def _fractions(multipliers: tuple[int, ...]) -> list[float]:
    """What each integrator takes of every sample: its multiplier as a fraction."""
    return [
        m / 2 ** (INTEGRATOR_BITS + bits)
        for m, bits in zip(multipliers, RESIDUE_BITS, strict=True)
    ]


def design(sample_rate_hz: int) -> Weighting:
    """Derive the weighting for a rate of `TOP_OF_FIT_HZ`; ValueError if 32 bits do not hold it."""
    high_passes = tuple(
        _multiplier(corner, bits, sample_rate_hz)
        for corner, bits in zip(LOW_CORNERS_HZ, RESIDUE_BITS, strict=True)
    )
    # With alpha = 1/128 a shift does the F weighting; the sub-block that makes it 125 ms long:
    sub_block = round(-F_TIME_S * sample_rate_hz * math.log(1 - 1 / 128))
    bare = Weighting(sample_rate_hz, high_passes, (0, 0, 0), sub_block)
    weighting = bare._replace(top=_best_top(bare))
    for name, largest, limit in ranges(weighting):
        if largest >= limit:
            raise ValueError(f"{name} can reach {largest:.0f}, over {limit}: choose fewer bits")
    return weighting


def _multiplier(corner_hz: float, residue_bits: int, sample_rate_hz: int) -> int:
    warped = math.tan(math.pi * corner_hz / sample_rate_hz)
    pole = (1 - warped) / (1 + warped)
    return round((1 - pole) * (1 << (INTEGRATOR_BITS + residue_bits)))


def _best_top(bare: Weighting) -> tuple[int, int, int]:
    frequency = np.append(np.geomspace(20, TOP_OF_FIT_HZ[bare.sample_rate_hz], 160), 1000.0)
    wanted = analytic_a_db(frequency) - _gain_db(bare, frequency)
    delay = np.exp(-2j * np.pi * frequency / bare.sample_rate_hz)

    def worst_db(tops: Floats) -> Floats:
        zero, first, second = (tops[:, i, None] for i in range(3))
        response = (1 + zero * delay) / (1 - first * delay - second * delay**2)
        error = 20 * np.log10(np.abs(response) + 1e-12) - wanted
        return np.asarray(np.abs(error - error[:, -1:]).max(axis=1), dtype=np.float64)

    near = _neighbours(6) + np.round(_descend(worst_db) * 2**TOP_BITS)
    zero, first, second = near[worst_db(near / 2**TOP_BITS).argmin()]
    return int(zero), int(first), int(second)


def _descend(worst_db: Callable[[Floats], Floats]) -> Floats:
    """Walk to the best neighbour until there is none, then halve the step; from several starts."""
    ends = []
    for start in product((0.1, 0.4), (-0.1, 0.2, 0.5), (-0.05, 0.05)):
        best, step = np.array(start), 0.25
        while step > 2**-12:
            candidates = best + step * _neighbours(2)
            errors = worst_db(candidates)
            if errors.min() < worst_db(best[None, :])[0]:
                best = candidates[errors.argmin()]
            else:
                step /= 2
        ends.append(best)
    return ends[worst_db(np.array(ends)).argmin()]


def _neighbours(reach: int) -> Floats:
    return np.array(list(product(range(-reach, reach + 1), repeat=3)), dtype=np.float64)


def full_scale_log(weighting: Weighting) -> int:
    """Give the logarithm (1/2048 octaves) of a sub-block's energy, for a full-scale 1 kHz sine."""
    gain = 10 ** (float(_gain_db(weighting, np.array([1000.0]))[0]) / 20)
    amplitude = gain * FULL_SCALE / 2**INPUT_TO_TOP_BITS
    return round(LOG_STEPS * math.log2(weighting.sub_block * amplitude**2 / 2))


def impulse_responses(weighting: Weighting) -> list[Floats]:
    """Give one second of response after each high pass and after the top, without rounding."""
    signal = np.zeros(weighting.sample_rate_hz)
    signal[0] = 1.0
    responses = []
    for moved in _fractions(weighting.high_passes):
        signal = _high_passed(signal, moved)
        responses.append(signal)
    responses.append(_topped(signal, weighting))
    return responses


def _high_passed(signal: Floats, moved: float) -> Floats:
    out, integral = np.empty_like(signal), 0.0
    for i, x in enumerate(signal):
        out[i] = x - integral
        integral += moved * out[i]
    return out


def _topped(signal: Floats, weighting: Weighting) -> Floats:
    zero, first, second = (c / 2**TOP_BITS for c in weighting.top)
    out, last, y1, y2 = np.empty_like(signal), 0.0, 0.0, 0.0
    for i, x in enumerate(signal):
        out[i] = x + zero * last + first * y1 + second * y2
        last, y1, y2 = x, out[i], y1
    return out


def ranges(weighting: Weighting) -> list[tuple[str, float, int]]:
    """Give (what, the most it can reach for any input, its limit) for every value in the kernels.

    Rounding is bounded the same way: each section adds less than its residue's part of a step
    and one, which the sections behind it amplify less than fourfold.
    """
    gains = [float(np.abs(response).sum()) for response in impulse_responses(weighting)]
    fractions = _fractions(weighting.high_passes)
    rounding = 16 * sum(f * 2**bits + 1 for f, bits in zip(fractions, RESIDUE_BITS, strict=True))
    inputs = [FULL_SCALE * gain + rounding for gain in (1.0, *gains[:3])]
    x = (FULL_SCALE * gains[3] + rounding) / 2**INPUT_TO_TOP_BITS + 1
    y = (FULL_SCALE * gains[4] + rounding) / 2**INPUT_TO_TOP_BITS + 8
    one = 1 << TOP_BITS
    zero, first, second = (abs(c) for c in weighting.top)
    found = [
        (f"integrator {i + 1}", top * 2**INTEGRATOR_BITS, BIAS) for i, top in enumerate(inputs)
    ]
    found.append(("filtered", x * 2**INPUT_TO_TOP_BITS, BIAS))
    found.append(("top sum", (one + zero) * x + (first + second) * y + one / 2, WORD_LIMIT))
    found.append(("fine energy", weighting.sub_block * float(FINE_LIMIT**2), WORD_LIMIT))
    split = 1 << SPLIT_BITS
    found.append(("loud square", (y / split + 1) * (y + split) + 64, WORD_LIMIT))
    coarse = weighting.sub_block * ((y + split) ** 2 / 2**COARSE_BITS + 1)
    found.append(("coarse energy", coarse, WORD_LIMIT))
    # The F level keeps 128 times the energy, its upper word counts 2**25.
    found.append(("F level", 128 * (coarse * 2**COARSE_BITS + 2**31) / 2**25, WORD_LIMIT))
    return found


_HEADER = '''# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The A weighting's numbers per sampling rate, written by `barri_tools.noise_design`: see there.

high_passes: multipliers. top: zero and two poles in 1/512. sub_block: samples per energy.
full_scale: logarithm (1/2048 octaves) of the energy of a full-scale 1 kHz sine.
"""

A = {
'''


def render() -> str:
    """Give the text of the firmware's coefficients.py."""
    text = _HEADER
    for rate in TOP_OF_FIT_HZ:
        found = design(rate)
        text += f"    {rate}: {{\n"
        text += f'        "high_passes": {found.high_passes},\n        "top": {found.top},\n'
        text += f'        "sub_block": {found.sub_block},\n'
        text += f'        "full_scale": {full_scale_log(found)},\n    }},\n'
    return text + "}\n"


def main() -> None:
    """Write the coefficients into the firmware, and print what they reach."""
    path = source_directory() / "barri_node" / "noise" / "coefficients.py"
    path.write_text(render(), encoding="utf-8")
    for rate, top_hz in TOP_OF_FIT_HZ.items():
        weighting = design(rate)
        frequency = np.geomspace(20, top_hz, 500)
        error = np.abs(response_db(weighting, frequency) - analytic_a_db(frequency)).max()
        print(f"noise.a_weighting_error.{rate} {error:.3f} dB")  # noqa: T201
        for name, largest, limit in ranges(weighting):
            print(f"  {name}: 2**{np.log2(largest):.2f} of 2**{np.log2(limit):.0f}")  # noqa: T201


if __name__ == "__main__":
    main()
