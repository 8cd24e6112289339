# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Where segments lie on a littlefs, laid out for little wear. Knows no records.

littlefs copies a file's last block for every append, so a growing file would cost 36 bytes
programmed per byte kept. A complete segment is therefore one file, written once. The active one
lives in 34 small slot files of 118 bytes, which littlefs keeps inside its directory's log: 4 bytes
per byte, without an erase each. Seven slots a directory keep that log short.

    DIRECTORY/segments/NNNNNNSSSSSS   complete; number and first sequence in hexadecimal
    DIRECTORY/slots/D/I               number and first sequence of the active segment (3 bytes
                                      each, big endian), then its bytes from 118 * I on

Another medium (a raw partition) offers the same methods. Imports nothing of ours.
"""

import os

from micropython import const

_SLOT_BYTES = const(
    118
)  # with its head 124: littlefs keeps up to 128 inline, and programs whole 32s
_HEAD_BYTES = const(6)
_NAME_LENGTH = const(12)
_SLOTS = const(34)
_SLOTS_PER_FOLDER = const(7)
_UNREADABLE = b"\xee"
_ENOENT = const(2)
_EEXIST = const(17)


class SegmentFiles:
    """Segments of at most `segment_bytes` in the folder `directory`, which is made when missing.

    Each takes `footprint_bytes` of flash. rewritable: bytes that `write` was refused, or that it
    only began, may be written again (a raw partition would need an erase). Every method may raise
    OSError when flash refuses.
    """

    segment_bytes = _SLOTS * _SLOT_BYTES
    footprint_bytes = 4096
    rewritable = True
    overhead_bytes = 128 * 1024  # slots, folders (two blocks each), and littlefs's room to work

    def __init__(self, directory: str):
        self._segments = directory + "/segments"
        self._slots = directory + "/slots"
        for folder in (directory, self._segments, self._slots):
            _make_folder(folder)
        for i in range(0, _SLOTS, _SLOTS_PER_FOLDER):
            _make_folder("{}/{}".format(self._slots, i // _SLOTS_PER_FOLDER))

    def complete(self) -> "list[tuple[int, int]]":
        """Return `(number, first sequence)` of all complete segments, oldest first.

        An empty file is not one: littlefs makes the name first, the content appears with `close`.
        """
        found = []
        for name, _, _, size in os.ilistdir(self._segments):  # type: ignore[misc]  # 4 on littlefs
            if len(name) == _NAME_LENGTH and size:
                found.append((int(name[:6], 16), int(name[6:], 16)))
        found.sort()
        return found

    def load_active(self, page: bytearray) -> "tuple[int, int, int]":
        """Read the segment in the slots; return `(number, first, length)`, -1, 0, 0 without one.

        It is the active one only when its number is above all complete ones.
        """
        head, length = self._load_slot(0, page)
        if not head:
            return -1, 0, 0
        for i in range(1, _SLOTS):
            if length < i * _SLOT_BYTES:
                break
            length += self._load_next(i, head, page)
        return int.from_bytes(head[:3], "big"), int.from_bytes(head[3:], "big"), length

    def load(self, number: int, first: int, page: bytearray) -> int:
        """Read a complete segment; return its length."""
        with open(self._path(number, first), "rb") as file:
            return file.readinto(page)

    def write(self, number: int, first: int, page: bytearray, start: int, end: int) -> None:
        """Make bytes start..end-1 of the active segment durable; those before it are already."""
        head = number.to_bytes(3, "big") + first.to_bytes(3, "big")
        for i in range(start // _SLOT_BYTES, (end + _SLOT_BYTES - 1) // _SLOT_BYTES):
            piece = memoryview(page)[i * _SLOT_BYTES : min(end, (i + 1) * _SLOT_BYTES)]
            with open(self._slot_path(i), "wb") as file:
                file.write(head)
                file.write(piece)

    def finish(self, number: int, first: int, page: bytearray, length: int) -> None:
        """Make the active segment a complete one; it is not written again."""
        with open(self._path(number, first), "wb") as file:
            file.write(memoryview(page)[:length])

    def remove(self, number: int, first: int) -> None:
        """Remove a complete segment; no error when it is gone already."""
        try:
            os.remove(self._path(number, first))
        except OSError as error:
            if error.errno != _ENOENT:
                raise

    def _load_slot(self, i: int, page: bytearray) -> "tuple[bytes, int]":
        """Return `(head, bytes read)`; nothing of a slot that was never written."""
        try:
            with open(self._slot_path(i), "rb") as file:
                head = file.read(_HEAD_BYTES)
                return head, file.readinto(
                    memoryview(page)[i * _SLOT_BYTES : (i + 1) * _SLOT_BYTES]
                )
        except OSError as error:
            if error.errno != _ENOENT:
                raise
            return b"", 0

    def _load_next(self, i: int, head: bytes, page: bytearray) -> int:
        """Read slot i behind others; one that cannot be read is full of what is no block."""
        try:
            found, length = self._load_slot(i, page)
        except OSError:
            page[i * _SLOT_BYTES : (i + 1) * _SLOT_BYTES] = _UNREADABLE * _SLOT_BYTES
            return _SLOT_BYTES
        return length if found == head else 0

    def _slot_path(self, i: int) -> str:
        return "{}/{}/{}".format(self._slots, i // _SLOTS_PER_FOLDER, i)

    def _path(self, number: int, first: int) -> str:
        return "{}/{:06x}{:06x}".format(self._segments, number, first)


def _make_folder(path: str) -> None:
    try:
        os.mkdir(path)
    except OSError as error:
        if error.errno != _EEXIST:
            raise
