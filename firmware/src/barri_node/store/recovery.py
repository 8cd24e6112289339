# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the log finds when it opens. In doubt a sequence is skipped, never used twice."""

from micropython import const

from barri_node.store.files import SegmentFiles
from barri_node.store.segment import SEQUENCES_LIMIT, Segment
from barri_node.store.state import State
from barri_wire import SEQUENCE_LIMIT

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_wire.schema import Schema

# A segment's bytes hold fewer boots than this; not 256, since the wire carries a boot's low byte.
_BOOTS_IN_A_SEGMENT = const(251)


class Found:
    """The log as it was left.

    index: `(number, first)` of every segment, oldest first. newest: the highest number used.
    length: bytes in the active segment. appendable: more may follow them. store_id: None when
    nothing is readable. held_end: the sequence after the last one surely held. next_sequence: the
    first one surely never used.
    """

    def __init__(self, index: "list[tuple[int, int]]") -> None:
        self.index = index
        self.newest = index[-1][0] if index else -1
        self.store_id: "int | None" = None
        self.schema: "Schema | None" = None
        self.state: "State | None" = None
        self.held_end = 0
        self.next_sequence = 0
        self.length = 0
        self.appendable = False


def survey(medium: SegmentFiles, page: bytearray) -> Found:
    """Read the newest segment, and older ones only as far as it is damaged.

    The active segment's bytes stay in `page`. Raises OSError when flash does not answer at all.
    """
    found = Found(medium.complete())
    unreadable = _take_active(found, medium, page)
    older = found.index[:-1] if found.length else found.index
    spare = bytearray(len(page) if found.state is None else 0)
    for number, first in reversed(older):
        if found.state is not None:
            break
        segment = Segment(number, spare, _load(medium, number, first, spare))
        unreadable += _take(found, segment) is None
    _skip(found, unreadable)
    return found


def _take_active(found: Found, medium: SegmentFiles, page: bytearray) -> int:
    """Look at the active segment; return 1 when there is one and it tells nothing."""
    try:
        number, first, length = medium.load_active(page)
    except OSError:
        found.newest += 1
        return 1
    if number <= found.newest:
        return 0
    found.newest = number
    found.index.append((number, first))
    found.length = length
    doubtful = _take(found, Segment(number, page, length))
    found.appendable = doubtful == 0
    return 1 if doubtful is None else 0


def _take(found: Found, segment: Segment) -> "int | None":
    """Learn from a segment what newer ones did not tell. None when it has no readable state."""
    if segment.header is None:
        return None
    state, held_end, doubtful = segment.latest()
    if found.store_id is None:
        found.store_id = segment.header.store_id
        found.schema = segment.header.schema
        found.held_end = held_end
        found.next_sequence = held_end + doubtful
    found.state = state
    return doubtful if state else None


def _skip(found: Found, unreadable: int) -> None:
    """Leave out every sequence and boot that unreadable segments may have used."""
    if found.state is None:
        found.state = State()
    if unreadable:
        firsts = [first for _, first in found.index] + [found.next_sequence]
        found.next_sequence = min(max(firsts) + SEQUENCES_LIMIT, SEQUENCE_LIMIT)
        found.state.boot += unreadable * _BOOTS_IN_A_SEGMENT


def _load(medium: SegmentFiles, number: int, first: int, page: bytearray) -> int:
    try:
        return medium.load(number, first, page)
    except OSError:
        return 0
