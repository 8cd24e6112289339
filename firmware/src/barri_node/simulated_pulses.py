# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A pulse counter whose light is a chip model outside of this process."""

import struct

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.hal_unix import _Link as Line


class SimulatedPulses:
    """What `hal_pulses.counter` makes on a board. Its counter starts over after 16 bits."""

    def __init__(self, link: "Line") -> None:
        self._link = link

    def count(self) -> int:
        count: int = struct.unpack("<H", self._link.ask(b"P")[1:])[0]
        return count
