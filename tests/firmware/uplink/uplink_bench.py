# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's MQTT client in a process of its own, and brokers that misbehave on real sockets."""

import socket
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from barri_tools.firmware import source_directory

HERE = Path(__file__).parent
LONGEST_RUN_S = 20
CONNACK = b"\x20\x02\x00\x00"
SUBACK, PUBLISH, PINGREQ = 0x90, 3, 12
Handler = Callable[["Peer"], object]


class Node:
    """Starts `node_mqtt.py`; commands are its last arguments."""

    def __init__(self, micropython: str) -> None:
        self._micropython = micropython

    def start(
        self,
        port: int,
        *commands: str,
        secret: str = "first-secret",
        keepalive_s: int = 60,
        timeout_ms: int = 5000,
        node: str = "balcony1",
        script: str = "node_mqtt.py",
    ) -> "subprocess.Popen[str]":
        arguments = [port, node, secret, keepalive_s, timeout_ms]
        return subprocess.Popen(
            [self._micropython, "-X", "heapsize=128k", str(HERE / script),
             *map(str, arguments), *commands],
            env={"MICROPYPATH": f"{source_directory()}:{HERE / 'statements'}:.frozen"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, port: int, *commands: str, **options: object) -> list[str]:
        """Give the lines that it printed; it must end by itself and without a traceback."""
        with self.start(port, *commands, **options) as process:  # type: ignore[arg-type]
            try:
                out, _ = process.communicate(timeout=LONGEST_RUN_S)
            finally:
                process.kill()
        assert process.returncode == 0, out
        assert "Traceback" not in out, out
        return out.splitlines()


class Peer:
    """The broker's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        connection.settimeout(LONGEST_RUN_S)

    def exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._socket.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def packet(self) -> tuple[int, bytes]:
        """Read a packet: its first byte and its body."""
        kind = self.exactly(1)[0]
        length = shift = 0
        while True:
            byte = self.exactly(1)[0]
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return kind, self.exactly(length)

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def let_in(self) -> bytes:
        """Take the CONNECT, grant it; gives its body."""
        _, body = self.packet()
        self.send(CONNACK)
        return body

    def until_it_closes(self) -> bytes:
        """Read on to the end; gives what still came."""
        data = b""
        with suppress(OSError):
            while more := self._socket.recv(4096):
                data += more
        return data

    def say_no_more(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)


@contextmanager
def broker(*handlers: Handler) -> Iterator[int]:
    """Listen on a free port; each connection in turn gets the next handler. Gives the port."""
    errors: list[BaseException] = []

    def serve(listener: socket.socket) -> None:
        for handler in handlers:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    handler(Peer(connection))
                except (EOFError, OSError):
                    pass  # the node has gone, as it may
                except BaseException as error:  # noqa: BLE001  # told to the test below
                    errors.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(LONGEST_RUN_S)
    if errors:
        raise errors[0]


def publish(name: str, payload: bytes, packet_id: int | None = None) -> bytes:
    """Make a PUBLISH of QoS 1, or of QoS 0 without a packet id."""
    head = struct.pack(">H", len(name)) + name.encode()
    body = head + (b"" if packet_id is None else struct.pack(">H", packet_id)) + payload
    length = len(body)
    octets = bytearray()
    while True:
        octets.append(length & 127 | (128 if length > 127 else 0))
        length >>= 7
        if not length:
            return bytes([0x30 if packet_id is None else 0x32]) + bytes(octets) + body
