# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A real Mosquitto with the files that barri writes: rights, and acknowledgement after commit."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from source_support import (
    GATEWAY_PASSWORD,
    PASSWORDS,
    FakeClock,
    FakeInbox,
    FakeNode,
    Mosquitto,
    running,
    until,
)

from barri.adapters.sources import mosquitto_files
from barri.adapters.sources.mosquitto import MosquittoSource, Ticket
from barri.adapters.sources.mosquitto_files import acl_file, password_file, write_files
from barri.domain.passwords import hash_password
from barri.errors import ConfigError
from barri_wire.topics import topic

Scenario = Callable[[MosquittoSource, FakeInbox], Awaitable[None]]


def new_source(mosquitto: Mosquitto) -> MosquittoSource:
    return MosquittoSource(FakeClock(), GATEWAY_PASSWORD, port=mosquitto.port)


def serve(mosquitto: Mosquitto, scenario: Scenario) -> None:
    """Run a scenario against a source that is connected to Mosquitto."""

    async def main() -> None:
        source, inbox = new_source(mosquitto), FakeInbox()
        async with asyncio.timeout(60), running(source, inbox, source.connected):
            await scenario(source, inbox)

    asyncio.run(main())


async def enter(mosquitto: Mosquitto, node: str = "balcony1") -> FakeNode:
    fake = FakeNode(mosquitto.port, node, PASSWORDS[node])
    assert await asyncio.to_thread(fake.connect)
    assert await asyncio.to_thread(fake.subscribe)
    return fake


def test_up_and_down(mosquitto: Mosquitto) -> None:
    async def scenario(source: MosquittoSource, inbox: FakeInbox) -> None:
        node = await enter(mosquitto)
        await asyncio.to_thread(node.publish, b"a frame")
        (arrival,) = await inbox.holds(1)
        assert (arrival.node, arrival.kind, arrival.payload) == ("balcony1", "frame", b"a frame")
        await source.send("balcony1", "ack", b"an ack")
        assert (await asyncio.to_thread(node.next_message))[1] == b"an ack"
        node.close()

    serve(mosquitto, scenario)


@pytest.mark.parametrize(
    ("user", "password"),
    [("balcony1", "wrong"), ("balcony1", None), ("stranger", "x"), ("barri-gateway", "x")],
)
def test_strangers_are_kept_out(mosquitto: Mosquitto, user: str, password: str | None) -> None:
    node = FakeNode(mosquitto.port, user, password)
    assert not node.connect()
    node.close()


def test_a_client_id_cannot_be_borrowed_to_throw_a_node_out(mosquitto: Mosquitto) -> None:
    async def scenario(source: MosquittoSource, inbox: FakeInbox) -> None:
        one = await enter(mosquitto)
        two = FakeNode(mosquitto.port, "balcony2", PASSWORDS["balcony2"], client_id="balcony1")
        await asyncio.to_thread(two.connect)
        await source.send("balcony1", "ack", b"still here")
        assert (await asyncio.to_thread(one.next_message))[1] == b"still here"
        assert not one.disconnected.is_set()
        one.close()
        two.close()

    serve(mosquitto, scenario)


@pytest.mark.parametrize(
    "to",
    [topic("balcony2", "up", "frame"), topic("balcony1", "down", "ack"), "anything"],
)
def test_a_node_can_write_only_its_own_topics(mosquitto: Mosquitto, to: str) -> None:
    async def scenario(source: MosquittoSource, inbox: FakeInbox) -> None:
        node = await enter(mosquitto)
        await asyncio.to_thread(node.publish, b"bad", to)
        await asyncio.to_thread(node.publish, b"good")
        assert [a.payload for a in await inbox.holds(1)] == [b"good"]
        node.close()

    serve(mosquitto, scenario)


