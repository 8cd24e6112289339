# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the log knows besides records. Each segment begins with a copy: the newest one suffices.

numbers     format 2; store id; next sequence; boot; acknowledged; base; lost in total;
            number of anchors, each: boot, uptime_s, s2000;
            number of losses, each: store id, first, count, reason
"""

from micropython import const

from barri_node.store.bits import BitReader, BitWriter
from barri_node.store.errors import StoreError
from barri_node.store.losses import RANGES_LIMIT, Losses

_ANCHORS_LIMIT = const(8)
_FORMAT = const(2)
_SAME_CLOCK_S = const(2)  # an anchor that moves the clock by less tells nothing new


class State:
    """store_id: 18 bits, -1 before there is one. sequence: of the record that follows this state.

    boot: number of the present boot, 0 before the first. acknowledged: all sequences below it
    are safe at the gateway. base: number of the oldest segment that counts; older ones are
    left-overs. anchors: `(boot, uptime_s, s2000)`, the newest of each boot.
    """

    def __init__(self, store_id: int = -1, boot: int = 0) -> None:
        self.store_id = store_id
        self.sequence = 0
        self.boot = boot
        self.acknowledged = 0
        self.base = 0
        self.anchors: "list[tuple[int, int, int]]" = []
        self.losses = Losses()

    def note_anchor(self, boot: int, uptime_s: int, s2000: int) -> bool:
        """Remember that `uptime_s` of a boot was `s2000` UTC; say whether that is news."""
        offset_s = s2000 - uptime_s
        for known in self.anchors:
            if known[0] == boot and abs(known[2] - known[1] - offset_s) < _SAME_CLOCK_S:
                return False
        others = [known for known in self.anchors if known[0] != boot]
        self.anchors = (others + [(boot, uptime_s, s2000)])[-_ANCHORS_LIMIT:]
        return True

    def encode(self) -> bytearray:
        """Return the state as the body of a block, at most 350 bytes."""
        out = BitWriter()
        for number in (_FORMAT, self.store_id, self.sequence, self.boot, self.acknowledged):
            out.number(number)
        out.number(self.base)
        out.number(self.losses.total)
        _put_rows(out, self.anchors)
        _put_rows(out, self.losses.ranges)
        return out.body


def decode(body: "bytes | memoryview") -> State:
    """Return the state in a block's body. Raises StoreError when it means nothing."""
    bits = BitReader(body, 0, len(body))
    if bits.number() != _FORMAT:
        raise StoreError(StoreError.DAMAGED, "state of another format")
    state = State(bits.number())
    state.sequence, state.boot, state.acknowledged = bits.number(), bits.number(), bits.number()
    state.base = bits.number()
    total = bits.number()
    state.anchors = _take_rows(bits, 3, _ANCHORS_LIMIT)  # type: ignore[assignment]  # 3 wide
    state.losses = Losses(_take_rows(bits, 4, RANGES_LIMIT), total)  # type: ignore[arg-type]  # 4 wide
    return state


def _put_rows(
    out: BitWriter, rows: "list[tuple[int, int, int]] | list[tuple[int, int, int, int]]"
) -> None:
    out.number(len(rows))
    for row in rows:
        for number in row:
            out.number(number)


def _take_rows(bits: BitReader, width: int, limit: int) -> "list[tuple[int, ...]]":
    count = bits.number()
    if count > limit:
        raise StoreError(StoreError.DAMAGED, "too many rows")
    return [tuple([bits.number() for _ in range(width)]) for _ in range(count)]
