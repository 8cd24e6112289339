# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A stand-in for an ESP32 whose flash loader listens, on a loopback socket instead of USB.

Speaks the serial protocol of Espressif's loader (esptool documentation, "Serial Protocol"): SLIP
frames, request 00 op length checksum, answer 01 op length value data status. It answers as the
loader's RAM part does, which the real esptool recognises by a zero in its answers to SYNC.
"""

import hashlib
import socket
import struct
import threading
import zlib

SYNC, READ_REG, BEGIN, DATA, MD5, ERASE_ALL, READ_FLASH = 0x08, 0x0A, 0x10, 0x11, 0x13, 0xD0, 0xD2
QUIETLY_DONE = {0x09, 0x0B, 0x0D, 0x0F, 0x12}  # write a register, parameters, attach, baud, end
MAGIC_REG, ESP32_MAGIC = 0x40001000, 0x00F01D83
SPI_W0 = 0x3FF42080
SECTOR = 4096


class RomBoard:
    """Use as a context manager. fault: silent, noise, unplugged, worn, worn once. flash: bytes."""

    def __init__(self, megabytes=4, fault=""):
        self.flash = bytearray(b"\xff" * (megabytes << 20))
        self.fault = fault
        self.packets = 0
        self._size_code = 0x14 + megabytes.bit_length() - 1  # JEDEC: 0x16 is 4 MB
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.1)
        self._stop = threading.Event()
        self.device = f"socket://127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self):
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._server.close()

    def _serve(self):
        while not self._stop.is_set():
            try:
                line, _ = self._server.accept()
            except TimeoutError:
                continue
            with line:
                line.settimeout(0.1)
                self._line = line
                self._talk()

    def _talk(self):
        buffer = b""
        while not self._stop.is_set():
            try:
                piece = self._line.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                return
            if not piece:
                return
            *frames, buffer = (buffer + piece).split(b"\xc0")
            for frame in frames:
                octets = frame.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")
                if len(octets) >= 8 and octets[0] == 0 and self.fault != "silent":
                    self._answer(octets)

    def _answer(self, request):
        _, op, _, _ = struct.unpack("<BBHI", request[:8])
        known = {
            SYNC: self._sync,
            READ_REG: self._register,
            BEGIN: self._begin,
            DATA: self._data,
            MD5: self._md5,
            ERASE_ALL: self._erase_all,
            READ_FLASH: self._read,
        }
        if op in known:
            known[op](request[8:])
        elif op in QUIETLY_DONE:
            self._say(op)
        else:
            self._say(op, status=b"\x01\x05")  # as a chip that does not know it

    def _sync(self, _):
        for _ in range(8):
            self._say(SYNC)

    def _md5(self, body):
        offset, size = struct.unpack("<II", body[:8])
        self._say(MD5, data=hashlib.md5(self.flash[offset : offset + size]).digest())

    def _erase_all(self, _):
        self.flash[:] = b"\xff" * len(self.flash)
        self._say(ERASE_ALL)

    def _register(self, body):
        (address,) = struct.unpack("<I", body[:4])
        registers = {MAGIC_REG: ESP32_MAGIC, SPI_W0: 0x4068 | self._size_code << 16}
        self._say(READ_REG, registers.get(address, 0))

    def _begin(self, body):
        size, _, _, offset = struct.unpack("<IIII", body[:16])
        self._inflate, self._at = zlib.decompressobj(), offset
        end = offset + -(-size // SECTOR) * SECTOR
        self.flash[offset:end] = b"\xff" * (end - offset)
        self._say(BEGIN)

    def _data(self, body):
        self.packets += 1
        if self.fault == "unplugged" and self.packets > 1:
            self._line.shutdown(socket.SHUT_RDWR)
            return
        for octet in self._inflate.decompress(body[16:]):  # programming only clears bits
            self.flash[self._at] &= octet
            self._at += 1
        if self.fault == "worn" or (self.fault == "worn once" and self.packets == 1):
            self.flash[self._at - 1] ^= 0x01
        self._say(DATA)

    def _read(self, body):
        self._say(READ_FLASH)
        offset, size = struct.unpack("<II", body[:8])
        octets = bytes(self.flash[offset : offset + size])
        for start in range(0, size, SECTOR):
            self._frame(octets[start : start + SECTOR])
        self._frame(hashlib.md5(octets).digest())

    def _say(self, op, value=0, data=b"", status=b"\x00\x00"):
        if self.fault == "noise":
            self._line.sendall(bytes([0x46, 0x12, op] * 9))
            return
        payload = data + status
        self._frame(struct.pack("<BBHI", 1, op, len(payload), value) + payload)

    def _frame(self, octets):
        escaped = octets.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
        self._line.sendall(b"\xc0" + escaped + b"\xc0")
