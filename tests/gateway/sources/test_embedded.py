# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The embedded broker, over real sockets: who may come in, write and read, and what is bounded."""

import asyncio
import logging
import os
import random
from collections.abc import Awaitable, Callable

import pytest
from source_support import PASSWORDS, FakeClock, FakeInbox, FakeNode, FakeRegistry, running

from barri.adapters.sources import connection as connection_module
from barri.adapters.sources.embedded import EmbeddedSource
from barri.errors import ConfigError
from barri_wire.topics import topic

Scenario = Callable[[EmbeddedSource, FakeInbox], Awaitable[None]]


def serve(scenario: Scenario) -> None:
    """Run a scenario against a running embedded broker."""

    async def main() -> None:
        source = EmbeddedSource(FakeRegistry(), FakeClock(), port=0)
        inbox = FakeInbox()
        async with asyncio.timeout(60), running(source, inbox, source.ready):
            await scenario(source, inbox)

    asyncio.run(main())


async def enter(source: EmbeddedSource, node: str = "balcony1") -> FakeNode:
    """Return a node that has connected and subscribed to its own topics."""
    fake = FakeNode(source.port, node, PASSWORDS[node])
    assert await asyncio.to_thread(fake.connect)
    assert await asyncio.to_thread(fake.subscribe)
    return fake


def test_what_a_node_publishes_arrives_under_its_own_name() -> None:
    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        node = await enter(source)
        for kind in ("hello", "frame", "void", "schema"):
            await asyncio.to_thread(
                node.publish, b"to " + kind.encode(), topic("balcony1", "up", kind)
            )
        arrivals = await inbox.holds(4)
        assert [(a.node, a.kind, a.payload) for a in arrivals] == [
            ("balcony1", kind, b"to " + kind.encode())
            for kind in ("hello", "frame", "void", "schema")
        ]
        assert {a.arrival_s for a in arrivals} == {1_780_000_000}
        node.close()

    serve(scenario)


def test_a_node_receives_what_is_sent_to_it_and_nothing_else() -> None:
    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        one, two = await enter(source), await enter(source, "balcony2")
        await source.send("balcony2", "ack", b"for two")
        await source.send("balcony1", "time", b"for one")
        await source.send("stranger", "ack", b"for nobody")
        assert await asyncio.to_thread(two.next_message) == (
            topic("balcony2", "down", "ack"),
            b"for two",
        )
        assert await asyncio.to_thread(one.next_message) == (
            topic("balcony1", "down", "time"),
            b"for one",
        )
        await asyncio.to_thread(one.publish, b"x")
        assert one.received.empty()
        assert two.received.empty()
        one.close()
        two.close()

    serve(scenario)


@pytest.mark.parametrize(
    ("user", "password", "client_id"),
    [
        ("balcony1", "wrong", None),
        ("balcony1", "", None),
        ("balcony1", PASSWORDS["balcony2"], None),
        ("balcony1", PASSWORDS["balcony1"], "balcony2"),
        ("balcony1", PASSWORDS["balcony1"], "other"),
        ("stranger", "first-secret", None),
        ("../../etc", "first-secret", None),
        ("balcony1", None, None),
    ],
)
def test_strangers_and_borrowed_names_are_kept_out(
    user: str, password: str | None, client_id: str | None
) -> None:
    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        node = FakeNode(source.port, user, password, client_id)
        assert not await asyncio.to_thread(node.connect)
        node.close()
        assert source.counts["refused_connections"] >= 1

    serve(scenario)


def test_a_stranger_cannot_throw_a_node_out() -> None:
    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        node = await enter(source)
        thief = FakeNode(source.port, "balcony1", "wrong")
        assert not await asyncio.to_thread(thief.connect)
        await source.send("balcony1", "ack", b"still here")
        assert (await asyncio.to_thread(node.next_message))[1] == b"still here"
        thief.close()
        node.close()

    serve(scenario)


@pytest.mark.parametrize(
    "to",
    [
        topic("balcony2", "up", "frame"),
        topic("balcony1", "down", "ack"),
        "barri/1/0/balcony1/up/frame",
        "barri/1/64/balcony1/up/frame",
        topic("balcony1", "up", "frame") + "/more",
        topic("balcony1", "up", "frame").replace("frame", "unheard"),
        "anything",
    ],
)
def test_a_node_can_write_only_its_own_topics(to: str) -> None:
    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        node, other = await enter(source), await enter(source, "balcony2")
        await asyncio.to_thread(node.publish, b"bad", to)
        await asyncio.to_thread(node.publish, b"good")
        assert [a.payload for a in await inbox.holds(1)] == [b"good"]
        assert source.counts["refused_topics"] == 1
        assert other.received.empty()
        node.close()
        other.close()

    serve(scenario)


@pytest.mark.parametrize(
    "topic_filter",
    ["#", "+/#", "barri/#", "barri/1/+/+/up/#", topic("balcony2", "down", "ack"), "$SYS/#"],
)
def test_a_node_can_read_only_its_own_topics(topic_filter: str) -> None:
    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        node, other = await enter(source), await enter(source, "balcony2")
        assert not await asyncio.to_thread(node.subscribe, topic_filter)
        await asyncio.to_thread(other.publish, b"private")
        await source.send("balcony2", "ack", b"private")
        await asyncio.to_thread(other.next_message)
        assert node.received.empty()
        node.close()
        other.close()

    serve(scenario)


