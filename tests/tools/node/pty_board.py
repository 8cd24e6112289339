# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A stand-in for a board on a USB cable: the real MicroPython (unix port) on a pseudo-terminal.

A bridge between two terminals is the cable: it can be told to drop or damage what passes, or to be
pulled. What a unix process lacks of a board (reset, flash partitions, radio) are small modules in
`stand_ins/`. This is not a board: no test here says anything of a real one's timing or USB.
"""

import fcntl
import os
import pty
import select
import subprocess
import termios
import threading
import tty
from pathlib import Path

STAND_INS = Path(__file__).parent / "stand_ins"


class Cable:
    """What happens to the bytes on their way. Counted from the moment a fault is set."""

    def __init__(self):
        self.pulled = False
        self.drop_after = None  # to the board: from this byte on nothing arrives
        self.flip_at = None  # to the board: this byte is damaged
        self.passed = 0

    def carry(self, octets):
        if self.pulled:
            return b""
        carried = bytearray(octets)
        for at in range(len(carried)):
            if self.flip_at == self.passed + at:
                carried[at] ^= 0x01
        if self.drop_after is not None:
            carried = carried[: max(0, self.drop_after - self.passed)]
        self.passed += len(octets)
        return bytes(carried)


class PtyBoard:
    """Use as a context manager. `device` is the port; `files` is the board's file system."""

    def __init__(self, micropython, files, heap="4m"):
        self.files = Path(files)
        self.files.mkdir(parents=True, exist_ok=True)
        self.cable = Cable()
        self.starts = 0
        self.heard = bytearray()  # all that ever came from the board
        self._program = [micropython, "-X", f"heapsize={heap}", "-i"]
        self._stop = threading.Event()

    def __enter__(self):
        self._board, self._board_end = _raw_pair()
        self._host, self._host_end = _raw_pair()
        self.device = os.ttyname(self._host_end)
        self._power_on()
        self._thread = threading.Thread(target=self._bridge, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._process.kill()
        self._process.wait()
        for descriptor in (self._board, self._board_end, self._host, self._host_end):
            os.close(descriptor)

    def _power_on(self):
        """As a board boots: main.py, if there is one, then the prompt."""
        self.starts += 1
        self._awake = False  # a process that still starts would die of a Ctrl-C; no chip does
        main = ["main.py"] if (self.files / "main.py").exists() else ["-c", "0"]
        self._process = subprocess.Popen(
            [*self._program, *main],
            cwd=self.files,
            stdin=self._board_end, stdout=self._board_end, stderr=self._board_end,
            env={**os.environ, "MICROPYPATH": f"{STAND_INS}::.frozen"},
            preexec_fn=_own_terminal,  # noqa: PLW1509  (two system calls)
        )  # fmt: skip

    def _bridge(self):
        while not self._stop.is_set():
            if self._process.poll() is not None:
                self._power_on()
            readable, _, _ = select.select([self._board, self._host], [], [], 0.02)
            if self._host in readable and self._awake:
                os.write(self._board, self.cable.carry(os.read(self._host, 4096)))
            if self._board in readable:
                said = os.read(self._board, 4096)
                self.heard += said
                self._awake = True
                os.write(self._host, b"" if self.cable.pulled else said)


def _own_terminal():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _raw_pair():
    master, slave = pty.openpty()
    tty.setraw(slave)
    attributes = termios.tcgetattr(slave)
    attributes[3] |= termios.ISIG  # Ctrl-C interrupts a running program, as on a board
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    return master, slave
