# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Garbage on the gateway's port and topics, and old frames twice and backwards: no harm done."""

import random
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from playing import MakeScene, Played, alarms, end, kept_of, open_gateway, power_on, rows, share

from barri.adapters.stores.home import Home
from barri.domain.household import Board
from barri.domain.passwords import hash_password
from barri_tools.demo.collect import evidence
from barri_tools.demo.evidence import Kept
from barri_tools.demo.stage import Stage
from barri_tools.demo.street import STREET
from barri_wire.topics import topic

AIR, _, ENERGY = STREET
STRAY, STRAY_PASSWORD = "stray1234", "a stray board's own password"
CHANCE = random.Random(20260501)


@dataclass(frozen=True)
class Pestered:
    """played; what the stray heard; the log before and after old frames came again."""

    played: Played
    heard: list[str]
    before: list[Kept]
    let_in: dict[str, bool]


@pytest.fixture(scope="module")
def pestered(make_scene: MakeScene) -> Iterator[Pestered]:
    with Stage(make_scene((AIR, ENERGY))) as stage:
        home = Home(stage.data / "home.db")
        home.add_board(Board(STRAY, "thing-air", hash_password(STRAY_PASSWORD), 0))
        home.close()
        share(stage, "thing-air", "temperature")
        share(stage, "thing-energy", "energy_import", 20)
        open_gateway(stage)
        power_on(stage)
        stage.wait(60)
        throw_at_the_port(stage.mqtt_port)
        let_in = try_doors(stage)
        heard = throw_at_the_topics(stage)
        stage.wait(30)
        stage.kill_node(AIR.node)
        before = replay(stage)
        power_on(stage, AIR.node)
        stage.wait(60)
        assert stage.gateway_running()
        yield Pestered(end(stage), heard, before, let_in)


def throw_at_the_port(port: int) -> None:
    """Bytes that are no MQTT, that lie about their length, or that stop in the middle."""
    lines = [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + CHANCE.randbytes(200),
        b"\x10\xff\xff\xff\x7f",
        b"\x10\xff\xff\xff\xff\xff\xff",
        b"\x10\x0c\x00\x04MQTT\x04\xc2",
        b"\x30\x05\x00\x03abc",
        *(CHANCE.randbytes(CHANCE.randrange(1, 600)) for _ in range(20)),
    ]
    silent = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(20)]
    for data in lines:
        with socket.create_connection(("127.0.0.1", port), 5) as line:
            try:
                line.sendall(data)
            except OSError:
                continue  # cut off already, which is the right answer
    for line in silent:
        line.close()


class Stranger:
    """A client with some credentials; `let_in` says whether the broker took them."""

    def __init__(self, port: int, user: str, password: str, client_id: str) -> None:
        self.let_in = False
        self._answered = Event()
        self.heard: list[str] = []
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=client_id)
        self._client.username_pw_set(user, password)
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = lambda *_: self._answered.set()
        self._client.on_disconnect = lambda *_: self._answered.set()
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._answered.wait(20)

    def _on_connect(self, _c: object, _u: object, _f: object, reason: object, _p: object) -> None:
        self.let_in = not getattr(reason, "is_failure", True)
        self._answered.set()

    def _on_message(self, _client: object, _data: object, message: MQTTMessage) -> None:
        self.heard.append(message.topic)

    def subscribe(self, topic_filter: str) -> None:
        self._client.subscribe(topic_filter, 1)

    def publish(self, name: str, payload: bytes) -> None:
        self._client.publish(name, payload, 1).wait_for_publish(5)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def try_doors(stage: Stage) -> dict[str, bool]:
    """Which credentials are taken."""
    doors = {
        "right": (STRAY, STRAY_PASSWORD, STRAY),
        "wrong password": (STRAY, "guess", STRAY),
        "no such node": ("nobody12", STRAY_PASSWORD, "nobody12"),
        "another's name": (STRAY, STRAY_PASSWORD, ENERGY.node),
        "another's user": (ENERGY.node, STRAY_PASSWORD, ENERGY.node),
        "nothing": ("", "", ""),
    }
    found = {}
    for name, (user, password, client_id) in doors.items():
        stranger = Stranger(stage.mqtt_port, user, password, client_id)
        found[name] = stranger.let_in
        stranger.close()
    return found


