# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A running node hears random sound; none of it is on its flash, its console or its network."""

import shutil
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sound_traces import forms, traces

from barri_tools import firmware
from barri_tools.sim.boards import build
from barri_tools.sim.conductor import Conductor
from barri_tools.sim.journal import Journal
from barri_tools.sim.node_link import Board, ChipServer
from barri_tools.sim.node_process import NodeProcess, NodeSettings
from barri_wire.messages import Ack, decode_hello, encode_ack
from barri_wire.topics import topic

RATE_HZ = 48000
LOOP_SAMPLES = RATE_HZ // 2
WINDOW_S = 5
LISTENS_S = 25
SPEED = 30.0
NODE = "balcony1"
LEAKING = Path(__file__).parent / "leaking" / "meter.py"
CONNACK, SUBACK, PUBACK, PINGRESP = b"\x20\x02\x00\x00", b"\x90\x03", b"\x40\x02", b"\xd0\x00"


class Weather:
    """A World in which everything is as usual."""

    USUAL = {"pressure": 1013.0, "battery": 80.0}  # noqa: RUF012

    def value(self, quantity: str, t_s: float) -> float | None:
        return self.USUAL.get(quantity, 20.0)


class RandomSound:
    """A microphone whose samples are random, so that they are like nothing else."""

    def __init__(self) -> None:
        random = np.random.default_rng(11)
        self.loop = random.integers(-(1 << 23), 1 << 23, LOOP_SAMPLES).astype(np.int64)
        self.given = 0

    def samples(self, first: int, count: int) -> bytes:
        self.given += count
        places = np.arange(first, first + count) % len(self.loop)
        return (self.loop[places] << 8).astype("<i4").tobytes()


class Broker:
    """Takes whatever a node publishes and keeps all bytes that it sends."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.published: Counter[str] = Counter()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(OSError, EOFError):
                    while True:
                        self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        kind = self._read(connection, 1)[0]
        length = shift = 0
        while (byte := self._read(connection, 1)[0]) > 127:
            length, shift = length | (byte & 127) << shift, shift + 7
        body = self._read(connection, length | byte << shift)
        if kind == 0x10:
            connection.sendall(CONNACK)
        elif kind >> 4 == 8:
            connection.sendall(SUBACK + body[:2] + b"\x01")
        elif kind >> 4 == 3:
            self._take(connection, body)
        elif kind == 0xC0:
            connection.sendall(PINGRESP)

    def _take(self, connection: socket.socket, body: bytes) -> None:
        """Take what is published; a hello is answered as by a gateway that holds nothing."""
        place = 2 + int.from_bytes(body[:2], "big")
        connection.sendall(PUBACK + body[place : place + 2])
        what = body[2:place].decode().rpartition("/")[2]
        self.published[what] += 1
        if what == "hello":
            store_id, oldest, _ = decode_hello(body[place + 2 :]).stores[0]
            name, payload = topic(NODE, "down", "ack").encode(), encode_ack(Ack(store_id, oldest))
            message = len(name).to_bytes(2, "big") + name + payload
            connection.sendall(b"\x30" + bytes([len(message)]) + message)

    def _read(self, connection: socket.socket, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = connection.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        self.heard += data
        return data

    def close(self) -> None:
        self._listener.close()


@dataclass(frozen=True)
class Remains:
    """What is left of a run: the sound it heard, and all that it left behind."""

    sound: np.ndarray
    published: Counter[str]
    places: dict[str, bytes]


@pytest.fixture(scope="module")
def build_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The firmware as a node here loads it."""
    if firmware.program("micropython") is None or firmware.program("mpy-cross") is None:
        pytest.skip("micropython is not installed")
    folder = tmp_path_factory.mktemp("build")
    firmware.compile_to(folder, firmware.PC_ARCHITECTURE)
    return folder


def run_node(compiled: Path, folder: Path) -> Remains:
    """Let a node measure for a while, in simulated time."""
    conductor = Conductor(1_800_000_000, SPEED)
    board: Board = build("noise", Weather(), Journal(), conductor.start_utc_s)
    board.microphone = sound = RandomSound()
    chips, broker = ChipServer(conductor, {NODE: board}), Broker()
    for task in (chips.run, conductor.run):
        threading.Thread(target=task, daemon=True).start()
    settings = NodeSettings(NODE, "secret-secret", "127.0.0.1", broker.port, "noise", WINDOW_S)
    node = NodeProcess(settings, compiled, chips.port, folder / "node")
    node.start()
    try:
        deadline_s = time.monotonic() + 60
        while sound.given < LISTENS_S * RATE_HZ:
            assert node.running(), node.console()
            assert time.monotonic() < deadline_s, node.console()
            time.sleep(0.05)
    finally:
        node.kill()
        conductor.stop()
        broker.close()
        chips.close()
    left = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in (folder / "node").rglob("*")
        if path.is_file()
    }
    places = {**left, "network": bytes(broker.heard)}
    return Remains(sound.loop, broker.published, places)


def test_nothing_of_the_sound_is_left_anywhere(build_folder: Path, tmp_path: Path) -> None:
    remains = run_node(build_folder, tmp_path)
    assert remains.published["frame"] >= 3
    assert len(remains.places["node/flash.img"]) > 100_000
    for place, blob in remains.places.items():
        assert traces(blob, remains.sound) == [], place


def test_a_leaking_meter_is_seen(build_folder: Path, tmp_path: Path) -> None:
    tree = tmp_path / "src"
    shutil.copytree(build_folder, tree)
    noise = tree / "barri_node" / "noise"
    (noise / "meter.mpy").rename(noise / "honest.mpy")
    shutil.copy(LEAKING, noise / "meter.py")
    remains = run_node(tree, tmp_path)
    assert "32 bits at the left, little" in traces(remains.places["node/kept"], remains.sound)


@pytest.mark.parametrize("name", sorted(forms(np.arange(4, dtype=np.int64))))
def test_every_form_of_eight_bytes_is_found_anywhere(name: str) -> None:
    random = np.random.default_rng(3)
    sound = random.integers(-(1 << 23), 1 << 23, 5000).astype(np.int64)
    around = random.integers(0, 256, 3001, dtype=np.uint8).tobytes()
    form = forms(sound)[name]
    place = len(form) // 2 + 1
    assert traces(around + around, sound) == []
    assert name in traces(around + form[place : place + 8] + around, sound)
    assert traces(around + form[place : place + 7] + around, sound) == []
    assert traces(b"\xff" * 100 + bytes(100), np.zeros(50, np.int64)) == []
