# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Where segments lie on a littlefs, laid out for little wear. Knows no records.

littlefs copies a file's last block for every append, so a growing file would cost 36 bytes
programmed per byte kept. A complete segment is therefore one file, written once. The active one
lives in small slot files, which littlefs keeps inside its directory's log: no erase for each.
Seven slots a directory keep that log short.

    DIRECTORY/segments/NNNNNNSSSSSS   complete; number and first sequence in hexadecimal
    DIRECTORY/slots/D/I               number and first sequence of the active segment (3 bytes
                                      each, big endian), then its bytes from 86 * I on

Another medium (`partition.py`) offers the same methods. Imports nothing of ours.
"""

import os

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Iterator

# With its head 92: littlefs keeps up to 128 inline, adds 24 or so, and programs whole 32s. Smaller
# ones would save more programming, but take more folders.
_SLOT_BYTES = const(86)
_HEAD_BYTES = const(6)
_NAME_LENGTH = const(12)
_SLOTS = const(46)
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
    most_segments = 1 << 24  # file names have no more
    overhead_bytes = 144 * 1024  # slots, folders (two blocks each), and littlefs's room to work

    def __init__(self, directory: str):
        self._segments = directory + "/segments"
        self._slots = directory + "/slots"
        self._active = b""  # head of the segment in the slots
        for folder in (directory, self._segments, self._slots):
            _make_folder(folder)
        for i in range(0, _SLOTS, _SLOTS_PER_FOLDER):
            _make_folder("{}/{}".format(self._slots, i // _SLOTS_PER_FOLDER))

    def segments(self) -> "Iterator[tuple[int, int]]":
        """Yield `(number, first sequence)` of all segments, in any order.

        An empty file is none: littlefs makes the name first, the content appears with `close`.
        The slots hold one only when its number is above all others: else it is complete already.
        First sequence -1: there may be one that cannot be read.
        """
        newest = -1
        for name, _, _, size in os.ilistdir(self._segments):  # type: ignore[misc]  # 4 on littlefs
            if len(name) == _NAME_LENGTH and size:
                newest = max(newest, int(name[:6], 16))
                yield int(name[:6], 16), int(name[6:], 16)
        try:
            head = self._slot_head(0)
        except OSError:
            yield newest + 1, -1
            return
        number = int.from_bytes(head[:3], "big") if head else -1
        if number > newest:
            self._active = head
            yield number, int.from_bytes(head[3:], "big")

    def read(self, number: int, first: int, offset: int, buf: memoryview) -> int:
        """Read a segment from `offset` on into `buf`; return how many bytes were there."""
        if _head(number, first) == self._active:
            return self._read_slots(offset, buf)
        with open(self._path(number, first), "rb") as file:
            file.seek(offset)
            return file.readinto(buf)

    def begin(self, number: int, first: int, data: bytearray) -> None:
        """Begin a segment with its first bytes; it is the active one when this returns.

        Until the first slot is written the slots hold none, so it is written last.
        """
        self._active = _head(number, first)
        for i in range((len(data) - 1) // _SLOT_BYTES, -1, -1):
            self._write_slot(i, memoryview(data)[i * _SLOT_BYTES : (i + 1) * _SLOT_BYTES], b"")

    def write(self, number: int, first: int, offset: int, data: "bytearray | memoryview") -> None:
        """Make bytes behind the first `offset` of the active segment durable."""
        view = memoryview(data)
        while view:
            i, kept = offset // _SLOT_BYTES, offset % _SLOT_BYTES
            before = bytearray(kept)
            if self._read_slots(offset - kept, memoryview(before)) < kept:
                raise OSError(_ENOENT)
            piece = view[: _SLOT_BYTES - kept]
            self._write_slot(i, before, piece)
            offset, view = offset + len(piece), view[len(piece) :]

    def grows(self, number: int, first: int) -> bool:
        """Say whether a segment is the active one."""
        return _head(number, first) == self._active

    def finish(self, number: int, first: int, length: int) -> None:
        """Make the active segment a complete one; it is not written again."""
        piece = memoryview(bytearray(_SLOT_BYTES))
        with open(self._path(number, first), "wb") as file:
            for offset in range(0, length, _SLOT_BYTES):
                count = self._read_slots(offset, piece[: length - offset])
                file.write(piece[:count])
        self._active = b""

    def remove(self, number: int, first: int) -> None:
        """Remove a complete segment; no error when it is gone already."""
        try:
            os.remove(self._path(number, first))
        except OSError as error:
            if error.errno != _ENOENT:
                raise

    # --- slots ---

    def _slot_head(self, i: int) -> bytes:
        """Return the head in a slot; nothing of one that was never written."""
        try:
            with open(self._slot_path(i), "rb") as file:
                return file.read(_HEAD_BYTES)
        except OSError as error:
            if error.errno != _ENOENT:
                raise
            return b""

    def _read_slots(self, offset: int, buf: memoryview) -> int:
        """Read bytes of the active segment, up to the end of what is there."""
        done = 0
        while done < len(buf):
            at = offset + done
            piece = buf[done : done + _SLOT_BYTES - at % _SLOT_BYTES]
            count = self._read_slot(at // _SLOT_BYTES, at % _SLOT_BYTES, piece)
            done += count
            if count < len(piece):
                break
        return done

    def _read_slot(self, i: int, offset: int, piece: memoryview) -> int:
        """Read from a slot; one that flash does not give is full of what is no record."""
        try:
            with open(self._slot_path(i), "rb") as file:
                if file.read(_HEAD_BYTES) != self._active:
                    return 0
                file.seek(_HEAD_BYTES + offset)
                return file.readinto(piece)
        except OSError as error:
            if error.errno == _ENOENT:
                return 0
            piece[:] = _UNREADABLE * len(piece)
            return len(piece)

    def _write_slot(
        self, i: int, before: "bytearray | memoryview", piece: "bytes | memoryview"
    ) -> None:
        with open(self._slot_path(i), "wb") as file:
            file.write(self._active)
            file.write(before)
            file.write(piece)

    def _slot_path(self, i: int) -> str:
        return "{}/{}/{}".format(self._slots, i // _SLOTS_PER_FOLDER, i)

    def _path(self, number: int, first: int) -> str:
        return "{}/{:06x}{:06x}".format(self._segments, number, first)


def _head(number: int, first: int) -> bytes:
    return number.to_bytes(3, "big") + first.to_bytes(3, "big")


def _make_folder(path: str) -> None:
    try:
        os.mkdir(path)
    except OSError as error:
        if error.errno != _EEXIST:
            raise
