# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The meter's arithmetic in plain Python: what `kernel_viper` does, to be read beside it.

Why nothing leaves 32 bits, for ANY input: samples have 20 bits, and the largest output of a
linear filter is its largest input times the sum of its absolute impulse response.
`barri_tools.noise.ranges` sums them for every microphone, adds what rounding can, and refuses a
design that does not fit; docs/noise.md has the table.
"""

# ruff: noqa: PLR0915 - one pass, to be read beside its twin

from array import array

from barri_node.noise import memory as at

_WORD = (1 << at.WORD_BITS) - 1


def weigh(
    i: int,
    x: int,
    memory: "array[int]",
    samples: "bytes | bytearray | memoryview",
    count: int,
    energies: "array[int]",
) -> int:
    """Equalise, C and A weigh `count` samples; add up the energies of sub-blocks.

    i, x: 0 (they are arguments because viper keeps its first two in registers). memory: of
    `weigh_memory`. samples: 32-bit little-endian words, 24 bits at the left. energies: receives
    four words per sub-block that ends: A fine, A coarse, C fine, C coarse, where energy = fine +
    coarse * 2**18 in squares of 16 steps of a 24-bit sample. Returns how many sub-blocks ended.
    """
    m1, m2, m3, m4 = (-word for word in memory[at.MULTIPLIERS : at.MULTIPLIERS + 4])
    share, b0, b1, b2, a1, a2 = (word - at.BIAS for word in memory[at.SHARE : at.SUB_BLOCK])
    s1, s2, s3, s4 = (word - at.BIAS for word in memory[at.INTEGRATORS : at.RESIDUES])
    r1, r2, r3, r4 = memory[at.RESIDUES : at.TOP_SUMS]
    t1, t2 = (word - at.BIAS for word in memory[at.TOP_SUMS : at.A_FINE])
    a_fine, a_coarse, c_fine, c_coarse, left, overload = memory[at.A_FINE : at.OVERLOAD + 1]
    words = array("i", bytes(samples[: 4 * count]))
    done = 0
    while i < count:
        stop = min(i + left, count)
        left -= stop - i
        while i < stop:
            # 1. The upper 20 of the sample's 24 bits: their last step is 30 dB below the
            # quietest microphone's own noise. Overload is a sample within 3 % of either end of
            # the scale; x >> 19 is -1 for a negative x, so that ^ gives how far it is from zero.
            x = words[i] >> 12
            i += 1
            overload = ((x >> 19 ^ x) + 16384 >> 19) | overload
            # 2. A first-order high pass takes away a running mean of what it has let through:
            # s is minus that mean, in steps of 1/1024, and r keeps what is left of x until it
            # makes a whole step of 128, so nothing is lost and no DC stays. 20.6 Hz.
            x = (s1 >> 10) + x
            r1 = (r1 & 127) + x
            s1 = (r1 >> 7) * m1 + s1
            # 3. The same once more. The microphone's equaliser is to give some of the lows back:
            # a share (in 1/64) of just what is taken away here.
            y = s2 >> 10
            x = x + y
            r2 = (r2 & 127) + x
            s2 = (r2 >> 7) * m2 + s2
            x = (y * share >> 6) + x
            # 4. The top: the weighting's double pole at 12.2 kHz and the equaliser's highs in one
            # section of two zeros and two poles, in 1/512. t1 and t2 are what the samples before
            # give to this one and the next. The result is the C-weighted sound.
            y = x * b0 + t1 + 256 >> 9
            t1 = x * b1 + t2
            t2 = x * b2
            x = y
            t1 = x * a1 + t1
            t2 = x * a2 + t2
            # 5. Its energy. 80 dB of level are 27 bits of squares, and a word would have to hold
            # 47 of them: so quiet values are squared as they are, and loud ones (from 4096 steps
            # on) in steps of 128, their squares summed in another word in units of 2**18.
            if x + 4096 >> 13:
                y = x + 64 >> 7
                c_coarse = (y * y + 8 >> 4) + c_coarse
            else:
                c_fine = x * x + c_fine
            # 6. What A takes away beyond C: two more high passes, at 107.7 and 737.9 Hz.
            x = (s3 >> 7) + x
            r3 = (r3 & 255) + x
            s3 = (r3 >> 8) * m3 + s3
            x = (s4 >> 7) + x
            r4 = (r4 & 31) + x
            s4 = (r4 >> 5) * m4 + s4
            # 7. The energy of the A-weighted sound.
            if x + 4096 >> 13:
                y = x + 64 >> 7
                a_coarse = (y * y + 8 >> 4) + a_coarse
            else:
                a_fine = x * x + a_fine
        if left == 0:
            energies[4 * done], energies[4 * done + 1] = a_fine, a_coarse
            energies[4 * done + 2], energies[4 * done + 3] = c_fine, c_coarse
            done += 1
            a_fine = a_coarse = c_fine = c_coarse = 0
            left = memory[at.SUB_BLOCK]
    for place, integrator in enumerate((s1, s2, s3, s4)):
        memory[at.INTEGRATORS + place] = integrator + at.BIAS
    for place, residue in enumerate((r1 & 127, r2 & 127, r3 & 255, r4 & 31)):
        memory[at.RESIDUES + place] = residue
    for place, total in enumerate((t1, t2)):
        memory[at.TOP_SUMS + place] = total + at.BIAS
    for place, word in enumerate((a_fine, a_coarse, c_fine, c_coarse, left, overload)):
        memory[at.A_FINE + place] = word
    return done


def time_weight(
    memory: "array[int]", energies: "array[int]", count: int, marks: "array[int]"
) -> int:
    """Follow the F (or S) level over `count` sub-blocks of `weigh`; add up their energies.

    memory: of `time_weight_memory`. marks: receives the level, in two words of 25 bits, every 128
    sub-blocks (125 ms). Returns how many marks it made.
    """
    level_high, level_low = memory[at.LEVEL : at.LEVEL + 2]
    halvings, beforehand = memory[at.HALVINGS], memory[at.BEFOREHAND]
    let_in, let_go = (1 << beforehand) - 1, (1 << halvings) - 1
    marked = 0
    for i in range(count):
        # 1. The energies in words of 25 bits, added to the window's sums of three such words.
        fine, coarse = energies[4 * i + 2 : 4 * i + 4]
        _add(
            memory, at.C_SUM, (fine & _WORD) + ((coarse & 127) << 18), (fine >> 25) + (coarse >> 7)
        )
        fine, coarse = energies[4 * i : 4 * i + 2]
        low, high = (fine & _WORD) + ((coarse & 127) << 18), (fine >> 25) + (coarse >> 7)
        _add(memory, at.A_SUM, low, high)
        # 2. Exponential averaging: the level takes the energy in and lets 1/128 of itself go (S:
        # 1/8 of the energy, 1/1024 of itself). So it settles at 128 times the energy. A borrow
        # from the upper word is an arithmetic shift of a negative lower one.
        taken = ((high & let_in) << (25 - beforehand)) + (low >> beforehand)
        gone = ((level_high & let_go) << (25 - halvings)) + (level_low >> halvings)
        level_low += taken - gone
        level_high += (high >> beforehand) - (level_high >> halvings) + (level_low >> 25)
        level_low &= _WORD
        # 3. Its highest and lowest value; logarithms wait until the window is closed.
        level = level_high, level_low
        if level > tuple(memory[at.HIGHEST : at.HIGHEST + 2]):
            memory[at.HIGHEST], memory[at.HIGHEST + 1] = level
        if level < tuple(memory[at.LOWEST : at.LOWEST + 2]):
            memory[at.LOWEST], memory[at.LOWEST + 1] = level
        # 4. A mark every 125 ms, for the histogram.
        memory[at.TO_MARK] -= 1
        if memory[at.TO_MARK] == 0:
            memory[at.TO_MARK] = at.SUB_BLOCKS_PER_MARK
            marks[2 * marked], marks[2 * marked + 1] = level
            marked += 1
    memory[at.LEVEL], memory[at.LEVEL + 1] = level_high, level_low
    return marked


def _add(memory: "array[int]", place: int, low: int, high: int) -> None:
    low += memory[place]
    high += memory[place + 1] + (low >> 25)
    memory[place], memory[place + 1] = low & _WORD, high & _WORD
    memory[place + 2] += high >> 25
