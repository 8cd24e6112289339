# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The words of the sandbox: request, response, settings, entities, sensors.

Plain data. Imports nothing of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

VERSION = "2.0.0"
JSON_TYPE = "application/json; charset=UTF-8"
ONLINE = "online"
OFFLINE = "offline"


@dataclass(frozen=True)
class Request:
    """One request as it came. `target` is the raw request target, `query` its part after '?'."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    has_body: bool = True
    length: int | None = None

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case, or None."""
        wanted = name.lower()
        return next((v for k, v in self.headers.items() if k.lower() == wanted), None)


@dataclass(frozen=True)
class Response:
    """One answer: status, headers in order, body bytes."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case, or None."""
        wanted = name.lower()
        return next((v for k, v in self.headers if k.lower() == wanted), None)


@dataclass(frozen=True)
class Entity:
    """A provider or an application with its token.

    `quota` is requests per hour, 0 = none. `rights` are further (target, right) pairs, right
    one of READ, WRITE, ADMIN; every entity is ADMIN of itself.
    """

    name: str
    token: str = field(repr=False)
    quota: int = 0
    https_only: bool = False
    provider: bool = True
    rights: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Timing:
    """How slow the platform's own caches are, in seconds.

    Sources: the API server's credential and permission caches (60 s), the catalogue's
    synchronisation job (30 s), the sliding window of the quota (1 h, kept for 59 min).
    """

    credentials_s: float = 60.0
    sensors_s: float = 30.0
    starting_s: float = 0.0
    quota_bucket_s: float = 60.0
    quota_keep_s: float = 3540.0
    quota_window_s: float = 3600.0

    def scaled(self, factor: float) -> "Timing":
        """All of it `factor` times as long; a workshop uses 0.1, a test with a clock 1."""
        return replace(self, **{name: value * factor for name, value in vars(self).items()})


# The types that the platform's own test data ships, and nothing more: a city adds its own.
SENSOR_TYPES = frozenset(
    {"temperature", "noise", "anemometer", "humidity", "pluviometer", "rain", "wind"}
)
COMPONENT_TYPES = frozenset({"generic", "electricity_meter", "noise", "meteo"})


@dataclass(frozen=True)
class Settings:
    """What differs from city to city. Sizes in bytes, 0 = no limit."""

    timing: Timing = field(default_factory=Timing)
    max_body_bytes: int = 0
    global_quota: int = 0
    sensor_types: frozenset[str] = SENSOR_TYPES
    component_types: frozenset[str] = COMPONENT_TYPES
    max_observations: int = 200_000


@dataclass(frozen=True)
class Sensor:
    """A sensor as the API server knows it: only this decides whether data is taken."""

    provider: str
    name: str
    state: str = ONLINE
