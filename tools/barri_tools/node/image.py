# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The official MicroPython image: is it whole, is it for this chip, and where its table lies.

Format (ESP-IDF, "App Image Format"): E9, segment count, flash mode, flash size and frequency, ...,
chip id at byte 12, "hash appended" at byte 23, segments, a checksum byte, the SHA-256 of all
before. A file holds loader, partition table and application, each at its place in the flash less
the place of the loader. Pure: bytes in, bytes out.
"""

import hashlib
import re
from typing import NamedTuple

from barri_tools.boards import Board
from barri_tools.microcontrollers import MICROCONTROLLERS
from barri_tools.node.errors import FlashTooSmallError, ImageError
from barri_tools.node.partitions import (
    TABLE_BYTES,
    TABLE_OFFSET,
    PartitionError,
    Table,
    application,
    build_table,
    parse_table,
    with_log,
)

VERSIONS = ((1, 28), (1, 29))  # what the firmware is tested with
_MAGIC = 0xE9
_HEADER_BYTES = 24
_MOST_SEGMENTS = 16
_CHECKSUM_SEED = 0xEF
_BANNER = re.compile(rb"(v\d{1,3}\.\d{1,3}[\w.-]{0,40}) on \d{4}-\d\d-\d\d")
_MB = 1 << 20


class Image(NamedTuple):
    """What is written: at `offset` of the flash, `octets`, of which `table` is the new table.

    flash_bytes: the smallest flash it runs on. version: as the image says it, such as "v1.29.0".
    """

    offset: int
    octets: bytes
    table: Table
    flash_bytes: int
    version: str


def what_to_get(board: Board) -> str:
    """Which file to download, in words."""
    newest = ".".join(str(part) for part in VERSIONS[-1])
    return (
        f"get {board.image}-DATE-v{newest}.0.bin (not the .app-bin, not an OTA variant) from"
        f" micropython.org/download/{board.image} and give it with --image FILE"
    )


def prepare(octets: bytes, board: Board) -> Image:
    """Check an official image for a board and put our partition table into it.

    Raises ImageError or FlashTooSmallError.
    """
    mcu = MICROCONTROLLERS[board.mcu]
    flash_bytes = _header(octets, board)
    _whole(octets, 0, "loader")
    place = TABLE_OFFSET - mcu.image_offset
    try:
        official = parse_table(octets[place : place + TABLE_BYTES])
        app = application(official).offset - mcu.image_offset
        if flash_bytes > board.flash_mb * _MB:
            raise FlashTooSmallError(_too_small(flash_bytes, board.flash_mb * _MB))
        table = with_log(official, flash_bytes)
        ours = build_table(table)
    except PartitionError as error:
        raise ImageError(f"this image cannot be used: {error}; {what_to_get(board)}") from error
    _whole(octets, app, "application")
    patched = octets[:place] + ours + octets[place + TABLE_BYTES :]
    return Image(mcu.image_offset, patched, table, flash_bytes, _version(octets))


def demand_room(image: Image, flash_bytes: int) -> None:
    """Raises FlashTooSmallError if the flash found is smaller than the image's."""
    if flash_bytes < image.flash_bytes:
        raise FlashTooSmallError(_too_small(image.flash_bytes, flash_bytes))


def is_tested(version: str) -> bool:
    """Whether the firmware is tested with this version; False for one that cannot be read."""
    parts = version.removeprefix("v").split(".")[:2]
    return len(parts) == 2 and all(p.isdigit() for p in parts) and _pair(parts) in VERSIONS


def _pair(parts: list[str]) -> tuple[int, int]:
    return int(parts[0]), int(parts[1])


def _too_small(needed: int, found: int) -> str:
    return (
        f"this image needs {needed / _MB:g} MB of flash and the board has {found / _MB:g} MB: use"
        " a board with at least 4 MB and the image for it (2 MB boards cannot run barri)"
    )


def _header(octets: bytes, board: Board) -> int:
    """Check the first header; give the size of flash that it is made for, in bytes."""
    if len(octets) < TABLE_OFFSET + TABLE_BYTES or octets[0] != _MAGIC:
        raise ImageError(f"this file is no MicroPython image: {what_to_get(board)}")
    chip = int.from_bytes(octets[12:14], "little")
    if chip != MICROCONTROLLERS[board.mcu].image_id:
        names = {mcu.image_id: name for name, mcu in MICROCONTROLLERS.items()}
        other = names.get(chip, "another chip")
        raise ImageError(
            f"this image is for {other}, and {board.title} has an {board.mcu}:"
            f" {what_to_get(board)}"
        )
    return _MB << (octets[3] >> 4)


def _whole(octets: bytes, start: int, what: str) -> None:
    """Check a part's checksum and, if it has one, its SHA-256."""
    end = _end_of_segments(octets, start, what)
    body = octets[start:end]
    hashed = len(octets) > start + 23 and octets[start + 23] == 1
    if hashed and hashlib.sha256(body).digest() != octets[end : end + 32]:
        raise ImageError(f"the image is damaged (SHA-256 of its {what}): download it again")


def _end_of_segments(octets: bytes, start: int, what: str) -> int:
    """Walk the segments; give where the checksum byte ends. Raises ImageError."""
    damaged = ImageError(f"the image is damaged ({what}): download it again")
    if start + _HEADER_BYTES > len(octets) or octets[start] != _MAGIC:
        raise damaged
    at, checksum = start + _HEADER_BYTES, _CHECKSUM_SEED
    if octets[start + 1] > _MOST_SEGMENTS:
        raise damaged
    for _ in range(octets[start + 1]):
        size = int.from_bytes(octets[at + 4 : at + 8], "little")
        data = octets[at + 8 : at + 8 + size]
        if len(data) < size:
            raise damaged
        checksum ^= _xor(data)
        at += 8 + size
    at += 15 - (at - start) % 16
    if at >= len(octets) or octets[at] != checksum:
        raise damaged
    return at + 1


def _xor(data: bytes) -> int:
    """All octets xored; halves of the number at a time, which is quick for megabytes."""
    number, bits = int.from_bytes(data, "little"), max(8, 8 * len(data))
    while bits > 8:
        half = (bits // 2 + 7) // 8 * 8
        number = (number >> half) ^ (number & ((1 << half) - 1))
        bits = half if bits > 16 else 8
    return number


def _version(octets: bytes) -> str:
    """As its banner has it; the field of ESP-IDF's description is left empty by MicroPython."""
    found = _BANNER.search(octets)
    return found[1].decode() if found else "unknown"
