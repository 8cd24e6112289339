# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A UART whose other end is a chip model outside of this process."""

import struct

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.hal_unix import _Link as Line


class SimulatedUart:
    """The part of `machine.UART` that drivers use, with its receive buffer."""

    def __init__(self, link: "Line", bus: int) -> None:
        self._link = link
        self._bus = bus
        self._buffer = b""

    def any(self) -> int:
        if not self._buffer:
            request = b"V" + bytes((self._bus,)) + struct.pack("<H", 2048)
            self._buffer = self._link.ask(request)[1:]
        return len(self._buffer)

    def readinto(self, buffer: bytearray) -> "int | None":
        count = min(self.any(), len(buffer))
        if not count:
            return None
        buffer[:count] = self._buffer[:count]
        self._buffer = self._buffer[count:]
        return count

    def write(self, data: "bytes | bytearray") -> int:
        self._link.ask(b"U" + bytes((self._bus,)) + bytes(data))
        return len(data)
