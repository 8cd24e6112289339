# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Modbus RTU, the asking side: reads input registers over a UART (Modbus over serial line V1.02).

One request and one wait at a time, both bounded. Imports no hardware.
"""

from micropython import const

from barri_node.energy.crc16 import crc16
from barri_node.errors import SensorError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.ports import SleepMs, Uart

_CRC_START = const(0xFFFF)
_LAST_UNIT = const(247)  # what is above is nobody's own address
_READ_INPUT_REGISTERS = const(4)
_EXCEPTION = const(0x80)
_HEADER_BYTES = const(3)  # unit, function, bytes that follow (or the exception's number)
_CRC_BYTES = const(2)
_POLL_MS = const(10)
_QUIET_MS = const(20)  # longer than 3.5 characters at 2400 baud, what a request must be apart
_MOST_STALE_READS = const(64)


class ModbusError(SensorError):
    """No reply, a damaged one, or a refusal. silent: nothing came at all."""

    def __init__(self, reason: str, silent: bool = False) -> None:
        super().__init__(reason)
        self.silent = silent


class Modbus:
    """A line with meters on it. most_registers: of one read. timeout_ms: from request to the end
    of the reply; at 2400 baud a reply of 32 registers takes 290 ms.
    """

    def __init__(
        self, uart: "Uart", sleep_ms: "SleepMs", most_registers: int, timeout_ms: int = 600
    ) -> None:
        self._uart = uart
        self._sleep_ms = sleep_ms
        self._polls = timeout_ms // _POLL_MS
        self._request = bytearray(8)
        self._reply = bytearray(_HEADER_BYTES + 2 * most_registers + _CRC_BYTES)
        self._piece = bytearray(32)

    async def read(self, unit: int, first: int, count: int) -> memoryview:
        """Give the bytes of `count` input registers from `first`, valid until the next read.

        Raises ModbusError.
        """
        await self._quiet()
        self._uart.write(bytes(self._frame(unit, first, count)))
        length = await self._receive(count)
        self._check(unit, count, length)
        return memoryview(self._reply)[_HEADER_BYTES : _HEADER_BYTES + 2 * count]

    def _frame(self, unit: int, first: int, count: int) -> bytearray:
        request = self._request
        request[0], request[1] = unit, _READ_INPUT_REGISTERS
        request[2], request[3] = first >> 8, first & 0xFF
        request[4], request[5] = count >> 8, count & 0xFF
        crc = crc16(request, _CRC_START, 6)
        request[6], request[7] = crc & 0xFF, crc >> 8
        return request

    async def _quiet(self) -> None:
        """Let pass what is still coming: a late reply must not be taken for the next one."""
        for _ in range(_MOST_STALE_READS):
            await self._sleep_ms(_QUIET_MS)
            if not self._uart.any():
                return
            self._uart.readinto(self._piece)

    async def _receive(self, count: int) -> int:
        """Wait for a whole reply or refusal; give how many bytes have come."""
        fill = 0
        for _ in range(self._polls):
            await self._sleep_ms(_POLL_MS)
            while fill < self._due(count, fill) and self._uart.any():
                got = self._uart.readinto(self._piece) or 0
                kept = min(got, self._due(count, 0) - fill)
                self._reply[fill : fill + kept] = self._piece[:kept]
                fill += kept
            if fill >= self._due(count, fill):
                return self._due(count, fill)
        return fill

    def _check(self, unit: int, count: int, length: int) -> None:
        reply = self._reply
        if not length:
            raise ModbusError("no answer", silent=True)
        if length != self._due(count, length) or (
            crc16(reply, _CRC_START, length - _CRC_BYTES)
            != reply[length - 2] | reply[length - 1] << 8
        ):
            raise ModbusError("a damaged reply of {} bytes".format(length))
        if reply[1] == _READ_INPUT_REGISTERS | _EXCEPTION:
            raise ModbusError("refused with exception {}".format(reply[2]))
        other = unit <= _LAST_UNIT and reply[0] != unit
        if other or reply[1] != _READ_INPUT_REGISTERS or reply[2] != 2 * count:
            raise ModbusError("a reply to another request")

    def _due(self, count: int, fill: int) -> int:
        """How long the reply will be, as far as its first `fill` bytes tell."""
        refused = fill >= 2 and self._reply[1] & _EXCEPTION
        return _HEADER_BYTES + (0 if refused else 2 * count) + _CRC_BYTES


def word(data: "bytes | memoryview", register: int) -> int:
    """One register as an unsigned integer."""
    return data[2 * register] << 8 | data[2 * register + 1]


def scaled_float(data: "bytes | memoryview", register: int, factor: int) -> "int | None":
    """Two registers as an IEEE 754 binary32 times `factor`, rounded to the nearest integer, halves
    away from zero; None for infinities and what is no number. Exact, with integers only.
    """
    high, low = word(data, register), word(data, register + 1)
    exponent = high >> 7 & 0xFF
    if exponent == 0xFF:
        return None
    mantissa = (high & 0x7F) << 16 | low
    if exponent:
        mantissa |= 1 << 23
    shift = max(exponent, 1) - 150
    product = mantissa * factor
    value = product << shift if shift >= 0 else (product + (1 << (-shift - 1))) >> -shift
    return -value if high & 0x8000 else value
