# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sends the list of requests to a server and masks what may differ between two runs.

Masked: the date, internal error codes, arrival times of the run itself, the length and text of
Java stack traces. Everything else must be equal, header order included.
"""

import json
import re
import time
from dataclasses import asdict, dataclass

from raw_http import Answer, exchange, request_bytes
from sentilo_requests import Case

_INTERNAL_CODE = re.compile(r"(SIE\d\d)-\d{13}")
_TIMES = re.compile(r'"timestamp":"[^"]*",((?:"location":"[^"]*",)?)"time":(\d{13})\b')
_TRACE = re.compile(r'("errorDetails":\[")(?:org\.sentilo|java\.|Sandbox:).*(?="\]\})', re.DOTALL)
_NOW_WINDOW_MS = 3_600_000


@dataclass(frozen=True)
class Masked:
    """One comparable answer."""

    name: str
    status: int
    headers: list[list[str]]
    body: str
    closed: bool

    def line(self) -> str:
        """As one JSON line."""
        return json.dumps(asdict(self))


def ask(port: int, case: Case) -> Masked:
    """Send one case and mask the answer."""
    headers = dict(case.headers)
    chunks = b""
    if case.chunked is not None:
        headers["Transfer-Encoding"] = "chunked"
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(case.chunked), case.chunked)
    if case.token is not None:
        headers = {"IDENTITY_KEY": case.token, **headers}
    request = request_bytes(case.method, case.target, headers, case.body) + chunks
    return mask(case.name, exchange(port, request))


def mask(name: str, answer: Answer) -> Masked:
    """Take out what no two runs have in common."""
    text = answer.body.decode("utf-8", "backslashreplace")
    text = _INTERNAL_CODE.sub(r"\1-MASKED", text)
    text = _TIMES.sub(_mask_now, text)
    text, traces = _TRACE.subn(r"\1STACK TRACE", text)
    varying = {"Date"} | ({"Content-Length"} if traces else set())
    headers = [[key, "MASKED" if key in varying else value] for key, value in answer.headers]
    return Masked(name, answer.status, headers, text, answer.closed)


def _mask_now(match: re.Match[str]) -> str:
    if abs(int(match[2]) - time.time() * 1000) > _NOW_WINDOW_MS:
        return match[0]
    return f'"timestamp":"NOW",{match[1]}"time":"NOW"'
