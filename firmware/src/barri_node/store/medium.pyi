# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Where segments can lie, for the type checker and for readers. Never on a board."""

from collections.abc import Iterator
from typing import Protocol

class BlockDevice(Protocol):
    """The part of `esp32.Partition` that a ring uses: blocks of 4096 bytes of NOR flash."""

    def readblocks(self, block: int, buf: bytearray | memoryview, offset: int, /) -> object: ...
    def writeblocks(self, block: int, buf: bytearray | memoryview, offset: int, /) -> object: ...
    def ioctl(self, request: int, argument: int, /) -> int: ...

class Medium(Protocol):
    """Segments by number. Every method may raise OSError when flash refuses.

    segment_bytes: in one segment, which takes footprint_bytes of flash. most_segments: held at
    once. overhead_bytes: of flash, besides. rewritable: bytes that `write` was refused, or that it
    only began, may be written again (a raw partition would need an erase).
    """

    segment_bytes: int
    footprint_bytes: int
    most_segments: int
    overhead_bytes: int
    rewritable: bool

    def segments(self) -> Iterator[tuple[int, int]]:
        """Yield `(number, first sequence)` of all that are there, in any order.

        First sequence -1: there may be one that cannot be read.
        """

    def read(self, number: int, first: int, offset: int, buf: memoryview, /) -> int:
        """Read a segment from `offset` on into `buf`; return how many bytes were there."""

    def begin(self, number: int, first: int, data: bytearray, /) -> None:
        """Begin a segment with its first bytes. Until it is there as a whole it is not there."""

    def write(self, number: int, first: int, offset: int, data: bytearray, /) -> None:
        """Append to the newest segment, which ends at `offset`; then the bytes are durable."""

    def grows(self, number: int, first: int) -> bool:
        """Say whether `write` may append to the newest segment."""

    def finish(self, number: int, first: int, length: int) -> None:
        """The newest segment has its last length and is only read from now on."""

    def remove(self, number: int, first: int) -> None:
        """Make room of a segment that is not held any more; no error when it is gone already."""
