# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The 16-bit checksums of meters, all of them reflected: polynomial, start and final value differ.

ARC (0xA001, starts at 0) ends DSMR telegrams, MODBUS (0xA001, starts at 0xFFFF) ends Modbus
frames; X-25 (0x8408, starts at 0xFFFF, inverted at the end) is what some P1 meters send instead.
"""

from array import array


def _table_entry(value: int, polynomial: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ polynomial if value & 1 else value >> 1
    return value


def table(polynomial: int) -> "array[int]":
    """Give 256 words: 512 bytes make a telegram of a second cost a few hundredths of it."""
    return array("H", [_table_entry(value, polynomial) for value in range(256)])


TABLE = table(0xA001)


def crc16(
    data: "bytes | bytearray | memoryview",
    crc: int = 0,
    count: "int | None" = None,
    words: "array[int]" = TABLE,
) -> int:
    """Give the CRC of the first `count` bytes of `data` (None: all), continuing from `crc`."""
    for at in range(len(data) if count is None else count):
        crc = crc >> 8 ^ words[(crc ^ data[at]) & 0xFF]
    return crc