def test_a_will_is_refused_since_it_would_pass_the_topic_rights() -> None:
    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        node = FakeNode(source.port, "balcony1", PASSWORDS["balcony1"])
        node.will(topic("balcony2", "down", "ack"))
        assert not await asyncio.to_thread(node.connect)
        node.close()

    serve(scenario)


def test_a_full_inbox_is_counted_and_what_comes_later_arrives() -> None:
    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        node = await enter(source)
        inbox.full = True
        await asyncio.to_thread(node.publish, b"refused")
        await inbox.refuses(1)
        assert source.counts["refused_full"] == 1
        inbox.full = False
        await asyncio.to_thread(node.publish, b"taken")
        assert [a.payload for a in await inbox.holds(1)] == [b"taken"]
        node.close()

    serve(scenario)


def test_a_second_connection_of_a_node_replaces_the_first() -> None:
    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        first = await enter(source)
        first._client.on_disconnect = lambda *_: first._client.loop_stop()
        second = await enter(source)
        await source.send("balcony1", "ack", b"to the newest")
        assert (await asyncio.to_thread(second.next_message))[1] == b"to the newest"
        await asyncio.to_thread(second.publish, b"works")
        assert [a.payload for a in await inbox.holds(1)] == [b"works"]
        second.close()
        first.close()

    serve(scenario)


@pytest.mark.parametrize("size", [16_384, 16_700])
def test_packets_are_bounded(size: int) -> None:
    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        node = await enter(source)
        small_enough = size <= 16_384
        node.publish_quickly([bytes(size)])
        if small_enough:
            assert len((await inbox.holds(1))[0].payload) == size
        else:
            assert await asyncio.to_thread(node.disconnected.wait, 10)
            assert inbox.arrivals == []
        node.close()

    serve(scenario)


def test_garbage_on_the_socket_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(7)
    connect = bytes.fromhex("101800044d51545404c20014000862616c636f6e7931")

    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        node = await enter(source)
        for i in range(60):
            reader, writer = await asyncio.open_connection("127.0.0.1", source.port)
            start = connect[: chance.randrange(len(connect))] if i % 2 else b""
            writer.write(start + chance.randbytes(chance.randrange(1, 400)))
            writer.write_eof()
            await reader.read(100)
            writer.close()
        await asyncio.to_thread(node.publish, b"alive")
        assert [a.payload for a in await inbox.holds(1)] == [b"alive"]
        node.close()

    with caplog.at_level(logging.ERROR):
        serve(scenario)
    assert [record.getMessage() for record in caplog.records] == []


def test_garbage_after_a_good_connect_ends_only_that_connection() -> None:
    chance = random.Random(8)

    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        other = await enter(source, "balcony2")
        secret = PASSWORDS["balcony1"].encode()
        body = b"\x00\x04MQTT\x04\xc2\x00\x14" + b"".join(
            len(text).to_bytes(2, "big") + text for text in (b"balcony1", b"balcony1", secret)
        )
        for _ in range(60):
            reader, writer = await asyncio.open_connection("127.0.0.1", source.port)
            writer.write(bytes([0x10, len(body)]) + body)
            assert await reader.readexactly(4) == b"\x20\x02\x00\x00"
            writer.write(chance.randbytes(chance.randrange(1, 300)))
            writer.write_eof()
            await reader.read()
            writer.close()
        await asyncio.to_thread(other.publish, b"alive")
        alive = [a for a in await inbox.holds(1) if a.node == "balcony2"]
        assert [a.payload for a in alive] == [b"alive"]
        other.close()

    serve(scenario)


def test_a_node_that_stops_reading_is_let_go_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_module, "UNREAD_LIMIT_BYTES", 1000)

    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        node = await enter(source)
        node._client.loop_stop()  # reads no more
        async with asyncio.timeout(30):
            while "balcony1" in source._connections:
                await source.send("balcony1", "ack", bytes(16_000))
                await asyncio.sleep(0)
        node.close()

    serve(scenario)


def test_a_taken_port_is_named() -> None:
    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        second = EmbeddedSource(FakeRegistry(), FakeClock(), port=source.port)
        with pytest.raises(ConfigError, match="choose another port"):
            await second.run(inbox)

    serve(scenario)


def test_after_a_restart_nodes_come_back_and_go_on() -> None:
    async def main() -> None:
        inbox = FakeInbox()
        first = EmbeddedSource(FakeRegistry(), FakeClock(), port=0)
        async with running(first, inbox, first.ready):
            node = await enter(first)
            await asyncio.to_thread(node.publish, b"before")
            await inbox.holds(1)
        again = EmbeddedSource(FakeRegistry(), FakeClock(), port=first.port)
        async with running(again, inbox, again.ready):
            await asyncio.to_thread(node.publish, b"after")
            assert [a.payload for a in await inbox.holds(2)] == [b"before", b"after"]
            node.close()

    asyncio.run(asyncio.wait_for(main(), 60))


def test_no_secret_reaches_the_logs(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(source: EmbeddedSource, inbox: FakeInbox) -> None:
        node = await enter(source)
        wrong = FakeNode(source.port, "balcony2", "almost-" + PASSWORDS["balcony2"])
        await asyncio.to_thread(wrong.connect)
        wrong.close()
        node.close()

    with caplog.at_level(logging.DEBUG):
        serve(scenario)
    text = caplog.text + os.linesep.join(str(record.args) for record in caplog.records)
    assert not [secret for secret in PASSWORDS.values() if secret in text]
