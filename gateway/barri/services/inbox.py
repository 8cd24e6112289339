# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The bounded place between sources and the receiver: when it is full, sources have to wait.

For one event loop: sources with threads of their own hand over with `call_soon_threadsafe`.
"""

import asyncio
from collections import Counter, deque
from typing import NamedTuple

from barri.ports import Arrival, Source

ARRIVAL_LIMIT = 2000
BYTE_LIMIT = 4 * 1024 * 1024
NODE_LIMIT = 500  # arrivals of one node: it cannot fill the inbox for all others
OVERHEAD_BYTES = 200  # what an arrival costs besides its payload


class Entry(NamedTuple):
    """An arrival and the source to answer through (None: nobody to answer)."""

    arrival: Arrival
    source: Source | None


class BoundedInbox:
    """Arrivals in order. Bounded in number, in bytes and for each node."""

    def __init__(
        self,
        arrival_limit: int = ARRIVAL_LIMIT,
        byte_limit: int = BYTE_LIMIT,
        node_limit: int = NODE_LIMIT,
    ) -> None:
        self._limits = (arrival_limit, byte_limit, node_limit)
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._per_node: Counter[str] = Counter()
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._entries)

    def door(self, source: Source) -> "Door":
        """Return the inbox as one source sees it, so that answers find their way back."""
        return Door(self, source)

    def offer(self, arrival: Arrival, source: Source | None = None) -> bool:
        """Take an arrival, or say False when full; nothing is kept then."""
        size = len(arrival.payload) + OVERHEAD_BYTES
        arrivals, octets, of_node = self._limits
        if (
            len(self._entries) >= arrivals
            or self._bytes + size > octets
            or self._per_node[arrival.node] >= of_node
        ):
            return False
        self._entries.append(Entry(arrival, source))
        self._bytes += size
        self._per_node[arrival.node] += 1
        self._changed.set()
        return True

    def take(self, limit: int) -> list[Entry]:
        """Remove and return up to `limit` of the oldest arrivals."""
        taken = [self._entries.popleft() for _ in range(min(limit, len(self._entries)))]
        for entry in taken:
            self._bytes -= len(entry.arrival.payload) + OVERHEAD_BYTES
            self._per_node[entry.arrival.node] -= 1
        self._per_node += Counter()  # forget nodes without arrivals
        return taken

    async def wait_for(self, count: int) -> None:
        """Return once at least `count` arrivals are here."""
        while len(self._entries) < count:
            self._changed.clear()
            await self._changed.wait()


class Door:
    """The inbox for one source."""

    def __init__(self, inbox: BoundedInbox, source: Source) -> None:
        self._inbox = inbox
        self._source = source

    def offer(self, arrival: Arrival) -> bool:
        """Take an arrival, or say False when full."""
        return self._inbox.offer(arrival, self._source)
