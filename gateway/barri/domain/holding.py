# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the gateway holds of one node's store, and what it can tell the node about it.

Imports only barri_wire and ranges.
"""

import zlib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from barri.domain.ranges import Ranges
from barri_wire.messages import Ack
from barri_wire.record import Record

RECENT_FRAMES = 32  # how far back a resend is compared with what is stored
ACK_RANGES = 24  # more missing ranges than ever fit into an acknowledgement


class Key(NamedTuple):
    """Whose sequences: a node (as its topic says) and one of its stores."""

    node: str
    store_id: int


@dataclass(frozen=True, slots=True)
class RecentFrame:
    """Where a stored frame can be found again. body_crc: CRC-32 of its bytes."""

    first: int
    count: int
    frame_id: int
    body_crc: int

    def overlaps(self, first: int, count: int) -> bool:
        """Say whether any sequence is in both."""
        return self.first < first + count and first < self.first + self.count


class Holding:
    """Exact ranges of one store: `stored` in the log, `void` declared as never to come."""

    def __init__(
        self,
        stored: Ranges | None = None,
        void: Ranges | None = None,
        recent: Iterable[RecentFrame] = (),
    ) -> None:
        self.stored = stored or Ranges()
        self.void = void or Ranges()
        self.recent = deque(recent, RECENT_FRAMES)

    def copy(self) -> "Holding":
        """Return an independent copy, to try things on."""
        return Holding(self.stored.copy(), self.void.copy(), self.recent)

    def remember(self, first: int, count: int, frame_id: int, body: bytes) -> None:
        """Remember where a stored frame lies, to recognise its resends."""
        self.recent.append(RecentFrame(first, count, frame_id, zlib.crc32(body)))

    def has_bytes(self, first: int, count: int, body: bytes) -> bool:
        """Say whether exactly this frame is among the recent ones: a plain resend."""
        crc = zlib.crc32(body)
        return any(
            (recent.first, recent.count, recent.body_crc) == (first, count, crc)
            for recent in self.recent
        )

    def newly_void(self, first: int, count: int) -> list[tuple[int, int]]:
        """Return the parts of a declared range that were neither stored nor void before."""
        settled = self.stored.union(self.void)
        return settled.missing_in(first, count)

    def ack(self, store_id: int) -> Ack:
        """Say what is settled. Nothing is acknowledged that is neither stored nor void."""
        settled = self.stored.union(self.void)
        missing = settled.missing_in(0, settled.end) if settled.end else []
        covered = settled.end if len(missing) <= ACK_RANGES else missing[ACK_RANGES][0]
        return Ack(store_id, covered, missing[:ACK_RANGES])


def contradicts(one: Sequence[Record], other: Sequence[Record]) -> bool:
    """Say whether a sequence that both have stands for different content.

    Times are compared where both say them in the same way: a node may date a record later.
    """
    known = {record.sequence: record for record in other}
    return any(
        record.sequence in known and not same_content(record, known[record.sequence])
        for record in one
    )


def same_content(one: Record, other: Record) -> bool:
    """Compare two records of one sequence as the wire carries them (boots as 8 bits).

    A value that one of them lacks says nothing: it may have been cut out as unwanted.
    """
    if not _same_values(one.values, other.values) or one.duration_s != other.duration_s:
        return False
    if (one.boot is None) != (other.boot is None):
        return True
    same_boot = one.boot is None or other.boot is None or one.boot % 256 == other.boot % 256
    return same_boot and one.start_s == other.start_s


def _same_values(one: Sequence[int | None], other: Sequence[int | None]) -> bool:
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(a == b or a is None or b is None for a, b in pairs)
