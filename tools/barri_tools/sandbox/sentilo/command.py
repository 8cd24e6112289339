# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""`barri sandbox sentilo`: the sandbox as a command, until it is interrupted.

The composition of the sandbox with the real clock and files; tests use SandboxServer.
"""

import signal
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from .core import SentiloSandbox
from .model import SENSOR_TYPES, Entity, Settings, Timing
from .record import Record
from .server import PAGE_TARGET, SandboxServer


def main(
    port: int = 8081,
    provider: str = "barri",
    token: str = "sandbox-token",  # noqa: S107 - opens nothing but this sandbox
    *,
    host: str = "127.0.0.1",
    sensor_types: Iterable[str] = (),
    quota: int = 0,
    max_body_bytes: int = 0,
    speed: float = 1.0,
    record_path: Path | None = None,
) -> None:
    """Serve until interrupted.

    `sensor_types` are added to the few that a fresh city has; `quota` is requests per hour and
    `max_body_bytes` a body's limit (0: none); `speed` 10 makes the city's caches ten times as
    quick; `record_path` gets a JSON line for everything that arrives.
    """
    with ExitStack() as stack:
        write_line = None
        if record_path is not None:
            write_line = stack.enter_context(record_path.open("a", buffering=1)).write
        settings = Settings(
            Timing().scaled(1 / speed),
            max_body_bytes,
            sensor_types=SENSOR_TYPES | frozenset(sensor_types),
        )
        sandbox = SentiloSandbox(
            [Entity(provider, token, quota)], settings, Record(write_line), time.time()
        )
        server = stack.enter_context(SandboxServer(sandbox, time.time, port, host))
        sys.stdout.write(f"Sandbox of a Sentilo city for provider {provider}: {server.url}\n")
        sys.stdout.write(f"What it holds: {server.url}{PAGE_TARGET}\n")
        sys.stdout.flush()
        _wait_for_interrupt()


def _wait_for_interrupt() -> None:
    """Also where whoever started this had interrupts ignored, as shells do in the background."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    sys.stdout.write("Sandbox stopped.\n")
