# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A sandbox city for tests, with a clock that only moves when told. No sockets."""

import json
from typing import Any

from barri_tools.sandbox.sentilo import (
    Entity,
    Request,
    Response,
    SentiloSandbox,
    Settings,
)

TOKEN = "token-of-barri"
START_S = 1_700_000_000.0


class City:
    """A sandbox with one provider, asked in short words."""

    def __init__(self, settings: Settings | None = None, *others: Entity, quota: int = 0) -> None:
        provider = Entity("barri", TOKEN, quota)
        self.sandbox = SentiloSandbox([provider, *others], settings, start_s=START_S)
        self.record = self.sandbox.record
        self.now = START_S

    def ask(
        self, method: str, target: str, body: object = b"", token: str | None = TOKEN
    ) -> Response:
        """One request; a body that is not bytes is sent as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if token is None else {"IDENTITY_KEY": token}
        return self.sandbox.handle(Request(method, target, headers, raw), self.now)

    def know(self, *names: str) -> "City":
        """Sensors that the API server knows already."""
        for name in names:
            self.sandbox.load_sensor("barri", name)
        return self

    def publish(self, sensor: str, *rows: dict[str, Any]) -> Response:
        """PUT observations of one sensor."""
        return self.ask("PUT", f"/data/barri/{sensor}", {"observations": list(rows)})

    def read(self, sensor: str, query: str = "?limit=200") -> list[dict[str, Any]]:
        """GET observations of one sensor."""
        answer = self.ask("GET", f"/data/barri/{sensor}{query}")
        assert answer.status == 200, answer
        return list(json.loads(answer.body)["observations"])

    def values(self, sensor: str, query: str = "?limit=200") -> list[str]:
        """Only the values, newest first."""
        return [row["value"] for row in self.read(sensor, query)]


def message(answer: Response) -> dict[str, Any]:
    """The JSON of an error."""
    return dict(json.loads(answer.body))
