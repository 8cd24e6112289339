# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Find rows in the pages of a SQLite file (and its WAL) without following any index.

For salvage only. Layout: https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1. What is
found may be stale or torn, so callers verify each row by a checksum of its own.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE_BYTES = 4096  # what barri's files have
LEAF_TABLE_PAGE = 13
WAL_HEADER_BYTES = 32
WAL_FRAME_HEADER_BYTES = 24
LONGEST_ROW_BYTES = 1 << 20
FIRST_TEXT_TYPE = 12
INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

Row = tuple[Any, ...]


class TornError(Exception):
    """These bytes are not a row."""


class Pages:
    """The pages of a database file, newest version first. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._main = path.open("rb")
        wal = path.with_name(path.name + "-wal")
        self._wal = wal.open("rb") if wal.exists() else None
        self._in_wal = self._wal_places(wal) if self._wal else {}

    def __enter__(self) -> "Pages":
        return self

    def __exit__(self, *_: object) -> None:
        self._main.close()
        if self._wal:
            self._wal.close()

    def _wal_places(self, wal: Path) -> dict[int, int]:
        places, stride = {}, WAL_FRAME_HEADER_BYTES + PAGE_BYTES
        assert self._wal is not None
        for place in range(WAL_HEADER_BYTES, wal.stat().st_size - stride + 1, stride):
            self._wal.seek(place)
            number = int.from_bytes(self._wal.read(4), "big")
            places[number] = place + WAL_FRAME_HEADER_BYTES
        return places

    def numbers(self) -> list[int]:
        """Return every page number that either file has."""
        count = os.fstat(self._main.fileno()).st_size // PAGE_BYTES
        return sorted({*range(1, count + 1), *self._in_wal})

    def page(self, number: int) -> bytes:
        """Return a page. Raises TornError when it is not there whole."""
        file, place = self._main, (number - 1) * PAGE_BYTES
        if self._wal is not None and number in self._in_wal:
            file, place = self._wal, self._in_wal[number]
        if number < 1:
            raise TornError
        file.seek(place)
        page = file.read(PAGE_BYTES)
        if len(page) != PAGE_BYTES:
            raise TornError
        return page


def leaf_rows(path: Path) -> Iterator[Row]:
    """Yield (rowid, other columns...) of whatever looks like a row with an integer key."""
    with Pages(path) as pages:
        for number in pages.numbers():
            try:
                page = pages.page(number)
            except TornError:
                continue
            yield from _rows_of(page, 100 if number == 1 else 0, pages)


def _rows_of(page: bytes, start: int, pages: Pages) -> Iterator[Row]:
    if page[start] != LEAF_TABLE_PAGE:
        return
    cells = int.from_bytes(page[start + 3 : start + 5], "big")
    for i in range(min(cells, PAGE_BYTES // 4)):
        pointer = start + 8 + 2 * i
        offset = int.from_bytes(page[pointer : pointer + 2], "big")
        try:
            yield _row(page, offset, pages)
        except (TornError, IndexError, UnicodeDecodeError):
            continue


def _row(page: bytes, offset: int, pages: Pages) -> Row:
    length, offset = _varint(page, offset)
    rowid, offset = _varint(page, offset)
    if not 0 < length <= LONGEST_ROW_BYTES:
        raise TornError
    columns = list(_columns(_payload(page, offset, length, pages)))
    return (rowid, *columns[1:])  # an integer key is stored as the rowid, its column as NULL


def _payload(page: bytes, offset: int, length: int, pages: Pages) -> bytes:
    local = _local_bytes(length)
    payload = page[offset : offset + local]
    following = int.from_bytes(page[offset + local : offset + local + 4], "big")
    while len(payload) < length:
        overflow = pages.page(following)
        following = int.from_bytes(overflow[:4], "big")
        payload += overflow[4 : 4 + length - len(payload)]
    return payload


def _local_bytes(length: int) -> int:
    most = PAGE_BYTES - 35
    if length <= most:
        return length
    least = (PAGE_BYTES - 12) * 32 // 255 - 23
    local = least + (length - least) % (PAGE_BYTES - 4)
    return local if local <= most else least


def _columns(payload: bytes) -> Iterator[Any]:
    header_end, place = _varint(payload, 0)
    content = header_end
    while place < header_end:
        kind, place = _varint(payload, place)
        size = _size(kind)
        if content + size > len(payload):
            raise TornError
        yield _value(kind, payload[content : content + size])
        content += size


def _size(kind: int) -> int:
    return INTEGER_BYTES.get(kind, 0) if kind < FIRST_TEXT_TYPE else (kind - FIRST_TEXT_TYPE) // 2


def _value(kind: int, octets: bytes) -> Any:
    if kind >= FIRST_TEXT_TYPE:
        return octets.decode() if kind % 2 else octets
    if kind in (8, 9):
        return kind - 8
    if kind == 7:
        raise TornError  # no table of ours holds floats
    return int.from_bytes(octets, "big", signed=True) if kind else None


def _varint(octets: bytes, place: int) -> tuple[int, int]:
    """Read SQLite's big-endian varint, up to 9 bytes; return it and the next place."""
    value = 0
    for i in range(8):
        octet = octets[place + i]
        value = value << 7 | octet & 0x7F
        if octet < 0x80:
            return value, place + i + 1
    return value << 8 | octets[place + 8], place + 9
