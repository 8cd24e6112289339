# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A simulated NOR flash for nodes that run on a PC: a file that keeps the rules of the real part.

It has the block device protocol of the ESP32's `Partition` (4096-byte blocks) and refuses what
real flash cannot do. What is programmed is in the
operating system's hands when the call returns, so it survives a killed process.
Not for boards, and imports nothing of ours.
"""

import os

from micropython import const

BLOCK_BYTES = 4096
UNIT_BYTES = 32  # smallest read and program, as VfsLfs2 uses the ESP32's flash

_ERASED = b"\xff" * 256  # small, since it lies in the node's heap
_BLOCK_COUNT = const(4)  # requests of the block device protocol that have an answer
_BLOCK_SIZE = const(5)
ERASE = 6


class FlashRuleError(Exception):
    """Something asked for what NOR flash cannot do; a defect in the caller, never in the data."""


class FlashBlockDevice:
    """`blocks` blocks of 4096 bytes in the file `path`, made erased (0xFF) when it is missing.

    Reads and programs must be whole units of `unit_bytes`: 32 as littlefs uses flash, 1 for a raw
    partition. `is_new` says that the file was made by this object.
    """

    def __init__(self, path: str, blocks: int, unit_bytes: int = UNIT_BYTES) -> None:
        self.blocks = blocks
        self._unit_bytes = unit_bytes
        self.is_new = not _exists(path)
        if self.is_new:
            _make_erased(path, blocks)
        size = os.stat(path)[6]
        if size != blocks * BLOCK_BYTES:
            raise ValueError("{} has {} bytes, not {} blocks".format(path, size, blocks))
        self._file = open(path, "r+b")  # noqa: SIM115  open as long as the device lives

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def readblocks(self, block: int, buf: "bytearray | memoryview", offset: int = 0) -> None:
        """Read `len(buf)` bytes from `offset` in `block`."""
        self._seek(block, offset, len(buf))
        self._file.readinto(buf)

    def writeblocks(
        self, block: int, buf: "bytes | bytearray | memoryview", offset: "int | None" = None
    ) -> None:
        """Program `buf` at `offset`; without one erase the blocks first, as Partition does."""
        if offset is None:
            for i in range(len(buf) // BLOCK_BYTES):
                self.erase(block + i)
            offset = 0
        self.program(block, offset, buf)

    def ioctl(self, request: int, argument: int) -> int:
        """Answer count, size and erase requests; the others need no work here."""
        if request == _BLOCK_COUNT:
            return self.blocks
        if request == _BLOCK_SIZE:
            return BLOCK_BYTES
        if request == ERASE:
            self.erase(argument)
        return 0

    def program(self, block: int, offset: int, data: "bytes | bytearray | memoryview") -> None:
        """Turn 1 bits into 0 bits. Raises FlashRuleError for a 0 that would have to become 1."""
        self._seek(block, offset, len(data))
        before = int.from_bytes(self._file.read(len(data)), "big")
        after = int.from_bytes(data, "big")
        if before & after != after:
            raise FlashRuleError("program over bits that are 0 in block {}".format(block))
        self.put(block, offset, data)

    def erase(self, block: int) -> None:
        """Set a whole block to 0xFF."""
        self._seek(block, 0, BLOCK_BYTES)
        for _ in range(BLOCK_BYTES // len(_ERASED)):
            self._file.write(_ERASED)

    def put(self, block: int, offset: int, data: "bytes | bytearray | memoryview") -> None:
        """Change the file with no rule checked (the place where tests tear writes)."""
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.write(data)

    def _seek(self, block: int, offset: int, size: int) -> None:
        if offset % self._unit_bytes or size % self._unit_bytes:
            raise FlashRuleError("{} bytes at {} are not whole units".format(size, offset))
        start = block * BLOCK_BYTES + offset
        if start < 0 or start + size > self.blocks * BLOCK_BYTES:
            raise FlashRuleError("outside of the flash: block {}".format(block))
        self._file.seek(start)


def _exists(path: str) -> bool:
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def _make_erased(path: str, blocks: int) -> None:
    # Complete under another name first: a process killed in between leaves no half image.
    with open(path + ".new", "wb") as file:
        for _ in range(blocks * BLOCK_BYTES // len(_ERASED)):
            file.write(_ERASED)
    os.rename(path + ".new", path)
