# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Which decided values go into the next request: live ones first, backlog in portions.

Every value passes the gate once more here. Must not import adapters.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from barri.domain.sharing import Gate, SharedObservation
from barri.ports import Sink
from barri.rows import Batch, DecidedRow, DeliveryRows
from barri.services.pacing import Pacing

LIVE = "live"
BACKLOG = "backlog"

Pair = tuple[DecidedRow, SharedObservation]


class Chosen(NamedTuple):
    """Values of one lane, and those that may not leave any more."""

    lane: str
    pairs: list[Pair]
    stale: list[DecidedRow]


def choose(
    rows: DeliveryRows,
    sink: Sink,
    gate: Gate,
    now_s: int,
    lanes: tuple[bool, bool],
    pacing: Pacing,
) -> Chosen:
    """Choose for one request. lanes: whether it may be live values, whether backlog.

    A stream is live while its next value is recent: within a stream order is never changed.
    Backlog goes only when no live values can, so those are never behind it.
    """
    live: list[Pair] = []
    old: list[Pair] = []
    stale: list[DecidedRow] = []
    for stream in rows.streams(sink.name):
        if stream.closed_s is not None or not stream.registered:
            continue
        waiting = rows.unsettled(stream.id, now_s, sink.most_rows_of_stream)
        pairs = _released(gate, stream.era, waiting, stale)
        if pairs:
            is_live = pairs[0][1].end_s >= now_s - pacing.live_s
            (live if is_live else old).extend(pairs)
    may_live, may_backlog = lanes
    if live and may_live:
        return Chosen(LIVE, live[: sink.most_rows], stale)
    most = min(sink.most_rows, pacing.backlog_rows) if may_backlog else 0
    return Chosen(BACKLOG, old[:most], stale)


def _released(
    gate: Gate, era: str, waiting: Sequence[DecidedRow], stale: list[DecidedRow]
) -> list[Pair]:
    pairs = []
    for row in waiting:
        shared = gate.release(era, row.window, row.value_text)
        if shared is None:
            stale.append(row)
        else:
            pairs.append((row, shared))
    return pairs


def fit(
    choice: Chosen,
    encode: Callable[[Sequence[SharedObservation]], bytes],
    most_bytes: int,
    sink: str,
    now_s: int,
) -> Batch | None:
    """Make the batch of as many values from the front as the body has room for.

    None when there is nothing, or not even the first value has room.
    """
    pairs = choice.pairs
    while pairs:
        body = encode([shared for _row, shared in pairs])
        if len(body) <= most_bytes:
            return Batch(sink, choice.lane, now_s, body, [row for row, _shared in pairs])
        pairs = pairs[: min(len(pairs) - 1, len(pairs) * most_bytes // len(body))]
    return None
