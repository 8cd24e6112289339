# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Streams follow choices: a new choice opens one, any later choice ends it.

Called in the transactions of both derive and forward, so that neither ever works with a stream
whose choice is no longer in force. Must not import adapters.
"""

from barri.domain.sharing import Gate
from barri.rows import Rows, StreamRow


def in_step(rows: Rows, gate: Gate) -> bool:
    """Say whether the streams are what the choices ask for, so that nothing need be written."""
    streams = rows.delivery.streams()
    known = {stream.era for stream in streams}
    return not (
        any(policy.era not in known for policy in gate.policies())
        or any(_must_close(stream, gate) for stream in streams)
        or _to_erase(rows, streams, gate)
    )


def reconcile(rows: Rows, gate: Gate, now_s: int) -> None:
    """Open, end and purge streams; ask for erasure where the choice is to keep."""
    for policy in gate.policies():
        rows.delivery.open_stream(policy)
    streams = rows.delivery.streams()
    for stream in streams:
        if _must_close(stream, gate):
            rows.delivery.close_stream(stream.id, now_s)
            rows.derived.close_windows(stream.id)
    for stream in _to_erase(rows, streams, gate):
        rows.delivery.ask_to_erase(stream.id)


def _must_close(stream: StreamRow, gate: Gate) -> bool:
    return stream.closed_s is None and not gate.is_open(stream.era)


def _to_erase(rows: Rows, streams: list[StreamRow], gate: Gate) -> list[StreamRow]:
    """Streams of withdrawn choices, earlier eras included, that nobody asked to erase yet."""
    return [
        stream
        for stream in streams
        if gate.is_withdrawn(stream.era) and rows.delivery.may_need_erasure(stream.id)
    ]
