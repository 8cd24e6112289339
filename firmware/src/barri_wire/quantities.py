# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Every quantity barri knows, once: firmware, gateway, pages and documents all read this table.

A value is an integer of `10**-decimals` units. `low` and `high` bound what is plausible;
outside of it a driver flags "no reading" and never invents. Ids are part of the wire format:
they are never reused and never change their meaning.
"""

from collections import namedtuple

# How values of shorter windows become the value of a longer one.
MEAN = "mean"  # arithmetic mean, weighted by duration
ENERGY_MEAN = "energy_mean"  # mean of 10**(L/10), weighted by duration, as a level again
MAXIMUM = "maximum"
MINIMUM = "minimum"
COUNTER = "counter"  # monotonic: a window's value is its last reading
NEVER = "never"  # percentiles: no honest merge exists without histograms


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Quantity(NamedTuple):
        """One row of the table.

        id: 1..255, on the wire. name: also the translation key. unit: UCUM code.
        decimals: digits after the point. low, high: plausible range, in integer steps.
        merge: one of the rules above.
        """

        id: int
        name: str
        unit: str
        decimals: int
        low: int
        high: int
        merge: str
else:  # a named tuple takes a quarter of the heap that an object of a class takes on a board
    Quantity = namedtuple("Quantity", ("id", "name", "unit", "decimals", "low", "high", "merge"))


def plausible(quantity: Quantity, value: int) -> bool:
    """Say whether an integer value lies in the range that a working sensor can report."""
    return quantity.low <= value <= quantity.high


QUANTITIES = (
    # id, name, UCUM, decimals, low, high, merge
    Quantity(1, "temperature", "Cel", 2, -5000, 8500, MEAN),
    Quantity(2, "humidity", "%", 1, 0, 1000, MEAN),
    Quantity(3, "pressure", "hPa", 1, 3000, 11000, MEAN),
    Quantity(4, "light", "lx", 0, 0, 121557, MEAN),
    Quantity(5, "battery", "%", 0, 0, 100, MEAN),
    Quantity(6, "pm1", "ug/m3", 0, 0, 1000, MEAN),
    Quantity(7, "pm2_5", "ug/m3", 0, 0, 1000, MEAN),
    Quantity(8, "pm10", "ug/m3", 0, 0, 1000, MEAN),
    Quantity(16, "laeq", "dB[SPL]", 1, 0, 1400, ENERGY_MEAN),
    Quantity(17, "lafmax", "dB[SPL]", 1, 0, 1400, MAXIMUM),
    Quantity(18, "lafmin", "dB[SPL]", 1, 0, 1400, MINIMUM),
    Quantity(19, "la10", "dB[SPL]", 1, 0, 1400, NEVER),
    Quantity(20, "la50", "dB[SPL]", 1, 0, 1400, NEVER),
    Quantity(21, "la90", "dB[SPL]", 1, 0, 1400, NEVER),
    Quantity(22, "measured_share", "%", 1, 0, 1000, MEAN),
    Quantity(32, "energy_import", "W.h", 0, 0, 2147483647, COUNTER),
    Quantity(33, "energy_export", "W.h", 0, 0, 2147483647, COUNTER),
    Quantity(34, "power_import", "W", 0, 0, 100000, MEAN),
    Quantity(35, "power_export", "W", 0, 0, 100000, MEAN),
    Quantity(36, "voltage", "V", 1, 0, 5000, MEAN),
)

BY_ID = {quantity.id: quantity for quantity in QUANTITIES}
BY_NAME = {quantity.name: quantity for quantity in QUANTITIES}
