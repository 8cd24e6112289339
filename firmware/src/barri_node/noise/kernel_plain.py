# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The meter's arithmetic in plain Python: what `kernel_viper` does, to be read beside it.

Why nothing leaves 32 bits, for ANY input. Samples are below F = 2**23. The largest output of a
linear filter is F times the sum of its absolute impulse response; `barri_tools.noise_design`
sums them, with what rounding adds, and refuses a design beyond these bounds:
    x after each high pass  < 2**24.25; integrators, in 1/32 steps, are moving averages of their
                            section's input: < 2**29.25
    x and y of the top      < 2**21.25 and < 2**21.75, in steps of 8; the weighted sum < 2**30.75
    square of y < 2**12     < 2**24, of 47 of them < 2**29.56
    square of y / 512       < 2**25.5, of 47 of them < 2**31 - that is the narrowest place
"""

from array import array

from barri_node.noise import memory as at
from barri_node.noise.decibel import log2_steps, steps_to_ddb

_WORD = (1 << 25) - 1


def high_pass(memory, samples, count, filtered):
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


def top_energy(memory, filtered, count, energies):
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
        # Loud samples are squared in coarse steps: 0.006 dB at most, just above the limit.
        if -4096 <= y < 4096:
            fine += y * y
        else:
            coarse += ((y + 256) >> 9) ** 2
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


def time_weight(memory, energies, count, histogram):
    """Follow the F level over sub-blocks; note its highest, lowest and distribution.

    memory: of `time_weight_memory`. energies: `count` (at most MOST_SUB_BLOCKS) pairs of `top_energy`.
    histogram: sub-blocks per class of one ddB. The sum of energies is added to the memory.
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
