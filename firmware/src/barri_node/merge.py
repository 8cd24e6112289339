# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Many readings within a window become the one integer that its record carries."""

from barri_wire.quantities import BY_NAME, COUNTER, MAXIMUM, MEAN, MINIMUM


class Accumulator:
    """Collects readings of named quantities; a missing reading (None) counts for nothing."""

    def __init__(self) -> None:
        self._readings: "dict[str, list[int]]" = {}  # name: [sum, count, last, lowest, highest]

    def add(self, readings: "dict[str, int | None]") -> None:
        for name, value in readings.items():
            if value is not None:
                self._add_one(name, value)

    def _add_one(self, name: str, value: int) -> None:
        held = self._readings.get(name)
        if held is None:
            self._readings[name] = [value, 1, value, value, value]
            return
        held[0] += value
        held[1] += 1
        held[2] = value
        held[3] = min(held[3], value)
        held[4] = max(held[4], value)

    def close(self) -> "dict[str, int | None]":
        """Give the merged value of each quantity that had a reading, and start anew."""
        merged: "dict[str, int | None]" = {}
        for name, (total, count, last, lowest, highest) in self._readings.items():
            rule = BY_NAME[name].merge
            if rule == MEAN:
                merged[name] = _rounded(total, count)
            elif rule == COUNTER:
                merged[name] = last
            elif rule == MAXIMUM:
                merged[name] = highest
            elif rule == MINIMUM:
                merged[name] = lowest
        self._readings = {}
        return merged


def _rounded(total: int, count: int) -> int:
    return (2 * total + count) // (2 * count)
