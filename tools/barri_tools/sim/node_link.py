# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The local socket between a node process and the chip models that stand around it.

Messages in both directions are a 4-byte little-endian length, one letter, and a body:

    node: N name            -> g now_us            the node joins simulated time
          I sleep wake_us   -> G sleep now_us      it sleeps; the answer, later, is its alarm
          B                 -> g now_us            it was woken by its network instead
          W addr bytes      -> o | e               an I2C write; e is "no acknowledge"
          R addr u16        -> o bytes | e         an I2C read
          U bus bytes       -> o                   UART out
          V bus u16         -> o bytes             UART in, at most that many
          M first count     -> o bytes             microphone samples from an index on
          P                 -> o u16               what the pulse counter holds
          D u32             -> o                   deep sleep of so many ms: its process ends
"""

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from barri_tools.energy_model import BOOT_S
from barri_tools.sim.conductor import Conductor

_LENGTH = struct.Struct("<I")
_TIME = struct.Struct("<q")
_SLEEP = struct.Struct("<Iq")
_DURATION = struct.Struct("<I")
_BOOT_US = int(BOOT_S * 1e6)
_MOST_BYTES = 1 << 20
NO_ACKNOWLEDGE = b"e"


class I2cChip(Protocol):
    """A chip on a bus, at register level."""

    address: int

    def write(self, data: bytes, now_us: int) -> None:
        """Take one write transaction."""

    def read(self, n: int, now_us: int) -> bytes:
        """Answer one read transaction; raises OSError for no acknowledge."""


class UartChip(Protocol):
    """A device on a serial line."""

    def receive(self, data: bytes, now_us: int) -> None:
        """Take bytes from the node."""

    def transmit(self, now_us: int) -> bytes:
        """Give what it has put on the line since the last call."""


class Microphone(Protocol):
    """An I2S microphone: samples are a function of their index."""

    def samples(self, first: int, count: int) -> bytes:
        """`count` samples of 32 bits from index `first` on."""


class PulseCounter(Protocol):
    """Counts pulses of a line since the node's power came."""

    def count(self, now_us: int) -> int:
        """What it holds, 16 bits."""

    def restart(self, now_us: int) -> None:
        """The node starts: it counts from zero again."""


@dataclass
class Board:
    """The chips around one node."""

    i2c: list[I2cChip] = field(default_factory=list)
    uarts: dict[int, UartChip] = field(default_factory=dict)
    microphone: Microphone | None = None
    pulses: PulseCounter | None = None


class NodeLink:
    """Serves one node's connection in a thread of its own."""

    def __init__(self, connection: socket.socket, conductor: Conductor) -> None:
        self._socket = connection
        self._conductor = conductor
        self._sending = threading.Lock()
        self._name = ""
        self._sleeps_deeply = False
        self._now_us = 0
        self._line_in: dict[int, bytearray] = {}

    def serve(self, boards: dict[str, Board]) -> None:
        """Answer until the node goes; a node of an unknown name is turned away.

        Nodes are switched off and killed: their chips stay, and they may come back.
        """
        with suppress(OSError, EOFError):
            self._serve(boards)

    def _serve(self, boards: dict[str, Board]) -> None:
        try:
            first = self._receive()
            name = first[1:].decode()
            if first[:1] != b"N" or name not in boards:
                return
            self._name = name
            self._now_us = self._conductor.join(name, self._wake)
            counter = boards[name].pulses
            if counter is not None:
                counter.restart(self._now_us)
            self._send(b"g" + _TIME.pack(self._now_us))
            while True:
                self._answer(boards[name], self._receive())
        finally:
            if self._name and not self._sleeps_deeply:
                self._conductor.leave(self._name)
            self._socket.close()

    def _answer(self, board: Board, message: bytes) -> None:
        op, body = message[:1], message[1:]
        if op == b"I":
            self._conductor.idle(self._name, *_SLEEP.unpack(body))
        elif op == b"B":
            self._now_us = self._conductor.busy(self._name)
            self._send(b"g" + _TIME.pack(self._now_us))
        elif op == b"D":
            self._sleep_deeply(*_DURATION.unpack(body))
        else:
            self._send(self._bus(board, op, body))

    def _sleep_deeply(self, duration_ms: int) -> None:
        """A board that wakes takes a while to load its program."""
        self._sleeps_deeply = True
        wake_us = self._conductor.now_us() + duration_ms * 1000 + _BOOT_US
        self._conductor.sleep_deeply(self._name, wake_us)
        self._send(b"o")

    def _bus(self, board: Board, op: bytes, body: bytes) -> bytes:
        if op in b"WR":
            return self._i2c(board, op, body)
        if op == b"U":
            if body[0] in board.uarts:
                board.uarts[body[0]].receive(body[1:], self._now_us)
            return b"o"
        if op == b"V":
            return b"o" + self._uart_in(board, body[0], struct.unpack("<H", body[1:3])[0])
        if op == b"P" and board.pulses is not None:
            return b"o" + struct.pack("<H", board.pulses.count(self._now_us))
        if op == b"M" and board.microphone is not None:
            return b"o" + board.microphone.samples(*struct.unpack("<qI", body))
        return NO_ACKNOWLEDGE

    def _i2c(self, board: Board, op: bytes, body: bytes) -> bytes:
        chip = next((c for c in board.i2c if c.address == body[0]), None)
        if chip is None:
            return NO_ACKNOWLEDGE
        try:
            if op == b"W":
                chip.write(body[1:], self._now_us)
                return b"o"
            return b"o" + chip.read(struct.unpack("<H", body[1:3])[0], self._now_us)
        except OSError:
            return NO_ACKNOWLEDGE

    def _uart_in(self, board: Board, bus: int, most: int) -> bytes:
        line = self._line_in.setdefault(bus, bytearray())
        if bus in board.uarts:
            line += board.uarts[bus].transmit(self._now_us)
        del line[:-8192]  # a board's UART buffer is bounded too: the oldest bytes are overrun
        given = bytes(line[:most])
        del line[:most]
        return given

    def _wake(self, sleep: int, now_us: int) -> None:
        self._now_us = now_us
        with suppress(OSError):  # its own thread sees the end of the connection
            self._send(b"G" + _SLEEP.pack(sleep, now_us))

    def _send(self, message: bytes) -> None:
        with self._sending:
            self._socket.sendall(_LENGTH.pack(len(message)) + message)

    def _receive(self) -> bytes:
        length = _LENGTH.unpack(self._read(_LENGTH.size))[0]
        if not 1 <= length <= _MOST_BYTES:
            raise EOFError("a node sent a message of an impossible length")
        return self._read(length)

    def _read(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            piece = self._socket.recv(count - len(data))
            if not piece:
                raise EOFError("the node has closed its connection")
            data += piece
        return bytes(data)


class ChipServer:
    """Listens on loopback for nodes and gives each its board."""

    def __init__(self, conductor: Conductor, boards: dict[str, Board]) -> None:
        self._conductor = conductor
        self._boards = boards
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def fit(self, name: str, board: Board) -> None:
        """Put one more board on the bench."""
        self._boards[name] = board

    def run(self) -> None:
        """Accept until closed. Runs in a thread of its own."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed: the demo ends
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link = NodeLink(connection, self._conductor)
            threading.Thread(target=link.serve, args=(self._boards,), daemon=True).start()

    def close(self) -> None:
        """Stop accepting."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