@pytest.mark.parametrize(
    "topic_filter", ["#", "barri/1/+/+/up/#", topic("balcony2", "down", "ack")]
)
def test_a_node_can_read_only_its_own_topics(mosquitto: Mosquitto, topic_filter: str) -> None:
    async def scenario(source: MosquittoSource, inbox: FakeInbox) -> None:
        node, other = await enter(mosquitto), await enter(mosquitto, "balcony2")
        await asyncio.to_thread(
            node.subscribe, topic_filter
        )  # Mosquitto grants, and sends nothing
        await asyncio.to_thread(other.publish, b"private")
        await source.send("balcony2", "ack", b"private")
        await asyncio.to_thread(other.next_message)
        await source.send("balcony1", "ack", b"own")
        assert (await asyncio.to_thread(node.next_message))[1] == b"own"
        assert node.received.empty()
        node.close()
        other.close()

    serve(mosquitto, scenario)


def test_what_was_not_settled_comes_again_to_the_next_gateway(mosquitto: Mosquitto) -> None:
    async def main() -> None:
        first, inbox = new_source(mosquitto), FakeInbox()
        async with running(first, inbox, first.connected):
            node = await enter(mosquitto)
            for i in range(5):
                await asyncio.to_thread(node.publish, b"frame %d" % i)
            arrivals = await inbox.holds(5)
            for arrival in arrivals[:2]:
                arrival.settled()
            await source_flushed(first)
        again, inbox = new_source(mosquitto), FakeInbox()
        async with running(again, inbox, again.connected):
            arrivals = await inbox.holds(3)
            await asyncio.sleep(0.1)
        assert [a.payload for a in arrivals] == [b"frame 2", b"frame 3", b"frame 4"]
        node.close()

    asyncio.run(asyncio.wait_for(main(), 60))


async def source_flushed(source: MosquittoSource) -> None:
    """Wait until paho has written what it was given."""
    await until(lambda: not source._client.want_write())
    await asyncio.sleep(0.1)


def test_what_comes_while_the_gateway_is_away_waits_in_mosquitto(mosquitto: Mosquitto) -> None:
    async def main() -> None:
        source = new_source(mosquitto)
        async with running(source, FakeInbox(), source.connected):
            pass
        node = await enter(mosquitto)
        assert await asyncio.to_thread(node.publish, b"meanwhile")
        again, inbox = new_source(mosquitto), FakeInbox()
        async with running(again, inbox, again.connected):
            assert [a.payload for a in await inbox.holds(1)] == [b"meanwhile"]
        node.close()

    asyncio.run(asyncio.wait_for(main(), 60))


def test_a_full_inbox_leaves_messages_with_mosquitto_and_they_come_in_order(
    mosquitto: Mosquitto,
) -> None:
    async def scenario(source: MosquittoSource, inbox: FakeInbox) -> None:
        inbox.full = True
        node = await enter(mosquitto)
        payloads = [b"frame %d" % i for i in range(50)]
        node.publish_quickly(payloads)
        await inbox.refuses(3)
        assert inbox.arrivals == []
        inbox.full = False
        assert [a.payload for a in await inbox.holds(50)] == payloads
        node.close()

    serve(mosquitto, scenario)


@pytest.mark.parametrize("kill", [False, True])
def test_after_a_broker_restart_the_gateway_and_nodes_come_back(
    mosquitto: Mosquitto, kill: bool
) -> None:
    async def scenario(source: MosquittoSource, inbox: FakeInbox) -> None:
        node = await enter(mosquitto)
        await asyncio.to_thread(node.publish, b"before")
        (stale,) = await inbox.holds(1)
        await asyncio.to_thread(mosquitto.stop, kill)
        await until(lambda: not source.connected.is_set())
        stale.settled()  # its commit took longer than the connection: no PUBACK goes out
        await asyncio.to_thread(mosquitto.start)
        await asyncio.wait_for(source.connected.wait(), 20)
        await asyncio.to_thread(node.publish, b"after")
        await until(lambda: b"after" in [a.payload for a in inbox.arrivals])
        assert {a.payload for a in inbox.arrivals} == {b"before", b"after"}
        node.close()

    serve(mosquitto, scenario)


# Acknowledgement, without a broker


class FakeClient:
    """Notes acknowledgements."""

    def __init__(self) -> None:
        self.acknowledged: list[int] = []

    def ack(self, mid: int, qos: int) -> None:
        self.acknowledged.append(mid)


