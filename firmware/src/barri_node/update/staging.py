# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The folder that a release is brought into, file by file, and the checks of what lies there.

Nothing counts that was not read back from flash. Every long job is a generator that yields after
some hundred bytes, so that measuring goes on in between.
"""

import os
from binascii import hexlify
from hashlib import sha256

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "MANIFEST"
_CHUNK_BYTES = const(512)
_FOLDER = const(0x4000)
_MOST_DEPTH = const(5)
_SIZE = const(6)
# What boot.py needs of the tree that came by cable, wherever the node itself runs.
_BOOTS_BY = ("barri_node/__init__", "barri_node/update/__init__", "barri_node/update/slots")


class Check:
    """Whether a file has this size and hash; `run()` is to be exhausted, then `good` says it."""

    def __init__(self, path: str, size: int, digest: str) -> None:
        self._path = path
        self._size = size
        self._digest = digest
        self.good = False

    def run(self) -> "Iterator[None]":
        if size_of(self._path) != self._size:
            return
        hashed, buffer = sha256(), bytearray(_CHUNK_BYTES)
        try:
            with open(self._path, "rb") as file:
                while True:
                    count = file.readinto(buffer)
                    if not count:
                        break
                    hashed.update(memoryview(buffer)[:count])
                    yield None
        except OSError:
            return  # unreadable: it is fetched anew
        self.good = hexlify(hashed.digest()).decode() == self._digest


def size_of(path: str) -> int:
    """Return a file's size in bytes, or -1 when there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return -1
    return -1 if status[0] & _FOLDER else int(status[_SIZE])


def make_folders(path: str) -> None:
    """Make the folders that lead to the file `path`. Raises OSError if one cannot be had."""
    end = path.find("/", 1)
    while end >= 0:
        _make_folder(path[:end])
        end = path.find("/", end + 1)


def _make_folder(path: str) -> None:
    try:
        os.stat(path)
    except OSError:
        os.mkdir(path)


def erase(folder: str) -> "Iterator[None]":
    """Remove a tree: main.py first, so that what is left never passes for a whole one."""
    folder = folder.rstrip("/")
    if size_of(folder + "/main.py") >= 0:
        os.remove(folder + "/main.py")
    yield from _erase(folder, (), _MOST_DEPTH)


def erase_cable_tree(root: str) -> "Iterator[None]":
    """Make room: remove the program that came by cable, but for what boot.py stands on."""
    if size_of(root + "main.py") >= 0:
        os.remove(root + "main.py")
    kept = [root + name + suffix for name in _BOOTS_BY for suffix in (".mpy", ".py")]
    for name in ("barri_node", "barri_wire"):
        yield from _erase(root + name, kept, _MOST_DEPTH)


def _erase(path: str, kept: "list[str] | tuple[()]", depth: int) -> "Iterator[None]":
    """Remove a folder and all in it that is not kept."""
    try:
        names = os.listdir(path)
    except OSError:
        return
    left = False
    for name in names:
        inner = path + "/" + name
        if inner in kept or not depth:
            left = True
        elif os.stat(inner)[0] & _FOLDER:
            yield from _erase(inner, kept, depth - 1)
        else:
            os.remove(inner)
        yield None
    if not left and not os.listdir(path):
        os.rmdir(path)


def free_bytes(root: str) -> "tuple[int, int]":
    """Return (free bytes, bytes of a block) of the flash that holds `root`."""
    status = os.statvfs(root)
    return status[0] * status[3], status[0]
