# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Whether what a part says can be true: within its range, and still moving.

A working sensor has noise. A raw number that has not moved by one step for long is that of a part
that hangs: it becomes "no reading" and a counted fault, never a guess. Imports no hardware.
"""

from micropython import const

from barri_wire.quantities import BY_NAME, plausible

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Sequence

    from barri_node.ports import Faulty, Readings


class Checks:
    """What one driver's part has said last.

    part: its name in faults. channels: its quantities. patience: for each of them how many
    measurements in a row may have the same raw number; 0 for what may stand still.
    """

    def __init__(
        self, part: str, channels: "tuple[str, ...]", patience: "tuple[int, ...]"
    ) -> None:
        self._part = part
        self._channels = channels
        self._patience = patience
        self._last = [-1] * len(channels)
        self._alike = [0] * len(channels)

    def passed(self, driver: "Faulty", readings: "Readings", raw: "Sequence[int]") -> "Readings":
        """Give `readings` without what cannot be true; the driver's faults count it, once.

        raw: for each channel the number behind its value, as fine as the part gives it; below
        zero: do not ask whether it moves.
        """
        newest = None
        for at, name in enumerate(self._channels):
            value = readings[name]
            fault = None if value is None else self._fault(at, name, value, raw[at])
            if fault is not None:
                readings[name] = None
                newest = fault
        if newest is not None:
            driver.faults += 1
            driver.last_fault = newest
        return readings

    def _fault(self, at: int, name: str, value: int, raw: int) -> "str | None":
        if not plausible(BY_NAME[name], value):
            return "{}: {} is out of its range ({} steps)".format(self._part, name, value)
        if self._stuck(at, raw):
            return "{}: {} stands still; switch the part off and on".format(self._part, name)
        return None

    def _stuck(self, at: int, raw: int) -> bool:
        most = self._patience[at]
        if raw < 0 or raw != self._last[at] or not most:
            self._last[at] = raw
            self._alike[at] = 0
        self._alike[at] = min(self._alike[at] + 1, most)
        return 0 < most == self._alike[at]
