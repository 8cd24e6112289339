# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Answers as esptool 5.6 does, for a board whose flash is a file; not esptool, and no board.

fake_esptool.py FLASH_FILE FAULT --port P --baud B ACTION ...; texts are those of esptool 5.6.
"""

import sys
import time
from pathlib import Path

FLASH, FAULT = Path(sys.argv[1]), sys.argv[2]
OPTIONS = sys.argv[3:]
PORT, BAUD, ACTION = OPTIONS[1], int(OPTIONS[3]), OPTIONS[4]
ARGUMENTS = OPTIONS[5:]
HEADER = "esptool v5.6.0\nSerial port {}:\nConnecting....\nConnected to {} on {}:\n"
CANNOT_OPEN = (
    "\nA fatal error occurred: Could not open {0}, the port is busy or doesn't exist.\n({1})\n"
)
CONNECT = {
    "denied": CANNOT_OPEN.format(
        PORT, f"[Errno 13] could not open port {PORT}: [Errno 13] Permission denied: '{PORT}'"
    ),
    "busy": CANNOT_OPEN.format(
        PORT, "Could not exclusively lock port: [Errno 11] Resource temporarily unavailable"
    ),
    "missing": CANNOT_OPEN.format(
        PORT, f"[Errno 2] could not open port {PORT}: [Errno 2] No such file or directory"
    ),
    "silent": "\nA fatal error occurred: Failed to connect to Espressif device: No serial data"
    " received.\nFor troubleshooting steps visit: ...\n",
    "boot mode": "\nA fatal error occurred: Failed to connect to ESP32: Wrong boot mode detected"
    " (0x13)! The chip needs to be in download mode.\n",
    "noise": "\nA fatal error occurred: Invalid head of packet (0x46): Possible serial noise or"
    " corruption.\n",
    "no esptool": "/usr/bin/python3: No module named esptool\n",
}
CHIPS = {
    "s3": ("ESP32-S3", "ESP32-S3 (QFN56) (revision v0.2)"),
    "c3": ("ESP32-C3", "ESP32-C3 (QFN32) (revision v0.4)"),
    "s2": ("ESP32-S2", "ESP32-S2FH4 (revision v1.0)"),
    "pico": ("ESP32", "ESP32-PICO-D4 (revision v1.1)"),
}


def fail(text):
    sys.stdout.write(text)
    sys.exit(2)


def main():
    if FAULT in CONNECT:
        fail(CONNECT[FAULT])
    if FAULT == "hangs":
        time.sleep(600)
    name, description = CHIPS.get(FAULT, ("ESP32", "ESP32-D0WD-V3 (revision v3.1)"))
    sys.stdout.write(HEADER.format(PORT, name, PORT) + f"Chip type:          {description}\n")
    flash = bytearray(FLASH.read_bytes())
    if ACTION == "flash-id":
        size = {"2 MB": "2MB", "unknown size": "Unknown"}.get(FAULT, f"{len(flash) >> 20}MB")
        sys.stdout.write(f"Flash Memory Information:\nDetected flash size: {size}\n")
    elif ACTION == "read-flash":
        offset, length = int(ARGUMENTS[0], 0), int(ARGUMENTS[1], 0)
        short = 10 if FAULT == "reads short" else 0
        Path(ARGUMENTS[2]).write_bytes(flash[offset : offset + length - short])
    elif ACTION == "write-flash":
        write(flash)


def write(flash):
    erase = "--erase-all" in ARGUMENTS
    if erase:
        flash[:] = b"\xff" * len(flash)
    offset, octets = int(ARGUMENTS[-2], 0), Path(ARGUMENTS[-1]).read_bytes()
    half = len(octets) // 2
    sys.stdout.write(f"Writing at 0x{offset:08x} [===>   ]  50.0% {half}/{len(octets)} bytes...\r")
    sys.stdout.flush()
    if FAULT == "breaks" or (FAULT == "breaks when fast" and BAUD > 115200):
        flash[offset : offset + half] = octets[:half]
        FLASH.write_bytes(flash)
        fail("\nA fatal error occurred: Packet content transfer stopped (received 8 bytes)\n")
    flash[offset : offset + len(octets)] = octets
    FLASH.write_bytes(flash)
    if FAULT == "damages":
        fail("\nA fatal error occurred: MD5 of file does not match data in flash!\n")
    sys.stdout.write(f"Writing at 0x{offset:08x} [=======] 100.0% done\nHash of data verified.\n")


main()
