# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sentilo as a sink: one request for many sensors, partial refusals, read-back, catalogue.

One Sentilo sensor per consent era, one component per pseudonym. PUT is not idempotent there,
so nothing is ever sent again here; that is decided by `services.doubt`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2

from barri.adapters.sinks import sentilo_messages as messages
from barri.adapters.sinks.exchange import Answer, Exchange
from barri.adapters.sinks.sentilo_answers import check, content, details, receipt
from barri.domain.secret import Secret
from barri.domain.sharing import (
    Era,
    Pseudonym,
    SharedDatastream,
    SharedObservation,
    SharedThing,
)
from barri.errors import ConfigError, SinkInDoubtError, SinkRefusedError
from barri.ports import Receipt, Registration

READABLE = 200  # observations of one sensor in one answer; no more can be read back
WEEK_S = 7 * 86_400

_PROVIDER = re.compile(r"[0-9a-zA-Z_@-]{1,100}")
_NO_TYPE = re.compile(r"Sensor (\S+): invalid value for field type")
_EXISTS = re.compile(r"Sensor (\S+) : sensor with the same id already exists")


@dataclass(frozen=True, slots=True)
class SentiloSettings:
    """What differs from city to city.

    types: the city's sensor type for each of our quantities, where it differs from the default.
    retention_s: how long the platform keeps values. most_bytes: of one request's body.
    """

    recipient: str
    url: str
    provider: str
    token: Secret
    types: Mapping[str, str] = field(default_factory=dict)
    component_type: str = "generic"
    retention_s: int = WEEK_S
    most_bytes: int = 64 * 1024
    timeout_s: float = 20.0


class SentiloSink:
    """One provider of one Sentilo platform. See `barri.ports.Sink`."""

    most_rows = 1000
    most_rows_of_stream = READABLE

    def __init__(
        self, settings: SentiloSettings, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        """Raises ConfigError. transport: for tests."""
        if not _PROVIDER.fullmatch(settings.provider):
            raise ConfigError("sink.provider", "use letters, digits, - _ @")
        self.name = settings.recipient
        self.retention_s = settings.retention_s
        self.most_bytes = settings.most_bytes
        self._token = settings.token
        self._types = {**messages.DEFAULT_TYPES, **settings.types}
        self._component_type = settings.component_type
        self._provider = quote(settings.provider, safe="@")
        self._exchange = Exchange(
            settings.url,
            "IDENTITY_KEY",
            settings.token,
            timeout_s=settings.timeout_s,
            transport=transport,
        )

    def encode(self, shared: Sequence[SharedObservation]) -> bytes:
        """The body of one request for all these values."""
        return messages.publish(shared)

    async def send(self, body: bytes) -> Receipt:
        """Publish. Raises SinkError."""
        answer = await self._exchange.ask("PUT", f"/data/{self._provider}", body)
        return receipt(answer, self._token)

    async def read_back(self, stream: Era, ends_s: Sequence[int]) -> dict[int, set[str]]:
        """What is there at these moments. Halves the span as long as an answer may be cut off."""
        wanted = sorted(set(ends_s))
        rows = await self._read(stream, wanted[0], wanted[-1]) if wanted else []
        if len(rows) >= READABLE and len(wanted) > 1:
            middle = len(wanted) // 2
            first = await self.read_back(stream, wanted[:middle])
            return first | await self.read_back(stream, wanted[middle:])
        held: dict[int, set[str]] = {}
        for moment_s, text in rows:
            held.setdefault(moment_s, set()).add(text)
        return {moment_s: held[moment_s] for moment_s in wanted if moment_s in held}

    async def _read(self, stream: Era, from_s: int, to_s: int) -> list[tuple[int, str]]:
        """(Unix s, text) of a sensor, both ends included. `time` counts: texts lie about zones."""
        query = f"from={messages.timestamp(from_s)}&to={messages.timestamp(to_s)}&limit={READABLE}"
        answer = await self._exchange.ask("GET", f"/data/{self._provider}/{stream}?{query}")
        check(answer, self._token)
        rows = content(answer).get("observations")
        if not isinstance(rows, list):
            raise SinkInDoubtError("the answer to reading back makes no sense")
        return [_row(row) for row in rows]

    async def known(self, thing: SharedThing) -> set[str]:
        """The sensors of a Thing that the catalogue shows; those switched off are not shown."""
        answer = await self._exchange.ask("GET", f"/catalog?component={thing.pseudonym}")
        check(answer, self._token)
        providers = content(answer).get("providers", [])  # left out when there are none
        if not isinstance(providers, list) or not answer.body.startswith(b"{"):
            raise SinkRefusedError(
                "the catalogue does not answer as Sentilo's: check the url", "address"
            )
        return {
            str(sensor.get("sensor"))
            for provider in _objects(providers)
            for sensor in _objects(provider.get("sensors"))
        }

    async def register(
        self, thing: SharedThing, streams: Sequence[SharedDatastream]
    ) -> Registration:
        """Add sensors: all or, when the city has no type for one or has one already, none."""
        body = messages.announce(thing, streams, self._types, self._component_type)
        answer = await self._exchange.ask("POST", f"/catalog/{self._provider}", body)
        refused = self._typeless(answer, streams)
        there = {found[1] for text in details(answer) if (found := _EXISTS.search(text))}
        if answer.status == 400 and (refused or there):
            return Registration(frozenset(there), refused)
        check(answer, self._token)
        return Registration(frozenset(one.stream for one in streams))

    def _typeless(
        self, answer: Answer, sent: Sequence[SharedDatastream]
    ) -> dict[str, SinkRefusedError]:
        """Which of the streams sent the city has no sensor type for, and what to do about it."""
        named = {found[1] for text in details(answer) if (found := _NO_TYPE.search(text))}
        return {
            one.stream: SinkRefusedError(
                f"the platform has no sensor type {self._types.get(one.quantity)!r}: ask its"
                f" operator for one, or set types.{one.quantity} to one that it has",
                "no_type",
            )
            for one in sent
            if one.stream in named
        }

    async def erase(self, streams: Sequence[Era], things: Sequence[Pseudonym]) -> None:
        """Delete sensors, then components; what is not there counts as erased."""
        bodies = [messages.erase_sensors(streams)] if streams else []
        bodies += [messages.erase_components(things)] if things else []
        for body in bodies:
            path = f"/catalog/{self._provider}?method=delete"
            check(await self._exchange.ask("PUT", path, body), self._token)


def _objects(found: Any) -> list[dict[str, Any]]:
    """The objects in what should be a list of them."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _row(row: Any) -> tuple[int, str]:
    if not isinstance(row, dict) or not isinstance(row.get("time"), int):
        raise SinkInDoubtError("the answer to reading back makes no sense")
    return row["time"] // 1000, str(row.get("value"))
