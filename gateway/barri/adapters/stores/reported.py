# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The table of gateway.db with what each board last reported to be in force."""

from collections.abc import Iterable

import apsw

from barri.domain.desired import Reported

CREATE = """CREATE TABLE IF NOT EXISTS reported (node TEXT PRIMARY KEY, version INTEGER NOT NULL,
    result INTEGER NOT NULL, at_s INTEGER NOT NULL) WITHOUT ROWID"""


def note(connection: apsw.Connection, states: Iterable[Reported]) -> None:
    """Keep what boards said now, in the place of what they said before."""
    rows = [(one.node, one.version, one.result, one.at_s) for one in states]
    connection.executemany("INSERT OR REPLACE INTO reported VALUES (?, ?, ?, ?)", rows)
