# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Updates over the air: offer, want and part, and the lines of a release's MANIFEST.

A MANIFEST's first line is `barri VERSION SERIAL ARCHITECTURE`, each other one `SHA256 SIZE PATH`
of a file. File 0 is the MANIFEST itself, file n its n-th such line. Loaded only for updates.
"""

from barri_wire.errors import FrameError
from barri_wire.message import begin, open_body
from barri_wire.octets import Reader, Writer
from barri_wire.values import Plain

WANT, OFFER, PART = 7, 8, 9

SIGNED_PREFIX = b"barri update\x00"  # no topic begins so: a tag is never a seal
PART_MAX_BYTES = 768
MANIFEST_MAX_BYTES = 65536
FILE_MAX_BYTES = 65535
FILES_MAX = 500
LINE_MAX_BYTES = 160
SERIAL_LIMIT = 1 << 24
ANY_RELEASE = 0  # wanted by a node that says no hello: offer what there is
ARCHITECTURES = {"x64": 2, "xtensawin": 10, "rv32imc": 11}  # as MicroPython numbers them
_SHA256_BYTES = 32
_TAG_BYTES = 16
_HEX = "0123456789abcdef"
_SUFFIXES = (".mpy", ".py", ".json")
_PATH_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"
_PATH_MAX_DEPTH = 4


class Offer(Plain):
    """Down: there is a release. architecture: of its code. sha256: of its MANIFEST of that size.

    tag: AES-CMAC under the node's key over SIGNED_PREFIX and sha256.
    """

    def __init__(
        self, serial: int, architecture: int, size: int, sha256: bytes, tag: bytes
    ) -> None:
        self.serial = serial
        self.architecture = architecture
        self.size = size
        self.sha256 = sha256
        self.tag = tag


class Want(Plain):
    """Up: send me this release's file (0: its MANIFEST) from `offset` (bytes) on."""

    def __init__(self, serial: int, architecture: int, file: int, offset: int) -> None:
        self.serial = serial
        self.architecture = architecture
        self.file = file
        self.offset = offset


class Part(Plain):
    """Down: 1 to 768 bytes of a file."""

    def __init__(self, serial: int, file: int, offset: int, content: bytes) -> None:
        self.serial = serial
        self.file = file
        self.offset = offset
        self.content = content


def encode_offer(offer: Offer) -> bytes:
    """Kind 8: serial 3, architecture 1, size 3, SHA-256 32, tag 16."""
    if len(offer.sha256) != _SHA256_BYTES or len(offer.tag) != _TAG_BYTES:
        raise FrameError("hash or tag of a wrong length")
    writer = begin(OFFER)
    writer.number(offer.serial, 3)
    writer.number(offer.architecture, 1)
    writer.number(_checked(offer.size, 1, MANIFEST_MAX_BYTES), 3)
    return bytes(writer.body) + offer.sha256 + offer.tag


def decode_offer(body: bytes) -> Offer:
    """Return the Offer in `body`; raises FrameError."""
    reader = open_body(body, OFFER)
    serial, architecture = reader.number(3), reader.number(1)
    size = _checked(reader.number(3), 1, MANIFEST_MAX_BYTES)
    offer = Offer(serial, architecture, size, reader.take(_SHA256_BYTES), reader.take(_TAG_BYTES))
    reader.end()
    return offer


def encode_want(want: Want) -> bytes:
    """Kind 7: serial 3, architecture 1, file 2, offset 3."""
    writer = begin(WANT)
    writer.number(want.serial, 3)
    writer.number(want.architecture, 1)
    _write_place(writer, want.file, want.offset)
    return bytes(writer.body)


def decode_want(body: bytes) -> Want:
    """Return the Want in `body`; raises FrameError."""
    reader = open_body(body, WANT)
    serial, architecture = reader.number(3), reader.number(1)
    want = Want(serial, architecture, *_read_place(reader))
    reader.end()
    return want


def encode_part(part: Part) -> bytes:
    """Kind 9: serial 3, file 2, offset 3, and the bytes up to the end."""
    _checked(len(part.content), 1, PART_MAX_BYTES)
    writer = begin(PART)
    writer.number(part.serial, 3)
    _write_place(writer, part.file, part.offset)
    return bytes(writer.body) + part.content


def decode_part(body: bytes) -> Part:
    """Return the Part in `body`; raises FrameError."""
    reader = open_body(body, PART)
    serial = reader.number(3)
    file, offset = _read_place(reader)
    return Part(serial, file, offset, reader.take(_checked(reader.left(), 1, PART_MAX_BYTES)))


def _write_place(writer: Writer, file: int, offset: int) -> None:
    writer.number(_checked(file, 0, FILES_MAX), 2)
    writer.number(_checked(offset, 0, MANIFEST_MAX_BYTES - 1), 3)


def _read_place(reader: Reader) -> "tuple[int, int]":
    file = _checked(reader.number(2), 0, FILES_MAX)
    return file, _checked(reader.number(3), 0, MANIFEST_MAX_BYTES - 1)


def _checked(value: int, lowest: int, highest: int) -> int:
    if not lowest <= value <= highest:
        raise FrameError("part of an update out of range")
    return value


# --- the MANIFEST ---


def parse_head(line: bytes) -> "tuple[str, int, str]":
    """Return (version, serial, architecture) of a MANIFEST's first line; raises FrameError."""
    words = _words(line, 4)
    if words[0] != "barri":
        raise FrameError("not a MANIFEST")
    return words[1], _decimal(words[2], 1, SERIAL_LIMIT - 1), words[3]


def parse_line(line: bytes) -> "tuple[str, int, str]":
    """Return (SHA-256 in hex, size, path) of a file's line; raises FrameError."""
    digest, size, path = _words(line, 3)
    if len(digest) != 2 * _SHA256_BYTES or not all([digit in _HEX for digit in digest]):
        raise FrameError("MANIFEST with a bad hash")
    if not is_path(path):
        raise FrameError("MANIFEST with a bad path")
    return digest, _decimal(size, 0, FILE_MAX_BYTES), path


def is_path(path: str) -> bool:
    """Say whether a release may write there: below its own folder, and code or data only."""
    parts = path.split("/")
    return (
        len(parts) <= _PATH_MAX_DEPTH
        and all([part and part[0] != "." for part in parts])
        and all([letter in _PATH_LETTERS for letter in path])
        and any([path.endswith(suffix) for suffix in _SUFFIXES])
        and path not in ("boot.py", "boot.mpy")  # the root's boot.py stands above all releases
    )


def _words(line: bytes, count: int) -> "list[str]":
    """The words of a whole line of printable ASCII: one blank between them, a newline after."""
    if len(line) > LINE_MAX_BYTES or line[-1:] != b"\n":
        raise FrameError("MANIFEST with a bad line")
    if not all([32 <= octet <= 126 for octet in line[:-1]]):
        raise FrameError("MANIFEST with a bad line")
    words = line[:-1].decode().split(" ")
    if len(words) != count or not all(words):
        raise FrameError("MANIFEST with a bad line")
    return words


def _decimal(digits: str, lowest: int, highest: int) -> int:
    if len(digits) > 8 or not all([digit in _HEX[:10] for digit in digits]):
        raise FrameError("MANIFEST with a bad number")
    return _checked(int(digits), lowest, highest)
