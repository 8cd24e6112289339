# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Watchdog, restart and deep sleep of a simulated node: real processes in simulated time.

The simulator here is as small as can be: when the node sleeps, it is at once where it wakes.
"""

import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from barri_tools.firmware import source_directory

SCRIPT = Path(__file__).parent / "node_resets.py"
RESTART, DEEP_SLEEP, WATCHDOG = 75, 76, 77  # as `resets_unix.py` promises them


class Time:
    """now_us: where simulated time stands. starts: of which start each process was told."""

    def __init__(self) -> None:
        self.now_us = 0

    def serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError, EOFError, struct.error):
            while True:
                length = struct.unpack("<I", connection.recv(4, socket.MSG_WAITALL))[0]
                self._answer(connection, connection.recv(length, socket.MSG_WAITALL))

    def _answer(self, connection: socket.socket, message: bytes) -> None:
        if message[:1] == b"I":
            sleep, wake_us = struct.unpack("<Iq", message[1:])
            self.now_us = max(self.now_us, wake_us)
            answer = b"G" + struct.pack("<Iq", sleep, self.now_us)
        else:
            answer = b"g" + struct.pack("<q", self.now_us)
        connection.sendall(struct.pack("<I", len(answer)) + answer)


class Node:
    def __init__(self, micropython: str, port: int, folder: Path, time: Time) -> None:
        self._command = [micropython, "-X", "heapsize=160k", str(SCRIPT)]
        self._arguments = ["balcony1", str(port), str(folder)]
        self._time = time

    def run(self, scenario: str) -> tuple[int, list[str], int]:
        """Run a process to its end; gives its exit code, what it said, and how long it ran (s)."""
        start_us = self._time.now_us
        done = subprocess.run(
            [*self._command, scenario, *self._arguments],
            env={"MICROPYPATH": f"{source_directory()}:.frozen"},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        said = (done.stdout + done.stderr).splitlines()
        return done.returncode, said, (self._time.now_us - start_us) // 1000000


@pytest.fixture
def node(micropython: str, tmp_path: Path) -> Iterator[Node]:
    time = Time()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    time.serve(listener.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield Node(micropython, listener.getsockname()[1], tmp_path, time)
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def test_one_hanging_task_ends_the_process_within_the_watchdogs_time(node: Node) -> None:
    code, said, seconds = node.run("one_task_hangs")
    assert code == WATCHDOG
    assert "watchdog: link is stuck: no longer fed" in said
    assert said[-1] == "watchdog: not fed"
    assert 20 + 10 + 40 <= seconds <= 20 + 10 + 45 + 6


def test_a_node_in_which_nothing_happens_any_more_is_ended_too(node: Node) -> None:
    code, _, seconds = node.run("all_hang")
    assert code == WATCHDOG
    assert seconds == 45


def test_a_node_that_is_well_is_left_alone_and_so_is_one_at_whose_console_somebody_sits(
    node: Node,
) -> None:
    code, said, seconds = node.run("well_for_an_hour")
    assert (code, seconds) == (0, 7200), said


def test_three_bites_of_the_watchdog_lead_to_safe_mode(node: Node) -> None:
    kinds = [node.run("all_hang")[1][0] for _ in range(4)]
    assert kinds == [
        "power-on app 0 b''",
        "watchdog app 1 b''",
        "watchdog app 2 b''",
        "watchdog safe mode 3 b''",
    ]


def test_a_restart_and_a_sleep_are_told_apart_and_memory_outlives_both(node: Node) -> None:
    assert node.run("restarts")[0] == RESTART
    code, said, _ = node.run("sleeps")
    assert (code, said) == (DEEP_SLEEP, ["hard reset app 0 b''"])
    assert node.run("sleeps")[1] == ["deep sleep app 0 b'records'"]


def test_a_process_that_is_killed_has_lost_its_power_and_its_memory(
    node: Node, tmp_path: Path
) -> None:
    node.run("sleeps")
    (tmp_path / "reset").unlink()  # no reset was announced: the power was cut
    assert node.run("restarts")[1] == ["power-on app 0 b''"]


def test_how_long_to_sleep_stands_beside_the_flash(node: Node, tmp_path: Path) -> None:
    node.run("sleeps")
    assert (tmp_path / "reset").read_text() == "deep sleep\n598000\n"
