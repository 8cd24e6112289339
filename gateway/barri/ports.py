# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the services ask of the world, as protocols. Imports only the domain."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Civil and elapsed time. Tests and demos inject their own."""

    def now_s(self) -> int:
        """Unix time in whole seconds."""

    def now_ms(self) -> int:
        """Unix time in milliseconds."""

    def monotonic_s(self) -> float:
        """Seconds that never go back; only differences mean something."""

    async def sleep(self, seconds: float) -> None:
        """Let that much of this clock's time pass."""

    def synchronised(self) -> bool:
        """Say whether the time can be trusted; until it can, nothing is dated and nothing leaves."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it came from a node. `settled` is called once it is safely stored."""

    node: str
    kind: str
    payload: bytes
    arrival_s: int
    settled: Callable[[], None]


class Inbox(Protocol):
    """Where sources put what arrives. Bounded: a refusal is the back-pressure."""

    def offer(self, arrival: Arrival) -> bool:
        """Take an arrival, or say False when full; nothing is kept then."""


class Source(Protocol):
    """A way in: an embedded broker, Mosquitto, later a radio."""

    async def run(self, inbox: Inbox) -> None:
        """Receive until cancelled."""

    async def send(self, node: str, kind: str, payload: bytes) -> None:
        """Send a message down to a node; lost silently when it is away: nodes ask again."""


class Registry(Protocol):
    """Which nodes may speak."""

    def password_hash(self, node: str) -> str | None:
        """The node's password in Mosquitto's `$7$` form, or None for a stranger."""
