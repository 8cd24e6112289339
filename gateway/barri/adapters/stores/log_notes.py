# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the log keeps beside frames: rejects, and what nodes say about themselves."""

import zlib

import apsw

from barri.ports import Reject
from barri_wire import EPOCH_2000_UNIX_S
from barri_wire.messages import Hello

QUARANTINE_ROWS_PER_NODE = 1000
QUARANTINE_LOOK_BACK = 64  # identical rejects within so many are kept once
QUARANTINE_BODY_BYTES = 4096
ANCHORS_PER_NODE = 256
RECENT_HELLOS = 8

TABLES = (
    """CREATE TABLE IF NOT EXISTS quarantine (id INTEGER PRIMARY KEY, node TEXT NOT NULL,
        kind TEXT NOT NULL, reason TEXT NOT NULL, arrival_s INTEGER NOT NULL,
        crc INTEGER NOT NULL, times INTEGER NOT NULL, body BLOB NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS quarantine_of_node ON quarantine (node, id)",
    """CREATE TABLE IF NOT EXISTS anchor (node TEXT, boot INTEGER, uptime_s INTEGER,
        utc_s INTEGER NOT NULL, PRIMARY KEY (node, boot, uptime_s)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS hello (node TEXT PRIMARY KEY, arrival_s INTEGER NOT NULL,
        boot INTEGER NOT NULL, uptime_s INTEGER NOT NULL, clock_set INTEGER NOT NULL,
        firmware TEXT NOT NULL, body BLOB NOT NULL, recent BLOB NOT NULL) WITHOUT ROWID""",
)


def quarantine(connection: apsw.Connection, reject: Reject) -> bool:
    """Keep what cannot be used; the same bytes again only count.

    At most 4096 bytes of each are kept, and 1000 rows per node: False when there is no room.
    """
    node, kind, reason, arrival_s, body = reject
    crc = zlib.crc32(body)
    seen = connection.execute(
        "SELECT id, crc FROM quarantine WHERE node = ? ORDER BY id DESC LIMIT ?",
        (node, QUARANTINE_LOOK_BACK),
    ).fetchall()
    for row_id, row_crc in seen:
        if row_crc == crc:
            connection.execute("UPDATE quarantine SET times = times + 1 WHERE id = ?", (row_id,))
            return True
    rows = connection.execute("SELECT id FROM quarantine WHERE node = ?", (node,)).fetchall()
    if len(rows) >= QUARANTINE_ROWS_PER_NODE:
        return False
    row = (node, kind, reason, arrival_s, crc, body[:QUARANTINE_BODY_BYTES])
    connection.execute("INSERT INTO quarantine VALUES (NULL, ?, ?, ?, ?, ?, 1, ?)", row)
    return True


def raise_alarm(
    connection: apsw.Connection, node: str, store_id: int, kind: str, now_s: int
) -> None:
    """Raise or renew an alarm that a person has to look at."""
    connection.execute(
        "INSERT INTO alarm VALUES (?1, ?2, ?3, ?4, ?4, 1) ON CONFLICT DO UPDATE "
        "SET last_s = max(last_s, excluded.last_s), times = times + 1",
        (node, store_id, kind, now_s),
    )


def save_hello(
    connection: apsw.Connection, node: str, hello: Hello, arrival_s: int, body: bytes
) -> bool:
    """Keep the newest hello and its anchors. False for one that came before (a redelivery)."""
    crc = zlib.crc32(body).to_bytes(4, "big")
    row = connection.execute("SELECT recent FROM hello WHERE node = ?", (node,)).fetchone()
    recent = row[0] if row else b""
    if crc in [recent[i : i + 4] for i in range(0, len(recent), 4)]:
        return False
    recent = (crc + recent)[: 4 * RECENT_HELLOS]
    connection.execute(
        "INSERT OR REPLACE INTO hello VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(node, arrival_s, hello.boot, hello.uptime_s, int(hello.clock_set)),
            *(hello.firmware, body, recent),
        ),
    )
    _save_anchors(connection, node, hello.anchors)
    return True


def _save_anchors(
    connection: apsw.Connection, node: str, anchors: list[tuple[int, int, int]]
) -> None:
    """Add new anchors; one that is there stays as it is, the oldest go when there are too many."""
    connection.executemany(
        "INSERT OR IGNORE INTO anchor VALUES (?, ?, ?, ?)",
        [(node, boot, uptime_s, s2000 + EPOCH_2000_UNIX_S) for boot, uptime_s, s2000 in anchors],
    )
    connection.execute(
        "DELETE FROM anchor WHERE node = ?1 AND (boot, uptime_s) IN (SELECT boot, uptime_s "
        "FROM anchor WHERE node = ?1 ORDER BY boot DESC, uptime_s DESC LIMIT -1 OFFSET ?2)",
        (node, ANCHORS_PER_NODE),
    )
