# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A registry of two nodes and a real Mosquitto for the tests of sources."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from barri.adapters.sources.mosquitto_files import configuration, write_files
from barri.domain.passwords import hash_password

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
        reason = "mosquitto is missing: apt-get install mosquitto"
        if os.environ.get("BARRI_NO_SKIP") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def port_answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    mosquitto_path()
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()
