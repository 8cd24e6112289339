# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A gateway-like process for the kill test: receives frames of one node until it is killed.

Prints a line for each acknowledgement, after it was "sent": `covered`.
"""

import asyncio
import sys
from pathlib import Path

from receive_support import NODE, FakeSource, Gateway, frame

from barri.ports import Inbox
from barri_wire.messages import decode_ack


class EndlessSource(FakeSource):
    """A node that sends on and on, each frame twice and some out of order, from a sequence on."""

    def __init__(self, first: int) -> None:
        super().__init__()
        self._first = first

    async def send(self, node: str, kind: str, payload: bytes) -> None:
        if kind == "ack":
            print(decode_ack(payload).mark, flush=True)

    async def run(self, inbox: Inbox) -> None:
        first = max(0, self._first - 20)
        while True:
            for start in (first + 5, first, first + 5, first + 3):
                arrival = self.gateway.arrival("frame", frame(start, 5), NODE)
                while not inbox.offer(arrival):  # noqa: ASYNC110 - as a node tries again
                    await asyncio.sleep(0)
            first += 10
            await asyncio.sleep(0)

    gateway: Gateway


def main() -> None:
    gateway = Gateway(Path(sys.argv[1]))
    source = EndlessSource(int(sys.argv[2]))
    source.gateway = gateway
    gateway.receiver._sources = [source]
    asyncio.run(gateway.receiver.run())


if __name__ == "__main__":
    main()
