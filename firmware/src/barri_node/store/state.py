# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the log knows besides records. Each segment begins with a copy: the newest one suffices.

varints     format 1; boot; acknowledged; base; lost in total;
            number of anchors, each: boot, uptime_s, s2000;
            number of losses, each: store id, first, count, reason
"""

from micropython import const

from barri_node.store.errors import StoreError
from barri_node.store.losses import RANGES_LIMIT, Losses
from barri_node.store.varint import Reader, put

ANCHORS_LIMIT = 8
_FORMAT = const(1)
_SAME_CLOCK_S = const(2)  # an anchor that moves the clock by less tells nothing new


class State:
    """boot: number of the present boot, 0 before the first. acknowledged: all sequences below it
    are safe at the gateway. base: number of the oldest segment that counts; older ones are
    left-overs. anchors: `(boot, uptime_s, s2000)`, the newest of each boot.
    """

    def __init__(self, boot: int = 0, acknowledged: int = 0, base: int = 0) -> None:
        self.boot = boot
        self.acknowledged = acknowledged
        self.base = base
        self.anchors: "list[tuple[int, int, int]]" = []
        self.losses = Losses()

    def note_anchor(self, boot: int, uptime_s: int, s2000: int) -> bool:
        """Remember that `uptime_s` of a boot was `s2000` UTC; say whether that is news."""
        offset_s = s2000 - uptime_s
        for known in self.anchors:
            if known[0] == boot and abs(known[2] - known[1] - offset_s) < _SAME_CLOCK_S:
                return False
        others = [known for known in self.anchors if known[0] != boot]
        self.anchors = (others + [(boot, uptime_s, s2000)])[-ANCHORS_LIMIT:]
        return True

    def encode(self) -> bytearray:
        """Return the state as the body of a block, at most 400 bytes."""
        out = bytearray()
        for number in (_FORMAT, self.boot, self.acknowledged, self.base, self.losses.total):
            put(out, number)
        _put_rows(out, self.anchors)
        _put_rows(out, self.losses.ranges)
        return out


def decode(body: "bytes | memoryview") -> State:
    """Return the state in a block's body. Raises StoreError when it means nothing."""
    reader = Reader(body)
    if reader.take() != _FORMAT:
        raise StoreError(StoreError.DAMAGED, "state of another format")
    state = State(reader.take(), reader.take(), reader.take())
    total = reader.take()
    state.anchors = _take_rows(reader, 3, ANCHORS_LIMIT)  # type: ignore[assignment]  # 3 wide
    state.losses = Losses(_take_rows(reader, 4, RANGES_LIMIT), total)  # type: ignore[arg-type]  # 4 wide
    return state


def _put_rows(
    out: bytearray, rows: "list[tuple[int, int, int]] | list[tuple[int, int, int, int]]"
) -> None:
    put(out, len(rows))
    for row in rows:
        for number in row:
            put(out, number)


def _take_rows(reader: Reader, width: int, limit: int) -> "list[tuple[int, ...]]":
    count = reader.take()
    if count > limit:
        raise StoreError(StoreError.DAMAGED, "too many rows")
    return [tuple([reader.take() for _ in range(width)]) for _ in range(count)]
