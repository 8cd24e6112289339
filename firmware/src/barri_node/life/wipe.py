# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Makes a node forget: its records, keys, settings and Wi-Fi. The program stays.

What was removed still lies in flash that littlefs has only set free, so that free flash is filled
once. A wipe that the power cuts short goes on at the next boot, as its first act.
"""

import os

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from barri_node.life.ports import Memory

_PROGRAM = ("boot.py", "main.py", "main.mpy", "lib", "barri_node", "barri_wire", "a", "b", "slots")
KEPT = _PROGRAM + ("board.json",)  # trees that came over the air included
_MARK = "wipe"  # stands while a wipe is not yet complete
_FILLER = "wipe.fill"
_CHUNK_BYTES = const(512)
_FOLDER = const(0x4000)
_MOST_DEPTH = const(4)
_MEMORY_BYTES = const(2048)
_MOST_FILL_BYTES = const(16 * 1024 * 1024)


class Wipe:
    """root: the folder of the program and of all it has written. feed: the watchdog's.

    memory: what outlives resets, forgotten too. erase: erases a raw partition of records, if
    there is one.
    """

    def __init__(
        self,
        root: str,
        memory: "Memory",
        feed: "Callable[[], None]",
        erase: "Callable[[], None] | None" = None,
    ) -> None:
        self._root = root.rstrip("/")
        self._memory = memory
        self._feed = feed
        self._erase = erase

    def ask(self) -> None:
        """From now on the node is to be wiped; restart next."""
        with open(self._path(_MARK), "wb") as file:
            file.write(b"1")

    def asked(self) -> bool:
        return _MARK in os.listdir(self._root or "/")

    def run(self, most_fill_bytes: int = _MOST_FILL_BYTES) -> None:
        """Forget everything. Raises OSError if flash cannot even be listed."""
        if not self.asked():
            self.ask()
        self._memory.memory(bytes(_MEMORY_BYTES))  # its length alone would leave what it held
        self._memory.memory(b"")
        for name in os.listdir(self._root or "/"):
            if name not in KEPT and name not in (_MARK, _FILLER):
                self._forget(self._path(name), _MOST_DEPTH)
        if self._erase is not None:
            self._erase()
        self._fill(most_fill_bytes)
        os.remove(self._path(_MARK))

    def _path(self, name: str) -> str:
        return self._root + "/" + name

    def _forget(self, path: str, depth: int) -> None:
        """Remove a file, or a folder with all that is in it."""
        status = os.stat(path)
        if not status[0] & _FOLDER:
            self._overwrite(path, status[6])
            os.remove(path)
        elif depth:
            for name in os.listdir(path):
                self._forget(path + "/" + name, depth - 1)
            os.rmdir(path)

    def _overwrite(self, path: str, length: int) -> None:
        try:
            with open(path, "r+b") as file:
                self._write(file, length)
        except OSError:
            pass  # flash is full: it goes with the free flash

    def _fill(self, limit_bytes: int) -> None:
        """Write over all free flash, then free it again."""
        try:
            with open(self._path(_FILLER), "wb") as file:
                self._write(file, limit_bytes)
        except OSError:
            pass  # full, as it was to be
        os.remove(self._path(_FILLER))

    def _write(self, file: "BinaryIO", length: int) -> None:
        zeros = bytes(_CHUNK_BYTES)
        while length > 0:
            file.write(zeros[:length])
            length -= _CHUNK_BYTES
            self._feed()
