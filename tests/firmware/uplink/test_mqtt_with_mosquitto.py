# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's MQTT client on the real MicroPython, against the real Mosquitto with our files."""

import os
from pathlib import Path

import pytest
from source_support import GATEWAY_PASSWORD, PASSWORDS, FakeNode, Mosquitto
from uplink_bench import Node

from barri_wire.topics import topic

NODE = "balcony1"
UP, DOWN = topic(NODE, "up", "frame"), topic(NODE, "down", "ack")


@pytest.fixture
def node(micropython: str) -> Node:
    return Node(micropython)


@pytest.fixture
def gateway(mosquitto: Mosquitto):
    """A client with the gateway's rights."""
    client = FakeNode(mosquitto.port, "barri-gateway", GATEWAY_PASSWORD)
    client.node = NODE  # whose topics it uses
    assert client.connect()
    assert client.subscribe("barri/1/+/+/up/#")
    yield client
    client.close()


def test_the_right_password_opens(node: Node, mosquitto: Mosquitto) -> None:
    assert node.run(mosquitto.port, secret=PASSWORDS[NODE]) == ["connected"]


@pytest.mark.parametrize("secret", ["wrong", "second-secret", "first-secret "])
def test_a_wrong_password_is_told_as_such_and_not_shown(
    node: Node, mosquitto: Mosquitto, secret: str
) -> None:
    lines = node.run(mosquitto.port, secret=secret)
    assert lines == ["failed gateway refused us: not allowed"]


# A packet's length takes a second byte above 127, and counts topic and packet id.
SHORT = 127 - 2 - len(UP) - 2


@pytest.mark.parametrize("size", [1, SHORT, SHORT + 1, 1024, 8000])
def test_what_is_published_arrives_whole(
    node: Node, mosquitto: Mosquitto, gateway: FakeNode, tmp_path: Path, size: int
) -> None:
    payload = os.urandom(size)
    (tmp_path / "payload").write_bytes(payload)
    lines = node.run(mosquitto.port, f"publish_file {UP} {tmp_path}/payload 5000")
    assert lines == ["connected", "done publish_file"]
    assert gateway.next_message() == (UP, payload)


def test_many_messages_come_in_order(node: Node, mosquitto: Mosquitto, gateway: FakeNode) -> None:
    commands = [f"publish {UP} {n:04x} 5000" for n in range(100)]
    assert node.run(mosquitto.port, *commands) == ["connected", *["done publish"] * 100]
    assert [gateway.next_message()[1] for _ in range(100)] == [
        n.to_bytes(2, "big") for n in range(100)
    ]


def test_what_is_subscribed_is_received(
    node: Node, mosquitto: Mosquitto, gateway: FakeNode
) -> None:
    payloads = [b"", b"an ack", bytes(range(256)) * 8]
    ready = f"publish {UP} aa 5000"
    with node.start(mosquitto.port, f"subscribe {DOWN}", ready, "sleep 1000") as process:
        assert gateway.next_message() == (UP, b"\xaa")  # by then it has subscribed
        for payload in payloads:
            assert gateway.publish(payload, to=DOWN)
        lines = process.communicate(timeout=20)[0].splitlines()
    received = [line.split(" ") for line in lines if line.startswith("message")]
    assert received == [["message", DOWN, payload.hex()] for payload in payloads]
    assert lines[-1] == "done sleep"


def test_the_connection_outlives_its_keep_alive(node: Node, mosquitto: Mosquitto) -> None:
    """Mosquitto throws out who is silent for one and a half times as long."""
    lines = node.run(mosquitto.port, "sleep 2500", f"publish {UP} aa 2000", keepalive_s=1)
    assert lines == ["connected", "done sleep", "done publish"]


def test_a_second_connection_of_the_same_node_ends_the_first(
    node: Node, mosquitto: Mosquitto
) -> None:
    with node.start(mosquitto.port, "sleep 3000") as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "connected\n"
        assert node.run(mosquitto.port) == ["connected"]
        out = first.communicate(timeout=20)[0]
    assert "ended connection lost: OSError('closed by the other side',)" in out


def test_a_broker_that_is_stopped_is_noticed(node: Node, tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    with node.start(broker.port, "sleep 1000", f"publish {UP} aa 1000") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "connected\n"
        broker.stop(kill=True)
        lines = process.communicate(timeout=20)[0].splitlines()
    assert lines[0].startswith("ended connection lost: ")
    assert lines[-1].startswith("failed not taken by the broker: ")
