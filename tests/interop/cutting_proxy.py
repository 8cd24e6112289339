# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A TCP proxy in front of a platform: keeps every byte that went through, and can cut.

It takes a whole request, passes it on, takes the whole answer, and gives that back; so a cut
happens at a known moment. Knows no more of HTTP than where a request ends.
"""

import re
import socket
from dataclasses import dataclass
from enum import Enum
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

TIMEOUT_S = 20.0
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)


class Cut(Enum):
    """When a connection is cut."""

    BEFORE_SERVER = "the server never sees the request"
    AFTER_SERVER = "the server has answered, the client never hears of it"


@dataclass(frozen=True)
class Exchange:
    """A request and its answer as they were on the wire. cut: the client got no answer."""

    request: bytes
    answer: bytes
    cut: Cut | None = None

    @property
    def line(self) -> str:
        """Method and target, such as `PUT /data/barri`."""
        return self.request.split(b" HTTP/1.1\r\n", 1)[0].decode()

    @property
    def body(self) -> bytes:
        """The request's body."""
        return self.request.partition(b"\r\n\r\n")[2]

    @property
    def status(self) -> int:
        """Of the answer; 0 when there was none."""
        return int(self.answer.split(b" ", 2)[1]) if self.answer else 0


class CuttingProxy:
    """Listens on a free loopback port while used as a context."""

    def __init__(self, port: int) -> None:
        """port: of the server behind, on this machine."""
        self.exchanges: list[Exchange] = []
        self._behind = port
        self._cuts: list[tuple[str, Cut]] = []
        self._tcp = _Tcp(self)
        self.url = f"http://127.0.0.1:{self._tcp.server_address[1]}"

    def __enter__(self) -> "CuttingProxy":
        Thread(target=self._tcp.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._tcp.shutdown()
        self._tcp.server_close()

    def cut_next(self, beginning: str, cut: Cut) -> None:
        """Cut the connection of the next request whose method and target begin like this."""
        self._cuts.append((beginning, cut))

    def lines(self, beginning: str = "") -> list[str]:
        """Method and target of the requests so far that begin like this."""
        return [one.line for one in self.exchanges if one.line.startswith(beginning)]

    def pass_on(self, request: bytes) -> bytes:
        """Ask the server behind; returns what the client is given, nothing after a cut."""
        line = Exchange(request, b"").line
        planned = next((one for one in self._cuts if line.startswith(one[0])), None)
        cut = None
        if planned is not None:
            self._cuts.remove(planned)
            cut = planned[1]
        answer = b"" if cut is Cut.BEFORE_SERVER else self._ask(request)
        self.exchanges.append(Exchange(request, answer, cut))
        return answer if cut is None else b""

    def _ask(self, request: bytes) -> bytes:
        answer = b""
        with socket.create_connection(("127.0.0.1", self._behind), TIMEOUT_S) as server:
            server.sendall(request)
            while piece := server.recv(65536):
                answer += piece
        return answer


class _Tcp(ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, proxy: CuttingProxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(StreamRequestHandler):
    """One connection: one request, one answer or none, closed."""

    timeout = TIMEOUT_S
    server: _Tcp

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return
            head += line
        length = _LENGTH.search(head)
        body = self.rfile.read(int(length[1])) if length else b""
        self.wfile.write(self.server.proxy.pass_on(head + body))
