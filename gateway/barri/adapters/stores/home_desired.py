# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The table of home.db with what is desired of each board: its newest version.

Runs inside the caller's transaction. Must not import services or web.
"""

from typing import Any

import apsw

from barri.domain.desired import Desired
from barri.domain.household import HouseholdError

TABLES = """
CREATE TABLE IF NOT EXISTS desired(id INTEGER PRIMARY KEY,
    node TEXT NOT NULL UNIQUE REFERENCES board(node), version INTEGER NOT NULL,
    window_s INTEGER NOT NULL, unwanted TEXT NOT NULL, at_s INTEGER NOT NULL) STRICT;
"""

_COLUMNS = "node, version, window_s, unwanted, at_s"  # as in the class


class DesiredReads:
    """The reads that writer and reader of home.db share."""

    def _said(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def desired(self) -> dict[str, Desired]:
        """What is desired, by board; none in a file from before there was any."""
        rows = self._said("desired", _COLUMNS)
        return {
            node: Desired(node, version, window_s, tuple(unwanted.split()), at_s)
            for node, version, window_s, unwanted, at_s in rows
        }


def put_desired(connection: apsw.Connection, desired: Desired) -> None:
    """Put a newer version in the place of the one before. Raises HouseholdError for an older."""
    unwanted = " ".join(desired.unwanted)
    connection.execute(
        f"INSERT INTO desired({_COLUMNS}) VALUES(?, ?, ?, ?, ?) ON CONFLICT(node) DO UPDATE SET"
        " version = excluded.version, window_s = excluded.window_s, unwanted = excluded.unwanted,"
        " at_s = excluded.at_s WHERE excluded.version > version",
        (desired.node, desired.version, desired.window_s, unwanted, desired.at_s),
    )
    if not connection.changes():
        raise HouseholdError(f"something newer is desired of {desired.node} already: look again")
