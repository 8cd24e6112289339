# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The HTTP edge of the sandbox: a thread per connection, one request each, then it is closed.

Carries out the fault plan and keeps the record of bytes. Loopback only unless told otherwise.
The clock is injected; only this module touches sockets.
"""

import email.utils
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

from .core import SentiloSandbox
from .errors import internal
from .faults import End, Fault, FaultPlan
from .headers import error_response
from .http_reader import BadRequestError, RawReader, read_body, read_head
from .model import Request, Response
from .page import render

READ_TIMEOUT_S = 5.0  # the platform's default socket timeout
LONGEST_HANG_S = 600.0
PAGE_TARGET = "/sandbox"


class SandboxServer:
    """Serves one sandbox. Use it as a context manager, or start() and stop().

    `port` 0 takes a free one, `.port` says which. The sandbox may be looked at from other
    threads while `.lock` is held.
    """

    def __init__(
        self,
        sandbox: SentiloSandbox,
        clock: Callable[[], float],
        port: int = 0,
        host: str = "127.0.0.1",
        faults: FaultPlan | None = None,
    ) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self.faults = faults or FaultPlan()
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.host, self.port = host, port
        self._tcp: _Tcp | None = None

    @property
    def url(self) -> str:
        """Where a client begins, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        """Listen and serve in the background."""
        self._tcp = _Tcp(self)
        self.port = self._tcp.server_address[1]
        threading.Thread(
            target=self._tcp.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def stop_listening(self) -> None:
        """From now on connections are refused; start() takes the same port again."""
        if self._tcp is not None:
            self._tcp.shutdown()
            self._tcp.server_close()
            self._tcp = None

    def stop(self) -> None:
        """Stop for good and let hanging connections go."""
        self.stopping.set()
        self.stop_listening()

    def __enter__(self) -> "SandboxServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def serve(self, request: Request, raw: bytes) -> Response | End:
        """Answer one whole request, or say how the connection is to end without an answer."""
        with self.lock:
            now = self.clock()
            fault = self.faults.take(request, now)
            response = self._answer(request, now, fault)
            ends = fault is not None and fault.end is not End.ERROR
            self.sandbox.record.requested(raw, 0 if ends else response.status, now)
            return fault.end if fault is not None and ends else response

    def page(self) -> Response:
        """What the sandbox city holds now; not counted as a request to it."""
        with self.lock:
            body = render(self.sandbox, self.clock()).encode()
        return Response(
            200,
            (
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Length", str(len(body))),
                ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
                ("Connection", "close"),
            ),
            body,
        )

    def _answer(self, request: Request, now: float, fault: Fault | None) -> Response:
        if fault is None:
            return self.sandbox.handle(request, now)
        response = error_response(request, internal(), [], now)
        if fault.store != 0:
            served = self.sandbox.handle(request, now, fault.store)
            response = response if served.status == 200 else served
        return response


class _Tcp(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 50

    def __init__(self, edge: SandboxServer) -> None:
        self.edge = edge
        super().__init__((edge.host, edge.port), _Handler)


class _Handler(StreamRequestHandler):
    """One connection: one request, one answer, closed."""

    timeout = READ_TIMEOUT_S
    server: _Tcp

    def handle(self) -> None:
        edge = self.server.edge
        if edge.faults.resets(edge.clock()):
            self._reset()
            return
        with suppress(TimeoutError, ConnectionError):
            self._serve(edge)

    def _serve(self, edge: SandboxServer) -> None:
        reader = RawReader(self.rfile)  # type: ignore[arg-type]
        try:
            head = read_head(reader)
            if (head.header("Expect") or "").lower() == "100-continue":
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request = read_body(reader, head)
        except BadRequestError as error:
            self._send(_plain(error, edge.clock()))
            return
        if request.target == PAGE_TARGET:
            self._send(edge.page())
            return
        answer = edge.serve(request, reader.raw)
        if isinstance(answer, Response):
            self._send(answer)
        elif answer is End.HANG:
            edge.stopping.wait(LONGEST_HANG_S)

    def _send(self, response: Response) -> None:
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        head = "\r\n".join(lines).encode("latin-1", "replace")
        self.wfile.write(head + b"\r\n\r\n" + response.body)

    def _reset(self) -> None:
        connection: Any = self.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def _plain(error: BadRequestError, now: float) -> Response:
    body = str(error).encode("ascii", "replace")
    return Response(
        error.status,
        (
            ("Date", email.utils.formatdate(now, usegmt=True)),
            ("Content-Length", str(len(body))),
            ("Content-Type", "text/plain; charset=US-ASCII"),
            ("Connection", "Close"),
        ),
        body,
    )
