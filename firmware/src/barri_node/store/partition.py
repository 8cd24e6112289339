# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Segments in a raw partition: each in a block of its own, which is erased once and then filled.

Segment `number` lies in the block `number` modulo the number of blocks. Its head is written last
when it begins, so a block with a head was wholly erased and has a state. Nothing is ever
programmed twice. Imports only the form of a head.
"""

from micropython import const

from barri_node.store.pieces import HEAD_BYTES, head_in

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Iterator

    from barri_node.store.medium import BlockDevice

_BLOCK_BYTES = const(4096)
_SYNC, _COUNT, _ERASE = const(3), const(4), const(6)  # requests of the block device protocol


class RingPartition:
    """The blocks of a device with the methods of `esp32.Partition`, reading and programming any
    number of bytes at any place. `SegmentFiles` says what the methods do.
    """

    segment_bytes = _BLOCK_BYTES
    footprint_bytes = _BLOCK_BYTES
    overhead_bytes = 0
    rewritable = False

    def __init__(self, device: "BlockDevice") -> None:
        self._device = device
        self._blocks: int = device.ioctl(_COUNT, 0)
        self.most_segments = self._blocks

    def segments(self) -> "Iterator[tuple[int, int]]":
        found = bytearray(HEAD_BYTES)
        for block in range(self._blocks):
            self._device.readblocks(block, found, 0)
            head = head_in(found)
            if head and head[0] % self._blocks == block:
                yield head

    def read(self, number: int, first: int, offset: int, buf: memoryview) -> int:
        size = min(len(buf), _BLOCK_BYTES - offset)
        self._device.readblocks(number % self._blocks, buf[:size], offset)
        return size

    def erase(self) -> None:
        """Erase every block; only for who opens no log here any more."""
        for block in range(self._blocks):
            self._device.ioctl(_ERASE, block)

    def begin(self, number: int, first: int, data: bytearray) -> None:
        self._device.ioctl(_ERASE, number % self._blocks)
        self._device.ioctl(_SYNC, 0)
        view = memoryview(data)
        self.write(number, first, HEAD_BYTES, view[HEAD_BYTES:])
        self.write(number, first, 0, view[:HEAD_BYTES])

    def write(self, number: int, first: int, offset: int, data: "bytearray | memoryview") -> None:
        self._device.writeblocks(number % self._blocks, data, offset)
        self._device.ioctl(_SYNC, 0)

    def grows(self, number: int, first: int) -> bool:
        return True

    def finish(self, number: int, first: int, length: int) -> None:
        """It lies where it stays."""

    def remove(self, number: int, first: int) -> None:
        """Its block is erased when the next segment needs it."""
