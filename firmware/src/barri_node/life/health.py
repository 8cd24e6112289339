# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How the node itself is doing, as the values of a record of the "health" schema.

    reset_cause supply_voltage heap_free store_fill records_lost records_void link_failures rssi
    sensor_faults

Knows nothing of what it asks: every source is a function without arguments.
"""

import gc

from micropython import const

from barri_wire.schema import EXTRAS

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.ports import Readings
    from barri_wire.schema import Schema

    Source = Callable[[], int]

_MOST = const(2147483647)
_MOST_HEAP = const(16777200)
_HEAP_STEP = const(100)  # heap_free is in steps of 0.1 kB
_FULL = const(1000)  # store_fill is in steps of 0.1 %
_WEAKEST = const(-150)


def heap_free() -> int:
    """Bytes of heap that nothing needs, rubbish swept out before."""
    gc.collect()
    return gc.mem_free()


class Health:
    """reset_cause: of this boot, 0..15. every: one health record for so many of the others.

    fill: 0..1000. lost, void, failures, faults: counts since whenever. rssi: dB[mW], or None.
    free: in bytes.
    """

    def __init__(
        self,
        reset_cause: int,
        fill: "Source",
        lost: "Source",
        void: "Source",
        failures: "Source",
        rssi: "Callable[[], int | None]",
        faults: "Source",
        every: int = 12,
        free: "Source" = heap_free,
    ) -> None:
        self._reset_cause = reset_cause
        self._fill = fill
        self._lost = lost
        self._void = void
        self._failures = failures
        self._rssi = rssi
        self._faults = faults
        self._every = every
        self._free = free
        self._low_water = _MOST_HEAP
        self._count = 0

    def due(self) -> bool:
        """A record has been kept: says whether a health record follows. The first does at once."""
        self._low_water = min(self._low_water, max(0, self._free()))
        self._count += 1
        return self._count % self._every == 1 or self._every == 1

    def records(
        self, start_s: int, duration_s: int, readings: "Readings"
    ) -> "list[tuple[int, int, tuple[int | None, ...], Schema]]":
        """Give (start_s, duration_s, values, schema) of the record that is due with a window."""
        if not self.due():
            return []
        values = self.values(readings.get("supply_voltage"))
        return [(start_s, duration_s, values, EXTRAS["health"])]

    def values(self, supply_mv: "int | None" = None) -> "tuple[int | None, ...]":
        """The record's values. heap_free is the lowest since the record before."""
        low, self._low_water = self._low_water, _MOST_HEAP
        rssi = self._rssi()
        return (
            min(self._reset_cause, 15),
            supply_mv,
            low // _HEAP_STEP,
            min(max(0, self._fill()), _FULL),
            min(self._lost(), _MOST),
            min(self._void(), _MOST),
            min(self._failures(), _MOST),
            None if rssi is None else min(max(_WEAKEST, rssi), 0),
            min(self._faults(), _MOST),
        )
