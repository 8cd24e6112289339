# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Observations as the platform's Redis keeps them: one ordered set per sensor.

Nothing is merged: the same value at the same time twice is two observations. Ties in time
are ordered by the text of the internal id, as Redis does. Imports nothing of ours.
"""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from typing import NamedTuple

SensorKey = tuple[str, str]  # (provider, sensor)


@dataclass(frozen=True)
class Observation:
    """One observation. `location` is None or the text as it came."""

    provider: str
    sensor: str
    value: str
    time_ms: int
    location: str | None = None


class Stored(NamedTuple):
    """An observation with what Redis orders it by."""

    time_ms: int
    id_text: str
    observation: Observation


class ObservationStore:
    """What the API server can give back. Deleting a sensor drops its observations."""

    def __init__(self) -> None:
        self._sensors: dict[SensorKey, list[Stored]] = {}
        self._next_id = 1

    def add(self, observation: Observation) -> None:
        """Store one more, whatever is there already."""
        row = Stored(observation.time_ms, str(self._next_id), observation)
        self._next_id += 1
        rows = self._sensors.setdefault((observation.provider, observation.sensor), [])
        insort(rows, row, key=_order)

    def newest(self, key: SensorKey, from_ms: int, to_ms: int, limit: int) -> list[Observation]:
        """At most `limit` observations with from_ms <= time <= to_ms, newest first."""
        rows = self._sensors.get(key, [])
        first = bisect_left(rows, from_ms, key=_time)
        last = bisect_right(rows, to_ms, key=_time)
        chosen = rows[max(first, last - max(limit, 0)) : last]
        return [row.observation for row in reversed(chosen)]

    def delete_newest(self, key: SensorKey) -> Observation | None:
        """Drop the one with the highest timestamp, and say which it was."""
        rows = self._sensors.get(key)
        return rows.pop().observation if rows else None

    def drop(self, key: SensorKey) -> None:
        """Forget a sensor and all its observations."""
        self._sensors.pop(key, None)


def _order(row: Stored) -> tuple[int, str]:
    return row.time_ms, row.id_text


def _time(row: Stored) -> int:
    return row.time_ms
