# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A medium in memory that can be told to misbehave; like a raw partition, it tears writes."""

import errno


class MemoryMedium:
    """`files`: complete segments. `active`: (number, first, bytes) or None.

    full_after: complete segments that fit before ENOSPC. broken: every write raises EIO.
    tear_at: the next write keeps so many of its bytes, then the power goes (OSError).
    unreadable: numbers of segments that raise EIO when they are read.
    """

    segment_bytes = 1500
    footprint_bytes = 4096
    overhead_bytes = 0
    rewritable = False

    def __init__(self) -> None:
        self.files: dict[tuple[int, int], bytes] = {}
        self.active: tuple[int, int, bytes] | None = None
        self.broken = False
        self.full_after: int | None = None
        self.tear_at: int | None = None
        self.unreadable: set[int] = set()
        self.writes = 0

    def complete(self) -> list[tuple[int, int]]:
        return sorted(self.files)

    def load_active(self, page: bytearray) -> tuple[int, int, int]:
        if self.active is None:
            return -1, 0, 0
        number, first, content = self.active
        if number in self.unreadable:
            raise OSError(errno.EIO, "unreadable")
        page[: len(content)] = content
        return number, first, len(content)

    def load(self, number: int, first: int, page: bytearray) -> int:
        if number in self.unreadable:
            raise OSError(errno.EIO, "unreadable")
        content = self.files[number, first]
        page[: len(content)] = content
        return len(content)

    def write(self, number: int, first: int, page: bytearray, start: int, end: int) -> None:
        self._refuse()
        self.writes += 1
        if self.tear_at is not None:
            end = start + min(self.tear_at, end - start)
        self.active = (number, first, bytes(page[:end]))
        if self.tear_at is not None:
            raise OSError(errno.EIO, "power cut")

    def finish(self, number: int, first: int, page: bytearray, length: int) -> None:
        self._refuse()
        if self.full_after is not None and len(self.files) >= self.full_after:
            raise OSError(errno.ENOSPC, "full")
        self.files[number, first] = bytes(page[:length])

    def remove(self, number: int, first: int) -> None:
        self._refuse()
        self.files.pop((number, first), None)

    def _refuse(self) -> None:
        if self.broken:
            raise OSError(errno.EIO, "broken")
