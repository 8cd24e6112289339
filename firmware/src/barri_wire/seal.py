# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sealed messages: for lines that anybody on the network could write to, without TLS.

A seal says who made a message, for which topic and connection, and how many came before. It hides
nothing. Layout: 0xC1, session (4 bytes), counter (3), the message, tag (8). The tag is AES-CMAC
over topic, a zero byte, and all before the tag; no frame or message begins with 0xC1.
"""

from barri_wire.errors import FrameError

SEAL = 0xC1
SESSION_BYTES = 4
COUNTER_LIMIT = 1 << 24
_HEAD_BYTES = 8
_TAG_BYTES = 8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def is_sealed(payload: bytes) -> bool:
    return payload[:1] == b"\xc1"


def seal(
    mac: "Callable[[bytes], bytes]", topic: str, session: bytes, counter: int, body: bytes
) -> bytes:
    """Seal a message. mac: AES-CMAC under the node's key; session: 4 bytes; counter: 24 bits."""
    if not 0 <= counter < COUNTER_LIMIT:
        raise FrameError("seal counter out of range")
    sealed = bytes([SEAL]) + session + counter.to_bytes(3, "big") + body
    return sealed + _tag(mac, topic, sealed)


def unseal(
    mac: "Callable[[bytes], bytes]", topic: str, sealed: bytes
) -> "tuple[bytes, int, bytes]":
    """Return (session, counter, message). Raises FrameError for any other bytes or key."""
    if not is_sealed(sealed) or len(sealed) < _HEAD_BYTES + _TAG_BYTES:
        raise FrameError("not sealed")
    signed, given = sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]
    difference = 0  # looked at whole: the time it takes tells nothing
    for expected, octet in zip(_tag(mac, topic, signed), given):  # noqa: B905 - equal lengths
        difference |= expected ^ octet
    if difference:
        raise FrameError("wrong seal")
    counter = int.from_bytes(sealed[1 + SESSION_BYTES : _HEAD_BYTES], "big")
    return sealed[1 : 1 + SESSION_BYTES], counter, signed[_HEAD_BYTES:]


def _tag(mac: "Callable[[bytes], bytes]", topic: str, signed: bytes) -> bytes:
    return mac(topic.encode() + b"\x00" + signed)[:_TAG_BYTES]
