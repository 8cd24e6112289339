# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sound levels and their energies, exactly: integers in, integers out, no float anywhere.

The energy of L dB is 10**(L/10), here as a fixed-point integer, so that sums are exact and do
not depend on the order of their terms. Imports nothing of ours.
"""

from bisect import bisect_right
from decimal import Context, Decimal
from functools import cache

FRACTION_BITS = 40  # an energy is a multiple of 2**-40 of that of 0 dB
_DIGITS = Context(prec=60)  # 140 dB has 15 digits before the point; far more than is kept


@cache
def _energy(half_steps: int, decimals: int) -> int:
    """The energy of `half_steps` halves of `10**-decimals` dB, in steps of 2**-FRACTION_BITS."""
    bels = _DIGITS.divide(Decimal(half_steps), Decimal(20 * 10**decimals))
    energy = _DIGITS.multiply(_DIGITS.power(Decimal(10), bels), Decimal(1 << FRACTION_BITS))
    return int(energy.to_integral_value())


def energy_of(level: int, decimals: int) -> int:
    """The energy of a level (in integer steps), in steps of 2**-FRACTION_BITS of 0 dB's."""
    return _energy(2 * level, decimals)


def level_of(energy_sum: int, weight: int, decimals: int, high: int) -> int:
    """The level (0..high, in steps) whose energy is the mean `energy_sum / weight`, half up."""
    candidates = range(high)
    return bisect_right(
        candidates, energy_sum, key=lambda step: weight * _energy(2 * step + 1, decimals)
    )
