# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What is known before the first value: usual values, usual spreads, chances of sizes.

All of it is general knowledge of the quantities and a textbook distribution, none of it is fitted
to recorded days. It is part of the wire format: it never changes for a quantity. Imports nothing.
"""

from array import array

# A row per quantity: its id; the usual value and the mean distance of a first value from it, both
# in steps of quantities.py; the mean distance of a next value from the guess, in sixteenths.
# An array, since a dictionary of tuples would take eight times the heap.
_ROW = 4
_PRIORS = array(
    "i",
    (
        1, 2000, 500, 64,  # temperature: 20 degC, give or take 5; next minute 0.04
        2, 500, 150, 48,  # humidity: half; next minute 0.3 %
        3, 10130, 100, 16,  # pressure at sea level; 0.1 hPa
        4, 0, 100, 128,  # light: often night, but days reach 100,000
        5, 100, 10, 3,  # battery: full; a step every few records
        6, 50, 60, 96,  # dust: a few ug/m3, moving by half of one
        7, 80, 80, 96,
        8, 120, 120, 128,
        9, 100, 100, 112,
        10, 600, 300, 80,  # carbon dioxide in a room; 5 ppm from minute to minute
        11, 100000, 100000, 8192,  # a metal oxide's resistance; half a per cent
        12, 100, 30, 32,  # gas indices: 100 and 1 are their own averages
        13, 1, 2, 8,
        16, 550, 80, 256,  # sound levels of a street; 1.6 dB from minute to minute
        17, 650, 100, 512,  # maxima jump most, minima and high percentiles least
        18, 450, 80, 192,
        19, 570, 80, 256,
        20, 520, 80, 192,
        21, 480, 80, 128,
        22, 1000, 3, 3,  # measured share: all of the window
        23, 620, 80, 256,
        24, 0, 1, 1,  # flags: seldom raised
        25, 0, 1, 1,
        26, 100, 20, 256,  # histograms: classes follow each other, counts go up and down
        27, 0, 400, 4096,
        32, 0, 1000000, 64,  # counters: any reading; a window adds 4 Wh
        33, 0, 1000000, 32,
        34, 250, 250, 256,  # power of a household in W
        35, 0, 50, 96,
        36, 2300, 30, 64,  # mains voltage
        37, 1000, 1000, 1024,
        38, 900, 100, 128,
        39, 5000, 5, 16,  # mains frequency
        48, 580, 80, 256,  # octave bands fall towards high frequencies
        49, 560, 80, 256,
        50, 540, 80, 256,
        51, 520, 80, 256,
        52, 510, 80, 256,
        53, 480, 80, 256,
        54, 430, 80, 256,
        55, 370, 80, 256,
        64, 22500, 2000, 128,  # electrodes: an offset of the amplifier, moving by 0.1 mV
        65, 22500, 2000, 128,
        66, 22500, 2000, 128,
        67, 22500, 2000, 128,
        72, 3900, 300, 48,  # one lithium cell
        73, 500, 500, 256,
        80, 0, 4, 8,
        81, 60000, 30000, 16384,
        82, 100, 200, 16,
        83, 0, 16, 2,  # counters of trouble: hardly ever move
        84, 0, 16, 8,
        85, -65, 10, 48,
        86, 0, 16, 2,
    ),
)  # fmt: skip

LEVELS = 49  # sizes of error, two for each doubling
TABLE_LEVELS = 12  # levels with a row of their own; above, low bits are sent as they are
COLUMNS = 8

# Chance in 1/256 that a size of i binary digits has no more than i, given that it has at least i:
# row = level of the expected size, column = i. From a Lomax distribution of shape 4 whose mean is
# the geometric middle of the level; the last column serves all longer sizes.
_STOPS = bytes(
    (
        248, 215, 228, 234, 237, 239, 239, 240,
        239, 204, 222, 231, 236, 238, 239, 239,
        228, 194, 217, 229, 234, 237, 239, 239,
        219, 186, 212, 226, 233, 237, 238, 239,
        207, 176, 206, 223, 232, 236, 238, 239,
        192, 164, 199, 219, 230, 235, 238, 239,
        174, 151, 189, 214, 227, 234, 237, 238,
        154, 135, 177, 207, 224, 232, 236, 238,
        133, 118, 163, 197, 219, 229, 235, 237,
        111, 100, 146, 185, 212, 226, 233, 237,
        90, 83, 127, 170, 202, 221, 231, 236,
        71, 66, 107, 152, 190, 214, 227, 234,
    )
)  # fmt: skip

# Places in the table of probabilities: four flags, then the rows of _STOPS.
IRREGULAR, WINDOWS_MISSED, PATTERN_CHANGED, TURNED, SIZES = range(5)
_FLAGS = (3968, 2048, 4000, 3072)  # regular, other irregularity, pattern kept, channel as before


def first_probabilities() -> "array[int]":
    """Return the table of probabilities, in 1/4096, with which every frame begins."""
    table = array("H", bytes(2 * (SIZES + len(_STOPS))))
    for place, probability in enumerate(_FLAGS):
        table[place] = probability
    for place, stop in enumerate(_STOPS):
        table[SIZES + place] = 16 * stop
    return table


def _threshold(level: int) -> int:
    """Return the least mean error of a level, in sixteenths: 0, 1, 2, 3, 4, 6, 8, 12, 16, ..."""
    return level if level < 2 else (2 | level & 1) << (level // 2 - 1)


THRESHOLDS = tuple([_threshold(level) for level in range(LEVELS)])


def level_of(mean_16: int) -> int:
    """Return the level of a mean error given in sixteenths of a step."""
    level = 0
    while level < LEVELS - 1 and mean_16 >= THRESHOLDS[level + 1]:
        level += 1
    return level


def prior(quantity_id: int) -> "tuple[int, int, int]":
    """Return (usual value, level of a first value, mean error of a next value in sixteenths)."""
    row = 0
    while _PRIORS[row] != quantity_id:
        row += _ROW
    _, usual, first_error, next_16 = _PRIORS[row : row + _ROW]
    return usual, level_of(16 * first_error), next_16