def deaf_source() -> tuple[MosquittoSource, FakeClient]:
    source = MosquittoSource(FakeClock(), "unused")
    client = FakeClient()
    source._client = client  # type: ignore[assignment]
    return source, client


def tickets(source: MosquittoSource, mids: list[int], qos: int = 1) -> list[Ticket]:
    made = [Ticket(mid, qos, source._connection) for mid in mids]
    for ticket in made:
        source._arrived(ticket, topic("balcony1", "up", "frame"), b"")
    return made


def test_acknowledgements_leave_in_the_order_of_arrival() -> None:
    source, client = deaf_source()
    one, two, three = tickets(source, [11, 12, 13])
    source._settle(two)
    assert client.acknowledged == []
    source._settle(one)
    assert client.acknowledged == [11, 12]
    source._settle(three)
    assert client.acknowledged == [11, 12, 13]


def test_pending_acknowledgements_are_dropped_on_reconnect() -> None:
    source, client = deaf_source()
    (stale,) = tickets(source, [11])
    source._on_disconnect(None, None, None, None, None)
    source._settle(stale)  # even before the event loop has heard of it
    source._dropped()
    (fresh,) = tickets(source, [11])  # the same id now means another message
    source._settle(stale)
    assert client.acknowledged == []
    source._settle(fresh)
    assert client.acknowledged == [11]


def test_messages_of_quality_0_are_never_acknowledged() -> None:
    source, client = deaf_source()
    (ticket,) = tickets(source, [0], qos=0)
    source._settle(ticket)
    assert client.acknowledged == []


def test_a_message_on_a_foreign_topic_is_acknowledged_and_dropped() -> None:
    source, client = deaf_source()
    source._arrived(Ticket(5, 1, 0), "barri/1/0/balcony1/up/frame", b"wrong partition")
    assert client.acknowledged == [5]
    assert not source._waiting


# The files


def test_a_new_node_comes_in_after_a_reload(mosquitto: Mosquitto) -> None:
    hashes = {node: hash_password(secret) for node, secret in PASSWORDS.items()}
    gateway_hash = hash_password(GATEWAY_PASSWORD)
    newcomer = FakeNode(mosquitto.port, "newnode1", "its-secret")
    assert not newcomer.connect()
    newcomer.close()
    assert write_files(
        mosquitto.directory, hashes | {"newnode1": hash_password("its-secret")}, gateway_hash
    )
    assert mosquitto.process is not None
    mosquitto.process.send_signal(signal.SIGHUP)
    newcomer = FakeNode(mosquitto.port, "newnode1", "its-secret")
    assert newcomer.connect()
    newcomer.close()


def test_files_are_written_only_when_they_change_and_are_not_for_everyone(tmp_path: Path) -> None:
    hashes = {"balcony1": hash_password("x")}
    gateway_hash = hash_password("y")
    assert write_files(tmp_path, hashes, gateway_hash)
    assert not write_files(tmp_path, hashes, gateway_hash)
    assert (tmp_path / "passwords").stat().st_mode & 0o007 == 0
    assert write_files(tmp_path, {}, gateway_hash)
    assert "balcony1" not in (tmp_path / "acl").read_text()


@pytest.mark.parametrize("name", ["bad name", "x", "node\nuser root", "node:1234", "#", "NODE1"])
def test_names_that_would_break_out_of_their_line_are_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        acl_file({name: hash_password("x")})
    with pytest.raises(ConfigError):
        password_file({name: hash_password("x")}, hash_password("y"))


def test_a_broken_hash_is_refused() -> None:
    with pytest.raises(ConfigError, match="set it again"):
        password_file({"balcony1": "$7$1$x\nroot:"}, hash_password("y"))


def test_the_configuration_keeps_messages_until_the_gateway_has_them(tmp_path: Path) -> None:
    lines = mosquitto_files.configuration(tmp_path).splitlines()
    assert "max_inflight_messages 1000" in lines
    assert "allow_anonymous false" in lines
    assert "use_username_as_clientid true" in lines
