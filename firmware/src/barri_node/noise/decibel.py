# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Decibels without floats: binary logarithms in steps of 1/2048, levels in ddB (0.1 dB).

Board floats have 32 bits; an energy here has up to 70. Must not import anything.
"""

from micropython import const

OCTAVE = 2048  # steps of the logarithm for a factor of two
_DDB_PER_STEP = const(15413)  # 2**20 * 100 * log10(2) / 2048
_HALF_TURN = const(1 << 19)


def log2_steps(value: int) -> int:
    """Give log2(value) in steps of 1/2048, for an integer >= 1; 0 for 0.

    log2(1 + x) is taken as x + x(1 - x)(0.42086 - 0.15639 x), off by 0.0031 dB at most.
    """
    if value < 1:
        return 0
    exponent = 15
    while value > 65535:
        value >>= 1
        exponent += 1
    while value < 32768:
        value <<= 1
        exponent -= 1
    x = value - 32768
    bend = ((x * (32768 - x) >> 15) * (13791 - (x * 5124 >> 15))) >> 15
    return exponent * OCTAVE + ((x + bend + 8) >> 4)


def log2_of_words(high: int, low: int) -> int:
    """Give `log2_steps` of a number in two words of 25 bits, without an int on the heap."""
    if high < 32:
        return log2_steps(high << 25 | low)
    if high < 1 << 18:
        return log2_steps(high << 12 | low >> 13) + 13 * OCTAVE
    return log2_steps(high) + 25 * OCTAVE


def steps_to_ddb(steps: int) -> int:
    """Turn a difference of logarithms (in steps of 1/2048) of two energies into ddB, rounded."""
    return (steps * _DDB_PER_STEP + _HALF_TURN) >> 20


def ddb_to_steps(ddb: int) -> int:
    """Turn ddB into steps of 1/2048 of the energy's binary logarithm, rounded."""
    return ((ddb << 20) + _DDB_PER_STEP // 2) // _DDB_PER_STEP
