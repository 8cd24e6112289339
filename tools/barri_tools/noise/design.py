# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Derives the meter's integer coefficients; `python -m barri_tools.noise.design` writes them.

For each sampling rate and microphone:
1. The high passes at 107.7 and 737.9 Hz (A beyond C): bilinear transform, then the best of the
   integers nearby.
2. Equaliser and C weighting together shall be C over the microphone's curve. The low end has
   three numbers (two corners, a share of lows), the top four. A descent finds them as real
   numbers, in turns; a search of all integers nearby takes the best.
3. Best is what uses up the least of the limits of IEC 61672-1:2013 Table 3 (class 1 at 48 kHz,
   class 2 at 24 kHz) at its worst frequency; for the flat microphone the least error in dB.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np

from barri_tools.firmware import source_directory
from barri_tools.noise import chain
from barri_tools.noise.chain import Row
from barri_tools.noise.curves import (
    BOTTOM_HZ,
    MIDDLE_HZ,
    TABLE_3,
    TOP_HZ,
    Floats,
    analytic_a_db,
    analytic_c_db,
)
from barri_tools.noise.microphones import MICROPHONES, Microphone
from barri_tools.noise.ranges import ranges

RATES_HZ = (48000, 24000)
F_TIME_S = 0.125  # IEC 61672-1:2013 5.8.1
# What the flat microphone is fitted over; a microphone's own filter ends at 0.42 of the rate.
_TOP_OF_FIT_HZ = {48000: 16000.0, 24000: 10000.0}
_LINEAR_ABOVE_NOISE_DB = 7.0  # noise lifts a level this far above it by the 0.8 dB of class 1

# Starts of the top's fit; how much larger it may make low frequencies, best first: what rounding
# adds becomes smaller beside a larger sound.
_TOP_STARTS = tuple(product((0.0, 0.5), (-0.1, 0.2), (0.0, 0.5), (-0.1,)))
_GAINS = (2.0, 1.5, 1.25, 1.0)
_LOWEST_CORNER_HZ = 10.0  # wind and DC are to be gone soon

_LOW_SCALES = np.array([2.0**17, 2.0**17, -(2.0**chain.SHARE_BITS)])

Worst = Callable[[Floats], Floats]


class Task(NamedTuple):
    """What to fit: wanted C over microphone (dB) at frequencies, and the error allowed there."""

    sample_rate_hz: int
    hz: Floats
    wanted_db: Floats
    above_db: Floats
    below_db: Floats

    def used(self, response: chain.Complex) -> Floats:
        """How much of the limits candidates use up at worst; response: rows x frequencies."""
        db = 20 * np.log10(np.abs(response) + 1e-12)
        error = db - self.wanted_db
        error = error - error[:, -1:]  # the last frequency is 1 kHz
        worst = np.maximum(error / self.above_db, error / self.below_db)
        return np.asarray(worst.max(axis=1), dtype=np.float64)

    def below(self, hz: float) -> "Task":
        """The same task without what lies above a frequency."""
        kept = self.hz <= hz
        return Task(self.sample_rate_hz, *(column[kept] for column in self[1:]))


def task(microphone: Microphone, sample_rate_hz: int) -> Task:
    """Set the fit of a microphone at a rate."""
    bottom_hz, top_hz = microphone.band()
    if microphone is MICROPHONES["flat"]:
        bottom_hz, top_hz = 20.0, _TOP_OF_FIT_HZ[sample_rate_hz]
    top_hz = min(top_hz, 0.42 * sample_rate_hz if sample_rate_hz < 48000 else top_hz)
    hz = np.append(np.geomspace(bottom_hz, top_hz, 150), 1000.0)
    above, below = limits(hz, 1 if sample_rate_hz == 48000 else 2)
    if microphone is MICROPHONES["flat"]:
        above, below = np.ones(len(hz)), -np.ones(len(hz))
    return Task(sample_rate_hz, hz, analytic_c_db(hz) - microphone.at(hz), above, below)


