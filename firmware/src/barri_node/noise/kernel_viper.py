# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The meter's arithmetic as machine code: `kernel_plain` line for line, see there for the why.

Viper's ints are the machine's words and wrap; its loads extend no sign on 64-bit machines, so
words in memory are positive (plus the bias), and constants stay below 2**30. What makes it fast:
the first two arguments live in registers; a sum goes on from its left end, so products stand
left. Places in memory are those of `memory`, as numbers: a name would cost a look-up.
"""

# ruff: noqa: PLR0915 - one pass over the samples: a call would cost more than what it does
# ruff: noqa: PLR1730 - min and max are calls to Python here

import micropython
from micropython import const

_BIAS = const(0x3FFFFFFF)
_WORD = const(0x1FFFFFF)


@micropython.viper
def weigh(i: int, x: int, memory: ptr32, samples: ptr32, count: int, energies: ptr32) -> int:  # noqa: F821
    """Weigh samples and give the energies of sub-blocks; see `kernel_plain.weigh`."""
    m1, m2 = 0 - memory[0], 0 - memory[1]
    m3, m4 = 0 - memory[2], 0 - memory[3]
    share = memory[4] - _BIAS
    b0 = memory[5] - _BIAS
    b1, b2 = memory[6] - _BIAS, memory[7] - _BIAS
    a1, a2 = memory[8] - _BIAS, memory[9] - _BIAS
    s1, s2 = memory[11] - _BIAS, memory[12] - _BIAS
    s3, s4 = memory[13] - _BIAS, memory[14] - _BIAS
    r1, r2 = memory[15], memory[16]
    r3, r4 = memory[17], memory[18]
    t1, t2 = memory[19] - _BIAS, memory[20] - _BIAS
    a_fine, a_coarse = memory[21], memory[22]
    c_fine, c_coarse = memory[23], memory[24]
    left = memory[25]
    overload = memory[26]
    low_20 = 0xFFFFF
    sign = 0x80000
    done = 0
    while i < count:
        stop = i + left
        if stop > count:
            stop = count
        left -= stop - i
        while i < stop:
            # 1. Twenty bits of the sample; are they at the end of the scale?
            x = ((samples[i] >> 12) & low_20 ^ sign) - sign
            i += 1
            overload = ((x >> 19 ^ x) + 16384 >> 19) | overload
            # 2. High pass at 20.6 Hz, which takes any DC out.
            x = (s1 >> 10) + x
            r1 = (r1 & 127) + x
            s1 = (r1 >> 7) * m1 + s1
            # 3. High pass at 20.6 Hz with the microphone's share of lows.
            y = s2 >> 10
            x = x + y
            r2 = (r2 & 127) + x
            s2 = (r2 >> 7) * m2 + s2
            x = (y * share >> 6) + x
            # 4. The top section. This is the C weighting.
            y = x * b0 + t1 + 256 >> 9
            t1 = x * b1 + t2
            t2 = x * b2
            x = y
            t1 = x * a1 + t1
            t2 = x * a2 + t2
            # 5. Its energy.
            if x + 4096 >> 13:
                y = x + 64 >> 7
                c_coarse = (y * y + 8 >> 4) + c_coarse
            else:
                c_fine = x * x + c_fine
            # 6. Two more high passes, at 107.7 and 737.9 Hz: the A weighting.
            x = (s3 >> 7) + x
            r3 = (r3 & 255) + x
            s3 = (r3 >> 8) * m3 + s3
            x = (s4 >> 7) + x
            r4 = (r4 & 31) + x
            s4 = (r4 >> 5) * m4 + s4
            # 7. Its energy.
            if x + 4096 >> 13:
                x = x + 64 >> 7
                a_coarse = (x * x + 8 >> 4) + a_coarse
            else:
                a_fine = x * x + a_fine
        if left == 0:
            energies[4 * done], energies[4 * done + 1] = a_fine, a_coarse
            energies[4 * done + 2], energies[4 * done + 3] = c_fine, c_coarse
            done += 1
            a_fine = 0
            a_coarse = 0
            c_fine = 0
            c_coarse = 0
            left = memory[10]
    memory[11], memory[12] = s1 + _BIAS, s2 + _BIAS
    memory[13], memory[14] = s3 + _BIAS, s4 + _BIAS
    memory[15], memory[16] = r1 & 127, r2 & 127
    memory[17], memory[18] = r3 & 255, r4 & 31
    memory[19], memory[20] = t1 + _BIAS, t2 + _BIAS
    memory[21], memory[22] = a_fine, a_coarse
    memory[23], memory[24] = c_fine, c_coarse
    memory[25] = left
    memory[26] = overload
    return done


@micropython.viper
def time_weight(memory: ptr32, energies: ptr32, count: int, marks: ptr32) -> int:  # noqa: F821
    """Follow the level over sub-blocks; see `kernel_plain.time_weight`."""
    level_high, level_low = memory[0], memory[1]
    halvings, beforehand = memory[2], memory[3]
    let_in, let_go = (1 << beforehand) - 1, (1 << halvings) - 1
    marked = 0
    i = 0
    while i < count:
        # 1. The energies in words of 25 bits, added to the window's sums.
        fine, coarse = energies[4 * i + 2], energies[4 * i + 3]
        low = (fine & _WORD) + ((coarse & 127) << 18) + memory[12]
        high = (fine >> 25) + (coarse >> 7) + (low >> 25) + memory[13]
        memory[12], memory[13] = low & _WORD, high & _WORD
        memory[14] += high >> 25
        fine, coarse = energies[4 * i], energies[4 * i + 1]
        low = (fine & _WORD) + ((coarse & 127) << 18)
        high = (fine >> 25) + (coarse >> 7)
        sum_low = low + memory[9]
        sum_high = (sum_low >> 25) + high + memory[10]
        memory[9], memory[10] = sum_low & _WORD, sum_high & _WORD
        memory[11] += sum_high >> 25
        i += 1
        # 2. Exponential averaging: takes energy in, lets the same part of itself go.
        taken = ((high & let_in) << (25 - beforehand)) + (low >> beforehand)
        gone = ((level_high & let_go) << (25 - halvings)) + (level_low >> halvings)
        level_low += taken - gone
        level_high += (high >> beforehand) - (level_high >> halvings) + (level_low >> 25)
        level_low &= _WORD
        # 3. Its highest and its lowest value.
        if level_high > memory[5] or (level_high == memory[5] and level_low > memory[6]):
            memory[5], memory[6] = level_high, level_low
        if level_high < memory[7] or (level_high == memory[7] and level_low < memory[8]):
            memory[7], memory[8] = level_high, level_low
        # 4. A mark every 125 ms.
        memory[4] -= 1
        if memory[4] == 0:
            memory[4] = 128
            marks[2 * marked], marks[2 * marked + 1] = level_high, level_low
            marked += 1
    memory[0], memory[1] = level_high, level_low
    return marked
