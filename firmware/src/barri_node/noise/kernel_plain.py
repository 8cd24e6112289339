# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The meter's arithmetic in plain Python: what `kernel_viper` does, to be read beside it.

Why nothing leaves 32 bits, for ANY input. Samples are below F = 2**23. The largest output of a
linear filter is F times the sum of its absolute impulse response; `barri_tools.noise_design`
sums them, adds what rounding can, and refuses a design beyond these limits. At 48 kHz it finds:
    integrators (steps of 1/32) are moving averages of their section's input   < 2**29.1
    x after each high pass                                                     < 2**24.2
    weighted sum of the top section; its y in steps of 16                      < 2**30.2, 2**20.9
    parts of a loud square: (y >> 11) * (y + rest); (...) >> 7                 < 2**30.8, 2**23.8
    energy of 47 samples: fine; coarse, in 2**18                               < 2**29.6, 2**29.3
    F level, 128 energies: its upper word, above 25 bits                       < 2**29.3
"""

from array import array

from barri_node.noise import memory as at
from barri_node.noise.decibel import log2_steps, steps_to_ddb

_WORD = (1 << 25) - 1


def high_pass(
    memory: "array[int]", samples: "memoryview", count: int, filtered: "array[int]"
) -> None:
    """Take the four low corners of the A weighting out, and any DC with them.

    memory: of `weigh_memory`. samples: buffer of 32-bit little-endian words, 24 bits at the left.
    filtered: array of ints, receives the result plus BIAS.
    """
    m1, m2, m3, m4 = memory[at.MULTIPLIERS : at.MULTIPLIERS + 4]
    s1, s2, s3, s4 = (word - at.BIAS for word in memory[at.INTEGRATORS : at.INTEGRATORS + 4])
    r1, r2, r3, r4 = memory[at.RESIDUES : at.RESIDUES + 4]
    words = array("i", bytes(samples[: 4 * count]))
    for i in range(count):
        # A high pass: take away the integral of what went through. The integrator moves by whole
        # steps of 2**7, 12, 12, 10; the residue keeps what is left over, so nothing is lost.
        x = (words[i] >> 8) - (s1 >> 5)
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
        filtered[i] = x + at.BIAS
    for i, integrator in enumerate((s1, s2, s3, s4)):
        memory[at.INTEGRATORS + i] = integrator + at.BIAS
    for i, residue in enumerate((r1, r2, r3, r4)):
        memory[at.RESIDUES + i] = residue


def top_energy(
    memory: "array[int]", filtered: "array[int]", count: int, energies: "array[int]"
) -> int:
    """Take the top corner of the A weighting out, and add up the energy of each sub-block.

    energies: receives a pair per sub-block that ends: energy = fine + coarse * 2**18, in squares
    of 16 steps of a 24-bit sample. Returns the number of pairs.
    """
    zero, pole_1, pole_2 = (word - at.BIAS for word in memory[at.ZERO : at.POLE_2 + 1])
    last_x, y, last_y = (word - at.BIAS for word in memory[at.LAST_X : at.LAST_Y2 + 1])
    fine, coarse, left = memory[at.FINE : at.LEFT + 1]
    pairs = 0
    for i in range(count):
        x = (filtered[i] - at.BIAS + 8) >> 4
        # One zero, two poles, coefficients in 1/512.
        new_y = ((x << 9) + zero * last_x + pole_1 * y + pole_2 * last_y + 256) >> 9
        last_x, y, last_y = x, new_y, y
        # A loud y = 2048 a + rest is squared in parts: 2048 a (y + rest) + rest * rest.
        if -4096 <= y < 4096:
            fine += y * y
        else:
            rest = y & 2047
            coarse += ((y >> 11) * (y + rest) + 64) >> 7
            fine += rest * rest
        left -= 1
        if left == 0:
            energies[2 * pairs], energies[2 * pairs + 1] = fine, coarse
            pairs += 1
            fine = coarse = 0
            left = memory[at.SUB_BLOCK]
    for i, word in enumerate((last_x, y, last_y)):
        memory[at.LAST_X + i] = word + at.BIAS
    memory[at.FINE], memory[at.COARSE], memory[at.LEFT] = fine, coarse, left
    return pairs


def time_weight(
    memory: "array[int]", energies: "array[int]", count: int, histogram: "array[int]"
) -> None:
    """Follow the F level over sub-blocks; note its highest, lowest and distribution.

    memory: of `time_weight_memory`. energies: `count` pairs of `top_energy`, MOST_SUB_BLOCKS at
    most. histogram: sub-blocks per class of one ddB. The energies are added to the memory's sum.
    """
    total = memory[at.SUM_HIGH] << 25 | memory[at.SUM_LOW]
    level = memory[at.F_HIGH] << 25 | memory[at.F_LOW]
    for i in range(count):
        energy = energies[2 * i] + (energies[2 * i + 1] << 18)
        total += energy
        level += energy - (level >> 7)
        steps = max(0, log2_steps(level) - 7 * 2048)
        memory[at.HIGHEST] = max(memory[at.HIGHEST], steps)
        memory[at.LOWEST] = min(memory[at.LOWEST], steps)
        above = max(0, steps + at.BIAS - memory[at.NO_SOUND])
        histogram[min(at.LOUDEST_DDB, steps_to_ddb(above))] += 1
    memory[at.SUM_HIGH], memory[at.SUM_LOW] = total >> 25, total & _WORD
    memory[at.F_HIGH], memory[at.F_LOW] = level >> 25, level & _WORD
