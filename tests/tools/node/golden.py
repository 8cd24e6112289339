# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Partition tables that others have made, and flash images in the official form.

OFFICIAL_1_23 is copied from offset 0x8000 of the official ESP32_GENERIC-20240602-v1.23.0.bin.
OURS was made by ESP-IDF's own gen_esp32part 1.5 from OURS_CSV, and OFFICIAL_1_29 from the rows of
MicroPython's partitions-4MiBplus.csv.
"""

import hashlib
import struct

OFFICIAL_1_23 = bytes.fromhex(
    "aa50010200900000006000006e76730000000000000000000000000000000000"
    "aa50010100f00000001000007068795f696e6974000000000000000000000000"
    "aa5000000000010000001f00666163746f727900000000000000000000000000"
    "aa50018100002000000020007666730000000000000000000000000000000000"
    "ebebfffffffffffffffffffffffffffffcbb2b925747711e3b24bc188f657bac"
).ljust(0xC00, b"\xff")

OFFICIAL_1_29 = bytes.fromhex(
    "aa50010200900000006000006e76730000000000000000000000000000000000"
    "aa50010100f00000001000007068795f696e6974000000000000000000000000"
    "aa5000000000010000001f00666163746f727900000000000000000000000000"
    "ebebffffffffffffffffffffffffffff8405a9bb5ce0b84c4f2ca5de9a76b050"
).ljust(0xC00, b"\xff")

OURS_CSV = """
nvs,      data, nvs,     0x9000,  0x6000,
phy_init, data, phy,     0xf000,  0x1000,
factory,  app,  factory, 0x10000, 0x1F0000,
vfs,      data, fat,     0x200000, 0x100000,
barri_log,data, undefined, 0x300000, 0x100000,
"""
OURS = bytes.fromhex(
    "aa50010200900000006000006e76730000000000000000000000000000000000"
    "aa50010100f00000001000007068795f696e6974000000000000000000000000"
    "aa5000000000010000001f00666163746f727900000000000000000000000000"
    "aa50018100002000000010007666730000000000000000000000000000000000"
    "aa500106000030000000100062617272695f6c6f670000000000000000000000"
    "ebebffffffffffffffffffffffffffff8f7288c40d8f879538a4cc0bff972761"
).ljust(0xC00, b"\xff")

ESP32, ESP32_C3, ESP32_S3 = 0, 5, 9
MB2, MB4, MB8 = 1, 2, 3
BANNER = b"MicroPython v1.29.0 on 2026-08-01; Generic board\0"


def part(chip=ESP32, size=MB4, body=b"", hashed=True):
    """A loader or an application: header, two segments, checksum, SHA-256."""
    segments = (b"\x11" * 256, body.ljust(64, b"\x22"))
    octets = bytearray(struct.pack("<BBBBI", 0xE9, len(segments), 2, size << 4, 0x40080000))
    octets += bytes(4) + struct.pack("<H", chip) + bytes(9) + bytes([hashed])
    checksum = 0xEF
    for segment in segments:
        octets += struct.pack("<II", 0x3F400020, len(segment)) + segment
        for octet in segment:
            checksum ^= octet
    octets += bytes(15 - len(octets) % 16) + bytes([checksum])
    return bytes(octets) + (hashlib.sha256(octets).digest() if hashed else b"")


def flash_image(chip=ESP32, offset=0x1000, size=MB4, table=OFFICIAL_1_23, banner=BANNER):
    """Loader, table and application, each at its place, as makeimg.py of MicroPython puts them."""
    octets = part(chip, size).ljust(0x8000 - offset, b"\xff")
    octets = (octets + table).ljust(0x10000 - offset, b"\xff")
    return octets + part(chip, size, banner)
