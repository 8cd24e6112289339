# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's MQTT client on the real MicroPython, against brokers that break the protocol."""

import random
import socket
import time

import pytest
from uplink_bench import CONNACK, PUBLISH, Node, Peer, broker, publish

CLOSED = "OSError('closed by the other side',)"
RESET = "OSError(104"


@pytest.fixture
def node(micropython: str) -> Node:
    return Node(micropython)


def test_how_it_introduces_itself(node: Node) -> None:
    """MQTT 3.1.1 section 3.1: name, level 4, clean session with user and password, keep-alive."""
    seen = []
    with broker(lambda peer: seen.append(peer.let_in())) as port:
        assert node.run(port, secret="pässword") == ["connected"]
    assert seen == [
        b"\x00\x04MQTT\x04\xc2\x00\x3c\x00\x08balcony1\x00\x08balcony1\x00\x09p\xc3\xa4ssword"
    ]


def test_nobody_listens(node: Node) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (line,) = node.run(port)
    assert line.startswith("failed gateway not reached: OSError(")


def test_it_closes_at_once(node: Node) -> None:
    with broker(lambda peer: None) as port:
        (line,) = node.run(port)
    assert line.startswith("failed gateway not reached: ")
    assert CLOSED in line or RESET in line


def test_it_never_answers(node: Node) -> None:
    started_s = time.monotonic()
    with broker(Peer.until_it_closes) as port:
        assert node.run(port, timeout_ms=300) == ["failed gateway not reached: TimeoutError()"]
    assert time.monotonic() - started_s < 5


@pytest.mark.parametrize(
    ("code", "reason"),
    [(1, "protocol version"), (2, "client id"), (3, "server unavailable"), (4, "password"),
     (5, "not allowed"), (99, "not allowed")],
)  # fmt: skip
def test_it_refuses(node: Node, code: int, reason: str) -> None:
    def refuse(peer: Peer) -> None:
        peer.packet()
        peer.send(b"\x20\x02\x00" + bytes([code]))
        peer.until_it_closes()

    with broker(refuse) as port:
        assert node.run(port) == [f"failed gateway refused us: {reason}"]


@pytest.mark.parametrize(
    "answer",
    [b"\x20\x00", b"\x20\x03\x00\x00\x00", b"\xd0\x00", b"\x30\x02\x00\x00", b"\x20\x02\x00",
     b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9, b"\x20\xff\xff\xff\x7f", b"\x20\xff\xff\xff\xff\x01",
     b"\x20\x81\x20" + bytes(4097), bytes(5000), b"\xff" * 5000],
)  # fmt: skip
def test_garbage_in_place_of_a_welcome(node: Node, answer: bytes) -> None:
    def greet(peer: Peer) -> None:
        peer.packet()
        peer.send(answer)

    with broker(greet) as port:
        (line,) = node.run(port)
    assert line.startswith(("failed gateway not reached: ", "failed gateway refused us: "))


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (b"\x32\x81\x20" + bytes(4097), "packet too long"),
        (b"\x32\xff\xff\xff\x7f" + b"x" * 100_000, "packet too long"),
        (b"\x32\xff\xff\xff\xff\x01", "malformed length"),
        (b"\x20\x02\x00\x00", "unexpected packet"),
        (b"\x10\x00", "unexpected packet"),
        (b"\x40\x01\x00", "unexpected packet"),
        (b"\xe0\x00", "unexpected packet"),
        (b"\x32\x00", "short packet"),
        (b"\x32\x01\x00", "short packet"),
        (b"\x32\x03\x00\x01a", "short packet"),
        (b"\x32\x04\x00\x01a\x00", "short packet"),
        (b"\x32\x06\xff\xffabcd", "short packet"),
        (b"\x30\x04\x00\x09ab", "short packet"),
        (b"\x32\x10abc", "closed by the other side"),
        (b"\x32\x81", "closed by the other side"),
    ],
)
def test_a_broken_packet_ends_the_connection(node: Node, packet: bytes, reason: str) -> None:
    answers = []

    def speak(peer: Peer) -> None:
        peer.let_in()
        peer.send(packet)
        peer.say_no_more()
        answers.append(peer.until_it_closes())

    with broker(speak) as port:
        lines = node.run(port, "sleep 300")
    assert answers == [b""]
    assert lines == ["connected", f"ended connection lost: OSError('{reason}',)", "done sleep"]


