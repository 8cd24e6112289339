# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""NOR flash in memory, with the methods of `esp32.Partition`, and what a power cut leaves of it.

It allows what the part allows: a program turns ones into zeros, an erase sets a block to ones.
What was not synced when the power goes may be there as a whole, in part or not at all, whatever
came after it.
"""

from random import Random
from typing import NamedTuple

BLOCK_BYTES = 4096
SYNC, COUNT, SIZE, ERASE = 3, 4, 5, 6
_ERASED = b"\xff" * BLOCK_BYTES


class FlashRuleError(Exception):
    """Something asked for what NOR flash cannot do."""


class Operation(NamedTuple):
    """A program (`data`) or an erase (None) at a byte of the flash; or a sync (`place` -1)."""

    place: int
    data: bytes | None


_SYNCED = Operation(-1, None)


class NorFlash:
    """`blocks` blocks of 4096 bytes; programs and reads are whole units of `unit_bytes`.

    image: the content, erased at first. journal: operations since it was last cleared. once:
    programming what is not erased raises FlashRuleError (littlefs, which reads back what it has
    programmed, may do so after a cut). The counters only grow.
    """

    def __init__(
        self, blocks: int, unit_bytes: int = 1, image: bytes | None = None, once: bool = True
    ) -> None:
        self.image = bytearray(image or b"\xff" * (blocks * BLOCK_BYTES))
        self.journal: list[Operation] = []
        self.reads = self.read_bytes = 0
        self.programs = self.programmed_bytes = 0
        self.erases = [0] * blocks
        self._blocks = blocks
        self._unit_bytes = unit_bytes
        self._once = once

    def readblocks(self, block: int, buf: bytearray | memoryview, offset: int = 0) -> int:
        """Read `len(buf)` bytes from `offset` in `block`."""
        start = self._place(block, offset, len(buf))
        buf[:] = self.image[start : start + len(buf)]
        self.reads += 1
        self.read_bytes += len(buf)
        return 0

    def writeblocks(self, block: int, buf: bytes | bytearray | memoryview, offset: int) -> int:
        """Program `buf`: ones become zeros, zeros stay."""
        start, data = self._place(block, offset, len(buf)), bytes(buf)
        if self._once and self.image[start : start + len(data)] != _ERASED[: len(data)]:
            raise FlashRuleError(f"programmed twice in block {block}")
        _program(self.image, start, data)
        self.programs += 1
        self.programmed_bytes += len(data)
        self.journal.append(Operation(start, data))
        return 0

    def ioctl(self, request: int, argument: int) -> int:
        """Answer count and size, erase, or sync."""
        if request == SYNC:
            self.journal.append(_SYNCED)
        elif request == ERASE:
            start = self._place(argument, 0, BLOCK_BYTES)
            self.image[start : start + BLOCK_BYTES] = _ERASED
            self.erases[argument] += 1
            self.journal.append(Operation(start, None))
        return {COUNT: self._blocks, SIZE: BLOCK_BYTES}.get(request, 0)

    def _place(self, block: int, offset: int, size: int) -> int:
        if offset % self._unit_bytes or size % self._unit_bytes:
            raise FlashRuleError(f"{size} bytes at {offset} are not whole units")
        start = block * BLOCK_BYTES + offset
        if not 0 <= start <= start + size <= len(self.image):
            raise FlashRuleError(f"outside of the flash: block {block}")
        return start


def boundaries(journal: list[Operation]) -> list[int]:
    """Return the places in a journal where a cut can fall: at each program and each erase."""
    return [i for i, operation in enumerate(journal) if operation is not _SYNCED]


def after_cut(before: bytes, journal: list[Operation], at: int, chance: Random) -> bytearray:
    """Return what flash holds when the power goes during the operation `at` of a journal.

    before: the content when the journal was empty. All up to the last sync is done; what follows
    it is done, torn or dropped in any order, as `chance` has it.
    """
    image = bytearray(before)
    synced = max([0, *(i + 1 for i in range(at) if journal[i] is _SYNCED)])
    for operation in journal[:synced]:
        _do(image, operation)
    unsynced = [operation for operation in journal[synced : at + 1] if operation is not _SYNCED]
    if len(unsynced) > 1 and chance.random() < _REORDERED:
        chance.shuffle(unsynced)
        for operation in unsynced:
            chance.choice((_do, _tear, _drop))(image, operation, chance)
        return image
    for operation in unsynced[:-1]:
        _do(image, operation)
    chance.choice((_do, _tear, _tear, _drop))(image, unsynced[-1], chance)
    return image


_REORDERED = 0.5


def _do(image: bytearray, operation: Operation, _chance: Random | None = None) -> None:
    start = operation.place
    if operation is _SYNCED:
        return
    if operation.data is None:
        image[start : start + BLOCK_BYTES] = _ERASED
        return
    _program(image, start, operation.data)


def _program(image: bytearray, start: int, data: bytes) -> None:
    end = start + len(data)
    both = int.from_bytes(image[start:end], "big") & int.from_bytes(data, "big")
    image[start:end] = both.to_bytes(len(data), "big")


def _drop(image: bytearray, operation: Operation, _chance: Random | None = None) -> None:
    """It never happened."""


def _tear(image: bytearray, operation: Operation, chance: Random) -> None:
    start, data = operation.place, operation.data
    if data is None:
        _tear_erase(image, start, chance)
    elif chance.random() < _SCATTERED:  # cells of a page are programmed side by side
        _program(image, start, bytes(chance.choice((byte, 0xFF)) for byte in data))
    else:
        end = chance.randrange(len(data))
        _program(image, start, data[:end] + bytes([data[end] | chance.getrandbits(8)]))


_SCATTERED = 0.2


def _tear_erase(image: bytearray, start: int, chance: Random) -> None:
    """Some cells of every byte, of a front part or of nothing have been erased."""
    end = start + chance.choice((0, chance.randrange(BLOCK_BYTES), BLOCK_BYTES))
    image[start:end] = _ERASED[: end - start]
    if chance.random() < _HALF_ERASED:
        noise = int.from_bytes(chance.randbytes(BLOCK_BYTES), "big")
        both = int.from_bytes(image[start : start + BLOCK_BYTES], "big") | noise
        image[start : start + BLOCK_BYTES] = both.to_bytes(BLOCK_BYTES, "big")


_HALF_ERASED = 0.5
