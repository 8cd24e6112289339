# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a simulated node's reset, deep sleep and watchdog are: ends of its process.

Whoever started the process starts it again, after the sleep that the file `reset` names. Without
that file the start is a power-on.
"""

import os
import sys

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

EXIT_RESTART = 75
EXIT_DEEP_SLEEP = 76
EXIT_WATCHDOG = 77
_RETAINED_BYTES = const(2048)


class SimulatedResets:
    """What outlives a reset but not the power, in two files beside the flash.

    `reset` says how the process before ended; without it the power was cut, and `retained`, the
    2048 bytes of `machine.RTC`, are lost. cause: of this start.
    """

    def __init__(self, directory: str) -> None:
        self._reset_path = directory + "/reset"
        self._retained_path = directory + "/retained"
        self.cause = _taken(self._reset_path).decode().split("\n")[0] or "power-on"
        if self.cause == "power-on":
            _taken(self._retained_path)

    def memory(self, data: "bytes | bytearray | None" = None) -> "bytes | None":
        """Read without `data`, else write, as `machine.RTC`."""
        if data is None:
            return _content(self._retained_path)
        if len(data) > _RETAINED_BYTES:
            raise ValueError("buffer too long")
        with open(self._retained_path, "wb") as file:
            file.write(data)
        return None

    def end(self, cause: str, code: int, duration_ms: int = 0) -> None:
        """End the process as a reset would; the second line says how long to sleep (ms)."""
        with open(self._reset_path, "w") as file:
            file.write("{}\n{}\n".format(cause, duration_ms))
        sys.exit(code)


class SimulatedWatchdog:
    """Bites in simulated time, when asyncio waits; a task that never waits stops time itself."""

    def __init__(self, now_us: "Callable[[], int]", bite: "Callable[[], None]") -> None:
        self._now_us = now_us
        self._bite = bite
        self._timeout_us = 0
        self._fed_us = 0

    def start(self, timeout_ms: int) -> None:
        """0 stops it."""
        self._timeout_us = timeout_ms * 1000
        self.feed()

    def feed(self) -> None:
        self._fed_us = self._now_us()

    def at_most(self, dt_ms: int) -> int:
        """How long asyncio may wait (below 0: for ever) before it has to be asked again."""
        if not self._timeout_us:
            return dt_ms
        left_ms = (self._fed_us + self._timeout_us - self._now_us() + 999) // 1000
        if left_ms <= 0:
            print("watchdog: not fed")  # noqa: T201
            self._bite()
        return left_ms if dt_ms < 0 else min(dt_ms, left_ms)


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            content: bytes = file.read()
            return content
    except OSError:
        return b""


def _taken(path: str) -> bytes:
    """A file's content; the file is gone afterwards."""
    content = _content(path)
    if content:
        os.remove(path)
    return content
