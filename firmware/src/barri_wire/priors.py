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
# the geometric middle of the level; the last column serves all longer sizes. As bytes: any other
# form would stay in a board's memory beside them.
_STOPS = (
    b"\xf8\xd7\xe4\xea\xed\xef\xef\xf0"
    b"\xef\xcc\xde\xe7\xec\xee\xef\xef"
    b"\xe4\xc2\xd9\xe5\xea\xed\xef\xef"
    b"\xdb\xba\xd4\xe2\xe9\xed\xee\xef"
    b"\xcf\xb0\xce\xdf\xe8\xec\xee\xef"
    b"\xc0\xa4\xc7\xdb\xe6\xeb\xee\xef"
    b"\xae\x97\xbd\xd6\xe3\xea\xed\xee"
    b"\x9a\x87\xb1\xcf\xe0\xe8\xec\xee"
    b"\x85\x76\xa3\xc5\xdb\xe5\xeb\xed"
    b"\x6f\x64\x92\xb9\xd4\xe2\xe9\xed"
    b"\x5a\x53\x7f\xaa\xca\xdd\xe7\xec"
    b"\x47\x42\x6b\x98\xbe\xd6\xe3\xea"
)

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
