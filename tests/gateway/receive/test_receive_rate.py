# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How many frames a second become durable: printed, and held against a floor for a slow machine.

Frames of 100 bytes with 10 records each from 200 nodes, acknowledged one by one.
"""

import asyncio
import time

from receive_support import Gateway, frame

from barri.services.inbox import BoundedInbox

FRAMES = 4000
NODES = 200
FLOOR_PER_S = 300


def test_durable_frames_per_second(gateway: Gateway) -> None:
    bodies = [frame(10 * i, 10).ljust(100, b"\0")[:100] for i in range(FRAMES // NODES)]
    inbox = gateway.receiver._inbox = BoundedInbox(arrival_limit=FRAMES)

    async def scenario() -> float:
        for body in bodies:
            for node in range(NODES):
                arrival = gateway.arrival("frame", body, f"node{node:04}")
                assert inbox.offer(arrival, gateway.source)
        began = time.perf_counter()
        task = asyncio.create_task(gateway.receiver.run())
        await gateway.settled_reaches(FRAMES)
        taken_s = time.perf_counter() - began
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return taken_s

    rate = FRAMES / asyncio.run(scenario())
    print(f"\nreceiver.durable_frames_per_second {rate:.0f} 1/s")
    assert rate > FLOOR_PER_S