def test_packets_that_come_byte_by_byte_are_read(node: Node) -> None:
    def trickle(peer: Peer) -> None:
        peer.packet()
        for byte in CONNACK + publish("a/ack", b"slow", 258):
            peer.send(bytes([byte]))
            time.sleep(0.005)
        assert peer.packet() == (0x40, b"\x01\x02")

    with broker(trickle) as port:
        assert node.run(port, "sleep 400")[:2] == ["connected", "message a/ack 736c6f77"]


def test_two_packets_in_one_piece_are_two(node: Node) -> None:
    def hurry(peer: Peer) -> None:
        peer.packet()
        peer.send(CONNACK + publish("a/ack", b"one", 1) + publish("a/time", b"two"))
        assert peer.packet() == (0x40, b"\x00\x01")
        peer.until_it_closes()

    with broker(hurry) as port:
        lines = node.run(port, "sleep 200")
    assert lines == ["connected", "message a/ack 6f6e65", "message a/time 74776f", "done sleep"]


def test_the_largest_packet_that_is_taken(node: Node) -> None:
    payload = bytes(4096 - 2 - len("a/ack") - 2)

    def speak(peer: Peer) -> None:
        peer.let_in()
        peer.send(publish("a/ack", payload, 9))
        assert peer.packet() == (0x40, b"\x00\x09")

    with broker(speak) as port:
        assert f"message a/ack {payload.hex()}" in node.run(port, "sleep 200")


def test_a_publish_that_is_never_acknowledged_is_given_up(node: Node) -> None:
    def take(peer: Peer) -> None:
        peer.let_in()
        peer.until_it_closes()

    with broker(take) as port:
        lines = node.run(port, "publish a/b 00 300")
    assert lines == ["connected", "failed not taken by the broker: TimeoutError()"]


def test_an_acknowledgement_of_something_else_is_none(node: Node) -> None:
    def mix_up(peer: Peer) -> None:
        peer.let_in()
        kind, body = peer.packet()
        assert kind >> 4 == PUBLISH
        packet_id = int.from_bytes(body[5:7], "big")
        peer.send(b"\x40\x02" + (packet_id + 1).to_bytes(2, "big"))
        peer.send(b"\x40\x02\x00\x00")
        peer.until_it_closes()

    with broker(mix_up) as port:
        lines = node.run(port, "publish a/b 00 300")
    assert lines[-1] == "failed not taken by the broker: TimeoutError()"


def test_what_is_published_is_quality_1_with_a_new_id_each(node: Node) -> None:
    seen = []

    def take(peer: Peer) -> None:
        peer.let_in()
        for _ in range(3):
            kind, body = peer.packet()
            seen.append((kind, body[:5], body[7:]))
            ids.append(body[5:7])
            peer.send(b"\x40\x02" + body[5:7])

    ids: list[bytes] = []
    with broker(take) as port:
        lines = node.run(port, *["publish a/b 0102 1000"] * 3)
    assert lines == ["connected", *["done publish"] * 3]
    assert seen == [(0x32, b"\x00\x03a/b", b"\x01\x02")] * 3
    assert len(set(ids)) == 3
    assert b"\0\0" not in ids


def test_pings_come_twice_in_a_keep_alive_and_silence_ends_the_connection(node: Node) -> None:
    pings = []

    def listen(peer: Peer) -> None:
        peer.let_in()
        while True:
            pings.append(peer.packet())

    with broker(listen) as port:
        lines = node.run(port, "sleep 1800", keepalive_s=1)
    assert "ended connection lost: TimeoutError()" in lines
    assert len(pings) >= 2
    assert set(pings) == {(0xC0, b"")}


def test_random_bytes_never_raise_anything_but_an_end(node: Node, micropython: str) -> None:
    """Two hundred connections in one process, each with other rubbish behind the welcome."""
    chance = random.Random(7)
    kinds = [0x20, 0x30, 0x32, 0x34, 0x40, 0x90, 0xD0]

    def rubbish() -> bytes:
        data = bytes([chance.choice(kinds), chance.randrange(30)]) + chance.randbytes(40)
        return data if chance.random() < 0.7 else chance.randbytes(chance.randrange(300))

    def speak(peer: Peer) -> None:
        peer.let_in()
        peer.send(rubbish())

    with broker(*[speak] * 200) as port:
        lines = node.run(port, script="node_many_sessions.py")
    assert len([line for line in lines if line.startswith("ended connection lost: ")]) == 200
    assert lines[-1] == "sessions 200"
