# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""CRC-16 with the polynomial 0xA001 (reflected 0x8005, start 0), as DSMR telegrams carry it."""

from array import array


def _table_entry(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value


# 512 bytes that make a telegram of a second cost a few hundredths of it on an ESP32.
TABLE = array("H", (_table_entry(value) for value in range(256)))


def crc16(data: "bytes | bytearray", crc: int = 0) -> int:
    """Give the CRC of all bytes of `data`, continuing from `crc`."""
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc
