# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The segments that are held: an index in memory, the active one's page, one page to read others.

Knows blocks of bytes and where they lie, not what they mean. Every write may raise OSError.
"""

from barri_node.store.files import SegmentFiles
from barri_node.store.recovery import Found
from barri_node.store.segment import Segment


class Shelf:
    """Segments in order of age.

    index: `(number, first sequence)` of each, oldest first; the last is the active one as long
    as `appendable`. failed_removals: left-overs that go when the log is opened next.
    kept_bytes: appended since the log was opened (wear is measured against it).
    """

    def __init__(self, medium: SegmentFiles, page: bytearray, found: Found) -> None:
        self._medium = medium
        self._page = page
        self._spare_page = bytearray(len(page))
        self._spare: "Segment | None" = None  # the older segment in the spare page
        self._length = found.length
        self._gone: "list[tuple[int, int]]" = []
        self.index = found.index
        self.number = found.newest
        self.appendable = found.appendable
        self.failed_removals = 0
        self.kept_bytes = 0

    # --- reading ---

    def segment(self, place: int) -> Segment:
        """Return the segment at a place of the index; one that cannot be read is empty."""
        number, first = self.index[place]
        if place == len(self.index) - 1 and self._length:
            return Segment(number, self._page, self._length)
        if self._spare is None or self._spare.number != number:
            self._spare = Segment(number, self._spare_page, self._load(number, first))
        return self._spare

    def place_of(self, sequence: int) -> int:
        """Return the place in the index of the segment that would hold a sequence."""
        low, high = 0, len(self.index)
        while high - low > 1:
            middle = (low + high) // 2
            if self.index[middle][1] <= sequence:
                low = middle
            else:
                high = middle
        return low

    # --- writing ---

    @property
    def first(self) -> int:
        """The active segment's first sequence."""
        return self.index[-1][1]

    def has_room(self, size: int) -> bool:
        return self._length + size <= len(self._page)

    def append(self, data: bytearray) -> None:
        """Append to the active segment; when this returns the bytes are durable."""
        end = self._length + len(data)
        self._page[self._length : end] = data
        number, first = self.index[-1]
        self._medium.write(number, first, self._page, self._length, end)
        self._length = end
        self.kept_bytes += len(data)

    def refused(self) -> None:
        """A write failed: the active segment ends here where torn bytes cannot be written over."""
        self.appendable = self.appendable and self._medium.rewritable

    def close(self) -> None:
        """Turn the active segment, if there is one, into one that is only read."""
        if self._length:
            number, first = self.index[-1]
            self._medium.finish(number, first, self._page, self._length)
            self._length = 0
        self.appendable = False

    def place_next(self, first: int) -> None:
        """Take the next segment, still empty, into the index. `withdraw` takes it out again."""
        self.number += 1
        self.index.append((self.number, first))

    def withdraw(self) -> None:
        """Undo `place_next`, when flash has refused the new segment."""
        self.index.pop()

    # --- letting go ---

    def drop_oldest(self) -> int:
        """Take the oldest segment out of the index; return its first sequence."""
        self._gone.append(self.index.pop(0))
        return self._gone[-1][1]

    def drop_below(self, base: int) -> None:
        """Take all segments with lower numbers out of the index."""
        while self.index and self.index[0][0] < base:
            self.drop_oldest()

    def drop_all(self) -> None:
        """Take everything out of the index, the active segment too."""
        self.drop_below(self.number + 1)
        self._length = 0
        self.appendable = False

    def remove_dropped(self) -> bool:
        """Remove from flash what was dropped; say whether there was anything."""
        dropped, self._gone = self._gone, []
        for number, first in dropped:
            try:
                self._medium.remove(number, first)
            except OSError:
                self.failed_removals += 1
        return bool(dropped)

    def _load(self, number: int, first: int) -> int:
        try:
            return self._medium.load(number, first, self._spare_page)
        except OSError:
            return 0