def throw_at_the_topics(stage: Stage) -> list[str]:
    """A board with credentials of its own sends nonsense, and listens where it may not."""
    stray = Stranger(stage.mqtt_port, STRAY, STRAY_PASSWORD, STRAY)
    for topic_filter in ("#", "barri/#", topic(ENERGY.node, "down", "ack"), "$SYS/#"):
        stray.subscribe(topic_filter)
    frame = rows(stage, "SELECT body FROM frame LIMIT 1")[0][0]
    payloads = [
        b"", b"\x00", frame[:-1], frame[:12], b"\xff" * 3000,
        bytes([frame[0] ^ 0xC0]) + frame[1:], struct.pack(">12s", frame[:12]) + b"\xff" * 40,
        *(CHANCE.randbytes(CHANCE.randrange(1, 300)) for _ in range(10)),
    ]  # fmt: skip
    for kind in ("frame", "hello", "void", "schema"):
        for payload in payloads:
            stray.publish(topic(STRAY, "up", kind), payload)
        stray.publish(topic(ENERGY.node, "up", kind), frame)
    for name in ("barri/1/0/x/up/frame", "nonsense", topic(STRAY, "down", "ack")):
        stray.publish(name, frame)
    stage.wait(20)
    stray.close()
    return stray.heard


def replay(stage: Stage) -> list[Kept]:
    """All frames of the air node once more, backwards, twice; returns the log before that."""
    before = evidence(stage, int(stage.now_s())).kept
    sql = "SELECT body FROM frame WHERE node = ? ORDER BY id DESC"
    frames = [body for (body,) in rows(stage, sql, AIR.node)]
    again = Stranger(stage.mqtt_port, AIR.node, stage.homes[AIR.node].password, AIR.node)
    assert again.let_in
    for body in frames * 2:
        again.publish(topic(AIR.node, "up", "frame"), body)
    stage.wait(20)
    again.close()
    return before


def test_only_a_nodes_own_name_and_password_open_the_door(pestered: Pestered) -> None:
    assert pestered.let_in.pop("right")
    assert not any(pestered.let_in.values()), pestered.let_in


def test_garbage_costs_nobody_a_record(pestered: Pestered) -> None:
    report = pestered.played.report
    assert report.records_measured > 20
    assert report.clean, report.findings
    assert report.unresolved == 0


def test_garbage_is_set_aside_with_a_reason_and_its_sender(pestered: Pestered) -> None:
    aside = rows(pestered.played.stage, "SELECT DISTINCT node, reason FROM quarantine")
    assert aside
    assert {node for node, _ in aside} == {STRAY}
    assert all(reason and "defect" not in reason for _, reason in aside), aside


def test_a_frame_that_nobody_can_read_is_kept_and_named(pestered: Pestered) -> None:
    """Its header can be read, so it is in the log; it says nothing about any Thing."""
    damaged = rows(pestered.played.stage, "SELECT node FROM undated WHERE reason = 'damaged'")
    assert {node for (node,) in damaged} == {STRAY}


def test_nobody_hears_or_speaks_for_another(pestered: Pestered) -> None:
    assert not [name for name in pestered.heard if f"/{STRAY}/" not in name]
    stage = pestered.played.stage
    alien = rows(stage, "SELECT DISTINCT node FROM quarantine WHERE node = ?", ENERGY.node)
    assert alien == []
    assert alarms(stage, ENERGY.node) == set()


def test_old_frames_that_come_again_backwards_change_nothing(pestered: Pestered) -> None:
    """Neither in the log (the same records, each once) nor for the city."""
    found, stage = pestered.played.evidence, pestered.played.stage
    after = [k for k in kept_of(found, "thing-air") if k.sequence <= _newest(pestered.before)]
    assert sorted(after, key=_sequence) == sorted(
        [k for k in pestered.before if k.thing == "thing-air"], key=_sequence
    )
    assert pestered.played.report.duplicated == 0
    assert alarms(stage, AIR.node) == set()


def _sequence(kept: Kept) -> int:
    return kept.sequence


def _newest(before: list[Kept]) -> int:
    return max(kept.sequence for kept in before if kept.thing == "thing-air")


def test_the_gateway_writes_no_defect_of_its_own(pestered: Pestered) -> None:
    log = (pestered.played.stage.scene.directory / "gateway.log").read_text()
    assert "Traceback" not in log, log[-3000:]
