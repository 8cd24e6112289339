# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One HTTP request, once: no retries, no kept connections, no redirects, bounded answers.

The client's errors are turned into what follows from them: nothing was sent, or nobody knows.
They are never chained, since they carry the request and with it the token.
"""

import asyncio
import ssl
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import httpx2

from barri.domain.secret import Secret
from barri.errors import SinkError, SinkInDoubtError, SinkRefusedError, SinkUnreachableError

MOST_ANSWER_BYTES = 1 << 20
_NOTHING_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_NOT_SENDABLE = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL)


class Answer(NamedTuple):
    """What came back. headers: names in lower case. whole: the body was not cut off."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool


class Exchange:
    """Asks one server. The token goes into the named header and nowhere else."""

    def __init__(
        self,
        url: str,
        header: str,
        token: Secret,
        *,
        timeout_s: float = 20.0,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """url: where paths begin. timeout_s: for the whole exchange. transport: for tests."""
        self._url = url.rstrip("/")
        self._header = header
        self._token = token
        self._timeout_s = timeout_s
        self._transport = transport
        self._tls = _tls()

    async def ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Send one request. Raises SinkUnreachable-, SinkInDoubt- or SinkRefusedError."""
        try:
            async with asyncio.timeout(self._timeout_s), self._client() as client:
                return await self._ask(client, method, path, body)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            meaning = _meaning(error)
        raise meaning

    def _client(self) -> httpx2.AsyncClient:
        transport = self._transport or httpx2.AsyncHTTPTransport(
            verify=self._tls, retries=0, limits=httpx2.Limits(max_keepalive_connections=0)
        )
        return httpx2.AsyncClient(
            transport=transport,
            timeout=self._timeout_s / 2,
            follow_redirects=False,
            trust_env=False,  # no proxies and no .netrc from the surroundings
        )

    async def _ask(
        self, client: httpx2.AsyncClient, method: str, path: str, body: bytes | None
    ) -> Answer:
        headers = {
            self._header: self._token.reveal(),
            "Connection": "close",
            "Accept-Encoding": "identity",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        async with client.stream(method, self._url + path, content=body, headers=headers) as got:
            received = bytearray()
            async for piece in got.aiter_raw():
                received += piece
                if len(received) > MOST_ANSWER_BYTES:
                    break
        whole = len(received) <= MOST_ANSWER_BYTES
        found = {name.lower(): value for name, value in got.headers.items()}
        return Answer(got.status_code, found, bytes(received[:MOST_ANSWER_BYTES]), whole)


@cache
def _tls() -> ssl.SSLContext:
    """One for all sinks: reading the system's certificates takes a while."""
    return httpx2.create_ssl_context()


def _meaning(error: Exception) -> SinkError:
    """What follows from a client's error; nothing of its text is taken over."""
    kind = type(error).__name__
    if isinstance(error, _NOTHING_SENT):
        return SinkUnreachableError(f"no connection ({kind})")
    if isinstance(error, _NOT_SENDABLE):
        advice = f"the address cannot be used ({kind}): check the sink's url"
        return SinkRefusedError(advice, "address")
    return SinkInDoubtError(f"no answer ({kind})")
