# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Only browsers that opened the page by its own name get through the guard."""

import asyncio
from typing import Any

import pytest

from barri.errors import ConfigError
from barri.web.config import WebConfig
from barri.web.guard import Guard


class Recorder:
    """An application that notes that it was reached."""

    def __init__(self) -> None:
        self.reached = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached = True
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})


def ask(
    kind: str = "http", method: str = "GET", port: int = 8080, **headers: str
) -> tuple[bool, list[dict[str, Any]]]:
    """Send one request through a guard; returns whether it was let in, and the answer."""
    inside, answer = Recorder(), []
    guard = Guard(inside, ["127.0.0.1", "localhost", "[::1]", "barri.local"], port)
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "method": method, "headers": raw}

    async def send(message: dict[str, Any]) -> None:
        answer.append(message)

    asyncio.run(guard(scope, None, send))
    return inside.reached, answer


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "BARRI.local:8080"]
)
def test_the_pages_own_names_open_it(host: str) -> None:
    assert ask(host=host)[0]
    assert ask("websocket", host=host, origin=f"http://{host}")[0]


def test_port_80_needs_no_port() -> None:
    assert ask(port=80, host="barri.local")[0]
    assert not ask(host="barri.local")[0]


@pytest.mark.parametrize(
    "host", ["evil.example:8080", "127.0.0.1:9090", "127.0.0.1.evil.example:8080", ""]
)
def test_another_name_for_this_machine_is_refused(host: str) -> None:
    reached, answer = ask(host=host)
    assert not reached
    assert answer[0]["status"] == 403


def test_a_request_without_a_host_is_refused() -> None:
    assert not ask()[0]


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:9090",
        "null",
        "",
        "http://evil.example/localhost:8080",
        "http://user@localhost:8080",
    ],
)
@pytest.mark.parametrize(
    ("kind", "method"), [("http", "GET"), ("http", "POST"), ("websocket", "")]
)
def test_other_sites_pages_are_refused(origin: str, kind: str, method: str) -> None:
    assert not ask(kind, method, host="localhost:8080", origin=origin)[0]


def test_writes_and_websockets_must_say_where_they_come_from() -> None:
    assert not ask(method="POST", host="localhost:8080")[0]
    reached, answer = ask("websocket", host="localhost:8080")
    assert not reached
    assert answer == [{"type": "websocket.close", "code": 1008}]


def test_every_answer_tells_the_browser_to_ask_no_other_host() -> None:
    for host in ("localhost:8080", "evil.example:8080"):
        _, answer = ask(host=host)
        headers = dict(answer[0]["headers"])
        policy = headers[b"content-security-policy"].decode()
        assert policy.startswith("default-src 'self'")
        assert "frame-ancestors 'none'" in policy
        assert "http:" not in policy
        assert "https:" not in policy
        assert "*" not in policy
        assert headers[b"referrer-policy"] == b"no-referrer"


def test_the_page_listens_on_this_machine_alone_unless_told_otherwise(tmp_path: Any) -> None:
    assert WebConfig(tmp_path / "g.db", tmp_path / "h.db").host == "127.0.0.1"


@pytest.mark.parametrize("wrong", [{"language": "fr"}, {"port": 0}, {"coarser_windows_s": (70,)}])
def test_wrong_settings_are_named(tmp_path: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        WebConfig(tmp_path / "g.db", tmp_path / "h.db", **wrong)
