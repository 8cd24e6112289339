# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Headers and body text: what the platform reads from a request and puts on an answer.

Pure. Imports the plain model and the errors.
"""

import email.utils
import re
from typing import Any

from .errors import ApiError, internal
from .messages import to_json
from .model import JSON_TYPE, VERSION, Request, Response
from .quota import QuotaState

# The answers after which HttpCore always announces the end of the connection.
_CLOSING = frozenset({400, 408, 411, 413, 414, 503, 501})
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s;\"]*)", re.IGNORECASE)
# Those a client may reasonably name; Java knows more.
_CHARSETS = frozenset(
    {
        "utf-8",
        "utf8",
        "utf-16",
        "utf-16be",
        "utf-16le",
        "us-ascii",
        "ascii",
        "iso-8859-1",
        "latin1",
        "iso-8859-15",
        "windows-1252",
    }
)
Quotas = list[tuple[str, QuotaState]]


def content_type(request: Request) -> str:
    """The type of a successful answer: that of the request, and JSON when it had none.

    An unknown charset makes the platform fall over (500).
    """
    sent = request.header("Content-Type")
    if sent is None or not sent.strip():
        return JSON_TYPE
    _charset(sent)
    parts = [re.sub(r"\s*=\s*", "=", part.strip()) for part in sent.replace('"', "").split(";")]
    return "; ".join(parts)


def body_text(request: Request) -> str:
    """The body in the charset of its type, UTF-8 by default; wrong bytes become U+FFFD."""
    sent = request.header("Content-Type") or ""
    return request.body.decode(_charset(sent), "replace")


def success(
    request: Request, body: bytes, answered_type: str, quotas: Quotas, now: float
) -> Response:
    """A 200, empty for everything but GET."""
    headers = (("Content-Type", answered_type), ("X-Sentilo-Version", VERSION))
    return _response(request, Response(200, headers, body), quotas, now)


def error_response(request: Request, error: ApiError, quotas: Quotas, now: float) -> Response:
    """The error as the platform's JSON; `errorDetails` only when there are some."""
    message: dict[str, Any] = {"code": error.status, "message": error.text(int(now * 1000))}
    if error.details:
        message["errorDetails"] = error.details
    bare = Response(error.status, (("Content-Type", JSON_TYPE),), to_json(message))
    return _response(request, bare, quotas, now)


def _response(request: Request, bare: Response, quotas: Quotas, now: float) -> Response:
    """`bare` with the headers that every answer has."""
    headers, status, body = list(bare.headers), bare.status, bare.body
    for prefix, state in sorted(quotas, key=lambda one: not one[0]):
        name = f"X-RateLimit-{prefix}Inbound-"
        headers += [
            (name + "Limit", str(state.limit)),
            (name + "Remaining", str(state.remaining)),
            (name + "Reset", str(state.reset_min)),
        ]
    headers += [
        ("Date", email.utils.formatdate(now, usegmt=True)),
        ("Content-Length", str(len(body))),
    ]
    asked = "Close" if status in _CLOSING else request.header("Connection")
    if asked:
        headers.append(("Connection", asked))
    return Response(status, tuple(headers), b"" if request.method == "HEAD" else body)


def _charset(sent: str) -> str:
    match = _CHARSET.search(sent)
    name = match[1] if match and match[1] else "utf-8"
    if name.lower() not in _CHARSETS:
        raise internal()
    return name
