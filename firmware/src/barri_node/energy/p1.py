# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""P1 telegrams of all dialects (P1 Companion Standard 2.2 to 5.0.2, e-MUCS), read as they come in.

A telegram is never held: each line is read and forgotten, the checksum runs along, and values
count once it holds. Memory is one line of 256 bytes and 13 numbers. Any bytes are taken. Imports
no hardware.
"""

from micropython import const

from barri_node.energy.crc16 import TABLE, crc16, table
from barri_node.energy.p1_line import SLOTS, quantities, read_line, strip_parity

LINE_BYTES = 256
# Belgian meters send more than 4 kB; what never ends is no telegram.
MOST_TELEGRAM_BYTES = 16384

_BEGIN = const(0x2F)
_END = const(0x21)
_NEWLINE = const(0x0A)
_PARITY_BIT = const(0x80)
_X25_POLYNOMIAL = const(0x8408)
_X25_START = const(0xFFFF)


def _hex_word(text: bytes) -> "int | None":
    """Read one to four hexadecimal digits (some meters leave out leading zeros), or None."""
    if not 1 <= len(text) <= 4 or any(digit not in b"0123456789ABCDEFabcdef" for digit in text):
        return None
    return int(text, 16)


class TelegramParser:
    """Takes bytes, gives what each complete and intact telegram says.

    Seven bits with even parity (up to DSMR 4) are taken as eight: a telegram whose "/" has the
    parity bit set is one of those. Up to DSMR 3 there is no checksum: parity has to hold then, and
    the telegram has to be as long as the one before, because a lost byte changes its length.

    checksum_optional: take such telegrams without parity as well (a converter has removed it).
    damaged: telegrams whose checksum, parity or length was wrong. cut: those that another one
    began in. endless: those given up as too long.
    """

    def __init__(self, checksum_optional: bool = False) -> None:
        self._checksum_optional = checksum_optional
        self._line = bytearray(LINE_BYTES)
        self._values: "list[int | None]" = [None] * SLOTS
        self._words = TABLE
        self._proven = False  # a checksum has held: which one it is, and that there is one
        self._seven_bits = False
        self._whole = True  # the line so far is in `_line`
        self._intact = True
        self._crc = 0
        self._last_size = 0  # of a telegram without checksum
        self.damaged = 0
        self.cut = 0
        self.endless = 0
        self.reset()

    def reset(self) -> None:
        """Forget a half-received telegram."""
        self._inside = False
        self._fill = 0
        self._size = 0

    def feed(self, data: "bytes | bytearray", count: int) -> "dict[str, int | None] | None":
        """Take `count` bytes; give the newest telegram that they completed, or None.

        A telegram is a dict of quantity name to an integer (Wh, W, 0.1 V), or None where it does
        not say.
        """
        newest = None
        line, fill = self._line, self._fill
        for at in range(count):
            byte = data[at]
            # Behind the first line a "/" begins another telegram (EN 62056-21, 6.6).
            if byte & 0x7F == _BEGIN and (self._size or not self._inside):
                self._begin(byte)
                fill = 0
            elif not self._inside:
                continue
            if fill == LINE_BYTES:
                self._add_up(fill)
                self._whole = False
                fill = 0
            line[fill] = byte
            fill += 1
            if byte == _NEWLINE:
                newest = self._end_of_line(fill) or newest
                fill = 0
        self._fill = fill
        return newest

    def _begin(self, byte: int) -> None:
        self.cut += self._inside
        self._inside = True
        self._seven_bits = byte >= _PARITY_BIT
        self._size = 0
        self._whole = True
        self._intact = True
        self._crc = 0 if self._words is TABLE else _X25_START
        for slot in range(SLOTS):
            self._values[slot] = None

    def _end_of_line(self, fill: int) -> "dict[str, int | None] | None":
        whole, self._whole = self._whole, True
        if whole and self._line[0] & 0x7F == _END:
            return self._end_of_telegram(fill)
        self._add_up(fill)
        if whole:
            read_line(self._line, fill, self._values)
        return None

    def _add_up(self, fill: int) -> None:
        """Take what the line holds into size, parity and checksum."""
        if self._seven_bits and not strip_parity(self._line, fill):
            self._intact = False
        self._crc = crc16(self._line, self._crc, fill, self._words)
        self._size += fill
        if self._size > MOST_TELEGRAM_BYTES:
            self.endless += 1
            self._inside = False

    def _end_of_telegram(self, fill: int) -> "dict[str, int | None] | None":
        """The checksum runs from "/" to "!", both included."""
        self._inside = False
        if self._seven_bits and not strip_parity(self._line, fill):
            self._intact = False
        checksum = bytes(self._line[1:fill]).strip()
        intact = self._checksum_holds(checksum) if checksum else self._holds_without_checksum()
        if intact and self._intact:
            return quantities(self._values)
        self.damaged += 1
        return None

    def _checksum_holds(self, checksum: bytes) -> bool:
        """Until one kind of checksum has held, a wrong one makes us try the other."""
        crc = crc16(self._line, self._crc, 1, self._words)
        if _hex_word(checksum) == (crc if self._words is TABLE else crc ^ _X25_START):
            self._proven = True
        elif self._proven:
            return False
        else:
            self._words = table(_X25_POLYNOMIAL) if self._words is TABLE else TABLE
        return self._proven

    def _holds_without_checksum(self) -> bool:
        if self._proven or not (self._seven_bits or self._checksum_optional):
            return False
        last_size, self._last_size = self._last_size, self._size
        return self._size == last_size