def limits(hz: Floats, limits_class: int) -> tuple[Floats, Floats]:
    """Table 3's limits between its frequencies: of the two beside it the narrower, in dB."""
    known = np.array([band.exact_hz for band in TABLE_3])
    table = np.array([band.class_1 if limits_class == 1 else band.class_2 for band in TABLE_3])
    after = np.searchsorted(known, hz * 0.999).clip(1, len(known) - 1)
    above = np.minimum(table[after, 0], table[after - 1, 0])
    return above, np.maximum(table[after, 1], table[after - 1, 1])


@lru_cache(maxsize=16)
def design(name: str, sample_rate_hz: int) -> Row:
    """Derive the row of a microphone at a rate; ValueError if 32 bits do not hold it."""
    wanted = task(MICROPHONES[name], sample_rate_hz)
    lows = _fit_lows(wanted, name == "flat")
    for gain in _GAINS:
        row = _row(lows, _fit_top(wanted, lows, gain), sample_rate_hz)
        if all(largest < limit for _, largest, limit in ranges(row, sample_rate_hz)):
            return row
    raise ValueError(f"{name} at {sample_rate_hz} Hz leaves 32 bits: choose fewer of them")


def _row(lows: Floats, top: list[int], sample_rate_hz: int) -> Row:
    m1, m2, share = _integers(lows * _LOW_SCALES)
    # With alpha = 1/128 a shift does the F weighting; the sub-block that makes it 125 ms long:
    sub_block = round(-F_TIME_S * sample_rate_hz * math.log(1 - 1 / 128))
    b0, b1, b2, a1, a2 = top
    m3, m4 = _middle(sample_rate_hz)
    return Row(m1, m2, m3, m4, share, b0, b1, b2, a1, a2, sub_block)


@lru_cache(maxsize=2)
def _middle(sample_rate_hz: int) -> list[int]:
    """Find the two high passes that A has beyond C: the least error in dB."""
    hz = np.append(np.geomspace(20, _TOP_OF_FIT_HZ[sample_rate_hz], 150), 1000.0)
    one = np.ones(len(hz))
    wanted = Task(sample_rate_hz, hz, analytic_a_db(hz) - analytic_c_db(hz), one, -one)
    z = chain.delay(hz, sample_rate_hz)
    bits = zip(chain.INTEGRATOR_BITS[2:], chain.RESIDUE_BITS[2:], strict=True)
    scales = np.array([2.0 ** (i + r) for i, r in bits])

    def worst(candidates: Floats) -> Floats:
        first, second = (candidates[:, i, None] for i in range(2))
        return wanted.used(chain.high_pass(z, first) * chain.high_pass(z, second))

    start = np.array([moved(corner_hz, sample_rate_hz) for corner_hz in MIDDLE_HZ])
    return _integers(_nearest(worst, start, scales, 12) * scales)


def moved(corner_hz: float, sample_rate_hz: int) -> float:
    """What an integrator takes of each sample, for a corner (bilinear transform)."""
    warped = math.tan(math.pi * corner_hz / sample_rate_hz)
    return 2 * warped / (1 + warped)


def _fit_lows(wanted: Task, flat: bool) -> Floats:
    """Find the low end: what two integrators take, and the share of lows given back."""
    start = moved(BOTTOM_HZ, wanted.sample_rate_hz)
    lows = np.array([start, start, 0.0])
    if flat:
        return np.asarray(np.round(lows * _LOW_SCALES) / _LOW_SCALES, dtype=np.float64)
    worst = _worst_low(wanted.below(1000.0))
    lows = _descend(worst, lows + np.array([0.0, 0.0, 3.0]), np.array([start / 4, start / 4, 0.5]))
    return _nearest(worst, lows, _LOW_SCALES, 6)


def _worst_low(wanted: Task) -> Worst:
    """The low end alone, with the top as the standard has it."""
    z = chain.delay(wanted.hz, wanted.sample_rate_hz)
    top = 1 / (1 + (wanted.hz / TOP_HZ) ** 2)
    least = moved(_LOWEST_CORNER_HZ, wanted.sample_rate_hz)

    def worst(candidates: Floats) -> Floats:
        used = wanted.used(_low_response(z, candidates) * top)
        return np.where(candidates[:, :2].min(axis=1) < least, np.inf, used)

    return worst


def _low_response(z: chain.Complex, candidates: Floats) -> chain.Complex:
    first, second, share = (candidates[:, i, None] for i in range(3))
    response = chain.high_pass(z, first) * chain.high_pass(z, second, share)
    return np.asarray(response, dtype=np.complex128)


