# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A served house and a real Chromium to look at it with. Skipped by name without Chromium."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def missing(what: str) -> None:
    pytest.skip(f"{what} is missing: install Debian's package chromium")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_open(port: int, process: "subprocess.Popen[bytes]") -> None:
    """The server is another process: real waiting, but for an event, and bounded."""
    deadline_s = time.monotonic() + 30
    while time.monotonic() < deadline_s and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"the page did not start; exit status {process.poll()}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="module")
def address(folder: Path, browser: Any) -> Iterator[str]:
    """The page of a fresh house."""
    port = free_port()
    command = [sys.executable, str(HERE / "house.py"), str(folder), str(port)]
    process = subprocess.Popen(command)
    try:
        wait_until_open(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        assert process.wait(timeout=15) in (0, -15), "the page did not stop as it should"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = shutil.which("chromium")
    if program is None:
        missing("Chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=program, args=list(SWITCHES))
        yield chromium
        chromium.close()


class Visit:
    """An open page, everything it asked for, and what its console complained of."""

    def __init__(self, context: Any, address: str, width: int) -> None:
        self.page = context.new_page()
        self.page.set_viewport_size({"width": width, "height": 900})
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda websocket: self.asked.append(websocket.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._listen)
        self.address = address

    def _listen(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def open(self, path: str = "/ca") -> Any:
        self.page.goto(self.address + path)
        self.page.wait_for_selector(".tile .number")
        return self.page


@pytest.fixture(scope="module")
def person(browser: Any) -> Iterator[Any]:
    """One person's browser, which keeps what it has loaded; set to Spanish."""
    context = browser.new_context(locale="es-ES")
    yield context
    context.close()


@pytest.fixture
def visit(person: Any, address: str) -> Iterator[Any]:
    """visit(width=1280) opens a tab, and `.open("/ca")` the page in it."""
    visits: list[Visit] = []

    def make(width: int = 1280) -> Visit:
        visits.append(Visit(person, address, width))
        return visits[-1]

    yield make
    for each in visits:
        each.page.close()
