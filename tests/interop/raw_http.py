# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One HTTP exchange over a plain socket, so that not a byte is hidden by a library."""

import socket
from dataclasses import dataclass, field

TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Answer:
    """Status, headers as sent (in order), body, and whether the server closed the connection."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    closed: bool = True


def request_bytes(method: str, target: str, headers: dict[str, str], body: bytes | None) -> bytes:
    """A request as it goes on the wire; no body means no Content-Length either."""
    lines = [f"{method} {target} HTTP/1.1", "Host: city.example"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


def exchange(port: int, request: bytes) -> Answer:
    """Send one request and read until the server closes (or until the time is up)."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
        connection.sendall(request)
        received, closed = b"", False
        try:
            while chunk := connection.recv(65536):
                received += chunk
            closed = True
        except TimeoutError:
            pass
    return parse(received, closed)


def parse(received: bytes, closed: bool) -> Answer:
    """Split the bytes of an answer; status 0 when there was none."""
    if not received:
        return Answer(0, closed=closed)
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return Answer(int(first.split()[1]), pairs, body, closed)
