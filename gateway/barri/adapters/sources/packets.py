# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""MQTT 3.1.1 packets as far as the door of the embedded broker needs them. Pure; no input/output.

What does not follow the standard, or is more than a node needs, raises PacketError.
Source: MQTT Version 3.1.1, OASIS Standard, 2014, clauses 2.2, 3.1 to 3.3.
"""

from typing import NamedTuple

LONGEST_PACKET_BYTES = 16 * 1024 + 128  # the longest frame and its topic
CONNECT, PUBLISH, PUBACK, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT = 1, 3, 4, 8, 10, 12, 14
FROM_NODES = {PUBLISH, PUBACK, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT}
ACCEPTED = 0
NOT_AUTHORISED = 5
CLEAN_SESSION = 0x02
WILL_FLAGS = 0x3C
RESERVED_FLAG = 0x01
USER_AND_PASSWORD = 0xC0
CONNECT_FLAGS_AT = 7  # behind the protocol's name and level


class PacketError(Exception):
    """The other side does not speak as a node speaks. Its text says how."""


class Connect(NamedTuple):
    """Who wants to come in. keep_alive_s: 0 for none asked for."""

    client_id: str
    username: str
    password: str
    keep_alive_s: int


def parse_connect(body: bytes) -> Connect:
    """Read the variable header and payload of a CONNECT packet; raises PacketError."""
    if body[:CONNECT_FLAGS_AT] != b"\x00\x04MQTT\x04":
        raise PacketError("not MQTT 3.1.1")
    if len(body) < CONNECT_FLAGS_AT + 3:
        raise PacketError("packet too short")
    flags = body[CONNECT_FLAGS_AT]
    if flags & RESERVED_FLAG or flags & USER_AND_PASSWORD != USER_AND_PASSWORD:
        raise PacketError("a user name and a password are needed")
    if flags & WILL_FLAGS:
        raise PacketError("nodes have no will")  # it would be published past all topic rights
    keep_alive_s = int.from_bytes(body[CONNECT_FLAGS_AT + 1 : CONNECT_FLAGS_AT + 3], "big")
    client_id, place = _text(body, CONNECT_FLAGS_AT + 3)
    username, place = _text(body, place)
    password, place = _text(body, place)
    if place != len(body):
        raise PacketError("packet too long")
    return Connect(client_id, username, password, keep_alive_s)


def with_clean_session(packet: bytes, body_at: int) -> bytes:
    """Return a CONNECT packet that asks for a clean session: the gateway keeps none for nodes."""
    flags_at = body_at + CONNECT_FLAGS_AT
    return packet[:flags_at] + bytes([packet[flags_at] | CLEAN_SESSION]) + packet[flags_at + 1 :]


def check_from_node(first_octet: int) -> None:
    """Raise PacketError for a packet that no node sends once it is connected."""
    kind, qos = first_octet >> 4, first_octet >> 1 & 3
    if kind not in FROM_NODES:
        raise PacketError("unexpected packet")
    if kind == PUBLISH and qos > 1:
        raise PacketError("nodes publish with quality of service 0 or 1")


def refusal(code: int = NOT_AUTHORISED) -> bytes:
    """Return the CONNACK that sends a stranger away."""
    return bytes([0x20, 2, 0, code])


def publish(topic: str, payload: bytes) -> bytes:
    """Return a PUBLISH packet of quality of service 0."""
    name = topic.encode()
    body = len(name).to_bytes(2, "big") + name + payload
    return b"\x30" + remaining_length(len(body)) + body


def remaining_length(length: int) -> bytes:
    """Encode a length, up to 4 bytes (clause 2.2.3)."""
    octets = bytearray()
    while length > 0x7F:
        octets.append(length & 0x7F | 0x80)
        length >>= 7
    octets.append(length)
    return bytes(octets)


def _text(body: bytes, place: int) -> tuple[str, int]:
    start = place + 2
    end = start + int.from_bytes(body[place:start], "big")
    if start > len(body) or end > len(body):
        raise PacketError("packet too short")
    try:
        return body[start:end].decode(), end
    except UnicodeDecodeError as error:
        raise PacketError("text that is not UTF-8") from error
