# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A medium in memory that can be told to misbehave; like a raw partition, it tears writes."""

import errno

TYPE_CHECKING = False  # also runs on MicroPython
if TYPE_CHECKING:
    from collections.abc import Iterator


class MemoryMedium:
    """`segments_kept`: number to (first sequence, bytes).

    full_after: segments that fit before ENOSPC. broken: every write raises EIO. tear_at: the next
    write keeps so many of its bytes, then the power goes (OSError). unreadable: numbers of
    segments that raise EIO when they are read.
    """

    segment_bytes = 600
    footprint_bytes = 4096
    overhead_bytes = 0
    rewritable = False
    most_segments = 1000

    def __init__(self) -> None:
        self.kept: dict[int, tuple[int, bytearray]] = {}
        self.broken = False
        self.full_after: int | None = None
        self.tear_at: int | None = None
        self.unreadable: set[int] = set()
        self.writes = 0

    def segments(self) -> "Iterator[tuple[int, int]]":
        for number in self.kept:
            yield number, self.kept[number][0]

    def read(self, number: int, first: int, offset: int, buf: memoryview) -> int:
        if number in self.unreadable or number not in self.kept:
            raise OSError(errno.EIO, "unreadable")
        piece = self.kept[number][1][offset : offset + len(buf)]
        buf[: len(piece)] = piece
        return len(piece)

    def begin(self, number: int, first: int, data: bytearray) -> None:
        self._refuse()
        if self.full_after is not None and len(self.kept) >= self.full_after:
            raise OSError(errno.ENOSPC, "full")
        self.writes += 1
        self.kept[number] = first, bytearray(b"\xff" * self.segment_bytes)
        self.kept[number][1][: len(data)] = data

    def write(self, number: int, first: int, offset: int, data: bytearray) -> None:
        self._refuse()
        self.writes += 1
        end = len(data) if self.tear_at is None else min(self.tear_at, len(data))
        page = self.kept[number][1]
        assert page[offset : offset + end] == b"\xff" * end, "programmed twice"
        page[offset : offset + end] = data[:end]
        if self.tear_at is not None:
            raise OSError(errno.EIO, "power cut")

    def grows(self, number: int, first: int) -> bool:
        return True

    def finish(self, number: int, first: int, length: int) -> None:
        self._refuse()

    def remove(self, number: int, first: int) -> None:
        self._refuse()
        self.kept.pop(number, None)

    def _refuse(self) -> None:
        if self.broken:
            raise OSError(errno.EIO, "broken")
