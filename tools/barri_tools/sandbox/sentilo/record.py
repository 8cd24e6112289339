# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The sandbox's own record: what really arrived, kept apart from what it can give back.

Lost, duplicated and leaked are computed from these rows, never from what a client says.
Nothing is ever removed from it, not even by a DELETE. Imports only the plain models.
"""

import base64
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from .catalogue import Change
from .store import Observation

_TOKEN_LINE = re.compile(rb"(?im)^(identity_key:[ \t]*)[^\r\n]*")
MAX_REQUESTS = 20_000


@dataclass(frozen=True)
class StoredRow:
    """One stored observation. `arrival` counts from 0 over all sensors."""

    arrival: int
    request: int
    provider: str
    sensor: str
    value: str
    time_ms: int
    location: str | None
    received_s: float


@dataclass(frozen=True)
class CatalogueRow:
    """One change of the catalogue: action create, update or delete; kind sensor or component."""

    arrival: int
    request: int
    action: str
    kind: str
    provider: str
    name: str
    fields: dict[str, Any]
    received_s: float


@dataclass(frozen=True)
class DeletedRow:
    """One observation taken away by DELETE /data."""

    request: int
    provider: str
    sensor: str
    value: str
    time_ms: int
    received_s: float


@dataclass(frozen=True)
class RequestRow:
    """One request's exact bytes, with the status answered (0: no answer was sent)."""

    request: int
    received_s: float
    status: int
    raw: bytes = field(repr=False)

    def masked(self) -> bytes:
        """The bytes without the credential."""
        return _TOKEN_LINE.sub(rb"\1***", self.raw)


Row = StoredRow | CatalogueRow | DeletedRow | RequestRow


class Record:
    """Rows in memory, and as JSON lines to `write_line` when that is given.

    The newest MAX_REQUESTS raw requests are kept in memory; `requests_dropped` counts older ones.
    """

    def __init__(self, write_line: Callable[[str], object] | None = None) -> None:
        self.observations: list[StoredRow] = []
        self.catalogue: list[CatalogueRow] = []
        self.deleted: list[DeletedRow] = []
        self.requests: deque[RequestRow] = deque(maxlen=MAX_REQUESTS)
        self.request_count = 0
        self._write_line = write_line

    @property
    def requests_dropped(self) -> int:
        """Requests whose bytes are no longer in memory."""
        return self.request_count - len(self.requests)

    def stored(self, observation: Observation, now: float) -> None:
        """Note an observation in the moment it is stored."""
        row = StoredRow(
            len(self.observations), self.request_count, received_s=now, **asdict(observation)
        )
        self.observations.append(row)
        self._line(row)

    def catalogued(self, provider: str, change: Change, now: float) -> None:
        """Note a change of the catalogue."""
        row = CatalogueRow(
            len(self.catalogue),
            self.request_count,
            change.action,
            change.kind,
            provider,
            change.name,
            change.fields,
            now,
        )
        self.catalogue.append(row)
        self._line(row)

    def erased(self, observation: Observation, now: float) -> None:
        """Note an observation that a DELETE took away."""
        row = DeletedRow(
            self.request_count,
            observation.provider,
            observation.sensor,
            observation.value,
            observation.time_ms,
            now,
        )
        self.deleted.append(row)
        self._line(row)

    def requested(self, raw: bytes, status: int, now: float) -> None:
        """Note a finished request; rows noted before it carry its number."""
        row = RequestRow(self.request_count, now, status, raw)
        self.requests.append(row)
        self.request_count += 1
        self._line(row)

    def lines(self) -> list[str]:
        """All rows in memory as JSON lines, by kind."""
        rows: list[Row] = [*self.requests, *self.catalogue, *self.observations, *self.deleted]
        return [to_line(row) for row in rows]

    def _line(self, row: Row) -> None:
        if self._write_line is not None:
            self._write_line(to_line(row))


_KINDS: dict[type, str] = {
    StoredRow: "observation",
    CatalogueRow: "catalogue",
    DeletedRow: "deleted",
    RequestRow: "request",
}


def to_line(row: Row) -> str:
    """One row as a JSON line; raw bytes in base64, the credential masked."""
    fields = asdict(row)
    if isinstance(row, RequestRow):
        fields["raw"] = base64.b64encode(row.masked()).decode()
    return json.dumps({"row": _KINDS[type(row)]} | fields) + "\n"
