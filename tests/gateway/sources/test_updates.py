# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Updates are offered to nodes that have a key and another version, and wants are answered."""

import asyncio
import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from barri.adapters.sources.updates import EVERY_S, SENT_BYTES, WAITING_LIMIT, UpdatesSource
from barri.errors import StoreError
from barri.ports import Arrival
from barri_tools.release import seal_tree
from barri_wire.messages import Hello, encode_hello
from barri_wire.messages_update import (
    ANY_RELEASE,
    Want,
    decode_offer,
    decode_part,
    encode_want,
)

KEY, NODE, STRANGER = bytes(range(16)), "balcony1", "stranger"
FILES = {"barri_node/app.mpy": b"app" * 300, "main.py": b"main"}
X64, XTENSA = 2, 10


class Inner:
    """A source without a network; what is sent is kept with the time of the clock."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, bytes]] = []
        self.stop = asyncio.Event()

    async def run(self, inbox) -> None:
        self.inbox = inbox
        await self.stop.wait()

    async def send(self, node: str, kind: str, payload: bytes) -> None:
        self.sent.append((node, kind, payload))


class Clock:
    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


class Inbox:
    def __init__(self) -> None:
        self.full = False
        self.got: list[Arrival] = []

    def offer(self, arrival: Arrival) -> bool:
        if not self.full:
            self.got.append(arrival)
        return not self.full


class Rig:
    """Arrivals are given as (node, kind, payload); `play` runs until nothing is to be done."""

    def __init__(self, directory: Path) -> None:
        self.keys: dict[str, bytes] | None = {NODE: KEY}
        self.clock, self.inbox, self.settled = Clock(), Inbox(), 0
        self.directory = directory

    def key_of(self, node: str) -> bytes | None:
        if self.keys is None:
            raise StoreError("home.db cannot be read")
        return self.keys.get(node)

    def settle(self) -> None:
        self.settled += 1

    def play(self, *arrivals: tuple[str, str, bytes]) -> list[tuple[str, str, bytes]]:
        async def story() -> None:
            inner = Inner()
            self.source = UpdatesSource(inner, self.key_of, self.directory, self.clock)
            task = asyncio.create_task(self.source.run(self.inbox))
            await asyncio.sleep(0)
            for node, kind, payload in arrivals:
                inner.inbox.offer(Arrival(node, kind, payload, 100, self.settle))
            for _ in range(200):
                await asyncio.sleep(0.0005)
            inner.stop.set()
            await task
            self.inner = inner

        asyncio.run(story())
        return self.inner.sent


def hello(version: str = "1.0") -> bytes:
    return encode_hello(Hello(1, 2, [], [], True, version))


def want(file: int = 0, offset: int = 0, serial: int = 5, architecture: int = X64) -> bytes:
    return encode_want(Want(serial, architecture, file, offset))


def publish(directory: Path, architecture: str, serial: int = 5, version: str = "2.0") -> bytes:
    tree = directory / architecture
    for name, content in FILES.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(content)
    seal_tree(tree, version, serial, architecture)
    return (tree / "MANIFEST").read_bytes()


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    publish(tmp_path, "x64")
    return Rig(tmp_path)


def test_a_node_of_another_version_is_offered_each_architectures_release(rig: Rig) -> None:
    publish(rig.directory, "xtensawin")
    sent = rig.play((NODE, "hello", hello()))
    assert [(node, kind) for node, kind, _ in sent] == [(NODE, "update")] * 2
    offers = [decode_offer(payload) for _, _, payload in sent]
    assert {offer.architecture for offer in offers} == {X64, XTENSA}
    assert {offer.serial for offer in offers} == {5}


def test_an_offer_is_signed_with_the_nodes_own_key(rig: Rig) -> None:
    manifest = (rig.directory / "x64" / "MANIFEST").read_bytes()
    offer = decode_offer(rig.play((NODE, "hello", hello()))[0][2])
    digest = hashlib.sha256(manifest).digest()
    assert (offer.size, offer.sha256) == (len(manifest), digest)
    expected = CMAC(AES(KEY))
    expected.update(b"barri update\x00" + digest)
    expected.verify(offer.tag)


def test_a_node_that_runs_it_already_is_offered_nothing(rig: Rig) -> None:
    assert rig.play((NODE, "hello", hello("2.0"))) == []


def test_who_wants_any_release_says_no_hello_and_is_offered_what_there_is(rig: Rig) -> None:
    """A node in safe mode: it may run the same version, and fail at it."""
    sent = rig.play((NODE, "want", want(serial=ANY_RELEASE)))
    assert [decode_offer(payload).serial for _, _, payload in sent] == [5]
    assert (rig.settled, rig.inbox.got) == (1, [])


def test_who_wants_any_release_where_there_is_none_gets_no_answer(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "nowhere")
    assert rig.play((NODE, "want", want(serial=ANY_RELEASE))) == []
    assert rig.source.counts["unanswered"] == 0


def test_a_node_without_a_key_gets_neither_offer_nor_part(rig: Rig) -> None:
    assert rig.play((STRANGER, "hello", hello()), (STRANGER, "want", want())) == []
    assert rig.source.counts["without_key"] == 1  # its want took the place of its hello
    assert rig.play((STRANGER, "want", want(serial=ANY_RELEASE))) == []
    assert rig.source.counts["without_key"] == 1


def test_all_but_wants_is_passed_on_and_a_full_inbox_is_full(rig: Rig) -> None:
    rig.play((NODE, "hello", hello()), (NODE, "frame", b"frame"), (NODE, "want", want()))
    assert [arrival.kind for arrival in rig.inbox.got] == ["hello", "frame"]
    assert rig.settled == 1
    rig.inbox.full = True
    assert rig.play((NODE, "hello", hello())) == [], "a hello that was not taken comes again"


def test_the_parts_put_together_are_the_files(rig: Rig) -> None:
    manifest = (rig.directory / "x64" / "MANIFEST").read_bytes()
    for file, content in enumerate((manifest, FILES["barri_node/app.mpy"], FILES["main.py"])):
        got = b""
        while len(got) < len(content):
            part = decode_part(rig.play((NODE, "want", want(file, len(got))))[-1][2])
            assert (part.serial, part.file, part.offset) == (5, file, len(got))
            assert 0 < len(part.content) <= SENT_BYTES
            got += part.content
        assert got == content


@pytest.mark.parametrize(
    "asked",
    [
        want(3),
        want(500),
        want(0, 60_000),
        want(1, 900),
        want(serial=4),
        want(architecture=XTENSA),
    ],
)
def test_what_there_is_not_is_not_answered(rig: Rig, asked: bytes) -> None:
    assert rig.play((NODE, "hello", hello("2.0")), (NODE, "want", asked)) == []
    assert rig.source.counts["unanswered"] == 1


@pytest.mark.parametrize("payload", [b"", b"\x47", b"\x47" + bytes(30), b"\x41plain", want()[:-1]])
def test_a_want_that_cannot_be_read_is_counted_and_settled(rig: Rig, payload: bytes) -> None:
    assert rig.play((NODE, "want", payload)) == []
    assert (rig.source.counts["unreadable"], rig.settled) == (1, 1)


def test_only_a_nodes_newest_want_is_answered(rig: Rig) -> None:
    sent = rig.play(*[(NODE, "want", want(0, offset)) for offset in (0, 1, 2, 3)])
    assert [decode_part(payload).offset for _, _, payload in sent] == [3]


def test_answers_are_spaced_and_those_who_wait_are_bounded(rig: Rig) -> None:
    nodes = [f"node{number:04}" for number in range(WAITING_LIMIT + 20)]
    assert rig.keys is not None
    rig.keys.update(dict.fromkeys(nodes, KEY))
    sent = rig.play(*[(node, "want", want()) for node in nodes])
    assert 0 < len(sent) <= WAITING_LIMIT
    assert rig.source.counts["too_many"] == 20
    assert set(rig.clock.slept) == {EVERY_S}


def test_while_the_keys_cannot_be_read_nothing_is_sent(rig: Rig) -> None:
    rig.keys = None
    assert rig.play((NODE, "hello", hello())) == []
    assert rig.source.counts["unanswered"] == 1


def test_an_empty_directory_offers_nothing(tmp_path: Path) -> None:
    assert Rig(tmp_path / "nowhere").play((NODE, "hello", hello())) == []


@pytest.mark.parametrize(
    "manifest",
    [
        b"", b"\n", b"barri 2.0 5 xtensawin\n", b"barri 2.0 5 x64\nno hash 3 main.py\n",
        b"barri 2.0 5 x64\n" + b"a" * 64 + b" 3 ../../key.py\n", b"\xff" * 100, b"x" * 70_000,
    ],
)  # fmt: skip
def test_a_release_that_is_none_is_said_and_not_offered(rig: Rig, manifest: bytes) -> None:
    (rig.directory / "x64" / "MANIFEST").write_bytes(manifest)
    assert rig.play((NODE, "hello", hello())) == []
    assert [arrival.kind for arrival in rig.inbox.got] == ["hello"]
