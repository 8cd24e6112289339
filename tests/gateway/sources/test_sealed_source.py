# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Who has a key must seal: what else comes under that name is set aside; nothing counts twice."""

import asyncio

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from barri.adapters.sources.sealed import SESSIONS_REMEMBERED, SealedSource
from barri.errors import StoreError
from barri.ports import Arrival
from barri_wire.seal import seal, unseal
from barri_wire.topics import topic

KEY, OTHER = bytes(range(16)), bytes(16)
NODE = "balcony1"


def mac(key: bytes = KEY):
    def tag(message: bytes) -> bytes:
        made = CMAC(AES(key))
        made.update(message)
        return made.finalize()

    return tag


class Inner:
    """A source without a network: arrivals are offered by hand, what is sent is kept."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, bytes]] = []

    async def run(self, inbox) -> None:
        self.inbox = inbox

    async def send(self, node: str, kind: str, payload: bytes) -> None:
        self.sent.append((node, kind, payload))


class Inbox:
    def __init__(self) -> None:
        self.full = False
        self.got: list[Arrival] = []

    def offer(self, arrival: Arrival) -> bool:
        if not self.full:
            self.got.append(arrival)
        return not self.full


class Rig:
    def __init__(self, keys=None) -> None:
        self.keys = {NODE: KEY} if keys is None else keys
        self.inner, self.inbox, self.settled = Inner(), Inbox(), 0
        self.source = SealedSource(self.inner, self.key_of)
        asyncio.run(self.source.run(self.inbox))

    def key_of(self, node: str):
        if self.keys == "gone":
            raise StoreError("home.db cannot be read")
        return self.keys.get(node)

    def settle(self) -> None:
        self.settled += 1

    def comes(self, payload: bytes, kind: str = "frame", node: str = NODE) -> bool:
        return self.inner.inbox.offer(Arrival(node, kind, payload, 100, self.settle))

    def comes_sealed(self, counter, body=b"body", session=b"sess", kind="frame", key=KEY) -> bool:
        name = topic(NODE, "up", kind)
        return self.comes(seal(mac(key), name, session, counter, body), kind)

    def taken(self) -> list[tuple[str, bytes]]:
        return [(arrival.kind, arrival.payload) for arrival in self.inbox.got]

    def says(self, payload: bytes = b"ack"):
        asyncio.run(self.source.send(NODE, "ack", payload))
        return self.inner.sent[-1][2] if self.inner.sent else None


def test_a_node_without_a_key_is_heard_and_answered_as_it_is() -> None:
    rig = Rig(keys={})
    assert rig.comes(b"\x41plain")
    assert rig.taken() == [("frame", b"\x41plain")]
    assert rig.says() == b"ack"


def test_what_is_sealed_comes_in_without_its_seal() -> None:
    rig = Rig()
    assert rig.comes_sealed(0, b"hello", kind="hello")
    assert rig.taken() == [("hello", b"hello")]


def test_what_is_not_sealed_or_by_another_key_is_set_aside_under_its_own_kind() -> None:
    rig = Rig()
    rig.comes(b"\x41plain")
    rig.comes_sealed(0, key=OTHER)
    assert [kind for kind, _ in rig.taken()] == ["unsealed", "unsealed"]
    assert rig.taken()[0][1] == b"\x41plain"
    assert rig.source.counts["unsealed"] == 2


def test_a_seal_nobody_has_the_key_for_is_set_aside() -> None:
    rig = Rig(keys={})
    rig.comes_sealed(0)
    assert [kind for kind, _ in rig.taken()] == ["unsealed"]


def test_a_replayed_message_is_settled_and_goes_nowhere() -> None:
    rig = Rig()
    for counter in (0, 1, 1, 0):
        assert rig.comes_sealed(counter)
    assert len(rig.taken()) == 2
    assert rig.settled == 2


def test_what_a_full_inbox_refuses_may_come_again() -> None:
    rig = Rig()
    rig.inbox.full = True
    assert not rig.comes_sealed(0)
    rig.inbox.full = False
    assert rig.comes_sealed(0)
    assert rig.taken() == [("frame", b"body")]


def test_answers_are_sealed_for_the_newest_session_with_rising_counters() -> None:
    rig = Rig()
    assert rig.says() is None  # nobody has spoken yet
    rig.comes_sealed(0, session=b"old.")
    rig.comes_sealed(0, session=b"new.")
    opened = [unseal(mac(), topic(NODE, "down", "ack"), rig.says()) for _ in range(3)]
    assert opened == [(b"new.", counter, b"ack") for counter in range(3)]
    rig.comes_sealed(0, session=b"old.")  # a replay does not turn the conversation
    assert unseal(mac(), topic(NODE, "down", "ack"), rig.says())[0] == b"new."


def test_sessions_are_forgotten_in_time() -> None:
    rig = Rig()
    for number in range(3 * SESSIONS_REMEMBERED):
        rig.comes_sealed(0, session=number.to_bytes(4, "big"))
    assert len(rig.source._sessions[NODE]) == SESSIONS_REMEMBERED


def test_while_nobody_knows_the_keys_nothing_is_taken() -> None:
    rig = Rig(keys="gone")
    assert not rig.comes(b"\x41plain")
    assert rig.taken() == []