def _fit_top(wanted: Task, lows: Floats, gain: float) -> list[int]:
    """Find the top's five integers. gain: what it gives low frequencies at most."""
    z = chain.delay(wanted.hz, wanted.sample_rate_hz)
    low = _low_response(z, lows[None])

    def worst(tops: Floats) -> Floats:
        return wanted.used(chain.top(z, 1.0, *(tops[:, i, None] for i in range(4))) * low)

    ends = [_descend(worst, np.array(start), np.full(4, 0.15)) for start in _TOP_STARTS]
    tops = min(ends, key=lambda end: float(worst(end[None])[0]))
    one = 1 << chain.TOP_BITS
    b0 = round(one * min(1.0, gain / _gain_at_0(tops)))
    scales = np.array([b0, b0, one, one])
    return [b0, *_integers(_nearest(worst, tops, scales, 4) * scales)]


def _gain_at_0(tops: Floats) -> float:
    b1, b2, a1, a2 = tops
    return float((1 + b1 + b2) / (1 - a1 - a2))


def _descend(worst: Worst, start: Floats, step: Floats) -> Floats:
    """Walk to the best neighbour until there is none, then halve the step."""
    best, neighbours = start, np.array(list(product((-1.0, 0.0, 1.0), repeat=len(start))))
    for _ in range(400):
        candidates = best + step * neighbours
        errors = worst(candidates)
        if errors.min() < worst(best[None])[0]:
            best = candidates[errors.argmin()]
        else:
            step = step / 2
        if step.max() < 2**-14:
            break
    return best


def _nearest(worst: Worst, found: Floats, scales: Floats, reach: int) -> Floats:
    """Give the best of the integers (over scales) around what was found."""
    around = np.array(list(product(range(-reach, reach + 1), repeat=len(found))))
    candidates = (np.round(found * scales) + around) / scales
    return np.asarray(candidates[worst(candidates).argmin()], dtype=np.float64)


def _integers(numbers: Floats) -> list[int]:
    return [round(float(number)) for number in numbers]


_HEADER = '''# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The meter's numbers per sampling rate and microphone, written by `barri_tools.noise.design`.

A row: multipliers of the four high passes; the equaliser's share of lows in 1/64; gain, two
zeros and two poles of the top section in 1/512; samples per sub-block; the logarithm (1/2048
octaves) of a sub-block's A and C energy for a full-scale 1 kHz sine; the lowest level in ddB that
the microphone can measure: 7 dB above its own noise.
"""
'''


def render() -> str:
    """Give the text of the firmware's coefficients.py."""
    text = _HEADER
    for rate_hz in RATES_HZ:
        text += f"\nAT_{rate_hz} = {{\n"
        for name, microphone in MICROPHONES.items():
            row = design(name, rate_hz)
            numbers = (*row, *chain.full_scale_steps(row, rate_hz), lowest_ddb(microphone))
            text += f'    "{name}": {numbers},\n'
        text += "}\n"
    return text


def lowest_ddb(microphone: Microphone) -> int:
    """The lowest level that a microphone measures within class 1's linearity, in 0.1 dB."""
    if microphone.self_noise_dba is None:
        return 0
    return round(10 * (microphone.self_noise_dba + _LINEAR_ABOVE_NOISE_DB))


def main() -> None:
    """Write the coefficients into the firmware, and print how much of the limits they use."""
    path = source_directory() / "barri_node" / "noise" / "coefficients.py"
    path.write_text(render(), encoding="utf-8")
    for rate_hz, (name, microphone) in product(RATES_HZ, MICROPHONES.items()):
        wanted, row = task(microphone, rate_hz), design(name, rate_hz)
        used = float(wanted.used(chain.c_response(row, wanted.hz, rate_hz)[None])[0])
        what = "dB at most" if name == "flat" else "of the limits"
        print(f"{name} at {rate_hz} Hz: {used:.3f} {what}")  # noqa: T201
        for value, largest, limit in ranges(row, rate_hz):
            print(f"  {value}: 2**{np.log2(max(largest, 1)):.2f} of 2**{np.log2(limit):.0f}")  # noqa: T201


if __name__ == "__main__":
    main()
