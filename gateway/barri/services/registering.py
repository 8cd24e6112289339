# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Streams become known to a sink after consent, and are erased there after withdrawal.

Must not import adapters.
"""

from collections.abc import Iterable
from typing import NamedTuple

from barri.domain.sharing import Era, Gate, Pseudonym, SharedDatastream, SharedThing
from barri.rows import DeliveryRows, StreamRow


class Introduction(NamedTuple):
    """A Thing and those of its streams that the sink does not know yet. ids: of the streams."""

    thing: SharedThing
    streams: list[SharedDatastream]
    ids: dict[Era, int]


def next_introduction(
    rows: DeliveryRows, gate: Gate, sink: str, now_s: int
) -> Introduction | None:
    """The next Thing to introduce. A stream given as measured is known by its first value."""
    for stream in rows.streams(sink):
        thing = None if _is_known(rows, stream, now_s) else gate.introduce(stream.era)
        if thing is not None:
            mates = [
                mate
                for mate in rows.streams(sink)
                if mate.pseudonym == thing.pseudonym and not _is_known(rows, mate, now_s)
            ]
            return _introduce(rows, gate, thing, mates)
    return None


def _is_known(rows: DeliveryRows, stream: StreamRow, now_s: int) -> bool:
    """Known, ended, paused, or without a value that would tell its window."""
    if stream.closed_s is not None or stream.registered or rows.is_paused(stream.id, now_s):
        return True
    return stream.window_s == 0 and rows.first_window_s(stream.id) is None


def _introduce(
    rows: DeliveryRows, gate: Gate, thing: SharedThing, mates: Iterable[StreamRow]
) -> Introduction | None:
    streams: list[SharedDatastream] = []
    ids: dict[Era, int] = {}
    for mate in mates:
        shared = gate.announce(mate.era, mate.window_s or rows.first_window_s(mate.id) or 0)
        if shared is not None:
            streams.append(shared)
            ids[mate.era] = mate.id
    return Introduction(thing, streams, ids) if streams else None


class Erasure(NamedTuple):
    """Streams to erase, the Things of which nothing is left, and streams never told of."""

    streams: list[StreamRow]
    things: list[Pseudonym]
    untold: list[StreamRow]


def next_erasure(rows: DeliveryRows, sink: str, now_s: int) -> Erasure:
    """What the sink has to be asked to erase now."""
    wanted = rows.to_erase(sink, now_s)
    told = [stream for stream in wanted if rows.was_asked(stream.id)]
    running = {s.pseudonym for s in rows.streams(sink) if s.closed_s is None}
    things = sorted({stream.pseudonym for stream in told} - running)
    return Erasure(told, things, [stream for stream in wanted if stream not in told])
