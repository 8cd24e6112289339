# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Memory that outlives resets and deep sleep but not the power: a short note, and a buffer.

Each part has its own length and CRC-32, because at power-on this memory holds anything.
"""

import binascii
import struct

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.life.ports import Memory

_HEAD = "<HI"  # length, CRC-32
_HEAD_BYTES = const(6)
NOTE_BYTES = const(8)
_BUFFER_AT = const(14)  # behind the note and its head
BUFFER_BYTES = const(2028)  # 2048 less the note and both heads


class Retained:
    """memory: `machine.RTC()`, or what stands in for it."""

    def __init__(self, memory: "Memory") -> None:
        self._memory = memory

    def note(self) -> "bytes | None":
        """The note, at most 8 bytes; None when there is none."""
        return _part(self._memory.memory()[:_BUFFER_AT])

    def set_note(self, note: bytes) -> None:
        whole = bytearray(self._memory.memory())
        _extend(whole, _BUFFER_AT)
        whole[:_BUFFER_AT] = packed(note)
        self._memory.memory(whole)

    def buffer(self) -> "bytes | None":
        """The buffer's content; None when there is none."""
        return _part(self._memory.memory()[_BUFFER_AT:])

    def set_buffer(self, content: "bytes | bytearray") -> None:
        """Keep at most 2028 bytes."""
        whole = bytearray(self._memory.memory()[:_BUFFER_AT])
        _extend(whole, _BUFFER_AT)
        whole.extend(struct.pack(_HEAD, len(content), _check(content)))
        whole.extend(content)
        self._memory.memory(whole)


def _check(content: "bytes | bytearray") -> int:
    """The CRC, inverted so that memory full of zeros is not a valid empty part."""
    check: int = binascii.crc32(content)
    return check ^ 0x5A5A5A5A


def packed(note: bytes) -> bytes:
    """A note as it stands at the beginning of memory, with its head."""
    head = struct.pack(_HEAD, len(note), _check(note))
    return head + note + bytes(NOTE_BYTES - len(note))


def _part(held: bytes) -> "bytes | None":
    if len(held) < _HEAD_BYTES:
        return None
    length, check = struct.unpack(_HEAD, held[:_HEAD_BYTES])
    content = held[_HEAD_BYTES : _HEAD_BYTES + length]
    return content if len(content) == length and _check(content) == check else None


def _extend(whole: bytearray, length: int) -> None:
    if len(whole) < length:
        whole.extend(bytes(length - len(whole)))
