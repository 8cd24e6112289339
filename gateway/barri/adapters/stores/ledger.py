# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One transaction over all that derive and forward write. Must not import services."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import apsw

from barri.adapters.stores import delivery, derived
from barri.adapters.stores.database import Database
from barri.rows import Rows

T = TypeVar("T")


class StoreRows:
    """See `barri.rows.Rows`."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.derived = derived.DerivedRows(connection)
        self.delivery = delivery.DeliveryRows(connection)


class Ledger:
    """See `barri.rows.Ledger`. The tables of the frame log must be there (`log.FrameLog`)."""

    def __init__(self, database: Database) -> None:
        """Make the missing tables of roll-ups and delivery."""
        self._database = database
        database.write_now(_create)

    async def write(self, fn: Callable[[Rows], T]) -> T:
        """Run `fn` in the next commit and return its result after it."""
        return await self._database.write(lambda connection: fn(StoreRows(connection)))

    async def read(self, fn: Callable[[Rows], T]) -> T:
        """Run `fn` on one snapshot, in another thread: the event loop never waits for the disk."""
        return await asyncio.to_thread(
            self._database.read, lambda connection: fn(StoreRows(connection))
        )


def _create(connection: apsw.Connection) -> None:
    derived.create(connection)
    delivery.create(connection)
