# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A network in memory, as asyncio's streams show it, for MicroPython in virtual time.

Streams behave as MicroPython's: `close` alone closes nothing, `wait_closed` does.
"""

import asyncio

_ECONNREFUSED = 111
_EPIPE = 32


class Flow:
    """Bytes in one direction."""

    def __init__(self):
        self.data = b""
        self.ended = False
        self.news = asyncio.Event()

    def put(self, data):
        if self.ended:
            raise OSError(_EPIPE)
        self.data += bytes(data)
        self.news.set()

    def end(self):
        self.ended = True
        self.news.set()

    async def exactly(self, count):
        while len(self.data) < count:
            if self.ended:
                raise EOFError
            self.news.clear()
            await self.news.wait()
        taken, self.data = self.data[:count], self.data[count:]
        return taken


class Stream:
    """One end of a connection."""

    def __init__(self, incoming, outgoing):
        self._incoming = incoming
        self._outgoing = outgoing

    async def readexactly(self, count):
        return await self._incoming.exactly(count)

    def write(self, data):
        self._outgoing.put(data)

    async def drain(self):
        await asyncio.sleep_ms(0)

    def close(self):
        pass

    async def wait_closed(self):
        self.cut()

    def cut(self):
        self._incoming.end()
        self._outgoing.end()


class Network:
    """Stands in for `asyncio.open_connection`. serve(stream): what the other side does.

    down: while True nobody answers. attempts: when a connection was asked for, in ms.
    """

    def __init__(self, world, serve):
        self._world = world
        self._serve = serve
        self.down = False
        self.attempts = []
        self.connections = []
        self.served = []
        asyncio.open_connection = self._open

    async def _open(self, host, port, ssl=None, server_hostname=None):
        self.attempts.append(self._world.now_ms)
        await asyncio.sleep_ms(0)
        if self.down:
            raise OSError(_ECONNREFUSED)
        up, down = Flow(), Flow()
        stream = Stream(down, up)
        far = Stream(up, down)
        self.connections.append(far)
        self.served.append(asyncio.create_task(self._serve(far)))
        return stream, stream

    def open_now(self):
        """How many connections the node still holds."""
        return len([far for far in self.connections if not far._incoming.ended])
