# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One node's connection to the embedded broker: whole packets in, bounded; writes never wait.

Stands between the socket and amqtt, as the reader and writer that amqtt asks for.
"""

import asyncio
import ssl

from amqtt.adapters import ReaderAdapter, WriterAdapter

from barri.adapters.sources.packets import LONGEST_PACKET_BYTES, PacketError, check_from_node

LONGEST_SILENCE_S = 3600.0  # for clients that ask for no keep-alive
UNREAD_LIMIT_BYTES = 64 * 1024  # more than this unread by the node: it is gone


class Connection(ReaderAdapter, WriterAdapter):
    """Packets from and to one client. The node is known once it was let in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.node = ""
        self.subscribed = False
        self.gone = asyncio.Event()
        self._reader = reader
        self._writer = writer
        self._buffer = b""
        self._silence_s: float = LONGEST_SILENCE_S

    def keep_alive(self, seconds: int) -> None:
        """Allow one and a half times this silence, as MQTT has it (clause 3.1.2.10)."""
        self._silence_s = min(1.5 * seconds, LONGEST_SILENCE_S) if seconds else LONGEST_SILENCE_S

    async def packet(self, limit: int = LONGEST_PACKET_BYTES) -> tuple[bytes, int]:
        """Return the next packet and where its body begins; raises PacketError.

        IncompleteReadError and OSError when the connection ends, TimeoutError after silence.
        """
        async with asyncio.timeout(self._silence_s):
            head = await self._reader.readexactly(2)
        async with asyncio.timeout(self._silence_s):
            while head[-1] & 0x80:
                if len(head) == 5:
                    raise PacketError("length of more than 4 bytes")
                head += await self._reader.readexactly(1)
            length = sum((octet & 0x7F) << 7 * i for i, octet in enumerate(head[1:]))
            if length > limit:
                raise PacketError("packet longer than any message")
            return head + await self._reader.readexactly(length), len(head)

    def give_back(self, packet: bytes) -> None:
        """Let amqtt read this packet first."""
        self._buffer = packet

    async def read(self, n: int = -1) -> bytes:
        """Return n bytes of whole, checked packets; fewer at the end of the connection."""
        while len(self._buffer) < max(n, 1):
            try:
                packet, _ = await self.packet()
                check_from_node(packet[0])
            except (PacketError, OSError, EOFError):
                self.abort()
                break
            self._buffer += packet
        taken = self._buffer[:n] if n >= 0 else self._buffer
        self._buffer = self._buffer[len(taken) :]
        return taken

    def write(self, data: bytes) -> None:
        """Send, or end a connection whose other side has stopped reading."""
        if self._writer.is_closing():  # its buffer cannot even be asked for then, under TLS
            return
        if self._writer.transport.get_write_buffer_size() > UNREAD_LIMIT_BYTES:
            self.abort()
        else:
            self._writer.write(data)

    async def drain(self) -> None:
        """Never wait: one slow node must not hold up the others."""

    def abort(self) -> None:
        """End the connection at once."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Send what is left, then end the connection."""
        self._writer.close()

    def feed_eof(self) -> None:
        """Tell the reader that nothing more comes."""
        self._reader.feed_eof()

    def get_peer_info(self) -> tuple[str, int] | None:
        """Return address and port of the other side."""
        peer = self._writer.get_extra_info("peername")
        return (str(peer[0]), int(peer[1])) if peer else None

    def get_ssl_info(self) -> ssl.SSLObject | None:
        """Return the TLS session, if there is one."""
        session: ssl.SSLObject | None = self._writer.get_extra_info("ssl_object")
        return session
