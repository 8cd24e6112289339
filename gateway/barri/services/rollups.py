# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What one step of derive adds to the roll-ups kept at home.

Works within one transaction of derive. Must not import adapters.
"""

from barri.domain.observation import Observation
from barri.domain.rollup import Rollup, levels, merge, part, value
from barri.domain.windows import is_regular, windows_of
from barri.rows import RollupKey, Rows


class Rollups:
    """Parts of roll-ups, merged in memory until `flush`."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._parts: dict[RollupKey, Rollup] = {}

    def take(self, seen: Observation, cadence_s: int) -> None:
        """Let one observation speak for its windows at all levels."""
        rule = seen.datastream.about.merge
        regular = is_regular(seen.start_s, seen.duration_s)
        for window_s in levels(rule, seen.duration_s, regular, cadence_s):
            for window in windows_of(seen.start_s, seen.duration_s, window_s):
                given = part(seen, window)
                self.add(RollupKey(seen.datastream, window_s, window.start_s), given)

    def add(self, key: RollupKey, given: Rollup) -> None:
        """Let a part speak for one window."""
        if given.state:
            held = self._parts.get(key)
            rule = key.datastream.about.merge
            self._parts[key] = given if held is None else merge(rule, held, given)

    def flush(self) -> None:
        """Merge the parts into what is written down."""
        for key, given in self._parts.items():
            about = key.datastream.about
            whole = merge(about.merge, self._rows.derived.rollup(key), given)
            self._rows.derived.put_rollup(key, whole, value(about, whole, key.window_s))
        self._parts.clear()
