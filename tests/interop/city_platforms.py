# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The two platforms that the same statements are made about: our sandbox and the real server.

Both are read over HTTP only, and by this module's own code. Both learn of new and deleted
sensors when the catalogue's job runs, every `job_s` seconds of simulated time.
"""

import json
from datetime import UTC, datetime
from typing import Protocol

from raw_http import Answer, exchange, request_bytes
from sentilo_server import RealSentilo

from barri_tools.sandbox.sentilo import Entity, SandboxServer, SentiloSandbox, Settings, Timing

MOST_ROWS = 50  # of one sensor in an answer about a whole provider
LAST_S = 4_102_444_799  # 2099-12-31T23:59:59Z
Held = dict[str, list[tuple[int, str]]]


class Platform(Protocol):
    """A running platform with one provider of ours."""

    port: int
    provider: str
    token: str

    def time_is(self, now_s: float) -> None:
        """Let the catalogue's job run if its time has come."""


class SandboxPlatform:
    """The sandbox: a stand-in, whose agreement with the real server other tests are about."""

    def __init__(self, provider: str, token: str, job_s: int, now_s: float) -> None:
        self.provider, self.token = provider, token
        self._now_s = now_s
        settings = Settings(timing=Timing(credentials_s=0, sensors_s=job_s))
        sandbox = SentiloSandbox([Entity(provider, token)], settings, start_s=now_s)
        self._server = SandboxServer(sandbox, lambda: self._now_s)
        self._server.start()
        self.port = self._server.port

    def time_is(self, now_s: float) -> None:
        self._now_s = now_s

    def close(self) -> None:
        self._server.stop()


class RealPlatform:
    """The real API server; behind it, a stand-in of the catalogue."""

    def __init__(
        self, server: RealSentilo, provider: str, token: str, job_s: int, now_s: float
    ) -> None:
        self.port = server.port
        self.provider, self.token = provider, token
        self._server = server
        self._job_s = job_s
        self._next_s = now_s + job_s

    def time_is(self, now_s: float) -> None:
        while now_s >= self._next_s:
            self._next_s += self._job_s
            self._server.carry_over()

    def close(self) -> None:
        self._server.carry_over()  # nothing is left over for the next test


def held(platform: Platform, from_s: int = 0, to_s: int = LAST_S) -> Held:
    """Everything that the platform holds of the provider: (Unix s, text) by sensor, in order.

    Both ends included. The span is halved as long as an answer may have been cut off.
    """
    query = f"from={_written(from_s)}&to={_written(to_s)}&limit={MOST_ROWS}"
    answer = ask(platform, "GET", f"/data/{platform.provider}?{query}")
    assert answer.status == 200, answer
    found: Held = {
        one["sensor"]: sorted(_row(row) for row in one["observations"])
        for one in json.loads(answer.body)["sensors"]
    }
    if from_s == to_s or all(len(rows) < MOST_ROWS for rows in found.values()):
        return found
    middle_s = (from_s + to_s) // 2
    parts = held(platform, from_s, middle_s), held(platform, middle_s + 1, to_s)
    return {
        name: [row for part in parts for row in part.get(name, [])]
        for name in sorted(parts[0].keys() | parts[1].keys())
    }


def ask(platform: Platform, method: str, target: str, body: bytes | None = None) -> Answer:
    """One request as the provider, straight to the platform."""
    headers = {"IDENTITY_KEY": platform.token, "Connection": "close"}
    return exchange(platform.port, request_bytes(method, target, headers, body))


def catalogue(platform: Platform) -> dict[str, dict[str, object]]:
    """The provider's sensors as GET /catalog shows them."""
    answer = ask(platform, "GET", "/catalog")
    assert answer.status == 200, answer
    providers = json.loads(answer.body).get("providers", [])
    assert [one["provider"] for one in providers] in ([], [platform.provider])
    return {sensor["sensor"]: sensor for one in providers for sensor in one["sensors"]}


def _row(row: dict[str, object]) -> tuple[int, str]:
    """The text of the timestamp, read as UTC, must say what the number says."""
    read = datetime.strptime(str(row["timestamp"]), "%d/%m/%YT%H:%M:%S").replace(tzinfo=UTC)
    assert row["time"] == read.timestamp() * 1000, row
    return int(read.timestamp()), str(row["value"])


def _written(moment_s: int) -> str:
    return datetime.fromtimestamp(moment_s, UTC).strftime("%d/%m/%YT%H:%M:%S")
