# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Histograms of the F level, an hour each: what percentiles of a day can honestly be made of.

An hour's counts are records of sixteen neighbouring classes of 0.5 dB, from the quietest that was
heard to the loudest. Must not import hardware, clock or store.
"""

from micropython import const

from barri_wire.schema import EXTRAS

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import Counts, Readings
    from barri_wire.schema import Schema

_HOUR_S = const(3600)
_CLASSES = const(16)  # of the schema "laf_histogram"


class Hourly:
    """meter: the sound level meter, which gives `histogram()` and `clear_histogram()`."""

    def __init__(self, meter: "Counts") -> None:
        self._counting = meter
        self._counted_s = 0

    def records(
        self, start_s: int, duration_s: int, readings: "Readings"
    ) -> "list[tuple[int, int, tuple[int | None, ...], Schema]]":
        """Give (start_s, duration_s, values, schema) for each record, when an hour is over.

        Called with every window that was closed. What was counted before the clock was set
        belongs to the same hour: windows follow each other without a gap.
        """
        self._counted_s += duration_s
        end_s = start_s + duration_s
        first_s = end_s - self._counted_s
        if first_s // _HOUR_S == end_s // _HOUR_S:
            return []
        counts, schema = self._counting.histogram(), EXTRAS["laf_histogram"]
        heard = [place for place in range(len(counts)) if counts[place]]
        found: "list[tuple[int, int, tuple[int | None, ...], Schema]]" = []
        for place in range(heard[0], heard[-1] + 1, _CLASSES) if heard else ():
            row = [counts[i] if i < len(counts) else 0 for i in range(place, place + _CLASSES)]
            found.append((first_s, self._counted_s, tuple([place] + row), schema))
        self._counting.clear_histogram()
        self._counted_s = 0
        return found
