# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The answering side of Modbus RTU on a serial line (Modbus over serial line V1.02), with faults.

Serves function 4 (input registers). What it cannot read it does not answer, as the standard says.
"""

from collections.abc import Callable

from barri_tools.sim.chips.uart_line import UartLine

_READ_INPUT_REGISTERS = 4
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _ILLEGAL_VALUE = 1, 2, 3
_REQUEST_BYTES = 8
_MOST_REGISTERS = 125


def crc16_modbus(data: bytes) -> int:
    """CRC-16/MODBUS, bit by bit."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def sealed(frame: bytes) -> bytes:
    """Put the CRC behind a frame, low byte first."""
    return frame + crc16_modbus(frame).to_bytes(2, "little")


class ModbusServer:
    """registers: gives the value of each register at a time, or None where there is none.

    units: the addresses it answers to. delay_us: from request to reply. silent: no answer at all.
    exception: refuse with that number. flipped: xor of a reply's fourth byte. lost: so many bytes
    are missing at the end. babble: put before each reply. late_us: further delay.
    """

    def __init__(
        self,
        baud: int,
        units: tuple[int, ...],
        registers: Callable[[int], dict[int, int] | None],
        most_registers: int = _MOST_REGISTERS,
        delay_us: int = 20_000,
    ) -> None:
        self._line = UartLine(baud)
        self._request_us = _REQUEST_BYTES * 10 * 1_000_000 // baud
        self._units = units
        self._registers = registers
        self._most_registers = most_registers
        self._delay_us = delay_us
        self.silent = False
        self.exception = 0
        self.flipped = 0
        self.lost = 0
        self.babble = b""
        self.late_us = 0

    def receive(self, data: bytes, now_us: int) -> None:
        """Take a request, whole or not at all."""
        if len(data) != _REQUEST_BYTES or sealed(data[:-2]) != data or data[0] not in self._units:
            return
        registers = self._registers(now_us)
        if self.silent or registers is None:
            return
        reply = bytearray(sealed(self._answer(data, registers)))
        reply[3] ^= self.flipped
        sent = self.babble + bytes(reply[: len(reply) - self.lost])
        self._line.send(sent, now_us + self._request_us + self._delay_us + self.late_us)

    def transmit(self, now_us: int) -> bytes:
        """Give what has arrived at the node since the last call."""
        return self._line.take(now_us)

    def _answer(self, data: bytes, registers: dict[int, int]) -> bytes:
        function = data[1]
        first, count = int.from_bytes(data[2:4], "big"), int.from_bytes(data[4:6], "big")
        wanted = range(first, first + count)
        if function != _READ_INPUT_REGISTERS:
            return self._refusal(data, _ILLEGAL_FUNCTION)
        if self.exception or not 1 <= count <= self._most_registers:
            return self._refusal(data, self.exception or _ILLEGAL_VALUE)
        if any(at not in registers for at in wanted):
            return self._refusal(data, _ILLEGAL_ADDRESS)
        body = b"".join(registers[at].to_bytes(2, "big") for at in wanted)
        return bytes((data[0], function, len(body))) + body

    def _refusal(self, data: bytes, number: int) -> bytes:
        return bytes((data[0], data[1] | 0x80, number))
