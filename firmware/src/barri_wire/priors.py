# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What is known before the first value: the chances of sizes of an error, and their levels.

A textbook distribution, not fitted to recorded days. It is part of the wire format: it never
changes. Imports nothing.
"""

from array import array

LEVELS = 49  # sizes of error, two for each doubling
TABLE_LEVELS = 12  # levels with a row of their own; above, low bits are sent as they are
COLUMNS = 8

# Chance in 1/256 that a size of i binary digits has no more than i, given that it has at least i:
# row = level of the expected size, column = i. From a Lomax distribution of shape 4 whose mean is
# the geometric middle of the level; the last column serves all longer sizes.
_STOPS_TEXT = (
    "248 215 228 234 237 239 239 240 "
    "239 204 222 231 236 238 239 239 "
    "228 194 217 229 234 237 239 239 "
    "219 186 212 226 233 237 238 239 "
    "207 176 206 223 232 236 238 239 "
    "192 164 199 219 230 235 238 239 "
    "174 151 189 214 227 234 237 238 "
    "154 135 177 207 224 232 236 238 "
    "133 118 163 197 219 229 235 237 "
    "111 100 146 185 212 226 233 237 "
    "90 83 127 170 202 221 231 236 "
    "71 66 107 152 190 214 227 234"
)
_STOPS = bytes([int(stop) for stop in _STOPS_TEXT.split()])

# Places in the table of probabilities: four flags, then the rows of _STOPS.
IRREGULAR, WINDOWS_MISSED, PATTERN_CHANGED, TURNED, SIZES = range(5)
_FLAGS = (3968, 2048, 4000, 3072)  # regular, other irregularity, pattern kept, channel as before


def first_probabilities() -> "array[int]":
    """Return the table of probabilities, in 1/4096, with which every frame begins."""
    table = array("H", _FLAGS)
    for stop in _STOPS:
        table.append(16 * stop)
    return table


def level_of(mean_16: int) -> int:
    """Return the level of a mean error given in sixteenths of a step.

    Levels begin at 0, 1, 2, 3, 4, 6, 8, 12, 16, 24, ...: at each power of two and halfway between.
    """
    level = 0
    while mean_16 > 3:
        mean_16 >>= 1
        level += 2
    return min(level + mean_16, LEVELS - 1)
