# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""DSMR P1 telegrams (P1 Companion Standard 5.0.2, chapter 5), read as they come in.

A telegram is never held: each line is read and forgotten, and the checksum runs along. Memory is
one line of 256 bytes and a few numbers. Any bytes are taken. Imports no hardware.
"""

from micropython import const

from barri_node.energy.crc16 import TABLE

LINE_BYTES = 256
# Belgian meters send more than 4 kB; what never ends is no telegram.
MOST_TELEGRAM_BYTES = 16384
_MOST_DIGITS = const(12)

_BEGIN, _END, _NEWLINE = 0x2F, 0x21, 0x0A
_ELECTRICITY = b"1-0:"

# OBIS code after the medium: units that may be printed, and the digits that we keep of each.
_WH = {b"kWh": 3, b"Wh": 0}
_W = {b"kW": 3, b"W": 0}
_VOLT = {b"V": 1}
_CODES = {
    b"1.8.0": _WH,
    b"1.8.1": _WH,
    b"1.8.2": _WH,
    b"2.8.0": _WH,
    b"2.8.1": _WH,
    b"2.8.2": _WH,
    b"1.7.0": _W,
    b"2.7.0": _W,
    b"32.7.0": _VOLT,
}


def fixed_point(text: bytes, decimals: int) -> "int | None":
    """Read digits with at most one point as an integer of 10**-decimals; None if it is not that.

    Digits beyond `decimals` are cut off: a counter must never run ahead.
    """
    whole, point, fraction = text.partition(b".")
    if not whole.isdigit() or len(text) > _MOST_DIGITS or (point and not fraction.isdigit()):
        return None
    return int(whole + (fraction + b"0" * decimals)[:decimals])


def read_line(line: bytes) -> "tuple[bytes, int] | None":
    """Give (OBIS code, value) of a line we know, in Wh, W or 0.1 V; None for every other line."""
    if not line.startswith(_ELECTRICITY) or not line.endswith(b")"):
        return None
    code, _, content = line[len(_ELECTRICITY) : -1].partition(b"(")
    if code not in _CODES:
        return None
    number, _, unit = content.partition(b"*")
    decimals = _CODES[code].get(unit)
    value = None if decimals is None else fixed_point(number, decimals)
    return None if value is None else (code, value)


def _sum_of_tariffs(
    found: "dict[bytes, int]", total: bytes, tariff_1: bytes, tariff_2: bytes
) -> "int | None":
    """Both tariffs, or the total that meters without tariffs send."""
    if tariff_1 in found and tariff_2 in found:
        return found[tariff_1] + found[tariff_2]
    return found.get(total)


def _quantities(found: "dict[bytes, int]") -> "dict[str, int | None]":
    return {
        "energy_import": _sum_of_tariffs(found, b"1.8.0", b"1.8.1", b"1.8.2"),
        "energy_export": _sum_of_tariffs(found, b"2.8.0", b"2.8.1", b"2.8.2"),
        "power_import": found.get(b"1.7.0"),
        "power_export": found.get(b"2.7.0"),
        "voltage": found.get(b"32.7.0"),
    }


def _hex_word(text: bytes) -> "int | None":
    """Read one to four hexadecimal digits (some meters leave out leading zeros), or None."""
    if not 1 <= len(text) <= 4 or any(digit not in b"0123456789ABCDEFabcdef" for digit in text):
        return None
    return int(text, 16)


class TelegramParser:
    """Takes bytes, gives what each complete and intact telegram says.

    checksum_optional: take telegrams without one as well (DSMR 2.2; nothing shows their damage).
    damaged: telegrams whose checksum was wrong or missing. endless: those given up as too long.
    """

    def __init__(self, checksum_optional: bool = False) -> None:
        self._checksum_optional = checksum_optional
        self._line = bytearray(LINE_BYTES)
        self.damaged = 0
        self.endless = 0
        self.reset()

    def reset(self) -> None:
        """Forget a half-received telegram."""
        self._inside = False
        self._begin()

    def feed(self, data: "bytes | bytearray", count: int) -> "dict[str, int | None] | None":
        """Take `count` bytes; give the newest telegram that they completed, or None.

        A telegram is a dict of quantity name to an integer (Wh, W, 0.1 V), or None where it does
        not say.
        """
        newest = None
        for at in range(count):
            newest = self._take(data[at]) or newest
        return newest

    def _begin(self) -> None:
        self._size = 0
        self._fill = 0
        self._crc = 0
        self._closing = False
        self._found: "dict[bytes, int]" = {}

    def _take(self, byte: int) -> "dict[str, int | None] | None":
        if byte == _BEGIN and (self._fill == 0 or not self._inside):
            self._inside = True
            self._begin()
        elif not self._inside:
            return None
        self._size += 1
        if self._size > MOST_TELEGRAM_BYTES:
            self.endless += 1
            self._inside = False
            return None
        if not self._closing:
            self._crc = self._crc >> 8 ^ TABLE[(self._crc ^ byte) & 0xFF]
            self._closing = byte == _END and self._fill == 0
        if byte == _NEWLINE:
            return self._end_of_line()
        self._keep(byte)
        return None

    def _keep(self, byte: int) -> None:
        """Add to the line; of one that is too long only the count goes on."""
        if self._fill < LINE_BYTES:
            self._line[self._fill] = byte
        self._fill += 1

    def _end_of_line(self) -> "dict[str, int | None] | None":
        whole = self._fill <= LINE_BYTES
        line = bytes(self._line[: self._fill]).rstrip() if whole else b""
        self._fill = 0
        if self._closing:
            return self._end_of_telegram(line)
        value = read_line(line)
        if value is not None:
            self._found[value[0]] = value[1]
        return None

    def _end_of_telegram(self, line: bytes) -> "dict[str, int | None] | None":
        self._inside = False
        no_checksum = line == b"!" and self._checksum_optional
        if not no_checksum and _hex_word(line[1:]) != self._crc:
            self.damaged += 1
            return None
        return _quantities(self._found)
