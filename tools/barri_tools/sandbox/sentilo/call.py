# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One request on its way through the sandbox. Plain data."""

from dataclasses import dataclass

from .model import Entity, Request
from .path import Uri


@dataclass(frozen=True)
class Call:
    """Who asks, for what, and when (`now` in seconds since 1970).

    `store_limit` makes the sandbox fall over after so many stored observations.
    """

    request: Request
    uri: Uri
    entity: Entity
    now: float
    store_limit: int | None = None

    @property
    def now_ms(self) -> int:
        """The arrival time, which observations without a timestamp get."""
        return int(self.now * 1000)
