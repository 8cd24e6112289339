# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The request target: strict URI syntax, decoded before it is split, as the platform does.

A "/" written as %2F therefore parts an id or value in two. Imports only the errors.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus

from .errors import internal, no_handler

# What java.net.URI takes unescaped in a path and in a query; non-ASCII letters are "other".
_PATH = re.compile(r"(?:[A-Za-z0-9_\-.!~*'():@&=+$,;/]|%[0-9A-Fa-f]{2}|[^\x00-\xa0])*")
_QUERY = re.compile(r"(?:[A-Za-z0-9_\-.!~*'():@&=+$,;/?\[\]]|%[0-9A-Fa-f]{2}|[^\x00-\xa0])*")
_TARGET = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)(?:\?([^#]*))?(?:#.*)?")
SERVICES = (
    "/catalog/alert",
    "/alarm",
    "/catalog",
    "/data",
    "/order",
    "/subscribe",
    "/admin",
)


@dataclass(frozen=True)
class Uri:
    """A target of good syntax: decoded path, and the last value of each query name."""

    target: str
    path: str
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Which service a path asks for (one of SERVICES), and the parts that follow it."""

    service: str
    parts: list[str]


def parse_uri(target: str) -> Uri:
    """Read a request target; ApiError 500 when java.net.URI would refuse it."""
    match = _TARGET.fullmatch(target)
    if match is None or not _PATH.fullmatch(match[1]) or not _QUERY.fullmatch(match[2] or ""):
        raise internal()
    return Uri(target, unquote(match[1]), _query(match[2] or ""))


def locate(uri: Uri) -> Place:
    """Find the service of a path, /catalog/alert before /catalog; ApiError 404 for none."""
    if not uri.path.startswith("/"):
        raise internal()
    tokens = _java_split(uri.path)
    for depth in (2, 1):
        service = "/" + "/".join(tokens[1 : 1 + depth])
        if len(tokens) > depth and service in SERVICES:
            return Place(service, _java_split(uri.path[len(service) + 1 :]))
    raise no_handler(uri.target)


def _query(text: str) -> dict[str, str]:
    """Form decoding, so that + is a space; the last of several values counts."""
    pairs = (part.partition("=") for part in re.split("[&;]", text) if part)
    return {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}


def _java_split(text: str) -> list[str]:
    """Java's String.split("/"): empty parts at the end are dropped, a blank text has none."""
    parts = text.split("/") if text.strip() else []
    while parts and not parts[-1]:
        parts.pop()
    return parts
