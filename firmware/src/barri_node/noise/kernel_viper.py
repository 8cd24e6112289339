# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The meter's arithmetic as machine code: `kernel_plain` line for line, see there for the ranges.

Viper's ints are the machine's words and wrap; its loads extend no sign on 64-bit machines. So
words in memory are positive (plus the bias), samples get their sign by hand, and constants stay
below 2**30. Places in memory are those of `memory`, as numbers: a name would cost a look-up.
"""

# ruff: noqa: PLR1730 - min and max are calls to Python here

import micropython
from micropython import const

_BIAS = const(0x3FFFFFFF)
_ROUND = const(0x3FFFFFF7)  # the bias less half of 16
_WORD = const(0x1FFFFFF)


@micropython.viper
def high_pass(memory: ptr32, samples: ptr32, count: int, filtered: ptr32):  # noqa: F821
    """Take the low corners of the A weighting out; see `kernel_plain.high_pass`."""
    m1, m2 = memory[0], memory[1]
    m3, m4 = memory[2], memory[3]
    s1, s2 = memory[8] - _BIAS, memory[9] - _BIAS
    s3, s4 = memory[10] - _BIAS, memory[11] - _BIAS
    r1, r2 = memory[12], memory[13]
    r3, r4 = memory[14], memory[15]
    i = 0
    while i < count:
        x = ((samples[i] >> 8) & 0xFFFFFF ^ 0x800000) - 0x800000
        x -= s1 >> 5
        r1 += x
        s1 += m1 * (r1 >> 7)
        r1 &= 127
        x -= s2 >> 5
        r2 += x
        s2 += m2 * (r2 >> 12)
        r2 &= 4095
        x -= s3 >> 5
        r3 += x
        s3 += m3 * (r3 >> 12)
        r3 &= 4095
        x -= s4 >> 5
        r4 += x
        s4 += m4 * (r4 >> 10)
        r4 &= 1023
        filtered[i] = x + _BIAS
        i += 1
    memory[8], memory[9] = s1 + _BIAS, s2 + _BIAS
    memory[10], memory[11] = s3 + _BIAS, s4 + _BIAS
    memory[12], memory[13] = r1, r2
    memory[14], memory[15] = r3, r4


@micropython.viper
def top_energy(memory: ptr32, filtered: ptr32, count: int, energies: ptr32) -> int:  # noqa: F821
    """Take the top corner out and add up energies; see `kernel_plain.top_energy`."""
    zero = memory[4] - _BIAS
    pole_1, pole_2 = memory[5] - _BIAS, memory[6] - _BIAS
    last_x = memory[16] - _BIAS
    y, last_y = memory[17] - _BIAS, memory[18] - _BIAS
    fine, coarse = memory[19], memory[20]
    left = memory[21]
    pairs = 0
    i = 0
    while i < count:
        x = (filtered[i] - _ROUND) >> 4
        i += 1
        new_y = ((x << 9) + zero * last_x + pole_1 * y + pole_2 * last_y + 256) >> 9
        last_x = x
        last_y = y
        y = new_y
        if (new_y + 4096) >> 13:
            rest = new_y & 2047
            coarse += ((new_y >> 11) * (new_y + rest) + 64) >> 7
            fine += rest * rest
        else:
            fine += new_y * new_y
        left -= 1
        if left == 0:
            energies[2 * pairs] = fine
            energies[2 * pairs + 1] = coarse
            pairs += 1
            fine = 0
            coarse = 0
            left = memory[7]
    memory[16] = last_x + _BIAS
    memory[17], memory[18] = y + _BIAS, last_y + _BIAS
    memory[19], memory[20] = fine, coarse
    memory[21] = left
    return pairs


@micropython.viper
def time_weight(memory: ptr32, energies: ptr32, count: int, histogram: ptr32):  # noqa: F821
    """Follow the F level over sub-blocks; see `kernel_plain.time_weight`."""
    f_high, f_low = memory[0], memory[1]
    sum_high, sum_low = memory[2], memory[3]
    highest, lowest = memory[4], memory[5]
    no_sound = memory[6] - _BIAS
    i = 0
    while i < count:
        fine, coarse = energies[2 * i], energies[2 * i + 1]
        i += 1
        low = (fine & _WORD) + ((coarse & 127) << 18)
        high = (fine >> 25) + (coarse >> 7)
        sum_low += low
        sum_high += high + (sum_low >> 25)
        sum_low &= _WORD
        # Words of 25 bits: a borrow is an arithmetic shift of a negative low word.
        f_low += low - ((f_high & 127) << 18 | f_low >> 7)
        f_high += high - (f_high >> 7) + (f_low >> 25)
        f_low &= _WORD
        steps = int(_log2_steps(f_high, f_low)) - 14336
        if steps < 0:
            steps = 0
        if steps > highest:
            highest = steps
        if steps < lowest:
            lowest = steps
        above = steps - no_sound
        if above < 0:
            above = 0
        ddb = (above * 15413 + 0x80000) >> 20
        if ddb > 1400:
            ddb = 1400
        histogram[ddb] += 1
    memory[0], memory[1] = f_high, f_low
    memory[2], memory[3] = sum_high, sum_low
    memory[4], memory[5] = highest, lowest


@micropython.viper
def _log2_steps(high: int, low: int) -> int:
    """Give `decibel.log2_steps` of a number in two words of 25 bits."""
    if high >> 18:
        mantissa, exponent = high, 40
    elif high >> 5:
        mantissa, exponent = high << 12 | low >> 13, 28
    else:
        mantissa, exponent = high << 25 | low, 15
    if mantissa == 0:
        return 0
    while mantissa > 65535:
        mantissa >>= 1
        exponent += 1
    while mantissa < 32768:
        mantissa <<= 1
        exponent -= 1
    x = mantissa - 32768
    bend = ((x * (32768 - x) >> 15) * (13791 - (x * 5124 >> 15))) >> 15
    return (exponent << 11) + ((x + bend + 8) >> 4)
