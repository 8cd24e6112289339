# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An I2C bus whose parts are chip models outside of this process."""

import struct

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.hal_unix import _Link as Line


class SimulatedI2c:
    """The part of `machine.I2C` that drivers use."""

    def __init__(self, link: "Line") -> None:
        self._link = link

    def writeto(self, address: int, data: "bytes | bytearray") -> None:
        self._acknowledged(self._link.ask(b"W" + bytes((address,)) + bytes(data)))

    def writeto_mem(self, address: int, register: int, data: "bytes | bytearray") -> None:
        self.writeto(address, bytes((register,)) + bytes(data))

    def readfrom_into(self, address: int, buffer: bytearray) -> None:
        request = b"R" + bytes((address,)) + struct.pack("<H", len(buffer))
        buffer[:] = self._acknowledged(self._link.ask(request))

    def readfrom_mem_into(self, address: int, register: int, buffer: bytearray) -> None:
        self.writeto(address, bytes((register,)))
        self.readfrom_into(address, buffer)

    def _acknowledged(self, answer: bytes) -> bytes:
        if answer[:1] != b"o":
            raise OSError(19)  # ENODEV, as machine.I2C says it
        return answer[1:]
