# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""P1 telegrams that come encrypted (Luxembourg's smarty, some Austrian meters), made plain.

A frame is a DLMS general-global-cipher APDU (DLMS Green Book, 9.5): AES-128 in Galois counter
mode. It is deciphered in blocks of 16 bytes as it comes and never held. The tag behind it is not
checked: damage shows in the telegram's own checksum, and who can forge one can as well cut the
cable. May import nothing of the node.
"""

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

_TAG = const(0xDB)
_TITLE_BYTES = const(8)
_BLOCK_BYTES = const(16)
_GCM_TAG_BYTES = const(12)
_COUNTER_BYTES = const(4)
_HEADER_BYTES = const(18)  # 0xDB, 8, title, 0x82, length (2), security, counter (4)
_LENGTH_AT = const(10)
_LONG_LENGTH = const(0x82)
_COUNTER_AT = const(14)
_LEAST_BODY = const(1 + _COUNTER_BYTES + _GCM_TAG_BYTES)
_MOST_BODY = const(16384)
_FIRST_BLOCK = const(2)  # 1 is the tag's


def aes_128(key: bytes) -> "Callable[[bytearray], bytes]":
    """Give a function that encrypts a block of 16 bytes with `key` (16 bytes), by MicroPython's
    own AES. Raises ValueError for a key of another length.
    """
    import cryptolib

    if len(key) != _BLOCK_BYTES:
        raise ValueError("the meter's key has 32 hexadecimal digits")
    cipher = cryptolib.aes(key, 1)  # 1: block by block
    return lambda block: cipher.encrypt(bytes(block))


class Decipher:
    """Takes bytes of the line, gives those of the telegram. encrypt: AES-128 of 16 bytes with the
    key that the grid operator gives the customer. frames: how many have begun.
    """

    def __init__(self, encrypt: "Callable[[bytearray], bytes]") -> None:
        self._encrypt = encrypt
        self._header = bytearray(_HEADER_BYTES)
        self._counter = bytearray(_BLOCK_BYTES)
        self._key_stream = b""
        self._used = _BLOCK_BYTES  # of the key stream
        self._block = 0
        self.frames = 0
        self.reset()

    def reset(self) -> None:
        """The line has been silent: what comes next is the beginning of a frame."""
        self._fill = 0
        self._left = 0  # enciphered bytes still to come
        self._skip = 0  # bytes of the tag still to come

    def feed(self, data: bytearray, count: int) -> int:
        """Decipher `count` bytes in place; give how many bytes of text now stand at the front."""
        out = 0
        for at in range(count):
            byte = data[at]
            if self._left:
                data[out] = byte ^ self._next_key()
                out += 1
                self._left -= 1
            elif self._skip:
                self._skip -= 1
            else:
                self._take_header(byte)
        return out

    def _take_header(self, byte: int) -> None:
        """Gather a header; what cannot be one is passed over."""
        self._header[self._fill] = byte
        self._fill += 1
        wrong = (
            (self._fill == 1 and byte != _TAG)
            or (self._fill == 2 and byte != _TITLE_BYTES)
            or (self._fill == _LENGTH_AT + 1 and byte != _LONG_LENGTH)
        )
        if wrong:
            behind = bytes(self._header[1 : self._fill])  # a frame may have begun in there
            self._fill = 0
            for one in behind:
                self._take_header(one)
        elif self._fill == _HEADER_BYTES:
            self._fill = 0
            self._begin()

    def _begin(self) -> None:
        header, counter = self._header, self._counter
        body = header[_LENGTH_AT + 1] << 8 | header[_LENGTH_AT + 2]
        if not _LEAST_BODY <= body <= _MOST_BODY:
            return
        counter[:_TITLE_BYTES] = header[2 : 2 + _TITLE_BYTES]
        counter[8:12] = header[_COUNTER_AT:_HEADER_BYTES]
        self._left = body - _LEAST_BODY
        self._skip = _GCM_TAG_BYTES
        self._used = _BLOCK_BYTES
        self._block = _FIRST_BLOCK
        self.frames += 1

    def _next_key(self) -> int:
        """The next byte of the key stream: AES of title, frame counter and block number."""
        if self._used == _BLOCK_BYTES:
            for place in range(4):
                self._counter[15 - place] = self._block >> 8 * place & 0xFF
            self._key_stream = self._encrypt(self._counter)
            self._block += 1
            self._used = 0
        self._used += 1
        return self._key_stream[self._used - 1]
