# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the two kernels keep between calls: plain arrays of 32-bit ints, and their layout.

Entries that may be negative are kept plus BIAS, so that every word is positive: viper's loads do
not extend the sign on 64-bit machines. Must not import anything of the node.
"""

from array import array

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Sequence

# The largest number that is no heap object on a 32-bit board.
BIAS = 0x3FFFFFFF

# `weigh`. First the ten coefficients of a row in `coefficients`: multipliers of the four high
# passes, the equaliser's share, the top section's gain, two zeros and two poles; then the samples
# of a sub-block. Then what changes: per high pass the integrator and its residue; the top
# section's two sums; the sub-block's energies so far (A, C), the samples it still lacks; 1 after
# an overload.
MULTIPLIERS, SHARE, SUB_BLOCK, INTEGRATORS, RESIDUES, TOP_SUMS = 0, 4, 10, 11, 15, 19
A_FINE, A_COARSE, C_FINE, C_COARSE, LEFT, OVERLOAD = 21, 22, 23, 24, 25, 26
_WEIGH_WORDS = const(27)
_COEFFICIENTS = const(10)

# `time_weight`: 128 times the weighted energy in words of 25 bits; how many halvings make the
# time constant, and how many of them the energies get beforehand; sub-blocks until the next mark;
# the highest and the lowest level; the sums of the A and of the C energies (three words each).
LEVEL, HALVINGS, BEFOREHAND, TO_MARK, HIGHEST, LOWEST, A_SUM, C_SUM = 0, 2, 3, 4, 5, 7, 9, 12
_TIME_WEIGHT_WORDS = const(15)

WORD_BITS = 25
# Above every level that can occur: none seen yet.
NO_LOWEST = (1 << 31) - 1
# A mark is the level every so many sub-blocks: 125 ms.
SUB_BLOCKS_PER_MARK = 128
_F_HALVINGS = const(7)  # 128 sub-blocks are 125 ms
_S_HALVINGS = const(10)  # 1024 are a second


def zeros(count: int) -> "array[int]":
    return array("i", bytes(4 * count))


def weigh_memory(row: "Sequence[int]") -> "array[int]":
    """Make the memory of `weigh` in silence. row: of `coefficients`."""
    memory = zeros(_WEIGH_WORDS)
    for i in range(_COEFFICIENTS):
        memory[i] = row[i] + (BIAS if i >= SHARE else 0)
    memory[SUB_BLOCK] = memory[LEFT] = row[_COEFFICIENTS]
    for i in range(4):
        memory[INTEGRATORS + i] = BIAS
    memory[TOP_SUMS] = memory[TOP_SUMS + 1] = BIAS
    return memory


def time_weight_memory(slow: bool = False) -> "array[int]":
    """Make the memory of `time_weight` in silence: F (125 ms), or S (1 s) if slow."""
    memory = zeros(_TIME_WEIGHT_WORDS)
    memory[HALVINGS] = _S_HALVINGS if slow else _F_HALVINGS
    memory[BEFOREHAND] = memory[HALVINGS] - _F_HALVINGS
    memory[TO_MARK] = SUB_BLOCKS_PER_MARK
    memory[LOWEST] = NO_LOWEST
    return memory
