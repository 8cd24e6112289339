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
    Quantity(6, "pm1", "ug/m3", 1, 0, 10000, MEAN),
    Quantity(7, "pm2_5", "ug/m3", 1, 0, 10000, MEAN),
    Quantity(8, "pm10", "ug/m3", 1, 0, 10000, MEAN),
    Quantity(9, "pm4", "ug/m3", 1, 0, 10000, MEAN),
    Quantity(10, "co2", "[ppm]", 0, 0, 40000, MEAN),
    Quantity(11, "gas_resistance", "Ohm", 0, 100, 100000000, MEAN),
    Quantity(12, "voc_index", "1", 0, 1, 500, MEAN),
    Quantity(13, "nox_index", "1", 0, 1, 500, MEAN),
    Quantity(16, "laeq", "dB[SPL]", 1, 0, 1400, ENERGY_MEAN),
    Quantity(17, "lafmax", "dB[SPL]", 1, 0, 1400, MAXIMUM),
    Quantity(18, "lafmin", "dB[SPL]", 1, 0, 1400, MINIMUM),
    Quantity(19, "la10", "dB[SPL]", 1, 0, 1400, NEVER),
    Quantity(20, "la50", "dB[SPL]", 1, 0, 1400, NEVER),
    Quantity(21, "la90", "dB[SPL]", 1, 0, 1400, NEVER),
    Quantity(22, "measured_share", "%", 1, 0, 1000, MEAN),
    Quantity(23, "lceq", "dB[SPL]", 1, 0, 1400, ENERGY_MEAN),
    Quantity(24, "overload", "1", 0, 0, 1, MAXIMUM),
    Quantity(25, "under_range", "1", 0, 0, 1, MAXIMUM),
    # A histogram of LAF travels as records of sixteen neighbouring classes of 0.5 dB.
    Quantity(26, "laf_class", "1", 0, 0, 279, NEVER),  # lower edge of the first one, in 0.5 dB
    Quantity(27, "laf_count", "1", 0, 0, 2147483647, NEVER),  # of 125 ms values in a class
    Quantity(32, "energy_import", "W.h", 0, 0, 2147483647, COUNTER),
    Quantity(33, "energy_export", "W.h", 0, 0, 2147483647, COUNTER),
    Quantity(34, "power_import", "W", 0, 0, 100000, MEAN),
    Quantity(35, "power_export", "W", 0, 0, 100000, MEAN),
    Quantity(36, "voltage", "V", 1, 0, 5000, MEAN),
    Quantity(37, "current", "A", 3, 0, 100000, MEAN),
    Quantity(38, "power_factor", "1", 3, -1000, 1000, MEAN),
    Quantity(39, "frequency", "Hz", 2, 4000, 7000, MEAN),
    # Octave bands of a record, by their nominal middle frequencies in Hz.
    Quantity(48, "leq_63", "dB[SPL]", 1, 0, 1400, ENERGY_MEAN),
    Quantity(49, "leq_125", "dB[SPL]", 1, 0, 1400, ENERGY_MEAN),
    Quantity(50, "leq_250", "dB[SPL]", 1, 0, 1400, ENERGY_MEAN),
    Quantity(51, "leq_500", "dB[SPL]", 1, 0, 1400, ENERGY_MEAN),
    Quantity(52, "leq_1000", "dB[SPL]", 1, 0, 1400, ENERGY_MEAN),
    Quantity(53, "leq_2000", "dB[SPL]", 1, 0, 1400, ENERGY_MEAN),
    Quantity(54, "leq_4000", "dB[SPL]", 1, 0, 1400, ENERGY_MEAN),
    Quantity(55, "leq_8000", "dB[SPL]", 1, 0, 1400, ENERGY_MEAN),
    # Electrodes of an electrochemical cell as they are; the gateway makes gas of them.
    Quantity(64, "no2_working", "mV", 2, -100000, 650000, MEAN),
    Quantity(65, "no2_auxiliary", "mV", 2, -100000, 650000, MEAN),
    Quantity(66, "o3_working", "mV", 2, -100000, 650000, MEAN),
    Quantity(67, "o3_auxiliary", "mV", 2, -100000, 650000, MEAN),
    # How the node itself is doing.
    Quantity(72, "supply_voltage", "V", 3, 0, 40000, MEAN),
    Quantity(73, "supply_current", "mA", 1, -200000, 200000, MEAN),
    Quantity(80, "reset_cause", "1", 0, 0, 15, MAXIMUM),
    Quantity(81, "heap_free", "By", 0, 0, 16777216, MINIMUM),
    Quantity(82, "store_fill", "%", 1, 0, 1000, MAXIMUM),
    Quantity(83, "records_lost", "1", 0, 0, 2147483647, COUNTER),
    Quantity(84, "link_failures", "1", 0, 0, 2147483647, COUNTER),
    Quantity(85, "rssi", "dB[mW]", 0, -150, 0, MINIMUM),
    Quantity(86, "sensor_faults", "1", 0, 0, 2147483647, COUNTER),
)

BY_ID = {quantity.id: quantity for quantity in QUANTITIES}
BY_NAME = {quantity.name: quantity for quantity in QUANTITIES}
