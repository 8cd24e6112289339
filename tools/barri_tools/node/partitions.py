# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The partition table of an ESP32, and ours: the official one with a raw partition for records.

Format (ESP-IDF, "Partition Tables"): at 0x8000 of the flash, rows of 32 bytes (magic AA 50, type,
subtype, offset, size, name in 16 bytes, flags, little-endian), then EB EB, 14 x FF and the MD5 of
the rows, then FF up to 0xC00 bytes. Pure; imports no input or output.
"""

import hashlib
import struct
from typing import NamedTuple

TABLE_OFFSET = 0x8000
TABLE_BYTES = 0xC00
SECTOR_BYTES = 0x1000
LOG_NAME = "barri_log"
FILES_NAME = "vfs"  # MicroPython mounts the partition of this name

_APP, _DATA = 0, 1
_DATA_UNDEFINED = 0x06
_DATA_FAT = 0x81  # what MicroPython itself says of its littlefs
_ROW = struct.Struct("<2sBBII16sI")
_MAGIC = b"\xaa\x50"
_MD5_MAGIC = b"\xeb\xeb" + b"\xff" * 14
_FILES_BYTES = 0x100000  # code, settings, state: 1 MB
_LEAST_LOG_BYTES = 0x100000  # ten weeks of minute records of the noise kit


class PartitionError(Exception):
    """The bytes are no partition table, or ours does not fit; the text says which."""


class Partition(NamedTuple):
    """One row. type 0: an application, 1: data. offset and size in bytes."""

    name: str
    type: int
    subtype: int
    offset: int
    size: int
    flags: int = 0

    @property
    def end(self) -> int:
        return self.offset + self.size


Table = tuple[Partition, ...]


def parse_table(octets: bytes) -> Table:
    """Read a table of at most 0xC00 bytes. Raises PartitionError."""
    rows: list[Partition] = []
    for start in range(0, min(len(octets), TABLE_BYTES), _ROW.size):
        row = octets[start : start + _ROW.size]
        if row[:2] == _MD5_MAGIC[:2]:
            if row[16:] != hashlib.md5(octets[:start], usedforsecurity=False).digest():
                raise PartitionError("the partition table is damaged (its MD5 differs)")
            return tuple(rows)
        if row[:2] != _MAGIC or len(row) < _ROW.size:
            break
        rows.append(_parse_row(row))
    raise PartitionError("there is no partition table")


def build_table(table: Table) -> bytes:
    """The 0xC00 bytes of a table. Raises PartitionError if partitions overlap or are misplaced."""
    _check(table)
    rows = b"".join(
        _ROW.pack(_MAGIC, p.type, p.subtype, p.offset, p.size, p.name.encode(), p.flags)
        for p in table
    )
    rows += _MD5_MAGIC + hashlib.md5(rows, usedforsecurity=False).digest()
    return rows.ljust(TABLE_BYTES, b"\xff")


def with_log(official: Table, flash_bytes: int) -> Table:
    """The official table with 1 MB of files after the application, and the log in the rest.

    flash_bytes: as the image's header has it; the loader refuses partitions beyond. Newer images
    have no `vfs` row and make one at run time; ours is in the table, so it cannot grow into the
    log. Raises PartitionError if there is no room.
    """
    kept = tuple(p for p in official if p.name not in (FILES_NAME, LOG_NAME))
    if not any(p.type == _APP for p in kept):
        raise PartitionError("the image's partition table has no application")
    start = max(p.end for p in kept)
    log = start + _FILES_BYTES
    if flash_bytes - log < _LEAST_LOG_BYTES:
        raise PartitionError(
            f"files and records need {(_FILES_BYTES + _LEAST_LOG_BYTES) >> 20} MB of flash after"
            f" the application, and {max(0, flash_bytes - start) >> 10} kB are left"
        )
    files = Partition(FILES_NAME, _DATA, _DATA_FAT, start, _FILES_BYTES)
    return (*kept, files, Partition(LOG_NAME, _DATA, _DATA_UNDEFINED, log, flash_bytes - log))


def application(table: Table) -> Partition:
    """The first application. Raises PartitionError if there is none."""
    for partition in table:
        if partition.type == _APP:
            return partition
    raise PartitionError("the partition table has no application")


def _parse_row(row: bytes) -> Partition:
    _, kind, subtype, offset, size, name, flags = _ROW.unpack(row)
    text = name.split(b"\0")[0].decode("ascii", "replace")
    return Partition(text, kind, subtype, offset, size, flags)


def _check(table: Table) -> None:
    last_end = TABLE_OFFSET + SECTOR_BYTES
    for partition in sorted(table, key=lambda p: p.offset):
        if partition.offset < last_end:
            raise PartitionError(f"partition {partition.name} overlaps what lies before it")
        if partition.offset % SECTOR_BYTES or partition.size % SECTOR_BYTES:
            raise PartitionError(f"partition {partition.name} is not made of whole sectors")
        if not 0 < len(partition.name.encode()) <= 16:
            raise PartitionError("a partition's name has 1 to 16 bytes")
        last_end = partition.end
    if (len(table) + 2) * _ROW.size > TABLE_BYTES:
        raise PartitionError("too many partitions")
