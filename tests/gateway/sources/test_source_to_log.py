# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""From a node's socket into the log and back: both brokers, with restarts in mid-stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from source_support import (
    GATEWAY_PASSWORD,
    PASSWORDS,
    FakeClock,
    FakeNode,
    FakeRegistry,
    Mosquitto,
)

from barri.adapters.sources.embedded import EmbeddedSource
from barri.adapters.sources.mosquitto import MosquittoSource
from barri.adapters.stores.database import Database
from barri.adapters.stores.log import FrameLog, read_frames
from barri.domain.ranges import Ranges, fresh_ranges
from barri.services.inbox import BoundedInbox
from barri.services.receive import Receiver
from barri_wire.frame import encode_frame
from barri_wire.messages import Ack, Hello, decode_ack, decode_time, encode_hello
from barri_wire.record import Record
from barri_wire.schema import KITS
from barri_wire.topics import topic

Source = EmbeddedSource | MosquittoSource


def frame(first: int, count: int = 5) -> bytes:
    records = [
        Record(s, 800_000_000 + s, 1, (230, 0, 500 + s, 0, 2300))
        for s in range(first, first + count)
    ]
    return encode_frame(KITS["energy"], 9, records, 4000)[0]


@asynccontextmanager
async def receiving(path: Path, source: Source) -> AsyncIterator[None]:
    """Run a receiver over a source until the block ends."""
    database = Database(path)
    receiver = Receiver(FrameLog(database), BoundedInbox(), [source], FakeClock())
    task = asyncio.create_task(receiver.run())
    ready = source.ready if isinstance(source, EmbeddedSource) else source.connected
    try:
        await asyncio.wait_for(ready.wait(), 20)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        database.close()


def stored(path: Path) -> tuple[Ranges, int]:
    """Return which sequences are in the log, and how many records count."""
    database = Database(path)
    rows = database.read(lambda c: read_frames(c, 0, 10_000))
    database.close()
    parts = [p for r in rows for p in fresh_ranges(r.first_sequence, r.count, r.fresh)]
    return Ranges(parts), sum(count for _, count in parts)


async def enter(port: int) -> FakeNode:
    node = FakeNode(port, "balcony1", PASSWORDS["balcony1"])
    assert await asyncio.to_thread(node.connect)
    assert await asyncio.to_thread(node.subscribe)
    return node


async def send_until_acknowledged(node: FakeNode, frames: int) -> None:
    """Send as a node does: again and again what the last acknowledgement does not cover."""
    mark = 0
    while mark < 5 * frames:
        for first in range(mark, 5 * frames, 5):
            await asyncio.to_thread(node.publish, frame(first))
        await asyncio.to_thread(
            node.publish, encode_hello(Hello(1, mark, [], [], True, "test")), hello_topic()
        )
        while True:
            name, body = await asyncio.to_thread(node.next_message)
            if name.endswith("/time"):
                break
            if name.endswith("/ack"):
                mark = max(mark, decode_ack(body).mark)


def hello_topic() -> str:
    return topic("balcony1", "up", "hello")


def test_embedded_from_socket_to_log_and_back_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"

    async def main() -> None:
        first = EmbeddedSource(FakeRegistry(), FakeClock(), port=0)
        async with receiving(path, first):
            node = await enter(first.port)
            await send_until_acknowledged(node, 20)
            node.close()
        again = EmbeddedSource(FakeRegistry(), FakeClock(), port=first.port)
        async with receiving(path, again):
            node = await enter(again.port)
            await asyncio.to_thread(node.publish, frame(100))
            assert decode_ack((await asyncio.to_thread(node.next_message))[1]) == Ack(9, 105)
            node.close()

    asyncio.run(asyncio.wait_for(main(), 60))
    assert stored(path) == (Ranges([(0, 105)]), 105)


def test_a_hello_is_answered_over_the_socket(tmp_path: Path) -> None:
    async def main() -> None:
        source = EmbeddedSource(FakeRegistry(), FakeClock(), port=0)
        async with receiving(tmp_path / "gateway.db", source):
            node = await enter(source.port)
            hello = Hello(1, 42, [(9, 0, 0)], [], False, "test")
            await asyncio.to_thread(node.publish, encode_hello(hello), hello_topic())
            replies = dict([await asyncio.to_thread(node.next_message) for _ in range(2)])
            assert decode_ack(replies[topic("balcony1", "down", "ack")]) == Ack(9, 0)
            assert decode_time(replies[topic("balcony1", "down", "time")]).token == 42
            node.close()

    asyncio.run(asyncio.wait_for(main(), 60))


@pytest.mark.parametrize("kill", [False, True])
def test_mosquitto_from_socket_to_log_over_restarts_of_both(
    mosquitto: Mosquitto, tmp_path: Path, kill: bool
) -> None:
    path = tmp_path / "gateway.db"

    async def main() -> None:
        async with receiving(
            path, MosquittoSource(FakeClock(), GATEWAY_PASSWORD, port=mosquitto.port)
        ):
            node = await enter(mosquitto.port)
            node.publish_quickly([frame(first) for first in range(0, 200, 5)])
        await asyncio.to_thread(mosquitto.stop, kill)
        node.close()
        await asyncio.to_thread(mosquitto.start)
        async with receiving(
            path, MosquittoSource(FakeClock(), GATEWAY_PASSWORD, port=mosquitto.port)
        ):
            node = await enter(mosquitto.port)
            await send_until_acknowledged(node, 60)
            node.close()

    asyncio.run(asyncio.wait_for(main(), 120))
    assert stored(path) == (Ranges([(0, 300)]), 300)
