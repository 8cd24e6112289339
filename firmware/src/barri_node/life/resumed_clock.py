# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's clock, taken up where it was before a deep sleep. Imports no hardware."""

from micropython import const

from barri_node.clock import Clock
from barri_node.life.sleep import DRIFT

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.life.sleep import Sleep
    from barri_node.ports import Hal


class ResumedClock(Clock):
    """sleep: what was kept. woken: it is what this boot kept, so that uptime and UTC go on."""

    def __init__(self, hal: "Hal", sleep: "Sleep", woken: bool) -> None:
        super().__init__(hal)
        if woken:
            self._uptime_ms = self._set_at_ms = sleep.uptime_ms
            self._utc_offset_ms = sleep.utc_offset_ms
            self._within_ms = sleep.within_ms

    def state(self) -> "tuple[int, int | None, int]":
        """Uptime, UTC less uptime or None, and how far UTC may be off; all in ms, now."""
        uptime_ms = self.uptime_ms()
        drifted_ms = (uptime_ms - self._set_at_ms) // DRIFT if self.is_set() else 0
        return uptime_ms, self._utc_offset_ms, self._within_ms + drifted_ms
