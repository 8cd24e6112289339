# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Keeps over a restart what the gas index has learnt, so that it need not learn for hours again.

How long the restart took is told by a clock that runs on over all resets but those of the power:
after one of those, or after more than ten minutes, what was learnt is not trusted any more.
"""

import struct

from micropython import const

from barri_node.energy.kept_file import KeptFile

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.drivers.sgp41 import State
    from barri_node.ports import Say

_LAYOUT = "<qii"  # when by that clock, in ms; the two numbers of the state
_LAYOUT_BYTES = const(16)
_LONGEST_MS = const(600000)  # the advice of the index's makers


class GasMemory:
    """folder: on a file system. rtc_ms: that clock. say(text): one line for the console."""

    def __init__(self, folder: str, rtc_ms: "Callable[[], int]", say: "Say") -> None:
        self._file = KeptFile(folder.rstrip("/") + "/gas_index")
        self._rtc_ms = rtc_ms
        self._say = say

    def load(self) -> "State | None":
        """What was kept at most ten minutes ago, or None."""
        kept = self._file.load()
        if kept is None or len(kept) != _LAYOUT_BYTES:
            return None
        kept_ms, mean, deviation = struct.unpack(_LAYOUT, kept)
        return (mean, deviation) if 0 <= self._rtc_ms() - kept_ms <= _LONGEST_MS else None

    def save(self, state: "State") -> None:
        """Keep it. Flash that refuses costs some learning after the next restart, nothing now."""
        try:
            self._file.save(struct.pack(_LAYOUT, self._rtc_ms(), *state))
        except OSError as error:
            self._say("gas index: not kept: {!r}".format(error))
