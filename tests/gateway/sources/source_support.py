# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A fake node over a real socket (paho), an inbox that can be told to be full, a Mosquitto."""

import asyncio
import queue
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from barri.adapters.sources.mosquitto_files import configuration, write_files
from barri.domain.passwords import hash_password
from barri.ports import Arrival, Inbox, Source
from barri_wire.topics import topic

WAIT_S = 10.0
PASSWORDS = {"balcony1": "first-secret", "balcony2": "second-secret"}
GATEWAY_PASSWORD = "gateway-secret"


class FakeRegistry:
    """Knows the nodes of PASSWORDS."""

    def __init__(self) -> None:
        self.hashes = {node: hash_password(secret) for node, secret in PASSWORDS.items()}

    def password_hash(self, node: str) -> str | None:
        return self.hashes.get(node)


class Mosquitto:
    """A real Mosquitto on a free loopback port, with the files that barri writes."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        registry = FakeRegistry()
        write_files(directory, registry.hashes, hash_password(GATEWAY_PASSWORD))
        text = configuration(directory, self.port, "127.0.0.1")
        (directory / "mosquitto.conf").write_text(
            f"{text}\npersistence_location {directory}/\nuser root\n"
        )

    def start(self) -> None:
        self.process = subprocess.Popen(
            [mosquitto_path(), "-c", str(self.directory / "mosquitto.conf")],
            stdout=(self.directory / "log").open("ab"),
            stderr=subprocess.STDOUT,
        )
        deadline_s = time.monotonic() + 10
        while not port_answers(self.port):
            assert self.process.poll() is None, (self.directory / "log").read_text()
            assert time.monotonic() < deadline_s, "Mosquitto does not answer"
            time.sleep(0.02)

    def stop(self, kill: bool = False) -> None:
        if self.process is not None:
            self.process.kill() if kill else self.process.terminate()
            self.process.wait(10)
            self.process = None


def mosquitto_path() -> str:
    found = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
    if found is None:
        pytest.skip("mosquitto is missing: apt-get install mosquitto")
    return found


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def port_answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class FakeClock:
    """Real enough for sockets: sleeping is short."""

    def now_s(self) -> int:
        return 1_780_000_000

    def now_ms(self) -> int:
        return 1_780_000_000_000

    def monotonic_s(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.005)

    def synchronised(self) -> bool:
        return True


class FakeInbox:
    """Keeps arrivals; can be told to be full."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.full = False
        self.refused = 0
        self._changed = asyncio.Event()

    def offer(self, arrival: Arrival) -> bool:
        if self.full:
            self.refused += 1
        else:
            self.arrivals.append(arrival)
        self._changed.set()
        return not self.full

    async def holds(self, count: int) -> list[Arrival]:
        """Wait until so many arrivals are here, and return them all."""
        async with asyncio.timeout(WAIT_S):
            while len(self.arrivals) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.arrivals

    async def refuses(self, count: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while self.refused < count:
                self._changed.clear()
                await self._changed.wait()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what other threads and processes do."""
    async with asyncio.timeout(2 * WAIT_S):
        while not condition():  # noqa: ASYNC110 - nobody there could set an event
            await asyncio.sleep(0.01)


class FakeNode:
    """A node's MQTT side. Calls block, so tests run them with `asyncio.to_thread`."""

    def __init__(
        self, port: int, node: str, password: str | None, client_id: str | None = None
    ) -> None:
        self.node = node
        self.received: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.subscribed: queue.Queue[bool] = queue.Queue()
        self.disconnected = threading.Event()
        self._connected: queue.Queue[bool] = queue.Queue()
        self._port = port
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id or node)
        if password is not None:
            self._client.username_pw_set(node, password)
        self._client.on_connect = lambda c, d, f, reason, p: self._connected.put(
            not reason.is_failure
        )
        self._client.on_disconnect = lambda *_: self.disconnected.set()
        self._client.on_subscribe = lambda c, d, m, reasons, p: self.subscribed.put(
            not any(reason.is_failure for reason in reasons)
        )
        self._client.on_message = lambda c, d, m: self.received.put((m.topic, m.payload))

    def will(self, will_topic: str) -> None:
        self._client.will_set(will_topic, b"last words", qos=1)

    def connect(self) -> bool:
        """Say whether the broker lets the node in."""
        with suppress(OSError):
            self._client.connect("127.0.0.1", self._port, keepalive=20)
            self._client.loop_start()
            with suppress(queue.Empty):
                return self._connected.get(timeout=WAIT_S)
        return False

    def subscribe(self, topic_filter: str | None = None) -> bool:
        own = topic(self.node, "down", "ack").removesuffix("ack") + "#"
        self._client.subscribe(topic_filter or own, 1)
        return self.subscribed.get(timeout=WAIT_S)

    def publish(
        self, payload: bytes, to: str | None = None, qos: int = 1, retain: bool = False
    ) -> bool:
        """Publish to the node's own frame topic, or elsewhere; say whether it was PUBACKed."""
        to = to or topic(self.node, "up", "frame")
        info = self._client.publish(to, payload, qos, retain)
        with suppress(RuntimeError, ValueError):
            info.wait_for_publish(WAIT_S if qos else 0.1)
            return info.is_published()
        return False  # not connected just now: paho sends it when it is back

    def publish_quickly(self, payloads: list[bytes]) -> None:
        """Publish many without waiting."""
        for payload in payloads:
            self._client.publish(topic(self.node, "up", "frame"), payload, 1)

    def next_message(self) -> tuple[str, bytes]:
        return self.received.get(timeout=WAIT_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@asynccontextmanager
async def running(source: Source, inbox: Inbox, ready: asyncio.Event) -> AsyncIterator[None]:
    """Run a source around a block."""
    task = asyncio.create_task(source.run(inbox))
    waiting = asyncio.create_task(ready.wait())
    done, _ = await asyncio.wait([task, waiting], timeout=WAIT_S, return_when="FIRST_COMPLETED")
    assert waiting in done, task.exception() if task in done else "the source did not start"
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
