# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Reads one HTTP/1.1 request from a socket file, keeping its exact bytes.

Everything is bounded: head, body, chunks. Imports only the request model.
"""

from typing import BinaryIO

from .model import Request

MAX_HEAD_BYTES = 65_536
# What HttpCore lets through to the platform, which then knows four of them.
KNOWN_METHODS = frozenset(
    ["GET", "HEAD", "OPTIONS", "TRACE", "CONNECT", "POST", "PUT", "PATCH", "DELETE"]
)
MAX_BODY_BYTES = 16 * 1024 * 1024


class BadRequestError(Exception):
    """Bytes that are no request (400) or an unknown method (501); the text is for the client."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class RawReader:
    """Reads through and remembers what it read."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.raw = b""

    def line(self) -> bytes:
        """The next line with its end, at most MAX_HEAD_BYTES of all."""
        line = self._source.readline(MAX_HEAD_BYTES + 1)
        self.raw += line
        if len(self.raw) > MAX_HEAD_BYTES + MAX_BODY_BYTES or not line.endswith(b"\n"):
            raise BadRequestError("Truncated or oversized request")
        return line

    def exactly(self, count: int) -> bytes:
        """The next `count` bytes."""
        if not 0 <= count <= MAX_BODY_BYTES:
            raise BadRequestError("Oversized body")
        data = self._source.read(count)
        self.raw += data
        if len(data) < count:
            raise BadRequestError("Truncated body")
        return data


def read_head(reader: RawReader) -> Request:
    """Request line and headers. Header bytes are Latin-1, as HttpCore reads them."""
    method, _, rest = reader.line().decode("latin-1").rstrip("\r\n").partition(" ")
    target, _, version = rest.partition(" ")
    if not version.startswith("HTTP/1."):
        raise BadRequestError(f"Not a valid protocol version: {version}")
    if method.upper() not in KNOWN_METHODS:
        raise BadRequestError(f"{method} method not supported", 501)
    headers: dict[str, str] = {}
    while line := reader.line().decode("latin-1").strip("\r\n"):
        name, colon, value = line.partition(":")
        if not colon or "\r" in line or len(reader.raw) > MAX_HEAD_BYTES:
            raise BadRequestError("Invalid header")
        headers.setdefault(name.strip(), value.strip())
    return Request(method, target, headers)


def read_body(reader: RawReader, head: Request) -> Request:
    """The request with its body: by length, by chunks (length then unknown, -1), or none."""
    if (head.header("Transfer-Encoding") or "").lower() == "chunked":
        return Request(head.method, head.target, head.headers, _chunks(reader), length=-1)
    length = head.header("Content-Length") or "0"
    if not length.isdecimal() or len(length) > 12:
        raise BadRequestError("Invalid content length")
    return Request(head.method, head.target, head.headers, reader.exactly(int(length)))


def _chunks(reader: RawReader) -> bytes:
    body = b""
    while size := _chunk_size(reader.line()):
        body += reader.exactly(size)
        reader.line()
        if len(body) > MAX_BODY_BYTES:
            raise BadRequestError("Oversized body")
    while reader.line().strip():
        pass
    return body


def _chunk_size(line: bytes) -> int:
    text = line.split(b";")[0].strip()
    if not 0 < len(text) <= 8 or text.strip(b"0123456789abcdefABCDEF"):
        raise BadRequestError("Bad chunk header")
    return int(text, 16)
