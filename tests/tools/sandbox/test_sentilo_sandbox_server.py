# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The sandbox over real sockets: connections, planned faults, the record of bytes, the page."""

import http.client
import json
import socket
from base64 import b64decode
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from sandbox_city import START_S, TOKEN

from barri_tools.sandbox.sentilo import (
    Entity,
    FaultPlan,
    Record,
    Request,
    SandboxServer,
    SentiloSandbox,
)
from barri_tools.sandbox.sentilo.faults import End, Fault

ROWS = json.dumps(
    {
        "observations": [
            {"value": str(n), "timestamp": f"17/09/2012T12:34:{n:02d}"} for n in range(5)
        ]
    }
)
SHORT_S = 0.3  # how long a client here waits for an answer that never comes


class Clock:
    """Seconds that move when told."""

    def __init__(self) -> None:
        self.now = START_S

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def server(clock: Clock, lines: list[str]) -> Iterator[SandboxServer]:
    sandbox = SentiloSandbox(
        [Entity("barri", TOKEN)], record=Record(lines.append), start_s=START_S
    )
    sandbox.load_sensor("barri", "S")
    with SandboxServer(sandbox, clock) as running:
        yield running


def put(server: SandboxServer, body: str = ROWS, timeout_s: float = 5.0) -> int:
    """The status of a PUT of five observations."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=timeout_s)
    try:
        connection.request("PUT", "/data/barri/S", body, {"IDENTITY_KEY": TOKEN})
        return connection.getresponse().status
    finally:
        connection.close()


def stored(server: SandboxServer) -> list[str]:
    return [row.value for row in server.sandbox.record.observations]


def test_the_connection_is_closed_after_each_answer_even_if_kept_alive(
    server: SandboxServer,
) -> None:
    request = (
        f"GET /data/barri/S HTTP/1.1\r\nHost: x\r\nIDENTITY_KEY: {TOKEN}\r\n"
        "Connection: keep-alive\r\n\r\n"
    ).encode()
    with socket.create_connection((server.host, server.port), 5) as connection:
        connection.sendall(request + request)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: keep-alive\r\n" in received


def test_a_time_out_after_storing_stores_all_and_answers_nothing(server: SandboxServer) -> None:
    server.faults.time_out_after_storing()
    with pytest.raises(TimeoutError):
        put(server, timeout_s=SHORT_S)
    assert stored(server) == ["0", "1", "2", "3", "4"]
    assert put(server) == 200
    assert len(stored(server)) == 10


def test_a_time_out_may_leave_a_stored_beginning(server: SandboxServer) -> None:
    server.faults.time_out_after_storing(store=2)
    with pytest.raises(TimeoutError):
        put(server, timeout_s=SHORT_S)
    assert stored(server) == ["0", "1"]


@pytest.mark.parametrize(("store", "kept"), [(0, 0), (3, 3), (None, 5)])
def test_a_500_stores_nothing_or_a_beginning_or_all(
    server: SandboxServer, store: int | None, kept: int
) -> None:
    server.faults.error_500(store=store)
    assert put(server) == 500
    assert len(stored(server)) == kept
    assert put(server) == 200


def test_hanging_stores_nothing(server: SandboxServer) -> None:
    server.faults.hang()
    with pytest.raises(TimeoutError):
        put(server, timeout_s=SHORT_S)
    assert stored(server) == []


def test_closing_early_gives_no_answer(server: SandboxServer) -> None:
    server.faults.close_early(store=1)
    with pytest.raises(http.client.RemoteDisconnected):
        put(server)
    assert stored(server) == ["0"]


def test_down_for_a_while_resets_connections_until_it_is_over(
    server: SandboxServer, clock: Clock
) -> None:
    server.faults.down(START_S + 10, START_S + 20)
    assert put(server) == 200
    clock.now += 10
    with pytest.raises(ConnectionError):
        put(server)
    clock.now += 10
    assert put(server) == 200


def test_connections_are_refused_while_it_does_not_listen(server: SandboxServer) -> None:
    port = server.port
    server.stop_listening()
    with pytest.raises(ConnectionRefusedError):
        put(server)
    server.start()
    assert server.port == port
    assert put(server) == 200


def test_faults_are_taken_in_order_and_only_by_what_they_are_meant_for() -> None:
    server = SandboxServer(
        SentiloSandbox([]),
        lambda: START_S,
        faults=FaultPlan(
            [
                Fault(End.ERROR, times=2, method="DELETE"),
                Fault(End.CLOSE, path="/catalog"),
            ]
        ),
    )
    asked = [
        ("GET", "/data/a"),
        ("DELETE", "/data/a"),
        ("POST", "/catalog/a"),
        ("DELETE", "/catalog/a"),
        ("DELETE", "/data/a"),
        ("POST", "/catalog/a"),
    ]
    taken = [server.faults.take(Request(*one), START_S) for one in asked]
    assert [one.end if one else None for one in taken] == [
        None,
        End.ERROR,
        End.CLOSE,
        End.ERROR,
        None,
        None,
    ]


def test_the_exact_bytes_of_every_request_are_recorded_with_their_status(
    server: SandboxServer,
) -> None:
    raw = (
        f"PUT /data/barri/S HTTP/1.1\r\nHost: x\r\nX-Odd:  two  spaces\r\nIDENTITY_KEY: {TOKEN}"
        f"\r\nTransfer-Encoding: chunked\r\n\r\n{len(ROWS):x}\r\n{ROWS}\r\n0\r\n\r\n"
    ).encode()
    with socket.create_connection((server.host, server.port), 5) as connection:
        connection.sendall(raw)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
    server.faults.close_early()
    with pytest.raises(http.client.RemoteDisconnected):
        put(server)
    rows = list(server.sandbox.record.requests)
    assert [(row.request, row.status) for row in rows] == [(0, 200), (1, 0)]
    assert rows[0].raw == raw
    assert {row.request for row in server.sandbox.record.observations} == {0}


def test_the_record_is_written_as_json_lines_without_the_token(
    server: SandboxServer, lines: list[str]
) -> None:
    put(server)
    kinds = [json.loads(line)["row"] for line in lines]
    assert kinds == ["observation"] * 5 + ["request"]
    first = json.loads(lines[0])
    assert (first["sensor"], first["value"]) == ("S", "0")
    assert (first["arrival"], first["request"]) == (0, 0)
    assert first["time_ms"] == 1347885240000  # 17/09/2012 12:34:00 UTC, GNU date
    assert TOKEN not in "".join(lines)
    request = b64decode(json.loads(lines[-1])["raw"])
    assert b"IDENTITY_KEY: ***\r\n" in request
    assert request.endswith(ROWS.encode())
    assert sorted(server.sandbox.record.lines()) == sorted(lines)


def test_deleting_is_recorded_and_takes_nothing_out_of_the_record(server: SandboxServer) -> None:
    put(server)
    connection = http.client.HTTPConnection(server.host, server.port, timeout=5)
    connection.request("DELETE", "/data/barri/S", headers={"IDENTITY_KEY": TOKEN})
    assert connection.getresponse().status == 200
    assert [row.value for row in server.sandbox.record.deleted] == ["4"]
    assert len(stored(server)) == 5


def page(server: SandboxServer) -> str:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=5)
    connection.request("GET", "/sandbox")
    return connection.getresponse().read().decode()


class References(HTMLParser):
    """Collects everything by which a page could ask for something else."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe", "object", "base", "form"):
            self.found.append(tag)
        self.found += [name for name, _ in attrs if name in ("src", "href", "srcset", "action")]


def test_the_page_shows_the_newest_values_and_says_that_it_is_a_sandbox(
    server: SandboxServer,
) -> None:
    put(server)
    text = page(server)
    assert "This is a sandbox" in text
    assert "<td>barri</td><td>S</td><td>online</td><td>4</td><td>17/09/2012T12:34:04</td>" in text
    assert server.sandbox.record.request_count == 1  # the page itself is not counted


def test_the_page_asks_for_nothing_and_escapes_what_was_published(server: SandboxServer) -> None:
    put(server, json.dumps({"observations": [{"value": "<img src=http://elsewhere.example/>"}]}))
    text = page(server)
    references = References()
    references.feed(text)
    assert references.found == []
    assert "url(" not in text
    assert "&lt;img src=http://elsewhere.example/&gt;" in text


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / FTP/9\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"\xff" * 100,
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"A" * 70_000,
        b"PUT / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
    ],
)
def test_bytes_that_are_no_request_get_a_400_or_nothing(
    server: SandboxServer, sent: bytes
) -> None:
    with socket.create_connection((server.host, server.port), 5) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        try:
            received = connection.recv(65536)
        except ConnectionResetError:
            received = b""
    assert received == b"" or received.split()[1] in (b"400", b"501")
    assert put(server) == 200
