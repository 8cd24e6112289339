# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the two kernels keep between calls: plain arrays of 32-bit ints, and their layout.

Entries that may be negative are kept plus BIAS, so that every word is positive: viper's loads do
not extend the sign on 64-bit machines. May import only the coefficients.
"""

from array import array

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.noise.coefficients import Weighting

# The largest number that is no heap object on a 32-bit board.
BIAS = 0x3FFFFFFF

# `high_pass` and `top_energy`: multipliers of the four high passes, the top section's zero and
# poles, samples per sub-block; then per high pass the integrator and its residue; the top
# section's last input and outputs; energy of the sub-block so far, and the samples it still lacks.
MULTIPLIERS, ZERO, POLE_1, POLE_2, SUB_BLOCK = 0, 4, 5, 6, 7
INTEGRATORS, RESIDUES, LAST_X, LAST_Y, LAST_Y2, FINE, COARSE, LEFT = 8, 12, 16, 17, 18, 19, 20, 21
_WEIGH_WORDS = const(22)

# `time_weight`: 128 times the F-weighted energy and the sum of energies, in words of 25 bits;
# the highest and lowest F level so far; the logarithm that stands for 0 dB.
F_HIGH, F_LOW, SUM_HIGH, SUM_LOW, HIGHEST, LOWEST, NO_SOUND = 0, 1, 2, 3, 4, 5, 6
_TIME_WEIGHT_WORDS = const(7)

# The histogram has one class per ddB, 0.0 to 140.0 dB; the first and last hold what lies beyond.
LOUDEST_DDB = 1400
# Above every logarithm that can occur: no level seen yet.
NO_LOWEST = 1 << 20
# Sums of this many energies still fit their words.
MOST_SUB_BLOCKS = 128


def zeros(count: int) -> "array[int]":
    return array("i", bytes(4 * count))


def weigh_memory(weighting: "Weighting") -> "array[int]":
    """Make the memory of `weigh` in silence. weighting: an entry of `coefficients.A`."""
    memory = zeros(_WEIGH_WORDS)
    for i in range(4):
        memory[MULTIPLIERS + i] = weighting["high_passes"][i]
        memory[INTEGRATORS + i] = BIAS
    zero, pole_1, pole_2 = weighting["top"]
    memory[ZERO] = zero + BIAS
    memory[POLE_1] = pole_1 + BIAS
    memory[POLE_2] = pole_2 + BIAS
    for i in (LAST_X, LAST_Y, LAST_Y2):
        memory[i] = BIAS
    memory[SUB_BLOCK] = memory[LEFT] = weighting["sub_block"]
    return memory


def time_weight_memory(no_sound_steps: int) -> "array[int]":
    """Make the memory of `time_weight`. no_sound_steps: logarithm of the energy at 0 dB."""
    memory = zeros(_TIME_WEIGHT_WORDS)
    memory[NO_SOUND] = no_sound_steps + BIAS
    memory[LOWEST] = NO_LOWEST
    return memory
