# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One row of the frame log: its table and the checksum that each row carries."""

import zlib
from dataclasses import dataclass
from typing import Any

CREATE = """
CREATE TABLE IF NOT EXISTS frame (
    id INTEGER PRIMARY KEY,
    node TEXT NOT NULL,
    store_id INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    count INTEGER NOT NULL,
    fresh BLOB,                     -- NULL: every record was new; else a bit per record
    arrival_s INTEGER NOT NULL,     -- Unix seconds; -1: the gateway's clock was not to be trusted
    crc INTEGER NOT NULL,
    body BLOB NOT NULL
)"""
ROW_MARKS = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
UNKNOWN_TIME_S = -1


@dataclass(frozen=True, slots=True)
class FrameRow:
    """A frame as it came. Fields as in the table; `fresh` as barri.domain.ranges packs it."""

    id: int
    node: str
    store_id: int
    first_sequence: int
    count: int
    fresh: bytes | None
    arrival_s: int
    crc: int
    body: bytes

    def is_intact(self) -> bool:
        """Say whether the row is what was once written."""
        return self.crc == checksum(self)

    def sealed(self) -> tuple[Any, ...]:
        """Return the row's columns with its checksum filled in."""
        return (
            *(self.id, self.node, self.store_id, self.first_sequence, self.count),
            *(self.fresh, self.arrival_s, checksum(self), self.body),
        )


def checksum(row: FrameRow) -> int:
    """CRC-32 over everything in a row but its id and the checksum itself."""
    name = f"{row.node}/{row.store_id}/{row.first_sequence}/{row.count}/{row.arrival_s}/"
    return zlib.crc32(row.body, zlib.crc32(row.fresh or b"", zlib.crc32(name.encode())))


def insert_many(rows: int) -> str:
    """Return the statement that inserts so many rows at once."""
    return "INSERT INTO frame VALUES " + ", ".join([ROW_MARKS] * rows)  # noqa: S608


def intact_row(values: tuple[Any, ...]) -> FrameRow | None:
    """Make a row of what was found in a damaged file, or None for what is not one."""
    kinds = (int, str, int, int, int, bytes | None, int, int, bytes)
    if len(values) != len(kinds):
        return None
    if not all(isinstance(value, kind) for value, kind in zip(values, kinds, strict=True)):
        return None
    row = FrameRow(*values)
    return row if row.is_intact() else None
