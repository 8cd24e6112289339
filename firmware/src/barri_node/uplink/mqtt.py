# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A small MQTT 3.1.1 client for asyncio: one connection, QoS 1 out, QoS 1 in.

It neither queues nor retries nor reconnects: what was not acknowledged by the gateway (not the
broker) is sent again by the outbox, and a failed connection is the link's business. Sources: OASIS
MQTT 3.1.1, sections 2 and 3.
"""

import asyncio
import struct

from micropython import const

from barri_node.errors import LinkError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

    from barri_node.settings import Secret

_CONNECT = const(0x10)
_CONNACK = const(0x20)
_PUBLISH = const(0x30)
_PUBACK = const(0x40)
_SUBSCRIBE = const(0x82)
_SUBACK = const(0x90)
_PINGREQ = const(0xC0)
_PINGRESP = const(0xD0)
_QOS1 = const(0x02)
_CLEAN_SESSION = const(0x02)
_PASSWORD = const(0x40)
_USERNAME = const(0x80)
_MOST_BYTES_IN = const(4096)  # no message of ours is longer; a broker that sends more is cut off
_REFUSALS = ("", "protocol version", "client id", "server unavailable", "password", "not allowed")


class Mqtt:
    """One connection; `on_message(topic, payload)` gets what is subscribed."""

    def __init__(
        self,
        node: str,
        secret: "Secret",
        keepalive_s: int,
        on_message: "Callable[[bytes, bytes], None]",
    ) -> None:
        self._node = node
        self._secret = secret
        self._keepalive_s = keepalive_s
        self._on_message = on_message
        self._reader: asyncio.StreamReader = None  # type: ignore[assignment]  # `connect` opens it
        self._writer: "asyncio.StreamWriter | None" = None
        self._packet_id = 0
        self._unacknowledged: "set[int]" = set()
        self._acknowledged = asyncio.Event()

    async def connect(
        self, host: str, port: int, timeout_ms: int, tls: "SSLContext | None" = None
    ) -> None:
        """Open the connection and log in; raises LinkError that says why not."""
        try:
            opening = asyncio.open_connection(
                host, port, ssl=tls, server_hostname=host if tls else None
            )
            self._reader, self._writer = await asyncio.wait_for_ms(opening, timeout_ms)
            await self._send(_CONNECT, self._connect_body())
            # The stub of wait_for_ms loses what it waits for.
            kind, body = await asyncio.wait_for_ms(self._read_packet(), timeout_ms)  # type: ignore[var-annotated]
        except (OSError, asyncio.TimeoutError) as error:
            await self.close()
            raise LinkError("gateway not reached: {!r}".format(error))
        if kind != _CONNACK or len(body) != 2 or body[1]:
            await self.close()
            code = body[1] if kind == _CONNACK and len(body) == 2 else 0
            raise LinkError("gateway refused us: " + _REFUSALS[min(code, 5)])

    def _connect_body(self) -> bytes:
        flags = _CLEAN_SESSION | _PASSWORD | _USERNAME
        head = _text("MQTT") + bytes((4, flags)) + struct.pack(">H", self._keepalive_s)
        return head + _text(self._node) + _text(self._node) + _text(self._secret.reveal())

    async def subscribe(self, topic: str) -> None:
        await self._send(_SUBSCRIBE, struct.pack(">H", self._next_id()) + _text(topic) + b"\x01")

    async def publish(self, topic: str, payload: bytes, timeout_ms: int = 20000) -> None:
        """Send with QoS 1 and wait until the broker has it; raises LinkError."""
        packet_id = self._next_id()
        self._unacknowledged.add(packet_id)
        body = _text(topic) + struct.pack(">H", packet_id) + payload
        try:
            await self._send(_PUBLISH | _QOS1, body)
            await asyncio.wait_for_ms(self._wait_for(packet_id), timeout_ms)
        except (OSError, asyncio.TimeoutError) as error:
            raise LinkError("not taken by the broker: {!r}".format(error))
        finally:
            self._unacknowledged.discard(packet_id)

    async def _wait_for(self, packet_id: int) -> None:
        while packet_id in self._unacknowledged:
            self._acknowledged.clear()
            await self._acknowledged.wait()

    async def receive(self) -> None:
        """Handle what comes in until the connection ends; raises LinkError then."""
        try:
            while True:
                kind, body = await asyncio.wait_for_ms(  # type: ignore[var-annotated]  # as above
                    self._read_packet(), self._keepalive_s * 1500
                )
                await self._handle(kind, body)
        except (OSError, asyncio.TimeoutError) as error:
            raise LinkError("connection lost: {!r}".format(error))

    async def keep_alive(self) -> None:
        """Ping often enough for both sides to know that the other is there."""
        while True:
            await asyncio.sleep_ms(self._keepalive_s * 500)
            try:
                await self._send(_PINGREQ, b"")
            except OSError as error:
                raise LinkError("connection lost: {!r}".format(error))

    async def _handle(self, kind: int, body: bytes) -> None:
        if kind == _PUBACK and len(body) == 2:
            self._unacknowledged.discard(struct.unpack(">H", body)[0])
            self._acknowledged.set()
        elif kind & 0xF0 == _PUBLISH:
            await self._handle_publish(kind, body)
        elif kind not in (_PINGRESP, _SUBACK):
            raise OSError("unexpected packet")

    async def _handle_publish(self, kind: int, body: bytes) -> None:
        size = struct.unpack(">H", body[:2])[0] if len(body) >= 2 else len(body)
        start = 2 + size
        if kind & 0x06:
            if len(body) < start + 2:
                raise OSError("short packet")
            await self._send(_PUBACK, body[start : start + 2])
            start += 2
        if len(body) < start:
            raise OSError("short packet")
        self._on_message(body[2 : 2 + size], body[start:])

    async def close(self) -> None:
        """Close the socket: MicroPython's `Stream.close` leaves that to `wait_closed`."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            await writer.wait_closed()

    def _next_id(self) -> int:
        self._packet_id = self._packet_id % 65535 + 1
        return self._packet_id

    async def _send(self, kind: int, body: bytes) -> None:
        if self._writer is None:
            raise OSError("closed")
        # One write for one packet, so that two tasks cannot mix theirs.
        self._writer.write(bytes((kind,)) + _length(len(body)) + body)
        await self._writer.drain()

    async def _read_packet(self) -> "tuple[int, bytes]":
        kind = (await self._exactly(1))[0]
        length = shift = 0
        while True:
            byte = (await self._exactly(1))[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
            if shift > 21:
                raise OSError("malformed length")
        if length > _MOST_BYTES_IN:
            raise OSError("packet too long")
        return kind, (await self._exactly(length)) if length else b""

    async def _exactly(self, count: int) -> bytes:
        try:
            return await self._reader.readexactly(count)
        except EOFError:
            raise OSError("closed by the other side")


def _text(text: "str | bytes") -> bytes:
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">H", len(data)) + data


def _length(count: int) -> bytes:
    data = bytearray()
    while True:
        byte = count & 0x7F
        count >>= 7
        data.append(byte | (0x80 if count else 0))
        if not count:
            return bytes(data)
